import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dml, folder } from '../cli/world.ts';

const home = folder({
  'shop/dbt_project.yml': "name: shop\nversion: '1.0'\n",
  'shop/models/a.sql': 'select {{ one() }} as id',
  'shop/models/b.sql': "select * from {{ ref('a') }}",
  'shop/models/c.sql': 'select 1 as id',
  'shop/models/c.yml': 'models:\n  - name: c\n    columns: [{name: id, data_tests: [unique]}]\n',
  'shop/seeds/s.csv': 'id\n1\n',
  'shop/macros/m.sql': '{% macro one() %}{{ two() }} - 1{% endmacro %}{% macro two() %}2{% endmacro %}',
  'other/file.txt': '',
});
afterAll(() => home.remove());
const git = (...args: readonly string[]) => execFileSync('git', ['-C', home.dir, '-c', 'user.name=x', '-c', 'user.email=x@y.z', ...args], { stdio: 'ignore' });
const write = (name: string, text: string) => fs.writeFileSync(path.join(home.dir, name), text);
const listed = async (select: string) => (await dml(path.join(home.dir, 'shop'), ['ls', '--quiet', '--select', select])).stdout.trim().split('\n');

test('git: selects nodes whose text, YAML, rows or macros differ from a revision', async () => {
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  expect(await listed('git:main')).toEqual(['']);
  write('other/file.txt', 'changed');
  write('shop/models/b.sql', "select id from {{ ref('a') }}");
  expect(await listed('git:main')).toEqual(['shop.b']);
  git('commit', '--quiet', '--all', '--message', 'second');
  expect(await listed('git:main')).toEqual(['']);
  expect(await listed('git:HEAD~1')).toEqual(['shop.b']);
  write('shop/seeds/s.csv', 'id\n2\n');
  write('shop/models/new.sql', 'select 1 as id');
  expect(await listed('git:main')).toEqual(['shop.new', 'shop.s']);
  write('shop/models/c.yml', 'models:\n  - name: c\n    columns: [{name: id, data_tests: [unique, not_null]}]\n');
  expect(await listed('git:main,c+')).toEqual(['shop.c', 'shop.not_null_c_id', 'shop.unique_c_id']);
  write('shop/macros/m.sql', '{% macro one() %}{{ two() }} - 1{% endmacro %}{% macro two() %}3{% endmacro %}');
  expect(await listed('git:main,a git:main+,b')).toEqual(['shop.a', 'shop.b']);
});

test('a revision that is not there is a mistake, and so is one that looks like a flag', async () => {
  for (const [revision, problem] of [
    ['nowhere', 'there is no such revision'],
    ['-p', 'a revision does not begin with a dash'],
    ['', 'write `git:REVISION`'],
  ] as const) {
    const { code, stdout } = await dml(path.join(home.dir, 'shop'), ['ls', '--select', `git:${revision}`]);
    expect(code).toBe(2);
    expect(stdout).toContain(problem);
  }
});
