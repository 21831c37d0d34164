import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LogFile, writeAtomic } from '../../../src/cli/files.ts';
import { SqlFiles } from '../../../src/cli/sql-files.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { folder } from './world.ts';

const { dir, remove } = folder();
afterAll(remove);

test('a file is replaced as a whole and leaves no others behind', () => {
  const file = path.join(dir, 'a/b/x.json');
  writeAtomic(file, 'old');
  writeAtomic(file, ['{', '}']);
  expect(fs.readFileSync(file, 'utf8')).toBe('{}');
  expect(fs.readdirSync(path.dirname(file))).toEqual(['x.json']);
});

test('what cannot be written is a diagnostic', () => {
  fs.writeFileSync(path.join(dir, 'plain'), '');
  expect(() => writeAtomic(path.join(dir, 'plain/x'), '')).toThrow(DiagnosticError);
  expect(() => new SqlFiles(path.join(dir, 'plain')).write('compiled', 'shop/a.sql', '')).toThrow(DiagnosticError);
});

test('SQL goes below compiled and run', () => {
  const files = new SqlFiles(path.join(dir, 'target'));
  files.write('compiled', 'shop/models/a.sql', 'select 1');
  files.write('run', 'shop/models/a.sql', 'create');
  expect(fs.readFileSync(path.join(dir, 'target/compiled/shop/models/a.sql'), 'utf8')).toBe('select 1');
  expect(fs.readFileSync(path.join(dir, 'target/run/shop/models/a.sql'), 'utf8')).toBe('create');
});

test('the log rotates at its size and keeps five old files', () => {
  const file = path.join(dir, 'logs/dml.log');
  for (let i = 0; i < 9; i++) {
    const log = new LogFile(file, 15);
    log.write(`line number ${i}`);
    log.flush();
  }
  expect(fs.readdirSync(path.dirname(file)).sort()).toEqual(['dml.log', 'dml.log.1', 'dml.log.2', 'dml.log.3', 'dml.log.4', 'dml.log.5']);
  expect(fs.readFileSync(file, 'utf8')).toBe('line number 8\n');
  expect(fs.readFileSync(`${file}.5`, 'utf8')).toBe('line number 3\n');
});

test('a log that cannot be written fails nothing', () => {
  const log = new LogFile(path.join(dir, 'plain/dml.log'), 0);
  log.write('x');
  expect(() => log.flush()).not.toThrow();
});
