import { entry } from './entry.ts';

const near = (p: { readonly near?: string | undefined }): string | undefined => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`);
const listed = (names: readonly string[]): string => names.map((n) => `\`${n}\``).join(', ');

/** What is wrong with a query of metrics. */
export const metrics = {
  'metric-unknown': entry<{ name: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: (p) => `no metric is called \`${p.name}\``,
    hint: (p) => near(p) ?? (p.known.length > 0 ? `there are ${listed(p.known)}` : 'list metrics under `metrics:` of a properties file'),
    explanation:
      '`dml metrics query` computes metrics that `metrics:` lists, or that measures with `create_metric: true` make. `dml metrics list` prints them.',
  }),
  'metric-saved-query': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `no saved query is called \`${p.name}\``,
    hint: (p) => near(p) ?? 'list it under `saved_queries:` of a properties file',
    explanation: '`dml metrics query --saved-query NAME` runs a query that `saved_queries:` of a properties file holds.',
  }),
  'metric-item': entry<{ name: string; metrics: readonly string[]; near?: string | undefined; available: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      `\`${p.name}\` is nothing that ${p.metrics.map((m) => `\`${m}\``).join(' and ')} can be grouped or filtered by${p.metrics.length > 1 ? ' together' : ''}`,
    hint: (p) => near(p) ?? (p.available.length > 0 ? `there are ${listed(p.available)}` : undefined),
    explanation:
      'A metric is grouped and filtered by `metric_time`, by entities, and by dimensions: those of the semantic model its measure is in, and those of others that an entity joins to it. They are called `entity__dimension`, of time `entity__dimension__grain`. Every metric of a query must have them. `dml metrics list` prints what each metric has.',
  }),
  'metric-item-ambiguous': entry<{ name: string; metric: string; choices: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` can be reached from \`${p.metric}\` in more than one way`,
    hint: (p) => `name one of ${listed(p.choices)}`,
    explanation:
      'Several entities lead to a dimension of this name. Put the entities in front of it that lead to the one that is meant: `customer__region__name`.',
  }),
  'metric-fan-out': entry<{ name: string; metric: string; model: string; entity: string }>({
    severity: 'error',
    message: (p) => `\`${p.metric}\` cannot be grouped or filtered by \`${p.name}\`: a row of it would be counted for each row of \`${p.model}\``,
    hint: (p) => `the entity \`${p.entity}\` is foreign in \`${p.model}\`: only where it is primary, unique or natural is one row found for each`,
    explanation:
      'A semantic model joins to another by an entity that has at most one row there. In the other direction a row would meet many, and sums would count it many times over.',
  }),
  'metric-grain': entry<{ name: string; grain: string; least: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      p.least === undefined
        ? `\`${p.name}\` is asked for by \`${p.grain}\`, but it is no time`
        : p.known.includes(p.grain)
          ? `\`${p.name}\` is known by the ${p.least}, and cannot be asked for by the ${p.grain}`
          : `\`${p.name}\` is asked for by \`${p.grain}\`, which is no grain`,
    hint: (p) => (p.least === undefined ? 'leave the grain out' : `take one of ${listed(p.known.slice(p.known.indexOf(p.least)))}`),
    explanation:
      'A time dimension has the grain that `time_granularity` says, and can be grouped by it and by longer periods. A period of the own of a project must be a column of its time spine.',
  }),
  'metric-filter': entry<{ text: string; problem: string }>({
    severity: 'error',
    message: (p) => `\`${p.text}\` cannot be understood: ${p.problem}`,
    hint: () => "write it as in \"{{ Dimension('customer__region') }} = 'north' and {{ TimeDimension('metric_time', 'month') }} >= '2026-01-01'\"",
    explanation:
      "A filter is SQL in which `Dimension('entity__name')`, `TimeDimension('entity__name', 'grain')` and `Entity('name')` in `{{ }}` stand for columns. Saved queries name what they group by in the same way, without the braces.",
  }),
  'metric-cycle': entry<{ chain: readonly string[] }>({
    severity: 'error',
    message: (p) => `the metric \`${p.chain[0]}\` is made of itself: ${p.chain.join(' -> ')}`,
    explanation: 'A derived or ratio metric is computed from other metrics, and at the bottom of all of them there must be measures.',
  }),
  'metric-needs-time': entry<{ metric: string; why: string }>({
    severity: 'error',
    message: (p) => `\`${p.metric}\` can only be grouped by time: it ${p.why}`,
    hint: () => 'add `metric_time`, or a grain of it such as `metric_time__month`, to --group-by',
    explanation:
      'A metric that looks back (an offset, a window, or a total since the start of a period) has a value for each time, and none without one. A cumulative metric without a window is the total of all time where it is not grouped by time.',
  }),
  'metric-needs-spine': entry<{ metric: string; grain: string; period?: string | undefined }>({
    severity: 'error',
    message: (p) =>
      p.period === undefined
        ? `\`${p.metric}\` needs a time spine with a row for each ${p.grain}, and the project has none`
        : `no time spine of the project has a column for \`${p.period}\``,
    hint: () => 'give a model with a row for each day a `time_spine:` with its `standard_granularity_column`',
    explanation:
      'Cumulative metrics, offsets and `join_to_timespine` have values for days on which nothing happened: a model with a row for each day, marked with `time_spine:` in its properties, lists the days.',
  }),
  'metric-unsupported': entry<{ what: string }>({
    severity: 'error',
    message: (p) => `${p.what} is not supported by \`dml metrics query\``,
    explanation: '`docs/metrics.md` lists what queries of metrics can do, and what they cannot.',
  }),
  'metric-query': entry<{ problem: string; advice?: string | undefined }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: (p) => p.advice,
    explanation: '`dml metrics query --metrics NAMES` or `--saved-query NAME` says what to compute; the other flags say of what, and in which order.',
  }),
};
