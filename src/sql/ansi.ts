import type { Dialect, Upsert } from './dialect.ts';
import type { Relation } from './relation.ts';

const bare = (value: number): string => {
  if (Number.isNaN(value)) return "cast('nan' as double precision)";
  if (value === Infinity) return "cast('infinity' as double precision)";
  if (value === -Infinity) return "cast('-infinity' as double precision)";
  return String(value);
};

const part = (dialect: Dialect, text: string | null, include: boolean, quote: boolean): string[] =>
  text === null || !include ? [] : [quote ? dialect.quote(text) : text];

/** The columns as `"a", "b"`. */
export function quotedList(dialect: Dialect, names: readonly string[]): string {
  return names.map((n) => dialect.quote(n)).join(', ');
}

/** `insert into target (columns) (select columns from source)`: what every incremental strategy ends with. */
export function insertFrom(dialect: Dialect, u: Pick<Upsert, 'target' | 'source' | 'columns'>): string {
  const list = quotedList(dialect, u.columns);
  return `insert into ${u.target} (${list})\n(\n  select ${list}\n  from ${u.source}\n)`;
}

/** The columns a merge updates, as they stand left of `=`. */
export function updateColumns(dialect: Dialect, u: Upsert): readonly string[] {
  const { update, exclude } = u.merge ?? {};
  if (update?.length) return update;
  const left = new Set((exclude ?? []).map((n) => n.toLowerCase()));
  return u.columns.filter((c) => !left.has(c.toLowerCase())).map((c) => dialect.quote(c));
}

/** Standard SQL: what dialects differ from. */
export const ansi: Dialect = {
  name: 'ansi',
  parents: [],
  can: {
    transactionalDdl: false,
    replaceTable: false,
    replaceView: false,
    merge: true,
    temporaryTables: true,
    pinsReferencedTables: false,
    concurrentBatches: false,
  },
  maxIdentifier: 128,
  strategies: ['append', 'delete+insert', 'merge'],
  now: 'current_timestamp',
  defaultStrategy: () => 'append',
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  literal(value) {
    if (value === null) return 'null';
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
    return typeof value === 'number' ? bare(value) : String(value);
  },
  render(r) {
    const names = [
      ...part(this, r.database, r.include.database, r.quote.database),
      ...part(this, r.schema, r.include.schema, r.quote.schema),
      ...part(this, r.identifier, r.include.identifier, r.quote.identifier),
    ];
    return names.join('.');
  },
  typeOf: (name) => (name.toUpperCase() === 'STRING' ? 'TEXT' : name),
  contractType: (dataType) => dataType,
  createSchema(place) {
    return `create schema if not exists ${this.render(place)}`;
  },
  dropSchema(place) {
    return `drop schema if exists ${this.render(place)} cascade`;
  },
  createTable(relation, sql, { temporary }) {
    return `create ${temporary ? 'temporary ' : ''}table ${this.render(relation)}\nas (\n${sql}\n);`;
  },
  createView(relation, sql) {
    return `create view ${this.render(relation)} as (\n${sql}\n);`;
  },
  drop(relation) {
    return `drop ${kind(relation)} if exists ${this.render(relation)} cascade`;
  },
  rename(from, to) {
    return `alter ${kind(to)} ${this.render(from)} rename to ${this.quote(to.identifier ?? '')}`;
  },
  deleteInsert(u) {
    if (u.keys.length === 0) return [insertFrom(this, u)];
    const keys = u.keys.join(', ');
    const predicates = u.predicates.map((p) => `\nand ${p}`).join('');
    const remove = `delete from ${u.target} as DBT_INTERNAL_DEST\nwhere (${keys}) in (\n  select distinct ${keys}\n  from ${u.source} as DBT_INTERNAL_SOURCE\n)${predicates}`;
    return [remove, insertFrom(this, u)];
  },
  merge(u) {
    const on = [...u.predicates, ...(u.keys.length === 0 ? ['FALSE'] : u.keys.map((k) => `DBT_INTERNAL_SOURCE.${k} = DBT_INTERNAL_DEST.${k}`))];
    const list = quotedList(this, u.columns);
    const sets = updateColumns(this, u).map((c) => `${c} = DBT_INTERNAL_SOURCE.${c}`);
    const matched = u.keys.length === 0 ? '' : `when matched then update set\n  ${sets.join(', ')}\n`;
    return (
      `merge into ${u.target} as DBT_INTERNAL_DEST\nusing ${u.source} as DBT_INTERNAL_SOURCE\non (${on.join(') and (')})\n` +
      `${matched}when not matched then insert\n  (${list})\nvalues\n  (${list})`
    );
  },
  snapshotMerge(m) {
    const open =
      m.current === null
        ? `DBT_INTERNAL_DEST.${m.validTo} is null`
        : `(DBT_INTERNAL_DEST.${m.validTo} = ${m.current} or DBT_INTERNAL_DEST.${m.validTo} is null)`;
    const list = m.columns.join(', ');
    return [
      `merge into ${m.target} as DBT_INTERNAL_DEST\nusing ${m.source} as DBT_INTERNAL_SOURCE\non DBT_INTERNAL_SOURCE.${m.scdId} = DBT_INTERNAL_DEST.${m.scdId}\n` +
        `when matched and ${open} and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')\n  then update set ${m.validTo} = DBT_INTERNAL_SOURCE.${m.validTo}\n` +
        `when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'\n  then insert (${list})\n  values (${list})`,
    ];
  },
  addColumn(relation, name, type) {
    return `alter ${kind(relation)} ${this.render(relation)} add column ${this.quote(name)} ${type}`;
  },
  dropColumn(relation, name) {
    return `alter ${kind(relation)} ${this.render(relation)} drop column ${this.quote(name)}`;
  },
  alterType(relation, name, type) {
    const table = this.render(relation);
    const column = this.quote(name);
    const helper = this.quote(`${name}__dbt_alter`);
    return [
      `alter table ${table} add column ${helper} ${type}`,
      `update ${table} set ${helper} = ${column}`,
      `alter table ${table} drop column ${column}`,
      `alter table ${table} rename column ${helper} to ${column}`,
    ];
  },
  comment(on, name, text) {
    return `comment on ${on} ${name} is ${this.literal(text)}`;
  },
};

function kind(relation: Relation): string {
  return relation.type === 'view' ? 'view' : relation.type === 'materialized_view' ? 'materialized view' : 'table';
}
