import { Captured, parseNames, yamlToData } from '../context/index.ts';
import { type InputFile, isTemplate } from '../read/index.ts';
import { DiagnosticError, isMap, type Span, type Yaml, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { unitTestChecksum } from './checksums.ts';
import { texts } from './columns.ts';
import { applyConfig, type ConfigDraft, type ConfigKind, defaults, isJsonMap, treeLevels } from './config.ts';
import { refKey } from './find.ts';
import type { ExposureNode, GroupNode, Json, JsonMap, RefArgs, UnitTestNode } from './manifest.ts';
import { type Entry, mapsOf, textOf } from './patches.ts';

function json(v: Yaml | undefined): Json {
  return v === undefined ? null : (yamlToData(v) as Json);
}

function mapOf(v: Json | undefined): JsonMap {
  return isJsonMap(v) ? v : {};
}

function configured(
  b: Build,
  entry: Entry,
  kind: ConfigKind & ('exposure' | 'unit_test'),
  tree: 'exposures' | 'unit_tests',
  fqn: readonly string[],
  own: JsonMap,
): ConfigDraft {
  const config: ConfigDraft = { ...defaults[kind] };
  // In an exposure's configuration the later value always wins, tags and meta included.
  const apply = kind === 'exposure' ? Object.assign : applyConfig;
  for (const level of levels(b, entry, tree, fqn, own, true)) apply(config, level);
  return config;
}

function levels(b: Build, entry: Entry, tree: 'exposures' | 'unit_tests', fqn: readonly string[], own: JsonMap, rendered: boolean): JsonMap[] {
  const { root } = b.project;
  return [...treeLevels(b.trees(entry.package, tree, rendered), fqn), own, ...(entry.package.isRoot ? [] : treeLevels(b.trees(root, tree, rendered), fqn))];
}

/** Dependencies written as `ref('x')` and `source('a', 'b')` in YAML. */
export interface Written {
  readonly refs: RefArgs[];
  readonly sources: (readonly string[])[];
  readonly metrics: (readonly string[])[];
}

/** Reads one dependency expression. What is wrong goes to the sink at its place. */
export function dependsOn(
  b: Build,
  entry: Entry,
  list: readonly { readonly text: string; readonly at: Span }[],
): { written: Written; places: Map<string, ReturnType<Entry['document']['valueSpan']>> } {
  const captured = new Captured();
  const places = new Map<string, ReturnType<Entry['document']['valueSpan']>>();
  const written: Written = { refs: [], sources: [], metrics: [] };
  const names = parseNames(b.invocation, { packageName: entry.package.name, relation: () => '', model: () => null, database: null, schema: '' }, captured);
  for (const { text, at } of list) {
    // A template that could not be rendered has been reported.
    if (isTemplate(text)) continue;
    try {
      names.renderText(`{{ ${text} }}`, entry.input.source.path);
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw e;
      b.sink.push({ ...e.diagnostic, at });
    }
    for (const r of captured.refs.splice(0)) {
      const ref = { name: r.name, package: r.package, version: r.version };
      written.refs.push(ref);
      places.set(refKey(ref), at);
    }
    for (const s of captured.sources.splice(0)) {
      written.sources.push([s.source, s.table]);
      places.set(`source:${s.source}.${s.table}`, at);
    }
    for (const m of captured.metrics.splice(0)) written.metrics.push(m.package === null ? [m.name] : [m.package, m.name]);
  }
  return { written, places };
}

export function addExposure(b: Build, entry: Entry): void {
  const { map, input, package: pkg, document } = entry;
  const name = String(map.name);
  const fqn = [pkg.name, ...input.relative.split('/').slice(0, -1), name];
  const own = mapOf(json(map.config));
  const config = configured(b, entry, 'exposure', 'exposures', fqn, { ...own, ...('enabled' in map && { enabled: json(map.enabled) }) });
  const top = b.trees(b.project.root, 'exposures', true);
  const meta = { ...mapOf(top.meta), ...mapOf(json(map.meta)), ...mapOf(config.meta) };
  const tags = [...new Set([...texts(top.tags), ...texts(json(map.tags)), ...texts(config.tags)])].sort();
  for (const key of ['type', 'owner'] as const)
    if (map[key] === undefined || map[key] === null) {
      b.sink.add('properties-shape', { what: `the exposure \`${name}\``, wanted: `\`${key}:\`` }, { at: document.span(entry.written) });
      return;
    }
  const needs = Array.isArray(map.depends_on) ? map.depends_on : [];
  const { written, places } = dependsOn(
    b,
    entry,
    needs.map((item, i) => ({ text: textOf(item), at: document.valueSpan(needs, i) })),
  );
  const node: ExposureNode = {
    unique_id: `exposure.${pkg.name}.${name}`,
    resource_type: 'exposure',
    name,
    package_name: pkg.name,
    path: input.relative,
    original_file_path: input.source.path,
    fqn,
    type: textOf(map.type),
    owner: { email: null, name: null, ...mapOf(json(map.owner)) },
    description: textOf(map.description),
    label: map.label === undefined || map.label === null ? null : textOf(map.label),
    maturity: map.maturity === undefined || map.maturity === null ? null : textOf(map.maturity),
    meta,
    tags,
    config: { ...config, meta, tags },
    unrendered_config: Object.assign({}, ...levels(b, entry, 'exposures', fqn, own, false)),
    url: map.url === undefined || map.url === null ? null : textOf(map.url),
    depends_on: { macros: [], nodes: [] },
    refs: written.refs,
    sources: written.sources,
    metrics: written.metrics,
    created_at: b.createdAt,
    at: entry.at,
  };
  if (map.description !== undefined) places.set('description', document.valueSpan(map, 'description'));
  b.places.set(node, places);
  const before = b.exposures.get(node.unique_id);
  if (before) b.sink.add('duplicate-name', { name, kind: 'exposure' }, { at: entry.at, related: [{ message: 'the other one', at: before.at }] });
  if (config.enabled === false) b.disabled.set(node.unique_id, [...(b.disabled.get(node.unique_id) ?? []), node]);
  else b.exposures.set(node.unique_id, node);
}

export function addGroup(b: Build, entry: Entry): void {
  const { map, input, package: pkg } = entry;
  const name = String(map.name);
  const own = mapOf(json(map.config));
  const config: ConfigDraft = { meta: {} };
  const fqn = [pkg.name, ...input.relative.split('/').slice(0, -1), name];
  // Groups take the levels of the models' tree; of their settings only meta merges.
  for (const level of [...treeLevels(b.trees(pkg, 'models', true), fqn), own])
    Object.assign(config, level, { meta: { ...mapOf(config.meta), ...mapOf(level.meta) } });
  const node: GroupNode = {
    unique_id: `group.${pkg.name}.${name}`,
    resource_type: 'group',
    name,
    package_name: pkg.name,
    path: input.relative,
    original_file_path: input.source.path,
    owner: { email: null, name: null, ...mapOf(json(map.owner)) },
    description: map.description === undefined || map.description === null ? null : textOf(map.description),
    config,
  };
  if (b.groups.has(node.unique_id))
    b.sink.add(
      'duplicate-name',
      { name, kind: 'group' },
      { at: entry.at, related: [{ message: `the other one is in ${b.groups.get(node.unique_id)?.original_file_path}` }] },
    );
  b.groups.set(node.unique_id, node);
}

/** Adds a unit test. `fixtures` holds the fixture files by name. */
export function addUnitTest(b: Build, entry: Entry, fixtures: ReadonlyMap<string, InputFile>): void {
  const { map, input, package: pkg } = entry;
  const name = String(map.name);
  const model = textOf(map.model);
  const fqn = [pkg.name, ...input.source.path.split('/').slice(1, -1), model, name];
  const own = mapOf(json(map.config));
  const config = configured(b, entry, 'unit_test', 'unit_tests', fqn, own);
  const given = mapsOf(map.given).map((g) => rowsOf(b, entry, g, fixtures));
  const expect = isMap(map.expect ?? null) ? rowsOf(b, entry, map.expect as YamlMap, fixtures) : { rows: [], format: 'dict', fixture: null };
  const overrides = isMap(map.overrides ?? null) ? mapOf(json(map.overrides)) : null;
  const node: UnitTestNode = {
    unique_id: `unit_test.${pkg.name}.${model}.${name}`,
    resource_type: 'unit_test',
    name,
    package_name: pkg.name,
    path: input.relative,
    original_file_path: input.source.path,
    fqn,
    model,
    description: textOf(map.description),
    overrides: overrides && { macros: {}, vars: {}, env_vars: {}, ...overrides },
    given,
    expect,
    config,
    version: null,
    versions: isMap(map.versions ?? null) ? { include: null, exclude: null, ...mapOf(json(map.versions)) } : null,
    schema: null,
    checksum: unitTestChecksum(map, model, given, expect),
    depends_on: { macros: [], nodes: [] },
    tested_node_unique_id: null,
    this_input_node_unique_id: null,
    created_at: b.createdAt,
    at: entry.at,
  };
  const inputs = mapsOf(entry.written.given).flatMap((g) =>
    typeof g.input === 'string' && g.input.trim() !== 'this' ? [{ text: g.input, at: entry.document.valueSpan(g, 'input') }] : [],
  );
  const { written, places } = dependsOn(b, entry, inputs);
  b.inputs.set(node, written);
  b.places.set(node, places);
  if (config.enabled === false) b.disabled.set(node.unique_id, [...(b.disabled.get(node.unique_id) ?? []), node]);
  else if (b.unitTests.has(node.unique_id)) b.sink.add('duplicate-name', { name: `${model}.${name}`, kind: 'unit test' }, { at: entry.at });
  else b.unitTests.set(node.unique_id, node);
}

/** The rows of a `given` or `expect`: as dictionaries, whether written so, as CSV or in a fixture file; SQL stays text. */
function rowsOf(b: Build, entry: Entry, map: YamlMap, fixtures: ReadonlyMap<string, InputFile>): JsonMap {
  const format = textOf(map.format) || 'dict';
  const fixture = map.fixture === undefined || map.fixture === null ? null : textOf(map.fixture);
  const base: JsonMap = { ...(map.input !== undefined && { input: textOf(map.input) }), format, fixture };
  let { rows } = map as { rows?: Yaml };
  if (fixture !== null) {
    const file = fixtures.get(fixture);
    if (!file) {
      b.sink.add('fixture-not-found', { name: fixture }, { at: entry.document.valueSpan(map, 'fixture') });
      return { ...base, rows: [] };
    }
    rows = file.source.text;
  }
  if (format === 'csv' && typeof rows === 'string') return { ...base, rows: promoted(csvRows(rows)) };
  if (rows === undefined || rows === null) return { ...base, rows: format === 'dict' ? [] : null };
  return { ...base, rows: typeof rows === 'string' ? rows.trim() : promoted(json(rows)) };
}

/** The first row without a null comes first, as in dbt: databases take the types of columns from it. */
function promoted(rows: Json): Json {
  if (!Array.isArray(rows)) return rows;
  const i = rows.findIndex((row: Json) => isJsonMap(row) && Object.values(row).every((v) => v !== null));
  if (i <= 0) return rows;
  const out = [...rows] as Json[];
  [out[0], out[i]] = [out[i] as Json, out[0] as Json];
  return out;
}

/** CSV as rows of texts by column; an empty cell is null. */
export function csvRows(text: string): JsonMap[] {
  const lines = csvLines(text.trim());
  const [header = [], ...rest] = lines;
  return rest.map((cells) =>
    Object.fromEntries(header.map((name, i) => [name.trim(), cells[i] === undefined || cells[i] === '' ? null : (cells[i] as string)])),
  );
}

function csvLines(text: string): string[][] {
  const lines: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const ch = text[i] as string;
    if (quoted) {
      if (ch !== '"') cell += ch;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (ch === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (ch === ',') {
      row.push(cell);
      cell = '';
    } else if (ch === '\n') {
      row.push(cell.replace(/\r$/, ''));
      lines.push(row);
      row = [];
      cell = '';
    } else cell += ch;
  }
  row.push(cell);
  lines.push(row);
  return lines.filter((l) => l.length > 1 || l[0]?.trim() !== '');
}
