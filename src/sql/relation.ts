/** What a relation is in the database. `null` in a {@link Relation} means not known or not there yet. */
export type RelationType = 'table' | 'view' | 'cte' | 'materialized_view' | 'external' | 'function' | 'pointer_table';

export interface Parts<T> {
  readonly database: T;
  readonly schema: T;
  readonly identifier: T;
}

/** The name of a relation, with what to print and what to quote. Plain data: texts of it are made by a dialect. */
export interface Relation {
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
  readonly type: RelationType | null;
  readonly quote: Parts<boolean>;
  readonly include: Parts<boolean>;
}

const ALL: Parts<boolean> = { database: true, schema: true, identifier: true };

export function relation(
  database: string | null,
  schema: string | null,
  identifier: string | null,
  type: RelationType | null = null,
  quote: Parts<boolean> = ALL,
): Relation {
  return { database, schema, identifier, type, quote, include: ALL };
}

/** The relation under another identifier, as dbt names its helpers: `orders` -> `orders__dbt_tmp`. */
export function renamed(r: Relation, identifier: string, type: RelationType | null = r.type): Relation {
  return { ...r, identifier, type };
}
