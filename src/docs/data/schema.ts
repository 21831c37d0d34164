import * as z from 'zod/mini';
import type * as T from './types.ts';

// The shapes of types.ts as schemas. Each is checked by the compiler against its type; tests check what is written against these, in both directions.

const text = z.string();
const texts = z.array(text);
const whole = z.int().check(z.nonnegative());
const json = z.json();
const values = z.record(text, json);
const maybe = z.exactOptional;
const health = z.enum(['pass', 'warn', 'fail', 'skip', 'none']);
const healths = z.strictObject({ pass: whole, warn: whole, fail: whole, skip: whole, none: whole });
const nodeType = z.enum(['model', 'seed', 'snapshot', 'source', 'exposure', 'metric', 'semantic_model', 'saved_query', 'function', 'analysis']);
const byId = <S extends z.core.SomeType>(shape: S) => z.record(text, shape);

const owner = z.strictObject({ name: maybe(text), email: maybe(texts), other: maybe(values) });
const invocation = z.strictObject({ id: text, command: text, startedAt: text, seconds: z.number(), results: healths });
const share = z.tuple([whole, whole]);

const indexFile = z.strictObject({
  format: z.literal(1),
  build: text,
  generatedAt: text,
  generator: text,
  project: z.strictObject({ name: text, version: maybe(text), adapter: maybe(text), dbtVersion: maybe(text), overview: maybe(text) }),
  counts: z.record(text, whole),
  health: z.strictObject({ tests: healths, builds: healths, freshness: healths, described: share, tested: share, columnsDescribed: share }),
  runs: z.array(invocation),
  packages: z.array(z.strictObject({ name: text, nodes: whole, macros: whole, overview: maybe(text) })),
  groups: z.array(z.strictObject({ name: text, package: text, owner, description: maybe(text), nodes: whole })),
  shards: z.strictObject({
    list: whole,
    bends: whole,
    nodes: whole,
    tests: whole,
    macros: whole,
    columns: whole,
    timeline: whole,
    search: whole,
  }),
  files: z.record(text, z.strictObject({ bytes: whole, digest: text })),
});

const row = z.strictObject({
  id: text,
  type: nodeType,
  name: text,
  package: text,
  fqn: texts,
  file: text,
  database: maybe(text),
  schema: maybe(text),
  alias: maybe(text),
  materialized: maybe(text),
  tags: maybe(texts),
  owner: maybe(text),
  group: maybe(text),
  access: maybe(z.enum(['public', 'private'])),
  version: maybe(text),
  latest: maybe(z.boolean()),
  deprecated: maybe(text),
  about: maybe(text),
  columns: maybe(whole),
  tests: maybe(z.tuple([whole, whole, whole, whole, whole])),
  status: maybe(health),
  seconds: maybe(z.number()),
  rows: maybe(z.number()),
  bytes: maybe(z.number()),
  hidden: maybe(z.literal(true)),
  color: maybe(text),
});

const graphFile = z.strictObject({
  width: whole,
  height: whole,
  box: z.strictObject({ width: whole, height: whole }),
  x: z.array(z.int()),
  y: z.array(z.int()),
  rank: z.array(whole),
  edges: z.array(whole),
});

const run = z.strictObject({
  invocation: text,
  at: text,
  health,
  status: text,
  seconds: z.number(),
  message: maybe(text),
  failures: maybe(z.number()),
  rows: maybe(z.number()),
});
const testRow = {
  id: text,
  name: text,
  kind: text,
  node: maybe(text),
  column: maybe(text),
  severity: maybe(z.enum(['error', 'warn'])),
  health,
  last: maybe(run),
  since: maybe(text),
};
const constraint = z.strictObject({
  type: text,
  name: maybe(text),
  columns: maybe(texts),
  expression: maybe(text),
  to: maybe(text),
  toColumns: maybe(texts),
});
const column = z.strictObject({
  name: text,
  type: maybe(text),
  declaredType: maybe(text),
  description: maybe(text),
  missing: maybe(z.literal(true)),
  undocumented: maybe(z.literal(true)),
  constraints: maybe(z.array(constraint)),
  tests: maybe(texts),
  tags: maybe(texts),
  meta: maybe(values),
});
const freshness = z.strictObject({
  warnAfter: maybe(text),
  errorAfter: maybe(text),
  filter: maybe(text),
  health,
  maxLoadedAt: maybe(text),
  checkedAt: maybe(text),
  age: maybe(z.number()),
});
const stat = z.strictObject({ label: text, value: z.union([text, z.number(), z.boolean()]), description: maybe(text) });
const nodePage = z.strictObject({
  id: text,
  description: maybe(text),
  patchFile: maybe(text),
  relation: maybe(text),
  language: maybe(z.enum(['sql', 'python'])),
  raw: maybe(text),
  compiled: maybe(text),
  columns: z.array(column),
  tests: z.array(z.strictObject(testRow)),
  constraints: maybe(z.array(constraint)),
  contract: maybe(z.boolean()),
  primaryKey: maybe(texts),
  macros: maybe(texts),
  parents: texts,
  children: texts,
  versions: maybe(z.array(z.strictObject({ id: text, version: text, latest: z.boolean() }))),
  owner: maybe(owner),
  meta: maybe(values),
  config: maybe(values),
  table: maybe(z.strictObject({ type: maybe(text), owner: maybe(text), comment: maybe(text), stats: z.array(stat) })),
  runs: maybe(z.array(run)),
  source: maybe(z.strictObject({ name: text, description: maybe(text), loader: maybe(text), loadedAtField: maybe(text), freshness: maybe(freshness) })),
  exposure: maybe(z.strictObject({ type: text, label: maybe(text), maturity: maybe(text), url: maybe(text) })),
  definition: maybe(values),
});

const testPage = z.strictObject({
  ...testRow,
  package: text,
  file: text,
  description: maybe(text),
  tags: maybe(texts),
  arguments: maybe(values),
  config: maybe(values),
  raw: maybe(text),
  compiled: maybe(text),
  parents: texts,
  runs: z.array(run),
  failing: maybe(z.strictObject({ columns: texts, rows: z.array(z.array(json)) })),
});

const argument = z.strictObject({ name: text, type: maybe(text), description: maybe(text), value: maybe(text) });
const macroPage = z.strictObject({
  id: text,
  name: text,
  package: text,
  file: text,
  description: maybe(text),
  arguments: z.array(argument),
  code: text,
  macros: texts,
  usedBy: texts,
});
const columnEnds = z.array(z.tuple([text, text, z.enum(['same', 'computed', 'indirect'])]));
const source = z.strictObject({
  name: text,
  package: text,
  description: maybe(text),
  loader: maybe(text),
  tables: z.array(z.strictObject({ id: text, name: text, freshness: maybe(freshness) })),
});

/** The types of the data files by their addresses, where `<n>` counts files and `<shard>` is `shardOf` an id. */
interface Files {
  readonly 'data/index.json': T.IndexFile;
  readonly 'data/list/<n>.json': T.ListFile;
  readonly 'data/graph.json': T.GraphFile;
  readonly 'data/bends/<n>.json': T.BendsFile;
  readonly 'data/nodes/<shard>.json': T.NodesFile;
  readonly 'data/tests.json': T.TestsFile;
  readonly 'data/tests/<shard>.json': T.TestPagesFile;
  readonly 'data/macros.json': T.MacroListFile;
  readonly 'data/macros/<shard>.json': T.MacrosFile;
  readonly 'data/columns/<shard>.json': T.ColumnsFile;
  readonly 'data/sources.json': T.SourcesFile;
  readonly 'data/timeline.json': T.TimelineFile;
  readonly 'data/timeline/<n>.json': T.BarsFile;
  readonly 'data/diagnostics.json': T.DiagnosticsFile;
}

/** The schemas of all data files but those of the search, which are MiniSearch's own. */
export const dataSchemas: { readonly [K in keyof Files]: z.ZodMiniType<Files[K]> } = {
  'data/index.json': indexFile,
  'data/list/<n>.json': z.strictObject({ first: whole, rows: z.array(row) }),
  'data/graph.json': graphFile,
  'data/bends/<n>.json': z.strictObject({ bends: z.array(z.array(z.int())) }),
  'data/nodes/<shard>.json': z.strictObject({ nodes: byId(nodePage) }),
  'data/tests.json': z.strictObject({
    totals: healths,
    kinds: z.array(z.strictObject({ kind: text, totals: healths })),
    troubled: z.array(z.strictObject(testRow)),
  }),
  'data/tests/<shard>.json': z.strictObject({ tests: byId(testPage) }),
  'data/macros.json': z.strictObject({
    macros: z.array(z.strictObject({ id: text, name: text, package: text, about: maybe(text), arguments: texts })),
  }),
  'data/macros/<shard>.json': z.strictObject({ macros: byId(macroPage) }),
  'data/columns/<shard>.json': z.strictObject({ nodes: byId(z.record(text, z.strictObject({ from: columnEnds, to: columnEnds }))) }),
  'data/sources.json': z.strictObject({ sources: z.array(source) }),
  'data/timeline.json': z.strictObject({ invocation: maybe(invocation), bars: whole, lanes: whole, critical: texts, criticalSeconds: z.number() }),
  'data/timeline/<n>.json': z.strictObject({
    first: whole,
    id: texts,
    lane: z.array(whole),
    start: z.array(z.number()),
    seconds: z.array(z.number()),
    health: z.array(health),
  }),
  'data/diagnostics.json': z.strictObject({
    diagnostics: z.array(z.strictObject({ code: text, severity: z.enum(['error', 'warning', 'note']), explanation: text })),
  }),
};

/** The schema of an address; undefined for those of the search. */
export function schemaOf(path: string): z.ZodMiniType | undefined {
  const pattern = path.replace(/(nodes|tests|macros|columns)\/\d+\.json$/, '$1/<shard>.json').replace(/\/\d+\.json$/, '/<n>.json');
  return (dataSchemas as { readonly [path: string]: z.ZodMiniType })[pattern];
}

/** `schemas/docs.json`: a JSON Schema of an object that has every kind of data file under its address. For tools: generated, never loaded at run time. */
export function docsSchema(): string {
  const all = z.strictObject(dataSchemas);
  const { $schema: _, ...rest } = z.toJSONSchema(all, { target: 'draft-7', reused: 'ref', io: 'output', unrepresentable: 'any' });
  const title = 'The data files of a documentation site (`dml docs generate`), version 1, by their addresses';
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title, ...rest }, null, 2)}\n`;
}
