// A materialized view on a real Postgres whose indexes change: what each value of on_configuration_change does, and dbt's words for types and families.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../cases.ts';
import { dml } from '../command.ts';
import { type Server, startServer } from './server.mjs';

const started = await startServer();
const server = started as Server;
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-materialized-')));
const schema = `materialized_${process.pid}`;
let client: pg.Client;

const MODELS: Readonly<Record<string, string>> = {
  'models/sums.sql': `{{ config(materialized='materialized_view', indexes=var('indexes', [{'columns': ['id']}]), on_configuration_change=var('on_change', 'apply')) }}
select id, 2 * id as twice from {{ ref('numbers') }}`,
  'models/kinds.sql': `{{ config(materialized='table') }}
select 'a'::varchar(20) as word, 1.5::numeric(10, 2) as price`,
  'models/told.sql': `{{ config(materialized='table') }}
{%- set columns = adapter.get_columns_in_relation(ref('kinds')) %}
select $$ {%- for c in columns %}{{ c.dtype }}/{{ c.data_type }}/{{ c.is_string() }}/{{ c.is_numeric() }} {% endfor -%} $$ as told`,
  'models/broken.sql': 'select nothing from nowhere',
  'seeds/numbers.csv': 'id\n1\n2\n',
  'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\n',
};

beforeAll(async () => {
  if ('reason' in started) return;
  const { host, port, user, password, database } = server;
  const output = { type: 'postgres', host, port, user, pass: password, dbname: database, schema, threads: 1 };
  const files = { ...MODELS, 'profiles.yml': JSON.stringify({ shop: { target: 'dev', outputs: { dev: output } } }) };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  await dml(['seed', '--quiet'], dir);
});

afterAll(async () => {
  fs.rmSync(dir, { recursive: true, force: true });
  if ('reason' in started) return;
  await client.query(`drop schema if exists ${schema} cascade`);
  await client.end();
  await server.stop();
});

function run(vars: object = {}, ...more: readonly string[]): Promise<Outcome> {
  return dml(['run', '--select', 'sums', '--vars', JSON.stringify(vars), ...more], dir);
}

async function indexes(): Promise<readonly string[]> {
  const { rows } = await client.query(`select indexdef from pg_indexes where schemaname = '${schema}' and tablename = 'sums' order by indexdef`);
  return rows.map((row) => String(row.indexdef).replace(/^(CREATE (?:UNIQUE )?INDEX) .* (USING .*)$/, '$1 $2')).sort();
}

describe.skipIf('reason' in started)('a materialized view whose configuration changes', () => {
  test('is made with its indexes, and refreshed where nothing changed', async () => {
    expect((await run()).stdout).toContain('[CREATE INDEX in ');
    expect(await indexes()).toEqual(['CREATE INDEX USING btree (id)']);
    await client.query(`insert into ${schema}.numbers values (3)`);
    expect((await run()).stdout).toContain('[REFRESH MATERIALIZED VIEW in ');
    expect((await client.query(`select sum(twice)::int as sum from ${schema}.sums`)).rows).toEqual([{ sum: 12 }]);
  });

  test('apply drops and creates indexes and leaves the rest', async () => {
    const { code } = await run({
      indexes: [
        { columns: ['id', 'twice'], unique: true },
        { columns: ['TWICE'], type: 'hash' },
      ],
    });
    expect(code).toBe(0);
    expect(await indexes()).toEqual(['CREATE INDEX USING hash (twice)', 'CREATE UNIQUE INDEX USING btree (id, twice)']);
  });

  test('continue leaves it as it is, with a warning', async () => {
    const before = await indexes();
    const { code, stdout } = await run({ on_change: 'continue' });
    expect([code, await indexes()]).toEqual([0, before]);
    expect(stdout).toContain('Configuration changes were identified and `on_configuration_change` was set to `continue`');
  });

  test('fail fails the model', async () => {
    const before = await indexes();
    const { code, stdout } = await run({ on_change: 'fail' });
    expect([code, await indexes()]).toEqual([1, before]);
    expect(stdout).toContain('`on_configuration_change` was set to `fail`');
  });

  test('a full refresh makes it anew', async () => {
    expect((await run({}, '--full-refresh')).code).toBe(0);
    expect(await indexes()).toEqual(['CREATE INDEX USING btree (id)']);
  });
});

describe.skipIf('reason' in started)('what dbt-postgres tells', () => {
  test('columns have their sizes apart from the name of the type', async () => {
    await dml(['run', '--quiet', '--select', 'kinds', 'told'], dir);
    const { rows } = await client.query(`select told from ${schema}.told`);
    expect(rows[0].told.trim().split(/ (?=numeric)/)).toEqual(['character varying/character varying(20)/True/False', 'numeric/numeric(10,2)/False/True']);
  });

  test('an error of the database is a Database Error', async () => {
    expect((await dml(['run', '--select', 'broken'], dir)).code).toBe(1);
    const { results } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8'));
    expect(results[0].message).toMatch(/^Database Error in model broken \(models\/broken.sql\)\n {2}relation "nowhere" does not exist/);
  });

  test('what is new is made beside its name and moved', async () => {
    expect((await dml(['run', '--quiet', '--select', 'kinds', '--full-refresh'], dir)).code).toBe(0);
    expect(fs.readFileSync(path.join(dir, 'target/run/shop/models/kinds.sql'), 'utf8')).toContain('"kinds__dbt_tmp"');
  });
});
