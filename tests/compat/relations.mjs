// Compares two DuckDB files relation by relation: columns with their types in order, and rows as a multiset.
import fs from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { compareLists } from './artifacts.mjs';

const identifier = (name) => `"${name.replaceAll('"', '""')}"`;
const text = (value) => `'${value.replaceAll("'", "''")}'`;

/** Opens one side's file read-only; relative paths inside views are read from its project. */
async function open(side) {
  if (!fs.existsSync(side.file)) return undefined;
  const instance = await DuckDBInstance.create(side.file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  await connection.run(`set file_search_path = ${text(side.project)}`);
  const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  return {
    rows,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function relations(database) {
  if (database === undefined) return new Map();
  const list = await database.rows(
    `select schema_name as schema, table_name as name, 'table' as kind from duckdb_tables() where database_name = current_database() and not temporary
     union all select schema_name, view_name, 'view' from duckdb_views() where database_name = current_database() and not internal and not temporary order by all`,
  );
  const columns = await database.rows(
    'select schema_name as schema, table_name as relation, column_name as name, data_type as type from duckdb_columns() where database_name = current_database() order by column_index',
  );
  return new Map(
    list.map(({ schema, name, kind }) => [
      `${schema}.${name}`,
      {
        kind,
        sql: `${identifier(schema)}.${identifier(name)}`,
        columns: columns.filter((c) => c.schema === schema && c.relation === name).map(({ name: column, type }) => ({ name: column, type })),
      },
    ]),
  );
}

/** Snapshots whose bookkeeping columns hold the time of the run. */
function clocked(manifest) {
  const nodes = Object.values(manifest.nodes ?? {}).filter((node) => node.resource_type === 'snapshot');
  const byClock = nodes.filter(({ config }) => config.strategy === 'check' || (config.hard_deletes ?? 'ignore') !== 'ignore');
  return new Set(byClock.map((node) => `${node.schema}.${node.alias}`));
}
const bookkeeping = /^dbt_(scd_id|updated_at|valid_from|valid_to)$/;

/** Checks of names, columns and rows. Columns that match `ignored`, and the clock's columns of snapshots, are not compared. */
export async function compareRelations(a, b, ignored) {
  const [left, right] = [await open(a), await open(b)];
  try {
    const [mine, theirs] = [await relations(left), await relations(right)];
    const names = (all) => [...all].map(([name, { kind }]) => `${kind} ${name}`);
    const shape = (all, other) =>
      [...all].filter(([name]) => other.has(name)).map(([name, { columns }]) => `${name}: ${columns.map((c) => `${c.name} ${c.type}`).join(', ')}`);
    const rows = { name: 'relations: rows', same: 0, missing: [], extra: [], different: [] };
    const byClock = clocked(a.manifest);
    for (const [name, relation] of mine) {
      if (!theirs.has(name)) continue;
      const kept = relation.columns.filter((c) => !(ignored.test(c.name) || (byClock.has(name) && bookkeeping.test(c.name))));
      const difference = await compareRows(left, right, relation.sql, kept.map((c) => identifier(c.name)).join(', '));
      if (difference === undefined) rows.same++;
      else rows.different.push(`${name}: ${difference}`);
    }
    return [
      { name: 'relations: names', ...compareLists(names(mine), names(theirs)) },
      { name: 'relations: columns', ...compareLists(shape(mine, theirs), shape(theirs, mine)) },
      rows,
    ];
  } finally {
    left?.close();
    right?.close();
  }
}

async function compareRows(left, right, relation, columns) {
  const from = `from (select ${columns} from ${relation}) r`;
  const digest = async (side) =>
    JSON.stringify(await side.rows(`select count(*) as rows, sum(hash(r)::hugeint)::varchar as digest ${from}`).catch((error) => error.message.split('\n')[0]));
  const [one, other] = [await digest(left), await digest(right)];
  if (one === other) return undefined;
  // Sums of floats depend on the order of their rows: what is equal to twelve digits is equal.
  const list = async (side) =>
    (await side.rows(`select * ${from}`).catch(() => [])).map((row) =>
      JSON.stringify(row, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
    );
  const { missing, extra } = compareLists((await list(left)).sort(), (await list(right)).sort());
  if (missing.length + extra.length === 0 && one.startsWith('[') && other.startsWith('[')) return undefined;
  return [`${one} -> ${other}`, ...missing.slice(0, 3).map((row) => `- ${row}`), ...extra.slice(0, 3).map((row) => `+ ${row}`)].join('\n      ');
}
