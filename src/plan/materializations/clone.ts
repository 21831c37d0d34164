import { truthy } from '../../jinja/index.ts';
import { lookup, note, type Program, type Relation } from '../../sql/index.ts';
import type { Outcome, Task } from '../materialization.ts';
import { drop, main } from './build.ts';
import { describes, persistDocs } from './docs.ts';
import { mapSetting } from './task.ts';
import { view } from './view.ts';

/**
 * Another environment's relation under the node's name: a copy that shares its data where the project's macros say that the engine can make
 * one, else a view of it. What is there already stays, unless it is to be built anew.
 */
export function* clone(task: Task): Program<Outcome> {
  const { deferred, dialect, node } = task;
  const tell = (text: string): Program<unknown> => task.macros.call('log', [text], { info: true });
  const nothing: Outcome = { relations: [], response: { message: 'No-op' } };
  if (!deferred) {
    yield* tell(`No relation found in state manifest for ${node.unique_id}`);
    return nothing;
  }
  const existing = yield* lookup(task.relation);
  if (existing && !task.fullRefresh) {
    yield* tell(`Relation ${dialect.render(existing)} already exists`);
    return nothing;
  }
  // Where nothing is there, a relation of itself is what the database refuses, as with dbt.
  if (existing && dialect.render(deferred) === dialect.render(task.relation)) {
    yield* task.macros.call('log', [`Target relation and defer relation are the same, skipping clone for relation: ${dialect.render(deferred)}`]);
    return nothing;
  }
  const other = yield* lookup(deferred);
  const copies = other?.type === 'table' && task.macros.overridden('can_clone_table') && truthy(yield* task.macros.call('can_clone_table'));
  return copies ? yield* copied(task, existing, deferred) : yield* view(task);
}

/** As dbt: a copy runs no hooks of the node. */
function* copied(task: Task, existing: Relation | null, from: Relation): Program<Outcome> {
  const target = { ...task.relation, type: 'table' as const };
  if (existing && existing.type !== 'table') yield* drop(task, existing);
  const response = yield* main(task, yield* task.macros.text('create_or_replace_clone', [target, from]));
  yield* note({ change: 'added', relation: target });
  const grants = Object.entries(mapSetting(task, 'grants')).map(([privilege, to]) => [privilege, Array.isArray(to) ? to.map(String) : [String(to)]] as const);
  if (grants.length > 0) yield* task.macros.call('apply_grants', [target, { dict: Object.fromEntries(grants) }], { should_revoke: true });
  if (describes(task)) yield* persistDocs(task, target);
  return { relations: [target], response };
}
