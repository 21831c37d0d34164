import { type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { equals, hashKey, index, isInt, reprAll, sameItems } from './core.ts';
import { MOST_ITEMS } from './limits.ts';
import { sequenceOrder } from './order.ts';

/** A Python tuple. */
export class Tuple extends Obj {
  readonly typeName: string = 'tuple';
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
  override length(): number {
    return this.items.length;
  }
  override iterate(): Iterable<Value> {
    return this.items;
  }
  override item(key: Value): Value | undefined {
    const i = index(key);
    return i === undefined ? undefined : this.items[i < 0 ? i + this.items.length : i];
  }
  override contains(item: Value): boolean {
    return this.items.some((own) => equals(own, item));
  }
  override repr(around?: readonly Value[]): string {
    if (around?.includes(this)) return '(...)';
    return `(${reprAll(this.items, around === undefined ? [this] : [...around, this])}${this.items.length === 1 ? ',' : ''})`;
  }
  override equals(other: Value): boolean {
    return this === other || (other instanceof Tuple && sameItems(this.items, other.items));
  }
  override hashKey(): unknown {
    let key = '\0t';
    for (const item of this.items) {
      const part = hashKey(item);
      // An item hashed by identity has no text: such a tuple is its own key.
      if (typeof part === 'object' && part !== null) return this;
      const text = typeof part === 'string' ? part : part === null ? 'None' : `#${part}`;
      key += `${text.length}${typeof part === 'string' ? 's' : 'n'}${text}`;
    }
    return key;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    return other instanceof Tuple ? sequenceOrder(op, this.items, other.items) : undefined;
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (op === '+' && !reflected && other instanceof Tuple) return new Tuple([...this.items, ...other.items]);
    if (op === '*' && isInt(other)) return new Tuple(repeat(this.items, other));
    return undefined;
  }
}

/** A named tuple: a tuple whose items have attribute names too. */
export class Named extends Tuple {
  override readonly typeName: string;
  private readonly fields: readonly string[];
  private readonly labelled: boolean;
  /** `labelled` says whether the repr names the type and the fields, as a plain namedtuple's does. */
  constructor(typeName: string, fields: readonly string[], items: readonly Value[], labelled = true) {
    super(items);
    this.typeName = typeName;
    this.fields = fields;
    this.labelled = labelled;
  }
  override attr(name: string): Value | undefined {
    const i = this.fields.indexOf(name);
    return i < 0 ? super.attr(name) : this.items[i];
  }
  override repr(around?: readonly Value[]): string {
    if (!this.labelled) return super.repr(around);
    return `${this.typeName}(${this.fields.map((field, i) => `${field}=${reprAll([this.items[i] as Value], around)}`).join(', ')})`;
  }
}

/** The items repeated `times` times; raises MemoryError beyond what a template can mean. */
export function repeat(items: readonly Value[], times: number | bigint | boolean): Value[] {
  const n = index(times) as number;
  if (typeof times === 'bigint' && BigInt.asIntN(64, times) !== times) throw new PyError('OverflowError', "cannot fit 'int' into an index-sized integer");
  if (n <= 0 || items.length === 0) return [];
  if (items.length * n > MOST_ITEMS) throw new PyError('MemoryError', 'the sequence is too large');
  const out: Value[] = [];
  for (let i = 0; i < n; i++) for (const item of items) out.push(item);
  return out;
}
