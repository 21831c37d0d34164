import { type Args, type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { Bound, done, type Method, nullary, positional } from './arguments.ts';
import { equals, hashKey, iterate, repr, toList, typeError, valueError } from './core.ts';
import { boundPrinted } from './limits.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';

/** A Python dict: insertion order, keys compared as Python does (`1 == 1.0 == True`). */
export class Dict extends Obj {
  readonly typeName: string = 'dict';
  private readonly values_ = new Map<unknown, Value>();
  /** The keys that are not their own hash key (True, 1.0, tuples, ...); usually none. */
  private odd: Map<unknown, Value> | undefined;

  constructor(entries?: Iterable<readonly [Value, Value]>) {
    super();
    if (entries !== undefined) for (const [key, value] of entries) this.set(key, value);
  }
  override *attributeNames(): Iterable<string> {
    for (const key of this.keys()) if (typeof key === 'string') yield key;
  }
  override isMapping(): boolean {
    return true;
  }
  get(key: Value): Value | undefined {
    return this.values_.get(hashKey(key));
  }
  has(key: Value): boolean {
    return this.values_.has(hashKey(key));
  }
  /** Sets an item; an equal key that is already there stays as it is. */
  set(key: Value, value: Value): this {
    const hash = hashKey(key);
    if (hash !== key && !this.values_.has(hash)) {
      this.odd ??= new Map();
      this.odd.set(hash, key);
    }
    this.values_.set(hash, value);
    return this;
  }
  delete(key: Value): boolean {
    const hash = hashKey(key);
    this.odd?.delete(hash);
    return this.values_.delete(hash);
  }
  clear(): void {
    this.values_.clear();
    this.odd = undefined;
  }
  get size(): number {
    return this.values_.size;
  }
  *keys(): Generator<Value> {
    const size = this.values_.size;
    for (const hash of this.values_.keys()) {
      yield this.keyOf(hash);
      if (this.values_.size !== size) throw new PyError('RuntimeError', 'dictionary changed size during iteration');
    }
  }
  *values(): Generator<Value> {
    const size = this.values_.size;
    for (const value of this.values_.values()) {
      yield value;
      if (this.values_.size !== size) throw new PyError('RuntimeError', 'dictionary changed size during iteration');
    }
  }
  *entries(): Generator<[Value, Value]> {
    const size = this.values_.size;
    for (const [hash, value] of this.values_) {
      yield [this.keyOf(hash), value];
      if (this.values_.size !== size) throw new PyError('RuntimeError', 'dictionary changed size during iteration');
    }
  }
  private keyOf(hash: unknown): Value {
    // A hash key that stands for no odd key is the key itself.
    return this.odd?.get(hash) ?? (hash as Value);
  }
  /** Takes over the items of a mapping or of an iterable of pairs, as `dict.update` does. */
  merge(other: Value): void {
    if (other instanceof Dict) {
      for (const [key, value] of [...other.entries()]) this.set(key, value);
      return;
    }
    let at = 0;
    for (const item of iterate(other)) {
      const parts = itemsOf(item);
      if (parts === undefined) throw typeError(`cannot convert dictionary update sequence element #${at} to a sequence`);
      if (parts.length !== 2) throw valueError(`dictionary update sequence element #${at} has length ${parts.length}; 2 is required`);
      this.set(parts[0] as Value, parts[1] as Value);
      at++;
    }
  }
  override attr(name: string): Value | undefined {
    const method = dictMethods.get(name);
    return method === undefined ? undefined : new Bound<Dict>(this, name, method);
  }
  override item(key: Value): Value | undefined {
    if (typeof key === 'string') return this.values_.get(key.charCodeAt(0) === 0 ? hashKey(key) : key);
    const hash = Array.isArray(key) ? undefined : key instanceof Obj ? key.hashKey() : hashKey(key);
    return hash === undefined ? undefined : this.values_.get(hash);
  }
  override length(): number {
    return this.values_.size;
  }
  override iterate(): Iterable<Value> {
    return this.keys();
  }
  override reverse(): Iterable<Value> {
    return [...this.keys()].reverse();
  }
  override contains(item: Value): boolean {
    return this.has(item);
  }
  override repr(around?: readonly Value[]): string {
    if (around?.includes(this)) return '{...}';
    const inside = around === undefined ? [this] : [...around, this];
    let text = '';
    for (const [key, value] of this.entries()) {
      text += `${text === '' ? '' : ', '}${repr(key, inside)}: ${repr(value, inside)}`;
      boundPrinted(text.length);
    }
    return `{${text}}`;
  }
  override equals(other: Value): boolean {
    if (this === other) return true;
    if (!(other instanceof Dict) || other.size !== this.size) return false;
    for (const [hash, value] of this.values_) {
      const theirs = other.values_.get(hash);
      if (theirs === undefined || !equals(value, theirs)) return false;
    }
    return true;
  }
  override hashKey(): unknown {
    return undefined;
  }
}

function itemsOf(v: Value): Value[] | undefined {
  if (Array.isArray(v)) return v;
  if (typeof v === 'string') return [...v];
  const items = v instanceof Obj ? v.iterate() : undefined;
  return items === undefined ? undefined : [...items];
}

/** `d.keys()`, `d.values()` or `d.items()`: live, printed as `dict_keys([...])`. */
export class DictView extends Obj {
  readonly typeName: string;
  private readonly dict: Dict;
  private readonly kind: 'keys' | 'values' | 'items';
  constructor(dict: Dict, kind: 'keys' | 'values' | 'items') {
    super();
    this.dict = dict;
    this.kind = kind;
    this.typeName = `dict_${kind}`;
  }
  override length(): number {
    return this.dict.size;
  }
  override *iterate(): Iterable<Value> {
    if (this.kind === 'keys') yield* this.dict.keys();
    else if (this.kind === 'values') yield* this.dict.values();
    else for (const [key, value] of this.dict.entries()) yield new Tuple([key, value]);
  }
  override reverse(): Iterable<Value> {
    return [...this.iterate()].reverse();
  }
  override contains(item: Value): boolean {
    if (this.kind === 'keys') return this.dict.has(item);
    if (this.kind === 'items') {
      const value = item instanceof Tuple && item.items.length === 2 ? this.dict.get(item.items[0] as Value) : undefined;
      return value !== undefined && equals(value, (item as Tuple).items[1] as Value);
    }
    for (const value of this.dict.values()) if (equals(value, item)) return true;
    return false;
  }
  override attr(name: string): Value | undefined {
    if (name === 'mapping') return this.dict;
    if (name !== 'isdisjoint' || this.kind === 'values') return undefined;
    return new Bound<DictView>(this, name, (self, args) => toList(positional(args, 'isdisjoint', 1)[0] as Value).every((item) => !self.contains(item)));
  }
  override repr(around?: readonly Value[]): string {
    return `${this.typeName}(${repr([...this.iterate()], around)})`;
  }
  private asSet(): PySet | undefined {
    return this.kind === 'values' ? undefined : new PySet(this.iterate());
  }
  override equals(other: Value): boolean {
    if (this === other) return true;
    const theirs = other instanceof DictView ? other.asSet() : other instanceof PySet ? other : undefined;
    return theirs !== undefined && (this.asSet()?.equals(theirs) ?? false);
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    const theirs = other instanceof DictView ? other.asSet() : other;
    return theirs === undefined ? undefined : this.asSet()?.order(op, theirs);
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (op !== '-' || reflected) return undefined;
    return this.asSet()?.without(iterate(other));
  }
  override hashKey(): unknown {
    return this.kind === 'values' ? this : undefined;
  }
}

/** `dict(*args, **kwargs)`. */
export function makeDict(args: Args, name = 'dict'): Dict {
  const dict = new Dict();
  update(dict, args, name);
  return dict;
}

function update(dict: Dict, args: Args, name: string): void {
  if (args.positional.length > 1) throw typeError(`${name} expected at most 1 argument, got ${args.positional.length}`);
  const [first] = args.positional;
  if (first !== undefined) dict.merge(first);
  for (const [key, value] of args.named) dict.set(key, value);
}

function missingKey(key: Value): PyError {
  return new PyError('KeyError', repr(key));
}

function pop(self: Dict, args: Args): Value {
  const [key, fallback] = positional(args, 'dict.pop', 1, 2) as [Value, Value | undefined];
  const value = self.get(key);
  if (value === undefined) {
    if (fallback === undefined) throw missingKey(key);
    return fallback;
  }
  self.delete(key);
  return value;
}

function popitem(self: Dict): Value {
  const last = [...self.entries()].pop();
  if (last === undefined) throw new PyError('KeyError', "'popitem(): dictionary is empty'");
  self.delete(last[0]);
  return new Tuple(last);
}

/** The methods of dict. */
export const dictMethods: ReadonlyMap<string, Method<Dict>> = new Map<string, Method<Dict>>([
  ['keys', nullary('dict.keys', (self) => new DictView(self, 'keys'))],
  ['values', nullary('dict.values', (self) => new DictView(self, 'values'))],
  ['items', nullary('dict.items', (self) => new DictView(self, 'items'))],
  [
    'get',
    (self, args) => {
      const [key, fallback] = positional(args, 'dict.get', 1, 2) as [Value, Value | undefined];
      const value = self.get(key);
      return value === undefined ? (fallback ?? null) : value;
    },
  ],
  ['update', (self, args) => done(update(self, args, 'update'))],
  ['pop', pop],
  ['popitem', nullary('dict.popitem', (self) => popitem(self))],
  ['clear', nullary('dict.clear', (self) => done(self.clear()))],
  ['copy', nullary('dict.copy', (self) => new Dict(self.entries()))],
  [
    'setdefault',
    (self, args) => {
      const [key, fallback] = positional(args, 'dict.setdefault', 1, 2) as [Value, Value | undefined];
      const value = self.get(key);
      if (value !== undefined) return value;
      self.set(key, fallback ?? null);
      return fallback ?? null;
    },
  ],
  ['fromkeys', (_self, args) => fromKeys(args)],
]);

/** `dict.fromkeys(keys, value)`. */
export function fromKeys(args: Args): Dict {
  const [keys, value] = positional(args, 'dict.fromkeys', 1, 2) as [Value, Value | undefined];
  const dict = new Dict();
  for (const key of iterate(keys)) dict.set(key, value ?? null);
  return dict;
}

/** An iterator over a mapping's pairs, for the `items` filter. */
export function* pairs(dict: Dict): Generator<Value> {
  for (const entry of dict.entries()) yield new Tuple(entry);
}
