// The tests that compare a table with its own past, with runs on many days, on DuckDB and on Postgres; and what the history holds.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../cases.ts';
import { dml } from '../command.ts';
import { onBoth } from './both.ts';

const { dir, engines, write, end } = await onBoth('anomaly', 4);
const DAY = 86_400_000;

/** Days are those of March 2026: the first is a Sunday. */
const FIRST = Date.UTC(2026, 2, 1, 6);

const orders = `
select
  i as id,
  cast(i % 7 as double precision) + {{ var('shift', 0) }} as amount,
  case when i <= {{ var('nulls', 0) }} then null else 'name ' || i % 40 end as name,
  cast('{{ var('loaded', '2026-03-01') }}' as timestamp) as loaded
  {{ ', ' ~ var('more') ~ ' as more' if var('more', none) }}
from generate_series(1, {{ var('rows', 100) }}) as s (i)`;

const properties = {
  models: [
    {
      name: 'orders',
      data_tests: [
        { volume_anomaly: { name: 'volume' } },
        { volume_anomaly: { name: 'volume_of_some', config: { where: 'id <= 50' } } },
        { schema_changed: { name: 'columns' } },
        { schema_changed: { name: 'columns_but_added', arguments: { allow: ['added'] } } },
      ],
      columns: [
        { name: 'amount', data_tests: [{ column_anomaly: { name: 'amounts', arguments: { metrics: ['mean', 'max', 'median'] } } }] },
        { name: 'name', data_tests: [{ column_anomaly: { name: 'names', arguments: { metrics: ['null_rate', 'distinct_count'], direction: 'high' } } }] },
        { name: 'loaded', data_tests: [{ freshness_anomaly: { name: 'age', arguments: { on_warmup: 'warn' } } }] },
      ],
    },
  ],
};

/** Rows of the last forty days before the clock of the tests, 2 January 2026, and some of that day itself; those of the last whole day can be chosen. */
const events = `
select
  cast('2026-01-01 12:00:00' as timestamp) - d * interval '1 day' + n * interval '1 minute' as seen,
  cast('2026-01-01 12:00:00+00' as timestamp with time zone) - d * interval '1 day' + n * interval '1 minute' as seen_there,
  n % 5 + case when d = 0 then {{ var('moved', 0) }} else 0 end as size
from generate_series(-1, 40) as days (d)
cross join generate_series(1, 300) as numbers (n)
where n <= case when d = 0 then {{ var('last', 100) }} when d = -1 then 5 else 100 end`;

const eventTests = {
  name: 'events',
  data_tests: [
    { volume_anomaly: { name: 'daily', arguments: { timestamp_column: 'seen' } } },
    { volume_anomaly: { name: 'daily_there', arguments: { timestamp_column: 'seen_there', direction: 'low' } } },
    { volume_anomaly: { name: 'daily_to_yesterday', arguments: { timestamp_column: 'seen', days: 1, min_points: 1, tolerance: 0.3 } } },
    { freshness_anomaly: { name: 'daily_age', arguments: { timestamp_column: 'seen' } } },
    { freshness_anomaly: { name: 'daily_age_there', arguments: { timestamp_column: 'seen_there' } } },
    { volume_anomaly: { name: 'daily_lately', arguments: { timestamp_column: 'seen' }, config: { where: "seen >= '2025-12-30'" } } },
  ],
  columns: [{ name: 'size', data_tests: [{ column_anomaly: { name: 'daily_sizes', arguments: { metrics: 'mean', timestamp_column: 'seen' } } }] }],
};

const STRICT = { volume_anomaly: { name: 'strict', arguments: { on_warmup: 'fail', min_points: 1000 } } };

beforeAll(() => {
  const kept = { name: 'kept', data_tests: [STRICT] };
  write({
    'models/orders.sql': orders,
    'models/events.sql': events,
    'models/kept.sql': "{{ config(history=true) }} select 1 as id, 'x' as name, date '2026-01-01' as day, true as flag",
    'models/models.yml': JSON.stringify({ models: [...properties.models, kept, eventTests] }),
    'dbt_project.yml': JSON.stringify({ name: 'past', profile: 'p', models: { '+materialized': 'table' } }),
  });
});

afterAll(() => end());

interface Result {
  readonly unique_id: string;
  readonly status: string;
  readonly failures: number | null;
}

describe.each(engines)('%s', (engine) => {
  let runs = 0;
  /** A build on the n-th day, and what became of its tests by name. */
  async function build(day: number, vars: Readonly<Record<string, unknown>> = {}, ...more: readonly string[]) {
    runs++;
    const id = `00000000-0000-4000-8000-${String(runs).padStart(12, '0')}`;
    const loaded = new Date(FIRST + (day - 1) * DAY).toISOString().slice(0, 10);
    const argv = ['build', '--target', engine, '--select', 'orders', '--vars', JSON.stringify({ loaded, ...vars }), ...more];
    const outcome: Outcome = await dml(argv, dir, undefined, { now: FIRST + (day - 1) * DAY, id });
    const { results } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as { results: Result[] };
    const statuses = Object.fromEntries(results.filter((r) => r.unique_id.startsWith('test.')).map((r) => [r.unique_id.split('.')[2], r.status]));
    return { ...outcome, statuses };
  }
  async function rowsOf(sql: string): Promise<readonly Record<string, unknown>[]> {
    const { code, stdout, stderr } = await dml(['show', '--quiet', '--inline', sql, '--limit', '-1', '--output', 'json', '--target', engine], dir);
    expect(code, stdout + stderr).toBe(0);
    return (JSON.parse(stdout) as { show: Record<string, unknown>[] }).show;
  }
  const history = '{{ dml_history_table() }}';
  const passing = { volume: 'pass', volume_of_some: 'pass', columns: 'pass', columns_but_added: 'pass', amounts: 'pass', names: 'pass', age: 'pass' };

  test('the first day: all pass, and each says that it has no verdict yet', async () => {
    const { code, stdout, statuses } = await build(1);
    expect(statuses).toEqual({ ...passing, age: 'warn' });
    expect(code).toBe(0);
    expect(stdout).toContain('note[test-note]: `volume` has no verdict yet: row_count: warm-up, 0 of 7 points');
    expect(stdout).toContain('note[test-note]: `amounts` has no verdict yet: max: warm-up, 0 of 7 points; mean: warm-up');
    expect(stdout).toContain('note[test-note]: `columns` has no verdict yet: schema: warm-up, no earlier run');
    expect(stdout).toMatch(/Warning in test age .*\n.* No verdict yet: age: warm-up, 0 of 7 points/);
  });

  test('one scan has measured what the tests of a relation want, and one more where there is a condition', async () => {
    const rows = await rowsOf(`select relation, column_name, metric from ${history} where metric <> 'type' order by 1, 2, 3`);
    const told = rows.map((r) => `${String(r.relation).includes('where') ? 'where ' : ''}${r.column_name ?? ''} ${r.metric}`);
    expect(told.sort()).toEqual(
      [' row_count', 'amount max', 'amount mean', 'amount median', 'loaded max', 'name distinct_count', 'name null_rate', 'where  row_count'].sort(),
    );
  });

  test('five weeks with busier Sundays: those are found until there are four of them to compare with, and nothing else', async () => {
    for (let day = 2; day <= 36; day++) {
      const sunday = (day - 1) % 7 === 0;
      const { stdout, statuses } = await build(day, { rows: sunday ? 300 : 100 + (day % 5) });
      if (day < 8) expect(stdout).toContain(`row_count: warm-up, ${day - 1} of 7 points`);
      else expect(stdout).not.toContain('test-note');
      const age = day < 8 ? 'warn' : 'pass';
      expect({ day, ...statuses }, stdout).toEqual({ day, ...passing, age, volume: sunday && day < 29 ? 'fail' : 'pass' });
    }
  }, 120_000);

  test('a run that is repeated on the same day compares with the days before, and does not double them', async () => {
    const count = async (): Promise<number> => {
      const [row] = await rowsOf(`select count(*) as n from ${history} where metric = 'row_count' and recorded_at = timestamp '2026-04-05 06:00:00'`);
      return Number(row?.n);
    };
    expect(await count()).toBe(2);
    expect((await build(36, { rows: 300 })).statuses).toEqual(passing);
    expect(await count()).toBe(4);
    runs--;
    await build(36, { rows: 300 });
    expect(await count()).toBe(4);
  });

  test('what is fine on a Sunday is an anomaly on a Monday', async () => {
    const { stdout, statuses } = await build(37, { rows: 300 });
    expect(statuses['volume']).toBe('fail');
    expect(statuses['volume_of_some']).toBe('pass');
    expect(stdout).toMatch(/higher than expected +row_count +300 +9\d(\.\d+)? +1[01]\d(\.\d+)?/);
    expect(stdout).toContain('Monday');
  });

  test('means, nulls, age and columns that change are found', async () => {
    const moved = await build(38, { shift: 10 });
    expect(moved.statuses).toEqual({ ...passing, amounts: 'fail' });
    const nulls = await build(38, { nulls: 30 });
    expect(nulls.statuses).toEqual({ ...passing, names: 'fail' });
    const old = await build(38, { loaded: '2026-03-20' });
    expect(old.statuses).toEqual({ ...passing, age: 'fail' });
    const added = await build(38, { more: '1' });
    expect(added.statuses).toEqual({ ...passing, columns: 'fail' });
    const retyped = await build(38, { more: "'text'" });
    expect(retyped.statuses).toEqual({ ...passing, columns: 'fail', columns_but_added: 'fail' });
    expect(retyped.stdout).toMatch(/type_changed +more/);
    const removed = await build(38);
    expect(removed.statuses).toEqual({ ...passing, columns: 'fail', columns_but_added: 'fail' });
    expect(removed.stdout).toMatch(/removed +more/);
  });

  test('an empty table is an anomaly, and a run over none of the rows measures nothing', async () => {
    const empty = await build(38, { rows: 0 });
    expect(empty.statuses).toEqual({ ...passing, volume: 'fail', volume_of_some: 'fail', amounts: 'fail', names: 'fail', age: 'fail' });
    expect(empty.stdout).toContain('nothing to measure');
    const [before] = await rowsOf(`select count(*) as n from ${history}`);
    const none = await build(38, {}, '--empty');
    expect(none.stdout).toContain('not measured');
    expect(await rowsOf(`select count(*) as n from ${history}`)).toEqual([before]);
  });

  test('a model that keeps its history is measured whole at each build; days that are too old are forgotten', async () => {
    const argv = ['build', '--target', engine, '--select', 'kept', '--vars', '{dml_history_days: 10}'];
    const { code, stdout } = await dml(argv, dir, undefined, { now: FIRST + 60 * DAY, id: 'kept' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL 1 strict/);
    const rows = await rowsOf(`select invocation_id, column_name, metric, value from ${history} where metric <> 'type' order by 2, 3`);
    expect(new Set(rows.map((r) => r.invocation_id))).toEqual(new Set(['kept']));
    const values = Object.fromEntries(rows.map((r) => [`${r.column_name ?? ''} ${r.metric}`, r.value === null ? null : Number(r.value)]));
    expect(values).toMatchObject({ ' row_count': 1, 'id mean': 1, 'id stddev': null, 'name max_length': 1, 'day max': 1767225600, 'flag mean': 1 });
  });

  test.each([
    [{}, {}, ''],
    [{ last: 60 }, { daily: 'fail', daily_there: 'fail', daily_to_yesterday: 'fail' }, 'lower than expected'],
    [{ last: 80 }, { daily: 'fail', daily_there: 'fail' }, 'lower than expected'],
    [{ last: 200 }, { daily: 'fail', daily_to_yesterday: 'fail' }, 'higher than expected'],
    [
      { last: 0 },
      { daily: 'fail', daily_there: 'fail', daily_to_yesterday: 'fail', daily_sizes: 'fail', daily_age: 'fail', daily_age_there: 'fail' },
      'nothing to measure',
    ],
    [{ moved: "cast('NaN' as double precision)" }, { daily_sizes: 'fail' }, 'no number'],
    [{ moved: 3 }, { daily_sizes: 'fail' }, 'Thursday'],
  ])('a past that is in the table itself, with %o', async (vars, failing, told) => {
    const { stdout } = await dml(['build', '--target', engine, '--select', 'events', '--vars', JSON.stringify(vars)], dir);
    const { results } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as { results: Result[] };
    const statuses = Object.fromEntries(results.filter((t) => t.unique_id.startsWith('test.')).map((t) => [t.unique_id.split('.')[2], t.status]));
    expect(statuses, stdout).toEqual({
      daily: 'pass',
      daily_there: 'pass',
      daily_lately: 'pass',
      daily_to_yesterday: 'pass',
      daily_sizes: 'pass',
      daily_age: 'pass',
      daily_age_there: 'pass',
      ...failing,
    });
    expect(stdout).toContain(told);
    expect(stdout).toContain('`daily_lately` has no verdict yet: row_count: warm-up, 2 of 7 points');
  });

  test.each([
    ["test_volume_anomaly(ref('events'), timestamp_column='size')", 'volume_anomaly: timestamp_column is a date or a time, but size is a'],
    ["test_volume_anomaly(ref('events'), timestamp_column='sen')", 'volume_anomaly: there is no column sen; did you mean seen?'],
    ["test_column_anomaly(ref('events'), 'size', metrics=['mean_length'])", 'a metric of a column that holds integer is one of null_count, null_rate'],
    ["test_column_anomaly(ref('events'), 'size', metrics=[])", 'column_anomaly needs metrics, a list that is not empty'],
    ["test_volume_anomaly(ref('events'), min_points=0)", 'volume_anomaly: min_points is a number, 1 or more, not 0'],
    ["test_volume_anomaly(ref('events'), direction='up')", 'volume_anomaly: direction is one of both, high, low, not up'],
    ["test_freshness_anomaly(ref('events'))", 'freshness_anomaly stands under a column of times, or needs timestamp_column'],
    ["test_schema_changed(ref('events'), allow='renamed')", 'schema_changed: allow is one of added, removed, type_changed, not renamed'],
  ])('%s is an error', async (call, message) => {
    const { code, stdout, stderr } = await dml(['show', '--inline', `{{ ${call} }}`, '--target', engine], dir);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(message);
  });
});
