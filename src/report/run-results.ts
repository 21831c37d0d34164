import { instantText, type Window } from '../compile/index.ts';
import type { Json, JsonMap } from '../resolve/index.ts';
import type { NodeResult, RunReport } from '../run/index.ts';
import { micros } from './log.ts';
import { type ArtifactContext, metadata } from './metadata.ts';

/** run_results.json (v6). `args`: the flags of the run, as dbt keeps them. */
export function runResultsJson(report: RunReport, args: JsonMap, c: ArtifactContext): string {
  return JSON.stringify({ metadata: metadata('run-results/v6', c), results: report.results.map(resultJson), elapsed_time: report.elapsed, args });
}

/** What is never compiled: as in dbt its results say nothing of SQL and relations. */
const UNCOMPILED: ReadonlySet<string> = new Set(['seed', 'exposure', 'saved_query', 'source']);

function resultJson(r: NodeResult): JsonMap {
  const compiles = !UNCOMPILED.has(r.unique_id.slice(0, r.unique_id.indexOf('.')));
  return {
    status: r.status,
    timing: r.timing.map((t) => ({ name: t.name, started_at: micros(t.started_at), completed_at: micros(t.completed_at) })),
    thread_id: r.thread_id,
    execution_time: r.execution_time,
    adapter_response: r.adapter_response,
    message: r.message,
    failures: r.failures,
    unique_id: r.unique_id,
    compiled: compiles ? r.compiled : null,
    compiled_code: compiles ? r.compiled_code : null,
    relation_name: compiles ? r.relation_name : null,
    batch_results: r.batch_results ? { successful: windows(r.batch_results.successful), failed: windows(r.batch_results.failed) } : null,
  };
}

function windows(list: readonly Window[]): Json {
  return list.map(({ start, end }) => [instantText(start), instantText(end)]);
}
