import { yamlToData } from '../context/index.ts';
import { isMap, type Yaml, type YamlMap } from '../text/index.ts';
import type { Build, Draft, Places } from './build.ts';
import { columnsOf, texts } from './columns.ts';
import { applyConfig, type ConfigDraft, defaults, isJsonMap, treeLevels } from './config.ts';
import type { Json, JsonMap, SourceNode } from './manifest.ts';
import { nodeRelation } from './nodes.ts';
import { type Entry, mapsOf, testsOf, textOf } from './patches.ts';
import { addTests } from './tests.ts';

/** Adds the tables of a source, and their tests. */
export function addSource(b: Build, entry: Entry, overrides: ReadonlyMap<string, Entry>): void {
  const { map, document } = entry;
  const name = String(map.name);
  const patch = overrides.get(`${entry.package.name}.${name}`);
  const source: YamlMap = patch ? { ...map, ...withoutTables(patch.map) } : map;
  const tables = mapsOf(map.tables);
  const written = mapsOf(entry.written.tables);
  tables.forEach((table, i) => {
    if (typeof table.name !== 'string') {
      b.sink.add('properties-shape', { what: `a table of the source \`${name}\``, wanted: 'a `name:` that is text' }, { at: document.span(table) });
      return;
    }
    const over = patch && mapsOf(patch.map.tables).find((t) => t.name === table.name);
    const overWritten = patch && mapsOf(patch.written.tables).find((t) => t.name === table.name);
    addTable(b, entry, over && patch ? patch : entry, source, over ? { ...table, ...over } : table, { ...(written[i] ?? table), ...overWritten });
  });
}

function withoutTables(map: YamlMap): YamlMap {
  const { tables: _, name: __, overrides: ___, ...rest } = map;
  return rest;
}

const EXTERNAL = { location: null, file_format: null, row_format: null, tbl_properties: null, partitions: null };

function json(v: Yaml | undefined): Json {
  return v === undefined ? null : (yamlToData(v) as Json);
}

/** `from`: the entry that columns and tests stand in, which is another one where the root project overrides a package's source. */
function addTable(b: Build, entry: Entry, from: Entry, source: YamlMap, table: YamlMap, written: YamlMap): void {
  const { input, package: pkg } = entry;
  const { document } = from;
  const sourceName = String(source.name);
  const tableName = String(table.name);
  const folders = input.relative.split('/').slice(0, -1);
  const fqn = [pkg.name, ...folders, sourceName, tableName];
  const { config, unrendered } = sourceConfig(b, entry, source, table, fqn);
  const quoting = { database: null, schema: null, identifier: null, column: null, ...mapOf(json(source.quoting)), ...mapOf(json(table.quoting)) } as JsonMap;
  const columns = mapsOf(table.columns);
  const draft: Draft<SourceNode> = {
    unique_id: `source.${pkg.name}.${sourceName}.${tableName}`,
    resource_type: 'source',
    package_name: pkg.name,
    path: input.source.path,
    original_file_path: input.source.path,
    name: tableName,
    source_name: sourceName,
    source_description: textOf(source.description),
    loader: textOf(source.loader),
    identifier: textOf(table.identifier) || tableName,
    database: textOf(source.database) || b.invocation.targetDatabase,
    schema: textOf(source.schema) || sourceName,
    fqn,
    quoting,
    loaded_at_field: textOrNull(config.loaded_at_field),
    loaded_at_query: textOrNull(config.loaded_at_query),
    freshness: isJsonMap(config.freshness) ? config.freshness : null,
    external: table.external !== undefined && isMap(table.external) ? { ...EXTERNAL, ...(yamlToData(table.external) as JsonMap) } : null,
    description: textOf(table.description),
    columns: columnsOf(columns, document, b.sink),
    meta: mapOf(config.meta),
    source_meta: { ...mapOf(json(source.meta)), ...mapOf(mapOf(json(source.config)).meta) },
    tags: texts(config.tags),
    config,
    unrendered_config: unrendered,
    unrendered_database: textOrNull(json(entry.written.database)),
    unrendered_schema: textOrNull(json(entry.written.schema)),
    relation_name: '',
    created_at: b.createdAt,
    doc_blocks: [],
    patch_path: null,
    at: document.valueSpan(table, 'name'),
  };
  draft.relation_name = b.invocation.dialect.render(nodeRelation(draft as SourceNode, b.invocation.quoting));
  if (lacksColumn(draft as SourceNode)) b.sink.add('freshness-column', { source: `${sourceName}.${tableName}` }, { at: draft.at });
  const places: Places = new Map();
  if (source.description !== undefined) places.set('source_description', document.valueSpan(source, 'description'));
  if (table.description !== undefined) places.set('description', document.valueSpan(table, 'description'));
  for (const column of columns) places.set(`column:${String(column.name)}`, document.valueSpan(column, 'description'));
  b.places.set(draft, places);
  register(b, draft);
  const sourceTags = [...texts(json(source.tags)), ...texts(json(table.tags))];
  addTests(
    b,
    {
      entry: { ...entry, document },
      kind: 'source',
      name: `${sourceName}_${tableName}`,
      version: null,
      expression: `source('${sourceName}', '${tableName}')`,
      ref: undefined,
      source: [sourceName, tableName],
      attached: null,
      group: null,
      tags: sourceTags,
      fileKey: `sources.${sourceName}`,
      quoteColumns: mapOf(quoting).column === true,
    },
    writtenColumns(written, columns),
    testsOf(written, document, b.sink),
    table,
  );
}

/** Whether a source's age is limited while nothing tells it. Of files that DuckDB reads in place it is known. */
function lacksColumn({ freshness, loaded_at_field: field, loaded_at_query: query, config, meta }: SourceNode): boolean {
  const limited = ['warn_after', 'error_after'].some((key) => typeof mapOf(freshness?.[key]).count === 'number');
  return limited && field === null && query === null && config.enabled !== false && (config.external_location ?? meta.external_location) === undefined;
}

function writtenColumns(written: YamlMap, rendered: readonly YamlMap[]): readonly YamlMap[] {
  const originals = mapsOf(written.columns);
  return originals.length === rendered.length ? originals : rendered;
}

function register(b: Build, draft: Draft<SourceNode>): void {
  const node = draft as SourceNode;
  if (node.config.enabled === false) {
    b.disabled.set(node.unique_id, [...(b.disabled.get(node.unique_id) ?? []), node]);
    return;
  }
  const before = b.sources.get(node.unique_id);
  if (before)
    b.sink.add(
      'duplicate-name',
      { name: `${node.source_name}.${node.name}`, kind: 'source' },
      { at: node.at, related: [{ message: 'the other one', at: before.at }] },
    );
  else b.sources.set(node.unique_id, node);
}

function sourceConfig(b: Build, entry: Entry, source: YamlMap, table: YamlMap, fqn: readonly string[]): { config: ConfigDraft; unrendered: ConfigDraft } {
  const ofSource = mapOf(json(source.config));
  const ofTable = mapOf(json(table.config));
  const precedence: ConfigDraft = { ...ofSource, ...ofTable };
  const either = (key: string): Json => ofTable[key] ?? json(table[key]) ?? ofSource[key] ?? json(source[key]);
  const freshness = freshnessOf(ofSource, ofTable, source, table);
  if (freshness === undefined) delete precedence.freshness;
  else precedence.freshness = freshness;
  precedence.loaded_at_field = either('loaded_at_field') ?? null;
  precedence.loaded_at_query = either('loaded_at_query') ?? null;
  precedence.meta = { ...mapOf(json(source.meta)), ...mapOf(ofSource.meta), ...mapOf(json(table.meta)), ...mapOf(ofTable.meta) };
  precedence.tags = [...new Set([...texts(json(source.tags)), ...texts(ofSource.tags), ...texts(json(table.tags)), ...texts(ofTable.tags)])].sort();
  const config: ConfigDraft = { ...defaults.source };
  const unrendered: ConfigDraft = {};
  const own = b.trees(entry.package, 'sources', true);
  const root = (rendered: boolean): JsonMap[] => (entry.package.isRoot ? [] : treeLevels(b.trees(b.project.root, 'sources', rendered), fqn));
  // Tags of a source do not add up: the last level that has any wins.
  for (const level of [...treeLevels(own, fqn), precedence, ...root(true)]) {
    applyConfig(config, level);
    if (level.tags !== undefined) config.tags = texts(level.tags);
  }
  for (const level of [...treeLevels(b.trees(entry.package, 'sources', false), fqn), precedence, ...root(false)]) Object.assign(unrendered, level);
  return { config, unrendered };
}

/** A table's freshness over its source's, threshold by threshold; null switches it off; undefined where neither says anything. */
function freshnessOf(ofSource: JsonMap, ofTable: JsonMap, source: YamlMap, table: YamlMap): Json | undefined {
  const pick = (config: JsonMap, map: YamlMap): Json | undefined =>
    'freshness' in config ? (config.freshness ?? null) : 'freshness' in map ? json(map.freshness) : undefined;
  const above = pick(ofSource, source);
  const own = pick(ofTable, table);
  if (own === null) return null;
  if (own === undefined && above === undefined) return undefined;
  if (own === undefined && above === null) return null;
  const merged: JsonMap = { ...mapOf(above), ...mapOf(own) };
  const threshold = (key: string): JsonMap => ({ count: null, period: null, ...mapOf(merged[key]) });
  return { warn_after: threshold('warn_after'), error_after: threshold('error_after'), filter: merged.filter ?? null };
}

function mapOf(v: Json | undefined): JsonMap {
  return isJsonMap(v) ? v : {};
}

function textOrNull(v: Json | undefined): string | null {
  return typeof v === 'string' ? v : null;
}
