import { createHash } from 'node:crypto';
import { execute, type Program, type Relation } from '../../sql/index.ts';
import type { Task } from '../materialization.ts';
import { customised, refuse, setting } from './task.ts';

/** Makes the indexes that the node's `indexes` lists: `{columns: [...], unique: true, type: hash}`. */
export function* createIndexes(task: Task, target: Relation): Program<void> {
  const list = setting(task, 'indexes');
  if (!Array.isArray(list)) return refuse(task, 'indexes', list ?? null, ['a list of {columns, unique}']);
  if (customised(task.macros, ['create_indexes', 'get_create_index_sql'])) {
    yield* task.macros.call('create_indexes', [target]);
    return;
  }
  for (const entry of list) {
    const index =
      typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? (entry as { columns?: unknown; unique?: unknown; type?: unknown }) : {};
    if (!Array.isArray(index.columns) || index.columns.length === 0) return refuse(task, 'indexes', entry, ['a list of {columns, unique}']);
    const columns = index.columns.map(String);
    const table = task.dialect.render(target);
    // The name says what the index is, so that two of them never clash and a rebuilt table gets the same one.
    const name = createHash('md5')
      .update([table, ...columns, String(index.unique === true), String(index.type ?? '')].join('_'))
      .digest('hex');
    const method = typeof index.type === 'string' ? `using ${index.type} ` : '';
    yield* execute(`create ${index.unique === true ? 'unique ' : ''}index ${task.dialect.quote(name)} on ${table} ${method}(${columns.join(', ')})`);
  }
}
