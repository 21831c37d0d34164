import { instantValue } from '../../compile/index.ts';
import type { Upsert } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { Task } from '../materialization.ts';

/** The statements that bring the rows of one batch into the table: its window is replaced, or, where the engine has no such strategy, its rows are merged by key. */
export function batchStatements(task: Task, { window, model }: NonNullable<Task['batch']>, upsert: Upsert): readonly string[] {
  const { dialect, node } = task;
  if (dialect.replaceWindow) {
    if (upsert.keys.length > 0) fail('microbatch-key', { node: node.name, adapter: dialect.name, wanted: false }, { at: node.at });
    return dialect.replaceWindow(upsert, { column: model.eventTime, start: instantValue(window.start).str(), end: instantValue(window.end).str() });
  }
  if (upsert.keys.length === 0)
    fail(
      'microbatch-key',
      { node: node.name, adapter: dialect.name, wanted: true },
      { at: node.at, dbt: `dbt-${dialect.name} 'microbatch' requires a \`unique_key\` config` },
    );
  return [dialect.merge(upsert)];
}
