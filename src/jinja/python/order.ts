import { Obj, type OrderOp, type Value } from '../value.ts';
import { equals, isInt, slotName, toInt, typeError } from './core.ts';
import { ordered } from './float.ts';
import { compareText } from './text.ts';

const mirrored: Readonly<Record<OrderOp, OrderOp>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `a op b`; raises TypeError where the two have no order. */
export function order(op: OrderOp, a: Value, b: Value): boolean {
  if (isInt(a) && isInt(b)) return ordered(op, toInt(a), toInt(b));
  if (typeof a === 'string' && typeof b === 'string') return ordered(op, compareText(a, b), 0);
  const result =
    (a instanceof Obj ? a.order(op, b) : undefined) ??
    (b instanceof Obj ? b.order(mirrored[op], a) : undefined) ??
    (Array.isArray(a) && Array.isArray(b) ? sequenceOrder(op, a, b) : undefined);
  if (result === undefined) throw typeError(`'${op}' not supported between instances of '${slotName(a)}' and '${slotName(b)}'`);
  return result;
}

/** Orders two sequences by their first differing items. */
export function sequenceOrder(op: OrderOp, a: readonly Value[], b: readonly Value[]): boolean {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a[i] as Value;
    const y = b[i] as Value;
    if (!equals(x, y)) return order(op, x, y);
  }
  return ordered(op, a.length, b.length);
}

/** `sorted(items, key=, reverse=)`: stable, raises TypeError where two keys have no order. */
export function sorted(items: Iterable<Value>, key?: (item: Value) => Value, reverse = false): Value[] {
  const pairs = Array.from(items, (item) => ({ item, key: key === undefined ? item : key(item) }));
  const compare = (x: { key: Value }, y: { key: Value }): number => {
    const a = x.key;
    const b = y.key;
    if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return order('<', a, b) ? -1 : order('<', b, a) ? 1 : 0;
  };
  // Reversing both before and after keeps equal items in their order, as Python's reverse=True does.
  if (reverse) pairs.reverse();
  pairs.sort(compare);
  if (reverse) pairs.reverse();
  return pairs.map((pair) => pair.item);
}
