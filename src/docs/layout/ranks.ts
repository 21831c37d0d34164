import { at, eachLink, type Links, linksOf } from './links.ts';

/**
 * A column for every node, so that every pair leads to a higher one: as far left as the longest path allows, and then as far right as those who need it
 * allow where that shortens more lines than it lengthens. Pairs have no cycles.
 */
export function ranksOf(count: number, pairs: ArrayLike<number>): Int32Array {
  const down = linksOf(count, pairs);
  const up = linksOf(count, pairs, true);
  const order = topological(count, down, up);
  const rank = new Int32Array(count);
  for (const node of order) eachLink(down, node, (child) => (rank[child] = Math.max(at(rank, child), at(rank, node) + 1)));
  for (let i = count - 1; i >= 0; i--) {
    const node = at(order, i);
    const children = degree(down, node);
    if (children === 0 || children < degree(up, node)) continue;
    let nearest = Number.MAX_SAFE_INTEGER;
    eachLink(down, node, (child) => (nearest = Math.min(nearest, at(rank, child))));
    rank[node] = nearest - 1;
  }
  return rank;
}

function degree(links: Links, node: number): number {
  return at(links.start, node + 1) - at(links.start, node);
}

/** Parents before children; nodes that lie on cycles are left out. */
export function topological(count: number, down: Links, up: Links): Int32Array {
  const waiting = Int32Array.from({ length: count }, (_, node) => degree(up, node));
  const order = new Int32Array(count);
  let found = 0;
  for (let node = 0; node < count; node++) if (waiting[node] === 0) order[found++] = node;
  for (let i = 0; i < found; i++)
    eachLink(down, at(order, i), (child) => {
      waiting[child] = at(waiting, child) - 1;
      if (waiting[child] === 0) order[found++] = child;
    });
  return order.subarray(0, found);
}

/** The pairs that remain when those are left out that close a cycle, or lead from a node to itself; artifacts written by hand may hold some. */
export function withoutCycles(count: number, pairs: readonly number[]): readonly number[] {
  const down = linksOf(count, pairs);
  if (topological(count, down, linksOf(count, pairs, true)).length === count) return pairs;
  // Depth first: a pair that leads to a node whose visit is not over closes a cycle.
  const state = new Uint8Array(count);
  const next = down.start.slice(0, count);
  const kept: number[] = [];
  for (let root = 0; root < count; root++) {
    if (state[root] !== 0) continue;
    const path = [root];
    state[root] = 1;
    while (path.length > 0) {
      const node = path.at(-1) as number;
      const i = at(next, node);
      if (i === at(down.start, node + 1)) {
        state[node] = 2;
        path.pop();
        continue;
      }
      next[node] = i + 1;
      const child = at(down.ends, i);
      if (state[child] === 1) continue;
      kept.push(node, child);
      if (state[child] === 0) {
        state[child] = 1;
        path.push(child);
      }
    }
  }
  return kept;
}
