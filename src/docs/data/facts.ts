import type { Artifacts } from './artifacts.ts';
import { historyOf, type RunHistory } from './history.ts';
import { type JsonMap, listOf, mapOf, textOf } from './json.ts';
import type { Id, NodeType } from './types.ts';

/** The artifacts, sorted out once for all files. */
export interface Facts {
  readonly manifest: JsonMap;
  /** What has a page, in order of id: the rows of the list. */
  readonly nodes: readonly Entry[];
  readonly byId: ReadonlyMap<Id, Entry>;
  /** Data tests and unit tests by id. */
  readonly tests: ReadonlyMap<Id, JsonMap>;
  /** Ids of the tests of each node. */
  readonly testsOf: ReadonlyMap<Id, readonly Id[]>;
  /** Macros but for those that come with dbt and dml, by id. */
  readonly macros: ReadonlyMap<Id, JsonMap>;
  readonly catalog: ReadonlyMap<Id, JsonMap>;
  /** Rows and bytes of tables by id. */
  readonly sizes: JsonMap;
  /** The results of sources.json by id. */
  readonly freshness: ReadonlyMap<Id, JsonMap>;
  readonly history: RunHistory;
  readonly readme: string | undefined;
  readonly adapter: string | undefined;
}

/** A node with a page. */
export interface Entry {
  readonly id: Id;
  readonly type: NodeType;
  readonly json: JsonMap;
  readonly config: JsonMap;
  /** Ids of nodes with pages. */
  readonly parents: readonly Id[];
  readonly children: Id[];
}

const SECTIONS = ['nodes', 'sources', 'exposures', 'metrics', 'semantic_models', 'saved_queries', 'functions'] as const;
const TYPES: ReadonlySet<string> = new Set<NodeType>([
  'model',
  'seed',
  'snapshot',
  'source',
  'exposure',
  'metric',
  'semantic_model',
  'saved_query',
  'function',
  'analysis',
]);

/** Sorts out the artifacts. */
export function factsOf(a: Artifacts): Facts {
  const { manifest } = a;
  const found: { id: Id; json: JsonMap }[] = [];
  const unsorted = new Map<Id, JsonMap>();
  for (const section of SECTIONS)
    for (const [id, value] of Object.entries(mapOf(manifest[section]))) {
      const json = mapOf(value);
      if (json['resource_type'] === 'test') unsorted.set(id, json);
      else if (TYPES.has(typeOf(id, json))) found.push({ id, json });
    }
  for (const [id, value] of Object.entries(mapOf(manifest['unit_tests']))) unsorted.set(id, { resource_type: 'unit_test', ...mapOf(value) });
  found.sort((x, y) => (x.id < y.id ? -1 : 1));
  const tests = new Map([...unsorted].sort(([x], [y]) => (x < y ? -1 : 1)));
  const known = new Set(found.map((f) => f.id));
  const parentMap = mapOf(manifest['parent_map']);
  const nodes = found.map(({ id, json }): Entry => {
    const above = listOf(parentMap[id] ?? mapOf(json['depends_on'])['nodes']).map(String);
    // The manifest's sections hold what their names say; the id begins with the type.
    const type = typeOf(id, json) as NodeType;
    return { id, type, json, config: mapOf(json['config']), parents: [...new Set(above)].filter((p) => known.has(p) && p !== id).sort(), children: [] };
  });
  const byId = new Map(nodes.map((n) => [n.id, n]));
  for (const node of nodes) for (const parent of node.parents) byId.get(parent)?.children.push(node.id);
  const adapter = textOf(mapOf(manifest['metadata'])['adapter_type']);
  return {
    manifest,
    nodes,
    byId,
    tests,
    testsOf: testsByNode(tests, known),
    macros: new Map(Object.entries(mapOf(manifest['macros'])).flatMap(([id, m]) => (comesAlong(mapOf(m), adapter) ? [] : [[id, mapOf(m)] as const]))),
    catalog: new Map(['nodes', 'sources'].flatMap((section) => Object.entries(mapOf(a.catalog?.[section]))).map(([id, table]) => [id, mapOf(table)])),
    sizes: a.sizes ?? {},
    freshness: new Map(
      listOf(a.sources?.['results'])
        .map(mapOf)
        .map((r) => [String(r['unique_id']), r]),
    ),
    history: historyOf(a.history, a.results),
    readme: a.readme,
    adapter,
  };
}

function typeOf(id: Id, json: JsonMap): string {
  return textOf(json['resource_type']) ?? id.slice(0, id.indexOf('.'));
}

/** Packages that come with dbt, its adapters and dml. */
function comesAlong(macro: JsonMap, adapter: string | undefined): boolean {
  const name = textOf(macro['package_name']) ?? '';
  return name === 'dbt' || name === 'dml' || name === `dbt_${adapter}` || name === 'dbt_duckdb' || name === 'dbt_postgres';
}

/** Ids of the nodes that a test is of: the one it is attached to, else all that it reads. */
export function subjectsOf(test: JsonMap): readonly Id[] {
  const one = textOf(test['attached_node']) ?? textOf(test['tested_node_unique_id']);
  const reads = listOf(mapOf(test['depends_on'])['nodes']).map(String);
  if (one !== undefined) return [one];
  // A generic test of an earlier dbt names nothing; what it is of comes last, after those that its arguments name.
  return test['test_metadata'] || test['resource_type'] === 'unit_test' ? reads.slice(-1) : reads;
}

function testsByNode(tests: ReadonlyMap<Id, JsonMap>, known: ReadonlySet<Id>): ReadonlyMap<Id, readonly Id[]> {
  const out = new Map<Id, Id[]>();
  for (const [id, json] of tests)
    for (const node of new Set(subjectsOf(json))) {
      if (!known.has(node)) continue;
      const list = out.get(node);
      if (list) list.push(id);
      else out.set(node, [id]);
    }
  return out;
}
