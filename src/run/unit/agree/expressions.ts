import { NotInMemory } from '../ground.ts';
import { type Ast, differs, listOf, maybe, namesOf, only, textOf } from './ast.ts';
import { aggregates, functions, ordered, windows } from './functions.ts';
import { castTo, common, computed, constant, type Output, type Typed } from './types.ts';

/** What expressions may name: the relations of `from`, and of the queries around. `merged`: columns of a join with `using`. */
export interface Scope {
  readonly relations: readonly { readonly alias: string; readonly columns: readonly Output[] }[];
  readonly merged: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

/** What a query finds around it. */
export interface Env {
  readonly ctes: ReadonlyMap<string, readonly Output[]>;
  /** The columns of a table by database, schema and name in lower case, each empty where it is left out. */
  readonly table: (name: readonly [database: string, schema: string, name: string]) => readonly Output[] | undefined;
  /** The query that a subquery stands in. */
  readonly outer: Scope | undefined;
  /** Checks a subquery: what {@link Env} is passed to it. */
  readonly subquery: (node: Ast, env: Env) => readonly Output[];
}

/** Makes sure that a condition is one in Postgres too, which takes nothing but booleans. */
export function truth(e: Ast, scope: Scope, env: Env): void {
  const { type } = expression(e, scope, env);
  if (type !== 'boolean') differs(`${type} as a condition`);
}

/** The type of an expression; throws NotInMemory where the engines may differ on it. */
export function expression(e: Ast, scope: Scope, env: Env): Typed {
  const each = (key: string): readonly Typed[] => listOf(e, key).map((child) => expression(child, scope, env));
  const one = (key: string): Typed => expression(maybe(e, key) as Ast, scope, env);
  switch (e['class']) {
    case 'CONSTANT':
      return constant(maybe(e, 'value') as Ast);
    case 'COLUMN_REF':
      return column(namesOf(e, 'column_names'), scope);
    case 'CAST':
      only(e, ['child', 'cast_type']);
      return castTo(one('child'), maybe(e, 'cast_type') as Ast);
    case 'COMPARISON':
      return compared(String(e['type']), [one('left'), one('right')]);
    case 'BETWEEN':
      return compared('COMPARE_BETWEEN', [one('input'), one('lower'), one('upper')]);
    case 'CONJUNCTION':
      for (const child of listOf(e, 'children')) truth(child, scope, env);
      return { type: 'boolean' };
    case 'OPERATOR':
      return operator(String(e['type']), each('children'));
    case 'CASE':
      return cased(e, scope, env);
    case 'FUNCTION':
      return called(e, each('children'), scope, env);
    case 'WINDOW':
      return windowed(e, each('children'), scope, env);
    case 'SUBQUERY':
      return subquery(e, scope, env);
    default:
      return differs(`an expression of this kind (${textOf(e, 'class')})`);
  }
}

function column(names: readonly string[], scope: Scope): Typed {
  const [name = '', alias] = [...names].reverse();
  for (let at: Scope | undefined = scope; at && names.length <= 2; at = at.outer) {
    const found = at.relations.filter((r) => alias === undefined || r.alias === alias).flatMap((r) => r.columns.filter((c) => c.name === name));
    const [first] = found;
    if (first && (found.length === 1 || (alias === undefined && at.merged.has(name)))) return { type: first.type };
    if (first) return differs(`\`${name}\`, of which there are several`);
  }
  throw new NotInMemory(`nothing that is read has a column \`${names.join('.')}\``);
}

const EQUALITY = new Set(['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM']);
const ORDER = new Set(['COMPARE_LESSTHAN', 'COMPARE_GREATERTHAN', 'COMPARE_LESSTHANOREQUALTO', 'COMPARE_GREATERTHANOREQUALTO', 'COMPARE_BETWEEN']);

function compared(how: string, sides: readonly Typed[]): Typed {
  const type = common(sides, 'a comparison');
  if (ORDER.has(how)) ordered(type, 'the order');
  else if (!EQUALITY.has(how)) differs('a comparison of this kind');
  return { type: 'boolean' };
}

function operator(kind: string, children: readonly Typed[]): Typed {
  switch (kind) {
    case 'OPERATOR_NOT':
      return children[0]?.type === 'boolean' ? { type: 'boolean' } : differs(`\`not\` of ${children[0]?.type}`);
    case 'OPERATOR_IS_NULL':
    case 'OPERATOR_IS_NOT_NULL':
      return { type: 'boolean' };
    case 'COMPARE_IN':
    case 'COMPARE_NOT_IN':
      common(children, '`in`');
      return { type: 'boolean' };
    case 'OPERATOR_COALESCE':
      return { type: computed(children, '`coalesce`') };
    default:
      return differs(`an operator of this kind (${kind.toLowerCase()})`);
  }
}

function cased(e: Ast, scope: Scope, env: Env): Typed {
  only(e, ['case_checks', 'else_expr']);
  const results: Typed[] = [];
  for (const check of listOf(e, 'case_checks')) {
    truth(maybe(check, 'when_expr') as Ast, scope, env);
    results.push(expression(maybe(check, 'then_expr') as Ast, scope, env));
  }
  results.push(expression(maybe(e, 'else_expr') as Ast, scope, env));
  return { type: computed(results, '`case`') };
}

function called(e: Ast, args: readonly Typed[], scope: Scope, env: Env): Typed {
  only(e, ['function_name', 'schema', 'children', 'filter', 'order_bys', 'distinct', 'is_operator']);
  if (!['', 'main'].includes(textOf(e, 'schema')) || listOf(maybe(e, 'order_bys') ?? {}, 'orders').length > 0) differs('a call of this kind');
  const name = textOf(e, 'function_name');
  const filter = maybe(e, 'filter');
  if (filter) truth(filter, scope, env);
  const aggregate = aggregates[name];
  if (!aggregate && (filter || e['distinct'] === true)) differs(`\`${name}\` of this kind`);
  if (args.length > 1 && aggregate) differs(`\`${name}\` of several values`);
  const rule = aggregate ?? functions[name] ?? differs(`the function \`${name}\``);
  const type = rule(args, name);
  return type === 'null' ? differs(`\`${name}\` of NULL`) : { type };
}

const FRAMES = new Set(['UNBOUNDED_PRECEDING', 'UNBOUNDED_FOLLOWING', 'CURRENT_ROW_RANGE', 'CURRENT_ROW_ROWS', 'EXPR_PRECEDING_ROWS', 'EXPR_FOLLOWING_ROWS']);

function windowed(e: Ast, args: readonly Typed[], scope: Scope, env: Env): Typed {
  only(e, 'function_name schema children partitions orders start end start_expr end_expr offset_expr default_expr filter_expr exclude_clause'.split(' '));
  if (e['exclude_clause'] !== 'NO_OTHER' || !FRAMES.has(String(e['start'])) || !FRAMES.has(String(e['end']))) differs('a frame of this kind');
  for (const key of ['start_expr', 'end_expr', 'offset_expr']) if (maybe(e, key) && maybe(e, key)?.['class'] !== 'CONSTANT') differs('a frame of this size');
  for (const by of listOf(e, 'partitions')) expression(by, scope, env);
  const orders = listOf(e, 'orders');
  for (const by of orders) ordered(expression(maybe(by, 'expression') as Ast, scope, env).type, 'the order');
  const filter = maybe(e, 'filter_expr');
  if (filter) truth(filter, scope, env);
  const name = textOf(e, 'function_name');
  const window = windows[name];
  if (window && (filter || orders.length === 0)) differs(`\`${name}\` over rows in no order`);
  const rule = window ?? aggregates[name] ?? differs(`the function \`${name}\``);
  const otherwise = maybe(e, 'default_expr');
  const type = rule(args, name);
  return { type: computed([{ type }, ...(otherwise ? [expression(otherwise, scope, env)] : [])], `\`${name}\``) };
}

function subquery(e: Ast, scope: Scope, env: Env): Typed {
  only(e, ['subquery_type', 'subquery', 'child', 'comparison_type']);
  const outputs = env.subquery(maybe(maybe(e, 'subquery') as Ast, 'node') as Ast, { ...env, outer: scope });
  switch (textOf(e, 'subquery_type')) {
    case 'exists':
    case 'not_exists':
      return { type: 'boolean' };
    case 'scalar':
      return outputs.length === 1 ? { type: (outputs[0] as Output).type } : differs('a query of several columns as a value');
    case 'any':
      if (outputs.length !== 1 || e['comparison_type'] !== 'COMPARE_EQUAL') return differs('a comparison with a query');
      return compared('COMPARE_EQUAL', [expression(maybe(e, 'child') as Ast, scope, env), outputs[0] as Output]);
    default:
      return differs('a query of this kind in an expression');
  }
}
