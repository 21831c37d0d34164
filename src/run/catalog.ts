import type { CatalogRelation, Warehouse } from '../adapters/index.ts';
import type { Manifest } from '../resolve/index.ts';
import { schemasOf } from './schemas.ts';

/** What the database holds in the schemas of the project's nodes and sources. */
export async function catalogOf(manifest: Manifest, warehouse: Warehouse): Promise<readonly CatalogRelation[]> {
  const all = new Map<string, { readonly database: string | null; readonly schema: string }>();
  for (const place of [...schemasOf([...manifest.nodes.values()], false), ...manifest.sources.values()]) {
    all.set(`${place.database ?? ''}\u0000${place.schema}`.toLowerCase(), { database: place.database, schema: place.schema });
  }
  return warehouse.catalog([...all.values()]);
}
