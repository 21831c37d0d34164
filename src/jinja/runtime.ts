import { closest, DiagnosticError, diagnostic, fail, type Related, type SourceFile, type Span, span } from '../text/index.ts';
import type { Node } from './ast.ts';
import type { OutputMap } from './map.ts';
import { type Filter, type FilterHost, LimitError, Markup, repr, type Test, Undefined, type UndefinedMode } from './python/index.ts';
import { type Args, Callable, type Frame, PyError, type Site, type Value } from './value.ts';

/** Where a template's free names come from; undefined for a name it does not know. Asked at every read, so that values can be made lazily. */
export type Globals = (name: string) => Value | undefined;

/** What one run of templates may use up. */
export interface Limits {
  /** Loop rounds, calls and filters, where a macro call or a large result counts for several; 25 million by default. */
  readonly steps?: number;
  /** Characters printed, counting the text of macros each time it is printed; 512 million by default. */
  readonly output?: number;
  /** Macro calls inside each other; 400 by default. */
  readonly depth?: number;
}

/** What the templates and macros of one run share: the limits left, and the map being drawn. One for each node, say. */
export class Run {
  steps: number;
  output: number;
  readonly maxDepth: number;
  depth = 0;
  /** Set while an output map is wanted. */
  mapping = false;
  /** The text the last macro call gave, and its map: printing that text adopts the map. */
  last: { readonly text: string; readonly map: OutputMap } | undefined;
  constructor(limits: Limits = {}) {
    this.steps = limits.steps ?? 25_000_000;
    this.output = limits.output ?? 512_000_000;
    this.maxDepth = limits.depth ?? 400;
  }
  step(): void {
    if (--this.steps < 0) throw new LimitError('the template takes too many steps');
  }
  print(length: number): void {
    this.output -= length;
    if (this.output < 0) throw new LimitError('the template prints too much text');
  }
  /** Counts a call or filter by the size of what it gave, and answers that. */
  charge(v: Value): Value {
    const cost = typeof v === 'string' ? v.length >> 5 : Array.isArray(v) ? v.length : typeof v === 'bigint' ? 1000 : 0;
    // What was made may be kept: four steps to a call bound the memory as well.
    this.steps -= cost + 3;
    this.step();
    return v;
  }
  enter(): void {
    // A call costs about as much as eight rounds of a loop.
    this.steps -= 7;
    this.step();
    if (++this.depth > this.maxDepth) throw new LimitError(`macros call each other more than ${this.maxDepth} deep`);
  }
}

/** How to evaluate: shared by templates and bound macros. */
export interface Options {
  /** What an undefined value allows; `lenient` by default. */
  readonly undefined?: UndefinedMode | undefined;
  /** Limits and map shared between calls; a fresh one by default. */
  readonly run?: Run | undefined;
  /** Names that exist, for "did you mean". */
  readonly names?: (() => Iterable<string>) | undefined;
  /** A number from 0 up to 1, for the `random` filter. */
  readonly random?: (() => number) | undefined;
}

/** The names, filters and tests of an environment, as the evaluator needs them. */
export interface Library {
  readonly filters: ReadonlyMap<string, Filter>;
  readonly tests: ReadonlyMap<string, Test>;
  readonly globals: ReadonlyMap<string, Value>;
}

/** A run of templates over one set of globals. */
export class World implements FilterHost {
  readonly lookup: Globals;
  readonly library: Library;
  readonly run: Run;
  readonly mode: UndefinedMode;
  readonly names: (() => Iterable<string>) | undefined;
  readonly random: () => number;
  /** Compiled filters set it around `{% autoescape %}`. */
  autoescape = false;

  constructor(library: Library, lookup: Globals, options: Options) {
    this.library = library;
    this.lookup = lookup;
    this.run = options.run ?? new Run();
    this.mode = options.undefined ?? 'lenient';
    this.names = options.names;
    this.random = options.random ?? Math.random;
  }
  resolve(name: string): Value {
    const given = this.lookup(name);
    if (given !== undefined) return given;
    return this.library.globals.get(name) ?? this.undefined(name);
  }
  undefined(name?: string, hint?: string): Undefined {
    return new Undefined(name === undefined ? { hint } : { name, hint }, this.mode);
  }
  filter(name: string): Filter | undefined {
    return this.library.filters.get(name);
  }
  test(name: string): Test | undefined {
    return this.library.tests.get(name);
  }
}

/** One call of a compiled function: its variables, its output so far, and the place it has come to. */
export class Activation {
  readonly slots: (Value | undefined)[];
  readonly parent: Activation | undefined;
  readonly world: World;
  readonly stack: Frame | undefined;
  out = '';
  map: OutputMap | undefined;
  /** What is printed, value by value: set for native rendering of a template, outside of its blocks. */
  pieces: Value[] | undefined;
  /** The node whose evaluation may fail next. */
  at: Node = nowhere;
  /** The value of the `return()` that ended the body. */
  returned: Value = null;
  constructor(slots: (Value | undefined)[], parent: Activation | undefined, world: World, stack: Frame | undefined) {
    this.slots = slots;
    this.parent = parent;
    this.world = world;
    this.stack = stack;
  }
}
const nowhere: Node = { start: 0, end: 0 };

const unset: readonly undefined[] = Array.from({ length: 32 }, () => undefined);

/** The variables of an activation, all unset. Most functions have few: an array written out costs a third of one that is filled, a copy two thirds. */
export function blank(slots: number): (Value | undefined)[] {
  const u = undefined;
  switch (slots) {
    case 0:
      return [];
    case 1:
      return [u];
    case 2:
      return [u, u];
    case 3:
      return [u, u, u];
    case 4:
      return [u, u, u, u];
    default:
      return slots <= unset.length ? unset.slice(0, slots) : new Array<Value | undefined>(slots).fill(u);
  }
}

/** How a statement ended. */
export const NORMAL = 0;
export const BREAK = 1;
export const CONTINUE = 2;
export const RETURN = 3;
export type Completion = 0 | 1 | 2 | 3;

/** Thrown to end the innermost host-bound macro call with a value. No Error, because it is no mistake and a stack trace would cost more than the call. */
export class ReturnSignal {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** The function that ends the innermost host-bound macro with its argument. Bind a name to it in the globals. */
export class Return extends Callable {
  call(args: Args, _site: Site): Value {
    const value = args.positional[0] ?? args.named.get('data') ?? null;
    if (args.positional.length + args.named.size > 1)
      throw new PyError('TypeError', `return() takes 1 argument (${args.positional.length + args.named.size} given)`);
    throw new ReturnSignal(value);
  }
}

/** The name that was probably meant: the same one behind an object's (`tools.cents` for `cents`), else the nearest. */
function meant(name: string, known: readonly string[]): string | undefined {
  return known.find((other) => other.endsWith(`.${name}`)) ?? closest(name, known);
}

/** The error to throw on: a Python exception becomes a diagnostic at the place the activation has come to, with the macro calls around it. */
export function located(e: unknown, a: Activation, file: SourceFile): unknown {
  if (e instanceof ReturnSignal) return e;
  const at = (): Span => span(file, a.at.start, a.at.end);
  // First, because near the end of the stack even the tests below may fail.
  if (isOverflow(e)) return caused(diagnostic('jinja-limit', { problem: 'the template nests too deep' }, { at: at(), related: callChain(a.stack) }), e);
  if (e instanceof PyError) {
    const related = callChain(a.stack);
    if (e.kind === 'MemoryError') return caused(diagnostic('jinja-limit', { problem: e.message }, { at: at(), related }), e);
    if (e.kind !== 'UndefinedError') return caused(diagnostic('jinja-error', { problem: describe(e) }, { at: at(), related }), e);
    const name = /^'([^']+)' is undefined$/.exec(e.message)?.[1];
    const near = name === undefined || a.world.names === undefined ? e.near : meant(name, [...a.world.names()]);
    return caused(diagnostic('jinja-undefined', { problem: e.message, near }, { at: at(), related }), e);
  }
  if (e instanceof LimitError) return caused(diagnostic('jinja-limit', { problem: e.message }, { at: at(), related: callChain(a.stack) }), e);
  if (isTooLong(e)) return caused(diagnostic('jinja-limit', { problem: 'a text or list is too large' }, { at: at(), related: callChain(a.stack) }), e);
  if (e instanceof DiagnosticError && e.diagnostic.at === undefined) {
    const related = [...(e.diagnostic.related ?? []), ...callChain(a.stack)];
    return caused({ ...e.diagnostic, at: at(), ...(related.length > 0 && { related }) }, e);
  }
  return e;
}

/** Whether the JavaScript stack ran out. Near its end even a RegExp fails, with an error of another class that quotes the reason. */
function isOverflow(e: unknown): e is Error {
  return e instanceof Error && e.message.includes('Maximum call stack') && e.name !== 'DiagnosticError';
}

/** Whether a string, array or int outgrew what JavaScript can hold. */
function isTooLong(e: unknown): e is RangeError {
  return e instanceof RangeError && /Invalid (?:string|array) length|Invalid count value|Maximum BigInt size/.test(e.message);
}

/** Parses or compiles; a template nested too deep for the stack is the user's mistake. */
export function guarded<T>(file: SourceFile, make: () => T): T {
  try {
    return make();
  } catch (e) {
    if (isOverflow(e)) fail('jinja-limit', { problem: 'the template nests too deep' }, { at: span(file, 0, 0) });
    throw e;
  }
}

function caused(d: DiagnosticError['diagnostic'], cause: Error): DiagnosticError {
  const error = new DiagnosticError(d);
  error.cause = cause;
  return error;
}

/** A KeyError's text is only the key: the kind has to say what is wrong. */
function describe(e: PyError): string {
  return e.kind === 'KeyError' || e.kind === 'StopIteration' || e.message === '' ? `${e.kind}${e.message === '' ? '' : `: ${e.message}`}` : e.message;
}

const shownCalls = 20;

/** The macro calls that led somewhere, innermost first. */
export function callChain(stack: Frame | undefined): Related[] {
  const chain: Related[] = [];
  let frame = stack;
  for (; frame !== undefined && chain.length < shownCalls; frame = frame.parent)
    chain.push({ message: `in macro \`${frame.macro}${shownArguments(frame)}\`, called from here`, at: frame.calledFrom });
  if (frame !== undefined) chain.push({ message: 'more calls are not shown' });
  return chain;
}

/** The arguments of a call where they are short: `(column='amount', scale=2)`; long ones as `...`. Empty where there are none. */
function shownArguments({ args, params }: Frame): string {
  if (args === undefined) return '';
  const named = [...args.named].filter(([name]) => name !== 'caller');
  const texts = [
    ...args.positional.map((v, i) => `${params?.[i] === undefined ? '' : `${params[i]?.name}=`}${shortRepr(v)}`),
    ...named.map(([name, v]) => `${name}=${shortRepr(v)}`),
  ];
  const text = texts.join(', ');
  return texts.length === 0 ? '' : `(${text.length <= LONG_CALL ? text : '...'})`;
}

const LONG_VALUE = 40;
const LONG_CALL = 120;

/** A value as Python prints it, if that is short. Only plain values: others might do work to print themselves. */
function shortRepr(v: Value): string {
  if (v instanceof Callable) return '...';
  try {
    const text = repr(v);
    return text.length <= LONG_VALUE && !text.includes('\n') ? text : '...';
  } catch {
    return '...';
  }
}

/** The error of a call whose arguments do not fit the macro: shown at the call, with the macro's header. */
export function wrongCall(e: unknown, site: Site, header: string): unknown {
  if (!(e instanceof PyError)) return e;
  return caused(diagnostic('jinja-error', { problem: describe(e) }, { at: site.at, related: callChain(site.stack), hint: `the macro is \`${header}\`` }), e);
}

/** Ends an evaluation that has reached a tag which needs other files. */
export function needsLoader(tag: string): never {
  fail(
    'jinja-error',
    { problem: `\`{% ${tag} %}\` cannot load a template: files of a project are rendered one by one` },
    { hint: 'put shared text into a macro' },
  );
}

/** What a buffer of output is as a value: safe text where escaping is on. */
export function buffered(text: string, autoescape: boolean): Value {
  return autoescape ? new Markup(text) : text;
}
