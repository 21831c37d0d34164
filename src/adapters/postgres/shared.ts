import { type CatalogChange, postgres, type Relation, type RelationType, relation } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { ConnectOptions, Session } from '../adapter.ts';
import { RelationCache, type SchemaKey } from '../cache.ts';
import type { Connector } from './connect.ts';
import type { PostgresProfile } from './profile.ts';

/** A connection that a question of our own can be put to; the answers are the server's texts. */
export interface Asker {
  rows(sql: string): Promise<readonly (readonly (string | null)[])[]>;
}

/** What the sessions of one warehouse share. */
export class Shared {
  readonly profile: PostgresProfile;
  readonly connector: Connector;
  readonly cache = new RelationCache((name) => name);
  readonly onStatement: ConnectOptions['onStatement'];
  readonly onAnswer: ConnectOptions['onAnswer'];
  readonly sessions = new Set<Session>();
  /** Names of types that are not built in, by their number. */
  readonly types = new Map<number, string>();
  private known: Promise<Set<string>> | undefined;

  constructor(profile: PostgresProfile, connector: Connector, listeners: Pick<ConnectOptions, 'onStatement' | 'onAnswer'>) {
    this.profile = profile;
    this.connector = connector;
    this.onStatement = listeners.onStatement;
    this.onAnswer = listeners.onAnswer;
  }

  /** Throws where a name is in another database: a connection reaches one only. */
  inside(database: string | null, shown: string): void {
    if (database !== null && database.toLowerCase() !== this.profile.database.toLowerCase()) {
      fail('database-other', { relation: shown, database: this.profile.database });
    }
  }

  key(database: string | null, schema: string): SchemaKey {
    this.inside(database, `the schema ${database}.${schema}`);
    return { database: this.profile.database, schema };
  }

  /** The relation as the server knows it: in this database, and names that are not quoted in lower case. */
  proper(r: Relation): Relation {
    this.inside(r.database, postgres.render(r));
    const fold = (name: string | null, quoted: boolean): string | null => (quoted ? name : (name?.toLowerCase() ?? null));
    return { ...r, database: this.profile.database, schema: fold(r.schema, r.quote.schema), identifier: fold(r.identifier, r.quote.identifier) };
  }

  /** Makes sure the cache knows these schemas: one query for all that it does not. */
  know(asker: Asker, keys: readonly SchemaKey[]): Promise<void> {
    return this.cache.ensure(keys, async (missing) => (await asker.rows(listSql(missing))).map((row) => this.listed(row)));
  }

  /** A relation from a row of its schema, name and kind. */
  listed([schema, name, kind]: readonly (string | null)[]): Relation {
    return relation(this.profile.database, schema ?? '', name ?? '', KINDS[kind ?? ''] ?? 'table');
  }

  /** Schema names; asked once, then kept true by what programs note. */
  async schemas(asker: Asker, database: string | null): Promise<readonly string[]> {
    this.inside(database, `the database ${database}`);
    this.known ??= asker.rows('select nspname from pg_catalog.pg_namespace order by 1').then((rows) => new Set(rows.map((r) => r[0] ?? '')));
    // A question that failed is asked again.
    this.known.catch(() => {
      this.known = undefined;
    });
    return [...(await this.known)];
  }

  withDefaults(change: CatalogChange): CatalogChange {
    switch (change.change) {
      case 'renamed':
        return { ...change, relation: this.proper(change.relation), to: this.proper(change.to) };
      case 'added':
      case 'dropped':
        return { ...change, relation: this.proper(change.relation) };
      default:
        return { ...change, database: this.profile.database };
    }
  }

  note(change: CatalogChange): void {
    this.cache.apply(change);
    if (change.change === 'schema-added') void this.known?.then((known) => known.add(change.schema), ignored);
    else if (change.change === 'schema-dropped') void this.known?.then((known) => known.delete(change.schema), ignored);
  }

  /** Changes that were rolled back. */
  undo(changes: readonly CatalogChange[]): void {
    this.cache.undo(changes);
    if (changes.some((c) => c.change === 'schema-added' || c.change === 'schema-dropped')) this.known = undefined;
  }
}

const ignored = (): void => undefined;

const KINDS: Readonly<Record<string, RelationType>> = { r: 'table', p: 'table', v: 'view', m: 'materialized_view' };

/** The kinds of relations that projects build, as the server's catalogue marks them: tables, partitioned ones, views, materialized views. */
export const kindsSql = "c.relkind in ('r', 'p', 'v', 'm')";

/** A condition on pg_namespace: these schemas. */
export const inSchemas = (keys: readonly SchemaKey[]): string => `n.nspname in (${keys.map((k) => postgres.literal(k.schema)).join(', ')})`;

/** The question for the relations of schemas: rows of schema, name and kind. */
export function listSql(keys: readonly SchemaKey[]): string {
  return (
    'select n.nspname, c.relname, c.relkind from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace ' +
    `where ${kindsSql} and ${inSchemas(keys)}`
  );
}
