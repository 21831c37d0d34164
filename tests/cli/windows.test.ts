// Reading a part of the rows only (`--empty`, `--sample`, event times): the SQL is the one that dbt compiled (windows.json, made by make_windows.py).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dml } from '../command.ts';

type Texts = Readonly<Record<string, string>>;

interface Run {
  readonly argv: readonly string[];
  readonly statuses: Texts;
  /** By path below target/compiled. */
  readonly compiled: Texts;
}

const golden: { readonly files: Texts; readonly runs: readonly Run[] } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'windows.json'), 'utf8'));
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-windows-')));
for (const [name, text] of Object.entries(golden.files)) {
  fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  fs.writeFileSync(path.join(dir, name), text);
}
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

function textsBelow(folder: string): Texts {
  if (!fs.existsSync(folder)) return {};
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((f) => path.join(f.parentPath, f.name)).map((f) => [path.relative(folder, f), fs.readFileSync(f, 'utf8')]));
}

// One after the other: each finds in the database what those before it have built.
test.each(golden.runs.map((run, i) => ({ ...run, i, shown: run.argv.join(' ') })))(
  'dml $shown compiles what dbt compiles',
  async ({ argv, i, statuses, compiled }) => {
    const target = path.join(dir, `target_${i}`);
    const { stdout } = await dml(['--quiet', ...argv, '--target-path', target, '--profiles-dir', dir], dir);
    const { results } = JSON.parse(fs.readFileSync(path.join(target, 'run_results.json'), 'utf8')) as { results: { unique_id: string; status: string }[] };
    expect(Object.fromEntries(results.map((r) => [r.unique_id, r.status])), stdout).toEqual(statuses);
    expect(textsBelow(path.join(target, 'compiled'))).toEqual(compiled);
  },
);
