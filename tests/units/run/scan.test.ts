import { expect, test } from 'vitest';
import { TestProject } from './project.ts';

const YAML = `
models:
  - name: orders
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: status
        data_tests:
          - not_null
          - accepted_values: {arguments: {values: [new, old]}}
          - not_empty_string
  - name: report
    columns:
      - name: id
        data_tests: [unique, not_null]
`;

function project(files: Readonly<Record<string, string>> = {}, settings = ''): TestProject {
  return new TestProject(
    {
      'models/orders.sql': "{{ config(materialized='table') }} select * from (values (1, 'new'), (2, 'old')) t(id, status)",
      'models/report.sql': "select * from {{ ref('orders') }}",
      'models/models.yml': YAML,
      ...files,
    },
    settings,
  );
}

/** How many statements judged one test, and how many asked about several. */
const judged = (text: string): number => text.split(' as should_warn').length - 1;
const merged = (text: string): number => (text.split('dml_block_0.').length - 1 > 0 ? text.split('\n) dml_block_0').length - 1 : 0);

test('tests of one relation are one query in a build, before what is built from it', async () => {
  const p = project();
  const { code, text, statuses } = await p.dml(['build', '--debug']);
  expect(code).toBe(0);
  expect(Object.values(statuses).filter((s) => s === 'pass')).toHaveLength(7);
  expect([judged(text), merged(text)]).toEqual([0, 2]);
  const at = (piece: string): number => text.indexOf(piece);
  for (const name of ['unique_orders_id', 'not_empty_string_orders_status']) expect(at(`PASS ${name} `)).toBeLessThan(at('START sql view model main.report'));
});

test.each([
  ['--no-batch', project(), ['--no-batch'], {}],
  ['the environment', project(), [], { DML_BATCH: 'false' }],
  ['the project', project({}, 'flags: {batch: false}\n'), [], {}],
] as const)('%s switches it off', async (_, p, argv, env) => {
  await p.dml(['run']);
  const { text, statuses } = await p.dml(['test', '--debug', ...argv], { env });
  expect(Object.values(statuses)).toEqual(Array.from({ length: 7 }, () => 'pass'));
  expect([judged(text), merged(text)]).toEqual([7, 0]);
});

test('what is kept of a test is its own: compiled SQL, statement, timing, and a share of the time', async () => {
  const p = project();
  await p.dml(['run']);
  const kept = ['target/compiled', 'target/run'].map((dir) => `${dir}/shop/models/models.yml/unique_orders_id.sql`);
  const alone = await p.dml(['test', '--no-batch']);
  const before = kept.map((file) => p.read(file));
  const together = await p.dml(['test']);
  expect(kept.map((file) => p.read(file))).toEqual(before);
  for (const [id, result] of Object.entries(together.results)) {
    const { execution_time: seconds, timing, thread_id: _, ...rest } = result as { execution_time: number; timing: { name: string }[]; thread_id: string };
    const { execution_time: __, timing: ___, thread_id: ____, ...other } = alone.results[id] as typeof result;
    expect(rest).toEqual(other);
    expect(timing.map((t) => t.name)).toEqual(['compile', 'execute']);
    expect(seconds).toBeGreaterThan(0);
  }
});

test('a test that finds something runs by itself: its number and its rows are those of one query for each', async () => {
  const p = project({
    'models/orders.sql': "{{ config(materialized='table') }} select * from (values (1, 'new'), (1, ''), (1, null), (null, 'x')) t(id, status)",
  });
  await p.dml(['run']);
  const alone = await p.dml(['test', '--no-batch']);
  const together = await p.dml(['test', '--debug']);
  const told = ({ results }: typeof alone) => Object.fromEntries(Object.entries(results).map(([id, r]) => [id, [r['status'], r['failures'], r['message']]]));
  expect(told(together)).toEqual(told(alone));
  expect(Object.values(told(together)).map(([status]) => status)).not.toContain('error');
  expect([judged(together.text), merged(together.text)]).toEqual([7, 2]);
  expect(together.text).toContain('unique_field  n_records');
});

test('a test that the database refuses does not keep the others from being one query', async () => {
  const bad = `${YAML}      - name: nowhere\n        data_tests: [not_null]\n`;
  const p = project({ 'models/models.yml': bad });
  await p.dml(['run']);
  const { statuses, text } = await p.dml(['test', '--debug']);
  expect(Object.entries(statuses).filter(([, s]) => s !== 'pass')).toEqual([['not_null_report_nowhere', 'error']]);
  expect([judged(text), merged(text)]).toEqual([1, 6]);
});

test('--fail-fast keeps the rest from running', async () => {
  const p = project({ 'models/orders.sql': "{{ config(materialized='table') }} select * from (values (1, 'bad'), (1, '')) t(id, status)" });
  await p.dml(['run']);
  const { code, statuses, results } = await p.dml(['test', '--fail-fast', '--threads', '1']);
  expect(code).toBe(1);
  expect(Object.values(statuses).filter((s) => s === 'fail')).toHaveLength(1);
  expect(statuses['accepted_values_orders_status__new__old']).toBe('fail');
  expect(statuses['unique_orders_id']).toBe('skipped');
  expect(results['unique_orders_id']?.['message']).toBe('Skipping due to fail_fast');
  // Known before the first failure was.
  expect(statuses['not_null_orders_id']).toBe('pass');
});

test.each([
  [
    "the project's own test of the name",
    '{% test not_null(model, column_name) %} select 1 as mine from {{ model }} where {{ column_name }} is null or true {% endtest %}',
  ],
  ["the project's own text of a test", '{% macro default__test_not_null(model, column_name) %} select 1 as mine limit 1 {% endmacro %}'],
  [
    'an own statement of tests',
    '{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) %} select 1 as failures, true as should_warn, true as should_error {% endmacro %}',
  ],
  [
    'an own materialization of tests',
    "{% materialization test, default %}{% call statement('main', fetch_result=True) %} select 1 as failures, true as should_warn, true as should_error {% endcall %}{{ return({'relations': []}) }}{% endmaterialization %}",
  ],
])('%s is used', async (_, macro) => {
  const p = project({ 'macros/own.sql': macro });
  await p.dml(['run']);
  const { statuses } = await p.dml(['test', '--select', 'orders']);
  expect(statuses['not_null_orders_id']).toBe('fail');
  expect(statuses['not_null_orders_status']).toBe('fail');
});

test('a test over no row, or over nulls alone, is told apart in the log and passes as ever in run_results.json', async () => {
  const p = project({
    'models/orders.sql': "{{ config(materialized='table') }} select 1 as id, cast(null as varchar) as status",
    'models/report.sql': 'select 1 as id where 1 = 0',
  });
  await p.dml(['run']);
  const { text, results } = await p.dml(['test', '--log-format', 'json']);
  const over: Record<string, string> = {};
  for (const line of text.trim().split('\n')) {
    const { data } = JSON.parse(line) as { readonly data: { readonly name?: string; readonly over_nothing?: string } };
    if (data.over_nothing !== undefined) over[String(data.name)] = data.over_nothing;
  }
  expect(over).toEqual({
    accepted_values_orders_status__new__old: 'values',
    not_empty_string_orders_status: 'values',
    not_null_report_id: 'rows',
    unique_report_id: 'rows',
  });
  const { status, message, failures } = results['unique_report_id'] ?? {};
  expect({ status, message, failures }).toEqual({ status: 'pass', message: null, failures: 0 });
});

test('a collation that makes texts equal counts as it does in one query for each', async () => {
  const make = "create table main.orders (id int, status varchar collate nocase); insert into main.orders values (1, 'NEW'), (2, 'new')";
  const p = project({
    'models/orders.sql': 'select 1 as id',
    'models/report.sql': 'select 1 as id',
    'models/models.yml': `
sources:
  - name: main
    tables:
      - name: orders
        columns:
          - name: status
            data_tests:
              - accepted_values: {arguments: {values: [new]}}
              - rejected_values: {arguments: {values: [NeW]}}
              - accepted_regex: {arguments: {regex: '^[A-Z]+$'}}
              - accepted_like: {arguments: {pattern: NE%}}
              - unique
`,
    'macros/make.sql': `{% macro make() %}{% do run_query("${make}") %}{% endmacro %}`,
  });
  expect((await p.dml(['run-operation', 'make'])).code).toBe(0);
  const told = ({ results }: { readonly results: typeof together.results }) =>
    Object.entries(results).map(([id, r]) => [id, r['status'], r['failures'], r['message']]);
  const together = await p.dml(['test']);
  const alone = await p.dml(['test', '--no-batch']);
  expect(told(together).sort()).toEqual(told(alone).sort());
  expect(alone.statuses).toEqual({
    source_accepted_values_main_orders_status__new: 'pass',
    source_rejected_values_main_orders_status__NeW: 'fail',
    source_accepted_regex_main_orders_status___A_Z_: 'fail',
    source_accepted_like_main_orders_status__NE_: 'pass',
    source_unique_main_orders_status: 'fail',
  });
});
