// Unit tests of a Postgres target run in a DuckDB in memory where both are known to answer alike: random queries that DuckDB is trusted with are put to both.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adapterFor, type Session, SqlError, type Warehouse } from '../../src/adapters/index.ts';
import { drive } from '../../src/run/drive.ts';
import { agreed } from '../../src/run/unit/agree/session.ts';
import { MemoryEngine } from '../../src/run/unit/engine.ts';
import { NotInMemory } from '../../src/run/unit/ground.ts';
import { type Cell, query, type Target } from '../../src/sql/index.ts';
import { type Server, startServer } from './server.mjs';

let server: Server | undefined;
let warehouse: Warehouse | undefined;
let engine: MemoryEngine;
let memory: Session;
let postgres: Session | undefined;

beforeAll(async () => {
  const started = await startServer();
  server = 'reason' in started ? undefined : started;
  const { host = '', port = 0, user = '', password = '', database = 'none' } = server ?? {};
  const settings = { host, port, user, password: password || 'none', dbname: database, schema: 'public' };
  const target: Target = { profileName: 'p', name: 'postgres', type: 'postgres', threads: 1, database, schema: 'public', settings };
  warehouse = server && (await (await adapterFor('postgres'))?.connect(target, { directory: '.' }));
  postgres = await warehouse?.session('test');
  engine = await MemoryEngine.open({ manifest: { project: { dir: '.', target } } as never, emit: () => undefined, now: () => 0 });
  memory = await engine.session();
}, 60_000);
afterAll(async () => {
  await engine.close();
  await warehouse?.close();
  await server?.stop();
}, 60_000);

const COLUMNS = {
  i: 'integer',
  j: 'bigint',
  d: 'numeric(9, 2)',
  f: 'double precision',
  s: 'text',
  t: 'text',
  b: 'boolean',
  day: 'date',
  ts: 'timestamp',
} as const;
const names = Object.keys(COLUMNS);
const ROWS: readonly (readonly string[])[] = [
  ['1', '10', '2.50', '0.5', "'ann'", "'Bob'", 'true', "'2026-01-31'", "'2026-01-31 10:11:12'"],
  ['-7', '3', '-0.05', '-1.5', "' x '", "'a%b_c'", 'false', "'2024-02-29'", "'2024-02-29 00:00:00'"],
  ['0', '0', '0', '0', "''", "'it''s'", 'true', "'1999-12-31'", "'1999-12-31 23:59:59.5'"],
  ['2', '-4', '10.10', '2.5', "'Zoe'", "'ann'", 'false', "'2026-03-01'", "'2026-03-01 12:00:00'"],
  names.map(() => 'null'),
];
const base = ROWS.map((row) => `select ${row.map((v, n) => `cast(${v} as ${Object.values(COLUMNS)[n]}) as ${names[n]}`).join(', ')}`).join('\nunion all ');
const around = (select: string): string => `with base as (${base})\n${select}`;

/** Expressions by type, most of them well typed; some bring in what is of another type, or what the engines do not have in common. */
const { expr } = fc.letrec<Record<string, string>>((tie) => {
  const of = (type: string): fc.Arbitrary<string> => fc.oneof({ weight: 12, arbitrary: tie(type) }, { weight: 1, arbitrary: tie('expr') });
  const made = (text: string, ...types: readonly string[]): fc.Arbitrary<string> =>
    fc.tuple(...types.map(of)).map((parts) => parts.reduce((all, part) => all.replace('?', () => part), text));
  const pick = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
  const grown = (leaf: fc.Arbitrary<string>, ...more: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.oneof({ maxDepth: 3, depthIdentifier: 'expr' }, leaf, ...more);
  const shared = (type: string): readonly fc.Arbitrary<string>[] => [
    made('coalesce(?, ?)', type, type),
    made('case when ? then ? else ? end', 'bool', type, type),
    made('nullif(?, ?)', type, type),
    made('(select max(?) from base)', type),
  ];
  const compared = (type: string): readonly fc.Arbitrary<string>[] => [
    made('(? = ?)', type, type),
    made('(? <> ?)', type, type),
    made('(? < ?)', type, type),
    made('(? between ? and ?)', type, type, type),
    made('(? in (?, ?))', type, type, type),
    made('(? is not distinct from ?)', type, type),
    made('(? is null)', type),
  ];
  return {
    int: grown(
      pick('i', 'j', '0', '1', '-3', '12', 'null'),
      ...['+', '-', '*', '%', '/'].map((o) => made(`(? ${o} ?)`, 'int', 'int')),
      made('(? / 2)', 'int'),
      made('(? % 3)', 'int'),
      made('abs(?)', 'int'),
      made('?::int1', 'int'),
      made('?::int8', 'int'),
      made('if(?, ?, ?)', 'bool', 'int', 'int'),
      made('case when ? then ? end', 'bool', 'int'),
      made('length(?)', 'text'),
      made('(? - ?)', 'date', 'date'),
      made('cast(? as integer)', 'bool'),
      made('cast(? as integer)', 'dec'),
      made('cast(? as bigint)', 'int'),
      made('cast(extract(year from ?) as integer)', 'date'),
      made('strpos(?, ?)', 'text', 'text'),
      ...shared('int'),
    ),
    dec: grown(
      pick('d', '1.5', '0.25', '-10.00', "'3.5'"),
      ...['+', '-', '*', '/'].map((o) => made(`(? ${o} ?)`, 'dec', 'dec')),
      made('round(?, 1)', 'dec'),
      made('round(?)', 'dec'),
      made('floor(?)', 'dec'),
      made('cast(? as numeric(12, 3))', 'int'),
      made('cast(? as numeric(12, 1))', 'dec'),
      made('cast(? as numeric)', 'float'),
      ...shared('dec'),
    ),
    float: grown(
      pick('f', '0.5', '1e2'),
      ...['+', '-', '*'].map((o) => made(`(? ${o} ?)`, 'float', 'float')),
      made('(? / 4)', 'float'),
      made('round(?)', 'float'),
      made('cast(? as double precision)', 'int'),
      made('?::double', 'int'),
      made('cast(? as double precision)', 'dec'),
      ...shared('float'),
    ),
    text: grown(
      pick('s', 't', "'ann'", "'%'", "' '", 'null'),
      made('(? || ?)', 'text', 'text'),
      made('(? || ?)', 'text', 'int'),
      ...['lower', 'upper', 'trim', 'reverse', 'md5', 'initcap'].map((f) => made(`${f}(?)`, 'text')),
      made('replace(?, ?, ?)', 'text', 'text', 'text'),
      made('left(?, 2)', 'text'),
      made('right(?, -1)', 'text'),
      made('substring(?, 2, 2)', 'text'),
      made('substring(?, 0, 2)', 'text'),
      made('concat(?, ?)', 'text', 'int'),
      made('split_part(?, ?, 1)', 'text', 'text'),
      made('cast(? as text)', 'int'),
      made('cast(? as text)', 'bool'),
      made('cast(? as text)', 'dec'),
      made('cast(? as text)', 'time'),
      made('cast(? as varchar(2))', 'text'),
      made('cast(? as string)', 'text'),
      made('ifnull(?, ?)', 'text', 'text'),
      ...shared('text'),
    ),
    bool: grown(
      pick('b', 'true', 'false', 'null'),
      made('(? and ?)', 'bool', 'bool'),
      made('(? or ?)', 'bool', 'bool'),
      made('(not ?)', 'bool'),
      made("(? like 'a%')", 'text'),
      made('(? like ?)', 'text', 'text'),
      made("(? ilike 'A%')", 'text'),
      made("(? ~ 'a')", 'text'),
      made('starts_with(?, ?)', 'text', 'text'),
      made('(? in (select ? from base))', 'int', 'int'),
      made('exists (select 1 from base x where x.i = ?)', 'int'),
      ...['int', 'dec', 'float', 'text', 'date', 'time'].flatMap(compared),
    ),
    date: grown(
      pick('day', "date '2026-05-06'", "'2026-01-31'"),
      made('(? + ?)', 'date', 'int'),
      made('(? - 1)', 'date'),
      made('cast(? as date)', 'time'),
      ...shared('date'),
    ),
    time: grown(
      pick('ts', "timestamp '2026-05-06 07:08:09'"),
      made("(? + interval '1 month')", 'date'),
      made("(? - interval '1 day')", 'time'),
      made("date_trunc('month', ?)", 'time'),
      made("date_trunc('month', ?)", 'date'),
      made('cast(? as timestamp)', 'date'),
      made('cast(? as datetime)', 'date'),
      ...shared('time'),
    ),
    expr: fc.oneof(...['int', 'dec', 'float', 'text', 'bool', 'date', 'time'].map((type) => tie(type))),
  };
});

const plain = (cell: Cell): string => {
  const text = String(cell);
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
};
const ask = async (session: Session, sql: string): Promise<string[] | undefined> => {
  try {
    const { table } = await drive(query(sql), session);
    return table.rows.map((row) => row.map(plain).join(' | ')).sort();
  } catch (e) {
    if (e instanceof SqlError) return undefined;
    throw e;
  }
};

const counts = { trusted: 0, refused: 0 };
async function answersAlike(sql: string): Promise<void> {
  try {
    await agreed(sql, memory);
  } catch (e) {
    if (!(e instanceof NotInMemory) && !(e instanceof SqlError)) throw e;
    counts.refused++;
    return;
  }
  const here = await ask(memory, sql);
  // What DuckDB refuses is put to the target.
  if (here === undefined) return;
  counts.trusted++;
  expect(await ask(postgres as Session, sql), sql).toEqual(here);
}

describe('queries that DuckDB is trusted with are answered alike by Postgres', () => {
  test('expressions', async ({ skip }) => {
    if (!postgres) skip();
    await fc.assert(
      fc.asyncProperty(expr as fc.Arbitrary<string>, (e) => answersAlike(around(`select i, ${e} as v from base`))),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
    // Refusing everything would be no feat.
    expect(counts.trusted).toBeGreaterThan(counts.refused / 4);
  }, 120_000);

  test('conditions, groups and windows', async ({ skip }) => {
    if (!postgres) skip();
    const shape = fc.constantFrom(
      'select i, j from base where ?',
      'select b, count(*) as n, sum(i) as total, min(?) as least from base group by b',
      'select ? as k, count(?) as n from base group by 1',
      'select ? as k, count(distinct ?) as n from base group by k having count(*) > 1',
      'select i, row_number() over (partition by b order by i) as n, sum(i) over (partition by ?) as total from base',
      'select i, lag(?) over (order by j) as before, rank() over (order by ? desc) as r from base',
      'select x.i, y.j from base x left join base y on x.i = y.j and ? is not null',
      'select i from base where i in (select ? from base) union select ? from base',
      'select distinct ? as v from base order by v limit 2',
      'select v, v as again from (select ? as v from base) as q',
      'select ? as v, v as again from base',
      'select ? as s, count(*) as n from base group by s',
      'select ? as s, count() as n from base group by s',
      'select distinct ? as v from base order by ?',
      'select i from base order by ?',
      'select ? as i from base union select ? from base order by i + 1',
      'select q.v, x.n from (select sum(i) as v, ? as k from base group by 2) as q join (select sum(j) as n, ? as k from base group by k) as x on q.k = x.k',
      'select * from base x join base y using (i)',
    );
    const texts = fc
      .tuple(shape, expr as fc.Arbitrary<string>, expr as fc.Arbitrary<string>)
      .map(([text, a, b]) => text.replace('?', () => a).replace('?', () => b));
    await fc.assert(
      fc.asyncProperty(texts, (select) => answersAlike(around(select))),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
  }, 120_000);
});

test('names that only DuckDB knows are names of nothing', async () => {
  await expect(agreed(around('select i as a, a + 1 as v from base'), memory)).rejects.toThrow('nothing that is read has a column `a`');
});

test.each([
  ["select 'a' ~ 'b' as v", '`~`'],
  ['select cast(1.5 as numeric) as v', '`numeric` without a precision'],
  ["select cast('a' as char(3)) as v", 'the type `char`'],
  ['select i / j as v from base', '`/` by what may be zero'],
  ['select d / 3 as v from base', '`/` of decimal'],
  ['select s < t as v from base', 'the order of text'],
  ['select s = 1 as v from base', 'a comparison of text and integer'],
  ['select sum(b) as v from base', '`sum` of boolean'],
  ['select i, from base', 'a comma before nothing'],
  ['from base', 'a query that begins with `from`'],
  ['select * exclude i from base', '`exclude list`'],
  ['select * exclude (i) from base', 'the function `exclude`'],
  ['select "I" from base', 'the name "I"'],
  ["select 'ä' as v", 'letters beyond ASCII'],
  ['select i from base limit 1', '`limit` of rows in no order'],
  ['select count(*) filter (where i) as v from base', 'integer as a condition'],
  ["select cast('1.5' as integer) as v", "'1.5' as integer"],
  ['select format(s) as v from base', 'the function `format`'],
  ["select regexp_matches(s, 'a') as v from base", 'the function `regexp_matches`'],
  ['select [1, 2] as v', '`[`'],
  ['select i from base where i == 1', '`==`'],
  ['select cast(s as string) as v from base', 'the type `string`'],
  ['select s::double as v from base', 'the type `double as`'],
  ["select datetime '2026-01-01 00:00:00' as v", 'the type `datetime`'],
  ['select ifnull(i, 1) as v from base', 'the function `ifnull`'],
  ['select count() as v from base', '`count()`'],
  ['select distinct i from base order by j', '`order by` what is not selected'],
  ['select i from base group by 1, true', '`group by` a constant'],
  ['select null as v', 'NULL without a type'],
])('DuckDB is not trusted with %s', async (select, what) => {
  await expect(agreed(around(select), memory)).rejects.toThrow(`Postgres may take ${what}`);
});
