import type { Adapter } from './adapter.ts';

export { type Adapter, type CatalogRelation, type ConnectOptions, isConflict, type Session, SqlError, type Warehouse } from './adapter.ts';

// Each adapter is loaded when a profile asks for it, and its database driver when it connects.
const adapters: Readonly<Record<string, () => Promise<Adapter>>> = {
  duckdb: async () => (await import('./duckdb/index.ts')).duckdbAdapter,
  postgres: async () => (await import('./postgres/index.ts')).postgresAdapter,
};

/** The adapter types a profile may name. */
export const adapterTypes: readonly string[] = Object.keys(adapters);

/** The adapter of a profile's `type`, or undefined where there is none of this name. */
export function adapterFor(type: string): Promise<Adapter> | undefined {
  return Object.hasOwn(adapters, type) ? adapters[type]?.() : undefined;
}
