import { SqlError } from '../../adapters/index.ts';
import type { Json, JsonMap, Node, SourceNode } from '../../resolve/index.ts';
import { type Cell, type Dialect, type Program, query, type ResultColumn } from '../../sql/index.ts';

/** What a unit test takes rows from: the model it is of, or something the model reads. */
export interface LiveTable {
  readonly of: Node | SourceNode;
  /** What stands behind `from`: a relation, or a query in parentheses with a name. */
  readonly from: string;
  readonly columns: readonly ResultColumn[];
  /** The columns that tell its rows apart, in lower case, as far as the project says. */
  readonly key: readonly string[];
}

/** How the values of a column are told: YAML says them, only SQL does, or nothing. */
export type Spelling = 'yaml' | 'sql' | 'none';

/** Rows of a table, by column, as a unit test writes them: what YAML has no form of its own for is the engine's text. */
export interface LiveRows {
  readonly table: LiveTable;
  readonly rows: readonly JsonMap[];
  /** Of the columns whose text would not come back as the value. */
  readonly spellings: ReadonlyMap<string, Exclude<Spelling, 'yaml'>>;
}

/** Which rows are read: those that all conditions hold for, the first ones in the order of some columns. */
export interface Wanted {
  readonly where: readonly string[];
  readonly order: readonly string[];
  readonly descending?: boolean;
  readonly limit: number;
}

/** The columns of a query or relation. */
export function* columnsOf(from: string): Program<readonly ResultColumn[]> {
  return (yield* query(`select * from ${from} where 1 = 0`)).table.columns;
}

/** Reads rows; which ones does not depend on the order in which the database keeps them. */
export function* readRows(dialect: Dialect, table: LiveTable, wanted: Wanted): Program<LiveRows> {
  const { columns, from } = table;
  const where = wanted.where.length === 0 ? '' : ` where ${wanted.where.map((w) => `(${w})`).join(' and ')}`;
  const first = new Set(wanted.order);
  const ordered = [
    ...wanted.order.flatMap((name) => columns.find((c) => c.name.toLowerCase() === name) ?? []),
    ...columns.filter((c) => !first.has(c.name.toLowerCase())),
  ];
  const order = ordered.map((c) => `${comparable(dialect, c)}${wanted.descending ? ' desc' : ''}`).join(', ');
  const chosen = `(select * from ${from}${where} order by ${order} limit ${wanted.limit}) as chosen`;
  const spellings = yield* spellingsOf(dialect, columns, chosen);
  const items = columns.map((c) => `${itemOf(dialect, c, spellings.get(c.name))} as ${dialect.quote(c.name)}`);
  const { rows } = (yield* query(`select ${items.join(', ')} from ${chosen} order by ${order}`)).table;
  return { table, spellings, rows: rows.map((cells) => Object.fromEntries(columns.map((c, i): [string, Json] => [c.name, jsonOf(cells[i] ?? null, c)]))) };
}

/** An expression that the rows of a table can be sorted by, whatever the type of the column. */
function comparable(dialect: Dialect, { name, type }: ResultColumn): string {
  return type === 'other' || type === 'binary' ? `cast(${dialect.quote(name)} as varchar)` : dialect.quote(name);
}

/**
 * Which columns have values whose text, cast back, is another value. Postgres promises that there are none; DuckDB has some, inside of lists and in
 * unions, and types that cannot be written at all.
 */
function* spellingsOf(dialect: Dialect, columns: readonly ResultColumn[], chosen: string): Program<LiveRows['spellings']> {
  const out = new Map<string, Exclude<Spelling, 'yaml'>>();
  if (dialect.name !== 'duckdb') return out;
  for (const c of columns.filter(({ type }) => type === 'other')) {
    const name = dialect.quote(c.name);
    const holds = (text: string): string => `select bool_and(try_cast(${text} as ${c.dataType}) is not distinct from ${name}) from ${chosen}`;
    if (yield* isTrue(holds(`cast(${name} as varchar)`))) continue;
    out.set(c.name, (yield* isTrue(holds(`cast(cast(to_json(${name}) as varchar) as json)`))) ? 'sql' : 'none');
  }
  return out;
}

/** Whether a question is answered with yes, or is about no rows; a refusal is a no. */
function* isTrue(sql: string): Program<boolean> {
  try {
    return (yield* query(sql)).table.rows[0]?.[0] !== false;
  } catch (e) {
    if (e instanceof SqlError) return false;
    throw e;
  }
}

function itemOf(dialect: Dialect, { name, type }: ResultColumn, spelling: Spelling | undefined): string {
  const column = dialect.quote(name);
  if (spelling === 'none') return 'null';
  if (spelling === 'sql') return `cast(to_json(${column}) as varchar)`;
  return type === 'integer' || type === 'boolean' ? column : `cast(${column} as varchar)`;
}

/** A value as YAML says it: a number where every reader takes it for the same one. */
function jsonOf(cell: Cell, { type }: ResultColumn): Json {
  if (typeof cell === 'bigint') return String(cell);
  if ((type === 'decimal' || type === 'float') && typeof cell === 'string' && isShort(cell)) return Number(cell);
  return cell;
}

/** Whether a number survives being a float of 64 bits on its way, and is printed without an exponent. */
function isShort(text: string): boolean {
  return (
    /^-?\d{1,15}(\.\d+)?$/.test(text) &&
    text.replace(/\D/g, '').replace(/^0+/, '').length <= 15 &&
    !/^-0(\.0*)?$/.test(text) &&
    !String(Number(text)).includes('e')
  );
}
