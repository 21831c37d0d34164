import { type Arguments, type Body, type Expr, type Parameter, type Slice, type Stmt, type Target, unreachable } from './ast.ts';

export type AnyNode = Stmt | Expr | Slice | Target;
type Visit = (node: AnyNode) => void;

/** Calls `visit` with the direct children of a node, in the order the template runs them. */
export function eachChild(node: AnyNode, visit: Visit): void {
  switch (node.kind) {
    case 'const':
    case 'name':
    case 'name-target':
    case 'attr-target':
    case 'text':
    case 'break':
    case 'continue':
    case 'load':
      return;
    case 'attr':
      visit(node.target);
      return;
    case 'item':
      visit(node.target);
      visit(node.key);
      return;
    case 'slice':
      optional([node.from, node.to, node.step], visit);
      return;
    case 'call':
      visit(node.callee);
      eachArgument(node.args, visit);
      return;
    case 'filter':
    case 'test':
      if (node.target !== undefined) visit(node.target);
      eachArgument(node.args, visit);
      return;
    case 'unary':
      visit(node.operand);
      return;
    case 'binary':
    case 'logic':
      visit(node.left);
      visit(node.right);
      return;
    case 'concat':
      all(node.parts, visit);
      return;
    case 'compare':
      visit(node.first);
      for (const r of node.rest) visit(r.right);
      return;
    case 'conditional':
      optional([node.test, node.whenTrue, node.otherwise], visit);
      return;
    case 'list':
    case 'tuple':
    case 'tuple-target':
      all(node.items, visit);
      return;
    case 'dict':
      for (const p of node.pairs) {
        visit(p.key);
        visit(p.value);
      }
      return;
    default:
      eachOfStatement(node, visit);
      return;
  }
}

function eachOfStatement(node: Exclude<Stmt, { kind: 'text' | 'break' | 'continue' | 'load' }>, visit: Visit): void {
  switch (node.kind) {
    case 'print':
    case 'do':
      visit(node.value);
      return;
    case 'set':
      visit(node.value);
      visit(node.target);
      return;
    case 'set-block':
      all(node.body, visit);
      optional([node.filter, node.target], visit);
      return;
    case 'if':
      for (const b of node.branches) {
        visit(b.test);
        all(b.body, visit);
      }
      if (node.otherwise !== undefined) all(node.otherwise, visit);
      return;
    case 'for':
      optional([node.iter, node.target, node.test], visit);
      all(node.body, visit);
      if (node.otherwise !== undefined) all(node.otherwise, visit);
      return;
    case 'macro':
      eachFallback(node.params, visit);
      all(node.body, visit);
      return;
    case 'call-block':
      eachFallback(node.params, visit);
      visit(node.call);
      all(node.body, visit);
      return;
    case 'filter-block':
      all(node.body, visit);
      visit(node.filter);
      return;
    case 'with':
      for (const b of node.bindings) visit(b.value);
      for (const b of node.bindings) visit(b.target);
      all(node.body, visit);
      return;
    case 'scoped':
      all(node.body, visit);
      return;
    default:
      unreachable(node);
  }
}

function all(nodes: readonly AnyNode[], visit: Visit): void {
  for (let i = 0; i < nodes.length; i++) visit(nodes[i] as AnyNode);
}

function optional(nodes: readonly (AnyNode | undefined)[], visit: Visit): void {
  for (const node of nodes) if (node !== undefined) visit(node);
}

function eachArgument(args: Arguments, visit: Visit): void {
  all(args.positional, visit);
  for (const n of args.named) visit(n.value);
  if (args.star !== undefined) visit(args.star);
  if (args.doubleStar !== undefined) visit(args.doubleStar);
}

function eachFallback(params: readonly Parameter[], visit: Visit): void {
  for (const p of params) if (p.fallback !== undefined) visit(p.fallback);
}

/** Visits every node of a body, parents before children; `visit` answering false skips a node's children. */
export function walk(body: Body, visit: (node: AnyNode) => unknown): void {
  const step = (node: AnyNode): void => {
    if (visit(node) !== false) eachChild(node, step);
  };
  for (const stmt of body) step(stmt);
}

/**
 * Which of `names` a body reads before it assigns them: whether a macro uses `caller`, a loop body `loop`. `text` is what the body is written in: a name that
 * is nowhere in it need not be looked for.
 */
export function readsFirst(body: Body, names: readonly string[], text: string): ReadonlySet<string> {
  const open = new Set(names.filter((name) => text.includes(name)));
  const read = new Set<string>();
  if (open.size === 0) return read;
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
