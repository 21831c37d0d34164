import type { Dialect } from '../sql/index.ts';
import { fail } from '../text/index.ts';
import type { Ctes } from './ctes.ts';
import { type Grain, grainNames, grainOf } from './grain.ts';
import type { ItemName, MetricName } from './names.ts';
import { type Reached, reach, resolveName } from './reach.ts';
import type { Imports } from './rows.ts';
import type { Semantics, TimeSpine } from './semantics.ts';
import type { Leaf } from './tree.ts';

/** `metric_time` as what is grouped and filtered by: of each measure, the time dimension it is added up along. */
const METRIC_TIME = 'metric_time';

/** One thing to group or filter by, found: the same for all metrics of a query. */
export interface Wanted {
  /** The name of its column: `customer__region`, `metric_time__month`. */
  readonly column: string;
  /** Its whole name without a grain. */
  readonly name: string;
  /** Of time, unless it is a period or a part. */
  readonly grain: Grain | undefined;
  /** A period of the project's own: a column of the time spine. */
  readonly period: string | undefined;
  readonly part: string | undefined;
}

/** Days that a query is limited to, the first and the one after the last. */
export interface Range {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** What all parts of one query share. */
export interface Scope {
  readonly dialect: Dialect;
  readonly semantics: Semantics;
  readonly imports: Imports;
  readonly range: Range;
  readonly ctes: Ctes;
  /** The CTE of a metric by entities, and the columns that the entities have in it. */
  readonly totals: (metric: MetricName) => { readonly name: string; readonly columns: readonly string[] };
}

/** Finds what a name means to all these measures. Throws a diagnostic where it means nothing, or different things. */
export function wantedOf(semantics: Semantics, item: ItemName, leaves: readonly Leaf[]): Wanted {
  const from = leaves.map((l) => ({ metric: l.metric, model: l.measure.model }));
  const isMetricTime = item.path.length === 0 && item.element === METRIC_TIME && leaves.every((l) => l.measure.time);
  const name = isMetricTime ? METRIC_TIME : resolveName(semantics, item, from);
  const least = isMetricTime ? coarsest(leaves.map((l) => l.grain)) : grainAt(semantics, leaves[0], name);
  const periods = semantics.spines.flatMap((s) => [...s.custom.keys()]);
  const wrong = (least: string | undefined): never =>
    fail('metric-grain', { name: item.text, grain: item.grain ?? item.part ?? '', least, known: [...grainNames, ...periods] });
  if (!least) return item.grain === undefined && item.part === undefined ? plain(name) : wrong(undefined);
  if (item.part !== undefined) return { ...plain(name), column: `${name}__extract_${item.part}`, part: item.part };
  if (item.grain === undefined) return { ...plain(name), column: `${name}__${least.name}`, grain: least };
  const grain = grainOf(item.grain);
  if (!grain && !periods.includes(item.grain)) wrong(least.name);
  const known = isMetricTime ? coarsest(leaves.map((l) => l.measure.time?.grain)) : least;
  if (grain && known && grain.rank < known.rank) wrong(known.name);
  return { ...plain(name), column: `${name}__${item.grain}`, grain, period: grain ? undefined : item.grain };
}

const plain = (name: string): Wanted => ({ column: name, name, grain: undefined, period: undefined, part: undefined });

function coarsest(grains: readonly (Grain | undefined)[]): Grain | undefined {
  return grains.reduce((a, b) => (a && b ? (b.rank > a.rank ? b : a) : (a ?? b)), undefined);
}

function grainAt(semantics: Semantics, leaf: Leaf | undefined, name: string): Grain | undefined {
  const found = leaf && reachedBy(semantics, leaf, name);
  return found?.element.kind === 'dimension' ? found.element.grain : undefined;
}

/** What a whole name leads to from the rows of a measure; undefined for `metric_time`. */
export function reachedBy(semantics: Semantics, leaf: Leaf, name: string): Reached | undefined {
  return reach(semantics, leaf.measure.model).find((r) => r.name === name);
}

/** Whether something to group by is the time that a measure is added up along, by either of its names. */
export function isTimeOf(semantics: Semantics, leaf: Leaf, wanted: Wanted): boolean {
  if (wanted.name === METRIC_TIME) return true;
  const found = reachedBy(semantics, leaf, wanted.name);
  return found !== undefined && found.steps.length === 0 && found.element === leaf.measure.time;
}

/** The coarsest time spine that has each period of a grain. */
export function spineFor(semantics: Semantics, metric: string, grain: Grain): TimeSpine {
  return semantics.spines.find((s) => s.grain.rank <= grain.rank) ?? fail('metric-needs-spine', { metric, grain: grain.name });
}
