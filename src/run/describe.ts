import type { Invocation } from '../context/index.ts';
import { type Node, nodeRelation, type Resource } from '../resolve/index.ts';

const BARE = { database: false, schema: false, identifier: false };

/** What the row of a node shows, in dbt's words: `sql view model main.stg_orders`. */
export function describe(node: Resource, invocation: Pick<Invocation, 'dialect' | 'quoting' | 'targetDatabase'>): string {
  switch (node.resource_type) {
    case 'model':
      return `${node.language} ${String(node.config['materialized'] ?? 'view')} model ${shortName(node, invocation)}`;
    case 'seed':
      return `seed file ${shortName(node, invocation)}`;
    case 'snapshot':
      return `snapshot ${shortName(node, invocation)}`;
    case 'unit_test':
      return `unit_test ${node.model}::${node.name}`;
    default:
      return `${node.resource_type} ${node.name}`;
  }
}

/** The relation without quotes, and without the database where it is the target's. */
function shortName(node: Node, { dialect, quoting, targetDatabase }: Pick<Invocation, 'dialect' | 'quoting' | 'targetDatabase'>): string {
  const relation = nodeRelation(node, quoting);
  return dialect.render({ ...relation, quote: BARE, include: { ...relation.include, database: node.database !== targetDatabase } });
}
