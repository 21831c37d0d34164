import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonMap } from '../../../src/resolve/index.ts';
import { diagnosed, type Given, Shop } from './kit.ts';

/** What dbt 1.11 with dbt-duckdb 1.11 has in each snapshot after each step; times of the run itself are `now`. */
interface Golden {
  readonly steps: readonly string[];
  readonly snapshots: Readonly<
    Record<
      string,
      {
        readonly config: JsonMap;
        readonly after: readonly { readonly columns: readonly (readonly [string, string])[]; readonly rows: readonly (readonly (string | null)[])[] }[];
      }
    >
  >;
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../cases/materializations/snapshots.json'), 'utf8')) as Golden;

describe('snapshots hold what dbt keeps', () => {
  const s = new Shop();
  afterAll(() => s.close());
  test.each(Object.entries(golden.snapshots))('%s', async (name, { config, after }) => {
    for (const [i, sql] of golden.steps.entries()) {
      await s.run(`create or replace table src as ${sql}`);
      await s.build({ name, kind: 'snapshot', sql: 'select * from src', config });
      const expected = after[i];
      const columns = await s.rows(`select column_name, data_type from duckdb_columns() where table_name = '${name}' order by column_index`);
      expect(columns).toEqual(expected?.columns);
      const names = columns.map((c) => String(c[0]));
      const deleted = names.findIndex((n) => n === 'dbt_is_deleted' || n === 'gone');
      const hash = names.findIndex((n) => n === 'dbt_scd_id' || n === 'scd');
      const rows = await s.rows(`select ${names.map((n) => `"${n}"::varchar`).join(', ')} from "${name}"`);
      // The hash of a version that says "deleted" is made from the time of the run.
      const shown = rows.map((row) =>
        row.map((cell, at) => (/^20(2[5-9]|[3-9]\d)-/.test(String(cell)) || (at === hash && row[deleted] === 'True') ? 'now' : cell)),
      );
      const sorted = (list: readonly (readonly unknown[])[]): string[] => list.map((r) => JSON.stringify(r)).sort();
      expect(sorted(shown)).toEqual(sorted(expected?.rows ?? []));
    }
  });
});

describe('snapshots', () => {
  let s: Shop;
  beforeEach(() => {
    s = new Shop();
  });
  afterEach(() => s.close());
  const given: Given = {
    kind: 'snapshot',
    sql: "select 1 as id, 'a' as v, timestamp '2024-01-01' as changed;",
    config: { strategy: 'timestamp', unique_key: 'id', updated_at: 'changed' },
  };
  const configured = (config: JsonMap): Given => ({ ...given, config: { ...given.config, ...config } });

  test('what is missing or unknown is said before anything is made', async () => {
    for (const [config, code] of [
      [{ strategy: null }, 'snapshot-config'],
      [{ strategy: 'hash' }, 'config-value'],
      [{ unique_key: null }, 'snapshot-config'],
      [{ updated_at: null }, 'snapshot-config'],
      [{ hard_deletes: 'drop' }, 'config-value'],
      [{ hard_deletes: 'ignore', invalidate_hard_deletes: true }, 'config-value'],
    ] as const) {
      expect((await diagnosed(s.build(configured(config)))).code, JSON.stringify(config)).toBe(code);
    }
    expect(await s.relations()).toEqual([]);
  });

  test('a table that is no snapshot, or a view, is left alone', async () => {
    await s.run('create table orders as select 1 as id');
    expect(await diagnosed(s.build(given))).toMatchObject({
      code: 'snapshot-target',
      message: expect.stringContaining('dbt_scd_id, dbt_valid_from, dbt_valid_to'),
    });
    await s.build({ kind: 'view', sql: 'select 1 as id' });
    expect((await diagnosed(s.build(given))).code).toBe('snapshot-not-table');
    expect((await diagnosed(s.build({ ...given, fullRefresh: true }))).code).toBe('snapshot-not-table');
  });

  test('a full refresh keeps the history', async () => {
    await s.build(given);
    await s.build({ ...given, fullRefresh: true, sql: "select 1 as id, 'b' as v, timestamp '2024-01-02' as changed" });
    expect(await s.rows('select v, dbt_valid_to is null from orders order by 1')).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  test('the check strategy without updated_at takes the time of the run, the same for end and start', async () => {
    const check = configured({ strategy: 'check', check_cols: 'all', updated_at: null });
    await s.build(check);
    await s.build({ ...check, sql: "select 1 as id, 'b' as v, timestamp '2024-01-01' as changed" });
    expect(
      await s.rows("select a.dbt_valid_to = b.dbt_valid_from, a.dbt_scd_id <> b.dbt_scd_id from orders a, orders b where a.v = 'a' and b.v = 'b'"),
    ).toEqual([[true, true]]);
  });

  test("a project's own hash is used for every version", async () => {
    const own: Given = {
      ...given,
      overrides: {
        snapshot_hash_arguments: () => '',
        snapshot_timestamp_strategy: () => 'STRATEGY',
        build_snapshot_table: (strategy: string, sql: string) =>
          `select *, '${strategy}' as dbt_scd_id, changed as dbt_updated_at, changed as dbt_valid_from, null::timestamp as dbt_valid_to from (${sql})`,
        snapshot_staging_table: (strategy: string, sql: string) =>
          `select 'insert' as dbt_change_type, *, id as dbt_unique_key, changed as dbt_updated_at, changed as dbt_valid_from, null::timestamp as dbt_valid_to, '${strategy} 2' as dbt_scd_id from (${sql})`,
      },
    };
    await s.build(own);
    await s.build(own);
    expect(await s.rows('select dbt_scd_id from orders order by 1')).toEqual([['STRATEGY'], ['STRATEGY 2']]);
  });
});
