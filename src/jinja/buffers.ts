import { span } from '../text/index.ts';
import { type Call, type Expr, type Node, type Print, type Scoped, type SetBlock, type Target, unreachable, type With } from './ast.ts';
import { blockFilter, isLiteral } from './compile.ts';
import type { PlainBody } from './macro.ts';
import { OutputMap } from './map.ts';
import { Dict, escapeHtml, Float, iterate, Markup, str, Tuple } from './python/index.ts';
import { type Activation, buffered, type Completion } from './runtime.ts';
import { type Level, Scope } from './scope.ts';
import type { Context } from './unit.ts';
import { Obj, PyError, type Value } from './value.ts';
import { distance, outward, readName } from './variables.ts';

export type Assign = (a: Activation, value: Value) => void;

/** Prints a value: the last step of `{{ }}` in both forms. */
export function printer(stmt: Node, value: Expr, fromCall: boolean, cx: Context): (a: Activation, value: Value) => void {
  const at = span(cx.unit.file, stmt.start, stmt.end);
  const { macro, escape: escaping } = cx;
  const literal = isLiteral(value);
  return (a, v) => {
    a.at = value;
    if (a.pieces !== undefined) {
      // Jinja folds literals into the text around them, so `{{ 1 }}` alone is the text "1".
      a.pieces.push(literal && plainValue(v) ? str(v) : v);
      return;
    }
    const out = shown(v, escaping);
    const { run } = a.world;
    run.print(out.length);
    if (a.map !== undefined) {
      const { last } = run;
      if (fromCall && last !== undefined && last.text === out) a.map.adopt(last.map, a.out.length, at);
      else a.map.add(a.out.length, at, false, macro);
    }
    a.out += out;
  };
}

/** The text that printing a value gives. */
export function shown(v: Value, escaping: boolean): string {
  return escaping ? escapeHtml(v).text : str(v);
}

/** Whether a value is one of Python's own and no object of the host, such as a filter may make. */
function plainValue(v: Value): boolean {
  return !(v instanceof Obj) || v instanceof Float || v instanceof Tuple || v instanceof Dict || v instanceof Markup;
}

/** The call `return(x)` as a whole statement: where the name is the host's {@link Return}, it ends the body without an exception. */
export function returnCall(node: Print['value']): Call | undefined {
  if (node.kind !== 'call' || node.callee.kind !== 'name' || node.callee.name !== 'return') return undefined;
  const { positional, named, star, doubleStar } = node.args;
  return positional.length === 1 && named.length === 0 && star === undefined && doubleStar === undefined ? node : undefined;
}

/** The slot that an assignment to a target fills, where it is a plain name: there is no more to do. */
export function slotOfTarget(target: Target, cx: Context): number | undefined {
  return target.kind === 'name-target' ? cx.scope.find(target.name)?.slot : undefined;
}

/** Compiles an assignment to a target. */
export function assigner(target: Target, cx: Context): Assign {
  switch (target.kind) {
    case 'name-target': {
      const variable = cx.scope.find(target.name);
      if (variable === undefined) throw new Error(`no variable for ${target.name}`);
      const { slot } = variable;
      return (a, value) => {
        a.slots[slot] = value;
      };
    }
    case 'attr-target': {
      const object = readName(target.object, target, cx);
      const { name } = target;
      return (a, value) => {
        const on = object(a);
        a.at = target;
        if (!(on instanceof Obj) || !on.setAttr(name, value)) throw new PyError('TemplateRuntimeError', 'cannot assign attribute on non-namespace object');
      };
    }
    case 'tuple-target': {
      const items = target.items.map((i) => assigner(i, cx));
      return (a, value) => {
        a.at = target;
        const values = unpack(value, items.length);
        for (let i = 0; i < items.length; i++) (items[i] as Assign)(a, values[i] as Value);
      };
    }
    default:
      return unreachable(target);
  }
}

function unpack(value: Value, count: number): readonly Value[] {
  if (value instanceof Tuple && value.items.length === count) return value.items;
  const values: Value[] = [];
  for (const v of unpackable(value)) {
    if (values.length === count) throw new PyError('ValueError', `too many values to unpack (expected ${count})`);
    values.push(v);
  }
  if (values.length < count) throw new PyError('ValueError', `not enough values to unpack (expected ${count}, got ${values.length})`);
  return values;
}

function unpackable(value: Value): Iterable<Value> {
  try {
    return iterate(value);
  } catch (e) {
    if (e instanceof PyError && e.kind === 'TypeError')
      throw new PyError('TypeError', e.message.replace(/^'(.*)' object is not iterable$/, 'cannot unpack non-iterable $1 object'));
    throw e;
  }
}

/**
 * Code that enters a scope: gives its variables the values of the outer ones, or none. Undefined where there is nothing to do. The scope of a function,
 * which is entered once in each activation, finds its variables without a value.
 */
export function entry(scope: Scope, level: Level, once = false): ((a: Activation) => void) | undefined {
  const starts = scope.starts
    .filter((v) => !once || v.outer !== undefined)
    .map((v) => ({ slot: v.slot, from: v.outer === undefined ? undefined : { slot: v.outer.slot, hops: distance(level, v.outer.level) } }));
  if (starts.length === 0) return undefined;
  return (a) => {
    for (const { slot, from } of starts) a.slots[slot] = from === undefined ? undefined : outward(a, from.hops).slots[from.slot];
  };
}

/** A context for a block with a scope of its own. */
export function inner(node: Node, cx: Context, fill: (scope: Scope) => void): Context {
  let known = cx.unit.scopes.get(node);
  if (known === undefined) {
    const scope = new Scope(cx.scope, cx.level);
    fill(scope);
    known = { scope, level: cx.level };
    cx.unit.scopes.set(node, known);
  }
  return { ...cx, scope: known.scope };
}

/** Runs statements into a buffer of their own; the text is then in `taken`, unless they ended early. */
export function capture(a: Activation, body: PlainBody): { readonly completion: Completion; readonly text: string } {
  const { out, map, pieces } = a;
  a.out = '';
  a.pieces = undefined;
  if (map !== undefined) a.map = new OutputMap();
  const completion = body(a);
  const captured = a.out;
  a.out = out;
  a.map = map;
  a.pieces = pieces;
  return { completion, text: captured };
}

/** The filters of a block as a function of its text. */
export function textFilter(node: SetBlock['filter'] & object, cx: Context): (a: Activation, text: string) => Value {
  let held = '';
  // Filters cannot suspend, so nothing else runs between setting the text and reading it.
  const run = blockFilter(node, () => buffered(held, cx.escape), cx);
  return (a, out) => {
    held = out;
    return run(a);
  };
}

/** The context of a `with` block's body. */
export function withScope(stmt: With, cx: Context): Context {
  return inner(stmt, cx, (scope) => {
    for (const b of stmt.bindings) scope.targetParameters(b.target);
    scope.statements(stmt.body);
  });
}

/** The context of an `autoescape` or `block` body. */
export function scopedContext(stmt: Scoped, cx: Context): Context {
  const inside = inner(stmt, cx, (scope) => scope.statements(stmt.body));
  return stmt.autoescape === undefined ? inside : { ...inside, escape: stmt.autoescape };
}
