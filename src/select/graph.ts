/** A directed graph over string ids, kept as small integers so that walks over 10,000 nodes cost milliseconds. Edges point from parent to child. */
export class Graph {
  readonly ids: readonly string[];
  private readonly index: ReadonlyMap<string, number>;
  private readonly up: readonly (readonly number[])[];
  private readonly down: readonly (readonly number[])[];

  /** `parents` holds every member of the graph as a key; edges to ids that are not members are left out. */
  constructor(parents: ReadonlyMap<string, readonly string[]>) {
    this.ids = [...parents.keys()];
    this.index = new Map(this.ids.map((id, i) => [id, i]));
    const up: number[][] = [];
    const down: number[][] = this.ids.map(() => []);
    for (const [id, above] of parents) {
      const child = this.at(id);
      const known = [...new Set(above)].flatMap((p) => this.index.get(p) ?? []);
      up.push(known);
      for (const p of known) down[p]?.push(child);
    }
    this.up = up;
    this.down = down;
  }

  has(id: string): boolean {
    return this.index.has(id);
  }

  parents(id: string): string[] {
    return (this.up[this.at(id)] ?? []).map((i) => this.name(i));
  }

  children(id: string): string[] {
    return (this.down[this.at(id)] ?? []).map((i) => this.name(i));
  }

  /** Everything above `from`, at most `depth` edges away. Members of `from` are in it only where they are above another one. */
  ancestors(from: Iterable<string>, depth: number = Number.POSITIVE_INFINITY): Set<string> {
    return this.walk(from, this.up, depth);
  }

  /** Everything below `from`, at most `depth` edges away. */
  descendants(from: Iterable<string>, depth: number = Number.POSITIVE_INFINITY): Set<string> {
    return this.walk(from, this.down, depth);
  }

  private walk(from: Iterable<string>, edges: readonly (readonly number[])[], depth: number): Set<string> {
    const seen = new Uint8Array(this.ids.length);
    const out = new Set<string>();
    let layer = [...from].map((id) => this.at(id));
    for (let d = 0; d < depth && layer.length > 0; d++) {
      const next: number[] = [];
      for (const node of layer) {
        for (const other of edges[node] ?? []) {
          if (seen[other]) continue;
          seen[other] = 1;
          next.push(other);
          out.add(this.name(other));
        }
      }
      layer = next;
    }
    return out;
  }

  /** Parents before children; ties in the order of the ids given. Undefined where there is a cycle. */
  order(): string[] | undefined {
    const waiting = this.up.map((p) => p.length);
    const out = waiting.flatMap((n, i) => (n === 0 ? [i] : []));
    for (let k = 0; k < out.length; k++) {
      for (const child of this.down[out[k] ?? 0] ?? []) {
        const left = (waiting[child] ?? 0) - 1;
        waiting[child] = left;
        if (left === 0) out.push(child);
      }
    }
    return out.length === this.ids.length ? out.map((i) => this.name(i)) : undefined;
  }

  /** One cycle as a path that starts and ends at the same id and reads in the direction of the data, or undefined where there is none. */
  cycle(): string[] | undefined {
    const state = new Uint8Array(this.ids.length); // 0 new, 1 on the path, 2 done
    for (let root = 0; root < this.ids.length; root++) {
      if (state[root] !== 0) continue;
      const path = [root];
      const turn = [0];
      state[root] = 1;
      while (path.length > 0) {
        const node = path.at(-1) ?? 0;
        const i = turn.at(-1) ?? 0;
        const next = this.down[node]?.[i];
        if (next === undefined) {
          state[node] = 2;
          path.pop();
          turn.pop();
          continue;
        }
        turn[turn.length - 1] = i + 1;
        if (state[next] === 1) return [...path.slice(path.indexOf(next)), next].map((n) => this.name(n));
        if (state[next] !== 0) continue;
        state[next] = 1;
        path.push(next);
        turn.push(0);
      }
    }
    return undefined;
  }

  private at(id: string): number {
    const i = this.index.get(id);
    if (i === undefined) throw new Error(`${id} is not in the graph`);
    return i;
  }

  private name(i: number): string {
    return this.ids[i] ?? '';
  }
}
