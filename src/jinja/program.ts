import { type Arguments, type Compare, type Expr, type Filter, type Node, type Test, unreachable } from './ast.ts';
import { argumentsOf, missingElse, plain, siteOf } from './compile.ts';
import { filterNamed, sliced, spread, spreadNamed, testNamed } from './operations.ts';
import { binary, callValue, compare, concat, Dict, getAttr, getItem, Tuple, truthy, unary } from './python/index.ts';
import type { Activation } from './runtime.ts';
import type { Context, Plain } from './unit.ts';
import { type Args, Callable, type Program, type Site, type Value } from './value.ts';

/** An expression compiled to its program form, which may yield effects. */
export type ProgramExpr = (a: Activation) => Program;

/** An operand in the cheapest form that will do: the plain one unless a call stands in it. */
export type Operand = { readonly plain: Plain; readonly program?: undefined } | { readonly plain?: undefined; readonly program: ProgramExpr };

/** Compiles an operand. */
export function operand(node: Expr, cx: Context): Operand {
  return node.calls ? { program: program(node, cx) } : { plain: plain(node, cx) };
}

/** Calls in program form what has one. */
export function* invoke(f: Value, args: Args, site: Site): Program {
  return f instanceof Callable && f.program !== undefined ? yield* f.program(args, site) : callValue(f, args, site);
}

/** Compiles an expression that has a call in it to its program form. */
export function program(node: Expr, cx: Context): ProgramExpr {
  switch (node.kind) {
    case 'call':
      return call(node.callee, node.args, node, cx, undefined);
    case 'filter':
      return filter(node, operand(node.target as Expr, cx), cx);
    case 'test':
      return test(node, cx);
    case 'logic': {
      const left = operand(node.left, cx);
      const right = operand(node.right, cx);
      const stopAt = node.op === 'or';
      return function* (a) {
        const value = left.program === undefined ? left.plain(a) : yield* left.program(a);
        if (truthy(value) === stopAt) return value;
        return right.program === undefined ? right.plain(a) : yield* right.program(a);
      };
    }
    case 'conditional': {
      const condition = operand(node.test, cx);
      const whenTrue = operand(node.whenTrue, cx);
      const otherwise: Operand = node.otherwise === undefined ? { plain: missingElse(node, cx) } : operand(node.otherwise, cx);
      return function* (a) {
        const met = condition.program === undefined ? condition.plain(a) : yield* condition.program(a);
        const chosen = truthy(met) ? whenTrue : otherwise;
        return chosen.program === undefined ? chosen.plain(a) : yield* chosen.program(a);
      };
    }
    case 'compare':
      return comparison(node, cx);
    case 'const':
    case 'name': {
      const value = plain(node, cx);
      // biome-ignore lint/correctness/useYield: nothing to wait for
      return function* (a) {
        return value(a);
      };
    }
    default:
      return combined(node, cx);
  }
}

type Simple = Exclude<Expr, { kind: 'call' | 'filter' | 'test' | 'logic' | 'conditional' | 'compare' | 'const' | 'name' }>;

/** The nodes that evaluate all their operands in order and then compute. */
function combined(node: Simple, cx: Context): ProgramExpr {
  const operands = operandsOf(node).map((n) => operand(n, cx));
  const combine = combiner(node);
  return function* (a) {
    const values: Value[] = [];
    for (const o of operands) values.push(o.program === undefined ? o.plain(a) : yield* o.program(a));
    a.at = node;
    return combine(values, a);
  };
}

const nothing: Expr = { kind: 'const', value: null, calls: false, start: 0, end: 0 };

function operandsOf(node: Simple): readonly Expr[] {
  switch (node.kind) {
    case 'attr':
      return [node.target];
    case 'item':
      return node.key.kind === 'slice' ? [node.target, node.key.from ?? nothing, node.key.to ?? nothing, node.key.step ?? nothing] : [node.target, node.key];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'concat':
      return node.parts;
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.pairs.flatMap((p) => [p.key, p.value]);
    default:
      return unreachable(node);
  }
}

type Combine = (values: Value[], a: Activation) => Value;
const value = (values: readonly Value[], i: number): Value => values[i] as Value;

function combiner(node: Simple): Combine {
  switch (node.kind) {
    case 'attr':
      return (v, a) => getAttr(value(v, 0), node.name, a.world.mode);
    case 'item':
      if (node.key.kind === 'slice') return (v, a) => sliced(value(v, 0), value(v, 1), value(v, 2), value(v, 3), false, a);
      return (v, a) => getItem(value(v, 0), value(v, 1), a.world.mode);
    case 'unary': {
      const { op } = node;
      return op === 'not' ? (v) => !truthy(value(v, 0)) : (v) => unary(op, value(v, 0));
    }
    case 'binary':
      return (v, a) => {
        const result = binary(node.op, value(v, 0), value(v, 1));
        return node.op === '+' && typeof result === 'string' ? result : a.world.run.charge(result);
      };
    case 'concat':
      return (v) => concat(v);
    case 'list':
      return (v) => v;
    case 'tuple':
      return (v) => new Tuple(v);
    case 'dict':
      return (v) => {
        const dict = new Dict();
        for (let i = 0; i < v.length; i += 2) dict.set(value(v, i), value(v, i + 1));
        return dict;
      };
    default:
      return unreachable(node);
  }
}

function comparison(node: Compare, cx: Context): ProgramExpr {
  const first = operand(node.first, cx);
  const rest = node.rest.map((r) => ({ op: r.op, right: operand(r.right, cx) }));
  return function* (a) {
    let left = first.program === undefined ? first.plain(a) : yield* first.program(a);
    for (const { op, right } of rest) {
      const r = right.program === undefined ? right.plain(a) : yield* right.program(a);
      a.at = node;
      if (!compare(op, left, r)) return false;
      left = r;
    }
    return true;
  };
}

type ProgramArgs =
  | { readonly plain: (a: Activation) => Args; readonly program?: undefined }
  | { readonly program: (a: Activation) => Generator<unknown, Args, unknown> };

function passing(args: Arguments, node: Node, cx: Context): ProgramArgs {
  const all = [...args.positional, ...args.named.map((n) => n.value), args.star, args.doubleStar];
  if (!all.some((n) => n?.calls === true)) return { plain: argumentsOf(args, node, cx) };
  const positional = args.positional.map((n) => operand(n, cx));
  const named = args.named.map((n) => ({ name: n.name, of: operand(n.value, cx) }));
  const star = args.star && operand(args.star, cx);
  const doubleStar = args.doubleStar && operand(args.doubleStar, cx);
  return {
    *program(a) {
      const values: Value[] = [];
      for (const o of positional) values.push(o.program === undefined ? o.plain(a) : yield* o.program(a));
      if (star !== undefined) spread(star.program === undefined ? star.plain(a) : yield* star.program(a), values, a, node);
      const map = new Map<string, Value>();
      for (const { name, of } of named) map.set(name, of.program === undefined ? of.plain(a) : yield* of.program(a));
      if (doubleStar !== undefined) spreadNamed(doubleStar.program === undefined ? doubleStar.plain(a) : yield* doubleStar.program(a), map, a, node);
      return { positional: values, named: map };
    },
  };
}

/** Compiles a call; `add` may add to its arguments (a `{% call %}` passes its block). */
export function call(callee: Expr, args: Arguments, node: Node, cx: Context, add: ((args: Args, a: Activation) => Args) | undefined): ProgramExpr {
  const f = operand(callee, cx);
  const pass = passing(args, node, cx);
  const site = siteOf(node, cx);
  return function* (a) {
    const target = f.program === undefined ? f.plain(a) : yield* f.program(a);
    let given = pass.program === undefined ? pass.plain(a) : yield* pass.program(a);
    if (add !== undefined) given = add(given, a);
    a.at = node;
    return a.world.run.charge(
      target instanceof Callable && target.program !== undefined ? yield* target.program(given, site(a)) : callValue(target, given, site(a)),
    );
  };
}

/** Compiles a filter over an operand. */
export function filter(node: Filter, target: Operand, cx: Context): ProgramExpr {
  const pass = passing(node.args, node, cx);
  const site = siteOf(node, cx);
  return function* (a) {
    const f = filterNamed(node.name, a, node, cx);
    const on = target.program === undefined ? target.plain(a) : yield* target.program(a);
    const given = pass.program === undefined ? pass.plain(a) : yield* pass.program(a);
    a.at = node;
    return a.world.run.charge(f(on, given, a.world, site(a)));
  };
}

/** The filters of a block, over the block's text. */
export function blockFilter(node: Filter, text: Plain, cx: Context): ProgramExpr {
  return filter(node, node.target === undefined ? { plain: text } : { program: blockFilter(node.target as Filter, text, cx) }, cx);
}

function test(node: Test, cx: Context): ProgramExpr {
  const target = operand(node.target, cx);
  const pass = passing(node.args, node, cx);
  const site = siteOf(node, cx);
  return function* (a) {
    const f = testNamed(node.name, a, node, cx);
    const on = target.program === undefined ? target.plain(a) : yield* target.program(a);
    const given = pass.program === undefined ? pass.plain(a) : yield* pass.program(a);
    a.at = node;
    return f(on, given, a.world, site(a)) !== node.negated;
  };
}
