/** Neighbours of every node: those of `i` are `ends[start[i]]` to `ends[start[i + 1] - 1]`. */
export interface Links {
  readonly start: Int32Array;
  readonly ends: Int32Array;
}

/** Follows pairs (from, to, from, to, ...) over `count` nodes forwards, or backwards; neighbours keep the order of the pairs. */
export function linksOf(count: number, pairs: ArrayLike<number>, backwards = false): Links {
  const [own, other] = backwards ? [1, 0] : [0, 1];
  const start = new Int32Array(count + 1);
  for (let e = 0; e < pairs.length; e += 2) bump(start, at(pairs, e + own) + 1, 1);
  for (let i = 0; i < count; i++) bump(start, i + 1, at(start, i));
  const next = start.slice();
  const ends = new Int32Array(pairs.length / 2);
  for (let e = 0; e < pairs.length; e += 2) ends[bump(next, at(pairs, e + own), 1)] = at(pairs, e + other);
  return { start, ends };
}

/** Adds to a number of a list; answers what it was. */
function bump(list: Int32Array, i: number, by: number): number {
  const was = at(list, i);
  list[i] = was + by;
  return was;
}

/** A number of a list that is known to be there. */
export function at(list: ArrayLike<number>, i: number): number {
  return list[i] as number;
}

/** Calls back with each neighbour of a node. */
export function eachLink(links: Links, node: number, visit: (neighbour: number) => void): void {
  for (let i = at(links.start, node), end = at(links.start, node + 1); i < end; i++) visit(at(links.ends, i));
}
