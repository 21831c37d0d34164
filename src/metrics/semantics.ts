import type { JsonMap, Manifest, Node } from '../resolve/index.ts';
import { DAY, type Grain, grainOf } from './grain.ts';

/** What joins two semantic models: a key, and what it is in one of them. */
export interface Entity {
  readonly kind: 'entity';
  readonly name: string;
  readonly type: 'primary' | 'unique' | 'foreign' | 'natural';
  readonly expr: string;
}

/** A column to group by and to filter by; one of time has the grain it is known at. */
export interface Dimension {
  readonly kind: 'dimension';
  readonly name: string;
  readonly expr: string;
  readonly grain: Grain | undefined;
  readonly description: string | null;
}

/** How one measure of rows that cannot be added up over time is taken: from the rows of the first or last time in each grouping. */
export interface NonAdditive {
  readonly dimension: string;
  readonly choice: 'min' | 'max';
  /** Names of entities. */
  readonly groupings: readonly string[];
}

export interface Measure {
  readonly name: string;
  readonly agg: string;
  readonly expr: string;
  readonly percentile: { readonly at: number; readonly discrete: boolean };
  readonly nonAdditive: NonAdditive | undefined;
  /** The time dimension that `metric_time` means for it. */
  readonly time: Dimension | undefined;
  readonly model: Model;
}

/** A semantic model, with the relation its rows are in. */
export interface Model {
  readonly name: string;
  /** SQL of the relation; undefined where the model has none (it is ephemeral). */
  readonly table: string | undefined;
  readonly primaryEntity: string | undefined;
  readonly entities: readonly Entity[];
  readonly dimensions: readonly Dimension[];
  readonly measures: readonly Measure[];
  /** For models whose rows hold for a time: the columns where it begins and ends. */
  readonly validity: { readonly start: Dimension; readonly end: Dimension } | undefined;
}

/** `28 days`. */
export interface TimeWindow {
  readonly count: number;
  readonly granularity: Grain;
}

/** How far back an input of a derived metric looks. */
export type Offset = { readonly window: TimeWindow } | { readonly toGrain: Grain };

export interface MeasureInput {
  readonly name: string;
  readonly filters: readonly string[];
  readonly joinToSpine: boolean;
  readonly fill: number | null;
}

export interface MetricInput {
  readonly name: string;
  readonly alias: string | undefined;
  readonly filters: readonly string[];
  readonly offset: Offset | undefined;
}

export interface Conversion {
  readonly base: MeasureInput;
  readonly conversion: MeasureInput;
  readonly entity: string;
  readonly rate: boolean;
  readonly window: TimeWindow | undefined;
  /** Dimensions that must be equal in both rows: base's, conversion's. */
  readonly constants: readonly (readonly [string, string])[];
}

export type Recipe =
  | { readonly type: 'simple'; readonly measure: MeasureInput }
  | {
      readonly type: 'cumulative';
      readonly measure: MeasureInput;
      readonly window: TimeWindow | undefined;
      readonly toDate: Grain | undefined;
      readonly period: 'first' | 'last' | 'average';
    }
  | { readonly type: 'ratio'; readonly numerator: MetricInput; readonly denominator: MetricInput }
  | { readonly type: 'derived'; readonly expr: string; readonly inputs: readonly MetricInput[] }
  | { readonly type: 'conversion'; readonly conversion: Conversion };

export interface Metric {
  readonly name: string;
  readonly label: string | null;
  readonly description: string;
  readonly filters: readonly string[];
  /** The grain of `metric_time` where a query names none. */
  readonly grain: Grain | undefined;
  readonly recipe: Recipe;
}

export interface SavedQuery {
  readonly name: string;
  readonly metrics: readonly string[];
  readonly groupBy: readonly string[];
  readonly where: readonly string[];
  readonly orderBy: readonly string[];
  readonly limit: number | undefined;
}

/** A table with a row for each day (hour, ...), whatever happened on it. */
export interface TimeSpine {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly grain: Grain;
  /** Columns of periods of the project's own, by name. */
  readonly custom: ReadonlyMap<string, string>;
}

/** All of a manifest that metrics are computed from. The root project's metrics come before those of packages that are called the same. */
export interface Semantics {
  readonly models: readonly Model[];
  /** By the name of an entity, the models in which at most one row has a value of it. */
  readonly keyed: ReadonlyMap<string, readonly Model[]>;
  readonly measures: ReadonlyMap<string, Measure>;
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly savedQueries: ReadonlyMap<string, SavedQuery>;
  /** Coarsest first. */
  readonly spines: readonly TimeSpine[];
}

/** Reads what a manifest says of semantic models, metrics, saved queries and time spines. */
export function semanticsOf(manifest: Manifest): Semantics {
  const { others, nodes, project } = manifest;
  const root = project.root.name;
  const models = [...others.semanticModels.values()].map(modelOf);
  const named = <T extends { readonly name: string }>(items: ReadonlyMap<string, JsonMap>, make: (item: JsonMap) => T): Map<string, T> => {
    const own = [...items.values()].sort((a, b) => Number(a.package_name !== root) - Number(b.package_name !== root));
    return new Map(own.reverse().map((item) => [String(item.name), make(item)]));
  };
  return {
    models,
    keyed: keyedBy(models),
    measures: new Map(models.flatMap((m) => m.measures.map((measure) => [measure.name, measure]))),
    metrics: named(others.metrics, metricOf),
    savedQueries: named(others.savedQueries, savedQueryOf),
    spines: [...nodes.values()].flatMap(spinesOf).sort((a, b) => b.grain.rank - a.grain.rank),
  };
}

/** Whether at most one row of a model has a value of the entity. */
export const isKey = (e: Entity): boolean => e.type !== 'foreign';

function keyedBy(models: readonly Model[]): ReadonlyMap<string, readonly Model[]> {
  const names = new Set(models.flatMap((m) => m.entities.filter(isKey).map((e) => e.name)));
  return new Map([...names].map((name) => [name, models.filter((m) => m.entities.some((e) => e.name === name && isKey(e)))]));
}

const mapsOf = (v: unknown): readonly JsonMap[] => (Array.isArray(v) ? (v as readonly JsonMap[]) : []);
const textOf = (v: unknown): string | undefined => (v === null || v === undefined ? undefined : String(v));
const textsOf = (v: unknown): readonly string[] => (Array.isArray(v) ? v.map(String) : []);

function modelOf(item: JsonMap): Model {
  const dimensions = mapsOf(item.dimensions).map(dimensionOf);
  const bound = (side: 'is_start' | 'is_end'): Dimension | undefined => {
    const at = mapsOf(item.dimensions).findIndex((d) => ((d.type_params as JsonMap | null)?.validity_params as JsonMap | null)?.[side] === true);
    return dimensions[at];
  };
  const [start, end] = [bound('is_start'), bound('is_end')];
  const measures: Measure[] = [];
  const model: Model = {
    name: String(item.name),
    table: textOf((item.node_relation as JsonMap | null)?.relation_name),
    primaryEntity: textOf(item.primary_entity),
    entities: mapsOf(item.entities).map(entityOf),
    dimensions,
    measures,
    validity: start && end && { start, end },
  };
  const usual = textOf((item.defaults as JsonMap | null)?.agg_time_dimension);
  for (const m of mapsOf(item.measures)) measures.push(measureOf(m, model, textOf(m.agg_time_dimension) ?? usual));
  return model;
}

function entityOf(e: JsonMap): Entity {
  const name = String(e.name);
  return { kind: 'entity', name, type: String(e.type).toLowerCase() as Entity['type'], expr: textOf(e.expr) ?? name };
}

function dimensionOf(d: JsonMap): Dimension {
  const name = String(d.name);
  const isTime = String(d.type).toLowerCase() === 'time';
  const grain = grainOf(textOf((d.type_params as JsonMap | null)?.time_granularity) ?? 'day');
  return { kind: 'dimension', name, expr: textOf(d.expr) ?? name, grain: isTime ? grain : undefined, description: textOf(d.description) ?? null };
}

function measureOf(m: JsonMap, model: Model, time: string | undefined): Measure {
  const name = String(m.name);
  const params = m.agg_params as JsonMap | null;
  const additive = m.non_additive_dimension as JsonMap | null;
  return {
    name,
    agg: String(m.agg).toLowerCase(),
    expr: textOf(m.expr) ?? name,
    percentile: { at: Number(params?.percentile ?? 0.5), discrete: params?.use_discrete_percentile === true },
    nonAdditive: additive
      ? {
          dimension: String(additive.name),
          choice: String(additive.window_choice ?? 'min').toLowerCase() === 'max' ? 'max' : 'min',
          groupings: textsOf(additive.window_groupings),
        }
      : undefined,
    time: model.dimensions.find((d) => d.name === time),
    model,
  };
}

function filtersOf(v: unknown): readonly string[] {
  return mapsOf((v as JsonMap | null | undefined)?.where_filters).map((f) => String(f.where_sql_template));
}

function windowOf(v: unknown): TimeWindow | undefined {
  const w = v as JsonMap | null | undefined;
  const granularity = grainOf(textOf(w?.granularity) ?? '');
  return w && granularity ? { count: Number(w.count), granularity } : undefined;
}

function measureInputOf(v: unknown): MeasureInput {
  const m = v as JsonMap;
  return {
    name: String(m.name),
    filters: filtersOf(m.filter),
    joinToSpine: m.join_to_timespine === true,
    fill: m.fill_nulls_with === null ? null : Number(m.fill_nulls_with),
  };
}

function metricInputOf(v: unknown): MetricInput {
  const m = v as JsonMap;
  const window = windowOf(m.offset_window);
  const toGrain = grainOf(textOf(m.offset_to_grain) ?? '');
  return {
    name: String(m.name),
    alias: textOf(m.alias),
    filters: filtersOf(m.filter),
    offset: window ? { window } : toGrain && { toGrain },
  };
}

function metricOf(item: JsonMap): Metric {
  return {
    name: String(item.name),
    label: textOf(item.label) ?? null,
    description: textOf(item.description) ?? '',
    filters: filtersOf(item.filter),
    grain: grainOf(textOf(item.time_granularity) ?? ''),
    recipe: recipeOf(String(item.type).toLowerCase(), item.type_params as JsonMap),
  };
}

function recipeOf(type: string, params: JsonMap): Recipe {
  switch (type) {
    case 'ratio':
      return { type, numerator: metricInputOf(params.numerator), denominator: metricInputOf(params.denominator) };
    case 'derived':
      return { type, expr: String(params.expr), inputs: mapsOf(params.metrics).map(metricInputOf) };
    case 'conversion':
      return { type, conversion: conversionOf(params.conversion_type_params as JsonMap) };
    case 'cumulative': {
      const c = params.cumulative_type_params as JsonMap;
      const period = String(c.period_agg).toLowerCase() as 'first' | 'last' | 'average';
      return { type, measure: measureInputOf(params.measure), window: windowOf(c.window), toDate: grainOf(textOf(c.grain_to_date) ?? ''), period };
    }
    default:
      return { type: 'simple', measure: measureInputOf(params.measure) };
  }
}

function conversionOf(c: JsonMap): Conversion {
  return {
    base: measureInputOf(c.base_measure),
    conversion: measureInputOf(c.conversion_measure),
    entity: String(c.entity),
    rate: String(c.calculation).toLowerCase() !== 'conversions',
    window: windowOf(c.window),
    constants: mapsOf(c.constant_properties).map((p) => [String(p.base_property), String(p.conversion_property)]),
  };
}

function savedQueryOf(item: JsonMap): SavedQuery {
  const params = item.query_params as JsonMap;
  return {
    name: String(item.name),
    metrics: textsOf(params.metrics),
    groupBy: textsOf(params.group_by),
    where: filtersOf(params.where),
    orderBy: textsOf(params.order_by),
    limit: params.limit === null ? undefined : Number(params.limit),
  };
}

/** The calendar that a model is. A model of dbt's older name is one of days, without saying so. */
function spinesOf(node: Node): readonly TimeSpine[] {
  if (node.resource_type !== 'model' || node.relation_name === null) return [];
  const { name, relation_name: table, columns, time_spine: spine } = node;
  if (!spine) return name === 'metricflow_time_spine' ? [{ name, table, column: 'date_day', grain: DAY, custom: new Map() }] : [];
  const column = String(spine.standard_granularity_column);
  const grain = grainOf(columns[column]?.granularity ?? 'day');
  const custom = mapsOf(spine.custom_granularities).map((g): [string, string] => [String(g.name), textOf(g.column_name) ?? String(g.name)]);
  return grain ? [{ name, table, column, grain, custom: new Map(custom) }] : [];
}
