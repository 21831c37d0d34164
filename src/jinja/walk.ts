import { type Arguments, type Body, type Expr, type Parameter, type Slice, type Stmt, type Target, unreachable } from './ast.ts';

export type AnyNode = Stmt | Expr | Slice | Target;
type Children = readonly (AnyNode | undefined)[];

const none: Children = [];

/** The direct children of a node, in the order the template runs them; undefined where an optional one is absent. */
export function children(node: AnyNode): Children {
  switch (node.kind) {
    case 'const':
    case 'name':
    case 'name-target':
    case 'attr-target':
    case 'text':
    case 'break':
    case 'continue':
    case 'load':
      return none;
    case 'attr':
      return [node.target];
    case 'item':
      return [node.target, node.key];
    case 'slice':
      return [node.from, node.to, node.step];
    case 'call':
      return [node.callee, ...argumentsOf(node.args)];
    case 'filter':
    case 'test':
      return [node.target, ...argumentsOf(node.args)];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logic':
      return [node.left, node.right];
    case 'concat':
      return node.parts;
    case 'compare':
      return [node.first, ...node.rest.map((r) => r.right)];
    case 'conditional':
      return [node.test, node.whenTrue, node.otherwise];
    case 'list':
    case 'tuple':
    case 'tuple-target':
      return node.items;
    case 'dict':
      return node.pairs.flatMap((p) => [p.key, p.value]);
    default:
      return statementChildren(node);
  }
}

function statementChildren(node: Exclude<Stmt, { kind: 'text' | 'break' | 'continue' | 'load' }>): Children {
  switch (node.kind) {
    case 'print':
    case 'do':
      return [node.value];
    case 'set':
      return [node.value, node.target];
    case 'set-block':
      return [...node.body, node.filter, node.target];
    case 'if':
      return [...node.branches.flatMap((b) => [b.test, ...b.body]), ...(node.otherwise ?? none)];
    case 'for':
      return [node.iter, node.target, node.test, ...node.body, ...(node.otherwise ?? none)];
    case 'macro':
      return [...fallbacks(node.params), ...node.body];
    case 'call-block':
      return [...fallbacks(node.params), node.call, ...node.body];
    case 'filter-block':
      return [...node.body, node.filter];
    case 'with':
      return [...node.bindings.map((b) => b.value), ...node.bindings.map((b) => b.target), ...node.body];
    case 'scoped':
      return node.body;
    default:
      return unreachable(node);
  }
}

function argumentsOf(args: Arguments): Children {
  return [...args.positional, ...args.named.map((n) => n.value), args.star, args.doubleStar];
}

function fallbacks(params: readonly Parameter[]): Children {
  return params.map((p) => p.fallback);
}

/** Visits every node of a body, parents before children; `visit` answering false skips a node's children. */
export function walk(body: Body, visit: (node: AnyNode) => unknown): void {
  const step = (node: AnyNode): void => {
    if (visit(node) === false) return;
    for (const child of children(node)) if (child !== undefined) step(child);
  };
  for (const stmt of body) step(stmt);
}

/** Which of `names` a body reads before it assigns them: whether a macro uses `caller`, a loop body `loop`. */
export function readsFirst(body: Body, names: readonly string[]): ReadonlySet<string> {
  const open = new Set(names);
  const read = new Set<string>();
  walk(body, (node) => {
    if (node.kind === 'name' && open.has(node.name)) read.add(node.name);
    else if (node.kind === 'name-target') open.delete(node.name);
    return open.size > 0;
  });
  return read;
}

/** Whether a call stands anywhere below: whether running these statements may ask for an effect. A macro's body does not count, its call does. */
export function mayCall(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'text':
    case 'break':
    case 'continue':
    case 'load':
    case 'macro':
      return false;
    case 'call-block':
      return true;
    case 'print':
    case 'do':
    case 'set':
      return stmt.value.calls;
    case 'set-block':
    case 'filter-block':
      return stmt.filter?.calls === true || stmt.body.some(mayCall);
    case 'if':
      return stmt.branches.some((b) => b.test.calls || b.body.some(mayCall)) || stmt.otherwise?.some(mayCall) === true;
    case 'for':
      return stmt.iter.calls || stmt.test?.calls === true || stmt.body.some(mayCall) || stmt.otherwise?.some(mayCall) === true;
    case 'with':
      return stmt.bindings.some((b) => b.value.calls) || stmt.body.some(mayCall);
    case 'scoped':
      return stmt.body.some(mayCall);
  }
}
