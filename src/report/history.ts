import type { NodeResult, RunReport } from '../run/index.ts';
import { rowsOf } from './quality.ts';
import { readRecords } from './records.ts';

/** What is kept of one invocation in `run_history.jsonl`, a line each: enough to tell how nodes did over time. Fields are only added within a version. */
export interface HistoryRecord {
  readonly version: 1;
  /** The invocation's id. */
  readonly id: string;
  /** `build`, `test`, `freshness`, ... */
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly results: readonly HistoryResult[];
}

/** How one node did. */
export interface HistoryResult {
  readonly id: string;
  /** dbt's word. */
  readonly status: string;
  /** Seconds after the invocation's start. */
  readonly at: number;
  readonly seconds: number;
  /** Of a test: rows that failed it. */
  readonly failures?: number;
  /** What the database said, where the node did not do well. */
  readonly message?: string;
  /** Rows that were written, where the engine tells. */
  readonly rows?: number;
  /** A few of the rows that failed. */
  readonly sample?: { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | number | boolean | null)[])[] };
}

const MESSAGE = 500;
const SAMPLE = 10;

/** The line that a run adds to the history. `startedAt`: milliseconds since the epoch. */
export function historyLine(run: RunReport, c: { readonly invocationId: string; readonly command: string; readonly startedAt: number }): string {
  const record: HistoryRecord = {
    version: 1,
    id: c.invocationId,
    command: c.command,
    startedAt: new Date(c.startedAt).toISOString(),
    seconds: run.elapsed,
    results: run.results.map((r) => resultOf(r, c.startedAt)),
  };
  return `${JSON.stringify(record)}\n`;
}

function resultOf(r: NodeResult, startedAt: number): HistoryResult {
  // Its own time, without that of compiling it ahead.
  const ended = r.timing.at(-1)?.completed_at;
  const well = r.status === 'success' || r.status === 'pass';
  return {
    id: r.unique_id,
    status: r.status,
    at: ended === undefined ? 0 : Math.max(0, rounded((ended - startedAt) / 1000 - r.execution_time)),
    seconds: rounded(r.execution_time),
    ...(r.failures !== null && r.failures > 0 && { failures: r.failures }),
    ...(!well && r.message !== null && { message: r.message.slice(0, MESSAGE) }),
    ...(r.rows !== null && { rows: r.rows }),
    ...(r.sample && { sample: { columns: r.sample.columns.map((c) => c.name), rows: rowsOf(r.sample).slice(0, SAMPLE) } }),
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** The records of a history, oldest first. Lines that are no records, such as one that was cut short, are passed over. */
export function readHistory(text: string): readonly HistoryRecord[] {
  return readRecords(text, isRecord);
}

/** A line of version 1 was written by {@link historyLine}. */
function isRecord(value: unknown): value is HistoryRecord {
  const record = value as Partial<HistoryRecord> | null;
  return record?.version === 1 && Array.isArray(record.results);
}
