import type { Span } from '../text/index.ts';
import type { Build } from './build.ts';
import type { Lookup } from './find.ts';
import type { RefArgs } from './manifest.ts';

/** Reports a circle in the graph, with the place of every reference that makes it; one circle is enough, since mending it may break others. */
export function checkCycles(b: Build, lookup: Lookup): void {
  const circle = findCycle(new Map([...b.nodes.values()].map((n) => [n.unique_id, n.depends_on.nodes])));
  if (!circle) return;
  const names = circle.map((id) => b.nodes.get(id)?.name ?? id);
  const steps = circle.slice(1).flatMap((id, i) => {
    const at = placeOf(b, lookup, id, circle[i] as string);
    return at ? [{ message: `\`${names[i + 1]}\` reads \`${names[i]}\` here`, at }] : [];
  });
  b.sink.add('dependency-cycle', { path: names }, { at: steps[0]?.at, related: steps.slice(1) });
}

/** Where a node names another. */
function placeOf(b: Build, lookup: Lookup, id: string, parent: string): Span | undefined {
  const node = b.nodes.get(id);
  if (!node) return undefined;
  const leads = (r: RefArgs): boolean => lookup.ref(r, node.package_name)?.node.unique_id === parent;
  for (const r of node.refs) if (leads(r)) return b.places.get(node)?.get(`ref:${r.package ?? ''}.${r.name}.${r.version ?? ''}`) ?? node.at;
  return node.at;
}

/** The ids of a circle, parents before children, the first one again at the end. Without recursion: chains may be long. */
function findCycle(parents: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const state = new Map<string, 'open' | 'done'>();
  for (const start of parents.keys()) {
    if (state.has(start)) continue;
    const stack: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const parent = parents.get(top.id)?.[top.next++];
      if (parent === undefined) {
        state.set(top.id, 'done');
        stack.pop();
      } else if (state.get(parent) === 'open') {
        const circle = stack.slice(stack.findIndex((s) => s.id === parent)).map((s) => s.id);
        return [parent, ...circle.toReversed()];
      } else if (!state.has(parent)) {
        state.set(parent, 'open');
        stack.push({ id: parent, next: 0 });
      }
    }
  }
  return undefined;
}
