import type { Id } from '../../../src/docs/data/types.ts';
import { reached } from '../../../src/docs/layout.ts';
import type { Edge, Scene } from './scene.ts';

/** What stands out of a scene: boxes, edges, and where it is about columns those of them that are meant. */
export interface Chain {
  readonly boxes: ReadonlySet<number>;
  readonly edges: ReadonlySet<Edge>;
  /** As `columnKey` names them; undefined: all alike. */
  readonly columns?: ReadonlySet<string>;
}

/** A column of a box as one word. */
export function columnKey(box: number, column: string): string {
  return `${box}|${column}`;
}

/** A box with everything above and below it. */
export function boxChain(scene: Scene, box: number): Chain {
  const boxes = new Set([...reached(scene.up, [box], Number.POSITIVE_INFINITY), ...reached(scene.down, [box], Number.POSITIVE_INFINITY)]);
  return { boxes, edges: new Set(scene.edges.filter((e) => boxes.has(e.from) && boxes.has(e.to))) };
}

/** A column with the columns that its values come from and go to, in a scene whose edges lead from column to column. */
export function columnChain(scene: Scene, box: number, column: string): Chain {
  const start = columnKey(box, column);
  const columns = new Set([start]);
  const edges = new Set<Edge>();
  for (const [own, other] of [
    [sourceOf, targetOf],
    [targetOf, sourceOf],
  ] as const) {
    const seen = new Set([start]);
    // A set that grows is walked to its end: each column once.
    for (const key of seen)
      for (const edge of scene.edges) {
        if (own(edge) !== key) continue;
        edges.add(edge);
        columns.add(other(edge));
        seen.add(other(edge));
      }
  }
  return { boxes: new Set([box, ...[...edges].flatMap((e) => [e.from, e.to])]), edges, columns };
}

/** Steps from node to node, in a scene of nodes: the way of a column, as far as the scene shows it. */
export function wayChain(scene: Scene, start: Id, steps: readonly (readonly [from: Id, to: Id])[]): Chain {
  const taken = new Set(steps.map(([from, to]) => `${scene.numberOf.get(from)}>${scene.numberOf.get(to)}`));
  const edges = new Set(scene.edges.filter((e) => taken.has(`${e.from}>${e.to}`)));
  return { boxes: new Set([start, ...steps.flat()].flatMap((id) => scene.numberOf.get(id) ?? [])), edges };
}

function sourceOf(edge: Edge): string {
  return columnKey(edge.from, edge.fromColumn ?? '');
}

function targetOf(edge: Edge): string {
  return columnKey(edge.to, edge.toColumn ?? '');
}
