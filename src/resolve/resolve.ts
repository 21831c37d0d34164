import { type BaseHost, baseMember, type Invocation, yamlToData } from '../context/index.ts';
import { type InputFile, type Project, propertiesCheck, Renderer } from '../read/index.ts';
import { Diagnostics, isMap, type Sink, yamlMap } from '../text/index.ts';
import { adoptPatches, collectPatches, unusedPatches } from './adopt.ts';
import type { Build, ParsedFiles } from './build.ts';
import { checkGroups, checkRelations, checkSpaces } from './checks.ts';
import { Configs } from './config.ts';
import { checkCycles } from './cycle.ts';
import { dataContract } from './data-contract.ts';
import { checkDeprecated } from './deprecated.ts';
import { renderDescriptions } from './docs.ts';
import { addExternals } from './external.ts';
import { addFiles, addOperations, addYamlSnapshots } from './files.ts';
import { Lookup } from './find.ts';
import { checkGates } from './gates.ts';
import { linkAll } from './link.ts';
import { patchMacro } from './macros.ts';
import type { DocNode, JsonMap, Manifest, ModelNode, Node } from './manifest.ts';
import { checkMicrobatches } from './microbatch.ts';
import { ownGenerator } from './nodes.ts';
import { addExposure, addGroup } from './others.ts';
import { type Entry, entriesOf, type Patch, patchPath } from './patches.ts';
import { primaryKeys } from './primary-key.ts';
import { addMetric, addSavedQuery, addSemanticModel, linkSemantics } from './semantic.ts';
import { saidOnce } from './shapes.ts';
import { addSource } from './sources.ts';
import { StaticReader } from './static.ts';
import { addTests } from './tests.ts';
import { addUnitTest } from './unit-tests.ts';
import { unusedConfig } from './unused.ts';

/**
 * Brings everything together: configuration from all layers, properties files, generic tests, dependencies. What is wrong goes to the sink,
 * and the rest of the project is still resolved. Touches no file and no database. `docs`: docs blocks besides those of the files.
 */
export function resolve(project: Project, files: ParsedFiles, invocation: Invocation, sink: Sink, docs: readonly DocNode[] = []): Manifest {
  const patches = new Map<string, Patch>();
  const b = newBuild(project, invocation, saidOnce(sink), patches);
  for (const doc of docs) b.docs.set(doc.unique_id, doc);
  const entries = collectEntries(b, files);
  collectPatches(b, files, entries, patches);
  for (const pkg of project.packages) addFiles(b, pkg, files.get(pkg.name) ?? []);
  adoptPatches(b, files, patches);
  addYamlSnapshots(b, entries);
  addOperations(b);
  addEntries(b, files, entries);
  unusedPatches(b, patches);
  unusedConfig(b);
  renderDescriptions(b);
  addExternals(b);
  const ownFirst = b.invocation.args['require_ref_searches_node_package_before_root'] === true;
  const lookup = new Lookup(project.root.name, ownFirst, b.nodes.values(), b.sources.values(), b.disabled.values());
  linkSemantics(b, lookup);
  linkAll(b, lookup);
  checkMicrobatches(b);
  checkGates(b);
  checkSpaces(b);
  checkRelations(b);
  checkCycles(b, lookup);
  checkGroups(b);
  const { parents, children } = graphOf(b);
  checkDeprecated(b, children);
  for (const [id, key] of primaryKeys(b.nodes, b.disabled)) Object.assign(b.nodes.get(id) as ModelNode, { primary_key: key });
  return {
    project,
    nodes: b.nodes,
    templates: b.templates,
    sources: b.sources,
    exposures: b.exposures,
    unitTests: b.unitTests,
    groups: b.groups,
    docs: b.docs,
    macros: new Map([...invocation.registry.all()].map((m) => [m.unique_id, m])),
    disabled: b.disabled,
    others: { metrics: b.metrics, semanticModels: b.semanticModels, savedQueries: b.savedQueries, disabled: b.disabledOthers },
    propertyFiles: new Map([...patches.values()].map((p) => [patchPath(p), p.input.source])),
    parents,
    children,
    selectors: isMap(project.selectors) ? project.selectors : yamlMap(),
    lookup,
  };
}

function newBuild(project: Project, invocation: Invocation, sink: Sink, patches: Map<string, Patch>): Build {
  const trees = new Map<string, JsonMap>();
  const generators = new Map<string, ReturnType<Build['generator']> | null>();
  const reader = new StaticReader(invocation.registry);
  return {
    project,
    invocation,
    sink,
    patches,
    nodes: new Map(),
    templates: new Map(),
    sources: new Map(),
    exposures: new Map(),
    unitTests: new Map(),
    groups: new Map(),
    docs: new Map(),
    disabled: new Map(),
    metrics: new Map(),
    semanticModels: new Map(),
    disabledOthers: new Map(),
    savedQueries: new Map(),
    places: new WeakMap(),
    versions: new Map(),
    inputs: new WeakMap(),
    createdAt: invocation.startedAt / 1000,
    static: (template, packageName) => reader.read(template, packageName),
    configs: new Configs(),
    generator: (name, packageName) => {
      const key = `${name} ${packageName}`;
      let found = generators.get(key);
      if (found === undefined) generators.set(key, (found = ownGenerator(invocation, name, packageName) ?? null));
      return found ?? undefined;
    },
    trees: (pkg, tree, rendered) => {
      const key = `${pkg.name} ${tree} ${rendered}`;
      let found = trees.get(key);
      if (!found) trees.set(key, (found = yamlToData((rendered ? pkg.config.trees : pkg.config.unrenderedTrees)[tree]) as JsonMap));
      return found;
    },
    // As in dbt: what every template sees, and no macros; a variable without a value is a mistake.
    schemaNames: (packageName) => {
      const host: BaseHost = { invocation, packageName, threadId: 'MainThread', requireVars: true, renderText: (text) => text };
      return (name) => baseMember(name, host);
    },
  };
}

function collectEntries(b: Build, files: ParsedFiles): Entry[] {
  // What it reports of a file's shape need not be said a second time.
  const check = propertiesCheck();
  return b.project.packages.flatMap((pkg) => {
    const names = b.schemaNames(pkg.name);
    const renderer = new Renderer({ env: b.invocation.env, vars: yamlMap(), secrets: false, more: names, advice: (name) => inYaml(b, name) }, b.sink);
    return (files.get(pkg.name) ?? []).flatMap((f) =>
      f.kind === 'yaml' ? entriesOf(f.document, f.input, pkg, renderer, check(f.document, b.sink) ? b.sink : new Diagnostics()) : [],
    );
  });
}

const WITHOUT_BRACES: ReadonlySet<string> = new Set(['ref', 'source', 'metric']);

/** What is written in YAML in the place of what only templates of nodes have. */
function inYaml(b: Build, name: string): string | undefined {
  if (WITHOUT_BRACES.has(name)) return `in YAML, write \`${name}(...)\` without braces where a key takes it`;
  const isMacro = [...b.invocation.registry.all()].some((m) => m.name === name);
  return isMacro ? 'values in YAML cannot call macros: they see var, env_var and target' : undefined;
}

function addEntries(b: Build, files: ParsedFiles, entries: readonly Entry[]): void {
  const fixtures = new Map<string, InputFile>();
  for (const list of files.values())
    for (const f of list)
      if (f.kind === 'data' && f.input.kind === 'fixture')
        fixtures.set(f.input.relative.slice(f.input.relative.lastIndexOf('/') + 1).replace(/\.[^.]*$/, ''), f.input);
  const overrides = new Map(
    entries.flatMap((e) => (e.section === 'sources' && typeof e.map.overrides === 'string' ? [[`${e.map.overrides}.${String(e.map.name)}`, e] as const] : [])),
  );
  for (const entry of entries) {
    switch (entry.section) {
      case 'groups':
        addGroup(b, entry);
        break;
      case 'exposures':
        addExposure(b, entry);
        break;
      case 'sources':
        if (typeof entry.map.overrides !== 'string') addSource(b, entry, overrides);
        break;
      case 'unit_tests':
      case 'dml_unit_tests':
        addUnitTest(b, entry, fixtures);
        break;
      case 'semantic_models':
        addSemanticModel(b, entry);
        break;
      case 'metrics':
        addMetric(b, entry);
        break;
      case 'saved_queries':
        addSavedQuery(b, entry);
        break;
      case 'macros':
        patchMacro(entry, b.invocation.registry, b.sink);
        break;
      default:
    }
  }
  addNodeTests(b);
}

/** The generic tests of models, seeds and snapshots. */
function addNodeTests(b: Build): void {
  const byKey = new Map<string, Node>();
  for (const list of [b.nodes.values(), [...b.disabled.values()].flat()])
    for (const n of list) if ('input' in n) byKey.set(`${n.resource_type}s ${n.package_name} ${n.name} ${'version' in n ? (n.version ?? '') : ''}`, n);
  for (const patch of b.patches.values()) {
    if (!['models', 'seeds', 'snapshots'].includes(patch.section)) continue;
    if (patch.tests.length === 0 && !patch.columns.some((c) => 'tests' in c || 'data_tests' in c) && !dataContract(patch.map)) continue;
    const node = byKey.get(`${patch.section} ${patch.package.name} ${patch.name} ${patch.version ?? ''}`);
    const version = patch.version;
    addTests(
      b,
      {
        entry: patch,
        kind: 'node',
        name: patch.name,
        version,
        expression: version === null ? `ref('${patch.name}')` : `ref('${patch.name}', version='${version}')`,
        ref: { name: patch.name, package: null, version },
        source: undefined,
        attached: node?.unique_id ?? null,
        group: node?.group ?? null,
        tags: [],
        fileKey: `${patch.section}.${patch.name}`,
        quoteColumns: patch.map.quote_columns === true,
      },
      patch.columns,
      patch.tests,
      patch.map,
    );
  }
}

function graphOf(b: Build): { readonly parents: Map<string, readonly string[]>; readonly children: Map<string, string[]> } {
  const parents = new Map<string, readonly string[]>();
  const children = new Map<string, string[]>();
  for (const id of b.sources.keys()) parents.set(id, []);
  for (const n of [...b.nodes.values(), ...b.exposures.values(), ...b.unitTests.values()]) parents.set(n.unique_id, n.depends_on.nodes);
  for (const others of [b.semanticModels, b.metrics, b.savedQueries])
    for (const [id, item] of others) parents.set(id, (item.depends_on as { readonly nodes: readonly string[] }).nodes);
  for (const id of parents.keys()) children.set(id, []);
  for (const [id, list] of parents) for (const p of list) children.get(p)?.push(id);
  return { parents, children };
}
