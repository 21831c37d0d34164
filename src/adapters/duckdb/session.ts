import { type DuckDBConnection, type DuckDBMaterializedResult, type DuckDBValue, ResultReturnType, StatementType } from '@duckdb/node-api';
import {
  type Cell,
  type Column,
  duckdb,
  type Load,
  type QueryResult,
  type Relation,
  type Response,
  type ResultTable,
  type Statement,
  splitStatements,
} from '../../sql/index.ts';
import { isConflict, SqlError } from '../adapter.ts';
import { EffectSession } from '../session.ts';
import { type CellReader, cellReader, numberEntries } from './cells.ts';
import { sqlError } from './errors.ts';
import type { Asker, Shared } from './shared.ts';

// A query comment may stand on either side.
const CASCADE = /^(\s*(?:\/\*[\s\S]*?\*\/\s*)?drop\s+(?:table|view)\s+(?:if\s+exists\s+)?("(?:[^"]|"")+"|\w+)\.\S.*?)\s+cascade\b/is;

// Long enough for another session's small transaction to end; beyond that the scheduler runs the whole node again.
const PAUSES = [5, 10, 20, 40, 80];

/** One connection to DuckDB. */
export class DuckdbSession extends EffectSession<Asker> {
  private readonly connection: DuckDBConnection;
  protected readonly shared: Shared;
  private released = false;

  constructor(connection: DuckDBConnection, shared: Shared) {
    super();
    this.connection = connection;
    this.shared = shared;
  }

  protected asker(): Asker {
    return this;
  }

  async cancel(): Promise<void> {
    this.connection.interrupt();
  }

  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    if (this.open) await this.end('rollback').catch(() => undefined);
    this.connection.disconnectSync();
    this.shared.released(this);
  }

  protected async begin(): Promise<void> {
    if (this.open || !this.shared.profile.transactions) return;
    await this.run('begin transaction');
    this.open = true;
  }

  protected async end(how: 'commit' | 'rollback'): Promise<void> {
    if (!this.open) return;
    let kept = false;
    try {
      await this.run(how);
      kept = how === 'commit';
    } finally {
      // A commit that fails has rolled back.
      this.ended(kept);
    }
  }

  /** Runs the statements of a text one by one and answers the last one's response. */
  protected async execute(sql: string): Promise<Response> {
    const statements = parts(sql);
    let response: Response = { message: 'OK' };
    for (const one of statements) response = responseOf(await this.statement(one, sql));
    return response;
  }

  protected async query(sql: string, limit: number | undefined): Promise<QueryResult> {
    const statements = parts(sql);
    const last = statements.pop();
    for (const one of statements) await this.statement(one, sql);
    if (!last) return { table: { columns: [], rows: [] }, response: { message: 'OK' } };
    const result = await this.statement(last, sql);
    const table = tableOf(result, limit);
    const response = responseOf(result);
    return { table, response: response.rows === undefined ? { ...response, rows: table.rows.length } : response };
  }

  /** One statement; outside a transaction it is tried again when another session was in its way. */
  private async statement(one: Statement, whole: string): Promise<DuckDBMaterializedResult> {
    const control = controlOf(one.sql);
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await this.run(this.sent(one.sql), whole, one.offset);
        if (control === 'begin') this.open = true;
        else if (control !== undefined) this.ended(control === 'commit');
        return result;
      } catch (error) {
        const pause = this.open ? undefined : this.pause(error, attempt);
        if (pause === undefined) throw error;
        await new Promise((wake) => setTimeout(wake, pause));
      }
    }
  }

  /** DuckLake knows no `cascade`; nothing hangs on its tables that it could take along. */
  private sent(sql: string): string {
    const { ducklakes } = this.shared.profile;
    if (ducklakes.size === 0) return sql;
    return sql.replace(CASCADE, (whole: string, drop: string, database: string) => (ducklakes.has(database.replaceAll('"', '').toLowerCase()) ? drop : whole));
  }

  /** Milliseconds after which to send a statement again; undefined where that would not help. */
  private pause(error: unknown, attempt: number): number | undefined {
    if (isConflict(error)) return PAUSES[attempt];
    const { queryAttempts, passing } = this.shared.profile;
    return attempt + 1 < queryAttempts && error instanceof SqlError && passing.has(error.kind) ? 1000 * 2 ** attempt : undefined;
  }

  /** Sends one statement as it is. For the warehouse's own questions too. `shown`: what the log may hold of it. */
  async run(sql: string, whole: string = sql, offset = 0, shown: string = sql): Promise<DuckDBMaterializedResult> {
    this.shared.onStatement?.(shown, this.label);
    try {
      const result = await this.connection.run(sql);
      this.shared.onAnswer?.('OK', this.label);
      return result;
    } catch (error) {
      throw sqlError(error, sql, whole, offset);
    }
  }

  /** The rows of a question of our own. */
  async rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    return tableOf(await this.run(sql)).rows;
  }

  protected load(relation: Relation, load: Load): Promise<Response> {
    return this.execute(loadSql(duckdb.render(relation), load));
  }

  protected async lookup(r: Relation): Promise<Relation | null> {
    const key = this.shared.key(r.database, r.schema);
    await this.shared.know(this, [key]);
    const found = this.shared.cache.find(key, r.identifier ?? '');
    return found ? { ...r, database: found.database, schema: found.schema, identifier: found.identifier, type: found.type } : null;
  }

  protected async columns(r: Relation): Promise<readonly Column[]> {
    try {
      const rows = await this.rows(`describe ${duckdb.render(r)}`);
      return rows.map((row) => ({ name: String(row[0]), dataType: String(row[1]) }));
    } catch (error) {
      // As dbt: a relation that is not there has no columns.
      if (!this.open && error instanceof Error && /does not exist/i.test(error.message)) return [];
      throw error;
    }
  }
}

/** The statements of a text. Most texts are one statement: they are not lexed. */
function parts(sql: string): Statement[] {
  const first = sql.indexOf(';');
  if (first === -1) return sql.trim() === '' ? [] : [{ sql, offset: 0 }];
  if (first === sql.trimEnd().length - 1) return [{ sql: sql.slice(0, first), offset: 0 }];
  return [...splitStatements(sql)];
}

/** What a statement does to the transaction, if anything: hooks may say `commit`. */
function controlOf(sql: string): 'begin' | 'commit' | 'rollback' | undefined {
  const match = /^\s*(?:(begin|start\s+transaction)|(commit|end)|(rollback|abort))\b/i.exec(sql);
  if (!match) return undefined;
  return match[1] ? 'begin' : match[2] ? 'commit' : 'rollback';
}

function responseOf(result: DuckDBMaterializedResult): Response {
  if (result.returnType === ResultReturnType.CHANGED_ROWS) return { message: 'OK', rows: result.rowsChanged };
  // `create table as` answers how many rows it wrote as a result of one cell.
  if (result.statementType === StatementType.CREATE && result.chunkCount > 0)
    return { message: 'OK', rows: Number(result.getChunk(0).getColumnVector(0).getItem(0)) };
  return { message: 'OK' };
}

function tableOf(result: DuckDBMaterializedResult, limit = Number.POSITIVE_INFINITY): ResultTable {
  const width = result.columnCount;
  const readers: CellReader[] = [];
  const columns = [];
  for (let i = 0; i < width; i++) {
    const type = result.columnType(i);
    const reader = cellReader(type);
    readers.push(reader);
    columns.push({ name: result.columnName(i), type: reader.type, dataType: type.alias ?? type.toString() });
  }
  const rows: Cell[][] = [];
  for (let c = 0, chunks = result.chunkCount; c < chunks && rows.length < limit; c++) {
    const chunk = result.getChunk(c);
    const count = Math.min(chunk.rowCount, limit - rows.length);
    const base = rows.length;
    for (let r = 0; r < count; r++) rows.push(new Array<Cell>(width));
    for (let i = 0; i < width; i++) {
      const vector = chunk.getColumnVector(i);
      if (columns[i]?.dataType.includes('STRUCT("" ')) numberEntries(vector.type);
      const read = (readers[i] as CellReader).read;
      for (let r = 0; r < count; r++) {
        const value: DuckDBValue = vector.getItem(r);
        (rows[base + r] as Cell[])[i] = value === null ? null : read(value);
      }
    }
  }
  return { columns, rows };
}

/** The statement that fills a table from a CSV file. */
export function loadSql(table: string, load: Load): string {
  const lit = duckdb.literal.bind(duckdb);
  const raw = (c: Load['columns'][number]): boolean => c.clean !== undefined || (load.nullWords === true && isText(c.type));
  const options = [
    // dbt lets DuckDB guess the quote: a file that wraps its values in apostrophes is read without them.
    ...(load.apostrophes ? [] : ['auto_detect = false', `quote = '"'`, `escape = '"'`]),
    'header = true',
    `delim = ${lit(load.delimiter)}`,
    `nullstr = ''`,
    `columns = {${load.columns.map((c) => `${lit(c.name)}: ${lit(raw(c) ? 'VARCHAR' : c.type)}`).join(', ')}}`,
    ...(load.pad ? ['null_padding = true'] : []),
    // The reader refuses records beyond two megabytes unless told.
    ...((load.longest ?? 0) > 1_900_000 ? [`max_line_size = ${(load.longest ?? 0) * 2}`] : []),
  ];
  const names = load.columns.map((c) => duckdb.quote(c.name)).join(', ');
  const values = load.columns.map((c) => (raw(c) ? cleaned(duckdb.quote(c.name), c) : duckdb.quote(c.name))).join(', ');
  return `insert into ${table} (${names}) select ${values} from read_csv(${lit(load.file)}, ${options.join(', ')})`;
}

const isText = (type: string): boolean => /^(text|varchar|char|bpchar|string|character varying)\b/i.test(type);
const SPACES = `E' \\t\\n\\r\\x0b\\x0c'`;

/** The cell with what agate takes off before it reads a value: spaces, the word null; of numbers also separators and signs of money and per cent. */
function cleaned(cell: string, column: Load['columns'][number]): string {
  const bare = `trim(${cell}, ${SPACES})`;
  const empty = `lower(${bare}) in ('', 'null')`;
  if (column.clean === undefined) return `case when ${empty} then null else ${cell} end`;
  if (column.clean === 'space') return `case when ${empty} then null else cast(${bare} as ${column.type}) end`;
  const symbols = '؋$ƒ៛¥₡₱£€¢﷼₪₩₭₮₦฿₤₫';
  const digits = `replace(replace(regexp_replace(regexp_replace(trim(${bare}, '%'), '^(-?)[${symbols}]+', '\\1'), '[${symbols}]+$', ''), ',', ''), '_', '')`;
  // Through double, so that `1e3` and `1.0` are integers too where the column is one.
  const cast = /^(integer|bigint)$/i.test(column.type) ? `cast(cast(${digits} as double) as ${column.type})` : `cast(${digits} as ${column.type})`;
  return `case when ${empty} then null else ${cast} end`;
}
