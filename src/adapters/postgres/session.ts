import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import {
  type Cell,
  type Column,
  type Load,
  postgres,
  type QueryResult,
  type Relation,
  type Response,
  type ResultTable,
  splitStatements,
} from '../../sql/index.ts';
import { EffectSession } from '../session.ts';
import { cellReader, isBuiltin } from './cells.ts';
import { lostRace, sqlError } from './errors.ts';
import { copyOf } from './load.ts';
import { type Asker, listSql, type Shared } from './shared.ts';

type Row = readonly (string | null)[];
type Result = pg.QueryArrayResult<(string | null)[]>;

/** The parts of the driver's connection that its types leave out. */
interface Wire {
  readonly connection: { on(event: 'commandComplete', take: (message: { readonly text: string }) => void): void };
  readonly processID: number;
}

// Cells are made from the server's own texts.
const AS_TEXT = { getTypeParser: () => (value: string) => value } as pg.CustomTypesConfig;

/** One connection to Postgres. It is made when it is first needed, and again after it broke outside a transaction. */
export class PostgresSession extends EffectSession<Asker> {
  protected readonly shared: Shared;
  private client: pg.Client | undefined;
  /** What the server says of the last statement that was done, e.g. `INSERT 0 5` or `CREATE VIEW`. */
  private tag = '';
  /** Tags of the statements of one text. */
  private readonly tags: string[] = [];
  private released = false;
  private readonly pipeline: boolean;
  /** Statements under way: more than one in a pipeline only. */
  private busy = 0;
  /** A drop has taken what depends on the relation along. */
  private cascaded = false;
  private cancelling = false;

  /** `pipeline`: for questions of our own that are asked side by side (see {@link Connector.connect}); not for transactions. */
  constructor(shared: Shared, pipeline = false) {
    super();
    this.pipeline = pipeline;
    this.shared = shared;
  }

  protected asker(): Asker {
    return this;
  }

  /** Asks the server to give up the statement, over a connection of its own since this one is busy. */
  async cancel(): Promise<void> {
    const { client } = this;
    // A run that is given up asks again and again until nothing runs any more.
    if (!client || this.busy === 0 || this.cancelling) return;
    this.cancelling = true;
    try {
      await this.cancelOf((client as unknown as Wire).processID);
    } finally {
      this.cancelling = false;
    }
  }

  private async cancelOf(processID: number): Promise<void> {
    const other = await this.shared.connector.connect();
    try {
      await other.query('select pg_catalog.pg_cancel_backend($1)', [processID]);
    } finally {
      await other.end();
    }
  }

  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    if (this.open) await this.end('rollback').catch(() => undefined);
    this.shared.sessions.delete(this);
    await this.client?.end().catch(() => undefined);
  }

  /** Connects, so that what is wrong with the profile is told at once. */
  async ready(): Promise<pg.Client> {
    if (this.client) return this.client;
    const client = await this.shared.connector.connect(this.pipeline);
    (client as unknown as Wire).connection.on('commandComplete', ({ text }) => {
      this.tag = text;
      this.tags.push(text);
    });
    client.on('notice', (notice) => {
      if (notice.routine === 'reportDependentObjects') this.cascaded = true;
    });
    const gone = (): void => {
      if (this.client === client) this.client = undefined;
    };
    client.on('end', gone);
    client.on('error', gone);
    this.client = client;
    return client;
  }

  protected async begin(): Promise<void> {
    if (!this.open) await this.run('begin');
  }

  protected async end(how: 'commit' | 'rollback'): Promise<void> {
    if (this.open) await this.run(how);
  }

  /** Does one thing on the connection and then sees what has become of the transaction: hooks may say `commit`. */
  private async on<T>(sql: string, work: (client: pg.Client) => Promise<T>, whole = sql, shift = 0): Promise<T> {
    if (this.open && !this.client) throw this.lost(sql);
    const client = await this.ready();
    this.shared.onStatement?.(sql, this.label);
    this.tags.length = 0;
    let done = false;
    this.busy++;
    try {
      const result = await work(client);
      done = true;
      this.shared.onAnswer?.(this.tags.at(-1) ?? 'OK', this.label);
      return result;
    } catch (error) {
      throw sqlError(error, this.shared.connector, whole, sql, shift);
    } finally {
      this.busy--;
      this.settle(client, done);
    }
  }

  private lost(sql: string): Error {
    this.settle(undefined, false);
    return sqlError(new Error('the connection to the server was lost, and the transaction with it'), this.shared.connector, sql);
  }

  private settle(client: pg.Client | undefined, done: boolean): void {
    const was = this.open;
    const status = client && client === this.client ? client.getTransactionStatus() : 'I';
    this.open = status === 'T' || status === 'E';
    if (was && !this.open) this.ended(done && this.tags.includes('COMMIT') && !this.tags.includes('ROLLBACK'));
  }

  /** Sends a text as it is; the answer is the last statement's. */
  private async run(sql: string, whole = sql, shift = 0): Promise<Result> {
    const send = (client: pg.Client): Promise<unknown> => client.query({ text: sql, rowMode: 'array', types: AS_TEXT });
    const work = (client: pg.Client): Promise<unknown> =>
      send(client).catch((error: unknown) => {
        // What was sent is undone as a whole, unless a part of it was committed.
        if (!lostRace(error, sql) || client.getTransactionStatus() !== 'I' || this.tags.includes('COMMIT')) throw error;
        return send(client);
      });
    const results = await this.on(sql, work, whole, shift);
    return (Array.isArray(results) ? results.at(-1) : results) as Result;
  }

  /** The rows of a question of our own. */
  async rows(sql: string): Promise<readonly Row[]> {
    return (await this.run(sql)).rows;
  }

  protected async execute(sql: string): Promise<Response> {
    const response = this.response(await this.run(sql));
    if (this.cascaded) await this.forget();
    return response;
  }

  /** Takes the views that a drop took along out of the cache: the server says that there were some, by name only in its own language. */
  private async forget(): Promise<void> {
    this.cascaded = false;
    const views = this.shared.cache.all().filter((r) => r.type === 'view' || r.type === 'materialized_view');
    if (views.length === 0) return;
    const schemas = [...new Set(views.map((r) => r.schema ?? ''))].map((schema) => this.shared.key(null, schema));
    const left = new Set((await this.rows(listSql(schemas))).map(([schema, name]) => `${schema}\u0000${name}`));
    for (const r of views) if (!left.has(`${r.schema}\u0000${r.identifier}`)) this.note({ change: 'dropped', relation: r });
  }

  private response(result: Pick<Result, 'rowCount'>): Response {
    const { tag } = this;
    return { message: tag || 'OK', ...(tag && { code: tag.replace(/ \d.*$/, '') }), ...(typeof result.rowCount === 'number' && { rows: result.rowCount }) };
  }

  protected async query(sql: string, limit: number | undefined): Promise<QueryResult> {
    if (limit !== undefined) return this.some(sql, limit);
    const result = await this.run(sql);
    return { table: await this.table(result.fields ?? [], result.rows), response: this.response(result) };
  }

  /** The first rows: the rest is never sent. */
  private async some(sql: string, limit: number): Promise<QueryResult> {
    const statements = [...splitStatements(sql)];
    const last = statements.pop();
    for (const one of statements) await this.run(one.sql, sql, one.offset);
    if (!last) return { table: { columns: [], rows: [] }, response: { message: 'OK' } };
    const read = async (client: pg.Client): Promise<{ rows: Row[]; fields: pg.FieldDef[] }> => {
      const cursor = client.query(new Cursor<Row>(last.sql, [], { rowMode: 'array', types: AS_TEXT }));
      try {
        return await new Promise((resolve, reject) => {
          cursor.read(limit, (error, rows, result) => (error ? reject(error) : resolve({ rows, fields: result?.fields ?? [] })));
        });
      } finally {
        await cursor.close();
      }
    };
    const { rows, fields } = await this.on(last.sql, read, sql, last.offset);
    return { table: await this.table(fields, rows), response: { message: `SELECT ${rows.length}`, code: 'SELECT', rows: rows.length } };
  }

  private async table(fields: readonly pg.FieldDef[], rows: readonly Row[]): Promise<ResultTable> {
    await this.name(fields.map((f) => f.dataTypeID));
    const readers = fields.map((f) => cellReader(f, this.shared.types));
    return {
      columns: readers.map((r) => r.column),
      rows: rows.map((row) =>
        row.map((text, i): Cell => {
          const reader = readers[i];
          return text === null || !reader ? null : reader.read(text);
        }),
      ),
    };
  }

  /** Asks for the names of types that are not built in. */
  private async name(oids: readonly number[]): Promise<void> {
    const { types } = this.shared;
    const missing = [...new Set(oids)].filter((oid) => !isBuiltin(oid) && !types.has(oid));
    if (missing.length === 0) return;
    const { tag } = this;
    for (const [oid, name] of await this.rows(`select oid, pg_catalog.format_type(oid, null) from pg_catalog.pg_type where oid in (${missing.join(', ')})`)) {
      types.set(Number(oid), name ?? '');
    }
    this.tag = tag;
  }

  protected async load(relation: Relation, load: Load): Promise<Response> {
    const names = (await this.columns(relation)).map((c) => c.name);
    const { sql, data, header } = copyOf(relation, load, names);
    const rows = await this.on(sql, async (client) => {
      const stream = client.query(copyFrom(sql));
      try {
        await pipeline(Readable.from(data), stream);
      } catch (error) {
        throw placed(error, header);
      }
      return stream.rowCount;
    });
    return { message: this.tag, code: 'COPY', rows };
  }

  protected async lookup(r: Relation): Promise<Relation | null> {
    const { schema, identifier } = this.shared.proper(r);
    if (schema === null) return null;
    const key = this.shared.key(r.database, schema);
    await this.shared.know(this, [key]);
    const found = this.shared.cache.find(key, identifier ?? '');
    return found ? { ...r, database: r.database ?? found.database, schema: found.schema, identifier: found.identifier, type: found.type } : null;
  }

  protected async columns(r: Relation): Promise<readonly Column[]> {
    this.shared.inside(r.database, postgres.render(r));
    const { tag } = this;
    const rows = await this.rows(
      'select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a ' +
        `where a.attrelid = pg_catalog.to_regclass(${postgres.literal(postgres.render(r))}) and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    );
    this.tag = tag;
    return rows.map(([name, type]) => ({ name: name ?? '', dataType: type ?? '' }));
  }
}

/** The server counts the records it was sent; people count the lines of the file. */
function placed(error: unknown, header: number): unknown {
  if (error instanceof Error && 'where' in error && typeof error.where === 'string') {
    error.where = error.where.replace(/line (\d+)/, (_, n: string) => `line ${Number(n) + header}`);
  }
  return error;
}
