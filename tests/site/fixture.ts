// A project as the site knows it, made without dml: as many nodes as asked for, and texts of one's choice wherever a project may say something.
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import MiniSearch from 'minisearch';
import { shardOf } from '../../src/docs/data/shard.ts';
import type * as Docs from '../../src/docs/data/types.ts';
import { layout } from '../../src/docs/layout.ts';
import { searchIndex } from '../../src/docs/search.ts';

const AT = '2026-01-02T03:04:05Z';
const SHARDS = 3;
const none: Docs.Healths = { pass: 0, warn: 0, fail: 0, skip: 0, none: 0 };

/** How a fixture is made. */
export interface Fixture {
  /** Number of models; each reads one or two of those before it. */
  readonly models: number;
  /** Every text that a project may choose freely, by what it is a text of: a name stays different for each node. */
  readonly text?: (of: string) => string;
}

/** The data files by their paths: models in three folders, a source, an exposure, a metric, a macro, tests that fail, a timeline, column lineage. */
export function dataOf({ models, text = (of) => of }: Fixture): ReadonlyMap<string, unknown> {
  const rows = rowsOf(models, text);
  const edges = edgesOf(rows);
  const tests = testsOf(rows, text);
  const pages = rows.map((row, n) => pageOf(row, n, rows, edges, tests, text));
  const run: Docs.Invocation = { id: 'run-1', command: text('build'), startedAt: AT, seconds: 12.5, results: { ...none, pass: models, fail: 1 } };
  const drawn = layout(
    rows.map((r) => r.id),
    edges,
  );
  const files = new Map<string, unknown>();
  const put = <T>(file: string, value: T) => files.set(`data/${file}.json`, value);
  const sharded = (kind: string, key: string, all: readonly { readonly id: string }[]) => {
    for (let n = 0; n < SHARDS; n++) put(`${kind}/${n}`, { [key]: Object.fromEntries(all.filter((p) => shardOf(p.id, SHARDS) === n).map((p) => [p.id, p])) });
  };
  put<Docs.ListFile>('list/0', { first: 0, rows });
  put<Docs.GraphFile>('graph', { ...drawn, edges });
  put<Docs.BendsFile>('bends/0', { bends: drawn.bends });
  sharded('nodes', 'nodes', pages);
  sharded('tests', 'tests', tests);
  sharded('macros', 'macros', [macroOf(text)]);
  for (const [n, file] of columnFiles(rows, edges, text).entries()) put(`columns/${n}`, file);
  const bad = tests.filter((t) => t.health !== 'pass');
  const totals = { ...none, pass: tests.length - bad.length, fail: bad.length };
  put<Docs.TestsFile>('tests', { totals, kinds: [{ kind: text('not_null'), totals }], troubled: bad });
  put<Docs.MacroListFile>('macros', { macros: [{ ...macroOf(text), about: text('about'), arguments: [text('argument')] }] });
  put<Docs.SourcesFile>('sources', {
    sources: [
      {
        name: 'web',
        package: 'shop',
        description: text('source'),
        loader: text('loader'),
        tables: [{ id: 'source.shop.web.visits', name: 'visits', freshness: fresh(text) }],
      },
    ],
  });
  const bars = rows.filter((r) => r.type === 'model').slice(0, 2000);
  put<Docs.TimelineFile>('timeline', { invocation: run, bars: bars.length, lanes: 4, critical: bars.slice(0, 3).map((r) => r.id), criticalSeconds: 9 });
  put<Docs.BarsFile>('timeline/0', {
    first: 0,
    id: bars.map((r) => r.id),
    lane: bars.map((_, n) => n % 4),
    start: bars.map((_, n) => Math.floor(n / 4)),
    seconds: bars.map(() => 0.9),
    health: bars.map(() => 'pass'),
  });
  put<Docs.DiagnosticsFile>('diagnostics', { diagnostics: [{ code: 'ref-not-found', severity: 'error', explanation: text('explanation') }] });
  put('search/0', searchOf(rows, pages, text));
  return new Map([['data/index.json', indexOf(rows, tests, run, totals, files, text)], ...files]);
}

/** Writes a site: what `built` has built, and the data beside it. */
export function writeSite(built: string, dir: string, data: ReadonlyMap<string, unknown>): void {
  fs.cpSync(built, dir, { recursive: true });
  for (const [file, value] of data) {
    fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    fs.writeFileSync(path.join(dir, file), JSON.stringify(value));
  }
}

/** The same in one file. */
export function writeSingle(built: string, file: string, data: ReadonlyMap<string, unknown>): void {
  const blocks = [...data].map(
    ([name, value]) => `<script type="text/plain" data-file="${name}">${gzipSync(JSON.stringify(value)).toString('base64')}</script>`,
  );
  fs.writeFileSync(
    file,
    fs.readFileSync(path.join(built, 'single.html'), 'utf8').replace('<!--dml:data-->', () => blocks.join('\n')),
  );
}

type Text = (of: string) => string;

function rowsOf(models: number, text: Text): readonly Docs.Row[] {
  const layers = ['staging', 'intermediate', 'marts'];
  const row = (n: number): Docs.Row => {
    const layer = layers[Math.floor((n * 3) / models)] ?? 'marts';
    const name = text(`${layer.slice(0, 3)}_model_${n}`);
    const file = `models/${layer}/${name}.sql`;
    return {
      id: `model.shop.${layer.slice(0, 3)}_model_${n}`,
      type: 'model',
      name,
      package: 'shop',
      fqn: ['shop', layer, name],
      file,
      database: 'shop',
      schema: text(layer),
      alias: name,
      materialized: n % 3 === 0 ? 'table' : 'view',
      tags: [text(`t${n % 5}`)],
      owner: text('Ada'),
      about: text(`Model number ${n}`),
      columns: 3,
      tests: n % 2 === 0 ? [1, 0, n === 2 ? 1 : 0, 0, 0] : [0, 0, 0, 0, 0],
      status: n === 3 ? 'fail' : 'pass',
      seconds: 0.1 + (n % 7),
      rows: n * 1000,
      bytes: n * 12345,
    };
  };
  const end = (type: Docs.NodeType, name: string): Docs.Row => ({
    id: `${type}.shop.${name}`,
    type,
    name: text(name),
    package: 'shop',
    fqn: ['shop', text(name)],
    file: 'models/ends.yml',
    owner: text('Grace'),
    about: text(`about ${name}`),
  });
  return [
    { ...end('source', 'visits'), id: 'source.shop.web.visits', name: 'web.visits', schema: text('web'), alias: 'visits', status: 'warn' },
    ...Array.from({ length: models }, (_, n) => row(n)),
    end('exposure', 'report'),
    end('metric', 'revenue'),
  ];
}

/** Model n reads model n/2 and, every third, model n-1; the first reads the source; the exposure and the metric read the last. */
function edgesOf(rows: readonly Docs.Row[]): readonly number[] {
  const models = rows.length - 3;
  const pairs = Array.from({ length: models }, (_, n) =>
    n === 0 ? [0, 1] : n % 3 === 0 ? [Math.floor(n / 2) + 1, n + 1, n, n + 1] : [Math.floor(n / 2) + 1, n + 1],
  );
  return [...pairs.flat(), models, models + 1, models, models + 2];
}

function testsOf(rows: readonly Docs.Row[], text: Text): readonly Docs.TestPage[] {
  return rows.slice(1, -2).flatMap((row, n): Docs.TestPage[] => {
    if (n % 2 !== 0) return [];
    const bad = n === 2;
    const last: Docs.RunEntry = {
      invocation: 'run-1',
      at: AT,
      health: bad ? 'fail' : 'pass',
      status: bad ? 'fail' : 'pass',
      seconds: 0.02,
      ...(bad && { failures: 3, message: text('Got 3 results') }),
    };
    const test = {
      id: `test.shop.not_null_${n}`,
      name: text(`not_null_${n}`),
      kind: 'not_null',
      node: row.id,
      column: 'id',
      severity: 'error' as const,
      health: last.health,
      last,
      package: 'shop',
      file: 'models/schema.yml',
      description: text('test description'),
      tags: [text('tag')],
      arguments: { column_name: 'id', where: text('where') },
      raw: text('{{ test }}'),
      compiled: `select * from "shop"."${row.schema}"."${row.alias}" -- ${text('comment')}`,
      parents: [row.id],
      runs: [last, { ...last, invocation: 'run-0', at: '2026-01-01T03:04:05Z' }],
    };
    return [
      bad
        ? {
            ...test,
            since: '2026-01-01T00:00:00Z',
            failing: {
              columns: [text('column'), 'id'],
              rows: [
                [text('cell'), null],
                [1.5, true],
              ],
            },
          }
        : test,
    ];
  });
}

function pageOf(row: Docs.Row, n: number, rows: readonly Docs.Row[], edges: readonly number[], tests: readonly Docs.TestPage[], text: Text): Docs.NodePage {
  const ends = (side: 0 | 1) => [
    ...new Set(edges.flatMap((e, i) => (i % 2 === side && e === n ? (rows[edges[i + (side === 0 ? 1 : -1)] ?? 0]?.id ?? []) : []))),
  ];
  const parents = ends(1);
  const own = tests.filter((t) => t.node === row.id);
  const refs = parents
    .map((id) => rows.find((r) => r.id === id))
    .map((r) => (r?.type === 'source' ? "{{ source('web', 'visits') }}" : `{{ ref('${r?.name}') }}`));
  const column = (name: string): Docs.Column => ({
    name,
    type: 'INTEGER',
    description: text(`column ${name}`),
    tags: [text('tag')],
    ...(name === 'id' && { tests: own.map((t) => t.id), constraints: [{ type: 'check', expression: text('id > 0') }] }),
  });
  const page: Docs.NodePage = {
    id: row.id,
    description: text(`Description of ${row.name}`),
    patchFile: 'models/schema.yml',
    relation: `"shop"."${row.schema}"."${row.alias}"`,
    columns: row.type === 'model' ? ['id', 'amount', text('label')].map(column) : [],
    tests: own,
    parents,
    children: ends(0),
    meta: { note: text('meta'), list: [text('item'), 1] },
    config: { materialized: row.materialized ?? '' },
    runs: [
      { invocation: 'run-1', at: AT, health: row.status ?? 'pass', status: 'success', seconds: 1.2, message: text('message') },
      { invocation: 'run-0', at: '2026-01-01T03:04:05Z', health: 'pass', status: 'success', seconds: 0.9 },
    ],
  };
  const raw = `select id, {{ cents('amount') }} as amount -- ${text('comment')}\nfrom ${refs.join('\njoin ')}\nwhere label = '${text('literal')}'\n`;
  const compiled = `select id, amount\nfrom ${parents
    .map((id) => rows.find((r) => r.id === id))
    .map((r) => `"shop"."${r?.schema}"."${r?.alias}"`)
    .join('\njoin ')}\n`;
  if (row.type === 'model')
    return {
      ...page,
      raw,
      compiled,
      macros: ['macro.shop.cents'],
      primaryKey: ['id'],
      contract: n === 1,
      constraints: [{ type: 'primary_key', columns: ['id'] }],
      table: { stats: [{ label: text('stat'), value: text('value') }] },
    };
  if (row.type === 'source') return { ...page, source: { name: 'web', description: text('source'), loader: text('loader'), freshness: fresh(text) } };
  if (row.type === 'exposure')
    return {
      ...page,
      owner: { name: text('Grace'), email: [text('grace@example.org')], other: { slack: text('slack') } },
      exposure: { type: 'dashboard', label: text('label'), url: text('https://example.org/report') },
    };
  return { ...page, definition: { expression: text('sum(amount)'), filters: [{ where: text('where') }] } };
}

function fresh(text: Text): Docs.Freshness {
  return { health: 'warn', warnAfter: '12 hours', errorAfter: '1 day', filter: text('filter'), maxLoadedAt: '2026-01-01T03:04:05Z', checkedAt: AT, age: 86400 };
}

function macroOf(text: Text): Docs.MacroPage {
  return {
    id: 'macro.shop.cents',
    name: 'cents',
    package: 'shop',
    file: 'macros/cents.sql',
    description: text('macro'),
    arguments: [{ name: text('argument'), type: text('string'), description: text('argument'), value: text("'x'") }],
    code: `{% macro cents(column) %}{{ column }} / 100 -- ${text('comment')}{% endmacro %}`,
    macros: [],
    usedBy: ['model.shop.sta_model_0'],
  };
}

/** Every column is passed on under its name. */
/** `id` and `amount` are passed on along every edge; the label of a model decides which amounts of its children count. */
function columnFiles(rows: readonly Docs.Row[], edges: readonly number[], text: Text): readonly Docs.ColumnsFile[] {
  const nodes: Record<string, Record<string, { from: Docs.ColumnEnd[]; to: Docs.ColumnEnd[] }>> = {};
  const at = (id: string, column: string) => ((nodes[id] ??= {})[column] ??= { from: [], to: [] });
  for (let e = 0; e < edges.length; e += 2) {
    const [a, b] = [rows[edges[e] ?? 0], rows[edges[e + 1] ?? 0]];
    if (a?.type !== 'model' || b?.type !== 'model') continue;
    for (const [from, to, how] of [
      ['id', 'id', 'same'],
      ['amount', 'amount', 'computed'],
      [text('label'), 'amount', 'indirect'],
    ] as const) {
      at(a.id, from).to.push([b.id, to, how]);
      at(b.id, to).from.push([a.id, from, how]);
    }
  }
  return Array.from({ length: SHARDS }, (_, n) => ({ nodes: Object.fromEntries(Object.entries(nodes).filter(([id]) => shardOf(id, SHARDS) === n)) }));
}

function searchOf(rows: readonly Docs.Row[], pages: readonly Docs.NodePage[], text: Text): unknown {
  const index = new MiniSearch(searchIndex);
  index.addAll(
    rows.map((row, n) => ({
      id: row.id,
      name: row.name,
      columns: pages[n]?.columns.map((c) => c.name).join(' ') ?? '',
      tags: row.tags?.join(' ') ?? '',
      text: pages[n]?.description ?? '',
      code: pages[n]?.raw ?? '',
    })),
  );
  index.add({ id: 'macro.shop.cents', name: 'cents', columns: '', tags: '', text: text('macro'), code: '' });
  return index.toJSON();
}

function indexOf(
  rows: readonly Docs.Row[],
  tests: readonly Docs.TestPage[],
  run: Docs.Invocation,
  totals: Docs.Healths,
  files: ReadonlyMap<string, unknown>,
  text: Text,
): Docs.IndexFile {
  const models = rows.length - 3;
  return {
    format: 1,
    build: 'fixture',
    generatedAt: AT,
    generator: text('dml 0.1.0'),
    project: { name: text('shop'), adapter: text('duckdb'), overview: text('# The shop\n\nRead **this** first.') },
    counts: { model: models, source: 1, exposure: 1, metric: 1, macro: 1, test: tests.length },
    health: {
      tests: totals,
      builds: { ...none, pass: models - 1, fail: 1 },
      freshness: { ...none, warn: 1 },
      described: [models, models + 1],
      tested: [Math.ceil(models / 2), models],
      columnsDescribed: [9, 10],
    },
    runs: [run, { ...run, id: 'run-0', startedAt: '2026-01-01T03:04:05Z' }],
    packages: [{ name: 'shop', nodes: rows.length, macros: 1 }],
    groups: [{ name: text('finance'), package: 'shop', owner: { name: text('Ada') }, nodes: 0 }],
    shards: { list: 1, bends: 1, nodes: SHARDS, tests: SHARDS, macros: SHARDS, columns: SHARDS, timeline: 1, search: 1 },
    files: Object.fromEntries([...files].map(([file, value]) => [file, { bytes: JSON.stringify(value).length, digest: 'fixture' }])),
  };
}
