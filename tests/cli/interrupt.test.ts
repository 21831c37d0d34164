// Ctrl-C and the live display, in a process of their own: with pipes, and at a terminal that `script` plays where it is installed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { install } from '../command.ts';

let home = '';
let dir = '';
const command = () => path.join(home, 'bin', 'dml.cjs');
const env = () => ({ PATH: process.env['PATH'] ?? '', HOME: dir, TERM: 'xterm-256color' });

beforeAll(() => {
  home = install();
});
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));
beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-interrupt-')));
  fs.mkdirSync(path.join(dir, 'models'));
  fs.writeFileSync(path.join(dir, 'dbt_project.yml'), 'name: shop\nmodels:\n  +materialized: table\n');
  fs.writeFileSync(path.join(dir, 'models/a_quick.sql'), 'select 1 as id');
  // Hours of work for any machine.
  fs.writeFileSync(path.join(dir, 'models/b_slow.sql'), 'select count(*) as n from range(100000000) a, range(100000000) b where (a.range * b.range) % 7 = 3');
  fs.writeFileSync(path.join(dir, 'models/c_after.sql'), "select * from {{ ref('b_slow') }}");
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Collects what a process prints; `until` waits for a text in it. */
function screen(child: ChildProcess): { readonly text: () => string; readonly until: (wanted: RegExp) => Promise<void> } {
  let text = '';
  let wake = () => {};
  child.stdout?.on('data', (d: Buffer) => {
    text += d.toString('utf8');
    wake();
  });
  const until = async (wanted: RegExp) => {
    while (!wanted.test(text)) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { text: () => text, until };
}

function results(): Readonly<Record<string, string>> {
  const { results: list } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8'));
  return Object.fromEntries(list.map((r: { unique_id: string; status: string }) => [r.unique_id, r.status]));
}

test('an interrupt cancels what runs, keeps what is done, and ends with 1', async () => {
  const child = spawn(process.execPath, [command(), 'build', '--threads', '2'], { cwd: dir, env: env(), stdio: ['ignore', 'pipe', 'inherit'] });
  const shown = screen(child);
  await shown.until(/OK created sql table model main\.a_quick/);
  await shown.until(/START sql table model main\.b_slow/);
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  expect((await exit)[0]).toBe(1);
  expect(shown.text()).toContain('Exited because of keyboard interrupt');
  expect(results()).toEqual({ 'model.shop.a_quick': 'success', 'model.shop.b_slow': 'skipped' });
  fs.rmSync(path.join(dir, 'models/b_slow.sql'));
  fs.rmSync(path.join(dir, 'models/c_after.sql'));
  expect(spawnSync(process.execPath, [command(), 'build', '--quiet'], { cwd: dir, env: env() }).status).toBe(0);
});

const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
test.skipIf(!hasScript)(`at a terminal rows are drawn live, and Ctrl-C gives the cursor back${hasScript ? '' : ' (skipped: no `script`)'}`, async () => {
  const line = `stty cols 80 rows 24; exec "${process.execPath}" "${command()}" build --threads 2`;
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: dir, env: { ...env(), SHELL: '/bin/sh' }, stdio: ['pipe', 'pipe', 'inherit'] });
  const shown = screen(child);
  const exit = once(child, 'exit');
  // A finished row, then a running one that is drawn again with more time on it, above the progress line.
  await shown.until(/✓\S* \S*table\s.*main\.a_quick .*1 row/);
  await shown.until(/main\.b_slow .*0\.[5-9]\ds/);
  await shown.until(/1\/3/);
  child.stdin.write('\u0003');
  expect((await exit)[0]).toBe(1);
  const text = shown.text();
  expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'));
  expect(text).toContain('not finished: b_slow');
  expect(text).toMatch(/interrupted:\S* 1 skipped, \S*1 passed\S* of 2 in/);
});
