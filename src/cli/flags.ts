import type { Window } from '../compile/index.ts';
import type { Json } from '../resolve/index.ts';
import type { IndirectSelection } from '../select/index.ts';
import { closest, DiagnosticError, diagnostic, type YamlMap, yamlToJson } from '../text/index.ts';
import { eventTime } from './event-time.ts';
import { type CommandHelp, type Given, globalOptions, type OptionSpec } from './options.ts';
import { type Sample, sampleOf } from './sample.ts';
import { type Warnings, warnings } from './warnings.ts';
import { yamlFlag } from './yaml-flag.ts';

export type LogFormat = 'default' | 'text' | 'debug' | 'json';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'none';

/** The settings of one invocation: command line, then environment, then `flags:` of the project, then defaults. */
export interface Flags {
  /** The command in one word or two: `build`, `docs generate`. */
  readonly command: string;
  /** Absolute. */
  readonly projectDir: string;
  /** As given. */
  readonly profilesDir: string | undefined;
  readonly profile: string | undefined;
  readonly target: string | undefined;
  readonly targetPath: string | undefined;
  /** YAML text of `--vars`. */
  readonly vars: string | undefined;
  readonly threads: number | undefined;
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly selector: string | undefined;
  readonly resourceTypes: readonly string[];
  readonly excludeResourceTypes: readonly string[];
  readonly indirectSelection: IndirectSelection;
  readonly fullRefresh: boolean;
  readonly failFast: boolean;
  readonly empty: boolean;
  /** `--event-time-start` and `--event-time-end`. */
  readonly eventTime: Window | undefined;
  readonly sample: Sample | undefined;
  readonly storeFailures: boolean;
  readonly introspect: boolean;
  readonly populateCache: boolean;
  readonly cacheSelectedOnly: boolean;
  readonly versionCheck: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly print: boolean;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  readonly logFormatFile: LogFormat;
  readonly logLevelFile: LogLevel;
  readonly logFileMaxBytes: number;
  readonly logPath: string | undefined;
  /** undefined: the terminal decides. */
  readonly useColors: boolean | undefined;
  readonly printerWidth: number;
  readonly writeJson: boolean;
  /** What becomes of warnings. */
  readonly warnings: Warnings;
  /** Everything else a command takes, and all of the above as given, by option name. */
  readonly values: ReadonlyMap<string, string | number | boolean | readonly string[]>;
  /** The flags in dbt's spelling (`full_refresh`), for artifacts and the `flags` and `invocation_args_dict` of templates. */
  readonly args: { readonly [name: string]: Json };
}

export interface FlagSources {
  readonly command: CommandHelp;
  readonly given: Given;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `flags:` of dbt_project.yml. */
  readonly project: YamlMap;
  readonly projectDir: string;
  /** The positional argument, for `args`. */
  readonly argument?: string | undefined;
  /** How dml was called, for `args`. */
  readonly argv: readonly string[];
}

type Value = string | number | boolean | readonly string[];

/** Settings of which only one may be made. */
const EXCLUSIVE = [
  ['warn-error', 'warn-error-options'],
  ['select', 'inline'],
  ['selector', 'inline'],
] as const;

/** Puts the settings together. Throws a diagnostic where a value cannot be used. */
export function resolveFlags(s: FlagSources): Flags {
  const values = new Map<string, Value>();
  for (const o of [...globalOptions, ...s.command.options]) {
    const value = settingOf(o, s);
    if (value !== undefined) values.set(o.name, value);
  }
  for (const [one, other] of EXCLUSIVE)
    if (values.has(one) && values.has(other))
      throw new DiagnosticError(diagnostic('bad-argument', { problem: `\`--${one}\` cannot be given together with \`--${other}\`` }));
  const text = (name: string) => values.get(name) as string | undefined;
  const on = (name: string, otherwise: boolean) => (values.get(name) as boolean | undefined) ?? otherwise;
  const list = (name: string) => (values.get(name) as readonly string[] | undefined) ?? [];
  const debug = on('debug', false);
  const quiet = on('quiet', false);
  return {
    command: s.command.words.join(' '),
    projectDir: s.projectDir,
    profilesDir: text('profiles-dir'),
    profile: text('profile'),
    target: text('target'),
    targetPath: text('target-path'),
    vars: text('vars'),
    threads: on('single-threaded', false) ? 1 : (values.get('threads') as number | undefined),
    select: list('select'),
    exclude: list('exclude'),
    selector: text('selector'),
    resourceTypes: list('resource-types'),
    excludeResourceTypes: list('exclude-resource-types'),
    indirectSelection: (text('indirect-selection') ?? 'eager') as IndirectSelection,
    fullRefresh: on('full-refresh', false),
    failFast: on('fail-fast', false),
    empty: on('empty', false),
    eventTime: eventTime(text('event-time-start'), text('event-time-end')),
    sample: sampleOf(text('sample')),
    storeFailures: on('store-failures', false),
    introspect: on('introspect', true),
    populateCache: on('populate-cache', true),
    cacheSelectedOnly: on('cache-selected-only', false),
    versionCheck: on('version-check', true),
    quiet,
    debug,
    print: on('print', true) && !booleanOf(s.env['DBT_ENGINE_NO_PRINT'] ?? s.env['DBT_NO_PRINT'] ?? ''),
    logFormat: (text('log-format') ?? 'default') as LogFormat,
    logLevel: debug ? 'debug' : quiet ? 'error' : ((text('log-level') ?? 'info') as LogLevel),
    logFormatFile: (text('log-format-file') ?? (text('log-format') === 'json' ? 'json' : 'debug')) as LogFormat,
    logLevelFile: (text('log-level-file') ?? 'debug') as LogLevel,
    logFileMaxBytes: (values.get('log-file-max-bytes') as number | undefined) ?? 10 * 1024 * 1024,
    logPath: text('log-path'),
    useColors: values.get('use-colors') as boolean | undefined,
    printerWidth: (values.get('printer-width') as number | undefined) ?? 80,
    writeJson: on('write-json', true),
    warnings: warnings(on('warn-error', false), yamlFlag('warn-error-options', text('warn-error-options'))),
    values,
    args: argsOf(s, values, yamlFlag('vars', text('vars'))),
  };
}

function settingOf(o: OptionSpec, s: FlagSources): Value | undefined {
  const given = s.given.get(o.name);
  if (given !== undefined) return checked(o, given, `--${o.name}`);
  if (o.env) {
    const stem = o.name.replaceAll('-', '_').toUpperCase();
    for (const name of [`DML_${stem}`, `DBT_ENGINE_${stem}`, `DBT_${stem}`, ...(o.legacyEnv ?? [])]) {
      const value = s.env[name];
      if (value !== undefined && value !== '') return checked(o, value, name);
    }
  }
  if (o.project) {
    const value = s.project[o.name.replaceAll('-', '_')];
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return checked(o, value, `flags: ${o.name}`);
    // Options that are YAML on the command line are a mapping in the project.
    if (value !== undefined && value !== null) return JSON.stringify(yamlToJson(value));
  }
  return undefined;
}

function checked(o: OptionSpec, value: string | number | boolean | readonly string[], from: string): Value {
  const bad = (problem: string, hint?: string): never => {
    throw new DiagnosticError(diagnostic('bad-argument', { problem: `\`${from}\` ${problem}` }, { hint }));
  };
  switch (o.type) {
    case 'switch': {
      if (typeof value === 'boolean') return value;
      const b = booleanOf(String(value));
      return b ?? bad(`must be true or false, not \`${String(value)}\``);
    }
    case 'integer': {
      const { least = Number.NEGATIVE_INFINITY } = o;
      if (/^-?\d+$/.test(String(value)) && Number(value) >= least) return Number(value);
      return bad(`must be a whole number${o.least === undefined ? '' : ` of at least ${o.least}`}, not \`${String(value)}\``);
    }
    case 'list': {
      const words = (Array.isArray(value) ? (value as readonly string[]) : [String(value)])
        .flatMap((v) => (o.choices || o.name === 'output-keys' ? v.split(/\s+/) : [v]))
        .filter((v) => v !== '');
      for (const word of words)
        if (o.choices && !o.choices.includes(word)) bad(`does not know \`${word}\`; it takes ${o.choices.join(', ')}`, near(word, o.choices));
      return words;
    }
    default: {
      // A value that was left out comes as true.
      const word = o.optional && value === true ? '' : String(value);
      if (!o.choices) return word;
      return o.choices.find((c) => c === word.toLowerCase()) ?? bad(`must be one of ${o.choices.join(', ')}, not \`${word}\``, near(word, o.choices));
    }
  }
}

function near(word: string, known: readonly string[]): string | undefined {
  const name = closest(word, known);
  return name === undefined ? undefined : `did you mean \`${name}\`?`;
}

function booleanOf(text: string): boolean | undefined {
  if (/^(1|true|t|yes|y|on)$/i.test(text)) return true;
  return /^(0|false|f|no|n|off)$/i.test(text) ? false : undefined;
}

/** `--warn-error-options` in dbt's shape, the old names of its lists included. */
function warnErrorOptions({ error, include, warn, exclude, silence }: YamlMap): Json {
  return { error: yamlToJson(error ?? include ?? []), warn: yamlToJson(warn ?? exclude ?? []), silence: yamlToJson(silence ?? []) } as Json;
}

const BUILD_ARGS = { resource_types: [], exclude_resource_types: [], show: false, include_saved_query: false, export_saved_queries: false };

/** Settings that dbt tells of every invocation, with what they are where nobody sets them: macros read some of them. */
const UNSET_ARGS = {
  cache_selected_only: false,
  empty: false,
  log_file_max_bytes: 10 * 1024 * 1024,
  log_format_file: 'debug',
  log_level_file: 'debug',
  log_path: 'logs',
  macro_debugging: false,
  partial_parse_file_diff: true,
  require_all_warnings_handled_by_warn_error: false,
  require_batched_execution_for_custom_microbatch_strategy: false,
  require_explicit_package_overrides_for_builtin_materializations: true,
  require_generic_test_arguments_property: true,
  require_nested_cumulative_type_params: false,
  require_ref_searches_node_package_before_root: false,
  require_resource_names_without_spaces: true,
  require_unique_project_resource_names: false,
  require_yaml_configuration_for_mf_time_spines: false,
  show_all_deprecations: false,
  show_resource_report: false,
  skip_nodes_if_on_run_start_fails: false,
  source_freshness_run_project_hooks: true,
  sqlparse: { MAX_GROUPING_DEPTH: null, MAX_GROUPING_TOKENS: null },
  state_modified_compare_more_unrendered_values: false,
  state_modified_compare_vars: false,
  strict_mode: false,
  upload_to_artifacts_ingest_api: false,
  use_colors_file: true,
  use_fast_test_edges: false,
  validate_macro_args: false,
  warn_error_options: { error: [], warn: [], silence: [] },
} as const;

/** What dbt keeps of an invocation's flags in run_results.json. */
function argsOf(s: FlagSources, values: ReadonlyMap<string, Value>, vars: YamlMap): { readonly [name: string]: Json } {
  const out: { [name: string]: Json } = {
    which: s.command.words.at(-1) ?? '',
    invocation_command: ['dml', ...s.argv].join(' '),
    project_dir: s.projectDir,
    select: [],
    exclude: [],
    write_json: true,
    print: true,
    indirect_selection: 'eager',
    use_colors: true,
    introspect: true,
    populate_cache: true,
    partial_parse: true,
    static_parser: true,
    version_check: true,
    log_format: 'default',
    log_level: 'info',
    printer_width: 80,
    quiet: false,
    defer: false,
    favor_state: false,
    send_anonymous_usage_stats: false,
    ...(s.command.words[0] === 'build' && BUILD_ARGS),
    ...UNSET_ARGS,
  };
  // Behaviours of dbt that only a project can set.
  for (const [name, value] of Object.entries(s.project)) if (name in UNSET_ARGS && typeof value === 'boolean') out[name] = value;
  if (s.command.words[0] === 'show') out['limit'] = 5;
  if (s.command.words[0] === 'run-operation') Object.assign(out, { macro: s.argument ?? '', args: {} });
  for (const [name, value] of values) out[name.replaceAll('-', '_')] = value as Json;
  out['vars'] = yamlToJson(vars);
  const given = values.get('args');
  if (typeof given === 'string') out['args'] = yamlToJson(yamlFlag('args', given));
  const warnings = values.get('warn-error-options');
  if (typeof warnings === 'string') out['warn_error_options'] = warnErrorOptions(yamlFlag('warn-error-options', warnings));
  return out;
}
