// A snapshot's table is a history: for each key, versions that neither overlap nor leave a gap, and one that is the present. `npm run laws` tries many more cases.
import fc from 'fast-check';
import { afterAll, describe, expect, inject, test } from 'vitest';
import type { JsonMap } from '../../src/resolve/index.ts';
import type { Given } from '../units/materializations/kit.ts';
import { type Engine, engines } from './engine.ts';

const all = await engines();
afterAll(async () => {
  for (const engine of all) await engine.close();
});

/** One change to a source whose key is unique and never null: what a snapshot asks of it. */
type Change =
  | { readonly kind: 'put'; readonly k: number; readonly v: number }
  /** The value changes and the time goes back, as when an old row is restored. */
  | { readonly kind: 'late'; readonly k: number; readonly v: number }
  | { readonly kind: 'delete'; readonly k: number };
type Step = readonly Change[];

const key = fc.integer({ min: 1, max: 3 });
const value = fc.integer({ min: 0, max: 2 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), k: key, v: value }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), k: key, v: value }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), k: key }) },
    ),
    { maxLength: 3 },
  ),
  { minLength: 2, maxLength: 6 },
);

/** The engine's clock, as the snapshots themselves read it. */
const clock = (engine: Engine): string => (engine.name === 'duckdb' ? 'now()::timestamp' : 'clock_timestamp()::timestamp');

async function change(engine: Engine, source: string, c: Change): Promise<void> {
  if (c.kind === 'delete') return engine.run(`delete from ${source} where k = ${c.k}`);
  if (c.kind === 'late') return engine.run(`update ${source} set v = ${c.v}, changed = timestamp '2020-01-01' where k = ${c.k}`);
  const [{ length }] = [await engine.rows(`select 1 from ${source} where k = ${c.k}`)];
  if (length === 0) return engine.run(`insert into ${source} values (${c.k}, ${c.v}, ${clock(engine)})`);
  return engine.run(`update ${source} set v = ${c.v}, changed = ${clock(engine)} where k = ${c.k} and v <> ${c.v}`);
}

/** A version of a row: microseconds, `to` undefined while it is open. */
interface Version {
  readonly k: number;
  readonly v: number;
  readonly from: number;
  readonly to: number | undefined;
  readonly deleted: boolean;
  readonly id: string;
}

const FAR = "timestamp '9999-12-31'";

interface Kind {
  readonly name: string;
  readonly strategy: 'timestamp' | 'check';
  readonly deletes: 'ignore' | 'invalidate' | 'new_record';
  readonly far: boolean;
  readonly renamed: boolean;
}

const KINDS: readonly Kind[] = (['timestamp', 'check'] as const).flatMap((strategy) =>
  (['ignore', 'invalidate', 'new_record'] as const).flatMap((deletes) =>
    [false, true].map((far) => ({
      name: `${strategy}, hard_deletes: ${deletes}${far ? ', dbt_valid_to_current' : ''}`,
      strategy,
      deletes,
      far,
      // Other names of the columns, once for each strategy.
      renamed: far && deletes === 'new_record',
    })),
  ),
);

const NAMES = { dbt_valid_from: 'since', dbt_valid_to: 'until', dbt_scd_id: 'version_id', dbt_is_deleted: 'is_gone', dbt_updated_at: 'seen' };

function configOf(kind: Kind): JsonMap {
  return {
    unique_key: 'k',
    strategy: kind.strategy,
    ...(kind.strategy === 'timestamp' ? { updated_at: 'changed' } : { check_cols: ['v'] }),
    hard_deletes: kind.deletes,
    ...(kind.far && { dbt_valid_to_current: FAR }),
    ...(kind.renamed && { snapshot_meta_column_names: NAMES }),
  };
}

async function history(engine: Engine, table: string, kind: Kind): Promise<readonly Version[]> {
  const name = (column: keyof typeof NAMES): string => (kind.renamed ? NAMES[column] : column);
  const micros = (column: string): string => (engine.name === 'duckdb' ? `epoch_us(${column})` : `(extract(epoch from ${column}) * 1000000)::bigint`);
  const to = name('dbt_valid_to');
  const open = kind.far ? `${to} = ${FAR}` : `${to} is null`;
  const deleted = kind.deletes === 'new_record' ? `${name('dbt_is_deleted')} = 'True'` : 'false';
  const rows = await engine.rows(
    `select k, v, ${micros(name('dbt_valid_from'))}, case when ${open} then null else ${micros(to)} end, ${deleted}, ${name('dbt_scd_id')} from ${table} order by k, 3, 4`,
  );
  return rows.map(([k, v, from, until, gone, id]) => ({
    k: Number(k),
    v: Number(v),
    from: Number(from),
    to: until === null || until === undefined ? undefined : Number(until),
    deleted: gone === true,
    id: String(id),
  }));
}

/** What every history must be, given the keys that the source has now. */
function assertHistory(versions: readonly Version[], present: ReadonlySet<number>, kind: Kind): void {
  expect(new Set(versions.map((v) => v.id)).size, 'ids of versions').toBe(versions.length);
  for (const k of new Set([...versions.map((v) => v.k), ...present])) {
    const own = versions.filter((v) => v.k === k);
    own.forEach((version, i) => {
      const next = own[i + 1];
      if (version.to === undefined) {
        expect(next, `key ${k}: a version after the open one`).toBeUndefined();
        return;
      }
      expect(version.to, `key ${k}: a version that ends before it begins`).toBeGreaterThanOrEqual(version.from);
      if (next === undefined) return;
      // A key that was invalidated and came back was away in between: the only gap there may be.
      if (kind.deletes === 'invalidate') expect(next.from, `key ${k}: overlap`).toBeGreaterThanOrEqual(version.to);
      else expect(next.from, `key ${k}: overlap or gap`).toBe(version.to);
    });
    const open = own.filter((v) => v.to === undefined);
    const last = own.at(-1);
    if (present.has(k)) {
      expect(open, `key ${k}: one current version`).toHaveLength(1);
      expect(last?.deleted).toBe(false);
    } else if (kind.deletes === 'invalidate') expect(open, `key ${k}: no current version`).toHaveLength(0);
    else {
      expect(open, `key ${k}: one current version`).toHaveLength(1);
      expect(last?.deleted, `key ${k}: its last version says so`).toBe(kind.deletes === 'new_record');
    }
  }
}

let serial = 0;

async function play(engine: Engine, kind: Kind, sequence: readonly Step[]): Promise<void> {
  const nth = ++serial;
  const [source, name] = [`live_${nth}`, `history_${nth}`];
  await engine.run(`create table ${source} (k integer, v integer, changed timestamp)`);
  const given: Given = { kind: 'snapshot', name, config: configOf(kind), sql: `select k, v, changed from ${source}` };
  /** Keys whose last change was written with an old time: the strategy `timestamp` does not see it. */
  const hidden = new Set<number>();
  try {
    let before: readonly Version[] = [];
    for (const step of sequence) {
      for (const c of step) {
        // A row that is new, or whose time goes on, is seen again.
        if (c.kind === 'late') hidden.add(c.k);
        else {
          const [row] = await engine.rows(`select v from ${source} where k = ${c.k}`);
          if (c.kind === 'delete' ? row : row?.[0] !== c.v) hidden.delete(c.k);
        }
        // What comes back with the time it had before was never away, for the strategy `timestamp`: that is no history of it.
        await change(engine, source, c);
      }
      await engine.build(given);
      const versions = await history(engine, name, kind);
      const live = await engine.rows(`select k, v from ${source} order by k`);
      assertHistory(versions, new Set(live.map((r) => Number(r[0]))), kind);
      // The past does not change: every version that had ended is still there, and no open one has begun anew.
      for (const old of before) {
        const still = versions.find((v) => v.id === old.id);
        expect(still, `the version ${old.id}`).toMatchObject(old.to === undefined ? { k: old.k, v: old.v, from: old.from } : old);
      }
      // The present is what the source has.
      const current = new Map(versions.filter((v) => v.to === undefined && !v.deleted).map((v) => [v.k, v.v]));
      for (const [k, v] of live) if (kind.strategy === 'check' || !hidden.has(Number(k))) expect(current.get(Number(k)), `key ${k}`).toBe(v);
      await engine.build(given);
      expect(await history(engine, name, kind), 'a run that finds nothing new').toEqual(versions);
      before = versions;
    }
  } finally {
    for (const each of [source, name]) await engine.run(`drop table if exists ${each}`);
  }
}

const numRuns = inject('thorough') ? 100 : 4;

describe.each(all.map((engine) => [engine.name, engine] as const))('snapshots on %s', (_, engine) => {
  test.each(KINDS.map((kind) => [kind.name, kind] as const))('%s', { timeout: 600_000 }, async (_name, kind) => {
    await fc.assert(
      fc.asyncProperty(steps, (sequence) => play(engine, kind, sequence)),
      { numRuns, seed: 20_260_102 },
    );
  });
});
