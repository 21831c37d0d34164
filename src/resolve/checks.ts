import { closest, diagnostic } from '../text/index.ts';
import type { Build } from './build.ts';
import type { Node } from './manifest.ts';

/** A node's group must exist in its package. */
export function checkGroups(b: Build): void {
  for (const n of b.nodes.values()) {
    if (n.group === null || n.resource_type === 'test' || b.groups.has(`group.${n.package_name}.${n.group}`)) continue;
    const known = [...b.groups.values()].flatMap((g) => (g.package_name === n.package_name ? [g.name] : []));
    b.sink.add('group-not-found', { group: n.group, node: n.name, near: closest(n.group, known) }, { at: b.places.get(n)?.get('entry') ?? n.at });
  }
}

/** Names hold no spaces, unless the project allows them. */
export function checkSpaces(b: Build): void {
  const allowed = b.invocation.args['require_resource_names_without_spaces'] === false;
  for (const n of b.nodes.values()) {
    if (!n.name.includes(' ')) continue;
    const found = diagnostic('name-with-spaces', { name: n.name, kind: n.resource_type }, { at: n.at });
    b.sink.push(allowed ? { ...found, severity: 'warning' } : found);
  }
}

/** Two nodes must not write the same relation, and a name that `ref` finds must be there once in a package. */
export function checkRelations(b: Build): void {
  const relations = new Map<string, Node>();
  const names = new Map<string, Node>();
  for (const n of b.nodes.values()) {
    if (n.resource_type !== 'model' && n.resource_type !== 'seed' && n.resource_type !== 'snapshot') continue;
    const name = `${n.package_name}.${n.name}.${'version' in n ? (n.version ?? '') : ''}`;
    const sameName = names.get(name);
    if (sameName)
      b.sink.add('duplicate-name', { name: n.name, kind: sameName.resource_type }, { at: n.at, related: [{ message: 'the other one', at: sameName.at }] });
    else names.set(name, n);
    if (n.relation_name === null) continue;
    const key = n.relation_name.toLowerCase();
    const before = relations.get(key);
    if (before && !sameName)
      b.sink.add(
        'duplicate-relation',
        { name: n.name, other: before.name, relation: n.relation_name },
        { at: n.at, related: [{ message: 'the other one', at: before.at }] },
      );
    else relations.set(key, n);
  }
}
