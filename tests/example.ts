// The example project as tests use it: a copy to build in, and what a build has put into its database.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const root = path.resolve(import.meta.dirname, '..');

/** A copy of the example project in a new temporary directory, without what builds have left in it. The caller deletes it. */
export function copyExample(): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-example-')));
  const clean = (file: string) => !['target', 'logs', 'dbt_packages'].includes(path.basename(file));
  fs.cpSync(path.join(root, 'example-project'), dir, { recursive: true, filter: clean });
  return dir;
}

/** The database a build of the copy writes. */
export const databaseOf = (dir: string): string => path.join(dir, 'target', 'tidewater.duckdb');

/**
 * Columns that differ between two builds of the same data, with the reason. A snapshot with the strategy `check` knows no time of change but that of the
 * run which saw it: its dates are that time, and dbt_scd_id is a hash over it. Nothing else is left out.
 */
const CLOCKED: Readonly<Record<string, readonly string[]>> = {
  'history.products_snapshot': ['dbt_updated_at', 'dbt_valid_from', 'dbt_scd_id'],
};

interface Relation {
  readonly name: string;
  readonly kind: 'table' | 'view';
}

const quoted = (name: string) =>
  name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');

type Ask = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Opens a database file for one piece of work. */
async function within<T>(file: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    return await work(async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function relations(ask: Ask): Promise<readonly Relation[]> {
  const rows = await ask(`select schema_name || '.' || table_name as name, 'table' as kind from duckdb_tables() where not internal
    union all select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal order by 1`);
  return rows.map((r) => ({ name: String(r['name']), kind: r['kind'] === 'view' ? 'view' : 'table' }));
}

/** Every relation of a database: kind, columns with types, rows and a hash over them that does not depend on their order. */
export function contents(file: string): Promise<Readonly<Record<string, string>>> {
  return within(file, async (ask) => {
    const columns = await ask(
      "select schema_name || '.' || table_name as relation, column_name as name, data_type as type from duckdb_columns() where not internal order by column_index",
    );
    const out: Record<string, string> = {};
    for (const { name, kind } of await relations(ask)) {
      const own = columns.filter((c) => c['relation'] === name);
      const kept = own.map((c) => String(c['name'])).filter((c) => !CLOCKED[name]?.includes(c));
      const list = kept.map((c) => `"${c}"`).join(', ');
      const [row] = await ask(`select count(*) as n, coalesce(sum(hash(t)::hugeint), 0)::varchar as sum from (select ${list} from ${quoted(name)}) t`);
      const shape = createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 12);
      out[name] = `${kind} ${shape} ${row?.['n']} rows ${row?.['sum']}`;
    }
    return out;
  });
}

/** Drops every second relation by name; answers their names. */
export function dropHalf(file: string): Promise<readonly string[]> {
  return within(file, async (ask) => {
    const half = (await relations(ask)).filter((_, i) => i % 2 === 0);
    for (const { name, kind } of half) await ask(`drop ${kind} ${quoted(name)}`);
    return half.map((r) => r.name);
  });
}
