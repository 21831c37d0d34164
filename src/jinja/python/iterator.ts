import { Obj, type Value } from '../value.ts';
import { equals, index, isInt, toInt } from './core.ts';
import { boundItems } from './limits.ts';
import { codePoints } from './text.ts';
import { Tuple } from './tuple.ts';

/** A Python iterator: can be gone through once. */
export class Iter extends Obj {
  readonly typeName: string;
  private readonly source: Iterator<Value>;
  private readonly label: string | undefined;
  private readonly home: string;
  private taken = 0;
  /** `label` names the function behind a generator; `home` is the module of the type. */
  constructor(typeName: string, source: Iterable<Value>, label?: string, home = '') {
    super();
    this.typeName = typeName;
    this.source = source[Symbol.iterator]();
    this.label = label;
    this.home = home;
  }
  override truthy(): boolean {
    return true;
  }
  override iterate(): Iterable<Value> {
    // No `return`: leaving a loop early must not close the iterator.
    const next = (): IteratorResult<Value> => {
      const step = this.source.next();
      const { value } = step;
      this.taken += value instanceof Tuple ? 1 + value.items.length : 1;
      boundItems(this.taken);
      return step;
    };
    return { [Symbol.iterator]: () => ({ next }) };
  }
  override contains(item: Value): boolean {
    for (const own of this.iterate()) if (equals(own, item)) return true;
    return false;
  }
  override module(): string {
    return this.home;
  }
  override repr(): string {
    return this.label === undefined ? `<${this.home === '' ? '' : `${this.home}.`}${this.typeName} object>` : `<${this.typeName} object ${this.label}>`;
  }
}

/** A generator object. */
export function generator(label: string, source: Iterable<Value>): Iter {
  return new Iter('generator', source, label);
}

/** A Python range. */
export class Range extends Obj {
  readonly typeName = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly size: number;
  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.size = Math.max(0, Math.ceil((stop - start) / step)) + 0;
  }
  override length(): number {
    return this.size;
  }
  override *iterate(): Iterable<Value> {
    for (let i = 0, v = this.start; i < this.size; i++, v += this.step) yield v;
  }
  override item(key: Value): Value | undefined {
    const i = index(key);
    if (i === undefined) return undefined;
    const at = i < 0 ? i + this.size : i;
    return at >= 0 && at < this.size ? this.start + at * this.step : undefined;
  }
  override contains(item: Value): boolean {
    if (!isInt(item)) {
      for (const own of this.iterate()) if (equals(own, item)) return true;
      return false;
    }
    const n = Number(toInt(item));
    const at = (n - this.start) / this.step;
    return Number.isInteger(at) && at >= 0 && at < this.size;
  }
  override attr(name: string): Value | undefined {
    if (name === 'start') return this.start;
    if (name === 'stop') return this.stop;
    return name === 'step' ? this.step : undefined;
  }
  override repr(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1 ? '' : `, ${this.step}`})`;
  }
  override equals(other: Value): boolean {
    if (!(other instanceof Range) || other.size !== this.size) return false;
    return this.size === 0 || (this.start === other.start && (this.size === 1 || this.step === other.step));
  }
  override hashKey(): unknown {
    return `\0r${this.size}${this.size > 0 ? `,${this.start}` : ''}${this.size > 1 ? `,${this.step}` : ''}`;
  }
  slice(indices: readonly [number, number, number]): Range {
    const [start, stop, step] = indices;
    return new Range(this.start + start * this.step, this.start + stop * this.step, this.step * step);
  }
}

/** `reversed(v)`, or undefined where the type has no reverse order. */
export function reversed(v: Value): Iterable<Value> | undefined {
  if (Array.isArray(v)) return backwards(v);
  if (typeof v === 'string') return codePoints(v).reverse();
  if (v instanceof Tuple) return backwards(v.items);
  if (v instanceof Range) return backwards([...v.iterate()]);
  return v instanceof Obj ? v.reverse() : undefined;
}

function* backwards(items: readonly Value[]): Iterable<Value> {
  for (let i = items.length - 1; i >= 0; i--) yield items[i] as Value;
}
