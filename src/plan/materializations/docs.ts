import { columns, execute, type Program, type Relation } from '../../sql/index.ts';
import { MODEL, type Task } from '../materialization.ts';
import { customised, mapSetting } from './task.ts';

const MACROS = ['persist_docs', 'alter_relation_comment', 'alter_column_comment'];

/** Whether descriptions of the node are to be kept in the database; of columns also those that only have to be there. */
export function describes(task: Task): boolean {
  const { relation, columns: each } = mapSetting(task, 'persist_docs');
  return (relation === true && task.node.description !== '') || (each === true && Object.keys(task.node.columns).length > 0);
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
  yield* warnOfMissing(task, target, existing);
  for (const column of Object.values(task.node.columns)) {
    if (column.description === '' || !existing.has(column.name)) continue;
    yield* execute(task.dialect.comment('column', `${name}.${task.dialect.quote(column.name)}`, column.description));
  }
}

/** Columns that are described and not there are told, in the words of the library's macro; a quoted name must match to the letter. */
function* warnOfMissing(task: Task, target: Relation, existing: ReadonlySet<string>): Program<void> {
  const described = Object.values(task.node.columns);
  const lowered = new Set([...existing].map((name) => name.toLowerCase()));
  if (described.every((c) => existing.has(c.name) || (!c.quote && lowered.has(c.name.toLowerCase())))) return;
  const named = Object.fromEntries(described.map((c) => [c.name, { dict: { quote: c.quote === true } }]));
  yield* task.macros.call('validate_doc_columns', [target, { dict: named }, [...existing]]);
}
