import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogJson, graphSummaryJson, listLines, manifestJson, runResultsJson, sizesJson, sqlPath } from '../../../src/report/index.ts';
import { relation } from '../../../src/sql/index.ts';
import { checkBySchemas, hasDbt } from '../../dbt.ts';
import { node, result, sample } from './sample.ts';

const context = { dbtVersion: '1.11.16', generatedAt: 1000, startedAt: 0, invocationId: '00000000-0000-4000-8000-000000000000', customEnv: { TEAM: 'data' } };
const manifestContext = {
  ...context,
  adapterType: 'duckdb',
  quoting: { database: true, schema: true, identifier: true },
  compiled: new Map([['model.shop.a', result('model.shop.a', 'success', { compiledPath: 'target/compiled/shop/models/a.sql' })]]),
};
const run = {
  results: [
    result('model.shop.a', 'success'),
    result('test.shop.unique_a_id.f6a5f640da', 'fail', { failures: 2, message: 'Got 2 results, configured to fail if != 0' }),
  ],
  elapsed: 1.5,
  interrupted: false,
};
const table = { owner: null, comment: null, columns: [{ name: 'id', index: 1, type: 'INTEGER', comment: null }] };
const tables = [
  { ...table, relation: relation('shop', 'main', 'a', 'view'), rows: null, bytes: null },
  { ...table, relation: relation('SHOP', 'App', 'ITEMS', 'table'), rows: 12, bytes: null },
];

function texts() {
  const m = sample();
  return {
    manifest: manifestJson(m, manifestContext).join(''),
    run_results: runResultsJson(run, { which: 'build' }, context),
    catalog: catalogJson(m, tables, context),
  };
}

describe('manifest.json', () => {
  test('holds every resource in its section, and nothing that is only dml’s', () => {
    const { manifest } = texts();
    const json = JSON.parse(manifest);
    expect(Object.keys(json)).toEqual([
      'metadata',
      'nodes',
      'sources',
      'macros',
      'docs',
      'exposures',
      'metrics',
      'groups',
      'selectors',
      'disabled',
      'parent_map',
      'child_map',
      'group_map',
      'saved_queries',
      'semantic_models',
      'unit_tests',
      'functions',
    ]);
    expect(Object.keys(json.nodes)).toHaveLength(8);
    expect(manifest).not.toContain('/secret/place');
    expect(json.nodes['model.shop.a'].at).toBeUndefined();
    expect(json.nodes['model.shop.a']).toMatchObject({ compiled: true, compiled_code: 'select 1 as id', compiled_path: 'target/compiled/shop/models/a.sql' });
    expect(json.nodes['model.shop.b'].compiled).toBeUndefined();
    expect(json.nodes['seed.shop.raw'].depends_on).toEqual({ macros: [] });
    expect(json.group_map).toEqual({ finance: ['model.shop.a'] });
    expect(json.child_map['model.shop.a']).toContain('model.shop.b');
    expect(json.metadata).toMatchObject({ project_name: 'shop', adapter_type: 'duckdb', env: { TEAM: 'data' }, generated_at: '1970-01-01T00:00:01.000000Z' });
  });

  test('graph_summary.json numbers the graph', () => {
    const { linked } = JSON.parse(graphSummaryJson(sample(), 'x'));
    const raw = Object.values<{ name: string; succ?: number[] }>(linked).find((n) => n.name === 'seed.shop.raw');
    expect(raw?.succ?.map((i) => linked[String(i)].name)).toEqual(['model.shop.a']);
  });
});

test('catalog.json finds relations whatever the case of their names', () => {
  const json = JSON.parse(texts().catalog);
  expect(Object.keys(json.nodes)).toEqual(['model.shop.a']);
  expect(json.nodes['model.shop.a'].metadata.type).toBe('VIEW');
  expect(json.sources['source.shop.app.items'].metadata.type).toBe('BASE TABLE');
});

test('sizes stand in a file of their own, since catalog.json has the statistics that dbt’s has', () => {
  const { sources } = JSON.parse(texts().catalog);
  expect(Object.entries(sources['source.shop.app.items'].stats)).toEqual([['has_stats', expect.objectContaining({ value: false, include: false })]]);
  expect(JSON.parse(sizesJson(sample(), tables))).toEqual({ 'source.shop.app.items': { rows: 12 } });
  expect(JSON.parse(sizesJson(sample(), tables, new Set(['model.shop.a'])))).toEqual({});
});

test('SQL lies where dbt puts it', () => {
  const all = [...sample().nodes.values()].map((n) => sqlPath(n));
  expect(all).toEqual([
    'shop/seeds/raw.csv',
    'shop/models/a.sql',
    'shop/models/b.sql',
    'shop/snapshots/hist.sql',
    'shop/analyses/an.sql',
    'shop/dbt_project.yml/hooks/shop-on-run-start-0.sql',
    'shop/models/schema.yml/unique_a_id.sql',
    'shop/tests/singular.sql',
  ]);
});

describe('ls', () => {
  const m = sample([node('model', 'v', { unique_id: 'model.shop.v.v2', version: 2, fqn: ['shop', 'v', 'v2'] })]);
  const ids = ['unit_test.shop.b.ut', 'model.shop.v.v2', 'exposure.shop.dash', 'source.shop.app.items', 'model.shop.a'];

  test('prints selectors, names and paths, sorted by id', () => {
    expect(listLines(m, ids, 'selector', [])).toEqual(['exposure:shop.dash', 'shop.a', 'shop.v.v2', 'source:shop.app.items', 'unit_test:shop.ut']);
    expect(listLines(m, ids, 'name', [])).toEqual(['dash', 'a', 'v.v2', 'app.items', 'ut']);
    expect(listLines(m, ['model.shop.a'], 'path', [])).toEqual(['models/a.sql']);
  });

  test('prints JSON with the usual keys or those asked for', () => {
    expect(listLines(m, ['model.shop.a'], 'json', ['name', 'config.materialized', 'config.nothing'])).toEqual(['{"name": "a", "config.materialized": "view"}']);
    const [line = ''] = listLines(m, ['model.shop.a'], 'json', []);
    expect(Object.keys(JSON.parse(line)).sort()).toEqual([
      'alias',
      'config',
      'depends_on',
      'name',
      'original_file_path',
      'package_name',
      'resource_type',
      'tags',
      'unique_id',
    ]);
  });
});

describe.skipIf(!hasDbt)(`schemas${hasDbt ? '' : ' (skipped: no Python with dbt-core; set DML_DBT_PYTHON)'}`, () => {
  let dir = '';
  beforeAll(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-artifacts-'));
    for (const [name, text] of Object.entries(texts())) fs.writeFileSync(path.join(dir, `${name}.json`), text);
  });
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

  test('the artifacts are valid by the schemas of dbt-core, whose own reader takes them', () => {
    expect(checkBySchemas(dir)).toEqual(['checked manifest', 'checked run_results', 'checked catalog']);
  });
});
