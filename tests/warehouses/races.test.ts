// Two that make the same schema, or the same table of the history, at the same time on Postgres: `if not exists` looks before the other one is done, and fails then.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { onBoth } from './both.ts';

const { dir, schema, server, write, end } = await onBoth('races');

beforeAll(() => {
  write({
    'dbt_project.yml': JSON.stringify({ name: 'races', profile: 'p' }),
    'models/orders.sql': 'select 1 as id',
    'models/models.yml': JSON.stringify({ models: [{ name: 'orders', data_tests: ['volume_anomaly'] }] }),
  });
});

afterAll(() => end());

/** Builds while another session has done the same and not yet committed it, and lets it commit once the build waits for it. */
async function buildBeside(before: string, statement: string) {
  const { host, port, user, password, database } = server as NonNullable<typeof server>;
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    return client;
  };
  const [other, watcher] = [await connect(), await connect()];
  try {
    await other.query(before);
    await other.query(`begin; ${statement}`);
    const building = dml(['build', '--target', 'postgres'], dir);
    let waiting = 0;
    while (waiting === 0) {
      await watcher.query('select pg_sleep(0.02)');
      waiting = Number((await watcher.query('select count(*) as n from pg_locks where not granted')).rows[0]?.n);
    }
    await other.query('commit');
    return await building;
  } finally {
    await Promise.all([other.end(), watcher.end()]);
  }
}

const HISTORY = `invocation_id varchar(64), recorded_at timestamp, relation text, column_name text, metric varchar(32), value double precision, text_value text`;

test.runIf(server).each([
  ['the schema', `drop schema if exists ${schema} cascade`, `create schema ${schema}`],
  ['the table of the history', `drop table ${schema}.dml_history`, `create table ${schema}.dml_history (${HISTORY})`],
])('%s is made by another one meanwhile', async (_, before, statement) => {
  const { code, stdout, stderr } = await buildBeside(before, statement);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain('has no verdict yet: row_count: warm-up, 0 of 7 points');
});

test.runIf(server)('what is there already is an error as ever', async () => {
  write({ 'macros/twice.sql': `{% macro twice() %}{% do run_query('create table ${schema}.dml_history (a int)') %}{% endmacro %}` });
  const { code, stdout } = await dml(['run-operation', 'twice', '--target', 'postgres'], dir);
  expect(code).toBe(1);
  expect(stdout).toContain('relation "dml_history" already exists');
});
