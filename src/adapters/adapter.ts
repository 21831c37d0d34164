import type { Dialect, Effect, Relation, Target } from '../sql/index.ts';
import type { Diagnostic } from '../text/index.ts';

/** A row of the warehouse's catalogue, as catalog.json needs it. */
export interface CatalogRelation {
  readonly relation: Relation;
  readonly owner: string | null;
  readonly comment: string | null;
  /** As the engine estimates them without reading the table; null where it does not, as of views. */
  readonly rows: number | null;
  /** What the table takes on disk. */
  readonly bytes: number | null;
  readonly columns: readonly { readonly name: string; readonly index: number; readonly type: string; readonly comment: string | null }[];
}

/** An engine dml can run on. */
export interface Adapter {
  readonly dialect: Dialect;
  /** The keys of `target` that templates may see, besides name, schema, type, threads and profile_name. Never secrets. */
  visible(target: Target): Readonly<Record<string, unknown>>;
  connect(target: Target, options: ConnectOptions): Promise<Warehouse>;
}

export interface ConnectOptions {
  readonly readOnly?: boolean;
  /** Relative paths in the profile are resolved against this directory (absolute). */
  readonly directory: string;
  /** Called for every statement sent, with the session's label: the debug log. */
  readonly onStatement?: (sql: string, label?: string) => void;
  /** Called when a statement has succeeded, with the database's word for it (`OK`, `SELECT 3`) and the session's label. */
  readonly onAnswer?: (status: string, label?: string) => void;
  /** Called for what a user should know while the database opens: that it is being waited for, that a setting does nothing. */
  readonly tell?: (diagnostic: Diagnostic) => void;
  /** The variables of the environment: some engines take what the profile leaves out from there. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds to wait for a database file that another process holds; 0 (the default): fail at once. */
  readonly lockTimeout?: number;
  /** Makes the folder of the database file where it is missing: for the default target, whose folder nobody chose. */
  readonly createFolder?: boolean;
}

/** An open database: sessions run in parallel; the relation cache is shared by them. */
export interface Warehouse {
  readonly dialect: Dialect;
  session(name: string): Promise<Session>;
  /** Fills the relation cache for these schemas, so that `relation` effects need no query. */
  populate(schemas: readonly { readonly database: string | null; readonly schema: string }[]): Promise<void>;
  catalog(schemas: readonly { readonly database: string | null; readonly schema: string }[]): Promise<readonly CatalogRelation[]>;
  /** The engine's version and where the data is, for `dml debug`. */
  describe(): Promise<{ readonly version: string; readonly location: string }>;
  close(): Promise<void>;
}

/** One connection. Answers one effect at a time; `csv` effects are the driver's and never reach it. */
export interface Session {
  /** What its next statements are for, as the log tells it: the unique id of a node, or the name of a connection. */
  label?: string | undefined;
  answer(effect: Effect): Promise<unknown>;
  /** Whether an explicit transaction is open. */
  readonly inTransaction: boolean;
  /** Interrupts the statement that is running, if any. */
  cancel(): Promise<void>;
  release(): Promise<void>;
}

/** The engine refused a statement. `offset`: UTF-16 offset into the statement, where the engine says it. */
export class SqlError extends Error {
  readonly sql: string;
  readonly offset: number | undefined;
  /** Short kind, e.g. `Binder Error`, `Constraint Error`. */
  readonly kind: string;
  /** The head that dbt's adapter for the engine puts over its errors. */
  readonly family: 'Runtime Error' | 'Database Error';
  constructor(message: string, sql: string, kind: string, offset?: number, family: 'Runtime Error' | 'Database Error' = 'Runtime Error') {
    super(message);
    this.name = 'SqlError';
    this.sql = sql;
    this.kind = kind;
    this.offset = offset;
    this.family = family;
  }
}

/** The engine gave up because another session changed the same thing at the same time: trying again may succeed. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof SqlError)) return false;
  return /^Transaction(Context)? Error$/.test(error.kind)
    ? /conflict/i.test(error.message)
    : /write-write conflict|could not serialize access|deadlock detected/i.test(error.message);
}
