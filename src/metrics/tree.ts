import { closest, fail } from '../text/index.ts';
import type { Grain } from './grain.ts';
import type { Filter, NameReader } from './names.ts';
import type { Conversion, Measure, MeasureInput, Metric, MetricInput, Offset, Recipe, Semantics } from './semantics.ts';

/** A measure aggregated under conditions: what all metrics are made of. */
export interface Leaf {
  /** The metric it is computed for. */
  readonly metric: string;
  /** The metric of the query it is a part of. */
  readonly query: string;
  /** The name of its column. */
  readonly column: string;
  readonly measure: Measure;
  /** Takes the place of NULL. */
  readonly fill: number | null;
  /** Has a row for each time of the calendar, whether there is anything or not. */
  readonly joinToSpine: boolean;
  /** Of the metric itself. */
  readonly filters: readonly Filter[];
  /** Of the query, and of the metrics it is an input of. */
  readonly outer: readonly Filter[];
  /** How far back it looks, the outermost metric's offset first. */
  readonly offsets: readonly Offset[];
  readonly cumulative: Extract<Recipe, { readonly type: 'cumulative' }> | undefined;
  /** The grain of `metric_time` where none is named. */
  readonly grain: Grain | undefined;
}

/** A metric, taken apart down to its measures. */
export type Tree =
  | { readonly kind: 'leaf'; readonly name: string; readonly leaf: Leaf }
  | { readonly kind: 'ratio'; readonly name: string; readonly numerator: Tree; readonly denominator: Tree }
  | { readonly kind: 'derived'; readonly name: string; readonly expr: string; readonly inputs: readonly { readonly name: string; readonly tree: Tree }[] }
  | { readonly kind: 'conversion'; readonly name: string; readonly base: Leaf; readonly conversion: Leaf; readonly how: Conversion };

/** What a metric gets from those it is an input of. */
interface Above {
  readonly alias: string | undefined;
  readonly filters: readonly Filter[];
  readonly offsets: readonly Offset[];
  /** Names of the metrics above it. */
  readonly chain: readonly string[];
}

/** Takes a metric apart; `where` are the conditions of the query. Throws a diagnostic for a name that is not there and for a metric made of itself. */
export function treeOf(semantics: Semantics, name: string, where: readonly Filter[], reader: NameReader): Tree {
  const grow = (metricName: string, above: Above): Tree => {
    const metric = semantics.metrics.get(metricName);
    if (!metric) fail('metric-unknown', { name: metricName, near: closest(metricName, semantics.metrics.keys()), known: [...semantics.metrics.keys()].sort() });
    const chain = [...above.chain, metricName];
    if (above.chain.includes(metricName)) fail('metric-cycle', { chain: chain.slice(chain.indexOf(metricName)) });
    const { recipe } = metric;
    const column = above.alias ?? metricName;
    const own = metric.filters.map(reader.filter);
    const leaf = (input: MeasureInput): Leaf =>
      leafOf(semantics, metric, input, reader, own, { ...above, alias: recipe.type === 'conversion' ? input.name : column });
    const input = (i: MetricInput): Tree => {
      const filters = [...i.filters.map(reader.filter), ...own, ...above.filters];
      return grow(i.name, { alias: i.alias, filters, offsets: [...above.offsets, ...(i.offset ? [i.offset] : [])], chain });
    };
    switch (recipe.type) {
      case 'simple':
      case 'cumulative':
        return { kind: 'leaf', name: column, leaf: leaf(recipe.measure) };
      case 'ratio':
        return { kind: 'ratio', name: column, numerator: input(recipe.numerator), denominator: input(recipe.denominator) };
      case 'derived':
        return { kind: 'derived', name: column, expr: recipe.expr, inputs: recipe.inputs.map((i) => ({ name: i.alias ?? i.name, tree: input(i) })) };
      case 'conversion': {
        const { conversion } = recipe;
        if (above.offsets.length > 0) fail('metric-unsupported', { what: `an offset of the conversion metric \`${metricName}\`` });
        // Conditions are those of what may become something: of what became of it, only its measure's own.
        const became = leafOf(semantics, metric, conversion.conversion, reader, [], { ...above, alias: column, filters: [] });
        return { kind: 'conversion', name: column, base: leaf(conversion.base), conversion: became, how: conversion };
      }
    }
  };
  return grow(name, { alias: undefined, filters: where, offsets: [], chain: [] });
}

function leafOf(semantics: Semantics, metric: Metric, input: MeasureInput, reader: NameReader, own: readonly Filter[], above: Above): Leaf {
  const measure = semantics.measures.get(input.name);
  if (!measure) throw new Error(`the project was resolved, but ${input.name} is no measure`);
  const { recipe } = metric;
  if (measure.model.table === undefined) fail('metric-unsupported', { what: `the semantic model \`${measure.model.name}\`, whose model is ephemeral,` });
  return {
    metric: metric.name,
    query: above.chain[0] ?? metric.name,
    column: above.alias ?? metric.name,
    measure,
    fill: input.fill,
    joinToSpine: input.joinToSpine,
    filters: [...input.filters.map(reader.filter), ...own],
    outer: above.filters,
    offsets: above.offsets,
    cumulative: recipe.type === 'cumulative' ? recipe : undefined,
    grain: metric.grain ?? measure.time?.grain,
  };
}

/** The measures a metric is made of, from left to right. */
export function leavesOf(tree: Tree): readonly Leaf[] {
  switch (tree.kind) {
    case 'leaf':
      return [tree.leaf];
    case 'ratio':
      return [...leavesOf(tree.numerator), ...leavesOf(tree.denominator)];
    case 'derived':
      return tree.inputs.flatMap((i) => leavesOf(i.tree));
    case 'conversion':
      return [tree.base];
  }
}
