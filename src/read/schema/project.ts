import * as z from 'zod/mini';

const texts = z.nullish(z.array(z.string()));
const textOrTexts = z.nullish(z.union([z.string(), z.array(z.nullish(z.string()))]));
const tree = z.nullish(z.record(z.string(), z.unknown()));
const described = <T extends z.ZodMiniType>(schema: T, description: string): T => schema.check(z.describe(description)) as T;

/** dbt_project.yml, as dbt 1.11 takes it. */
export const projectSchema = z.looseObject({
  name: described(z.string(), 'The name of the project: letters, digits and underscores.'),
  version: described(z.nullish(z.union([z.string(), z.number()])), 'The version of the project; dbt does not use it.'),
  'config-version': described(z.nullish(z.number()), 'Always 2.'),
  profile: described(z.nullish(z.string()), 'The profile of profiles.yml that holds the connection.'),
  'model-paths': described(texts, 'Folders of models. Default: models.'),
  'seed-paths': described(texts, 'Folders of seeds. Default: seeds.'),
  'snapshot-paths': described(texts, 'Folders of snapshots. Default: snapshots.'),
  'test-paths': described(texts, 'Folders of tests. Default: tests.'),
  'macro-paths': described(texts, 'Folders of macros. Default: macros.'),
  'analysis-paths': described(texts, 'Folders of analyses. Default: analyses.'),
  'docs-paths': described(texts, 'Folders of docs blocks. Default: all of the above.'),
  'asset-paths': described(texts, 'Folders copied into the documentation.'),
  'function-paths': described(texts, 'Folders of user-defined functions. Default: functions.'),
  'source-paths': described(texts, 'Old name of model-paths.'),
  'data-paths': described(texts, 'Old name of seed-paths.'),
  'target-path': described(z.nullish(z.string()), 'Where compiled files and artifacts go. Default: target.'),
  'log-path': described(z.nullish(z.string()), 'Where logs go. Default: logs.'),
  'packages-install-path': described(z.nullish(z.string()), 'Where packages are. Default: dbt_packages.'),
  'clean-targets': described(texts, 'Folders that `clean` removes. Default: the target path.'),
  'require-dbt-version': described(
    z.nullish(z.union([z.string(), z.array(z.string())])),
    'The dbt versions the project works with, e.g. [">=1.6.0", "<2.0.0"].',
  ),
  quoting: described(
    z.nullish(
      z.object({
        database: z.nullish(z.boolean()),
        schema: z.nullish(z.boolean()),
        identifier: z.nullish(z.boolean()),
        project: z.nullish(z.boolean()),
        snowflake_ignore_case: z.nullish(z.boolean()),
      }),
    ),
    'Which parts of a relation name are quoted.',
  ),
  dispatch: described(
    z.nullish(z.array(z.looseObject({ macro_namespace: z.string(), search_order: z.array(z.string()) }))),
    'Where adapter.dispatch looks for the macros of a package.',
  ),
  'on-run-start': described(textOrTexts, 'SQL to run before everything else.'),
  'on-run-end': described(textOrTexts, 'SQL to run after everything else.'),
  'query-comment': described(
    z.nullish(
      z.union([
        z.string(),
        z.literal(false),
        z.object({ comment: z.nullish(z.string()), append: z.nullish(z.boolean()), 'job-label': z.nullish(z.boolean()) }),
      ]),
    ),
    'A comment put on every statement.',
  ),
  'restrict-access': described(z.nullish(z.boolean()), 'Whether protected models are closed to other packages.'),
  models: described(tree, 'Configuration of models by folder; keys of settings start with +.'),
  seeds: described(tree, 'Configuration of seeds by folder.'),
  snapshots: described(tree, 'Configuration of snapshots by folder.'),
  sources: described(tree, 'Configuration of sources by folder and name.'),
  tests: described(tree, 'Old name of data_tests.'),
  data_tests: described(tree, 'Configuration of data tests by folder.'),
  unit_tests: described(tree, 'Configuration of unit tests by folder.'),
  analyses: described(tree, 'Configuration of analyses by folder.'),
  exposures: described(tree, 'Configuration of exposures.'),
  metrics: described(tree, 'Configuration of metrics.'),
  'semantic-models': described(tree, 'Configuration of semantic models.'),
  'saved-queries': described(tree, 'Configuration of saved queries.'),
  functions: described(tree, 'Configuration of functions.'),
  vars: described(tree, 'Variables, for all or by package.'),
  flags: described(tree, 'Defaults of command line flags and behaviour flags.'),
  packages: z.nullish(z.array(z.unknown())),
  'project-root': z.nullish(z.string()),
  'dbt-cloud': tree,
});

/** Names that templates use: a project of such a name would hide them. */
export const bannedNames: ReadonlySet<string> = new Set(
  (
    '_sql_results adapter api column config context database env env_var exceptions execute flags fromjson fromyaml graph invocation_id load_agate_table ' +
    'load_result log model modules post_hooks pre_hooks ref render return run_started_at schema source sql sql_now store_result store_raw_result target this ' +
    'tojson toyaml try_or_compiler_error var write'
  ).split(' '),
);
