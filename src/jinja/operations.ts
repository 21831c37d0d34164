import { closest, fail, span } from '../text/index.ts';
import type { Node } from './ast.ts';
import { Dict, type Filter, iterate, repr, slice, type Test, tryIterate, typeName, Undefined } from './python/index.ts';
import type { Activation } from './runtime.ts';
import type { Context } from './unit.ts';
import { Obj, PyError, type Value } from './value.ts';

/** `value[start:stop:step]`. What cannot be sliced raises, but in an expression of literals, which Jinja looks up another way, answers undefined. */
export function sliced(value: Value, start: Value, stop: Value, step: Value, literal: boolean, a: Activation): Value {
  const part = slice(value, start, stop, step, a.world.mode);
  if (literal || !(part instanceof Undefined) || value instanceof Undefined) return part;
  throw new PyError('TypeError', value instanceof Dict ? "unhashable type: 'slice'" : `'${typeName(value)}' object is not subscriptable`);
}

/** `*value` */
export function spread(value: Value, into: Value[], a: Activation, node: Node): void {
  a.at = node;
  const items = tryIterate(value);
  if (items === undefined) throw new PyError('TypeError', `Value after * must be an iterable, not ${typeName(value)}`);
  for (const v of items) into.push(v);
}

/** `**value` */
export function spreadNamed(value: Value, into: Map<string, Value>, a: Activation, node: Node): void {
  a.at = node;
  if (value instanceof Undefined && value.mode === 'lenient') throw value.error();
  if (!(value instanceof Obj) || value.attr('keys') === undefined)
    throw new PyError('TypeError', `argument after ** must be a mapping, not ${typeName(value)}`);
  for (const key of iterate(value)) {
    if (typeof key !== 'string') throw new PyError('TypeError', 'keywords must be strings');
    if (into.has(key)) throw new PyError('TypeError', `got multiple values for keyword argument ${repr(key)}`);
    into.set(key, value.item(key) ?? null);
  }
}

/** Looks a filter up; throws where there is none. */
export function filterNamed(name: string, a: Activation, node: Node, cx: Context): Filter {
  const found = a.world.filter(name);
  if (found === undefined)
    fail('jinja-unknown-filter', { name, near: closest(name, a.world.library.filters.keys()) }, { at: span(cx.unit.file, node.start, node.end) });
  return found;
}

/** Looks a test up; throws where there is none. */
export function testNamed(name: string, a: Activation, node: Node, cx: Context): Test {
  const found = a.world.test(name);
  if (found === undefined)
    fail('jinja-unknown-test', { name, near: closest(name, a.world.library.tests.keys()) }, { at: span(cx.unit.file, node.start, node.end) });
  return found;
}
