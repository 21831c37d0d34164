import type { HistoryRecord, HistoryResult } from '../../report/index.ts';
import { type JsonMap, listOf, mapOf, numberOf, textOf } from './json.ts';
import type { Health, Healths, Id, Invocation, RunEntry } from './types.ts';

/** What is known of earlier invocations. */
export interface RunHistory {
  /** Newest first. */
  readonly invocations: readonly Invocation[];
  /** Newest first. */
  readonly entries: ReadonlyMap<Id, readonly RunEntry[]>;
  /** The rows that failed a test in its last run. */
  readonly samples: ReadonlyMap<Id, NonNullable<HistoryResult['sample']>>;
  /** The last one that built something. */
  readonly build: HistoryRecord | undefined;
}

const HEALTH: Readonly<Record<string, Health>> = {
  success: 'pass',
  pass: 'pass',
  'no-op': 'pass',
  reused: 'pass',
  warn: 'warn',
  'partial success': 'warn',
  error: 'fail',
  fail: 'fail',
  'runtime error': 'fail',
  skipped: 'skip',
};

/** One of five for dbt's word. */
export function healthOf(status: string | undefined): Health {
  return HEALTH[status ?? ''] ?? 'none';
}

/** A count of states. */
export function countHealths(all: Iterable<Health>): Healths {
  const out = { pass: 0, warn: 0, fail: 0, skip: 0, none: 0 };
  for (const health of all) out[health]++;
  return out;
}

/** Commands that leave results of something that was not built or tested. */
const OTHERS: ReadonlySet<string> = new Set(['compile', 'generate', 'docs generate', 'list', 'show', 'parse', 'clone', 'run-operation']);
const BUILDING: ReadonlySet<string> = new Set(['build', 'run', 'seed', 'snapshot', 'retry']);
const MOST_RUNS = 50;
const MOST_ENTRIES = 30;

/** Sorts the history by node. run_results.json counts where the history does not hold its invocation. */
export function historyOf(history: readonly HistoryRecord[], results: JsonMap | undefined): RunHistory {
  const last = results && recordOfResults(results);
  const all = [...history, ...(last && !history.some((r) => r.id === last.id) ? [last] : [])]
    .filter((r) => !OTHERS.has(r.command) && r.results.length > 0)
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const entries = new Map<Id, RunEntry[]>();
  const samples = new Map<Id, NonNullable<HistoryResult['sample']>>();
  for (const record of all)
    for (const result of record.results) {
      let list = entries.get(result.id);
      if (!list) {
        entries.set(result.id, (list = []));
        if (result.sample) samples.set(result.id, result.sample);
      }
      if (list.length < MOST_ENTRIES) list.push(entryOf(record, result));
    }
  const invocations = all.slice(0, MOST_RUNS).map((r): Invocation => {
    const { id, command, startedAt, seconds } = r;
    return { id, command, startedAt, seconds, results: countHealths(r.results.map(({ status }) => healthOf(status))) };
  });
  return { invocations, entries, samples, build: all.find((r) => BUILDING.has(r.command)) };
}

function entryOf(record: HistoryRecord, r: HistoryResult): RunEntry {
  const { status, seconds, message, failures, rows } = r;
  return {
    invocation: record.id,
    at: new Date(Date.parse(record.startedAt) + r.at * 1000).toISOString(),
    health: healthOf(status),
    status,
    seconds,
    ...(message !== undefined && { message }),
    ...(failures !== undefined && { failures }),
    ...(rows !== undefined && { rows }),
  };
}

/** run_results.json as a record; undefined where it does not say when it ran. */
function recordOfResults(json: JsonMap): HistoryRecord | undefined {
  const meta = mapOf(json['metadata']);
  const list = listOf(json['results']).map(mapOf);
  const began = list.map((r) => millis(mapOf(listOf(r['timing'])[0])['started_at'])).filter((t) => !Number.isNaN(t));
  const stamp = millis(meta['invocation_started_at'] ?? meta['generated_at']);
  const start = began.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const startedAt = Number.isFinite(start) ? start : stamp;
  if (Number.isNaN(startedAt)) return undefined;
  return {
    version: 1,
    id: textOf(meta['invocation_id']) ?? 'last',
    command: textOf(mapOf(json['args'])['which']) ?? 'run',
    startedAt: new Date(startedAt).toISOString(),
    seconds: numberOf(json['elapsed_time']) ?? 0,
    results: list.map((r) => resultOf(r, startedAt)),
  };
}

function resultOf(r: JsonMap, startedAt: number): HistoryResult {
  const ended = millis(mapOf(listOf(r['timing']).at(-1))['completed_at']);
  const seconds = Math.round((numberOf(r['execution_time']) ?? 0) * 1000) / 1000;
  const status = textOf(r['status']) ?? '';
  const [failures, rows, message] = [numberOf(r['failures']), numberOf(mapOf(r['adapter_response'])['rows_affected']), textOf(r['message'])];
  return {
    id: String(r['unique_id']),
    status,
    at: Number.isNaN(ended) ? 0 : Math.max(0, Math.round(ended - startedAt - seconds * 1000) / 1000),
    seconds,
    ...(failures !== undefined && failures > 0 && { failures }),
    ...(rows !== undefined && rows >= 0 && { rows }),
    ...(message !== undefined && healthOf(status) !== 'pass' && { message: message.slice(0, 500) }),
  };
}

/** dbt leaves the zone out in some places; all its times are UTC. */
function millis(time: unknown): number {
  return typeof time === 'string' ? Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`) : Number.NaN;
}

/** When the present bad results of a node began; undefined where the last is not bad. */
export function badSince(entries: readonly RunEntry[]): string | undefined {
  let since: string | undefined;
  for (const { health, at } of entries) {
    if (health === 'skip') continue;
    if (health !== 'fail' && health !== 'warn') break;
    since = at;
  }
  return since;
}
