// External models: rows in files, a view of them in DuckDB. What dbt-duckdb makes of the same models (files, views, rows) was compared by hand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from 'vitest';
import { dml } from '../command.ts';

const made: string[] = [];
afterAll(() => {
  for (const dir of made) fs.rmSync(dir, { recursive: true, force: true });
});

/** A project of these models; OUT in them is the folder of the files, which is the profile's external_root too. */
function project(models: Readonly<Record<string, string>>): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-external-')));
  made.push(dir);
  const out = path.join(dir, 'out');
  for (const folder of ['models', 'out']) fs.mkdirSync(path.join(dir, folder));
  const dev = { type: 'duckdb', path: 'box.duckdb', threads: 2, external_root: out };
  fs.writeFileSync(path.join(dir, 'dbt_project.yml'), 'name: box\nprofile: box\nmodels:\n  +materialized: external\n');
  fs.writeFileSync(path.join(dir, 'profiles.yml'), JSON.stringify({ box: { target: 'dev', outputs: { dev } } }));
  for (const [name, text] of Object.entries(models))
    fs.writeFileSync(path.join(dir, 'models', name.includes('.') ? name : `${name}.sql`), text.replaceAll('OUT', out));
  return dir;
}

async function run(dir: string, ...more: readonly string[]): Promise<string> {
  const { code, stdout } = await dml(['run', ...more], dir);
  return `${code} ${stdout}`;
}

async function rows(dir: string, sql: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(path.join(dir, 'box.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const answer = (await connection.runAndReadAll(sql)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return answer;
}

const files = (dir: string): readonly string[] =>
  fs
    .readdirSync(path.join(dir, 'out'), { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.\w+$/.test(f))
    .sort();
const ROWS = "select i as id, 'n' || i as name, i % 2 as part from range(4) t(i)";

test('formats, places, partitions, compression, and no rows at all', { timeout: 120_000 }, async () => {
  const dir = project({
    plain: ROWS,
    split: `{{ config(location='OUT/split.csv', delimiter=';') }} ${ROWS}`,
    zipped: `{{ config(location='OUT/zipped.csv.gz') }} ${ROWS}`,
    lines: `{{ config(format='json') }} ${ROWS}`,
    parts: `{{ config(options={'partition_by': 'part, id', 'overwrite': true}) }} ${ROWS}`,
    packed: `{{ config(options={'codec': 'zstd'}) }} ${ROWS}`,
    typed: `{{ config(format='csv', csv_read_options={'all_varchar': true}) }} ${ROWS}`,
    empty: `{{ config(format='csv') }} select * from (${ROWS}) where id > 9`,
    below: "{{ config(materialized='table') }} select count(*) as n, sum(id) as s from {{ ref('parts') }}",
    between: "{{ config(materialized='table_function', parameters=['a', 'b']) }} select * from {{ ref('plain') }} where id between a and b",
    used: "{{ config(materialized='table') }} -- depends_on: {{ ref('between') }}\nselect id from {{ ref('between') }}(1, 2)",
    'sources.yml': `sources:
  - name: files
    meta: {external_location: "OUT/{name}.parquet"}
    tables:
      - {name: plain}
      - {name: lines, meta: {external_location: "read_json('OUT/\${identifier}.json')", formatter: template}}
      - {name: old, identifier: split, meta: {external_location: "OUT/%(identifier)s.csv", formatter: oldstyle}}
`,
    read: `{{ config(materialized='table') }} -- depends_on: {{ ref('plain') }} {{ ref('lines') }} {{ ref('split') }}
{% for t in ['plain', 'lines', 'old'] %}select '{{ t }}' as t, count(*) as n from {{ source('files', t) }} {{ 'union all' if not loop.last }} {% endfor %}`,
  });
  for (const _ of [1, 2]) expect(await run(dir)).toMatch(/^0 /);
  expect(files(dir)).toEqual([
    'empty.csv',
    'lines.json',
    'packed.parquet',
    'parts/part=0/id=0/data_0.parquet',
    'parts/part=0/id=2/data_0.parquet',
    'parts/part=1/id=1/data_0.parquet',
    'parts/part=1/id=3/data_0.parquet',
    'plain.parquet',
    'split.csv',
    'typed.csv',
    'zipped.csv.gz',
  ]);
  for (const name of ['plain', 'split', 'zipped', 'lines', 'parts', 'packed', 'typed'])
    expect(await rows(dir, `select count(*), max(name) from ${name}`)).toEqual([['4', 'n3']]);
  expect(await rows(dir, 'select count(*) from empty')).toEqual([['0']]);
  expect(await rows(dir, 'select typeof(id) from typed limit 1')).toEqual([['VARCHAR']]);
  expect(await rows(dir, 'from below')).toEqual([['4', '6']]);
  expect(await rows(dir, 'from used order by 1')).toEqual([['1'], ['2']]);
  expect(await rows(dir, 'from read order by 1')).toEqual([
    ['lines', '4'],
    ['old', '4'],
    ['plain', '4'],
  ]);
});

test('what cannot be written, and what Python would have to do', { timeout: 120_000 }, async () => {
  const dir = project({
    avro: `{{ config(format='avro') }} ${ROWS}`,
    glue: `{{ config(glue_register=true) }} ${ROWS}`,
    sheet: `{{ config(plugin='gsheet') }} ${ROWS}`,
    'sources.yml': 'sources: [{name: lake, config: {plugin: iceberg}, tables: [{name: t}]}]',
    read: "select * from {{ source('lake', 't') }}",
  });
  const said = await run(dir);
  expect(said).toContain('Invalid format: avro');
  expect(said).toMatch(/error\[plugin-python\]: the plugin `glue\|default` is Python code of dbt-duckdb[\s\S]*hint: leave `glue_register` out/);
  expect(said).toMatch(/error\[plugin-python\]: the plugin `gsheet` .* `sheet` asks it to store the model/);
  expect(said).toMatch(/error\[plugin-python\]: the plugin `iceberg` .* `lake\.t` asks it to load the table[\s\S]*hint: set `external_location: "iceberg_scan/);
});

test('with an incremental strategy the rows of the files are kept', { timeout: 120_000 }, async () => {
  const rowsOf = "select i as id, {{ var('day') }} as day, i % 2 as part from range({{ var('day') }} * 2, {{ var('day') }} * 2 + 3) t(i)";
  const dir = project({
    added: `{{ config(incremental_strategy='append') }} ${rowsOf} {% if is_incremental() %} where i > (select max(id) from {{ this }}) {% endif %}`,
    upserted: `{{ config(format='csv', incremental_strategy='delete+insert', unique_key='id') }} ${rowsOf}`,
    paired: `{{ config(incremental_strategy='delete+insert', unique_key=['id', 'part'], options={'partition_by': 'part'}) }} ${rowsOf}`,
    days: `{{ config(incremental_strategy='insert_overwrite', options={'partition_by': 'day'}) }} ${rowsOf}`,
    whole: rowsOf,
  });
  const days = async (name: string) => rows(dir, `select id, day from ${name} order by all`);
  expect(await run(dir, '--vars', '{day: 1}')).toMatch(/^0 /);
  // The last day twice: a run that is repeated changes nothing.
  for (const _ of [1, 2]) {
    expect(await run(dir, '--vars', '{day: 2}')).toMatch(/^0 /);
    expect(await days('added')).toEqual([
      ['2', 1],
      ['3', 1],
      ['4', 1],
      ['5', 2],
      ['6', 2],
    ]);
    expect(await days('upserted')).toEqual([
      ['2', '1'],
      ['3', '1'],
      ['4', '2'],
      ['5', '2'],
      ['6', '2'],
    ]);
    expect(await days('paired')).toEqual([
      ['2', 1],
      ['3', 1],
      ['4', 2],
      ['5', 2],
      ['6', 2],
    ]);
    expect(await days('days')).toEqual([
      ['2', '1'],
      ['3', '1'],
      ['4', '1'],
      ['4', '2'],
      ['5', '2'],
      ['6', '2'],
    ]);
    expect(await days('whole')).toEqual([
      ['4', 2],
      ['5', 2],
      ['6', 2],
    ]);
  }
  expect(await run(dir, '--vars', '{day: 2}', '--full-refresh')).toMatch(/^0 /);
  for (const name of ['added', 'paired', 'whole'])
    expect(await days(name)).toEqual([
      ['4', 2],
      ['5', 2],
      ['6', 2],
    ]);
  fs.writeFileSync(path.join(dir, 'models/added.sql'), `{{ config(incremental_strategy='merge', unique_key='id') }} ${rowsOf}`);
  fs.writeFileSync(path.join(dir, 'models/paired.sql'), `{{ config(incremental_strategy='delete+insert') }} ${rowsOf}`);
  const refused = await run(dir, '--vars', '{day: 3}', '--select', 'added paired');
  expect(refused).toContain("External models know the incremental strategies append, delete+insert and insert_overwrite, not 'merge'");
  expect(refused).toContain("The incremental strategy 'delete+insert' of an external model needs unique_key");
  expect(await days('paired')).toEqual([
    ['4', 2],
    ['5', 2],
    ['6', 2],
  ]);
});

test('one process writes at a time: the next waits as long as it may, and readers read together', { timeout: 120_000 }, async () => {
  const dir = project({ plain: ROWS });
  expect(await run(dir)).toMatch(/^0 /);
  const api = createRequire(import.meta.url).resolve('@duckdb/node-api');
  const open = `require(${JSON.stringify(api)}).DuckDBInstance.create(${JSON.stringify(path.join(dir, 'box.duckdb'))}, { access_mode: 'READ_ONLY' })`;
  const reader = spawn(process.execPath, ['-e', `${open}.then((i) => { globalThis.kept = i; console.log('open'); setInterval(() => {}, 1000); })`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(reader.stdout, 'data');
    for (const argv of [['show', '--select', 'plain'], ['docs', 'generate'], ['ls']]) expect((await dml(argv, dir)).code, argv.join(' ')).toBe(0);
    expect(await run(dir)).toMatch(
      new RegExp(
        `^2 [\\s\\S]*error\\[database-locked\\]: the database file .*box\\.duckdb is held by another process \\(PID ${reader.pid}[\\s\\S]*hint: .*--lock-timeout`,
      ),
    );
    const late = await dml(['run', '--lock-timeout', '60'], dir, (text) => {
      if (text.includes('database-waiting')) reader.kill();
    });
    expect(late.stdout).toMatch(/note\[database-waiting\]: waiting up to 60 s for the database file [\s\S]*Completed successfully/);
    expect(late.code).toBe(0);
  } finally {
    reader.kill();
  }
});
