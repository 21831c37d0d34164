import { execute, note, type Program, relation, schemas } from '../../sql/index.ts';
import type { Task } from '../materialization.ts';
import { customised } from './task.ts';

/** Makes a schema where it is missing. */
export function* createSchema(database: string | null, schema: string, task: Pick<Task, 'dialect' | 'macros'>): Program<void> {
  const there = yield* schemas(database);
  if (there.some((name) => name.toLowerCase() === schema.toLowerCase())) return;
  const place = { ...relation(database, schema, null), include: { database: true, schema: true, identifier: false } };
  if (customised(task.macros, ['create_schema'])) yield* task.macros.call('create_schema', [place]);
  else yield* execute(task.dialect.createSchema(place));
  yield* note({ change: 'schema-added', database, schema });
}
