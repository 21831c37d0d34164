// What a site's data tell of a project, from its artifacts.
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import MiniSearch from 'minisearch';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../../src/docs/data/columns.ts';
import { docsSchema, schemaOf } from '../../../src/docs/data/schema.ts';
import { shardOf } from '../../../src/docs/data/shard.ts';
import type * as Docs from '../../../src/docs/data/types.ts';
import { type Artifacts, singleFile, siteData, withCompiled } from '../../../src/docs/index.ts';
import { searchIndex, searchQuery } from '../../../src/docs/search.ts';
import { artifacts } from './manifest.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every file of a site by its path, read. */
function filesOf(a: Artifacts = artifacts()) {
  const texts = siteData(a);
  const read = <T>(name: string) => JSON.parse(texts.get(`data/${name}.json`) ?? 'null') as T;
  const index = read<Docs.IndexFile>('index');
  const rows = Array.from({ length: index.shards.list }, (_, n) => read<Docs.ListFile>(`list/${n}`).rows).flat();
  const page = (id: string) => read<Docs.NodesFile>(`nodes/${shardOf(id, index.shards.nodes)}`).nodes[id] as Docs.NodePage;
  const testPage = (id: string) => read<Docs.TestPagesFile>(`tests/${shardOf(id, index.shards.tests)}`).tests[id] as Docs.TestPage;
  return { texts, read, index, rows, page, testPage, row: (id: string) => rows.find((r) => r.id === id) };
}

/** What of the files does not have the shape that their schemas say. */
function misshapen(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([file, text]) => {
    const schema = schemaOf(file);
    if (!schema) return file.startsWith('data/search/') ? [] : [`${file} has no schema`];
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? [] : result.error.issues.slice(0, 3).map((issue) => `${file} ${issue.path.join('.')}: ${issue.message}`);
  });
}

describe('the shape', () => {
  test('every file is as its schema says, and named by the index', () => {
    const { texts, index } = filesOf();
    expect(misshapen(texts)).toEqual([]);
    expect(Object.keys(index.files).sort()).toEqual([...texts.keys()].filter((f) => f !== 'data/index.json').sort());
    for (const [file, { bytes }] of Object.entries(index.files)) expect(bytes, file).toBe(Buffer.byteLength(texts.get(file) ?? ''));
  });

  test('the check itself finds what is wrong', () => {
    expect(misshapen(new Map([['data/list/0.json', '{"first":0,"rows":[{"id":"a"}]}']]))).not.toEqual([]);
    expect(misshapen(new Map([['data/nothing.json', '{}']]))).toEqual(['data/nothing.json has no schema']);
  });

  test('schemas/docs.json is what the zod schemas say (else run `npm run schemas`)', () => {
    expect(fs.readFileSync(path.join(root, 'schemas/docs.json'), 'utf8')).toBe(docsSchema());
  });

  test('an empty manifest, and one with strange values, make a site too', () => {
    for (const manifest of [{}, { nodes: null, sources: [], metadata: 3 }, { nodes: { 'model.a.b': null }, unit_tests: { u: {} }, macros: { m: 1 } }])
      expect(misshapen(siteData({ manifest, history: [] }))).toEqual([]);
  });

  test('the same artifacts make the same files, in whatever order the manifest lists its nodes', () => {
    const a = artifacts();
    const nodes = Object.fromEntries(Object.entries(a.manifest['nodes'] as object).reverse());
    expect([...siteData({ ...a, manifest: { ...a.manifest, nodes } })].sort()).toEqual([...siteData(a)].sort());
  });

  test('of a large project no file is large, and a change of one node changes few', () => {
    const big = manyModels(1000);
    const before = siteData(big);
    expect(Math.max(...[...before.values()].map((text) => text.length))).toBeLessThan(300_000);
    expect(misshapen(before)).toEqual([]);
    const nodes = { ...(big.manifest['nodes'] as { [id: string]: Docs.Json }) };
    nodes['model.big.m7'] = { ...(nodes['model.big.m7'] as object), raw_code: 'select other' };
    const after = siteData({ ...big, manifest: { ...big.manifest, nodes } });
    const changed = [...after].filter(([file, text]) => before.get(file) !== text).map(([file]) => file.replace(/\d+/, 'n'));
    expect(changed.sort()).toEqual(['data/index.json', 'data/nodes/n.json', 'data/search/n.json']);
  });
});

function manyModels(count: number): Artifacts {
  const node = (n: number) => ({
    unique_id: `model.big.m${n}`,
    resource_type: 'model',
    name: `m${n}`,
    package_name: 'big',
    fqn: ['big', `m${n}`],
    original_file_path: `models/m${n}.sql`,
    raw_code: `select ${'column_of_it, '.repeat(20)} ${n}`,
    description: `Model number ${n}. `.repeat(5),
    depends_on: { nodes: n === 0 ? [] : [`model.big.m${Math.floor(n / 3)}`] },
  });
  return { manifest: { nodes: Object.fromEntries(Array.from({ length: count }, (_, n) => [`model.big.m${n}`, node(n)])) }, history: [] };
}

describe('the project', () => {
  const { index } = filesOf();
  test('facts, counts, groups', () => {
    expect(index.project).toEqual({ name: 'shop', adapter: 'duckdb', dbtVersion: '1.11.2', overview: 'overview' });
    // Hidden nodes do not count.
    expect(index.counts).toEqual({ model: 3, source: 1, exposure: 1, test: 3, macro: 1 });
    expect(index.groups).toEqual([
      { name: 'web', package: 'shop', owner: { email: ['web@example.org', 'two@example.org'], other: { slack: '#web' } }, nodes: 1 },
    ]);
  });

  test('health and runs, newest first', () => {
    expect(index.health.tests).toEqual({ pass: 0, warn: 0, fail: 1, skip: 0, none: 2 });
    expect(index.health.freshness.warn).toBe(1);
    expect(index.runs.map((r) => [r.id, r.results.fail])).toEqual([
      ['third', 1],
      ['second', 1],
      ['first', 0],
    ]);
  });

  test('without an overview the README speaks, and a result file that the history does not hold counts', () => {
    const a = artifacts();
    const results = {
      metadata: { invocation_id: 'fourth', generated_at: '2026-01-03T00:00:00Z' },
      args: { which: 'test' },
      elapsed_time: 2,
      results: [
        {
          unique_id: 'test.shop.not_null_id.1',
          status: 'pass',
          execution_time: 0.5,
          timing: [{ started_at: '2026-01-03T00:00:01.000000', completed_at: '2026-01-03T00:00:02.000000' }],
        },
      ],
    };
    const other = filesOf({ ...a, manifest: { ...a.manifest, docs: {} }, readme: 'Read me.', results });
    expect(other.index.project.overview).toBe('Read me.');
    expect(other.index.runs[0]).toMatchObject({ id: 'fourth', command: 'test', startedAt: '2026-01-03T00:00:01.000Z' });
    expect(other.testPage('test.shop.not_null_id.1')).toMatchObject({ health: 'pass', last: { at: '2026-01-03T00:00:01.500Z' } });
    // What was only compiled says nothing about health.
    expect(filesOf({ ...a, results: { ...results, args: { which: 'generate' } } }).index.runs[0]?.id).toBe('third');
  });
});

describe('nodes', () => {
  const { row, page, rows, read } = filesOf();
  test('rows', () => {
    expect(row('model.shop.stg_visits')).toMatchObject({
      name: 'stg_visits',
      owner: 'owner',
      tags: ['tag'],
      columns: 2,
      tests: [0, 0, 1, 0, 2],
      status: 'pass',
      seconds: 1,
      rows: 7,
      bytes: 2048,
    });
    expect(row('model.shop.visits.v1')).toMatchObject({ name: 'visits.v1', version: '1', latest: false, deprecated: '2027-01-01' });
    expect(row('model.shop.visits.v2')).toMatchObject({ latest: true, access: 'public', group: 'web', owner: 'web@example.org' });
    expect(row('source.shop.web.visits')).toMatchObject({ name: 'web.visits', status: 'warn' });
    expect(row('model.shop.secret')).toMatchObject({ hidden: true, color: 'color' });
    expect(rows.map((r) => r.id)).toEqual(rows.map((r) => r.id).toSorted());
  });

  test('columns: those of the table in its order, then those that are only described', () => {
    expect(page('model.shop.stg_visits').columns).toEqual([
      { name: 'id', type: 'BIGINT', description: 'column', constraints: [{ type: 'not_null' }], tests: ['test.shop.not_null_id.1', 'test.shop.unique_id.2'] },
      { name: 'at', type: 'TIMESTAMP', undocumented: true },
      { name: 'gone', description: 'column', missing: true },
    ]);
  });

  test('a declared type is told where it is another one, not where it is the same in other letters', () => {
    const json = { columns: { a: { name: 'a', data_type: 'decimal(18, 2)' }, b: { name: 'b', data_type: 'text' } } };
    const table = { columns: { a: { name: 'a', index: 1, type: 'DECIMAL(18,2)' }, b: { name: 'b', index: 2, type: 'DATE' } } };
    expect(columnsOf(json, table, [])).toEqual([
      { name: 'a', type: 'DECIMAL(18,2)' },
      { name: 'b', type: 'DATE', declaredType: 'text' },
    ]);
  });

  test('edges, macros, versions, statistics; macros that come with dbt are left out', () => {
    expect(page('model.shop.stg_visits')).toMatchObject({
      parents: ['source.shop.web.visits'],
      children: ['model.shop.secret', 'model.shop.visits.v1', 'model.shop.visits.v2'],
      macros: ['macro.shop.cents'],
      table: { type: 'BASE TABLE', owner: 'me', stats: [{ label: 'Clustered by', value: 'at' }] },
      runs: [{ invocation: 'third' }, { invocation: 'second' }, { invocation: 'first' }],
      config: { materialized: 'table' },
    });
    expect(page('model.shop.visits.v1').versions).toEqual([
      { id: 'model.shop.visits.v1', version: '1', latest: false },
      { id: 'model.shop.visits.v2', version: '2', latest: true },
    ]);
  });

  test('sources, exposures', () => {
    expect(page('source.shop.web.visits').source).toEqual({
      name: 'web',
      description: 'source',
      loader: 'loader',
      loadedAtField: 'at',
      freshness: {
        warnAfter: '12 hours',
        errorAfter: '1 day',
        health: 'warn',
        maxLoadedAt: '2026-01-01T00:00:00Z',
        checkedAt: '2026-01-02T03:04:00Z',
        age: 97440,
      },
    });
    expect(read<Docs.SourcesFile>('sources').sources).toMatchObject([{ name: 'web', tables: [{ name: 'visits', freshness: { health: 'warn' } }] }]);
    expect(page('exposure.shop.report')).toMatchObject({ exposure: { type: 'dashboard', url: 'url' }, owner: { name: 'person', email: ['a@example.org'] } });
  });

  test('the graph: one place for every row, edges as pairs of rows', () => {
    const graph = read<Docs.GraphFile>('graph');
    expect([graph.x.length, graph.y.length, graph.rank.length]).toEqual([rows.length, rows.length, rows.length]);
    const named = Array.from({ length: graph.edges.length / 2 }, (_, e) =>
      [rows[graph.edges[2 * e] ?? -1]?.id, rows[graph.edges[2 * e + 1] ?? -1]?.id].join(' > '),
    );
    expect(named).toContain('source.shop.web.visits > model.shop.stg_visits');
    expect(named).toHaveLength(5);
  });
});

describe('tests, macros, timeline, search', () => {
  const { read, testPage, index } = filesOf();
  test('what fails now, and since when', () => {
    const { totals, kinds, troubled } = read<Docs.TestsFile>('tests');
    expect(totals).toMatchObject({ fail: 1, none: 2 });
    expect(kinds.map((k) => k.kind)).toEqual(['dbt_utils.equality', 'not_null', 'singular']);
    // It passed in the first run: the second was the first that failed, a second after its start.
    expect(troubled).toMatchObject([
      { id: 'test.shop.not_null_id.1', column: 'id', severity: 'error', since: '2026-01-01T12:00:01.000Z', last: { failures: 3 } },
    ]);
    expect(testPage('test.shop.not_null_id.1')).toMatchObject({ failing: { columns: ['cell'], rows: [['value']] }, runs: [{}, {}, { health: 'pass' }] });
    expect(testPage('test.shop.unique_id.2')).toMatchObject({ kind: 'dbt_utils.equality', arguments: { column_name: 'id', compare: 'argument' } });
  });

  test('a singular test is on the pages of all that it reads', () => {
    const { page } = filesOf();
    for (const id of ['model.shop.stg_visits', 'model.shop.visits.v2']) expect(page(id).tests.map((t) => t.name)).toContain('no_bots');
  });

  test('macros have the arguments that are described and those in their head', () => {
    const { macros } = read<Docs.MacrosFile>(`macros/${shardOf('macro.shop.cents', index.shards.macros)}`);
    expect(macros['macro.shop.cents']?.arguments).toEqual([
      { name: 'column', type: 'string', description: 'argument' },
      { name: 'scale', value: '2' },
      { name: 'sep', value: "', )'" },
      { name: 'more', value: "{'a': [1, 2]}" },
    ]);
    expect(macros['macro.shop.cents']?.usedBy).toContain('model.shop.stg_visits');
    expect(read<Docs.MacroListFile>('macros').macros.map((m) => m.id)).toEqual(['macro.shop.cents']);
  });

  test('the last build as bars, and the chain that took longest: tests hold up what is built from their node', () => {
    const timeline = read<Docs.TimelineFile>('timeline');
    expect(timeline).toMatchObject({ invocation: { id: 'third' }, bars: 4, lanes: 2, criticalSeconds: 3.5 });
    expect(timeline.critical).toEqual(['model.shop.stg_visits', 'test.shop.not_null_id.1', 'model.shop.visits.v1']);
    expect(read<Docs.BarsFile>('timeline/0')).toMatchObject({ first: 0, start: [0, 1, 1.5, 1.5], lane: [0, 0, 0, 1] });
  });

  test('the index finds names, columns, descriptions and SQL, also where a letter is wrong, and nothing that is hidden', () => {
    const { texts } = filesOf();
    const search = MiniSearch.loadJSON(texts.get('data/search/0.json') ?? '', searchIndex);
    const ids = (words: string) => search.search(words, searchQuery).map((hit) => String(hit.id));
    expect(ids('vistis')).toContain('model.shop.stg_visits');
    expect(ids('literal')).toEqual(['model.shop.stg_visits']);
    expect(ids('gone')).toEqual(['model.shop.stg_visits']);
    expect(ids('cents')).toContain('macro.shop.cents');
    expect(ids('secret')).toEqual([]);
  });
});

test('SQL that an earlier command compiled is kept for nodes that are still the same', () => {
  const node = (raw: string, checksum: string) => ({ raw_code: raw, checksum: { checksum } });
  const earlier = { nodes: { a: { ...node('a', '1'), compiled_code: 'A' }, b: { ...node('b', '1'), compiled_code: 'B' } } };
  expect(withCompiled({ nodes: { a: node('a', '1'), b: node('b', '2'), c: node('c', '1') } }, earlier)['nodes']).toEqual({
    a: { ...node('a', '1'), compiled_code: 'A' },
    b: node('b', '2'),
    c: node('c', '1'),
  });
});

describe('one file', () => {
  test('what a project says can neither end a block nor begin a script', () => {
    const evil = '</script><script>alert(1)</script><!-- \u2028 ]]>';
    const data = siteData(artifacts((of) => `${evil}${of}`));
    expect(misshapen(data)).toEqual([]);
    const page = singleFile('<body><!--dml:data--><script>own()</script></body>', data);
    expect(page.match(/<script/g)?.length).toBe(data.size + 1);
    expect(page).not.toContain('alert');
    expect(page).not.toContain('\u2028');
    const blocks = [...page.matchAll(/<script type="text\/plain" data-file="([^"]*)">([A-Za-z0-9+/=]*)<\/script>/g)];
    expect(blocks[0]?.[1]).toBe('data/index.json');
    for (const [, file = '', block = ''] of blocks) expect(gunzipSync(Buffer.from(block, 'base64')).toString()).toBe(data.get(file));
    expect(blocks).toHaveLength(data.size);
  });

  test('a page without a place for the data is a mistake of ours', () => {
    expect(() => singleFile('<body></body>', new Map())).toThrow('no place');
  });
});
