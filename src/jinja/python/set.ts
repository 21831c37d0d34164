import { type Args, type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { Bound, done, type Method, nullary, positional } from './arguments.ts';
import { hashKey, iterate, repr, reprAll } from './core.ts';

/** A Python set. Iterates in insertion order, where CPython's order is arbitrary. */
export class PySet extends Obj {
  readonly typeName: string;
  readonly members = new Map<unknown, Value>();
  constructor(items: Iterable<Value> = [], frozen = false) {
    super();
    this.typeName = frozen ? 'frozenset' : 'set';
    for (const item of items) this.add(item);
  }
  add(item: Value): void {
    const key = hashKey(item);
    if (!this.members.has(key)) this.members.set(key, item);
  }
  has(item: Value): boolean {
    return this.members.has(hashKey(item));
  }
  delete(item: Value): boolean {
    return this.members.delete(hashKey(item));
  }
  without(items: Iterable<Value>): PySet {
    const rest = new PySet(this.members.values());
    for (const item of items) rest.delete(item);
    return rest;
  }
  override attr(name: string): Value | undefined {
    const method = setMethods.get(name);
    if (method === undefined || (this.typeName === 'frozenset' && mutators.has(name))) return undefined;
    return new Bound<PySet>(this, name, method);
  }
  override length(): number {
    return this.members.size;
  }
  override *iterate(): Iterable<Value> {
    const size = this.members.size;
    for (const item of this.members.values()) {
      yield item;
      if (this.members.size !== size) throw new PyError('RuntimeError', 'Set changed size during iteration');
    }
  }
  override contains(item: Value): boolean {
    return this.has(item);
  }
  override repr(around?: readonly Value[]): string {
    const name = this.typeName;
    if (around?.includes(this)) return `${name}(...)`;
    const inside = reprAll([...this.members.values()], around === undefined ? [this] : [...around, this]);
    if (this.members.size === 0) return `${name}()`;
    return name === 'set' ? `{${inside}}` : `frozenset({${inside}})`;
  }
  override equals(other: Value): boolean {
    return this === other || (other instanceof PySet && other.members.size === this.members.size && within(this, other));
  }
  override hashKey(): unknown {
    if (this.typeName === 'set') return undefined;
    const keys = [...this.members.keys()];
    if (keys.some((key) => typeof key === 'object' && key !== null)) return this;
    return `\0f${keys
      .map((key) => `${typeof key}:${String(key).length}:${String(key)}`)
      .sort()
      .join('')}`;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    if (!(other instanceof PySet)) return undefined;
    const [small, large] = op === '<' || op === '<=' ? [this, other] : [other, this];
    if ((op === '<' || op === '>') && small.members.size === large.members.size) return false;
    return within(small, large);
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    return op === '-' && !reflected && other instanceof PySet ? this.without(other.members.values()) : undefined;
  }
}

function within(small: PySet, large: PySet): boolean {
  for (const key of small.members.keys()) if (!large.members.has(key)) return false;
  return true;
}

const mutators = new Set(['add', 'clear', 'discard', 'remove', 'pop', 'update', 'difference_update', 'intersection_update', 'symmetric_difference_update']);

function others(args: Args, name: string): PySet[] {
  return positional(args, `set.${name}`, 0, Number.POSITIVE_INFINITY).map((arg) => (arg instanceof PySet ? arg : new PySet(iterate(arg))));
}

function only(args: Args, name: string): PySet {
  const [arg] = positional(args, `set.${name}`, 1);
  return arg instanceof PySet ? arg : new PySet(iterate(arg as Value));
}

function assign(self: PySet, items: Iterable<Value>): null {
  const next = [...items];
  self.members.clear();
  for (const item of next) self.add(item);
  return null;
}

function intersection(self: PySet, sets: readonly PySet[]): PySet {
  return new PySet([...self.members.values()].filter((item) => sets.every((set) => set.has(item))));
}

function difference(self: PySet, sets: readonly PySet[]): PySet {
  return new PySet([...self.members.values()].filter((item) => !sets.some((set) => set.has(item))));
}

function union(self: PySet, sets: readonly PySet[]): PySet {
  const all = new PySet(self.members.values());
  for (const set of sets) for (const item of set.members.values()) all.add(item);
  return all;
}

function symmetric(self: PySet, other: PySet): PySet {
  return union(difference(self, [other]), [difference(other, [self])]);
}

function pop(self: PySet): Value {
  for (const [key, item] of self.members) {
    self.members.delete(key);
    return item;
  }
  throw new PyError('KeyError', "'pop from an empty set'");
}

/** The methods of set. */
const setMethods: ReadonlyMap<string, Method<PySet>> = new Map<string, Method<PySet>>([
  ['add', (self, args) => done(self.add(positional(args, 'set.add', 1)[0] as Value))],
  ['discard', (self, args) => done(self.delete(positional(args, 'set.discard', 1)[0] as Value))],
  [
    'remove',
    (self, args) => {
      const item = positional(args, 'set.remove', 1)[0] as Value;
      if (!self.delete(item)) throw new PyError('KeyError', repr(item));
      return null;
    },
  ],
  ['pop', nullary('set.pop', (self) => pop(self))],
  ['clear', nullary('set.clear', (self) => done(self.members.clear()))],
  ['copy', nullary('set.copy', (self) => new PySet(self.members.values()))],
  ['union', (self, args) => union(self, others(args, 'union'))],
  ['intersection', (self, args) => intersection(self, others(args, 'intersection'))],
  ['difference', (self, args) => difference(self, others(args, 'difference'))],
  ['symmetric_difference', (self, args) => symmetric(self, only(args, 'symmetric_difference'))],
  ['update', (self, args) => assign(self, union(self, others(args, 'update')).members.values())],
  ['intersection_update', (self, args) => assign(self, intersection(self, others(args, 'intersection_update')).members.values())],
  ['difference_update', (self, args) => assign(self, difference(self, others(args, 'difference_update')).members.values())],
  ['symmetric_difference_update', (self, args) => assign(self, symmetric(self, only(args, 'symmetric_difference_update')).members.values())],
  ['issubset', (self, args) => within(self, only(args, 'issubset'))],
  ['issuperset', (self, args) => within(only(args, 'issuperset'), self)],
  ['isdisjoint', (self, args) => intersection(self, [only(args, 'isdisjoint')]).members.size === 0],
]);
