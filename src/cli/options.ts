export type Group = 'Selection' | 'Project and target' | 'Running' | 'Output' | 'Command' | 'Accepted for compatibility';

/** One flag: everything the parser, `--help`, the completion scripts, environment variables and project flags need to know about it. */
export interface OptionSpec {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Further spellings: `--name` without dashes, or single letters. */
  readonly aliases?: readonly string[];
  /** `switch` has a `--no-` form as well; `list` takes several values separated by blanks. */
  readonly type: 'switch' | 'text' | 'integer' | 'list';
  readonly choices?: readonly string[];
  /** The least value of an integer. */
  readonly least?: number;
  /** How the value is called in help. */
  readonly value?: string;
  /** The value may be left out: it is the empty text then. */
  readonly optional?: true;
  readonly group: Group;
  readonly help: string;
  /** May come from `DBT_NAME`, `DBT_ENGINE_NAME` or `DML_NAME`. */
  readonly env?: true;
  /** Older names of the environment variable. */
  readonly legacyEnv?: readonly string[];
  /** May come from `flags:` in dbt_project.yml. */
  readonly project?: true;
  readonly hidden?: true;
  /** A switch that is on unless it is turned off: help shows its `--no-` form. */
  readonly on?: true;
}

/** Values by option name: texts, lists, numbers as typed, or booleans of switches. */
export type Given = ReadonlyMap<string, string | boolean | readonly string[]>;

/** What help and completion need to know of a command. */
export interface CommandHelp {
  /** Words of the command: `['docs', 'generate']`. */
  readonly words: readonly string[];
  readonly alias?: string;
  /** One sentence. */
  readonly summary: string;
  readonly options: readonly OptionSpec[];
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'none'];
const FORMATS = ['default', 'text', 'debug', 'json'];
const TYPES = [
  'model',
  'seed',
  'snapshot',
  'test',
  'unit_test',
  'source',
  'exposure',
  'analysis',
  'metric',
  'semantic_model',
  'saved_query',
  'function',
  'default',
  'all',
];

function compatible(name: string, type: OptionSpec['type'] = 'switch', extra: Partial<OptionSpec> = {}): OptionSpec {
  return {
    name,
    type,
    group: 'Accepted for compatibility',
    help: 'Accepted as dbt does; changes nothing here.',
    env: true,
    project: true,
    hidden: true,
    ...extra,
  };
}

/** Flags that every command takes, before or after its name. */
export const globalOptions: readonly OptionSpec[] = [
  {
    name: 'log-format',
    type: 'text',
    choices: FORMATS,
    value: 'format',
    group: 'Output',
    help: 'How progress is printed; `default` is a live display at a terminal and lines elsewhere.',
    env: true,
    project: true,
  },
  { name: 'log-level', type: 'text', choices: LEVELS, value: 'level', group: 'Output', help: 'The least severe lines to print.', env: true, project: true },
  { name: 'quiet', short: 'q', type: 'switch', group: 'Output', help: 'Print errors and what was asked for, nothing else.', env: true, project: true },
  { name: 'debug', short: 'd', type: 'switch', group: 'Output', help: 'Print debug lines too, such as every SQL statement.', env: true, project: true },
  {
    name: 'use-colors',
    type: 'switch',
    on: true,
    group: 'Output',
    help: 'Print without colours, as outside of a terminal or with NO_COLOR.',
    env: true,
    project: true,
  },
  { name: 'print', type: 'switch', on: true, group: 'Output', help: 'Leave out what templates print with `print()`.', env: true, project: true },
  { name: 'printer-width', type: 'integer', value: 'columns', group: 'Output', help: 'Width of the dotted lines.', env: true, project: true },
  { name: 'log-path', type: 'text', value: 'dir', group: 'Output', help: 'Where the log file goes (default: logs).', env: true },
  {
    name: 'log-level-file',
    type: 'text',
    choices: LEVELS,
    value: 'level',
    group: 'Output',
    help: 'The least severe lines of the log file.',
    env: true,
    project: true,
  },
  { name: 'log-format-file', type: 'text', choices: FORMATS, value: 'format', group: 'Output', help: 'Format of the log file.', env: true, project: true },
  {
    name: 'log-file-max-bytes',
    type: 'integer',
    value: 'bytes',
    group: 'Output',
    help: 'Size at which a new log file is begun; 0 for never.',
    env: true,
    project: true,
    hidden: true,
  },
  { name: 'write-json', type: 'switch', on: true, group: 'Output', help: 'Write no manifest.json and run_results.json.', env: true, project: true },
  { name: 'warn-error', type: 'switch', group: 'Output', help: 'Treat warnings as errors.', env: true, project: true },
  {
    name: 'warn-error-options',
    type: 'text',
    value: 'yaml',
    group: 'Output',
    help: "Which warnings are errors, e.g. '{error: all}'.",
    env: true,
    project: true,
  },
  {
    name: 'profile',
    type: 'text',
    value: 'name',
    group: 'Project and target',
    help: 'The profile to use instead of the one dbt_project.yml names.',
    env: true,
  },
  { name: 'target', short: 't', type: 'text', value: 'name', group: 'Project and target', help: 'The output of the profile to use.', env: true },
  { name: 'fail-fast', short: 'x', type: 'switch', group: 'Running', help: 'Stop at the first failure.', env: true, project: true },
  {
    name: 'indirect-selection',
    type: 'text',
    choices: ['eager', 'cautious', 'buildable', 'empty'],
    value: 'mode',
    group: 'Selection',
    help: 'Which tests next to the selected nodes come along.',
    env: true,
    project: true,
  },
  {
    name: 'state',
    type: 'text',
    value: 'dir',
    group: 'Selection',
    help: 'The folder with the artifacts of an earlier run: for state:, result:, source_status:, --defer, clone and retry.',
    env: true,
    legacyEnv: ['DBT_ENGINE_ARTIFACT_STATE_PATH', 'DBT_ARTIFACT_STATE_PATH'],
  },
  {
    name: 'populate-cache',
    type: 'switch',
    group: 'Running',
    help: 'Ask the database at the start what relations there are.',
    env: true,
    project: true,
    hidden: true,
  },
  { name: 'cache-selected-only', type: 'switch', group: 'Running', help: 'Ask only about schemas of selected nodes.', env: true, project: true, hidden: true },
  {
    name: 'version-check',
    type: 'switch',
    group: 'Running',
    help: 'Hold require-dbt-version against the dbt version dml answers for.',
    env: true,
    project: true,
    hidden: true,
  },
  {
    name: 'defer',
    type: 'switch',
    group: 'Running',
    help: 'Let refs to nodes that are not there lead to where the run of --state has built them.',
    env: true,
    project: true,
    legacyEnv: ['DBT_ENGINE_DEFER_TO_STATE', 'DBT_DEFER_TO_STATE'],
  },
  { name: 'defer-state', type: 'text', value: 'dir', group: 'Running', help: 'Defer to this folder instead of --state.', env: true },
  {
    name: 'favor-state',
    type: 'switch',
    group: 'Running',
    help: 'Defer for all nodes that are not selected, also where they are there.',
    env: true,
    project: true,
    legacyEnv: ['DBT_ENGINE_FAVOR_STATE_MODE', 'DBT_FAVOR_STATE_MODE'],
  },
  { name: 'single-threaded', type: 'switch', group: 'Running', help: 'Run one node at a time, whatever --threads says.', env: true, hidden: true },
  compatible('send-anonymous-usage-stats', 'switch', { help: 'dml never sends anything.' }),
  compatible('use-colors-file'),
  compatible('log-cache-events'),
  compatible('macro-debugging'),
  compatible('partial-parse'),
  compatible('partial-parse-file-path', 'text'),
  compatible('partial-parse-file-diff'),
  compatible('record-timing-info', 'text', { short: 'r' }),
  compatible('show-all-deprecations'),
  compatible('static-parser'),
  compatible('use-experimental-parser'),
  compatible('use-fast-test-edges'),
  compatible('upload-to-artifacts-ingest-api'),
  compatible('show-resource-report'),
];

const own: readonly OptionSpec[] = [
  {
    name: 'project-dir',
    type: 'text',
    value: 'dir',
    group: 'Project and target',
    help: 'The folder of dbt_project.yml (default: here or the nearest above).',
    env: true,
  },
  { name: 'profiles-dir', type: 'text', value: 'dir', group: 'Project and target', help: 'The folder of profiles.yml.', env: true },
  { name: 'target-path', type: 'text', value: 'dir', group: 'Project and target', help: 'Where artifacts and compiled SQL go (default: target).', env: true },
  { name: 'vars', type: 'text', value: 'yaml', group: 'Project and target', help: "Variables as YAML, e.g. '{day: 2026-01-01}'." },
  { name: 'threads', type: 'integer', least: 1, value: 'n', group: 'Running', help: 'How many nodes run at the same time.' },
  {
    name: 'lock-timeout',
    type: 'integer',
    least: 0,
    value: 'seconds',
    group: 'Running',
    help: 'How long to wait for a database file that another process holds (default: 0).',
    env: true,
  },
  {
    name: 'select',
    short: 's',
    aliases: ['models', 'model', 'm'],
    type: 'list',
    value: 'nodes',
    group: 'Selection',
    help: 'What to work on: names, tag:x, path:dir, +name (and parents), name+ (and children).',
  },
  { name: 'exclude', type: 'list', value: 'nodes', group: 'Selection', help: 'What to leave out of it.' },
  { name: 'selector', type: 'text', value: 'name', group: 'Selection', help: 'A selection that selectors.yml defines.' },
  {
    name: 'resource-types',
    aliases: ['resource-type'],
    type: 'list',
    choices: TYPES,
    value: 'types',
    group: 'Selection',
    help: 'Only these kinds of nodes.',
    env: true,
  },
  {
    name: 'exclude-resource-types',
    aliases: ['exclude-resource-type'],
    type: 'list',
    choices: TYPES.filter((type) => type !== 'all'),
    value: 'types',
    group: 'Selection',
    help: 'All but these kinds of nodes.',
    env: true,
  },
  { name: 'full-refresh', short: 'f', type: 'switch', group: 'Running', help: 'Build incremental models and seeds from nothing.', env: true },
  {
    name: 'failures',
    type: 'integer',
    least: 0,
    value: 'n',
    group: 'Output',
    help: 'How many failing rows of a test are shown (default: 5; 0 for none).',
    env: true,
  },
  {
    name: 'report',
    type: 'text',
    value: 'file',
    optional: true,
    group: 'Output',
    help: 'Write a quality report, as HTML and as JSON beside it (default: quality.html in the target folder).',
  },
  { name: 'junit', type: 'text', value: 'file', group: 'Output', help: 'Write the results as JUnit XML.', env: true },
  {
    name: 'annotations',
    type: 'text',
    choices: ['github', 'none'],
    value: 'kind',
    group: 'Output',
    help: 'Print failures as annotations of a pull request (default: github where GITHUB_ACTIONS is true).',
    env: true,
  },
  {
    name: 'notify',
    type: 'text',
    choices: ['failure', 'warning', 'always', 'never'],
    value: 'when',
    group: 'Output',
    help: 'When the webhook in DML_NOTIFY_URL is told of a run (default: failure).',
    env: true,
  },
  {
    name: 'batch',
    type: 'switch',
    on: true,
    group: 'Running',
    help: 'Ask about each data test in a query of its own, not about all tests of a relation in one.',
    env: true,
    project: true,
  },
  { name: 'on-target', type: 'switch', group: 'Running', help: 'Run unit tests on the target, not in memory.', env: true, project: true },
  { name: 'store-failures', type: 'switch', group: 'Running', help: 'Keep the failing rows of tests in tables.', env: true },
  { name: 'empty', type: 'switch', group: 'Running', help: 'Read no rows: checks that all SQL is accepted.', env: true },
  {
    name: 'sample',
    type: 'text',
    value: 'window',
    group: 'Running',
    help: "Read only rows of a window of time: '3 days' or '{start: 2024-01-01, end: 2024-02-01}'.",
    env: true,
  },
  {
    name: 'event-time-start',
    type: 'text',
    value: 'time',
    group: 'Running',
    help: 'The first batch of microbatch models to build, e.g. 2024-01-31.',
    env: true,
  },
  { name: 'event-time-end', type: 'text', value: 'time', group: 'Running', help: 'Where the batches end (not included).', env: true },
  { name: 'show', type: 'switch', group: 'Accepted for compatibility', help: 'Accepted as dbt does; `dml show` prints rows.', hidden: true },
  { name: 'export-saved-queries', type: 'switch', group: 'Running', help: 'Export saved queries.', env: true, hidden: true },
  { name: 'include-saved-query', type: 'switch', group: 'Running', help: 'Older name of --export-saved-queries.', env: true, hidden: true },
  {
    name: 'introspect',
    type: 'switch',
    on: true,
    group: 'Running',
    help: 'Do not let templates query the database while they are compiled.',
    env: true,
    project: true,
  },
  { name: 'inject-ephemeral-ctes', type: 'switch', group: 'Command', help: 'Put ephemeral models in as CTEs.', hidden: true },
  { name: 'inline', type: 'text', value: 'sql', group: 'Command', help: 'A template to use instead of a node, e.g. "select * from {{ ref(\'orders\') }}".' },
  { name: 'inline-direct', type: 'text', value: 'sql', group: 'Command', help: 'SQL to run as it is.', hidden: true },
  { name: 'limit', type: 'integer', value: 'n', group: 'Command', help: 'How many rows (default: 5; -1 for all).' },
  { name: 'sqlparse', type: 'text', group: 'Accepted for compatibility', help: 'Accepted as dbt does; changes nothing here.', env: true, hidden: true },
];

const byName = new Map(own.map((o) => [o.name, o]));

/** Options that some commands take, by name. */
export function named(...names: readonly string[]): OptionSpec[] {
  return names.map((name) => {
    const option = byName.get(name);
    if (!option) throw new Error(`no option is called ${name}`);
    return option;
  });
}

/** All spellings of an option as they stand on a command line. */
export function spellings(o: OptionSpec): string[] {
  const names = [o.name, ...(o.aliases ?? [])].map((n) => (n.length === 1 ? `-${n}` : `--${n}`));
  return [...(o.short === undefined ? [] : [`-${o.short}`]), ...names, ...(o.type === 'switch' ? [`--no-${o.name}`] : [])];
}
