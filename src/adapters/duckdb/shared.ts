import { type CatalogChange, type Cell, duckdb, type Relation, type RelationType, relation } from '../../sql/index.ts';
import type { ConnectOptions, Session } from '../adapter.ts';
import { RelationCache, type SchemaKey } from '../cache.ts';
import type { DuckdbProfile } from './profile.ts';

/** A connection that a question of our own can be put to. */
export interface Asker {
  rows(sql: string): Promise<readonly (readonly Cell[])[]>;
}

/** What the sessions of one warehouse share. */
export class Shared {
  readonly profile: DuckdbProfile;
  readonly cache = new RelationCache((name) => name.toLowerCase());
  readonly onStatement: ConnectOptions['onStatement'];
  readonly onAnswer: ConnectOptions['onAnswer'];
  readonly sessions = new Set<Session>();
  private readonly known = new Map<string, Set<string>>();

  constructor(profile: DuckdbProfile, listeners: Pick<ConnectOptions, 'onStatement' | 'onAnswer'>) {
    this.profile = profile;
    this.onStatement = listeners.onStatement;
    this.onAnswer = listeners.onAnswer;
  }

  key(database: string | null, schema: string | null): SchemaKey {
    return { database: database ?? this.profile.database, schema: schema ?? 'main' };
  }

  /** Makes sure the cache knows these schemas: one query for all that it does not. */
  know(asker: Asker, keys: readonly SchemaKey[]): Promise<void> {
    return this.cache.ensure(keys, async (missing) => (await asker.rows(listSql(missing))).map(listed));
  }

  /** Schema names of a database; asked once, then kept true by what programs note. */
  async schemas(asker: Asker, database: string | null): Promise<readonly string[]> {
    const name = (database ?? this.profile.database).toLowerCase();
    let found = this.known.get(name);
    if (!found) {
      const rows = await asker.rows(`select schema_name from duckdb_schemas() where lower(database_name) = ${duckdb.literal(name)} order by schema_name`);
      found = new Set(rows.map((r) => String(r[0])));
      this.known.set(name, found);
    }
    return [...found];
  }

  withDefaults(change: CatalogChange): CatalogChange {
    const full = (r: Relation): Relation => (r.schema === null ? r : { ...r, database: r.database ?? this.profile.database });
    switch (change.change) {
      case 'renamed':
        return { ...change, relation: full(change.relation), to: full(change.to) };
      case 'added':
      case 'dropped':
        return { ...change, relation: full(change.relation) };
      default:
        return { ...change, database: change.database ?? this.profile.database };
    }
  }

  note(change: CatalogChange): void {
    this.cache.apply(change);
    if (change.change !== 'schema-added' && change.change !== 'schema-dropped') return;
    const schemas = this.known.get((change.database ?? this.profile.database).toLowerCase());
    if (change.change === 'schema-added') schemas?.add(change.schema);
    else schemas?.delete(change.schema);
  }

  /** Changes that were rolled back. */
  undo(changes: readonly CatalogChange[]): void {
    this.cache.undo(changes);
  }

  released(session: Session): void {
    this.sessions.delete(session);
  }
}

/** A condition on the rows of a catalogue function: those of these schemas. */
export const inSchemas = (keys: readonly SchemaKey[]): string =>
  keys
    .map((k) => `(lower(database_name) = ${duckdb.literal(k.database.toLowerCase())} and lower(schema_name) = ${duckdb.literal(k.schema.toLowerCase())})`)
    .join(' or ');

function listSql(keys: readonly SchemaKey[]): string {
  const where = inSchemas(keys);
  return (
    `select database_name, schema_name, table_name, 'table' from duckdb_tables() where not internal and (${where}) ` +
    `union all select database_name, schema_name, view_name, 'view' from duckdb_views() where not internal and (${where})`
  );
}

/** A relation from a row of its database, schema, name and type. */
export function listed(row: readonly unknown[]): Relation {
  return relation(String(row[0]), String(row[1]), String(row[2]), row[3] as RelationType);
}
