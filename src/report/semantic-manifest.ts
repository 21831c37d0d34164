import type { Json, JsonMap, Manifest, ModelNode } from '../resolve/index.ts';

/** Which keys of a value are written: `true` for all of what is below one. In a list each item is meant. */
type Shape = { readonly [key: string]: true | Shape };

const ELEMENT = { name: true, description: true, label: true, expr: true, metadata: true, config: { meta: true } } as const;
const SEMANTIC_MODEL: Shape = {
  name: true,
  defaults: true,
  description: true,
  node_relation: true,
  primary_entity: true,
  entities: { ...ELEMENT, type: true, role: true },
  measures: { ...ELEMENT, agg: true, create_metric: true, agg_params: true, non_additive_dimension: true, agg_time_dimension: true },
  dimensions: { ...ELEMENT, type: true, is_partition: true, type_params: true },
  label: true,
  metadata: true,
  config: { meta: true },
};
const METRIC: Shape = {
  name: true,
  description: true,
  type: true,
  type_params: {
    measure: true,
    numerator: true,
    denominator: true,
    expr: true,
    window: true,
    grain_to_date: true,
    metrics: true,
    conversion_type_params: true,
    cumulative_type_params: { window: true, grain_to_date: true, period_agg: true },
    input_measures: true,
  },
  filter: true,
  metadata: true,
  label: true,
  config: { meta: true },
  time_granularity: true,
};
const SAVED_QUERY: Shape = {
  name: true,
  query_params: true,
  description: true,
  metadata: true,
  label: true,
  exports: { name: true, config: { export_as: true, schema_name: true, alias: true } },
  tags: true,
};

/** The library that dbt 1.11 writes the file with: readers look at its version. */
const INTERFACES = { major_version: '0', minor_version: '9', patch_version: '0' };

/** The calendar that a project has without saying so. */
const LEGACY_SPINE = 'metricflow_time_spine';

/** semantic_manifest.json: what MetricFlow reads of semantic models, metrics, saved queries and calendars. */
export function semanticManifestJson({ nodes, others }: Manifest): string {
  const models = [...nodes.values()].filter((n): n is ModelNode => n.resource_type === 'model');
  const legacy = others.semanticModels.size > 0 ? models.find((n) => n.name === LEGACY_SPINE && n.time_spine === null) : undefined;
  const list = (items: ReadonlyMap<string, JsonMap>, shape: Shape) => [...items.values()].map((item) => picked(item, shape));
  return JSON.stringify({
    semantic_models: list(others.semanticModels, SEMANTIC_MODEL),
    metrics: list(others.metrics, METRIC),
    project_configuration: {
      time_spine_table_configurations: legacy ? [{ location: legacy.relation_name, column_name: 'date_day', grain: 'day' }] : [],
      metadata: null,
      dsi_package_version: INTERFACES,
      time_spines: models.flatMap((n) => (n.time_spine === null ? [] : [timeSpine(n, n.time_spine)])),
    },
    saved_queries: list(others.savedQueries, SAVED_QUERY),
  });
}

function timeSpine(n: ModelNode, spine: JsonMap): JsonMap {
  const name = String(spine['standard_granularity_column']);
  return {
    node_relation: { alias: n.alias, schema_name: n.schema, database: n.database, relation_name: n.relation_name },
    primary_column: { name, time_granularity: n.columns[name]?.granularity ?? null },
    custom_granularities: spine['custom_granularities'] ?? [],
  };
}

function picked(value: Json | undefined, shape: Shape): Json {
  if (value === undefined || value === null || typeof value !== 'object') return null;
  if (Array.isArray(value)) return value.map((item) => picked(item, shape));
  const map = value as JsonMap;
  return Object.fromEntries(Object.entries(shape).map(([key, below]) => [key, below === true ? (map[key] ?? null) : picked(map[key], below)]));
}
