import type { JsonMap, Manifest, Resource, TestNode, UnitTestNode } from '../resolve/index.ts';
import type { Freshness, NodeResult, NodeStart, Status } from '../run/index.ts';
import { place } from '../text/index.ts';
import { plural } from './paint.ts';

/** The node, source, exposure or unit test of an id. */
export function find(manifest: Manifest, id: string): Resource | undefined {
  return manifest.nodes.get(id) ?? manifest.sources.get(id) ?? manifest.exposures.get(id) ?? manifest.unitTests.get(id);
}

export function isTest(r: Resource): r is TestNode | UnitTestNode {
  return r.resource_type === 'test' || r.resource_type === 'unit_test';
}

/** The id of what a test looks at: what it is attached to, else the first thing that it reads. */
export function subjectOf(test: TestNode | UnitTestNode): string | undefined {
  const named = test.resource_type === 'test' ? test.attached_node : test.tested_node_unique_id;
  return named ?? test.depends_on.nodes[0];
}

/** The name to call a resource by in messages. */
export function nameOf(r: Resource): string {
  if (r.resource_type === 'source') return `${r.source_name}.${r.name}`;
  if (r.resource_type === 'unit_test') return `${r.model}::${r.name}`;
  return r.name;
}

/** `view`, `incremental`, `seed`, `test`, ...: what the display calls a kind of node. */
export function kindOf(r: Resource | undefined, type: string): string {
  if (r?.resource_type === 'model') return String(r.config['materialized'] ?? 'model');
  if (type === 'operation') return 'hook';
  return type.replace('_', ' ');
}

/** `path:line:column` of the resource. */
export function placeOf(r: Resource): string {
  return place(r.at);
}

/** The `node_info` object of dbt's events. Times are milliseconds since the epoch. */
export function nodeInfo(manifest: Manifest, id: string, status: string, started?: number, finished?: number): JsonMap {
  const r = find(manifest, id);
  const relation =
    r && 'alias' in r
      ? { alias: r.alias, database: r.database ?? '', relation_name: r.relation_name ?? '', schema: r.schema }
      : { alias: '', database: '', relation_name: '', schema: '' };
  return {
    materialized: String(r?.config['materialized'] ?? ''),
    meta: r && 'meta' in r ? r.meta : {},
    node_checksum: r && 'checksum' in r ? (typeof r.checksum === 'string' ? r.checksum : (r.checksum?.checksum ?? '')) : '',
    node_finished_at: finished === undefined ? '' : stamp(finished),
    node_name: r?.name ?? id.split('.').at(-1) ?? id,
    node_path: r?.path ?? '',
    node_relation: relation,
    node_started_at: started === undefined ? '' : stamp(started),
    node_status: status,
    resource_type: r?.resource_type ?? id.split('.')[0] ?? '',
    unique_id: id,
  };
}

function stamp(time: number): string {
  return `${new Date(time).toISOString().slice(0, 23)}000`;
}

export type Outcome = 'pass' | 'warn' | 'error' | 'skip' | 'noop';

/** The column of the summary line that a status counts in. */
export function outcomeOf(status: Status): Outcome {
  switch (status) {
    case 'error':
    case 'fail':
    case 'runtime error':
    case 'partial success':
      return 'error';
    case 'skipped':
      return 'skip';
    case 'warn':
      return 'warn';
    case 'no-op':
      return 'noop';
    default:
      return 'pass';
  }
}

/** How many results ended in which way. */
export function tally(results: readonly NodeResult[]): Readonly<Record<Outcome | 'total', number>> {
  const counts = { pass: 0, warn: 0, error: 0, skip: 0, noop: 0, total: 0 };
  for (const r of results) {
    counts[outcomeOf(r.status)]++;
    counts.total++;
  }
  return counts;
}

/** `1 seed, 4 data tests, 1 view model`: what a run has run, in dbt's words. */
export function ranLine(manifest: Manifest, results: readonly NodeResult[]): string {
  const counts = new Map<string, number>();
  for (const result of results) {
    const r = find(manifest, result.unique_id);
    const type = r?.resource_type ?? result.unique_id.split('.')[0] ?? '';
    const label = type === 'model' ? `${kindOf(r, type)} model` : type === 'operation' ? 'project hook' : type;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, n]) => labelled(n, label))
    .join(', ');
}

/** `12 models, 1 seed, 20 data tests, ...`: what a project holds, in dbt's words. */
export function foundLine(manifest: Manifest): string {
  const counts = new Map<string, number>();
  for (const node of manifest.nodes.values()) if (node.resource_type !== 'function') counts.set(node.resource_type, (counts.get(node.resource_type) ?? 0) + 1);
  const rest: readonly (readonly [string, number])[] = [
    ['source', manifest.sources.size],
    ['exposure', manifest.exposures.size],
    ['metric', manifest.others.metrics.size],
    ['macro', manifest.macros.size],
    ['group', manifest.groups.size],
    ['semantic_model', manifest.others.semanticModels.size],
    ['saved_query', manifest.others.savedQueries.size],
    ['unit_test', manifest.unitTests.size],
  ];
  return [...counts, ...rest]
    .filter(([, n]) => n > 0)
    .map(([label, n]) => labelled(n, label))
    .join(', ');
}

const PLURALS: Readonly<Record<string, string>> = { test: 'data tests', analysis: 'analyses', saved_query: 'saved queries' };

function labelled(n: number, label: string): string {
  const words = label.replaceAll('_', ' ');
  return plural(n, words, PLURALS[label] ?? `${words}s`);
}

/** What stands after the kind in a description: `sql view model main.a` -> `main.a`. */
export function relationOf(node: NodeStart): string {
  return node.description.slice(node.description.lastIndexOf(' ') + 1);
}

/** How old a source is, and how old it may be. */
export function ageText({ age, max_loaded_at, criteria }: Freshness): string {
  const limits = (['warn', 'error'] as const).flatMap((word) => {
    const limit = criteria[`${word}_after`] as JsonMap | null | undefined;
    return typeof limit?.['count'] === 'number' ? [`${word} after ${plural(limit['count'], String(limit['period']))}`] : [];
  });
  const loaded = max_loaded_at.startsWith('0001-') ? 'no rows' : `last loaded ${ageWords(age)} ago`;
  return `${loaded} (${limits.join(', ')})`;
}

function ageWords(seconds: number): string {
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const)
    if (seconds >= 2 * size) return plural(Math.floor(seconds / size), unit);
  return plural(Math.max(0, Math.floor(seconds)), 'second');
}

/** Seconds for people: `0.12s`, `3m 04s`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return seconds < 9.995 ? `${seconds.toFixed(2)}s` : `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const s = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}h ${String(minutes).padStart(2, '0')}m ${s}s` : `${minutes}m ${s}s`;
}

/** What is said of a test that had nothing to look at; the empty text for others. */
export function overNothing({ overNothing: over }: NodeResult): string {
  return over === 'rows' ? 'over 0 rows' : over === 'values' ? 'over nulls alone' : '';
}
