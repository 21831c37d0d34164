import {
  type Args,
  bind,
  Callable,
  callChain,
  callValue,
  Dict,
  Native,
  Obj,
  type Program,
  PyError,
  type Site,
  signature,
  str,
  type Template,
  type Value,
} from '../jinja/index.ts';
import { addRelated, DiagnosticError, diagnostic, sourceFile } from '../text/index.ts';
import { columnClass } from './column.ts';
import type { Names } from './names.ts';
import { relationClass } from './relation.ts';

/** An object whose attributes are a fixed table, and which is a mapping of them. */
export class Module extends Obj {
  readonly typeName: string;
  private readonly members: ReadonlyMap<string, Value>;
  constructor(typeName: string, members: Iterable<readonly [string, Value]>) {
    super();
    this.typeName = typeName;
    this.members = new Map(members);
  }
  override attr(name: string): Value | undefined {
    return this.members.get(name) ?? new Dict(this.members).attr(name);
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.members.get(key) : undefined;
  }
  override isMapping(): boolean {
    return true;
  }
  override contains(item: Value): boolean {
    return typeof item === 'string' && this.members.has(item);
  }
  override length(): number {
    return this.members.size;
  }
  override iterate(): Iterable<Value> {
    return this.members.keys();
  }
  override truthy(): boolean {
    return true;
  }
}

/** `api`: the classes templates make relations and columns with. */
export function apiValue(names: Names): Value {
  const { dialect } = names.invocation;
  return new Module('DBTContextAPI', [
    ['Relation', relationClass(dialect)],
    ['Column', columnClass(dialect)],
  ]);
}

/** `render(text)`: renders a text with the names of the template it is called from. The text may talk to the database too. */
export class Render extends Callable {
  private readonly names: Names;
  constructor(names: Names) {
    super();
    this.names = names;
  }
  private template(args: Args): Template {
    const [text] = bind(RENDER, args);
    return this.names.invocation.environment.parse(sourceFile('render()', str(text as Value)));
  }
  call(args: Args, site: Site): Value {
    try {
      return this.template(args).render(this.names.lookup, this.names.options);
    } catch (e) {
      throw this.told(e, site);
    }
  }
  override *program(args: Args, site: Site): Program {
    try {
      return yield* this.template(args).program(this.names.lookup, this.names.options);
    } catch (e) {
      throw this.told(e, site);
    }
  }
  private told(e: unknown, site: Site): unknown {
    return addRelated(e, [{ message: 'in a text that `render` was given here', at: site.at }, ...callChain(site.stack)]);
  }
}

const RENDER = signature('render', 0, 'string');

/** `try_or_compiler_error(message, function, *args)`. */
export function tryOrCompilerError(): Value {
  return new TryCall();
}

class TryCall extends Callable {
  private split(args: Args): { message: string; f: Value; rest: Args } {
    const [message, f, ...rest] = args.positional;
    if (message === undefined || f === undefined) throw new PyError('TypeError', 'try_or_compiler_error() needs a message and a function');
    return { message: str(message), f, rest: { positional: rest, named: args.named } };
  }
  private fail(message: string, e: unknown, site: Site): never {
    if (e instanceof PyError || e instanceof DiagnosticError)
      throw new DiagnosticError(diagnostic('jinja-error', { problem: message }, { at: site.at, cause: e.message }));
    throw e;
  }
  call(args: Args, site: Site): Value {
    const { message, f, rest } = this.split(args);
    try {
      return callValue(f, rest, site);
    } catch (e) {
      return this.fail(message, e, site);
    }
  }
  override *program(args: Args, site: Site): Program {
    const { message, f, rest } = this.split(args);
    try {
      return f instanceof Callable && f.program ? yield* f.program(rest, site) : callValue(f, rest, site);
    } catch (e) {
      return this.fail(message, e, site);
    }
  }
}

/** `validation.any[...]`: a validator that accepts one of the listed values or types. */
export function validationValue(): Value {
  return new Module('ValidationModule', [['any', new AnyOf([])]]);
}

class AnyOf extends Callable {
  override readonly typeName = 'Validator';
  private readonly accepted: readonly Value[];
  constructor(accepted: readonly Value[]) {
    super();
    this.accepted = accepted;
  }
  override item(key: Value): Value {
    return new AnyOf(key instanceof Obj && key.iterate() ? [...(key.iterate() as Iterable<Value>)] : [key]);
  }
  call(args: Args): Value {
    const [value] = args.positional;
    const matches = this.accepted.some(
      (a) => a === value || (a instanceof Native && typeof value === 'string' && a.name === 'string') || a === 'string' || a === 'str',
    );
    if (!matches && this.accepted.length > 0)
      throw new PyError(
        'ValidationError',
        `Expected value "${value === undefined ? '' : str(value)}" to be one of ${this.accepted.map((a) => str(a)).join(',')}`,
      );
    return null;
  }
}

/** `context_macro_stack`: the macros being run. */
export class MacroStack extends Obj {
  readonly typeName = 'MacroStack';
  private readonly names: Names;
  constructor(names: Names) {
    super();
    this.names = names;
  }
  override attr(name: string): Value | undefined {
    if (name === 'depth') return this.names.stack.length;
    return name === 'call_stack' ? this.names.stack.map((m) => m.unique_id) : undefined;
  }
  override truthy(): boolean {
    return true;
  }
}
