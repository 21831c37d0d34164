import { isConflict, SqlError } from '../adapters/index.ts';
import { columnValue, type MacroDef, type Names, relationValue } from '../context/index.ts';
import { Callable, Dict, locate, OutputMap, str, type Value } from '../jinja/index.ts';
import { type Argument, type DictArgument, type Macros, MODEL } from '../plan/index.ts';
import type { JsonMap } from '../resolve/index.ts';
import { type Column, type Dialect, execute, type Program, type Relation } from '../sql/index.ts';
import { DiagnosticError, diagnostic, partOfAny, type SourceFile, type Span, span } from '../text/index.ts';
import { wordsOf } from './words.ts';

/** Which macros projects and packages have put in the place of dml's own. One for each package's point of view, shared by its nodes. */
export class Overrides {
  private readonly known = new Map<string, Map<string, boolean>>();

  /** Whether a call of `name` in this template's package reaches a macro of the project or a package, by name or by dispatch. */
  has(names: Pick<Names, 'invocation' | 'packageName' | 'scope'>, name: string): boolean {
    let of = this.known.get(names.packageName);
    if (!of) this.known.set(names.packageName, (of = new Map()));
    let found = of.get(name);
    if (found === undefined) of.set(name, (found = reachesUser(names, name)));
    return found;
  }
}

function reachesUser({ invocation, scope }: Pick<Names, 'invocation' | 'scope'>, name: string): boolean {
  const { registry, dialect } = invocation;
  const isUsers = (def: MacroDef | undefined): boolean => def !== undefined && !registry.isInternal(def.package_name);
  if (isUsers(scope.from(null, name))) return true;
  const places = invocation.dispatch.get('dbt') ?? [null];
  const prefixes = [dialect.name, ...dialect.parents, 'default'];
  for (const place of places) {
    for (const prefix of prefixes) {
      const def = scope.from(place, `${prefix}__${name}`);
      if (def) return isUsers(def);
    }
  }
  return false;
}

/** What the macros of one task need. */
export interface MacroHost {
  /** Made when the first macro is called: most nodes call none. */
  readonly names: () => Names;
  /** Enough of the names to look macros up. */
  readonly scope: Pick<Names, 'invocation' | 'packageName' | 'scope'>;
  readonly overrides: Overrides;
  readonly config: JsonMap;
  readonly name: string;
  readonly at: Span;
  /** The files that may say the node's hooks; mistakes in hooks are shown there. */
  readonly files?: readonly SourceFile[];
}

/** The macros and hooks of a node, as materializations call them. */
export function taskMacros(host: MacroHost): Macros {
  const { dialect, behavior } = host.scope.invocation;
  // Under this flag dml's own `equals` makes nulls equal, which what materializations write themselves does not.
  const overridden = (name: string): boolean =>
    host.overrides.has(host.scope, name) || (name === 'equals' && behavior?.get('enable_truthy_nulls_equals_macro') === true);
  const call = function* (name: string, args: readonly Argument[] = [], named: Readonly<Record<string, Argument>> = {}): Program<Value> {
    const names = host.names();
    const macro = names.lookup(name);
    if (!(macro instanceof Callable)) throw new Error(`there is no macro ${name}`);
    const convert = (a: Argument): Value => argumentValue(a, names, dialect);
    const given = { positional: args.map(convert), named: new Map(Object.entries(named).map(([k, a]) => [k, convert(a)])) };
    const site = { at: host.at };
    return macro.program ? yield* macro.program(given, site) as Program<Value> : macro.call(given, site);
  };
  return {
    call,
    overridden,
    *text(name, args, named) {
      return str(yield* call(name, args, named)).trim();
    },
    *hooks(when, inside) {
      if (overridden('run_hooks')) {
        yield* call('run_hooks', [host.names().lookup(`${when}_hooks`) ?? []], { inside_transaction: inside });
        return;
      }
      for (const hook of hooksOf(host.config, when)) {
        if (hook.transaction !== inside) continue;
        yield* runHook(host, hook.sql, `${when}-hook of ${host.name}`, inside);
      }
    },
  };
}

/** Renders a hook and runs it. Where the database refuses it, the place is one in the hook's text. */
function* runHook(host: MacroHost, text: string, what: string, inside: boolean): Program<void> {
  const names = host.names();
  const map = new OutputMap();
  const template = names.invocation.environment.parse(partOfAny(host.files ?? [], text, what));
  // What a template yields are effects of the names it was given: ours.
  const rendered = yield* template.program(names.lookup, { ...names.options, map }) as Program<string>;
  const sql = rendered.trim();
  if (sql === '') return;
  try {
    yield* execute(sql, { begin: inside });
  } catch (e) {
    if (!(e instanceof SqlError) || isConflict(e)) throw e;
    const start = e.sql.indexOf(sql);
    const lead = rendered.length - rendered.trimStart().length;
    const place = e.offset === undefined || start === -1 ? undefined : locate(map, e.offset - start + lead);
    const { problem, cause, hint } = wordsOf(e);
    throw new DiagnosticError(
      diagnostic('sql-error', { node: host.name, problem }, { at: place?.at ?? span(template.file, 0, text.length), cause, hint, family: e.family }),
    );
  }
}

interface Hook {
  readonly sql: string;
  readonly transaction: boolean;
}

function hooksOf(config: JsonMap, when: 'pre' | 'post'): readonly Hook[] {
  const given = config[`${when}-hook`];
  const list = Array.isArray(given) ? given : given === null || given === undefined ? [] : [given];
  return list.map((hook: unknown): Hook => {
    if (typeof hook === 'string') return { sql: hook, transaction: true };
    const { sql, transaction } = hook as { readonly sql?: unknown; readonly transaction?: unknown };
    return { sql: String(sql ?? ''), transaction: transaction !== false };
  });
}

function argumentValue(a: Argument, names: Names, dialect: Dialect): Value {
  if (a === MODEL) return names.lookup('model') ?? null;
  if (isDict(a)) return new Dict(Object.entries(a.dict).map(([k, v]): [Value, Value] => [k, argumentValue(v, names, dialect)]));
  if (isRelation(a)) return relationValue(dialect, a);
  if (isColumns(a)) return a.map((c) => columnValue(dialect, c));
  return a as Value;
}

function isDict(a: Argument): a is DictArgument {
  return typeof a === 'object' && a !== null && Object.getPrototypeOf(a) === Object.prototype && 'dict' in a;
}

function isRelation(a: Argument): a is Relation {
  return typeof a === 'object' && a !== null && Object.getPrototypeOf(a) === Object.prototype && 'identifier' in a;
}

function isColumns(a: Argument): a is readonly Column[] {
  return Array.isArray(a) && a.length > 0 && a.every((c: unknown) => typeof c === 'object' && c !== null && 'dataType' in c);
}
