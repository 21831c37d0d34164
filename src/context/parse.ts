import { type Args, bind, Dict, Float, Native, Obj, PyError, type Site, signature, str, toJs, type Value } from '../jinja/index.ts';
import { fail, type Span } from '../text/index.ts';
import { parseAdapter } from './adapter.ts';
import { native } from './base.ts';
import { floatToData, type Json } from './convert.ts';
import { exceptionsValue } from './exceptions.ts';
import type { Invocation } from './invocation.ts';
import type { MacroDef } from './macros.ts';
import { modulesValue } from './modules.ts';
import { Names } from './names.ts';
import { Resolver } from './runtime-config.ts';
import { apiValue, builtinsValue, commonMember, MacroStack, renderMember, tryOrCompilerError, validationValue } from './shared.ts';

export interface RefCall {
  readonly name: string;
  readonly package: string | null;
  readonly version: string | number | null;
  readonly at: Span;
}

/** What rendering a template once, without a database, tells about it. */
export class Captured {
  readonly refs: RefCall[] = [];
  readonly sources: { readonly source: string; readonly table: string; readonly at: Span }[] = [];
  readonly metrics: { readonly name: string; readonly package: string | null }[] = [];
  readonly functions: { readonly name: string; readonly package: string | null }[] = [];
  readonly macros = new Set<string>();
  readonly envVars = new Set<string>();
  /** The arguments of each `config()` call, in order, with the place of the call. */
  readonly configs: { readonly call: { readonly [key: string]: Json }; readonly at: Span }[] = [];
}

/** The node that is parsed, as its template sees itself. */
export interface ParsedSelf {
  readonly packageName: string;
  /** `this`, and what `ref()` and `source()` answer while parsing. */
  readonly relation: () => Value;
  readonly model: () => Value;
  readonly database: string | null;
  readonly schema: string;
}

/** The names a template sees while it is parsed: nothing runs, everything is recorded. `execute` is false, `run_query` answers None, `graph` is empty. */
export function parseNames(invocation: Invocation, self: ParsedSelf, captured: Captured): Names {
  return new Names({
    invocation,
    packageName: self.packageName,
    threadId: 'MainThread',
    requireVars: false,
    capture: true,
    memberNames: MEMBERS,
    member: (name, names) => member(name, names, self, captured),
    onMacro: (def: MacroDef) => captured.macros.add(def.unique_id),
    onEnvVar: (name) => captured.envVars.add(name),
  });
}

const MEMBERS = [
  'ref',
  'source',
  'config',
  'this',
  'model',
  'adapter',
  'api',
  'execute',
  'graph',
  'exceptions',
  'modules',
  'metric',
  'function',
  'builtins',
  'render',
  'write',
  'statement',
  'load_result',
  'store_result',
  'store_raw_result',
  'selected_resources',
  'database',
  'schema',
  'validation',
  'try_or_compiler_error',
  'load_agate_table',
  'sql',
  'compiled_code',
  'sql_now',
  'column',
  'adapter_macro',
  'context_macro_stack',
  'submit_python_job',
  'pre_hooks',
  'post_hooks',
  'defer_relation',
] as const;

function member(name: string, names: Names, self: ParsedSelf, captured: Captured): Value | undefined {
  switch (name) {
    case 'ref':
      return new Resolver('ref', names.invocation, (args, site) => {
        captured.refs.push(refCall(args, site));
        return self.relation();
      });
    case 'source':
      return new Resolver('source', names.invocation, (args, site) => {
        captured.sources.push(sourceCall(args, site));
        return self.relation();
      });
    case 'metric':
    case 'function':
      return new Native(name, (args, site) => {
        const { name: wanted, package: from } = refCall(args, site);
        (name === 'metric' ? captured.metrics : captured.functions).push({ name: wanted, package: from });
        return self.relation();
      });
    case 'config':
      return new ParseConfig(captured);
    case 'this':
      return self.relation();
    case 'model':
      return self.model();
    case 'adapter':
      return parseAdapter(names);
    case 'api':
      return apiValue(names);
    case 'execute':
      return false;
    case 'graph':
      return new Dict();
    case 'exceptions':
      return exceptionsValue(names.invocation.output);
    case 'modules':
      return modulesValue(names.invocation);
    case 'builtins':
      return builtinsValue(names);
    case 'render':
      return renderMember(names);
    case 'try_or_compiler_error':
      return tryOrCompilerError();
    case 'validation':
      return validationValue();
    case 'write':
      return native(signature('write', 0, 'payload'), () => '');
    case 'load_result':
      return native(signature('load_result', 0, 'name'), () => null);
    case 'store_result':
    case 'store_raw_result':
      return new Native(name, () => '');
    case 'load_agate_table':
      return native(signature('load_agate_table', 0), () => null);
    case 'selected_resources':
      return [];
    case 'context_macro_stack':
      return new MacroStack(names);
    case 'submit_python_job':
      return new Native(name, (_, site) => fail('python-model', { node: self.packageName }, { at: site.at }));
    case 'database':
      return self.database;
    case 'schema':
      return self.schema;
    case 'sql':
    case 'compiled_code':
    case 'defer_relation':
      return null;
    case 'pre_hooks':
    case 'post_hooks':
      return [];
    default:
      return commonMember(name, names);
  }
}

/** Reads the arguments of `ref([package,] name, v=...)`. */
export function refCall(args: Args, site: Site): RefCall {
  const { positional, named } = args;
  const wrong = (): never => fail('ref-arguments', { count: positional.length }, { at: site.at });
  if (positional.length < 1 || positional.length > 2) wrong();
  const name = positional[positional.length - 1];
  const from = positional.length === 2 ? positional[0] : null;
  if (typeof name !== 'string' || (from !== null && typeof from !== 'string')) wrong();
  const v = named.get('version') ?? named.get('v') ?? null;
  const version = v === null ? null : typeof v === 'number' ? v : str(v);
  return { name: name as string, package: from as string | null, version, at: site.at };
}

export function sourceCall(args: Args, site: Site): { readonly source: string; readonly table: string; readonly at: Span } {
  const [source, table] = args.positional;
  if (args.positional.length !== 2 || typeof source !== 'string' || typeof table !== 'string')
    return fail('source-arguments', { count: args.positional.length }, { at: site.at });
  return { source, table, at: site.at };
}

/** `config` while parsing: calls are recorded, and every way of reading answers the empty string, as dbt does. */
class ParseConfig extends Native {
  private readonly captured: Captured;
  constructor(captured: Captured) {
    super('config', (args, site) => {
      recordConfig(captured, args, site);
      return '';
    });
    this.captured = captured;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'get':
      case 'require':
      case 'meta_get':
      case 'meta_require':
        return new Native(name, () => '');
      case 'set':
        return new Native(name, (args, site) => {
          const [key, value] = bind(signature('set', 0, 'name', 'value'), args);
          this.captured.configs.push({ call: { [str(key as Value)]: plain(value as Value) }, at: site.at });
          return '';
        });
      case 'persist_relation_docs':
      case 'persist_column_docs':
        return new Native(name, () => false);
      default:
        return undefined;
    }
  }
}

/** Keeps a `config()` call. Throws a diagnostic where its arguments cannot be understood. */
export function recordConfig(captured: Captured, args: Args, site: Site): void {
  const [first] = args.positional;
  const call: Record<string, Json> = {};
  if (args.positional.length === 0) for (const [key, value] of args.named) call[key] = plain(value);
  else if (args.positional.length === 1 && args.named.size === 0 && first instanceof Dict)
    for (const [key, value] of first.entries()) call[str(key)] = plain(value);
  else fail('config-arguments', {}, { at: site.at });
  for (const [under, dashed] of [
    ['pre_hook', 'pre-hook'],
    ['post_hook', 'post-hook'],
  ] as const) {
    if (!(under in call)) continue;
    if (dashed in call) fail('config-both-hooks', { under, dashed }, { at: site.at });
    call[dashed] = call[under] as Json;
    delete call[under];
  }
  captured.configs.push({ call, at: site.at });
}

/** A config value as JSON; objects that have no JSON form (a relation, a macro) become their text. */
function plain(v: Value): Json {
  if (v instanceof Dict) return Object.fromEntries([...v.entries()].map(([k, x]) => [str(k), plain(x)]));
  if (Array.isArray(v)) return v.map(plain);
  if (v instanceof Float) return floatToData(v.value);
  try {
    const js = toJs(v);
    return typeof js === 'bigint' ? Number(js) : (js as Json);
  } catch (e) {
    if (v instanceof Obj && (e instanceof PyError || e instanceof TypeError)) return v.str();
    throw e;
  }
}
