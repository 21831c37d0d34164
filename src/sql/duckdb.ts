import { ansi, insertFrom, updateColumns } from './ansi.ts';
import type { Dialect, MergeOptions, SnapshotMerge, Upsert } from './dialect.ts';

/** DuckDB 1.4 and newer. */
export const duckdb: Dialect = {
  ...ansi,
  name: 'duckdb',
  // None: names may be as long as one likes.
  maxIdentifier: Number.POSITIVE_INFINITY,
  can: {
    transactionalDdl: true,
    replaceTable: true,
    replaceView: true,
    merge: true,
    temporaryTables: true,
    pinsReferencedTables: true,
    concurrentBatches: true,
  },
  strategies: ['append', 'delete+insert', 'merge', 'microbatch'],
  now: 'now()::timestamp',
  defaultStrategy: () => 'delete+insert',
  literal(value) {
    if (typeof value === 'number' && !Number.isFinite(value)) return `'${String(value).toLowerCase()}'::double`;
    return ansi.literal(value);
  },
  createTable(relation, sql, { temporary, replace }) {
    return `create ${replace ? 'or replace ' : ''}${temporary ? 'temporary ' : ''}table ${this.render(relation)}\nas (\n${sql}\n);`;
  },
  createView(relation, sql, { replace }) {
    return `create ${replace ? 'or replace ' : ''}view ${this.render(relation)} as (\n${sql}\n);`;
  },
  deleteInsert(u) {
    if (u.keys.length === 0) return [insertFrom(this, u)];
    const predicates = u.predicates.map((p) => `\nand ${p}`).join('');
    if (!u.keyList) {
      return [`delete from ${u.target}\nwhere (${u.keys[0]}) in (\n  select (${u.keys[0]})\n  from ${u.source}\n)${predicates}`, insertFrom(this, u)];
    }
    const match = u.keys.map((k) => `${u.source}.${k} = DBT_INCREMENTAL_TARGET.${k}`).join('\nand ');
    return [`delete from ${u.target} as DBT_INCREMENTAL_TARGET\nusing ${u.source}\nwhere (\n${match}${predicates}\n)`, insertFrom(this, u)];
  },
  merge(u) {
    const m = u.merge ?? {};
    const explicit = m.update?.length || m.exclude?.length || m.setExpressions;
    const update = explicit ? `update set\n  ${explicitSets(this, u, m).join(', ')}` : 'update by name';
    return (
      `merge into ${u.target} as DBT_INTERNAL_DEST\nusing ${u.source} as DBT_INTERNAL_SOURCE\n${joinClause(u, m)}\n` +
      `when matched${condition(m.updateCondition)} then ${update}\nwhen not matched${condition(m.insertCondition)} then insert by name`
    );
  },
  mergeQuery(u, sql, refusal) {
    const rows = 'DBT_INTERNAL_ROWS';
    // Counting leaves nulls out: a key that is null somewhere counts to less than there are rows.
    const counts = [...u.keys, `distinct (${u.keys.join(', ')})`].map((counted) => `count(${counted}) = count(*)`);
    const told = `select case when ${counts.join(' and ')} then true else error(${this.literal(refusal)}) end from ${rows}`;
    return `with ${rows} as materialized (\n${sql}\n)\n${this.merge({ ...u, source: `(\n  select * from ${rows}\n  where (${told})\n)` })}`;
  },
  replaceWindow(u, { column, start, end }) {
    const window = `${column} >= '${start}' and ${column} < '${end}'`;
    const predicates = u.predicates.map((p) => `\nand (${p})`).join('');
    return [`delete from ${u.target}\nwhere ${window}${predicates}`, insertFrom(this, { ...u, source: `${u.source}\n  where ${window}` })];
  },
  snapshotMerge,
  addColumn: (relation, name, type) => `alter table ${duckdb.render(relation)} add column ${duckdb.quote(name)} ${type}`,
  alterType: (relation, name, type) => [`alter table ${duckdb.render(relation)} alter column ${duckdb.quote(name)} set data type ${type}`],
};

/** Which databases a profile opens, as far as templates ask for it. */
export interface DuckdbSetup {
  readonly motherduck: boolean;
  /** Names of the databases that are DuckLakes. */
  readonly ducklakes: ReadonlySet<string>;
}

/** A database that a profile opens: its own (no alias), or an attached one. */
export interface DuckdbPlace {
  readonly path: string | null | undefined;
  readonly alias?: string | null | undefined;
  readonly isDucklake: boolean;
}

/** What the paths of a profile say of their databases. */
export function duckdbSetup(main: DuckdbPlace & { readonly attach: readonly DuckdbPlace[] }): DuckdbSetup {
  const places = [main, ...main.attach];
  return {
    motherduck: places.some((p) => isMotherduck(p.path)),
    ducklakes: new Set(places.filter((p) => p.isDucklake || /ducklake:/i.test(p.path ?? '')).map((p) => p.alias || databaseOf(p.path))),
  };
}

/** Whether a path leads to MotherDuck. */
export const isMotherduck = (path: string | null | undefined): boolean => /^(md|motherduck):/i.test(path ?? '');

/** The name DuckDB gives the database of a path: the file's name up to its first dot; `memory` without a file. */
export function databaseOf(path: string | null | undefined): string {
  if (path === null || path === undefined || path === ':memory:' || path === '') return 'memory';
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1]?.toLowerCase();
  const rest = path.replace(/^[a-z][a-z0-9+.-]+:(?:\/\/)?/i, '').replace(/[?#].*$/, '');
  const base = rest.slice(Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\')) + 1);
  const stem = base.replace(/(?<=.)\.[^.]*$/, '');
  if (scheme === 'md' || scheme === 'motherduck') return stem || 'my_db';
  // The path of a DuckLake is its catalogue's: `ducklake:sqlite:lake.sqlite`.
  if (scheme === 'ducklake') return stem.replace(/^[a-z][a-z0-9+.-]*:/i, '');
  const first = base.replace(/^\.+/, '').split('.')[0] || 'memory';
  // Names that DuckDB keeps for itself.
  return /^(main|temp|system)$/i.test(first) ? `${first}_db` : first;
}

function explicitSets(dialect: Dialect, u: Upsert, m: MergeOptions): string[] {
  const expressions = m.setExpressions ?? {};
  const given = Object.entries(expressions).map(([column, sql]) => `${column} = ${sql}`);
  const plain = updateColumns(dialect, u).filter((c) => !(c.replace(/["']/g, '') in expressions));
  return [...given, ...plain.map((c) => `${c} = DBT_INTERNAL_SOURCE.${c}`)];
}

function joinClause(u: Upsert, m: MergeOptions): string {
  if (m.using?.length) return `using (${m.using.join(', ')})${u.predicates.length ? `\non (${u.predicates.join(') and (')})` : ''}`;
  const keys = u.keys.length === 0 ? ['FALSE'] : u.keys.map((k) => `DBT_INTERNAL_SOURCE.${k} = DBT_INTERNAL_DEST.${k}`);
  return `on (${[...keys, ...u.predicates].join(') and (')})`;
}

const condition = (sql: string | undefined): string => (sql ? ` and ${sql}` : '');

/** Update, then insert: the form dbt uses on DuckDB and Postgres. */
export function snapshotMerge(m: SnapshotMerge): readonly string[] {
  const current = m.current === null ? '' : `DBT_INTERNAL_TARGET.${m.validTo} = ${m.current} or `;
  const open = `${current}DBT_INTERNAL_TARGET.${m.validTo} is null`;
  return [
    `update ${m.target} as DBT_INTERNAL_TARGET\nset ${m.validTo} = DBT_INTERNAL_SOURCE.${m.validTo}\nfrom ${m.source} as DBT_INTERNAL_SOURCE\n` +
      `where DBT_INTERNAL_SOURCE.${m.scdId}::text = DBT_INTERNAL_TARGET.${m.scdId}::text\n` +
      `  and DBT_INTERNAL_SOURCE.dbt_change_type::text in ('update'::text, 'delete'::text)\n  and ${m.current === null ? open : `(${open})`}`,
    `insert into ${m.target} (${m.columns.join(', ')})\nselect ${m.columns.map((c) => `DBT_INTERNAL_SOURCE.${c}`).join(', ')}\n` +
      `from ${m.source} as DBT_INTERNAL_SOURCE\nwhere DBT_INTERNAL_SOURCE.dbt_change_type::text = 'insert'::text`,
  ];
}
