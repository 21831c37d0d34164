import { entry } from './entry.ts';

/** Names, references and the graph. */
export const graph = {
  'ref-not-found': entry<{ name: string; node: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\`, which does not exist`,
    hint: (p) =>
      p.name.includes('{{')
        ? "inside of `{{ }}` a name needs no braces of its own: write `ref(name)`, or `ref('stg_' ~ name)`"
        : p.near === undefined
          ? undefined
          : `did you mean \`${p.near}\`?`,
    explanation:
      'A `ref()` names a model, seed or snapshot that no file of the project or its packages defines. Check the spelling; a model is named after its file.',
  }),
  'config-unused': entry<{ path: string; hint?: string | undefined }>({
    severity: 'warning',
    message: (p) => `\`${p.path}\` in dbt_project.yml applies to nothing in the project`,
    hint: (p) => p.hint,
    explanation:
      'Below `models:` and its kin the project file names packages and folders, and settings, which start with `+`. What is named here is neither a package, a folder nor a file of the project. A setting without its `+` is read as a folder when its value is a mapping: write `+meta: {...}`, not `meta: {...}`.',
  }),
  'metric-not-found': entry<{ name: string; node: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to the metric \`${p.name}\`, which does not exist`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation: 'A metric, saved query, exposure or model names a metric that no `metrics:` list defines.',
  }),
  'measure-not-found': entry<{ name: string; metric: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the metric \`${p.metric}\` is made of the measure \`${p.name}\`, which no semantic model has`,
    hint: (p) => (p.near === undefined ? 'list it under `measures:` of a semantic model' : `did you mean \`${p.near}\`?`),
    explanation: 'A metric is computed from measures, and measures are listed in semantic models.',
  }),
  'var-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `required variable \`${p.name}\` has no value`,
    hint: (p) => (p.near === undefined ? 'set it under `vars:` in dbt_project.yml, pass `--vars`, or give `var()` a default' : `did you mean \`${p.near}\`?`),
    explanation: 'A template calls `var()` with a name that neither `--vars` nor any `vars:` block sets, and gives no default.',
  }),
  'env-var-missing': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `environment variable \`${p.name}\` is required but not set`,
    hint: (p) => `set it, or give a default: \`env_var('${p.name}', '...')\``,
    explanation: 'A template calls `env_var()` with a name that the environment does not hold, and gives no default.',
  }),
  'env-var-secret': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `secret environment variable \`${p.name}\` cannot be used here`,
    hint: () => 'variables named DBT_ENV_SECRET... can be read in profiles.yml and packages.yml only',
    explanation: 'Secrets stay out of models and macros, because compiled SQL and logs would keep them.',
  }),
  'ref-arguments': entry<{ count: number }>({
    severity: 'error',
    message: (p) => `ref() takes a name, or a package and a name, as text (${p.count} given)`,
    hint: () => "write `ref('model')`, `ref('package', 'model')` or `ref('model', v=2)`",
    explanation: 'The arguments of a `ref()` are one or two strings; a version goes in as `v=` or `version=`.',
  }),
  'source-arguments': entry<{ count: number }>({
    severity: 'error',
    message: (p) => `source() takes the name of a source and of a table, as text (${p.count} given)`,
    hint: () => "write `source('source_name', 'table_name')`",
    explanation: 'A `source()` names a source and one of its tables; both are declared under `sources:` in a YAML file.',
  }),
  'config-arguments': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'config() takes settings by name, or one dictionary',
    hint: () => "write `config(materialized='table', tags=['daily'])`",
    explanation: 'A model sets its configuration by keyword arguments of `config()`, or by a single dictionary, not by both.',
  }),
  'config-both-hooks': entry<{ under: string; dashed: string }>({
    severity: 'error',
    message: (p) => `config() has both \`${p.under}\` and \`${p.dashed}\``,
    hint: (p) => `keep \`${p.under}\` and put all hooks in its list`,
    explanation: 'The two spellings of a hook setting mean the same one; given together it is not clear which should win.',
  }),
  'dispatch-arguments': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `adapter.dispatch(): ${p.problem}`,
    explanation: '`adapter.dispatch(name, macro_namespace)` takes the bare name of a macro and, as text, the package whose search order applies.',
  }),
  'dispatch-not-found': entry<{ name: string; namespace: string | null; tried: readonly string[] }>({
    severity: 'error',
    message: (p) => `no macro named \`${p.name}\` was found${p.namespace === null ? '' : ` in the namespace \`${p.namespace}\``}`,
    hint: (p) => `searched for ${p.tried.join(', ')}`,
    explanation:
      '`adapter.dispatch()` looks for the macro with the prefix of the adapter (`duckdb__`), of its parents, then `default__`, in each package of the search order. None of them exists.',
  }),
  'incremental-strategy': entry<{ strategy: string; valid: readonly string[] }>({
    severity: 'error',
    message: (p) => `the incremental strategy \`${p.strategy}\` is not valid here`,
    hint: (p) => `this adapter knows ${p.valid.join(', ')}; a custom one is a macro named get_incremental_<name>_sql`,
    explanation: 'An incremental model names a strategy that the adapter does not support and that no macro of the project defines.',
  }),
  'snapshot-hard-deletes': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `snapshot: ${p.problem}`,
    hint: () => 'set `hard_deletes` to ignore, invalidate or new_record',
    explanation:
      '`hard_deletes` says what becomes of rows that vanished from the source; `invalidate_hard_deletes` is its older form and cannot be set beside it.',
  }),
  'properties-shape': entry<{ what: string; wanted: string }>({
    severity: 'error',
    message: (p) => `${p.what} must be ${p.wanted}`,
    hint: (p) => (p.wanted === 'a list' ? 'begin each entry with a dash: `- name: ...`' : undefined),
    explanation:
      'A properties file lists resources under keys such as `models:` and `sources:`; each entry is a mapping with a `name:`. What stands at the place named has another shape.',
  }),
  'constraint-type': entry<{ column: string; type: string }>({
    severity: 'error',
    message: (p) => `column \`${p.column}\` has a constraint of the unknown type \`${p.type}\``,
    hint: () => 'the types are check, not_null, unique, primary_key, foreign_key and custom',
    explanation: 'Constraints of a column or model name one of the types that databases know, or `custom` with an expression of their own.',
  }),
  'duplicate-name': entry<{ name: string; kind: string }>({
    severity: 'error',
    message: (p) => `there is already ${/^[aeio]/.test(p.kind) ? 'an' : 'a'} ${p.kind} named \`${p.name}\``,
    hint: (p) => (p.kind === 'test' ? 'give one of them a `name:` of its own' : 'rename one of them'),
    explanation:
      'Names must be unique: models, seeds and snapshots share one set of names within a package, because `ref()` finds them by name alone. Two equal tests on one column need a `name:`.',
  }),
  'name-with-spaces': entry<{ name: string; kind: string }>({
    severity: 'error',
    message: (p) => `the name of the ${p.kind} \`${p.name}\` has a space in it`,
    hint: () => 'use underscores',
    explanation:
      'Names of resources hold no spaces: not every database and shell takes them. A project that says `require_resource_names_without_spaces: false` under `flags:` gets a warning.',
  }),
  'duplicate-macro': entry<{ name: string; package: string }>({
    severity: 'error',
    message: (p) => `the macro \`${p.name}\` is defined twice in the package \`${p.package}\``,
    hint: () => 'rename or remove one of them',
    explanation: 'A package may define each macro once; which of two should win is not clear.',
  }),
  'duplicate-patch': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` is described twice`,
    hint: () => 'merge the two entries',
    explanation:
      'Two entries of properties files describe the same resource. Descriptions, columns, tests and configuration of one resource belong in one entry.',
  }),
  'duplicate-relation': entry<{ name: string; other: string; relation: string }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` and \`${p.other}\` would both be built as ${p.relation}`,
    hint: () => 'give one of them another `alias` or `schema`',
    explanation: 'Two nodes have the same database, schema and alias: each build would overwrite the other.',
  }),
  'doc-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the docs block \`${p.name}\` does not exist`,
    hint: (p) => (p.near === undefined ? 'write it in a .md file: `{% docs name %} ... {% enddocs %}`' : `did you mean \`${p.near}\`?`),
    explanation: 'A description calls `doc()` with the name of a docs block that no Markdown file of the project defines.',
  }),
  'source-not-found': entry<{ name: string; node: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` reads the source table \`${p.name}\`, which does not exist`,
    hint: (p) => (p.near === undefined ? 'declare it under `sources:` in a YAML file' : `did you mean \`${p.near}\`?`),
    explanation: 'A `source()` names a source and table that no properties file declares.',
  }),
  'ref-disabled': entry<{ name: string; node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` depends on \`${p.name}\`, which is disabled`,
    hint: () => 'enable it, or disable the node that needs it too',
    explanation: 'The resource exists but has `enabled: false` in its configuration, so it is not built and cannot be read from.',
  }),
  'ref-private': entry<{ name: string; node: string; group: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\`, which is private to the group \`${p.group}\``,
    hint: (p) => `put the node in the group \`${p.group}\`, or make the model protected`,
    explanation: 'A model with `access: private` may be used only by resources of its own group.',
  }),
  'ref-protected': entry<{ name: string; node: string; package: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\`, which is protected in the package \`${p.package}\``,
    hint: () => 'only models with `access: public` can be used from outside that package',
    explanation: 'The package sets `restrict-access: true`: its models can be used from other packages only when they are public.',
  }),
  'model-deprecated': entry<{ name: string; date: string }>({
    severity: 'warning',
    message: (p) => `\`${p.name}\` has passed its deprecation date of ${p.date.slice(0, 10)}`,
    hint: () => 'disable or remove it',
    explanation: 'A model with a `deprecation_date` in the past is still built: who refers to it was told in time.',
  }),
  'ref-deprecated': entry<{ name: string; node: string; date: string; instead?: string | undefined }>({
    severity: 'warning',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\`, which was deprecated on ${p.date.slice(0, 10)}`,
    hint: (p) => (p.instead === undefined ? undefined : `there is a newer version: ${p.instead}`),
    explanation: 'The `deprecation_date` of a model that is referred to has passed: it may be gone soon.',
  }),
  'ref-deprecated-soon': entry<{ name: string; node: string; date: string; instead?: string | undefined }>({
    severity: 'warning',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\`, which will be deprecated on ${p.date.slice(0, 10)}`,
    hint: (p) => (p.instead === undefined ? undefined : `there is a newer version: ${p.instead}`),
    explanation: 'A model that is referred to has a `deprecation_date`: until then, references to it should lead elsewhere.',
  }),
  'patch-without-node': entry<{ kind: string; name: string; version?: string | number | null; near?: string | undefined }>({
    severity: 'warning',
    message: (p) =>
      p.version === undefined || p.version === null
        ? `no ${p.kind} is named \`${p.name}\`: what this entry says of it has no effect`
        : `no file defines version ${p.version} of \`${p.name}\`: what this entry says of it has no effect`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation: 'A properties file describes a resource that does not exist, often after a file was renamed or removed. Its tests do not run.',
  }),
  'ref-version': entry<{ name: string; version: string; node: string; versions: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to version ${p.version} of \`${p.name}\`, which does not exist`,
    hint: (p) => `the versions of \`${p.name}\` are ${p.versions.join(', ')}`,
    explanation: 'A `ref()` with `v=` names a version that the `versions:` of the model do not list, or whose file is missing.',
  }),
  'latest-version': entry<{ name: string; latest: string; versions: readonly string[] }>({
    severity: 'error',
    message: (p) => `the latest version of \`${p.name}\` is to be ${p.latest}, which is not among its versions`,
    hint: (p) => `its versions are ${p.versions.join(', ')}`,
    explanation: '`latest_version` names the version that a `ref()` without `v=` means; it must be one of those listed under `versions:`.',
  }),
  'group-not-found': entry<{ group: string; node: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` is in the group \`${p.group}\`, which does not exist`,
    hint: (p) => (p.near === undefined ? 'define it under `groups:` in a properties file' : `did you mean \`${p.near}\`?`),
    explanation: 'A model names a group that its package does not define. A group has a name and an owner, under `groups:` in a properties file.',
  }),
  'access-value': entry<{ node: string; value: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` has the access \`${p.value}\``,
    hint: () => 'access is private, protected or public',
    explanation: '`access` says who may refer to a model: its group (private), its package (protected) or everybody (public).',
  }),
  'constraint-target': entry<{ node: string; to: string }>({
    severity: 'error',
    message: (p) => `a foreign key of \`${p.node}\` points to \`${p.to}\`, which is no call of ref() or source()`,
    hint: () => "write it without braces: to: ref('customers')",
    explanation: 'The `to` of a foreign key names a model, seed, snapshot or source, as `ref(...)` or `source(...)`; it becomes the name of its relation.',
  }),
  'seed-hook-reference': entry<{ node: string; call: string }>({
    severity: 'error',
    message: (p) => `Seeds cannot depend on other nodes: a hook of \`${p.node}\` calls ${p.call}`,
    hint: () => 'move the statement to a hook of a model, or to on-run-end',
    explanation: 'Seeds stand at the beginning of the graph. A pre-hook or post-hook of one cannot refer to what is built after it.',
  }),
  'contract-without-columns': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` has an enforced contract but no columns`,
    hint: () => 'list its columns with their data_type in a properties file',
    explanation: 'A contract promises names and types of columns; they must be listed under `columns:` in a properties file.',
  }),
  'contract-schema-change': entry<{ node: string; value: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` is incremental with an enforced contract and has on_schema_change \`${p.value}\``,
    hint: () => 'set `on_schema_change` to append_new_columns or fail',
    explanation: 'Other settings could drop or ignore columns that the contract promises.',
  }),
  'tests-twice': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'both `tests:` and `data_tests:` are given here',
    hint: () => 'move everything under `data_tests:`',
    explanation: '`tests:` is the older name of `data_tests:`; an entry can have one of them.',
  }),
  'config-twice': entry<{ key: string }>({
    severity: 'error',
    message: (p) => `\`${p.key}\` is given both in \`config:\` and beside it`,
    hint: (p) => `keep \`${p.key}\` in the \`config:\` block`,
    explanation: 'A few settings may stand in `config:` or, as in older projects, directly in the entry; not in both places at once.',
  }),
  'test-shape': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation:
      'A test in a properties file is its name, or a mapping with its name as the only key and, one level deeper, its arguments and a `config:` block.',
  }),
  'data-contract': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `this data contract cannot be understood: ${p.problem}`,
    hint: () => 'a column is such as `{name: amount, data_type: decimal, nullable: false, range: {min: 0}}`',
    explanation:
      'A `data_contract:` of a model, seed, snapshot or table of a source lists columns with what holds for them, and dml makes tests of it. ' +
      'A column may have `data_type`, `nullable`, `unique`, `range` (with `min`, `max` and `strict`), `values` and `pattern`.',
  }),
  'data-contract-key': entry<{ what: string; key: string; known: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `${p.what} has no \`${p.key}\``,
    hint: (p) => (p.near === undefined ? `it has ${p.known.join(', ')}` : `did you mean \`${p.near}\`?`),
    explanation: 'A `data_contract:` holds a key that means nothing there. It is an error, so that no check is left out because of its spelling.',
  }),
  'test-argument': entry<{ test: string; argument: string; near?: string | undefined; takes: readonly string[] }>({
    severity: 'error',
    message: (p) => `the generic test \`${p.test}\` takes no argument \`${p.argument}\``,
    hint: (p) => {
      if (p.near !== undefined) return `did you mean \`${p.near}\`?`;
      if (p.argument === 'column_name') return 'it is a test of a whole model or table: put it beside `columns:`, not below one of them';
      return p.takes.length === 0 ? undefined : `it takes ${p.takes.join(', ')}; settings such as \`severity\` belong below \`config:\``;
    },
    explanation:
      'A test in a properties file is called with the arguments given there, besides `model` and, below a column, `column_name`. Its `{% test %}` block does not name this one.',
  }),
  'test-argument-missing': entry<{ test: string; argument: string }>({
    severity: 'error',
    message: (p) => `the generic test \`${p.test}\` needs the argument \`${p.argument}\``,
    hint: (p) =>
      p.argument === 'column_name' ? 'put the test below a column, or give it `column_name` as an argument' : `write it below \`arguments:\` of \`${p.test}\``,
    explanation: 'A built-in test cannot be made without this argument: its `{% test %}` block names no default.',
  }),
  'test-argument-type': entry<{ test: string; argument: string; wanted: string; given: string }>({
    severity: 'error',
    message: (p) => `\`${p.argument}\` of the generic test \`${p.test}\` must be ${p.wanted}, not ${p.given}`,
    hint: (p) => (p.wanted === 'true or false' ? 'without quotes' : p.wanted.startsWith('a list') ? 'such as `[a, b]`' : undefined),
    explanation: 'A built-in test was given an argument of a kind that it cannot use. In a template it would mean something else than what it says.',
  }),
  'test-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the generic test \`${p.name}\` does not exist`,
    hint: (p) =>
      p.near === undefined ? 'define it with `{% test name(model, column_name) %}`, or install the package it comes from' : `did you mean \`${p.near}\`?`,
    explanation: 'A properties file uses a test that is neither built in nor defined by a `{% test %}` block of the project or an installed package.',
  }),
};
