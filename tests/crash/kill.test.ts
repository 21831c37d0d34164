// The real process is killed in the middle of a build; the build after it gives the tables that an undisturbed one gives.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { install } from '../command.ts';
import { contents, copyExample, databaseOf } from '../example.ts';

const thorough = inject('thorough');
let home = '';
let wanted: Readonly<Record<string, string>> = {};
let lines = 0;

const command = () => path.join(home, 'bin', 'dml.cjs');
const options = (dir: string) => ({ cwd: dir, env: { PATH: process.env['PATH'] ?? '', HOME: dir } });

function build(dir: string): string {
  const ran = spawnSync(process.execPath, [command(), 'build'], { ...options(dir), encoding: 'utf8' });
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  return ran.stdout;
}

/** Starts a build and kills it when it has written its n-th progress line. Answers whether it was still at work. */
async function killed(dir: string, n: number, flags: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [command(), 'build', ...flags], { ...options(dir), stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let seen = 0;
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (!isProgress(line)) continue;
    seen++;
    if (seen === n) child.kill('SIGKILL');
  }
  const [, signal] = await exit;
  return signal === 'SIGKILL';
}

const isProgress = (line: string) => / of \d+ .*\[[A-Z]/.test(line);

beforeAll(async () => {
  home = install();
  const dir = copyExample();
  try {
    lines = build(dir).split('\n').filter(isProgress).length;
    wanted = await contents(databaseOf(dir));
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

/** Moments as parts of a build. The thorough ones are spread by the golden ratio: no two runs need the same machine to meet the same ones. */
const moments = thorough ? Array.from({ length: 20 }, (_, i) => (0.03 + i * 0.618_034) % 0.97) : [0.12, 0.45, 0.8];

describe('after SIGKILL', () => {
  test.each(moments.map((part) => ({ part, percent: Math.round(part * 100) })))('at $percent % of a first build', { timeout: 120_000 }, async ({ part }) => {
    const dir = copyExample();
    try {
      expect(await killed(dir, Math.max(1, Math.round(part * lines)), [])).toBe(true);
      build(dir);
      expect(await contents(databaseOf(dir))).toEqual(wanted);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  });

  test('at several moments of one build after another', { timeout: 240_000 }, async () => {
    const dir = copyExample();
    try {
      build(dir);
      for (const part of moments) expect(await killed(dir, Math.max(1, Math.round(part * lines)), ['--full-refresh'])).toBe(true);
      const asked = spawnSync(process.execPath, [command(), 'show', '--quiet', '--inline-direct', 'select 42 as n'], { ...options(dir), encoding: 'utf8' });
      expect(asked.stdout, asked.stderr).toContain('42');
      build(dir);
      expect(await contents(databaseOf(dir))).toEqual(wanted);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  });
});
