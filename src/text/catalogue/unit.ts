import { entry } from './entry.ts';

/** Diagnostics of the rows of unit tests, and of what they state beyond dbt's. */
export const unit = {
  'unit-test-subject': entry<{ test: string; named: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      p.named.length === 0 ? `unit test \`${p.test}\` does not say what it is of` : `unit test \`${p.test}\` is of a ${p.named.join(' and of a ')}`,
    hint: (p) => (p.named.length === 0 ? 'add one of `model:`, `snapshot:` and `macro:`' : 'leave one of them, and write another test for the other'),
    explanation: 'A unit test is of one model, one snapshot or one macro, which it names. dbt knows unit tests of models alone.',
  }),
  'unit-test-shape': entry<{ test: string; problem: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\` ${p.problem}`,
    explanation:
      'The test of a model or a snapshot expects rows of its query (`expect`), of its common table expressions (`expect_ctes`) or of its table after the materialization has run (`expect_table`): one of them, or several. The test of a macro has a template in `call` and expects the rows or the text that the call gives.',
  }),
  'unit-test-hooks': entry<{ test: string; node: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\` builds the table of \`${p.node}\` on the target, and its hooks could change what is there`,
    hint: () => 'run it in memory: without --on-target, on a DuckDB target',
    explanation:
      'For `expect_table` the table is built in a schema of its own, but hooks may write anywhere. In memory there is nothing that they could harm, so that they run there; on the target dml does not run them.',
  }),
  'unit-test-macro': entry<{ test: string; macro: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\` is of the macro \`${p.macro}\`, which does not exist`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation: 'The macro is one of the project, of a package (`package.macro`), or one that comes with dml.',
  }),
  'unit-test-cte': entry<{ test: string; cte: string; names: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\` expects rows of \`${p.cte}\`, which is no common table expression of the query`,
    hint: (p) =>
      p.names.length === 0
        ? 'the query has none: write `expect`'
        : `${p.near === undefined ? '' : `did you mean \`${p.near}\`? `}The query has ${p.names.map((n) => `\`${n}\``).join(', ')}`,
    explanation:
      'The keys of `expect_ctes` are names from the `with` list of the compiled query, in any case. Those of a query inside of another are not reached.',
  }),
  'fixture-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the fixture \`${p.name}\` does not exist`,
    hint: (p) => {
      const where = 'fixtures are .csv and .sql files in the folder fixtures below a test path, named without their ending';
      return p.near === undefined ? where : `did you mean \`${p.near}\`?`;
    },
    explanation: 'A unit test takes rows from a fixture file that was not found.',
  }),
  'fixture-format': entry<{ test: string; format: string; written: string; fits: string }>({
    severity: 'error',
    message: (p) =>
      `unit test \`${p.test}\`: rows of the format ${p.format} are ${p.format === 'dict' ? 'a list' : 'a text or a file'}, and these are ${p.written}`,
    hint: (p) =>
      p.written === 'not given'
        ? 'write `rows: []` where there are none'
        : p.fits === 'dict'
          ? 'leave out `format:`, a list of mappings needs none'
          : `add \`format: ${p.fits}\``,
    explanation:
      'The rows of a unit test are a list of mappings (`format: dict`, which need not be written), CSV or SQL: a text in `rows`, or a file of that ending in `fixture`, with `format: csv` or `format: sql`.',
  }),
  'fixture-ragged': entry<{ cells: number; header: number }>({
    severity: 'error',
    message: (p) => `a line of a CSV fixture has ${p.cells} ${p.cells === 1 ? 'cell' : 'cells'}, and the header has ${p.header}`,
    hint: (p) =>
      p.cells > p.header ? 'put a value with a comma in it in double quotes' : 'the columns that it lacks are null: write the commas if that is meant',
    explanation: 'Each line of a CSV fixture has a value, which may be empty, for each column of the header. A line that is too short is a warning.',
  }),
  'fixture-column-twice': entry<{ column: string }>({
    severity: 'warning',
    message: (p) => `the column \`${p.column}\` is in the header of a CSV fixture twice`,
    hint: () => 'rename or delete one of the two columns',
    explanation: 'Of two columns with one name the values of the last count, as in dbt.',
  }),
  'fixture-rows': entry<{ test: string; input: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\` gives no rows for \`${p.input}\``,
    hint: () => 'add `rows:`, which may be `[]`; only the rows of a seed may be left out, which are those of its file',
    explanation: 'An input without `rows` and without `fixture` has the rows of the seed that it names, and only a seed has such.',
  }),
  'fixture-value': entry<{ test: string; value: string; type: string; column: string; of: string; origin: string }>({
    severity: 'error',
    message: (p) => `unit test \`${p.test}\`: ${p.value} is no ${p.type}, which the column \`${p.column}\` of ${p.of} is`,
    hint: (p) => `the type is that of ${p.origin}`,
    explanation:
      'The values of a fixture are cast to the types of the columns they stand for. Those of an input come from the relation where it exists, else from `data_type` in YAML, else from the SQL of the input; those of expected rows from the SQL of the model.',
  }),
  'fixture-columns': entry<{ test: string; of: string; missing: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      `unit test \`${p.test}\`: the rows of ${p.of} lack ${p.missing.length === 1 ? 'the column' : 'the columns'} ${p.missing.map((m) => `\`${m}\``).join(', ')}`,
    hint: () => 'rows that are SQL have all columns; a list of mappings needs only those that matter',
    explanation: 'Expected rows that are written as SQL are compared in all columns of the query, so they must have all of them.',
  }),
  'test-create-not-built': entry<{ name: string; relation: string; source: boolean; model: string }>({
    severity: 'error',
    message: (p) => `${p.relation} is not there, which the rows of ${p.source ? 'the source ' : ''}\`${p.name}\` are to come from`,
    hint: (p) => (p.source ? 'load it first, or correct the schema of the source' : `build it first: \`dml build --select +${p.model}\``),
    explanation: '`dml test create` takes rows from what has been built: the model, and everything it reads.',
  }),
  'test-create-unsteady': entry<{ model: string }>({
    severity: 'error',
    message: (p) => `\`${p.model}\` gives other rows each time for the same input, and no test can expect them`,
    hint: () => 'look for random values, for the present time, and for what depends on the order of rows',
    explanation:
      'The test that `dml test create` writes has been run, and passes. Columns whose values differ from run to run are left out; here that is not enough.',
  }),
} as const;
