import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { adapterFor, adapterTypes, isConflict, type Session, SqlError, type Warehouse } from '../../../src/adapters/index.ts';
import { type Effect, type QueryResult, type Relation, relation } from '../../../src/sql/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { newerDatabase } from '../../newer.ts';
import { folder, open, target } from './open.ts';

const opened: Warehouse[] = [];
async function warehouse(...args: Parameters<typeof open>): Promise<Warehouse> {
  const w = await open(...args);
  opened.push(w);
  return w;
}
afterAll(async () => {
  for (const w of opened) await w.close();
});
const session = async (...args: Parameters<typeof open>): Promise<Session> => (await warehouse(...args)).session('test');
const query = async (s: Session, sql: string, more: Partial<Extract<Effect, { kind: 'query' }>> = {}): Promise<QueryResult> =>
  (await s.answer({ kind: 'query', sql, ...more })) as QueryResult;
const run = (s: Session, sql: string): Promise<unknown> => s.answer({ kind: 'execute', sql });
const cells = async (s: Session, sql: string): Promise<unknown[]> => [...((await query(s, sql)).table.rows[0] ?? [])];
const refused = async (promise: Promise<unknown>): Promise<SqlError> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error('not refused');
};
const code = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostic.code;
    throw error;
  }
  throw new Error('no diagnostic');
};

describe('cells', () => {
  test.each([
    ['1::tinyint', 'integer', 1],
    ['9007199254740991::bigint', 'integer', 9007199254740991],
    ['9007199254740993::bigint', 'integer', 9007199254740993n],
    ['(-170141183460469231731687303715884105728)::hugeint', 'integer', -170141183460469231731687303715884105728n],
    ['18446744073709551615::ubigint', 'integer', 18446744073709551615n],
    ['1::uhugeint', 'integer', 1],
    ['123456789012345678901234567890::bignum', 'integer', 123456789012345678901234567890n],
    ['1.50::decimal(18,3)', 'decimal', '1.500'],
    ['(-0.05)::decimal(4,2)', 'decimal', '-0.05'],
    ['12345678901234567890.123::decimal(38,3)', 'decimal', '12345678901234567890.123'],
    ['1.5::double', 'float', 1.5],
    [`'inf'::double`, 'float', Number.POSITIVE_INFINITY],
    ['0.5::float', 'float', 0.5],
    ['true', 'boolean', true],
    [`'it''s'`, 'text', "it's"],
    [`date '2020-02-29'`, 'date', '2020-02-29'],
    [`date 'infinity'`, 'date', 'infinity'],
    [`date '-infinity'`, 'date', '-infinity'],
    [`date '0044-03-15 (BC)'`, 'date', '0044-03-15 (BC)'],
    [`timestamp '2020-01-01 10:00:00'`, 'timestamp', '2020-01-01 10:00:00'],
    [`timestamp '2020-01-01 10:00:00.12'`, 'timestamp', '2020-01-01 10:00:00.120000'],
    [`timestamp '1960-01-01 10:00:00.000001'`, 'timestamp', '1960-01-01 10:00:00.000001'],
    [`timestamp 'infinity'`, 'timestamp', 'infinity'],
    [`timestamp_ns '2020-01-01 00:00:00.123456789'`, 'timestamp', '2020-01-01 00:00:00.123456'],
    [`'2020-01-01 00:00:00'::timestamp_s`, 'timestamp', '2020-01-01 00:00:00'],
    [`'2020-01-01 00:00:00.5'::timestamp_ms`, 'timestamp', '2020-01-01 00:00:00.500000'],
    [`timestamptz '2020-01-01 00:00:00+02'`, 'timestamp_tz', '2019-12-31 22:00:00+00:00'],
    [`time '01:02:03.5'`, 'time', '01:02:03.500000'],
    [`interval '1 year 2 months 3 days 4.5 seconds'`, 'interval', '1 year 2 months 3 days 00:00:04.5'],
    [`'\\xAA\\x00ab'::blob`, 'binary', '\\xAA\\x00ab'],
    [`uuid '00000000-0000-0000-0000-000000000001'`, 'text', '00000000-0000-0000-0000-000000000001'],
    [`'a'::enum('a', 'b')`, 'text', 'a'],
    ['null', 'integer', null],
  ])('%s is %s', async (sql, type, value) => {
    const s = await shared();
    const { table } = await query(s, `select ${sql} as x`);
    expect(table.columns[0]?.type).toBe(type);
    expect(table.rows[0]?.[0]).toEqual(value);
  });

  // What dbt-duckdb answers: Python's JSON of what DuckDB's Python driver makes of the value.
  test.each([
    [`['a', 'b c', null, 'it''s', 'é"\\\\']`, String.raw`["a", "b c", null, "it's", "\u00e9\"\\\\"]`],
    [`{a: 1, 'b c': 'x', n: null, d: 1.5::decimal(3,1)}`, '{"a": 1, "b c": "x", "n": null, "d": 1.5}'],
    [`map {'k': 1, 'z y': 2}`, '{"k": 1, "z y": 2}'],
    [`map {1: 'a'}`, '{"1": "a"}'],
    [`map {date '2020-01-01': 2}`, '{"2020-01-01": 2}'],
    [`[[1.5::decimal(3,1)], [null]]`, '[[1.5], [null]]'],
    [`{d: date '2020-01-01', t: timestamp '2020-01-01 00:00:00', e: []::int[]}`, '{"d": "2020-01-01", "t": "2020-01-01T00:00:00", "e": []}'],
    [`[1.0::double, 1e20, 1e-7, 1e15, -0.0::double, 'nan', 'inf']`, '[1.0, 1e+20, 1e-07, 1000000000000000.0, -0.0, NaN, Infinity]'],
    [`[0.1::float, 16777216::float]`, '[0.10000000149011612, 16777216.0]'],
    [`[1, 2]::int[2]`, '[1, 2]'],
    [`[18446744073709551615::ubigint]`, '[18446744073709551615]'],
    [`union_value(s := [1])`, '[1]'],
    [`[union_value(num := 2)]`, '[2]'],
    [`row(1, 'a')`, '[1, "a"]'],
    [`[row(1, {b: row(2, 3)})]`, '[[1, {"b": [2, 3]}]]'],
    [`map {'k': row(1, 2)}`, '{"k": [1, 2]}'],
    [`{a: 1}::variant`, '{"a": 1}'],
    [`['01'::bit]`, '["01"]'],
    [`[time '01:02:03.5']`, '["01:02:03.500000"]'],
    [`['01:02:03.5+01'::timetz]`, '["01:02:03.500000+01:00"]'],
    [`[interval '1 day', null, interval '1 month 2 hours 0.5 seconds']`, '["1 day, 0:00:00", null, "30 days, 2:00:00.500000"]'],
    [`['\\xAA'::blob]`, String.raw`["b'\\xaa'"]`],
    [`[timestamptz '2020-01-01 00:00:00+02']`, '["2019-12-31T22:00:00+00:00"]'],
    [`[date 'infinity', date '-infinity']`, '["9999-12-31", "0001-01-01"]'],
    [`['a'::enum('a', 'b')]`, '["a"]'],
    [`[uuid '00000000-0000-0000-0000-000000000001']`, '["00000000-0000-0000-0000-000000000001"]'],
  ])('%s is the JSON text %s', async (sql, wanted) => {
    expect((await cells(await shared(), `select ${sql}`))[0]).toBe(wanted);
  });

  test('columns carry their names, also equal ones, and the engine type', async () => {
    const { table } = await query(await shared(), `select 1 as a, 'x' as a, 1.5::decimal(18,3) as d`);
    expect(table.columns).toEqual([
      { name: 'a', type: 'integer', dataType: 'INTEGER' },
      { name: 'a', type: 'text', dataType: 'VARCHAR' },
      { name: 'd', type: 'decimal', dataType: 'DECIMAL(18,3)' },
    ]);
  });
});

let memory: Promise<Session> | undefined;
function shared(): Promise<Session> {
  memory ??= session();
  return memory;
}

describe('statements', () => {
  test('several run in order and the last one answers', async () => {
    const s = await session();
    const answer = await run(s, `create table t (a int); insert into t values (1), (2), (3); -- done;\n`);
    expect(answer).toEqual({ message: 'OK', rows: 3 });
    const { table, response } = await query(s, 'insert into t values (4); select a from t order by a', { limit: 2 });
    expect(table.rows).toEqual([[1], [2]]);
    expect(response.rows).toBe(2);
    expect((await query(s, '')).table.rows).toEqual([]);
  });

  test.each([
    ['select 1,\n  foo from (select 1 a) t', 'foo', 'Binder Error'],
    ["select '日本', '🦆', x.foo from (select 1 a) x", 'x.foo', 'Binder Error'],
    ['select 1; select * frm t', 't', 'Parser Error'],
    ["select 1 ; -- é\nselect cast('a' as int)", 'cast', 'Conversion Error'],
    ['select * from nope', 'nope', 'Catalog Error'],
    ['create view v as (\nselect nope()\n)', 'nope', 'Catalog Error'],
  ])('an error in %j points at %j', async (sql, at, kind) => {
    const error = await refused(run(await shared(), sql));
    expect(error.kind).toBe(kind);
    expect(error.sql).toBe(sql);
    expect(error.offset).toBe(sql.lastIndexOf(at));
    expect(error.message).toMatch(new RegExp(`^${kind}: `));
    expect(error.message).not.toContain('LINE');
  });

  test('an error inside a view points nowhere in the statement', async () => {
    const s = await session();
    await run(s, 'create table t (column_with_a_name int); create view v as select column_with_a_name from t; drop table t; create table t (b int)');
    const error = await refused(run(s, 'select * from v'));
    expect(error.offset).toBeUndefined();
  });

  test('a statement is sent again after the errors that the profile names, and only as often as it says', async () => {
    const log: string[] = [];
    const retries = { query_attempts: 2, retryable_exceptions: ['InvalidInputException'] };
    const s = await session({ retries }, { onStatement: (sql) => log.push(sql) });
    expect((await refused(run(s, `select error('again')`))).kind).toBe('Invalid Input Error');
    expect((await refused(run(s, 'select nothing'))).kind).toBe('Binder Error');
    expect(log.filter((sql) => sql.startsWith('select'))).toEqual([`select error('again')`, `select error('again')`, 'select nothing']);
  });

  test('cancel interrupts the statement that runs', async () => {
    const s = await session();
    const slow = refused(run(s, 'select count(*) from range(10000000) a, range(1000000) b'));
    await new Promise((wake) => setTimeout(wake, 100));
    await s.cancel();
    expect((await slow).kind).toMatch(/interrupt/i);
    expect(await cells(s, 'select 1')).toEqual([1]);
  });
});

describe('transactions', () => {
  test('begin opens once, rollback takes all back, commit keeps', async () => {
    const s = await session();
    await run(s, 'create table t (a int)');
    await s.answer({ kind: 'execute', sql: 'insert into t values (1)', begin: true });
    await s.answer({ kind: 'execute', sql: 'insert into t values (2)', begin: true });
    expect(s.inTransaction).toBe(true);
    await s.answer({ kind: 'rollback' });
    expect(await cells(s, 'select count(*) from t')).toEqual([0]);
    await s.answer({ kind: 'begin' });
    await run(s, 'insert into t values (3)');
    await s.answer({ kind: 'commit' });
    expect(s.inTransaction).toBe(false);
    expect(await cells(s, 'select count(*) from t')).toEqual([1]);
  });

  test('a hook that says commit ends the transaction for the session too', async () => {
    const s = await session();
    await s.answer({ kind: 'begin' });
    await run(s, 'create table t (a int); commit');
    expect(s.inTransaction).toBe(false);
    await s.answer({ kind: 'rollback' });
    expect(await cells(s, 'select count(*) from t')).toEqual([0]);
  });

  test('disable_transactions runs everything by itself', async () => {
    const s = await session({ disable_transactions: true });
    await s.answer({ kind: 'begin' });
    await run(s, 'create table t (a int)');
    await s.answer({ kind: 'rollback' });
    expect(await cells(s, 'select count(*) from t')).toEqual([0]);
  });

  test('a conflict outside a transaction is tried again, inside it is told', async () => {
    const w = await warehouse();
    const [a, b] = [await w.session('a'), await w.session('b')];
    await run(a, 'create table t as select 1 as a');
    await a.answer({ kind: 'execute', sql: 'create or replace table t as select 2 as a', begin: true });
    await b.answer({ kind: 'begin' });
    const error = await refused(run(b, 'create or replace table t as select 3 as a'));
    expect(isConflict(error)).toBe(true);
    await b.answer({ kind: 'rollback' });
    const again = run(b, 'create or replace table t as select 4 as a');
    setTimeout(() => void a.answer({ kind: 'commit' }), 20);
    await again;
    expect(await cells(b, 'select a from t')).toEqual([4]);
  });
});

describe('the relation cache', () => {
  const main = (name: string): Relation => relation('memory', 'main', name);
  const find = async (s: Session, r: Relation): Promise<Relation | null> => (await s.answer({ kind: 'relation', relation: r })) as Relation | null;

  test('one listing answers for all sessions, in any case of letters', async () => {
    const statements: string[] = [];
    const w = await warehouse({}, { onStatement: (sql) => statements.push(sql) });
    const [a, b] = [await w.session('a'), await w.session('b')];
    await run(a, 'create table Orders (a int); create view v as select 1; create schema other; create table other.x (a int)');
    await w.populate([
      { database: null, schema: 'main' },
      { database: 'memory', schema: 'OTHER' },
    ]);
    const before = statements.length;
    expect(await find(a, main('ORDERS'))).toMatchObject({ identifier: 'Orders', type: 'table', database: 'memory' });
    expect(await find(b, main('v'))).toMatchObject({ type: 'view' });
    expect(await find(b, relation(null, 'other', 'x'))).toMatchObject({ type: 'table' });
    expect(await find(b, main('nope'))).toBeNull();
    expect(statements.length).toBe(before);
  });

  test('notes keep it true, and a rollback forgets what was noted', async () => {
    const s = await session();
    expect(await find(s, main('t'))).toBeNull();
    await run(s, 'create table t (a int)');
    await s.answer({ kind: 'note', change: { change: 'added', relation: { ...main('t'), type: 'table' } } });
    expect(await find(s, main('t'))).toMatchObject({ type: 'table' });
    await s.answer({ kind: 'begin' });
    await run(s, 'alter table t rename to u');
    await s.answer({ kind: 'note', change: { change: 'renamed', relation: main('t'), to: { ...main('u'), type: 'table' } } });
    expect([await find(s, main('t')), (await find(s, main('u')))?.type]).toEqual([null, 'table']);
    await s.answer({ kind: 'rollback' });
    expect([(await find(s, main('t')))?.type, await find(s, main('u'))]).toEqual(['table', null]);
  });

  test('schemas are known and kept', async () => {
    const s = await session();
    expect(await s.answer({ kind: 'schemas', database: null })).toContain('main');
    await run(s, 'create schema stage');
    await s.answer({ kind: 'note', change: { change: 'schema-added', database: null, schema: 'stage' } });
    expect(await s.answer({ kind: 'schemas', database: 'memory' })).toContain('stage');
    expect(await s.answer({ kind: 'relations', database: null, schema: 'stage' })).toEqual([]);
  });

  test('columns of tables, temporary tables, and of nothing', async () => {
    const s = await session();
    await run(s, 'create table t (a int, b decimal(18,3)); create temporary table tmp as select 1 as x');
    expect(await s.answer({ kind: 'columns', relation: main('t') })).toEqual([
      { name: 'a', dataType: 'INTEGER' },
      { name: 'b', dataType: 'DECIMAL(18,3)' },
    ]);
    expect(await s.answer({ kind: 'columns', relation: relation(null, null, 'tmp') })).toEqual([{ name: 'x', dataType: 'INTEGER' }]);
    expect(await s.answer({ kind: 'columns', relation: main('nope') })).toEqual([]);
  });

  test('the catalogue has relations, columns, types and comments', async () => {
    const w = await warehouse();
    const s = await w.session('a');
    await run(s, `create table t (a int, b text); comment on table t is 'all of it'; comment on column t.b is 'the name'; create view v as select 1 as x`);
    const found = await w.catalog([{ database: null, schema: 'main' }]);
    expect(found.map((r) => [r.relation.identifier, r.relation.type, r.comment, r.columns])).toEqual([
      [
        't',
        'table',
        'all of it',
        [
          { name: 'a', index: 1, type: 'INTEGER', comment: null },
          { name: 'b', index: 2, type: 'VARCHAR', comment: 'the name' },
        ],
      ],
      ['v', 'view', null, [{ name: 'x', index: 1, type: 'INTEGER', comment: null }]],
    ]);
  });

  test('the catalogue tells rows and bytes of tables in a file, as far as they are on the disk', async () => {
    const w = await warehouse({ path: 'sizes.duckdb' });
    const s = await w.session('a');
    await run(s, `create table "Large" as select range as a, hash(range) as b from range(200_000); create table small (a int); create view v as select 1 as x`);
    const place = [{ database: null, schema: 'main' }];
    const sizes = async () => (await w.catalog(place)).map((r) => [r.relation.identifier, r.rows, r.bytes]);
    await run(s, 'checkpoint');
    const block = 262_144;
    expect(await sizes()).toEqual([
      ['Large', 200_000, expect.any(Number)],
      ['small', 0, null],
      ['v', null, null],
    ]);
    const [, , bytes] = (await sizes())[0] ?? [];
    expect(Number(bytes) % block).toBe(0);
    expect(Number(bytes)).toBeGreaterThan(4 * block);
  });
});

describe('opening', () => {
  test('adapters are known by name', async () => {
    expect(adapterTypes).toContain('duckdb');
    expect(adapterFor('oracle')).toBeUndefined();
    expect(adapterFor('toString')).toBeUndefined();
  });

  test('settings, attached files and relative paths', async () => {
    const directory = folder();
    const w = await warehouse(
      {
        path: 'shop.duckdb',
        settings: { default_null_order: 'nulls_first' },
        attach: [{ path: 'other.duckdb', alias: 'lake' }],
        config_options: { threads: 1 },
      },
      { directory },
    );
    const s = await w.session('a');
    expect(await cells(s, `select current_setting('default_null_order'), current_setting('threads')`)).toEqual(['NULLS_FIRST', 1]);
    await run(s, 'create table lake.main.t (a int)');
    expect(existsSync(join(directory, 'shop.duckdb')) && existsSync(join(directory, 'other.duckdb'))).toBe(true);
    expect((await w.describe()).location).toBe(join(directory, 'shop.duckdb'));
    expect((await w.describe()).version).toMatch(/^DuckDB \d+\.\d+/);
  });

  test('secrets are made under their names', async () => {
    const s = await session({ secrets: [{ type: 'http', bearer_token: "it's", scope: 'http://x.invalid/' }] }).catch(async (error: unknown) => {
      // The http secret comes with an extension that may not be installed here: then the failure must be the setup's.
      expect((error as DiagnosticError).diagnostic.code).toBe('extension-missing');
      return undefined;
    });
    if (s) expect(await cells(s, 'select name from duckdb_secrets()')).toEqual(['_dbt_secret_1']);
  });

  test('what is wrong with a profile is said', async () => {
    expect(await code(open({ path: 'x.duckdb', database: 'y' }))).toBe('profile-database');
    expect(await code(open({ path: 7 }))).toBe('profile-invalid');
    expect(await code(open({ pth: 'x.duckdb' }))).toBe('profile-invalid');
  });

  test('what is wrong with a file is said', async () => {
    const directory = folder();
    writeFileSync(join(directory, 'text.duckdb'), 'not a database, but long enough to be read as one\n'.repeat(400));
    expect(await code(open({ path: 'text.duckdb' }, { directory }))).toBe('database-not-duckdb');
    expect(await code(open({ path: directory }, { directory: '/' }))).toMatch(/database-not-duckdb|profile-database/);
    expect(await code(open({ path: 'missing/x.duckdb' }, { directory }))).toBe('database-folder');
    await (await open({ path: 'missing/x.duckdb' }, { directory, createFolder: true })).close();
    expect(existsSync(join(directory, 'missing/x.duckdb'))).toBe(true);
    writeFileSync(join(directory, 'newer.duckdb'), newerDatabase());
    expect(await code(open({ path: 'newer.duckdb' }, { directory }))).toBe('database-version');
  });

  test('a file that another process holds: its PID is named, and waiting for it helps', async () => {
    const directory = folder();
    const path = join(directory, 'held.duckdb');
    const api = createRequire(import.meta.url).resolve('@duckdb/node-api');
    const program = `require(${JSON.stringify(api)}).DuckDBInstance.create(${JSON.stringify(path)}).then((i) => { globalThis.kept = i; console.log('held'); setTimeout(() => {}, 60000); });`;
    const holder = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const error = (await open({ path }, { directory }).catch((e: unknown) => e)) as DiagnosticError;
    expect(error.diagnostic.code).toBe('database-locked');
    expect(error.message).toContain(`PID ${holder.pid}`);
    const told: string[] = [];
    const waiting = open({ path }, { directory, lockTimeout: 20_000, tell: (d) => told.push(`${d.severity}: ${d.message}`) });
    setTimeout(() => holder.kill('SIGKILL'), 150);
    const w = await waiting;
    expect(await cells(await w.session('a'), 'select 1')).toEqual([1]);
    expect(told).toEqual([expect.stringContaining(`note: waiting up to 20 s for the database file ${path}, which another process holds (PID ${holder.pid}`)]);
    await w.close();
  });

  test('visible keys hold no secrets', async () => {
    const adapter = await adapterFor('duckdb');
    const settings = {
      path: 'x.duckdb',
      motherduck_token: 'secret',
      settings: { s3_secret: 'x', threads: 2 },
      attach: [{ path: 'md:a', options: { token: 'x' } }],
    };
    expect(adapter?.visible(target(settings))).toEqual({
      settings: { threads: 2 },
      attach: [{ path: 'md:a', options: {} }],
      config_options: null,
      extensions: null,
      filesystems: null,
      plugins: null,
      remote: null,
      use_credential_provider: null,
      path: 'x.duckdb',
      database: 'memory',
      external_root: '.',
      disable_transactions: false,
    });
  });
});
