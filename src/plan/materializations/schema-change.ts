import { type Column, columns, execute, type Program, type Relation, trimSemicolon } from '../../sql/index.ts';
import { type Diagnostic, diagnostic, fail } from '../../text/index.ts';
import type { Task } from '../materialization.ts';
import { customised, listSetting, refuse, textSetting } from './task.ts';

/** What dbt knows. */
const POLICIES = ['ignore', 'fail', 'append_new_columns', 'sync_all_columns'] as const;
/** What only dml knows; dbt takes them for `ignore`. */
const OWN = ['backfill', 'full_refresh'] as const;

/** What an incremental model does when its query's columns are no longer the table's. */
export type SchemaPolicy = (typeof POLICIES)[number] | (typeof OWN)[number];

/** The node's `on_schema_change`; a value dbt would silently take for `ignore` is a diagnostic. */
export function schemaPolicy(task: Task): SchemaPolicy {
  const value = textSetting(task, 'on_schema_change') ?? 'ignore';
  // A batch has not all that is needed to build the rest anew.
  const allowed: readonly SchemaPolicy[] = task.batch ? POLICIES : [...POLICIES, ...OWN];
  const policy = allowed.find((p) => p === value) ?? refuse(task, 'on_schema_change', value, allowed);
  if (policy === 'backfill' && listSetting(task, 'unique_key').length === 0) fail('backfill-key', { node: task.node.name }, { at: task.node.at });
  return policy;
}

const MACROS = [
  'process_schema_changes',
  'check_for_schema_changes',
  'sync_column_schemas',
  'alter_relation_add_remove_columns',
  'alter_column_type',
  'diff_columns',
  'diff_column_data_types',
];

/** How the columns of a query differ from those of the table. */
interface Difference {
  readonly added: readonly Column[];
  readonly removed: readonly Column[];
  /** With the query's type, and the table's. */
  readonly retyped: readonly (Column & { readonly before: string })[];
}

function differenceOf(source: readonly Column[], present: readonly Column[]): Difference | undefined {
  const typeOf = new Map(present.map((c) => [c.name, c.dataType]));
  const added = source.filter((c) => !typeOf.has(c.name));
  const removed = present.filter((c) => !source.some((s) => s.name === c.name));
  const retyped = source.flatMap((c) => {
    const before = typeOf.get(c.name);
    return before === undefined || before === c.dataType ? [] : [{ ...c, before }];
  });
  return added.length + removed.length + retyped.length === 0 ? undefined : { added, removed, retyped };
}

function wordsOf({ added, removed, retyped }: Difference): Record<'added' | 'removed' | 'retyped', readonly string[]> {
  const names = (list: readonly Column[]): string[] => list.map((c) => `${c.name} ${c.dataType}`);
  return { added: names(added), removed: names(removed), retyped: retyped.map((c) => `${c.name} ${c.before} -> ${c.dataType}`) };
}

/**
 * Under the policies that need the whole of the query when columns have changed: what has to be done again, before anything has been. An empty table made
 * from the query tells its columns.
 */
export function* wantsWhole(
  task: Task,
  policy: SchemaPolicy,
  stage: (sql: string) => Program<Relation>,
  target: Relation,
): Program<{ readonly again: 'anew' | 'whole'; readonly notices: readonly Diagnostic[] } | undefined> {
  if ((policy !== 'full_refresh' && policy !== 'backfill') || task.whole !== undefined) return undefined;
  const empty = yield* stage(`select * from (\n${trimSemicolon(task.sql)}\n) as DBT_INTERNAL_SOURCE where false`);
  const difference = differenceOf(yield* columns(empty), yield* columns(target));
  yield* execute(task.dialect.drop(empty));
  if (!difference) return undefined;
  if (policy === 'full_refresh')
    return { again: 'anew', notices: [diagnostic('schema-rebuilt', { node: task.node.name, ...wordsOf(difference) }, { at: task.node.at })] };
  return difference.added.length === 0 ? undefined : { again: 'whole', notices: [] };
}

/** The columns to write (undefined: the table's own), and what there is to tell of their types. */
export interface Followed {
  readonly columns: readonly Column[] | undefined;
  readonly notices: readonly Diagnostic[];
}

/** Brings the table's columns in line with those of the staged rows. */
export function* followSchema(task: Task, policy: SchemaPolicy, staged: Relation, target: Relation): Program<Followed> {
  if (policy === 'ignore') return { columns: undefined, notices: [] };
  if (customised(task.macros, MACROS)) {
    yield* task.macros.call('process_schema_changes', [policy === 'backfill' ? 'append_new_columns' : policy, staged, target]);
    return { columns: yield* columns(staged), notices: [] };
  }
  const source = yield* columns(staged);
  const difference = differenceOf(source, yield* columns(target));
  if (!difference) return { columns: source, notices: [] };
  const { added, removed, retyped } = difference;
  if (policy === 'fail') return fail('schema-changed', { node: task.node.name, ...wordsOf(difference) }, { at: task.node.at });
  const { dialect } = task;
  for (const c of added) yield* execute(dialect.addColumn(target, c.name, c.dataType));
  if (policy === 'backfill' && added.length > 0) yield* backfill(task, target, added);
  const followed = policy === 'sync_all_columns';
  if (followed) {
    for (const c of removed) yield* execute(dialect.dropColumn(target, c.name));
    for (const c of retyped) for (const sql of dialect.alterType(target, c.name, c.dataType)) yield* execute(sql);
  }
  return { columns: source, notices: retyped.length === 0 ? [] : [typesChanged(task, wordsOf(difference).retyped, followed)] };
}

function typesChanged(task: Task, changed: readonly string[], followed: boolean): Diagnostic {
  return diagnostic('schema-retyped', { node: task.node.name, changed, followed }, { at: task.node.at, severity: followed ? 'note' : 'warning' });
}

/** Gives the rows that are there the values that the whole query has for columns they did not have, found by their key. */
function* backfill(task: Task, target: Relation, added: readonly Column[]): Program<void> {
  const { dialect } = task;
  const sets = added.map((c) => `${dialect.quote(c.name)} = DBT_INTERNAL_SOURCE.${dialect.quote(c.name)}`).join(', ');
  const match = listSetting(task, 'unique_key')
    .map((k) => `DBT_INTERNAL_DEST.${k} = DBT_INTERNAL_SOURCE.${k}`)
    .join(' and ');
  yield* execute(
    `update ${dialect.render(target)} as DBT_INTERNAL_DEST\nset ${sets}\nfrom (\n${trimSemicolon(task.whole ?? task.sql)}\n) as DBT_INTERNAL_SOURCE\nwhere ${match}`,
  );
}
