import { type Args, bind, Dict, Float, Native, Obj, PyError, type Site, signature, str, toJs, type Value } from '../jinja/index.ts';
import { fail, type Span } from '../text/index.ts';
import { floatToData, type Json } from './convert.ts';

export interface RefCall {
  readonly name: string;
  readonly package: string | null;
  readonly version: string | number | null;
  readonly at: Span;
}

export interface SourceCall {
  readonly source: string;
  readonly table: string;
  readonly at: Span;
}

/** A call of `function([package,] name)`. */
export type FunctionCall = Omit<RefCall, 'version'>;

/** What rendering a template once, without a database, tells about it. */
export class Captured {
  readonly refs: RefCall[] = [];
  readonly sources: SourceCall[] = [];
  readonly metrics: { readonly name: string; readonly package: string | null }[] = [];
  readonly functions: FunctionCall[] = [];
  readonly macros = new Set<string>();
  readonly envVars = new Set<string>();
  /** The arguments of each `config()` call, in order, with the place of the call. */
  readonly configs: { readonly call: { readonly [key: string]: Json }; readonly at: Span }[] = [];
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

export function sourceCall(args: Args, site: Site): SourceCall {
  const [source, table] = args.positional;
  if (args.positional.length !== 2 || typeof source !== 'string' || typeof table !== 'string')
    return fail('source-arguments', { count: args.positional.length }, { at: site.at });
  return { source, table, at: site.at };
}

/** `config` while parsing: calls are recorded, and every way of reading answers the empty string, as dbt does. */
export class ParseConfig extends Native {
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
  // Without a prototype, which a key of the name would replace.
  const call: Record<string, Json> = Object.create(null);
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
