import { Callable, PyError, type Site, type Value } from '../value.ts';
import { bind, callArgs, done, type Method, nullary, positional, signature } from './arguments.ts';
import { equals, index, iterate, needIndex, repr, slotName, toList, truthy, typeError } from './core.ts';
import { boundItems } from './limits.ts';
import { sorted } from './order.ts';

/** `items.index(...)` of a sequence; raises ValueError with the given text. */
export function indexOf(items: readonly Value[], args: readonly Value[], missing: (v: Value) => string): number {
  const [value, from = 0, to = Number.MAX_SAFE_INTEGER] = args as [Value, Value?, Value?];
  const bound = (v: Value): number => {
    const n = index(v);
    if (n === undefined) throw typeError('slice indices must be integers or have an __index__ method');
    return n < 0 ? Math.max(0, n + items.length) : n;
  };
  const stop = Math.min(items.length, bound(to));
  for (let i = bound(from); i < stop; i++) if (equals(items[i] as Value, value)) return i;
  throw new PyError('ValueError', missing(value));
}

/** How many items equal the value. */
export function countOf(items: Iterable<Value>, value: Value): number {
  let n = 0;
  for (const item of items) if (equals(item, value)) n++;
  return n;
}

const sortSignature = signature('sort', 0, '*', 'key=', 'reverse=');

/** A key function as `sorted` and `list.sort` take it; None is none. */
export function keyFunction(key: Value | undefined, site: Site): ((item: Value) => Value) | undefined {
  if (key === undefined || key === null) return undefined;
  if (!(key instanceof Callable)) throw typeError(`'${slotName(key)}' object is not callable`);
  return (item) => key.call(callArgs(item), site);
}

function pop(self: Value[], args: readonly Value[]): Value {
  const at = args[0] === undefined ? -1 : needIndex(args[0]);
  if (self.length === 0) throw new PyError('IndexError', 'pop from empty list');
  const i = at < 0 ? at + self.length : at;
  if (i < 0 || i >= self.length) throw new PyError('IndexError', 'pop index out of range');
  return self.splice(i, 1)[0] as Value;
}

function remove(self: Value[], value: Value): null {
  const at = self.findIndex((item) => equals(item, value));
  if (at < 0) throw new PyError('ValueError', 'list.remove(x): x not in list');
  self.splice(at, 1);
  return null;
}

function insert(self: Value[], at: Value, value: Value): null {
  const i = needIndex(at);
  self.splice(i < 0 ? Math.max(0, i + self.length) : i, 0, value);
  return null;
}

/** The methods of list. */
export const listMethods: ReadonlyMap<string, Method<Value[]>> = new Map<string, Method<Value[]>>([
  ['append', (self, args) => done(self.push(positional(args, 'list.append', 1)[0] as Value))],
  [
    'extend',
    (self, args) => {
      const more = toList(positional(args, 'list.extend', 1)[0] as Value);
      boundItems(self.length + more.length);
      for (const item of more) self.push(item);
      return null;
    },
  ],
  ['insert', (self, args) => insert(self, ...(positional(args, 'insert', 2) as [Value, Value]))],
  ['pop', (self, args) => pop(self, positional(args, 'pop', 0, 1))],
  ['remove', (self, args) => remove(self, positional(args, 'list.remove', 1)[0] as Value)],
  ['clear', nullary('list.clear', (self) => done((self.length = 0)))],
  ['copy', nullary('list.copy', (self) => [...self])],
  ['reverse', nullary('list.reverse', (self) => done(self.reverse()))],
  ['count', (self, args) => countOf(self, positional(args, 'list.count', 1)[0] as Value)],
  ['index', (self, args) => indexOf(self, positional(args, 'index', 1, 3), (v) => `${repr(v)} is not in list`)],
  [
    'sort',
    (self, args, site) => {
      if (args.positional.length > 0) throw typeError('sort() takes no positional arguments');
      const [key, reverse] = bind(sortSignature, args);
      const result = sorted(self, keyFunction(key, site), reverse !== undefined && truthy(reverse));
      for (let i = 0; i < result.length; i++) self[i] = result[i] as Value;
      return null;
    },
  ],
]);

/** `count` and `index`, which tuple and range share. */
export function sequenceMethod(name: string, kind: string): Method<Value> | undefined {
  if (name === 'count') return (self, args) => countOf(iterate(self), positional(args, `${kind}.count`, 1)[0] as Value);
  if (name === 'index') {
    return (self, args) =>
      indexOf(toList(self), positional(args, 'index', 1, 3), (v) => (kind === 'range' ? `${repr(v)} is not in range` : 'tuple.index(x): x not in tuple'));
  }
  return undefined;
}
