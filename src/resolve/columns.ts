import { yamlToData } from '../context/index.ts';
import type { Sink, YamlDocument, YamlMap } from '../text/index.ts';
import { isJsonMap } from './config.ts';
import type { ColumnInfo, Json, JsonMap } from './manifest.ts';

const CONSTRAINTS: ReadonlySet<unknown> = new Set(['check', 'not_null', 'unique', 'primary_key', 'foreign_key', 'custom']);

const FIELDS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'meta',
  'data_type',
  'constraints',
  'docs',
  'config',
  'data_tests',
  'tests',
  'quote',
  'tags',
  'granularity',
]);

/** Columns as the manifest has them. `meta` and `tags` may stand beside `config:` or in it, and add up. */
export function columnsOf(columns: readonly YamlMap[], document: YamlDocument, sink: Sink): { [name: string]: ColumnInfo } {
  const out: { [name: string]: ColumnInfo } = {};
  for (const column of columns) {
    if (typeof column.name !== 'string') {
      sink.add('properties-shape', { what: 'a column', wanted: 'a `name:` that is text' }, { at: document.span(column) });
      continue;
    }
    out[column.name] = columnOf(column, document, sink);
  }
  return out;
}

function columnOf(column: YamlMap, document: YamlDocument, sink: Sink): ColumnInfo {
  const json = yamlToData(column) as JsonMap;
  const config = isJsonMap(json.config) ? json.config : {};
  const meta = { ...(isJsonMap(json.meta) ? json.meta : {}), ...(isJsonMap(config.meta) ? config.meta : {}) };
  const tags = [...new Set([...texts(config.tags), ...texts(json.tags)])];
  const constraints = (Array.isArray(json.constraints) ? json.constraints : []).filter(isJsonMap);
  for (const c of constraints)
    if (!CONSTRAINTS.has(c.type))
      sink.add('constraint-type', { column: String(json.name), type: String(c.type) }, { at: document.valueSpan(column, 'constraints') });
  return {
    name: String(json.name),
    description: typeof json.description === 'string' ? json.description : '',
    meta,
    data_type: json.data_type === undefined || json.data_type === null ? null : String(json.data_type),
    constraints: constraints.map(constraintOf),
    quote: typeof json.quote === 'boolean' ? json.quote : null,
    config: { meta, tags },
    tags,
    granularity: typeof json.granularity === 'string' ? json.granularity : null,
    doc_blocks: [],
    // What dbt does not know is kept: adapters and macros of others read it (`policy_tags`).
    ...Object.fromEntries(Object.entries(json).filter(([key]) => !FIELDS.has(key))),
  };
}

/** A constraint with all its fields, as the manifest holds it. */
export function constraintOf(c: JsonMap): JsonMap {
  return {
    type: c.type ?? null,
    name: c.name ?? null,
    expression: c.expression ?? null,
    warn_unenforced: c.warn_unenforced ?? true,
    warn_unsupported: c.warn_unsupported ?? true,
    to: c.to ?? null,
    to_columns: c.to_columns ?? [],
  };
}

export function texts(v: Json | undefined): string[] {
  if (typeof v === 'string') return [v];
  return Array.isArray(v) ? v.map(String) : [];
}
