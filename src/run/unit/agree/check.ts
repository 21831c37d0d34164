import { type Ast, differs, listOf, maybe, namesOf, only, textOf } from './ast.ts';
import { type Env, expression, type Scope, truth } from './expressions.ts';
import { ordered } from './functions.ts';
import { common, type Output, type Typed } from './types.ts';

/** The columns of a query; throws NotInMemory where Postgres may answer it otherwise than DuckDB does. */
export function checkQuery(node: Ast, env: Env): readonly Output[] {
  return outputsOf(node, env).map(({ name, ...e }) => (e.type === 'null' ? differs('NULL without a type') : { name, type: e.type }));
}

type Named = Typed & Pick<Output, 'name'>;

function outputsOf(node: Ast, outer: Env): readonly Named[] {
  const env = withCtes(node, outer);
  switch (node['type']) {
    case 'SELECT_NODE':
      return selected(node, env);
    case 'SET_OPERATION_NODE':
      return combined(node, env);
    default:
      return differs(`a query of this kind (${textOf(node, 'type')})`);
  }
}

function withCtes(node: Ast, env: Env): Env {
  const found = listOf(maybe(node, 'cte_map') ?? {}, 'map');
  let { ctes } = env;
  for (const each of found) {
    const value = maybe(each, 'value') as Ast;
    only(value, ['aliases', 'query', 'materialized']);
    const columns = checkQuery(subqueryOf(value, 'query'), { ...env, ctes, outer: undefined });
    ctes = new Map([...ctes, [textOf(each, 'key'), aliased(columns, namesOf(value, 'aliases'))]]);
  }
  return found.length === 0 ? env : { ...env, ctes };
}

const subqueryOf = (of: Ast, key: string): Ast => maybe(maybe(of, key) as Ast, 'node') as Ast;

function aliased(columns: readonly Output[], names: readonly string[]): readonly Output[] {
  return columns.map((c, i) => ({ ...c, name: names[i] ?? c.name }));
}

function combined(node: Ast, env: Env): readonly Named[] {
  only(node, ['cte_map', 'modifiers', 'setop_type', 'setop_all', 'left', 'right']);
  if (!['union', 'except', 'intersect'].includes(textOf(node, 'setop_type'))) differs(`\`${textOf(node, 'setop_type')}\``);
  const left = outputsOf(maybe(node, 'left') as Ast, env);
  const right = outputsOf(maybe(node, 'right') as Ast, env);
  if (left.length !== right.length) differs('queries of different widths');
  const out = left.map((l, i): Named => ({ name: l.name, type: common([l, right[i] as Typed], 'rows together') }));
  modifiers(node, env, { relations: [], merged: new Set(), outer: env.outer }, out, true);
  return out;
}

function selected(node: Ast, env: Env): readonly Named[] {
  only(node, ['cte_map', 'modifiers', 'select_list', 'from_table', 'where_clause', 'group_expressions', 'group_sets', 'aggregate_handling', 'having']);
  if (node['aggregate_handling'] !== 'STANDARD_HANDLING' || listOf(node, 'group_sets').length > 1) differs('`group by` of this kind');
  const scope: Scope = { ...from(maybe(node, 'from_table') as Ast, env), outer: env.outer };
  const where = maybe(node, 'where_clause');
  if (where) truth(where, scope, env);
  const list = listOf(node, 'select_list');
  const out = list.flatMap((item): readonly Named[] => (item['class'] === 'STAR' ? starred(item, scope) : [named(item, scope, env)]));
  const having = maybe(node, 'having');
  if (having) truth(having, scope, env);
  for (const group of listOf(node, 'group_expressions')) {
    if (outputOf(group, out)) continue;
    if (isConstant(group)) differs('`group by` a constant');
    expression(group, scope, env);
  }
  modifiers(node, env, scope, out, false);
  return out;
}

function named(item: Ast, scope: Scope, env: Env): Named {
  const alias = textOf(item, 'alias');
  const columns = item['class'] === 'COLUMN_REF' ? namesOf(item, 'column_names') : [];
  return { ...withoutConstant(expression(item, scope, env), item), name: alias || columns.at(-1) };
}

/** A constant that a query gives is a value like others; only rows that are put together know it still. */
function withoutConstant(e: Typed, item: Ast): Typed {
  return item['class'] === 'CONSTANT' ? e : { type: e.type };
}

function starred(star: Ast, scope: Scope): readonly Named[] {
  only(star, ['relation_name']);
  const of = textOf(star, 'relation_name');
  // The merged columns come first in Postgres, and stay in their place in DuckDB.
  if (of === '' && scope.merged.size > 0) differs('`*` over a join with `using`');
  const relations = scope.relations.filter((r) => of === '' || r.alias === of);
  return relations.length === 0 ? differs(`\`${of}.*\``) : relations.flatMap((r) => r.columns);
}

/** The column of the select list that a number or a name stands for. */
function outputOf(e: Ast, out: readonly Named[]): Named | undefined {
  const value = e['class'] === 'CONSTANT' ? maybe(e, 'value')?.['value'] : undefined;
  if (typeof value === 'number') return out[value - 1];
  const names = e['class'] === 'COLUMN_REF' ? namesOf(e, 'column_names') : [];
  return names.length === 1 ? out.find((o) => o.name === names[0]) : undefined;
}

/** A constant that is no number of a column; `true` is a cast of one. */
const isConstant = (e: Ast): boolean => e['class'] === 'CONSTANT' || maybe(e, 'child')?.['class'] === 'CONSTANT';

const MODIFIERS = new Set(['LIMIT_MODIFIER', 'ORDER_MODIFIER', 'DISTINCT_MODIFIER']);

/** `distinct`, `order by`, `limit`. `bare`: the order may only name columns of the select list. */
function modifiers(node: Ast, env: Env, scope: Scope, out: readonly Named[], bare: boolean): void {
  const all = listOf(node, 'modifiers');
  for (const each of all) {
    only(each, ['orders', 'limit', 'offset', 'distinct_on_targets']);
    if (!MODIFIERS.has(String(each['type']))) differs('`limit` of this kind');
    if (listOf(each, 'distinct_on_targets').length > 0) differs('`distinct on`');
  }
  const limit = all.find((m) => m['type'] === 'LIMIT_MODIFIER');
  const limited = limit !== undefined && maybe(maybe(limit, 'limit') ?? {}, 'value')?.['value'] !== 0;
  const orders = all.flatMap((m) => listOf(m, 'orders')).map((order) => maybe(order, 'expression') as Ast);
  if (limited && orders.length === 0) differs('`limit` of rows in no order');
  const distinct = all.some((m) => m['type'] === 'DISTINCT_MODIFIER');
  for (const by of orders) {
    const found = outputOf(by, out);
    if (!found && (bare || distinct || isConstant(by))) differs('`order by` what is not selected');
    const { type } = found ?? expression(by, scope, env);
    if (limited) ordered(type, 'the order');
  }
}

type From = Omit<Scope, 'outer'>;

function from(table: Ast, env: Env): From {
  const alias = textOf(table, 'alias');
  switch (table['type']) {
    case 'EMPTY':
      return { relations: [], merged: new Set() };
    case 'BASE_TABLE': {
      only(table, ['schema_name', 'table_name', 'catalog_name', 'column_name_alias']);
      const name = textOf(table, 'table_name');
      const bare = textOf(table, 'schema_name') === '';
      const columns = (bare ? env.ctes.get(name) : undefined) ?? env.table([textOf(table, 'catalog_name'), textOf(table, 'schema_name'), name]);
      if (!columns) return differs(`the table \`${name}\``);
      return { relations: [{ alias: alias || name, columns: aliased(columns, namesOf(table, 'column_name_alias')) }], merged: new Set() };
    }
    case 'SUBQUERY': {
      only(table, ['subquery', 'column_name_alias']);
      if (alias === '') differs('a query in `from` without a name');
      const columns = checkQuery(subqueryOf(table, 'subquery'), { ...env, outer: undefined });
      return { relations: [{ alias, columns: aliased(columns, namesOf(table, 'column_name_alias')) }], merged: new Set() };
    }
    case 'JOIN':
      return join(table, env);
    default:
      return differs(`\`from\` of this kind (${textOf(table, 'type')})`);
  }
}

function join(table: Ast, env: Env): From {
  only(table, ['left', 'right', 'condition', 'join_type', 'ref_type', 'using_columns']);
  const kind = textOf(table, 'join_type');
  if (!['inner', 'left', 'right', 'outer'].includes(kind) || !['regular', 'cross'].includes(textOf(table, 'ref_type'))) differs('a join of this kind');
  const left = from(maybe(table, 'left') as Ast, env);
  const right = from(maybe(table, 'right') as Ast, env);
  const using = namesOf(table, 'using_columns');
  const relations = [...left.relations, ...right.relations];
  if (new Set(relations.map((r) => r.alias)).size < relations.length) differs('two relations of one name');
  for (const name of using) {
    const pair = [left, right].map((side) => side.relations.flatMap((r) => r.columns).filter((c) => c.name === name));
    if (pair.some((found) => found.length !== 1)) differs(`\`using (${name})\``);
    common(pair.flat(), '`using`');
    // The value is that of either side.
    if (kind !== 'inner' && kind !== 'left') differs('`using` of this join');
  }
  const condition = maybe(table, 'condition');
  // Postgres only joins fully by what it can sort or hash.
  if (kind === 'outer' && condition?.['type'] !== 'COMPARE_EQUAL') differs('a full join on this condition');
  const merged = new Set([...left.merged, ...right.merged, ...using]);
  if (condition) truth(condition, { relations, merged, outer: env.outer }, env);
  return { relations, merged };
}
