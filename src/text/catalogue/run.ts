import { entry } from './entry.ts';

/** What can go wrong while nodes are compiled and run. */
export const run = {
  'ref-not-recorded': entry<{ name: string; node: string; call: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` refers to \`${p.name}\` only when it runs: the dependency was not seen while parsing`,
    hint: (p) => `add this line to the top of the file: -- depends_on: {{ ${p.call} }}`,
    explanation:
      'While parsing, `execute` is false and queries answer nothing, so a `ref()` inside a condition or loop that depends on them is never reached. dml then does not know that the other node must be built first. A comment with the `ref()` in it records the dependency.',
  }),
  'ref-ephemeral-operation': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `an operation cannot refer to the ephemeral model \`${p.name}\``,
    hint: () => 'refer to a model that is a view or a table',
    explanation: 'An ephemeral model exists only as a part of the SQL of the models that refer to it; the statements of an operation have no place for it.',
  }),
  'config-missing': entry<{ node: string; key: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` has no \`${p.key}\` in its configuration, which is required`,
    explanation: 'A template called `config.require()` with a key that the node does not set.',
  }),
  'function-config': entry<{ node: string; problem: string; hint?: string }>({
    severity: 'error',
    message: (p) => `the function \`${p.node}\` ${p.problem}`,
    hint: (p) => p.hint,
    explanation:
      'A function is a file below `functions/` with its body, and an entry under `functions:` in a YAML file with its `arguments` (name, data_type and perhaps default_value) and what it `returns` (data_type). `type` in its config is scalar, aggregate or table; `volatility` is deterministic, stable or non-deterministic.',
  }),
  'function-not-found': entry<{ name: string; node: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` calls the function \`${p.name}\`, which does not exist`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation: "`function('name')` answers the name of a function in the project or its packages: a file below `functions/`.",
  }),
  'function-kind': entry<{ node: string; kind: string; language: string; adapter: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` is a function of the type ${p.kind} in ${p.language}, which dml cannot make on ${p.adapter}`,
    hint: (p) => (p.language === 'sql' ? undefined : 'write it in SQL, or exclude it'),
    explanation:
      'dml makes functions in SQL: scalar ones on DuckDB (as macros) and on Postgres, aggregates on DuckDB. A project can add a way of its own with a macro named after adapter, type and language, such as `postgres__aggregate_function_sql(target_relation)`.',
  }),
  'python-model': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` is a Python model, which dml cannot run`,
    hint: () => 'write it in SQL, or exclude it',
    explanation: 'dml runs SQL. It reads Python models, so that the graph is complete, but has no Python to run them with.',
  }),
  'agate-table': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `load_agate_table() is for seeds only; \`${p.node}\` is none`,
    explanation: 'The function answers the rows of a seed file, for materializations of seeds.',
  }),
  'materialization-missing': entry<{ node: string; kind: string; adapter: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: there is no materialization \`${p.kind}\` for ${p.adapter}`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation: 'The `materialized` config names a way of building that neither dml nor the project nor its packages define with `{% materialization %}`.',
  }),
  'materialization-result': entry<{ node: string; kind: string; problem: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the materialization \`${p.kind}\` ${p.problem}`,
    hint: () => "end it with `{{ return({'relations': [...]}) }}`, and run its statement as `{% call statement('main') %}`",
    explanation: 'A materialization must return a dict whose `relations` is the list of relations it has made, and must run one statement named `main`.',
  }),
  'unit-test-incremental': entry<{ test: string; model: string; problem: 'override' | 'this' }>({
    severity: 'error',
    message: (p) =>
      p.problem === 'override'
        ? `unit test \`${p.test}\` does not say what \`is_incremental()\` answers, which \`${p.model}\` asks`
        : `unit test \`${p.test}\` says that \`${p.model}\` runs incrementally, and gives no rows for the table that exists`,
    hint: (p) => (p.problem === 'override' ? 'add `overrides: {macros: {is_incremental: true}}`, or false' : 'add to `given`: - {input: this, rows: [...]}'),
    explanation:
      'A unit test runs the query of a model without its table. Whether the model is to behave as in its first run or as in a later one is for the test to say; for a later run it gives the rows of `this`.',
  }),
  'materialization-main': entry<{ node: string; kind: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the materialization \`${p.kind}\` runs no statement named 'main'`,
    hint: () => "run its statement as `{% call statement('main') %}`, or keep a result with `store_raw_result(name='main', ...)`",
    explanation: 'The statement named `main` is what a node did: its answer is shown and kept in run_results.json. A materialization must have one.',
  }),
  'materialization-language': entry<{ node: string; kind: string; language: string; supported: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` is written in ${p.language}, and the materialization \`${p.kind}\` is for ${p.supported.join(', ')} only`,
    hint: (p) => `choose another one, or let it have \`supported_languages=['${p.language}']\``,
    explanation: 'The header of a `{% materialization %}` says which languages its models may be written in; without a word of it only SQL.',
  }),
  'needs-database': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `compiling \`${p.node}\` needs the database, and \`--no-introspect\` forbids to ask it`,
    hint: () => 'leave out --no-introspect',
    explanation: 'The template runs a query (`run_query`, `adapter.get_relation`, ...) while it is rendered.',
  }),
  'unit-test-input': entry<{ test: string; input: string; problem: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\`: the input \`${p.input}\` ${p.problem}`,
    hint: () => "an input is written as ref('model'), source('source', 'table') or this",
    explanation: 'Each `given` of a unit test stands for something that the tested model refers to.',
  }),
  'unit-test-missing-input': entry<{ test: string; name: string; call: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\` gives no rows for \`${p.name}\`, which the model refers to`,
    hint: (p) => `add to \`given\`: - input: ${p.call}`,
    explanation:
      'A unit test replaces everything that its model reads, so that the outcome depends on nothing else. An input without rows is written `rows: []`.',
  }),
  'unit-test-columns': entry<{ test: string; input: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\`: the columns of \`${p.input}\` are not known`,
    hint: () => 'build it first (an empty one will do: `dml run --empty`), or give it columns with data_type in YAML, or write its rows with `format: sql`',
    explanation:
      'The rows of a fixture are cast to the types of the columns they stand for. dml takes these from the existing relation, else from `data_type` in YAML, else from the SQL of the input.',
  }),
  'unit-test-needs-target': entry<{ test: string; why: string }>({
    severity: 'error',
    message: (p) => `the unit test \`${p.test}\` can only run on the target, which cannot be reached: ${p.why}`,
    hint: () => 'start the database of the target, or name another one with `--target`',
    explanation:
      'Unit tests run in memory, without a database. Some cannot: those whose queries use what only the target has (functions of its own, extensions, attached databases), and those with an input of which nothing tells the columns. They run on the target, so it has to be there.',
  }),
  'unit-test-column': entry<{ test: string; column: string; of: string; columns: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\`: ${p.of} has no column \`${p.column}\``,
    hint: (p) => (p.near === undefined ? `its columns are ${p.columns.join(', ')}` : `did you mean \`${p.near}\`? Its columns are ${p.columns.join(', ')}`),
    explanation: 'A row of the fixture names a column that the input, or the model for the expected rows, does not have.',
  }),
  'macro-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `there is no macro named \`${p.name}\` in the project, its packages or dml`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation: 'run-operation takes the name of a macro, or `package.macro`.',
  }),
  'query-comment': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `query-comment: ${p.problem}`,
    explanation:
      'The text under `query-comment` of dbt_project.yml is rendered and put around every statement as a SQL comment; it must not hold the end of one.',
  }),
} as const;
