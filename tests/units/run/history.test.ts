import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapterFor, type Warehouse } from '../../../src/adapters/index.ts';
import { crash, drive } from '../../../src/run/drive.ts';
import { recording } from '../../../src/run/history.ts';
import { execute, type Program, query } from '../../../src/sql/index.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-history-'));
let warehouse: Warehouse;

beforeAll(async () => {
  const adapter = await adapterFor('duckdb');
  if (!adapter) throw new Error('no adapter for duckdb');
  const settings = { path: path.join(dir, 'w.duckdb') };
  const target = { profileName: 'p', name: 'dev', type: 'duckdb', threads: 1, database: 'w', schema: 'main', settings };
  warehouse = await adapter.connect(target, { directory: dir });
  const session = await warehouse.session('test');
  await drive(execute('create table history (run integer, metric text)'), session);
  await session.release();
});

afterAll(async () => {
  await warehouse.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

// biome-ignore lint/correctness/useYield: a program that asks for nothing.
function* text(): Program<string> {
  return `delete from history where run = 1; insert into history values (1, 'row_count'); insert into history values (1, 'null_rate')`;
}

test('a run that is killed at any moment leaves all metrics of a relation or none, and once more does not double them', async () => {
  const seen = new Set<number>();
  let ended = false;
  for (let k = 0; !ended; k++) {
    for (const when of ['before', 'after'] as const) {
      await drive(execute('delete from history'), await warehouse.session('test'));
      ended = await crash(recording({ text }, 'orders', null), await warehouse.session('test'), k, when);
      const count = (): Promise<number> =>
        warehouse.session('test').then(async (s) => Number((await drive(query('select count(*) from history'), s)).table.rows[0]?.[0]));
      seen.add(await count());
      await drive(recording({ text }, 'orders', null), await warehouse.session('test'));
      expect(await count()).toBe(2);
    }
  }
  expect([...seen].sort()).toEqual([0, 2]);
});
