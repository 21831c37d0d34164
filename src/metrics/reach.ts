import { closest, fail } from '../text/index.ts';
import { grainNames } from './grain.ts';
import type { ItemName } from './names.ts';
import { type Dimension, type Entity, isKey, type Model, type Semantics } from './semantics.ts';

/** One join on the way from a model to another: rows of both are the same thing where the two entities are equal. */
export interface Step {
  readonly left: Entity;
  readonly model: Model;
  readonly right: Entity;
}

/** An entity or a dimension that rows of a model have, of their own or by joins. */
export interface Reached {
  /** Its whole name: `customer__region__region_name`. */
  readonly name: string;
  readonly path: readonly string[];
  readonly element: Entity | Dimension;
  readonly steps: readonly Step[];
}

/** How many joins may lead to a dimension. */
const MOST_STEPS = 2;

/** Everything that rows of a model can be grouped by, besides `metric_time`: the nearest first. */
export function reach(semantics: Semantics, model: Model): readonly Reached[] {
  const own = model.entities.map((e) => reached([], e, []));
  const prefixes = new Set([...(model.primaryEntity === undefined ? [] : [model.primaryEntity]), ...model.entities.filter(isKey).map((e) => e.name)]);
  for (const prefix of prefixes) own.push(...elementsOf(model, [prefix], []));
  return [...own, ...joined(semantics, model, [], [model])];
}

function joined(semantics: Semantics, model: Model, steps: readonly Step[], visited: readonly Model[]): readonly Reached[] {
  if (steps.length === MOST_STEPS) return [];
  return model.entities.flatMap((left) =>
    (semantics.keyed.get(left.name) ?? []).flatMap((to) => {
      const right = to.entities.find((e) => e.name === left.name);
      const again = visited.includes(to) || steps.at(-1)?.left.name === left.name;
      if (again || !right || (left.type === 'natural' && right.type === 'natural')) return [];
      const onward = [...steps, { left, model: to, right }];
      const path = onward.map((s) => s.left.name);
      return [...elementsOf(to, path, onward), ...joined(semantics, to, onward, [...visited, to])];
    }),
  );
}

function elementsOf(model: Model, path: readonly string[], steps: readonly Step[]): Reached[] {
  return [...model.entities.filter((e) => e.name !== path.at(-1)), ...model.dimensions].map((e) => reached(path, e, steps));
}

function reached(path: readonly string[], element: Entity | Dimension, steps: readonly Step[]): Reached {
  return { name: [...path, element.name].join('__'), path, element, steps };
}

/** What a name can mean to rows that have all this, by whole names: those that end in its path. */
export function matching(all: readonly Reached[], item: ItemName): ReadonlyMap<string, readonly Reached[]> {
  const ends = (path: readonly string[]): boolean => item.path.every((entity, i) => path[path.length - item.path.length + i] === entity);
  const found = new Map<string, Reached[]>();
  for (const r of all) {
    if (r.element.name !== item.element || r.path.length < item.path.length || !ends(r.path)) continue;
    found.set(r.name, [...(found.get(r.name) ?? []), r]);
  }
  return found;
}

/** A model whose rows something is asked of, and for which metric. */
export interface Asker {
  readonly metric: string;
  readonly model: Model;
}

/** The one thing a name means to each of several models: the nearest that all of them have. Throws a diagnostic where there is none, or more than one. */
export function resolveName(semantics: Semantics, item: ItemName, askers: readonly Asker[]): string {
  const found = askers.map((a) => matching(reach(semantics, a.model), item));
  const common = [...(found[0]?.keys() ?? [])].filter((name) => found.every((f) => f.has(name)));
  const nearest = Math.min(...common.map(length));
  const [name, ...others] = common.filter((n) => length(n) === nearest);
  if (name === undefined) return notFound(semantics, item, askers, found);
  const doubled = found.findIndex((f) => (f.get(name)?.length ?? 0) > 1);
  if (others.length > 0 || doubled >= 0)
    fail('metric-item-ambiguous', { name: item.text, metric: askers[Math.max(doubled, 0)]?.metric ?? '', choices: [name, ...others] });
  return name;
}

const length = (name: string): number => name.split('__').length;

/** Tells why a name means nothing: to the first that does not have it, or to all of them together. */
function notFound(semantics: Semantics, item: ItemName, askers: readonly Asker[], found: readonly ReadonlyMap<string, unknown>[]): never {
  const without = askers.filter((_, i) => found[i]?.size === 0).slice(0, 1);
  for (const asker of without) explain(semantics, item, asker);
  const concerned = without.length > 0 ? without : askers;
  const [first = [], ...others] = concerned.map((a) => reach(semantics, a.model).map((r) => r.name));
  const available = ['metric_time', ...new Set(first.filter((name) => others.every((o) => o.includes(name))))];
  const wanted = [...item.path, item.element].join('__');
  fail('metric-item', { name: item.text, metrics: [...new Set(concerned.map((a) => a.metric))], near: closest(wanted, available), available });
}

/** Fails with what is wrong with a name where more can be told than that it is not there. */
function explain(semantics: Semantics, item: ItemName, { metric, model }: Asker): void {
  const shorter = { ...item, path: item.path.slice(0, -1), element: item.path.at(-1) ?? '' };
  const [[time] = []] = [...matching(reach(semantics, model), shorter).values()];
  const least = shorter.element === 'metric_time' ? 'day' : time?.element.kind === 'dimension' ? time.element.grain?.name : undefined;
  if (least !== undefined) fail('metric-grain', { name: shorter.element, grain: item.element, least, known: grainNames });
  for (const to of semantics.models) {
    const entity = to.entities.find((e) => !isKey(e) && model.entities.some((own) => own.name === e.name));
    const own = reach(semantics, to).filter((r) => r.steps.length === 0);
    if (to !== model && entity && matching(own, item).size > 0) fail('metric-fan-out', { name: item.text, metric, model: to.name, entity: entity.name });
  }
}
