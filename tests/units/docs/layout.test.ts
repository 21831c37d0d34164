// The layout of lineage: what holds for every graph.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Layout, layout, neighbourhood } from '../../../src/docs/layout.ts';

interface Graph {
  readonly ids: readonly string[];
  readonly edges: readonly number[];
}

/** Graphs without cycles: edges lead from a smaller number to a larger one, over some names in no order. */
const graphs = fc
  .integer({ min: 1, max: 60 })
  .chain((n) =>
    fc.record({
      ids: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: n, maxLength: n }),
      pairs: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 3 * n }),
    }),
  )
  .map(({ ids, pairs }): Graph => ({ ids, edges: pairs.filter(([a, b]) => a !== b).flatMap(([a, b]) => [Math.min(a, b), Math.max(a, b)]) }));

const pairsOf = (edges: readonly number[]) => Array.from({ length: edges.length / 2 }, (_, e) => [edges[2 * e] as number, edges[2 * e + 1] as number] as const);
const get = (list: readonly number[], i: number) => list[i] as number;

function overlaps({ x, y, box }: Layout): string[] {
  const found: string[] = [];
  for (let a = 0; a < x.length; a++)
    for (let b = a + 1; b < x.length; b++)
      if (Math.abs(get(x, a) - get(x, b)) < box.width && Math.abs(get(y, a) - get(y, b)) < box.height) found.push(`${a} and ${b}`);
  return found;
}

/** The points of an edge that lie inside of a box it does not lead to. */
function throughBoxes(drawn: Layout, edges: readonly number[]): string[] {
  const { x, y, box } = drawn;
  return drawn.bends.flatMap(([edge = 0, ...points]) => {
    const ends = [edges[2 * edge], edges[2 * edge + 1]];
    return pairsOf(points).flatMap(([px, py]) =>
      x.flatMap((bx, node) =>
        !ends.includes(node) && Math.abs(px - bx) < box.width / 2 - 1 && Math.abs(py - get(y, node)) < box.height / 2 - 1
          ? [`edge ${edge} in node ${node}`]
          : [],
      ),
    );
  });
}

describe('layout', () => {
  test('edges lead to higher ranks and to the right', () => {
    fc.assert(
      fc.property(graphs, ({ ids, edges }) => {
        const { x, rank } = layout(ids, edges);
        for (const [from, to] of pairsOf(edges)) {
          expect(get(rank, from)).toBeLessThan(get(rank, to));
          expect(get(x, from)).toBeLessThan(get(x, to));
        }
      }),
    );
  });

  test('boxes do not overlap, lie within the drawing, and no edge bends inside of one', () => {
    fc.assert(
      fc.property(graphs, ({ ids, edges }) => {
        const drawn = layout(ids, edges);
        expect(overlaps(drawn)).toEqual([]);
        expect(throughBoxes(drawn, edges)).toEqual([]);
        const { box, width, height } = drawn;
        expect(Math.min(...drawn.x) - box.width / 2).toBeGreaterThanOrEqual(0);
        expect(Math.max(...drawn.x) + box.width / 2).toBeLessThanOrEqual(width);
        expect(Math.min(...drawn.y) - box.height / 2).toBeGreaterThanOrEqual(-1);
        expect(Math.max(...drawn.y) + box.height / 2).toBeLessThanOrEqual(height + 1);
      }),
    );
  });

  test('the order of nodes and edges does not matter', () => {
    const shuffled = graphs.chain((graph) =>
      fc.record({
        graph: fc.constant(graph),
        order: fc.shuffledSubarray(
          graph.ids.map((_, i) => i),
          { minLength: graph.ids.length },
        ),
        turns: fc.shuffledSubarray(pairsOf(graph.edges), { minLength: graph.edges.length / 2 }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ graph, order, turns }) => {
        const first = layout(graph.ids, graph.edges);
        const place = new Map(order.map((node, i) => [node, i]));
        const second = layout(
          order.map((node) => graph.ids[node] as string),
          turns.flatMap(([a, b]) => [place.get(a) as number, place.get(b) as number]),
        );
        expect(order.map((node) => [get(first.x, node), get(first.y, node), get(first.rank, node)])).toEqual(
          order.map((_, i) => [get(second.x, i), get(second.y, i), get(second.rank, i)]),
        );
      }),
    );
  });

  test('a column that is too high for the drawing has several boxes in a row', () => {
    const n = 400;
    const ids = Array.from({ length: n + 1 }, (_, i) => `n${String(i).padStart(3, '0')}`);
    const edges = Array.from({ length: n }, (_, i) => [i, n]).flat();
    const drawn = layout(ids, edges);
    expect(overlaps(drawn)).toEqual([]);
    expect(throughBoxes(drawn, edges)).toEqual([]);
    expect(drawn.height).toBeLessThan(2 * drawn.width);
  });

  test('cycles and edges of a node to itself are drawn without', () => {
    const drawn = layout(['a', 'b', 'c'], [0, 1, 1, 2, 2, 0, 1, 1]);
    expect(overlaps(drawn)).toEqual([]);
    expect(new Set(drawn.rank)).toEqual(new Set([0, 1, 2]));
  });

  test('nothing and single nodes', () => {
    expect(layout([], [])).toMatchObject({ width: 0, height: 0, x: [], bends: [] });
    expect(layout(['a'], [])).toMatchObject({ rank: [0], bends: [] });
  });

  test('what needs only a source is drawn next to it: sources move to those who read them', () => {
    // a -> b -> c -> d, and s -> d: s belongs in the column of c.
    expect(layout(['a', 'b', 'c', 'd', 's'], [0, 1, 1, 2, 2, 3, 4, 3]).rank).toEqual([0, 1, 2, 3, 2]);
  });
});

test('a neighbourhood goes up and down from a node, and not up and then down', () => {
  // 0 -> 1 -> 2 -> 3 -> 4, and 1 -> 5: 5 is a sibling of 2.
  const edges = [0, 1, 1, 2, 2, 3, 3, 4, 1, 5];
  expect(neighbourhood(6, edges, [2], 1, 1)).toEqual({ nodes: [1, 2, 3], edges: [0, 1, 1, 2] });
  expect(neighbourhood(6, edges, [2], 9, 0).nodes).toEqual([0, 1, 2]);
  expect(neighbourhood(6, edges, [2], 0, 9).nodes).toEqual([2, 3, 4]);
  expect(neighbourhood(6, edges, [], 1, 1)).toEqual({ nodes: [], edges: [] });
});
