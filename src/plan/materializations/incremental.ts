import {
  type Column,
  columns,
  type Dialect,
  execute,
  insertFrom,
  type MergeOptions,
  type Program,
  type Relation,
  type Response,
  rollback,
  trimSemicolon,
  type Upsert,
} from '../../sql/index.ts';
import { type Diagnostic, diagnostic } from '../../text/index.ts';
import type { Argument, Outcome, Task } from '../materialization.ts';
import { framed, survey } from './build.ts';
import { assertContract } from './contract.ts';
import { batchStatements } from './microbatch.ts';
import { followSchema, schemaPolicy, wantsWhole } from './schema-change.ts';
import { tableFrom } from './table.ts';
import { customised, headed, listSetting, mapSetting, refuse, setting, temporary, textSetting } from './task.ts';
import { assertKeyColumns, assertUniqueKeys } from './unique-key.ts';

/** A table that grows: built once, then changed by the rows that its query gives. */
export function* incremental(task: Task): Program<Outcome> {
  const policy = schemaPolicy(task);
  const strategy = strategyOf(task);
  const { old } = yield* survey(task);
  if (old !== null && old.type !== 'table') {
    const outcome = yield* tableFrom(task, old, 'before-hooks');
    const replaced = { node: task.node.name, name: task.dialect.render(task.relation), type: (old.type ?? 'view').replaceAll('_', ' ') };
    return { ...outcome, notices: [...(outcome.notices ?? []), diagnostic('incremental-replaces-view', replaced, { at: task.node.at })] };
  }
  if (old === null || task.fullRefresh) return yield* tableFrom(task, old, 'before-hooks');
  const target = { ...task.relation, type: 'table' as const };
  const again = yield* wantsWhole(task, policy, (sql) => probed(task, sql), target);
  if (again) return { relations: [], response: { message: '' }, ...again };
  const direct = policy === 'ignore' ? atOnce(task, strategy) : undefined;
  const notices: Diagnostic[] = [];
  const outcome = yield* framed(task, target, { transaction: direct === undefined, docs: 'before-hooks', anew: false }, function* (): Program<Response> {
    yield* assertContract(task);
    if (direct) return yield* direct(target);
    const staged = temporary(task);
    yield* stage(task, staged, task.sql);
    const followed = yield* followSchema(task, policy, staged, target);
    notices.push(...followed.notices);
    const into = followed.columns ?? (yield* columns(target));
    const response = yield* apply(task, strategy, target, staged, into);
    yield* execute(task.dialect.drop(staged));
    return response;
  });
  return { ...outcome, notices };
}

/** A temporary table with the columns of a query. */
function* probed(task: Task, sql: string): Program<Relation> {
  const relation = temporary(task);
  yield* stage(task, relation, sql);
  return relation;
}

// Below, any plan will do.
const WORTH_ANALYSING = 1000;

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
  const { rows = 0 } = yield* execute(headed(task, dialect.createTable(staged, body, { temporary: true, replace: dialect.can.replaceTable })));
  // A table that Postgres knows nothing of is joined as if it were the bigger one: with a target of millions of rows that takes several times as long.
  if (rows >= WORTH_ANALYSING && dialect.analyze) yield* execute(dialect.analyze(staged));
}

// The macros that a project may write to change the text of a strategy.
const MACROS: Readonly<Record<string, readonly string[]>> = {
  append: ['get_incremental_append_sql', 'get_insert_into_sql', 'get_quoted_csv'],
  'delete+insert': ['get_incremental_delete_insert_sql', 'get_delete_insert_merge_sql', 'get_quoted_csv'],
  merge: ['get_incremental_merge_sql', 'get_merge_sql', 'get_merge_update_columns', 'get_merge_unique_key_match', 'get_quoted_csv'],
  microbatch: [
    'get_incremental_microbatch_sql',
    'get_incremental_merge_sql',
    'get_merge_sql',
    'get_merge_update_columns',
    'get_merge_unique_key_match',
    'get_quoted_csv',
  ],
  default: ['get_incremental_default_sql'],
};

// Others do not look at unique_key, or do with it what they like.
const KEYED = new Set(['delete+insert', 'merge', 'microbatch']);

function strategyOf(task: Task): string {
  const keyed = listSetting(task, 'unique_key').length > 0;
  const named = textSetting(task, 'incremental_strategy');
  if (named === undefined || named === 'default') return customised(task.macros, MACROS['default'] ?? []) ? 'default' : task.dialect.defaultStrategy(keyed);
  if (task.dialect.strategies.includes(named) || task.macros.overridden(macroOf(named))) return named;
  const dbt = `dbt could not find an incremental strategy macro with the name "${macroOf(named)}" in ${task.node.package_name}`;
  return refuse(task, 'incremental_strategy', named, [...task.dialect.strategies, `a strategy of your own: macro ${macroOf(named)}(arg_dict)`], dbt);
}

const macroOf = (strategy: string): string => `get_incremental_${strategy.replaceAll('+', '_')}_sql`;

/** The strategy as one statement over the model's query, where there is one and the text is ours: nothing has to be staged. */
function atOnce(task: Task, strategy: string): ((target: Relation) => Program<Response>) | undefined {
  if (customised(task.macros, [...(MACROS[strategy] ?? []), 'create_table_as'])) return undefined;
  if (strategy === 'append') return (target) => appended(task, target);
  const { mergeQuery } = task.dialect;
  if (strategy !== 'merge' || !mergeQuery || task.batch || listSetting(task, 'unique_key').length === 0) return undefined;
  if (setting(task, 'merge_clauses') !== undefined || mistyped(task)) return undefined;
  return (target) => merged(task, target, mergeQuery.bind(task.dialect));
}

function* appended(task: Task, target: Relation): Program<Response> {
  const into = yield* columns(target);
  const source = `(\n${trimSemicolon(task.sql)}\n) as DBT_INTERNAL_SOURCE`;
  const sql = headed(task, insertFrom(task.dialect, { target: task.dialect.render(target), source, columns: into.map((c) => c.name) }));
  task.written(sql);
  return yield* execute(sql);
}

const REFUSAL = 'dml: rows to merge have a unique_key that is null or there more than once';

/** The statement itself finds that keys are doubled or null; which they are is asked only then. */
function* merged(task: Task, target: Relation, mergeQuery: NonNullable<Dialect['mergeQuery']>): Program<Response> {
  const rows = trimSemicolon(task.sql);
  const into = yield* columns(target);
  const keys = listSetting(task, 'unique_key');
  assertKeyColumns(task, 'merge', keys, into);
  const sql = headed(task, mergeQuery(upsertOf(task, target, into), rows, REFUSAL));
  task.written(sql);
  try {
    return yield* execute(sql);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(REFUSAL)) throw error;
    yield* rollback();
    yield* assertUniqueKeys(task, `(\n${rows}\n)`, keys);
    throw error;
  }
}

/** What a strategy's text is made from, all but the place of the new rows. */
function upsertOf(task: Task, target: Relation, into: readonly Column[]): Omit<Upsert, 'source'> {
  return {
    target: task.dialect.render(target),
    keys: listSetting(task, 'unique_key'),
    keyList: Array.isArray(setting(task, 'unique_key')),
    columns: into.map((c) => c.name),
    predicates: predicatesOf(task),
    merge: mergeOptions(task),
  };
}

function predicatesOf(task: Task): readonly string[] {
  const predicates = listSetting(task, 'predicates');
  return predicates.length > 0 ? predicates : listSetting(task, 'incremental_predicates');
}

function* apply(task: Task, strategy: string, target: Relation, staged: Relation, into: readonly Column[]): Program<Response> {
  const keys = listSetting(task, 'unique_key');
  if (KEYED.has(strategy)) assertKeyColumns(task, strategy, keys, into);
  const macros = MACROS[strategy] ?? [];
  // Merges clause by clause and users' own strategies are macros through and through.
  if (
    macros.length === 0 ||
    (strategy === 'microbatch' && !task.batch) ||
    setting(task, 'merge_clauses') !== undefined ||
    mistyped(task) ||
    customised(task.macros, macros)
  ) {
    const predicates = predicatesOf(task);
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
  const upsert: Upsert = { ...upsertOf(task, target, into), source: task.dialect.render(staged) };
  const statements = task.batch ? batchStatements(task, task.batch, upsert) : textOf(task.dialect, strategy, upsert);
  if (strategy === 'merge' || (task.batch && !task.dialect.replaceWindow)) yield* assertUniqueKeys(task, upsert.source, keys);
  const sql = headed(task, statements.join(';\n'));
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

/** Whether an option of merge is of another type than it should be: the macro knows what dbt says of that. */
function mistyped(task: Task): boolean {
  const isList = (key: string): boolean => Array.isArray(setting(task, key) ?? []);
  const isText = (key: string): boolean => typeof (setting(task, key) ?? '') === 'string';
  const expressions = setting(task, 'merge_update_set_expressions') ?? {};
  return !(
    ['merge_update_columns', 'merge_exclude_columns', 'merge_on_using_columns', 'merge_returning_columns'].every(isList) &&
    ['merge_update_condition', 'merge_insert_condition'].every(isText) &&
    typeof expressions === 'object' &&
    !Array.isArray(expressions)
  );
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
