import type { JsonMap } from '../resolve/index.ts';
import { type Sink, sourceFile, span } from '../text/index.ts';

/** The nodes of an earlier run's manifest.json, as it holds them. */
export interface PreviousManifest {
  /** Nodes, sources, exposures, metrics, semantic models, saved queries, unit tests and functions by unique id. */
  readonly nodes: ReadonlyMap<string, JsonMap>;
  readonly macros: ReadonlyMap<string, JsonMap>;
}

/** What a node was given from outside: values of variables, and digests of environment variables, by name. What is not set is not there. */
export interface NodeInputs {
  readonly vars: JsonMap;
  readonly env: JsonMap;
}

/** By unique id; a node that names nothing that is set is not there. */
export type Inputs = ReadonlyMap<string, NodeInputs>;

/** One result of an earlier run. */
export interface PreviousResult {
  readonly id: string;
  readonly status: string;
  /** Batches of a microbatch model: `[start, end]` in ISO format. */
  readonly batches: { readonly successful: readonly (readonly [string, string])[]; readonly failed: readonly (readonly [string, string])[] } | undefined;
}

/** run_results.json of an earlier run. */
export interface PreviousResults {
  readonly results: readonly PreviousResult[];
  /** The flags of that run in dbt's spelling. */
  readonly args: JsonMap;
  /** When it began, in ISO format. */
  readonly startedAt: string | undefined;
}

/** sources.json: when the newest row of each source was loaded, in microseconds since the epoch. */
export type PreviousSources = ReadonlyMap<string, number>;

/** The artifacts of an earlier run. What is undefined was not there. */
export interface Previous {
  /** The folder they were read from, as given. */
  readonly dir: string;
  readonly manifest: PreviousManifest | undefined;
  /** dml_inputs.json, which dbt does not write. */
  readonly inputs: Inputs | undefined;
  readonly results: PreviousResults | undefined;
  readonly sources: PreviousSources | undefined;
  /** sources.json of the project itself, to compare with. */
  readonly currentSources: PreviousSources | undefined;
}

/** What dml can read of each artifact: the number of its schema. */
const VERSIONS = { manifest: [4, 12], catalog: [1, 1], 'run-results': [4, 6], sources: [3, 3] } as const;

/** Reads manifest.json; what cannot be read goes to the sink and the answer is undefined. `path`: for messages. */
export function readManifest(text: string, path: string, sink: Sink): PreviousManifest | undefined {
  const json = readArtifact(text, path, 'manifest', sink);
  if (!json) return undefined;
  const nodes = new Map<string, JsonMap>();
  for (const kind of ['nodes', 'sources', 'exposures', 'metrics', 'semantic_models', 'unit_tests', 'saved_queries', 'functions'])
    for (const [id, node] of Object.entries(mapOf(json[kind]))) nodes.set(id, mapOf(node));
  return { nodes, macros: new Map(Object.entries(mapOf(json['macros'])).map(([id, macro]) => [id, mapOf(macro)])) };
}

/** Reads run_results.json as {@link readManifest} does its file. */
export function readResults(text: string, path: string, sink: Sink): PreviousResults | undefined {
  const json = readArtifact(text, path, 'run-results', sink);
  if (!json) return undefined;
  const { invocation_started_at: started, generated_at: generated } = mapOf(json['metadata']);
  const startedAt = [started, generated].find((t) => typeof t === 'string');
  return { results: listOf(json['results']).map(mapOf).map(resultOf), args: mapOf(json['args']), startedAt };
}

function resultOf(result: JsonMap): PreviousResult {
  const batches = result['batch_results'];
  const windows = (key: string) => listOf(mapOf(batches)[key]).map((pair): [string, string] => [String(listOf(pair)[0]), String(listOf(pair)[1])]);
  return {
    id: String(result['unique_id']),
    status: String(result['status']),
    batches: batches === null || batches === undefined ? undefined : { successful: windows('successful'), failed: windows('failed') },
  };
}

/** Reads sources.json as {@link readManifest} does its file. */
export function readSources(text: string, path: string, sink: Sink): PreviousSources | undefined {
  const json = readArtifact(text, path, 'sources', sink);
  if (!json) return undefined;
  const all = listOf(json['results']).map(mapOf);
  return new Map(all.flatMap((r) => (typeof r['max_loaded_at'] === 'string' ? [[String(r['unique_id']), microsOf(r['max_loaded_at'])] as const] : [])));
}

/** `2026-01-02T03:04:05.678901+00:00`; dbt writes all of them in UTC. */
function microsOf(iso: string): number {
  const fraction = /\.(\d{1,6})/.exec(iso)?.[1] ?? '';
  return Date.parse(`${iso.slice(0, 19)}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** Reads an artifact of a kind as it is, as {@link readManifest} does its file. */
export function readArtifact(text: string, path: string, kind: keyof typeof VERSIONS, sink: Sink): JsonMap | undefined {
  const json = parsedJson(text, path, sink);
  if (!json) return undefined;
  const found = mapOf(json['metadata'])['dbt_schema_version'];
  const version = typeof found === 'string' ? new RegExp(`/${kind}/v(\\d+)\\.json$`).exec(found)?.[1] : undefined;
  const [least, most] = VERSIONS[kind];
  if (version !== undefined && Number(version) >= least && Number(version) <= most) return shaped(json, text, path, kind, sink);
  sink.add('state-version', { path, kind, newest: most, found: typeof found === 'string' ? found : undefined });
  return undefined;
}

/** A file of JSON as a mapping (an empty one where it holds something else). What is no JSON goes to the sink and the answer is undefined. */
export function parsedJson(text: string, path: string, sink: Sink): JsonMap | undefined {
  try {
    // What the text holds is looked at value by value.
    return mapOf(JSON.parse(text) as JsonMap);
  } catch (error) {
    const offset = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? text.length);
    const cut = offset >= text.trimEnd().length;
    const file = sourceFile(path, cut ? text.trimEnd() : text);
    const end = Math.min(offset, file.text.length - 1);
    sink.add(
      'state-unreadable',
      { path, problem: cut ? 'its text ends too early' : 'it is no JSON' },
      { at: span(file, Math.max(0, end), Math.max(0, end) + 1) },
    );
    return undefined;
  }
}

/** The document, where it has the member that it is read for: something else must not pass for a run in which nothing failed. */
function shaped(json: JsonMap, text: string, path: string, kind: keyof typeof VERSIONS, sink: Sink): JsonMap | undefined {
  const mapping = kind === 'manifest' || kind === 'catalog';
  const member = mapping ? 'nodes' : 'results';
  const value = json[member];
  const entries = mapping ? isMap(value) && Object.values(value) : Array.isArray(value) && value;
  const problem = !entries
    ? `\`${member}\` is no ${mapping ? 'mapping' : 'list'}`
    : entries.every((entry) => isMap(entry) && typeof entry['unique_id'] === 'string')
      ? undefined
      : `an entry of \`${member}\` has no \`unique_id\``;
  if (problem === undefined) return json;
  const key = `"${member}"`;
  const start = text.indexOf(key);
  sink.add('state-unreadable', { path, problem }, start === -1 ? {} : { at: span(sourceFile(path, text), start, start + key.length) });
  return undefined;
}

/** A value as a mapping; an empty one where it is none. */
export function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
