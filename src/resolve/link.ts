import { isTemplate } from '../read/index.ts';
import { closest, type Span } from '../text/index.ts';
import type { Build, Draft, Places } from './build.ts';
import { isJsonMap } from './config.ts';
import { missingExternal } from './external.ts';
import { type Lookup, refKey } from './find.ts';
import type { ExposureNode, JsonMap, ModelNode, Node, RefArgs, ResourceType, UnitTestNode } from './manifest.ts';
import { metricNamed } from './semantic.ts';

type Dependent = Pick<Node, 'unique_id' | 'name' | 'package_name' | 'refs' | 'sources' | 'metrics' | 'at'> & {
  readonly resource_type: ResourceType;
  readonly functions?: Node['functions'];
  readonly depends_on: { readonly nodes: readonly string[] };
};

/** Turns names into ids: every node's `depends_on.nodes`. What does not exist, is disabled or may not be used is reported where it is named. */
export function linkAll(b: Build, lookup: Lookup): void {
  for (const node of b.nodes.values()) link(b, lookup, node);
  checkLatest(b);
  for (const exposure of b.exposures.values()) link(b, lookup, exposure);
  for (const test of [...b.unitTests.values()]) (test.own?.subject === 'macro' ? linkMacroTest : linkUnitTest)(b, lookup, test);
}

function link(b: Build, lookup: Lookup, node: Dependent | ExposureNode): void {
  const out = node.depends_on.nodes as string[];
  const places: Places = b.places.get(node) ?? new Map();
  const add = (id: string): void => {
    if (!out.includes(id)) out.push(id);
  };
  // As in dbt, sources come first.
  for (const [source = '', table = ''] of node.sources) {
    const at = places.get(`source:${source}.${table}`) ?? node.at;
    const found = lookup.source(source, table, node.package_name);
    if (found?.kind !== 'found') switchOff(node);
    if (!found) missingSource(b, lookup, node, `${source}.${table}`, at);
    else if (found.kind === 'disabled') disabled(b, node, `${source}.${table}`, found.node.at, at);
    else add(found.node.unique_id);
  }
  for (const ref of node.refs) {
    const at = places.get(refKey(ref)) ?? node.at;
    const found = lookup.ref(ref, node.package_name);
    if (found?.kind !== 'found') switchOff(node);
    if (!found) missingRef(b, lookup, node, ref, at);
    else if (found.kind === 'disabled') disabled(b, node, ref.name, found.node.at, at);
    else {
      checkAccess(b, node, found.node, at);
      add(found.node.unique_id);
    }
  }
  linkMetrics(b, node, add);
  if ('functions' in node) linkFunctions(b, lookup, node, add);
}

/** Links the functions that a node calls. */
function linkFunctions(b: Build, lookup: Lookup, node: Dependent, add: (id: string) => void): void {
  for (const names of node.functions ?? []) {
    const name = names.at(-1) ?? '';
    const at = b.places.get(node)?.get(`function:${names.join('.')}`) ?? node.at;
    const found = lookup.function(name, names.length > 1 ? (names[0] as string) : null, node.package_name);
    if (found?.kind === 'found') {
      add(found.node.unique_id);
      continue;
    }
    switchOff(node);
    if (found) disabled(b, node, name, found.node.at, at);
    else b.sink.add('function-not-found', { name, node: node.name, near: closest(name, lookup.functionNames()) }, { at, severity: severityOf(node) });
  }
}

/** Links the metrics that a node or exposure names. */
function linkMetrics(b: Build, node: Dependent | ExposureNode, add: (id: string) => void): void {
  for (const names of node.metrics) {
    const name = names.at(-1) ?? '';
    const found = metricNamed(b, name, names.length > 1 ? (names[0] as string) : node.package_name);
    if (found) add(String(found.unique_id));
    else {
      switchOff(node);
      b.sink.add(
        'metric-not-found',
        {
          name,
          node: node.name,
          near: closest(
            name,
            [...b.metrics.values()].map((m) => String(m.name)),
          ),
        },
        { at: node.at, severity: severityOf(node) },
      );
    }
  }
}

/** A test on something that is not there stays in the manifest, but is never selected. */
function switchOff(node: Dependent | ExposureNode): void {
  if (node.resource_type === 'test') (node as Draft<Node>).config = { ...(node as Node).config, enabled: false };
}

/** A test on something that is not there is a warning, as in dbt; anything else an error. */
function severityOf(node: Pick<Dependent, 'resource_type'>): 'warning' | 'error' {
  return node.resource_type === 'test' ? 'warning' : 'error';
}

function missingRef(b: Build, lookup: Lookup, node: Dependent | ExposureNode, ref: RefArgs, at: Span): void {
  const name = ref.version === null ? ref.name : `${ref.name} (version ${ref.version})`;
  const versions = ref.version === null ? [] : lookup.versions(ref.name);
  if (versions.length > 0) {
    b.sink.add('ref-version', { name: ref.name, version: String(ref.version), node: node.name, versions }, { at, severity: severityOf(node) });
    return;
  }
  const external = missingExternal(b, ref);
  if (external === 'told') return;
  if (external?.is !== undefined) {
    const about = { name: ref.name, node: node.name, project: String(ref.package), is: external.is, near: external.near };
    b.sink.add('ref-not-public', about, { at, severity: severityOf(node) });
    return;
  }
  const near = external ? external.near : closest(ref.name, lookup.refNames());
  const found = near === undefined ? undefined : lookup.ref({ name: near, package: null, version: null }, node.package_name);
  const related = found ? [{ message: `\`${near}\` is defined here`, at: found.node.at }] : [];
  b.sink.add(
    'ref-not-found',
    { name: ref.package === null ? name : `${ref.package}.${name}`, node: node.name, near },
    { at, related, hint: external?.hint, severity: severityOf(node) },
  );
}

function missingSource(b: Build, lookup: Lookup, node: Dependent | ExposureNode, name: string, at: Span): void {
  b.sink.add('source-not-found', { name, node: node.name, near: closest(name, lookup.sourceNames()) }, { at, severity: severityOf(node) });
}

function disabled(b: Build, node: Dependent | ExposureNode, name: string, where: Span, at: Span): void {
  b.sink.add('ref-disabled', { name, node: node.name }, { at, related: [{ message: 'it is disabled', at: where }], severity: severityOf(node) });
}

function checkAccess(b: Build, node: Dependent | ExposureNode, target: Node, at: Span): void {
  // The input of a unit test is no use of the model: its rows stand in for it.
  if (target.resource_type !== 'model' || node.resource_type === 'test' || node.resource_type === 'unit_test') return;
  const { access } = target as ModelNode;
  const group = 'group' in node ? (node as Node).group : null;
  if (access === 'private' && target.group !== null && group !== target.group)
    b.sink.add('ref-private', { name: target.name, node: node.name, group: target.group }, { at, related: [{ message: 'the private model', at: target.at }] });
  else if (access === 'protected' && target.package_name !== node.package_name) {
    const pkg = b.project.packages.find((p) => p.name === target.package_name);
    if (pkg?.config.restrictAccess) b.sink.add('ref-protected', { name: target.name, node: node.name, package: target.package_name }, { at });
  }
}

/** The latest version that an entry names must be one of its versions. */
function checkLatest(b: Build): void {
  const told = new Set<string>();
  for (const n of b.nodes.values()) {
    if (n.resource_type !== 'model' || !('latest_version' in n) || n.latest_version === null || told.has(`${n.package_name}.${n.name}`)) continue;
    told.add(`${n.package_name}.${n.name}`);
    const { versions, at } = b.versions.get(`${n.package_name}.${n.name}`) ?? {};
    if (versions && !versions.includes(n.latest_version))
      b.sink.add('latest-version', { name: n.name, latest: String(n.latest_version), versions: [...new Set(versions.map(String))] }, { at: at ?? n.at });
  }
}

/** A unit test of a versioned model stands for one test of each version. */
function linkUnitTest(b: Build, lookup: Lookup, test: UnitTestNode): void {
  const versions = [...b.nodes.values()].filter(
    (n): n is ModelNode => n.resource_type === 'model' && n.name === test.model && n.package_name === test.package_name,
  );
  const found = lookup.ref({ name: test.model, package: test.package_name, version: null }, test.package_name);
  if (!found || found.kind === 'disabled') {
    if (!found && !isTemplate(test.model))
      b.sink.add('ref-not-found', { name: test.model, node: test.name, near: closest(test.model, lookup.refNames()) }, { at: placeOfSubject(test) });
    b.unitTests.delete(test.unique_id);
    return;
  }
  checkInputs(b, lookup, test);
  if (!isTestable(b, test, found.node)) return;
  const wanted = versions.filter((m) => included(test, m.version));
  if (versions.every((m) => m.version === null) || wanted.length === 0) {
    settle(b, test, found.node as ModelNode);
    return;
  }
  b.unitTests.delete(test.unique_id);
  for (const model of wanted) {
    const id = `${test.unique_id}_v${model.version}`;
    const copy: Draft<UnitTestNode> = { ...test, unique_id: id, version: model.version, depends_on: { macros: [], nodes: [] } };
    b.unitTests.set(id, copy);
    settle(b, copy, model);
  }
}

/** A test of a macro belongs to no node. */
function linkMacroTest(b: Build, lookup: Lookup, test: UnitTestNode): void {
  const scope = b.invocation.registry.scope(test.package_name);
  const [name = '', place = null] = test.model.split('.').reverse();
  const macro = scope.from(place, name);
  if (macro) (test.depends_on.macros as string[]).push(macro.unique_id);
  else b.sink.add('unit-test-macro', { test: test.name, macro: test.model, near: closest(name, scope.names()) }, { at: placeOfSubject(test) });
  checkInputs(b, lookup, test);
}

const TABLELESS: Readonly<Record<string, string>> = {
  ephemeral: 'which is ephemeral and has none',
  external: 'which is a file: a test writes none',
};

/** Whether the node that dml's own test names is of the kind it says, and has what it expects something of. */
function isTestable(b: Build, test: UnitTestNode, node: Node): boolean {
  const { own } = test;
  if (own === null) return true;
  const problem = (text: string, key: string, hint: string): boolean => {
    b.sink.add('unit-test-shape', { test: test.name, problem: text }, { at: own.places.get(key) ?? test.at, hint });
    return false;
  };
  const type = node.resource_type;
  if ((type !== 'model' && type !== 'snapshot') || (own.subject === 'snapshot' && type === 'model'))
    return problem(
      `is of the ${own.subject} \`${node.name}\`, which is a ${type}`,
      own.subject,
      type === 'model' ? 'write `model:`' : 'unit tests are of models, snapshots and macros',
    );
  const none = own.table === null ? undefined : TABLELESS[String(node.config.materialized)];
  if (none) return problem(`expects rows of the table of \`${node.name}\`, ${none}`, 'expect_table', 'write the rows of its query: `expect`');
  return true;
}

function placeOfSubject(test: UnitTestNode): Span {
  return test.own?.places.get(test.own.subject) ?? test.at;
}

/** The inputs of a unit test are no dependencies of it, but must be there. */
function checkInputs(b: Build, lookup: Lookup, test: UnitTestNode): void {
  const { refs = [], sources = [] } = b.inputs.get(test) ?? {};
  const node: Dependent = { ...test, refs, sources, metrics: [], depends_on: { nodes: [] } };
  b.places.set(node, b.places.get(test) ?? new Map());
  link(b, lookup, node);
}

/** As in dbt: a test of a model that asks `is_incremental()` must say the answer, and where it is yes give rows for the table that exists. */
function checkIncremental(b: Build, test: UnitTestNode, model: ModelNode): void {
  if (!model.depends_on.macros.includes('macro.dbt.is_incremental')) return;
  const macros = test.overrides?.macros;
  const answer = isJsonMap(macros ?? undefined) ? (macros as JsonMap).is_incremental : undefined;
  const wrong = (problem: 'override' | 'this', dbt: string): void =>
    b.sink.add('unit-test-incremental', { test: test.name, model: model.name, problem }, { at: test.at, dbt });
  // What else dml knows of a test says whether there is a table.
  if (test.own && answer === undefined) return;
  if (typeof answer !== 'boolean')
    wrong('override', `Boolean override for 'is_incremental' must be provided for unit test '${test.name}' in model '${model.name}'`);
  else if (answer && !test.given.some((g) => g.input === 'this'))
    wrong('this', `Unit test '${test.name}' for incremental model '${model.name}' must have a 'this' input`);
}

function settle(b: Build, test: Draft<UnitTestNode>, model: ModelNode): void {
  checkIncremental(b, test, model);
  test.tested_node_unique_id = model.unique_id;
  (test.depends_on.nodes as string[]).push(model.unique_id);
  test.schema = model.schema;
}

function included(test: UnitTestNode, version: string | number | null): boolean {
  const { versions } = test;
  if (versions === null) return true;
  const has = (key: string): boolean | undefined =>
    Array.isArray(versions[key]) ? (versions[key] as readonly unknown[]).some((v) => String(v) === String(version)) : undefined;
  return has('include') ?? !(has('exclude') ?? false);
}
