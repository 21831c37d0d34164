import type { Span } from '../text/index.ts';

/**
 * A Python value as templates see it.
 *
 * None is `null`; bool is `boolean`; int is `number` while it is a safe integer and `bigint` beyond; float is always a boxed {@link Float}, so
 * `typeof v === 'number'` means int; str is `string`; list is a JavaScript array, with its identity and mutability; everything else
 * (tuple, dict, set, float, undefined, functions, host objects) is an {@link Obj}.
 */
export type Value = null | boolean | number | bigint | string | Value[] | Obj;

/** Python's binary arithmetic, as templates spell it. */
export type BinaryOp = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Python's ordering comparisons. */
export type OrderOp = '<' | '<=' | '>' | '>=';

/** A computation that asks its driver for effects by yielding them. `jinja/` knows nothing of what an effect is. */
export type Program<T = Value, E = unknown> = Generator<E, T, unknown>;

/** Arguments of a call, with `*args` and `**kwargs` already spread. */
export interface Args {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** Where in a template a call stands, and the calls that led there. */
export interface Site {
  readonly at: Span;
  readonly stack?: Frame | undefined;
}

/** One entry of the macro stack: the macro being run and the place that called it. */
export interface Frame {
  readonly macro: string;
  readonly calledFrom: Span;
  readonly parent?: Frame | undefined;
  /** What it was called with, and the names of its parameters: shown where a call fails. */
  readonly args?: Args;
  readonly params?: readonly { readonly name: string }[];
}

/** An object of the template's world. Templates reach what these methods answer and nothing else: no JavaScript property is visible. */
export abstract class Obj {
  /** Python's name of the type, as `type(x).__name__` would say. */
  abstract readonly typeName: string;
  /** The attribute, or undefined where the object has none of this name. */
  attr(_name: string): Value | undefined {
    return undefined;
  }
  /** `self[key]`, or undefined where there is none (a KeyError or IndexError in Python). */
  item(_key: Value): Value | undefined {
    return undefined;
  }
  /** `self.name = value` through a `set` on a namespace; answers false where not allowed. */
  setAttr(_name: string, _value: Value): boolean {
    return false;
  }
  truthy(): boolean {
    return this.length() !== 0;
  }
  /** `len(self)`, or undefined where the object has no length. */
  length(): number | undefined {
    return undefined;
  }
  iterate(): Iterable<Value> | undefined {
    return undefined;
  }
  /** `reversed(self)`, or undefined where the type has none. */
  reverse(): Iterable<Value> | undefined {
    return undefined;
  }
  contains(_item: Value): boolean | undefined {
    return undefined;
  }
  /** Whether the type is one of Python's mappings, as the test `mapping` asks. */
  isMapping(): boolean {
    return false;
  }
  /** `str(self)`. */
  str(): string {
    return this.repr();
  }
  /** `repr(self)`; containers get the containers being printed around them, so that a cycle prints as `...`. */
  repr(_around?: readonly Value[]): string {
    return `<${this.typeName} object>`;
  }
  /** The names that attributes of this object can have, where they are worth guessing from. */
  attributeNames(): Iterable<string> | undefined {
    return undefined;
  }
  /** The fields of an object of Python's dataclasses, which pretty-printing lays out line by line; undefined for all others. */
  record(): readonly (readonly [string, Value])[] | undefined {
    return undefined;
  }
  equals(other: Value): boolean {
    return this === other;
  }
  /** `self op other` (`other op self` when reflected), or undefined where the type does not define it. */
  operate(_op: BinaryOp, _other: Value, _reflected: boolean): Value | undefined {
    return undefined;
  }
  /** `-self` or `+self`, or undefined where the type does not define it. */
  negate(_op: '-' | '+'): Value | undefined {
    return undefined;
  }
  /** `self op other`, or undefined where the two have no order. */
  order(_op: OrderOp, _other: Value): boolean | undefined {
    return undefined;
  }
  /** `format(self, spec)`, or undefined for the default (`str(self)` laid out as text). */
  format(_spec: string): string | undefined {
    return undefined;
  }
  /** The Python module of the type; empty for a builtin. */
  module(): string {
    return '';
  }
  /** A primitive that equal objects share (a dict key), or undefined where the type is unhashable. Identity by default. */
  hashKey(): unknown {
    return this;
  }
}

/** Something that can be called. `call` is the plain form; an object that may need effects has `program` too, and its `call` throws {@link NeedsEffect}. */
export abstract class Callable extends Obj {
  readonly typeName: string = 'function';
  abstract call(args: Args, site: Site): Value;
  program?(args: Args, site: Site): Program;
  override truthy(): boolean {
    return true;
  }
}

/** A function of the host. */
export class Native extends Callable {
  readonly name: string;
  private readonly body: (args: Args, site: Site) => Value;
  constructor(name: string, body: (args: Args, site: Site) => Value) {
    super();
    this.name = name;
    this.body = body;
  }
  call(args: Args, site: Site): Value {
    return this.body(args, site);
  }
  override repr(): string {
    return `<function ${this.name}>`;
  }
}

/** A function of the host that asks for effects: runs in program form only. */
export class Effectful extends Callable {
  readonly name: string;
  private readonly body: (args: Args, site: Site) => Program;
  constructor(name: string, body: (args: Args, site: Site) => Program) {
    super();
    this.name = name;
    this.body = body;
  }
  call(_args: Args, _site: Site): Value {
    throw new NeedsEffect(this.name);
  }
  override program(args: Args, site: Site): Program {
    return this.body(args, site);
  }
  override repr(): string {
    return `<function ${this.name}>`;
  }
}

/** Thrown by a plain (synchronous) evaluation that meets a call which needs effects: the caller starts again in program form. */
export class NeedsEffect extends Error {
  constructor(name: string) {
    super(`${name}() needs the program form`);
    this.name = 'NeedsEffect';
  }
}

/** A Python exception: the kind, and the text Python would print. The evaluator adds the place and the macro stack. */
export class PyError extends Error {
  /** `TypeError`, `KeyError`, `UndefinedError`, ... */
  readonly kind: string;
  /** The name that was probably meant, where a name was not found. */
  readonly near: string | undefined;
  constructor(kind: string, message: string, near?: string) {
    super(message);
    this.kind = kind;
    this.near = near;
    this.name = 'PyError';
  }
}
