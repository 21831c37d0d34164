import { Command, CommanderError, Option } from 'commander';
import { closest, type Diagnostic, diagnostic } from '../text/index.ts';
import { type CommandSpec, commands } from './commands.ts';
import { type Given, globalOptions, type OptionSpec, spellings } from './options.ts';

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: 'run'; readonly command: CommandSpec; readonly argument: string | undefined; readonly given: Given }
  /** `--help`, `--version` or no command at all: a text to print. */
  | { readonly kind: 'text'; readonly text: string; readonly exitCode: number }
  /** A mistake; `usage` names the command it was made in. */
  | { readonly kind: 'mistake'; readonly diagnostic: Diagnostic; readonly usage: string };

const GROUPS = { Build: 'Build:', Look: 'Look:', Project: 'Project:' } as const;

/** What the commands are about that share their first word. */
const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  docs: 'Write or serve the documentation of the project.',
  metrics: 'Compute or list the metrics of the project.',
  source: 'Look at the sources of the project.',
};

/** Reads a command line without its first two words (interpreter and script). */
export function parseArgv(argv: readonly string[], version: string): Parsed {
  let found: { command: CommandSpec; argument: string | undefined; own: Command } | undefined;
  let text = '';
  const capture = (s: string) => {
    text += s;
  };
  const root = new Command('dml');
  settle(root, capture)
    .description('Builds, tests and documents SQL transformations: reads dbt projects and runs them.')
    .usage('COMMAND [options]')
    .version(version, '-v, --version', 'Print the version.')
    .addHelpText(
      'after',
      `\nEvery command takes further flags, before or after its name: see \`dml COMMAND --help\`.\n${examplesText([
        ['dml init my_shop && cd my_shop && dml build', 'a first project, built on an embedded DuckDB'],
        ['dml build --help', 'help for one command'],
      ])}`,
    );
  addOptions(
    root,
    globalOptions.map((o) => ({ ...o, hidden: true })),
  );
  const groups = new Map<string, Command>();
  for (const spec of commands) {
    const [first = '', second] = spec.words;
    let parent = root;
    if (second !== undefined) {
      parent = groups.get(first) ?? addGroup(root, first, GROUPS[spec.group], capture);
      groups.set(first, parent);
    }
    const own = addCommand(parent, second ?? first, spec, capture, (argument) => {
      found = { command: spec, argument, own };
    });
    // A command may have further ones below it, as `test` has.
    if (second === undefined) groups.set(first, own);
  }
  const words = argv.map((a) => (a === '-V' ? '-v' : a));
  try {
    root.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text, exitCode: 0 };
    return mistake(error, words, text);
  }
  if (!found) throw new Error('commander neither ran a command nor refused one');
  const given = new Map<string, string | boolean | readonly string[]>();
  collect(root, globalOptions, given);
  collect(found.own, [...globalOptions, ...found.command.options], given);
  return { kind: 'run', command: found.command, argument: found.argument, given };
}

function settle(c: Command, capture: (s: string) => void): Command {
  return c
    .exitOverride()
    .configureOutput({ writeOut: capture, writeErr: capture })
    .configureHelp({ subcommandTerm: (sub) => [sub.name(), ...sub.aliases()].join(', '), helpWidth: 100 })
    .addHelpOption(new Option('-h, --help', 'Print this help.').helpGroup('Output:'))
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .enablePositionalOptions();
}

function addGroup(root: Command, name: string, heading: string, capture: (s: string) => void): Command {
  const group = settle(new Command(name), capture)
    .helpGroup(heading)
    .description(GROUP_SUMMARIES[name] ?? '')
    .usage('COMMAND [options]');
  root.addCommand(group);
  return group;
}

function addCommand(parent: Command, name: string, spec: CommandSpec, capture: (s: string) => void, run: (argument: string | undefined) => void): Command {
  const own = settle(new Command(name), capture)
    .helpGroup(GROUPS[spec.group])
    .summary(spec.summary)
    .description(spec.summary)
    .addHelpText('after', examplesText(spec.examples));
  if (spec.alias !== undefined) own.alias(spec.alias);
  if (spec.argument) own.argument(spec.argument.required ? `<${spec.argument.name}>` : `[${spec.argument.name}]`, spec.argument.help);
  addOptions(own, [...spec.options, ...globalOptions]);
  own.action((...args: readonly unknown[]) => run(spec.argument && typeof args[0] === 'string' ? args[0] : undefined));
  parent.addCommand(own);
  return own;
}

function examplesText(examples: readonly (readonly [string, string])[]): string {
  return `\nExamples:\n${examples.map(([line, what]) => `  ${line}\n      ${what}`).join('\n')}`;
}

function addOptions(c: Command, options: readonly OptionSpec[]): void {
  for (const o of options) {
    const value =
      o.type === 'switch' ? '' : o.optional ? ` [${o.value ?? 'value'}]` : o.type === 'list' ? ` <${o.value ?? 'values'}...>` : ` <${o.value ?? 'value'}>`;
    const help = o.choices && o.type === 'text' ? `${o.help.replace(/\.$/, '')}: ${o.choices.join(', ')}.` : o.help;
    const main = new Option(`${o.short === undefined ? '' : `-${o.short}, `}--${o.name}${value}`, help).helpGroup(`${o.group}:`);
    if (o.hidden || o.on) main.hideHelp();
    c.addOption(main);
    for (const alias of o.aliases ?? []) c.addOption(new Option(`${alias.length === 1 ? '-' : '--'}${alias}${value}`).hideHelp());
    if (o.type !== 'switch') continue;
    const off = new Option(`--no-${o.name}`, o.help).helpGroup(`${o.group}:`);
    c.addOption(o.hidden || !o.on ? off.hideHelp() : off);
  }
}

function collect(c: Command, options: readonly OptionSpec[], into: Map<string, string | boolean | readonly string[]>): void {
  const values = c.opts<Record<string, unknown>>();
  for (const o of options) {
    for (const name of [o.name, ...(o.aliases ?? [])]) {
      const value = values[camel(name)];
      if (typeof value === 'string' || typeof value === 'boolean') into.set(o.name, value);
      else if (Array.isArray(value)) {
        const before = into.get(o.name);
        into.set(o.name, [...(Array.isArray(before) ? before : []), ...value.map(String)]);
      }
    }
  }
}

/** The key commander keeps an option under: single letters stay, `full-refresh` is `fullRefresh`. */
function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
}

/** Turns what commander says into a diagnostic, with the nearest name. */
function mistake(error: CommanderError, argv: readonly string[], text: string): Parsed {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const { spec, usage } = commandOf(argv);
  switch (error.code) {
    case 'commander.unknownOption': {
      const option = quoted.replace(/=.*$/s, '');
      const known = [...globalOptions, ...(spec?.options ?? [])].flatMap((o) => (o.hidden ? [`--${o.name}`] : spellings(o))).filter((o) => o.startsWith('--'));
      const elsewhere = commands.filter((c) => c.options.some((o) => spellings(o).includes(option))).map((c) => `\`${c.words.join(' ')}\``);
      const hint = elsewhere.length > 0 ? `a flag of ${elsewhere.join(', ')}` : undefined;
      return { kind: 'mistake', diagnostic: diagnostic('unknown-option', { option, near: closest(option, known) }, { hint }), usage };
    }
    case 'commander.unknownCommand': {
      const names = commands.flatMap((c) => [c.words.at(-1) ?? '', c.words[0] ?? '', ...(c.alias === undefined ? [] : [c.alias])]);
      return { kind: 'mistake', diagnostic: diagnostic('unknown-command', { command: quoted, near: closest(quoted, names) }), usage };
    }
    case 'commander.help':
      return { kind: 'text', text, exitCode: 0 };
    case 'commander.excessArguments': {
      const takes = spec?.options.some((o) => o.name === 'select');
      const problem = `\`${usage}\` takes no ${spec?.argument ? 'further ' : ''}argument besides flags`;
      return {
        kind: 'mistake',
        diagnostic: diagnostic('bad-argument', { problem }, { hint: takes ? 'to choose nodes, write `--select NAME`' : undefined }),
        usage,
      };
    }
    default:
      return { kind: 'mistake', diagnostic: diagnostic('bad-argument', { problem: error.message.replace(/^error: /, '').replaceAll("'", '`') }), usage };
  }
}

function commandOf(argv: readonly string[]): { spec: CommandSpec | undefined; usage: string } {
  const words = argv.filter((a) => !a.startsWith('-'));
  const spec = commands.find((c) => words.some((w, i) => (w === c.words[0] || w === c.alias) && (c.words[1] === undefined || words[i + 1] === c.words[1])));
  return { spec, usage: spec ? `dml ${spec.words.join(' ')}` : 'dml' };
}
