import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestProject } from './project.ts';

interface Row {
  readonly id: number;
  readonly status: string | null;
  readonly amount: number | null;
  readonly day: string;
}

const row = fc.record<Row>({
  id: fc.integer({ min: 1, max: 6 }),
  status: fc.constantFrom('new', 'paid', "it's", '', null),
  amount: fc.option(fc.integer({ min: -5, max: 5 })),
  day: fc.integer({ min: 1, max: 9 }).map((n) => `2026-01-0${n}`),
});
const table = fc.uniqueArray(row, { selector: (r) => r.id, maxLength: 6 });

const incremental = (config: string, sql = 'select id, status, amount, day from'): string =>
  `{{ config(materialized='incremental', unique_key='id', ${config}) }}\n${sql} {{ ref('events') }}
{% if is_incremental() %}where day >= (select coalesce(max(day), date '2026-01-05') from {{ this }}){% endif %}`;
const MODELS: Readonly<Record<string, string>> = {
  appended: incremental("incremental_strategy='append'"),
  replaced: incremental("incremental_strategy='delete+insert'"),
  merged: incremental("incremental_strategy='merge', merge_exclude_columns=['amount']"),
  chosen: incremental("incremental_strategy='merge', merge_update_condition='DBT_INTERNAL_SOURCE.amount > DBT_INTERNAL_DEST.amount'"),
  remade: "{{ config(materialized='table') }}\nselect * from {{ ref('events') }} where amount > 0",
};
const SNAPSHOTS: Readonly<Record<string, string>> = {
  by_day: '{strategy: timestamp, unique_key: id, updated_at: day, hard_deletes: ignore}',
  by_values: '{strategy: check, unique_key: id, check_cols: [status, amount], updated_at: day}',
};
const NAMES = [...Object.keys(MODELS), ...Object.keys(SNAPSHOTS)];
const META = ', dbt_valid_from, dbt_valid_to';

const project = new TestProject({
  'models/events.sql': "{{ config(materialized='table') }}\nselect 1 as id, 'x' as status, 1 as amount, date '2026-01-01' as day",
  ...Object.fromEntries(Object.entries(MODELS).map(([name, sql]) => [`models/${name}.sql`, sql])),
  'snapshots/all.yml': `snapshots:\n${Object.entries(SNAPSHOTS)
    .map(([name, config]) => `  - {name: ${name}, relation: ref('events'), config: ${config}}\n`)
    .join('')}`,
});

const literal = (v: Row[keyof Row]): string => (typeof v === 'string' ? `'${v.replaceAll("'", "''")}'` : String(v));
const filled = (name: string, rows: readonly Row[]): string =>
  rows.length === 0 ? '' : `insert into ${name} values ${rows.map((r) => `(${[r.id, r.status, r.amount, r.day].map(literal).join(', ')})`).join(', ')};`;
const isSnapshot = (name: string): boolean => name in SNAPSHOTS;

/** Builds everything over these rows as a run does, and answers what the tables hold then. */
async function run(before: readonly Row[] | undefined, events: readonly Row[]): Promise<ReadonlyMap<string, readonly Record<string, unknown>[]>> {
  for (const name of NAMES) await project.rows(`drop table if exists ${name}`);
  const remake = async (rows: readonly Row[]): Promise<unknown> =>
    project.rows(`create or replace table events (id integer, status text, amount integer, day date); ${filled('events', rows)}`);
  const once = async (): Promise<void> => {
    expect((await project.dml(['run', '--exclude', 'events'])).code).toBe(0);
    expect((await project.dml(['snapshot'])).code).toBe(0);
  };
  if (before) {
    await remake(before);
    await once();
    for (const name of Object.keys(MODELS)) await project.rows(`delete from ${name}; ${filled(name, before)}`);
  }
  await remake(events);
  await once();
  const out = new Map<string, readonly Record<string, unknown>[]>();
  for (const name of NAMES) {
    const columns = `id, status, amount, day::text as day${isSnapshot(name) ? META.replace(/\w+/g, '$&::text as $&') : ''}`;
    const rows = await project.rows(`select ${columns} from ${name}`);
    out.set(
      name,
      rows.map((r) =>
        Object.fromEntries(['id', 'status', 'amount', 'day', ...(isSnapshot(name) ? ['dbt_valid_from', 'dbt_valid_to'] : [])].map((c, i) => [c, r[i]])),
      ),
    );
  }
  return out;
}

/** A test of each table that expects these rows. */
function tests(before: readonly Row[] | undefined, events: readonly Row[], expected: ReadonlyMap<string, readonly object[]>): string {
  const entry = (name: string): object => {
    const standing = before?.map((r) => (isSnapshot(name) ? { ...r, dbt_valid_from: r.day } : r));
    const given = [{ input: "ref('events')", rows: events }, ...(standing && name !== 'remade' ? [{ input: 'this', rows: standing }] : [])];
    return { name: 'table', [isSnapshot(name) ? 'snapshot' : 'model']: name, given, expect_table: { rows: expected.get(name) } };
  };
  return JSON.stringify({ dml_unit_tests: NAMES.map(entry) });
}

describe('expect_table', () => {
  test('is what a run makes of the same tables', async () => {
    await fc.assert(
      fc.asyncProperty(fc.option(table, { nil: undefined }), table, async (before, events) => {
        const made = await run(before, events);
        project.write({ 'models/tests.yml': tests(before, events, made) });
        const { statuses, text } = await project.dml(['test', '--select', 'test_type:unit']);
        expect(statuses, text).toEqual(Object.fromEntries(NAMES.map((name) => [`${name}.table`, 'pass'])));
        const more = new Map([...made].map(([name, rows]) => [name, [...rows, { id: 99 }]]));
        project.write({ 'models/tests.yml': tests(before, events, more) });
        expect(Object.values((await project.dml(['test', '--select', 'test_type:unit'])).statuses)).toEqual(NAMES.map(() => 'fail'));
        project.write({ 'models/tests.yml': '' });
      }),
      { numRuns: 5 },
    );
  }, 120_000);
});

test('in manifest.json what dbt does not know stands in the meta of the test', async () => {
  const own = (name: string, more: string): string => `  - {name: ${name}, description: why, config: {meta: {owner: me}, tags: [t]}, ${more}}\n`;
  const p = new TestProject({
    'macros/m.sql': '{% macro m(x) %}{{ x }} + 1{% endmacro %}',
    'models/a.sql': 'with b as (select 1 as id) select * from b',
    'models/s.yml': `unit_tests:\n${own('plain', 'model: a, given: [], expect: {rows: [{id: 1}]}')}dml_unit_tests:\n${[
      own('table', 'model: a, expect_table: {runs: 2, rows: [{id: 1}]}, overrides: {now: 2026-01-01, vars: {v: 1}}'),
      own('steps', 'model: a, expect_ctes: {b: {format: sql, rows: select 1 as id}}'),
      own('call', 'macro: m, call: "{{ m(1) }}", expect: {text: "1 + 1"}'),
    ].join('')}`,
  });
  const { code, text } = await p.dml(['parse']);
  expect(code, text).toBe(0);
  const { unit_tests: found } = JSON.parse(p.read('target/manifest.json')) as { readonly unit_tests: Readonly<Record<string, Record<string, unknown>>> };
  const { 'unit_test.shop.a.plain': plain = {}, ...others } = found;
  const shown = { rows: [{ id: 1 }], format: 'dict', fixture: null };
  const meta = Object.fromEntries(Object.values(others).map((t) => [t['name'], (t['config'] as { readonly meta: object }).meta]));
  expect(meta).toEqual({
    table: { owner: 'me', dml: { subject: 'model', expect_table: { ...shown, runs: 2 }, now: '2026-01-01' } },
    steps: { owner: 'me', dml: { subject: 'model', expect_ctes: { b: { ...shown, format: 'sql', rows: 'select 1 as id' } } } },
    call: { owner: 'me', dml: { subject: 'macro', call: '{{ m(1) }}', expect_text: '1 + 1' } },
  });
  for (const t of Object.values(others)) expect(Object.keys(t)).toEqual(Object.keys(plain));
  expect(found['unit_test.shop.a.table']?.['overrides']).toEqual({ macros: {}, vars: { v: 1 }, env_vars: {} });
  expect(found['unit_test.shop.m.call']?.['depends_on']).toEqual({ macros: ['macro.shop.m'], nodes: [] });
});
