import type { JsonMap, Manifest } from '../resolve/index.ts';
import type { Relation } from '../sql/index.ts';
import { type ArtifactContext, metadata } from './metadata.ts';

/** A table or view as the warehouse's catalogue tells it. */
export interface CatalogTable {
  readonly relation: Relation;
  readonly owner: string | null;
  readonly comment: string | null;
  readonly columns: readonly { readonly name: string; readonly index: number; readonly type: string; readonly comment: string | null }[];
}

/** catalog.json (v1): what the database holds of the nodes and sources. `ids` limits it to these. */
export function catalogJson(m: Manifest, relations: readonly CatalogTable[], c: ArtifactContext, ids?: ReadonlySet<string>): string {
  const byName = new Map(relations.map((r) => [key(r.relation.database, r.relation.schema, r.relation.identifier), r]));
  const nodes: { [id: string]: JsonMap } = {};
  const sources: { [id: string]: JsonMap } = {};
  for (const node of m.nodes.values()) {
    if (ids && !ids.has(node.unique_id)) continue;
    const found = node.relation_name === null ? undefined : byName.get(key(node.database, node.schema, node.alias));
    if (found) nodes[node.unique_id] = tableJson(node.unique_id, found);
  }
  for (const source of m.sources.values()) {
    if (ids && !ids.has(source.unique_id)) continue;
    const found = byName.get(key(source.database, source.schema, source.identifier));
    if (found) sources[source.unique_id] = tableJson(source.unique_id, found);
  }
  return JSON.stringify({ metadata: metadata('catalog/v1', c), nodes, sources, errors: null });
}

function key(database: string | null, schema: string | null, identifier: string | null): string {
  return [database, schema, identifier].map((p) => (p ?? '').toLowerCase()).join('\u0000');
}

function tableJson(id: string, r: CatalogTable): JsonMap {
  const { database, schema, identifier, type } = r.relation;
  return {
    metadata: {
      type: type === 'table' ? 'BASE TABLE' : (type ?? '').toUpperCase().replace('_', ' '),
      schema: schema ?? '',
      name: identifier ?? '',
      database,
      comment: r.comment,
      owner: r.owner,
    },
    columns: Object.fromEntries(r.columns.map((c) => [c.name, { type: c.type, index: c.index, name: c.name, comment: c.comment }])),
    stats: {
      has_stats: { id: 'has_stats', label: 'Has Stats?', value: false, include: false, description: 'Indicates whether there are statistics for this table' },
    },
    unique_id: id,
  };
}
