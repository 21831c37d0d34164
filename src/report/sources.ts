import type { QualityReport } from '../read/index.ts';
import type { JsonMap, Manifest } from '../resolve/index.ts';
import type { NodeResult, RunReport } from '../run/index.ts';
import { find, nameOf } from './describe.ts';
import { micros } from './log.ts';
import { type ArtifactContext, metadata } from './metadata.ts';

/** sources.json (v3): how old the sources are. As dbt's it leaves out those whose age could not be found. */
export function sourcesJson(report: RunReport, c: ArtifactContext): string {
  return JSON.stringify({ metadata: metadata('sources/v3', c), results: report.results.flatMap(resultJson), elapsed_time: report.elapsed });
}

function resultJson(r: NodeResult): readonly JsonMap[] {
  const { freshness } = r;
  if (!freshness) return [];
  return [
    {
      unique_id: r.unique_id,
      max_loaded_at: freshness.max_loaded_at,
      snapshotted_at: freshness.snapshotted_at,
      max_loaded_at_time_ago_in_s: freshness.age,
      status: r.status,
      criteria: freshness.criteria,
      adapter_response: r.adapter_response,
      timing: r.timing.map((t) => ({ name: t.name, started_at: micros(t.started_at), completed_at: micros(t.completed_at) })),
      thread_id: r.thread_id,
      execution_time: r.execution_time,
    },
  ];
}

/** What a sources.json tells of the sources that are in the project; nothing where it cannot be read. */
export function freshnessIn(text: string, manifest: Manifest): QualityReport['freshness'] {
  return agesIn(text).flatMap((r) => {
    const source = find(manifest, String(r['unique_id']));
    const age = r['max_loaded_at_time_ago_in_s'];
    if (!source || typeof age !== 'number') return [];
    const [status, max_loaded_at, checked_at] = [String(r['status']), String(r['max_loaded_at']), String(r['snapshotted_at'])];
    return [{ unique_id: source.unique_id, name: nameOf(source), status, max_loaded_at, checked_at, age_seconds: age }];
  });
}

function agesIn(text: string): readonly JsonMap[] {
  try {
    const { results } = JSON.parse(text) as { readonly results?: unknown };
    return Array.isArray(results) ? (results as readonly JsonMap[]) : [];
  } catch {
    return [];
  }
}
