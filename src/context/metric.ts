import { Dict, Native, Obj, type Value } from '../jinja/index.ts';
import { type Json, jsonToValue } from './convert.ts';

/** What `metric()` answers: it prints as the metric's name, and while a project runs it holds what the manifest has of the metric. */
export class MetricReference extends Obj {
  readonly typeName: string = 'MetricReference';
  private readonly name: string;
  private readonly packageName: string | null;
  constructor(name: string, packageName: string | null) {
    super();
    this.name = name;
    this.packageName = packageName;
  }
  override attr(name: string): Value | undefined {
    return name === 'metric_name' ? this.name : name === 'package_name' ? this.packageName : undefined;
  }
  override truthy(): boolean {
    return true;
  }
  override str(): string {
    return this.name;
  }
}

/** A metric of the manifest. */
type Metric = { readonly [key: string]: Json };

const DERIVED: ReadonlySet<unknown> = new Set(['derived', 'ratio']);

class ResolvedMetric extends MetricReference {
  override readonly typeName = 'ResolvedMetricReference';
  private readonly metric: Metric;
  private readonly find: (id: string) => Metric | undefined;
  constructor(metric: Metric, find: (id: string) => Metric | undefined) {
    super(String(metric['name']), String(metric['package_name']));
    this.metric = metric;
    this.find = find;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'full_metric_dependency':
        return this.names(name, () => true);
      case 'base_metric_dependency':
        return this.names(name, (metric) => !DERIVED.has(metric['type']));
      case 'derived_metric_dependency':
        return this.names(name, (metric) => DERIVED.has(metric['type']));
      case 'derived_metric_dependency_depth':
        return new Native(name, () => depths(this.metric, this.find, 1));
      default:
        return Object.hasOwn(this.metric, name) ? jsonToValue(this.metric[name]) : super.attr(name);
    }
  }
  private names(method: string, wanted: (metric: Metric) => boolean): Value {
    return new Native(method, () => [
      ...new Set(
        upstream(this.metric, this.find)
          .filter(wanted)
          .map((metric) => String(metric['name'])),
      ),
    ]);
  }
}

/** The value of a metric of the manifest; `find` answers metrics by their ids. */
export function metricValue(metric: Metric, find: (id: string) => Metric | undefined): Value {
  return new ResolvedMetric(metric, find);
}

function parents(metric: Metric, find: (id: string) => Metric | undefined): readonly Metric[] {
  const { nodes } = metric['depends_on'] as { readonly nodes: readonly string[] };
  return nodes.map(find).filter((metric) => metric !== undefined);
}

/** The metric itself and those it is made of, at any depth. */
function upstream(metric: Metric, find: (id: string) => Metric | undefined): readonly Metric[] {
  return [metric, ...parents(metric, find).flatMap((parent) => upstream(parent, find))];
}

function depths(metric: Metric, find: (id: string) => Metric | undefined, depth: number): Value[] {
  if (!DERIVED.has(metric['type'])) return [];
  return [new Dict([[String(metric['name']), depth]]), ...parents(metric, find).flatMap((parent) => depths(parent, find, depth + 1))];
}
