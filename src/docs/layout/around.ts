import { at, eachLink, type Links, linksOf } from './links.ts';

/** A node with what lies around it: up to so many steps against and along the edges. `nodes` are indices into `ids`, in their order; `edges` lead between them. */
export interface Neighbourhood {
  readonly nodes: readonly number[];
  /** Pairs of places in `nodes`, one after the other. */
  readonly edges: readonly number[];
}

/** The nodes within `up` steps above and `down` steps below some nodes, without going up and then down again, and all edges between them. */
export function neighbourhood(count: number, edges: readonly number[], from: readonly number[], up: number, down: number): Neighbourhood {
  const found = new Set(from);
  for (const [steps, links] of [
    [up, linksOf(count, edges, true)],
    [down, linksOf(count, edges)],
  ] as const)
    for (const node of reached(links, from, steps)) found.add(node);
  return within(
    [...found].sort((a, b) => a - b),
    edges,
  );
}

/** Some nodes of a graph and all edges between them. */
export function within(nodes: readonly number[], edges: readonly number[]): Neighbourhood {
  const place = new Map(nodes.map((node, i) => [node, i]));
  const kept: number[] = [];
  for (let e = 0; e < edges.length; e += 2) {
    const [a, b] = [place.get(at(edges, e)), place.get(at(edges, e + 1))];
    if (a !== undefined && b !== undefined) kept.push(a, b);
  }
  return { nodes, edges: kept };
}

/** All nodes within some steps, with those it starts from. */
export function reached(links: Links, from: readonly number[], steps: number): ReadonlySet<number> {
  const seen = new Set(from);
  let front: readonly number[] = from;
  for (let step = 0; step < steps && front.length > 0; step++) {
    const next: number[] = [];
    for (const node of front)
      eachLink(links, node, (other) => {
        if (seen.has(other)) return;
        seen.add(other);
        next.push(other);
      });
    front = next;
  }
  return seen;
}
