import type { Context } from './context.ts';
import { type CommandHelp, named, type OptionSpec } from './options.ts';

export type CommandGroup = 'Build' | 'Look' | 'Project';

/** One command: what `--help` tells of it, and where its code is. The code is loaded when the command runs, not before. */
export interface CommandSpec extends CommandHelp {
  readonly group: CommandGroup;
  readonly argument?: { readonly name: string; readonly required: boolean; readonly help: string };
  /** Writes no log file: works outside of projects. */
  readonly silent?: true;
  /** What to type, and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  readonly load: () => Promise<{ readonly run: (c: Context) => Promise<number> }>;
}

const PROJECT = named('project-dir', 'profiles-dir', 'target-path', 'vars', 'threads', 'lock-timeout');
const SELECTION = named('select', 'exclude', 'selector');
const KINDS = named('resource-types', 'exclude-resource-types');
const REPORTS = ['failures', 'report', 'junit', 'annotations', 'notify'];
const COMPATIBLE = named('sqlparse');

const run = () => import('./commands/run.ts');

const text = (name: string, value: string, help: string): OptionSpec => ({ name, type: 'text', value, group: 'Command', help });
const list = (name: string, value: string, help: string): OptionSpec => ({ name, type: 'list', value, group: 'Command', help });
const flag = (name: string, help: string): OptionSpec => ({ name, type: 'switch', group: 'Command', help });

/** All commands, in the order of `--help`. */
export const commands: readonly CommandSpec[] = [
  {
    words: ['build'],
    group: 'Build',
    summary: 'Load seeds, build models and snapshots and test them, in the order of their dependencies.',
    options: [
      ...SELECTION,
      ...KINDS,
      ...PROJECT,
      ...named(
        'full-refresh',
        ...REPORTS,
        'store-failures',
        'batch',
        'on-target',
        'empty',
        'sample',
        'event-time-start',
        'event-time-end',
        'show',
        'export-saved-queries',
        'include-saved-query',
      ),
      ...COMPATIBLE,
    ],
    examples: [
      ['dml build', 'everything'],
      ['dml build --select orders+', 'the model orders and all that is built from it'],
      ['dml build --select tag:nightly --exclude path:models/staging', 'what has a tag, without one folder'],
      ['dml build --full-refresh --fail-fast', 'incremental models from nothing; stop at the first failure'],
    ],
    load: run,
  },
  {
    words: ['run'],
    group: 'Build',
    summary: 'Build models, without seeds, snapshots or tests.',
    options: [...SELECTION, ...PROJECT, ...named('full-refresh', 'empty', 'sample', 'event-time-start', 'event-time-end', 'notify'), ...COMPATIBLE],
    examples: [
      ['dml run --select +orders', 'the model orders and everything it is built from'],
      ['dml run --full-refresh --select orders', 'an incremental model from nothing'],
    ],
    load: run,
  },
  {
    words: ['test'],
    group: 'Build',
    summary: 'Run data tests and unit tests against what has been built.',
    options: [...SELECTION, ...KINDS, ...PROJECT, ...named(...REPORTS, 'store-failures', 'batch', 'on-target'), ...COMPATIBLE],
    examples: [
      ['dml test --select orders', 'the tests of one model'],
      ['dml test --select test_type:unit', 'unit tests only'],
      ['dml test --store-failures', 'keep the failing rows in tables'],
      ['dml test --report', 'a quality report for people, with the history of earlier ones'],
    ],
    load: run,
  },
  {
    words: ['test', 'create'],
    group: 'Build',
    summary: 'Write a unit test of a model from rows that are in the database.',
    argument: { name: 'model', required: true, help: 'its name' },
    options: [
      ...PROJECT,
      { name: 'rows', type: 'integer', least: 1, value: 'n', group: 'Command', help: 'How many rows of the model to begin with (default: 3).' },
      text('where', 'sql', 'Only rows of the model for which this condition holds.'),
      text('name', 'name', 'Name of the test (default: MODEL_live_rows).'),
      flag('incremental', 'Test a run over the table that is there, whose rows come along as `this`.'),
      flag('write', 'Add the test to the properties file of the model instead of printing it.'),
    ],
    examples: [
      ['dml test create orders', 'print a test of three orders, and of what they are made from'],
      ['dml test create orders --where "status = \'returned\'" --name returned_order --write', 'one of rows that you choose, in the project'],
    ],
    load: () => import('./commands/test-create.ts'),
  },
  {
    words: ['seed'],
    group: 'Build',
    summary: 'Load the CSV files of the project into the database.',
    options: [...SELECTION, ...PROJECT, ...named('full-refresh', 'notify'), flag('show', 'Print the first rows of each table.'), ...COMPATIBLE],
    examples: [['dml seed --select countries --full-refresh', 'load one file anew, whatever its columns were']],
    load: run,
  },
  {
    words: ['snapshot'],
    group: 'Build',
    summary: 'Record in snapshot tables what has changed since the last time.',
    options: [...SELECTION, ...PROJECT, ...named('empty', 'notify'), ...COMPATIBLE],
    examples: [['dml snapshot --select orders_history', 'one snapshot']],
    load: run,
  },
  {
    words: ['clone'],
    group: 'Build',
    summary: 'Make nodes of what the run of --state has built: copies where the database shares their data, else views.',
    options: [...SELECTION, ...KINDS, ...PROJECT, ...named('full-refresh', 'notify')],
    examples: [
      ['dml clone --state prod-artifacts', 'every model, seed and snapshot that is not there yet'],
      ['dml clone --state prod-artifacts --select orders --full-refresh', 'one model, also over what is there'],
    ],
    load: () => import('./commands/run.ts'),
  },
  {
    words: ['retry'],
    group: 'Build',
    summary: 'Run the last command again for what failed in it or was skipped.',
    options: [...PROJECT, ...named('full-refresh', 'batch', 'on-target')],
    examples: [
      ['dml retry', 'with the flags of the command before; of microbatch models only the batches that failed'],
      ['dml retry --state artifacts', 'go on from a run_results.json that was kept elsewhere'],
    ],
    load: () => import('./commands/retry.ts'),
  },
  {
    words: ['compile'],
    group: 'Look',
    summary: 'Write the SQL of models, tests and analyses into target/compiled without running it.',
    options: [
      ...SELECTION,
      ...PROJECT,
      ...named('inline', 'introspect', 'full-refresh', 'empty', 'inject-ephemeral-ctes'),
      { ...text('output', 'format', 'How the SQL of selected nodes is printed.'), choices: ['text', 'json'] },
      ...COMPATIBLE,
    ],
    examples: [
      ['dml compile --select orders', 'print the SQL of one model'],
      ['dml compile --inline "select * from {{ ref(\'orders\') }}"', 'the SQL of a template on the command line'],
    ],
    load: () => import('./commands/compile.ts'),
  },
  {
    words: ['parse'],
    group: 'Look',
    summary: 'Read and check the whole project without touching the database.',
    options: PROJECT,
    examples: [['dml parse', 'report every mistake that can be seen without the database']],
    load: () => import('./commands/parse.ts'),
  },
  {
    words: ['list'],
    alias: 'ls',
    group: 'Look',
    summary: 'Print the nodes of the project, one a line.',
    options: [
      ...SELECTION,
      ...KINDS,
      ...PROJECT,
      { ...text('output', 'format', 'What to print of each node.'), choices: ['selector', 'name', 'path', 'json'] },
      flag('why', 'With --state: below each node, what differs from the earlier run.'),
      { name: 'output-keys', type: 'list', value: 'keys', group: 'Command', help: 'Properties for `--output json`, e.g. name config.materialized.' },
    ],
    examples: [
      ['dml ls --select +orders --resource-type model', 'the models that orders is built from'],
      ['dml ls --select state:modified+ --state prod-artifacts --why', 'what has changed, what is built from it, and why'],
      ['dml ls --output json --output-keys name config.materialized', 'chosen properties as JSON lines'],
    ],
    load: () => import('./commands/list.ts'),
  },
  {
    words: ['show'],
    group: 'Look',
    summary: 'Run the SQL of one node, or SQL of the command line, and print a few rows.',
    options: [
      ...SELECTION,
      ...PROJECT,
      ...named('inline', 'inline-direct', 'limit', 'introspect', 'full-refresh'),
      { ...text('output', 'format', 'Table or JSON.'), choices: ['text', 'json'] },
      ...COMPATIBLE,
    ],
    examples: [
      ['dml show --select orders --limit 10', 'ten rows of a model'],
      ['dml show --inline "select count(*) from {{ ref(\'orders\') }}"', 'a question of your own'],
    ],
    load: () => import('./commands/show.ts'),
  },
  {
    words: ['profile'],
    group: 'Look',
    summary: 'Tell what the columns of a model or source hold: types, nulls, range, histogram.',
    argument: { name: 'model', required: true, help: 'its name; of a source SOURCE.TABLE' },
    options: [
      ...PROJECT,
      list('columns', 'names', 'Only these columns: names, separated by commas or blanks.'),
      { ...text('output', 'format', 'Table or JSON.'), choices: ['text', 'json'] },
    ],
    examples: [
      ['dml profile orders', 'a line for each column'],
      ['dml profile orders --columns amount,status', 'only two of them'],
      ['dml profile shop.customers --output json', 'a table of a source, for programs'],
    ],
    load: () => import('./commands/profile.ts'),
  },
  {
    words: ['metrics', 'query'],
    group: 'Look',
    summary: 'Compute metrics of the semantic layer, grouped by time, entities and dimensions.',
    options: [
      ...PROJECT,
      list('metrics', 'names', 'What to compute: names of metrics, separated by commas or blanks.'),
      list('group-by', 'names', 'What to group by: metric_time__month, an entity, or entity__dimension.'),
      list('where', 'condition', "Only rows for which this holds: \"{{ Dimension('customer__region') }} = 'north'\". May be given more than once."),
      list('order-by', 'names', 'Columns of the result to order by, with a - in front the greatest first (default: what is grouped by).'),
      { name: 'limit', type: 'integer', least: 0, value: 'n', group: 'Command', help: 'How many rows (default: all).' },
      text('start-time', 'day', 'The first day of metric_time, e.g. 2026-01-31.'),
      text('end-time', 'day', 'The last day of metric_time.'),
      text('saved-query', 'name', 'What a saved query of the project asks for.'),
      flag('compile', 'Print the SQL instead of running it.'),
      { ...text('output', 'format', 'How the result is printed.'), choices: ['table', 'json', 'csv'] },
    ],
    examples: [
      ['dml metrics query --metrics revenue,orders --group-by metric_time__month,customer__region', 'two metrics by month and region'],
      ['dml metrics query --metrics revenue --group-by order_date__month --order-by -revenue --limit 3', 'the three best months'],
      ['dml metrics query --saved-query monthly --compile', 'the SQL of a saved query'],
    ],
    load: () => import('./commands/metrics-query.ts'),
  },
  {
    words: ['metrics', 'list'],
    group: 'Look',
    summary: 'List the metrics of the project, and what each can be grouped by.',
    options: [...PROJECT, list('metrics', 'names', 'Only these.'), { ...text('output', 'format', 'Text or JSON.'), choices: ['text', 'json'] }],
    examples: [['dml metrics list', 'a metric, and below it what it can be grouped by']],
    load: () => import('./commands/metrics-list.ts'),
  },
  {
    words: ['explain'],
    group: 'Look',
    summary: 'Explain a diagnostic code, or tell what a node is and what would be done with it.',
    argument: { name: 'what', required: false, help: 'a code such as ref-not-found, or the name of a node; nothing lists the codes' },
    options: PROJECT,
    examples: [
      ['dml explain ref-not-found', 'what the code means and how to mend it'],
      ['dml explain orders', 'what the node is, where its settings come from, what it needs'],
    ],
    load: () => import('./commands/explain.ts'),
  },
  {
    words: ['source', 'freshness'],
    alias: 'snapshot-freshness',
    group: 'Look',
    summary: 'Ask how old the data of the sources is, and compare it with what their YAML allows.',
    options: [
      ...SELECTION,
      ...PROJECT,
      {
        name: 'output',
        short: 'o',
        type: 'text',
        value: 'file',
        group: 'Command',
        help: 'Where the result goes (default: sources.json in the target folder).',
      },
      ...named('notify'),
      ...COMPATIBLE,
    ],
    examples: [
      ['dml source freshness', 'exit code 1 when a source is older than `error_after`'],
      ['dml source freshness --select source:shop', 'the tables of one source'],
    ],
    load: () => import('./commands/source-freshness.ts'),
  },
  {
    words: ['debug'],
    group: 'Look',
    summary: 'Show what project, profile and database are used, and test the connection.',
    options: [...PROJECT, flag('connection', 'Test the connection only.'), flag('config-dir', 'Print where profiles.yml is looked for.')],
    examples: [['dml debug', 'exit code 1 when something is wrong']],
    load: () => import('./commands/debug.ts'),
  },
  {
    words: ['run-operation'],
    group: 'Build',
    summary: 'Run a macro.',
    argument: { name: 'macro', required: true, help: 'name of the macro, or package.macro' },
    options: [...PROJECT, text('args', 'yaml', "Arguments of the macro, e.g. '{days: 7}'.")],
    examples: [["dml run-operation grant_select --args '{role: reporter}'", 'with arguments']],
    load: () => import('./commands/run-operation.ts'),
  },
  {
    words: ['docs', 'generate'],
    group: 'Project',
    summary: 'Write catalog.json, manifest.json and the documentation site into the target folder.',
    options: [
      ...SELECTION,
      ...PROJECT,
      { ...flag('compile', 'Do not compile the project first.'), on: true },
      flag('single-file', 'Write the site as one file too: static_index.html in the target folder.'),
      { ...flag('static', "dbt's word for --single-file."), group: 'Accepted for compatibility', hidden: true },
      text('from-artifacts', 'dir', "Document what the artifacts in a folder tell of, dbt's own too; no project is read. The site goes to its folder docs."),
      flag('empty-catalog', 'Do not ask the database.'),
      ...COMPATIBLE,
    ],
    examples: [
      ['dml docs generate', 'then `dml docs serve`, or put target/docs on any file host'],
      ['dml docs generate --single-file', 'one page to send or to keep: target/static_index.html'],
      ['dml docs generate --from-artifacts ../other/target', 'a project that dbt has built'],
    ],
    load: () => import('./commands/docs-generate.ts'),
  },
  {
    words: ['docs', 'serve'],
    group: 'Project',
    summary: 'Serve the documentation to a browser on this machine, and keep it up to date while the project changes.',
    options: [
      ...PROJECT,
      { name: 'port', type: 'integer', value: 'n', group: 'Command', help: 'Port (default: 8080, or any free one).' },
      { ...text('host', 'address', 'Address to listen on (default: 127.0.0.1).'), env: true },
      flag('open', 'Open it in a browser.'),
      { ...flag('watch', 'Leave the documentation as it is when the project changes.'), on: true },
      { ...flag('browser', 'Accepted as dbt does; no browser is opened anyway.'), group: 'Accepted for compatibility', hidden: true },
    ],
    examples: [['dml docs serve --port 8081', 'end with Ctrl-C']],
    load: () => import('./commands/docs-serve.ts'),
  },
  {
    words: ['init'],
    silent: true,
    group: 'Project',
    summary: 'Write a new project.',
    argument: { name: 'name', required: false, help: 'name of the project and of its folder' },
    options: [
      { ...text('kind', 'kind', 'What to start from (default: shop).'), choices: ['empty', 'shop', 'postgres'] },
      ...named('project-dir', 'profiles-dir', 'vars'),
      { name: 'skip-profile-setup', short: 's', type: 'switch', group: 'Accepted for compatibility', help: 'dml asks nothing about profiles.', hidden: true },
    ],
    examples: [
      ['dml init my_shop', 'a small shop with seeds, models, tests and a snapshot'],
      ['dml init my_project --kind empty', 'one model and a README'],
    ],
    load: () => import('./commands/init.ts'),
  },
  {
    words: ['clean'],
    group: 'Project',
    summary: 'Delete the folders that dbt_project.yml lists under clean-targets.',
    options: [...PROJECT, { ...flag('clean-project-files-only', 'Delete folders outside of the project too.'), env: true, on: true }],
    examples: [['dml clean', 'by default target and dbt_packages']],
    load: () => import('./commands/clean.ts'),
  },
  {
    words: ['deps'],
    group: 'Project',
    summary: 'Install the packages that packages.yml or dependencies.yml lists, as package-lock.yml says.',
    options: [
      ...named('project-dir', 'profiles-dir', 'vars'),
      flag('upgrade', 'Choose versions anew, whatever package-lock.yml says.'),
      flag('lock', 'Write package-lock.yml and install nothing.'),
      text('add-package', 'name@version', 'Put a package on the list first, e.g. dbt-labs/dbt_utils@1.3.0.'),
      { ...text('source', 'kind', 'Where --add-package finds the package.'), choices: ['hub', 'git', 'local'] },
      { ...flag('offline', 'Use only what was fetched before.'), env: true },
    ],
    examples: [
      ['dml deps', 'install what is listed'],
      ['dml deps --upgrade', 'the newest versions that fit'],
      ['dml deps --add-package dbt-labs/dbt_utils@">=1.0.0,<2.0.0"', 'list one more package and install it'],
      ['dml deps --add-package ../shared --source local', 'a package in a folder next to the project'],
    ],
    load: () => import('./commands/deps.ts'),
  },
  {
    words: ['install-shim'],
    silent: true,
    group: 'Project',
    summary: 'Write a program called dbt that runs dml, for tools that insist on the name.',
    argument: { name: 'dir', required: true, help: 'the folder to write it to' },
    options: [flag('force', 'Replace a program dbt that is there.')],
    examples: [['mkdir -p .dml/bin && dml install-shim .dml/bin', 'then put the folder first in PATH']],
    load: () => import('./commands/install-shim.ts'),
  },
  {
    words: ['completion'],
    silent: true,
    group: 'Project',
    summary: 'Print a script that completes commands and flags in a shell.',
    argument: { name: 'shell', required: true, help: 'bash, zsh or fish' },
    options: [],
    examples: [
      ['source <(dml completion bash)', 'in ~/.bashrc'],
      ['dml completion fish > ~/.config/fish/completions/dml.fish', 'for fish'],
    ],
    load: () => import('./commands/completion.ts'),
  },
];
