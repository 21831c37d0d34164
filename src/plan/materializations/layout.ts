import type { Value } from '../../jinja/index.ts';
import type { Program } from '../../sql/index.ts';
import type { Task } from '../materialization.ts';
import { setting } from './task.ts';

/** How the rows of a DuckLake table are laid out, as SQL lists; null where nothing is said of it. */
export interface Layout {
  readonly partitioned_by: Value;
  readonly sorted_by: Value;
}

/** Whether the node's config asks for a layout. Such a table is created empty, altered and filled, so it cannot be replaced in one statement. */
export function asksForLayout(task: Task): boolean {
  return task.dialect.name === 'duckdb' && ['partitioned_by', 'partition_by', 'sorted_by', 'sort_by'].some((key) => setting(task, key) !== undefined);
}

/** The node's layout, or undefined: other databases than DuckLake have none, which the macros warn of. */
export function* layoutOf(task: Task): Program<Layout | undefined> {
  if (!asksForLayout(task)) return undefined;
  const partitioned = yield* task.macros.call('duckdb__get_partitioned_by', [task.relation, false]);
  const sorted = yield* task.macros.call('duckdb__get_sorted_by', [task.relation, false]);
  return partitioned === null && sorted === null ? undefined : { partitioned_by: partitioned, sorted_by: sorted };
}
