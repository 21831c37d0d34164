import { type Body, type Call, type Expr, literal, type MacroStmt, type Stmt, type Template, type Value, walk } from '../jinja/index.ts';
import { type Span, span } from '../text/index.ts';

/** A call whose arguments are all literals, and its place. */
export interface LiteralCall {
  readonly path: string;
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  readonly at: Span;
}

/**
 * The calls that rendering a template for its dependencies would make, in order, where its text alone tells them: they stand outside of all conditions and
 * have literal arguments. Undefined where only rendering can tell.
 */
export function literalCalls(template: Template): readonly LiteralCall[] | undefined {
  const calls: LiteralCall[] = [];
  for (const stmt of template.body) if (!statement(stmt, template, calls)) return undefined;
  return calls;
}

function statement(stmt: Stmt, template: Template, calls: LiteralCall[]): boolean {
  switch (stmt.kind) {
    case 'text':
      return true;
    case 'print':
      return inert(stmt.value) || addCall(stmt.value, template, calls);
    case 'if': {
      const [first, ...others] = stmt.branches;
      if (!first || !(condition(first.test) || addGuard(first.test, template, calls))) return false;
      return others.every((b) => condition(b.test)) && [...stmt.branches.map((b) => b.body), stmt.otherwise ?? []].every(inertBody);
    }
    default:
      return false;
  }
}

/** `{% if is_incremental() %}`: the one call that a condition may make, since it is made whichever way it turns out. */
function addGuard(test: Expr, template: Template, calls: LiteralCall[]): boolean {
  const call = test.kind === 'unary' && test.op === 'not' ? test.operand : test;
  return call.kind === 'call' && call.callee.kind === 'name' && call.callee.name === 'is_incremental' && addCall(call, template, calls);
}

function addCall(e: Expr, template: Template, calls: LiteralCall[]): boolean {
  if (e.kind !== 'call') return false;
  const path = pathOf(e.callee);
  const args = path === undefined ? undefined : literals(e);
  if (path === undefined || !args) return false;
  calls.push({ path, ...args, at: span(template.file, e.start, e.end) });
  return true;
}

function literals({ args }: Call): Pick<LiteralCall, 'positional' | 'named'> | undefined {
  if (args.star || args.doubleStar) return undefined;
  const positional: Value[] = [];
  for (const p of args.positional) {
    const value = literal(p);
    if (value === undefined) return undefined;
    positional.push(value);
  }
  const named = new Map<string, Value>();
  for (const n of args.named) {
    const value = literal(n.value);
    if (value === undefined) return undefined;
    named.set(n.name, value);
  }
  return { positional, named };
}

function pathOf(e: Expr): string | undefined {
  if (e.kind === 'name') return e.name;
  return e.kind === 'attr' && e.target.kind === 'name' ? `${e.target.name}.${e.name}` : undefined;
}

const KNOWN: ReadonlySet<string> = new Set(['this', 'target', 'execute', 'invocation_id', 'project_name']);

/** Printing it does nothing but print: `{{ this }}`, `{{ target.schema }}`, `{{ var('x') }}`. */
function inert(e: Expr): boolean {
  switch (e.kind) {
    case 'const':
      return true;
    case 'name':
      return KNOWN.has(e.name);
    case 'attr':
      return e.target.kind === 'name' && KNOWN.has(e.target.name);
    case 'call':
      return e.callee.kind === 'name' && e.callee.name === 'var' && literals(e) !== undefined && e.args.positional.length > 0;
    default:
      return false;
  }
}

function condition(e: Expr): boolean {
  switch (e.kind) {
    case 'unary':
      return condition(e.operand);
    case 'logic':
      return condition(e.left) && condition(e.right);
    case 'compare':
      return condition(e.first) && e.rest.every((r) => (r.op === '==' || r.op === '!=') && condition(r.right));
    default:
      return inert(e);
  }
}

function inertBody(body: Body): boolean {
  return body.every((s) => {
    if (s.kind === 'text') return true;
    if (s.kind === 'print') return inert(s.value);
    return s.kind === 'if' && s.branches.every((b) => condition(b.test) && inertBody(b.body)) && inertBody(s.otherwise ?? []);
  });
}

const PURE: ReadonlySet<string> = new Set(['range', 'dict', 'namespace', 'cycler', 'joiner', 'return', 'var']);

/**
 * The other macros that a macro calls, where calling it can tell nothing but its text: it calls functions of its own values, pure built-ins and macros
 * only. Undefined where it could do more (`ref`, `config`, `adapter`, ...).
 */
export function silentCalls(macro: MacroStmt): readonly string[] | undefined {
  const own = new Set(['loop', 'varargs', 'kwargs', ...macro.params.map((p) => p.name)]);
  walk(macro.body, (node) => {
    if (node.kind === 'name-target') own.add(node.name);
  });
  const called: string[] = [];
  let silent = true;
  const body: Body = [
    ...macro.body,
    ...macro.params.flatMap((p): Stmt[] => (p.fallback ? [{ kind: 'print', value: p.fallback, start: p.start, end: p.end }] : [])),
  ];
  walk(body, (node) => {
    if (node.kind === 'load' || node.kind === 'macro' || node.kind === 'call-block') silent = false;
    if (node.kind !== 'call') return;
    const root = rootOf(node.callee);
    const path = pathOf(node.callee);
    if (root === undefined) silent = false;
    else if (own.has(root) && node.callee.kind === 'attr') return;
    else if (path === undefined || own.has(root)) silent = false;
    else if (!PURE.has(path)) called.push(path);
  });
  return silent ? called : undefined;
}

function rootOf(e: Expr): string | undefined {
  if (e.kind === 'name') return e.name;
  return e.kind === 'attr' || e.kind === 'item' ? rootOf(e.target) : e.kind === 'const' ? '' : undefined;
}
