import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { type Both, type Engine, onBoth } from './both.ts';

let both: Both;
beforeAll(async () => {
  both = await onBoth('unit_expect');
  both.write(FILES);
}, 60_000);
afterAll(() => both.end(), 60_000);

const EVENTS = `
      - input: ref('events')
        rows:
          - {id: 2, status: paid, amount: 20.5, day: '2026-01-03'}
          - {id: 3, status: new, amount: 30, day: '2026-01-04'}`;
const THIS = `
      - input: this
        rows: [{id: 1, status: new, amount: 1, day: '2026-01-01'}, {id: 2, status: new, amount: 2, day: '2026-01-03'}]`;

const FILES = {
  'dbt_project.yml': 'name: shop\nprofile: p\n',
  'macros/cents.sql': '{% macro cents(column) %}cast({{ column }} as numeric(18, 2)) / 100{% endmacro %}',
  'models/events.sql': "select cast(1 as integer) as id, cast('new' as text) as status, cast(1 as numeric(10, 2)) as amount, cast('2026-01-01' as date) as day",
  ...Object.fromEntries(
    ['append', 'delete+insert', 'merge'].map((strategy) => [
      `models/by_${strategy.replace('+', '_')}.sql`,
      `{{ config(materialized='incremental', incremental_strategy='${strategy}', unique_key='id') }}
with wanted as (select * from {{ ref('events') }} {% if is_incremental() %}where day >= (select max(day) from {{ this }}){% endif %})
select id, status, amount, day from wanted`,
    ]),
  ),
  'models/as_view.sql': "select id, sum(amount) as amount from {{ ref('events') }} group by id",
  'snapshots/history.yml': `snapshots:
  - {name: history, relation: ref('events'), config: {strategy: timestamp, unique_key: id, updated_at: day, hard_deletes: invalidate}}`,
  'models/tests.yml': `dml_unit_tests:
  - name: append
    model: by_append
    given: ${THIS}${EVENTS}
    expect_ctes: {wanted: {rows: [{id: 2}, {id: 3}]}}
    expect_table: {rows: [{id: 1, amount: 1}, {id: 2, amount: 2}, {id: 2, amount: 20.5}, {id: 3, amount: 30}]}
  - name: replace
    model: by_delete_insert
    given: ${THIS}${EVENTS}
    expect_table: {runs: 2, rows: [{id: 1, amount: 1}, {id: 2, amount: 20.5}, {id: 3, amount: 30}]}
  - name: merge
    model: by_merge
    given: ${THIS}${EVENTS}
    expect_table: {runs: 2, rows: [{id: 1, status: new}, {id: 2, status: paid}, {id: 3, status: new}]}
  - name: first
    model: by_merge
    given: ${EVENTS}
    expect_table: {rows: [{id: 2, day: '2026-01-03'}, {id: 3, day: '2026-01-04'}]}
  - name: wrong
    model: by_merge
    given: ${EVENTS}
    expect_table: {rows: [{id: 2}, {id: 4}]}
  - name: view
    model: as_view
    given: ${EVENTS}
    expect_table: {rows: [{id: 2, amount: 20.5}, {id: 3, amount: 30}]}
  - name: versions
    snapshot: history
    overrides: {now: '2026-02-01'}
    given:
      - {input: this, rows: [{id: 1, status: new, dbt_valid_from: '2026-01-01'}, {id: 2, status: new, dbt_valid_from: '2026-01-01'}]}${EVENTS}
    expect_table:
      rows:
        - {id: 1, status: new, dbt_valid_to: '2026-02-01 00:00:00'}
        - {id: 2, status: new, dbt_valid_to: '2026-01-03 00:00:00'}
        - {id: 2, status: paid, dbt_valid_to: null}
        - {id: 3, status: new, dbt_valid_to: null}
  - name: of_a_macro
    macro: cents
    call: "{{ cents('amount') }}"
    given: [{input: rows, rows: [{amount: 150}, {amount: null}]}]
    expect: {rows: [{result: 1.5}, {result: null}]}
`,
};

const WANTED = { append: 'pass', replace: 'pass', merge: 'pass', first: 'pass', wrong: 'fail', view: 'pass', versions: 'pass', of_a_macro: 'pass' };

async function statuses(engine: Engine, ...more: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await dml(['test', '--select', 'test_type:unit', '--target', engine, ...more], both.dir);
  const { results } = JSON.parse(fs.readFileSync(path.join(both.dir, 'target/run_results.json'), 'utf8')) as {
    readonly results: readonly { readonly unique_id: string; readonly status: string }[];
  };
  expect(
    results.some((r) => r.status === 'error'),
    stdout,
  ).toBe(false);
  return Object.fromEntries(results.map((r) => [r.unique_id.split('.').at(-1), r.status]));
}

async function names(engine: Engine): Promise<string> {
  const { stdout } = await dml(
    ['show', '--quiet', '--output', 'json', '--limit', '-1', '--target', engine, '--inline', 'select table_schema, table_name from information_schema.tables'],
    both.dir,
  );
  return stdout;
}

describe.each<Engine>(['duckdb', 'postgres'])('what dml’s own unit tests expect, on %s', (engine) => {
  test('is found, wherever they run, and nothing is left behind', async ({ skip }) => {
    if (!both.engines.includes(engine)) skip();
    if (engine === 'duckdb') expect(await statuses(engine)).toEqual(WANTED);
    // What the query reads must be there on the target, as for dbt's tests.
    expect((await dml(['run', '--empty', '--target', engine], both.dir)).code).toBe(0);
    expect(await statuses(engine)).toEqual(WANTED);
    const before = await names(engine);
    expect(await statuses(engine, '--on-target')).toEqual(WANTED);
    expect(await names(engine)).toBe(before);
    expect(before).toContain('by_merge');
    expect(before).not.toContain('dml_unit_');
  });
});
