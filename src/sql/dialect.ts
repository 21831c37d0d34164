import type { Relation } from './relation.ts';

/** What an engine can do that changes how programs are written. */
export interface Capabilities {
  /** DDL takes part in transactions. */
  readonly transactionalDdl: boolean;
  /** `create or replace table ... as` replaces in one atomic statement. */
  readonly replaceTable: boolean;
  /** `create or replace view` replaces in one statement, whatever the columns were. */
  readonly replaceView: boolean;
  readonly merge: boolean;
  /** Temporary tables live in a place of their own: their name has no database and schema. */
  readonly temporaryTables: boolean;
  /** Tables that a foreign key of another table references cannot be replaced or renamed. */
  readonly pinsReferencedTables: boolean;
  /** Several sessions can change different rows of one table at the same time. */
  readonly concurrentBatches: boolean;
}

/** What the text of a merge is made from. Columns are names as the catalogue spells them. */
export interface Upsert {
  readonly target: string;
  readonly source: string;
  /** SQL expressions, as users write unique_key. Empty: no key, rows are only inserted. */
  readonly keys: readonly string[];
  /** Whether unique_key was a list: dbt's text differs. */
  readonly keyList: boolean;
  readonly columns: readonly string[];
  readonly predicates: readonly string[];
  readonly merge?: MergeOptions;
}

export interface MergeOptions {
  /** Text of each column to update, quoted as the user wrote it; absent: all. */
  readonly update?: readonly string[];
  /** Names not to update, in any case. */
  readonly exclude?: readonly string[];
  readonly setExpressions?: Readonly<Record<string, string>>;
  readonly updateCondition?: string;
  readonly insertCondition?: string;
  readonly using?: readonly string[];
}

/** What the text that ends and adds versions of a snapshot is made from. */
export interface SnapshotMerge {
  readonly target: string;
  readonly source: string;
  /** Quoted. */
  readonly columns: readonly string[];
  readonly validTo: string;
  readonly scdId: string;
  /** SQL of the value that open versions carry in valid_to; null: NULL. */
  readonly current: string | null;
}

/** The text side of an engine: how it writes names, literals and statements, and what it can do. Knows no connection. */
export interface Dialect {
  /** The adapter type that macros dispatch on, e.g. `duckdb`. */
  readonly name: string;
  /** Further types to dispatch on, nearest first (`redshift` -> `postgres`); `default` always comes last. */
  readonly parents: readonly string[];
  readonly can: Capabilities;
  quote(identifier: string): string;
  literal(value: string | number | bigint | boolean | null): string;
  /** The relation as SQL, with the parts it includes, quoted as it says. */
  render(relation: Relation): string;
  /** The type that dbt's short names stand for in contracts: `string` -> `TEXT`. */
  typeOf(name: string): string;
  /** The name by which contracts compare, and tell of, a type of a result: types that it makes one are the same to them. */
  contractType(dataType: string): string;
  /** Longest identifier in bytes; the engine cuts longer ones off. Infinity: there is no limit. */
  readonly maxIdentifier: number;
  /** The incremental strategies that need no macro of the user's. */
  readonly strategies: readonly string[];
  /** The strategy of a model that names none. */
  defaultStrategy(keyed: boolean): string;
  /** The type of "now" for snapshots: an expression whose type suits a timestamp column. */
  readonly now: string;
  /** `create schema if not exists`; the relation has no identifier. */
  createSchema(place: Relation): string;
  /** Drops the schema, if it is there, with all that is in it. */
  dropSchema(place: Relation): string;
  createTable(relation: Relation, sql: string, options: { readonly temporary: boolean; readonly replace: boolean; readonly unlogged?: boolean }): string;
  createView(relation: Relation, sql: string, options: { readonly replace: boolean }): string;
  drop(relation: Relation): string;
  rename(from: Relation, to: Relation): string;
  /** Statements of the strategy, in order: they must run in one transaction. */
  deleteInsert(upsert: Upsert): readonly string[];
  merge(upsert: Upsert): string;
  /**
   * A merge of the rows of a query in one statement, which computes them once and fails, with `refusal` in its message, where the keys (at least one) do not
   * tell them apart; absent: the rows are staged and looked at first.
   */
  mergeQuery?(upsert: Omit<Upsert, 'source'>, sql: string, refusal: string): string;
  /** Statements that replace the rows of a window of time, in order; absent: batches are merged by key. `start` and `end` are times as text. */
  replaceWindow?(upsert: Upsert, window: { readonly column: string; readonly start: string; readonly end: string }): readonly string[];
  snapshotMerge(merge: SnapshotMerge): readonly string[];
  addColumn(relation: Relation, name: string, type: string): string;
  dropColumn(relation: Relation, name: string): string;
  alterType(relation: Relation, name: string, type: string): readonly string[];
  /** The statement that counts a new table's values for the planner, where the engine does not do that by itself. */
  analyze?(relation: Relation): string;
  /** `comment on ... is ...`, with the text as a literal. */
  comment(on: 'table' | 'view' | 'column', name: string, text: string): string;
}
