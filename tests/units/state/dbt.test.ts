// `state:` against dbt: a project, edits of it, and what `dbt ls -s state:...` answers after each of them.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Flags } from '../../../src/cli/flags.ts';
import { openProject } from '../../../src/cli/open.ts';
import type { World } from '../../../src/cli/world.ts';
import { listLines, manifestJson } from '../../../src/report/index.ts';
import { select } from '../../../src/select/index.ts';
import { type PreviousManifest, readManifest } from '../../../src/state/index.ts';
import { Diagnostics } from '../../../src/text/index.ts';
import { folder } from '../cli/world.ts';

/** `null` deletes a file; `@big` and `@big2` stand for two texts of more than a megabyte. */
type Files = Readonly<Record<string, string | null>>;

interface Golden {
  readonly base: Files;
  readonly edits: Readonly<
    Record<
      string,
      {
        readonly files: Files;
        /** Lines of `ls` by selector, joined by blanks; null where dbt refuses. Selectors that answer nothing are left out. */
        readonly found: Readonly<Record<string, string | null>>;
        /** What dbt warns of, besides that it cannot tell of the big seed whether it changed. */
        readonly warnings?: readonly string[];
      }
    >
  >;
}

const golden: Golden = JSON.parse(fs.readFileSync(process.env['DML_STATE_GOLDEN'] ?? new URL('../../cases/select/state.json', import.meta.url), 'utf8'));
const SELECTORS = [
  'new',
  'old',
  'modified',
  'unmodified',
  ...['body', 'configs', 'persisted_descriptions', 'relation', 'macros', 'contract'].map((part) => `modified.${part}`),
];
const TYPES = new Set([
  'model',
  'snapshot',
  'seed',
  'test',
  'source',
  'exposure',
  'metric',
  'saved_query',
  'semantic_model',
  'unit_test',
  'function',
  'analysis',
]);
const BIG = Array.from({ length: 25_000 }, (_, i) => `${i},${'x'.repeat(40)}\n`).join('');
const TEXTS: Readonly<Record<string, string>> = { '@big': `id,v\n${BIG}`, '@big2': `id,v\n${BIG.replace('1,x', '1,y')}` };

const SAME_BIG = /\(lab\.big\) >1MB in size at the same path/;

const home = folder();
afterAll(() => home.remove());

function write(dir: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(dir, name);
    fs.rmSync(file, { force: true });
    if (text === null) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, TEXTS[text] ?? text);
  }
}

async function opened(dir: string) {
  const sink = new Diagnostics();
  const world = {
    cwd: dir,
    home: dir,
    env: {},
    now: () => 0,
    invocationId: '',
    templates: `${path.resolve(import.meta.dirname, '../../../templates')}/`,
    library: undefined,
  };
  const flags = {
    command: 'ls',
    fullRefresh: false,
    empty: false,
    storeFailures: false,
    failFast: false,
    projectDir: dir,
    versionCheck: true,
    args: {},
    values: new Map(),
  };
  // Opening takes no more of the world and the flags than these.
  const project = await openProject(flags as unknown as Flags, world as unknown as World, sink, { log() {}, print() {}, warn() {} });
  if (!project) throw new Error(sink.errors.map((d) => `${d.at?.file.path}: ${d.message}`).join('\n'));
  return project;
}

describe('against dbt', () => {
  let state: PreviousManifest;
  beforeAll(async () => {
    const dir = path.join(home.dir, 'base');
    write(dir, golden.base);
    const { manifest } = await opened(dir);
    const given = process.env['DML_STATE_MANIFEST'];
    const context = { dbtVersion: '', generatedAt: 0, startedAt: 0, invocationId: '', customEnv: {}, adapterType: 'duckdb', compiled: new Map() };
    const quoting = { database: true, schema: true, identifier: true };
    const text = given === undefined ? manifestJson(manifest, { ...context, quoting }).join('') : fs.readFileSync(given, 'utf8');
    const sink = new Diagnostics();
    state = readManifest(text, 'manifest.json', sink) as PreviousManifest;
    expect(sink.all).toEqual([]);
  });

  test.each(Object.entries(golden.edits))('%s', async (name, { files, found, warnings = [] }) => {
    const dir = path.join(home.dir, name.replaceAll(/\W+/g, '_'));
    write(dir, golden.base);
    write(dir, files);
    const { manifest } = await opened(dir);
    const actual: Record<string, string | null> = {};
    const told = new Set<string>();
    for (const selector of SELECTORS) {
      const sink = new Diagnostics();
      const previous = { dir: '', manifest: state, results: undefined, sources: undefined, currentSources: undefined, inputs: undefined };
      const selection = select(manifest, { select: [`state:${selector}`], exclude: [], indirect: 'eager', types: TYPES, keepEmpty: true, previous }, sink);
      const refused = selection === undefined || sink.errors.length > 0;
      const lines = refused ? null : [...listLines(manifest, selection.ids, 'selector', [])].sort();
      if (lines === null || lines.length > 0) actual[selector] = lines?.join(' ') ?? null;
      for (const d of sink.all) if (d.severity === 'warning' && d.code !== 'nothing-selected' && !SAME_BIG.test(d.message)) told.add(d.message);
    }
    expect(actual).toEqual(found);
    expect([...told].sort()).toEqual(warnings);
    fs.rmSync(dir, { recursive: true });
  });
});
