import type { Program, Response } from '../../sql/index.ts';
import type { Outcome, Task } from '../materialization.ts';
import { framed, made, survey, swapped, wayTo } from './build.ts';

/** A view: one statement, unless something stands in its place that the engine cannot replace by it. */
export function* view(task: Task): Program<Outcome> {
  const { old } = yield* survey(task);
  const target = { ...task.relation, type: 'view' as const };
  const { direct, own } = wayTo(task, old, 'view');
  return yield* framed(task, target, { transaction: !direct || own, docs: 'before-hooks', anew: false }, function* (): Program<Response> {
    return direct ? yield* made(task, target, old) : yield* swapped(task, target, old);
  });
}
