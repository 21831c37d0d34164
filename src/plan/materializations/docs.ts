import { columns, execute, type Program, type Relation } from '../../sql/index.ts';
import { MODEL, type Task } from '../materialization.ts';
import { customised, mapSetting } from './task.ts';

const MACROS = ['persist_docs', 'alter_relation_comment', 'alter_column_comment'];

/** Whether the node's descriptions are to be kept in the database, and there are any. */
export function describes(task: Task): boolean {
  const { relation, columns: each } = mapSetting(task, 'persist_docs');
  return (relation === true && task.node.description !== '') || (each === true && Object.values(task.node.columns).some((c) => c.description !== ''));
}

/** Writes the node's descriptions as comments of the relation and of those of its columns that exist. */
export function* persistDocs(task: Task, target: Relation): Program<void> {
  if (customised(task.macros, MACROS)) {
    yield* task.macros.call('persist_docs', [target, MODEL]);
    return;
  }
  const wanted = mapSetting(task, 'persist_docs');
  const name = task.dialect.render(target);
  if (wanted['relation'] === true && task.node.description !== '') {
    yield* execute(task.dialect.comment(target.type === 'view' ? 'view' : 'table', name, task.node.description));
  }
  if (wanted['columns'] !== true) return;
  const existing = new Set((yield* columns(target)).map((c) => c.name));
  for (const column of Object.values(task.node.columns)) {
    if (column.description === '' || !existing.has(column.name)) continue;
    yield* execute(task.dialect.comment('column', `${name}.${task.dialect.quote(column.name)}`, column.description));
  }
}
