// What artifacts tell of semantic models and metrics, against what dbt wrote of the same project (tests/cli/semantic.json, made by make_semantic.py).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dml } from '../../command.ts';

interface Golden {
  readonly files: Readonly<Record<string, string>>;
  /** semantic_manifest.json. */
  readonly written: unknown;
  /** What is below each node. */
  readonly graph: Readonly<Record<string, readonly string[]>>;
}

type Linked = Readonly<Record<string, { readonly name: string; readonly succ?: readonly number[] }>>;

const golden: Golden = JSON.parse(fs.readFileSync(new URL('../../cli/semantic.json', import.meta.url), 'utf8'));
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-semantic-')));
const artifact = (name: string) => JSON.parse(fs.readFileSync(path.join(dir, 'target', name), 'utf8'));

beforeAll(async () => {
  for (const [name, text] of Object.entries(golden.files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  expect(await dml(['ls', '--quiet', '--profiles-dir', dir], dir)).toMatchObject({ code: 0 });
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test('semantic_manifest.json: semantic models, metrics, saved queries and calendars', () => {
  expect(artifact('semantic_manifest.json')).toEqual(golden.written);
});

test('graph_summary.json: they are in the graph', () => {
  const linked: Linked = artifact('graph_summary.json').linked;
  const below = (ids: readonly number[] = []) => ids.map((id) => linked[id]?.name).sort();
  expect(Object.fromEntries(Object.values(linked).map((n) => [n.name, below(n.succ)]))).toEqual(golden.graph);
});
