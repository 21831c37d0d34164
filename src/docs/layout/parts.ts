import { at } from './links.ts';

/** A connected part: its nodes in order, and the places of its pairs. */
interface Part {
  readonly nodes: number[];
  readonly edges: number[];
}

/** Connected parts, the largest first; and the nodes without edges. */
export function components(count: number, pairs: readonly number[]): { readonly parts: readonly Part[]; readonly alone: readonly number[] } {
  const head = Int32Array.from({ length: count }, (_, i) => i);
  const find = (node: number): number => {
    let top = node;
    while (at(head, top) !== top) {
      head[top] = at(head, at(head, top));
      top = at(head, top);
    }
    return top;
  };
  for (let e = 0; e < pairs.length; e += 2) head[find(at(pairs, e))] = find(at(pairs, e + 1));
  const parts = new Map<number, Part>();
  for (let node = 0; node < count; node++) {
    const top = find(node);
    const part = parts.get(top);
    if (part) part.nodes.push(node);
    else parts.set(top, { nodes: [node], edges: [] });
  }
  for (let e = 0; e < pairs.length; e += 2) parts.get(find(at(pairs, e)))?.edges.push(e);
  const all = [...parts.values()];
  const sorted = all.filter((part) => part.edges.length > 0).sort((a, b) => b.nodes.length - a.nodes.length || at(a.nodes, 0) - at(b.nodes, 0));
  return { parts: sorted, alone: all.flatMap((part) => (part.edges.length === 0 ? part.nodes : [])) };
}

interface Sized {
  readonly width: number;
  readonly height: number;
}

/** Puts drawings beside each other in rows, in order, so that the whole is somewhat wider than high. Answers the left upper corner of each. */
export function packed(drawn: readonly Sized[], gap: number): Sized & { readonly corners: readonly (readonly [number, number])[] } {
  const area = drawn.reduce((sum, d) => sum + (d.width + gap) * (d.height + gap), 0);
  const limit = drawn.reduce((most, d) => Math.max(most, d.width), Math.sqrt(area * 1.6));
  const corners: [number, number][] = [];
  let [left, top, bottom, width] = [0, 0, 0, 0];
  for (const d of drawn) {
    if (left > 0 && left + d.width > limit) [left, top] = [0, bottom + gap];
    corners.push([left, top]);
    width = Math.max(width, left + d.width);
    bottom = Math.max(bottom, top + d.height);
    left += d.width + gap;
  }
  return { width, height: bottom, corners };
}
