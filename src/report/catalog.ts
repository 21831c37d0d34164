import type { JsonMap, Manifest } from '../resolve/index.ts';
import type { Relation } from '../sql/index.ts';
import { type ArtifactContext, metadata } from './metadata.ts';

/** A table or view as the warehouse's catalogue tells it. */
export interface CatalogTable {
  readonly relation: Relation;
  readonly owner: string | null;
  readonly comment: string | null;
  /** Rows and bytes on disk, as the database tells them without reading the table. */
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly columns: readonly { readonly name: string; readonly index: number; readonly type: string; readonly comment: string | null }[];
}

/** catalog.json (v1): what the database holds of the nodes and sources. `ids` limits it to these. */
export function catalogJson(m: Manifest, relations: readonly CatalogTable[], c: ArtifactContext, ids?: ReadonlySet<string>): string {
  const sections = { nodes: {} as { [id: string]: JsonMap }, sources: {} as { [id: string]: JsonMap } };
  for (const { section, id, table } of found(m, relations, ids)) sections[section][id] = tableJson(id, table);
  return JSON.stringify({ metadata: metadata('catalog/v1', c), ...sections, errors: null });
}

/**
 * `dml_sizes.json`: rows and bytes of the tables of nodes and sources by their ids, as far as the database tells. Statistics of catalog.json would be the
 * place for them, but dbt's adapters for the same databases leave none there.
 */
export function sizesJson(m: Manifest, relations: readonly CatalogTable[], ids?: ReadonlySet<string>): string {
  const entries = [...found(m, relations, ids)].flatMap(({ id, table: { rows, bytes } }) =>
    rows === null && bytes === null ? [] : [[id, { ...(rows !== null && { rows }), ...(bytes !== null && { bytes }) }] as const],
  );
  return JSON.stringify(Object.fromEntries(entries));
}

interface Found {
  readonly section: 'nodes' | 'sources';
  readonly id: string;
  readonly table: CatalogTable;
}

/** The tables of nodes and sources. */
function* found(m: Manifest, relations: readonly CatalogTable[], ids: ReadonlySet<string> | undefined): Generator<Found> {
  const byName = new Map(relations.map((r) => [key(r.relation.database, r.relation.schema, r.relation.identifier), r]));
  const wanted = (id: string) => !ids || ids.has(id);
  for (const node of m.nodes.values()) {
    const table = node.relation_name === null ? undefined : byName.get(key(node.database, node.schema, node.alias));
    if (table && wanted(node.unique_id)) yield { section: 'nodes', id: node.unique_id, table };
  }
  for (const source of m.sources.values()) {
    const table = byName.get(key(source.database, source.schema, source.identifier));
    if (table && wanted(source.unique_id)) yield { section: 'sources', id: source.unique_id, table };
  }
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
