import { entry } from './entry.ts';

/** The age of sources, and comparing with the artifacts of an earlier run. */
export const state = {
  'freshness-unknown': entry<{ source: string; adapter: string }>({
    severity: 'error',
    message: (p) =>
      `Could not compute freshness for source ${p.source}: no 'loaded_at_field' provided and ${p.adapter} adapter does not support metadata-based freshness checks.`,
    hint: () => 'set `loaded_at_field` to the column that says when a row was loaded, or `loaded_at_query` to a query of one value',
    explanation:
      'The age of a source is taken from the newest value of a column (`loaded_at_field`) or from the answer of a query (`loaded_at_query`). DuckDB and Postgres do not keep by themselves when a table was last written; for files that DuckDB reads in place dml takes the time when the file was written.',
  }),
  'freshness-column': entry<{ source: string }>({
    severity: 'warning',
    message: (p) => `The configured adapter does not support metadata-based freshness. A loaded_at_field must be specified for source '${p.source}'.`,
    hint: () => 'set `loaded_at_field` or `loaded_at_query`, or `freshness: null` where the age does not matter',
    explanation:
      'The YAML says how old the source may be, but not which column or query tells its age, and the database does not keep it. `dml source freshness` will fail for it.',
  }),
  'freshness-answer': entry<{ source: string; problem: string }>({
    severity: 'error',
    message: (p) => `the age of source \`${p.source}\` cannot be computed: ${p.problem}`,
    hint: () => 'cast the column of `loaded_at_field` to a timestamp, or let `loaded_at_query` answer one',
    explanation: 'A check of freshness compares two timestamps: when the newest row was loaded, and now. Dates and texts must be cast.',
  }),
  'state-unreadable': entry<{ path: string; problem: string }>({
    severity: 'error',
    message: (p) => `${p.path} cannot be read: ${p.problem}`,
    hint: () => 'run the command that wrote it once more, or name another folder',
    explanation:
      'The file is cut short or was changed by hand. Artifacts of an earlier run are read for `state:`, `result:` and `source_status:`, for deferral, `clone` and `retry`, and by `docs generate --from-artifacts`.',
  }),
  'state-version': entry<{ path: string; kind: string; newest: number; found: string | undefined }>({
    severity: 'error',
    message: (p) =>
      p.found === undefined
        ? `${p.path} is no artifact: it does not say which version of ${p.kind} it is`
        : `Expected a schema version of "https://schemas.getdbt.com/dbt/${p.kind}/v${p.newest}.json" in ${p.path}, but found "${p.found}". Are you running with a different version of dbt?`,
    hint: () => 'write it again with dml, or with dbt 1.11',
    explanation: 'Artifacts name the version of their shape. dml reads those that dbt 1.11 can read.',
  }),
  'state-missing': entry<{ problem: string; hint: string }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: (p) => p.hint,
    explanation:
      'The selector methods `state`, `result` and `source_status`, deferral, `clone` and `retry` compare with an earlier run or go on from it. They need its artifacts: `--state DIR` names the folder that holds manifest.json, run_results.json or sources.json.',
  }),
  'state-is-target': entry<{ dir: string }>({
    severity: 'warning',
    message: (p) =>
      `The state and target directories are the same: '${p.dir}'. This could lead to missing changes due to overwritten state including non-idempotent retries.`,
    hint: () => 'copy the artifacts to a folder of their own before they are compared with',
    explanation: 'Every command writes its artifacts into the target folder. Where that is also the state, the next command compares with itself.',
  }),
  'seed-big': entry<{ seed: string; what: string }>({
    severity: 'warning',
    message: (p) =>
      `Found a seed (${p.seed}) >1MB in size${
        { grown: '. The previous file was <=1MB, so it has changed', moved: '. The previous file was in a different location, assuming it has changed' }[
          p.what
        ] ?? ' at the same path, dbt cannot tell if it has changed: assuming they are the same'
      }`,
    explanation: 'Of seeds beyond one megabyte manifests keep the path and no checksum, so `state:modified` cannot see a change of their contents.',
  }),
  'contract-broken': entry<{ name: string; path: string; changes: readonly string[] }>({
    severity: 'warning',
    message: (p) =>
      `Breaking change to contracted, unversioned model ${p.name} (${p.path})\nWhile comparing to previous project state, dbt detected a breaking change to an unversioned model.\n  - ${p.changes.join('\n  - ')}`,
    explanation:
      'A model with an enforced contract promises its columns to those who read it. Something of that was taken away; a new version of the model would have kept the old one.',
  }),
  'contract-broken-version': entry<{ name: string; path: string; changes: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      `While comparing to previous project state, dbt detected a breaking change to an enforced contract.\n  - ${p.changes.join('\n  - ')}\nConsider making an additive (non-breaking) change instead, if possible.\nOtherwise, create a new model version: https://docs.getdbt.com/docs/collaborate/govern/model-versions`,
    explanation:
      'A version of a model with an enforced contract must not lose columns, change their types or lose constraints: that is what the next version is for.',
  }),
  'retry-impossible': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: () => 'run the command itself again',
    explanation:
      '`dml retry` reads run_results.json and runs the same command with the same flags for the nodes that failed or were skipped. Nodes that are gone since then cannot be run.',
  }),
  'git-failed': entry<{ revision: string; problem: string }>({
    severity: 'error',
    message: (p) => `the files that differ from \`${p.revision}\` cannot be listed: ${p.problem}`,
    hint: () => 'write `git:REVISION` with a branch, tag or commit of the repository that holds the project',
    explanation: 'The selector method `git` asks the program git which files of the project differ from a revision; files that are not committed count too.',
  }),
} as const;
