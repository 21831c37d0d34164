import { type MacroDef, MacroRegistry, yamlToData } from '../context/index.ts';
import type { MacroCall, ParsedFile, ParsedMacro } from '../parse/index.ts';
import type { Project } from '../read/index.ts';
import type { Sink } from '../text/index.ts';
import { isJsonMap } from './config.ts';
import type { Json, JsonMap } from './manifest.ts';
import type { Entry } from './patches.ts';

/** A file of dml's own macro library, parsed. */
export interface BuiltinFile {
  /** `dbt`, `dbt_duckdb`, ...: the package its macros belong to. */
  readonly package: string;
  readonly path: string;
  readonly macros: readonly ParsedMacro[];
}

/** The macros of the project, its packages and dml, ready to be looked up. `adapterPackages`: dml's packages for the adapter, the nearest first. */
export function registryOf(
  project: Project,
  files: ReadonlyMap<string, readonly ParsedFile[]>,
  builtins: readonly BuiltinFile[],
  adapterPackages: readonly string[],
  createdAt: number,
  sink: Sink,
): MacroRegistry {
  const { flags } = project.root.config;
  const packagesOverride = flags['require_explicit_package_overrides_for_builtin_materializations'] === false;
  const registry = new MacroRegistry(project.root.name, [...adapterPackages, 'dbt'], packagesOverride);
  for (const file of builtins) {
    if (!registry.isInternal(file.package)) continue;
    for (const macro of file.macros) registry.add(defOf(macro, file.package, file.path, createdAt));
  }
  for (const pkg of project.packages)
    for (const file of files.get(pkg.name) ?? []) {
      if (file.kind !== 'macros') continue;
      for (const macro of file.macros) {
        const def = defOf(macro, pkg.name, file.input.source.path, createdAt);
        const before = registry.add(def);
        if (before) sink.add('duplicate-macro', { name: def.name, package: pkg.name }, { at: def.at, related: [{ message: 'the other one', at: before.at }] });
      }
    }
  const order = new Map(project.root.config.dispatch.map((d) => [d.macro_namespace, d.search_order]));
  const prefixes = [...adapterPackages.map((name) => name.replace(/^dbt_/, '')), 'default'];
  for (const def of registry.all()) linkCalls(def as Linked, registry, order, prefixes);
  return registry;
}

interface Linked extends MacroDef {
  readonly calls: readonly MacroCall[];
  readonly depends_on: { macros: string[] };
}

function defOf(macro: ParsedMacro, packageName: string, path: string, createdAt: number): MacroDef {
  const def: Linked = {
    ...macro,
    unique_id: `macro.${packageName}.${macro.name}`,
    package_name: packageName,
    path,
    original_file_path: path,
    description: '',
    meta: {},
    docs: { show: true, node_color: null },
    // Only what a properties file says of them: the manifest's `arguments` are documentation.
    arguments: [],
    patch_path: null,
    depends_on: { macros: [] },
    created_at: createdAt,
  };
  return def;
}

const BUILTIN_CALLS: ReadonlySet<string> = new Set(['ref', 'source', 'config']);

/** The macros that a macro calls, as far as its text tells. */
function linkCalls(def: Linked, registry: MacroRegistry, order: ReadonlyMap<string, readonly string[]>, prefixes: readonly string[]): void {
  const scope = registry.scope(registry.isInternal(def.package_name) ? registry.root : def.package_name);
  const { macros } = def.depends_on;
  for (const { path, namespace } of def.calls) {
    const found = namespace === undefined ? byPath(path) : dispatched(path, namespace);
    if (found && !macros.includes(found.unique_id)) macros.push(found.unique_id);
  }
  function dispatched(name: string, namespace: string | null): MacroDef | undefined {
    const packages = namespace === null ? [null] : (order.get(namespace) ?? [registry.root, namespace]);
    for (const from of packages)
      for (const prefix of prefixes) {
        const found = scope.from(from, `${prefix}__${name}`);
        if (found) return found;
      }
    return undefined;
  }
  /** As dbt: `ref`, `source` and `config` are no macros even where a project has some, and a name in what is no package counts as a bare one. */
  function byPath(path: string): MacroDef | undefined {
    const [first = '', second, ...more] = path.split('.');
    if (more.length > 0 || first === 'adapter') return undefined;
    const found = second === undefined ? scope.from(null, first) : (scope.from(first, second) ?? scope.from(null, second));
    return path === def.name || BUILTIN_CALLS.has(path) ? undefined : found;
  }
}

/** What a properties file says of a macro. */
export function patchMacro(entry: Entry, registry: MacroRegistry, sink: Sink): void {
  const { map, package: pkg } = entry;
  const name = String(map.name);
  const def = registry.package(pkg.name).get(name);
  if (!def) {
    sink.add('patch-without-node', { kind: 'macro', name }, { at: entry.at });
    return;
  }
  const json = yamlToData(map) as JsonMap;
  const config = isJsonMap(json.config) ? json.config : {};
  const given = Array.isArray(json.arguments) ? json.arguments.filter(isJsonMap) : [];
  const described: Partial<MacroDef> = {
    description: typeof json.description === 'string' ? json.description : '',
    meta: { ...asMap(json.meta), ...asMap(config.meta) },
    docs: docsOf(asMap(config.docs ?? json.docs)),
    patch_path: `${pkg.name}://${entry.input.source.path}`,
    ...(given.length > 0 && {
      arguments: given.map((a) => ({
        name: String(a.name),
        type: a.type === undefined || a.type === null ? null : String(a.type),
        description: typeof a.description === 'string' ? a.description : '',
      })),
    }),
  };
  Object.assign(def, described);
}

function docsOf(docs: JsonMap): MacroDef['docs'] {
  return { show: docs.show !== false, node_color: typeof docs.node_color === 'string' ? docs.node_color : null };
}

function asMap(v: Json | undefined): JsonMap {
  return isJsonMap(v) ? v : {};
}
