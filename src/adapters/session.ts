import type { CatalogChange, Column, Effect, Load, QueryResult, Relation, Response } from '../sql/index.ts';
import type { Session } from './adapter.ts';
import type { RelationCache, SchemaKey } from './cache.ts';

/** What sessions keep in common with the others of their warehouse. */
export interface Catalogue<A> {
  readonly cache: RelationCache;
  /** A schema's key; throws where the database is out of reach. */
  key(database: string | null, schema: string): SchemaKey;
  /** Makes sure the cache knows these schemas, asking with `asker`. */
  know(asker: A, keys: readonly SchemaKey[]): Promise<void>;
  schemas(asker: A, database: string | null): Promise<readonly string[]>;
  /** The change with the names that a program left to the profile. */
  withDefaults(change: CatalogChange): CatalogChange;
  note(change: CatalogChange): void;
  undo(changes: readonly CatalogChange[]): void;
}

/** One connection, as every engine has it: which effect is answered by what, and what a transaction leaves of the relation cache. */
export abstract class EffectSession<A> implements Session {
  label: string | undefined;
  protected open = false;
  /** What the open transaction has changed in the catalogue. */
  private readonly changes: CatalogChange[] = [];
  protected abstract readonly shared: Catalogue<A>;

  protected abstract begin(): Promise<void>;
  protected abstract end(how: 'commit' | 'rollback'): Promise<void>;
  /** Runs the statements of a text; the answer is the last one's. */
  protected abstract execute(sql: string): Promise<Response>;
  protected abstract query(sql: string, limit: number | undefined): Promise<QueryResult>;
  protected abstract load(relation: Relation, load: Load): Promise<Response>;
  protected abstract lookup(relation: Relation): Promise<Relation | null>;
  protected abstract columns(relation: Relation): Promise<readonly Column[]>;
  /** This connection, to put our own questions to. */
  protected abstract asker(): A;
  abstract cancel(): Promise<void>;
  abstract release(): Promise<void>;

  get inTransaction(): boolean {
    return this.open;
  }

  async answer(effect: Effect): Promise<unknown> {
    if ('begin' in effect && effect.begin) await this.begin();
    switch (effect.kind) {
      case 'execute':
        return this.execute(effect.sql);
      case 'query':
        return this.query(effect.sql, effect.limit);
      case 'load':
        return this.load(effect.relation, effect.load);
      case 'relation':
        return this.lookup(effect.relation);
      case 'relations':
        return this.relations(effect.database, effect.schema);
      case 'schemas':
        return this.shared.schemas(this.asker(), effect.database);
      case 'columns':
        return this.columns(effect.relation);
      case 'note':
        return this.note(effect.change);
      case 'begin':
        return this.begin();
      case 'commit':
      case 'rollback':
        return this.end(effect.kind);
      case 'csv':
      case 'inspected-load':
        throw new Error('what reads a file is answered by the driver');
    }
  }

  private async relations(database: string | null, schema: string): Promise<readonly Relation[]> {
    const key = this.shared.key(database, schema);
    await this.shared.know(this.asker(), [key]);
    return this.shared.cache.list(key);
  }

  protected note(change: CatalogChange): void {
    // A temporary table is in no schema that the cache knows.
    if ('relation' in change && change.relation.schema === null) return;
    const known = this.shared.withDefaults(change);
    if (this.open) this.changes.push(known);
    this.shared.note(known);
  }

  /** Takes what the transaction that ended has changed for true, or as if it had never been. */
  protected ended(kept: boolean): void {
    this.open = false;
    const changes = this.changes.splice(0);
    // Another session's rollback may have had the schema listed without them meanwhile.
    if (kept) for (const change of changes) this.shared.note(change);
    else this.shared.undo(changes);
  }
}
