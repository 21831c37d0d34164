import type { Manifest } from '../resolve/index.ts';
import { type CompareSettings, Comparison, type Previous } from '../state/index.ts';
import { closest, DiagnosticError, fail, type Sink } from '../text/index.ts';
import { candidates, search } from './methods.ts';
import { type Criterion, type IndirectSelection, parseArguments, parseSelectors, type Spec } from './spec.ts';
import { type Earlier, type Universe, universe } from './universe.ts';

/** What to select. With neither `select` nor `selector` the default selector of selectors.yml counts, else everything. */
export interface Criteria {
  /** Values of `--select`, as given. */
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  /** `--selector`: a name of selectors.yml. */
  readonly selector?: string | undefined;
  readonly indirect: IndirectSelection;
  /** Resource types that are kept in the end. */
  readonly types: ReadonlySet<string>;
  /** Keep nodes whose SQL is empty; commands that only list do. */
  readonly keepEmpty?: boolean;
  /** The artifacts of an earlier run, for `state:`, `result:` and `source_status:`. */
  readonly previous?: Previous | undefined;
  readonly compare?: CompareSettings;
  /** See {@link Earlier}: for `git:`. */
  readonly changedSince?: Earlier['changedSince'];
}

/** The nodes a command is about. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** The project against the earlier manifest, where there is one. */
  readonly comparison?: Comparison | undefined;
}

/** Selects as dbt does. A criterion that finds nothing is a warning; a selector that cannot be understood is an error, and the answer then undefined. */
export function select(manifest: Manifest, criteria: Criteria, sink: Sink): Selection | undefined {
  const { previous, changedSince } = criteria;
  const settings = criteria.compare ?? { moreUnrendered: false, now: 0 };
  const comparison = previous?.manifest && new Comparison(manifest, previous.manifest, settings, sink);
  const u = universe(manifest, { previous, comparison, changedSince });
  try {
    const spec = specOf(manifest, criteria);
    const { direct } = evaluate(u, spec, sink);
    const ids = new Set<string>();
    for (const id of u.members.keys()) if (direct.has(id) && kept(u, id, criteria)) ids.add(id);
    return { ids, comparison };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    sink.push(error.diagnostic);
    return undefined;
  }
}

/** Reports what is wrong with selectors.yml: as in dbt, whatever is selected. */
export function checkSelectors({ selectors }: Manifest['project'], sink: Sink): void {
  try {
    parseSelectors(selectors, 'eager');
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    sink.push(error.diagnostic);
  }
}

function specOf(manifest: Manifest, criteria: Criteria): Spec {
  const { select: wanted, exclude, selector, indirect } = criteria;
  if (selector !== undefined) {
    const known = parseSelectors(manifest.project.selectors, indirect);
    const named = known.get(selector);
    if (named) return named.spec;
    fail('selector-not-found', { name: selector, near: closest(selector, known.keys()) });
  }
  if (wanted.length === 0 && exclude.length === 0 && manifest.project.selectors !== null) {
    for (const named of parseSelectors(manifest.project.selectors, indirect).values()) if (named.isDefault) return named.spec;
  }
  return parseArguments(wanted, exclude, indirect);
}

interface Bundle {
  readonly direct: Set<string>;
  /** Tests that come in once all of their parents do. */
  readonly indirect: Set<string>;
}

function evaluate(u: Universe, spec: Spec, sink: Sink): Bundle {
  if (spec.kind === 'criterion') return evaluateCriterion(u, spec);
  const bundles = spec.parts.map((part) => evaluate(u, part, sink));
  const direct = combine(
    spec.kind,
    bundles.map((b) => b.direct),
  );
  const indirect = combine(
    spec.kind,
    bundles.map((b) => new Set([...b.direct, ...b.indirect])),
  );
  incorporate(u, direct, indirect, spec.indirect);
  if (spec.warn !== undefined && direct.size === 0) warnNothing(u, spec.warn, spec.parts, sink);
  return { direct, indirect };
}

function combine(kind: 'union' | 'intersection' | 'difference', sets: readonly Set<string>[]): Set<string> {
  const [first, ...rest] = sets;
  const out = new Set(first);
  for (const set of rest) {
    if (kind === 'union') for (const id of set) out.add(id);
    else for (const id of [...out]) if (set.has(id) === (kind === 'difference')) out.delete(id);
  }
  return out;
}

function evaluateCriterion(u: Universe, c: Criterion): Bundle {
  const found = search(u, c);
  const selected = new Set(found);
  const add = (ids: Iterable<string>) => {
    for (const id of ids) selected.add(id);
  };
  if (c.childrensParents) {
    const below = new Set([...found, ...u.graph.descendants(found)]);
    add(below);
    add(u.graph.ancestors(below));
  }
  if (c.parents !== undefined) add(u.graph.ancestors(found, c.parents));
  if (c.children !== undefined) add(u.graph.descendants(found, c.children));
  return c.indirect === 'empty' ? { direct: selected, indirect: new Set() } : withTests(u, selected, c.indirect);
}

/** Adds the tests next to what is selected: all of them (eager), or those whose parents are all there (cautious) or above it (buildable). */
function withTests(u: Universe, selected: Set<string>, mode: IndirectSelection): Bundle {
  const direct = new Set(selected);
  const indirect = new Set<string>();
  const within = mode === 'buildable' ? new Set([...selected, ...u.graph.ancestors(selected), ...u.manifest.sources.keys()]) : selected;
  for (const id of selected) {
    for (const child of u.graph.children(id)) {
      const type = u.members.get(child)?.type;
      if (type !== 'test' && type !== 'unit_test') continue;
      if (mode === 'eager' || parentsOf(u, child).every((p) => within.has(p))) direct.add(child);
      else indirect.add(child);
    }
  }
  return { direct, indirect };
}

function incorporate(u: Universe, direct: Set<string>, indirect: ReadonlySet<string>, mode: IndirectSelection): void {
  if (mode !== 'cautious' && mode !== 'buildable') return;
  const within = mode === 'buildable' ? new Set([...direct, ...u.graph.ancestors(direct)]) : new Set(direct);
  for (const id of indirect) {
    if (direct.has(id) || !u.manifest.nodes.has(id)) continue;
    if (parentsOf(u, id).every((p) => within.has(p))) {
      direct.add(id);
      within.add(id);
    }
  }
}

function parentsOf(u: Universe, id: string): readonly string[] {
  return u.members.get(id)?.parents ?? [];
}

function kept(u: Universe, id: string, criteria: Criteria): boolean {
  const m = u.members.get(id);
  if (!m || !criteria.types.has(m.type)) return false;
  const r = m.resource;
  return criteria.keepEmpty === true || m.type === 'seed' || r === undefined || !('raw_code' in r) || r.raw_code.trim() !== '';
}

function warnNothing(u: Universe, raw: string, parts: readonly Spec[], sink: Sink): void {
  const first = parts.find((p) => p.kind === 'criterion' && search(u, p).size === 0);
  const near = first?.kind === 'criterion' ? closest(String(first.value), candidates(u, first.method)) : undefined;
  sink.add('nothing-selected', { criterion: raw, near });
}
