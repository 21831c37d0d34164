import { fail, span } from '../text/index.ts';
import type { CallBlock, MacroStmt, Parameter } from './ast.ts';
import { assigner, entry, printer } from './buffers.ts';
import { argumentsOf, plain, siteOf } from './compile.ts';
import { Macro, type MacroCode, type PlainBody, type ProgramBody } from './macro.ts';
import { callMethod, callValue } from './python/index.ts';
import { type Activation, NORMAL } from './runtime.ts';
import { type Level, Scope, type Variable } from './scope.ts';
import type { Context, FunctionNode, Params } from './unit.ts';
import type { Args, Value } from './value.ts';
import { readsFirst } from './walk.ts';

/** The code of a macro, made once for each statement of a unit. */
export function macroCode(node: FunctionNode, name: string | undefined, cx: Context): MacroCode {
  const known = cx.unit.macros.get(node);
  if (known !== undefined) return known;
  const level: Level = { parent: cx.level, slots: 0 };
  const scope = new Scope(cx.scope, level);
  const params = node.params.map((p) => ({ name: p.name, variable: scope.parameter(p.name) }));
  const special = specials(node, cx);
  const extra = (word: string): Variable | undefined => (special.has(word) ? scope.parameter(word) : undefined);
  const caller = extra('caller');
  const kwargs = extra('kwargs');
  const varargs = extra('varargs');
  for (const p of node.params) scope.expression(p.fallback);
  scope.statements(node.body);
  const inside: Context = { ...cx, scope, level, macro: name ?? cx.macro };
  let plainForm: PlainBody | undefined;
  let programForm: ProgramBody | undefined;
  const code: MacroCode = {
    file: cx.unit.file,
    name,
    params,
    caller,
    kwargs,
    varargs,
    simple: caller === undefined && kwargs === undefined && varargs === undefined,
    slots: () => level.slots,
    plain: () => (plainForm ??= plainFunction(node, params, inside)),
    program: () => (programForm ??= cx.unit.programFunction(node, params, inside)),
    header: () => ('nameAt' in node ? headerOf(node as MacroStmt, cx.unit.file.text) : 'caller()'),
  };
  cx.unit.macros.set(node, code);
  return code;
}

/** `cents(column, scale=2)`, as the file has it. */
function headerOf(node: MacroStmt, text: string): string {
  const written = text.slice(node.nameAt.start, node.bodyAt.start).replace(/\s*[-+]?%\}$/, '');
  return written.replace(/\s+/g, ' ');
}

const SPECIAL = ['caller', 'kwargs', 'varargs'];

/** Which of `caller`, `kwargs` and `varargs` the body reads and no parameter is named. */
function specials(node: FunctionNode, cx: Context): Set<string> {
  const special = new Set(readsFirst(node.body, SPECIAL, cx.unit.file.text.slice(node.start, node.end)));
  for (const p of node.params) {
    if (p.name === 'caller' && special.has('caller') && p.fallback === undefined) {
      fail('jinja-syntax', { problem: 'a parameter named `caller` needs a default' }, { at: span(cx.unit.file, p.start, p.end) });
    }
    special.delete(p.name);
  }
  return special;
}

function plainFunction(node: FunctionNode, params: Params, cx: Context): PlainBody {
  const enter = entry(cx.scope, cx.level, true);
  const defaults = params.map((p, i) => ({ slot: p.variable.slot, value: fallback(node.params[i] as Parameter, cx) }));
  const body = cx.unit.plainBody(node.body, cx);
  if (enter === undefined && defaults.length === 0) return body;
  return (a) => {
    enter?.(a);
    const { slots } = a;
    for (let i = 0; i < defaults.length; i++) {
      const { slot, value } = defaults[i] as (typeof defaults)[number];
      if (slots[slot] === undefined) slots[slot] = value(a);
    }
    return body(a);
  };
}

/** What a parameter is when the call leaves it out. */
export function fallback(p: Parameter, cx: Context): (a: Activation) => Value {
  if (p.fallback !== undefined) return plain(p.fallback, cx);
  const hint = `parameter '${p.name}' was not provided`;
  return (a) => a.world.undefined(p.name, hint);
}

/** `{% macro %}`: defines the variable. */
export function define(stmt: MacroStmt, cx: Context): PlainBody {
  const code = macroCode(stmt, stmt.name, cx);
  const assign = assigner({ kind: 'name-target', name: stmt.variable, ...stmt.nameAt }, cx);
  return (a) => {
    assign(a, new Macro(code, a, a.world, false));
    return NORMAL;
  };
}

/** The arguments of a `{% call %}`: the call's own, and the block as `caller`. */
export function withCaller(args: Args, code: MacroCode, a: Activation): Args {
  return { positional: args.positional, named: new Map(args.named).set('caller', new Macro(code, a, a.world, false)) };
}

/** Compiles `{% call %}` to its plain form. */
export function callBlock(stmt: CallBlock, cx: Context): PlainBody {
  const code = macroCode(stmt, undefined, cx);
  const { call } = stmt;
  const pass = argumentsOf(call.args, call, cx);
  const site = siteOf(call, cx);
  const show = printer(stmt, call, true, cx);
  const { callee } = call;
  if (callee.kind === 'attr') {
    const target = plain(callee.target, cx);
    return (a) => {
      const on = target(a);
      const args = withCaller(pass(a), code, a);
      a.at = call;
      show(a, callMethod(on, callee.name, args, site(a), a.world.mode));
      return NORMAL;
    };
  }
  const f = plain(callee, cx);
  return (a) => {
    const value = f(a);
    const args = withCaller(pass(a), code, a);
    a.at = call;
    show(a, callValue(value, args, site(a)));
    return NORMAL;
  };
}
