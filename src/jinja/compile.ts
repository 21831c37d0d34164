import { closest, fail, position, type SourceFile, type Span, span } from '../text/index.ts';
import type { Arguments, Body, Expr, Filter, Node, Parameter, Slice, Test } from './ast.ts';
import type { MacroCode, PlainBody, ProgramBody } from './macro.ts';
import {
  binary,
  callMethod,
  callValue,
  compare,
  concat,
  Dict,
  type Filter as FilterFunction,
  getAttr,
  getItem,
  iterate,
  repr,
  slice,
  type Test as TestFunction,
  Tuple,
  truthy,
  tryIterate,
  typeName,
  Undefined,
  unary,
} from './python/index.ts';
import type { Activation } from './runtime.ts';
import type { Level, LoopScopes, Scope, Variable } from './scope.ts';
import { type Args, Obj, PyError, type Site, type Value } from './value.ts';
import { type AnyNode, children } from './walk.ts';

/** An expression compiled to its plain form. */
export type Plain = (a: Activation) => Value;

/** The scopes of one statement, made once and shared by the plain and the program form. */
export interface StatementScopes {
  readonly level: Level;
  readonly scope: Scope;
  readonly loop?: LoopScopes;
}

/** What a macro and the body of a `{% call %}` have in common. */
export interface FunctionNode extends Node {
  readonly params: readonly Parameter[];
  readonly body: Body;
}

/** The parameters of a function with their variables. */
export type Params = MacroCode['params'];

/** What is compiled together: one template or one bound macro. */
export interface Unit {
  readonly file: SourceFile;
  readonly scopes: Map<Node, StatementScopes>;
  readonly macros: Map<Node, MacroCode>;
  plainBody(body: Body, cx: Context): PlainBody;
  /** The body of a macro in program form: defaults, then statements. */
  programFunction(node: FunctionNode, params: Params, cx: Context): ProgramBody;
}

/** Where in the scopes a node is compiled. */
export interface Context {
  readonly unit: Unit;
  readonly scope: Scope;
  readonly level: Level;
  readonly escape: boolean;
  /** The macro whose body this is, for the output map. */
  readonly macro: string | undefined;
}

const noNamed: ReadonlyMap<string, Value> = new Map();

/** Reads a variable that may be unset. */
export function readVariable(variable: Variable, level: Level): Plain {
  const { slot, name } = variable;
  const unset: Plain = variable.unset === 'global' ? (a) => a.world.resolve(name) : (a) => a.world.undefined(name);
  const hops = distance(level, variable.level);
  if (hops === 0) {
    return (a) => {
      const value = a.slots[slot];
      return value === undefined ? unset(a) : value;
    };
  }
  if (hops === 1) {
    return (a) => {
      const value = (a.parent as Activation).slots[slot];
      return value === undefined ? unset(a) : value;
    };
  }
  return (a) => {
    const value = outward(a, hops).slots[slot];
    return value === undefined ? unset(a) : value;
  };
}

/** How many functions out from `level` the variable's function is. */
export function distance(level: Level, to: Level): number {
  let hops = 0;
  for (let l: Level | undefined = level; l !== to; l = l.parent) {
    if (l === undefined) throw new Error('a variable of a function that is not around');
    hops++;
  }
  return hops;
}

/** The activation `hops` functions out. */
export function outward(a: Activation, hops: number): Activation {
  let at = a;
  for (let i = 0; i < hops; i++) at = at.parent as Activation;
  return at;
}

/** Whether an expression is made of literals alone. */
export function isLiteral(node: AnyNode): boolean {
  if (node.kind === 'name' || node.kind === 'call') return false;
  return children(node).every((child) => child === undefined || isLiteral(child));
}

/** Compiles an expression to its plain form. */
export function plain(node: Expr, cx: Context): Plain {
  switch (node.kind) {
    case 'const': {
      const { value } = node;
      return () => value;
    }
    case 'name':
      return readName(node.name, node, cx);
    case 'attr': {
      const target = plain(node.target, cx);
      const { name } = node;
      return (a) => {
        const value = target(a);
        a.at = node;
        return getAttr(value, name, a.world.mode);
      };
    }
    case 'item':
      return item(node.target, node.key, node, cx);
    case 'call':
      return call(node.callee, node.args, node, cx);
    case 'filter':
      return filter(node, node.target === undefined ? undefined : plain(node.target, cx), cx);
    case 'test':
      return test(node, cx);
    case 'unary': {
      const operand = plain(node.operand, cx);
      if (node.op === 'not') return (a) => !truthy(operand(a));
      const { op } = node;
      return (a) => {
        const value = operand(a);
        a.at = node;
        return unary(op, value);
      };
    }
    case 'binary': {
      const left = plain(node.left, cx);
      const right = plain(node.right, cx);
      const { op } = node;
      return (a) => {
        const l = left(a);
        const r = right(a);
        a.at = node;
        const result = binary(op, l, r);
        // Sums of texts share their parts and cost nothing.
        return typeof result === 'number' || (op === '+' && typeof result === 'string') ? result : a.world.run.charge(result);
      };
    }
    case 'logic': {
      const left = plain(node.left, cx);
      const right = plain(node.right, cx);
      const stopAt = node.op === 'or';
      return (a) => {
        const value = left(a);
        return truthy(value) === stopAt ? value : right(a);
      };
    }
    default:
      return rare(node, cx);
  }
}

function rare(node: Extract<Expr, { kind: 'concat' | 'compare' | 'conditional' | 'list' | 'tuple' | 'dict' }>, cx: Context): Plain {
  switch (node.kind) {
    case 'concat': {
      const parts = plainAll(node.parts, cx);
      return (a) => {
        const values = parts.map((p) => p(a));
        a.at = node;
        return concat(values);
      };
    }
    case 'compare':
      return comparison(node, cx);
    case 'conditional': {
      const test = plain(node.test, cx);
      const whenTrue = plain(node.whenTrue, cx);
      const otherwise = node.otherwise === undefined ? missingElse(node, cx) : plain(node.otherwise, cx);
      return (a) => (truthy(test(a)) ? whenTrue(a) : otherwise(a));
    }
    case 'list': {
      const items = plainAll(node.items, cx);
      return (a) => items.map((i) => i(a));
    }
    case 'tuple': {
      const items = plainAll(node.items, cx);
      return (a) => new Tuple(items.map((i) => i(a)));
    }
    case 'dict': {
      const pairs = node.pairs.map((p) => [plain(p.key, cx), plain(p.value, cx)] as const);
      return (a) => {
        const dict = new Dict();
        for (const [key, value] of pairs) {
          const k = key(a);
          const v = value(a);
          a.at = node;
          dict.set(k, v);
        }
        return dict;
      };
    }
  }
}

/** What `x if y` is when `y` is false. */
export function missingElse(node: Node, cx: Context): Plain {
  let hint: string | undefined;
  return (a) => {
    a.at = node;
    hint ??= `the inline if-expression on line ${position(cx.unit.file.text, node.start).line} evaluated to false and no else section was defined.`;
    return a.world.undefined(undefined, hint);
  };
}

/** Several expressions. */
export function plainAll(nodes: readonly Expr[], cx: Context): Plain[] {
  return nodes.map((n) => plain(n, cx));
}

/** Reads a name: a variable in scope, or a global. */
export function readName(name: string, node: Node, cx: Context): Plain {
  const variable = cx.scope.find(name);
  if (variable !== undefined) return readVariable(variable, cx.level);
  return (a) => {
    a.at = node;
    return a.world.resolve(name);
  };
}

function comparison(node: Extract<Expr, { kind: 'compare' }>, cx: Context): Plain {
  const first = plain(node.first, cx);
  const rest = node.rest.map((r) => ({ op: r.op, right: plain(r.right, cx) }));
  const only = rest.length === 1 ? rest[0] : undefined;
  if (only !== undefined) {
    const { op, right } = only;
    return (a) => {
      const l = first(a);
      const r = right(a);
      a.at = node;
      return compare(op, l, r);
    };
  }
  return (a) => {
    let left = first(a);
    for (const { op, right } of rest) {
      const r = right(a);
      a.at = node;
      if (!compare(op, left, r)) return false;
      left = r;
    }
    return true;
  };
}

function item(target: Expr, key: Expr | Slice, node: Node, cx: Context): Plain {
  const of = plain(target, cx);
  if (key.kind === 'slice') {
    const from = sliceBound(key.from, cx);
    const to = sliceBound(key.to, cx);
    const step = sliceBound(key.step, cx);
    const literal = isLiteral(target);
    return (a) => {
      const value = of(a);
      const start = from(a);
      const stop = to(a);
      const by = step(a);
      a.at = node;
      return sliced(value, start, stop, by, literal, a);
    };
  }
  const k = plain(key, cx);
  return (a) => {
    const value = of(a);
    const at = k(a);
    a.at = node;
    return getItem(value, at, a.world.mode);
  };
}

/** `value[start:stop:step]`. What cannot be sliced raises, but in an expression of literals, which Jinja looks up another way, answers undefined. */
export function sliced(value: Value, start: Value, stop: Value, step: Value, literal: boolean, a: Activation): Value {
  const part = slice(value, start, stop, step, a.world.mode);
  if (literal || !(part instanceof Undefined) || value instanceof Undefined) return part;
  throw new PyError('TypeError', value instanceof Dict ? "unhashable type: 'slice'" : `'${typeName(value)}' object is not subscriptable`);
}

function sliceBound(node: Expr | undefined, cx: Context): Plain {
  return node === undefined ? () => null : plain(node, cx);
}

/** Compiles what a call passes. */
export function argumentsOf(args: Arguments, node: Node, cx: Context): (a: Activation) => Args {
  const positional = plainAll(args.positional, cx);
  const count = positional.length;
  if (args.named.length === 0 && args.star === undefined && args.doubleStar === undefined) {
    const [first, second] = positional;
    if (first === undefined) return () => ({ positional: [], named: noNamed });
    if (second === undefined) return (a) => ({ positional: [first(a)], named: noNamed });
    if (count === 2) return (a) => ({ positional: [first(a), second(a)], named: noNamed });
    return (a) => ({ positional: positional.map((p) => p(a)), named: noNamed });
  }
  const named = args.named.map((n) => [n.name, plain(n.value, cx)] as const);
  const star = args.star && plain(args.star, cx);
  const doubleStar = args.doubleStar && plain(args.doubleStar, cx);
  return (a) => {
    const values = positional.map((p) => p(a));
    if (star !== undefined) spread(star(a), values, a, node);
    const map = new Map<string, Value>();
    for (const [name, value] of named) map.set(name, value(a));
    if (doubleStar !== undefined) spreadNamed(doubleStar(a), map, a, node);
    return { positional: values, named: map };
  };
}

/** `*value` */
export function spread(value: Value, into: Value[], a: Activation, node: Node): void {
  a.at = node;
  const items = tryIterate(value);
  if (items === undefined) throw new PyError('TypeError', `Value after * must be an iterable, not ${typeName(value)}`);
  for (const v of items) into.push(v);
}

/** `**value` */
export function spreadNamed(value: Value, into: Map<string, Value>, a: Activation, node: Node): void {
  a.at = node;
  if (value instanceof Undefined && value.mode === 'lenient') throw value.error();
  if (!(value instanceof Obj) || value.attr('keys') === undefined)
    throw new PyError('TypeError', `argument after ** must be a mapping, not ${typeName(value)}`);
  for (const key of iterate(value)) {
    if (typeof key !== 'string') throw new PyError('TypeError', 'keywords must be strings');
    if (into.has(key)) throw new PyError('TypeError', `got multiple values for keyword argument ${repr(key)}`);
    into.set(key, value.item(key) ?? null);
  }
}

/** Makes the site of a call: shared as long as no macro is running. */
export function siteOf(node: Node, cx: Context): (a: Activation) => Site {
  const at: Span = span(cx.unit.file, node.start, node.end);
  const outside: Site = { at };
  return (a) => (a.stack === undefined ? outside : { at, stack: a.stack });
}

function call(callee: Expr, args: Arguments, node: Node, cx: Context): Plain {
  const pass = argumentsOf(args, node, cx);
  const site = siteOf(node, cx);
  if (callee.kind === 'attr') {
    const target = plain(callee.target, cx);
    const { name } = callee;
    return (a) => {
      const value = target(a);
      const given = pass(a);
      a.at = node;
      return a.world.run.charge(callMethod(value, name, given, site(a), a.world.mode));
    };
  }
  const f = plain(callee, cx);
  return (a) => {
    const value = f(a);
    const given = pass(a);
    a.at = node;
    return a.world.run.charge(callValue(value, given, site(a)));
  };
}

/** Looks a filter up; throws where there is none. */
export function filterNamed(name: string, a: Activation, node: Node, cx: Context): FilterFunction {
  const found = a.world.filter(name);
  if (found === undefined)
    fail('jinja-unknown-filter', { name, near: closest(name, a.world.library.filters.keys()) }, { at: span(cx.unit.file, node.start, node.end) });
  return found;
}

/** Looks a test up; throws where there is none. */
export function testNamed(name: string, a: Activation, node: Node, cx: Context): TestFunction {
  const found = a.world.test(name);
  if (found === undefined)
    fail('jinja-unknown-test', { name, near: closest(name, a.world.library.tests.keys()) }, { at: span(cx.unit.file, node.start, node.end) });
  return found;
}

/** A filter, over `target` or (in a block) over the text that the activation has just printed. */
export function filter(node: Filter, target: Plain | undefined, cx: Context): Plain {
  const pass = argumentsOf(node.args, node, cx);
  const site = siteOf(node, cx);
  const { name } = node;
  if (target === undefined) throw new Error('a filter without a value');
  return (a) => {
    const f = filterNamed(name, a, node, cx);
    const value = target(a);
    const given = pass(a);
    a.at = node;
    return a.world.run.charge(f(value, given, a.world, site(a)));
  };
}

/** The filters of a block, over the block's text. */
export function blockFilter(node: Filter, text: Plain, cx: Context): Plain {
  const target = node.target;
  return filter(node, target === undefined ? text : blockFilter(target as Filter, text, cx), cx);
}

function test(node: Test, cx: Context): Plain {
  const target = plain(node.target, cx);
  const pass = argumentsOf(node.args, node, cx);
  const site = siteOf(node, cx);
  const { name, negated } = node;
  return (a) => {
    const f = testNamed(name, a, node, cx);
    const value = target(a);
    const given = pass(a);
    a.at = node;
    return f(value, given, a.world, site(a)) !== negated;
  };
}
