// Every generic test that dml adds, passing and failing, with the number of its failing rows, counted and stored: the same on DuckDB and on Postgres.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { libraryFiles } from '../units/macros/library.ts';
import { onBoth } from './both.ts';

type Arguments = Readonly<Record<string, unknown>>;
/** A test, the model it looks at (and the column), its arguments, the failing rows, and its `where`. */
type Case = readonly [name: string, model: string, args: Arguments, failures: number, where?: string];

const models: Readonly<Record<string, string>> = {
  items: `
    select * from (values
      (1, 'ann', 'A-1', 'x', 10, 1, 11, '2024-02-29', '{"id": 1, "name": "a"}'),
      (2, 'bob', 'A-2', 'x', 20, 2, 22, '2023-02-29', '{"id": "1"}'),
      (3, 'c', 'b3', 'y', 30, 3, 30, '2024-13-01', '[1'),
      (5, '  ', 'A-4', 'y', 40, 50, 90, 'today', '{}'),
      (6, null, null, 'y', null, 6, 6, null, null)
    ) as v (id, name, code, kind, amount, other, total, day, doc)`,
  fewer: `select * from {{ ref('items') }} where id < 5`,
  changed: `select id, name, code, kind, amount + case when id = 1 then 0.004 else 0 end as amount from {{ ref('items') }}`,
  nothing: `select * from {{ ref('items') }} where id > 100`,
  spans: `
    select * from (values ('a', 1, 3), ('a', 3, 5), ('a', 7, 9), ('b', 1, 4), ('b', 3, 5), ('c', 2, 2), ('d', 5, null)) as v (who, begins, ends)`,
  days: `
    select cast(day as date) as day, n from (values ('2024-01-30', 1), ('2024-01-31', 3), ('2024-02-01', 2), ('2024-02-03', 2)) as v (day, n)`,
  letters: `select * from (values ('a'), ('A'), ('b'), (null)) as v (letter)`,
  broken: `
    select id, cast(size as double precision) as size, cast('NaN' as real) as never, word
    from (values (1, '1.5', 'nan'), (2, '2.5', 'x'), (3, 'NaN', 'y')) as v (id, size, word)`,
  clock: `select cast({{ dbt.current_timestamp() }} as {{ dbt.type_timestamp() }}) as seen, 1 as id`,
  spread: `
    select n, case when n = 30 then 1000 else n % 3 end as value, n % 2 as half from (
      select row_number() over (order by a.id, b.id, c.id) as n
      from {{ ref('items') }} a cross join {{ ref('items') }} b cross join {{ ref('items') }} c
    ) numbered where n <= 30`,
};

const cases: readonly Case[] = [
  ['accepted_range', 'items.amount', { min_value: 10, max_value: 40 }, 0],
  ['accepted_range', 'items.amount', { min_value: 10, max_value: 40, inclusive: false }, 2],
  ['accepted_length', 'items.name', { min_value: 1, max_value: 3 }, 0],
  ['accepted_length', 'items.name', { min_value: 3 }, 2],
  ['accepted_length', 'items.name', { min_value: 3, row_condition: 'id <> 3' }, 1],
  ['accepted_length', 'items.name', { min_value: 3 }, 1, 'id <> 3'],
  ['accepted_regex', 'items.code', { regex: '^[A-Za-z]-?[0-9]$' }, 0],
  ['accepted_regex', 'items.code', { regex: '^A-\\d$' }, 1],
  ['accepted_regex', 'items.code', { regex: ['^a-', '^b'], ignore_case: true }, 0],
  ['accepted_regex', 'items.code', { regex: ['^A', '[12]$'], match_on: 'all' }, 2],
  ['rejected_regex', 'items.code', { regex: "it's" }, 0],
  ['rejected_regex', 'items.code', { regex: ['^b', '1$'] }, 2],
  ['accepted_like', 'items.code', { pattern: ['A-_', 'b%'] }, 0],
  ['accepted_like', 'items.code', { pattern: 'A-%' }, 1],
  ['rejected_like', 'items.code', { pattern: 'z%' }, 0],
  ['rejected_like', 'items.code', { pattern: ['A-%'] }, 3],
  ['rejected_values', 'items.name', { values: ['zoe'] }, 0],
  ['rejected_values', 'items.id', { values: [1, 2], quote: false }, 2],
  ['not_empty_string', 'items.name', { trim_whitespace: false }, 0],
  ['not_empty_string', 'items.name', {}, 1],
  ['accepted_date_format', 'items.day', {}, 0, 'id = 1'],
  ['accepted_date_format', 'items.day', {}, 3],
  ['accepted_date_format', 'items.day', { format: '%d.%m.%Y %H:%M:%S' }, 4],
  ['accepted_json', 'items.doc', {}, 0, 'id <> 3'],
  ['accepted_json', 'items.doc', {}, 1],
  ['accepted_json', 'items.doc', { required: ['id'] }, 2],
  ['accepted_json', 'items.doc', { types: { id: ['number', 'null'], name: 'string' } }, 2],
  ['expression_is_true', 'items', { expression: 'total = amount + other' }, 0, 'id < 3'],
  ['expression_is_true', 'items', { expression: 'total = amount + other' }, 2, 'id <> 5'],
  ['expression_is_true', 'items.total', { expression: '>= other' }, 0],
  ['compared_to_column', 'items.amount', { operator: '<=', other_column: 'total' }, 0],
  ['compared_to_column', 'items.amount', { operator: '>', other_column: 'other' }, 1],
  [
    'accepted_pairs',
    'items.kind',
    {
      other_column: 'name',
      pairs: [
        ['x', 'ann'],
        ['x', 'bob'],
        ['y', 'c'],
        ['y', '  '],
      ],
    },
    0,
  ],
  [
    'accepted_pairs',
    'items.kind',
    {
      other_column: 'name',
      pairs: [
        ['x', 'ann'],
        ['y', 'c'],
      ],
    },
    2,
  ],
  ['unique_within_row', 'items', { columns: ['id', 'amount'] }, 0],
  ['unique_within_row', 'items', { columns: ['id', 'other', 'total'] }, 4],
  ['row_sum', 'items', { columns: ['amount', 'other'], equals: 'total', tolerance: 3 }, 0],
  ['row_sum', 'items', { columns: ['amount', 'other'], equals: 'total' }, 1],
  ['accepted_z_score', 'spread.value', { max_z: 6 }, 0],
  ['accepted_z_score', 'spread.value', {}, 1],
  ['accepted_z_score', 'spread.value', { group_by: 'half' }, 1],
  ['accepted_iqr', 'spread.value', {}, 1],
  ['accepted_iqr', 'spread.value', { multiplier: 1, group_by: 'half', row_condition: 'n < 30' }, 0],
  ['accepted_iqr', 'items.amount', { multiplier: 0 }, 2],
  ['accepted_iqr', 'items.amount', { group_by: 'name' }, 0],
  ['accepted_iqr', 'broken.size', {}, 1],

  ['row_count_between', 'items', { min_value: 5, max_value: 5 }, 0],
  ['row_count_between', 'items', { min_value: 6 }, 1],
  ['row_count_between', 'items', { min_value: 3, group_by: 'kind' }, 1],
  ['row_count_between', 'nothing', { max_value: 3 }, 0],
  ['row_count_between', 'nothing', { max_value: 3, group_by: ['kind', 'id'] }, 1],
  ['distinct_count_between', 'items.kind', { min_value: 2, max_value: 2 }, 0],
  ['distinct_count_between', 'items.kind', { min_value: 3 }, 1],
  ['distinct_count_between', 'nothing.kind', { max_value: 3 }, 1],
  ['distinct_proportion_between', 'items.kind', { min_value: 0.4, max_value: 0.4 }, 0],
  ['distinct_count_between', 'items.amount', { max_value: 3 }, 1, 'amount is null'],
  ['distinct_proportion_between', 'items.kind', { min_value: 0.5 }, 1],
  ['null_proportion_between', 'items.name', { max_value: 0.2 }, 0],
  ['null_proportion_between', 'items.name', { max_value: 0.2, group_by: 'kind' }, 1],
  ['null_proportion_between', 'nothing.name', { max_value: 1 }, 1],
  ['not_null_proportion_between', 'items.name', { min_value: 0.8 }, 0],
  ['not_null_proportion_between', 'items.name', { min_value: 0.8, inclusive: false }, 1],
  ['sum_between', 'items.amount', { min_value: 100, max_value: 100 }, 0],
  ['sum_between', 'items.amount', { max_value: 99 }, 1],
  ['sum_between', 'nothing.amount', { max_value: 99 }, 1],
  ['sum_between', 'items.amount', { max_value: 99 }, 1, 'amount is null'],
  ['mean_between', 'items.amount', { min_value: 25, max_value: 25 }, 0],
  ['mean_between', 'items.amount', { min_value: 26, group_by: ['kind'] }, 1],
  ['minimum_between', 'items.amount', { min_value: 10 }, 0],
  ['minimum_between', 'items.amount', { min_value: 10, inclusive: false }, 1],
  ['maximum_between', 'items.amount', { max_value: '(select max(total) from {{ ref("items") }})' }, 0],
  ['maximum_between', 'items.amount', { max_value: 39 }, 1],
  ['stddev_between', 'items.amount', { min_value: 12.9, max_value: 12.92 }, 0],
  ['stddev_between', 'items.amount', { max_value: 12 }, 1],
  ['stddev_between', 'items.amount', { max_value: 12 }, 1, 'id = 1'],
  ['quantile_between', 'items.amount', { quantile: 0.25, min_value: 17.5, max_value: 17.5 }, 0],
  ['quantile_between', 'items.amount', { quantile: 0.9, max_value: 36 }, 1],
  ['median_between', 'items.amount', { min_value: 25, max_value: 25 }, 0],
  ['median_between', 'items.amount', { max_value: 24 }, 1],
  ['recency', 'clock', { field: 'seen', datepart: 'day', interval: 1 }, 0],
  ['recency', 'days', { field: 'day', datepart: 'day', interval: 1 }, 1],
  ['recency', 'clock', { field: 'seen', datepart: 'day', interval: 1 }, 1, 'id = 2'],
  ['not_empty', 'items', {}, 0],
  ['not_empty', 'items', { row_condition: 'id > 100' }, 1],
  ['not_empty', 'nothing', {}, 1],
  ['not_constant', 'items.kind', {}, 0],
  ['not_constant', 'items.kind', { group_by: 'kind' }, 2],
  ['required_values', 'items.kind', { values: ['x', 'y'] }, 0],
  ['required_values', 'items.kind', { values: ['x', 'v', 'w'] }, 2],
  ['required_values', 'nothing.kind', { values: ['x', 'y'] }, 2],
  ['most_common_value_in', 'items.kind', { values: ['y'] }, 0],
  ['most_common_value_in', 'items.kind', { values: ['x'] }, 1],
  ['most_common_value_in', 'nothing.kind', { values: ['x'] }, 1],

  ['unique_combination', 'items', { columns: ['kind', 'id'] }, 0],
  ['unique_combination', 'items', { columns: ['kind'] }, 2],
  ['unique_combination', 'spans', { columns: ['begins', 'ends'], ignore_nulls: true }, 1],
  ['sequential_values', 'items.id', {}, 0, 'id < 4'],
  ['sequential_values', 'items.id', {}, 1],
  ['sequential_values', 'days.day', { datepart: 'day' }, 1],
  ['sequential_values', 'items.id', { group_by: 'kind' }, 1],
  ['monotonic', 'items.id', { order_by: 'amount' }, 0],
  ['monotonic', 'days.n', { order_by: ['day'] }, 1],
  ['monotonic', 'days.n', { order_by: 'day', strict: true }, 2],
  ['monotonic', 'days.n', { order_by: 'day', direction: 'decreasing' }, 1],
  ['mutually_exclusive_ranges', 'spans', { lower_bound_column: 'begins', upper_bound_column: 'ends', group_by: 'who' }, 0, "who = 'a'"],
  ['mutually_exclusive_ranges', 'spans', { lower_bound_column: 'begins', upper_bound_column: 'ends', group_by: 'who' }, 3],
  [
    'mutually_exclusive_ranges',
    'spans',
    { lower_bound_column: 'begins', upper_bound_column: 'ends', group_by: 'who', gaps: 'not_allowed', zero_length_range_allowed: true },
    3,
  ],

  ['no_date_gaps', 'days', { field: 'day', datepart: 'month' }, 0],
  ['no_date_gaps', 'days', { field: 'day' }, 1],
  ['no_date_gaps', 'days', { field: 'day', group_by: 'n' }, 1],
  ['consistent_casing', 'items.kind', {}, 0],
  ['consistent_casing', 'letters.letter', {}, 2],
  ['accepted_moving_z_score', 'spread.value', { order_by: 'n', window: 5 }, 0, 'n < 30'],
  ['accepted_moving_z_score', 'spread.value', { order_by: 'n', window: 5 }, 1],
  ['accepted_moving_z_score', 'spread.value', { order_by: 'n', window: 5, group_by: 'half' }, 1],

  ['relationships_where', 'items.id', { to: "ref('fewer')", field: 'id', from_condition: 'id < 5' }, 0],
  ['relationships_where', 'items.id', { to: "ref('fewer')", field: 'id', to_condition: 'id > 1' }, 3],
  ['same_row_count', 'items', { compare_model: "ref('changed')" }, 0],
  ['same_row_count', 'items', { compare_model: "ref('fewer')" }, 1],
  ['same_row_count', 'items', { compare_model: "ref('fewer')", factor: 2, tolerance: 0.2 }, 0],
  ['same_row_count', 'items', { compare_model: "ref('fewer')", group_by: 'kind' }, 1],
  ['same_row_count', 'fewer', { compare_model: "ref('items')", group_by: 'id' }, 2],
  ['fewer_rows_than', 'fewer', { compare_model: "ref('items')" }, 0],
  ['fewer_rows_than', 'items', { compare_model: "ref('changed')" }, 1],
  ['same_aggregate', 'items', { expression: 'sum(amount)', compare_model: "ref('changed')", tolerance: 0.01 }, 0],
  ['same_aggregate', 'items', { expression: 'sum(amount)', compare_model: "ref('changed')" }, 1],
  ['same_aggregate', 'items', { expression: 'sum(amount)', compare_model: "ref('fewer')", group_by: 'kind' }, 1],
  ['same_aggregate', 'items', { expression: 'sum(amount)', compare_model: "ref('items')", compare_expression: 'sum(total)', absolute_tolerance: 59 }, 0],
  ['same_aggregate', 'nothing', { expression: 'sum(amount)', compare_model: "ref('nothing')" }, 1],
  ['same_aggregate', 'nothing', { expression: 'sum(amount)', compare_model: "ref('nothing')", group_by: 'kind' }, 1],
  ['same_cardinality', 'items.kind', { to: "ref('changed')", field: 'kind' }, 0],
  ['same_cardinality', 'items.kind', { to: "ref('fewer')", field: 'kind' }, 2],
  ['same_rows', 'items', { compare_model: "ref('changed')", columns: ['id', 'NAME', 'code'] }, 0],
  ['same_rows', 'changed', { compare_model: "ref('items')" }, 2],
  ['same_rows', 'changed', { compare_model: "ref('items')", precision: 1 }, 0],
  ['same_rows', 'items', { compare_model: "ref('fewer')", exclude_columns: ['doc'] }, 2],
  // What is no number is in no range and in no order; a text that says so is one.
  ['accepted_range', 'broken.size', { min_value: 0 }, 1],
  ['accepted_range', 'broken.size', { min_value: 0, inclusive: false }, 0, 'id < 3'],
  ['accepted_range', 'broken.size', { min_value: 0, max_value: 5 }, 1],
  ['accepted_range', 'broken.word', { min_value: "'a'" }, 0],
  ['accepted_range', 'days.day', { min_value: "cast('2024-01-31' as date)" }, 1],
  ['minimum_between', 'broken.never', { min_value: 0 }, 1],
  ['minimum_between', 'days.day', { min_value: "cast('2024-01-30' as date)" }, 0],
  ['maximum_between', 'broken.size', { min_value: 0 }, 1],
  ['maximum_between', 'broken.word', { min_value: "'nan'" }, 0],
  ['sum_between', 'broken.size', { min_value: 0 }, 1],
  ['mean_between', 'broken.size', { min_value: 0 }, 1],
  ['median_between', 'broken.never', { min_value: 0 }, 1],
  ['quantile_between', 'broken.size', { quantile: 1, min_value: 0 }, 1],
  ['row_sum', 'broken', { columns: ['size'], equals: 'size' }, 1],
  ['same_aggregate', 'broken', { expression: 'sum(size)', compare_model: "ref('broken')" }, 1],
  ['compared_to_column', 'broken.size', { operator: '>', other_column: 'id' }, 1],
  ['compared_to_column', 'broken.id', { operator: '<', other_column: 'size' }, 1],
  ['monotonic', 'broken.size', { order_by: 'id' }, 1],
  ['monotonic', 'broken.never', { order_by: 'id', direction: 'decreasing' }, 3],
  ['sequential_values', 'broken.size', {}, 1],
  ['sequential_values', 'broken.never', {}, 3],
  ['mutually_exclusive_ranges', 'broken', { lower_bound_column: 'id', upper_bound_column: 'size' }, 1],
  ['accepted_moving_z_score', 'broken.size', { order_by: 'id', window: 5 }, 1],

  ['accepted_types', 'items.id', { types: ['integer', 'bigint'] }, 0],
  ['accepted_types', 'changed.amount', { types: ['numeric', 'decimal'] }, 0],
  ['accepted_types', 'items.name', { types: ['varchar', 'text'] }, 0],
  ['accepted_types', 'items.name', { types: 'integer' }, 1],
  ['accepted_columns', 'spans', { columns: ['who', 'begins', 'ends'], ordered: true }, 0],
  ['accepted_columns', 'spans', { columns: ['ends', 'who', 'begins'], ordered: true }, 1],
  ['accepted_columns', 'spans', { columns: ['who', 'since'] }, 3],
  ['accepted_columns', 'spans', { columns: ['who'], match: 'contains' }, 0, "who = 'a'"],
  ['accepted_columns', 'spans', { columns: ['who'], match: 'within' }, 2],
  ['accepted_columns', 'spans', { columns: ['who', 'since'], match: 'without' }, 1],
  ['accepted_schema', 'items', { columns: { ID: 'int', name: ['text', 'varchar'], kind: 'string', amount: null } }, 0],
  ['accepted_schema', 'items', { columns: { id: 'text', name: ['int', 'date'], since: null, kind: null } }, 3],
  ['accepted_schema', 'spans', { columns: { who: null, begins: 'integer', ends: 'int' }, match: 'exact' }, 0],
  ['accepted_schema', 'spans', { columns: { who: null }, match: 'exact' }, 2],
  ['accepted_schema', 'changed', { columns: { amount: ['numeric', 'decimal'] } }, 0],
  ['column_count_between', 'spans', { min_value: 3, max_value: 3 }, 0],
  ['column_count_between', 'spans', { max_value: 3, inclusive: false }, 1],
  ['same_columns', 'items', { compare_model: "ref('fewer')", types: true, ordered: true }, 0],
  ['same_columns', 'items', { compare_model: "ref('changed')" }, 4],
];

/** The cases as YAML (JSON is some): every test under its model or column, with a name to find it by. */
function properties(): unknown {
  const entry = (name: string) => {
    const mine = cases.map((one, index) => ({ one, index })).filter(({ one }) => one[1].split('.')[0] === name);
    const test = ({ one: [kind, , args, , where], index }: (typeof mine)[number]) => ({
      [kind]: { name: `case_${index}`, arguments: args, config: { severity: 'warn', ...(where ? { where } : {}) } },
    });
    const columns = [...new Set(mine.map(({ one }) => one[1].split('.')[1]).filter((c) => c !== undefined))];
    return {
      name,
      data_tests: mine.filter(({ one }) => !one[1].includes('.')).map(test),
      columns: columns.map((column) => ({ name: column, data_tests: mine.filter(({ one }) => one[1] === `${name}.${column}`).map(test) })),
    };
  };
  return { models: Object.keys(models).map(entry) };
}

const { dir, engines, schema, write, end } = await onBoth('vocabulary');

beforeAll(() => {
  write({
    'models/models.yml': JSON.stringify(properties()),
    'dbt_project.yml': JSON.stringify({ name: 'vocabulary', profile: 'p', models: { '+materialized': 'table' } }),
  });
  write(Object.fromEntries(Object.entries(models).map(([name, sql]) => [`models/${name}.sql`, sql])));
});

afterAll(() => end(`${schema}_dbt_test__audit`));

interface Result {
  readonly unique_id: string;
  readonly status: string;
  readonly failures: number | null;
  readonly message: string | null;
}

const runs = engines.flatMap((engine) => [
  { command: 'build', engine, flags: [] },
  { command: 'test', engine, flags: ['--store-failures'] },
]);

describe.each(runs)('$command on $engine', ({ command, engine, flags }) => {
  let results = new Map<string, Result>();
  beforeAll(async () => {
    fs.rmSync(path.join(dir, 'target'), { recursive: true, force: true });
    const { stdout, stderr } = await dml([command, '--target', engine, ...flags], dir);
    const file = path.join(dir, 'target/run_results.json');
    if (!fs.existsSync(file)) throw new Error(stdout + stderr);
    const parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as { results: Result[] };
    results = new Map(parsed.results.map((r) => [r.unique_id.split('.')[2] ?? '', r]));
  }, 120_000);

  test.each(cases.map(([name, model, args, failures, where], index) => [name, model, JSON.stringify({ ...args, where }), failures, index] as const))(
    '%s of %s with %s: %i',
    (_name, _model, _args, failures, index) => {
      const result = results.get(`case_${index}`);
      expect(result && { failures: result.failures, error: result.status === 'error' ? result.message : '' }).toEqual({ failures, error: '' });
    },
  );
});

test.each(engines)('a column that the tested model lacks is an error of same_rows on %s', async (engine) => {
  const call = `{{ test_same_rows(ref('items'), compare_model=ref('fewer'), columns=['id', 'state']) }}`;
  const { code, stdout, stderr } = await dml(['show', '--inline', call, '--target', engine], dir);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toMatch(/same_rows: in \S+ there is no column state; there are id, name, code, kind, amount, other, total, day, doc/);
});

test('every test of the library passes once and fails once', () => {
  const text = libraryFiles()
    .filter((f) => f.folder === 'dml' && f.path.includes('tests_'))
    .map((f) => f.text)
    .join('\n');
  const names = [...text.matchAll(/\{% test (\w+)/g)].map((m) => m[1]).sort();
  const verdicts = (failing: boolean) => [...new Set(cases.filter(([, , , n]) => n > 0 === failing).map(([name]) => name))];
  expect(names.filter((name) => !verdicts(false).includes(name ?? '') || !verdicts(true).includes(name ?? ''))).toEqual([]);
});
