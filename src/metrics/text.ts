import { type Dialect, isReserved } from '../sql/index.ts';
import type { Measure } from './semantics.ts';

/** An identifier, quoted only where it must be. */
export function identifier(dialect: Dialect, name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !isReserved(name) ? name : dialect.quote(name);
}

/** Whether an expression is one name, or a literal: what needs no parentheses. */
export const isName = (expr: string): boolean => /^([a-z_]\w*|"([^"]|"")+")$/i.test(expr);
export const isLiteral = (expr: string): boolean => /^(\d+(\.\d+)?|'[^']*'|\*|true|false|null)$/i.test(expr);

/** An expression as it can stand beside an operator: in parentheses unless it is a name, a literal or one call. */
export function operand(expr: string): string {
  if (isName(expr) || isLiteral(expr) || /^[\w."]+$/.test(expr)) return expr;
  const open = /^\w+\(/.exec(expr)?.[0].length ?? 0;
  let depth = open > 0 ? 1 : 0;
  for (let i = open; i < expr.length - 1 && depth > 0; i++) depth += expr[i] === '(' ? 1 : expr[i] === ')' ? -1 : 0;
  return depth === 1 && expr.endsWith(')') ? expr : `(${expr})`;
}

/** Conditions joined by `and`, one a line; those with an `or` of their own in parentheses. Empty where there are none. */
export function whereClause(conditions: readonly string[]): readonly string[] {
  const safe = conditions.map((c) => (/\bor\b/i.test(c) && conditions.length > 1 ? `(${c})` : c));
  return safe.map((c, i) => (i === 0 ? `where ${c}` : `  and ${c}`));
}

/** A select statement of these clauses, one a line. */
export function selectText(s: {
  readonly columns: readonly string[];
  readonly from: readonly string[];
  readonly where?: readonly string[];
  /** How many of the first columns to group by. */
  readonly groups?: number;
  readonly distinct?: string;
  readonly orderBy?: string;
}): string {
  const groups = Array.from({ length: s.groups ?? 0 }, (_, i) => i + 1);
  return [
    `select${s.distinct === undefined ? '' : ` ${s.distinct}`}`,
    s.columns.map((c) => `  ${c}`).join(',\n'),
    ...s.from,
    ...whereClause(s.where ?? []),
    ...(groups.length > 0 ? [`group by ${groups.join(', ')}`] : []),
    ...(s.orderBy === undefined ? [] : [`order by ${s.orderBy}`]),
  ].join('\n');
}

/** `expr as name`, or the expression alone where that is its name already. */
export function aliased(expr: string, name: string): string {
  return expr === name || (/^\w+\.\w+$/.test(expr) && expr.endsWith(`.${name}`)) ? expr : `${expr} as ${name}`;
}

/** A join, with each condition on a line of its own where there are several. */
export function joinText(kind: 'inner' | 'left', relation: string, conditions: readonly string[]): string {
  const [first, ...more] = conditions;
  if (more.length === 0) return `${kind} join ${relation} on ${first}`;
  return [`${kind} join ${relation}`, `  on ${first}`, ...more.map((c) => `  and ${c}`)].join('\n');
}

/** The aggregate of a measure over a column. */
export function aggregate(measure: Measure, column: string): string {
  switch (measure.agg) {
    case 'count':
      return /^(\d+|\*)$/.test(column) ? 'count(*)' : `count(${column})`;
    case 'count_distinct':
      return `count(distinct ${column})`;
    case 'sum_boolean':
      return `sum(case when ${column} then 1 else 0 end)`;
    case 'average':
      return `avg(${column})`;
    case 'median':
      return `percentile_cont(0.5) within group (order by ${column})`;
    case 'percentile':
      return `percentile_${measure.percentile.discrete ? 'disc' : 'cont'}(${measure.percentile.at}) within group (order by ${column})`;
    default:
      return `${measure.agg}(${column})`;
  }
}
