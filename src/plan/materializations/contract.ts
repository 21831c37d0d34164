import type { ColumnInfo, JsonMap, ModelNode } from '../../resolve/index.ts';
import { type Dialect, execute, type Program, query, type Relation, type ResultColumn } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { Task } from '../materialization.ts';
import { textSetting } from './task.ts';

/** The node, where it has an enforced contract. */
export function contracted(task: Task): ModelNode | undefined {
  return 'contract' in task.node && task.node.contract.enforced ? task.node : undefined;
}

const shownName = (dialect: Dialect, column: ColumnInfo): string => (column.quote ? dialect.quote(column.name) : column.name);

function typeOf(task: Task, node: ModelNode, column: ColumnInfo): string {
  if (column.data_type === null) return fail('contract-untyped', { node: node.name, column: column.name }, { at: node.at });
  return node.contract.alias_types ? task.dialect.typeOf(column.data_type) : column.data_type;
}

/** Compares the columns that a query gives with those of the contract, before anything is made; a difference is a diagnostic with dbt's table. */
export function* assertContract(task: Task): Program<void> {
  const node = contracted(task);
  if (!node) return;
  const columns = Object.values(node.columns);
  if (columns.length === 0) fail('contract-empty', { node: node.name }, { at: node.at });
  const promised = columns.map((c) => `cast(null as ${typeOf(task, node, c)}) as ${shownName(task.dialect, c)}`);
  const header = textSetting(task, 'sql_header');
  if (header !== undefined) yield* execute(header);
  const given = (yield* query(`select * from (\n${task.sql}\n) as __dbt_sbq\nwhere false\nlimit 0`)).table.columns;
  const wanted = (yield* query(`select ${promised.join(', ')}\nwhere false\nlimit 0`)).table.columns;
  const named = (c: ResultColumn): ResultColumn => ({ ...c, dataType: task.dialect.contractType(c.dataType) });
  const differences = mismatches(given.map(named), wanted.map(named));
  if (differences.length > 0) fail('contract-failed', { node: node.name }, { at: node.at, cause: grid(differences) });
}

type Row = readonly [column: string, definition: string, contract: string, reason: string];

function mismatches(given: readonly ResultColumn[], wanted: readonly ResultColumn[]): readonly Row[] {
  const promised = new Map(wanted.map((c) => [c.name, c.dataType]));
  const names = new Set(given.map((c) => c.name));
  const rows: Row[] = [];
  for (const { name, dataType } of given) {
    const type = promised.get(name);
    if (type === undefined) rows.push([name, dataType, '', 'missing in contract']);
    else if (type !== dataType) rows.push([name, dataType, type, 'data type mismatch']);
  }
  for (const { name, dataType } of wanted) if (!names.has(name)) rows.push([name, '', dataType, 'missing in definition']);
  return rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
}

/** The rows as a Markdown table, as dbt prints them. */
function grid(rows: readonly Row[]): string {
  const head: Row = ['column_name', 'definition_type', 'contract_type', 'mismatch_reason'];
  const widths = head.map((h, i) => Math.min(50, Math.max(h.length, ...rows.map((r) => (r[i] ?? '').length))));
  const cell = (text: string, i: number): string => (text.length > 50 ? `${text.slice(0, 47)}...` : text.padEnd(widths[i] ?? 0));
  const line = (row: readonly string[]): string => `| ${row.map(cell).join(' | ')} |`;
  return [line(head), `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** The statements that make a table with its constraints and fill it: `create table (...)`, then `insert`. They must run in one transaction. */
export function contractTable(task: Task, node: ModelNode, target: Relation, sql: string, replace: boolean): readonly [create: string, fill: string] {
  const { dialect } = task;
  const columns = Object.values(node.columns);
  const lines = [
    ...columns.map((c) =>
      [`${shownName(dialect, c)} ${typeOf(task, node, c)}`, ...c.constraints.map((k) => columnConstraint(dialect, k)).filter(Boolean)].join(' '),
    ),
    ...node.constraints.map((k) => tableConstraint(dialect, k)).filter(Boolean),
  ];
  const names = columns.map((c) => shownName(dialect, c)).join(', ');
  const name = dialect.render(target);
  return [
    `create ${replace ? 'or replace ' : ''}table ${name} (\n  ${lines.join(',\n  ')}\n)`,
    `insert into ${name} (${names}) (\n  select ${names}\n  from (\n${sql}\n  ) as model_subq\n)`,
  ];
}

/** Types of the constraints that the contract declares, on columns and on the model. */
export function constraintTypes(node: ModelNode): ReadonlySet<string> {
  const all = [...node.constraints, ...Object.values(node.columns).flatMap((c) => c.constraints)];
  return new Set(all.map((k) => String(k['type'])));
}

const words = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : '');
const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

function columnConstraint(dialect: Dialect, k: JsonMap): string {
  const expression = text(k['expression']);
  const more = expression ? ` ${expression}` : '';
  switch (k['type']) {
    case 'not_null':
      return `not null${more}`;
    case 'unique':
      return `unique${more}`;
    case 'primary_key':
      return `primary key${more}`;
    case 'check':
      return expression ? `check (${expression})` : '';
    case 'foreign_key':
      return k['to'] && words(k['to_columns'])
        ? `references ${referenced(dialect, text(k['to']))} (${words(k['to_columns'])})`
        : expression
          ? `references ${expression}`
          : '';
    default:
      return expression;
  }
}

function tableConstraint(dialect: Dialect, k: JsonMap): string {
  const expression = text(k['expression']);
  const more = expression ? ` ${expression}` : '';
  const name = text(k['name']) ? `constraint ${text(k['name'])} ` : '';
  const columns = words(k['columns']);
  switch (k['type']) {
    case 'not_null':
      return '';
    case 'unique':
      return `${name}unique${more} (${columns})`;
    case 'primary_key':
      return `${name}primary key${more} (${columns})`;
    case 'check':
      return expression ? `${name}check (${expression})` : '';
    case 'foreign_key': {
      const to = words(k['to_columns']);
      if (k['to'] && to) return `${name}foreign key (${columns}) references ${referenced(dialect, text(k['to']))} (${to})`;
      return expression ? `${name}foreign key (${columns}) references ${expression}` : '';
    }
    default:
      return expression ? `${name}${expression}` : '';
  }
}

/** DuckDB takes a foreign key's target only within one database, and refuses the database's name there. */
function referenced(dialect: Dialect, target: string): string {
  if (!dialect.can.pinsReferencedTables) return target;
  const parts = target.match(/"(?:[^"]|"")*"|[^.]+/g) ?? [];
  return parts.length === 3 ? parts.slice(1).join('.') : target;
}
