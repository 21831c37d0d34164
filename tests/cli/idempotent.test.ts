// Running a build again gives the same tables, whatever was there before.
import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { contents, copyExample, databaseOf, dropHalf } from '../example.ts';

let dir = '';
let first: Readonly<Record<string, string>> = {};

async function build(...flags: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const ran = await dml(['build', '--quiet', ...flags], dir);
  expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
  return contents(databaseOf(dir));
}

beforeAll(async () => {
  dir = copyExample();
  first = await build();
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test('a first build makes every relation, with rows in it', () => {
  expect(Object.keys(first).length).toBe(46);
  expect(Object.entries(first).filter(([, held]) => / 0 rows /.test(held))).toEqual([]);
});

test('a second build changes nothing', async () => {
  expect(await build()).toEqual(first);
});

test('--full-refresh changes nothing', async () => {
  expect(await build('--full-refresh')).toEqual(first);
});

test('after half of the relations were dropped, a build gives all of them back', async () => {
  const dropped = await dropHalf(databaseOf(dir));
  expect(dropped.length).toBe(23);
  expect(await build()).toEqual(first);
});

test('one thread and many give the same tables', async () => {
  expect(await build('--full-refresh', '--threads', '1')).toEqual(first);
  expect(await build('--full-refresh', '--threads', '16')).toEqual(first);
});
