import type { Json } from '../../resolve/index.ts';
import { type Relation, type RelationType, renamed } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import type { Macros, Task } from '../materialization.ts';

/** A configuration value of the node; undefined where it is not set or null. */
export function setting(task: Pick<Task, 'node'>, key: string): Exclude<Json, null> | undefined {
  const value = task.node.config[key];
  return value === null ? undefined : value;
}

/** A setting that is text. */
export function textSetting(task: Pick<Task, 'node'>, key: string): string | undefined {
  const value = setting(task, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A setting that is one text or a list of them, as a list. */
export function listSetting(task: Task, key: string): readonly string[] {
  const value = setting(task, key);
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.map(String) : [];
}

/** A setting that is a mapping. */
export function mapSetting(task: Pick<Task, 'node'>, key: string): Readonly<Record<string, Json>> {
  const value = setting(task, key);
  return typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};
}

/** Stops with a diagnostic about a setting that has no such value; `dbt`: dbt's words for it. */
export function refuse(task: Task, key: string, value: Json, allowed: readonly string[], dbt?: string): never {
  return fail(
    'config-value',
    { node: task.node.name, key, value: typeof value === 'string' ? value : JSON.stringify(value), allowed },
    { at: task.node.at, dbt },
  );
}

interface Hook {
  readonly transaction?: boolean;
}

function hooksOf(task: Task, when: 'pre' | 'post'): readonly Hook[] {
  const value = task.node.config[`${when}-hook`];
  return Array.isArray(value) ? (value as readonly Hook[]) : value ? [{}] : [];
}

/** Whether the node has hooks that run inside the transaction of its main statement. */
export function hasInsideHooks(task: Task): boolean {
  return (['pre', 'post'] as const).some((when) => hooksOf(task, when).some((h) => h.transaction !== false));
}

export function hasHooks(task: Task, when: 'pre' | 'post', inside: boolean): boolean {
  return hooksOf(task, when).some((h) => (h.transaction !== false) === inside);
}

/** Whether the project has its own text for one of these macros: then the text must come from them. */
export function customised(macros: Macros, names: readonly string[]): boolean {
  return names.some((name) => macros.overridden(name));
}

export type HelperSuffix = '__dbt_tmp' | '__dbt_backup' | '__dbt_fk';

/** A helper relation beside the node's own: `orders__dbt_tmp`, cut to what the engine allows for a name. */
export function helper(task: Task, suffix: HelperSuffix, type: RelationType): Relation {
  const name = task.relation.identifier ?? '';
  const room = task.dialect.maxIdentifier - suffix.length;
  let base = name;
  while (Buffer.byteLength(base) > room) base = base.slice(0, -1);
  return renamed(task.relation, base + suffix, type);
}

/** The temporary table that an incremental run or a snapshot stages its rows in. */
export function temporary(task: Task): Relation {
  const relation = helper(task, '__dbt_tmp', 'table');
  return task.dialect.can.temporaryTables ? { ...relation, database: null, schema: null } : relation;
}

/** `sql_header` in front of a statement. */
export function headed(task: Task, sql: string): string {
  const header = textSetting(task, 'sql_header');
  return header === undefined ? sql : `${header}\n${sql}`;
}
