import type { Batch } from '../compile/index.ts';
import type { Value } from '../jinja/index.ts';
import type { Microbatch, Node } from '../resolve/index.ts';
import type { Column, Dialect, Program, Relation, Response, ResultTable } from '../sql/index.ts';
import type { Diagnostic } from '../text/index.ts';

/** The node itself as an argument: templates see it as `model`. */
export const MODEL = { argument: 'model' } as const;

/** A dict of arguments: strategies take all they need as one. */
export interface DictArgument {
  readonly dict: Readonly<Record<string, Argument>>;
}

/** What a macro may be given: a template value, or plain data that is wrapped on the way in (a relation becomes `api.Relation`, columns a list of `api.Column`). */
export type Argument = Value | Relation | readonly Column[] | typeof MODEL | DictArgument;

/** The node's macros and hooks, as its template context sees them: a project's override is found before the built-in. */
export interface Macros {
  /** Calls a macro by name and answers its value. */
  call(name: string, args?: readonly Argument[], named?: Readonly<Record<string, Argument>>): Program<Value>;
  /** Calls a macro and answers its text, trimmed. */
  text(name: string, args?: readonly Argument[], named?: Readonly<Record<string, Argument>>): Program<string>;
  /** Runs the node's pre- or post-hooks of one kind; those inside the transaction open it where none is open. */
  hooks(when: 'pre' | 'post', inside: boolean): Program<void>;
  /** True where the project or a package (not dml) defines a macro that this call would reach: then its text must be used. */
  overridden(name: string): boolean;
}

/** What a materialization is given. */
export interface Task {
  readonly node: Node;
  /** The relation the node stands for (`this`), type not known. */
  readonly relation: Relation;
  readonly sql: string;
  readonly dialect: Dialect;
  /** `--full-refresh`, with the node's own `full_refresh` config already applied. */
  readonly fullRefresh: boolean;
  /** The batch of a microbatch model that is built. */
  readonly batch?: { readonly window: Batch; readonly model: Microbatch };
  /** The relation that another environment has built of the node, for `clone`. */
  readonly deferred?: Relation;
  /** The query as it is where no table is there, for a table whose columns have changed: what its rows lack is taken from it. */
  readonly whole?: string;
  /** Absolute path of a seed's file. */
  readonly file?: string;
  readonly macros: Macros;
  /** `--empty`: build with no rows. */
  readonly empty: boolean;
  /** Failing rows wanted as a sample for a test. */
  readonly sampleRows: number;
  /** `--store-failures`. */
  readonly storeFailures: boolean;
  /** Keeps the statement that counts as the node's run SQL (target/run/...). */
  readonly written: (sql: string) => void;
}

/** What a materialization has done. */
export interface Outcome {
  readonly relations: readonly Relation[];
  readonly response: Response;
  /** Nothing is done yet: to be run again with the query as it is where no table is there, in its place (`anew`, as a full refresh) or besides (`whole`). */
  readonly again?: 'anew' | 'whole';
  /** What there is to tell. */
  readonly notices?: readonly Diagnostic[];
  /** Tests: the number that warn_if and error_if are compared with, and the verdicts computed in SQL. */
  readonly test?: {
    readonly failures: number;
    readonly shouldWarn: boolean;
    readonly shouldError: boolean;
    readonly sample?: ResultTable;
    /** Why there is no verdict yet, where that is a warning. */
    readonly undecided?: string;
  };
}

/** How a node becomes what it is in the database: a program of effects. */
export type Materialization = (task: Task) => Program<Outcome>;
