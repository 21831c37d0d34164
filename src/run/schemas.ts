import type { Node, Resource } from '../resolve/index.ts';

/** The schemas that these nodes are built in, each once. */
export function schemasOf(nodes: readonly Resource[], storeFailures: boolean): readonly { readonly database: string | null; readonly schema: string }[] {
  const out = new Map<string, { database: string | null; schema: string }>();
  for (const node of nodes)
    if (node.resource_type === 'function' || isRelational(node, storeFailures))
      out.set(`${node.database ?? ''}\u0000${node.schema}`, { database: node.database, schema: node.schema });
  return [...out.values()];
}

/** Whether a node leaves a relation in the database. */
export function isRelational(node: Resource, storeFailures: boolean): node is Node {
  switch (node.resource_type) {
    case 'model':
      return node.config['materialized'] !== 'ephemeral';
    case 'seed':
    case 'snapshot':
      return true;
    case 'test': {
      const as = node.config['store_failures_as'];
      return as === 'table' || as === 'view' || (as !== 'ephemeral' && (node.config['store_failures'] ?? storeFailures) === true);
    }
    default:
      return false;
  }
}
