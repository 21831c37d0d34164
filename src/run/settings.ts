import type { Warehouse } from '../adapters/index.ts';
import type { Window } from '../compile/index.ts';
import type { Invocation } from '../context/index.ts';
import type { Manifest, Node, UnitTestNode } from '../resolve/index.ts';
import type { Deferral } from '../state/index.ts';
import type { BatchResults, Event } from './report.ts';

/** Where compiled and run SQL is kept: the place is the caller's business. */
export interface SqlKeeper {
  /** Answers the path to show, relative to the project; undefined where nothing is kept. `part`: see `sqlPath`. */
  readonly compiled: (node: Node | UnitTestNode, sql: string, part?: { readonly fixture?: string | undefined; readonly batch?: string }) => string | undefined;
  /** `batch`: the name of the batch of a microbatch model. */
  readonly run: (node: Node | UnitTestNode, sql: string, batch?: string) => void;
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
  /** What becomes of the warnings that templates give. */
  readonly warned: 'error' | 'warn' | 'silent';
  readonly storeFailures: boolean;
  readonly empty: boolean;
  /** `--sample`: models and snapshots read only rows of this window. */
  readonly sample?: Window | undefined;
  /** `--event-time-start` and `--event-time-end`: the batches that microbatch models build. */
  readonly eventTime?: Window | undefined;
  /** When the run counts as begun, in milliseconds since the epoch: the last batch is the one of that time. A run that is tried again keeps its time. */
  readonly startedAt: number;
  /** What became of the batches of microbatch models, by unique id, in the run that is tried again: only the failed ones are built. */
  readonly batches?: ReadonlyMap<string, BatchResults> | undefined;
  /** Where references to what this run does not build may lead (`--defer`), and what `clone` copies. */
  readonly deferral?: Deferral | undefined;
  /** References are resolved with it: not for `clone` alone. */
  readonly defers?: boolean;
  /** Templates may ask the database while they are compiled. */
  readonly introspect: boolean;
  readonly injectCtes: boolean;
  readonly populateCache: boolean;
  /** List only the schemas of the selected nodes. */
  readonly cacheSelectedOnly: boolean;
  /** A failed on-run-start hook keeps all nodes from running. */
  readonly startHooksMatter: boolean;
  /** Tests of one relation are asked about in one query where that says the same. */
  readonly batchTests: boolean;
  /** `--on-target`: unit tests run there, as dbt's do, and not in memory. */
  readonly onTarget: boolean;
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
