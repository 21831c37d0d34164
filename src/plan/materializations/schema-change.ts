import { type Column, columns, execute, type Program, type Relation } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { Task } from '../materialization.ts';
import { customised, refuse, textSetting } from './task.ts';

const POLICIES = ['ignore', 'fail', 'append_new_columns', 'sync_all_columns'] as const;

/** What an incremental model does when its query's columns are no longer the table's. */
export type SchemaPolicy = (typeof POLICIES)[number];

/** The node's `on_schema_change`; a value dbt would silently take for `ignore` is a diagnostic. */
export function schemaPolicy(task: Task): SchemaPolicy {
  const value = textSetting(task, 'on_schema_change') ?? 'ignore';
  return POLICIES.find((p) => p === value) ?? refuse(task, 'on_schema_change', value, POLICIES);
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

/** Brings the table's columns in line with those of the staged rows; answers the columns to write, or undefined under `ignore`. */
export function* followSchema(task: Task, policy: SchemaPolicy, staged: Relation, target: Relation): Program<readonly Column[] | undefined> {
  if (policy === 'ignore') return undefined;
  if (customised(task.macros, MACROS)) {
    yield* task.macros.call('process_schema_changes', [policy, staged, target]);
    return yield* columns(staged);
  }
  const source = yield* columns(staged);
  const present = yield* columns(target);
  const typeOf = new Map(present.map((c) => [c.name, c.dataType]));
  const added = source.filter((c) => !typeOf.has(c.name));
  const removed = present.filter((c) => !source.some((s) => s.name === c.name));
  const retyped = source.filter((c) => typeOf.has(c.name) && typeOf.get(c.name) !== c.dataType);
  if (added.length + removed.length + retyped.length === 0) return source;
  if (policy === 'fail') {
    const names = (list: readonly Column[]): string[] => list.map((c) => `${c.name} ${c.dataType}`);
    const changed = retyped.map((c) => `${c.name} ${typeOf.get(c.name)} -> ${c.dataType}`);
    return fail('schema-changed', { node: task.node.name, added: names(added), removed: names(removed), retyped: changed }, { at: task.node.at });
  }
  const { dialect } = task;
  for (const c of added) yield* execute(dialect.addColumn(target, c.name, c.dataType));
  if (policy === 'sync_all_columns') {
    for (const c of removed) yield* execute(dialect.dropColumn(target, c.name));
    for (const c of retyped) for (const sql of dialect.alterType(target, c.name, c.dataType)) yield* execute(sql);
  }
  return source;
}
