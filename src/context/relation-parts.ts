import { Obj, repr, signature, type Value } from '../jinja/index.ts';
import { boundMethod } from './method.ts';

/** The parts of a relation's name, the outermost first. */
export const parts = ['database', 'schema', 'identifier'] as const;
export type Part = (typeof parts)[number];

/** `path`, `quote_policy` and `include_policy` of a relation. */
export class PartsObj extends Obj {
  readonly typeName: string;
  private readonly values: { readonly [P in Part]: Value };
  constructor(typeName: string, values: { readonly [P in Part]: Value }) {
    super();
    this.typeName = typeName;
    this.values = values;
  }
  override attr(name: string): Value | undefined {
    const part = parts.find((p) => p === name);
    if (part) return this.values[part];
    if (name === 'get_part') return boundMethod(this, name, signature(name, 1, 'key'), (self, [key]) => self.item(key as Value) ?? null);
    if (name === 'get_lowered_part') return boundMethod(this, name, signature(name, 1, 'key'), (self, [key]) => lowered(self.item(key as Value)));
    return undefined;
  }
  override item(key: Value): Value | undefined {
    const part = parts.find((p) => p === key);
    return part && this.values[part];
  }
  override isMapping(): boolean {
    return true;
  }
  override truthy(): boolean {
    return true;
  }
  override equals(other: Value): boolean {
    return other instanceof PartsObj && other.typeName === this.typeName && parts.every((p) => other.values[p] === this.values[p]);
  }
  override repr(): string {
    return `${this.typeName}(${parts.map((p) => `${p}=${repr(this.values[p])}`).join(', ')})`;
  }
  override hashKey(): undefined {
    return undefined;
  }
}

function lowered(v: Value | undefined): Value {
  return typeof v === 'string' ? v.toLowerCase() : null;
}
