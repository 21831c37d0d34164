import { Obj, type Value } from '../value.ts';
import { normal, str } from './core.ts';
import { Dict } from './dict.ts';
import { Float } from './float.ts';
import { asText } from './markup.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';
import { Undefined } from './undefined.ts';

/** A host's plain data as a template sees it: objects and Maps become dicts, numbers with a fraction floats, undefined None. */
export function fromJs(v: unknown): Value {
  switch (typeof v) {
    case 'string':
    case 'boolean':
      return v;
    case 'number':
      return Number.isSafeInteger(v) ? v + 0 : new Float(v);
    case 'bigint':
      return normal(v);
    case 'object':
      break;
    default:
      return null;
  }
  if (v === null) return null;
  if (v instanceof Obj) return v;
  if (Array.isArray(v)) return v.map(fromJs);
  const dict = new Dict();
  if (v instanceof Map) for (const [key, value] of v) dict.set(fromJs(key), fromJs(value));
  else if (v instanceof Set) return new PySet([...v].map(fromJs));
  else for (const [key, value] of Object.entries(v)) dict.set(key, fromJs(value));
  return dict;
}

/** A template's value as plain data: dicts become objects without a prototype, tuples and sets arrays, floats numbers, undefined `undefined`, other objects their text. */
export function toJs(v: Value): unknown {
  if (v === null || typeof v !== 'object') return v;
  if (Array.isArray(v)) return v.map(toJs);
  if (v instanceof Float) return v.value;
  if (v instanceof Tuple) return v.items.map(toJs);
  if (v instanceof PySet) return [...v.members.values()].map(toJs);
  if (v instanceof Undefined) return undefined;
  if (v instanceof Dict) {
    const out: Record<string, unknown> = Object.create(null);
    for (const [key, value] of v.entries()) out[asText(key) ?? str(key)] = toJs(value);
    return out;
  }
  return asText(v) ?? str(v);
}
