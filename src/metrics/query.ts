import type { Environment } from '../jinja/index.ts';
import type { Dialect } from '../sql/index.ts';
import { closest, fail } from '../text/index.ts';
import { statementOf } from './compose.ts';
import { Ctes } from './ctes.ts';
import { DAY, dayOf, type Grain, periodEnd, periodStart } from './grain.ts';
import { type MetricName, type NameReader, nameReader } from './names.ts';
import { Imports } from './rows.ts';
import { isTimeOf, type Range, type Scope, type Wanted, wantedOf } from './scope.ts';
import type { Semantics } from './semantics.ts';
import { identifier } from './text.ts';
import { leavesOf, type Tree, treeOf } from './tree.ts';

/** What to compute: metrics by what, or what a saved query says. All names are as they are written on the command line or in a saved query. */
export interface MetricsRequest {
  readonly metrics?: readonly string[];
  /** Instead of `metrics` and `groupBy`. Conditions are added to its own; order and limit come before them. */
  readonly savedQuery?: string | undefined;
  /** `metric_time__month`, `customer__region`, or `TimeDimension('metric_time', 'month')`. */
  readonly groupBy?: readonly string[];
  /** Conditions, all of which hold: `{{ Dimension('customer__region') }} = 'north'`. */
  readonly where?: readonly string[];
  /** Names of what is grouped by and of metrics; with a `-` in front the greatest first. */
  readonly orderBy?: readonly string[];
  readonly limit?: number | undefined;
  /** The first and the last day of `metric_time`: `2026-01-31`. They reach to the ends of the periods that are asked for. */
  readonly startTime?: string | undefined;
  readonly endTime?: string | undefined;
}

/** The SQL of a query of metrics: one column for each thing that is grouped by, then one for each metric. Throws a diagnostic for what is wrong with it. */
export function metricsSql(semantics: Semantics, request: MetricsRequest, environment: Environment, dialect: Dialect): string {
  const reader = nameReader(environment, new Set(semantics.spines.flatMap((s) => [...s.custom.keys()])));
  const asked = withSaved(semantics, request);
  const { text, wanted, trees } = answer({ semantics, reader, dialect, within: [] }, asked);
  const order = orderOf(asked, wanted, trees, reader, (name) => identifier(dialect, name));
  return [text, ...(order.length > 0 ? [`order by ${order.join(', ')}`] : []), ...(asked.limit === undefined ? [] : [`limit ${asked.limit}`])].join('\n');
}

/** What a query is written with. */
interface Writing {
  readonly semantics: Semantics;
  readonly reader: NameReader;
  readonly dialect: Dialect;
  /** The metrics whose conditions the query stands in. */
  readonly within: readonly string[];
}

/** A query without order and limit. */
interface Answer {
  readonly text: string;
  readonly wanted: readonly Wanted[];
  readonly trees: readonly Tree[];
}

function answer(writing: Writing, request: MetricsRequest): Answer {
  const { semantics, reader, dialect } = writing;
  if (!request.metrics?.length)
    fail('metric-query', { problem: 'no metric is asked for', advice: 'name some with `--metrics`, or a saved query with `--saved-query`' });
  const where = (request.where ?? []).map(reader.filter);
  const trees = [...new Set(request.metrics)].map((name) => treeOf(semantics, name, where, reader));
  const leaves = trees.flatMap(leavesOf);
  const all = (request.groupBy ?? []).map((text) => wantedOf(semantics, reader.item(text), leaves));
  const wanted = all.filter((w, i) => all.findIndex((other) => other.column === w.column) === i);
  const times = wanted.filter((w) => leaves.every((l) => isTimeOf(semantics, l, w)));
  const ctes = new Ctes();
  const totals = (metric: MetricName) => totalsOf(writing, ctes, metric);
  const scope: Scope = { dialect, semantics, ctes, imports: new Imports(dialect, ctes), range: rangeOf(request, times), totals };
  const statement = statementOf(scope, wanted, trees);
  const withs = statement.ctes.map(([name, text]) => `${identifier(dialect, name)} as (\n${text.replace(/^/gm, '  ')}\n)`);
  return { text: [...(withs.length > 0 ? [`with ${withs.join(', ')}`] : []), statement.last].join('\n'), wanted, trees };
}

/** A metric that a condition compares, as a query of its own in a CTE: of all time, whatever the conditions around it are. */
function totalsOf(writing: Writing, ctes: Ctes, { metric, by }: MetricName): { readonly name: string; readonly columns: readonly string[] } {
  const within = [...writing.within, metric];
  if (writing.within.includes(metric)) fail('metric-cycle', { chain: within.slice(within.indexOf(metric)) });
  const { text, wanted } = answer({ ...writing, within }, { metrics: [metric], groupBy: by });
  return { name: ctes.add([...by, metric].join('__'), text), columns: wanted.map((w) => w.column) };
}

/** The request with what its saved query says. */
function withSaved(semantics: Semantics, request: MetricsRequest): MetricsRequest {
  const { savedQuery: name, where = [], orderBy = [], limit } = request;
  if (name === undefined) return request;
  if (request.metrics?.length || request.groupBy?.length)
    fail('metric-query', { problem: 'a saved query says itself which metrics, and by what', advice: 'leave the metrics and what to group by out' });
  const saved = semantics.savedQueries.get(name) ?? fail('metric-saved-query', { name, near: closest(name, semantics.savedQueries.keys()) });
  return {
    ...request,
    metrics: saved.metrics,
    groupBy: saved.groupBy,
    where: [...saved.where, ...where],
    orderBy: orderBy.length > 0 ? orderBy : saved.orderBy,
    limit: limit ?? saved.limit,
  };
}

/** The days of a query, reaching to the ends of the periods that are asked for. */
function rangeOf({ startTime, endTime }: MetricsRequest, times: readonly Wanted[]): Range {
  const day = (text: string): string => dayOf(text) ?? fail('metric-query', { problem: `\`${text}\` is no day`, advice: 'write it as in 2026-01-31' });
  const grain = times.reduce<Grain | undefined>((a, { grain: b }) => (a && b ? (b.rank < a.rank ? b : a) : (a ?? b)), undefined) ?? DAY;
  const start = startTime === undefined ? undefined : periodStart(day(startTime), grain);
  const end = endTime === undefined ? undefined : periodEnd(day(endTime), grain);
  if (start !== undefined && end !== undefined && start >= end)
    fail('metric-query', { problem: `the time from ${startTime} to ${endTime} ends before it begins` });
  return { start, end };
}

function orderOf(
  { orderBy = [] }: MetricsRequest,
  wanted: readonly Wanted[],
  trees: readonly Tree[],
  reader: NameReader,
  id: (name: string) => string,
): readonly string[] {
  const columns = [...wanted.map((w) => w.column), ...trees.map((t) => t.name)];
  // Without an order of its own a result has that of its groups, so that two runs print the same.
  if (orderBy.length === 0) return wanted.map((w) => id(w.column));
  return orderBy.map((text) => {
    const [, minus = '', name = '', call] = /^(-?)(.*?)(\.descending\(\s*(?:true)?\s*\))?$/i.exec(text.trim()) ?? [];
    const descends = minus !== '' || call !== undefined;
    const metric = /^Metric\(\s*['"](\w+)['"]\s*\)$/.exec(name)?.[1] ?? name;
    const item = columns.includes(metric) ? undefined : reader.item(name);
    const full = item && [...item.path, item.element].join('__');
    const column = item ? wanted.find((w) => w.name === full && (item.grain === undefined || w.column.endsWith(`__${item.grain}`)))?.column : metric;
    if (column === undefined)
      fail('metric-query', { problem: `the result has no column \`${name}\` to order by`, advice: `it has ${columns.map((c) => `\`${c}\``).join(', ')}` });
    return `${id(column)}${descends ? ' desc nulls last' : ''}`;
  });
}
