// Runs every ```sh block of README.md and docs/*.md, in order, in a copy of what a fresh clone holds. A block that only shows something is ```console.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install } from '../command.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface Block {
  /** One-based line of its first command. */
  readonly line: number;
  readonly script: string;
}

function shellBlocks(text: string): Block[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((m) => ({ line: text.slice(0, m.index).split('\n').length + 1, script: m[1] ?? '' }));
}

const pages = ['README.md', ...fs.readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md') && fs.existsSync(path.join(root, name)))
  .map((name) => ({ name, blocks: shellBlocks(fs.readFileSync(path.join(root, name), 'utf8')) }))
  .filter((page) => page.blocks.length > 0);

let home = '';
beforeAll(() => {
  home = install();
});
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

describe.each(pages)('$name', ({ blocks }) => {
  const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-guide-'));
  beforeAll(() => {
    for (const name of ['example-project', 'templates', 'package.json'])
      fs.cpSync(path.join(root, name), path.join(clone, name), { recursive: true, filter: clean });
  });
  afterAll(() => fs.rmSync(clone, { recursive: true, force: true }));

  test.each(blocks)('line $line', { timeout: 180_000 }, ({ script }) => {
    const env = { PATH: `${path.join(home, 'bin')}:${process.env.PATH}`, HOME: clone, NO_COLOR: '1' };
    const run = spawnSync('sh', ['-eu', '-c', script], { cwd: clone, env, encoding: 'utf8', timeout: 170_000 });
    expect(run.status, `${script}\n${run.stdout}\n${run.stderr}`).toBe(0);
  });
});

/** What a clone would not hold is not copied. */
function clean(file: string): boolean {
  return !['target', 'logs', 'dbt_packages'].includes(path.basename(file));
}

test('a block is found with its line', () => {
  expect(shellBlocks('# a\n\n```sh\ndml ls\n```\n\n```console\n$ no\n```\n')).toEqual([{ line: 4, script: 'dml ls\n' }]);
});
