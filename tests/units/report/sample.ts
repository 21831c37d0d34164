import type { Manifest, Node, Resource, SourceNode } from '../../../src/resolve/index.ts';
import type { NodeResult, NodeStart, Status } from '../../../src/run/index.ts';
import { sourceFile, span } from '../../../src/text/index.ts';

const file = sourceFile('models/schema.yml', 'models:\n  - name: a\n    columns:\n      - name: id\n');
const at = span(file, 12, 19);

/** A node with everything its kind needs. */
export function node(type: string, name: string, over: object = {}): Node {
  const path = type === 'seed' ? `${name}.csv` : `${name}.sql`;
  const folder = { seed: 'seeds', snapshot: 'snapshots', analysis: 'analyses', test: 'tests' }[type] ?? 'models';
  const made = {
    unique_id: `${type}.shop.${name}`,
    name,
    resource_type: type,
    package_name: 'shop',
    path,
    original_file_path: `${folder}/${path}`,
    fqn: ['shop', name],
    alias: name,
    checksum: { name: 'sha256', checksum: 'abc' },
    database: 'shop',
    schema: 'main',
    relation_name: type === 'test' ? null : `"shop"."main"."${name}"`,
    config: { enabled: true, materialized: type === 'model' ? 'view' : type, tags: [], meta: {} },
    unrendered_config: {},
    tags: [],
    meta: {},
    group: null,
    description: '',
    columns: {
      id: {
        name: 'id',
        description: 'the key',
        meta: {},
        data_type: null,
        constraints: [],
        quote: null,
        config: { meta: {}, tags: [] },
        tags: [],
        granularity: null,
        doc_blocks: [],
      },
    },
    docs: { show: true, node_color: null },
    doc_blocks: [],
    patch_path: null,
    language: 'sql',
    raw_code: 'select 1 as id',
    refs: [],
    sources: [],
    metrics: [],
    functions: [],
    depends_on: { macros: [], nodes: [] },
    created_at: 1,
    input: { absolute: '/secret/place' },
    at,
    ...(type === 'model' && {
      access: 'protected',
      constraints: [],
      version: null,
      latest_version: null,
      deprecation_date: null,
      primary_key: [],
      time_spine: null,
    }),
    ...(type !== 'seed' && { contract: { enforced: false, alias_types: true, checksum: null } }),
    ...(type === 'seed' && { root_path: '/project' }),
    ...(type === 'test' && { test_metadata: null, column_name: null, file_key_name: null, attached_node: null }),
    ...over,
  };
  return made as never;
}

export function source(): SourceNode {
  const made = {
    unique_id: 'source.shop.app.items',
    resource_type: 'source',
    package_name: 'shop',
    path: 'models/schema.yml',
    original_file_path: 'models/schema.yml',
    name: 'items',
    source_name: 'app',
    source_description: '',
    loader: '',
    identifier: 'items',
    database: 'shop',
    schema: 'app',
    fqn: ['shop', 'app', 'items'],
    quoting: { database: null, schema: null, identifier: null, column: null },
    loaded_at_field: null,
    loaded_at_query: null,
    freshness: null,
    external: null,
    description: '',
    columns: {},
    meta: {},
    source_meta: {},
    tags: [],
    config: { enabled: true },
    unrendered_config: {},
    unrendered_database: null,
    unrendered_schema: null,
    relation_name: '"shop"."app"."items"',
    created_at: 1,
    doc_blocks: [],
    patch_path: null,
    at,
  };
  return made as never;
}

/** One resource of every kind. */
export function sample(extra: readonly Node[] = []): Manifest {
  const nodes = [
    node('seed', 'raw'),
    node('model', 'a', { depends_on: { macros: [], nodes: ['seed.shop.raw'] }, group: 'finance' }),
    node('model', 'b', { config: { enabled: true, materialized: 'incremental' }, depends_on: { macros: [], nodes: ['model.shop.a'] } }),
    node('snapshot', 'hist', { config: { enabled: true, materialized: 'snapshot', strategy: 'check', unique_key: 'id', check_cols: 'all' } }),
    node('analysis', 'an'),
    node('operation', 'shop-on-run-start-0', {
      index: 0,
      original_file_path: './dbt_project.yml',
      path: 'hooks/shop-on-run-start-0.sql',
      relation_name: null,
      tags: ['on-run-start'],
    }),
    node('test', 'unique_a_id', {
      unique_id: 'test.shop.unique_a_id.f6a5f640da',
      original_file_path: 'models/schema.yml',
      column_name: 'id',
      file_key_name: 'models.a',
      attached_node: 'model.shop.a',
      test_metadata: { name: 'unique', kwargs: { column_name: 'id', model: "{{ get_where_subquery(ref('a')) }}" }, namespace: null },
      depends_on: { macros: ['macro.dbt.test_unique'], nodes: ['model.shop.a'] },
    }),
    node('test', 'singular', { depends_on: { macros: [], nodes: ['model.shop.a'] } }),
    ...extra,
  ];
  const exposure = {
    unique_id: 'exposure.shop.dash',
    resource_type: 'exposure',
    name: 'dash',
    package_name: 'shop',
    path: 'schema.yml',
    original_file_path: 'models/schema.yml',
    fqn: ['shop', 'dash'],
    type: 'dashboard',
    owner: { email: 'a@example.org', name: null },
    description: '',
    label: null,
    maturity: null,
    meta: {},
    tags: [],
    config: { enabled: true, tags: [], meta: {} },
    unrendered_config: {},
    url: null,
    depends_on: { macros: [], nodes: ['model.shop.a'] },
    refs: [{ name: 'a', package: null, version: null }],
    sources: [],
    metrics: [],
    created_at: 1,
    at,
  };
  const unitTest = {
    unique_id: 'unit_test.shop.b.ut',
    resource_type: 'unit_test',
    name: 'ut',
    package_name: 'shop',
    path: 'schema.yml',
    original_file_path: 'models/schema.yml',
    fqn: ['shop', 'b', 'ut'],
    model: 'b',
    description: '',
    overrides: null,
    given: [{ input: "ref('a')", rows: [{ id: 1 }], format: 'dict', fixture: null }],
    expect: { rows: [{ id: 2 }], format: 'dict', fixture: null },
    config: { tags: [], meta: {}, enabled: true },
    version: null,
    versions: null,
    schema: 'main',
    checksum: 'c',
    depends_on: { macros: [], nodes: ['model.shop.b'] },
    tested_node_unique_id: 'model.shop.b',
    this_input_node_unique_id: null,
    created_at: 1,
    at,
  };
  const group = {
    unique_id: 'group.shop.finance',
    resource_type: 'group',
    name: 'finance',
    package_name: 'shop',
    path: 'schema.yml',
    original_file_path: 'models/schema.yml',
    owner: { email: 'a@example.org', name: null },
    description: null,
    config: { meta: {} },
  };
  const doc = {
    unique_id: 'doc.shop.x',
    resource_type: 'doc',
    name: 'x',
    package_name: 'shop',
    path: 'docs.md',
    original_file_path: 'models/docs.md',
    block_contents: 'text',
  };
  const macro = {
    unique_id: 'macro.shop.m',
    name: 'm',
    package_name: 'shop',
    path: 'macros/m.sql',
    original_file_path: 'macros/m.sql',
    macro_sql: '{% macro m(x) %}{% endmacro %}',
    arguments: [{ name: 'x', type: null, description: '' }],
    description: '',
    meta: {},
    docs: { show: true, node_color: null },
    patch_path: null,
    depends_on: { macros: [] },
    supported_languages: null,
    created_at: 1,
    unit: () => undefined,
    at,
  };
  const all: readonly Resource[] = [...nodes, source(), exposure as never, unitTest as never];
  const children = new Map<string, string[]>(all.map((r) => [r.unique_id, []]));
  for (const r of all) for (const p of 'depends_on' in r ? r.depends_on.nodes : []) children.get(p)?.push(r.unique_id);
  const parts: Partial<Manifest> = {
    project: { dir: '/project', selectors: null, root: { name: 'shop', files: [] } } as never,
    nodes: map(nodes),
    sources: map([source()]),
    exposures: map([exposure]) as never,
    unitTests: map([unitTest]) as never,
    groups: map([group]) as never,
    docs: map([doc]) as never,
    macros: map([macro]) as never,
    disabled: new Map([['model.shop.off', [node('model', 'off')]]]),
    others: { metrics: new Map(), semanticModels: new Map(), savedQueries: new Map(), disabled: new Map() },
    parents: new Map(all.map((r) => [r.unique_id, 'depends_on' in r ? r.depends_on.nodes : []])),
    children,
    selectors: Object.create(null),
  };
  return parts as Manifest;
}

function map<T extends { readonly unique_id: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((r) => [r.unique_id, r]));
}

/** A result; times in a run that began at the epoch. */
export function result(id: string, status: Status, over: Partial<NodeResult> = {}): NodeResult {
  return {
    unique_id: id,
    status,
    timing: [
      { name: 'compile', started_at: 0, completed_at: 10 },
      { name: 'execute', started_at: 10, completed_at: 110 },
    ],
    thread_id: 'Thread-1 (worker)',
    execution_time: 0.1,
    adapter_response: { _message: 'OK' },
    message: 'OK',
    failures: null,
    rows: null,
    compiled: true,
    compiled_code: 'select 1 as id',
    relation_name: null,
    ...over,
  };
}

export function start(id: string, description: string, index = 1, total = 4): NodeStart {
  return { unique_id: id, resource_type: id.split('.')[0] ?? '', description, index, total, thread: 'Thread-1 (worker)' };
}
