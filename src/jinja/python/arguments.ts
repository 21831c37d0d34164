import { type Args, Callable, type Site, type Value } from '../value.ts';
import { describe, index, slotName, typeError } from './core.ts';

/** A method of a builtin type. */
export type Method<T> = (self: T, args: Args, site: Site) => Value;

/** A method with the value it belongs to. */
export class Bound<T extends Value> extends Callable {
  override readonly typeName = 'builtin_function_or_method';
  private readonly self: T;
  private readonly name: string;
  private readonly body: Method<T>;
  constructor(self: T, name: string, body: Method<T>) {
    super();
    this.self = self;
    this.name = name;
    this.body = body;
  }
  override call(args: Args, site: Site): Value {
    return this.body(this.self, args, site);
  }
  override repr(): string {
    return `<built-in method ${this.name} of ${describe(this.self)}>`;
  }
}

/** A function that is no method, for module members and constructors. */
export class Builtin extends Callable {
  override readonly typeName: string;
  readonly name: string;
  private readonly body: (args: Args, site: Site) => Value;
  constructor(name: string, body: (args: Args, site: Site) => Value, typeName = 'builtin_function_or_method') {
    super();
    this.name = name;
    this.body = body;
    this.typeName = typeName;
  }
  override call(args: Args, site: Site): Value {
    return this.body(args, site);
  }
  override repr(): string {
    return this.typeName === 'type' ? `<class '${this.name}'>` : `<built-in function ${this.name}>`;
  }
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** Checks the arguments of a builtin that takes from `min` to `max` positional ones and no keywords; answers them. */
export function positional(args: Args, name: string, min: number, max = min): readonly Value[] {
  const given = args.positional.length;
  if (args.named.size > 0) throw typeError(`${name}() takes no keyword arguments`);
  if (given >= min && given <= max) return args.positional;
  if (max === 0) throw typeError(`${name}() takes no arguments (${given} given)`);
  if (min === 1 && max === 1) throw typeError(`${name}() takes exactly one argument (${given} given)`);
  const short = name.slice(name.lastIndexOf('.') + 1);
  const bound = min === max ? '' : given < min ? 'at least ' : 'at most ';
  throw typeError(`${short} expected ${bound}${count(given < min ? min : max, 'argument')}, got ${given}`);
}

/** A method that takes no arguments. */
export function nullary<T>(name: string, body: (self: T) => Value): Method<T> {
  return (self, args) => {
    positional(args, name, 0);
    return body(self);
  };
}

/** None, after what was done for its effect. */
export function done(_effect: unknown): null {
  return null;
}

/** The parameters of a function written in Python, as its errors describe them. */
export interface Signature {
  readonly name: string;
  readonly names: readonly string[];
  readonly required: number;
  /** Parameters before the listed ones (the filtered value, the environment), which count in messages. */
  readonly hidden: number;
  /** Whether errors are worded as those of functions written in C. */
  readonly native?: boolean;
  /** Parameters from this index on are keyword-only. */
  readonly positional: number;
}

/** `signature('do_indent', 'width=', 'first=')`: a trailing `=` marks an optional parameter; `*` makes those after it keyword-only. */
export function signature(name: string, hidden: number, ...names: readonly string[]): Signature {
  const star = names.indexOf('*');
  const plain = names.filter((n) => n !== '*');
  const optional = plain.findIndex((n) => n.endsWith('='));
  return {
    name,
    hidden,
    names: plain.map((n) => n.replace('=', '')),
    required: optional < 0 ? plain.length : optional,
    positional: star < 0 ? plain.length : star,
  };
}

/** The signature of a builtin method that takes keywords. */
export function nativeSignature(name: string, ...names: readonly string[]): Signature {
  return { ...signature(name, 0, ...names), native: true };
}

function nativeError(sig: Signature, args: Args): string | undefined {
  const given = args.positional.length + args.named.size;
  const max = sig.names.length;
  if (given > max) return `${sig.name}() takes at most ${count(max, 'argument')} (${given} given)`;
  for (const key of args.named.keys()) {
    const at = sig.names.indexOf(key);
    if (at < 0) return `'${key}' is an invalid keyword argument for ${sig.name}()`;
    if (at < args.positional.length) return `argument for ${sig.name}() given by name ('${key}') and position (${at + 1})`;
  }
  return undefined;
}

/** The arguments by position; undefined where an optional one is absent. Raises TypeError as Python words it. */
export function bind(sig: Signature, args: Args): readonly (Value | undefined)[] {
  const given = args.positional;
  const native = sig.native === true ? nativeError(sig, args) : undefined;
  if (native !== undefined) throw typeError(native);
  if (given.length > sig.positional) throw typeError(tooMany(sig, given.length));
  if (args.named.size === 0 && given.length >= sig.required) return given;
  const bound: (Value | undefined)[] = [...given];
  for (const [key, value] of args.named) {
    const at = sig.names.indexOf(key);
    if (at < 0) throw typeError(`${sig.name}() got an unexpected keyword argument '${key}'`);
    if (at < given.length) throw typeError(`${sig.name}() got multiple values for argument '${key}'`);
    bound[at] = value;
  }
  const missing: string[] = [];
  for (let i = 0; i < sig.required; i++) if (bound[i] === undefined) missing.push(`'${sig.names[i]}'`);
  if (missing.length > 0) {
    const last = missing.pop() as string;
    const list = missing.length === 0 ? last : missing.length === 1 ? `${missing[0]} and ${last}` : `${missing.join(', ')}, and ${last}`;
    throw typeError(`${sig.name}() missing ${count(missing.length + 1, 'required positional argument')}: ${list}`);
  }
  return bound;
}

function tooMany(sig: Signature, given: number): string {
  const max = sig.positional + sig.hidden;
  const min = sig.required + sig.hidden;
  const takes = min < max ? `from ${min} to ${count(max, 'positional argument')}` : count(max, 'positional argument');
  const total = given + sig.hidden;
  return `${sig.name}() takes ${takes} but ${total} ${total === 1 ? 'was' : 'were'} given`;
}

/** Checks arguments that are not to be used: answers nothing, raises as {@link bind} does. */
export function check<T>(sig: Signature, args: Args, value: T): T {
  bind(sig, args);
  return value;
}

/** An int argument of a builtin; raises TypeError. */
export function intArg(v: Value | undefined, fallback: number): number {
  if (v === undefined) return fallback;
  const n = index(v);
  if (n === undefined) throw typeError(`'${slotName(v)}' object cannot be interpreted as an integer`);
  return n;
}

/** Arguments without keywords. */
export function callArgs(...positionalValues: readonly Value[]): Args {
  return { positional: positionalValues, named: noNames };
}

const noNames: ReadonlyMap<string, Value> = new Map();
