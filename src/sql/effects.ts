import type { Relation } from './relation.ts';

/** The kind of a result column: decides what a cell's JavaScript value means (see {@link Cell}). */
export type CellType = 'integer' | 'decimal' | 'float' | 'boolean' | 'text' | 'date' | 'timestamp' | 'timestamp_tz' | 'time' | 'interval' | 'binary' | 'other';

/**
 * One value of a result. integer: number, or bigint beyond 2^53; decimal: its exact text; float: number; boolean: boolean;
 * date `YYYY-MM-DD`, timestamp `YYYY-MM-DD HH:MM:SS[.ffffff]`, timestamp_tz the same in UTC with `+00:00`, time `HH:MM:SS[.ffffff]`;
 * everything else the engine's own text. NULL is null.
 */
export type Cell = null | boolean | number | bigint | string;

export interface ResultColumn {
  readonly name: string;
  readonly type: CellType;
  /** The engine's name of the type, e.g. `DECIMAL(18,3)`. */
  readonly dataType: string;
}

export interface ResultTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What the database said of a statement. `rows`: rows written or returned, where the engine tells. */
export interface Response {
  readonly message: string;
  readonly code?: string;
  readonly rows?: number;
}

export interface QueryResult {
  readonly table: ResultTable;
  readonly response: Response;
}

/** A column of an existing relation. */
export interface Column {
  readonly name: string;
  /** The engine's name of the type, as the catalogue prints it, e.g. `VARCHAR` or `DECIMAL(18,3)`. */
  readonly dataType: string;
}

/** What came of a load during which the file was inspected. */
export interface InspectedLoad {
  readonly shape: CsvShape;
  readonly response?: Response;
  /** What the load failed with. */
  readonly failure?: unknown;
}

/** Where a seed's rows come from and how to read them. Types are the engine's names; a column without one is text. */
export interface Load {
  readonly file: string;
  readonly delimiter: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** The file holds spellings of values that the engine's own reader refuses (see {@link CsvColumn}): clean them first. */
    readonly clean?: 'number' | 'space';
  }[];
  /** The word `null`, in any case and between spaces, is NULL in text columns too. */
  readonly nullWords?: boolean;
  /** Records that lack fields at their end are filled with NULL. */
  readonly pad?: boolean;
  /** Bytes of the longest record, where known. */
  readonly longest?: number;
  /** See {@link CsvShape}. */
  readonly plain?: boolean;
  /** See {@link CsvShape}. */
  readonly apostrophes?: boolean;
}

/** What a program wants to know of a CSV file before it makes a table for it. */
export interface CsvQuestion {
  /** Absolute path. */
  readonly file: string;
  readonly delimiter: string;
  /** Names of columns that are text whatever they hold. */
  readonly texts: readonly string[];
  /** Look at so many bytes only, the last record that they cut in two left out. */
  readonly first?: number;
}

/** A column of a CSV file, its type inferred from all its values as dbt does. */
export interface CsvColumn {
  readonly name: string;
  readonly kind: 'integer' | 'number' | 'date' | 'timestamp' | 'boolean' | 'text';
  /** Bits that the biggest integer needs: 32, 64 or 128. Zero for other kinds. */
  readonly bits: 0 | 32 | 64 | 128;
  /** How some of its values are written other than an engine's reader takes them: with spaces or the word null, or as numbers with separators, currency or percent signs. */
  readonly clean?: 'number' | 'space';
}

/** What a CSV file looks like. Lines count from 1, the header included. */
export interface CsvShape {
  readonly columns: readonly CsvColumn[];
  readonly rows: number;
  /** Bytes of the longest record. */
  readonly longest: number;
  /** No quotes, backslashes, carriage returns or blank lines, and no text that is the word null: any reader of CSV takes the file in the same way. */
  readonly plain?: boolean;
  /** Some field begins with an apostrophe: engines that guess the quote from the file may take it for one. */
  readonly apostrophes?: boolean;
  /** Columns (from 1) whose name in the header is empty or was given before, and what they are called. */
  readonly renamed?: readonly { readonly column: number; readonly from: string; readonly to: string }[];
  /** Only the beginning was looked at: the file goes on. */
  readonly partial?: true;
  /** The first record with too many fields and the first with too few (blank lines are no records). */
  readonly tooLong?: CsvRecord;
  readonly tooShort?: CsvRecord;
  /** Why the file cannot be read as CSV at all; the rest says nothing then. */
  readonly broken?:
    | { readonly why: 'empty' }
    | { readonly why: 'not-utf8'; readonly line: number; readonly byte: number }
    | { readonly why: 'unreadable'; readonly cause: string };
}

export interface CsvRecord {
  readonly line: number;
  readonly fields: number;
  /** The record as it stands in the file, cut after 200 characters. */
  readonly text: string;
}

/** What a change did to the catalogue, so that the relation cache stays true without asking the database again. */
export type CatalogChange =
  | { readonly change: 'added'; readonly relation: Relation }
  | { readonly change: 'dropped'; readonly relation: Relation }
  | { readonly change: 'renamed'; readonly relation: Relation; readonly to: Relation }
  | { readonly change: 'schema-added'; readonly database: string | null; readonly schema: string }
  | { readonly change: 'schema-dropped'; readonly database: string | null; readonly schema: string };

/** What a program may ask of its session. Data only; `begin: true` opens a transaction first where none is open. */
export type Effect =
  | { readonly kind: 'query'; readonly sql: string; readonly begin?: boolean; readonly limit?: number }
  | { readonly kind: 'execute'; readonly sql: string; readonly begin?: boolean }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | { readonly kind: 'relations'; readonly database: string | null; readonly schema: string }
  | { readonly kind: 'schemas'; readonly database: string | null }
  | { readonly kind: 'columns'; readonly relation: Relation }
  | { readonly kind: 'load'; readonly relation: Relation; readonly load: Load; readonly begin?: boolean }
  /** A load, and meanwhile the driver looks at all of the file: see {@link InspectedLoad}. */
  | { readonly kind: 'inspected-load'; readonly relation: Relation; readonly load: Load; readonly question: CsvQuestion }
  /** Answered by the driver, not by the session: the file is read where dml runs. */
  | { readonly kind: 'csv'; readonly question: CsvQuestion }
  | { readonly kind: 'note'; readonly change: CatalogChange }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' };

/** A computation over the database. */
export type Program<T> = Generator<Effect, T, unknown>;

// Typed effect constructors: the only places where a driver's answer gets its type.
export function* query(sql: string, options: { begin?: boolean; limit?: number } = {}): Program<QueryResult> {
  return (yield { kind: 'query', sql, ...options }) as QueryResult;
}
/** Runs one or more statements separated by `;`; the answer is the last one's. */
export function* execute(sql: string, options: { begin?: boolean } = {}): Program<Response> {
  return (yield { kind: 'execute', sql, ...options }) as Response;
}
/** The existing relation of this name with its true type and spelling, or null. Answered from the cache. */
export function* lookup(relation: Relation): Program<Relation | null> {
  return (yield { kind: 'relation', relation }) as Relation | null;
}
export function* relations(database: string | null, schema: string): Program<readonly Relation[]> {
  return (yield { kind: 'relations', database, schema }) as readonly Relation[];
}
export function* schemas(database: string | null): Program<readonly string[]> {
  return (yield { kind: 'schemas', database }) as readonly string[];
}
export function* columns(relation: Relation): Program<readonly Column[]> {
  return (yield { kind: 'columns', relation }) as readonly Column[];
}
export function* load(relation: Relation, from: Load, options: { begin?: boolean } = {}): Program<Response> {
  return (yield { kind: 'load', relation, load: from, ...options }) as Response;
}
/** Loads a file before all of it is known: what it turns out to be comes with the answer. A load that fails leaves the transaction to be rolled back. */
export function* inspectedLoad(relation: Relation, from: Load, question: CsvQuestion): Program<InspectedLoad> {
  return (yield { kind: 'inspected-load', relation, load: from, question }) as InspectedLoad;
}
/** The shape of a CSV file, inferred from all of it, or from its beginning where the question says so. */
export function* csv(question: CsvQuestion): Program<CsvShape> {
  return (yield { kind: 'csv', question }) as CsvShape;
}
export function* note(change: CatalogChange): Program<void> {
  yield { kind: 'note', change };
}
export function* begin(): Program<void> {
  yield { kind: 'begin' };
}
export function* commit(): Program<void> {
  yield { kind: 'commit' };
}
export function* rollback(): Program<void> {
  yield { kind: 'rollback' };
}
