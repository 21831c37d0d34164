import { at, eachLink, type Links, linksOf } from './links.ts';

/** A part of a graph put into columns. Vertices from `nodes` on are bends: a line that crosses columns has one in each. */
export interface Layered {
  readonly nodes: number;
  /** Column of every vertex. */
  readonly rank: readonly number[];
  /** Vertices of every column, from top to bottom. */
  readonly layers: readonly number[][];
  readonly down: Links;
  readonly up: Links;
  /** The bends of a node's lines, column by column: all its lines share them. */
  readonly lanes: ReadonlyMap<number, readonly number[]>;
}

/** Adds bends to a graph whose pairs lead to higher ranks, and orders each column so that few lines cross: barycentre sweeps, of which the best is kept. */
export function ordered(count: number, pairs: ArrayLike<number>, ranks: ArrayLike<number>, sweeps = 12): Layered {
  const { rank, segments, lanes } = withBends(count, pairs, ranks);
  const down = linksOf(rank.length, segments);
  const up = linksOf(rank.length, segments, true);
  const layers = firstOrder(rank, down, up);
  const [place, wish] = [new Float64Array(rank.length), new Float64Array(rank.length)];
  for (const layer of layers) settle(layer, place);
  let best = layers.map((layer) => layer.slice());
  let fewest = crossings(layers, down, rank.length);
  for (let sweep = 0, idle = 0; sweep < sweeps && idle < 3 && fewest > 0; sweep++, idle++) {
    const forwards = sweep % 2 === 0;
    for (let i = 1; i < layers.length; i++) sortByNeighbours(layers[forwards ? i : layers.length - 1 - i] as number[], forwards ? up : down, place, wish);
    const now = crossings(layers, down, rank.length);
    if (now >= fewest) continue;
    fewest = now;
    idle = 0;
    best = layers.map((layer) => layer.slice());
  }
  return { nodes: count, rank, layers: best, down, up, lanes };
}

function withBends(count: number, pairs: ArrayLike<number>, ranks: ArrayLike<number>) {
  const rank = Array.from({ length: count }, (_, i) => at(ranks, i));
  const segments: number[] = [];
  const lanes = new Map<number, number[]>();
  for (let e = 0; e < pairs.length; e += 2) {
    const [from, to] = [at(pairs, e), at(pairs, e + 1)];
    const steps = at(ranks, to) - at(ranks, from) - 1;
    let lane = lanes.get(from);
    if (steps > 0 && !lane) lanes.set(from, (lane = []));
    for (let i = lane?.length ?? 0; lane && i < steps; i++) {
      segments.push(i === 0 ? from : at(lane, i - 1), rank.length);
      lane.push(rank.length);
      rank.push(at(ranks, from) + i + 1);
    }
    segments.push(lane && steps > 0 ? at(lane, steps - 1) : from, to);
  }
  return { rank, segments, lanes };
}

/** Depth first, so that what hangs together starts out together. */
function firstOrder(rank: readonly number[], down: Links, up: Links): number[][] {
  const layers: number[][] = Array.from({ length: rank.reduce((a, b) => Math.max(a, b), 0) + 1 }, () => []);
  const seen = new Uint8Array(rank.length);
  const stack: number[] = [];
  for (let root = 0; root < rank.length; root++) {
    stack.push(root);
    while (stack.length > 0) {
      const vertex = stack.pop() as number;
      if (seen[vertex] === 1) continue;
      seen[vertex] = 1;
      layers[at(rank, vertex)]?.push(vertex);
      eachLink(up, vertex, (v) => stack.push(v));
      eachLink(down, vertex, (v) => stack.push(v));
    }
  }
  return layers;
}

/** Places are parts of the column's height: columns of different sizes compare. */
function settle(layer: readonly number[], place: Float64Array): void {
  for (let i = 0; i < layer.length; i++) place[at(layer, i)] = (i + 0.5) / layer.length;
}

function sortByNeighbours(layer: number[], links: Links, place: Float64Array, wish: Float64Array): void {
  let sorted = true;
  let last = 0;
  for (const vertex of layer) {
    const [from, to] = [at(links.start, vertex), at(links.start, vertex + 1)];
    let sum = 0;
    for (let i = from; i < to; i++) sum += at(place, at(links.ends, i));
    const wanted = from === to ? at(place, vertex) : sum / (to - from);
    wish[vertex] = wanted;
    if (wanted < last) sorted = false;
    last = wanted;
  }
  if (sorted) return;
  layer.sort((a, b) => at(wish, a) - at(wish, b) || at(place, a) - at(place, b));
  settle(layer, place);
}

/** How many pairs of lines cross between neighbouring columns, counted with a tree of sums (Barth, Mutzel and Juenger 2004). */
export function crossings(layers: readonly (readonly number[])[], down: Links, vertices: number): number {
  const index = new Int32Array(vertices);
  let count = 0;
  for (let r = 0; r + 1 < layers.length; r++) {
    const [left, right] = [layers[r] as readonly number[], layers[r + 1] as readonly number[]];
    for (let i = 0; i < right.length; i++) index[at(right, i)] = i;
    const tree = new Int32Array(right.length + 1);
    let lines = 0;
    for (const vertex of left) {
      const [from, to] = [at(down.start, vertex), at(down.start, vertex + 1)];
      // Lines that start at one vertex do not cross: all are counted before any is added.
      for (let i = from; i < to; i++) count += lines - sumTo(tree, at(index, at(down.ends, i)));
      for (let i = from; i < to; i++) add(tree, at(index, at(down.ends, i)));
      lines += to - from;
    }
  }
  return count;
}

/** How many were added at or before an index. */
function sumTo(tree: Int32Array, index: number): number {
  let sum = 0;
  for (let i = index + 1; i > 0; i -= i & -i) sum += at(tree, i);
  return sum;
}

function add(tree: Int32Array, index: number): void {
  for (let i = index + 1; i < tree.length; i += i & -i) tree[i] = at(tree, i) + 1;
}
