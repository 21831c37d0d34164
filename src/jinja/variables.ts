import type { Expr, Node } from './ast.ts';
import type { Activation } from './runtime.ts';
import type { Level, Variable } from './scope.ts';
import type { Context, Plain } from './unit.ts';
import type { Value } from './value.ts';

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

/** Reads a name: a variable in scope, or a global. */
export function readName(name: string, node: Node, cx: Context): Plain {
  const variable = cx.scope.find(name);
  if (variable !== undefined) return readVariable(variable, cx.level);
  return (a) => {
    a.at = node;
    return a.world.resolve(name);
  };
}

/** The slot of an expression that reads a variable of the function it stands in; -1 for any other. */
export function slotOf(node: Expr, cx: Context): number {
  const variable = node.kind === 'name' ? cx.scope.find(node.name) : undefined;
  return variable?.level === cx.level ? variable.slot : -1;
}

/** Evaluates an operand: straight from its slot (see {@link slotOf}) where that is set, which saves the call. */
export function fetch(a: Activation, slot: number, read: Plain): Value {
  const value = slot < 0 ? undefined : a.slots[slot];
  return value === undefined ? read(a) : value;
}
