// Source tables, and how they change: what every law is tried on.
import fc from 'fast-check';
import type { Engine } from './engine.ts';

/** A row of the source: key, value, and when it was written, on a clock that counts changes. */
export interface Row {
  readonly k: number | null;
  readonly v: number;
  readonly at: number;
}

/** One change. `late`: how far behind the clock a new row's time is. */
export type Change =
  | { readonly kind: 'insert'; readonly k: number | null; readonly v: number; readonly late: number }
  | { readonly kind: 'duplicate'; readonly k: number }
  | { readonly kind: 'update'; readonly k: number; readonly v: number }
  | { readonly kind: 'delete'; readonly k: number };

/** What changes between two runs. */
export type Step = readonly Change[];

/** The longest delay of a late row. */
export const LATE = 3;

const key = fc.integer({ min: 1, max: 4 });
const value = fc.integer({ min: 0, max: 3 });
const late = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: LATE }) });

const KINDS = {
  insert: fc.record({ kind: fc.constant('insert' as const), k: key as fc.Arbitrary<number | null>, v: value, late }),
  nullKey: fc.record({ kind: fc.constant('insert' as const), k: fc.constant(null), v: value, late }),
  duplicate: fc.record({ kind: fc.constant('duplicate' as const), k: key }),
  update: fc.record({ kind: fc.constant('update' as const), k: key, v: value }),
  delete: fc.record({ kind: fc.constant('delete' as const), k: key }),
};

const WEIGHTS = { insert: 6, update: 4, delete: 2, duplicate: 1, nullKey: 1 } as const;

/** Sequences of steps; shrinks to few and small ones. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.array(fc.oneof(...(Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).map((k) => ({ weight: WEIGHTS[k], arbitrary: KINDS[k] as fc.Arbitrary<Change> }))), {
    maxLength: 4,
  }),
  { minLength: 2, maxLength: 5 },
);

/** The source as it is, and what has happened to it. */
export class Source {
  rows: Row[] = [];
  deleted = false;
  updated = false;
  late = false;
  private clock = 0;

  apply(step: Step): void {
    for (const change of step) this.change(change);
  }

  private change(c: Change): void {
    const at = ++this.clock;
    const mine = (r: Row): boolean => r.k === c.k;
    switch (c.kind) {
      case 'insert':
        this.late ||= c.late > 0;
        this.rows.push({ k: c.k, v: c.v, at: at - c.late });
        break;
      case 'duplicate':
        this.rows.push(...this.rows.filter(mine));
        // A copy of an old row is one that arrives late.
        this.late = true;
        break;
      case 'update':
        this.updated ||= this.rows.some(mine);
        this.rows = this.rows.map((r) => (mine(r) ? { ...r, v: c.v, at } : r));
        break;
      case 'delete':
        this.deleted ||= this.rows.some(mine);
        this.rows = this.rows.filter((r) => !mine(r));
        break;
    }
  }

  /** Writes the source as it is into a table. */
  async store(engine: Engine, table: string): Promise<void> {
    const values = this.rows.map((r) => `(${r.k ?? 'null'}, ${r.v}, ${r.at})`).join(', ');
    await engine.run(`delete from ${table}${values && `; insert into ${table} values ${values}`}`);
  }
}

/** Rows as lines in an order of their own: two tables are the same where these are. */
export const lines = (rows: readonly Row[]): readonly string[] => rows.map((r) => `${r.k} ${r.v} ${r.at}`).sort();

/** The newest row of each key. */
export function newest(rows: readonly Row[]): readonly Row[] {
  const best = new Map<number | null, Row>();
  for (const r of rows) {
    const other = best.get(r.k);
    if (!other || r.at > other.at || (r.at === other.at && r.v > other.v)) best.set(r.k, r);
  }
  return [...best.values()];
}
