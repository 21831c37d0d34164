import { Captured, parseNames, yamlToData } from '../context/index.ts';
import { isTemplate } from '../read/index.ts';
import { DiagnosticError, type Span, type Yaml } from '../text/index.ts';
import type { Build } from './build.ts';
import { texts } from './columns.ts';
import { applyConfig, type ConfigDraft, type ConfigKind, defaults, isJsonMap, treeLevels } from './config.ts';
import { refKey } from './find.ts';
import type { ExposureNode, GroupNode, Json, JsonMap, RefArgs } from './manifest.ts';
import { type Entry, textOf } from './patches.ts';

/** A YAML value as the manifest holds it. */
export function json(v: Yaml | undefined): Json {
  return v === undefined ? null : (yamlToData(v) as Json);
}

/** The value where it is a mapping, else an empty one. */
export function mapOf(v: Json | undefined): JsonMap {
  return isJsonMap(v) ? v : {};
}

/** The configuration of an exposure or a unit test from all of its levels. */
export function configured(
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
