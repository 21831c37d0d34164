import { type Args, Callable, Obj, PyError, type Site, type Value } from '../value.ts';
import { Bound, type Method, nullary, positional } from './arguments.ts';
import { Bytes } from './bytes.ts';
import { describe, index, repr, slotName, typeError, typeName } from './core.ts';
import { Float } from './float.ts';
import { type FormatAccess, type FormatValues, formatFields } from './formatter.ts';
import { stripTags, unescapeText } from './html.ts';
import { Range } from './iterator.ts';
import { asText, escapeHtml, Markup } from './markup.ts';
import { floatAttr, intAttr } from './numbers.ts';
import { listMethods, sequenceMethod } from './sequence.ts';
import { pick, sliceIndices, sliceText } from './slices.ts';
import { format } from './spec.ts';
import { join, strMethods } from './strings.ts';
import { codeLength, codePoints, wide } from './text.ts';
import { Tuple } from './tuple.ts';
import { Undefined, type UndefinedMode } from './undefined.ts';

// The double-underscore names every Python object has; asking for one answers an unsafe undefined, never an item.
const internal = new Set(
  (
    'class delattr dir doc eq format ge getattribute getstate gt hash init init_subclass le lt ne new reduce reduce_ex repr setattr sizeof str subclasshook ' +
    'add and abs bool call code contains closure defaults delitem dict divmod float floordiv func getitem getnewargs globals iadd imul index int invert iter ' +
    'kwdefaults len lshift mod module mro mul name neg next or pos pow qualname radd rand reversed rmod rmul self setitem slots sub truediv weakref wrapped'
  )
    .split(' ')
    .map((word) => `__${word}__`),
);

/** Python's `getattr(v, name)`: a method or attribute, or undefined where there is none; no item, no sandbox. */
export function attribute(v: Value, name: string): Value | undefined {
  switch (typeof v) {
    case 'string': {
      const method = strMethods.get(name);
      if (method !== undefined) return new Bound<string>(v, name, method);
      if (name === 'format') return new Bound<string>(v, name, formatMethod);
      return name === 'format_map' ? new Bound<string>(v, name, formatMapMethod) : undefined;
    }
    case 'number':
    case 'bigint':
    case 'boolean':
      return intAttr(v, name);
    default:
      break;
  }
  if (v === null) return undefined;
  if (Array.isArray(v)) {
    const method = listMethods.get(name);
    return method === undefined ? undefined : new Bound<Value[]>(v, name, method);
  }
  if (v instanceof Markup) return markupAttr(v, name);
  if (v instanceof Float) return floatAttr(v, name);
  const own = v.attr(name);
  if (own !== undefined) return own;
  if (v instanceof Tuple || v instanceof Range) {
    const method = sequenceMethod(name, v.typeName);
    if (method !== undefined) return new Bound<Value>(v, name, method);
  }
  return undefined;
}

function itemOf(v: Value, key: Value): Value | undefined {
  if (Array.isArray(v)) {
    const i = index(key);
    return i === undefined ? undefined : v[i < 0 ? i + v.length : i];
  }
  if (typeof v === 'string') {
    const i = index(key);
    if (i === undefined) return undefined;
    return wide(v) ? codePoints(v).at(i) : v.at(i);
  }
  return v instanceof Obj ? v.item(key) : undefined;
}

function unsafe(v: Value, name: string, mode: UndefinedMode): Undefined {
  const hint = `access to attribute ${repr(name)} of '${typeName(v)}' object is unsafe.`;
  return new Undefined({ name, on: v, hint, kind: 'SecurityError' }, mode);
}

/** Jinja's `v.name` in a sandbox: attribute, then item, then undefined; names that begin with `_` are refused. */
export function getAttr(v: Value, name: string, mode: UndefinedMode = 'lenient'): Value {
  const guarded = name.charCodeAt(0) === 95;
  if (guarded && internal.has(name)) return unsafe(v, name, mode);
  const own = attribute(v, name);
  if (own !== undefined) return guarded && !(v instanceof Undefined) ? unsafe(v, name, mode) : own;
  const item = itemOf(v, name);
  return item === undefined ? new Undefined({ name, on: v }, mode) : item;
}

/** Jinja's `v[key]` in a sandbox: item, then (for a str key) attribute, then undefined. */
export function getItem(v: Value, key: Value, mode: UndefinedMode = 'lenient'): Value {
  const item = itemOf(v, key);
  if (item !== undefined) return item;
  const name = asText(key);
  if (name !== undefined) {
    const guarded = name.charCodeAt(0) === 95;
    if (guarded && internal.has(name)) return unsafe(v, name, mode);
    const own = attribute(v, name);
    if (own !== undefined) return guarded ? unsafe(v, name, mode) : own;
  }
  return new Undefined({ name: key, on: v }, mode);
}

/** Something that knows how to slice itself. */
interface Sliceable {
  slice(indices: readonly [number, number, number]): Value;
}

/** Jinja's `v[start:stop:step]`; None stands for an absent bound. What cannot be sliced answers undefined, as Jinja's lookup does. */
export function slice(v: Value, start: Value, stop: Value, step: Value, mode: UndefinedMode = 'lenient'): Value {
  if (v instanceof Undefined) return getItem(v, null);
  const text = asText(v);
  const size = text !== undefined ? codeLength(text) : Array.isArray(v) ? v.length : v instanceof Obj ? v.length() : undefined;
  const indices = size === undefined ? undefined : sliceIndices(size, start, stop, step);
  if (indices !== undefined) {
    if (text !== undefined) {
      const plain = indices[2] === 1 && !wide(text);
      const part = plain ? text.slice(indices[0], Math.max(indices[0], indices[1])) : pick(codePoints(text), indices).join('');
      return v instanceof Markup ? new Markup(part) : part;
    }
    if (Array.isArray(v)) return pick(v, indices);
    if (v instanceof Tuple) return new Tuple(pick(v.items, indices));
    if (v instanceof Range || v instanceof Bytes || (v instanceof Obj && 'slice' in v)) return (v as unknown as Sliceable).slice(indices);
  }
  return new Undefined({ on: v, hint: `${describe(v)} has no element ${sliceText(start, stop, step)}` }, mode);
}

/** Calls a value; raises TypeError where it cannot be called. An undefined raises UndefinedError, or answers itself while capturing. */
export function callValue(f: Value, args: Args, site: Site): Value {
  if (f instanceof Callable) return f.call(args, site);
  if (f instanceof Undefined) {
    if (f.mode === 'capture') return f;
    throw f.error();
  }
  throw typeError(`'${slotName(f)}' object is not callable`);
}

/** `v.name(...)` without the method object in between; the same results as {@link getAttr} and {@link callValue}. */
export function callMethod(v: Value, name: string, args: Args, site: Site, mode: UndefinedMode = 'lenient'): Value {
  if (typeof v === 'string') {
    const method = strMethods.get(name);
    if (method !== undefined) return method(v, args, site);
  } else if (Array.isArray(v)) {
    const method = listMethods.get(name);
    if (method !== undefined) return method(v, args, site);
  }
  return callValue(getAttr(v, name, mode), args, site);
}

const sandboxed: FormatAccess = { attr: getAttr, item: getItem };

const escaping: FormatAccess = {
  attr: getAttr,
  item: getItem,
  show: (v, spec) => (v instanceof Markup ? v.format(spec) : escapeHtml(format(v, spec)).text),
};

function named(args: Args): FormatValues {
  return {
    positional: args.positional,
    named: (name) => {
      const value = args.named.get(name);
      if (value === undefined) throw new PyError('KeyError', repr(name));
      return value;
    },
  };
}

function mapped(args: Args): FormatValues {
  if (args.named.size > 0) throw typeError('format_map() takes no keyword arguments');
  if (args.positional.length !== 1) throw typeError(`format_map() takes exactly one argument (${args.positional.length} given)`);
  const mapping = args.positional[0] as Value;
  return {
    positional: [],
    named: (name) => {
      const value = mapping instanceof Obj ? mapping.item(name) : undefined;
      if (value === undefined) throw new PyError('KeyError', repr(name));
      return value;
    },
  };
}

const formatMethod: Method<string> = (self, args) => formatFields(self, named(args), sandboxed);
const formatMapMethod: Method<string> = (self, args) => formatFields(self, mapped(args), sandboxed);

const plainResults = new Set(['encode']);
const escapedArgument: ReadonlyMap<string, number> = new Map([
  ['replace', 1],
  ['ljust', 1],
  ['rjust', 1],
  ['center', 1],
]);

/** A method of Markup: the one of str, with its arguments escaped and its result safe again. */
function markupAttr(v: Markup, name: string): Value | undefined {
  if (name === 'format') return new Bound<Markup>(v, name, (self, args) => new Markup(formatFields(self.text, named(args), escaping)));
  if (name === 'format_map') return new Bound<Markup>(v, name, (self, args) => new Markup(formatFields(self.text, mapped(args), escaping)));
  if (name === 'unescape' || name === 'striptags')
    return new Bound<Markup>(
      v,
      name,
      nullary(name, (self) => unescapeWith(name, self.text)),
    );
  const method = strMethods.get(name);
  if (method === undefined) return undefined;
  return new Bound<Markup>(v, name, (self, args, site) => {
    if (name === 'join') return new Markup(join(self.text, [...escapeAll(args)]));
    const at = escapedArgument.get(name);
    const list = args.positional.map((arg, i) => (i === at ? escapeHtml(arg).text : (asText(arg) ?? arg)));
    const result = method(self.text, { positional: list, named: args.named }, site);
    return plainResults.has(name) ? result : markSafe(result);
  });
}

function* escapeAll(args: Args): Iterable<Value> {
  const [items] = positional(args, 'join', 1);
  const all = items instanceof Obj ? items.iterate() : Array.isArray(items) || typeof items === 'string' ? items : undefined;
  if (all === undefined) throw typeError('can only join an iterable');
  for (const item of all) yield escapeHtml(item);
}

function markSafe(v: Value): Value {
  if (typeof v === 'string') return new Markup(v);
  if (Array.isArray(v)) return v.map(markSafe);
  return v instanceof Tuple ? new Tuple(v.items.map(markSafe)) : v;
}

const unescapeWith = (name: string, text: string): string => (name === 'striptags' ? stripTags(text) : unescapeText(text));
