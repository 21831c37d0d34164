import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { adapterFor, type Session, SqlError, type Warehouse } from '../../../src/adapters/index.ts';
import { copyOf } from '../../../src/adapters/postgres/load.ts';
import { inspectCsv } from '../../../src/plan/index.ts';
import { type Load, type QueryResult, relation } from '../../../src/sql/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { freePort, type Server, startServer } from '../../warehouses/server.mjs';
import { folder } from './open.ts';

const started = await startServer();
const server = started as Server;
const opened: Warehouse[] = [];
const schema = `unit_${process.pid}`;

afterAll(async () => {
  for (const warehouse of opened) await warehouse.close();
  if (!('reason' in started)) await server.stop();
});

async function connect(settings: Record<string, unknown> = {}, database = server.database): Promise<Warehouse> {
  const adapter = await adapterFor('postgres');
  if (!adapter) throw new Error('no adapter');
  const { host, port, user, password } = server;
  const target = { profileName: 'shop', name: 'dev', type: 'postgres', threads: 2, database, schema, settings: { host, port, user, password, ...settings } };
  const warehouse = await adapter.connect(target, { directory: folder() });
  opened.push(warehouse);
  return warehouse;
}

async function session(settings: Record<string, unknown> = {}): Promise<Session> {
  const made = await (await connect(settings)).session('test');
  await run(made, `create schema if not exists ${schema}`);
  return made;
}

const run = (s: Session, sql: string): Promise<unknown> => s.answer({ kind: 'execute', sql });
const ask = async (s: Session, sql: string, limit?: number): Promise<QueryResult> =>
  (await s.answer({ kind: 'query', sql, ...(limit !== undefined && { limit }) })) as QueryResult;
const table = (name: string) => relation(server.database, schema, name, 'table');

async function refusal(work: Promise<unknown>): Promise<SqlError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (error instanceof SqlError) return error;
  throw new Error(`not refused by the server: ${String(error)}`);
}

async function diagnosed(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof DiagnosticError)) throw new Error(`no diagnostic: ${String(error)}`);
  return `${error.diagnostic.code}: ${error.diagnostic.message}`;
}

describe.skipIf('reason' in started)('a Postgres server', () => {
  test('cells of the common types', async () => {
    const s = await session();
    const { table: t } = await ask(
      s,
      `select true, 7::smallint, 9007199254740993, 1.50::numeric(10, 2), 'NaN'::numeric, 0.1::real, 'Infinity'::float8, 'é🦊'::varchar(5), date '2024-02-29',
        timestamp '2024-01-02 03:04:05.5', timestamp 'infinity', time '01:02:03', interval '1 day 02:00', '\\x00ff'::bytea, array[1, null, 3],
        '{"a": [1]}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, null, null::int`,
    );
    expect(t.rows[0]).toEqual([
      true,
      7,
      9007199254740993n,
      '1.50',
      'NaN',
      0.1,
      Number.POSITIVE_INFINITY,
      'é🦊',
      '2024-02-29',
      '2024-01-02 03:04:05.500000',
      'infinity',
      '01:02:03',
      '1 day 02:00:00',
      '\\x00ff',
      '[1, null, 3]',
      '{"a": [1]}',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      null,
      null,
    ]);
    expect(t.columns.slice(0, 4).map((c) => c.dataType)).toEqual(['boolean', 'smallint', 'bigint', 'numeric']);
    expect(t.columns[14]).toMatchObject({ type: 'other', dataType: 'integer[]' });
  });

  // What dbt answers: Python's JSON of what psycopg2 makes of the value.
  test.each([
    [`array['a', 'b,c', 'x"y', null, 'NULL', '', 'a\\b']`, String.raw`["a", "b,c", "x\"y", null, "NULL", "", "a\\b"]`],
    ['array[[1, 2], [3, 4]]', '[[1, 2], [3, 4]]'],
    ['array[]::int[]', '[]'],
    [`'[2:3]={1,2}'::int[]`, '[1, 2]'],
    ['array[true, null]', '[true, null]'],
    [`array[1.5::numeric, 2]`, '[1.5, 2.0]'],
    [`array[0.1::real, 'NaN', 'Infinity']`, '[0.1, NaN, Infinity]'],
    [`array[date '2020-01-01']`, '["2020-01-01"]'],
    [`array[timestamp '2020-01-01 00:00:00.5']`, '["2020-01-01T00:00:00.500000"]'],
    [`array[timestamptz '2020-01-01 00:00:00+02']`, '["2019-12-31T22:00:00+00:00"]'],
    [`array[timetz '01:02:03+02']`, '["01:02:03+02:00"]'],
    [`array['{"a": 1}'::jsonb]`, '[{"a": 1}]'],
    [`array['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid]`, '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'],
    [`'{"b":1,   "a":1e3, "é": [2.50]}'::json`, String.raw`{"b": 1, "a": 1000.0, "\u00e9": [2.5]}`],
    [`'"x"'::jsonb`, 'x'],
    [`'1.50'::jsonb`, 1.5],
    [`'null'::jsonb`, null],
    [`'12345678901234567890123'::jsonb`, 12345678901234567890123n],
  ])('%s is the value %s', async (sql, wanted) => {
    expect((await ask(await session(), `select ${sql}`)).table.rows[0]?.[0]).toEqual(wanted);
  });

  test('moments are in UTC whatever the zone of the session', async () => {
    const s = await session();
    for (const zone of ['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Europe/Amsterdam']) {
      await run(s, `set timezone to '${zone}'`);
      const { table: t } = await ask(
        s,
        `select timestamptz '2024-01-01 00:00:00.25+00', timestamptz '1500-01-01 00:00:00+00', timestamptz '-infinity', timestamptz '0044-03-15 12:00:00+00 BC'`,
      );
      expect(t.rows[0]).toEqual(['2024-01-01 00:00:00.250000+00:00', '1500-01-01 00:00:00+00:00', '-infinity', '0044-03-15 12:00:00+00:00 BC']);
    }
  });

  test('errors carry their kind and their place in UTF-16', async () => {
    const s = await session();
    const sql = `select '🦊é' as a;\nselect nothing_there from (select 1) x`;
    const error = await refusal(ask(s, sql));
    expect(error.message).toContain('column "nothing_there" does not exist');
    expect(error.kind).toBe('Programming Error');
    expect(sql.slice(error.offset)).toMatch(/^nothing_there/);
    const limited = await refusal(ask(s, sql, 1));
    expect(sql.slice(limited.offset)).toMatch(/^nothing_there/);
    expect((await refusal(ask(s, 'select 1 / 0'))).kind).toBe('Data Error');
  });

  test('a limit is read and the rest left', async () => {
    const s = await session();
    const { table: t } = await ask(s, 'select 1; select generate_series(1, 100000000)::text', 3);
    expect(t.rows).toEqual([['1'], ['2'], ['3']]);
    expect((await ask(s, 'select 4')).table.rows).toEqual([[4]]);
  });

  test('transactions, and what a rollback leaves of the cache', async () => {
    const s = await session();
    expect(await s.answer({ kind: 'relation', relation: table('kept') })).toBeNull();
    await s.answer({ kind: 'begin' });
    await run(s, `create table ${schema}.kept as select 1 as a`);
    await s.answer({ kind: 'note', change: { change: 'added', relation: table('kept') } });
    expect(await s.answer({ kind: 'relation', relation: table('kept') })).toMatchObject({ type: 'table' });
    await s.answer({ kind: 'rollback' });
    expect(s.inTransaction).toBe(false);
    expect(await s.answer({ kind: 'relation', relation: table('kept') })).toBeNull();
    // Hooks may say it themselves; a statement that fails leaves a transaction that only a rollback ends.
    await run(s, `begin; create table ${schema}.kept as select 1 as a`);
    expect(s.inTransaction).toBe(true);
    await run(s, 'commit');
    expect(s.inTransaction).toBe(false);
    await run(s, 'begin');
    await refusal(run(s, 'select 1 / 0'));
    expect(s.inTransaction).toBe(true);
    await s.answer({ kind: 'rollback' });
    expect((await ask(s, `select * from ${schema}.kept`)).table.rows).toEqual([[1]]);
  });

  test('relations, columns, schemas, and what the catalogue says', async () => {
    const warehouse = await connect();
    const s = await warehouse.session('test');
    const place = `${schema}_cat`;
    await run(s, `create schema "${place}"; create table "${place}"."Mixed" ("Id" int, price numeric(10, 2), tag varchar(20)[], at timestamptz(3))`);
    await run(
      s,
      `create view "${place}".v as select 1 as one; create materialized view "${place}".m as select 2 as two; comment on column "${place}"."Mixed"."Id" is 'key'`,
    );
    const mixed = relation(server.database, place, 'Mixed', 'table');
    expect(await s.answer({ kind: 'columns', relation: mixed })).toEqual([
      { name: 'Id', dataType: 'integer' },
      { name: 'price', dataType: 'numeric(10,2)' },
      { name: 'tag', dataType: 'character varying(20)[]' },
      { name: 'at', dataType: 'timestamp(3) with time zone' },
    ]);
    expect(await s.answer({ kind: 'columns', relation: relation(null, place, 'mixed') })).toEqual([]);
    await warehouse.populate([{ database: server.database, schema: place }]);
    const found = (await s.answer({ kind: 'relations', database: null, schema: place })) as ReturnType<typeof relation>[];
    expect(found.map((r) => `${r.identifier} ${r.type}`).sort()).toEqual(['Mixed table', 'm materialized_view', 'v view']);
    expect(await s.answer({ kind: 'schemas', database: null })).toContain(place);
    const [first] = (await warehouse.catalog([{ database: null, schema: place }])).filter((r) => r.relation.identifier === 'Mixed');
    expect(first).toMatchObject({ owner: server.user, comment: null, rows: null });
    // The server knows rows once it has analysed a table, and bytes at any time.
    await run(s, `insert into "${place}"."Mixed" ("Id") select generate_series(1, 500); analyze "${place}"."Mixed"`);
    const sizes = (await warehouse.catalog([{ database: null, schema: place }])).map((r) => [r.relation.identifier, r.rows, r.bytes]);
    expect(sizes).toEqual([
      ['Mixed', 500, expect.any(Number)],
      ['m', null, expect.any(Number)],
      ['v', null, null],
    ]);
    expect(Number(sizes[0]?.[2])).toBeGreaterThan(8000);
    expect(first?.columns[0]).toEqual({ name: 'Id', index: 1, type: 'integer', comment: 'key' });
    await run(s, `drop schema "${place}" cascade`);
  });

  test('another database is out of reach', async () => {
    const s = await session();
    expect(await diagnosed(s.answer({ kind: 'relation', relation: relation('elsewhere', 'public', 't') }))).toMatch(
      /^database-other: "elsewhere"\."public"\."t"/,
    );
    expect(await diagnosed(s.answer({ kind: 'schemas', database: 'elsewhere' }))).toMatch(/^database-other/);
  });

  test('cancel stops the statement; a timeout and a lock that lasts are told apart', async () => {
    const s = await session();
    const running = refusal(ask(s, 'select pg_sleep(20)'));
    const watcher = await session();
    while ((await ask(watcher, `select count(*) from pg_stat_activity where query = 'select pg_sleep(20)' and state = 'active'`)).table.rows[0]?.[0] === 0);
    await s.cancel();
    expect((await running).kind).toBe('Interrupt Error');
    expect((await ask(s, 'select 1')).table.rows).toEqual([[1]]);
    const hasty = await session({ statement_timeout: 50, lock_timeout: 30 });
    expect((await refusal(ask(hasty, 'select pg_sleep(20)'))).kind).toBe('Timeout Error');
    await run(s, `create table ${schema}.held (a int)`);
    await s.answer({ kind: 'begin' });
    await run(s, `lock table ${schema}.held`);
    expect((await refusal(ask(hasty, `select * from ${schema}.held`))).message).toContain('lock timeout');
    await s.answer({ kind: 'rollback' });
  });

  test('a connection that breaks fails its statement, takes the transaction along, and is made again', async () => {
    const s = await session();
    const killer = await session();
    const kill = async (): Promise<void> => {
      const pid = (await ask(s, 'select pg_backend_pid()')).table.rows[0]?.[0];
      await ask(killer, `select pg_terminate_backend(${String(pid)})`);
      const there = `select 1 from pg_stat_activity where pid = ${String(pid)}`;
      await run(killer, `do $$ begin while exists (${there}) loop perform pg_sleep(0.01); perform pg_stat_clear_snapshot(); end loop; end $$`);
    };
    await s.answer({ kind: 'begin' });
    await kill();
    expect((await refusal(run(s, `create table ${schema}.never (a int)`))).kind).toBe('Connection Error');
    expect(s.inTransaction).toBe(false);
    expect((await ask(s, 'select 1')).table.rows).toEqual([[1]]);
  });

  test('role, search_path and application_name of the profile', async () => {
    const admin = await session();
    await run(admin, `do $$ begin create role dml_reader; exception when duplicate_object then null; end $$; grant usage on schema ${schema} to dml_reader`);
    const warehouse = await connect({ role: 'dml_reader', search_path: `${schema}, public`, application_name: 'dml tests', sslmode: 'disable' });
    const s = await warehouse.session('test');
    const { table: t } = await ask(s, `select current_user::text, current_setting('search_path'), current_setting('application_name')`);
    expect(t.rows).toEqual([['dml_reader', `${schema}, public`, 'dml tests']]);
    await run(admin, `create table ${schema}.secret (a int)`);
    expect((await refusal(ask(s, `select * from ${schema}.secret`))).kind).toBe('Permission Error');
  });

  test('what is wrong with a connection is said', async () => {
    const port = await freePort();
    expect(await diagnosed(connect({ port, retries: 0 }))).toBe(`server-unreachable: no database server answers at 127.0.0.1:${port}`);
    expect(await diagnosed(connect({ password: 'wrong' }))).toMatch(/^server-login: .* does not let the user/);
    expect(await diagnosed(connect({ role: 'nobody_there' }))).toMatch(/^server-login/);
    expect(await diagnosed(connect({}, 'no_such_database'))).toMatch(/^server-database: .* has no database `no_such_database`/);
    expect(await diagnosed(connect({ sslmode: 'require', sslcert: 'missing.pem' }))).toMatch(/^server-tls/);
    expect(await diagnosed(connect({ sslmode: 'sometimes' }))).toMatch(/^profile-invalid: .*key `sslmode`: possible: disable/);
    expect(await diagnosed(connect({ host: undefined, hots: 'x' }))).toMatch(/key `host`/);
  });

  test.skipIf(process.env['DML_TEST_POSTGRES'] !== undefined)('sslmode on a server without TLS', async () => {
    expect(await diagnosed(connect({ sslmode: 'require' }))).toMatch(/^server-tls: no encrypted connection/);
    expect(await diagnosed(connect({ sslmode: 'verify-full' }))).toMatch(/^server-tls/);
    for (const sslmode of ['prefer', 'allow', 'disable']) expect((await (await connect({ sslmode })).describe()).version).toMatch(/^PostgreSQL \d/);
  });
});

describe.skipIf('reason' in started)('a CSV file', () => {
  async function loaded(csv: string, columns: Load['columns'], more: Partial<Load> = {}): Promise<readonly (readonly unknown[])[]> {
    const file = join(folder(), 'rows.csv');
    writeFileSync(file, csv);
    const s = await session();
    await run(s, `drop table if exists ${schema}.seed; create table ${schema}.seed (${columns.map((c) => `"${c.name.toLowerCase()}" ${c.type}`).join(', ')})`);
    await s.answer({ kind: 'load', relation: table('seed'), load: { file, delimiter: ',', columns, ...more } });
    return (await ask(s, `select * from ${schema}.seed`)).table.rows;
  }
  const text = (name: string) => ({ name, type: 'text' });
  const number = { name: 'n', type: 'integer' };

  test('plain files go as they are, others record by record, with the same rows', async () => {
    const rows = [
      [1, 'a', null],
      [2, null, 'é🦊'],
    ];
    const columns = [number, text('A'), text('b')];
    expect(await loaded('n,A,b\n1,a,\n2,,é🦊\n', columns)).toEqual(rows);
    expect(await loaded('\ufeffn,A,b\r\n1,"a",""\r\n\r\n2,null,é🦊', columns)).toEqual(rows);
    expect(await loaded('n;A;b\n1;a;\n2;;é🦊', columns, { delimiter: ';' })).toEqual(rows);
    expect(await loaded('n\tA\tb\n1\ta\t\n2\t\té🦊', columns, { delimiter: '\t' })).toEqual(rows);
  });

  test('quotes, line ends, backslashes and the end mark of COPY are data', async () => {
    const columns = [number, text('a')];
    expect(await loaded('n,a\n1,"x ""y"" z"\n2,"two\nlines"\n3,\\.\n4,\\N\n5,a\\tb\n', columns)).toEqual([
      [1, 'x "y" z'],
      [2, 'two\nlines'],
      [3, '\\.'],
      [4, '\\N'],
      [5, 'a\\tb'],
    ]);
    expect(await loaded('a\n\\.\nx\n', [text('a')])).toEqual([['\\.'], ['x']]);
  });

  test('values that need cleaning, and short records', async () => {
    const columns = [{ ...number, clean: 'number' as const }, { name: 'b', type: 'boolean', clean: 'space' as const }, text('t')];
    expect(await loaded('n,b,t\n"1,000", true , x\n$2,,null\n1e3\n', columns, { pad: true })).toEqual([
      [1000, true, ' x'],
      [2, null, null],
      [1000, null, null],
    ]);
  });

  test('a bad value names its line of the file', async () => {
    const columns = [number, text('a')];
    for (const csv of ['n,a\n1,x\noops,y\n', 'n,a\n1,"x"\noops,y\n']) {
      const error = await refusal(loaded(csv, columns));
      expect(error.message).toMatch(/invalid input syntax for type integer: "oops"\nCOPY seed, line 3, column n/);
    }
  });

  test('only a file that both readers take the same is sent as it is', async () => {
    const file = join(folder(), 'rows.csv');
    const form = async (csv: string): Promise<string> => {
      writeFileSync(file, csv);
      const { plain } = await inspectCsv({ file, delimiter: ',', texts: [] });
      const { sql } = copyOf(table('t'), { file, delimiter: ',', columns: [text('a'), number], ...(plain && { plain }) }, ['a', 'n']);
      return sql.includes('csv') ? 'csv' : 'records';
    };
    expect(await form('a,n\nx,1\n')).toBe('csv');
    for (const odd of [
      'a,n\n"x",1\n',
      'a,n\r\nx,1\r\n',
      'a,n\nx,1\n\ny,2\n',
      'a,n\nx,1\nNULL,1\n',
      'a,n\nNULL,1\nx,1\n',
      'a,n\nx,1\n null ,1\n',
      'a,n\n\\,1\n',
    ])
      expect(await form(odd)).toBe('records');
  });
});
