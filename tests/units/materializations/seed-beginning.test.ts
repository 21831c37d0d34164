// A long file is loaded as its beginning says while the rest is looked at: whatever comes later, the table must be what all of the file says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, engines } from '../../laws/engine.ts';
import { diagnosed, type Given, Shop } from './kit.ts';

const FIRST = 4 << 20;
const line = (i: number): string => `${i},${i % 7},2026-01-0${(i % 9) + 1},name ${i} of many which are all as long as this one\n`;
let head = '';
let rows = 0;
const shop = new Shop();
const all = await engines();

beforeAll(() => {
  const lines: string[] = ['id,n,d,name\n'];
  for (let size = 0; size < FIRST + 100_000; size += lines.at(-1)?.length ?? 0) lines.push(line(lines.length));
  head = lines.join('');
  rows = lines.length - 1;
});
afterAll(async () => {
  await shop.close();
  for (const engine of all) await engine.close();
});

let serial = 0;

/** The table that comes of the beginning and this. */
async function loaded(
  engine: Engine,
  end: string,
  more: Partial<Given> = {},
): Promise<{ readonly types: string; readonly last: readonly unknown[]; readonly count: number }> {
  const name = `long_${++serial}`;
  await engine.build({ kind: 'seed', name, file: shop.csv(name, head + end), ...more });
  const types = await engine.rows(`select data_type from information_schema.columns where table_name = '${name}' order by ordinal_position`);
  const [last] = await engine.rows(
    `select cast(id as varchar), cast(n as varchar), cast(d as varchar), cast(name as varchar) from ${name} where cast(id as varchar) like '%999999%'`,
  );
  const [count] = await engine.rows(`select count(*) from ${name}`);
  await engine.run(`drop table ${name}`);
  return {
    types: types.map((r) => String(r[0]).toLowerCase().replace('character varying', 'text').replace('varchar', 'text')).join(' '),
    last: last ?? [],
    count: Number(count?.[0]),
  };
}

describe.each(all.map((engine) => [engine.name, engine] as const))('a long seed on %s', (name, engine) => {
  const double = name === 'duckdb' ? 'double' : 'double precision';
  const none = 'pre-hook';
  test.each([
    ['goes on as it begins', '999999,3,2026-02-01,x\n', 'integer integer date text', ['999999', '3', '2026-02-01', 'x']],
    ['has a bigger number later', '999999,30000000000,2026-02-01,x\n', 'integer bigint date text', ['999999', '30000000000', '2026-02-01', 'x']],
    ['has a fraction later', '999999,0.5,2026-02-01,x\n', `integer ${double} date text`, ['999999', '0.5', '2026-02-01', 'x']],
    ['has a word among its numbers later', '999999,many,2026-02-01,x\n', 'integer text date text', ['999999', 'many', '2026-02-01', 'x']],
    ['has a time among its dates later', '999999,3,2026-02-01 10:00:00,x\n', 'integer integer text text', ['999999', '3', '2026-02-01 10:00:00', 'x']],
    ['has quotes later', '999999,3,2026-02-01,"a, ""b"""\n', 'integer integer date text', ['999999', '3', '2026-02-01', 'a, "b"']],
    ['has numbers with separators later', '"9,999,999",3,2026-02-01,x\n', 'integer integer date text', ['9999999', '3', '2026-02-01', 'x']],
  ] as const)('%s', { timeout: 60_000 }, async (_, end, types, last) => {
    expect(await loaded(engine, end)).toEqual({ types, last, count: rows + 1 });
    // With a hook it is read whole before anything is done: to the same end.
    expect(await loaded(engine, end, { config: { [none]: [{ sql: 'select 1' }] } })).toEqual({ types, last, count: rows + 1 });
  });

  test('a record that is longer than the beginning', { timeout: 60_000 }, async () => {
    await engine.build({ kind: 'seed', name: 'wide', file: shop.csv(`wide_${name}`, `a\n${'x'.repeat(6 << 20)}\n`) });
    expect(await engine.rows('select length(a) from wide')).toEqual([[6 << 20]]);
    await engine.run('drop table wide');
  });

  test('is ragged later: nothing is left of it', { timeout: 60_000 }, async () => {
    const given: Given = { kind: 'seed', name: 'ragged', file: shop.csv('ragged', `${head}1,2,2026-01-01\n`) };
    expect(await engine.refused(given)).toBe('seed-ragged');
    expect(await engine.rows(`select 1 from information_schema.tables where table_name = 'ragged'`)).toEqual([]);
  });

  test('hooks run once', { timeout: 60_000 }, async () => {
    await engine.run('create table log (n integer)');
    const config = { 'pre-hook': [{ sql: 'insert into log values (1)', transaction: false }], 'post-hook': [{ sql: 'insert into log values (2)' }] };
    await loaded(engine, '999999,many,2026-02-01,x\n', { config });
    expect(await engine.rows('select n from log order by 1')).toEqual([[1], [2]]);
  });
});

test('a column that its table does not have is refused before all is read', async () => {
  await shop.build({ kind: 'seed', name: 'small', file: shop.csv('small', 'id\n1\n') });
  expect((await diagnosed(shop.build({ kind: 'seed', name: 'small', file: shop.csv('long', head) }))).code).toBe('seed-columns');
  expect(await shop.rows('select * from small')).toEqual([[1]]);
});
