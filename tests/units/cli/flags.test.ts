import { expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { type Flags, resolveFlags } from '../../../src/cli/flags.ts';
import { parseArgv } from '../../../src/cli/program.ts';
import { type Sample, sampleOf, windowOf } from '../../../src/cli/sample.ts';
import { diagnostic, type YamlMap } from '../../../src/text/index.ts';

function flags(line: string, env: Readonly<Record<string, string>> = {}, project: YamlMap = {}): Flags {
  const argv = line.split(' ').filter((w) => w !== '');
  const parsed = parseArgv(argv, '');
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return resolveFlags({ command: parsed.command, given: parsed.given, env, project, projectDir: '/p', argv });
}

test('global flags count before and after the command, the later ones first', () => {
  expect(flags('--quiet build').quiet).toBe(true);
  expect(flags('build --quiet').quiet).toBe(true);
  expect(flags('--quiet build --no-quiet').quiet).toBe(false);
  expect(flags('--target a build -t b').target).toBe('b');
});

test('several values come in one word, several words, or several flags, under all names', () => {
  expect(flags('run -s a b --select c').select).toEqual(['a', 'b', 'c']);
  expect(flags('run -m a --models b --model c -s d').select.slice().sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(flags('build --resource-type model --resource-types seed test').resourceTypes).toEqual(['seed', 'test', 'model']);
  expect(flags('ls --output-keys name config.materialized --output json').values.get('output-keys')).toEqual(['name', 'config.materialized']);
  expect(flags('run --exclude a -s b').exclude).toEqual(['a']);
});

test('command line over environment over project over default', () => {
  expect(flags('build').failFast).toBe(false);
  expect(flags('build', {}, { fail_fast: true }).failFast).toBe(true);
  expect(flags('build', { DBT_FAIL_FAST: '0' }, { fail_fast: true }).failFast).toBe(false);
  expect(flags('build', { DBT_FAIL_FAST: '0', DML_FAIL_FAST: 'true' }).failFast).toBe(true);
  expect(flags('build', { DBT_ENGINE_FAIL_FAST: 'true' }).failFast).toBe(true);
  expect(flags('build --no-fail-fast', { DML_FAIL_FAST: 'true' }).failFast).toBe(false);
  expect(flags('build', { DBT_FAIL_FAST: '' }).failFast).toBe(false);
  expect(flags('build', {}, { select: 'a' }).select).toEqual([]);
});

test('every global flag of dbt has its environment variable', () => {
  const env = {
    DBT_LOG_FORMAT: 'json',
    DBT_LOG_PATH: '/logs',
    DBT_TARGET_PATH: 't',
    DBT_PROFILES_DIR: 'pd',
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DBT_WRITE_JSON: 'False',
    DBT_PRINTER_WIDTH: '100',
    DBT_INDIRECT_SELECTION: 'CAUTIOUS',
  };
  expect(flags('build', env)).toMatchObject({
    logFormat: 'json',
    logPath: '/logs',
    targetPath: 't',
    profilesDir: 'pd',
    writeJson: false,
    printerWidth: 100,
    indirectSelection: 'cautious',
    logFormatFile: 'json',
  });
});

test('--single-threaded counts before --threads', () => {
  expect(flags('run --threads 8').threads).toBe(8);
  expect(flags('run --threads 8 --single-threaded').threads).toBe(1);
  expect(flags('--no-single-threaded run').threads).toBeUndefined();
});

test('debug and quiet set the level, and warnings can be made errors', () => {
  expect(flags('--debug run').logLevel).toBe('debug');
  expect(flags('-q run').logLevel).toBe('error');
  expect(flags('run --log-level warn').logLevel).toBe('warn');
  const verdict = (f: Flags) => f.warnings.event('NothingToDo', 'Q035');
  expect(verdict(flags('run'))).toBe('warn');
  expect(verdict(flags('run --warn-error'))).toBe('error');
  const parsed = parseArgv(['run', '--warn-error-options', '{"error": "all"}'], '');
  if (parsed.kind !== 'run') throw new Error('not parsed');
  expect(verdict(resolveFlags({ command: parsed.command, given: parsed.given, env: {}, project: {}, projectDir: '/p', argv: [] }))).toBe('error');
  expect(verdict(flags('run', {}, { warn_error_options: { include: 'all' } }))).toBe('error');
  expect(flags('run', { DBT_NO_PRINT: '1' }).print).toBe(false);
});

test('what an artifact keeps of the flags', () => {
  expect(flags('build --full-refresh -s a').args).toMatchObject({
    which: 'build',
    full_refresh: true,
    select: ['a'],
    exclude: [],
    vars: {},
    invocation_command: 'dml build --full-refresh -s a',
    project_dir: '/p',
  });
  const parsed = parseArgv(['run', '--vars', '{day: 2026-01-02, n: 1.5}'], '');
  expect(
    parsed.kind === 'run' && resolveFlags({ command: parsed.command, given: parsed.given, env: {}, project: {}, projectDir: '/p', argv: [] }).args['vars'],
  ).toEqual({ day: '2026-01-02', n: 1.5 });
});

test('all flags of dbt 1.11 are taken by the commands that dbt takes them for', () => {
  const global =
    'cache-selected-only debug defer fail-fast favor-state log-cache-events macro-debugging partial-parse partial-parse-file-diff populate-cache print quiet send-anonymous-usage-stats single-threaded static-parser use-colors use-colors-file use-experimental-parser version-check write-json use-fast-test-edges upload-to-artifacts-ingest-api show-all-deprecations';
  for (const command of [
    'build',
    'run',
    'test',
    'seed',
    'snapshot',
    'compile',
    'show',
    'ls',
    'parse',
    'debug',
    'clean',
    'deps',
    'docs generate',
    'run-operation x',
  ]) {
    for (const name of global.split(' ')) {
      expect(parseArgv([...command.split(' '), `--${name}`], '').kind, `${command} --${name}`).toBe('run');
      expect(parseArgv([`--no-${name}`, ...command.split(' ')], '').kind, `--no-${name} ${command}`).toBe('run');
    }
    for (const [name, value] of [
      ['defer-state', 'd'],
      ['state', 'd'],
      ['log-file-max-bytes', '5'],
      ['log-format-file', 'json'],
      ['log-level-file', 'debug'],
      ['record-timing-info', 'f'],
      ['partial-parse-file-path', 'f'],
      ['profile', 'p'],
    ] as const) {
      expect(parseArgv([...command.split(' '), `--${name}`, value], '').kind, `${command} --${name}`).toBe('run');
    }
  }
  for (const line of [
    'build --empty --event-time-start 2024-01-01 --event-time-end 2024-02-01 --export-saved-queries --sample x --show --store-failures --threads 3 --sqlparse {}',
    'compile --inline x --no-introspect --no-inject-ephemeral-ctes --output json --empty -f',
    'show --inline-direct x --limit -1 --output json',
    'docs generate --no-compile --static --empty-catalog',
    'docs serve --port 1 --host h --no-browser',
    'debug --connection --config-dir',
    'deps --add-package a@1 --source hub --upgrade --lock',
    'init x --skip-profile-setup -s',
    'clean --no-clean-project-files-only',
    'run-operation m --args {}',
    'ls --models a --output path --resource-types all --exclude-resource-type seed',
  ]) {
    expect(parseArgv(line.split(' '), ''), line).toMatchObject({ kind: 'run' });
  }
});

test('no two flags of a command share a spelling', () => {
  for (const c of commands) {
    const names = c.options.flatMap((o) => [o.name, o.short, ...(o.aliases ?? [])]).filter((n) => n !== undefined);
    expect(new Set(names).size, c.words.join(' ')).toBe(names.length);
  }
});

test('a sample of so much time before now keeps the day of the month where there is one', () => {
  const window = (text: string, now: string) => {
    const { start, end } = windowOf(sampleOf(text) as Sample, Date.parse(now));
    expect(end).toBe(BigInt(Date.parse(now)) * 1000n);
    return new Date(Number(start / 1000n)).toISOString();
  };
  expect(window('3 hours', '2024-01-01T01:30:00.000Z')).toBe('2023-12-31T22:30:00.000Z');
  expect(window('3 Days', '2024-03-01T01:30:00.000Z')).toBe('2024-02-27T01:30:00.000Z');
  expect(window('1 month', '2024-03-31T12:00:00.250Z')).toBe('2024-02-29T12:00:00.250Z');
  expect(window('13 months', '2024-03-15T00:00:00.000Z')).toBe('2023-02-15T00:00:00.000Z');
  expect(window('1 year', '2024-02-29T00:00:00.000Z')).toBe('2023-02-28T00:00:00.000Z');
  expect(sampleOf('{start: 2024-01-01, end: "2024-01-02 03:04:05.5"}')).toEqual({
    window: { start: BigInt(Date.UTC(2024, 0, 1)) * 1000n, end: BigInt(Date.UTC(2024, 0, 2, 3, 4, 5)) * 1000n + 500_000n },
  });
});

test('warnings are decided by name, then as deprecations, then all together; the mildest word for one counts', () => {
  const flag = (options: YamlMap) => flags('run', {}, { warn_error_options: options }).warnings;
  const nothing = (options: YamlMap) => flag(options).event('NothingToDo', 'Q035');
  const old = (options: YamlMap) => flag(options).event('PropertyMovedToConfigDeprecation', 'D030');
  expect(nothing({ error: ['NothingToDo'] })).toBe('error');
  expect(nothing({ error: ['LogTestResult'] })).toBe('warn');
  expect(nothing({ error: 'all', warn: ['NothingToDo'] })).toBe('warn');
  expect(nothing({ include: '*', exclude: ['NothingToDo'] })).toBe('warn');
  expect(nothing({ error: ['NothingToDo'], silence: ['NothingToDo'] })).toBe('silent');
  expect(old({ error: ['Deprecations'] })).toBe('error');
  expect(old({ error: ['Deprecations'], warn: ['PropertyMovedToConfigDeprecation'] })).toBe('warn');
  expect(old({ error: ['PropertyMovedToConfigDeprecation'], silence: ['Deprecations'] })).toBe('error');
  expect(old({ error: 'all', warn: ['Deprecations'] })).toBe('warn');
  const selected = diagnostic('nothing-selected', { criterion: 'a' });
  for (const name of ['nothing-selected', 'NoNodesForSelectionCriteria']) expect(flag({ error: [name] }).diagnostic(selected)).toBe('error');
});

test('options for warnings that say nothing are refused', () => {
  const refused: readonly (readonly [YamlMap, string])[] = [
    [{ error: 'some' }, '`all`, `*` or a list'],
    [{ warn: ['NothingToDo'] }, 'makes exceptions'],
    [{ error: ['a'], include: ['b'] }, 'its older name'],
    [{ error: ['nothing-selectd'] }, 'which is no warning'],
  ];
  for (const [options, problem] of refused) expect(() => flags('run', {}, { warn_error_options: options }), JSON.stringify(options)).toThrow(problem);
});
