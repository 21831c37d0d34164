import { type Args, Callable, callValue, Dict, Native, Obj, type Program, PyError, type Site, signature, str, type Value } from '../jinja/index.ts';
import { DiagnosticError, diagnostic, fail } from '../text/index.ts';
import { native } from './base.ts';
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

/** `builtins`: dml's own `ref`, `source`, `config` where the project has macros of those names. */
export function builtinsValue(names: Names): Value {
  const out = new Dict();
  for (const name of [
    'ref',
    'source',
    'config',
    'function',
    'metric',
    'var',
    'env_var',
    'return',
    'log',
    'print',
    'set',
    'zip',
    'tojson',
    'fromjson',
    'toyaml',
    'fromyaml',
    'run_started_at',
    'target',
    'flags',
    'exceptions',
    'modules',
    'local_md5',
    'invocation_id',
    'dbt_version',
  ]) {
    const value = names.member(name);
    if (value !== undefined) out.set(name, value);
  }
  return out;
}

/** `render(text)`: renders a text with the names of the template it is called from. */
export function renderMember(names: Names): Value {
  return native(signature('render', 0, 'string'), ([text]) => names.renderText(str(text as Value), 'render()'));
}

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

/** Old names that dbt still has in every template with an adapter. */
export function commonMember(name: string, names: Names): Value | undefined {
  switch (name) {
    case 'sql_now':
      return 'now()';
    case 'column':
      return columnClass(names.invocation.dialect);
    case 'adapter_macro':
      return new Native(name, (_, site) =>
        fail(
          'macro-raised',
          { problem: '`adapter_macro` is not supported any more' },
          { at: site.at, hint: "call `adapter.dispatch('name', macro_namespace='package')(...)`" },
        ),
      );
    default:
      return undefined;
  }
}
