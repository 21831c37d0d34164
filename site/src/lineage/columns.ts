import type { ColumnEnd, ColumnsFile, Id } from '../../../src/docs/data/types.ts';
import { layout } from '../../../src/docs/layout.ts';
import type { Data, Nodes } from '../data.ts';
import { LINE } from './draw.ts';
import { type Box, connected, type Edge, type Scene } from './scene.ts';

/** One step of a value from column to column. */
export interface ColumnEdge {
  readonly from: readonly [node: Id, column: string];
  readonly to: readonly [node: Id, column: string];
  readonly how: ColumnEnd[2];
}

/** Steps that are followed at most: a key that everything joins on would fill any screen. */
const MOST = 600;

/** Where the values of a column come from, and where they go, step by step. `indirect`: also what only filters, joins, groups or sorts. */
export async function traceColumn(data: Data, id: Id, column: string, indirect: boolean): Promise<readonly ColumnEdge[]> {
  if (data.index.shards.columns === 0) return [];
  const found = new Map<string, ColumnEdge>();
  for (const side of ['from', 'to'] as const) {
    const seen = new Set([`${id}|${column}`]);
    let front: (readonly [Id, string])[] = [[id, column]];
    while (front.length > 0 && found.size < MOST) {
      const next: (readonly [Id, string])[] = [];
      for (const [node, name] of front) {
        const file = await data.shard<ColumnsFile>('columns', node);
        for (const [other, otherName, how] of file.nodes[node]?.[name]?.[side] ?? []) {
          if (how === 'indirect' && !indirect) continue;
          const [here, there] = [[node, name] as const, [other, otherName] as const];
          const edge: ColumnEdge = side === 'from' ? { from: there, to: here, how } : { from: here, to: there, how };
          found.set(JSON.stringify(edge), edge);
          if (seen.has(`${other}|${otherName}`)) continue;
          seen.add(`${other}|${otherName}`);
          next.push(there);
        }
      }
      front = next;
    }
  }
  return [...found.values()];
}

/** Draws the way of a column: nodes with those of their columns that it passes, edges from column to column. */
export function columnScene(nodes: Nodes, start: readonly [Id, string], trace: readonly ColumnEdge[]): Scene {
  const columns = new Map<Id, string[]>();
  for (const [id, column] of [start, ...trace.flatMap((e) => [e.from, e.to])]) {
    const known = columns.get(id);
    if (!known) columns.set(id, [column]);
    else if (!known.includes(column)) known.push(column);
  }
  const ids = [...columns.keys()].filter((id) => nodes.byId.has(id));
  const place = new Map(ids.map((id, n) => [id, n]));
  const known = trace.filter((e) => place.has(e.from[0]) && place.has(e.to[0]));
  const heightOf = (id: Id) => LINE + 12 + (columns.get(id)?.length ?? 0) * LINE;
  const at = layout(
    ids,
    known.flatMap((e) => [place.get(e.from[0]) ?? 0, place.get(e.to[0]) ?? 0]),
    { box: { width: 190, height: Math.max(...ids.map(heightOf)) }, between: 60 },
  );
  const boxes = ids.flatMap((id, n): Box[] => {
    const row = nodes.byId.get(id);
    const [{ width }, height] = [at.box, heightOf(id)];
    return row ? [{ row, left: (at.x[n] ?? 0) - width / 2, top: (at.y[n] ?? 0) - height / 2, width, height, columns: columns.get(id) ?? [] }] : [];
  });
  const level = (box: Box, column: string) => box.top + LINE + 8 + (box.columns?.indexOf(column) ?? 0) * LINE + LINE / 2 - 3;
  const bends = new Map(at.bends.map(([edge, ...points]) => [edge, points]));
  const edges = known.flatMap((e, n): Edge[] => {
    const [from, to] = [place.get(e.from[0]) ?? 0, place.get(e.to[0]) ?? 0];
    const [a, b] = [boxes[from], boxes[to]];
    if (!a || !b) return [];
    const points = [a.left + a.width, level(a, e.from[1]), ...(bends.get(n) ?? []), b.left, level(b, e.to[1])];
    return [{ from, to, points, fromColumn: e.from[1], toColumn: e.to[1], indirect: e.how === 'indirect' }];
  });
  return connected(boxes, edges, at.width, at.height);
}
