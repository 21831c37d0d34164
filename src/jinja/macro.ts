import type { SourceFile, Span } from '../text/index.ts';
import { OutputMap } from './map.ts';
import { Dict, Tuple } from './python/index.ts';
import { Activation, blank, buffered, type Completion, located, RETURN, ReturnSignal, type World, wrongCall } from './runtime.ts';
import type { Variable } from './scope.ts';
import { type Args, Callable, type Frame, type Program, PyError, type Site, type Value } from './value.ts';

export type PlainBody = (a: Activation) => Completion;
export type ProgramBody = (a: Activation) => Generator<unknown, Completion, unknown>;

/** A macro compiled: what every macro object of the same statement shares. The bodies are made when first called. */
export interface MacroCode {
  readonly file: SourceFile;
  /** Undefined for the body of a `{% call %}`. */
  readonly name: string | undefined;
  readonly params: readonly { readonly name: string; readonly variable: Variable }[];
  readonly caller: Variable | undefined;
  readonly kwargs: Variable | undefined;
  readonly varargs: Variable | undefined;
  /** Whether it takes its parameters alone: it reads none of the three above. */
  readonly simple: boolean;
  /** How many variables an activation needs; known once a body is made. */
  readonly slots: () => number;
  /** Fills in defaults, then runs the statements. */
  readonly plain: () => PlainBody;
  readonly program: () => ProgramBody;
  /** Name and parameters as they are written. */
  readonly header: () => string;
}

/** A call of a macro, as the macro stack has it. */
class Call implements Frame {
  readonly args: Args;
  private readonly code: MacroCode;
  private readonly site: Site;
  constructor(code: MacroCode, args: Args, site: Site) {
    this.code = code;
    this.args = args;
    this.site = site;
  }
  get macro(): string {
    return this.code.name ?? 'caller';
  }
  get params(): MacroCode['params'] {
    return this.code.params;
  }
  get calledFrom(): Span {
    return this.site.at;
  }
  get parent(): Frame | undefined {
    return this.site.stack;
  }
}

/** A macro as a value. */
export class Macro extends Callable {
  override readonly typeName = 'Macro';
  readonly code: MacroCode;
  private readonly closure: Activation | undefined;
  private readonly world: World;
  /** Whether a `return()` ends this macro (a host-bound one) or goes on to the macro that called it. */
  private readonly bound: boolean;

  constructor(code: MacroCode, closure: Activation | undefined, world: World, bound: boolean) {
    super();
    this.code = code;
    this.closure = closure;
    this.world = world;
    this.bound = bound;
  }

  override call(args: Args, site: Site): Value {
    const body = this.code.plain();
    const { run } = this.world;
    const depth = run.depth;
    const a = this.activate(site, args);
    try {
      run.enter();
      if (!this.fill(a, args)) this.take(a, args, site);
      return this.result(a, body(a));
    } catch (e) {
      return this.failed(e, a);
    } finally {
      run.depth = depth;
    }
  }

  override *program(args: Args, site: Site): Program {
    const body = this.code.program();
    const { run } = this.world;
    const depth = run.depth;
    const a = this.activate(site, args);
    try {
      run.enter();
      if (!this.fill(a, args)) this.take(a, args, site);
      return this.result(a, yield* body(a));
    } catch (e) {
      return this.failed(e, a);
    } finally {
      run.depth = depth;
    }
  }

  private activate(site: Site, args: Args): Activation {
    const { code } = this;
    const a = new Activation(blank(code.slots()), this.closure, this.world, new Call(code, args, site));
    if (this.world.run.mapping) a.map = new OutputMap();
    return a;
  }

  private result(a: Activation, completion: Completion): Value {
    if (completion === RETURN) {
      if (this.bound) return a.returned;
      throw new ReturnSignal(a.returned);
    }
    if (a.map !== undefined) this.world.run.last = { text: a.out, map: a.map };
    return buffered(a.out, this.world.autoescape);
  }

  private failed(e: unknown, a: Activation): Value {
    if (e instanceof ReturnSignal && this.bound) return e.value;
    throw located(e, a, this.code.file);
  }

  /** Takes what most calls pass, positional arguments for plain parameters; answers false for anything else, and leaves it to {@link take}. */
  private fill(a: Activation, { positional, named }: Args): boolean {
    const { code } = this;
    const { params } = code;
    if (named.size !== 0 || positional.length > params.length || !code.simple) return false;
    for (let i = 0; i < positional.length; i++) a.slots[(params[i] as (typeof params)[number]).variable.slot] = positional[i];
    return true;
  }

  /** Arguments that do not fit are the caller's mistake, and shown at the call. */
  private take(a: Activation, args: Args, site: Site): void {
    try {
      this.bind(a, args);
    } catch (e) {
      throw wrongCall(e, site, this.code.header());
    }
  }

  /** Spreads the arguments over the parameters. What is missing stays unset, for the body to give it its default. */
  private bind(a: Activation, args: Args): void {
    const { code } = this;
    const { params } = code;
    const { positional, named } = args;
    const { slots } = a;
    const direct = Math.min(positional.length, params.length);
    for (let i = 0; i < direct; i++) slots[params[i]?.variable.slot as number] = positional[i];
    let used = 0;
    let callerTaken = direct === params.length && params.some((p) => p.name === 'caller');
    for (let i = direct; i < params.length; i++) {
      const param = params[i] as (typeof params)[number];
      if (param.name === 'caller') callerTaken = true;
      if (named.size === 0) continue;
      const value = named.get(param.name);
      if (value === undefined) continue;
      slots[param.variable.slot] = value;
      used++;
    }
    if (code.caller !== undefined && !callerTaken) {
      const given = named.get('caller');
      if (given !== undefined) used++;
      slots[code.caller.slot] = given ?? this.world.undefined('caller', 'No caller defined');
    }
    if (used < named.size || code.kwargs !== undefined) this.keywords(slots, direct, named);
    if (code.varargs !== undefined) slots[code.varargs.slot] = new Tuple(positional.slice(params.length));
    else if (positional.length > params.length) throw new PyError('TypeError', `macro ${this.label()} takes not more than ${params.length} argument(s)`);
  }

  private keywords(slots: (Value | undefined)[], direct: number, named: ReadonlyMap<string, Value>): void {
    const { code } = this;
    const taken = new Set(code.params.slice(direct).map((p) => p.name));
    if (code.caller !== undefined) taken.add('caller');
    const rest = [...named].filter(([name]) => !taken.has(name));
    if (code.kwargs !== undefined) {
      slots[code.kwargs.slot] = new Dict(rest);
      return;
    }
    if (rest.some(([name]) => name === 'caller')) {
      throw new PyError('TypeError', `macro ${this.label()} was invoked with two values for the special caller argument. This is most likely a bug.`);
    }
    throw new PyError('TypeError', `macro ${this.label()} takes no keyword argument '${rest[0]?.[0] ?? ''}'`);
  }

  private label(): string {
    return this.code.name === undefined ? 'None' : `'${this.code.name}'`;
  }

  override attr(name: string): Value | undefined {
    const { code } = this;
    switch (name) {
      case 'name':
        return code.name ?? null;
      case 'arguments':
        return new Tuple(code.params.map((p) => p.name));
      case 'catch_kwargs':
        return code.kwargs !== undefined;
      case 'catch_varargs':
        return code.varargs !== undefined;
      case 'caller':
        return code.caller !== undefined;
      case 'explicit_caller':
        return code.params.some((p) => p.name === 'caller');
      default:
        return undefined;
    }
  }

  override module(): string {
    return 'jinja2.runtime';
  }

  override repr(): string {
    return `<Macro ${this.code.name === undefined ? 'anonymous' : this.label()}>`;
  }
}
