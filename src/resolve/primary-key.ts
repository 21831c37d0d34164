import type { Node, Resource, TestNode } from './manifest.ts';

/** The primary key of each model, as far as constraints and tests tell: a primary key constraint, else columns tested unique and not null, else columns tested unique; tests that are switched off count last. */
export function primaryKeys(nodes: ReadonlyMap<string, Node>, disabled: ReadonlyMap<string, readonly Resource[]>): Map<string, readonly string[]> {
  const tests = new Map<string, TestNode[]>();
  for (const n of [...nodes.values(), ...[...disabled.values()].flat()]) {
    if (n.resource_type !== 'test') continue;
    const test = n as TestNode;
    if (test.attached_node === null) continue;
    tests.set(test.attached_node, [...(tests.get(test.attached_node) ?? []), test]);
  }
  const out = new Map<string, readonly string[]>();
  for (const n of nodes.values()) {
    if (n.resource_type !== 'model') continue;
    const key = keyOf(n, tests.get(n.unique_id) ?? []);
    if (key.length > 0) out.set(n.unique_id, key);
  }
  return out;
}

function keyOf(node: Node, tests: readonly TestNode[]): readonly string[] {
  for (const c of 'constraints' in node ? node.constraints : []) if (c.type === 'primary_key' && Array.isArray(c.columns)) return c.columns.map(String);
  const column = Object.values(node.columns).find((c) => c.constraints.some((x) => x.type === 'primary_key'));
  if (column) return [column.name];
  const tested = (names: readonly string[], enabled?: boolean): string[] =>
    tests.flatMap((t) =>
      names.includes(t.test_metadata?.name ?? '') && (enabled === undefined || (t.config.enabled !== false) === enabled) ? columnsOf(t) : [],
    );
  const unique = ['unique', 'unique_combination_of_columns'];
  const any = new Set(tested(unique));
  for (const key of [tested(['not_null']).filter((c) => any.has(c)), tested(unique, true), tested(unique, false)])
    if (key.length > 0) return [...new Set(key)].sort();
  return [];
}

function columnsOf(test: TestNode): string[] {
  const { column_name: name, combination_of_columns: several } = test.test_metadata?.kwargs ?? {};
  if (typeof name === 'string') return [name];
  return Array.isArray(several) ? several.filter((c) => typeof c === 'string') : [];
}
