// Every command and flag of dbt's command line against dml's own: each spelling, before and after the command, and each environment variable.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands as dmlCommands } from '../../src/cli/commands.ts';
import { resolveFlags } from '../../src/cli/flags.ts';
import { globalOptions } from '../../src/cli/options.ts';
import { parseArgv } from '../../src/cli/program.ts';
import { DBT_VERSION } from '../../src/cli/version.ts';
import type { YamlMap } from '../../src/text/index.ts';

interface Option {
  readonly name: string;
  readonly spellings: readonly string[];
  readonly env: readonly string[];
  readonly kind: 'switch' | 'text' | 'integer' | 'list';
  readonly choices?: readonly string[];
}

// Made by make_dbt_flags.py.
const { dbt, project, everywhere, ...commands } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'dbt-flags.json'), 'utf8')) as {
  readonly dbt: string;
  readonly project: readonly string[];
  readonly everywhere: readonly Option[];
} & Readonly<Record<string, readonly Option[]>>;

/** In dbt they exist so that older environment variables are read; it refuses them on a command line. */
const variablesOnly = new Set(['deprecated_defer', 'deprecated_favor_state', 'deprecated_print', 'deprecated_state']);
const shared = everywhere.filter((o) => o.name !== 'version' && !variablesOnly.has(o.name));
const ARGUMENT: Readonly<Record<string, readonly string[]>> = { 'run-operation': ['some_macro'] };

/** A value for an option that is not its default. */
function sample(o: Option): string {
  const special: Readonly<Record<string, string>> = {
    vars: '{a: 1}',
    args: '{a: 1}',
    sample: '3 days',
    event_time_start: '2024-01-01',
    event_time_end: '2024-02-01',
    warn_error_options: '{"error": ["NothingToDo"]}',
    sqlparse: '{}',
  };
  return special[o.name] ?? (o.kind === 'integer' ? '7' : (o.choices?.at(-1) ?? 'some_value'));
}

/** dml's name for an option. */
const nameOf = (o: Option) => (o.name === 'models' ? 'select' : o.name.replace(/^deprecated_/, '').replaceAll('_', '-'));

/** What it should come to when a spelling is given with `sample`. */
function meant(o: Option, spelling = ''): unknown {
  if (o.kind === 'switch') return !spelling.startsWith('--no-');
  return o.kind === 'integer' ? 7 : o.kind === 'list' ? [sample(o)] : sample(o);
}

/** What a command line and its environment come to. */
function settled(argv: readonly string[], env: Readonly<Record<string, string>> = {}, flags: YamlMap = {}): ReadonlyMap<string, unknown> {
  const parsed = parseArgv(argv, '');
  if (parsed.kind !== 'run') throw new Error(`${argv.join(' ')}: ${JSON.stringify(parsed)}`);
  return resolveFlags({ command: parsed.command, given: parsed.given, env, project: flags, projectDir: '/p', argv }).values;
}

const written = (o: Option, spelling: string) => (o.kind === 'switch' ? [spelling] : [spelling, sample(o)]);

/** Those of a pair that cannot be given together are given one after the other. */
const SECOND = new Set(['warn_error_options', 'inline']);

/** Command lines are made of as many options as go together, one line for each spelling: to read a line takes milliseconds. */
function lines(options: readonly Option[]): readonly (readonly (readonly [Option, string])[])[] {
  const most = Math.max(...options.map((o) => o.spellings.length));
  return [(o: Option) => !SECOND.has(o.name), (o: Option) => SECOND.has(o.name)].flatMap((wanted) =>
    Array.from({ length: most }, (_, i) => options.filter(wanted).map((o) => [o, o.spellings[i % o.spellings.length] ?? ''] as const)),
  );
}

test('the fixture is of the dbt that dml answers for', () => {
  expect(dbt).toBe(DBT_VERSION);
  expect(Object.keys(commands)).toContain('source freshness');
});

describe.each(Object.entries(commands))('%s', (name, own) => {
  const words = [...name.split(' '), ...(ARGUMENT[name] ?? [])];
  // `-m` and its like are a second option in the listing of dbt's `ls`, and one in dml.
  const all = [...own.filter((o) => o.name !== 'models'), ...shared];

  test('takes every flag in every spelling, after the command and those of all commands before it too', () => {
    for (const line of lines(all)) {
      const argv = [...words, ...line.flatMap(([o, spelling]) => written(o, spelling))];
      const values = settled(argv);
      for (const [o, spelling] of line) expect(values.get(nameOf(o)), `${words.join(' ')} ${spelling}`).toEqual(meant(o, spelling));
    }
    for (const line of lines(shared)) {
      const values = settled([...line.flatMap(([o, spelling]) => written(o, spelling)), ...words]);
      for (const [o, spelling] of line) expect(values.get(nameOf(o)), `${spelling} ${words.join(' ')}`).toEqual(meant(o, spelling));
    }
    for (const o of own.filter((each) => each.name === 'models'))
      for (const spelling of o.spellings) expect(settled([...words, spelling, 'a']).get('select'), spelling).toEqual(['a']);
  });

  test('takes every choice', () => {
    const most = Math.max(...all.map((o) => o.choices?.length ?? 0));
    const choosers = all.filter((o) => o.choices);
    for (let i = 0; i < most; i++) {
      const given = choosers.map((o) => [o, o.choices?.[i % o.choices.length] ?? ''] as const);
      const values = settled([...words, ...given.flatMap(([o, choice]) => [o.spellings.find((s) => s.startsWith('--')) ?? '', choice])]);
      for (const [o, choice] of given) expect(values.get(nameOf(o)), `${o.name} ${choice}`).toEqual(o.kind === 'list' ? [choice] : choice);
    }
  });

  test('reads every environment variable', () => {
    for (const at of [0, -1])
      for (const second of [false, true]) {
        const read = all.filter((o) => o.env.length > 0 && SECOND.has(o.name) === second);
        const values = settled(words, Object.fromEntries(read.map((o) => [o.env.at(at) ?? '', o.kind === 'switch' ? 'true' : sample(o)])));
        for (const o of read) expect(values.get(nameOf(o)), o.env.at(at)).toEqual(meant(o));
      }
  });
});

test('older environment variables are read', () => {
  const older = new Map(everywhere.filter((o) => variablesOnly.has(o.name)).map((o) => [o.name, o]));
  for (const [name, value, outcome] of [
    ['deprecated_defer', 'true', true],
    ['deprecated_favor_state', 'true', true],
    ['deprecated_state', 'some/where', 'some/where'],
  ] as const) {
    const option = older.get(name);
    if (!option) throw new Error(`dbt has no ${name}`);
    for (const variable of option.env) expect(settled(['build'], { [variable]: value }).get(nameOf(option)), variable).toBe(outcome);
  }
});

test('what dbt reads from `flags:` of a project, dml reads too', () => {
  for (const o of shared.filter((each) => project.includes(each.name))) {
    const value = o.kind === 'switch' ? true : o.kind === 'integer' ? 7 : sample(o);
    const given = o.name === 'warn_error_options' ? { error: ['NothingToDo'] } : value;
    expect(settled(['build'], {}, { [o.name]: given }).get(nameOf(o)), o.name).toEqual(o.name === 'warn_error_options' ? '{"error":["NothingToDo"]}' : value);
  }
});

test('settings that contradict each other are refused', () => {
  for (const line of ['build --warn-error --warn-error-options {}', 'show --inline x -s a', 'compile --selector a --inline x'])
    expect(() => settled(line.split(' ')), line).toThrow('cannot be given together with');
});

test('the documentation names every flag that changes nothing, and why', () => {
  const text = fs.readFileSync(path.join(import.meta.dirname, '../../docs/commands.md'), 'utf8');
  const idle = [...globalOptions, ...dmlCommands.flatMap((c) => c.options)].filter((o) => o.group === 'Accepted for compatibility');
  expect([...new Set(idle.map((o) => o.name))].filter((name) => !new RegExp(`^\\| .*\`--${name}\`.* \\|`, 'm').test(text))).toEqual([]);
});
