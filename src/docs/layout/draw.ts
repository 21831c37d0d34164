import { at } from './links.ts';
import { type Layered, ordered } from './order.ts';
import { type Measures, type Placed, placed } from './place.ts';
import { ranksOf } from './ranks.ts';

/** A part of a graph with its own corner at the top left. */
export interface Drawn {
  readonly nodes: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly rank: ArrayLike<number>;
  /** Points that an edge passes, `x, y, x, y, ...`; by the place of its pair in the list of all pairs. */
  readonly routes: ReadonlyMap<number, readonly number[]>;
}

/** Draws a connected part: `nodes` in order; `edges`: the places of its pairs in `pairs`. */
export function drawPart(nodes: readonly number[], edges: readonly number[], pairs: readonly number[], m: Measures): Drawn {
  const local = new Map(nodes.map((node, i) => [node, i]));
  const own = edges.flatMap((e) => [local.get(at(pairs, e)) as number, local.get(at(pairs, e + 1)) as number]);
  const graph = ordered(nodes.length, own, ranksOf(nodes.length, own));
  const result = placed(graph, m);
  const routes = new Map<number, readonly number[]>();
  edges.forEach((e, i) => {
    const points = route(graph, result, at(own, 2 * i), at(own, 2 * i + 1), m);
    if (points.length > 0) routes.set(e, points);
  });
  return { nodes, ...result, rank: graph.rank, routes };
}

/** The points between two boxes: out of the row that the first stands in, along the lane, into the row of the second. */
function route(graph: Layered, { x, y, columns }: Placed, from: number, to: number, m: Measures): number[] {
  const points: number[] = [];
  const passage = (m.box.height + m.gap) / 2;
  const [first, last] = [at(graph.rank, from), at(graph.rank, to)];
  const out = columns[first];
  const beyond = at(x, from) + (m.box.width + m.beside) / 2;
  if (out && beyond < out.right) points.push(beyond, at(y, from) + passage, out.right, at(y, from) + passage);
  for (let r = first + 1; r < last; r++) {
    const height = at(y, at(graph.lanes.get(from) ?? [], r - first - 1));
    const { left, right } = columns[r] as (typeof columns)[number];
    points.push(left, height, right, height);
  }
  const into = columns[last];
  const before = at(x, to) - (m.box.width + m.beside) / 2;
  if (into && before > into.left) points.push(into.left, at(y, to) - passage, before, at(y, to) - passage);
  return points;
}

/** Nodes without edges, row by row; `width`: what they may take. */
export function drawAlone(nodes: readonly number[], width: number, m: Measures): Drawn {
  const [dx, dy] = [m.box.width + m.beside, m.box.height + m.gap];
  const across = Math.max(1, Math.floor(Math.max(width, Math.sqrt(nodes.length * dx * dy * 1.6)) / dx));
  return {
    nodes,
    width: Math.min(across, nodes.length) * dx,
    height: Math.ceil(nodes.length / across) * dy,
    x: nodes.map((_, i) => (i % across) * dx + m.box.width / 2),
    y: nodes.map((_, i) => Math.floor(i / across) * dy + dy / 2),
    rank: nodes.map(() => 0),
    routes: new Map(),
  };
}
