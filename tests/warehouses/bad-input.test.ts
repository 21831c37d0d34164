// What a model, a person or a machine can do wrong, on real engines: a diagnostic with its place, the table as it was, exit code 1.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { type Server, startServer } from './server.mjs';

const started = await startServer();
const server = started as Server;
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-bad-')));
const schema = `bad_${process.pid}`;
const role = `limited_${process.pid}`;
const ENGINES = ['duckdb', 'postgres'] as const;
type Engine = (typeof ENGINES)[number];

/** Asks the server as its owner. */
async function asking(sql: string): Promise<readonly (readonly unknown[])[]> {
  const { host, port, user, password, database } = server;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  try {
    const results = await client.query({ text: sql, rowMode: 'array' });
    return results.rows ?? [];
  } finally {
    await client.end();
  }
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
  fs.writeFileSync(path.join(dir, file), text);
}

beforeAll(async () => {
  if ('reason' in started) return;
  const { host, port, user, password, database } = server;
  const postgres = { type: 'postgres', host, port, user, password, dbname: database, schema, threads: 2 };
  const limited = { ...postgres, user: role, password: 'limited' };
  const outputs = {
    duckdb: { type: 'duckdb', path: path.join(dir, 'warehouse.duckdb'), schema, threads: 1 },
    postgres,
    limited,
    nowhere: { ...limited, schema: `${schema}_new` },
  };
  write('profiles.yml', JSON.stringify({ bad: { target: 'duckdb', outputs } }));
  write('dbt_project.yml', 'name: bad\nprofile: bad\n');
  await asking(`create role ${role} login password 'limited'`);
});

afterAll(async () => {
  if (!('reason' in started)) {
    await asking(`drop schema if exists ${schema} cascade; drop schema if exists ${schema}_theirs cascade; drop owned by ${role}; drop role ${role}`);
    await server.stop();
  }
  fs.rmSync(dir, { recursive: true, force: true });
});

const run = (target: string, model: string, ...more: readonly string[]) => dml(['run', '--quiet', '--target', target, '--select', model, ...more], dir);

async function built(target: string, model: string): Promise<void> {
  const outcome = await run(target, model);
  expect(outcome, outcome.stdout).toMatchObject({ code: 0 });
}

/** The table's rows, as the command shows them. */
async function contents(target: string, table: string): Promise<string> {
  const shown = await dml(['show', '--quiet', '--target', target, '--limit', '-1', '--inline-direct', `select * from ${schema}.${table} order by 1`], dir);
  expect(shown.code, shown.stdout).toBe(0);
  return shown.stdout;
}

interface Bad {
  readonly name: string;
  readonly config: string;
  readonly first: string;
  readonly second: string;
  readonly says: RegExp;
}

const CASES: readonly Bad[] = [
  {
    name: 'a key twice in the new rows',
    config: "incremental_strategy='merge', unique_key='id'",
    first: "select 1 as id, 'a' as v",
    second: "select 1 as id, 'b' as v union all select 2, 'b' union all select 2, 'c'",
    says: /error\[merge-duplicate-key\].*id = 2 \(2 rows\)[\s\S]*models\/NAME\.sql:1:1[\s\S]*hint: keep one row for each key/,
  },
  {
    name: 'a null key in the new rows',
    config: "incremental_strategy='merge', unique_key='id'",
    first: "select 1 as id, 'a' as v",
    second: "select 1 as id, 'b' as v union all select null, 'c'",
    says: /error\[merge-null-key\].*`id` is null[\s\S]*models\/NAME\.sql:1:1[\s\S]*hint: leave such rows out/,
  },
  ...['merge', 'delete+insert'].map((strategy) => ({
    name: `a key that is no column, ${strategy}`,
    config: `incremental_strategy='${strategy}', unique_key=['id', 'dya']`,
    first: 'select 1 as id, 2 as day',
    second: 'select 1 as id, 3 as day',
    says: /error\[unique-key-missing\].*`dya`[\s\S]*models\/NAME\.sql:1:1[\s\S]*hint: did you mean `day`/,
  })),
  {
    name: 'a key that is a word of SQL',
    config: "incremental_strategy='delete+insert', unique_key='user'",
    first: 'select 1 as "user"',
    second: 'select 2 as "user"',
    says: /error\[unique-key-reserved\].*`user`[\s\S]*models\/NAME\.sql:1:1[\s\S]*hint: write it with quotes: unique_key='"user"'/,
  },
  {
    name: 'other columns than before, and on_schema_change: fail',
    config: "on_schema_change='fail', unique_key='id'",
    first: 'select 1 as id, 2 as a',
    second: 'select 1 as id, 3 as b',
    says: /error\[schema-changed\][\s\S]*new: b[\s\S]*gone: a[\s\S]*models\/NAME\.sql:1:1[\s\S]*hint: /,
  },
  {
    name: 'a value that the column cannot hold',
    config: "unique_key='id'",
    first: 'select 1 as id, 2 as n',
    second: "select 1 as id, 'many' as n",
    says: /error\[sql-error\][\s\S]*models\/NAME\.sql/,
  },
  {
    name: 'a row that fails in the middle',
    config: "unique_key='id'",
    first: 'select 1 as id, 2 as n',
    second: "select g as id, cast(case when g = 900 then 'x' else '1' end as integer) as n from generate_series(1, 1000) as s(g)",
    says: /error\[sql-error\][\s\S]*models\/NAME\.sql/,
  },
];

const incremental = (config: string, first: string, second: string): string =>
  `{{ config(materialized='incremental', ${config}) }}\n{% if is_incremental() %}\n${second}\n{% else %}\n${first}\n{% endif %}\n`;

// `merge` came with PostgreSQL 15.
const merges = 'reason' in started || Number((await asking(`select current_setting('server_version_num')`))[0]?.[0]) >= 150_000;
if (!merges) console.warn('SKIPPED: this server has no `merge`, which came with PostgreSQL 15');
const casesOn = (engine: Engine): readonly Bad[] => CASES.filter((c) => engine === 'duckdb' || merges || !c.config.includes("'merge'"));

describe.skipIf('reason' in started).each(ENGINES)('refused on %s, and nothing is changed', (engine: Engine) => {
  test.each(casesOn(engine).map((c, i) => [c.name, c, `m${i}`] as const))('%s', async (_, bad, name) => {
    write(`models/${name}.sql`, incremental(bad.config, bad.first, bad.second));
    await built(engine, name);
    const before = await contents(engine, name);
    const outcome = await run(engine, name);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(new RegExp(bad.says.source.replace('NAME', name)));
    expect(await contents(engine, name)).toBe(before);
  });

  test('a contract that the new rows break', async () => {
    write('models/promised.sql', incremental("contract={'enforced': true}, on_schema_change='append_new_columns'", 'select 1 as id', "select 'x' as id"));
    write('models/promised.yml', 'models:\n  - name: promised\n    columns: [{name: id, data_type: integer}]\n');
    await built(engine, 'promised');
    const before = await contents(engine, 'promised');
    const outcome = await run(engine, 'promised');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/error\[contract-failed\][\s\S]*models\/promised\.sql:1:1[\s\S]*data type mismatch[\s\S]*hint: /);
    expect(await contents(engine, 'promised')).toBe(before);
  });

  test('words of SQL, capitals, spaces and quotes are names like any other', async () => {
    const first = 'select 1 as "order", 2 as "it\'s ""new""", 3 as "Mixed Case"';
    write('models/group.sql', incremental(`unique_key='"order"', alias='The "group"'`, first, `${first} union all select 2, 3, 4`));
    write('models/select.sql', `{{ config(materialized='table') }}\nselect * from {{ ref('group') }}`);
    const snapshot = `snapshots:\n  - name: "where"\n    relation: ref('group')\n    config: {schema: ${schema}, strategy: check, unique_key: '"order"', check_cols: ['"Mixed Case"']}\n`;
    write('snapshots/where.yml', snapshot);
    write('macros/names.sql', '{% macro generate_schema_name(custom, node) %}{{ target.schema }}{% endmacro %}');
    for (let i = 0; i < 2; i++) {
      const outcome = await dml(['build', '--quiet', '--target', engine, '--select', 'group', 'select', 'where'], dir);
      expect(outcome, outcome.stdout).toMatchObject({ code: 0 });
    }
    expect(await contents(engine, '"select"')).toMatch(/\| +1 \| +2 \| +3 \|\n\| +2 \| +3 \| +4 \|/);
    expect(await contents(engine, '"where"')).toContain('dbt_scd_id');
    for (const file of ['models/group.sql', 'models/select.sql', 'snapshots/where.yml']) fs.rmSync(path.join(dir, file));
  });
});

describe.skipIf('reason' in started)('refused by Postgres', () => {
  test('a name that it would cut', async () => {
    const name = 'orders_of_all_customers_in_all_countries_by_day_and_by_sales_channel';
    write(`models/${name}.sql`, 'select 1 as id');
    const outcome = await run('postgres', name);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/error\[name-too-long\].*68 bytes.*first 63[\s\S]*channel\.sql:1:1[\s\S]*hint: .*`alias`/);
    await built('duckdb', name);
    fs.rmSync(path.join(dir, `models/${name}.sql`));
  });

  test('a key that Postgres reads in lower case', async () => {
    write('models/spelt.sql', incremental("unique_key='OrderId'", 'select 1 as "OrderId"', 'select 2 as "OrderId"'));
    await built('postgres', 'spelt');
    const outcome = await run('postgres', 'spelt');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/error\[unique-key-missing\][\s\S]*hint: did you mean `"OrderId"`\?/);
  });

  test('a person who may not read, write or make a schema', async () => {
    write('models/theirs.sql', incremental("unique_key='id'", 'select 1 as id', `select id from ${schema}_theirs.secrets`));
    await built('postgres', 'theirs');
    await asking(`create schema ${schema}_theirs; create table ${schema}_theirs.secrets as select 7 as id`);
    const before = await contents('postgres', 'theirs');
    await asking(`grant usage, create on schema ${schema} to ${role}; grant select on ${schema}.theirs to ${role}`);
    const read = await run('limited', 'theirs');
    expect(read.code).toBe(1);
    expect(read.stdout).toMatch(/permission denied for schema [\s\S]*models\/theirs\.sql:3:16[\s\S]*hint: have its owner grant/);
    await asking(`grant usage on schema ${schema}_theirs to ${role}; grant select on ${schema}_theirs.secrets to ${role}`);
    const wrote = await run('limited', 'theirs');
    expect(wrote.code).toBe(1);
    expect(wrote.stdout).toMatch(/permission denied for table theirs[\s\S]*models\/theirs\.sql[\s\S]*hint: have its owner grant/);
    expect(await contents('postgres', 'theirs')).toBe(before);
    const nowhere = await run('nowhere', 'theirs');
    // No node can run without its schema: the run is over before it has begun.
    expect(nowhere.code).toBe(2);
    expect(nowhere.stdout).toMatch(/error\[schema-refused\]: the schema `\w+` cannot be made[\s\S]*permission denied for database[\s\S]*hint: /);
  });

  test('a connection that is lost in the middle of a statement', async () => {
    write('models/slow.sql', incremental("unique_key='id'", 'select 1 as id', 'select 1 as id from (select pg_sleep(60)) as s'));
    write('models/after.sql', '-- depends_on: {{ ref("slow") }}\nselect 1 as id');
    write('models/other.sql', 'select 1 as id');
    await built('postgres', 'slow');
    const before = await contents('postgres', 'slow');
    const running = run('postgres', 'slow+ other');
    // The statement is ended as soon as it is seen to run.
    for (let ended = false; !ended; ) {
      const rows = await asking(
        `select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`,
      );
      ended = rows.length > 0;
    }
    const outcome = await running;
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/error\[sql-error\]: `slow`: terminating connection[\s\S]*models\/slow\.sql[\s\S]*hint: nothing of this node was kept/);
    const { results } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as { results: { unique_id: string; status: string }[] };
    expect(Object.fromEntries(results.map((r) => [r.unique_id.split('.').at(-1), r.status]))).toEqual({ slow: 'error', after: 'skipped', other: 'success' });
    expect(await contents('postgres', 'slow')).toBe(before);
  });
});

/** Mounts a small file system in memory, or tells loudly why not. */
function small(name: string, ...options: readonly string[]): string | undefined {
  const place = path.join(dir, name);
  fs.mkdirSync(place, { recursive: true });
  const mounted =
    process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', ['size=16m', ...options].join(','), 'tmpfs', place]);
  if (mounted && mounted.status === 0) return place;
  console.warn(
    `SKIPPED: a full disk and one that cannot be written need a tmpfs, which only root can mount on Linux (${mounted ? mounted.stderr : 'not root'})`,
  );
  return undefined;
}

const unmount = (place: string | undefined): void => void (place !== undefined && spawnSync('umount', ['-l', place]));

// Chance cannot be compressed.
const chance = 'md5(cast(random() as varchar))';
const MANY = `select g as id, ${chance} || ${chance} || ${chance} as v from generate_series(1, 400000) as s(g)`;

describe('a disk that takes no more', () => {
  const outputs: Record<string, unknown> = {};
  const add = (name: string, output: Record<string, unknown>): void => {
    outputs[name] = output;
    write('profiles.yml', JSON.stringify({ bad: { target: name, outputs } }));
  };

  beforeAll(() => {
    write('dbt_project.yml', 'name: bad\nprofile: bad\n');
    fs.rmSync(path.join(dir, 'models'), { recursive: true, force: true });
    write('models/many.sql', incremental("unique_key='id'", "select 1 as id, 'a' as v", MANY));
  });

  async function refused(target: string, says: RegExp): Promise<void> {
    await built(target, 'many');
    const before = await contents(target, 'many');
    const outcome = await run(target, 'many');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(says);
    expect(await contents(target, 'many')).toBe(before);
  }

  const FULL = /error\[sql-error\]: `many`: .*No space left on device[\s\S]*models\/many\.sql[\s\S]*hint: make room/;

  test('DuckDB, full', { timeout: 120_000 }, async () => {
    const place = small('full');
    if (place === undefined) return;
    try {
      add('full', { type: 'duckdb', path: path.join(place, 'full.duckdb'), schema, threads: 1, settings: { threads: 1 } });
      await refused('full', FULL);
    } finally {
      unmount(place);
    }
  });

  test('DuckDB, read-only', async () => {
    const place = small('fixed');
    if (place === undefined) return;
    try {
      add('fixed', { type: 'duckdb', path: path.join(place, 'fixed.duckdb'), schema, threads: 1 });
      await built('fixed', 'many');
      expect(spawnSync('mount', ['-o', 'remount,ro', place]).status).toBe(0);
      const before = await contents('fixed', 'many');
      const outcome = await run('fixed', 'many');
      // The file cannot be opened for writing at all: nothing has begun.
      expect(outcome.code).toBe(2);
      expect(outcome.stdout).toMatch(/error\[database-open\].*fixed\.duckdb cannot be opened[\s\S]*hint: look at `path`/);
      expect(await contents('fixed', 'many')).toBe(before);
    } finally {
      unmount(place);
    }
  });

  test('Postgres, a tablespace that is full', { timeout: 120_000 }, async () => {
    // Another machine's disk is out of reach.
    if ('reason' in started || process.env['DML_TEST_POSTGRES']) return;
    const place = small('tablespace');
    if (place === undefined) return;
    const space = `small_${process.pid}`;
    try {
      const [[data]] = (await asking('show data_directory')) as [[string]];
      const { uid, gid } = fs.statSync(data);
      fs.chmodSync(dir, 0o755);
      for (const folder of [place, path.join(place, 'data')]) {
        fs.mkdirSync(folder, { recursive: true });
        fs.chownSync(folder, uid, gid);
      }
      await asking(`create tablespace ${space} location '${path.join(place, 'data')}'`);
      await asking(
        `alter role ${role} set default_tablespace = ${space}; alter role ${role} set temp_tablespaces = ${space}; grant create on tablespace ${space} to ${role}`,
      );
      await asking(`create schema if not exists ${schema}; grant usage, create on schema ${schema} to ${role}`);
      const { host, port, database } = server;
      add('small', { type: 'postgres', host, port, user: role, password: 'limited', dbname: database, schema, threads: 1 });
      await refused('small', FULL);
      await asking(`drop table ${schema}.many`);
    } finally {
      await asking(`drop tablespace if exists ${space}`).catch(() => undefined);
      unmount(place);
    }
  });
});
