import type { JsonMap, Manifest, Resource } from '../resolve/index.ts';

/** A saved query, which a build lists and does not run. */
export interface SavedQuery {
  readonly resource_type: 'saved_query';
  readonly unique_id: string;
  readonly name: string;
  readonly config: JsonMap;
}

/** What a plan is made of. */
export type Member = Resource | SavedQuery;

/** What of a manifest a plan is made from. */
export type Planned = Pick<Manifest, 'nodes' | 'exposures' | 'unitTests' | 'parents' | 'children'> & Partial<Pick<Manifest, 'sources' | 'others'>>;

/**
 * Which tests a node waits for in a build, besides what it waits for anyway. A test of one parent is waited for by that parent's children. A
 * test of several parents is waited for by the first nodes below all of them; those below one of them only go on without it. Only the edges
 * to the nearest nodes are made: the others follow from the graph.
 */
export function testEdges(manifest: Planned, members: ReadonlyMap<string, Member>): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, string[]>();
  const add = (node: string, test: string): void => {
    const list = edges.get(node);
    if (list) list.push(test);
    else edges.set(node, [test]);
  };
  const waiting = (id: string): boolean => {
    const type = manifest.nodes.get(id)?.resource_type;
    return type !== undefined && type !== 'test';
  };
  let below: Descendants | undefined;
  for (const [id, test] of members) {
    if (test.resource_type !== 'test') continue;
    const parents = [...new Set(test.depends_on.nodes)];
    const [only] = parents;
    if (only === undefined) continue;
    if (parents.length === 1) {
      for (const child of manifest.children.get(only) ?? []) if (waiting(child)) add(child, id);
      continue;
    }
    below ??= new Descendants(manifest, waiting);
    for (const node of below.firstBelowAll(parents)) add(node, id);
  }
  return edges;
}

/** The descendants of nodes as bit sets, each made once. */
class Descendants {
  private readonly manifest: Planned;
  private readonly waiting: (id: string) => boolean;
  private readonly index = new Map<string, number>();
  private readonly ids: string[] = [];
  private readonly sets = new Map<string, Uint32Array>();

  constructor(manifest: Planned, waiting: (id: string) => boolean) {
    this.manifest = manifest;
    this.waiting = waiting;
    for (const id of manifest.nodes.keys()) {
      this.index.set(id, this.ids.length);
      this.ids.push(id);
    }
  }

  /** The nodes that are below all of these while none of their own parents is. */
  firstBelowAll(parents: readonly string[]): readonly string[] {
    const [first, ...rest] = parents.map((p) => this.below(p));
    const common = (first as Uint32Array).slice();
    for (const set of rest) for (let i = 0; i < common.length; i++) common[i] = (common[i] as number) & (set[i] as number);
    const has = (id: string): boolean => {
      const n = this.index.get(id);
      return n !== undefined && ((common[n >> 5] as number) & (1 << (n & 31))) !== 0;
    };
    const out: string[] = [];
    for (let word = 0; word < common.length; word++) {
      for (let bits = common[word] as number; bits !== 0; bits &= bits - 1) {
        const id = this.ids[(word << 5) + (31 - Math.clz32(bits & -bits))] as string;
        if (!(this.manifest.parents.get(id) ?? []).some(has)) out.push(id);
      }
    }
    return out;
  }

  private below(id: string): Uint32Array {
    const known = this.sets.get(id);
    if (known) return known;
    const set = new Uint32Array((this.ids.length + 31) >> 5);
    const stack = [id];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      for (const child of this.manifest.children.get(at) ?? []) {
        const n = this.index.get(child);
        if (n === undefined || !this.waiting(child)) continue;
        const bit = 1 << (n & 31);
        if (((set[n >> 5] as number) & bit) !== 0) continue;
        set[n >> 5] = (set[n >> 5] as number) | bit;
        stack.push(child);
      }
    }
    this.sets.set(id, set);
    return set;
  }
}
