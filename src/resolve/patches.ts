import { yamlToData } from '../context/index.ts';
import { type InputFile, isTemplate, type Package, type Renderer } from '../read/index.ts';
import { isMap, type Sink, type Span, type Yaml, type YamlDocument, type YamlMap } from '../text/index.ts';
import { columnsOf } from './columns.ts';
import { isJsonMap } from './config.ts';
import type { ColumnInfo, Json, JsonMap } from './manifest.ts';

/** Where an entry of a properties file stands. */
export interface Entry {
  readonly package: Package;
  readonly input: InputFile;
  readonly document: YamlDocument;
  /** The list the entry is in: `models`, `sources`, ... */
  readonly section: string;
  /** As written, for spans and for what is rendered later (tests, descriptions). */
  readonly written: YamlMap;
  /** With the templates in it rendered. */
  readonly map: YamlMap;
  readonly at: Span;
}

/** What a properties file says of one node. */
export interface Patch extends Entry {
  /** The node's name; for a version of a model without its suffix. */
  readonly name: string;
  readonly config: JsonMap;
  readonly description: string;
  readonly columns: readonly YamlMap[];
  readonly columnInfo: { readonly [name: string]: ColumnInfo };
  readonly tests: readonly Yaml[];
  readonly constraints: readonly JsonMap[];
  readonly version: string | number | null;
  readonly latestVersion: string | number | null;
  readonly deprecationDate: string | null;
}

/** A properties file as the manifest names it: `package://models/schema.yml`. */
export function patchPath(patch: Pick<Entry, 'package' | 'input'>): string {
  return `${patch.package.name}://${patch.input.source.path}`;
}

const LISTS = [
  'models',
  'seeds',
  'snapshots',
  'analyses',
  'sources',
  'macros',
  'exposures',
  'groups',
  'unit_tests',
  'dml_unit_tests',
  'metrics',
  'semantic_models',
  'saved_queries',
  'data_tests',
  'functions',
] as const;

/** The entries of a properties file, in its order; whatever is not a list of mappings with names is reported. */
export function entriesOf(document: YamlDocument, input: InputFile, pkg: Package, renderer: Renderer, sink: Sink): Entry[] {
  const { value } = document;
  if (value === null) return [];
  if (!isMap(value)) {
    sink.add(
      'properties-shape',
      { what: input.source.path, wanted: 'a mapping such as `models: [...]`' },
      { at: document.file.text ? { file: document.file, start: 0, end: 1 } : undefined },
    );
    return [];
  }
  // Most files hold no template at all: then nothing needs to be walked.
  const { text } = document.file;
  const templated = isTemplate(text) || BLOCK_TEXT.test(text);
  const out: Entry[] = [];
  for (const section of LISTS) {
    const list = value[section];
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) {
      sink.add('properties-shape', { what: `\`${section}:\``, wanted: 'a list' }, { at: document.valueSpan(value, section) });
      continue;
    }
    list.forEach((item, i) => {
      if (!isMap(item)) {
        sink.add('properties-shape', { what: `an entry of \`${section}:\``, wanted: 'a mapping with a `name:`' }, { at: document.valueSpan(list, i) });
        return;
      }
      if (typeof item.name !== 'string') {
        sink.add('properties-shape', { what: `an entry of \`${section}:\``, wanted: 'a `name:` that is text' }, { at: document.span(item) });
        return;
      }
      const map = templated ? (renderer.tree(document, list, i, [], (path) => renders(section, path)) as YamlMap) : item;
      out.push({ package: pkg, input, document, section, written: item, map, at: document.valueSpan(item, 'name') });
    });
  }
  return out;
}

/** A text in a block, or with an escaped line break: it may end in a line break, which rendering takes. */
const BLOCK_TEXT = /[|>][+\d]*[ \t]*(?:#.*)?$|\\n"/m;

const LATER: ReadonlySet<string | number | undefined> = new Set(['tests', 'data_tests', 'description', 'loaded_at_query']);
const HOOKS: ReadonlySet<string | number | undefined> = new Set(['pre_hook', 'post_hook', 'pre-hook', 'post-hook', 'loaded_at_query']);

/** Whether a template at this path of an entry is rendered when the file is read; tests, descriptions and hooks are rendered when they are used. */
function renders(section: string, path: readonly (string | number)[]): boolean {
  const [first, , third] = path;
  // As in dbt, rows too; the call of a macro is what is tested, and what it gives is text.
  if (section === 'unit_tests' || section === 'dml_unit_tests') return first !== 'call' && !(first === 'expect' && path[1] === 'text') && later(path);
  if (section === 'sources') {
    if (first === 'tables') return later(path.slice(2));
    return first !== 'description' && first !== 'loaded_at_query' && !(first === 'config' && path[1] === 'loaded_at_query');
  }
  if (section === 'macros') return first === 'arguments' ? later(path.slice(1)) : later(path);
  if (section === 'metrics' && (path.at(-1) === 'filter' || path.at(-2) === 'filter')) return false;
  if (section === 'saved_queries' && first === 'query_params' && path[1] === 'where') return false;
  if (first === 'versions' && third === 'description') return false;
  return later(path);
}

function later(path: readonly (string | number)[]): boolean {
  const [first, second, third, , fifth] = path;
  if (LATER.has(first)) return false;
  if (path.length === 2 && LATER.has(second)) return false;
  if (first === 'config' && HOOKS.has(second)) return false;
  if (path.length === 5 && fifth === 'description') return false;
  if (['columns', 'dimensions', 'measures', 'entities'].includes(String(first)) && LATER.has(third)) return false;
  return true;
}

/** The tests of a model or column: under `data_tests:`, or under its older name `tests:`. */
export function testsOf(map: YamlMap, document: YamlDocument, sink: Sink): readonly Yaml[] {
  const { tests, data_tests: dataTests } = map;
  if (tests !== undefined && dataTests !== undefined && tests !== null && dataTests !== null)
    sink.add('tests-twice', {}, { at: document.keySpan(map, 'tests'), related: [{ message: 'the other one', at: document.keySpan(map, 'data_tests') }] });
  const list = dataTests ?? tests ?? [];
  if (Array.isArray(list)) return list;
  sink.add('properties-shape', { what: '`data_tests:`', wanted: 'a list' }, { at: document.valueSpan(map, dataTests !== undefined ? 'data_tests' : 'tests') });
  return [];
}

const MOVED = ['meta', 'docs', 'group', 'contract', 'access'] as const;

/** The `config:` of an entry, with the settings that may also stand beside it. */
export function configOf(entry: Entry, sink: Sink): JsonMap {
  const { map, document, written } = entry;
  const given = map.config === undefined || map.config === null ? {} : yamlToData(map.config);
  if (!isJsonMap(given as Json)) {
    sink.add('properties-shape', { what: '`config:`', wanted: 'a mapping' }, { at: document.valueSpan(written, 'config') });
    return {};
  }
  const out: Record<string, Json> = { ...(given as JsonMap) };
  for (const key of MOVED) {
    const beside = map[key];
    if (beside === undefined || beside === null) continue;
    if (key in out) {
      sink.add(
        'config-twice',
        { key },
        { at: document.keySpan(written, key), related: [{ message: 'and in the `config:` block', at: document.span(written.config as YamlMap) }] },
      );
      continue;
    }
    out[key] = yamlToData(beside) as Json;
  }
  return out;
}

/** One patch for an entry, or one for each version of a model, keyed by the file that defines it. `exists` tells whether a model file of a name is there. */
export function patchesOf(entry: Entry, exists: (name: string) => boolean, sink: Sink): (readonly [file: string, Patch])[] {
  const { map, document, written } = entry;
  const name = String(map.name);
  const { versions } = map;
  const base = (): Omit<Patch, 'version' | 'latestVersion' | 'deprecationDate'> => {
    const columns = mapsOf(map.columns);
    return {
      ...entry,
      name,
      config: configOf(entry, sink),
      description: textOf(map.description),
      columns: writtenColumns(written, columns),
      columnInfo: columnsOf(columns, document, sink),
      tests: testsOf(written, document, sink),
      constraints: constraintsOf(map.constraints),
    };
  };
  if (!Array.isArray(versions) || versions.length === 0)
    return [[name, { ...base(), version: null, latestVersion: null, deprecationDate: dateOf(map.deprecation_date) }]];
  const all = versions.filter(isMap);
  const latest = versionOf(map.latest_version) ?? newest(all.map((v) => versionOf(v.v)));
  return all.flatMap((v) => {
    const number = versionOf(v.v);
    if (number === null) {
      sink.add('properties-shape', { what: `a version of \`${name}\``, wanted: 'a number or text in `v:`' }, { at: document.span(v) });
      return [];
    }
    const suffixed = typeof v.defined_in === 'string' ? v.defined_in : `${name}_v${number}`;
    const file = !exists(suffixed) && number === latest && exists(name) ? name : suffixed;
    const columns = versionColumns(map, v);
    const common = base();
    const own = v.config === undefined || v.config === null ? {} : (yamlToData(v.config) as JsonMap);
    const config = deepMerge(common.config, own);
    // As in dbt, the access of the model as a whole comes before that of a version.
    if (config.access === undefined && v.access !== undefined && v.access !== null) config.access = yamlToData(v.access) as Json;
    const patch: Patch = {
      ...common,
      at: document.valueSpan(v, 'v'),
      config,
      description: textOf(v.description) || common.description,
      columns,
      columnInfo: columnsOf(columns, document, sink),
      tests:
        (v.data_tests !== undefined && v.data_tests !== null) || (Array.isArray(v.tests) && v.tests.length > 0) ? testsOf(v, document, sink) : common.tests,
      constraints: mapsOf(v.constraints).length === 0 ? common.constraints : constraintsOf(v.constraints),
      version: number,
      latestVersion: latest,
      deprecationDate: dateOf(v.deprecation_date),
    };
    return [[file, patch] as const];
  });
}

/** Tests and descriptions of columns are rendered later: they are taken from the entry as written, in the order of the rendered one. */
function writtenColumns(written: YamlMap, rendered: readonly YamlMap[]): readonly YamlMap[] {
  const originals = mapsOf(written.columns);
  return originals.length === rendered.length ? originals : rendered;
}

function versionColumns(map: YamlMap, version: YamlMap): YamlMap[] {
  const base = mapsOf(map.columns);
  const own = mapsOf(version.columns);
  const rule = own.find((c) => 'include' in c || 'exclude' in c);
  const include = rule?.include ?? 'all';
  const excluded = new Set(Array.isArray(rule?.exclude) ? rule.exclude.map(String) : []);
  const included = (name: string): boolean =>
    !excluded.has(name) && (include === 'all' || include === '*' || (Array.isArray(include) && include.map(String).includes(name)));
  return [...base.filter((c) => included(String(c.name))), ...own.filter((c) => c !== rule)];
}

function newest(versions: readonly (string | number | null)[]): string | number | null {
  const known = versions.filter((v) => v !== null);
  const numeric = known.every((v) => !Number.isNaN(Number(v)));
  return known.reduce<string | number | null>((best, v) => (best === null || (numeric ? Number(v) > Number(best) : String(v) > String(best)) ? v : best), null);
}

function versionOf(v: Yaml | undefined): string | number | null {
  if (typeof v === 'number' || typeof v === 'string') return v;
  const plain = v === undefined ? null : yamlToData(v);
  return typeof plain === 'number' ? plain : null;
}

/** A version's configuration over its model's: mappings merge, of lists the version's comes first. */
function deepMerge(a: JsonMap, b: JsonMap): Record<string, Json> {
  const out: Record<string, Json> = { ...a };
  for (const [k, v] of Object.entries(b)) {
    const before = out[k];
    if (isJsonMap(before) && isJsonMap(v)) out[k] = deepMerge(before, v);
    else out[k] = Array.isArray(before) && Array.isArray(v) ? [...(v as Json[]), ...(before as Json[])] : v;
  }
  return out;
}

export function mapsOf(v: Yaml | undefined): YamlMap[] {
  return Array.isArray(v) ? v.filter(isMap) : [];
}

export function textOf(v: Yaml | undefined): string {
  return v === undefined || v === null ? '' : typeof v === 'string' ? v : String(yamlToData(v));
}

function constraintsOf(v: Yaml | undefined): JsonMap[] {
  return mapsOf(v).map((m) => yamlToData(m) as JsonMap);
}

/** A deprecation date as the manifest has it: with a time and a zone. */
function dateOf(v: Yaml | undefined): string | null {
  if (v === undefined || v === null) return null;
  const text = textOf(v).replace(' ', 'T');
  return /T/.test(text) ? text : `${text}T00:00:00+00:00`;
}

/** The `time_spine` of a model's entry, which makes the model the calendar of its project; null for none. */
export function timeSpineOf(patch: Patch | undefined): Json {
  const spine = patch?.map.time_spine;
  if (spine === undefined || !isMap(spine)) return null;
  const custom = mapsOf(spine.custom_granularities).map((g) => ({
    name: textOf(g.name),
    column_name: g.column_name === undefined || g.column_name === null ? null : textOf(g.column_name),
  }));
  return { standard_granularity_column: textOf(spine.standard_granularity_column), custom_granularities: custom };
}

/** The key of a patch: of the node of a section, in a package, by the name of its file. */
export function patchKey(section: string, packageName: string, name: string): string {
  return `${section} ${packageName} ${name}`;
}

/** What the properties files of its package say of a node. */
export function patchFor(patches: ReadonlyMap<string, Patch>, section: string, pkg: Package, name: string): Patch | undefined {
  return patches.get(patchKey(section, pkg.name, name));
}
