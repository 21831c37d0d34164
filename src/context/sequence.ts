import { Dict, equals, Obj, repr, type Signature, signature, Tuple, tryIterate, type Value } from '../jinja/index.ts';
import { boundMethod } from './method.ts';

/** What agate's rows, columns and lists of them are: values by position, and by key where there are keys. Cannot be changed. */
export class MappedSequence extends Obj {
  readonly typeName: string = 'MappedSequence';
  readonly items: readonly Value[];
  readonly keys: readonly string[] | null;
  constructor(items: readonly Value[], keys: readonly string[] | null) {
    super();
    this.items = items;
    this.keys = keys;
  }
  override module(): string {
    return 'agate';
  }
  /** The value under a key, the last one where a key stands twice. */
  named(key: string): Value | undefined {
    const i = this.keys?.lastIndexOf(key) ?? -1;
    return i < 0 ? undefined : this.items[i];
  }
  override attr(name: string): Value | undefined {
    const method = methods.get(name);
    return method && boundMethod<MappedSequence>(this, name, method.sig, method.body);
  }
  override item(key: Value): Value | undefined {
    if (typeof key === 'number') return this.items[key < 0 ? key + this.items.length : key];
    return typeof key === 'string' ? this.named(key) : undefined;
  }
  /** Used by the evaluator for `sequence[1:2]`. */
  slice([start, stop, step]: readonly [number, number, number]): Value {
    const out: Value[] = [];
    for (let i = start; step > 0 ? i < stop : i > stop; i += step) out.push(this.items[i] as Value);
    return new Tuple(out);
  }
  override length(): number {
    return this.items.length;
  }
  override iterate(): Iterable<Value> {
    return this.items;
  }
  override contains(item: Value): boolean {
    return this.items.some((own) => equals(own, item));
  }
  override equals(other: Value): boolean {
    if (this === other) return true;
    const items = other instanceof Dict ? undefined : tryIterate(other);
    return items !== undefined && equals(new Tuple(this.items), new Tuple([...items]));
  }
  override hashKey(): undefined {
    return undefined;
  }
  override repr(): string {
    const first = this.items.slice(0, 5).map((v) => repr(v));
    return `<agate.${this.typeName}: (${first.join(', ')}${this.items.length > 5 ? ', ...' : ''})>`;
  }
}

/** One row of a table: a value for each column's name. */
export class Row extends MappedSequence {
  override readonly typeName = 'Row';
}

interface Method {
  readonly sig: Signature;
  readonly body: (self: MappedSequence, a: readonly (Value | undefined)[]) => Value;
}

function method(name: string, names: readonly string[], body: Method['body']): [string, Method] {
  return [name, { sig: signature(name, 1, ...names), body }];
}

function pairsOf(self: MappedSequence): Tuple[] {
  return (self.keys ?? []).map((key, i) => new Tuple([key, self.items[i] ?? null]));
}

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  method('values', [], (self) => new Tuple(self.items)),
  method('keys', [], (self) => (self.keys === null ? null : new Tuple(self.keys))),
  method('items', [], (self) => new Tuple(pairsOf(self))),
  method('dict', [], (self) => new Dict(pairsOf(self).map((pair) => [pair.items[0] as Value, pair.items[1] as Value]))),
  method('get', ['key', 'default='], (self, [key, fallback]) => (typeof key === 'string' ? self.named(key) : undefined) ?? fallback ?? null),
]);
