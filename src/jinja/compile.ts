import { position, type Span, span } from '../text/index.ts';
import type { Arguments, Expr, Filter, Node, Slice, Test } from './ast.ts';
import { filterNamed, sliced, spread, spreadNamed, testNamed } from './operations.ts';
import { binary, callMethod, callValue, compare, concat, Dict, getAttr, getItem, str, Tuple, truthy, unary } from './python/index.ts';
import type { Activation } from './runtime.ts';
import type { Context, Plain } from './unit.ts';
import type { Args, Site, Value } from './value.ts';
import { fetch, readName, slotOf } from './variables.ts';
import { type AnyNode, eachChild } from './walk.ts';

const noNamed: ReadonlyMap<string, Value> = new Map();
const nothing: Args = { positional: [], named: noNamed };

/** An expression compiled to its truth. */
export type Condition = (a: Activation) => boolean;

/** Whether an expression is made of literals alone. */
export function isLiteral(node: AnyNode): boolean {
  if (node.kind === 'name' || node.kind === 'call') return false;
  let literal = true;
  eachChild(node, (child) => {
    literal &&= isLiteral(child);
  });
  return literal;
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
      const slot = slotOf(node.target, cx);
      const target = plain(node.target, cx);
      const { name } = node;
      return (a) => {
        const value = fetch(a, slot, target);
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
      if (node.op === 'not') return condition(node, cx);
      const operand = plain(node.operand, cx);
      const { op } = node;
      return (a) => {
        const value = operand(a);
        a.at = node;
        return unary(op, value);
      };
    }
    case 'binary': {
      const [leftSlot, rightSlot] = [slotOf(node.left, cx), slotOf(node.right, cx)];
      const [left, right] = [plain(node.left, cx), plain(node.right, cx)];
      const { op } = node;
      return (a) => {
        const l = fetch(a, leftSlot, left);
        const r = fetch(a, rightSlot, right);
        a.at = node;
        const result = binary(op, l, r);
        // Sums of texts share their parts and cost nothing.
        return typeof result === 'number' || (op === '+' && typeof result === 'string') ? result : a.world.run.charge(result);
      };
    }
    case 'logic': {
      const slot = slotOf(node.left, cx);
      const left = plain(node.left, cx);
      const right = plain(node.right, cx);
      const stopAt = node.op === 'or';
      return (a) => {
        const value = fetch(a, slot, left);
        return truthy(value) === stopAt ? value : right(a);
      };
    }
    default:
      return rare(node, cx);
  }
}

function rare(node: Extract<Expr, { kind: 'concat' | 'compare' | 'conditional' | 'list' | 'tuple' | 'dict' }>, cx: Context): Plain {
  switch (node.kind) {
    case 'concat':
      return joined(node.parts, node, cx);
    case 'compare':
      return comparison(node, cx);
    case 'conditional': {
      const test = condition(node.test, cx);
      const whenTrue = plain(node.whenTrue, cx);
      const otherwise = node.otherwise === undefined ? missingElse(node, cx) : plain(node.otherwise, cx);
      return (a) => (test(a) ? whenTrue(a) : otherwise(a));
    }
    case 'list':
      return values(node.items, cx);
    case 'tuple': {
      const items = values(node.items, cx);
      return (a) => new Tuple(items(a));
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

/** Several expressions, to an array of its own each time. */
function values(nodes: readonly Expr[], cx: Context): (a: Activation) => Value[] {
  const constants = nodes.flatMap((n) => (n.kind === 'const' ? [n.value] : []));
  if (constants.length === nodes.length) return () => constants.slice();
  const slots = nodes.map((n) => slotOf(n, cx));
  const reads = nodes.map((n) => plain(n, cx));
  return (a) => {
    const items: Value[] = [];
    for (let i = 0; i < reads.length; i++) items.push(fetch(a, slots[i] as number, reads[i] as Plain));
    return items;
  };
}

/** `x ~ y`: all parts are evaluated before the first is made text. */
function joined(parts: readonly Expr[], node: Node, cx: Context): Plain {
  const [first, second] = parts;
  if (first === undefined || second === undefined || parts.length > 2) {
    const items = values(parts, cx);
    return (a) => {
      const all = items(a);
      a.at = node;
      return concat(all);
    };
  }
  const [leftSlot, rightSlot] = [slotOf(first, cx), slotOf(second, cx)];
  const [left, right] = [plain(first, cx), plain(second, cx)];
  return (a) => {
    const l = fetch(a, leftSlot, left);
    const r = fetch(a, rightSlot, right);
    a.at = node;
    return str(l) + str(r);
  };
}

/** Compiles an expression to its truth: what a test of an `if` needs, without the values in between. */
export function condition(node: Expr, cx: Context): Condition {
  switch (node.kind) {
    case 'compare':
      return comparison(node, cx);
    case 'test':
      return test(node, cx);
    case 'logic': {
      const left = condition(node.left, cx);
      const right = condition(node.right, cx);
      return node.op === 'or' ? (a) => left(a) || right(a) : (a) => left(a) && right(a);
    }
    case 'unary':
      if (node.op === 'not') return negation(node.operand, cx);
  }
  const slot = slotOf(node, cx);
  const value = plain(node, cx);
  return (a) => truthy(fetch(a, slot, value));
}

function negation(node: Expr, cx: Context): Condition {
  if (node.kind === 'name' || node.kind === 'attr' || node.kind === 'call') {
    const slot = slotOf(node, cx);
    const value = plain(node, cx);
    return (a) => !truthy(fetch(a, slot, value));
  }
  const met = condition(node, cx);
  return (a) => !met(a);
}

function comparison(node: Extract<Expr, { kind: 'compare' }>, cx: Context): Condition {
  const firstSlot = slotOf(node.first, cx);
  const first = plain(node.first, cx);
  const rest = node.rest.map((r) => ({ op: r.op, slot: slotOf(r.right, cx), right: plain(r.right, cx) }));
  const only = rest.length === 1 ? rest[0] : undefined;
  if (only !== undefined) {
    const { op, slot, right } = only;
    return (a) => {
      const l = fetch(a, firstSlot, first);
      const r = fetch(a, slot, right);
      a.at = node;
      return compare(op, l, r);
    };
  }
  return (a) => {
    let left = fetch(a, firstSlot, first);
    for (const { op, slot, right } of rest) {
      const r = fetch(a, slot, right);
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
  const [slot, keySlot] = [slotOf(target, cx), slotOf(key, cx)];
  const k = plain(key, cx);
  return (a) => {
    const value = fetch(a, slot, of);
    const at = fetch(a, keySlot, k);
    a.at = node;
    return getItem(value, at, a.world.mode);
  };
}

function sliceBound(node: Expr | undefined, cx: Context): Plain {
  return node === undefined ? () => null : plain(node, cx);
}

/** Compiles what a call passes. Arguments that are all constants are passed as one and the same object. */
export function argumentsOf(args: Arguments, node: Node, cx: Context): (a: Activation) => Args {
  if (args.star !== undefined || args.doubleStar !== undefined) return spreading(args, node, cx);
  const positional = positionalOf(args.positional, cx);
  if (args.named.length === 0) return positional;
  const named = args.named.map((n) => ({ name: n.name, slot: slotOf(n.value, cx), value: plain(n.value, cx) }));
  if (args.named.every((n) => n.value.kind === 'const')) {
    const same = new Map(args.named.flatMap(({ name, value }) => (value.kind === 'const' ? [[name, value.value]] : [])));
    if (args.positional.length === 0) {
      const constant: Args = { positional: [], named: same };
      return () => constant;
    }
    return (a) => ({ positional: positional(a).positional, named: same });
  }
  return (a) => {
    const before = positional(a).positional;
    const map = new Map<string, Value>();
    for (const { name, slot, value } of named) map.set(name, fetch(a, slot, value));
    return { positional: before, named: map };
  };
}

function positionalOf(nodes: readonly Expr[], cx: Context): (a: Activation) => Args {
  const [first, second] = nodes;
  if (first === undefined) return () => nothing;
  if (nodes.every((n) => n.kind === 'const')) {
    const constant: Args = { positional: nodes.map((n) => n.value), named: noNamed };
    return () => constant;
  }
  const slot = slotOf(first, cx);
  const value = plain(first, cx);
  if (second === undefined) return (a) => ({ positional: [fetch(a, slot, value)], named: noNamed });
  if (nodes.length === 2) {
    const nextSlot = slotOf(second, cx);
    const next = plain(second, cx);
    return (a) => ({ positional: [fetch(a, slot, value), fetch(a, nextSlot, next)], named: noNamed });
  }
  const all = values(nodes, cx);
  return (a) => ({ positional: all(a), named: noNamed });
}

/** Arguments with `*args` or `**kwargs` among them. */
function spreading(args: Arguments, node: Node, cx: Context): (a: Activation) => Args {
  const positional = values(args.positional, cx);
  const named = args.named.map((n) => [n.name, plain(n.value, cx)] as const);
  const star = args.star && plain(args.star, cx);
  const doubleStar = args.doubleStar && plain(args.doubleStar, cx);
  return (a) => {
    const items = positional(a);
    if (star !== undefined) spread(star(a), items, a, node);
    const map = new Map<string, Value>();
    for (const [name, value] of named) map.set(name, value(a));
    if (doubleStar !== undefined) spreadNamed(doubleStar(a), map, a, node);
    return { positional: items, named: map };
  };
}

/** Makes the site of a call: shared as long as no macro is running. */
export function siteOf(node: Node, cx: Context): (a: Activation) => Site {
  const at: Span = span(cx.unit.file, node.start, node.end);
  const outside: Site = { at };
  return (a) => (a.stack === undefined ? outside : { at, stack: a.stack });
}

function call(callee: Expr, args: Arguments, node: Node, cx: Context): Plain {
  const pass = argumentsOf(args, node, cx);
  const at: Span = span(cx.unit.file, node.start, node.end);
  const outside: Site = { at };
  if (callee.kind === 'attr') {
    const slot = slotOf(callee.target, cx);
    const target = plain(callee.target, cx);
    const { name } = callee;
    return (a) => {
      const value = fetch(a, slot, target);
      const given = pass(a);
      a.at = node;
      const { world, stack } = a;
      return world.run.charge(callMethod(value, name, given, stack === undefined ? outside : { at, stack }, world.mode));
    };
  }
  const slot = slotOf(callee, cx);
  const f = plain(callee, cx);
  return (a) => {
    const value = fetch(a, slot, f);
    const given = pass(a);
    a.at = node;
    const { world, stack } = a;
    return world.run.charge(callValue(value, given, stack === undefined ? outside : { at, stack }));
  };
}

/** A filter, over `target` or (in a block) over the text that the activation has just printed. */
export function filter(node: Filter, target: Plain | undefined, cx: Context): Plain {
  const pass = argumentsOf(node.args, node, cx);
  const site = siteOf(node, cx);
  const slot = node.target === undefined ? -1 : slotOf(node.target, cx);
  if (target === undefined) throw new Error('a filter without a value');
  let f: ReturnType<typeof filterNamed> | undefined;
  return (a) => {
    f ??= filterNamed(node.name, a, node, cx);
    const value = fetch(a, slot, target);
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

function test(node: Test, cx: Context): Condition {
  const slot = slotOf(node.target, cx);
  const target = plain(node.target, cx);
  const pass = argumentsOf(node.args, node, cx);
  const site = siteOf(node, cx);
  const { negated } = node;
  let f: ReturnType<typeof testNamed> | undefined;
  return (a) => {
    f ??= testNamed(node.name, a, node, cx);
    const value = fetch(a, slot, target);
    const given = pass(a);
    a.at = node;
    return f(value, given, a.world, site(a)) !== negated;
  };
}
