import { createHash } from 'node:crypto';
import { floatToData, jsonToValue, type MacroDef, type Names, yamlToData, yamlToValue } from '../context/index.ts';
import { analyze, Dict, Float, repr, sorted, str, toJs, type Value } from '../jinja/index.ts';
import { Renderer } from '../read/index.ts';
import { closest, isMap, type Span, type Yaml, type YamlMap, yamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { texts } from './columns.ts';
import { isJsonMap } from './config.ts';
import { contractTests, dataContract } from './data-contract.ts';
import type { Json, JsonMap, RefArgs } from './manifest.ts';
import { addNode } from './nodes.ts';
import { type Entry, testsOf } from './patches.ts';

/** What a generic test is attached to. */
export interface TestTarget {
  readonly entry: Entry;
  readonly kind: 'node' | 'source';
  /** Of a node its name; of a source's table `source_table`, as it stands in the test's name. */
  readonly name: string;
  readonly version: string | number | null;
  /** `ref('orders')` or `source('shop', 'orders')`, the test's `model` argument. */
  readonly expression: string;
  readonly ref: RefArgs | undefined;
  readonly source: readonly [string, string] | undefined;
  readonly attached: string | null;
  readonly group: string | null;
  readonly tags: readonly string[];
  readonly fileKey: string;
  readonly quoteColumns: boolean;
}

/** Settings of a test that may stand beside its arguments. */
const CONFIG_KEYS: ReadonlySet<string> = new Set([
  'severity',
  'tags',
  'enabled',
  'where',
  'limit',
  'warn_if',
  'error_if',
  'fail_calc',
  'store_failures',
  'store_failures_as',
  'meta',
  'database',
  'schema',
  'alias',
]);

const NAME = /^(?:([a-zA-Z_][0-9a-zA-Z_]*)\.)?([a-zA-Z_][0-9a-zA-Z_]*)/;

/**
 * Makes the nodes of all tests of a model, seed, snapshot or source table and of its columns. `map` is its entry, with what stands for tests without being a
 * list of them.
 */
export function addTests(b: Build, target: TestTarget, columns: readonly YamlMap[], tests: readonly Yaml[], map: YamlMap): void {
  const { document } = target.entry;
  for (const column of columns) {
    const list = testsOf(column, document, b.sink);
    const below = list.length === 0 ? undefined : testedColumn(b, target, column);
    for (const [i, t] of list.entries()) addTest(b, target, t, below, document.valueSpan(list as Yaml[], i));
  }
  for (const [i, t] of tests.entries()) addTest(b, target, t, undefined, document.valueSpan(tests as Yaml[], i));
  addContractTests(b, target, columns, tests, map);
}

interface TestedColumn {
  /** As it stands in SQL. */
  readonly name: string;
  readonly tags: readonly string[];
}

function testedColumn(b: Build, target: TestTarget, column: YamlMap): TestedColumn {
  const quoted = typeof column.quote === 'boolean' ? column.quote : target.quoteColumns;
  const name = str(yamlToValue(column.name ?? ''));
  const config = column.config !== undefined && isMap(column.config) ? column.config : undefined;
  const tags = [...texts(yamlToData(column.tags ?? null) as Json), ...(config ? texts(yamlToData(config.tags ?? null) as Json) : [])];
  return { name: quoted ? b.invocation.dialect.quote(name) : name, tags };
}

/** Makes the tests that a `data_contract:` stands for; those that are written out too are as they are written. */
function addContractTests(b: Build, target: TestTarget, columns: readonly YamlMap[], tests: readonly Yaml[], map: YamlMap): void {
  const block = dataContract(map);
  if (!block) return;
  const { document } = target.entry;
  const on = target.version === null ? target.name : `${target.name}_v${target.version}`;
  const written = new Set<string>();
  const note = (column: YamlMap | undefined, list: readonly Yaml[]): void => {
    for (const t of list) {
      const definition = define(b, target, t, undefined, target.entry.at, true);
      if (definition) written.add(JSON.stringify([column?.name ?? null, definition.name, argumentsOf(definition.args)]));
    }
  };
  note(undefined, tests);
  for (const column of columns) note(column, testsOf(column, document, b.sink));
  for (const { column, test, args, name, config, at } of contractTests(
    block,
    `data_contract_${target.kind === 'source' ? 'source_' : ''}${on}`,
    document,
    b.sink,
  )) {
    if (written.has(JSON.stringify([column ?? null, test, argumentsOf(new Map(Object.entries(args)))]))) continue;
    const body = Object.assign(yamlMap(), { arguments: args }, name !== undefined && { name }, config && { config });
    const declared = columns.find((c) => c.name === column) ?? Object.assign(yamlMap(), { name: column ?? '' });
    addTest(b, target, Object.assign(yamlMap(), { [test]: body }), column === undefined ? undefined : testedColumn(b, target, declared), at);
  }
}

/** Arguments in the order of their names, as plain data to compare. */
function argumentsOf(args: ReadonlyMap<string, Yaml>): unknown {
  return [...args]
    .filter(([k]) => k !== 'model')
    .map(([k, v]) => [k, yamlToData(v)])
    .sort(([a], [c]) => byCodePoint(String(a), String(c)));
}

interface Definition {
  readonly name: string;
  readonly namespace: string | null;
  /** What the test's macro is called with, `model` and `column_name` included; as written. */
  readonly args: Map<string, Yaml>;
  readonly config: Record<string, Json>;
  readonly ownName: string | undefined;
  readonly description: string;
}

function addTest(b: Build, target: TestTarget, written: Yaml, column: TestedColumn | undefined, at: Span): void {
  const definition = define(b, target, written, column?.name, at);
  if (!definition) return;
  const { name, namespace, args, config } = definition;
  const values = new Dict([...args].map(([k, v]): [Value, Value] => [k, yamlToValue(v)]));
  const names = definition.ownName === undefined ? synthesized(target, definition, values) : { short: definition.ownName, full: definition.ownName };
  if (names.short !== names.full && !('alias' in config)) config.alias = names.short;
  const macroName = `test_${name}`;
  const macro = findMacro(b, target, namespace, macroName);
  if (!macro) {
    const known = [...b.invocation.registry.scope(target.entry.package.name).names()].filter((n) => n.startsWith('test_')).map((n) => n.slice(5));
    b.sink.add('test-not-found', { name: namespace === null ? name : `${namespace}.${name}`, near: closest(name, known) }, { at });
    return;
  }
  const quick = macro.unique_id === 'macro.dbt.test_not_null' || macro.unique_id === 'macro.dbt.test_unique';
  // These two are known: their macros need not be read.
  const known = quick && args.has('column_name') && [...args.keys()].every((k) => k === 'model' || k === 'column_name');
  if (!known && !takesAll(b, macro, args, name, at)) return;
  const own = b.invocation.registry.isInternal(macro.package_name);
  if (!known && own && config.enabled !== false && !suits(b, macro, args, name, at)) return;
  const metadata: JsonMap = { name, kwargs: toJson(values), namespace };
  const hash = testHash(names.full, namespace, name, values);
  const file = target.entry.input.source.path;
  const call = namespace === null ? macroName : `${namespace}.${macroName}`;
  const raw = `{{ ${call}(**_dbt_generic_test_kwargs) }}${configCall(config)}`;
  const node = addNode(b, {
    kind: 'test',
    name: names.full,
    package: target.entry.package,
    input: target.entry.input,
    path: `${names.short}.sql`,
    fqn: [target.entry.package.name, ...file.split('/').slice(1, -1), names.full],
    raw,
    template: quick ? undefined : b.invocation.environment.parse({ path: file, text: raw }),
    at,
    made: at,
    uniqueId: `test.${target.entry.package.name}.${names.full}.${hash}`,
    checksum: { name: 'none', checksum: '' },
    tags: [...new Set([...target.tags, ...(column?.tags ?? []), ...texts(config.tags)])].sort(),
    calls: config,
    macros: [macro.unique_id],
    ...(quick && target.ref && { refs: [target.ref] }),
    ...(quick && target.source && { sources: [target.source] }),
    ...(!quick && { prepare: (n: Names) => n.set('_dbt_generic_test_kwargs', renderKwargs(n, metadata.kwargs as JsonMap)) }),
    extra: {
      description: definition.description,
      contract: { enforced: false, alias_types: true, checksum: null },
      test_metadata: metadata,
      column_name: column?.name ?? null,
      file_key_name: target.fileKey,
      attached_node: target.attached,
      ...(target.group !== null && { group: target.group }),
    },
  });
  if (node && target.group !== null) (node as { group: string | null }).group = target.group;
}

/** Whether a test's macro takes all arguments that are given; tells of the first it does not. */
function takesAll(b: Build, macro: MacroDef, args: ReadonlyMap<string, Yaml>, name: string, at: Span): boolean {
  const { statement } = macro.unit();
  const params = statement.params.map((p) => p.name);
  const unknown = [...args.keys()].find((k) => !params.includes(k));
  // A macro that reads `kwargs` takes any.
  if (unknown === undefined || analyze(statement).names.has('kwargs')) return true;
  const settable = params.filter((p) => p !== 'model');
  b.sink.add(
    'test-argument',
    {
      test: name,
      argument: unknown,
      near: closest(
        unknown,
        settable.filter((p) => !args.has(p)),
      ),
      takes: settable,
    },
    { at },
  );
  return false;
}

/** Whether one of dml's own tests has all the arguments it cannot do without, each of a kind that means something; tells of the first that is not so. */
function suits(b: Build, macro: MacroDef, args: ReadonlyMap<string, Yaml>, test: string, at: Span): boolean {
  const needed = macro.unit().statement.params.filter((p) => p.fallback === undefined && (args.get(p.name) ?? null) === null);
  const [missing] = needed;
  if (missing) {
    b.sink.add('test-argument-missing', { test, argument: missing.name }, { at });
    return false;
  }
  for (const [argument, value] of args) {
    const wanted = problemOf(test, argument, value);
    if (wanted === undefined) continue;
    b.sink.add('test-argument-type', { test, argument, wanted, given: repr(yamlToValue(value)) }, { at });
    return false;
  }
  return true;
}

const SWITCHES: ReadonlySet<string> = new Set([
  'quote',
  'inclusive',
  'ignore_case',
  'strict',
  'trim_whitespace',
  'ordered',
  'ignore_nulls',
  'zero_length_range_allowed',
]);
const SQL_TEXTS: ReadonlySet<string> = new Set([
  'to',
  'field',
  'expression',
  'other_column',
  'operator',
  'compare_model',
  'row_condition',
  'lower_bound_column',
  'upper_bound_column',
]);

/** What an argument must be, where its value is something else that would mean nothing or, worse, something. Templates may come to anything. */
function problemOf(test: string, argument: string, value: Yaml): string | undefined {
  if (value === null || (typeof value === 'string' && /\{[{%]/.test(value))) return undefined;
  if (SWITCHES.has(argument)) return typeof value === 'boolean' ? undefined : 'true or false';
  if (argument === 'min_value' || argument === 'max_value')
    return typeof value === 'boolean' || Array.isArray(value) || isMap(value) ? 'a number or SQL' : undefined;
  if (SQL_TEXTS.has(argument)) return Array.isArray(value) || isMap(value) ? 'a text' : undefined;
  if (argument === 'values' && test === 'accepted_values') return Array.isArray(value) && value.length > 0 ? undefined : 'a list that is not empty';
  return undefined;
}

/** Takes a test's YAML apart: its name, its arguments, its settings. Undefined, with a diagnostic (unless it is `told`), where it cannot be understood. */
function define(b: Build, target: TestTarget, written: Yaml, column: string | undefined, at: Span, told = false): Definition | undefined {
  const bad = (problem: string): undefined => {
    if (!told) b.sink.add('test-shape', { problem }, { at });
    return undefined;
  };
  let test: string;
  let given: YamlMap;
  if (typeof written === 'string') [test, given] = [written, {}];
  else if (!isMap(written)) return bad('a test is a name, or a mapping from its name to its arguments');
  else if ('test_name' in written) {
    const { test_name: name, ...rest } = written;
    [test, given] = [String(name), rest];
  } else {
    const [name, ...more] = Object.keys(written);
    if (name === undefined || more.length > 0) return bad('a test has exactly one name; its arguments and its `config:` go below it, one level deeper');
    const value = written[name];
    if (value !== null && !isMap(value as Yaml)) return bad(`the arguments of \`${name}\` must be a mapping`);
    [test, given] = [name, (value ?? {}) as YamlMap];
  }
  const match = NAME.exec(test);
  if (!match) return bad(`\`${test}\` is not the name of a test`);
  const args = new Map<string, Yaml>();
  const raw: Record<string, Yaml> = { ...given };
  if (column !== undefined) raw.column_name = column;
  // Where the project switches the property off, `arguments` is the name of an argument like any other.
  const nesting = b.invocation.args['require_generic_test_arguments_property'] !== false;
  if (nesting && 'arguments' in raw) {
    const { arguments: nested, ...rest } = raw;
    for (const k of Object.keys(raw)) delete raw[k];
    Object.assign(raw, rest, isMap(nested as Yaml) ? nested : {});
  }
  const block = raw.config === undefined || raw.config === null ? {} : raw.config;
  if (!isMap(block)) return bad('`config:` of a test must be a mapping');
  const config: Record<string, Json> = {};
  for (const key of CONFIG_KEYS) {
    const beside = raw[key];
    if (beside !== undefined && beside !== null && key in block) return bad(`\`${key}\` is given twice: beside \`config:\` and in it`);
    const holder = beside ? (key in given ? given : (given.arguments as YamlMap)) : block;
    const value = beside || block[key];
    if (value !== undefined && value !== null) config[key] = setting(b, target, holder, key);
  }
  for (const [key, value] of Object.entries(block)) if (!CONFIG_KEYS.has(key) && value !== null) config[key] = setting(b, target, block, key);
  for (const [key, value] of Object.entries(raw)) if (!CONFIG_KEYS.has(key) && !['config', 'name', 'description'].includes(key)) args.set(key, value);
  if (args.has('model')) return bad('a test cannot have an argument named `model`');
  args.set('model', `{{ get_where_subquery(${target.expression}) }}`);
  return {
    name: match[2] as string,
    namespace: match[1] ?? null,
    args,
    config,
    ownName: raw.name === undefined ? undefined : str(yamlToValue(raw.name)),
    description: typeof raw.description === 'string' ? raw.description : '',
  };
}

/** A setting of a test: texts are rendered now, so that `severity: "{{ var('x') }}"` works. */
function setting(b: Build, target: TestTarget, container: YamlMap, key: string): Json {
  const value = container[key] ?? null;
  if (typeof value !== 'string' || !/\{\{|\{%/.test(value)) return yamlToData(value) as Json;
  const renderer = new Renderer({ env: b.invocation.env, vars: yamlMap(), secrets: false, more: b.schemaNames(target.entry.package.name) }, b.sink);
  return yamlToData(renderer.scalar(target.entry.document, container, key) ?? null) as Json;
}

function findMacro(b: Build, target: TestTarget, namespace: string | null, name: string): MacroDef | undefined {
  return b.invocation.registry.scope(target.entry.package.name).from(namespace, name);
}

function synthesized(target: TestTarget, { name, namespace }: Definition, values: Dict): TestNames {
  const type = `${namespace === null ? '' : `${namespace}_`}${target.kind === 'source' ? 'source_' : ''}${name}`;
  return testNames(type, target.version === null ? target.name : `${target.name}_v${target.version}`, values);
}

export interface TestNames {
  readonly short: string;
  readonly full: string;
}

/** The name of a generic test as dbt makes it of its type, what it is on, and its arguments in the order of their names; and a short form of under 64 characters. */
export function testNames(type: string, on: string, args: Dict): TestNames {
  const flat: string[] = [];
  for (const key of [...args.keys()].map(str).sort(byCodePoint)) {
    if (key === 'model') continue;
    const value = args.get(key) ?? null;
    const parts = value instanceof Dict ? [...value.values()] : Array.isArray(value) ? value : [value];
    for (const part of parts) flat.push(str(part).replace(/[^0-9a-zA-Z_]+/g, '_'));
  }
  const head = `${type}_${on}`;
  const full = `${head}_${flat.join('__')}`;
  // Python counts and cuts by code points.
  const points = [...full];
  return { full, short: points.length >= 64 ? `${[...head].slice(0, 30).join('')}_${md5(full)}` : full };
}

/** The end of a generic test's id: the same for the same name and arguments, in every run and in dbt. */
export function testHash(full: string, namespace: string | null, name: string, args: Dict): string {
  return md5(`${full}{'kwargs': ${hashable(args)}, 'name': ${repr(name)}, 'namespace': ${repr(str(namespace))}}`).slice(-10);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

/** The text of a test's arguments that its id is a hash of: as Python prints them with keys sorted and every leaf as text. */
function hashable(v: Value): string {
  if (v instanceof Dict)
    return `{${sorted(v.keys())
      .map((k) => `${repr(k)}: ${hashable(v.get(k) ?? null)}`)
      .join(', ')}}`;
  return Array.isArray(v) ? `[${v.map(hashable).join(', ')}]` : repr(str(v));
}

function toJson(v: Value): Json {
  if (v instanceof Dict) return Object.fromEntries([...v.entries()].map(([k, x]) => [str(k), toJson(x)]));
  if (Array.isArray(v)) return v.map(toJson);
  if (v instanceof Float) return floatToData(v.value);
  return toJs(v) as Json;
}

/** The settings of a test as the `config()` call at the end of its template. */
function configCall(config: JsonMap): string {
  const parts = Object.entries(config).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? `"${value.replaceAll('"', '\\"')}"` : str(jsonToValue(value))}`,
  );
  return parts.length === 0 ? '' : `{{ config(${parts.join(',')}) }}`;
}

const LOOKS_LIKE_CALL = /^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$/;

/** The arguments of a generic test as its macro gets them: texts are rendered, and a text that looks like `ref('x')` is one. Collects dependencies while parsing. */
export function renderKwargs(names: Names, kwargs: JsonMap): Value {
  const render = (v: Json, path: readonly string[]): Value => {
    if (typeof v === 'string') {
      if (path.length === 1 && path[0] === 'column_name') return v;
      const text = LOOKS_LIKE_CALL.test(v) ? `{{ ${v} }}` : v;
      return /\{\{|\{%|\{#/.test(text) ? names.renderNative(text, 'test arguments') : text;
    }
    if (Array.isArray(v)) return v.map((x: Json, i) => render(x, [...path, String(i)]));
    if (isJsonMap(v)) return new Dict(Object.entries(v).map(([k, x]): [Value, Value] => [k, render(x, [...path, k])]));
    return jsonToValue(v);
  };
  return new Dict(Object.entries(kwargs).map(([k, v]): [Value, Value] => [k, render(v, [k])]));
}
