import type { Warehouse } from '../adapters/index.ts';
import type { Invocation } from '../context/index.ts';
import type { Manifest, Node, UnitTestNode } from '../resolve/index.ts';
import type { Event } from './report.ts';

/** Where compiled and run SQL is kept: the place is the caller's business. */
export interface SqlKeeper {
  /** Answers the path to show, relative to the project; undefined where nothing is kept. `fixture`: see `sqlPath`. */
  readonly compiled: (node: Node | UnitTestNode, sql: string, fixture?: string) => string | undefined;
  readonly run: (node: Node | UnitTestNode, sql: string) => void;
  /** Waits until all of it is kept. */
  readonly flush: () => Promise<void>;
}

/** What running takes besides the plan. */
export interface RunSettings {
  readonly manifest: Manifest;
  readonly invocation: Invocation;
  readonly warehouse: Warehouse;
  readonly threads: number;
  /** Name of the target, for display. */
  readonly target: string;
  readonly fullRefresh: boolean;
  readonly failFast: boolean;
  /** Warnings of tests count as failures. */
  readonly warnError: boolean;
  readonly storeFailures: boolean;
  readonly empty: boolean;
  /** Templates may ask the database while they are compiled. */
  readonly introspect: boolean;
  readonly injectCtes: boolean;
  readonly populateCache: boolean;
  /** List only the schemas of the selected nodes. */
  readonly cacheSelectedOnly: boolean;
  /** A failed on-run-start hook keeps all nodes from running. */
  readonly startHooksMatter: boolean;
  /** Failing rows shown for a failed test. */
  readonly sampleRows: number;
  readonly externalRoot: string;
  readonly disableTransactions: boolean;
  readonly files: SqlKeeper;
  readonly emit: (event: Event) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}
