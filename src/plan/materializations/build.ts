import { begin, commit, execute, lookup, note, type Program, type Relation, type RelationType, type Response, trimSemicolon } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { Outcome, Task } from '../materialization.ts';
import { keepsLedger, recordBatch } from './batch-ledger.ts';
import { assertContract, contracted, contractTable } from './contract.ts';
import { describes, persistDocs } from './docs.ts';
import { createIndexes } from './indexes.ts';
import { asksForLayout, layoutOf } from './layout.ts';
import { customised, hasHooks, hasInsideHooks, headed, helper, mapSetting, setting } from './task.ts';

const CREATE_TABLE = ['create_table_as', 'get_create_table_as_sql'];
const CREATE_VIEW = ['create_view_as', 'get_create_view_as_sql'];

/** What stands under a node's name when its materialization begins. */
export interface Standing {
  /** The node's relation, or null. */
  readonly old: Relation | null;
}

/** The relation under the node's name, or null. A name that the engine would cut short is a diagnostic: two of them may become one. */
export function* standing(task: Task): Program<Relation | null> {
  const { maxIdentifier } = task.dialect;
  const name = task.relation.identifier ?? '';
  const bytes = Buffer.byteLength(name);
  if (bytes > maxIdentifier)
    fail(
      'name-too-long',
      { name, bytes, most: maxIdentifier },
      { at: task.node.at, dbt: `Relation name '${name}' is longer than ${maxIdentifier} characters` },
    );
  return yield* lookup({ ...task.relation, type: null });
}

/** Looks up what is there and drops what a killed run has left beside it. */
export function* survey(task: Task): Program<Standing> {
  const old = yield* standing(task);
  for (const suffix of ['__dbt_tmp', '__dbt_backup'] as const) {
    const left = yield* lookup(helper(task, suffix, 'table'));
    if (left) yield* drop(task, left);
  }
  return { old };
}

export function* drop(task: Task, relation: Relation): Program<void> {
  yield* execute(task.dialect.drop(relation));
  yield* note({ change: 'dropped', relation });
}

/** Runs the statement that counts as the node's own. */
export function* main(task: Task, sql: string): Program<Response> {
  task.written(sql);
  return yield* execute(sql);
}

/** What stands around the statements that build a node. */
export interface Frame {
  /** The build is more than one statement, which must take effect together. */
  readonly transaction: boolean;
  /** dbt documents tables after their post-hooks and everything else before. */
  readonly docs: 'before-hooks' | 'after-hooks';
  /** The relation is made anew, and its indexes with it. */
  readonly anew: boolean;
}

/** Hooks, transaction, build, indexes, comments, in the order dbt has them. */
export function* framed(task: Task, target: Relation, frame: Frame, build: () => Program<Response>): Program<Outcome> {
  const { macros } = task;
  const hooks = function* (when: 'pre' | 'post', inside: boolean): Program<void> {
    if (hasHooks(task, when, inside)) yield* macros.hooks(when, inside);
  };
  yield* hooks('pre', false);
  const documented = describes(task);
  const indexed = frame.anew && setting(task, 'indexes') !== undefined;
  const grants = Object.entries(mapSetting(task, 'grants')).map(([privilege, to]) => [privilege, Array.isArray(to) ? to.map(String) : [String(to)]] as const);
  // What the macro grants must be committed too.
  const ledger = task.batch !== undefined && keepsLedger(task.node);
  const transaction = frame.transaction || ledger || hasInsideHooks(task) || documented || indexed || grants.length > 0;
  if (transaction) yield* begin();
  yield* hooks('pre', true);
  const response = yield* build();
  if (ledger) yield* recordBatch(task, frame.anew);
  if (indexed) yield* createIndexes(task, target);
  if (documented && frame.docs === 'before-hooks') yield* persistDocs(task, target);
  yield* hooks('post', true);
  if (documented && frame.docs === 'after-hooks') yield* persistDocs(task, target);
  if (grants.length > 0) yield* macros.call('apply_grants', [target, { dict: Object.fromEntries(grants) }], { should_revoke: true });
  if (transaction) yield* commit();
  yield* hooks('post', false);
  return { relations: [target], response };
}

/** How the new relation comes to stand in its place. */
export interface Way {
  /** Made under its own name; else beside what is there, and moved. */
  readonly direct: boolean;
  /** The text is the project's own, and may be several statements. */
  readonly own: boolean;
}

/** The shortest way that is safe: what is there is replaced by our own text where the engine does so in one atomic statement. */
export function wayTo(task: Task, old: Relation | null, type: RelationType): Way {
  const { can } = task.dialect;
  const own = customised(task.macros, type === 'view' ? CREATE_VIEW : CREATE_TABLE);
  const canReplace = type === 'view' ? can.replaceView : can.replaceTable && !asksForLayout(task);
  const direct = canReplace ? old === null || (!own && old.type === type) : false;
  return { direct, own };
}

/** Text that makes `target` from the node's query, also over a relation of the same type where the engine can. `old`: what is known to stand there. */
function* creation(task: Task, target: Relation, old: Relation | null): Program<string> {
  const sql = trimSemicolon(task.sql);
  const view = target.type === 'view';
  const replace = view ? task.dialect.can.replaceView : task.dialect.can.replaceTable;
  if (customised(task.macros, view ? CREATE_VIEW : CREATE_TABLE)) {
    return view ? yield* task.macros.text('get_create_view_as_sql', [target, sql]) : yield* task.macros.text('get_create_table_as_sql', [false, target, sql]);
  }
  const layout = view ? undefined : yield* layoutOf(task);
  if (layout) return yield* task.macros.text('create_table_as', [false, target, sql], { ...layout });
  yield* assertContract(task);
  if (view) return headed(task, task.dialect.createView(target, sql, { replace }));
  const node = contracted(task);
  if (node) return headed(task, `${contractTable(task, node, target, sql, replace && old !== null).join(';\n')};`);
  return headed(task, task.dialect.createTable(target, sql, { temporary: false, replace, unlogged: setting(task, 'unlogged') === true }));
}

/** Makes the relation under its own name, in the place of `old`. */
export function* made(task: Task, target: Relation, old: Relation | null): Program<Response> {
  const response = yield* main(task, yield* creation(task, target, old));
  yield* note({ change: 'added', relation: target });
  return response;
}

/**
 * Builds the relation beside what is there and moves it into its place: for engines and changes of type where one statement cannot. Runs
 * inside a transaction where the engine has them for DDL.
 */
export function* swapped(task: Task, target: Relation, old: Relation | null): Program<Response> {
  const type = target.type ?? 'table';
  const next = helper(task, '__dbt_tmp', type);
  const response = yield* made(task, next, null);
  // Renamed first: where a statement fails from here on, the old rows are still there under the other name.
  const backup = old && helper(task, '__dbt_backup', old.type ?? type);
  if (backup) yield* move(task, old, backup);
  yield* move(task, next, target);
  if (backup) yield* drop(task, backup);
  return response;
}

function* move(task: Task, from: Relation, to: Relation): Program<void> {
  yield* execute(task.dialect.rename(from, to));
  yield* note({ change: 'renamed', relation: from, to });
}
