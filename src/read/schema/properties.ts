import * as z from 'zod/mini';

/** A text that a template makes something else of: allowed wherever another type is expected. */
const template = z.string().check(z.regex(/\{[{%]/, { abort: true }));
const text = z.nullish(z.string());
const flag = z.nullish(z.union([z.boolean(), template]));
const count = z.nullish(z.union([z.number(), template]));
const texts = z.nullish(z.union([z.array(z.string()), z.string()]));
const anything = z.nullish(z.unknown());
const mapping = z.nullish(z.union([z.record(z.string(), z.unknown()), template]));
const version = z.union([z.string(), z.number()]);
const date = z.nullish(z.string());
const hooks = z.nullish(
  z.union([z.string(), z.looseObject({ sql: z.string() }), z.array(z.nullish(z.union([z.string(), z.looseObject({ sql: z.string() })])))]),
);
const docs = z.nullish(z.union([z.looseObject({ show: flag, node_color: text }), template]));
const quoting = z.nullish(z.union([z.looseObject({ database: flag, schema: flag, identifier: flag }), template]));
const period = z.nullish(z.looseObject({ count, period: z.nullish(z.union([z.enum(['minute', 'hour', 'day']), template])) }));
const freshness = z.nullish(z.union([z.looseObject({ warn_after: period, error_after: period, filter: text, build_after: anything }), template]));
const test = z.union([z.string(), z.record(z.string(), z.unknown())]);
const tests = z.nullish(z.array(test));
const constraints = z.nullish(
  z.array(
    z.looseObject({
      type: z.enum(['check', 'not_null', 'unique', 'primary_key', 'foreign_key', 'custom']),
      name: text,
      expression: text,
      columns: z.nullish(z.array(z.string())),
      to: text,
      to_columns: z.nullish(z.array(z.string())),
      warn_unenforced: flag,
      warn_unsupported: flag,
    }),
  ),
);

/** Settings of every kind of resource. Unknown ones are kept, as in dbt, and can be read with config.get(). */
const commonConfig = {
  enabled: flag,
  alias: text,
  schema: text,
  database: text,
  tags: texts,
  meta: mapping,
  group: text,
};
const nodeConfig = {
  ...commonConfig,
  materialized: text,
  incremental_strategy: text,
  batch_size: anything,
  lookback: anything,
  begin: anything,
  event_time: anything,
  concurrent_batches: anything,
  batch_ledger: flag,
  history: flag,
  persist_docs: mapping,
  pre_hook: hooks,
  post_hook: hooks,
  'pre-hook': hooks,
  'post-hook': hooks,
  quoting,
  column_types: mapping,
  full_refresh: flag,
  unique_key: texts,
  on_schema_change: text,
  on_configuration_change: text,
  on_error: text,
  grants: mapping,
  packages: texts,
  docs,
  contract: z.nullish(z.union([z.looseObject({ enforced: flag, alias_types: flag }), template])),
  access: text,
  freshness: anything,
  sql_header: text,
  merge_update_columns: texts,
  merge_exclude_columns: texts,
  incremental_predicates: texts,
  predicates: texts,
  static_analysis: text,
  labels: anything,
  indexes: anything,
  location: anything,
  format: anything,
  options: anything,
  partition_by: anything,
  partitioned_by: anything,
  cluster_by: anything,
  sorted_by: anything,
};
const modelConfig = z.nullish(z.looseObject(nodeConfig));
const functionConfig = z.nullish(z.looseObject({ ...nodeConfig, type: text, volatility: text, runtime_version: anything, entry_point: text, packages: texts }));
const argument = z.looseObject({ name: z.string(), data_type: z.string(), description: text, default_value: anything });
const returned = z.looseObject({ data_type: z.string(), description: text });
const seedConfig = z.nullish(z.looseObject({ ...nodeConfig, quote_columns: flag, delimiter: text, fast: anything }));
const snapshotConfig = z.nullish(
  z.looseObject({
    ...nodeConfig,
    strategy: text,
    updated_at: text,
    check_cols: texts,
    target_schema: text,
    target_database: text,
    invalidate_hard_deletes: flag,
    hard_deletes: text,
    dbt_valid_to_current: text,
    snapshot_meta_column_names: mapping,
  }),
);
const sourceConfig = z.nullish(
  z.looseObject({
    ...commonConfig,
    event_time: anything,
    freshness,
    loaded_at_field: text,
    loaded_at_query: text,
    quoting,
    external: anything,
    external_location: anything,
    plugin: anything,
  }),
);
const testConfig = z.nullish(
  z.looseObject({
    ...commonConfig,
    severity: text,
    store_failures: flag,
    store_failures_as: text,
    where: text,
    limit: count,
    fail_calc: text,
    warn_if: text,
    error_if: text,
    sql_header: text,
  }),
);
const looseConfig = z.nullish(z.looseObject(commonConfig));

const column = z.looseObject({
  name: z.string(),
  description: text,
  data_type: text,
  meta: mapping,
  tags: texts,
  quote: flag,
  constraints,
  docs,
  tests,
  data_tests: tests,
  granularity: text,
  dimension: anything,
  entity: anything,
  config: z.nullish(z.looseObject({ meta: mapping, tags: texts })),
});
const bound = z.union([z.number(), z.string()]);
/** What is wrong with it is told where its tests are made: here is what editors offer. */
const dataContract = z.nullish(
  z.union([
    z.object({
      strict: z.optional(z.boolean()),
      config: z.optional(z.looseObject({ severity: text, where: text, tags: texts })),
      columns: z.array(
        z.object({
          name: z.string(),
          description: text,
          data_type: texts,
          nullable: z.nullish(z.boolean()),
          unique: z.nullish(z.boolean()),
          range: z.nullish(z.object({ min: z.nullish(bound), max: z.nullish(bound), strict: z.nullish(z.boolean()) })),
          values: z.nullish(z.array(z.union([z.string(), z.number(), z.boolean()]))),
          pattern: texts,
        }),
      ),
    }),
    z.unknown(),
  ]),
);
const described = { name: z.string(), description: text, docs, meta: mapping };
const node = {
  ...described,
  tests,
  data_tests: tests,
  constraints,
  data_contract: dataContract,
  columns: z.nullish(z.array(column)),
  access: text,
  group: text,
  tags: texts,
  quote_columns: flag,
};
const pick = z.object({ include: z.optional(texts), exclude: z.optional(texts) });

const model = z.looseObject({
  ...node,
  config: modelConfig,
  latest_version: z.nullish(version),
  deprecation_date: date,
  time_spine: anything,
  primary_entity: text,
  agg_time_dimension: text,
  semantic_model: anything,
  metrics: anything,
  derived_semantics: anything,
  versions: z.nullish(
    z.array(
      z.looseObject({
        v: version,
        defined_in: text,
        description: text,
        access: text,
        config: modelConfig,
        constraints,
        docs,
        tests,
        data_tests: tests,
        deprecation_date: date,
        columns: z.nullish(z.array(z.union([column, pick]))),
      }),
    ),
  ),
});
const table = z.looseObject({
  ...described,
  identifier: text,
  loader: text,
  loaded_at_field: text,
  loaded_at_query: text,
  freshness,
  quoting,
  external: anything,
  tags: texts,
  tests,
  data_tests: tests,
  data_contract: dataContract,
  columns: z.nullish(z.array(column)),
  config: sourceConfig,
  data_type: text,
});
const source = z.looseObject({
  ...described,
  database: text,
  schema: text,
  loader: text,
  overrides: text,
  loaded_at_field: text,
  loaded_at_query: text,
  freshness,
  quoting,
  tags: texts,
  config: sourceConfig,
  tables: z.nullish(z.array(table)),
  tests: anything,
});
const owner = z.looseObject({ name: text, email: z.nullish(z.union([z.string(), z.array(z.string())])) });
const fixture = {
  rows: z.nullish(z.union([z.array(z.record(z.string(), z.unknown())), z.string()])),
  format: z.nullish(z.enum(['dict', 'csv', 'sql'])),
  fixture: text,
};
const said = (description: string) => z.describe<unknown>(description);
/** dbt knows those of models, with `expect`; the rest is dml's own. */
const unitTest = z.looseObject({
  ...described,
  model: text,
  snapshot: z.nullish(z.string()).check(said('The snapshot that the test is of, in the place of a model.')),
  macro: z.nullish(z.string()).check(said('The macro that the test is of, in the place of a model; `call` says how it is called.')),
  call: z.nullish(z.string()).check(said('A template that calls the macro: an expression, for each row of the input `rows`, or a query.')),
  given: z.nullish(z.array(z.looseObject({ input: z.string(), ...fixture }))),
  expect: z.nullish(z.looseObject({ ...fixture, text: z.nullish(z.string()).check(said('What the call of a macro prints.')) })),
  expect_table: z
    .nullish(z.looseObject({ ...fixture, runs: z.nullish(z.number()).check(said('How often the materialization runs. Default: once.')) }))
    .check(said('The rows of the table after its materialization has run. The input `this` is the table as it was before.')),
  expect_ctes: z.nullish(z.record(z.string(), z.looseObject(fixture))).check(said("The rows of the query's common table expressions, by their names.")),
  overrides: z.nullish(z.looseObject({ macros: anything, vars: anything, env_vars: anything, now: text })),
  versions: z.nullish(z.looseObject({ include: anything, exclude: anything })),
  tags: texts,
  config: looseConfig,
});
const named = z.looseObject({ name: z.string() });

/** A properties file (`schema.yml` and its kin): models, sources, tests and the rest, as dbt 1.11 takes them. */
export const propertiesSchema = z.looseObject({
  version: z.nullish(z.union([z.number(), z.string()])),
  models: z.nullish(z.array(model)),
  seeds: z.nullish(z.array(z.looseObject({ ...node, config: seedConfig }))),
  snapshots: z.nullish(z.array(z.looseObject({ ...node, relation: text, config: snapshotConfig }))),
  sources: z.nullish(z.array(source)),
  analyses: z.nullish(z.array(z.looseObject({ ...node, config: modelConfig }))),
  data_tests: z.nullish(z.array(z.looseObject({ ...described, config: testConfig }))),
  macros: z.nullish(
    z.array(
      z.looseObject({ ...described, config: anything, arguments: z.nullish(z.array(z.looseObject({ name: z.string(), type: text, description: text }))) }),
    ),
  ),
  exposures: z.nullish(
    z.array(
      z.looseObject({
        ...described,
        label: text,
        type: z.union([z.enum(['dashboard', 'notebook', 'analysis', 'ml', 'application']), template]),
        owner,
        maturity: z.nullish(z.union([z.enum(['low', 'medium', 'high']), template])),
        url: text,
        depends_on: z.nullish(z.array(z.string())),
        tags: texts,
        config: looseConfig,
      }),
    ),
  ),
  groups: z.nullish(z.array(z.looseObject({ name: z.string(), owner, description: text, config: anything }))),
  unit_tests: z.nullish(z.array(unitTest)),
  dml_unit_tests: z.nullish(z.array(unitTest)).check(said('The same as `unit_tests`, which dbt does not read: for tests that state what dbt does not know.')),
  functions: z.nullish(
    z.array(
      z.looseObject({
        ...described,
        config: functionConfig,
        access: text,
        arguments: z.nullish(z.array(argument)),
        returns: z.nullish(returned),
        columns: anything,
      }),
    ),
  ),
  metrics: z.nullish(z.array(named)),
  semantic_models: z.nullish(z.array(named)),
  saved_queries: z.nullish(z.array(named)),
  anchors: anything,
});
