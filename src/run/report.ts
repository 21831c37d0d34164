import type { Window } from '../compile/index.ts';
import type { JsonMap } from '../resolve/index.ts';
import type { ResultTable } from '../sql/index.ts';
import type { Diagnostic } from '../text/index.ts';

/** dbt's statuses, as run_results.json holds them. */
export type Status = 'success' | 'error' | 'fail' | 'warn' | 'skipped' | 'partial success' | 'pass' | 'runtime error' | 'no-op';

export interface Timing {
  readonly name: 'compile' | 'execute';
  /** Milliseconds since the epoch. */
  readonly started_at: number;
  readonly completed_at: number;
}

/** How old a source is. Times in ISO format, UTC. */
export interface Freshness {
  readonly max_loaded_at: string;
  readonly snapshotted_at: string;
  /** Seconds. */
  readonly age: number;
  /** What its YAML allows. */
  readonly criteria: JsonMap;
}

/** The batches of a microbatch model that were built, and those that were not. */
export interface BatchResults {
  readonly successful: readonly Window[];
  readonly failed: readonly Window[];
}

/** One batch in the lines of a run. */
export interface BatchStart {
  /** `2024-01-31`. */
  readonly name: string;
  /** One-based, and how many there are. */
  readonly index: number;
  readonly total: number;
}

/** What became of one node. */
export interface NodeResult {
  readonly unique_id: string;
  readonly status: Status;
  readonly timing: readonly Timing[];
  readonly thread_id: string;
  /** Seconds. */
  readonly execution_time: number;
  readonly adapter_response: Readonly<Record<string, string | number>>;
  readonly message: string | null;
  /** Failing rows of a test; null for other nodes. */
  readonly failures: number | null;
  /** Rows written, where the engine tells. */
  readonly rows: number | null;
  readonly compiled: boolean;
  readonly compiled_code: string | null;
  readonly relation_name: string | null;
  /** A few failing rows of a test that did not pass. */
  readonly sample?: ResultTable;
  /** A data test passed because there was no row to look at, or none with a value. */
  readonly overNothing?: 'rows' | 'values';
  /** The difference a failed unit test found, ready to print. */
  readonly diff?: string;
  readonly diagnostic?: Diagnostic;
  /** Of a source that was looked at. */
  readonly freshness?: Freshness;
  /** The node whose failure this one was skipped for. */
  readonly skippedFor?: string;
  /** Microbatch models. */
  readonly batch_results?: BatchResults;
  /** Where the node's compiled SQL was written, relative to the project. */
  readonly compiledPath?: string;
}

export interface RunReport {
  readonly results: readonly NodeResult[];
  /** Seconds. */
  readonly elapsed: number;
  readonly interrupted: boolean;
  /** What the run did, where it did not build: looked at the age of sources, or cloned. */
  readonly kind?: 'freshness' | 'clone';
  /** The ephemeral models that were compiled on the way; they have no results of their own. */
  readonly ephemeral?: readonly NodeResult[];
}

export interface NodeStart {
  readonly unique_id: string;
  readonly resource_type: string;
  /** What the row shows: `sql view model main.stg_orders`. */
  readonly description: string;
  /** One-based, and how many there are. */
  readonly index: number;
  readonly total: number;
  readonly thread: string;
}

/** What a run tells while it goes on. Data only: printing is `report`'s. Times are milliseconds since the epoch. */
export type Event =
  | {
      readonly kind: 'run-started';
      readonly time: number;
      readonly counts: Readonly<Record<string, number>>;
      readonly threads: number;
      readonly target: string;
    }
  | { readonly kind: 'node-started'; readonly time: number; readonly node: NodeStart }
  | { readonly kind: 'node-finished'; readonly time: number; readonly node: NodeStart; readonly result: NodeResult }
  | { readonly kind: 'batch-started'; readonly time: number; readonly node: NodeStart; readonly batch: BatchStart }
  | {
      readonly kind: 'batch-finished';
      readonly time: number;
      readonly node: NodeStart;
      readonly batch: BatchStart;
      readonly status: 'success' | 'error' | 'skipped';
      /** What the database said. */
      readonly message: string;
      /** Seconds. */
      readonly seconds: number;
    }
  | { readonly kind: 'hooks-started'; readonly time: number; readonly name: 'on-run-start' | 'on-run-end'; readonly total: number }
  | { readonly kind: 'log'; readonly time: number; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string; readonly node?: string }
  | { readonly kind: 'print'; readonly message: string }
  | { readonly kind: 'statement'; readonly time: number; readonly sql: string; readonly node?: string }
  /** A statement has succeeded; `status` is the database's word for it. */
  | { readonly kind: 'answer'; readonly time: number; readonly status: string; readonly seconds: number; readonly node?: string }
  | { readonly kind: 'diagnostic'; readonly time: number; readonly diagnostic: Diagnostic }
  | { readonly kind: 'run-finished'; readonly time: number; readonly report: RunReport };
