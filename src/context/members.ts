import { Dict, Effectful, Native, type Program, signature, str, type Value } from '../jinja/index.ts';
import { fail } from '../text/index.ts';
import { parseAdapter, runAdapter } from './adapter.ts';
import type { AdapterHost } from './adapter-method.ts';
import { native } from './base.ts';
import { type Captured, type FunctionCall, ParseConfig, type RefCall, refCall, type SourceCall, sourceCall } from './captured.ts';
import { columnClass } from './column.ts';
import { type Json, jsonToValue } from './convert.ts';
import { exceptionsValue } from './exceptions.ts';
import { MetricReference } from './metric.ts';
import { modulesValue } from './modules.ts';
import type { Names } from './names.ts';
import { RuntimeConfig } from './run-config.ts';
import { Resolver } from './runtime-config.ts';
import { apiValue, MacroStack, Render, tryOrCompilerError, validationValue } from './shared.ts';

/** The node that is parsed, as its template sees itself. */
export interface ParsedSelf {
  readonly packageName: string;
  /** `this`, and what `ref()` and `source()` answer while parsing. */
  readonly relation: () => Value;
  readonly model: () => Value;
  readonly database: string | null;
  readonly schema: string;
  /** The hooks that the project's files give the node; none where absent. */
  readonly hooks?: (when: 'pre' | 'post') => Value;
  /** A generic test, whose template sees less than others while it is parsed. */
  readonly generic?: boolean;
}

/** A template that is parsed: the node it belongs to, and what is learned of it. */
export interface Parsing {
  readonly self: ParsedSelf;
  readonly captured: Captured;
}

/** What a template at run time knows of the node it belongs to and of the project around it. */
export interface RunHost {
  /** The node's unique id, for messages. */
  readonly id: string;
  readonly packageName: string;
  readonly threadId: string;
  readonly database: string | null;
  readonly schema: string;
  /** `this`: a relation, or None where there is none. */
  readonly self: () => Value;
  /** The node as templates see it. */
  readonly model: () => Value;
  readonly config: { readonly [key: string]: Json };
  readonly ref: (call: RefCall) => Value;
  readonly source: (call: SourceCall) => Value;
  readonly function: (call: FunctionCall) => Value;
  readonly metric: (call: RefCall) => Value;
  readonly graph: () => Value;
  readonly adapter: Omit<AdapterHost, 'names'>;
  /** Unique ids of the nodes that this run is about. */
  readonly selected: readonly string[];
  /** The compiled SQL; null while the node is being compiled. */
  readonly compiled: string | null;
  /** Keeps a text as the node's run SQL. */
  readonly write: (sql: string) => void;
  /** `load_agate_table()`, for seeds. */
  readonly seed?: () => Program;
  readonly hooks: { readonly pre: () => Value; readonly post: () => Value };
  /** A macro that is run by itself: names that tell of a node are not there. */
  readonly nodeless?: boolean;
  /** Further names: `results` of on-run-end, the arguments of a generic test. They hide others of their names. */
  readonly extra?: ReadonlyMap<string, Value>;
  /** What a unit test puts in the place of macros and names. */
  readonly overrides?: ReadonlyMap<string, Value>;
  /** `defer_relation`. */
  readonly counterpart?: Value;
}

/** What a name is while a template is parsed and while it runs. Undefined answers and absent makers: the name does not exist there. */
interface Member {
  readonly parse?: (names: Names, parsing: Parsing) => Value | undefined;
  readonly run?: (names: Names, host: RunHost) => Value | undefined;
}

/** A member that is the same in both. */
function both(make: (names: Names) => Value): Member {
  return { parse: make, run: make };
}

/** A member that generic tests do not have while they are parsed. */
function notInGeneric(make: (parsing: Parsing) => Value): NonNullable<Member['parse']> {
  return (_, parsing) => (parsing.self.generic ? undefined : make(parsing));
}

/** A member that only templates of nodes have at run time. */
function ofNode(make: (host: RunHost) => Value): NonNullable<Member['run']> {
  return (_, host) => (host.nodeless ? undefined : make(host));
}

const compiledSql: Member = { parse: notInGeneric(() => null), run: ofNode((host) => host.compiled) };

/** The members of templates that belong to nodes, beyond those that all templates have (`base.ts`). */
const MEMBERS: ReadonlyMap<string, Member> = new Map<string, Member>([
  [
    'ref',
    {
      parse: (names, { self, captured }) =>
        new Resolver('ref', names.invocation, (args, site) => {
          captured.refs.push(refCall(args, site));
          return self.relation();
        }),
      run: (names, host) => new Resolver('ref', names.invocation, (args, site) => host.ref(refCall(args, site))),
    },
  ],
  [
    'source',
    {
      parse: (names, { self, captured }) =>
        new Resolver('source', names.invocation, (args, site) => {
          captured.sources.push(sourceCall(args, site));
          return self.relation();
        }),
      run: (names, host) => new Resolver('source', names.invocation, (args, site) => host.source(sourceCall(args, site))),
    },
  ],
  [
    'metric',
    {
      parse: (_, { captured }) =>
        new Native('metric', (args, site) => {
          const call = refCall(args, site);
          captured.metrics.push(call);
          return new MetricReference(call.name, call.package);
        }),
      run: (_, host) => new Native('metric', (args, site) => host.metric(refCall(args, site))),
    },
  ],
  [
    'function',
    {
      parse: (names, { self, captured }) =>
        new Resolver('function', names.invocation, (args, site) => {
          captured.functions.push(refCall(args, site));
          return self.relation();
        }),
      run: (names, host) => new Resolver('function', names.invocation, (args, site) => host.function(refCall(args, site))),
    },
  ],
  ['config', { parse: (_, { captured }) => new ParseConfig(captured), run: (_, host) => new RuntimeConfig(host.id, host.config, host.model) }],
  ['this', { parse: notInGeneric(({ self }) => self.relation()), run: ofNode((host) => host.self()) }],
  ['model', { parse: (_, { self }) => self.model(), run: (_, host) => host.model() }],
  ['database', { parse: (_, { self }) => self.database, run: (_, host) => host.database }],
  ['schema', { parse: (_, { self }) => self.schema, run: (_, host) => host.schema }],
  ['adapter', { parse: (names) => parseAdapter(names), run: (names, host) => runAdapter({ ...host.adapter, names }) }],
  ['execute', { parse: () => false, run: () => true }],
  ['graph', { parse: () => new Dict(), run: (_, host) => host.graph() }],
  ['selected_resources', { parse: () => [], run: (_, host) => [...host.selected] }],
  ['sql', { parse: () => null, run: (_, host) => host.compiled }],
  ['compiled_code', compiledSql],
  ['defer_relation', { parse: notInGeneric(() => null), run: ofNode((host) => host.counterpart ?? null) }],
  ['pre_hooks', hooks('pre')],
  ['post_hooks', hooks('post')],
  ['write', { parse: () => native(WRITE, () => ''), run: (_, host) => native(WRITE, ([payload]) => written(host, payload as Value)) }],
  ['_sql_results', { parse: () => new Dict() }],
  ['load_result', { parse: () => native(signature('load_result', 0, 'name'), () => null) }],
  ['store_result', { parse: () => new Native('store_result', () => '') }],
  ['store_raw_result', { parse: () => new Native('store_raw_result', () => '') }],
  [
    'load_agate_table',
    {
      parse: () => native(signature('load_agate_table', 0), () => null),
      run: (_, host) => new Effectful('load_agate_table', (_, site) => (host.seed ? host.seed() : fail('agate-table', { node: host.id }, { at: site.at }))),
    },
  ],
  ['submit_python_job', { parse: (_, { self }) => noPython(self.packageName), run: (_, host) => noPython(host.id) }],
  ['api', both(apiValue)],
  ['exceptions', both((names) => exceptionsValue(names.invocation.output))],
  ['modules', both((names) => modulesValue(names.invocation))],
  ['render', both((names) => new Render(names))],
  ['try_or_compiler_error', both(tryOrCompilerError)],
  ['validation', both(validationValue)],
  ['context_macro_stack', both((names) => new MacroStack(names))],
  // Old names that dbt still has.
  ['sql_now', both(() => 'now()')],
  ['column', both((names) => columnClass(names.invocation.dialect))],
  ['adapter_macro', both(oldDispatch)],
]);

const WRITE = signature('write', 0, 'payload');

/** The names of the members of a template that belongs to a node. */
export function memberNames(): Iterable<string> {
  return MEMBERS.keys();
}

/** A member while a template is parsed; undefined where there is none of this name. */
export function parseMember(name: string, names: Names, parsing: Parsing): Value | undefined {
  return MEMBERS.get(name)?.parse?.(names, parsing);
}

/** A member while a template runs; undefined where there is none of this name. */
export function runMember(name: string, names: Names, host: RunHost): Value | undefined {
  return MEMBERS.get(name)?.run?.(names, host);
}

/** Hooks of a node as `pre_hooks` and `post_hooks` hold them: dicts with `sql` and `transaction`, and with `index` only where it is set. */
export function hookValues(given: Json): Value {
  const value = jsonToValue(given);
  if (Array.isArray(value)) for (const hook of value) if (hook instanceof Dict && hook.get('index') === null) hook.delete('index');
  return value;
}

function hooks(when: 'pre' | 'post'): Member {
  return { parse: (_, { self }) => (self.generic ? null : (self.hooks?.(when) ?? [])), run: (_, host) => (host.nodeless ? null : host.hooks[when]()) };
}

function written(host: RunHost, payload: Value): Value {
  host.write(str(payload));
  return '';
}

function noPython(node: string): Value {
  return new Native('submit_python_job', (_, site) => fail('python-model', { node }, { at: site.at }));
}

function oldDispatch(): Value {
  return new Native('adapter_macro', (_, site) =>
    fail(
      'macro-raised',
      { problem: '`adapter_macro` is not supported any more' },
      { at: site.at, hint: "call `adapter.dispatch('name', macro_namespace='package')(...)`" },
    ),
  );
}
