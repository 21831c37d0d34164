import type { Program, Relation, Response } from '../../sql/index.ts';
import type { Outcome, Task } from '../materialization.ts';
import { framed, made, survey, swapped, wayTo } from './build.ts';
import { contracted } from './contract.ts';
import { pinned, releaseReferences, restoreReferences } from './references.ts';

/** A table, made anew from its query. */
export function* table(task: Task): Program<Outcome> {
  const { old } = yield* survey(task);
  return yield* tableFrom(task, old, 'after-hooks');
}

/** Puts a new table in the place of what is there: in one statement where that is atomic and enough, else in one transaction. */
export function* tableFrom(task: Task, old: Relation | null, docs: 'before-hooks' | 'after-hooks'): Program<Outcome> {
  const target = { ...task.relation, type: 'table' as const };
  const { direct, own } = wayTo(task, old, 'table');
  const transaction = !direct || own || contracted(task) !== undefined;
  return yield* framed(task, target, { transaction, docs, anew: true }, function* (): Program<Response> {
    if (!direct) return yield* swapped(task, target, old);
    const freed = old && pinned(task, old) ? yield* releaseReferences(task, old) : [];
    const response = yield* made(task, target, old);
    yield* restoreReferences(task, target, freed);
    return response;
  });
}
