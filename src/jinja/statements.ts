import { type Body, type FilterBlock, type If, type Print, type Scoped, type SetBlock, type Stmt, unreachable, type With } from './ast.ts';
import { assigner, capture, entry, inner, printer, returnCall, scopedContext, slotOfTarget, textFilter, withScope } from './buffers.ts';
import { plain, siteOf, condition as truth } from './compile.ts';
import { callBlock, define } from './functions.ts';
import { loop } from './loops.ts';
import type { PlainBody } from './macro.ts';
import { outputRun, runs } from './output.ts';
import { callValue, Markup } from './python/index.ts';
import { BREAK, CONTINUE, NORMAL, needsLoader, RETURN, Return } from './runtime.ts';
import type { Context } from './unit.ts';

/** Compiles statements to their plain form. */
export function plainBody(body: Body, cx: Context): PlainBody {
  const steps = runs(body).map((run) => (Array.isArray(run) ? outputRun(run, cx) : plainStatement(run, cx)));
  const [first, second] = steps;
  if (first === undefined) return () => NORMAL;
  if (second === undefined) return first;
  return (a) => {
    for (let i = 0; i < steps.length; i++) {
      const completion = (steps[i] as PlainBody)(a);
      if (completion !== NORMAL) return completion;
    }
    return NORMAL;
  };
}

/** Compiles one statement to its plain form. */
export function plainStatement(stmt: Stmt, cx: Context): PlainBody {
  switch (stmt.kind) {
    case 'text':
      return outputRun([stmt], cx);
    case 'print':
      return returning(stmt.value, cx, true) ?? outputRun([stmt], cx);
    case 'do': {
      const back = returning(stmt.value, cx, false);
      if (back !== undefined) return back;
      const value = plain(stmt.value, cx);
      return (a) => {
        value(a);
        return NORMAL;
      };
    }
    case 'set': {
      const value = plain(stmt.value, cx);
      const slot = slotOfTarget(stmt.target, cx);
      if (slot !== undefined) {
        return (a) => {
          a.slots[slot] = value(a);
          return NORMAL;
        };
      }
      const assign = assigner(stmt.target, cx);
      return (a) => {
        assign(a, value(a));
        return NORMAL;
      };
    }
    case 'set-block':
      return setBlock(stmt, cx);
    case 'if':
      return condition(stmt, cx);
    case 'for':
      return loop(stmt, cx);
    case 'macro':
      return define(stmt, cx);
    case 'call-block':
      return callBlock(stmt, cx);
    case 'filter-block':
      return filterBlock(stmt, cx);
    case 'with':
      return withBlock(stmt, cx);
    case 'scoped':
      return scoped(stmt, cx);
    case 'break':
      return () => BREAK;
    case 'continue':
      return () => CONTINUE;
    case 'load': {
      const { tag } = stmt;
      return (a) => {
        a.at = stmt;
        return needsLoader(tag);
      };
    }
    default:
      return unreachable(stmt);
  }
}

function returning(node: Print['value'], cx: Context, printed: boolean): PlainBody | undefined {
  const call = returnCall(node);
  if (call === undefined) return undefined;
  const f = plain(call.callee, cx);
  const argument = plain(call.args.positional[0] as Print['value'], cx);
  const site = siteOf(node, cx);
  const show = printer(node, node, true, cx);
  return (a) => {
    const callee = f(a);
    const value = argument(a);
    if (callee instanceof Return) {
      a.returned = value;
      return RETURN;
    }
    a.at = node;
    const result = callValue(callee, { positional: [value], named: new Map() }, site(a));
    if (printed) show(a, result);
    return NORMAL;
  };
}

function setBlock(stmt: SetBlock, cx: Context): PlainBody {
  const inside = inner(stmt, cx, (scope) => scope.statements(stmt.body));
  const enter = entry(inside.scope, cx.level);
  const body = plainBody(stmt.body, inside);
  const assign = assigner(stmt.target, cx);
  const filtered = stmt.filter && textFilter(stmt.filter, inside);
  return (a) => {
    enter?.(a);
    const { completion, text: out } = capture(a, body);
    if (completion !== NORMAL) return completion;
    const value = filtered === undefined ? out : filtered(a, out);
    assign(a, cx.escape && typeof value === 'string' ? new Markup(value) : value);
    return NORMAL;
  };
}

function filterBlock(stmt: FilterBlock, cx: Context): PlainBody {
  const inside = inner(stmt, cx, (scope) => scope.statements(stmt.body));
  const enter = entry(inside.scope, cx.level);
  const body = plainBody(stmt.body, inside);
  const filtered = textFilter(stmt.filter, inside);
  const show = printer(stmt, stmt.filter, false, cx);
  return (a) => {
    enter?.(a);
    const { completion, text: out } = capture(a, body);
    if (completion !== NORMAL) return completion;
    show(a, filtered(a, out));
    return NORMAL;
  };
}

function condition(stmt: If, cx: Context): PlainBody {
  const otherwise = stmt.otherwise === undefined ? undefined : plainBody(stmt.otherwise, cx);
  const [first, ...more] = stmt.branches.map((b) => ({ test: truth(b.test, cx), body: plainBody(b.body, cx) }));
  if (first === undefined) throw new Error('an if without a branch');
  const { test, body } = first;
  if (more.length === 0) return (a) => (test(a) ? body(a) : otherwise === undefined ? NORMAL : otherwise(a));
  return (a) => {
    if (test(a)) return body(a);
    for (const branch of more) if (branch.test(a)) return branch.body(a);
    return otherwise === undefined ? NORMAL : otherwise(a);
  };
}

function withBlock(stmt: With, cx: Context): PlainBody {
  const inside = withScope(stmt, cx);
  const enter = entry(inside.scope, cx.level);
  const bindings = stmt.bindings.map((b) => ({ value: plain(b.value, cx), assign: assigner(b.target, inside) }));
  const body = plainBody(stmt.body, inside);
  return (a) => {
    enter?.(a);
    for (const { value, assign } of bindings) assign(a, value(a));
    return body(a);
  };
}

function scoped(stmt: Scoped, cx: Context): PlainBody {
  const inside = scopedContext(stmt, cx);
  const enter = entry(inside.scope, cx.level);
  const body = plainBody(stmt.body, inside);
  const { autoescape } = stmt;
  if (autoescape === undefined) {
    return (a) => {
      enter?.(a);
      return body(a);
    };
  }
  return (a) => {
    enter?.(a);
    const before = a.world.autoescape;
    a.world.autoescape = autoescape;
    try {
      return body(a);
    } finally {
      a.world.autoescape = before;
    }
  };
}
