import {
  type Body,
  type CallBlock,
  type FilterBlock,
  type For,
  type If,
  type Parameter,
  type Print,
  type Scoped,
  type SetBlock,
  type Stmt,
  unreachable,
  type With,
} from './ast.ts';
import { assigner, entry, inner, printer, returnCall, scopedContext, withScope } from './buffers.ts';
import { plain, siteOf } from './compile.ts';
import { fallback, macroCode, withCaller } from './functions.ts';
import type { Loop } from './loop.ts';
import { entered, enterRecursion, leaveRecursion, loopTest, newLoop, scopesOfLoop } from './loops.ts';
import type { PlainBody, ProgramBody } from './macro.ts';
import { OutputMap } from './map.ts';
import { outputRun, runs } from './output.ts';
import { blockFilter, call, invoke, operand, program } from './program.ts';
import { iterate, Markup, truthy } from './python/index.ts';
import { type Activation, BREAK, buffered, type Completion, NORMAL, RETURN, Return } from './runtime.ts';
import type { LoopScopes, Variable } from './scope.ts';
import { plainStatement } from './statements.ts';
import type { Context, FunctionNode, Params } from './unit.ts';
import type { Program, Value } from './value.ts';
import { mayCall } from './walk.ts';

type Steps = Generator<unknown, Completion, unknown>;
type Step = { readonly plain: PlainBody; readonly program?: undefined } | { readonly plain?: undefined; readonly program: ProgramBody };

/** Compiles statements to their program form; the ones without a call stay plain. */
export function programBody(body: Body, cx: Context): ProgramBody {
  const steps = runs(body, mayCall).map((run): Step => {
    if (Array.isArray(run)) return { plain: outputRun(run, cx) };
    return mayCall(run) ? { program: programStatement(run, cx) } : { plain: plainStatement(run, cx) };
  });
  return function* (a) {
    for (const step of steps) {
      const completion = step.program === undefined ? step.plain(a) : yield* step.program(a);
      if (completion !== NORMAL) return completion;
    }
    return NORMAL;
  };
}

/** Compiles a macro's body to its program form. */
export function programFunction(node: FunctionNode, params: Params, cx: Context): ProgramBody {
  const enter = entry(cx.scope, cx.level, true);
  const defaults = params.map((p, i) => {
    const param = node.params[i] as Parameter;
    const value = param.fallback?.calls === true ? { program: program(param.fallback, cx) } : { plain: fallback(param, cx), program: undefined };
    return { slot: p.variable.slot, value };
  });
  const body = programBody(node.body, cx);
  return function* (a) {
    enter?.(a);
    for (const { slot, value } of defaults) {
      if (a.slots[slot] === undefined) a.slots[slot] = value.program === undefined ? value.plain(a) : yield* value.program(a);
    }
    return yield* body(a);
  };
}

function programStatement(stmt: Stmt, cx: Context): ProgramBody {
  switch (stmt.kind) {
    case 'print':
    case 'do':
      return evaluate(stmt, cx);
    case 'set': {
      const value = program(stmt.value, cx);
      const assign = assigner(stmt.target, cx);
      return function* (a) {
        assign(a, yield* value(a));
        return NORMAL;
      };
    }
    case 'set-block':
      return setBlock(stmt, cx);
    case 'if':
      return condition(stmt, cx);
    case 'for':
      return loop(stmt, cx);
    case 'call-block':
      return callBlock(stmt, cx);
    case 'filter-block':
      return filterBlock(stmt, cx);
    case 'with':
      return withBlock(stmt, cx);
    case 'scoped':
      return scoped(stmt, cx);
    case 'text':
    case 'macro':
    case 'break':
    case 'continue':
    case 'load':
      throw new Error(`${stmt.kind} has no call`);
    default:
      return unreachable(stmt);
  }
}

function evaluate(
  stmt: Print | { readonly kind: 'do'; readonly value: Print['value']; readonly start: number; readonly end: number },
  cx: Context,
): ProgramBody {
  const show = stmt.kind === 'print' ? printer(stmt, stmt.value, stmt.value.kind === 'call', cx) : undefined;
  const back = returnCall(stmt.value);
  if (back === undefined) {
    const value = program(stmt.value, cx);
    return function* (a) {
      const result = yield* value(a);
      show?.(a, result);
      return NORMAL;
    };
  }
  const f = plain(back.callee, cx);
  const argument = operand(back.args.positional[0] as Print['value'], cx);
  const site = siteOf(back, cx);
  return function* (a) {
    const callee = f(a);
    const value = argument.program === undefined ? argument.plain(a) : yield* argument.program(a);
    if (callee instanceof Return) {
      a.returned = value;
      return RETURN;
    }
    a.at = back;
    const result = yield* invoke(callee, { positional: [value], named: new Map() }, site(a));
    show?.(a, result);
    return NORMAL;
  };
}

/** Runs statements into a buffer of their own. */
function* capture(a: Activation, body: ProgramBody): Generator<unknown, { readonly completion: Completion; readonly text: string }, unknown> {
  const { out, map, pieces } = a;
  a.out = '';
  a.pieces = undefined;
  if (map !== undefined) a.map = new OutputMap();
  const completion = yield* body(a);
  const text = a.out;
  a.out = out;
  a.map = map;
  a.pieces = pieces;
  return { completion, text };
}

/** The filters of a block as a function of its text. */
function textFilter(node: FilterBlock['filter'], cx: Context): (a: Activation, text: string) => Program {
  // The text waits on the activation's stack of held texts: a filter's argument may suspend, and another run use the same code meanwhile.
  const held = new WeakMap<Activation, string>();
  const run = blockFilter(node, (a) => buffered(held.get(a) ?? '', cx.escape), cx);
  return (a, text) => {
    held.set(a, text);
    return run(a);
  };
}

function setBlock(stmt: SetBlock, cx: Context): ProgramBody {
  const inside = inner(stmt, cx, (scope) => scope.statements(stmt.body));
  const enter = entry(inside.scope, cx.level);
  const body = programBody(stmt.body, inside);
  const assign = assigner(stmt.target, cx);
  const filtered = stmt.filter && textFilter(stmt.filter, inside);
  return function* (a) {
    enter?.(a);
    const { completion, text } = yield* capture(a, body);
    if (completion !== NORMAL) return completion;
    const value = filtered === undefined ? text : yield* filtered(a, text);
    assign(a, cx.escape && typeof value === 'string' ? new Markup(value) : value);
    return NORMAL;
  };
}

function filterBlock(stmt: FilterBlock, cx: Context): ProgramBody {
  const inside = inner(stmt, cx, (scope) => scope.statements(stmt.body));
  const enter = entry(inside.scope, cx.level);
  const body = programBody(stmt.body, inside);
  const filtered = textFilter(stmt.filter, inside);
  const show = printer(stmt, stmt.filter, false, cx);
  return function* (a) {
    enter?.(a);
    const { completion, text } = yield* capture(a, body);
    if (completion !== NORMAL) return completion;
    show(a, yield* filtered(a, text));
    return NORMAL;
  };
}

function condition(stmt: If, cx: Context): ProgramBody {
  const branches = stmt.branches.map((b) => ({ test: operand(b.test, cx), body: programBody(b.body, cx) }));
  const otherwise = stmt.otherwise && programBody(stmt.otherwise, cx);
  return function* (a) {
    for (const { test, body } of branches) {
      if (truthy(test.program === undefined ? test.plain(a) : yield* test.program(a))) return yield* body(a);
    }
    return otherwise === undefined ? NORMAL : yield* otherwise(a);
  };
}

function callBlock(stmt: CallBlock, cx: Context): ProgramBody {
  const code = macroCode(stmt, undefined, cx);
  const { callee, args } = stmt.call;
  const run = call(callee, args, stmt.call, cx, (given, a) => withCaller(given, code, a));
  const show = printer(stmt, stmt.call, true, cx);
  return function* (a) {
    show(a, yield* run(a));
    return NORMAL;
  };
}

function withBlock(stmt: With, cx: Context): ProgramBody {
  const inside = withScope(stmt, cx);
  const enter = entry(inside.scope, cx.level);
  const bindings = stmt.bindings.map((b) => ({ value: operand(b.value, cx), assign: assigner(b.target, inside) }));
  const body = programBody(stmt.body, inside);
  return function* (a) {
    enter?.(a);
    for (const { value, assign } of bindings) assign(a, value.program === undefined ? value.plain(a) : yield* value.program(a));
    return yield* body(a);
  };
}

function scoped(stmt: Scoped, cx: Context): ProgramBody {
  const inside = scopedContext(stmt, cx);
  const enter = entry(inside.scope, cx.level);
  const body = programBody(stmt.body, inside);
  return function* (a) {
    enter?.(a);
    const before = a.world.autoescape;
    a.world.autoescape = stmt.autoescape ?? before;
    try {
      return yield* body(a);
    } finally {
      a.world.autoescape = before;
    }
  };
}

// A loop's own filter may hold a call; then the items are filtered before the first round, where the plain form filters round by round.
interface LoopParts {
  readonly enter: ((a: Activation) => void) | undefined;
  readonly assign: (a: Activation, value: Value) => void;
  readonly body: ProgramBody;
  readonly test: ((a: Activation, item: Value) => boolean) | undefined;
  readonly testProgram: ((a: Activation, items: Iterable<Value>) => Generator<unknown, Value[], unknown>) | undefined;
  readonly otherwise: ProgramBody | undefined;
  readonly loop: Variable | undefined;
}

function loopParts(stmt: For, scopes: LoopScopes, cx: Context): LoopParts {
  const bodyCx = { ...cx, scope: scopes.body };
  const enterElse = entry(scopes.otherwise, cx.level);
  const elseBody = stmt.otherwise && programBody(stmt.otherwise, { ...cx, scope: scopes.otherwise });
  const slow = stmt.test?.calls === true;
  return {
    enter: entry(scopes.body, cx.level),
    assign: assigner(stmt.target, bodyCx),
    body: programBody(stmt.body, bodyCx),
    test: slow ? undefined : loopTest(stmt, scopes, cx),
    testProgram: slow ? slowTest(stmt, scopes, cx) : undefined,
    otherwise: elseBody && entered(enterElse, elseBody),
    loop: scopes.loop,
  };
}

function slowTest(stmt: For, scopes: LoopScopes, cx: Context): LoopParts['testProgram'] {
  const testCx = { ...cx, scope: scopes.test };
  const assign = assigner(stmt.target, testCx);
  const test = program(stmt.test as Print['value'], testCx);
  return function* (a, items) {
    const kept: Value[] = [];
    for (const item of items) {
      assign(a, item);
      if (truthy(yield* test(a))) kept.push(item);
    }
    return kept;
  };
}

function loop(stmt: For, cx: Context): ProgramBody {
  const { level, loop: scopes } = scopesOfLoop(stmt, cx);
  const iter = operand(stmt.iter, cx);
  const parts = loopParts(stmt, scopes, { ...cx, level });
  const { testProgram, test, loop: variable } = parts;
  if (stmt.recursive) return recursive(stmt, parts, cx);
  return function* (a) {
    let items = iter.program === undefined ? iter.plain(a) : yield* iter.program(a);
    a.at = stmt.iter;
    if (testProgram !== undefined) items = yield* testProgram(a, iterate(items));
    if (variable === undefined) return yield* simpleRounds(parts, iterate(items), a);
    const context = newLoop(items, test, a, undefined, 0);
    a.slots[variable.slot] = context;
    return yield* rounds(parts, context, a);
  };
}

function* rounds(parts: LoopParts, context: Loop, a: Activation): Steps {
  const { assign, enter, body, otherwise } = parts;
  let finished = false;
  while (context.advance()) {
    a.world.run.step();
    assign(a, context.now);
    enter?.(a);
    const completion = yield* body(a);
    if (completion === BREAK) break;
    if (completion === RETURN) return RETURN;
    if (completion === NORMAL) finished = true;
  }
  return finished || otherwise === undefined ? NORMAL : yield* otherwise(a);
}

function* simpleRounds(parts: LoopParts, items: Iterable<Value>, a: Activation): Steps {
  const { assign, enter, body, test, otherwise } = parts;
  let finished = false;
  for (const value of items) {
    a.world.run.step();
    if (test !== undefined && !test(a, value)) continue;
    assign(a, value);
    enter?.(a);
    const completion = yield* body(a);
    if (completion === BREAK) break;
    if (completion === RETURN) return RETURN;
    if (completion === NORMAL) finished = true;
  }
  return finished || otherwise === undefined ? NORMAL : yield* otherwise(a);
}

function recursive(stmt: For, parts: LoopParts, cx: Context): ProgramBody {
  const { level } = scopesOfLoop(stmt, cx);
  const iter = operand(stmt.iter, cx);
  const show = printer(stmt, stmt.iter, true, cx);
  const slot = (parts.loop as Variable).slot;
  function* render(given: Value, depth: number, outer: Activation): Program {
    const a = enterRecursion(level, outer, stmt);
    const items = parts.testProgram === undefined ? given : yield* parts.testProgram(a, iterate(given));
    const context = newLoop(items, parts.test, a, { call: unsuspended, program: (more, d) => render(more, d, outer) }, depth);
    a.slots[slot] = context;
    return leaveRecursion(a, yield* rounds(parts, context, a), cx);
  }
  return function* (a) {
    const items = iter.program === undefined ? iter.plain(a) : yield* iter.program(a);
    show(a, yield* render(items, 0, a));
    return NORMAL;
  };
}

/** A filter that calls back into a loop of the program form: there is no plain body to run. */
function unsuspended(): never {
  throw new Error('a recursive loop in program form was called in plain form');
}
