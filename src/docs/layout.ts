import { drawAlone, drawPart } from './layout/draw.ts';
import { at } from './layout/links.ts';
import { components, packed } from './layout/parts.ts';
import type { Measures } from './layout/place.ts';
import { withoutCycles } from './layout/ranks.ts';

export { type Neighbourhood, neighbourhood, reached, within } from './layout/around.ts';
export { eachLink, type Links, linksOf } from './layout/links.ts';

/** A layered drawing of a graph. Units are pixels; `x` and `y` are the middle of each node's box. All are whole numbers. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly box: { readonly width: number; readonly height: number };
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Column of each node in its connected part; grows along every edge, as `x` does. */
  readonly rank: readonly number[];
  /** Points that an edge passes, `[edge, x, y, x, y, ...]`: for edges that would run through boxes otherwise. */
  readonly bends: readonly (readonly number[])[];
}

const MEASURES: Measures = { box: { width: 180, height: 28 }, gap: 16, between: 72, beside: 24, lane: 10 };

/**
 * Lays out a graph from left to right. `edges`: pairs of indices, one after the other. The same graph gets the same drawing in whatever order its nodes and
 * edges come: `ids`, each different, decide what is free. Connected parts are drawn by themselves and put beside and below each other, the largest
 * first; nodes without edges come last, in a grid. Edges that close a cycle are not looked at.
 */
export function layout(ids: readonly string[], edges: readonly number[], measures: Partial<Measures> = {}): Layout {
  const m: Measures = { ...MEASURES, ...measures };
  const order = ids.map((_, i) => i).sort((a, b) => ((ids[a] as string) < (ids[b] as string) ? -1 : 1));
  const numbers = new Int32Array(ids.length);
  order.forEach((node, i) => {
    numbers[node] = i;
  });
  const pairs = withoutCycles(ids.length, canonical(edges, numbers));
  const { parts, alone } = components(ids.length, pairs);
  const drawn = parts.map((part) => drawPart(part.nodes, part.edges, pairs, m));
  if (alone.length > 0)
    drawn.push(
      drawAlone(
        alone,
        drawn.reduce((w, d) => Math.max(w, d.width), 0),
        m,
      ),
    );
  const { width, height, corners } = packed(drawn, m.between);
  const [x, y, rank] = [new Array<number>(ids.length), new Array<number>(ids.length), new Array<number>(ids.length)];
  const routes = new Map<number, readonly number[]>();
  drawn.forEach((part, p) => {
    const [left, top] = corners[p] as readonly [number, number];
    part.nodes.forEach((n, i) => {
      const node = at(order, n);
      x[node] = Math.round(left + at(part.x, i));
      y[node] = Math.round(top + at(part.y, i));
      rank[node] = at(part.rank, i);
    });
    for (const [e, points] of part.routes) {
      const key = at(pairs, e) * ids.length + at(pairs, e + 1);
      routes.set(key, straightened(points.map((v, i) => Math.round(v + (i % 2 === 0 ? left : top)))));
    }
  });
  const bends: number[][] = [];
  for (let e = 0; e < edges.length; e += 2) {
    const points = routes.get(at(numbers, at(edges, e)) * ids.length + at(numbers, at(edges, e + 1)));
    if (points) bends.push([e / 2, ...points]);
  }
  return { width: Math.ceil(width), height: Math.ceil(height), box: m.box, x, y, rank, bends };
}

/** The edges by the numbers of their nodes, sorted, each once, without those that lead from a node to itself. */
function canonical(edges: readonly number[], numbers: Int32Array): readonly number[] {
  const count = numbers.length;
  const keys = new Set<number>();
  for (let e = 0; e < edges.length; e += 2) {
    const [from, to] = [at(numbers, at(edges, e)), at(numbers, at(edges, e + 1))];
    if (from !== to) keys.add(from * count + to);
  }
  return [...keys].sort((a, b) => a - b).flatMap((key) => [Math.floor(key / count), key % count]);
}

/** Without the points inside of level stretches. */
function straightened(points: readonly number[]): readonly number[] {
  const out: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const [before, here, after] = [points[i - 1], points[i + 1], points[i + 3]];
    if (before !== here || after !== here) out.push(at(points, i), at(points, i + 1));
  }
  return out;
}
