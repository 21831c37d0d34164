export { type ListedMetric, listMetrics } from './list.ts';
export { type MetricsRequest, metricsSql } from './query.ts';
export { type Semantics, semanticsOf } from './semantics.ts';
