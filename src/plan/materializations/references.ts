import { execute, type Program, query, type Relation, renamed } from '../../sql/index.ts';
import type { Task } from '../materialization.ts';
import { constraintTypes, contracted } from './contract.ts';

/** A table that had to go for a while because a foreign key of it references the one being replaced. */
export interface Freed {
  readonly relation: Relation;
  /** The statement that made it, and its indexes'. */
  readonly ddl: readonly string[];
  /** Its foreign keys: own columns, the table and the columns they point at. */
  readonly keys: readonly { readonly columns: readonly string[]; readonly table: string; readonly to: readonly string[] }[];
}

/** Whether foreign keys of other tables may hold the old table in its place: only a key of its contract can be referenced. */
export function pinned(task: Task, old: Relation): boolean {
  const node = contracted(task);
  if (!node || old.type !== 'table' || !task.dialect.can.pinsReferencedTables) return false;
  const types = constraintTypes(node);
  return types.has('primary_key') || types.has('unique');
}

const backup = (task: Task, relation: Relation): string => task.dialect.quote(`${relation.identifier}__dbt_fk`);

/**
 * DuckDB neither drops nor renames a table that a foreign key references, and cannot drop a foreign key. So the referencing tables, the
 * deepest first, are put aside and dropped; {@link restoreReferences} brings them back in the same transaction.
 */
export function* releaseReferences(task: Task, old: Relation): Program<readonly Freed[]> {
  const freed: Freed[] = [];
  for (const row of (yield* query(dependentsSql(task, old))).table.rows) {
    const relation = renamed({ ...old, type: 'table' }, String(row[0]));
    const ddl = [String(row[1]), ...(JSON.parse(String(row[2])) as string[])];
    const keys = JSON.parse(String(row[3])) as Freed['keys'];
    freed.push({ relation, ddl, keys });
    yield* execute(`create or replace temporary table ${backup(task, relation)} as select * from ${task.dialect.render(relation)}`);
    yield* execute(`drop table ${task.dialect.render(relation)}`);
  }
  return freed;
}

function dependentsSql(task: Task, old: Relation): string {
  const lit = (text: string | null): string => task.dialect.literal((text ?? '').toLowerCase());
  return (
    `with recursive here as (\n  select * from duckdb_constraints() where constraint_type = 'FOREIGN KEY' and lower(database_name) = ${lit(old.database)} and lower(schema_name) = ${lit(old.schema)} and lower(table_name) <> lower(referenced_table)\n` +
    `), found(name, depth) as (\n  select table_name, 1 from here where lower(referenced_table) = ${lit(old.identifier)}\n  union select here.table_name, found.depth + 1 from here join found on lower(here.referenced_table) = lower(found.name)\n)\n` +
    `select t.table_name, t.sql,\n  (select coalesce(to_json(list(i.sql)), '[]') from duckdb_indexes() i where i.table_oid = t.table_oid and i.database_oid = t.database_oid and i.sql is not null)::varchar,\n` +
    `  (select to_json(list({columns: h.constraint_column_names, "table": h.referenced_table, "to": h.referenced_column_names})) from here h where h.table_name = t.table_name)::varchar\n` +
    `from (select name, max(depth) as depth from found group by name) f\njoin duckdb_tables() t on t.table_name = f.name and lower(t.database_name) = ${lit(old.database)} and lower(t.schema_name) = ${lit(old.schema)}\norder by f.depth desc, 1`
  );
}

/**
 * Brings the referencing tables back with their rows: with their constraints where the rows still satisfy them, else as plain tables,
 * since the models they come from are about to be built again.
 */
export function* restoreReferences(task: Task, target: Relation, freed: readonly Freed[]): Program<void> {
  const plain = new Set<string>();
  for (const { relation, ddl, keys } of [...freed].reverse()) {
    const name = task.dialect.render(relation);
    const kept = keys.every((k) => !plain.has(k.table)) && !(yield* orphaned(task, target, relation, keys));
    if (kept) {
      for (const sql of ddl) yield* execute(sql);
      yield* execute(`insert into ${name} select * from ${backup(task, relation)}`);
    } else {
      plain.add(relation.identifier ?? '');
      yield* execute(`create table ${name} as select * from ${backup(task, relation)}`);
    }
    yield* execute(`drop table ${backup(task, relation)}`);
  }
}

function* orphaned(task: Task, target: Relation, relation: Relation, keys: Freed['keys']): Program<boolean> {
  const { dialect } = task;
  for (const key of keys) {
    const match = key.columns.map((c, i) => `p.${dialect.quote(key.to[i] ?? '')} = c.${dialect.quote(c)}`).join(' and ');
    const set = key.columns.map((c) => `c.${dialect.quote(c)} is not null`).join(' and ');
    const parent = dialect.render(renamed(target, key.table));
    const { table } = yield* query(
      `select 1 from ${backup(task, relation)} as c where ${set} and not exists (select 1 from ${parent} as p where ${match}) limit 1`,
    );
    if (table.rows.length > 0) return true;
  }
  return false;
}
