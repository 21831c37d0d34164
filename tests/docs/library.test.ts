// Type-checks and runs the programs of docs/library.md as somebody who has installed the package would: against dist/ and the types in it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const guide = fs.readFileSync(path.join(root, 'docs/library.md'), 'utf8');
const programs = [...guide.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((m) => ({
  name: `line-${guide.slice(0, m.index).split('\n').length + 1}.mjs`,
  text: m[1] ?? '',
}));
const built = fs.existsSync(path.join(root, 'dist/index.d.ts'));
const note = built ? '' : ' (SKIPPED: dist/ is not there, `npm run build` makes it)';

let consumer = '';
beforeAll(() => {
  consumer = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-consumer-'));
  fs.mkdirSync(path.join(consumer, 'node_modules'));
  fs.symlinkSync(root, path.join(consumer, 'node_modules/dml'));
  fs.writeFileSync(path.join(consumer, 'package.json'), '{"type": "module", "private": true}');
  fs.cpSync(path.join(root, 'example-project'), path.join(consumer, 'example-project'), {
    recursive: true,
    filter: (file) => !['target', 'logs'].includes(path.basename(file)) && !file.endsWith('.duckdb'),
  });
  for (const { name, text } of programs) fs.writeFileSync(path.join(consumer, name), text);
});

const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: consumer, encoding: 'utf8', timeout: 100_000 });

test.skipIf(!built)(`the programs of the guide have the package's types${note}`, { timeout: 100_000 }, () => {
  const options = '--noEmit --checkJs --strict --module nodenext --target es2022 --skipLibCheck --types node --typeRoots'.split(' ');
  const files = programs.map((p) => p.name);
  const check = node(path.join(root, 'node_modules/typescript/bin/tsc'), ...options, path.join(root, 'node_modules/@types'), ...files);
  expect(check.stdout).toBe('');
  fs.writeFileSync(path.join(consumer, 'wrong.mjs'), "import { createProject } from 'dml';\n(await createProject({ dir: '.' })).build({ threads: 'four' });\n");
  const wrong = node(path.join(root, 'node_modules/typescript/bin/tsc'), ...options, path.join(root, 'node_modules/@types'), 'wrong.mjs');
  expect(wrong.stdout).toMatch(/'string' is not assignable to type 'number/);
});

test.skipIf(!built).each(programs)(`$name runs${note}`, { timeout: 100_000 }, ({ name }) => {
  const run = node(name);
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  expect(run.stdout.trim()).not.toBe('');
});
