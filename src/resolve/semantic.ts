import { yamlToData } from '../context/index.ts';
import { closest, isMap, type Span, type Yaml, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { texts } from './columns.ts';
import { applyConfig, type ConfigDraft, isJsonMap, treeLevels } from './config.ts';
import { renderDescription } from './docs.ts';
import { type Lookup, refKey } from './find.ts';
import type { Json, JsonMap, RefArgs } from './manifest.ts';
import { dependsOn } from './others.ts';
import { type Entry, mapsOf, textOf } from './patches.ts';

// Semantic models, metrics and saved queries: no build runs them. They are kept for the manifest, for `graph`, for what selects by them, and for `metrics/`.

type Draft = { [key: string]: Json };

const trees = { semantic_model: 'semantic-models', metric: 'metrics', saved_query: 'saved-queries' } as const;

function json(v: Yaml | undefined): Json {
  return v === undefined ? null : (yamlToData(v) as Json);
}

function mapOf(v: Yaml | undefined): YamlMap {
  return v !== undefined && isMap(v) ? v : ({} as YamlMap);
}

/** The values under these keys, null where there is none. */
function picked(from: YamlMap, ...keys: readonly string[]): Draft {
  return Object.fromEntries(keys.map((key) => [key, json(from[key])]));
}

/** A window such as `28 days`: a count and a unit, or null. */
function timeWindow(v: Yaml | undefined): Json {
  if (typeof v !== 'string') return null;
  const [count = '', unit = ''] = v.toLowerCase().split(' ');
  const single = /^(nanosecond|microsecond|millisecond|second|minute|hour|day|week|month|quarter|year)s$/.exec(unit)?.[1];
  return { count: Number(count), granularity: single ?? unit };
}

function filterOf(v: Yaml | undefined): Json {
  if (v === undefined || v === null) return null;
  return { where_filters: (Array.isArray(v) ? v : [v]).map((f) => ({ where_sql_template: String(json(f)) })) };
}

/** What every kind has: names, place, and configuration from all levels. */
function common(
  b: Build,
  entry: Entry,
  kind: keyof typeof trees,
  defaults: ConfigDraft,
): { readonly base: Draft; readonly end: Draft; readonly config: ConfigDraft } {
  const { map, input, package: pkg } = entry;
  const name = String(map.name);
  const fqn = [pkg.name, ...input.relative.split('/').slice(0, -1), name];
  const { root } = b.project;
  const own = json(map.config);
  const levels = (rendered: boolean): JsonMap[] => {
    // dbt looks for the unrendered trees of two kinds under names that dbt_project.yml does not have.
    const levelsOf = (from: Entry['package']): readonly JsonMap[] =>
      rendered || kind === 'metric' ? treeLevels(b.trees(from, trees[kind], rendered), fqn) : [];
    return [...levelsOf(pkg), ...(isJsonMap(own) ? [own] : []), ...(pkg.isRoot ? [] : levelsOf(root))];
  };
  const config: ConfigDraft = { ...defaults };
  for (const level of levels(true)) applyConfig(config, level);
  const id = `${kind}.${pkg.name}.${name}`;
  const base = { name, resource_type: kind, package_name: pkg.name, path: input.relative, original_file_path: input.source.path, unique_id: id, fqn };
  const end = { config, unrendered_config: Object.assign({}, ...levels(false)) as Json, group: config.group ?? null, created_at: b.createdAt };
  return { base, end, config };
}

function described(b: Build, entry: Entry, missing: Json): Json {
  const { description } = entry.written;
  return typeof description === 'string' ? renderDescription(b, description, entry.package.name, entry.at) : missing;
}

function keep(b: Build, into: Map<string, JsonMap>, entry: Entry, item: Draft): void {
  const id = String(item.unique_id);
  if ((item.config as JsonMap).enabled === false) {
    b.disabledOthers.set(id, [...(b.disabledOthers.get(id) ?? []), item]);
    return;
  }
  if (into.has(id)) b.sink.add('duplicate-name', { name: String(item.name), kind: String(item.resource_type).replace('_', ' ') }, { at: entry.at });
  else into.set(id, item);
  b.places.set(item, new Map([['entry', entry.at]]));
}

/** Adds a semantic model, and a metric for each of its measures that asks for one. */
export function addSemanticModel(b: Build, entry: Entry): void {
  const { map } = entry;
  const { base, end, config } = common(b, entry, 'semantic_model', { enabled: true, group: null, meta: {} });
  const element = (item: YamlMap): Draft => ({ config: { meta: { ...(config.meta as JsonMap), ...(json(mapOf(item.config).meta) as JsonMap | null) } } });
  const { written, places } = dependsOn(b, entry, [{ text: textOf(map.model), at: entry.document.valueSpan(entry.written, 'model') }]);
  const measures = mapsOf(map.measures);
  const item: Draft = {
    ...base,
    model: json(map.model),
    node_relation: null,
    description: described(b, entry, null),
    label: json(map.label),
    defaults: map.defaults === undefined ? null : picked(mapOf(map.defaults), 'agg_time_dimension'),
    entities: mapsOf(map.entities).map((e) => ({ ...picked(e, 'name', 'type', 'description', 'label', 'role', 'expr'), ...element(e) })),
    measures: measures.map((m) => ({ ...measureOf(m), ...element(m) })),
    dimensions: mapsOf(map.dimensions).map((d) => ({ ...dimensionOf(d), ...element(d) })),
    metadata: null,
    depends_on: { macros: [], nodes: [] },
    refs: written.refs.map((r) => ({ ...r })),
    ...end,
    primary_entity: json(map.primary_entity),
  };
  keep(b, b.semanticModels, entry, item);
  b.places.set(item, places);
  for (const m of measures) {
    if (m.create_metric !== true) continue;
    const metric = {
      name: m.name,
      label: m.label ?? m.name,
      type: 'simple',
      type_params: { measure: m.name, expr: m.expr ?? m.name },
      description: m.description ?? `Metric created from measure ${String(m.name)}`,
    };
    const made = { ...metric, config: { enabled: config.enabled, meta: config.meta } } as unknown as YamlMap;
    addMetric(b, { ...entry, map: made, written: made, at: entry.document.valueSpan(m, 'name') });
  }
}

function measureOf(m: YamlMap): Draft {
  const { expr, non_additive_dimension: additive, agg_params: params } = m;
  return {
    ...picked(m, 'name', 'agg', 'description', 'label'),
    create_metric: false,
    expr: expr === undefined || expr === null ? null : scalar(expr),
    agg_params: isMap(params ?? null)
      ? { percentile: null, use_discrete_percentile: false, use_approximate_percentile: false, ...(json(params) as JsonMap) }
      : null,
    non_additive_dimension: isMap(additive ?? null) ? { window_groupings: [], ...(json(additive) as JsonMap) } : null,
    agg_time_dimension: json(m.agg_time_dimension),
  };
}

function dimensionOf(d: YamlMap): Draft {
  const { type_params: params } = d;
  const validity = mapOf(params).validity_params;
  return {
    ...picked(d, 'name', 'type', 'description', 'label'),
    is_partition: d.is_partition === true,
    type_params: isMap(params ?? null)
      ? {
          ...picked(mapOf(params), 'time_granularity'),
          validity_params: isMap(validity ?? null) ? { is_start: false, is_end: false, ...(json(validity) as JsonMap) } : null,
        }
      : null,
    expr: json(d.expr),
    metadata: null,
  };
}

/** A scalar as Python's `str` writes it. */
function scalar(v: Yaml): string {
  return v === true ? 'True' : v === false ? 'False' : String(json(v));
}

export function addMetric(b: Build, entry: Entry): void {
  const { map } = entry;
  const { base, end, config } = common(b, entry, 'metric', { enabled: true, group: null, meta: {} });
  const item: Draft = {
    ...base,
    description: described(b, entry, ''),
    ...picked(map, 'label', 'type'),
    type_params: typeParams(String(map.type), mapOf(map.type_params)),
    filter: filterOf(map.filter),
    metadata: null,
    time_granularity: json(map.time_granularity),
    meta: Object.keys(config.meta as JsonMap).length > 0 ? (config.meta as Json) : (json(map.meta) ?? {}),
    tags: texts(json(map.tags)),
    sources: [],
    depends_on: { macros: [], nodes: [] },
    refs: [],
    metrics: [],
    ...end,
  };
  keep(b, b.metrics, entry, item);
}

function typeParams(type: string, params: YamlMap): Draft {
  const { conversion_type_params: conversion, cumulative_type_params: given, expr } = params;
  const cumulative = mapOf(given);
  return {
    measure: measureInput(params.measure),
    input_measures: [],
    numerator: metricInput(params.numerator),
    denominator: metricInput(params.denominator),
    expr: expr === undefined || expr === null ? null : scalar(expr),
    window: timeWindow(params.window),
    grain_to_date: json(params.grain_to_date),
    metrics: Array.isArray(params.metrics) ? params.metrics.map(metricInput) : [],
    conversion_type_params: isMap(conversion ?? null) ? conversionParams(mapOf(conversion)) : null,
    cumulative_type_params:
      type.toLowerCase() === 'cumulative'
        ? {
            window: timeWindow(cumulative.window ?? params.window),
            grain_to_date: json(cumulative.grain_to_date ?? params.grain_to_date),
            period_agg: json(cumulative.period_agg ?? 'first'),
            metric: null,
          }
        : null,
    metric_aggregation_params: null,
  };
}

function conversionParams(c: YamlMap): Draft {
  return {
    base_measure: measureInput(c.base_measure),
    conversion_measure: measureInput(c.conversion_measure),
    entity: json(c.entity),
    calculation: json(c.calculation ?? 'conversion_rate'),
    window: timeWindow(c.window),
    constant_properties: json(c.constant_properties),
  };
}

/** A measure a metric is made of: a name, or a mapping. */
function measureInput(v: Yaml | undefined): Json {
  if (v === undefined || v === null) return null;
  const m = isMap(v) ? v : ({ name: v } as YamlMap);
  return {
    name: json(m.name),
    filter: filterOf(m.filter),
    alias: json(m.alias),
    join_to_timespine: m.join_to_timespine === true,
    fill_nulls_with: json(m.fill_nulls_with),
  };
}

function metricInput(v: Yaml | undefined): Json {
  if (v === undefined || v === null) return null;
  const m = isMap(v) ? v : ({ name: v } as YamlMap);
  return {
    name: json(m.name),
    filter: filterOf(m.filter),
    alias: json(m.alias),
    offset_window: timeWindow(m.offset_window),
    offset_to_grain: json(m.offset_to_grain),
  };
}

export function addSavedQuery(b: Build, entry: Entry): void {
  const { map } = entry;
  const { base, end, config } = common(b, entry, 'saved_query', {
    enabled: true,
    group: null,
    meta: {},
    export_as: null,
    schema: null,
    cache: { enabled: false },
  });
  const params = mapOf(map.query_params);
  const { targetDatabase, targetSchema } = b.invocation;
  const item: Draft = {
    ...base,
    query_params: {
      metrics: texts(json(params.metrics)),
      group_by: texts(json(params.group_by)),
      where: filterOf(params.where),
      order_by: texts(json(params.order_by)),
      limit: json(params.limit),
    },
    exports: mapsOf(map.exports).map((e): Draft => {
      const own = mapOf(e.config);
      const exported = {
        export_as: json(own.export_as) ?? config.export_as ?? null,
        schema_name: json(own.schema) ?? config.schema ?? targetSchema,
        alias: json(own.alias) ?? json(e.name),
        database: targetDatabase,
      };
      return { name: json(e.name), config: exported, unrendered_config: json(e.config) ?? {} };
    }),
    description: described(b, entry, null),
    label: json(map.label),
    metadata: null,
    depends_on: { macros: [], nodes: [] },
    refs: [],
    tags: [...new Set([...texts(json(map.tags)), ...texts(config.tags)])].sort(),
    ...end,
  };
  keep(b, b.savedQueries, entry, item);
}

/** Links semantic models to models, metrics to both, saved queries to metrics. */
export function linkSemantics(b: Build, lookup: Lookup): void {
  for (const item of b.semanticModels.values()) linkModel(b, item, lookup);
  const measures = new Map<string, string>();
  for (const [id, item] of b.semanticModels) for (const m of item.measures as readonly JsonMap[]) measures.set(String(m.name), id);
  const done = new Set<JsonMap>();
  for (const metric of b.metrics.values()) linkMetric(b, metric, measures, done);
  for (const query of b.savedQueries.values())
    for (const name of (query.query_params as JsonMap).metrics as readonly string[]) {
      const found = findMetric(b, name, query);
      if (found) nodesOf(query).push(String(found.unique_id));
    }
}

function linkModel(b: Build, item: JsonMap, lookup: Lookup): void {
  for (const ref of item.refs as unknown as readonly RefArgs[]) {
    const found = lookup.ref(ref, String(item.package_name));
    const at = b.places.get(item)?.get(refKey(ref));
    if (found?.kind === 'found') {
      const { alias, schema, database, relation_name, unique_id } = found.node;
      addTo(nodesOf(item), unique_id);
      (item as Draft).node_relation = { alias, schema_name: schema, database, relation_name };
    } else if (found)
      b.sink.add('ref-disabled', { name: ref.name, node: String(item.name) }, { at, related: [{ message: 'it is disabled', at: found.node.at }] });
    else b.sink.add('ref-not-found', { name: ref.name, node: String(item.name), near: closest(ref.name, lookup.refNames()) }, { at });
  }
}

function linkMetric(b: Build, metric: JsonMap, measures: ReadonlyMap<string, string>, done: Set<JsonMap>): void {
  if (done.has(metric)) return;
  done.add(metric);
  const params = metric.type_params as Draft;
  const conversion = params.conversion_type_params as JsonMap | null;
  const inputs = params.input_measures as Json[];
  const needed = metric.type === 'ratio' ? [params.numerator, params.denominator] : metric.type === 'derived' ? (params.metrics as readonly Json[]) : [];
  for (const input of needed) {
    const found = isJsonMap(input) ? findMetric(b, String(input.name), metric) : undefined;
    if (!found) continue;
    linkMetric(b, found, measures, done);
    for (const m of (found.type_params as JsonMap).input_measures as readonly JsonMap[])
      if (!inputs.some((i) => (i as JsonMap).name === m.name)) inputs.push(m);
    addTo(nodesOf(metric), String(found.unique_id));
  }
  for (const measure of [params.measure, conversion?.base_measure, conversion?.conversion_measure]) {
    if (!isJsonMap(measure)) continue;
    inputs.push(measure);
    const name = String(measure.name);
    const id = measures.get(name);
    if (id === undefined)
      b.sink.add('measure-not-found', { name, metric: String(metric.name), near: closest(name, measures.keys()) }, { at: placeOf(b, metric) });
    else addTo(nodesOf(metric), id);
  }
}

/** The metric of a name: of the package itself, else of any. */
function findMetric(b: Build, name: string, from: JsonMap): JsonMap | undefined {
  const found = metricNamed(b, name, String(from.package_name));
  if (!found)
    b.sink.add(
      'metric-not-found',
      {
        name,
        node: String(from.name),
        near: closest(
          name,
          [...b.metrics.values()].map((m) => String(m.name)),
        ),
      },
      { at: placeOf(b, from) },
    );
  return found;
}

/** The metric of a name: of the root project, of the given package, else of any. */
export function metricNamed(b: Build, name: string, packageName: string): JsonMap | undefined {
  const own = b.metrics.get(`metric.${b.project.root.name}.${name}`) ?? b.metrics.get(`metric.${packageName}.${name}`);
  return own ?? [...b.metrics.values()].find((m) => m.name === name);
}

function placeOf(b: Build, item: JsonMap): Span | undefined {
  return b.places.get(item)?.get('entry');
}

function nodesOf(item: JsonMap): string[] {
  return (item.depends_on as { readonly nodes: readonly string[] }).nodes as string[];
}

function addTo(list: string[], id: string): void {
  if (!list.includes(id)) list.push(id);
}
