import { closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckdb, type Relation, type Target } from '../../sql/index.ts';
import { diagnostic, fail } from '../../text/index.ts';
import type { CatalogRelation, ConnectOptions, Session, Warehouse } from '../adapter.ts';
import { isSecret, type OpenProblem, openError, StepError, waiting } from './open.ts';
import { type DuckdbProfile, readProfile } from './profile.ts';
import { DuckdbSession } from './session.ts';
import { type Step, withoutPasswords } from './setup.ts';
import { inSchemas, listed, Shared } from './shared.ts';
import { bytesOf } from './sizes.ts';

type Place = { readonly database: string | null; readonly schema: string };

class DuckdbWarehouse implements Warehouse {
  readonly dialect = duckdb;
  private readonly instance: DuckDBInstance;
  private readonly shared: Shared;
  /** For the warehouse's own questions. */
  private own: Promise<DuckdbSession> | undefined;

  constructor(instance: DuckDBInstance, shared: Shared) {
    this.instance = instance;
    this.shared = shared;
  }

  async session(_name: string): Promise<Session> {
    return this.connect();
  }

  private async connect(): Promise<DuckdbSession> {
    const session = new DuckdbSession(await this.instance.connect(), this.shared);
    this.shared.sessions.add(session);
    await session.run('set errors_as_json = true');
    for (const [key, value] of Object.entries(this.shared.profile.settings)) {
      await step(session, {
        key: `settings.${key}`,
        sql: `set ${key} = ${duckdb.literal(String(value))}`,
        ...(isSecret(key) && { shown: `set ${key} = ***` }),
      });
    }
    return session;
  }

  async setUp(): Promise<void> {
    const session = await this.mine();
    for (const one of this.shared.profile.setup) await step(session, one);
  }

  private mine(): Promise<DuckdbSession> {
    this.own ??= this.connect();
    return this.own;
  }

  async populate(places: readonly Place[]): Promise<void> {
    if (places.length === 0) return;
    await this.shared.know(
      await this.mine(),
      places.map((p) => this.shared.key(p.database, p.schema)),
    );
  }

  async catalog(places: readonly Place[]): Promise<readonly CatalogRelation[]> {
    if (places.length === 0) return [];
    const session = await this.mine();
    const where = inSchemas(places.map((p) => this.shared.key(p.database, p.schema)));
    const relations = await session.rows(
      `select database_name, schema_name, table_name, 'table', comment, estimated_size from duckdb_tables() where not internal and (${where}) ` +
        `union all select database_name, schema_name, view_name, 'view', comment, null from duckdb_views() where not internal and (${where}) order by 1, 2, 3`,
    );
    const columns = await session.rows(
      `select database_name, schema_name, table_name, column_name, column_index, data_type, comment from duckdb_columns() where not internal and (${where}) order by column_index`,
    );
    const byTable = new Map<string, CatalogRelation['columns'][number][]>();
    for (const [database, schema, table, name, index, type, comment] of columns) {
      const key = `${database}\u0000${schema}\u0000${table}`;
      const list = byTable.get(key) ?? [];
      list.push({ name: String(name), index: Number(index), type: String(type), comment: comment === null || comment === undefined ? null : String(comment) });
      byTable.set(key, list);
    }
    const tables = relations.map(listed);
    const bytes = await bytesOf(session, tables);
    return relations.map((row, n) => ({
      relation: tables[n] as Relation,
      owner: null,
      comment: row[4] === null || row[4] === undefined ? null : String(row[4]),
      rows: row[5] === null || row[5] === undefined ? null : Number(row[5]),
      bytes: bytes.get(n) ?? null,
      columns: byTable.get(`${row[0]}\u0000${row[1]}\u0000${row[2]}`) ?? [],
    }));
  }

  async describe(): Promise<{ readonly version: string; readonly location: string }> {
    const rows = await (await this.mine()).rows('select version()');
    return { version: `DuckDB ${String(rows[0]?.[0] ?? '').replace(/^v/, '')}`, location: withoutPasswords(this.shared.profile.path) };
  }

  async close(): Promise<void> {
    for (const session of [...this.shared.sessions]) await session.release();
    this.instance.closeSync();
  }
}

async function step(session: DuckdbSession, one: Step): Promise<void> {
  try {
    await session.run(one.sql, one.sql, 0, one.shown ?? one.sql);
  } catch (error) {
    throw new StepError(one, error);
  }
}

const isFile = (path: string): boolean => path !== ':memory:' && !/^[a-z][a-z0-9+.-]+:/i.test(path);

/** Opens a DuckDB database; throws a DiagnosticError that says why it cannot. */
export async function openWarehouse(target: Target, options: ConnectOptions): Promise<Warehouse> {
  const profile = readProfile(target, options.directory);
  if (options.createFolder && isFile(profile.path)) mkdirSync(dirname(profile.path), { recursive: true });
  if (isFile(profile.path)) assertDuckdb(profile.path);
  const config: Record<string, string> = {
    ...profile.config,
    ...(options.readOnly && isFile(profile.path) && existsSync(profile.path) && { access_mode: 'READ_ONLY' }),
  };
  const { env = {}, tell } = options;
  for (const what of profile.python) tell?.(diagnostic('plugin-idle', { profile: profile.name, what }));
  if (profile.motherduck && !profile.motherduck.token && !env['MOTHERDUCK_TOKEN'] && !env['motherduck_token'])
    fail('motherduck-token', { profile: profile.name });
  const instance = await opened(profile, config, options);
  const warehouse = new DuckdbWarehouse(instance, new Shared(profile, options));
  try {
    await warehouse.setUp();
  } catch (error) {
    await warehouse.close();
    throw openError(error, profile, 'setup');
  }
  return warehouse;
}

/** DuckDB would download an extension for the files of some other databases; a profile's path is for its own. */
function assertDuckdb(path: string): void {
  const head = Buffer.alloc(12);
  try {
    const handle = openSync(path, 'r');
    try {
      if (readSync(handle, head, 0, head.length, 0) === 0) return;
    } finally {
      closeSync(handle);
    }
  } catch {
    // Not there, a folder, or not ours to read: the engine says which.
    return;
  }
  if (head.toString('latin1', 8, 12) !== 'DUCK') fail('database-not-duckdb', { path });
}

/** Tries until the file is free, waiting a little longer each time, up to `lockTimeout` milliseconds in all. */
async function opened(profile: DuckdbProfile, config: Record<string, string>, options: ConnectOptions): Promise<DuckDBInstance> {
  const { lockTimeout = 0, tell } = options;
  let waited = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      return await DuckDBInstance.create(profile.path, config);
    } catch (error) {
      const problem: OpenProblem = /(set|conflicting) lock/i.test(String(error)) ? 'locked' : 'open';
      const pause = Math.min(50 * 2 ** attempt, 1000, lockTimeout - waited);
      const again = problem === 'locked' ? pause > 0 : false;
      if (!again && attempt + 1 >= profile.connectAttempts) throw openError(error, profile, problem);
      if (again && waited === 0) tell?.(waiting(error, profile, lockTimeout));
      const rest = again ? pause : 1000 * 2 ** attempt;
      await new Promise((wake) => setTimeout(wake, rest));
      waited += rest;
    }
  }
}
