// Unit tests come to the same in memory and on the target, on DuckDB and on Postgres.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { type Both, type Engine, onBoth } from './both.ts';

/** Expressions over one row of `base`, the value that is expected, and what becomes of the test where that is no pass. */
const CASES: readonly (readonly [sql: string, expected: string, status?: 'fail' | 'error'])[] = [
  ['i + 1', '2'],
  ['i + 1', '3', 'fail'],
  ['i + t', '3', 'error'],
  ['nowhere', '3', 'error'],
  ['d * 2', '3'],
  ['d * 2', '3.1', 'fail'],
  ['cast(d * 2 as numeric(9, 1))', '3'],
  ["t || '!'", "'it''s!'"],
  ['coalesce(n, 0) + 1', '1'],
  ['n', 'null'],
  ["case when b then 'yes' else 'no' end", "'yes'"],
  ["case when b then 'yes' else 'no' end", "'no'", 'fail'],
  ['day + 1', '2026-02-01'],
  ["cast(day + interval '1 month' as date)", '2026-02-28'],
  ['extract(month from day)', '1'],
  ['cast(t as integer)', '1', 'error'],
  ['upper(t)', "'IT''S'"],
  ['length(t) = 4', 'true'],
  ["t like 'it%'", 'true'],
  ['(select max(i) from {{ ref("base") }})', '1'],
  ['sum(i) over ()', '1'],
  // What the engines differ in, or have of their own.
  ['d / 3', '0.5'],
  ['i / 2', '0'],
  ["char_length(cast('a' as char(3)))", '1'],
  ['round(f)', '0'],
  ["t ~ 's'", 'true'],
  ['cast(1.23456 as numeric)', '1.23456'],
  ['1 / n', 'null'],
  ["to_char(day, 'YYYY')", "'2026'"],
  ['cast(f as integer)', '0'],
];
const yaml = CASES.map(
  ([, expected], n) =>
    `  - {name: t_${n}, model: m_${n}, given: [{input: ref('base'), rows: [{i: 1, d: 1.5, t: "it's", b: true, day: 2026-01-31, f: 0.5}]}], expect: {rows: [{v: ${expected}}]}}`,
);
const FILES = {
  'dbt_project.yml': 'name: shop\nprofile: p\n',
  'models/base.sql': `select cast(7 as integer) as i, cast(7 as integer) as n, cast(1 as numeric(9, 2)) as d, cast('x' as text) as t, cast(true as boolean) as b,
  cast('2026-01-01' as date) as day, cast(1 as double precision) as f`,
  ...Object.fromEntries(CASES.map(([sql], n) => [`models/m_${n}.sql`, `select ${sql} as v from {{ ref('base') }}`])),
  'models/s.yml': `unit_tests:\n${yaml.join('\n')}\n`,
};

const differs = (what: string): string => `Postgres may take ${what} in another way than DuckDB`;
const REASONS: Readonly<Record<Engine, readonly string[]>> = {
  duckdb: [
    "i + t: Binder Error: No function matches the given name and argument types '+(INTEGER, VARCHAR)'. You might need to add explicit type casts.",
    "to_char(day, 'YYYY'): Catalog Error: Scalar Function with name to_char does not exist!",
  ],
  postgres: [
    `1 / n: ${differs('`/` by what may be zero')}`,
    `cast(1.23456 as numeric): ${differs('`numeric` without a precision')}`,
    `cast(f as integer): ${differs('a cast of double to integer')}`,
    `cast(t as integer): ${differs('a cast of text to integer')}`,
    `char_length(cast('a' as char(3))): ${differs('the type `char`')}`,
    `d / 3: ${differs('`/` of decimal')}`,
    `i + t: ${differs('`+` of integer and text')}`,
    'nowhere: nothing that is read has a column `nowhere`',
    `round(f): ${differs('`round`')}`,
    `t ~ 's': ${differs('`~`')}`,
    `to_char(day, 'YYYY'): ${differs('the function `to_char`')}`,
  ],
};

let both: Both;
beforeAll(async () => {
  both = await onBoth('unit_memory');
  both.write(FILES);
}, 60_000);
afterAll(() => both.end(), 60_000);

/** Status by the text that the model computes, and why tests ran on the target that were to run in memory. */
async function verdicts(engine: Engine, ...more: readonly string[]): Promise<{ readonly statuses: readonly string[]; readonly reasons: readonly string[] }> {
  fs.rmSync(path.join(both.dir, 'logs'), { recursive: true, force: true });
  await dml(['test', '--select', 'test_type:unit', '--target', engine, ...more], both.dir);
  const { results } = JSON.parse(fs.readFileSync(path.join(both.dir, 'target/run_results.json'), 'utf8')) as {
    results: { unique_id: string; status: string }[];
  };
  const byId = new Map(results.map((r) => [r.unique_id.split('.').at(-1), r.status]));
  const log = fs.readFileSync(path.join(both.dir, 'logs/dml.log'), 'utf8');
  const reasons = [...log.matchAll(/unit test t_(\d+) runs on the target: (.*)/g)].map(([, n, why]) => `${CASES[Number(n)]?.[0]}: ${why}`);
  return { statuses: CASES.map(([sql, expected], n) => `${sql} = ${expected}: ${byId.get(`t_${n}`)}`), reasons: reasons.sort() };
}

test.each(['duckdb', 'postgres'] as const)(
  '%s',
  async (engine) => {
    if (!both.engines.includes(engine)) return;
    expect((await dml(['run', '--select', 'base', '--target', engine], both.dir)).code).toBe(0);
    const inMemory = await verdicts(engine);
    const onTarget = await verdicts(engine, '--on-target');
    expect(inMemory.statuses).toEqual(onTarget.statuses);
    expect(onTarget.reasons).toEqual([]);
    // The first ones are what both engines understand alike.
    const first = CASES.slice(0, 21).map(([sql, expected, status = 'pass']) => `${sql} = ${expected}: ${status}`);
    expect(onTarget.statuses.slice(0, 21)).toEqual(first);
    expect(inMemory.reasons).toEqual(REASONS[engine]);
  },
  60_000,
);
