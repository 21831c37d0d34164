// A big CSV file is a stream on its way into the database, never a text in memory.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { dml } from '../command.ts';

let dir = '';
beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-big-')));
  fs.writeFileSync(path.join(dir, 'dbt_project.yml'), 'name: shop\n');
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const megabytes = inject('thorough') ? 100 : 5;
test(`a seed of ${megabytes} MB is loaded without being held in memory`, { timeout: 120_000 }, async () => {
  fs.mkdirSync(path.join(dir, 'seeds'));
  const handle = fs.openSync(path.join(dir, 'seeds/big.csv'), 'w');
  fs.writeSync(handle, 'id,name,amount,at\n');
  let rows = 0;
  for (let size = 0; size < megabytes << 20; ) {
    const lines = Array.from({ length: 10_000 }, () => `${++rows},"name ${rows}, with a comma",${rows / 4},2026-01-02 03:04:05\n`).join('');
    size += fs.writeSync(handle, lines);
  }
  fs.closeSync(handle);
  const before = process.memoryUsage.rss();
  expect(await dml(['seed', '--quiet'], dir)).toEqual({ code: 0, stdout: '', stderr: '' });
  // DuckDB's own buffers count too, and are not ours to bound tightly.
  expect(process.memoryUsage.rss() - before).toBeLessThan(800 << 20);
  expect((await dml(['show', '--quiet', '--inline-direct', 'select count(*) as n, max(id) as last from big'], dir)).stdout).toContain(`| ${rows} | ${rows} |`);
});
