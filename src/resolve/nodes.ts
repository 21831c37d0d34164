import { Captured, ephemeralName, hookValues, type Invocation, type MacroDef, type Names, parseNames, relationValue } from '../context/index.ts';
import { type Callable, callArgs, ReturnSignal, str, type Template } from '../jinja/index.ts';
import { type ConfigTree, type InputFile, isTemplate, type Package } from '../read/index.ts';
import { type Parts, type Relation, relation } from '../sql/index.ts';
import { type Diagnostic, DiagnosticError, outermost, partOfAny, type SourceFile, type Span } from '../text/index.ts';
import type { Build, NodeDraft, Places } from './build.ts';
import { contractChecksum } from './checksums.ts';
import { constraintOf, texts } from './columns.ts';
import { addConfigCall, type ConfigDraft, type ConfigKind, isJsonMap } from './config.ts';
import { refKey } from './find.ts';
import { dependOnKeys } from './foreign-keys.ts';
import { checkFunction } from './functions.ts';
import type { JsonMap, Node, NodeBase, RefArgs, SourceNode } from './manifest.ts';
import { type Patch, patchPath } from './patches.ts';
import { parsedValue, resourceValue } from './value.ts';

/** What is known of a node before its template is rendered. */
export interface NodeSpec {
  readonly kind: ConfigKind & ('model' | 'seed' | 'snapshot' | 'test' | 'analysis' | 'operation' | 'function');
  readonly name: string;
  readonly package: Package;
  readonly input: InputFile;
  readonly path: string;
  readonly fqn: readonly string[];
  readonly raw: string;
  readonly template: Template | undefined;
  readonly at: Span;
  readonly uniqueId: string;
  readonly checksum: NodeBase['checksum'];
  /** Tags the node has besides those of its configuration, first. */
  readonly tags?: readonly string[];
  readonly patch?: Patch | undefined;
  /** Configuration that counts like `config()` calls, before them: the arguments of a generic test. */
  readonly calls?: JsonMap;
  /** Dependencies known without rendering. */
  readonly refs?: readonly RefArgs[];
  readonly sources?: readonly (readonly string[])[];
  readonly macros?: readonly string[];
  /** Called with the names before the template is rendered: generic tests put their arguments there. */
  readonly prepare?: (names: Names, captured: Captured) => void;
  /** Where the template is made by dml: the place to tell of mistakes in it. */
  readonly made?: Span;
  /** The fields of this kind alone. */
  readonly extra: Readonly<Record<string, unknown>>;
}

const TREES: Readonly<Record<NodeSpec['kind'], ConfigTree>> = {
  model: 'models',
  seed: 'seeds',
  snapshot: 'snapshots',
  test: 'data_tests',
  analysis: 'models',
  operation: 'models',
  function: 'functions',
};

/** Renders a node's template once to learn its dependencies and configuration, and builds the node. Adds it to the nodes, or to the disabled ones. */
export function addNode(b: Build, spec: NodeSpec): Node | undefined {
  const draft = draftOf(b, spec);
  const captured = capture(b, spec, draft);
  if (!captured) return undefined;
  const calls: ConfigDraft = {};
  if (spec.calls) addConfigCall(calls, spec.calls);
  for (const { call } of captured.configs) addConfigCall(calls, call);
  draft.config_call_dict = calls;
  configure(b, spec, draft, calls);
  captureHooks(b, spec, draft, captured);
  const places = dependencies(draft, captured, spec);
  if (spec.made) for (const key of places.keys()) places.set(key, spec.made);
  if (spec.kind === 'seed') refuseReferences(b, spec, captured);
  if (spec.patch) placePatch(b, spec.patch, draft, places);
  b.places.set(draft, places);
  return place(b, draft as unknown as Node, spec.prepare || spec.kind === 'operation' ? undefined : spec.template);
}

/** Seeds are built before everything else: what their hooks refer to may not be there. */
function refuseReferences(b: Build, spec: NodeSpec, captured: Captured): void {
  const [first] = [
    ...captured.refs.map((r) => ({ call: `ref('${r.name}')`, at: r.at })),
    ...captured.sources.map((s) => ({ call: `source('${s.source}', '${s.table}')`, at: s.at })),
  ];
  if (first) b.sink.add('seed-hook-reference', { node: spec.name, call: first.call }, { at: first.at });
}

/** Notes where a properties file says what may be wrong later. */
function placePatch(b: Build, patch: Patch, draft: NodeDraft, places: Places): void {
  const { document, written } = patch;
  places.set('entry', patch.at);
  dependOnKeys(b, draft, places, patch.at);
  if (isTemplate(patch.description)) places.set('description', document.valueSpan(written, 'description'));
  for (const column of patch.columns)
    if (isTemplate(String(column.description ?? ''))) places.set(`column:${String(column.name)}`, document.valueSpan(column, 'description'));
}

/** Adds a node where its `enabled` says; reports a second node of the same id. */
function place(b: Build, node: Node, template: Template | undefined): Node {
  if (node.config.enabled === false) {
    b.disabled.set(node.unique_id, [...(b.disabled.get(node.unique_id) ?? []), node]);
    return node;
  }
  const before = b.nodes.get(node.unique_id);
  if (before)
    b.sink.add('duplicate-name', { name: node.name, kind: node.resource_type }, { at: node.at, related: [{ message: 'the other one', at: before.at }] });
  else {
    b.nodes.set(node.unique_id, node);
    if (template) b.templates.set(node.unique_id, template);
  }
  return node;
}

function draftOf(b: Build, spec: NodeSpec): NodeDraft {
  const { invocation } = b;
  const base = {
    unique_id: spec.uniqueId,
    name: spec.patch?.name ?? spec.name,
    resource_type: spec.kind,
    package_name: spec.package.name,
    path: spec.path,
    original_file_path: spec.input.source.path,
    fqn: spec.fqn,
    alias: spec.name,
    checksum: spec.checksum,
    database: invocation.targetDatabase,
    schema: invocation.targetSchema,
    relation_name: null,
    config: {},
    unrendered_config: {},
    config_call_dict: {},
    unrendered_config_call_dict: {},
    tags: [],
    meta: {},
    group: null,
    description: spec.patch?.description ?? '',
    columns: spec.patch?.columnInfo ?? {},
    docs: { show: true, node_color: null },
    doc_blocks: [],
    patch_path: spec.patch ? patchPath(spec.patch) : null,
    language: spec.input.source.path.endsWith('.py') ? 'python' : 'sql',
    raw_code: spec.raw,
    refs: [...(spec.refs ?? [])],
    sources: [...(spec.sources ?? [])],
    metrics: [],
    functions: [],
    depends_on: { macros: [...(spec.macros ?? [])], nodes: [] },
    created_at: b.createdAt,
    input: spec.input,
    at: spec.at,
    ...spec.extra,
  };
  return base as unknown as NodeDraft;
}

/** What the template does when nothing runs; undefined, with a diagnostic, where it cannot be rendered. */
function capture(b: Build, spec: NodeSpec, draft: NodeDraft): Captured | undefined {
  const captured = new Captured();
  const { template } = spec;
  if (!template || (!spec.prepare && template.body.every((s) => s.kind === 'text'))) return captured;
  // dbt renders what runs once whole: a mistake in it is told while parsing.
  const known = spec.prepare || spec.kind === 'operation' ? undefined : b.static(template, spec.package.name);
  if (known) return known;
  const names = namesOf(b, spec, draft, captured);
  try {
    spec.prepare?.(names, captured);
    template.render(names.lookup, names.options);
  } catch (e) {
    if (e instanceof ReturnSignal) {
      b.sink.add('jinja-error', { problem: '`return` outside of a macro has nothing to return from' }, { at: spec.at });
      return undefined;
    }
    if (!(e instanceof DiagnosticError)) throw e;
    b.sink.push(
      e.diagnostic.at && !spec.made
        ? e.diagnostic
        : { ...e.diagnostic, at: spec.made ?? spec.at, related: spec.made ? ownPlaces(b, e.diagnostic) : (e.diagnostic.related ?? []) },
    );
    return undefined;
  }
  return captured;
}

/** Of the places of a mistake in a template that dml made, those in macros of the project or a package: dml's own texts would tell nothing. */
function ownPlaces(b: Build, d: Diagnostic): NonNullable<Diagnostic['related']> {
  const { registry } = b.invocation;
  const files = new Set([...registry.all()].flatMap((m) => (registry.isInternal(m.package_name) ? [] : [outermost(m.at).file])));
  const all = [...(d.at ? [{ message: 'raised here', at: d.at }] : []), ...(d.related ?? [])];
  return all.filter((r) => r.at && files.has(outermost(r.at).file));
}

function namesOf(b: Build, spec: NodeSpec, draft: NodeDraft, captured: Captured): Names {
  const { invocation } = b;
  return parseNames(
    invocation,
    {
      packageName: spec.package.name,
      relation: () =>
        spec.kind === 'operation' ? null : relationValue(invocation.dialect, relation(draft.database, draft.schema, draft.alias, null, invocation.quoting)),
      model: () => parsedValue({ ...draft, config: Object.keys(draft.config).length > 0 ? draft.config : projectConfig(b, spec) } as unknown as Node),
      database: draft.database,
      schema: draft.schema,
      ...(HOOKED.has(spec.kind) && { hooks: (when) => hookValues(projectConfig(b, spec)[`${when}-hook`] ?? []) }),
      generic: spec.kind === 'test' && spec.prepare !== undefined,
    },
    captured,
  );
}

const HOOKED: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot']);

/** What the project's files alone configure: all there is before the template has been rendered. */
function projectConfig(b: Build, spec: NodeSpec): ConfigDraft {
  const { root } = b.project;
  const tree = TREES[spec.kind];
  const own = spec.package;
  const config = b.configs.rendered({
    kind: spec.kind,
    own: b.trees(own, tree, true),
    patch: undefined,
    calls: {},
    root: own.isRoot ? undefined : b.trees(root, tree, true),
    fqn: spec.fqn,
  });
  return Object.fromEntries(Object.entries(config).filter(([, v]) => v !== null));
}

function configure(b: Build, spec: NodeSpec, draft: NodeDraft, calls: ConfigDraft): void {
  const { root } = b.project;
  const tree = TREES[spec.kind];
  const own = spec.package;
  const layers = (rendered: boolean) => ({
    kind: spec.kind,
    own: b.trees(own, tree, rendered),
    // A Python model has no view to be.
    patch: draft.language === 'python' ? { materialized: 'table', ...spec.patch?.config } : spec.patch?.config,
    calls,
    root: own.isRoot ? undefined : b.trees(root, tree, rendered),
    fqn: spec.fqn,
  });
  const config = b.configs.rendered(layers(true));
  draft.config = config;
  draft.unrendered_config = b.configs.unrendered(layers(false));
  // dbt configures a node twice, the second time with its properties file: tags of the first time stay in front.
  const first = spec.patch?.config.tags === undefined ? [] : texts(b.configs.rendered({ ...layers(true), patch: undefined }).tags);
  draft.tags = [...new Set([...(spec.tags ?? []), ...first, ...texts(config.tags)])];
  if (isJsonMap(config.meta)) draft.meta = config.meta;
  if (typeof config.group === 'string') draft.group = config.group;
  const { docs } = config;
  if (isJsonMap(docs)) draft.docs = { show: docs.show !== false, node_color: typeof docs.node_color === 'string' ? docs.node_color : null };
  if (spec.kind === 'model') configureModel(b, spec, draft, config);
  if (spec.kind === 'snapshot') checkSnapshot(b, spec, config);
  if (spec.kind === 'test') checkTest(b, spec, config);
  if (spec.kind === 'function') checkFunction(b, draft as unknown as Node, config, spec.patch);
  nameRelation(b, spec, draft, config);
}

/** Policies that neither drop nor ignore a column of the contract. */
const KEEPS_COLUMNS: ReadonlySet<unknown> = new Set(['append_new_columns', 'fail', 'backfill', 'full_refresh']);
const ACCESS: ReadonlySet<unknown> = new Set(['private', 'protected', 'public']);

function configureModel(b: Build, spec: NodeSpec, draft: NodeDraft, config: ConfigDraft): void {
  const { patch } = spec;
  const at = patch?.at ?? spec.at;
  if (!ACCESS.has(config.access)) b.sink.add('access-value', { node: draft.name, value: String(config.access) }, { at });
  const contract = isJsonMap(config.contract) ? config.contract : {};
  const enforced = contract.enforced === true;
  const constraints = (patch?.constraints ?? []).map((c) => ({ ...constraintOf(c), columns: c.columns ?? [] }));
  Object.assign(draft, {
    access: config.access,
    contract: {
      enforced,
      alias_types: contract.alias_types !== false,
      checksum: enforced ? contractChecksum(draft.columns, constraints, String(config.materialized)) : null,
    },
    constraints,
    version: patch?.version ?? null,
    latest_version: patch?.latestVersion ?? null,
    deprecation_date: patch?.deprecationDate ?? null,
  });
  if (!enforced) return;
  if (Object.keys(draft.columns).length === 0) b.sink.add('contract-without-columns', { node: draft.name }, { at });
  const change = config.on_schema_change;
  if (config.materialized === 'incremental' && !KEEPS_COLUMNS.has(change))
    b.sink.add('contract-schema-change', { node: draft.name, value: String(change) }, { at });
}

function checkTest(b: Build, spec: NodeSpec, config: ConfigDraft): void {
  const wrong = (key: string, wanted: string): void =>
    b.sink.add('test-shape', { problem: `\`${key}\` is ${wanted}, not \`${String(config[key])}\`` }, { at: spec.at });
  if (!/^(?:warn|error)$/i.test(String(config.severity))) wrong('severity', 'error or warn');
}

function checkSnapshot(b: Build, spec: NodeSpec, config: ConfigDraft): void {
  const { name } = spec;
  const at = spec.patch?.at ?? spec.at;
  if (!config.strategy || !config.unique_key) b.sink.add('snapshot-config', { node: name, problem: 'it needs `strategy` and `unique_key`' }, { at });
  else if (config.strategy === 'timestamp' && !config.updated_at)
    b.sink.add('snapshot-config', { node: name, problem: 'it has the strategy timestamp and needs `updated_at`' }, { at });
  else if (config.strategy === 'check' && !config.check_cols)
    b.sink.add('snapshot-config', { node: name, problem: 'it has the strategy check and needs `check_cols`' }, { at });
}

/** Database, schema and alias, through the `generate_*_name` macros where a project has its own. */
function nameRelation(b: Build, spec: NodeSpec, draft: NodeDraft, config: ConfigDraft): void {
  const { invocation } = b;
  const given = (key: string): string | null =>
    typeof config[key] === 'string' ? (config[key] as string) : config[key] === null || config[key] === undefined ? null : String(config[key]);
  draft.database = generate(b, spec, draft, 'database', given('database'), () => given('database')?.trim() ?? invocation.targetDatabase);
  draft.schema =
    generate(b, spec, draft, 'schema', given('schema'), () => {
      const custom = given('schema');
      return custom === null ? invocation.targetSchema : `${invocation.targetSchema}_${custom.trim()}`;
    }) ?? '';
  draft.alias = generate(b, spec, draft, 'alias', given('alias'), () => given('alias')?.trim() ?? versioned(draft)) ?? draft.name;
  if (spec.kind === 'snapshot') {
    if (config.target_database) draft.database = String(config.target_database);
    if (config.target_schema) draft.schema = String(config.target_schema);
  }
  const relational =
    spec.kind === 'test'
      ? config.store_failures === true
      : spec.kind === 'analysis' || spec.kind === 'operation' || spec.kind === 'function'
        ? false
        : config.materialized !== 'ephemeral';
  draft.relation_name = relational ? invocation.dialect.render(nodeRelation(draft as unknown as Node, invocation.quoting)) : null;
}

function versioned(draft: NodeDraft): string {
  const version = 'version' in draft ? draft.version : null;
  return version === null || version === undefined ? draft.name : `${draft.name}_v${String(version).replaceAll('.', '_')}`;
}

/** A part of the name: by the project's own macro where there is one, else natively as dbt's default macro says. */
function generate(
  b: Build,
  spec: NodeSpec,
  draft: NodeDraft,
  part: 'database' | 'schema' | 'alias',
  custom: string | null,
  builtin: () => string | null,
): string | null {
  const macro = b.generator(`generate_${part}_name`, spec.package.name);
  if (!macro) return builtin();
  const names = namesOf(b, spec, draft, new Captured());
  const bound = names.bind(macro) as Callable;
  try {
    const value = bound.call(callArgs(custom, resourceValue(draft as unknown as Node)), { at: spec.at });
    return value === null ? null : str(value).trim();
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    b.sink.push(e.diagnostic);
    return builtin();
  }
}

/** The macro that makes a part of a relation's name for the nodes of a package, where it is not the built-in one doing what it always does. */
export function ownGenerator({ registry, dialect }: Invocation, name: string, packageName: string): MacroDef | undefined {
  const macro = registry.generator(name, packageName);
  if (macro && !registry.isInternal(macro.package_name)) return macro;
  // The project may override what the built-in macro dispatches to (`default__generate_schema_name`, `duckdb__...`).
  const dispatched = [dialect.name, ...dialect.parents, 'default'].some((prefix) => registry.package(registry.root).has(`${prefix}__${name}`));
  return dispatched ? macro : undefined;
}

/** Renders hooks for the dependencies in them; their text stays as it is until they run. */
function captureHooks(b: Build, spec: NodeSpec, draft: NodeDraft, captured: Captured): void {
  if (spec.kind === 'test') return;
  const hooks = [draft.config['pre-hook'], draft.config['post-hook']].flatMap((list) => (Array.isArray(list) ? list : []));
  if (hooks.length === 0) return;
  const names = namesOf(b, spec, draft, captured);
  for (const hook of hooks) {
    const sql = isJsonMap(hook) ? String(hook.sql) : '';
    try {
      b.invocation.environment.parse(hookSource(b, spec, sql)).render(names.lookup, names.options);
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw e;
      b.sink.push(e.diagnostic);
    }
  }
}

/** The text of a hook as part of the file that says it, where it stands there unchanged. */
function hookSource(b: Build, spec: NodeSpec, text: string): SourceFile {
  return partOfAny([spec.input.source, ...(spec.patch ? [spec.patch.input.source] : []), spec.package.file, b.project.root.file], text, spec.input.source.path);
}

function dependencies(draft: NodeDraft, captured: Captured, spec: NodeSpec): Places {
  const places: Places = new Map();
  for (const { name, package: from, version, at } of captured.refs) {
    const ref = { name, package: from, version };
    if (spec.refs?.some((r) => refKey(r) === refKey(ref))) continue;
    draft.refs.push(ref);
    if (!places.has(refKey(ref))) places.set(refKey(ref), at);
  }
  for (const { source, table, at } of captured.sources) {
    const key = `source:${source}.${table}`;
    // What dbt reads without rendering names a source once; what it renders, as often as the text does.
    if (places.has(key) && spec.kind === 'model' && readable(spec.template)) continue;
    draft.sources.push([source, table]);
    if (!places.has(key)) places.set(key, at);
  }
  for (const { name, package: from } of captured.metrics) draft.metrics.push(from === null ? [name] : [from, name]);
  for (const { name, package: from, at } of captured.functions) {
    const names = from === null ? [name] : [from, name];
    draft.functions.push(names);
    if (!places.has(`function:${names.join('.')}`)) places.set(`function:${names.join('.')}`, at);
  }
  for (const id of captured.macros) if (!draft.depends_on.macros.includes(id)) draft.depends_on.macros.push(id);
  return places;
}

const PLAIN_CALLS: ReadonlySet<string> = new Set(['ref', 'source', 'config']);

/** Whether dbt can read a model without rendering it: all that its template does is call ref, source and config with literals. */
function readable(template: Template | undefined): boolean {
  if (!template) return true;
  const { calls, names } = template.facts;
  const plain = template.body.every((s) => s.kind === 'text' || (s.kind === 'print' && s.value.kind === 'call'));
  return plain && calls.every((c) => PLAIN_CALLS.has(c.path) && c.literal !== undefined) && [...names].every((n) => PLAIN_CALLS.has(n));
}

/** The relation a node or source stands for: its database, schema and alias, quoted as the project says, or the source. */
export function nodeRelation(node: Node | SourceNode, quoting: Parts<boolean>): Relation {
  if (node.resource_type === 'source')
    return relation(node.database, node.schema, node.identifier, null, quotingOf(node.quoting, { database: true, schema: true, identifier: true }));
  if (node.config.materialized === 'ephemeral')
    return {
      ...relation(null, null, ephemeralName(node.name), 'cte', { ...quoting, identifier: false }),
      include: { database: false, schema: false, identifier: true },
    };
  if (node.resource_type === 'function')
    return relation(node.database, node.schema, node.alias, 'function', { database: true, schema: true, identifier: true });
  // As in dbt, `quoting` in a node's own configuration has no effect: the project's counts.
  return relation(node.database, node.schema, node.alias, null, quoting);
}

function quotingOf(given: JsonMap, otherwise: Parts<boolean>): Parts<boolean> {
  const part = (key: keyof Parts<boolean>): boolean => (typeof given[key] === 'boolean' ? (given[key] as boolean) : otherwise[key]);
  return { database: part('database'), schema: part('schema'), identifier: part('identifier') };
}
