import { duckdb, type Relation } from '../../sql/index.ts';
import { SqlError } from '../adapter.ts';
import type { DuckdbSession } from './session.ts';

/** Tables that one statement asks for: the planner's time grows faster than their number. */
const AT_ONCE = 100;

/**
 * Bytes on disk of tables, by their place in the list: the blocks of the file that hold some of them. Views, the tables of lakes, servers and databases in
 * memory, and those that no checkpoint has written yet are left out.
 */
export async function bytesOf(session: DuckdbSession, relations: readonly Relation[]): Promise<ReadonlyMap<number, number>> {
  const blocks = new Map((await session.rows(BLOCK_SIZES)).map(([database, size]) => [String(database), Number(size)]));
  const tables = relations.flatMap((table, place) => {
    const size = table.type === 'table' ? blocks.get(table.database ?? '') : undefined;
    return size === undefined ? [] : [{ table, place, size }];
  });
  const out = new Map<number, number>();
  for (let first = 0; first < tables.length; first += AT_ONCE)
    for (const [place, bytes] of await asked(session, tables.slice(first, first + AT_ONCE))) out.set(Number(place), Number(bytes));
  return out;
}

const BLOCK_SIZES =
  "select s.database_name, s.block_size from pragma_database_size() s join duckdb_databases() d using (database_name) where d.type = 'duckdb' and d.path is not null";

interface Asked {
  readonly table: Relation;
  readonly place: number;
  /** Bytes of a block of its file. */
  readonly size: number;
}

/** Rows of place and bytes, of the tables that have blocks. */
async function asked(session: DuckdbSession, tables: readonly Asked[]): Promise<readonly (readonly unknown[])[]> {
  const all = tables.map(
    ({ table, place, size }) =>
      `select ${place} as place, ${size} as size, unnest(list_append(additional_block_ids, block_id)) as block ` +
      `from pragma_storage_info(${duckdb.literal(duckdb.render(table))}) where persistent`,
  );
  try {
    return await session.rows(`select place, size * count(distinct block) from (${all.join(' union all ')}) where block >= 0 group by place, size`);
  } catch (error) {
    // Somebody has dropped one of them in between: a size that is not told keeps no catalogue from being made.
    if (error instanceof SqlError) return [];
    throw error;
  }
}
