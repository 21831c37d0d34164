import { createHash } from 'node:crypto';
import { type BaseHost, baseMember, type Invocation, yamlToData } from '../context/index.ts';
import type { ParsedFile, ParsedTemplate } from '../parse/index.ts';
import { type InputFile, type Package, type Project, propertiesCheck, Renderer } from '../read/index.ts';
import { closest, Diagnostics, diagnostic, isMap, type Sink, span, yamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { Configs } from './config.ts';
import { checkCycles } from './cycle.ts';
import { dataContract } from './data-contract.ts';
import { checkDeprecated } from './deprecated.ts';
import { addDocs, renderDescriptions } from './docs.ts';
import { addExternals } from './external.ts';
import { Lookup } from './find.ts';
import { functionFields } from './functions.ts';
import { checkGates } from './gates.ts';
import { linkAll } from './link.ts';
import { patchMacro } from './macros.ts';
import type { DocNode, JsonMap, Manifest, ModelNode, Node, NodeBase } from './manifest.ts';
import { checkMicrobatches } from './microbatch.ts';
import { addNode, ownGenerator } from './nodes.ts';
import { addExposure, addGroup } from './others.ts';
import { type Entry, entriesOf, type Patch, patchesOf, patchPath, textOf, timeSpineOf } from './patches.ts';
import { primaryKeys } from './primary-key.ts';
import { addMetric, addSavedQuery, addSemanticModel, linkSemantics } from './semantic.ts';
import { saidOnce } from './shapes.ts';
import { addSource } from './sources.ts';
import { StaticReader } from './static.ts';
import { addTests } from './tests.ts';
import { addUnitTest } from './unit-tests.ts';
import { unusedConfig } from './unused.ts';

/** The files of each package, read. */
export type ParsedFiles = ReadonlyMap<string, readonly ParsedFile[]>;

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

const PATCHED: ReadonlySet<string> = new Set(['models', 'seeds', 'snapshots', 'analyses', 'data_tests', 'functions']);

function collectPatches(b: Build, files: ParsedFiles, entries: readonly Entry[], patches: Map<string, Patch>): void {
  const models = new Map(
    b.project.packages.map((pkg) => [
      pkg.name,
      new Set((files.get(pkg.name) ?? []).flatMap((f) => (f.kind === 'template' && f.input.kind === 'model' ? [f.node.name] : []))),
    ]),
  );
  for (const entry of entries) {
    if (!PATCHED.has(entry.section)) continue;
    for (const [file, patch] of patchesOf(entry, (name) => models.get(entry.package.name)?.has(name) ?? false, b.sink)) {
      const key = patchKey(entry.section, entry.package.name, file);
      const before = patches.get(key);
      if (before) b.sink.add('duplicate-patch', { name: patch.name }, { at: patch.at, related: [{ message: 'the other one', at: before.at }] });
      else patches.set(key, patch);
      if (patch.version === null) continue;
      const listed = b.versions.get(`${entry.package.name}.${patch.name}`)?.versions ?? [];
      const at = 'latest_version' in entry.written ? entry.document.valueSpan(entry.written, 'latest_version') : entry.at;
      b.versions.set(`${entry.package.name}.${patch.name}`, { versions: [...listed, patch.version], at });
    }
  }
}

function patchKey(section: string, packageName: string, name: string): string {
  return `${section} ${packageName} ${name}`;
}

/** The package of the node that a patch of this key is for. */
function ownerOf(key: string): string {
  return key.split(' ')[1] ?? '';
}

function patchFor(b: Build, section: string, pkg: Package, name: string): Patch | undefined {
  return b.patches.get(patchKey(section, pkg.name, name));
}

/** As in dbt, what a package says of a name that it has no enabled node of goes to the node of that name in another package. */
function adoptPatches(b: Build, files: ParsedFiles, patches: Map<string, Patch>): void {
  if (b.project.packages.length < 2) return;
  const keyOf = (n: Node): string => patchKey(`${n.resource_type}s`, n.package_name, n.name);
  const live = new Set([...b.nodes.values()].map(keyOf));
  const fileOf = (n: Node): ParsedFile | undefined =>
    (files.get(n.package_name) ?? []).find((f) => (f.kind === 'template' || f.kind === 'data') && f.input === n.input);
  // An entry that disables its own node is no orphan.
  const orphans = [...patches].filter(
    ([key, p]) => (p.section === 'models' || p.section === 'seeds') && p.version === null && p.config.enabled !== false && !live.has(key),
  );
  for (const [key, patch] of orphans) {
    const node = [...b.nodes.values()].find(
      (n) => `${n.resource_type}s` === patch.section && n.name === patch.name && n.patch_path === null && !('version' in n && n.version !== null),
    );
    const file = node && fileOf(node);
    if (!node || !file) {
      // Another package's node can be described once: by its own package, or else by one other.
      const taken = [...b.nodes.values()].find((n) => `${n.resource_type}s` === patch.section && n.name === patch.name && n.patch_path !== null);
      const before = taken && patches.get(keyOf(taken));
      if (!before) continue;
      b.sink.add('duplicate-patch', { name: patch.name }, { at: patch.at, related: [{ message: 'the other one', at: before.at }] });
      patches.delete(key);
      continue;
    }
    patches.delete(key);
    patches.set(keyOf(node), patch);
    b.nodes.delete(node.unique_id);
    const id = [node.resource_type, patch.package.name, patch.name].join('.');
    const own = (b.disabled.get(id) ?? []).find((n): n is Node => n.resource_type === node.resource_type);
    const ownFile = own && fileOf(own);
    if (ownFile) b.disabled.delete(id);
    for (const [name, again] of [
      [node.package_name, file],
      [patch.package.name, ownFile],
    ] as const) {
      const pkg = b.project.packages.find((p) => p.name === name);
      if (pkg && again) addFiles(b, pkg, [again]);
    }
  }
}

function addFiles(b: Build, pkg: Package, files: readonly ParsedFile[]): void {
  for (const file of files) {
    if (file.kind === 'docs') addDocs(b, pkg, file);
    else if (file.kind === 'data' && file.input.kind === 'seed') addSeed(b, pkg, file.input);
    else if (file.kind === 'template') addTemplate(b, pkg, file.input, file.node);
    else if (file.kind === 'snapshots') for (const node of file.nodes) addSnapshot(b, pkg, file.input, node);
  }
}

const NO_CONTRACT = { enforced: false, alias_types: true, checksum: null };

function foldersOf(relative: string): string[] {
  return relative.split('/').slice(0, -1);
}

function sha256(checksum: string): NodeBase['checksum'] {
  return { name: 'sha256', checksum };
}

function addTemplate(b: Build, pkg: Package, input: InputFile, parsed: ParsedTemplate): void {
  const { name } = parsed;
  const common = { name, package: pkg, input, raw: parsed.raw, template: parsed.template, at: span(input.source, 0, 0), checksum: sha256(input.checksum) };
  if (input.kind === 'model') {
    const patch = patchFor(b, 'models', pkg, name);
    const suffix = patch?.version === null || patch?.version === undefined ? [] : [`v${patch.version}`];
    const model = patch?.name ?? name;
    addNode(b, {
      ...common,
      kind: 'model',
      path: input.relative,
      fqn: [pkg.name, ...foldersOf(input.relative), model, ...suffix],
      uniqueId: ['model', pkg.name, model, ...suffix].join('.'),
      patch,
      extra: {
        access: 'protected',
        constraints: [],
        contract: NO_CONTRACT,
        version: null,
        latest_version: null,
        deprecation_date: null,
        primary_key: [],
        time_spine: timeSpineOf(patch),
      },
    });
  } else if (input.kind === 'function') {
    const patch = patchFor(b, 'functions', pkg, name);
    addNode(b, {
      ...common,
      kind: 'function',
      path: input.relative,
      fqn: [pkg.name, ...foldersOf(input.relative), name],
      uniqueId: `function.${pkg.name}.${name}`,
      patch,
      extra: { contract: NO_CONTRACT, ...functionFields(patch) },
    });
  } else if (input.kind === 'analysis') {
    const path = `analysis/${input.relative}`;
    addNode(b, {
      ...common,
      kind: 'analysis',
      path,
      fqn: [pkg.name, ...foldersOf(path), name],
      uniqueId: `analysis.${pkg.name}.${name}`,
      patch: patchFor(b, 'analyses', pkg, name),
      extra: { contract: NO_CONTRACT },
    });
  } else {
    const patch = patchFor(b, 'data_tests', pkg, name);
    addNode(b, {
      ...common,
      kind: 'test',
      path: input.relative,
      fqn: [pkg.name, ...foldersOf(input.relative), name],
      uniqueId: `test.${pkg.name}.${name}`,
      patch,
      extra: { contract: NO_CONTRACT, test_metadata: null, column_name: null, file_key_name: null, attached_node: null },
    });
  }
}

function addSnapshot(b: Build, pkg: Package, input: InputFile, parsed: ParsedTemplate): void {
  const { name } = parsed;
  addNode(b, {
    kind: 'snapshot',
    name,
    package: pkg,
    input,
    path: input.relative,
    fqn: [pkg.name, ...input.relative.replace(/\.[^./]*$/, '').split('/'), name],
    raw: parsed.raw,
    template: parsed.template,
    at: parsed.at,
    uniqueId: `snapshot.${pkg.name}.${name}`,
    checksum: sha256(input.checksum),
    patch: patchFor(b, 'snapshots', pkg, name),
    extra: { contract: NO_CONTRACT },
  });
}

/** Snapshots written as YAML alone, with a `relation:`. */
function addYamlSnapshots(b: Build, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.section !== 'snapshots' || entry.map.relation === undefined || entry.map.relation === null) continue;
    const { package: pkg, input } = entry;
    const name = String(entry.map.name);
    const raw = `select * from {{ ${textOf(entry.map.relation)} }}`;
    addNode(b, {
      kind: 'snapshot',
      name,
      package: pkg,
      input,
      path: `${input.relative}/${name}.sql`,
      fqn: [pkg.name, ...foldersOf(input.relative), name],
      raw,
      template: b.invocation.environment.parse({ path: input.source.path, text: raw }),
      at: entry.at,
      made: entry.document.valueSpan(entry.written, 'relation'),
      uniqueId: `snapshot.${pkg.name}.${name}`,
      checksum: sha256(input.checksum),
      patch: patchFor(b, 'snapshots', pkg, name),
      extra: { contract: NO_CONTRACT },
    });
  }
}

function addSeed(b: Build, pkg: Package, input: InputFile): void {
  const name = input.relative.slice(input.relative.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  addNode(b, {
    kind: 'seed',
    name,
    package: pkg,
    input,
    path: input.relative,
    fqn: [pkg.name, ...foldersOf(input.relative), name],
    raw: '',
    template: undefined,
    at: span(input.source, 0, 0),
    uniqueId: `seed.${pkg.name}.${name}`,
    checksum: input.checksum.length === 64 ? sha256(input.checksum) : { name: 'path', checksum: input.checksum },
    patch: patchFor(b, 'seeds', pkg, name),
    extra: { root_path: pkg.dir },
  });
}

/** on-run-start and on-run-end: one operation for each hook. */
function addOperations(b: Build): void {
  for (const pkg of b.project.packages)
    for (const [type, hooks] of [
      ['on-run-start', pkg.config.onRunStart],
      ['on-run-end', pkg.config.onRunEnd],
    ] as const)
      hooks.forEach((sql, i) => {
        const name = `${pkg.name}-${type}-${i}`;
        const input: InputFile = {
          kind: 'macro',
          source: { path: './dbt_project.yml', text: pkg.file.text },
          absolute: `${pkg.dir}/dbt_project.yml`,
          searchPath: '.',
          relative: 'dbt_project.yml',
          checksum: '',
          checksumKind: 'sha256',
        };
        const start = pkg.file.text.indexOf(sql.split('\n')[0] ?? sql);
        addNode(b, {
          kind: 'operation',
          name,
          package: pkg,
          input,
          path: `hooks/${name}.sql`,
          fqn: [pkg.name, 'hooks', name],
          raw: sql,
          template: b.invocation.environment.parse({
            path: 'dbt_project.yml',
            text: sql,
            ...(start >= 0 && pkg.file.text.startsWith(sql, start) && { within: { file: pkg.file, offset: start } }),
          }),
          at: span(pkg.file, Math.max(start, 0), Math.max(start, 0) + 1),
          uniqueId: `operation.${pkg.name}.${name}`,
          checksum: sha256(createHash('sha256').update(pkg.file.text.trim()).digest('hex')),
          tags: [type],
          extra: { contract: NO_CONTRACT, index: i },
        });
      });
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

/** A patch for something that is not there is a warning: often a renamed model. */
function unusedPatches(b: Build, patches: ReadonlyMap<string, Patch>): void {
  const used = new Set<string>();
  const all = [...b.nodes.values(), ...[...b.disabled.values()].flat()];
  for (const n of all) if ('input' in n) used.add(`${n.resource_type} ${n.package_name} ${n.name} ${'version' in n ? (n.version ?? '') : ''}`);
  const kinds: Readonly<Record<string, string>> = {
    models: 'model',
    seeds: 'seed',
    snapshots: 'snapshot',
    analyses: 'analysis',
    data_tests: 'test',
    tests: 'test',
    functions: 'function',
  };
  for (const [key, patch] of patches) {
    const kind = kinds[patch.section] ?? patch.section;
    if (used.has(`${kind} ${ownerOf(key)} ${patch.name} ${patch.version ?? ''}`)) continue;
    const known = all.flatMap((n) => (n.resource_type === kind ? [n.name] : []));
    b.sink.add(
      'patch-without-node',
      { kind, name: patch.name, version: patch.version, near: patch.version === null ? closest(patch.name, known) : undefined },
      { at: patch.at },
    );
  }
}

/** A node's group must exist in its package. */
function checkGroups(b: Build): void {
  for (const n of b.nodes.values()) {
    if (n.group === null || n.resource_type === 'test' || b.groups.has(`group.${n.package_name}.${n.group}`)) continue;
    const known = [...b.groups.values()].flatMap((g) => (g.package_name === n.package_name ? [g.name] : []));
    b.sink.add('group-not-found', { group: n.group, node: n.name, near: closest(n.group, known) }, { at: b.places.get(n)?.get('entry') ?? n.at });
  }
}

/** Names hold no spaces, unless the project allows them. */
function checkSpaces(b: Build): void {
  const allowed = b.invocation.args['require_resource_names_without_spaces'] === false;
  for (const n of b.nodes.values()) {
    if (!n.name.includes(' ')) continue;
    const found = diagnostic('name-with-spaces', { name: n.name, kind: n.resource_type }, { at: n.at });
    b.sink.push(allowed ? { ...found, severity: 'warning' } : found);
  }
}

/** Two nodes must not write the same relation, and a name that `ref` finds must be there once in a package. */
function checkRelations(b: Build): void {
  const relations = new Map<string, Node>();
  const names = new Map<string, Node>();
  for (const n of b.nodes.values()) {
    if (n.resource_type !== 'model' && n.resource_type !== 'seed' && n.resource_type !== 'snapshot') continue;
    const name = `${n.package_name}.${n.name}.${'version' in n ? (n.version ?? '') : ''}`;
    const sameName = names.get(name);
    if (sameName)
      b.sink.add('duplicate-name', { name: n.name, kind: sameName.resource_type }, { at: n.at, related: [{ message: 'the other one', at: sameName.at }] });
    else names.set(name, n);
    if (n.relation_name === null) continue;
    const key = n.relation_name.toLowerCase();
    const before = relations.get(key);
    if (before && !sameName)
      b.sink.add(
        'duplicate-relation',
        { name: n.name, other: before.name, relation: n.relation_name },
        { at: n.at, related: [{ message: 'the other one', at: before.at }] },
      );
    else relations.set(key, n);
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
