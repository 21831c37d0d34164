import type { Body, Call, Expr, MacroStmt } from './ast.ts';
import type { Parsed } from './parser.ts';
import { Dict, Tuple, unary } from './python/index.ts';
import type { Value } from './value.ts';
import { walk } from './walk.ts';

/** A call whose callee is a name or a dotted path of names. */
export interface StaticCall {
  /** `ref`, `dbt_utils.star`, `config.get` */
  readonly path: string;
  readonly node: Call;
  /** The arguments, where all of them are literals. */
  readonly literal: { readonly positional: readonly Value[]; readonly named: ReadonlyMap<string, Value> } | undefined;
}

/** What can be said of a template without rendering it. */
export interface Facts {
  readonly calls: readonly StaticCall[];
  /** Every name that is read anywhere, whether or not the template assigns it too. */
  readonly names: ReadonlySet<string>;
  /** The macros defined at the top level. */
  readonly macros: readonly MacroStmt[];
  /** True where rendering prints the file as it is. */
  readonly literalText: boolean;
}

/** Collects {@link Facts}. */
export function analyze(template: Pick<Parsed, 'body'>): Facts {
  const calls: StaticCall[] = [];
  const names = new Set<string>();
  walk(template.body, (node) => {
    if (node.kind === 'name') names.add(node.name);
    if (node.kind !== 'call') return;
    const path = pathOf(node.callee);
    if (path !== undefined) calls.push({ path, node, literal: literalArguments(node) });
  });
  const macros = macrosOf(template.body);
  return { calls, names, macros, literalText: template.body.every((s) => s.kind === 'text') };
}

/** The macros that a body defines at its top level. */
export function macrosOf(body: Body): MacroStmt[] {
  return body.filter((s) => s.kind === 'macro');
}

function pathOf(callee: Expr): string | undefined {
  if (callee.kind === 'name') return callee.name;
  if (callee.kind !== 'attr') return undefined;
  const target = pathOf(callee.target);
  return target === undefined ? undefined : `${target}.${callee.name}`;
}

function literalArguments(node: Call): StaticCall['literal'] {
  const { positional, named, star, doubleStar } = node.args;
  if (star !== undefined || doubleStar !== undefined) return undefined;
  const values: Value[] = [];
  for (const p of positional) {
    const value = literal(p);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const map = new Map<string, Value>();
  for (const { name, value: of } of named) {
    const value = literal(of);
    if (value === undefined) return undefined;
    map.set(name, value);
  }
  return { positional: values, named: map };
}

/** The value of an expression of literals: constants, signs, lists, tuples, dicts. Undefined for anything else. */
export function literal(node: Expr): Value | undefined {
  switch (node.kind) {
    case 'const':
      return node.value;
    case 'unary': {
      const value = node.op === 'not' || node.operand.kind !== 'const' ? undefined : node.operand.value;
      if (value === undefined || value === null || typeof value === 'string' || node.op === 'not') return undefined;
      return unary(node.op, value);
    }
    case 'list':
    case 'tuple': {
      const items: Value[] = [];
      for (const i of node.items) {
        const value = literal(i);
        if (value === undefined) return undefined;
        items.push(value);
      }
      return node.kind === 'list' ? items : new Tuple(items);
    }
    case 'dict': {
      const dict = new Dict();
      for (const p of node.pairs) {
        const key = literal(p.key);
        const value = literal(p.value);
        // Only text keys: a list as a key is an error that rendering reports.
        if (typeof key !== 'string' || value === undefined) return undefined;
        dict.set(key, value);
      }
      return dict;
    }
    default:
      return undefined;
  }
}
