import { Obj, PyError, type Value } from '../value.ts';
import { boundItems, boundPrinted, MOST_ITEMS } from './limits.ts';
import { codeLength, quote } from './text.ts';

/** A `TypeError`. */
export function typeError(message: string): PyError {
  return new PyError('TypeError', message);
}

/** A `ValueError`. */
export function valueError(message: string): PyError {
  return new PyError('ValueError', message);
}

/** `type(v).__name__`. */
export function typeName(v: Value): string {
  switch (typeof v) {
    case 'string':
      return 'str';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      if (v === null) return 'NoneType';
      return Array.isArray(v) ? 'list' : v.typeName;
  }
}

/** Modules whose types are written in C, where error messages name the module too. */
const nativeModules = new Set(['datetime', 'decimal', 'itertools', 're', 'collections']);

/** The type's name as C-level error messages print it: `int`, `datetime.date`. */
export function slotName(v: Value): string {
  const name = typeName(v);
  if (!(v instanceof Obj)) return name;
  const module = v.module();
  return nativeModules.has(module) ? `${module}.${name}` : name;
}

/** The description Jinja uses in "has no attribute": `dict object`, `None`. */
export function describe(v: Value): string {
  if (v === null) return 'None';
  const module = v instanceof Obj ? v.module() : '';
  return `${module === '' ? '' : `${module}.`}${typeName(v)} object`;
}

/** `str(int)`; raises ValueError beyond CPython's 4,300 digits. */
export function intText(v: number | bigint): string {
  const text = String(v);
  if (text.length > 4300 && text.length - (v < 0 ? 1 : 0) > 4300) {
    throw valueError('Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit');
  }
  return text;
}

/** `str(v)`. */
export function str(v: Value): string {
  switch (typeof v) {
    case 'string':
      return v;
    case 'number':
      return String(v);
    case 'boolean':
      return v ? 'True' : 'False';
    case 'bigint':
      return intText(v);
    default:
      if (v === null) return 'None';
      return Array.isArray(v) ? repr(v) : v.str();
  }
}

/** `repr(v)`; `around` are the containers being printed, so that a cycle ends as `[...]`. */
export function repr(v: Value, around?: readonly Value[]): string {
  if (typeof v === 'string') return quote(v);
  if (v instanceof Obj) return v.repr(around);
  if (Array.isArray(v)) {
    if (around?.includes(v)) return '[...]';
    return `[${reprAll(v, around === undefined ? [v] : [...around, v])}]`;
  }
  return str(v);
}

/** The reprs of the items, joined by `, `. */
export function reprAll(items: readonly Value[], around?: readonly Value[]): string {
  let text = '';
  for (let i = 0; i < items.length; i++) {
    text += (i === 0 ? '' : ', ') + repr(items[i] as Value, around);
    boundPrinted(text.length);
  }
  return text;
}

/** `bool(v)`. */
export function truthy(v: Value): boolean {
  switch (typeof v) {
    case 'boolean':
      return v;
    case 'string':
      return v !== '';
    case 'number':
      return v !== 0;
    case 'bigint':
      return v !== 0n;
    default:
      if (v === null) return false;
      return Array.isArray(v) ? v.length !== 0 : v.truthy();
  }
}

/** True for an int (a bool is one). */
export function isInt(v: Value | undefined): v is number | bigint | boolean {
  return typeof v === 'number' || typeof v === 'boolean' || typeof v === 'bigint';
}

/** The int a bool stands for. */
export function toInt(v: number | bigint | boolean): number | bigint {
  return typeof v === 'boolean' ? (v ? 1 : 0) : v;
}

/** The smallest form of an int: `number` where it is safe. */
export function normal(v: bigint): number | bigint {
  return v >= -9007199254740991n && v <= 9007199254740991n ? Number(v) : v;
}

/** `a == b`. */
export function equals(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (b instanceof Obj) return a instanceof Obj ? a.equals(b) || b.equals(a) : b.equals(a);
  if (a instanceof Obj) return a.equals(b);
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  if (typeof a === 'boolean') return isInt(b) && toInt(a) === toInt(b);
  if (typeof b === 'boolean') return isInt(a) && a === toInt(b);
  return false;
}

/** Whether two sequences have equal items. */
export function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  return sameWithin(a, b, { left: MOST_ITEMS });
}

/** Lists in lists share one budget: a list that holds another one twice, and so on, is as large as its printed form. */
function sameWithin(a: readonly Value[], b: readonly Value[], budget: { left: number }): boolean {
  if (a.length !== b.length) return false;
  budget.left -= a.length;
  boundItems(MOST_ITEMS - budget.left);
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as Value, b[i] as Value];
    if (x === y) continue;
    if (!(Array.isArray(x) && Array.isArray(y) ? sameWithin(x, y, budget) : equals(x, y))) return false;
  }
  return true;
}

/** A primitive (or identity) that equal values share, for dict keys and set members; raises TypeError for unhashable types. */
export function hashKey(v: Value): unknown {
  switch (typeof v) {
    case 'string':
      // Keys of other types are spelt as strings that begin with NUL; a user's own NUL is moved out of their way.
      return v.charCodeAt(0) === 0 ? `\0s${v}` : v;
    case 'number':
    case 'bigint':
      return v;
    case 'boolean':
      return v ? 1 : 0;
    default: {
      if (v === null) return null;
      const key = Array.isArray(v) ? undefined : v.hashKey();
      if (key === undefined) throw typeError(`unhashable type: '${slotName(v)}'`);
      return key;
    }
  }
}

/** `len(v)`, or undefined where the value has none. */
export function length(v: Value): number | undefined {
  if (typeof v === 'string') return codeLength(v);
  if (Array.isArray(v)) return v.length;
  return v instanceof Obj ? v.length() : undefined;
}

/** `len(v)`; raises TypeError. */
export function len(v: Value): number {
  const n = length(v);
  if (n === undefined) throw typeError(`object of type '${slotName(v)}' has no len()`);
  return n;
}

/** `iter(v)`, or undefined where the value cannot be iterated. */
export function tryIterate(v: Value): Iterable<Value> | undefined {
  if (Array.isArray(v) || typeof v === 'string') return v;
  return v instanceof Obj ? v.iterate() : undefined;
}

/** `iter(v)`; raises TypeError. Strings give code points. */
export function iterate(v: Value): Iterable<Value> {
  const items = tryIterate(v);
  if (items === undefined) throw typeError(`'${slotName(v)}' object is not iterable`);
  return items;
}

/** `list(v)`: a fresh array; raises TypeError. */
export function toList(v: Value): Value[] {
  boundItems(length(v) ?? 0);
  return [...iterate(v)];
}

/** `operator.index(v)` as a JavaScript number, clamped to the safe range; undefined where `v` is no int. */
export function index(v: Value | undefined): number | undefined {
  if (typeof v === 'number') return v;
  if (typeof v === 'boolean') return v ? 1 : 0;
  if (typeof v === 'bigint') return v > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
  return undefined;
}

/** `operator.index(v)`; raises TypeError. */
export function needIndex(v: Value): number {
  const n = index(v);
  if (n === undefined) throw typeError(`'${slotName(v)}' object cannot be interpreted as an integer`);
  return n;
}
