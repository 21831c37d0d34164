// Tests of one relation that are asked about in one query come to what they come to one by one: random tables, random tests, on DuckDB and on Postgres.
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { onBoth } from './both.ts';

const COLUMNS = { id: 'bigint', name: 'varchar(20)', kind: 'varchar(20)', size: 'double precision', price: 'numeric(12, 2)', made: 'date', good: 'boolean' };
type ColumnName = keyof typeof COLUMNS;

const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | 'null'> =>
  fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant<'null'>('null') });
const text = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values.map((v) => `'${v}'`));
const row = fc.tuple(
  orNull(fc.integer({ min: -5, max: 500 }).map(String)),
  orNull(text('ann', 'Ann', ' ', '', 'bob', "o''hara", 'x-1', 'ä')),
  orNull(text('a', 'b', 'c')),
  orNull(fc.oneof(fc.constantFrom("'NaN'", '0', '-1.5', "'Infinity'"), fc.integer({ min: 0, max: 9 }).map(String))),
  orNull(fc.integer({ min: -100, max: 10_000 }).map((n) => String(n / 100))),
  orNull(text('2024-01-01', '2024-02-29', '2023-12-31')),
  orNull(fc.constantFrom('true', 'false')),
);
const cells = (values: readonly string[]): string =>
  values.map((v, i) => `cast(${v} as ${Object.values(COLUMNS)[i]}) as ${Object.keys(COLUMNS)[i]}`).join(', ');
/** A table: no rows, one, or a few of which some are there twice. */
const table = fc
  .array(row, { maxLength: 12 })
  .chain((rows) => fc.subarray(rows).map((more) => [...rows, ...more]))
  .map((rows) =>
    rows.length === 0 ? `select ${cells(Object.keys(COLUMNS).map(() => 'null'))} where false` : rows.map((r) => `select ${cells(r)}`).join('\nunion all '),
  );

const bounds = fc.constantFrom({ min_value: 0 }, { max_value: 3 }, { min_value: 0, max_value: 100, inclusive: false }, { min_value: 'id', max_value: 400 });
const numbers: readonly ColumnName[] = ['id', 'size', 'price'];
const texts: readonly ColumnName[] = ['name', 'kind'];
const any = Object.keys(COLUMNS) as ColumnName[];
const measures = ['distinct_count_between', 'distinct_proportion_between', 'null_proportion_between', 'not_null_proportion_between'];
const onColumn = (columns: readonly string[], names: readonly string[], args: fc.Arbitrary<object> = fc.constant({})) =>
  fc.tuple(fc.constantFrom(...columns), fc.constantFrom(...names), args);
const sound = fc.oneof(
  onColumn(any, ['not_null', 'unique', 'not_constant']),
  onColumn(
    texts,
    ['accepted_values', 'rejected_values'],
    fc.subarray(['a', 'b', 'c', 'ann', ' '], { minLength: 1 }).map((values) => ({ values })),
  ),
  onColumn(['id'], ['accepted_values'], fc.constant({ values: [1, 2, 3, 500], quote: false })),
  onColumn(numbers, ['accepted_range', 'mean_between', 'sum_between', 'maximum_between', 'median_between', 'stddev_between'], bounds),
  onColumn(texts, ['accepted_length'], fc.constantFrom({ min_value: 1 }, { max_value: 3 })),
  onColumn(texts, ['accepted_regex', 'rejected_regex'], fc.constantFrom({ regex: '^[a-z]+$' }, { regex: ['^a', "'"], ignore_case: true })),
  onColumn(texts, ['accepted_like', 'rejected_like'], fc.constantFrom({ pattern: 'a%' }, { pattern: ['%n', 'b_b'] })),
  onColumn(texts, ['not_empty_string'], fc.constantFrom({}, { trim_whitespace: false })),
  onColumn(['id', 'kind', 'good'], measures, fc.constantFrom({ min_value: 0.5 }, { max_value: 1 })),
  onColumn(numbers, ['compared_to_column'], fc.constantFrom({ operator: '>', other_column: 'size' }, { operator: '=', other_column: 'id' })),
  onColumn([''], ['row_count_between'], fc.constant({ min_value: 3 })),
  onColumn([''], ['not_empty']),
  onColumn([''], ['expression_is_true'], fc.constant({ expression: 'price > 0 or size > 0' })),
);
/** What the database refuses fails the query of all tests, and of this one alone. */
const refused = fc.oneof(
  onColumn(['name'], ['expression_is_true'], fc.constant({ expression: ' is not null and cast(name as integer) > 0' })),
  onColumn(['nowhere'], ['not_null']),
);
const generic = fc.oneof({ weight: 25, arbitrary: sound }, { weight: 1, arbitrary: refused });
const config = fc.record(
  {
    where: fc.constantFrom("kind = 'a'", 'id > 1000', 'size >= 0'),
    severity: fc.constantFrom('warn', 'error'),
    warn_if: fc.constantFrom('> 2', '!= 0', '>= 1', '< 3'),
    error_if: fc.constantFrom('> 5', '!= 0', '= 2'),
    limit: fc.constantFrom(1),
    fail_calc: fc.constantFrom('count(*) * 2'),
  },
  { requiredKeys: [] },
);
const scenario = fc.record({
  sql: table,
  view: fc.boolean(),
  tests: fc.array(fc.tuple(generic, fc.oneof(fc.constant({}), config)), { minLength: 2, maxLength: 14 }),
});
const scenarios = fc.sample(scenario, { numRuns: 25, seed: 20_260_101 });

function properties(): unknown {
  const models = scenarios.map(({ tests }, m) => {
    const entries = tests.map(([[column, name, args], config], t) => ({ column, entry: { [name]: { name: `t_${m}_${t}`, arguments: args, config } } }));
    const columns = [...new Set(entries.map((e) => e.column))].filter((c) => c !== '');
    const of = (column: string) => entries.filter((e) => e.column === column).map((e) => e.entry);
    return { name: `m_${m}`, data_tests: of(''), columns: columns.map((name) => ({ name, data_tests: of(name) })) };
  });
  return { models };
}

const { dir, engines, write, end } = await onBoth('scans');

beforeAll(() => {
  write({ 'dbt_project.yml': JSON.stringify({ name: 'scans', profile: 'p' }), 'models/models.yml': JSON.stringify(properties()) });
  for (const [m, { sql, view }] of scenarios.entries()) write({ [`models/m_${m}.sql`]: `{{ config(materialized='${view ? 'view' : 'table'}') }}\n${sql}` });
});

afterAll(() => end());

interface Result {
  readonly unique_id: string;
  readonly status: string;
  readonly message: string | null;
  readonly failures: number | null;
  readonly compiled_code: string;
  readonly adapter_response: unknown;
}

describe.each(engines)('on %s', (engine) => {
  async function results(
    ...argv: readonly string[]
  ): Promise<{ readonly tests: readonly unknown[]; readonly statements: number; readonly empty: readonly string[] }> {
    fs.rmSync(path.join(dir, 'target'), { recursive: true, force: true });
    const { stdout, stderr } = await dml([...argv, '--target', engine, '--debug'], dir);
    const file = path.join(dir, 'target/run_results.json');
    if (!fs.existsSync(file)) throw new Error(stdout + stderr);
    const parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as { readonly results: readonly Result[] };
    const tests = parsed.results
      .filter((r) => r.unique_id.startsWith('test.'))
      // Which of several rows the database complains of is for it to choose.
      .map(({ unique_id, status, message, failures, compiled_code, adapter_response }) => {
        const said = message?.replace(/string '.*' to|integer: ".*"/, 'string');
        return { unique_id, status, said, failures, compiled_code, adapter_response };
      })
      .sort((a, b) => (a.unique_id < b.unique_id ? -1 : 1));
    const empty = [...stdout.matchAll(/PASS (\S+) .*PASS (over .*) in /g)].map((m) => `${m[1]} ${m[2]}`).sort();
    return { tests, statements: stdout.split('as should_warn').length - 1, empty };
  }

  test('one query for many tests says what each says by itself', async () => {
    expect((await dml(['run', '--target', engine], dir)).code).toBe(0);
    const alone = await results('test', '--no-batch');
    const together = await results('test');
    expect(together.tests).toEqual(alone.tests);
    const verdicts = new Set((alone.tests as readonly Result[]).map((r) => r.status));
    expect([...verdicts].sort()).toEqual(['error', 'fail', 'pass', 'warn']);
    // Many have passed without a query of their own.
    expect(together.statements).toBeLessThan(alone.statements * 0.8);
    // By themselves only tests of tables are asked whether there was a row.
    expect(alone.empty.length).toBeGreaterThan(0);
    expect(alone.empty.filter((name) => !together.empty.includes(name))).toEqual([]);
    const build = await results('build');
    expect(build.tests).toEqual(alone.tests);
  }, 120_000);
});
