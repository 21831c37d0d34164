// The probe project of tests/cases/context: what every member of dbt's context is, in every kind of template, while parsing and while running.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { World } from '../../../src/cli/world.ts';

const home = path.resolve(import.meta.dirname, '../../cases/context');
const root = path.resolve(import.meta.dirname, '../../..');

/** Logged lines by `place | label`, each with the values that were logged there, sorted. */
export type Lines = ReadonlyMap<string, readonly string[]>;

interface Probe {
  readonly name: string;
  readonly label: string;
  readonly text: string;
}

/** The lines of expressions.txt, each as a model; the file says what `!` and `~` mean. */
function probes(): readonly Probe[] {
  const lines = fs.readFileSync(path.join(home, 'expressions.txt'), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, i) => {
      const [, runOnly, raw, text = ''] = /^(!?)(~?) ?(.*)$/.exec(line) ?? [];
      const label = text.replaceAll(' | ', ' ¦ ');
      const template = raw ? text : `{{ p('x', ${quoted(label)}, (${text})) }}`;
      const guarded = runOnly ? `{% if execute %}${template}{% endif %}` : template;
      const recorded = ["ref('base')", "ref('raw_seed')"].filter((ref) => runOnly && template.includes(ref)).map((ref) => `\n-- depends_on: {{ ${ref} }}`);
      return { name: `x${String(i + 1).padStart(3, '0')}`, label: label.slice(0, 150), text: `${guarded}${recorded.join('')}\nselect 1 as id\n` };
    });
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Writes the project with its probes into a new directory, hands that to `work`, and reads what was logged and how each probe ended. */
async function play(work: (dir: string) => string | Promise<string>): Promise<Lines> {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-probes-')));
  try {
    fs.cpSync(path.join(home, 'project'), dir, { recursive: true });
    fs.cpSync(path.join(dir, 'local'), path.join(dir, 'dbt_packages/local'), { recursive: true });
    fs.mkdirSync(path.join(dir, 'models/probes'));
    const all = probes();
    for (const probe of all) fs.writeFileSync(path.join(dir, `models/probes/${probe.name}.sql`), probe.text);
    return collect(await work(dir), dir, all);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

function collect(output: string, dir: string, all: readonly Probe[]): Lines {
  const found = new Map<string, string[]>();
  const add = (key: string, value: string): void => void found.set(key, [...(found.get(key) ?? []), value].toSorted());
  const plain = output
    .replaceAll(dir, 'DIR')
    .replaceAll(' (worker)', '')
    .replace(/'[^' ]*\/site-packages\//g, "'SITE/")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/ at 0x[0-9a-f]+/g, '');
  for (const line of plain.split('\n')) {
    const [, key, value] = /^@@ ([^|]+ \| .*?) \| (.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) add(key, value);
  }
  const results = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as {
    readonly results: readonly { readonly unique_id: string; readonly status: string }[];
  };
  const statuses = new Map(results.results.map((r) => [r.unique_id, r.status]));
  for (const probe of all) add(`x status | ${probe.label}`, statuses.get(`model.probe.${probe.name}`) ?? 'absent');
  return found;
}

const environment = { PROBE_SET: 'set', DBT_ENV_SECRET_PROBE: 'hush-hush' };

/** What dml logs; the second part is everything it printed and wrote, for the search for secrets. */
export async function playDml(): Promise<{ readonly lines: Lines; readonly written: string }> {
  const { main } = await import('../../../src/cli/index.ts');
  let stdout = '';
  let written = '';
  const lines = await play(async (dir) => {
    const world: World = {
      cwd: dir,
      env: environment,
      home: dir,
      pid: process.pid,
      stdout: { write: (text) => void (stdout += text) },
      stderr: { write: (text) => void (written += text) },
      terminal: undefined,
      ask: undefined,
      now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
      every: () => () => {},
      signal: new AbortController().signal,
      invocationId: '00000000-0000-4000-8000-000000000000',
      templates: `${path.join(root, 'templates')}${path.sep}`,
      library: undefined,
    };
    await main(['--quiet', '--no-partial-parse', 'build', '--profiles-dir', '.'], world);
    written += stdout;
    for (const part of ['target', 'logs']) for (const file of files(path.join(dir, part))) written += fs.readFileSync(file, 'utf8');
    return stdout;
  });
  return { lines, written };
}

function files(dir: string): readonly string[] {
  return fs.readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []));
}

/** What real dbt logs; `dbt`: the path of its command. */
export function playDbt(dbt: string): Promise<Lines> {
  return play((dir) => {
    const env = { ...process.env, ...environment, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };
    try {
      return execFileSync(dbt, ['--quiet', '--no-partial-parse', 'build', '--profiles-dir', '.'], { cwd: dir, env, encoding: 'utf8', maxBuffer: 1 << 28 });
    } catch (e) {
      // Some of the probes are errors: the exit code is 1, and the text is there.
      return (e as { readonly stdout: string }).stdout;
    }
  });
}

const golden = path.join(home, 'golden.json');

export function readGolden(): Lines {
  return new Map(Object.entries(JSON.parse(fs.readFileSync(golden, 'utf8')) as Record<string, string[]>));
}

export function writeGolden(lines: Lines): void {
  const sorted = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1));
  fs.writeFileSync(golden, `{\n${sorted.map(([key, values]) => `${JSON.stringify(key)}: ${JSON.stringify(values)}`).join(',\n')}\n}\n`);
}

/** Places where dml differs on purpose, or does not matter: a reason each, with the lines. */
export function knownDifferences(): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(fs.readFileSync(path.join(home, 'known-differences.json'), 'utf8')) as Record<string, string[]>;
}
