import {
  type Column,
  columns,
  type Dialect,
  execute,
  insertFrom,
  type MergeOptions,
  type Program,
  query,
  type Relation,
  type Response,
  trimSemicolon,
  type Upsert,
} from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { Argument, Outcome, Task } from '../materialization.ts';
import { framed, survey } from './build.ts';
import { assertContract } from './contract.ts';
import { followSchema, schemaPolicy } from './schema-change.ts';
import { tableFrom } from './table.ts';
import { customised, headed, listSetting, mapSetting, refuse, setting, temporary, textSetting } from './task.ts';

/** A table that grows: built once, then changed by the rows that its query gives. */
export function* incremental(task: Task): Program<Outcome> {
  const policy = schemaPolicy(task);
  const strategy = strategyOf(task);
  const { old } = yield* survey(task);
  if (old === null || old.type !== 'table' || task.fullRefresh) return yield* tableFrom(task, old, 'before-hooks');
  const target = { ...task.relation, type: 'table' as const };
  const direct = strategy === 'append' && policy === 'ignore' && !customised(task.macros, [...(MACROS['append'] ?? []), 'create_table_as']);
  return yield* framed(task, target, { transaction: !direct, docs: 'before-hooks', indexes: false }, function* (): Program<Response> {
    yield* assertContract(task);
    if (direct) return yield* appended(task, target);
    const staged = temporary(task);
    yield* stage(task, staged, task.sql);
    const changed = yield* followSchema(task, policy, staged, target);
    const into = changed ?? (yield* columns(target));
    const response = yield* apply(task, strategy, target, staged, into);
    yield* execute(task.dialect.drop(staged));
    return response;
  });
}

/** Puts rows into a temporary table. A pooled connection may still hold one of this name from a run that failed. */
export function* stage(task: Task, staged: Relation, sql: string): Program<void> {
  const { dialect } = task;
  const body = trimSemicolon(sql);
  if (customised(task.macros, ['create_table_as', 'get_create_table_as_sql'])) {
    yield* execute(dialect.drop(staged));
    yield* execute(yield* task.macros.text('create_table_as', [true, staged, body]));
    return;
  }
  if (!dialect.can.replaceTable) yield* execute(dialect.drop(staged));
  yield* execute(headed(task, dialect.createTable(staged, body, { temporary: true, replace: dialect.can.replaceTable })));
}

// The macros that a project may write to change the text of a strategy.
const MACROS: Readonly<Record<string, readonly string[]>> = {
  append: ['get_incremental_append_sql', 'get_insert_into_sql', 'get_quoted_csv'],
  'delete+insert': ['get_incremental_delete_insert_sql', 'get_delete_insert_merge_sql', 'get_quoted_csv'],
  merge: ['get_incremental_merge_sql', 'get_merge_sql', 'get_merge_update_columns', 'get_merge_unique_key_match', 'get_quoted_csv'],
  default: ['get_incremental_default_sql'],
};

function strategyOf(task: Task): string {
  const keyed = listSetting(task, 'unique_key').length > 0;
  const named = textSetting(task, 'incremental_strategy');
  if (named === undefined || named === 'default') return customised(task.macros, MACROS['default'] ?? []) ? 'default' : task.dialect.defaultStrategy(keyed);
  if (task.dialect.strategies.includes(named) || task.macros.overridden(macroOf(named))) return named;
  return refuse(task, 'incremental_strategy', named, [...task.dialect.strategies, `a strategy of your own: macro ${macroOf(named)}(arg_dict)`]);
}

const macroOf = (strategy: string): string => `get_incremental_${strategy.replaceAll('+', '_')}_sql`;

/** Rows only added, and no change of columns to see to: nothing has to be staged. */
function* appended(task: Task, target: Relation): Program<Response> {
  const into = yield* columns(target);
  const source = `(\n${trimSemicolon(task.sql)}\n) as DBT_INTERNAL_SOURCE`;
  const sql = headed(task, insertFrom(task.dialect, { target: task.dialect.render(target), source, columns: into.map((c) => c.name) }));
  task.written(sql);
  return yield* execute(sql);
}

function* apply(task: Task, strategy: string, target: Relation, staged: Relation, into: readonly Column[]): Program<Response> {
  const keys = listSetting(task, 'unique_key');
  const predicates = [...listSetting(task, 'predicates'), ...(listSetting(task, 'predicates').length ? [] : listSetting(task, 'incremental_predicates'))];
  const macros = MACROS[strategy] ?? [];
  // Microbatch, merges clause by clause and users' own strategies are macros through and through.
  if (macros.length === 0 || setting(task, 'merge_clauses') !== undefined || customised(task.macros, macros)) {
    const args: Record<string, Argument> = {
      target_relation: target,
      temp_relation: staged,
      unique_key: keyArgument(task),
      dest_columns: into,
      incremental_predicates: predicates.length ? [...predicates] : null,
    };
    const sql = yield* task.macros.text(macroOf(strategy), [{ dict: args }]);
    task.written(sql);
    return yield* execute(sql);
  }
  const upsert: Upsert = {
    target: task.dialect.render(target),
    source: task.dialect.render(staged),
    keys,
    keyList: Array.isArray(setting(task, 'unique_key')),
    columns: into.map((c) => c.name),
    predicates,
    merge: mergeOptions(task),
  };
  if (strategy === 'merge') yield* assertUniqueKeys(task, upsert);
  const sql = headed(task, textOf(task.dialect, strategy, upsert).join(';\n'));
  task.written(sql);
  return yield* execute(sql);
}

function textOf(dialect: Dialect, strategy: string, upsert: Upsert): readonly string[] {
  if (strategy === 'append') return [insertFrom(dialect, upsert)];
  return strategy === 'merge' ? [dialect.merge(upsert)] : dialect.deleteInsert(upsert);
}

function keyArgument(task: Task): Argument {
  const keys = listSetting(task, 'unique_key');
  return Array.isArray(setting(task, 'unique_key')) ? [...keys] : (keys[0] ?? null);
}

function mergeOptions(task: Task): MergeOptions {
  const update = listSetting(task, 'merge_update_columns');
  const exclude = listSetting(task, 'merge_exclude_columns');
  if (update.length && exclude.length) refuse(task, 'merge_exclude_columns', [...exclude], ['nothing, where merge_update_columns is set']);
  const expressions = mapSetting(task, 'merge_update_set_expressions');
  const updateCondition = textSetting(task, 'merge_update_condition');
  const insertCondition = textSetting(task, 'merge_insert_condition');
  return {
    update,
    exclude,
    using: listSetting(task, 'merge_on_using_columns'),
    ...(Object.keys(expressions).length > 0 && { setExpressions: Object.fromEntries(Object.entries(expressions).map(([k, v]) => [k, String(v)])) }),
    ...(updateCondition !== undefined && { updateCondition }),
    ...(insertCondition !== undefined && { insertCondition }),
  };
}

/** A merge whose source has a key twice would change a row twice, or add two rows with one key: DuckDB does so without a word. */
function* assertUniqueKeys(task: Task, { source, keys }: Upsert): Program<void> {
  if (keys.length === 0) return;
  const list = keys.join(', ');
  const present = keys.map((k) => `${k} is not null`).join(' and ');
  const { table } = yield* query(
    `select ${list}, count(*) from ${source} where ${present} group by ${keys.map((_, i) => i + 1).join(', ')} having count(*) > 1 order by ${keys.length + 1} desc limit 3`,
  );
  if (table.rows.length === 0) return;
  const examples = table.rows.map((row) => `${keys.map((k, i) => `${k} = ${String(row[i])}`).join(', ')} (${String(row[keys.length])} rows)`);
  fail('merge-duplicate-key', { node: task.node.name, keys: list, examples }, { at: task.node.at });
}
