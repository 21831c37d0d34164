import { createHash } from 'node:crypto';
import type { Json, JsonMap, Manifest, Node, Resource, UnitTestNode } from '../resolve/index.ts';
import type { NodeResult } from '../run/index.ts';
import { yamlToJson } from '../text/index.ts';
import { type ArtifactContext, metadata } from './metadata.ts';

export interface ManifestContext extends ArtifactContext {
  readonly adapterType: string;
  readonly quoting: { readonly database: boolean; readonly schema: boolean; readonly identifier: boolean };
  /** What was compiled, by unique id. */
  readonly compiled: ReadonlyMap<string, NodeResult>;
  /** The ids of what a run has results of, in order. */
  readonly ran?: readonly string[];
}

const COMMON = [
  'database',
  'schema',
  'name',
  'resource_type',
  'package_name',
  'path',
  'original_file_path',
  'unique_id',
  'fqn',
  'alias',
  'checksum',
  'config',
  'tags',
  'description',
  'columns',
  'meta',
  'group',
  'docs',
  'patch_path',
  'unrendered_config',
  'created_at',
  'relation_name',
  'raw_code',
  'doc_blocks',
];
const EXECUTABLE = [...COMMON, 'language', 'refs', 'sources', 'metrics', 'functions', 'depends_on', 'contract'];
const MODEL = [...EXECUTABLE, 'access', 'constraints', 'version', 'latest_version', 'deprecation_date', 'primary_key', 'time_spine'];
const KEYS: Readonly<Record<Node['resource_type'], readonly string[]>> = {
  model: MODEL,
  analysis: EXECUTABLE,
  snapshot: EXECUTABLE,
  operation: [...EXECUTABLE, 'index'],
  sql_operation: EXECUTABLE,
  seed: [...COMMON, 'root_path'],
  function: [...EXECUTABLE, 'arguments', 'returns'],
  test: EXECUTABLE,
};
const GENERIC_TEST = [...EXECUTABLE, 'column_name', 'file_key_name', 'attached_node', 'test_metadata'];
const SOURCE = [
  'database',
  'schema',
  'name',
  'resource_type',
  'package_name',
  'path',
  'original_file_path',
  'unique_id',
  'fqn',
  'source_name',
  'source_description',
  'loader',
  'identifier',
  'quoting',
  'loaded_at_field',
  'loaded_at_query',
  'freshness',
  'external',
  'description',
  'columns',
  'meta',
  'source_meta',
  'tags',
  'config',
  'patch_path',
  'unrendered_config',
  'relation_name',
  'created_at',
  'unrendered_database',
  'unrendered_schema',
  'doc_blocks',
];
const EXPOSURE = [
  'name',
  'resource_type',
  'package_name',
  'path',
  'original_file_path',
  'unique_id',
  'fqn',
  'type',
  'owner',
  'description',
  'label',
  'maturity',
  'meta',
  'tags',
  'config',
  'unrendered_config',
  'url',
  'depends_on',
  'refs',
  'sources',
  'metrics',
  'created_at',
];
const UNIT_TEST = [
  'model',
  'given',
  'expect',
  'name',
  'resource_type',
  'package_name',
  'path',
  'original_file_path',
  'unique_id',
  'fqn',
  'description',
  'overrides',
  'depends_on',
  'config',
  'checksum',
  'schema',
  'created_at',
  'versions',
  'version',
];
const MACRO = [
  'name',
  'package_name',
  'path',
  'original_file_path',
  'unique_id',
  'macro_sql',
  'depends_on',
  'description',
  'meta',
  'docs',
  'patch_path',
  'arguments',
  'created_at',
  'supported_languages',
];

/** A resource in manifest v12's shape: what leaves dml, and nothing else. */
export function resourceJson(r: Resource, compiled?: NodeResult): JsonMap {
  switch (r.resource_type) {
    case 'source':
      return pick(r, SOURCE);
    case 'exposure':
      return pick(r, EXPOSURE);
    case 'unit_test':
      return unitTestJson(r);
    default:
      return nodeJson(r, compiled);
  }
}

/** A unit test. What only dml's tests state has no place of its own in dbt's shape, and stands in their `meta`. */
function unitTestJson(test: UnitTestNode): JsonMap {
  const out = pick(test, UNIT_TEST);
  const { own, config } = test;
  if (!own) return out;
  const { subject, call, text, table, runs, now, ctes } = own;
  const dml: JsonMap = {
    subject,
    ...(call && { call: call.text }),
    ...(text !== null && { expect_text: text }),
    ...(table && { expect_table: runs === 1 ? table : { ...table, runs } }),
    ...(Object.keys(ctes).length > 0 && { expect_ctes: ctes }),
    ...(now !== null && { now }),
  };
  return { ...out, config: { ...config, meta: { ...(config['meta'] as JsonMap), dml } } };
}

function nodeJson(node: Node, compiled: NodeResult | undefined): JsonMap {
  const generic = node.resource_type === 'test' && node.test_metadata !== null;
  const out = pick(node, generic ? GENERIC_TEST : KEYS[node.resource_type]);
  out['build_path'] = null;
  if (node.resource_type === 'seed') {
    out['depends_on'] = { macros: node.depends_on.macros };
    return out;
  }
  out['compiled_path'] = compiled?.compiledPath ?? null;
  out['contract'] ??= { enforced: false, alias_types: true, checksum: null };
  if (compiled?.compiled) {
    Object.assign(out, { compiled: true, compiled_code: compiled.compiled_code, extra_ctes_injected: true, extra_ctes: [] });
    if (compiled.relation_name !== null) out['relation_name'] = compiled.relation_name;
  }
  return out;
}

function pick(from: object, keys: readonly string[]): { [key: string]: Json } {
  const out: { [key: string]: Json } = {};
  // The resources hold JSON under exactly these names.
  const source = from as { readonly [key: string]: Json | undefined };
  for (const key of keys) {
    const value = source[key];
    if (value !== undefined) out[key] = value;
  }
  return out;
}

/** manifest.json (v12) as pieces of text to be written one after the other. */
export function manifestJson(m: Manifest, c: ManifestContext): readonly string[] {
  const out: string[] = [];
  const meta = {
    ...metadata('manifest/v12', c),
    run_started_at: new Date(c.startedAt).toISOString().replace('Z', '+00:00'),
    project_name: m.project.root.name,
    project_id: createHash('md5').update(m.project.root.name).digest('hex'),
    user_id: null,
    send_anonymous_usage_stats: false,
    adapter_type: c.adapterType,
    quoting: { ...c.quoting, column: null },
  };
  out.push(`{"metadata": ${JSON.stringify(meta)}`);
  const [functions, nodes] = [true, false].map(
    (is) => new Map([...m.nodes].filter(([, n]) => (n.resource_type === 'function') === is)),
  ) as unknown as readonly [NodeMap, NodeMap];
  const numbers = hookNumbers(m, c.ran ?? []);
  section(out, 'nodes', nodes, (node) => {
    const number = numbers.get(node.unique_id);
    return { ...nodeJson(node, c.compiled.get(node.unique_id)), ...(number !== undefined && { index: number }) };
  });
  section(out, 'sources', m.sources, (r) => pick(r, SOURCE));
  section(out, 'macros', m.macros, (r) => ({ ...pick(r, MACRO), resource_type: 'macro', config: { meta: r.meta, docs: r.docs } }));
  section(out, 'docs', m.docs, (r) => ({ ...r }));
  section(out, 'exposures', m.exposures, (r) => pick(r, EXPOSURE));
  section(out, 'metrics', m.others.metrics, (r) => r);
  section(out, 'groups', m.groups, (r) => ({ ...r }));
  out.push(`, "selectors": ${JSON.stringify(yamlToJson(m.selectors))}`);
  const disabled = new Map<string, readonly Json[]>([...m.disabled].map(([id, list]) => [id, list.map((r) => resourceJson(r))]));
  section(out, 'disabled', new Map([...disabled, ...m.others.disabled]), (list) => list);
  section(out, 'parent_map', m.parents, (ids) => ids);
  section(out, 'child_map', m.children, (ids) => ids);
  out.push(`, "group_map": ${JSON.stringify(groupMap(m))}`);
  section(out, 'saved_queries', m.others.savedQueries, (r) => r);
  section(out, 'semantic_models', m.others.semanticModels, (r) => r);
  section(out, 'unit_tests', m.unitTests, unitTestJson);
  section(out, 'functions', functions, (node) => nodeJson(node, c.compiled.get(node.unique_id)));
  out.push('}');
  return out;
}

/** As in dbt, the hooks of a kind count from 1 over all packages once they have run; before that, from 0 in each. */
function hookNumbers(m: Manifest, ran: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const id of ran) {
    const node = m.nodes.get(id);
    if (node?.resource_type !== 'operation') continue;
    const kind = node.tags.includes('on-run-end') ? 'on-run-end' : 'on-run-start';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    numbers.set(id, counts.get(kind) ?? 0);
  }
  return numbers;
}

type NodeMap = ReadonlyMap<string, Node>;

function section<T>(out: string[], name: string, items: ReadonlyMap<string, T>, json: (item: T) => Json): void {
  out.push(`, "${name}": {`);
  let first = true;
  for (const [id, item] of items) {
    out.push(`${first ? '' : ', '}${JSON.stringify(id)}: ${JSON.stringify(json(item))}`);
    first = false;
  }
  out.push('}');
}

function groupMap(m: Manifest): { readonly [group: string]: readonly string[] } {
  const out: { [group: string]: string[] } = {};
  for (const group of m.groups.values()) out[group.name] = [];
  for (const node of m.nodes.values()) if (node.group !== null) (out[node.group] ??= []).push(node.unique_id);
  return out;
}

/** graph_summary.json: the graph with small numbers for names. */
export function graphSummaryJson(m: Manifest, invocationId: string): string {
  const { metrics, semanticModels, savedQueries } = m.others;
  const all = [m.nodes, m.sources, m.exposures, m.unitTests, metrics, semanticModels, savedQueries];
  const ids = [...m.parents.keys()].filter((id) => all.some((some) => some.has(id)));
  const index = new Map(ids.map((id, i) => [id, i]));
  const linked: { [i: string]: JsonMap } = {};
  ids.forEach((id, i) => {
    const below = (m.children.get(id) ?? []).flatMap((child) => index.get(child) ?? []);
    linked[String(i)] = { name: id, type: id.slice(0, id.indexOf('.')), ...(below.length > 0 && { succ: below }) };
  });
  return JSON.stringify({ _invocation_id: invocationId, linked });
}
