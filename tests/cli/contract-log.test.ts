// What dml prints for commands on the example project against what dbt prints, line by line and event by event.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DBT_VERSION } from '../../src/cli/version.ts';
import { dml } from '../command.ts';
import { copyExample } from '../example.ts';

interface Seen {
  readonly code: string;
  readonly levels: readonly string[];
  /** The members of its data. */
  readonly data: readonly string[];
}

interface Printed {
  readonly code: number;
  readonly text: readonly string[];
  readonly events: Readonly<Record<string, Seen>>;
}

// Made by make_dbt_events.py.
const { dbt, parts, ...commands } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'dbt-events.json'), 'utf8')) as {
  readonly dbt: string;
  readonly parts: Readonly<Record<string, readonly string[]>>;
} & Readonly<Record<string, Printed>>;

/** Lines of dbt that dml does not print, each with the reason; docs/compatibility.md tells of them. */
const OTHER_LINES: readonly RegExp[] = [
  // dml names itself.
  /^Running with dbt=/,
  // There is no package for an adapter, and no file to parse from.
  /^Registered adapter: /,
  /^Unable to do partial parsing|^Performance info: /,
  // dml's macros are others, and more.
  /^Found .* macros/,
  // dml says in its own words, with the place in the file, what went wrong.
  /^ {2}dbt could not find a macro|^Compilation Error$|^Encountered an error( while running operation)?:/,
  /^ {2}\w+ Error in model |^ {2}\w+ Error: |^ {2}LINE \d+: |^ +\^$/,
];
/** ... for some commands. */
const OTHER_LINES_OF: Readonly<Record<string, readonly RegExp[]>> = {
  // The preview has no run around it.
  'show --select dim_stores --limit 1 --output json': [/^Concurrency: /, /^$/],
  // The database's words have empty lines within them.
  "build --select int_web_events_with_session+1 --vars '{session_gap_minutes: oops}'": [/^$/],
  // The SQL is in target/compiled; dbt prints it too.
  'docs generate --select dim_stores': [/^(?!Building catalog|Catalog written|Concurrency)/],
};

/** Events of dbt that dml does not have for some commands. */
const OTHER_EVENTS_OF: Readonly<Record<string, readonly string[]>> = {
  'show --select dim_stores --limit 1 --output json': ['ConcurrencyLine', 'Formatting', 'NodeStart', 'NodeFinished'],
  'docs generate --select dim_stores': ['CompiledNode'],
  // The macro is looked for before anything is written or run, and a database is opened by the first statement that is for it.
  'run-operation nothing_like_this': ['ArtifactWritten', 'RunningOperationCaughtError', 'SQLQuery', 'SQLQueryStatus'],
};

/** Events of dbt that dml does not have. */
const OTHER_EVENTS: ReadonlySet<string> = new Set([
  // Connections of Python: dml has sessions, whose statements are told.
  ...['ConnectionUsed', 'ConnectionReused', 'ConnectionClosed', 'ConnectionClosedInCleanup', 'NewConnection', 'NewConnectionOpening', 'ConnectionLeftOpen'],
  ...['Rollback', 'RollbackFailed', 'SQLCommit', 'SchemaCreation', 'ColTypeChange'],
  // Each run parses anew, and there is no package for an adapter.
  ...['AdapterRegistered', 'PartialParsingEnabled', 'PartialParsingSkipParsing', 'UnableToPartialParse', 'StateCheckVarsHash', 'ParsePerfInfoPath'],
  // Steps within a node, and the bookkeeping of the process.
  ...[
    'NodeCompiling',
    'NodeExecuting',
    'WritingInjectedSQLForNode',
    'AdapterEventDebug',
    'MarkSkippedChildren',
    'EndRunResult',
    'ResourceReport',
    'FlushEvents',
  ],
  // What dbt's own macros log.
  ...['JinjaLogDebug', 'Note'],
  // A mistake is told once.
  ...['MainEncounteredError', 'LogDebugStackTrace'],
]);

/** As `plain` of make_dbt_events.py. */
function plain(line: string): string {
  return line
    .replace(/^\d\d:\d\d:\d\d {1,2}/, '')
    .replace(/\d+\.\d+s\b/g, '0s')
    .replace(/\d+\.\d+ seconds/g, '0 seconds')
    .replace(/^(\d+) of (\d+) /, 'N of $2 ')
    .replace(/( \.+| ) ?\[(?=[A-Z])/, ' [')
    .trimEnd();
}

/** The words of a command line; quotes hold several together. */
const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');

let dir = '';
beforeAll(async () => {
  dir = copyExample();
  fs.writeFileSync(path.join(dir, 'profiles.yml'), 'tidewater: {target: dev, outputs: {dev: {type: duckdb, path: target/tidewater.duckdb, threads: 1}}}\n');
  expect((await dml(['build', '--quiet'], dir)).code).toBe(0);
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test('the fixture is of the dbt that dml answers for', () => {
  expect(dbt).toBe(DBT_VERSION);
});

describe.each(Object.entries(commands))('%s', (line, expected) => {
  test('prints dbt’s lines', async () => {
    const { code, stdout } = await dml(words(line), dir);
    expect(code, stdout).toBe(expected.code);
    const others = [...OTHER_LINES, ...(OTHER_LINES_OF[line] ?? [])];
    const wanted = expected.text.filter((text) => !others.some((other) => other.test(text)));
    const printed = stdout.replaceAll(dir, '<dir>').split('\n').map(plain);
    // Which node comes first is the scheduler's affair, and their lines may mix.
    const isNode = (text: string) => text.startsWith('N of ');
    const frame = wanted.filter((text) => !isNode(text));
    expect(inOrder(printed, frame)).toEqual(frame);
    // Where a model fails dbt has counted its unit tests twice.
    const nodes = (lines: readonly string[]) =>
      lines
        .filter(isNode)
        .map((text) => (expected.code === 1 ? text.replace(/^N of \d+/, 'N of N') : text))
        .sort();
    expect(nodes(printed)).toEqual(nodes(wanted));
  });

  test('tells dbt’s events, with their codes, levels and data', async () => {
    const { stdout } = await dml(['--log-format', 'json', '--log-level', 'debug', ...words(line)], dir);
    const seen = eventsOf(stdout);
    for (const [name, event] of Object.entries(expected.events)) {
      const own = seen.get(name);
      if (!own) {
        expect([...OTHER_EVENTS, ...(OTHER_EVENTS_OF[line] ?? [])], `${name} ${JSON.stringify(event)}`).toContain(name);
        continue;
      }
      expect([...own.codes], name).toEqual([event.code]);
      if (name === 'Note') continue;
      expect([...event.levels], name).toEqual(expect.arrayContaining([...own.levels]));
      expect([...own.data], name).toEqual(expect.arrayContaining([...event.data]));
      for (const [part, keys] of Object.entries(parts)) {
        const held = own.parts.get(part);
        if (held) expect([...held].sort(), `${name} ${part}`).toEqual(keys);
      }
    }
  });
});

test('who follows a structured log finds the manifest when the first node starts, and a statement ends before the next of its node', async () => {
  expect((await dml(['build', '--select', 'stg_stores', '--log-format-file', 'json', '--log-path', 'followed', '--quiet'], dir)).code).toBe(0);
  const lines = fs
    .readFileSync(path.join(dir, 'followed', 'dbt.log'), 'utf8')
    .trimEnd()
    .split('\n');
  const events = lines.map((line) => JSON.parse(line) as { info: { name: string }; data: { artifact_type?: string; node_info?: { unique_id: string } } });
  const manifest = events.findIndex((e) => e.data.artifact_type === 'WritableManifest');
  expect(manifest).toBeGreaterThan(-1);
  expect(manifest).toBeLessThan(events.findIndex((e) => e.info.name === 'NodeStart'));
  const statements = events.filter((e) => e.info.name.startsWith('SQLQuery') && e.data.node_info?.unique_id === 'model.tidewater.stg_stores');
  expect(statements.length).toBeGreaterThan(1);
  expect(statements.map((e) => e.info.name)).toEqual(statements.map((_, i) => (i % 2 === 0 ? 'SQLQuery' : 'SQLQueryStatus')));
});

/** Those of the wanted lines that are among the printed ones in this order. */
function inOrder(printed: readonly string[], wanted: readonly string[]): readonly string[] {
  let at = 0;
  return wanted.filter((line) => {
    const found = printed.indexOf(line, at);
    if (found === -1) return false;
    at = found + 1;
    return true;
  });
}

interface Own {
  readonly codes: Set<string>;
  readonly levels: Set<string>;
  readonly data: Set<string>;
  readonly parts: Map<string, Set<string>>;
}

/** The events of a log by name. Every line must be one. */
function eventsOf(stdout: string): ReadonlyMap<string, Own> {
  const seen = new Map<string, Own>();
  for (const line of stdout.trimEnd().split('\n')) {
    const { info, data } = JSON.parse(line) as { readonly info: Readonly<Record<string, string>>; readonly data: Readonly<Record<string, object>> };
    expect(Object.keys(info).sort()).toEqual(['category', 'code', 'extra', 'invocation_id', 'level', 'msg', 'name', 'pid', 'thread', 'ts']);
    const { name = '', code = '', level = '' } = info;
    const own = seen.get(name) ?? { codes: new Set(), levels: new Set(), data: new Set(), parts: new Map() };
    seen.set(name, own);
    own.codes.add(code);
    own.levels.add(level);
    for (const [key, value] of Object.entries(data)) {
      own.data.add(key);
      if (key in parts) own.parts.set(key, new Set([...(own.parts.get(key) ?? []), ...Object.keys(value)]));
    }
  }
  return seen;
}
