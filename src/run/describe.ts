import type { Invocation } from '../context/index.ts';
import type { Member } from '../plan/index.ts';
import { type Node, nodeRelation } from '../resolve/index.ts';

const BARE = { database: false, schema: false, identifier: false };

/** What the row of a node shows, in dbt's words: `sql view model main.stg_orders`. `inBatches`: a microbatch model. */
export function describe(node: Member, invocation: Pick<Invocation, 'dialect' | 'quoting' | 'targetDatabase'>, inBatches = false): string {
  switch (node.resource_type) {
    case 'model':
      return `${node.language} ${inBatches ? 'microbatch' : String(node.config['materialized'] ?? 'view')} model ${shortName(node, invocation)}`;
    case 'function':
      return `function ${shortName(node, invocation)}`;
    case 'seed':
      return `seed file ${shortName(node, invocation)}`;
    case 'snapshot':
      return `snapshot ${shortName(node, invocation)}`;
    case 'source':
      return `freshness of ${node.source_name}.${node.name}`;
    case 'unit_test':
      return `unit_test ${node.model}::${node.name}`;
    case 'saved_query':
      return `saved query ${node.name}`;
    default:
      return `${node.resource_type} ${node.name}`;
  }
}

/** The relation without quotes, and without the database where it is the target's. */
function shortName(node: Node, { dialect, quoting, targetDatabase }: Pick<Invocation, 'dialect' | 'quoting' | 'targetDatabase'>): string {
  const relation = nodeRelation(node, quoting);
  return dialect.render({ ...relation, quote: BARE, include: { ...relation.include, database: node.database !== targetDatabase } });
}
