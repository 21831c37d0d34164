// Tests that cannot mean what they say: each is told with its place, on DuckDB and on Postgres, together with the tests beside it that can. None passes in silence.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { onBoth } from './both.ts';

const tables: Readonly<Record<string, string>> = {
  items:
    "select 1 as id, 'new' as status, 0 as zero, cast(null as integer) as nothing, cast('Infinity' as double precision) as endless, cast('NaN' as double precision) as odd",
  empty: "select id, status from {{ ref('items') }} where id > 1",
};

/** What is written below a table or a column of it, and what is told of it. */
interface Case {
  readonly on: string;
  readonly test: string;
  readonly args?: object;
  readonly status: 'error' | 'fail' | 'pass';
  readonly told: RegExp | { readonly duckdb: RegExp; readonly postgres: RegExp };
}

/** Of a column that is not there: as the database says it with a hint of dml's, and as dml says it. */
const HINT = /column "?statsu"? .*\n(?:.*\n)*?.*hint: .*status/;
const NEAREST = /there is no column statsu; did you mean status\?/;

const cases: readonly Case[] = [
  { on: 'items.statsu', test: 'not_null', status: 'error', told: HINT },
  { on: 'items.statsu', test: 'accepted_values', args: { values: ['new'] }, status: 'error', told: HINT },
  { on: 'items', test: 'expression_is_true', args: { expression: 'statsu = id' }, status: 'error', told: HINT },
  {
    on: 'items.status',
    test: 'accepted_regex',
    args: { regex: '(new' },
    status: 'error',
    told: { duckdb: /missing \)/, postgres: /invalid regular expression/ },
  },
  { on: 'items.status', test: 'mean_between', args: { min_value: 1 }, status: 'error', told: /avg\((?:VARCHAR|text)\)/ },
  {
    on: 'items.status',
    test: 'accepted_range',
    args: { min_value: 1 },
    status: 'error',
    told: { duckdb: /Cannot compare values of type VARCHAR/, postgres: /operator does not exist: text < integer/ },
  },
  { on: 'empty.id', test: 'not_null', status: 'pass', told: /over 0 rows/ },
  { on: 'empty.id', test: 'unique', status: 'pass', told: /over 0 rows/ },
  { on: 'empty.status', test: 'not_empty_string', status: 'pass', told: /over 0 rows/ },
  { on: 'empty.id', test: 'relationships', args: { to: "ref('items')", field: 'id' }, status: 'pass', told: /over 0 rows/ },
  { on: 'empty.id', test: 'null_proportion_between', args: { max_value: 1 }, status: 'fail', told: /nothing to measure/ },
  { on: 'empty.id', test: 'mean_between', args: { max_value: 1 }, status: 'fail', told: /nothing to measure/ },
  { on: 'items.nothing', test: 'accepted_range', args: { min_value: 1 }, status: 'pass', told: /over nulls alone/ },
  { on: 'items.nothing', test: 'unique', status: 'pass', told: /over nulls alone/ },
  { on: 'items.nothing', test: 'sum_between', args: { min_value: 0 }, status: 'fail', told: /nothing to measure/ },
  { on: 'items.endless', test: 'mean_between', args: { min_value: 0 }, status: 'fail', told: /out of range/ },
  { on: 'items.odd', test: 'accepted_range', args: { min_value: 0 }, status: 'fail', told: /id +status/ },
  { on: 'items.odd', test: 'minimum_between', args: { min_value: 0 }, status: 'fail', told: /out of range/ },
  { on: 'items.odd', test: 'mean_between', args: { min_value: 0 }, status: 'fail', told: /out of range/ },
  { on: 'items.statsu', test: 'accepted_types', args: { types: ['text'] }, status: 'fail', told: NEAREST },
  { on: 'items', test: 'accepted_columns', args: { columns: ['statsu'], match: 'contains' }, status: 'fail', told: NEAREST },
  { on: 'items', test: 'accepted_schema', args: { columns: { statsu: 'text' } }, status: 'fail', told: NEAREST },
  { on: 'items', test: 'same_rows', args: { compare_model: "ref('items')", columns: ['statsu'] }, status: 'error', told: NEAREST },
  { on: 'items', test: 'volume_anomaly', args: { timestamp_column: 'statsu' }, status: 'error', told: NEAREST },
  { on: 'items.statsu', test: 'column_anomaly', args: { metrics: ['null_rate'] }, status: 'error', told: NEAREST },
  { on: 'items.statsu', test: 'distribution_drift', args: { compare_model: "ref('items')" }, status: 'error', told: NEAREST },
  { on: 'items', test: 'unique_combination', args: { columns: ['statsu', 'id'] }, status: 'error', told: HINT },
  { on: 'items', test: 'recency', args: { field: 'statsu', datepart: 'day', interval: 1 }, status: 'error', told: HINT },
  { on: 'items.nothing', test: 'distribution_drift', args: { compare_model: "ref('items')" }, status: 'fail', told: /no values/ },
  {
    on: 'items.status',
    test: 'rejected_regex',
    args: { regex: '[a' },
    status: 'error',
    told: { duckdb: /missing \]/, postgres: /invalid regular expression/ },
  },
  { on: 'items.nothing', test: 'distinct_proportion_between', args: { min_value: 0 }, status: 'fail', told: /nothing to measure/ },
];
/** Of another test, that the queries of all others do not fail with it. */
const division: Case = {
  on: 'items',
  test: 'same_aggregate',
  args: { expression: 'sum(id) / sum(zero)', compare_model: "ref('items')" },
  status: 'fail',
  told: { duckdb: /measured +compared/, postgres: /division by zero/ },
};
const all = [...cases, division];

function properties(): unknown {
  const tests = (on: string) => all.flatMap((c, i) => (c.on === on ? [{ [c.test]: { name: `case_${i}`, arguments: c.args ?? {} } }] : []));
  return {
    models: Object.keys(tables).map((name) => {
      const columns = [...new Set(all.map((c) => c.on).filter((on) => on.startsWith(`${name}.`)))];
      return { name, data_tests: tests(name), columns: columns.map((on) => ({ name: on.split('.')[1], data_tests: tests(on) })) };
    }),
  };
}

const { dir, engines, write, end } = await onBoth('bad_tests');

beforeAll(() => {
  write({
    'dbt_project.yml': JSON.stringify({ name: 'bad', profile: 'p', models: { '+materialized': 'table' } }),
    'models/models.yml': JSON.stringify(properties(), null, 2),
  });
  write(Object.fromEntries(Object.entries(tables).map(([name, sql]) => [`models/${name}.sql`, sql])));
});

afterAll(() => end());

describe.each(
  engines.flatMap((engine) => [
    { engine, flags: [] },
    { engine, flags: ['--no-batch'] },
  ]),
)('on $engine $flags', ({ engine, flags }) => {
  let text = '';
  const statuses = new Map<string, string>();
  beforeAll(async () => {
    expect((await dml(['run', '--target', engine], dir)).code).toBe(0);
    const { stdout, stderr } = await dml(['test', '--target', engine, ...flags], dir);
    text = stdout + stderr;
    const parsed = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as { results: { unique_id: string; status: string }[] };
    for (const r of parsed.results) statuses.set(r.unique_id.split('.')[2] ?? '', r.status);
  }, 60_000);

  test.each(all.map((c, i) => [`${c.test} of ${c.on}`, i, c] as const))('%s', (_, i, { status, told }) => {
    const name = `case_${i}`;
    const failure = text.split(`Failure in test ${name} (`)[1]?.split(/Failure in test|Done\. PASS/)[0] ?? '';
    const line = text.split('\n').find((l) => new RegExp(`PASS ${name} `).test(l)) ?? '';
    const wanted = told instanceof RegExp ? told : told[engine];
    expect(statuses.get(name)).toBe(engine === 'postgres' && i === cases.length ? 'error' : status);
    expect(status === 'pass' ? line : failure).toMatch(wanted);
    if (status !== 'pass') expect(failure).toMatch(/models\/models\.yml:\d+:\d+/);
  });
});
