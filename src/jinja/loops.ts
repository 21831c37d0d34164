import type { For } from './ast.ts';
import { type Assign, assigner, entry, printer, slotOfTarget } from './buffers.ts';
import { condition, plain } from './compile.ts';
import { Loop, type Recurse } from './loop.ts';
import type { PlainBody } from './macro.ts';
import { OutputMap } from './map.ts';
import { iterate } from './python/index.ts';
import { Activation, BREAK, blank, buffered, type Completion, NORMAL, RETURN, ReturnSignal } from './runtime.ts';
import { type Level, type LoopScopes, loopScopes, type Variable } from './scope.ts';
import type { Context, Plain } from './unit.ts';
import type { Value } from './value.ts';
import { readsFirst } from './walk.ts';

const LOOP = ['loop'];

/** The scopes of a loop. A recursive one is a function of its own. */
export function scopesOfLoop(stmt: For, cx: Context): { readonly level: Level; readonly loop: LoopScopes } {
  const known = cx.unit.scopes.get(stmt);
  if (known?.loop !== undefined) return { level: known.level, loop: known.loop };
  const level: Level = stmt.recursive ? { parent: cx.level, slots: 0 } : cx.level;
  const usesLoop = stmt.recursive || readsFirst(stmt.body, LOOP, cx.unit.file.text.slice(stmt.start, stmt.end)).size > 0;
  const scopes = loopScopes(stmt, cx.scope, level, usesLoop);
  cx.unit.scopes.set(stmt, { scope: scopes.body, level, loop: scopes });
  return { level, loop: scopes };
}

interface LoopParts {
  readonly assign: Assign;
  /** The slot of a target that is a plain name; then `assign` has no more to do than to fill it. */
  readonly slot: number | undefined;
  readonly enter: ((a: Activation) => void) | undefined;
  readonly body: PlainBody;
  readonly test: ((a: Activation, item: Value) => boolean) | undefined;
  readonly otherwise: PlainBody | undefined;
  readonly loop: Variable | undefined;
}

/** The loop's filter as a function of an item. */
export function loopTest(stmt: For, scopes: LoopScopes, cx: Context): ((a: Activation, item: Value) => boolean) | undefined {
  if (stmt.test === undefined) return undefined;
  const testCx = { ...cx, scope: scopes.test };
  const assign = assigner(stmt.target, testCx);
  const test = condition(stmt.test, testCx);
  return (a, value) => {
    assign(a, value);
    return test(a);
  };
}

function loopParts(stmt: For, scopes: LoopScopes, cx: Context): LoopParts {
  const bodyCx = { ...cx, scope: scopes.body };
  const elseCx = { ...cx, scope: scopes.otherwise };
  const enterElse = entry(scopes.otherwise, cx.level);
  const elseBody = stmt.otherwise === undefined ? undefined : cx.unit.plainBody(stmt.otherwise, elseCx);
  return {
    assign: assigner(stmt.target, bodyCx),
    slot: slotOfTarget(stmt.target, bodyCx),
    enter: entry(scopes.body, cx.level),
    body: cx.unit.plainBody(stmt.body, bodyCx),
    test: loopTest(stmt, scopes, cx),
    otherwise: elseBody && entered(enterElse, elseBody),
    loop: scopes.loop,
  };
}

/** A body with the code that enters its scope before it. */
export function entered<T>(enter: ((a: Activation) => void) | undefined, body: (a: Activation) => T): (a: Activation) => T {
  if (enter === undefined) return body;
  return (a) => {
    enter(a);
    return body(a);
  };
}

/** Compiles a loop to its plain form. */
export function loop(stmt: For, cx: Context): PlainBody {
  const { level, loop: scopes } = scopesOfLoop(stmt, cx);
  const iter = plain(stmt.iter, cx);
  const parts = loopParts(stmt, scopes, { ...cx, level });
  if (stmt.recursive) return recursive(stmt, parts, level, iter, cx);
  const { loop: variable } = parts;
  if (variable !== undefined) {
    return (a) => {
      const items = iter(a);
      a.at = stmt.iter;
      const context = newLoop(items, parts.test, a, undefined, 0);
      a.slots[variable.slot] = context;
      return rounds(parts, context, a);
    };
  }
  return (a) => {
    const items = iter(a);
    a.at = stmt.iter;
    return simpleRounds(parts, iterate(items), a);
  };
}

/** Makes the `loop` object over items, through the loop's filter. */
export function newLoop(items: Value, test: LoopParts['test'], a: Activation, recurse: Recurse | undefined, depth: number): Loop {
  return new Loop(test === undefined ? items : passing(iterate(items), (v) => test(a, v)), a.world, recurse, depth);
}

function* passing(items: Iterable<Value>, test: (v: Value) => boolean): Generator<Value, undefined> {
  for (const v of items) if (test(v)) yield v;
}

/** Runs the rounds. As in Jinja, `else` runs unless some round came to its end: a loop whose rounds all `break` or `continue` has not. */
function rounds(parts: LoopParts, context: Loop, a: Activation): Completion {
  const { assign, slot, enter, body, otherwise } = parts;
  const { run } = a.world;
  let finished = false;
  while (context.advance()) {
    run.step();
    if (slot === undefined) assign(a, context.now);
    else a.slots[slot] = context.now;
    enter?.(a);
    const completion = body(a);
    if (completion === BREAK) break;
    if (completion === RETURN) return RETURN;
    if (completion === NORMAL) finished = true;
  }
  return finished || otherwise === undefined ? NORMAL : otherwise(a);
}

function simpleRounds(parts: LoopParts, items: Iterable<Value>, a: Activation): Completion {
  const { assign, slot, enter, body, test, otherwise } = parts;
  const { run } = a.world;
  let finished = false;
  for (const value of items) {
    run.step();
    if (test !== undefined && !test(a, value)) continue;
    if (slot === undefined) assign(a, value);
    else a.slots[slot] = value;
    enter?.(a);
    const completion = body(a);
    if (completion === BREAK) break;
    if (completion === RETURN) return RETURN;
    if (completion === NORMAL) finished = true;
  }
  return finished || otherwise === undefined ? NORMAL : otherwise(a);
}

/** A recursive loop is a function: each call of `loop(items)` renders the whole loop into a text. */
function recursive(stmt: For, parts: LoopParts, level: Level, iter: Plain, cx: Context): PlainBody {
  const show = printer(stmt, stmt.iter, true, cx);
  const render = (items: Value, depth: number, outer: Activation): Value => {
    const a = enterRecursion(level, outer, stmt);
    const context = newLoop(items, parts.test, a, { call: (more, d) => render(more, d, outer) }, depth);
    a.slots[(parts.loop as Variable).slot] = context;
    return leaveRecursion(a, rounds(parts, context, a), cx);
  };
  return (a) => {
    show(a, render(iter(a), 0, a));
    return NORMAL;
  };
}

/** Starts one level of a recursive loop. */
export function enterRecursion(level: Level, outer: Activation, stmt: For): Activation {
  const a = new Activation(blank(level.slots), outer, outer.world, outer.stack);
  a.at = stmt.iter;
  const { run } = a.world;
  run.enter();
  if (run.mapping) a.map = new OutputMap();
  return a;
}

/** Ends one level of a recursive loop: its text. A `return()` in it has to leave through the levels as a signal. */
export function leaveRecursion(a: Activation, completion: Completion, cx: Context): Value {
  const { run } = a.world;
  run.depth--;
  if (completion === RETURN) throw new ReturnSignal(a.returned);
  if (a.map !== undefined) run.last = { text: a.out, map: a.map };
  return buffered(a.out, cx.escape);
}
