// Database files that another process holds, that a newer DuckDB wrote, or that may not be read.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { newerDatabase } from '../newer.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let dir = '';
const file = () => path.join(dir, 'target', 'shop.duckdb');

beforeEach(async () => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-database-')));
  fs.mkdirSync(path.join(dir, 'models'));
  fs.writeFileSync(path.join(dir, 'dbt_project.yml'), 'name: shop\n');
  fs.writeFileSync(path.join(dir, 'models/a.sql'), 'select 1 as id');
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

/** A process of its own that opens the database and holds it until it is told to end. */
async function holder(): Promise<ChildProcess> {
  const code = `import { DuckDBInstance } from '@duckdb/node-api';
    const held = await DuckDBInstance.create(process.argv[1]); console.log('held'); process.stdin.on('data', () => { held.closeSync(); process.exit(0); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, file()], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return child;
}

describe('a database that another process holds', () => {
  test('is named together with the process', async () => {
    expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
    const child = await holder();
    try {
      const { code, stdout } = await dml(['build', '--quiet'], dir);
      expect(stdout).toContain(`error[database-locked]: the database file ${file()} is held by another process (PID ${child.pid}: `);
      expect(stdout).toContain('hint: close the other program, or wait for it with --lock-timeout SECONDS');
      expect(code).toBe(2);
      expect((await dml(['parse', '--quiet'], dir)).code).toBe(0);
    } finally {
      const exit = once(child, 'exit');
      child.stdin?.write('end\n');
      await exit;
    }
    expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
  });

  test('is waited for with --lock-timeout', async () => {
    expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
    const child = await holder();
    const waiting = dml(['build', '--quiet', '--lock-timeout', '20'], dir);
    child.stdin?.write('end\n');
    expect(await waiting).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

test('a file of a newer storage version is refused and left as it is', async () => {
  expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
  const bytes = newerDatabase();
  fs.writeFileSync(file(), bytes);
  const { code, stdout } = await dml(['build', '--quiet'], dir);
  expect(stdout).toContain(`error[database-version]: the database file ${file()} was written by a newer DuckDB `);
  expect(code).toBe(2);
  expect(fs.readFileSync(file()).equals(bytes)).toBe(true);
});

// Root may read everything, so there is nothing to refuse.
const isRoot = process.getuid?.() === 0;
test.skipIf(isRoot)(`a file that may not be read is refused${isRoot ? ' (skipped: root may read every file)' : ''}`, async () => {
  expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
  fs.chmodSync(file(), 0o000);
  const { code, stdout } = await dml(['build', '--quiet'], dir);
  expect(stdout).toContain(`error[database-open]: the database ${file()} cannot be opened`);
  expect(code).toBe(2);
});

test('a project that does not parse leaves an existing database alone', async () => {
  expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
  const before = fs.statSync(file()).mtimeMs;
  const bytes = fs.readFileSync(file());
  fs.writeFileSync(path.join(dir, 'models/b.sql'), "select * from {{ ref('nothing') }}");
  fs.writeFileSync(path.join(dir, 'models/a.sql'), 'select 2 as id');
  expect((await dml(['build', '--quiet'], dir)).code).toBe(2);
  expect(fs.statSync(file()).mtimeMs).toBe(before);
  expect(fs.readFileSync(file()).equals(bytes)).toBe(true);
});
