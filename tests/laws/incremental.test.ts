// What each incremental strategy does, written down as a function of two tables, and what it promises. `npm run laws` tries many more cases.
import fc from 'fast-check';
import { afterAll, describe, expect, inject, test } from 'vitest';
import type { JsonMap } from '../../src/resolve/index.ts';
import type { Given } from '../units/materializations/kit.ts';
import { type Engine, engines } from './engine.ts';
import { LATE, lines, newest, type Row, Source, type Step, steps } from './source.ts';

const all = await engines();
afterAll(async () => {
  for (const engine of all) await engine.close();
});

type Table = readonly Row[];

/** How the model reads its source. */
interface Reading {
  readonly name: string;
  /** One row a key: the newest. */
  readonly distinct: boolean;
  /** Reads from so many ticks before the newest row it has; -1: only what is newer than that; undefined: all of it. */
  readonly lookback: number | undefined;
}

const READINGS = {
  all: { name: 'everything', distinct: false, lookback: undefined },
  latest: { name: 'the newest row of each key', distinct: true, lookback: undefined },
  window: { name: `the newest row of each key, looking back ${LATE}`, distinct: true, lookback: LATE },
  since: { name: 'everything from the last row on', distinct: false, lookback: 0 },
  after: { name: 'only what is newer', distinct: false, lookback: -1 },
} as const satisfies Record<string, Reading>;

function query(reading: Reading, source: string, target: string | undefined): string {
  const { lookback } = reading;
  const where = lookback === undefined || target === undefined ? '' : ` where tick >= (select coalesce(max(tick), -1000) from ${target}) - ${lookback}`;
  const rows = `select k, v, tick from ${source}${where}`;
  return reading.distinct
    ? `select k, v, tick from (select *, row_number() over (partition by k order by tick desc, v desc) as nth from (${rows}) as r) as s where nth = 1`
    : rows;
}

function read(reading: Reading, source: Table, target: Table | undefined): Table {
  const from = target === undefined || reading.lookback === undefined ? -Infinity : Math.max(-1000, ...target.map((r) => r.at)) - reading.lookback;
  const rows = source.filter((r) => r.at >= from);
  return reading.distinct ? newest(rows) : rows;
}

type Sequel = Table | 'merge-duplicate-key' | 'merge-null-key';

/** A strategy as a function: the table that comes of a table and the rows that the model gives, or the code it refuses them with. */
interface Strategy {
  readonly name: string;
  readonly config: JsonMap;
  readonly engines: readonly string[];
  readonly outcome: (target: Table, staged: Table) => Sequel;
}

const BOTH = ['duckdb', 'postgres'];
const keyed = { unique_key: 'k' };
const has = (rows: Table, k: number | null): boolean => k !== null && rows.some((r) => r.k === k);

const deleteInsert = (target: Table, staged: Table): Table => [...target.filter((t) => !has(staged, t.k)), ...staged];

function merging(update: (old: Row, fresh: Row) => Row, insert: (fresh: Row) => boolean = () => true) {
  return (target: Table, staged: Table): Sequel => {
    const present = staged.filter((r) => r.k !== null);
    const byKey = new Map(present.map((r) => [r.k, r]));
    if (byKey.size < present.length) return 'merge-duplicate-key';
    if (present.length < staged.length) return 'merge-null-key';
    const kept = target.map((t) => {
      const fresh = byKey.get(t.k);
      return fresh ? update(t, fresh) : t;
    });
    return [...kept, ...staged.filter((r) => !has(target, r.k) && insert(r))];
  };
}

const merge = (name: string, options: JsonMap, outcome: Strategy['outcome'], where = BOTH): Strategy => ({
  name: `merge${name && ` with ${name}`}`,
  config: { incremental_strategy: 'merge', ...keyed, ...options },
  engines: where,
  outcome,
});

const replace = (_: Row, fresh: Row): Row => fresh;
const newer = (old: Row, fresh: Row): Row => (fresh.at >= old.at ? fresh : old);

const STRATEGIES: readonly Strategy[] = [
  { name: 'append', config: { incremental_strategy: 'append' }, engines: BOTH, outcome: (target, staged) => [...target, ...staged] },
  { name: 'delete+insert', config: { incremental_strategy: 'delete+insert', ...keyed }, engines: BOTH, outcome: deleteInsert },
  { name: 'delete+insert by a list of keys', config: { incremental_strategy: 'delete+insert', unique_key: ['k'] }, engines: BOTH, outcome: deleteInsert },
  {
    name: 'delete+insert with predicates',
    config: { incremental_strategy: 'delete+insert', ...keyed, incremental_predicates: ['v < 3'] },
    engines: BOTH,
    outcome: (target, staged) => [...target.filter((t) => !(has(staged, t.k) && t.v < 3)), ...staged],
  },
  merge('', {}, merging(replace)),
  merge('a list of keys', { unique_key: ['k'] }, merging(replace)),
  merge(
    'merge_update_columns',
    { merge_update_columns: ['v'] },
    merging((old, fresh) => ({ ...old, v: fresh.v })),
  ),
  merge(
    'merge_exclude_columns',
    { merge_exclude_columns: ['v'] },
    merging((old, fresh) => ({ ...fresh, v: old.v })),
  ),
  merge('merge_update_condition', { merge_update_condition: 'DBT_INTERNAL_SOURCE.tick >= DBT_INTERNAL_DEST.tick' }, merging(newer), ['duckdb']),
  merge(
    'merge_insert_condition',
    { merge_insert_condition: 'DBT_INTERNAL_SOURCE.v > 0' },
    merging(replace, (r) => r.v > 0),
    ['duckdb'],
  ),
  merge('merge_on_using_columns', { merge_on_using_columns: ['k'] }, merging(replace), ['duckdb']),
  merge(
    'merge_update_set_expressions',
    { merge_update_set_expressions: { v: 'greatest(DBT_INTERNAL_DEST.v, DBT_INTERNAL_SOURCE.v)' } },
    merging((old, fresh) => ({ ...fresh, v: Math.max(old.v, fresh.v) })),
    ['duckdb'],
  ),
  merge(
    'predicates',
    { incremental_predicates: ['DBT_INTERNAL_DEST.v < 9'] },
    // The predicate holds for every row: it only narrows what the engine looks at.
    merging(replace),
  ),
];

/** What is promised of a strategy with a reading. `null`: no promise. */
interface Promised {
  readonly strategy: string;
  readonly reading: Reading;
  /** Running again when the source has not changed leaves the table as it is. */
  readonly rerun: (source: Source) => boolean;
  /** The table is what a full refresh would make. */
  readonly refresh: (source: Source) => boolean;
}

const never = (): boolean => false;
const always = (): boolean => true;
const noNullKeys = (s: Source): boolean => s.rows.every((r) => r.k !== null);
const onceEach = (s: Source): boolean => new Set(s.rows.map((r) => r.k)).size === s.rows.length;
const nothingDeleted = (s: Source): boolean => !s.deleted;

const PROMISES: readonly Promised[] = [
  { strategy: 'append', reading: READINGS.after, rerun: always, refresh: (s) => !(s.deleted || s.updated || s.late) },
  { strategy: 'append', reading: READINGS.all, rerun: never, refresh: never },
  { strategy: 'delete+insert', reading: READINGS.all, rerun: noNullKeys, refresh: (s) => noNullKeys(s) && nothingDeleted(s) },
  { strategy: 'delete+insert', reading: READINGS.latest, rerun: noNullKeys, refresh: (s) => noNullKeys(s) && nothingDeleted(s) },
  { strategy: 'delete+insert', reading: READINGS.window, rerun: noNullKeys, refresh: (s) => noNullKeys(s) && nothingDeleted(s) },
  { strategy: 'delete+insert', reading: READINGS.since, rerun: (s) => noNullKeys(s) && onceEach(s), refresh: never },
  { strategy: 'delete+insert by a list of keys', reading: READINGS.window, rerun: noNullKeys, refresh: (s) => noNullKeys(s) && nothingDeleted(s) },
  { strategy: 'delete+insert with predicates', reading: READINGS.latest, rerun: never, refresh: never },
  ...STRATEGIES.filter((s) => s.name.startsWith('merge')).flatMap(({ name }): Promised[] => {
    const whole = /^merge( with (a list of keys|merge_on_using_columns|merge_update_condition|predicates))?$/.test(name);
    // What a condition or an expression makes of a row depends on the rows before it, but doing it twice does no more than once.
    return [
      { strategy: name, reading: READINGS.all, rerun: always, refresh: never },
      { strategy: name, reading: READINGS.latest, rerun: always, refresh: whole ? (s) => noNullKeys(s) && nothingDeleted(s) : never },
      { strategy: name, reading: READINGS.window, rerun: always, refresh: whole ? (s) => noNullKeys(s) && nothingDeleted(s) : never },
    ];
  }),
];

let serial = 0;

async function contents(engine: Engine, table: string): Promise<Table> {
  const rows = await engine.rows(`select k, v, tick from ${table}`);
  return rows.map(([k, v, at]) => ({ k: k === null || k === undefined ? null : Number(k), v: Number(v), at: Number(at) }));
}

/** Plays a sequence: after each step a run, a run again, and a full refresh beside it. */
async function play(engine: Engine, strategy: Strategy, promise: Promised, sequence: readonly Step[]): Promise<void> {
  const nth = ++serial;
  const [from, name] = [`source_${nth}`, `orders_${nth}`];
  await engine.run(`create table ${from} (k integer, v integer, tick integer)`);
  const source = new Source();
  const { reading } = promise;
  let table: Table | undefined;
  const given = (): Given => ({ kind: 'incremental', name, config: strategy.config, sql: query(reading, from, table && name) });
  const run = async (): Promise<boolean> => {
    const staged = read(reading, source.rows, table);
    const wanted = table === undefined ? staged : strategy.outcome(table, staged);
    if (typeof wanted === 'string') {
      expect(await engine.refused(given())).toBe(wanted);
      expect(lines(await contents(engine, name))).toEqual(lines(table ?? []));
      return false;
    }
    await engine.build(given());
    table = wanted;
    expect(lines(await contents(engine, name))).toEqual(lines(wanted));
    return true;
  };
  try {
    let whole = true;
    for (const step of sequence) {
      source.apply(step);
      await source.store(engine, from);
      // Rows that were refused once are not in the table: a later window may not see them again.
      whole = (await run()) && whole;
      const before = lines(table ?? []);
      await run();
      if (promise.rerun(source)) expect(lines(await contents(engine, name))).toEqual(before);
      if (whole && promise.refresh(source)) {
        await engine.build({ ...given(), name: `${name}_full`, fullRefresh: true, sql: query(reading, from, undefined) });
        expect(lines(await contents(engine, name))).toEqual(lines(await contents(engine, `${name}_full`)));
      }
    }
  } finally {
    for (const each of [from, name, `${name}_full`]) await engine.run(`drop table if exists ${each}`);
  }
}

const numRuns = inject('thorough') ? 100 : 4;

describe.each(all.map((engine) => [engine.name, engine] as const))('incremental models on %s', (_, engine) => {
  const cases = PROMISES.flatMap((promise) =>
    STRATEGIES.filter((s) => s.name === promise.strategy && s.engines.includes(engine.name) && (engine.merges || !s.name.startsWith('merge'))).map(
      (s) => [s.name, promise.reading.name, s, promise] as const,
    ),
  );
  test.each(cases)('%s, reading %s', { timeout: 600_000 }, async (_name, _reading, strategy, promise) => {
    await fc.assert(
      fc.asyncProperty(steps, (sequence) => play(engine, strategy, promise, sequence)),
      { numRuns, seed: 20_260_102 },
    );
  });
});
