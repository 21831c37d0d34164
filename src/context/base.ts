import { createHash } from 'node:crypto';
import {
  type Args,
  bind,
  Dict,
  equals,
  fromJs,
  iterate,
  jsonDumps,
  jsonLoads,
  Native,
  Obj,
  PyError,
  PySet,
  Return,
  type Signature,
  signature,
  str,
  Tuple,
  tryIterate,
  utcDatetime,
  type Value,
} from '../jinja/index.ts';
import { addRelated, closest, Diagnostics, fail, parseYaml, type Span, sourceFile } from '../text/index.ts';
import { yamlToValue } from './convert.ts';
import type { Invocation } from './invocation.ts';
import { dumpYaml } from './yaml.ts';

/** What base members need to know of the template they are made for. */
export interface BaseHost {
  readonly invocation: Invocation;
  readonly packageName: string;
  readonly threadId: string;
  /** True at run time: a variable without value and default is then an error; while parsing it is None. */
  readonly requireVars: boolean;
  /** Told of every environment variable that a template reads. */
  readonly onEnvVar?: (name: string) => void;
  /** Renders a string variable that holds Jinja. */
  renderText(text: string, what: string): Value;
}

type Maker = (host: BaseHost) => Value;

/** A host function with a Python signature: arguments arrive by position, undefined where an optional one is absent. */
export function native(sig: Signature, body: (a: readonly (Value | undefined)[], at: Span) => Value): Native {
  return new Native(sig.name, (args, site) => body(bind(sig, args), site.at));
}

const secret = /^DBT_ENV_SECRET/;

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['var', varMember],
  ['env_var', envVarMember],
  ['return', () => new Return()],
  [
    'fromjson',
    () =>
      native(signature('fromjson', 0, 'string', 'default='), ([text, fallback]) =>
        orElse(() => jsonLoads(needText(text)), fallback, ['JSONDecodeError', 'ValueError']),
      ),
  ],
  [
    'tojson',
    () =>
      native(signature('tojson', 0, 'value', 'default=', 'sort_keys='), ([value, fallback, sortKeys]) =>
        orElse(() => jsonDumps(value as Value, { sortKeys: sortKeys === true }), fallback, ['ValueError']),
      ),
  ],
  ['fromyaml', () => native(signature('fromyaml', 0, 'value', 'default='), ([text, fallback]) => orElse(() => parseYamlText(needText(text)), fallback))],
  [
    'toyaml',
    () =>
      native(signature('toyaml', 0, 'value', 'default=', 'sort_keys='), ([value, fallback, sortKeys]) =>
        orElse(() => dumpYaml(value as Value, sortKeys === true), fallback),
      ),
  ],
  ['set', () => native(signature('set', 0, 'value', 'default='), ([value, fallback]) => orElse(() => new PySet(iterate(value as Value)), fallback))],
  ['set_strict', () => native(signature('set_strict', 0, 'value'), ([value]) => new PySet(iterate(value as Value)))],
  ['zip', () => new Native('zip', (args) => orElse(() => zipped(args), args.named.get('default')))],
  ['zip_strict', () => new Native('zip_strict', (args) => zipped(args))],
  [
    'log',
    (host) =>
      native(signature('log', 0, 'msg', 'info='), ([message, info]) => {
        host.invocation.output.log(scrub(str(message as Value), host.invocation.env), info === true);
        return '';
      }),
  ],
  [
    'print',
    (host) =>
      native(signature('print', 0, 'msg'), ([message]) => {
        host.invocation.output.print(scrub(str(message as Value), host.invocation.env));
        return '';
      }),
  ],
  ['run_started_at', (host) => utcDatetime(host.invocation.startedAt)],
  ['invocation_id', (host) => host.invocation.id],
  ['thread_id', (host) => host.threadId],
  ['dbt_version', (host) => host.invocation.dbtVersion],
  ['project_name', (host) => host.invocation.projectName],
  ['target', (host) => host.invocation.target],
  ['env', (host) => host.invocation.target],
  ['flags', (host) => new FlagsValue(host.invocation.flags)],
  ['invocation_args_dict', (host) => argsDict(host.invocation.args)],
  ['diff_of_two_dicts', () => native(signature('diff_of_two_dicts', 0, 'dict_a', 'dict_b'), ([a, b]) => diffOfDicts(a as Value, b as Value))],
  ['local_md5', () => native(signature('local_md5', 0, 'value'), ([text]) => createHash('md5').update(needText(text), 'utf8').digest('hex'))],
  ['dbt_metadata_envs', (host) => metadataEnvs(host.invocation.env)],
]);

/** The arguments of the invocation; what is given many times is a tuple, as Python's command lines have it. */
function argsDict(args: Invocation['args']): Value {
  return new Dict(Object.entries(args).map(([key, value]): [Value, Value] => [key, Array.isArray(value) ? new Tuple(value.map(fromJs)) : fromJs(value)]));
}

/** A member that every template sees, or undefined where this name is none of them. */
export function baseMember(name: string, host: BaseHost): Value | undefined {
  return makers.get(name)?.(host);
}

/** The names of {@link baseMember}. */
export function baseNames(): Iterable<string> {
  return makers.keys();
}

/** The flags that templates see, all of them and no others, with what they are where the invocation says nothing. */
const FLAG_DEFAULTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...(
    ['FAIL_FAST', 'CACHE_SELECTED_ONLY', 'DEBUG', 'LOG_CACHE_EVENTS', 'QUIET', 'USE_EXPERIMENTAL_PARSER', 'FULL_REFRESH', 'STORE_FAILURES', 'EMPTY'] as const
  ).map((name): [string, Value] => [name, false]),
  ...(['INTROSPECT', 'PARTIAL_PARSE', 'SEND_ANONYMOUS_USAGE_STATS', 'STATIC_PARSER', 'USE_COLORS', 'VERSION_CHECK', 'WRITE_JSON'] as const).map(
    (name): [string, Value] => [name, true],
  ),
  ...(['INVOCATION_COMMAND', 'LOG_PATH', 'NO_PRINT', 'PROFILES_DIR', 'TARGET_PATH', 'WARN_ERROR', 'WHICH'] as const).map((name): [string, Value] => [
    name,
    null,
  ]),
  ['INDIRECT_SELECTION', 'eager'],
  ['LOG_FORMAT', 'default'],
  ['PRINTER_WIDTH', 80],
  ['WARN_ERROR_OPTIONS', new Dict()],
]);

/** `flags`: settings of the invocation by upper-case name. As in dbt, flags outside of the list are undefined, and the object is no dict. */
class FlagsValue extends Obj {
  readonly typeName = 'Namespace';
  private readonly settings: ReadonlyMap<string, Value>;
  constructor(settings: ReadonlyMap<string, Value>) {
    super();
    this.settings = settings;
  }
  override attr(name: string): Value | undefined {
    const otherwise = FLAG_DEFAULTS.get(name);
    return otherwise === undefined ? undefined : (this.settings.get(name) ?? otherwise);
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attr(key) : undefined;
  }
  override contains(item: Value): boolean {
    return typeof item === 'string' && FLAG_DEFAULTS.has(item);
  }
  override truthy(): boolean {
    return true;
  }
}

/** `var`, which is a function with the method `has_var`. */
class VarFunction extends Native {
  private readonly host: BaseHost;
  constructor(host: BaseHost) {
    super('var', (args, site) => {
      const [name, fallback] = bind(varSignature, args);
      return lookUpVar(host, str(name as Value), fallback, site.at);
    });
    this.host = host;
  }
  override attr(name: string): Value | undefined {
    if (name !== 'has_var') return super.attr(name);
    return native(signature('has_var', 0, 'var_name'), ([v]) => this.host.invocation.vars.find(str(v as Value), this.host.packageName) !== undefined);
  }
}

const varSignature = signature('var', 0, 'var_name', 'default=');

function varMember(host: BaseHost): Value {
  return new VarFunction(host);
}

function lookUpVar(host: BaseHost, name: string, fallback: Value | undefined, at: Span): Value {
  const { vars } = host.invocation;
  const found = vars.find(name, host.packageName);
  if (found === undefined) {
    if (fallback !== undefined) return fallback;
    if (!host.requireVars) return null;
    return fail('var-not-found', { name, near: closest(name, vars.names(host.packageName)) }, { at });
  }
  if (typeof found === 'string') return found.includes('{{') || found.includes('{%') ? renderVar(host, name, found, at) : found;
  return yamlToValue(found);
}

/** A variable that is a template; a mistake in it is told with the place that reads it. */
function renderVar(host: BaseHost, name: string, text: string, at: Span): Value {
  try {
    return host.renderText(text, `variable ${name}`);
  } catch (e) {
    throw addRelated(e, [{ message: `in the variable \`${name}\`, read here`, at }]);
  }
}

function envVarMember(host: BaseHost): Value {
  return native(signature('env_var', 0, 'var', 'default='), ([name, fallback], at) => {
    const key = str(name as Value);
    if (secret.test(key)) return fail('env-var-secret', { name: key }, { at });
    host.onEnvVar?.(key);
    const found = own(host.invocation.env, key);
    if (found !== undefined) return found;
    if (fallback !== undefined && fallback !== null) return fallback;
    return fail('env-var-missing', { name: key }, { at });
  });
}

/** A record's own value: no name reaches what JavaScript gives every object. */
function own(record: Readonly<Record<string, string | undefined>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Whether there is anything for {@link scrub} to do. */
export function hasSecrets(env: Readonly<Record<string, string | undefined>>): boolean {
  return Object.entries(env).some(([key, value]) => value && secret.test(key));
}

/** Replaces the values of secret environment variables in a text that leaves dml. */
export function scrub(text: string, env: Readonly<Record<string, string | undefined>>): string {
  let out = text;
  for (const [key, value] of Object.entries(env)) if (value && secret.test(key)) out = out.replaceAll(value, '*****');
  return out;
}

function metadataEnvs(env: Readonly<Record<string, string | undefined>>): Value {
  const prefix = 'DBT_ENV_CUSTOM_ENV_';
  const out = new Dict();
  for (const [key, value] of Object.entries(env)) if (key.startsWith(prefix) && value !== undefined) out.set(key.slice(prefix.length), value);
  return out;
}

function needText(v: Value | undefined): string {
  if (typeof v !== 'string') throw new PyError('TypeError', 'expected a string');
  return v;
}

/** The default where a conversion fails, as dbt's forgiving members do; `kinds`: the only exceptions that they forgive. */
function orElse(body: () => Value, fallback: Value | undefined, kinds?: readonly string[]): Value {
  try {
    return body();
  } catch (e) {
    if (e instanceof PyError && (kinds === undefined || kinds.includes(e.kind))) return fallback ?? null;
    throw e;
  }
}

function zipped(args: Args): Value {
  const lists = args.positional.map((a) => {
    const items = tryIterate(a);
    if (items === undefined) throw new PyError('TypeError', 'zip argument is not iterable');
    return [...items];
  });
  const n = lists.length === 0 ? 0 : Math.min(...lists.map((l) => l.length));
  return Array.from({ length: n }, (_, i) => new Tuple(lists.map((l) => l[i] as Value)));
}

/** What `a` has beyond `b`, key by key, keys compared without case: the grants to give or to take back. */
function diffOfDicts(a: Value, b: Value): Value {
  if (!(a instanceof Dict)) return new Dict();
  if (!(b instanceof Dict)) throw new PyError('TypeError', 'diff_of_two_dicts expects two dictionaries');
  const lower = new Map<string, Value[]>();
  for (const [key, value] of b.entries())
    lower.set(
      str(key).toLowerCase(),
      [...iterate(value)].map((x) => str(x).toLowerCase()),
    );
  const out = new Dict();
  for (const [key, value] of a.entries()) {
    const there = lower.get(str(key).toLowerCase());
    if (there === undefined) {
      out.set(key, value);
      continue;
    }
    const rest = [...iterate(value)].filter((x) => !there.some((y) => equals(y, str(x).toLowerCase())));
    if (rest.length > 0) out.set(key, rest);
  }
  return out;
}

function parseYamlText(text: string): Value {
  const sink = new Diagnostics();
  const doc = parseYaml(sourceFile('<fromyaml>', text), sink);
  if (!doc || sink.errors.length > 0) throw new PyError('YAMLError', 'invalid YAML');
  return yamlToValue(doc.value);
}
