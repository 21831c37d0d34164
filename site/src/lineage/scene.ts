import type { BendsFile, GraphFile, Id, Row } from '../../../src/docs/data/types.ts';
import { type Layout, type Links, layout, linksOf } from '../../../src/docs/layout.ts';
import type { Nodes } from '../data.ts';

/** A node where it is drawn. */
export interface Box {
  readonly row: Row;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Columns that are drawn below its name, each a line. */
  readonly columns?: readonly string[];
}

/** An edge between two boxes; between two of their columns where it is of columns. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** `x, y, x, y, …` from box to box. */
  readonly points: readonly number[];
  readonly fromColumn?: string;
  readonly toColumn?: string;
  /** Of columns: filters, joins and the like, not the value itself. */
  readonly indirect?: boolean;
}

/** Everything that is drawn, in coordinates of its own. */
export interface Scene {
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
  readonly numberOf: ReadonlyMap<Id, number>;
  readonly up: Links;
  readonly down: Links;
}

/** Draws nodes (row numbers) and pairs of places in that list: laid out anew. */
export function arranged(nodes: Nodes, chosen: readonly number[], pairs: readonly number[]): Scene {
  const rows = chosen.flatMap((n) => nodes.rows[n] ?? []);
  return sceneOf(
    rows,
    pairs,
    layout(
      rows.map((r) => r.id),
      pairs,
      { between: 52 },
    ),
  );
}

/** Draws the whole project where `docs generate` has put it. */
export function whole(nodes: Nodes, graph: GraphFile, bends: readonly BendsFile[]): Scene {
  return sceneOf(nodes.rows, graph.edges, { ...graph, bends: bends.flatMap((file) => file.bends) });
}

function sceneOf(rows: readonly Row[], pairs: readonly number[], at: Layout): Scene {
  const { width, height } = at.box;
  const boxes = rows.map((row, n): Box => ({ row, left: (at.x[n] ?? 0) - width / 2, top: (at.y[n] ?? 0) - height / 2, width, height }));
  const bends = new Map(at.bends.map(([edge, ...points]) => [edge, points]));
  const edges: Edge[] = [];
  for (let e = 0; e < pairs.length; e += 2) {
    const [from = 0, to = 0] = [pairs[e], pairs[e + 1]];
    const [a, b] = [boxes[from], boxes[to]];
    if (a && b) edges.push({ from, to, points: [...exit(a), ...(bends.get(e / 2) ?? []), ...entry(b)] });
  }
  return connected(boxes, edges, at.width, at.height);
}

/** A scene of boxes and edges that are in their places. */
export function connected(boxes: readonly Box[], edges: readonly Edge[], width: number, height: number): Scene {
  const pairs = edges.flatMap((e) => [e.from, e.to]);
  const [down, up] = [linksOf(boxes.length, pairs), linksOf(boxes.length, pairs, true)];
  return { boxes, edges, width, height, numberOf: new Map(boxes.map((b, n) => [b.row.id, n])), up, down };
}

/** Where edges leave a box. */
function exit(box: Box): readonly [number, number] {
  return [box.left + box.width, box.top + box.height / 2];
}

function entry(box: Box): readonly [number, number] {
  return [box.left, box.top + box.height / 2];
}
