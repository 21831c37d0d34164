import type { Json, JsonMap, Manifest, Resource } from '../resolve/index.ts';
import { YamlFloat } from '../text/index.ts';
import { find } from './describe.ts';
import { resourceJson } from './manifest.ts';

export type ListFormat = 'selector' | 'name' | 'path' | 'json';

const DEFAULT_KEYS = ['alias', 'name', 'package_name', 'depends_on', 'tags', 'config', 'resource_type', 'source_name', 'original_file_path', 'unique_id'];

/** The lines `ls` prints for these ids, sorted by id as dbt does. `keys`: the properties JSON lines hold, dotted for nested ones. */
export function listLines(m: Manifest, ids: Iterable<string>, format: ListFormat, keys: readonly string[]): readonly string[] {
  return [...ids].sort().map((id) => {
    const r = find(m, id) ?? other(m, id);
    if (r === undefined) throw new Error(`${id} was selected but is not in the manifest`);
    switch (format) {
      case 'json':
        return jsonOf(r, keys);
      case 'name':
        return nameOf(r);
      case 'path':
        return String(r.original_file_path);
      default:
        return selectorOf(r);
    }
  });
}

type Listed = Resource | (JsonMap & { readonly resource_type: 'metric' | 'semantic_model' | 'saved_query' });

function other(m: Manifest, id: string): Listed | undefined {
  const { metrics, semanticModels, savedQueries } = m.others;
  const json = metrics.get(id) ?? semanticModels.get(id) ?? savedQueries.get(id);
  return json && { ...json, resource_type: id.startsWith('metric.') ? 'metric' : id.startsWith('saved_query.') ? 'saved_query' : 'semantic_model' };
}

function nameOf(r: Listed): string {
  if (r.resource_type === 'source') return `${String(r.source_name)}.${String(r.name)}`;
  const version = r.resource_type === 'model' && 'version' in r ? r.version : null;
  return version === null ? String(r.name) : `${String(r.name)}.v${String(version)}`;
}

function selectorOf(r: Listed): string {
  switch (r.resource_type) {
    case 'source':
      return `source:${String(r.package_name)}.${String(r.source_name)}.${String(r.name)}`;
    case 'unit_test':
      return `unit_test:${String(r.package_name)}.${String(r.name)}${r.version === null ? '' : `_v${String(r.version)}`}`;
    case 'exposure':
    case 'metric':
    case 'semantic_model':
    case 'saved_query':
      return `${r.resource_type}:${String(r.package_name)}.${String(r.name)}`;
    default:
      return (r.fqn as readonly string[]).join('.');
  }
}

function jsonOf(r: Listed, keys: readonly string[]): string {
  const all: JsonMap =
    r.resource_type === 'metric' || r.resource_type === 'semantic_model' || r.resource_type === 'saved_query' ? (r as JsonMap) : resourceJson(r as Resource);
  const out: { [key: string]: Json } = {};
  if (keys.length === 0) {
    for (const [key, value] of Object.entries(all)) if (DEFAULT_KEYS.includes(key)) out[key] = value;
  }
  for (const key of keys) {
    const value = key.includes('.') ? nested(all, key.split('.')) : all[key];
    if (value !== undefined && !(value === null && key.includes('.'))) out[key] = value;
  }
  return spaced(out);
}

function nested(value: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) return undefined;
    current = (current as JsonMap)[key];
  }
  return current;
}

/** JSON with the blanks Python's `json.dumps` puts after `:` and `,`: readers that grep `"name": "x"` go on working. */
function spaced(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof YamlFloat)) {
    return `{${Object.entries(value)
      .map(([k, v]) => `${JSON.stringify(k)}: ${spaced(v)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
