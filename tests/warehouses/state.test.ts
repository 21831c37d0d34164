// What goes on from an earlier run, on both engines: freshness of sources, deferral, clones, retry.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { type Server, startServer } from './server.mjs';

const started = await startServer();
const server = started as Server;
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-state-')));
const [dev, prod] = [`dev_${process.pid}`, `prod_${process.pid}`];

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
  fs.writeFileSync(path.join(dir, file), text);
}

beforeAll(() => {
  if ('reason' in started) return;
  const { host, port, user, password, database } = server;
  const postgres = { type: 'postgres', host, port, user, password, dbname: database, threads: 2 };
  const duckdb = { type: 'duckdb', path: path.join(dir, 'warehouse.duckdb'), threads: 2 };
  const outputs = {
    'postgres-dev': { ...postgres, schema: dev },
    'postgres-prod': { ...postgres, schema: prod },
    'duckdb-dev': { ...duckdb, schema: dev },
    'duckdb-prod': { ...duckdb, schema: prod },
  };
  write('profiles.yml', JSON.stringify({ shop: { target: 'duckdb-dev', outputs } }));
  write('dbt_project.yml', 'name: shop\nprofile: shop\nmodels: {+materialized: table}\n');
  write('models/orders.sql', 'select 1 as id, cast(current_timestamp as timestamp) as loaded');
  write('models/daily.sql', "select count(*) as n, {{ var('column', 'id') }} as id from {{ ref('orders') }} group by 2");
  write(
    'snapshots/history.yml',
    "snapshots:\n  - name: history\n    relation: ref('orders')\n    config: {strategy: check, check_cols: [id], unique_key: id}\n",
  );
  write('seeds/countries.csv', 'code,name\nde,Germany\n');
  write(
    'models/sources.yml',
    `sources:
  - name: raw
    schema: ${prod}
    config: {loaded_at_field: loaded, freshness: {warn_after: {count: 1, period: day}}}
    tables:
      - {name: orders}
      - {name: old, identifier: orders, config: {loaded_at_query: "select timestamp '2020-01-01 00:00:00'", freshness: {error_after: {count: 1, period: day}}}}
      - {name: gone}
`,
  );
});

afterAll(async () => {
  fs.rmSync(dir, { recursive: true, force: true });
  if ('reason' in started) return;
  const { host, port, user, password, database } = server;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  for (const schema of [dev, prod]) await client.query(`drop schema if exists ${schema} cascade`);
  await client.end();
  await server.stop();
});

describe.skipIf('reason' in started).each(['duckdb', 'postgres'])('%s', (engine) => {
  const state = `state-${engine}`;
  const run = (line: string, target = `${engine}-dev`) => dml([...line.split(' '), '--target', target, '--quiet'], dir);
  const json = (file: string) => JSON.parse(fs.readFileSync(path.join(dir, file), 'utf8')) as { results: { unique_id: string; status: string }[] };
  const statuses = (file: string) => Object.fromEntries(json(file).results.map((r) => [r.unique_id.split('.').at(-1), r.status]));
  const shown = async (sql: string) => (await dml(['show', '--inline', sql, '--quiet', '--output', 'json', '--target', `${engine}-dev`], dir)).stdout;

  test('the age of sources', async () => {
    expect(await run(`build --target-path ${state}`, `${engine}-prod`)).toMatchObject({ code: 0 });
    expect((await run('source freshness')).code).toBe(1);
    expect(statuses('target/sources.json')).toEqual({ orders: 'pass', old: 'error' });
  });

  test('a reference leads to the earlier run until its node is built here', async () => {
    expect(await run(`run --select daily --defer --state ${state}`)).toMatchObject({ code: 0 });
    expect(fs.readFileSync(path.join(dir, 'target/compiled/shop/models/daily.sql'), 'utf8')).toContain(`"${prod}"."orders"`);
    expect(await run(`run --select orders daily --defer --state ${state}`)).toMatchObject({ code: 0 });
    expect(fs.readFileSync(path.join(dir, 'target/compiled/shop/models/daily.sql'), 'utf8')).toContain(`"${dev}"."orders"`);
  });

  test('what failed is run again', async () => {
    expect((await dml(['run', '--target', `${engine}-dev`, '--quiet', '--vars', '{column: missing}'], dir)).code).toBe(1);
    expect(await dml(['retry', '--vars', '{column: id}', '--quiet'], dir)).toMatchObject({ code: 0 });
    expect(statuses('target/run_results.json')).toEqual({ daily: 'success' });
  });

  test('clones are views, made once', async () => {
    expect(await run(`clone --state ${state} --select countries history`)).toMatchObject({ code: 0 });
    expect(await shown("select name from {{ ref('countries') }}")).toContain('Germany');
    expect(await run(`clone --state ${state} --full-refresh`)).toMatchObject({ code: 0 });
    expect(statuses('target/run_results.json')).toEqual({ orders: 'success', daily: 'success', countries: 'success', history: 'success' });
    const kinds = await shown(`select table_type, count(*) as n from information_schema.tables where table_schema = '${dev}' group by 1`);
    expect(JSON.parse(kinds).show).toEqual([{ table_type: 'VIEW', n: 4 }]);
  });
});
