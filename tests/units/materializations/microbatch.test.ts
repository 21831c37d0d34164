import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { type Batch, instantText } from '../../../src/compile/index.ts';
import { batchesOf, batchOf, reportGaps } from '../../../src/plan/index.ts';
import type { BatchSize, Microbatch } from '../../../src/resolve/index.ts';
import { crash, drive, trace } from '../../../src/run/drive.ts';
import { duckdb, type Effect, postgres } from '../../../src/sql/index.ts';
import { type Given, program, Shop, task } from './kit.ts';

interface Golden {
  readonly size: BatchSize;
  readonly begin: string;
  readonly now: string;
  readonly given: readonly [string, string] | null;
  readonly lookback: number;
  readonly incremental: boolean;
  readonly count: number;
  readonly ends: readonly (readonly [id: string, name: string, start: string, end: string])[];
}

const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../cases/materializations/batches.json'), 'utf8')) as readonly Golden[];

/** Microseconds since 1970 of a time such as `2024-02-28T22:00:00.000001`. */
function micros(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

describe("dbt's windows", () => {
  test.each(golden.map((g, i) => [i, g] as const))('case %i', (_, g) => {
    const model: Microbatch = { eventTime: 'ts', begin: micros(g.begin), size: g.size, lookback: g.lookback, concurrent: undefined };
    const given = g.given ? { start: micros(g.given[0]), end: micros(g.given[1]) } : undefined;
    const batches = batchesOf(model, { given, now: micros(g.now) }, g.incremental);
    const shown = (b: Batch | undefined) => b && [b.id, b.name, instantText(b.start), instantText(b.end)];
    expect([batches.length, shown(batches[0]), shown(batches.at(-1))]).toEqual([g.count, ...g.ends]);
    for (const [i, b] of batches.slice(1).entries()) expect(b.start).toBe(batches[i]?.end);
  });
});

const DAY = 86_400_000_000n;
const FIRST = micros('2024-01-01T00:00:00');
const model: Microbatch = { eventTime: 'ts', begin: FIRST, size: 'day', lookback: 1, concurrent: undefined };

/** The n-th day's batch, whose query gives one row of its day and one that is not of it. */
function day(n: number, v: string, config: Given['config'] = { batch_ledger: true }): Given {
  const start = FIRST + BigInt(n) * DAY;
  const at = (days: number): string => instantText(start + BigInt(days) * DAY).slice(0, 10);
  return {
    kind: 'incremental',
    config: { incremental_strategy: 'microbatch', ...config },
    batch: { window: batchOf({ start, end: start + DAY }, 'day'), model },
    sql:
      n === 0
        ? `select timestamp '${at(0)} 12:00:00' as ts, '${v}' as v`
        : `select timestamp '${at(0)} 12:00:00' as ts, '${v}' as v union all select timestamp '${at(1)} 12:00:00', 'stray'`,
  };
}

const ROWS = 'select ts::date::varchar, v from orders order by all';
const LEDGER = 'select batch_start::date::varchar, (batch_end - batch_start)::varchar from orders__dml_batches order by all';

async function gaps(shop: Shop): Promise<readonly string[]> {
  const { node, relation } = task(day(0, ''));
  return (await drive(reportGaps(node, relation, model, duckdb), await shop.session())).map((d) => `${d.message}; ${d.hint}`);
}

describe('batches on DuckDB', () => {
  test('a batch replaces the rows of its window, and no others', async () => {
    const shop = new Shop();
    await shop.build(day(0, 'a'));
    await shop.build(day(1, 'b'));
    await shop.build(day(0, 'c'));
    expect(await shop.rows(ROWS)).toEqual([
      ['2024-01-01', 'c'],
      ['2024-01-02', 'b'],
    ]);
    await shop.close();
  });

  test('the ledger tells what is missing', async () => {
    const shop = new Shop();
    await shop.build(day(0, 'a'));
    expect(await gaps(shop)).toEqual([]);
    await shop.build(day(4, 'e'));
    expect(await gaps(shop)).toEqual([
      '`orders` has gaps: the 3 batches 2024-01-02..2024-01-04 are missing; build them with --event-time-start 2024-01-02 --event-time-end 2024-01-05',
    ]);
    await shop.build(day(2, 'c'));
    expect(await gaps(shop)).toEqual([
      '`orders` has gaps: batch 2024-01-02 is missing, batch 2024-01-04 is missing; build them with --event-time-start 2024-01-02 --event-time-end 2024-01-05',
    ]);
    await shop.build(day(1, 'b'));
    await shop.build(day(3, 'd'));
    expect(await gaps(shop)).toEqual([]);
    await shop.close();
  });

  test('a full refresh begins a new ledger: what is not built since counts from `begin`', async () => {
    const shop = new Shop();
    for (const n of [0, 1, 2]) await shop.build(day(n, 'a'));
    await shop.build({ ...day(2, 'b'), fullRefresh: true });
    expect(await shop.rows(LEDGER)).toEqual([
      ['2024-01-01', '00:00:00'],
      ['2024-01-03', '1 day'],
    ]);
    expect(await gaps(shop)).toEqual([
      '`orders` has gaps: the 2 batches 2024-01-01..2024-01-02 are missing; build them with --event-time-start 2024-01-01 --event-time-end 2024-01-03',
    ]);
    await shop.close();
  });

  test('a ledger that is younger than its table knows nothing of earlier batches', async () => {
    const shop = new Shop();
    await shop.build(day(0, 'a', {}));
    await shop.build(day(2, 'c', { meta: { batch_ledger: true } }));
    expect(await shop.rows(LEDGER)).toEqual([['2024-01-03', '1 day']]);
    expect(await gaps(shop)).toEqual([]);
    await shop.close();
  });

  test('unique_key is refused', async () => {
    const shop = new Shop();
    await shop.build(day(0, 'a'));
    await expect(shop.build(day(1, 'b', { unique_key: 'v' }))).rejects.toThrow('has a `unique_key`, which has no meaning on duckdb');
    await shop.close();
  });
});

test('on Postgres a batch needs a key', () => {
  const given: Given = { ...day(1, 'b', {}), dialect: postgres };
  const there = (effect: Effect): unknown =>
    effect.kind === 'relation' && effect.relation.identifier === 'orders' ? { ...effect.relation, type: 'table' } : undefined;
  expect(() => trace(program(given), there)).toThrow('the microbatch model `orders` needs `unique_key` on postgres');
});

describe('a batch that is killed is there as a whole, with its line in the ledger, or not at all', () => {
  test.each([
    ['the first', [], day(0, 'a')],
    ['one of many', [day(0, 'a'), day(1, 'b')], day(2, 'c')],
    ['one that is built again', [day(0, 'a'), day(1, 'b')], day(1, 'c')],
  ] as const)('%s', async (_, before, run) => {
    const name = instantText(run.batch?.window.start ?? 0n).slice(0, 10);
    for (let k = 0, ended = false; !ended; k++) {
      expect(k, 'the program ends').toBeLessThan(40);
      // Before an effect is after the one before it.
      for (const when of inject('thorough') || k === 0 ? (['before', 'after'] as const) : (['after'] as const)) {
        const shop = new Shop();
        for (const given of before) await shop.build(given);
        ended = await crash(program(run), await shop.session(), k, when);
        await shop.close();
        const there = await shop.relations();
        const rows = there.includes('main.orders table') ? await shop.rows(ROWS) : [];
        const ledger = there.includes('main.orders__dml_batches table') ? await shop.rows(LEDGER) : [];
        const [, v] = rows.find(([at]) => at === name) ?? [];
        const again = before.some((b) => b.batch?.window.name === run.batch?.window.name);
        const noted = ledger.filter(([at, length]) => at === name && length === '1 day').length;
        // What was there before stays as it was, or the new rows are there with their line.
        expect([v, noted], `killed ${when} effect ${k}`).toSatisfy(([value, lines]: readonly [string | undefined, number]) =>
          again ? lines === 1 && (value === 'b' || value === 'c') : (value === undefined) === (lines === 0),
        );
        await shop.build(run);
        expect((await shop.rows(ROWS)).filter(([at]) => at === name)).toHaveLength(1);
        expect((await shop.rows(LEDGER)).filter(([at, length]) => at === name && length === '1 day')).toHaveLength(1);
        await shop.close();
      }
    }
  });
});
