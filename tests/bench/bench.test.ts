// The bench's own parts: the project it times is what bench/project.mjs says, and the floor runs it.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const bench = path.resolve(import.meta.dirname, '../../bench');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-bench-test-'));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

function generate(name: string, models: number): Map<string, string> {
  const dir = path.join(work, name);
  execFileSync(process.execPath, [path.join(bench, 'project.mjs'), dir, String(models)]);
  const files = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) => fs.statSync(path.join(dir, file)).isFile());
  return new Map(files.map((file) => [file, fs.readFileSync(path.join(dir, file), 'utf8')]));
}

test('the project has the asked number of models in three layers, and is the same every time', () => {
  const files = generate('a', 40);
  const models = [...files.keys()].filter((file) => file.startsWith('models/') && file.endsWith('.sql'));
  const layer = (name: string) => models.filter((file) => file.startsWith(`models/${name}/`)).length;
  expect([layer('staging'), layer('intermediate'), layer('marts'), models.length]).toEqual([16, 14, 10, 40]);
  const refs = models
    .filter((file) => !file.startsWith('models/staging/'))
    .map((file) => [...(files.get(file) ?? '').matchAll(/ref\('(\w+)'\)/g)].map((m) => m[1]));
  expect(refs.every(([a, b]) => a !== undefined && b !== undefined && a !== b)).toBe(true);
  expect([...files.keys()].filter((file) => file.startsWith('seeds/'))).toHaveLength(10);
  expect(generate('b', 40)).toEqual(files);
});

test('the floor builds every model and runs every test', () => {
  generate('c', 40);
  const out = execFileSync(process.execPath, [path.join(bench, 'floor.mjs'), path.join(work, 'c'), path.join(work, 'floor.duckdb')], { encoding: 'utf8' });
  expect(JSON.parse(out)).toMatchObject({ models: 40, tests: 40 });
});
