import { at, eachLink, type Links } from './links.ts';
import type { Layered } from './order.ts';

/** Sizes in pixels. */
export interface Measures {
  readonly box: { readonly width: number; readonly height: number };
  /** Between boxes that lie above each other. */
  readonly gap: number;
  /** Between columns: where lines run freely. */
  readonly between: number;
  /** Between the boxes of one row, in columns that are too high for one box a row. */
  readonly beside: number;
  /** Height that a passing line is given. */
  readonly lane: number;
}

/** What is put at one height of a column: a passing line, or a row of boxes. */
interface Slot {
  readonly vertices: readonly number[];
  readonly height: number;
}

export interface Placed {
  readonly width: number;
  readonly height: number;
  /** Middle of every vertex, from the top left corner. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Left and right end of every column, and the boxes it has in a row. */
  readonly columns: readonly Column[];
}

interface Column {
  readonly left: number;
  readonly right: number;
  readonly across: number;
}

/** Coordinates for ordered columns: none overlap, lines are short, and those that cross columns are as straight as the order allows. */
export function placed(graph: Layered, m: Measures): Placed {
  const rows = rowsAtMost(graph, m);
  const across = graph.layers.map((layer) => Math.ceil(realCount(graph, layer) / rows) || 1);
  const columns: Column[] = [];
  for (const n of across) {
    const left = columns.length === 0 ? 0 : (columns.at(-1) as Column).right + m.between;
    columns.push({ left, right: left + n * m.box.width + (n - 1) * m.beside, across: n });
  }
  const slots = graph.layers.map((layer, r) => slotsOf(graph, layer, at(across, r), m));
  const y = heights(graph, slots);
  const top = extreme(slots, y, -1);
  for (let i = 0; i < y.length; i++) y[i] = at(y, i) + top;
  const x = new Float64Array(graph.rank.length);
  slots.forEach((column, r) => {
    const { left, right } = columns[r] as Column;
    for (const { vertices } of column)
      for (const [i, v] of vertices.entries()) x[v] = v < graph.nodes ? left + m.box.width / 2 + i * (m.box.width + m.beside) : (left + right) / 2;
  });
  return { width: columns.at(-1)?.right ?? 0, height: extreme(slots, y, 1), x, y, columns };
}

function realCount(graph: Layered, layer: readonly number[]): number {
  return layer.reduce((n, v) => (v < graph.nodes ? n + 1 : n), 0);
}

/** How many rows of boxes a column may have: all there are, unless the drawing would be much higher than wide. */
function rowsAtMost(graph: Layered, m: Measures): number {
  const reals = graph.layers.map((layer) => realCount(graph, layer));
  const pitch = m.box.height + m.gap;
  const most = Math.max(...reals);
  let rows = most;
  while (rows > 24) {
    const width = reals.reduce((sum, n) => sum + Math.ceil(n / rows) * (m.box.width + m.beside) + m.between, 0);
    const height = graph.layers.reduce((h, layer, r) => Math.max(h, Math.min(rows, at(reals, r)) * pitch + (layer.length - at(reals, r)) * m.lane), 0);
    if (height <= width) break;
    rows = Math.ceil(rows * 0.8);
  }
  return rows;
}

function slotsOf(graph: Layered, layer: readonly number[], across: number, m: Measures): Slot[] {
  const out: Slot[] = [];
  let row: number[] = [];
  let passing: Slot[] = [];
  const flush = () => {
    if (row.length > 0) out.push({ vertices: row, height: m.box.height + m.gap });
    out.push(...passing);
    row = [];
    passing = [];
  };
  for (const vertex of layer) {
    if (vertex >= graph.nodes) passing.push({ vertices: [vertex], height: m.lane });
    else row.push(vertex);
    if (row.length === across || row.length === 0) flush();
  }
  flush();
  return out;
}

/** Rounds of moving every slot towards its neighbours: to those on its left, to those on its right, in turn. */
const ROUNDS = 8;

function heights(graph: Layered, slots: readonly (readonly Slot[])[]): Float64Array {
  const y = new Float64Array(graph.rank.length);
  for (const column of slots) {
    let top = -column.reduce((sum, slot) => sum + slot.height, 0) / 2;
    for (const slot of column) {
      for (const v of slot.vertices) y[v] = top + slot.height / 2;
      top += slot.height;
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    const forwards = round % 2 === 0;
    for (let i = 1; i < slots.length; i++) align(graph, slots[forwards ? i : slots.length - 1 - i] as readonly Slot[], forwards ? graph.up : graph.down, y);
  }
  return y;
}

/**
 * Moves the slots of a column as near to their neighbours as their order and heights allow. Exact for squared distances: with the heights above each slot
 * taken off, order is all that is left to keep, and blocks of slots that would overtake each other settle at their mean (isotonic regression).
 */
function align(graph: Layered, column: readonly Slot[], links: Links, y: Float64Array): void {
  const blocks: { sum: number; weight: number; slots: number }[] = [];
  const offsets: number[] = [];
  let above = 0;
  for (const slot of column) {
    const offset = above + slot.height / 2;
    above += slot.height;
    offsets.push(offset);
    const { wanted, weight } = wish(graph, slot, links, y);
    let block = { sum: (wanted - offset) * weight, weight, slots: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.weight >= block.sum / block.weight; last = blocks.at(-1)) {
      block = { sum: last.sum + block.sum, weight: last.weight + block.weight, slots: last.slots + block.slots };
      blocks.pop();
    }
    blocks.push(block);
  }
  let i = 0;
  for (const block of blocks)
    for (let n = 0; n < block.slots; n++, i++) for (const v of (column[i] as Slot).vertices) y[v] = block.sum / block.weight + at(offsets, i);
}

/** Where a slot would like to be, and how much. Long lines pull most, as a bend in them is seen first. */
function wish(graph: Layered, slot: Slot, links: Links, y: Float64Array): { readonly wanted: number; readonly weight: number } {
  let sum = 0;
  let weight = 0;
  for (const v of slot.vertices)
    eachLink(links, v, (other) => {
      const pull = v >= graph.nodes ? (other >= graph.nodes ? 8 : 2) : 1;
      sum += pull * at(y, other);
      weight += pull;
    });
  return weight === 0 ? { wanted: at(y, slot.vertices[0] as number), weight: 0.1 } : { wanted: sum / weight, weight };
}

/** How far slots reach above (-1) or below (1) zero. */
function extreme(slots: readonly (readonly Slot[])[], y: Float64Array, side: -1 | 1): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const column of slots) for (const slot of column) most = Math.max(most, side * at(y, slot.vertices[0] as number) + slot.height / 2);
  return Number.isFinite(most) ? most : 0;
}
