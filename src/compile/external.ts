import { type Json, jsonToValue } from '../context/index.ts';
import { callArgs, callMethod, Dict, str, type Value } from '../jinja/index.ts';
import type { SourceNode } from '../resolve/index.ts';
import type { Dialect } from '../sql/index.ts';
import { fail, sourceFile, span } from '../text/index.ts';

/**
 * The text that stands for a source which DuckDB reads from a file or URL (`external_location`, in `meta` or `config`), or undefined. Its
 * placeholders are filled from the source: `{name}` in the new style, `%(name)s` in the old one, `${name}` in a template.
 */
export function externalLocation(source: SourceNode, dialect: Dialect): string | undefined {
  if (dialect.name !== 'duckdb') return undefined;
  const settings: { [key: string]: Json } = { ...source.meta, ...source.config };
  if (typeof settings['plugin'] === 'string') return pluginText(settings['plugin'], settings, source);
  const given = settings['external_location'];
  if (typeof given !== 'string') return undefined;
  const text = locationText(given, settings, source);
  return text.includes('(') || text.startsWith("'") ? text : `'${text}'`;
}

function locationText(given: string, settings: { readonly [key: string]: Json }, source: SourceNode): string {
  const values = new Dict([
    ['name', source.name],
    ['identifier', source.identifier],
    ['schema', source.schema],
    ['database', source.database],
    ['tags', [...source.tags]],
  ]);
  for (const [key, value] of Object.entries(settings)) if (key !== 'meta' && key !== 'tags') values.set(key, jsonToValue(value));
  return filled(given, String(settings['formatter'] ?? 'newstyle'), values, source);
}

/** What DuckDB reads itself where dbt-duckdb has a plugin load it: Delta tables and sheets of Excel files. */
function pluginText(plugin: string, settings: { readonly [key: string]: Json }, source: SourceNode): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const { delta_table_path: table, as_of_version: version, external_location: file, sheet_name: sheet } = settings;
  if (typeof table === 'string') return `delta_scan(${quoted(table)}${typeof version === 'number' ? `, version := ${version}` : ''})`;
  const location = typeof file === 'string' ? locationText(file, settings, source).replace(/^'|'$/g, '') : '';
  if (/\.xlsx$/i.test(location) && (typeof sheet === 'string' || sheet === undefined || sheet === null || sheet === 0))
    return `read_xlsx(${quoted(location)}${typeof sheet === 'string' ? `, sheet := ${quoted(sheet)}` : ''})`;
  return fail('plugin-python', { plugin, use: `the source \`${source.source_name}.${source.name}\` asks it to load the table` }, { at: source.at });
}

function filled(text: string, formatter: string, values: Dict, source: SourceNode): string {
  if (formatter === 'template')
    return text.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => valueText(values, braced ?? bare ?? '') ?? whole);
  if (formatter === 'oldstyle') return text.replace(/%\((\w+)\)s/g, (whole, key: string) => valueText(values, key) ?? whole);
  if (!/[{}]/.test(text)) return text;
  const site = { at: source.at ?? span(sourceFile('', ''), 0) };
  const named = new Map<string, Value>([...values.entries()].map(([k, v]) => [str(k), v]));
  return str(callMethod(text, 'format', { ...callArgs(), named }, site));
}

function valueText(values: Dict, key: string): string | undefined {
  const value = values.get(key);
  return value === undefined ? undefined : str(value);
}
