import { callArgs, callValue, Dict, Native, type Signature, signature, str, truthy, type Value } from '../jinja/index.ts';
import { fail, type Span } from '../text/index.ts';
import { native } from './base.ts';
import { type Json, jsonToValue } from './convert.ts';

// Made once: templates read `config.get` many times a node.
const GET = signature('get', 0, 'name', 'default=', 'validator=');
const REQUIRE = signature('require', 0, 'name', 'validator=');
const META_GET = signature('meta_get', 0, 'name', 'default=', 'validator=');
const META_REQUIRE = signature('meta_require', 0, 'name', 'validator=');
const SET = signature('set', 0, 'name', 'value');

type Config = { readonly [key: string]: Json };

/** `config` at run time: calling it does nothing, since the parser has taken its values; reading answers what the node has in the end. */
export class RuntimeConfig extends Native {
  private readonly node: string;
  private readonly values: Config;
  private readonly model: () => Value;
  private readonly converted = new Map<string, Value>();

  /** `values`: the node's whole configuration; empty where there is no node. */
  constructor(node: string, values: Config, model: () => Value) {
    super('config', () => '');
    this.node = node;
    this.values = values;
    this.model = model;
  }

  override attr(name: string): Value | undefined {
    switch (name) {
      case 'get':
        return this.reader(GET, (key) => this.value(key), false);
      case 'require':
        return this.reader(REQUIRE, (key) => this.value(key), true);
      case 'meta_get':
        return this.reader(META_GET, (key) => this.meta(key), false);
      case 'meta_require':
        return this.reader(META_REQUIRE, (key) => this.meta(key), true);
      case 'set':
        return native(SET, () => '');
      case 'persist_relation_docs':
        return native(signature(name, 0), () => this.persists('relation'));
      case 'persist_column_docs':
        return native(signature(name, 0), () => this.persists('columns'));
      case 'model':
        return this.model();
      default:
        return undefined;
    }
  }

  private reader(sig: Signature, find: (key: string) => Value | undefined, required: boolean): Value {
    return native(sig, ([name, second, third], at) => {
      const key = str(name as Value);
      const found = find(key);
      if (found === undefined && required) return this.missing(key, at);
      const validator = required ? second : third;
      const answer = found ?? (required ? null : (second ?? null));
      // dbt validates a value that is read with `get` only where a default is given.
      if (validator !== undefined && validator !== null && (required || second !== undefined)) callValue(validator, callArgs(answer), { at });
      return answer;
    });
  }

  private missing(key: string, at: Span): never {
    return fail('config-missing', { node: this.node, key }, { at });
  }

  private value(key: string): Value | undefined {
    const known = this.converted.get(key);
    if (known !== undefined) return known;
    // As in dbt, hooks are read by the name that is a word of Python.
    const name = HOOK_KEYS.get(key) ?? key;
    if (key.includes('-') || !Object.hasOwn(this.values, name)) return undefined;
    const value = jsonToValue(this.values[name]);
    this.converted.set(key, value);
    return value;
  }

  private meta(key: string): Value | undefined {
    const meta = this.value('meta');
    return meta instanceof Dict ? meta.get(key) : undefined;
  }

  private persists(what: string): boolean {
    const docs = this.value('persist_docs');
    const wanted = docs instanceof Dict ? docs.get(what) : undefined;
    return wanted !== undefined && truthy(wanted);
  }
}

const HOOK_KEYS: ReadonlyMap<string, string> = new Map([
  ['pre_hook', 'pre-hook'],
  ['post_hook', 'post-hook'],
]);
