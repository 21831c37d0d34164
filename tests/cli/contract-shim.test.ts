// `dml install-shim`: the program it writes, and what it refuses to write over.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DBT_VERSION, VERSION, versionText } from '../../src/cli/version.ts';
import { dml, install } from '../command.ts';
import { copyExample } from '../example.ts';

let dir = '';
const bin = () => path.join(dir, 'bin');
const dbt = () => path.join(bin(), 'dbt');

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-shim-')));
  fs.mkdirSync(bin());
  return () => fs.rmSync(dir, { recursive: true, force: true });
});

describe('the folder', () => {
  test('holds dbt for both kinds of shell, and once more after a second time', async () => {
    for (const _ of ['first', 'second']) {
      const ran = await dml(['install-shim', 'bin'], dir);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toContain(`export PATH=${bin()}:$PATH`);
    }
    expect(fs.readdirSync(bin()).sort()).toEqual(['dbt', 'dbt.cmd']);
    expect(fs.statSync(dbt()).mode & 0o111).toBe(0o111);
    expect(fs.readFileSync(path.join(bin(), 'dbt.cmd'), 'utf8')).toMatch(/^@echo off\r\n/);
    expect(fs.existsSync(path.join(dir, 'logs'))).toBe(false);
  });

  test('keeps a dbt that dml has not written, unless it is told otherwise', async () => {
    fs.writeFileSync(path.join(dir, 'real'), 'a real dbt');
    fs.symlinkSync(path.join(dir, 'real'), dbt());
    const refused = await dml(['install-shim', 'bin'], dir);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain('error[shim-foreign]');
    expect(fs.readdirSync(bin())).toEqual(['dbt']);
    expect((await dml(['install-shim', 'bin', '--force'], dir)).code).toBe(0);
    expect(fs.readFileSync(dbt(), 'utf8')).toContain('install-shim');
    expect(fs.readFileSync(path.join(dir, 'real'), 'utf8')).toBe('a real dbt');
  });

  test('must be there, and be one', async () => {
    fs.writeFileSync(path.join(dir, 'file'), '');
    for (const [name, problem] of [
      ['nowhere', `the folder ${dir}/nowhere does not exist`],
      ['file', `${dir}/file is not a folder`],
    ] as const) {
      const { code, stdout } = await dml(['install-shim', name], dir);
      expect(code).toBe(2);
      expect(stdout).toContain(`error[bad-argument]: ${problem}`);
    }
    expect((await dml(['install-shim'], dir)).stderr).toContain('missing required argument');
  });
});

describe('the program', () => {
  let home = '';
  let project = '';
  beforeAll(() => {
    home = install();
    project = copyExample();
    return () => {
      fs.rmSync(home, { recursive: true, force: true });
      fs.rmSync(project, { recursive: true, force: true });
    };
  });

  const run = (program: string, ...args: readonly string[]) => spawnSync(program, args, { cwd: project, encoding: 'utf8', env: { PATH: process.env['PATH'] } });

  test('is dml under the name of dbt', () => {
    expect(run(path.join(home, 'bin', 'dml'), 'install-shim', bin()).status).toBe(0);
    for (const flag of ['--version', '-v', '-V']) expect(run(dbt(), flag).stdout.trimEnd()).toBe(versionText(true).trimEnd());
    const ls = run(dbt(), 'ls', '-s', 'dim_stores', '--output', 'name', '--vars', '{"a word": "it\'s"}');
    expect(ls.stdout).toContain(`Running with dbt=${DBT_VERSION} (dml ${VERSION})`);
    expect(ls.stdout).toContain('\ndim_stores\n');
    expect(fs.readdirSync(path.join(project, 'logs'))).toEqual(['dbt.log']);
    expect(run(dbt(), 'ls', '-s', 'state:new').status).toBe(2);
  });
});

test('the version is where tools look for it', () => {
  const text = versionText(true);
  expect(/installed:\s+v?([\d.]+)/.exec(text)?.[1]).toBe(DBT_VERSION);
  // dagster-dbt takes the first number with two dots.
  expect(/\d+\.\d+\.\d+/.exec(text)?.[0]).toBe(DBT_VERSION);
  expect(text).toMatch(/Plugins:\n {2}- duckdb: 1\.11\.\d+\n {2}- postgres: /);
});
