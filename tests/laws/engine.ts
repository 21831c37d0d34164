// What the laws run on: a database of its own, driven by the real programs through a real session.
import { adapterFor, type Session, type Warehouse } from '../../src/adapters/index.ts';
import { drive } from '../../src/run/drive.ts';
import { type Cell, type Dialect, duckdb, postgres, type QueryResult } from '../../src/sql/index.ts';
import { diagnosed, type Given, program } from '../units/materializations/kit.ts';
import { type Server, startServer } from '../warehouses/server.mjs';

export type Rows = readonly (readonly Cell[])[];

/** One engine with an empty schema. */
export interface Engine {
  readonly name: string;
  readonly dialect: Dialect;
  /** Whether it knows the statement `merge`: Postgres does since version 15. */
  readonly merges: boolean;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<Rows>;
  build(given: Given): Promise<void>;
  /** The code of the diagnostic that a build ends with. */
  refused(given: Given): Promise<string>;
  close(): Promise<void>;
}

async function engineOf(dialect: Dialect, settings: Readonly<Record<string, unknown>>, database: string, stop: () => Promise<void>): Promise<Engine> {
  const adapter = await adapterFor(dialect.name);
  if (!adapter) throw new Error(`no adapter for ${dialect.name}`);
  const schema = `laws_${process.pid}`;
  const target = { profileName: 'laws', name: dialect.name, type: dialect.name, threads: 1, database, schema, settings: { ...settings, schema } };
  const warehouse: Warehouse = await adapter.connect(target, { directory: '.' });
  const session: Session = await warehouse.session('laws');
  const run = async (sql: string): Promise<void> => void (await session.answer({ kind: 'execute', sql }));
  const ask = async (sql: string): Promise<Rows> => ((await session.answer({ kind: 'query', sql })) as QueryResult).table.rows;
  const merges = dialect.name === 'duckdb' || Number((await ask(`select current_setting('server_version_num')`))[0]?.[0]) >= 150_000;
  if (!merges) console.warn('SKIPPED: this server has no `merge`, which came with PostgreSQL 15');
  await run(`create schema ${schema}`);
  await run(dialect.name === 'duckdb' ? `set schema = '${schema}'` : `set search_path = ${schema}`);
  const placed = (given: Given): Given => ({ ...given, dialect, database, schema });
  return {
    name: dialect.name,
    dialect,
    merges,
    run,
    rows: ask,
    build: async (given) => void (await drive(program(placed(given)), session)),
    refused: async (given) => (await diagnosed(drive(program(placed(given)), session))).code,
    async close() {
      await run(`drop schema ${schema} cascade`);
      await warehouse.close();
      await stop();
    },
  };
}

/** A database in memory, and the test server where there is one (a missing one is told loudly by `startServer`). */
export async function engines(): Promise<readonly Engine[]> {
  const memory = await engineOf(duckdb, { type: 'duckdb', path: ':memory:' }, 'memory', async () => undefined);
  const server = await startServer();
  if ('reason' in server) return [memory];
  const { host, port, user, password, database, stop } = server as Server;
  const settings = { type: 'postgres', host, port, user, password, dbname: database };
  return [memory, await engineOf(postgres, settings, database, stop)];
}
