// What DuckDB reaches through its extensions: other databases, lakes and sheets. The extensions themselves are real ones (see tests/extensions.ts).
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { type Extensions, extensions } from '../extensions.ts';
import { type Server, startServer } from './server.mjs';

const lakes = await extensions('sqlite_scanner', 'ducklake', 'delta', 'excel');
const scanner: Extensions = 'reason' in lakes ? lakes : await extensions('postgres_scanner');
const started = 'reason' in scanner ? { reason: 'not needed' } : await startServer();
const server = started as Server;
// DuckDB reads Iceberg; what it should read is made by the PyPI package pyiceberg, with its extras sql-sqlite and pyarrow.
const PYTHON = process.env['DML_DBT_PYTHON'] ?? 'python3';
const iceberg = 'reason' in lakes ? lakes : await extensions('avro', 'iceberg');
const hasIceberg = !('reason' in iceberg) && spawnSync(PYTHON, ['-c', 'import pyarrow, sqlalchemy, pyiceberg.catalog.sql'], { stdio: 'ignore' }).status === 0;
if (!hasIceberg && !('reason' in iceberg)) console.warn('SKIPPED (Iceberg): DML_DBT_PYTHON names no Python that has pyiceberg');
const ICEBERG = `
import sys, shutil, pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
dir = sys.argv[1]
catalog = SqlCatalog("c", uri=f"sqlite:///{dir}/catalog.db", warehouse=f"file://{dir}/lake")
catalog.create_namespace("n")
table = catalog.create_table("n.t", schema=pa.schema([("id", pa.int64())]), location=f"file://{dir}/lake/n/t")
table.append(pa.table({"id": [1, 2]}))
shutil.copy(table.metadata_location.replace("file://", ""), f"{dir}/first.metadata.json")
table.append(pa.table({"id": [3]}))
`;
const made: string[] = [];
afterAll(async () => {
  for (const dir of made) fs.rmSync(dir, { recursive: true, force: true });
  if (!('reason' in started)) await server.stop();
});

const options = { extension_directory: 'directory' in lakes ? lakes.directory : '', autoinstall_known_extensions: false };

/** A project of these files on a DuckDB output with these keys; DIR in them is its folder. */
function project(output: Record<string, unknown>, files: Readonly<Record<string, string>>): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-lakes-')));
  made.push(dir);
  const dev = { type: 'duckdb', path: 'box.duckdb', threads: 2, config_options: options, ...output };
  const all = {
    'dbt_project.yml': 'name: lakes\nprofile: lakes\n',
    'profiles.yml': JSON.stringify({ lakes: { target: 'dev', outputs: { dev } } }),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    fs.mkdirSync(path.join(dir, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text.replaceAll('DIR', dir));
  }
  return dir;
}

async function build(dir: string, ...more: readonly string[]): Promise<void> {
  const outcome = await dml(['build', ...more], dir);
  expect(outcome, outcome.stdout).toMatchObject({ code: 0 });
}

/** The rows of a query in a DuckDB of its own, after some statements. */
async function rows(dir: string, sql: string, ...before: readonly string[]): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:', { extension_directory: options.extension_directory });
  const connection = await instance.connect();
  await connection.run(`set file_search_path = '${dir}'`);
  for (const one of before) await connection.run(one);
  const answer = (await connection.runAndReadAll(sql)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return answer;
}

const SEED = 'id,name\n1,a\n2,b\n3,c\n';

describe.skipIf('reason' in lakes)('DuckDB with extensions', { timeout: 180_000 }, () => {
  test('SQLite: sources in it, and models that go there', async () => {
    const dir = project(
      { attach: [{ path: 'shop.sqlite', alias: 'shop', type: 'sqlite' }], extensions: ['sqlite_scanner'] },
      {
        'models/sources.yml': 'sources: [{name: shop, database: shop, schema: main, tables: [{name: orders}]}]',
        'models/totals.sql': "{{ config(materialized='table') }} select count(*) as n, sum(id) as s from {{ source('shop', 'orders') }}",
        'models/back.sql': "{{ config(materialized='table', database='shop') }} select n + 1 as n from {{ ref('totals') }}",
      },
    );
    await rows(dir, 'select 1', `attach '${dir}/shop.sqlite' as s (type sqlite)`, 'create table s.orders as select 7 as id union all select 8');
    for (const _ of [1, 2]) await build(dir);
    expect(await rows(dir, 'select * from s.back', `attach '${dir}/shop.sqlite' as s (type sqlite)`)).toEqual([['3']]);
  });

  test("an extension from a repository of one's own", async () => {
    const from = { name: 'sqlite_scanner', repo: options.extension_directory };
    const dir = project(
      { extensions: [from], config_options: { extension_directory: 'DIR/extensions' }, attach: [{ path: ':memory:', alias: 's', type: 'sqlite' }] },
      { 'models/one.sql': 'select 1 as a' },
    );
    await build(dir);
    expect(fs.readdirSync(path.join(dir, 'extensions'), { recursive: true })).toContainEqual(expect.stringMatching(/sqlite_scanner\.duckdb_extension$/));
  });

  test.each(['the database of the profile', 'an attached database'])('DuckLake as %s: every materialization, twice, laid out as asked', async (where) => {
    const lake = 'ducklake:DIR/lake.ducklake';
    const output = where.startsWith('the') ? { path: lake } : { path: ':memory:', database: 'lake', attach: [{ path: lake, alias: 'lake' }] };
    const dir = project(output, {
      'seeds/raw.csv': SEED,
      'models/laid.sql': "{{ config(materialized='table', partitioned_by=['id'], sorted_by='name') }} select * from {{ ref('raw') }}",
      'models/seen.sql': "select * from {{ ref('laid') }}",
      'models/grown.sql':
        "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('raw') }} {% if is_incremental() %} where id > 1 {% endif %}",
      'models/merged.sql': "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }} select * from {{ ref('raw') }}",
      'snapshots/kept.yml': "snapshots: [{name: kept, relation: ref('raw'), config: {unique_key: id, strategy: check, check_cols: all}}]",
    });
    for (const _ of [1, 2]) await build(dir);
    fs.writeFileSync(path.join(dir, 'models/laid.sql'), "select * from {{ ref('raw') }}");
    await build(dir, '--full-refresh', '--exclude-resource-type', 'snapshot');
    fs.writeFileSync(path.join(dir, 'models/laid.sql'), "{{ config(materialized='table', partition_by='id') }} select * from {{ ref('raw') }}");
    await build(dir);
    const attach = `attach '${lake.replace('DIR', dir)}' as lake`;
    for (const name of ['laid', 'seen', 'grown', 'merged'])
      expect(await rows(dir, `from lake.${name} order by id`, attach)).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
    expect(await rows(dir, 'select count(*), count(dbt_valid_to) from lake.kept', attach)).toEqual([['3', '0']]);
    const layouts = 'select column_id, transform from __ducklake_metadata_lake.ducklake_partition_column order by partition_id desc limit 1';
    expect(await rows(dir, layouts, attach)).toEqual([['1', 'identity']]);
  });

  test('Delta tables and sheets of Excel, by plugin and by function', async () => {
    const dir = project(
      { extensions: ['delta', 'excel'], plugins: [{ module: 'delta' }, { module: 'excel' }] },
      {
        'models/sources.yml': `sources:
  - name: lake
    config: {plugin: delta}
    tables:
      - {name: now, config: {delta_table_path: DIR/delta}}
      - {name: first, config: {delta_table_path: DIR/delta, as_of_version: 0}}
  - name: direct
    tables: [{name: scan, meta: {external_location: "delta_scan('DIR/delta')"}}]
  - name: sheets
    config: {plugin: excel}
    tables: [{name: book, config: {external_location: "DIR/{name}.xlsx", sheet_name: second}}]
`,
        'models/counted.sql': `{{ config(materialized='table') }}
{% for s in [source('lake', 'now'), source('lake', 'first'), source('direct', 'scan'), source('sheets', 'book')] %}
select {{ loop.index }} as i, count(*) as n from {{ s }} {{ 'union all' if not loop.last }}
{% endfor %}`,
      },
    );
    await delta(path.join(dir, 'delta'));
    await rows(dir, 'select 1', 'load excel', `copy (select 1 as a) to '${dir}/book.xlsx' (format xlsx, header true, sheet 'second')`);
    await build(dir);
    expect(await rows(dir, 'from m.counted order by i', `attach '${dir}/box.duckdb' as m`)).toEqual([
      [1, '2'],
      [2, '1'],
      [3, '2'],
      [4, '1'],
    ]);
  });

  test.skipIf(!hasIceberg)('Iceberg tables, by their folder or by the file of a version', async () => {
    const dir = project(
      { extensions: ['avro', 'iceberg'], settings: { unsafe_enable_version_guessing: true } },
      {
        'models/sources.yml': `sources:
  - name: lake
    tables:
      - {name: now, meta: {external_location: "iceberg_scan('DIR/lake/n/t')"}}
      - {name: first, meta: {external_location: "iceberg_scan('DIR/first.metadata.json')"}}
`,
        'models/counted.sql': `{{ config(materialized='table') }}
select 1 as i, count(*) as n from {{ source('lake', 'now') }} union all select 2, count(*) from {{ source('lake', 'first') }}`,
      },
    );
    fs.mkdirSync(path.join(dir, 'lake'));
    execFileSync(PYTHON, ['-c', ICEBERG, dir], { stdio: 'pipe' });
    await build(dir);
    expect(await rows(dir, 'from m.counted order by i', `attach '${dir}/box.duckdb' as m`)).toEqual([
      [1, '3'],
      [2, '2'],
    ]);
  });

  test.skipIf('reason' in started)('Postgres, attached: read from and written to, beside DuckDB', async () => {
    const { host, port, user, password, database } = server;
    const schema = `lakes_${process.pid}`;
    const dsn = `host=${host} port=${port} user=${user} password=${password} dbname=${database}`;
    const dir = project(
      { attach: [{ path: dsn, alias: 'pg', type: 'postgres' }] },
      {
        'models/sources.yml': `sources: [{name: pg, database: pg, schema: ${schema}, tables: [{name: orders}]}]`,
        'models/totals.sql': "{{ config(materialized='table') }} select count(*) as n from {{ source('pg', 'orders') }}",
        'models/back.sql': `{{ config(materialized='table', database='pg', schema='${schema}') }} select n from {{ ref('totals') }}`,
        'macros/generate_schema_name.sql': "{% macro generate_schema_name(custom, node) %}{{ custom or 'main' }}{% endmacro %}",
      },
    );
    const attach = `attach '${dsn}' as pg (type postgres)`;
    await rows(dir, 'select 1', attach, `create schema pg.${schema}`, `create table pg.${schema}.orders as select 1 as id union all select 2`);
    try {
      for (const _ of [1, 2]) await build(dir);
      expect(await rows(dir, `from pg.${schema}.back`, attach)).toEqual([['2']]);
    } finally {
      await rows(dir, 'select 1', attach, `drop schema pg.${schema} cascade`);
    }
  });
});

/** A Delta table of two versions: a row in the first, another in the second. */
async function delta(dir: string): Promise<void> {
  fs.mkdirSync(path.join(dir, '_delta_log'), { recursive: true });
  for (const id of [1, 2]) await rows(dir, 'select 1', `copy (select ${id} as id) to '${dir}/${id}.parquet'`);
  const add = (id: number) => ({
    add: { path: `${id}.parquet`, partitionValues: {}, size: fs.statSync(path.join(dir, `${id}.parquet`)).size, modificationTime: 0, dataChange: true },
  });
  const schemaString = JSON.stringify({ type: 'struct', fields: [{ name: 'id', type: 'integer', nullable: true, metadata: {} }] });
  const metaData = { id: 'x', format: { provider: 'parquet', options: {} }, schemaString, partitionColumns: [], configuration: {}, createdTime: 0 };
  const versions = [[{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }, add(1)], [add(2)]];
  versions.forEach((actions, i) => {
    fs.writeFileSync(path.join(dir, '_delta_log', `${String(i).padStart(20, '0')}.json`), actions.map((a) => JSON.stringify(a)).join('\n'));
  });
}
