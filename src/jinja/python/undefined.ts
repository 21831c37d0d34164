import { closest } from '../../text/index.ts';
import { type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { describe, repr } from './core.ts';

/** `lenient`: printing gives nothing, anything else raises. `capture`: attribute, item and call answer another undefined (dbt while it parses). */
export type UndefinedMode = 'lenient' | 'capture';

/** What an undefined knows of its origin: the name looked up, the object it was looked up on, or a hint that replaces the message. */
export interface Origin {
  readonly name?: Value;
  readonly on?: Value;
  readonly hint?: string | undefined;
  readonly kind?: 'UndefinedError' | 'SecurityError';
}

const marker = '\0undefined';

/** Jinja's undefined. */
export class Undefined extends Obj {
  readonly typeName = 'Undefined';
  readonly mode: UndefinedMode;
  readonly origin: Origin;
  constructor(origin: Origin = {}, mode: UndefinedMode = 'lenient') {
    super();
    this.origin = origin;
    this.mode = mode;
  }
  /** The name looked up, when it is a plain one without an object: what a nearest-name hint works on. */
  get bareName(): string | undefined {
    const { name, on, hint } = this.origin;
    return typeof name === 'string' && on === undefined && hint === undefined ? name : undefined;
  }
  /** The text of the UndefinedError that using this value raises. */
  message(): string {
    const { name, on, hint } = this.origin;
    if (hint !== undefined) return hint;
    if (on === undefined || this.mode === 'capture') return `${repr(name ?? null)} is undefined`;
    if (typeof name !== 'string') return `${describe(on)} has no element ${repr(name ?? null)}`;
    return `'${describe(on)}' has no attribute ${repr(name)}`;
  }
  error(): PyError {
    return new PyError(this.mode === 'capture' ? 'UndefinedError' : (this.origin.kind ?? 'UndefinedError'), this.message(), this.near());
  }
  /** The name of the object that was probably meant. */
  private near(): string | undefined {
    const { name, on } = this.origin;
    const known = on instanceof Obj ? on.attributeNames() : undefined;
    return typeof name === 'string' && known ? closest(name, known) : undefined;
  }
  override attr(name: string): Value {
    if (this.mode === 'lenient') throw this.error();
    return new Undefined({ name, hint: this.origin.hint }, 'capture');
  }
  override item(_key: Value): Value {
    if (this.mode === 'lenient') throw this.error();
    return this;
  }
  override truthy(): boolean {
    return false;
  }
  override length(): number {
    return 0;
  }
  override iterate(): Iterable<Value> {
    return [];
  }
  override str(): string {
    return '';
  }
  override repr(): string {
    return 'Undefined';
  }
  override equals(other: Value): boolean {
    return other instanceof Undefined;
  }
  override hashKey(): unknown {
    return marker;
  }
  override operate(_op: BinaryOp, _other: Value, _reflected: boolean): never {
    throw this.error();
  }
  override negate(): never {
    throw this.error();
  }
  override order(_op: OrderOp, _other: Value): never {
    throw this.error();
  }
}
