import { type Member, type Planned, testEdges } from './test-edges.ts';

/** The commands that run nodes. `compile` renders them only. */
export type PlanKind = 'build' | 'run' | 'test' | 'seed' | 'snapshot' | 'compile' | 'freshness' | 'clone';

/** One node to run. */
export interface Step {
  readonly id: string;
  readonly node: Member;
  /** Why the node is in the plan. */
  readonly reason: string;
  /** Ids of the steps that must have ended before; what lies between two steps and is not run itself is skipped over. */
  readonly dependsOn: readonly string[];
  /** How deep the step lies below those that wait for nothing: lower ones start first. */
  readonly depth: number;
  /** An ephemeral model: rendered, so that a mistake in it is told once and keeps what depends on it from running, but neither shown nor counted. */
  readonly hidden: boolean;
}

/** What will be run, the order in which ready steps start, and why. */
export interface Plan {
  readonly kind: PlanKind;
  readonly steps: readonly Step[];
}

/**
 * Puts the selected nodes into an order. In a `build`, tests run after all their parents, a node waits for the tests of its ancestors
 * (for a test of several parents only when all of them are its ancestors), and unit tests run before their model.
 */
export function plan(manifest: Planned, selected: ReadonlySet<string>, kind: PlanKind): Plan {
  const members = new Map<string, Member>();
  for (const id of selected) {
    const resource = manifest.nodes.get(id) ?? manifest.unitTests.get(id) ?? otherMember(manifest, id, kind);
    if (resource && resource.resource_type !== 'operation') members.set(id, resource);
  }
  const waits = kind === 'compile' || kind === 'clone' ? undefined : new Waits(manifest, members, kind);
  const depths = new Map<string, number>();
  const dependsOn = (id: string): readonly string[] => waits?.of(id) ?? [];
  for (const id of members.keys()) depthOf(id, dependsOn, depths);
  const steps = [...members].map(
    ([id, node]): Step => ({ id, node, hidden: isHidden(node, kind), reason: reasonOf(node, kind), dependsOn: dependsOn(id), depth: depths.get(id) ?? 0 }),
  );
  steps.sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1));
  return { kind, steps };
}

function otherMember(manifest: Planned, id: string, kind: PlanKind): Member | undefined {
  if (kind === 'freshness') return manifest.sources?.get(id);
  if (kind !== 'build') return undefined;
  const query = manifest.others?.savedQueries.get(id);
  return query ? { resource_type: 'saved_query', unique_id: id, name: String(query['name']), config: {} } : manifest.exposures.get(id);
}

function isHidden(r: Member, kind: PlanKind): boolean {
  return kind !== 'compile' && r.resource_type === 'model' && r.config['materialized'] === 'ephemeral';
}

function reasonOf(node: Member, kind: PlanKind): string {
  if (kind === 'compile') return 'selected';
  return node.resource_type === 'exposure' || node.resource_type === 'saved_query' ? 'nothing to run' : `selected for ${kind}`;
}

function depthOf(id: string, dependsOn: (id: string) => readonly string[], known: Map<string, number>): void {
  // A stack of our own: chains of thousands of models are deeper than JavaScript's.
  const stack = [id];
  while (stack.length > 0) {
    const at = stack[stack.length - 1] as string;
    let depth = 0;
    let ready = true;
    for (const parent of dependsOn(at)) {
      const d = known.get(parent);
      if (d === undefined) {
        if (!known.has(at)) stack.push(parent);
        ready = false;
      } else depth = Math.max(depth, d + 1);
    }
    if (known.has(at)) stack.pop();
    else if (ready) {
      known.set(at, depth);
      stack.pop();
    }
  }
}

/** What each node waits for, through all nodes that are not run themselves. */
class Waits {
  private readonly manifest: Planned;
  private readonly members: ReadonlyMap<string, Member>;
  private readonly extra: ReadonlyMap<string, readonly string[]>;
  private readonly unitTests = new Map<string, string[]>();
  private readonly build: boolean;
  private readonly known = new Map<string, readonly string[]>();
  private readonly through = new Map<string, readonly string[]>();

  constructor(manifest: Planned, members: ReadonlyMap<string, Member>, kind: PlanKind) {
    this.manifest = manifest;
    this.members = members;
    this.build = kind === 'build';
    this.extra = this.build ? testEdges(manifest, members) : new Map();
    if (this.build) {
      for (const [id, r] of members) {
        const model = r.resource_type === 'unit_test' ? testedModel(manifest, r.unique_id) : undefined;
        if (model !== undefined) this.unitTests.set(model, [...(this.unitTests.get(model) ?? []), id]);
      }
    }
  }

  of(id: string): readonly string[] {
    let found = this.known.get(id);
    if (!found) this.known.set(id, (found = this.find(id)));
    return found;
  }

  private find(id: string): readonly string[] {
    const model = this.build && this.manifest.unitTests.has(id) ? testedModel(this.manifest, id) : undefined;
    // A unit test waits for what its model waits for: it needs the columns of the model's parents, and comes before the model.
    const out = new Set(this.above(model ?? id));
    for (const test of this.unitTests.get(id) ?? []) out.add(test);
    out.delete(id);
    return [...out];
  }

  /** The nearest steps above a node. */
  private above(id: string): readonly string[] {
    const known = this.through.get(id);
    if (known) return known;
    const order = [id];
    while (order.length > 0) {
      const at = order[order.length - 1] as string;
      const parents = [...(this.manifest.parents.get(at) ?? []), ...(this.extra.get(at) ?? [])];
      const open = parents.filter((p) => !this.members.has(p) && !this.through.has(p) && p !== at);
      if (open.length > 0) {
        order.push(...open);
        continue;
      }
      order.pop();
      if (this.through.has(at)) continue;
      const out = new Set<string>();
      for (const p of parents) {
        if (this.members.has(p)) out.add(p);
        else for (const step of this.through.get(p) ?? []) out.add(step);
      }
      this.through.set(at, [...out]);
    }
    return this.through.get(id) ?? [];
  }
}

function testedModel(manifest: Planned, id: string): string | undefined {
  const test = manifest.unitTests.get(id);
  return test?.tested_node_unique_id ?? test?.depends_on.nodes[0];
}
