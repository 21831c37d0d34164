import { type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { equals, index, isInt, slotName, str, toInt, truthy, tryIterate, typeError, typeName } from './core.ts';
import { Float } from './float.ts';
import { intOperate } from './integer.ts';
import { boundItems } from './limits.ts';
import { asText, escapeHtml, Markup } from './markup.ts';
import { order } from './order.ts';
import { percent } from './percent.ts';
import { repeat, Tuple } from './tuple.ts';

/** `a op b`; raises PyError as CPython words it. */
export function binary(op: BinaryOp, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return intOperate(op, a, b);
  if (op === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (isInt(a) && isInt(b)) return intOperate(op, toInt(a), toInt(b));
  if (op === '%' && typeof a === 'string') return percent(a, b);
  const result =
    (a instanceof Obj ? a.operate(op, b, false) : undefined) ?? (b instanceof Obj ? b.operate(op, a, true) : undefined) ?? sequenceOperate(op, a, b);
  if (result === undefined) throw unsupported(op, a, b);
  return result;
}

function sequenceOperate(op: BinaryOp, a: Value, b: Value): Value | undefined {
  if (op === '+' && Array.isArray(a) && Array.isArray(b)) {
    boundItems(a.length + b.length);
    return [...a, ...b];
  }
  if (op !== '*') return undefined;
  if (isInt(b)) return repeated(a, b);
  return isInt(a) ? repeated(b, a) : undefined;
}

function repeated(sequence: Value, times: number | bigint | boolean): Value | undefined {
  if (Array.isArray(sequence)) return repeat(sequence, times);
  if (typeof sequence !== 'string') return undefined;
  const n = Math.max(0, index(times) as number);
  if (typeof times === 'bigint' && BigInt.asIntN(64, times) !== times) throw new PyError('OverflowError', "cannot fit 'int' into an index-sized integer");
  if (sequence.length * n > 1 << 28) throw new PyError('MemoryError', 'the text is too large');
  return sequence.repeat(n);
}

function isSequence(v: Value): boolean {
  return typeof v === 'string' || Array.isArray(v) || v instanceof Tuple || v instanceof Markup || typeName(v) === 'bytes';
}

function unsupported(op: BinaryOp, a: Value, b: Value): PyError {
  if (op === '*' && (isSequence(a) || isSequence(b))) {
    return typeError(`can't multiply sequence by non-int of type '${slotName(isSequence(a) ? b : a)}'`);
  }
  if (op === '+' && isSequence(a)) {
    if (typeName(a) === 'bytes') return typeError(`can't concat ${slotName(b)} to bytes`);
    const kind = asText(a) === undefined ? slotName(a) : 'str';
    return typeError(`can only concatenate ${kind} (not "${slotName(b)}") to ${kind}`);
  }
  return typeError(`unsupported operand type(s) for ${op === '**' ? '** or pow()' : op}: '${slotName(a)}' and '${slotName(b)}'`);
}

/** `-v`, `+v` or `not v`. */
export function unary(op: '-' | '+' | 'not', v: Value): Value {
  if (op === 'not') return !truthy(v);
  if (isInt(v)) {
    const n = toInt(v);
    return op === '+' ? n : typeof n === 'number' ? 0 - n : -n;
  }
  const result = v instanceof Obj ? v.negate(op) : undefined;
  if (result === undefined) throw typeError(`bad operand type for unary ${op}: '${slotName(v)}'`);
  return result;
}

/** Jinja's `~`: the texts joined; with autoescape on, escaped parts and a Markup result where any part is Markup. */
export function concat(parts: readonly Value[], autoescape = false): Value {
  if (autoescape && parts.some((part) => part instanceof Markup)) return new Markup(parts.map((part) => escapeHtml(part).text).join(''));
  let text = '';
  for (const part of parts) text += str(part);
  return text;
}

/** A comparison; raises TypeError where the two have no order. */
export function compare(op: '==' | '!=' | OrderOp | 'in' | 'not in', a: Value, b: Value): boolean {
  switch (op) {
    case '==':
      return equals(a, b);
    case '!=':
      return !equals(a, b);
    case 'in':
      return contains(b, a);
    case 'not in':
      return !contains(b, a);
    default:
      if (typeof a === 'number' && typeof b === 'number') return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
      return order(op, a, b);
  }
}

/** `item in container`. */
export function contains(container: Value, item: Value): boolean {
  const text = asText(container);
  if (text !== undefined) {
    const part = asText(item);
    if (part === undefined) throw typeError(`'in <string>' requires string as left operand, not ${slotName(item)}`);
    return text.includes(part);
  }
  const answer = container instanceof Obj ? container.contains(item) : undefined;
  if (answer !== undefined) return answer;
  const items = tryIterate(container);
  if (items === undefined) throw typeError(`argument of type '${slotName(container)}' is not iterable`);
  for (const own of items) if (own === item || equals(own, item)) return true;
  return false;
}

/** `abs(v)`. */
export function absolute(v: Value): Value {
  if (isInt(v)) {
    const n = toInt(v);
    return n < 0 ? -n : n;
  }
  if (v instanceof Float) return new Float(Math.abs(v.value));
  if (v instanceof Obj && 'absolute' in v && typeof v.absolute === 'function') return (v as unknown as { absolute(): Value }).absolute();
  throw typeError(`bad operand type for abs(): '${slotName(v)}'`);
}
