// A microbatch model is as many small tables as it has batches: each run makes those anew that its lookback reaches. `npm run laws` tries many more cases.
import fc from 'fast-check';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { instantText } from '../../src/compile/index.ts';
import { batchOf } from '../../src/plan/index.ts';
import type { Microbatch } from '../../src/resolve/index.ts';
import type { Given } from '../units/materializations/kit.ts';
import { type Engine, engines } from './engine.ts';

const all = await engines();
afterAll(async () => {
  for (const engine of all) await engine.close();
});

const DAY = 86_400_000_000n;
const BEGIN = BigInt(Date.UTC(2026, 0, 1)) * 1000n;
const LOOKBACK = 2;
const start = (day: number): bigint => BEGIN + BigInt(day) * DAY;
const stamp = (day: number): string => `timestamp '${instantText(start(day)).slice(0, 10)} 12:00:00'`;

/** A row of the source: on its day and with its key for good. */
interface Row {
  readonly k: number | null;
  readonly v: number;
  readonly day: number;
}

/** `back`: how many days before the present one. */
interface Change {
  readonly kind: 'put' | 'delete';
  readonly back: number;
  readonly key: number;
  readonly v: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.oneof({ weight: 5, arbitrary: fc.constant('put' as const) }, { weight: 1, arbitrary: fc.constant('delete' as const) }),
  // Mostly as late as the lookback allows, and sometimes too late.
  back: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: LOOKBACK }) }, { weight: 1, arbitrary: fc.constant(LOOKBACK + 1) }),
  key: fc.integer({ min: 0, max: 2 }),
  v: fc.integer({ min: 0, max: 3 }),
});
const days = fc.array(fc.record({ changes: fc.array(change, { maxLength: 4 }), backwards: fc.boolean() }), { minLength: 2, maxLength: 5 });

interface Kind {
  readonly name: string;
  readonly engine: string;
  readonly config: Given['config'];
  /** Rows that are gone from a batch are gone from the table when it is made anew. */
  readonly replaces: boolean;
  /** Rows may be there twice, or have no key. */
  readonly any: boolean;
}

const KINDS: readonly Kind[] = [
  { name: 'by window', engine: 'duckdb', config: {}, replaces: true, any: true },
  { name: 'by window, with a ledger', engine: 'duckdb', config: { batch_ledger: true }, replaces: true, any: true },
  { name: 'by key', engine: 'postgres', config: { unique_key: 'k' }, replaces: false, any: false },
];

let serial = 0;

class Play {
  private readonly engine: Engine;
  private readonly kind: Kind;
  private readonly nth = ++serial;
  private rows: Row[] = [];
  /** Per day, what its batch held when it was last run. */
  private readonly seen = new Map<number, readonly Row[]>();

  constructor(engine: Engine, kind: Kind) {
    this.engine = engine;
    this.kind = kind;
  }

  async open(): Promise<void> {
    await this.engine.run(`create table events_${this.nth} (k integer, v integer, ts timestamp)`);
  }

  async close(): Promise<void> {
    const { nth } = this;
    for (const t of [`events_${nth}`, `batched_${nth}`, `whole_${nth}`, `batched_${nth}__dml_batches`, `whole_${nth}__dml_batches`])
      await this.engine.run(`drop table if exists ${t}`);
  }

  /** Writes a day's changes; answers whether one of them is out of reach of the promise. */
  async write(today: number, changes: readonly Change[]): Promise<boolean> {
    let lost = false;
    for (const c of changes) {
      const day = Math.max(0, today - c.back);
      // A key belongs to one day: what arrives late is a row of an earlier day.
      const k = this.kind.any && c.key === 0 ? null : day * 3 + c.key;
      const mine = (r: Row): boolean => r.day === day && r.k === k;
      const there = this.rows.some(mine);
      lost ||= (day < today - LOOKBACK && (c.kind === 'put' || there)) || (c.kind === 'delete' && there && !this.kind.replaces);
      if (c.kind === 'delete') this.rows = this.rows.filter((r) => !mine(r));
      else if (there && !(this.kind.any && c.v === 0)) this.rows = this.rows.map((r) => (mine(r) ? { ...r, v: c.v } : r));
      else this.rows.push({ k, v: c.v, day });
    }
    const values = this.rows.map((r) => `(${r.k ?? 'null'}, ${r.v}, ${stamp(r.day)})`).join(', ');
    await this.engine.run(`delete from events_${this.nth}${values && `; insert into events_${this.nth} values ${values}`}`);
    return lost;
  }

  private given(name: string, day: number): Given {
    const window = batchOf({ start: start(day), end: start(day + 1) }, 'day');
    const model: Microbatch = { eventTime: 'ts', begin: BEGIN, size: 'day', lookback: LOOKBACK, concurrent: undefined };
    const [from, to] = [day, day + 1].map((d) => `timestamp '${instantText(start(d)).slice(0, 10)}'`);
    return {
      kind: 'incremental',
      name,
      config: { incremental_strategy: 'microbatch', event_time: 'ts', begin: '2026-01-01', batch_size: 'day', lookback: LOOKBACK, ...this.kind.config },
      batch: { window, model },
      // As a ref to an input with an event_time is rendered.
      sql: `select k, v, ts from (select * from events_${this.nth} where ts >= ${from} and ts < ${to}) as e`,
    };
  }

  /** Runs the batches up to today's: the ones that the lookback reaches, or all. */
  async run(today: number, backwards: boolean): Promise<void> {
    const from = this.seen.size === 0 ? 0 : Math.max(0, today - LOOKBACK);
    const order = Array.from({ length: today - from + 1 }, (_, i) => from + i);
    // The first makes the table; the others may end in any order.
    for (const day of backwards && this.seen.size > 0 ? order.reverse() : order) {
      await this.engine.build(this.given(`batched_${this.nth}`, day));
      const now = this.rows.filter((r) => r.day === day);
      const gone = (this.seen.get(day) ?? []).filter((r) => !now.some((n) => n.k === r.k));
      this.seen.set(day, this.kind.replaces ? now : [...now, ...gone]);
    }
  }

  async refresh(today: number): Promise<readonly string[]> {
    for (let day = 0; day <= today; day++) await this.engine.build({ ...this.given(`whole_${this.nth}`, day), fullRefresh: day === 0 });
    return this.contents(`whole_${this.nth}`);
  }

  async contents(table = `batched_${this.nth}`): Promise<readonly string[]> {
    const rows = await this.engine.rows(`select k, v, cast(ts as varchar) from ${table}`);
    return rows.map((r) => `${r[0]} ${r[1]} ${String(r[2]).slice(0, 10)}`).sort();
  }

  expected(): readonly string[] {
    return [...this.seen.values()]
      .flat()
      .map((r) => `${r.k} ${r.v} ${instantText(start(r.day)).slice(0, 10)}`)
      .sort();
  }
}

async function play(engine: Engine, kind: Kind, sequence: readonly { readonly changes: readonly Change[]; readonly backwards: boolean }[]): Promise<void> {
  const p = new Play(engine, kind);
  await p.open();
  try {
    let promised = true;
    for (const [i, { changes, backwards }] of sequence.entries()) {
      const today = i + 1;
      const lost = await p.write(today, changes);
      // Before the first run everything is in reach.
      promised &&= i === 0 || !lost;
      await p.run(today, backwards);
      const after = await p.contents();
      expect(after).toEqual(p.expected());
      await p.run(today, !backwards);
      expect(await p.contents(), 'the same batches again').toEqual(after);
      if (promised) expect(await p.refresh(today), 'all batches anew').toEqual(after);
    }
  } finally {
    await p.close();
  }
}

const numRuns = inject('thorough') ? 100 : 4;

describe.each(all.map((engine) => [engine.name, engine] as const))('microbatch on %s', (name, engine) => {
  test.skipIf(!engine.merges).each(KINDS.filter((k) => k.engine === name).map((k) => [k.name, k] as const))('%s', { timeout: 600_000 }, async (_, kind) => {
    await fc.assert(
      fc.asyncProperty(days, (sequence) => play(engine, kind, sequence)),
      { numRuns, seed: 20_260_102 },
    );
  });
});
