import type { Environment } from '../jinja/index.ts';
import { nameReader } from './names.ts';
import { reach } from './reach.ts';
import type { Semantics } from './semantics.ts';
import { type Leaf, leavesOf, treeOf } from './tree.ts';

/** A metric, and what it can be grouped by. */
export interface ListedMetric {
  readonly name: string;
  readonly type: string;
  readonly label: string | null;
  readonly description: string;
  /** `metric_time__day`, `customer`, `customer__region`: of time the finest grain. */
  readonly group_by: readonly string[];
}

/** The metrics of a project by name: all, or those that are named. Throws a diagnostic for a name that is not there. */
export function listMetrics(semantics: Semantics, environment: Environment, names: readonly string[]): readonly ListedMetric[] {
  const reader = nameReader(environment, new Set());
  const wanted = names.length > 0 ? names : [...semantics.metrics.keys()].sort();
  return wanted.map((name) => {
    const leaves = leavesOf(treeOf(semantics, name, [], reader));
    const metric = semantics.metrics.get(name);
    const group_by = common(leaves.map((l) => groupsOf(semantics, l)));
    return { name, type: metric?.recipe.type ?? '', label: metric?.label ?? null, description: metric?.description ?? '', group_by };
  });
}

function groupsOf(semantics: Semantics, { measure }: Leaf): readonly string[] {
  const grained = (name: string, grain: { readonly name: string } | undefined): string => (grain ? `${name}__${grain.name}` : name);
  const reached = reach(semantics, measure.model).map((r) => grained(r.name, r.element.kind === 'dimension' ? r.element.grain : undefined));
  return [...(measure.time ? [grained('metric_time', measure.time.grain)] : []), ...new Set(reached)];
}

function common([first = [], ...others]: readonly (readonly string[])[]): readonly string[] {
  return first.filter((name) => others.every((o) => o.includes(name)));
}
