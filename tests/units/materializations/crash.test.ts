import { describe, expect, inject, test } from 'vitest';
import { crash } from '../../../src/run/drive.ts';
import { type Given, program, Shop } from './kit.ts';

interface Scene {
  readonly name: string;
  /** What is there before the run that is killed. */
  readonly before: readonly Given[];
  readonly run: Given;
  /** Rows of the node's relation when the run has been repeated to its end. */
  readonly result: unknown[][];
  /** What the relation may hold right after the kill, besides `result`; absent: the relation may be missing. */
  readonly meanwhile?: unknown[][];
  readonly select?: string;
}

const key = { unique_key: 'id' };
const start: Given = { kind: 'incremental', sql: "select 1 as id, 'a' as v union all select 2, 'b'" };
const grow: Given = { ...start, sql: "select 2 as id, 'c' as v union all select 3, 'd'" };
const merged = [
  [1, 'a'],
  [2, 'c'],
  [3, 'd'],
];
const old = [
  [1, 'a'],
  [2, 'b'],
];
const docs = { persist_docs: { relation: true, columns: true } };
const hooks = { 'pre-hook': [{ sql: 'select 1' }], 'post-hook': [{ sql: 'select 2' }, { sql: 'select 3', transaction: false }] };
const contract: Given = {
  kind: 'table',
  contract: true,
  sql: 'select 2 as id',
  columns: [{ name: 'id', data_type: 'integer', constraints: [{ type: 'primary_key' }] }],
};
const versions: Given = {
  kind: 'snapshot',
  config: { strategy: 'check', unique_key: 'id', check_cols: ['v'], updated_at: 'changed', hard_deletes: 'invalidate' },
  sql: "select 1 as id, 'a' as v, timestamp '2024-01-01' as changed union all select 2, 'b', timestamp '2024-01-01'",
};
const later: Given = { ...versions, sql: "select 1 as id, 'c' as v, timestamp '2024-01-02' as changed" };
const history = 'select id, v, dbt_valid_from::varchar, dbt_valid_to is null from orders order by all';

const scenes: readonly Scene[] = [
  { name: 'a new view', before: [], run: { kind: 'view', sql: 'select 1 as id', config: hooks }, result: [[1]] },
  {
    name: 'a view in the place of a table',
    before: [{ kind: 'table', sql: 'select 1 as id' }],
    run: { kind: 'view', sql: 'select 2 as id' },
    result: [[2]],
    meanwhile: [[1]],
  },
  {
    name: 'a table in the place of a table',
    before: [{ kind: 'table', sql: 'select 1 as id' }],
    run: { kind: 'table', sql: 'select 2 as id', description: 'x', config: { ...docs, ...hooks, indexes: [{ columns: ['id'] }] } },
    result: [[2]],
    meanwhile: [[1]],
  },
  {
    name: 'a table in the place of a view',
    before: [{ kind: 'view', sql: 'select 1 as id' }],
    run: { kind: 'table', sql: 'select 2 as id' },
    result: [[2]],
    meanwhile: [[1]],
  },
  { name: 'a table with a contract', before: [{ ...contract, sql: 'select 1 as id' }], run: contract, result: [[2]], meanwhile: [[1]] },
  {
    name: 'a table by macros of the project',
    before: [{ kind: 'table', sql: 'select 1 as id' }],
    run: {
      kind: 'table',
      sql: 'select 2 as id',
      overrides: {
        create_table_as: () => '',
        get_create_table_as_sql: (_: boolean, r: { identifier: string }, sql: string) => `create table "${r.identifier}" as ${sql}`,
      },
    },
    result: [[2]],
    meanwhile: [[1]],
  },
  { name: 'the first run of an incremental model', before: [], run: { ...start, config: key }, result: old },
  {
    name: 'append',
    before: [start],
    run: { ...grow, config: { incremental_strategy: 'append' } },
    result: [
      [1, 'a'],
      [2, 'b'],
      [2, 'c'],
      [3, 'd'],
    ],
    meanwhile: old,
  },
  {
    name: 'delete+insert',
    before: [start],
    run: { ...grow, config: { ...key, incremental_strategy: 'delete+insert', ...hooks } },
    result: merged,
    meanwhile: old,
  },
  { name: 'merge', before: [start], run: { ...grow, config: { ...key, incremental_strategy: 'merge' } }, result: merged, meanwhile: old },
  {
    name: 'a change of columns',
    before: [start],
    run: { ...grow, sql: "select 2 as id, 'c' as w", config: { ...key, on_schema_change: 'sync_all_columns' } },
    result: [
      [1, null],
      [2, 'c'],
    ],
    meanwhile: old,
  },
  {
    name: 'a full refresh',
    before: [start],
    run: { ...grow, fullRefresh: true },
    result: [
      [2, 'c'],
      [3, 'd'],
    ],
    meanwhile: old,
  },
  {
    name: 'an incremental model in the place of a view',
    before: [{ ...start, kind: 'view' }],
    run: { ...grow, config: key },
    result: [
      [2, 'c'],
      [3, 'd'],
    ],
    meanwhile: old,
  },
  {
    name: 'the first run of a snapshot',
    before: [],
    run: versions,
    select: history,
    result: [
      [1, 'a', '2024-01-01 00:00:00', true],
      [2, 'b', '2024-01-01 00:00:00', true],
    ],
  },
  {
    name: 'new versions of a snapshot',
    before: [versions],
    run: later,
    select: history,
    result: [
      [1, 'a', '2024-01-01 00:00:00', false],
      [1, 'c', '2024-01-02 00:00:00', true],
      [2, 'b', '2024-01-01 00:00:00', false],
    ],
    meanwhile: [
      [1, 'a', '2024-01-01 00:00:00', true],
      [2, 'b', '2024-01-01 00:00:00', true],
    ],
  },
  {
    name: 'a test that stores its failures',
    before: [{ kind: 'test', storeFailures: true, sql: 'select 1 as id' }],
    run: { kind: 'test', storeFailures: true, sql: 'select 2 as id', config: { store_failures_as: 'view' } },
    result: [[2]],
    meanwhile: [[1]],
  },
];

/** Kills the run at effect k, looks, runs again to the end; answers whether the run had ended before k. */
async function killed(scene: Scene, k: number, when: 'before' | 'after', files: (shop: Shop) => { before: Given[]; run: Given }): Promise<boolean> {
  const shop = new Shop();
  try {
    const { before, run } = files(shop);
    for (const given of before) await shop.build(given);
    const session = await (await shop.open()).session('killed');
    const ended = await crash(program(run), session, k, when);
    await shop.close();
    const where = `${scene.name}: killed ${when} effect ${k}`;
    const select = scene.select ?? 'select * from orders order by all';
    const exists = (await shop.relations()).some((r) => r.startsWith('main.orders '));
    expect(exists || !scene.meanwhile, where).toBe(true);
    if (exists) expect([scene.meanwhile, scene.result, ...(scene.meanwhile ? [] : [[]])], where).toContainEqual(await shop.rows(select));
    await shop.close();
    // Without a key, a run that had ended when it was killed adds its rows a second time: then there is nothing to repeat.
    if (!(ended || (scene.name === 'append' && exists && (await shop.rows(select)).length === scene.result.length))) await shop.build(run);
    expect(await shop.rows(select), where).toEqual(scene.result);
    expect(
      (await shop.relations()).filter((r) => r.includes('__dbt')),
      where,
    ).toEqual([]);
    return ended;
  } finally {
    await shop.close();
  }
}

async function everywhere(scene: Scene, files: (shop: Shop) => { before: Given[]; run: Given }): Promise<void> {
  // Every place under `npm run crash`, otherwise every third.
  const step = inject('thorough') ? 1 : 3;
  for (const when of ['before', 'after'] as const) {
    for (let k = when === 'before' || step === 1 ? 0 : 1; ; k += step) if (await killed(scene, k, when, files)) break;
  }
}

describe('a killed run, repeated, gives the right relation', () => {
  test.each(scenes.map((s) => [s.name, s] as const))(
    '%s',
    async (_, scene) => {
      await everywhere(scene, () => ({ before: [...scene.before], run: scene.run }));
    },
    120_000,
  );

  test.each([
    ['a new seed', false, false],
    ['a seed loaded again', true, false],
    ['a seed made anew', true, true],
  ])(
    '%s',
    async (name, again, fullRefresh) => {
      const scene: Scene = {
        name,
        before: [],
        run: { kind: 'seed' },
        result: [
          [2, 'b'],
          [3, 'c'],
        ],
        ...(again && { meanwhile: [[1, 'a']] }),
      };
      await everywhere(scene, (shop) => ({
        before: again ? [{ kind: 'seed', file: shop.csv('old', 'id,v\n1,a\n') }] : [],
        run: { kind: 'seed', fullRefresh, file: shop.csv('new', 'id,v\n2,b\n3,c\n') },
      }));
    },
    120_000,
  );
});
