// One project on every engine: what the models, seeds, snapshots and tests come to must not depend on where they run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adapterFor } from '../../src/adapters/index.ts';
import type { Cell, QueryResult, Relation } from '../../src/sql/index.ts';
import { dml } from '../command.ts';
import { type Server, startServer } from './server.mjs';

const started = await startServer();
const server = started as Server;
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-engines-')));
const schema = `engines_${process.pid}`;
const ENGINES = ['duckdb', 'postgres'] as const;
type Engine = (typeof ENGINES)[number];

beforeAll(async () => {
  if ('reason' in started) return;
  fs.cpSync(path.join(import.meta.dirname, 'project'), dir, { recursive: true });
  const { host, port, user, password, database } = server;
  const outputs = {
    duckdb: { type: 'duckdb', path: path.join(dir, 'warehouse.duckdb'), schema, threads: 2 },
    postgres: { type: 'postgres', host, port, user, pass: password, dbname: database, schema, threads: 4 },
  };
  fs.writeFileSync(path.join(dir, 'profiles.yml'), JSON.stringify({ engines: { target: 'duckdb', outputs } }));
  if (await asking('postgres', async (ask) => Number((await ask(`select current_setting('server_version_num')`)).rows[0]?.[0]) < 150000)) {
    console.warn('SKIPPED (merge): the server is older than PostgreSQL 15');
    // Microbatch is a merge on Postgres.
    for (const name of ['orders_merge', 'orders_daily']) fs.rmSync(path.join(dir, `models/${name}.sql`), { force: true });
  }
});

afterAll(async () => {
  if (!('reason' in started)) {
    await asking(
      'postgres',
      async (ask) => void (await ask(`drop schema if exists ${schema} cascade; drop schema if exists ${schema}_dbt_test__audit cascade`)),
    );
    await server.stop();
  }
  fs.rmSync(dir, { recursive: true, force: true });
});

type Ask = (sql: string) => Promise<QueryResult['table']>;

async function asking<T>(engine: Engine, work: (ask: Ask, relations: readonly Relation[]) => Promise<T>): Promise<T> {
  const adapter = await adapterFor(engine);
  if (!adapter) throw new Error(`no adapter for ${engine}`);
  const settings = JSON.parse(fs.readFileSync(path.join(dir, 'profiles.yml'), 'utf8')).engines.outputs[engine];
  const database = engine === 'duckdb' ? 'warehouse' : server.database;
  const target = { profileName: 'engines', name: engine, type: engine, threads: 1, database, schema, settings: { ...settings, password: settings.pass } };
  const warehouse = await adapter.connect(target, { directory: dir });
  try {
    const session = await warehouse.session('test');
    const relations = (await session.answer({ kind: 'relations', database, schema })) as readonly Relation[];
    return await work(async (sql) => ((await session.answer({ kind: 'query', sql })) as QueryResult).table, relations);
  } finally {
    await warehouse.close();
  }
}

/** A snapshot with the strategy `check` knows no time of change but that of the run which saw it, and its ids are hashes over that; a ledger notes when. */
const CLOCKED: Readonly<Record<string, readonly string[]>> = {
  by_value: ['dbt_scd_id', 'dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to'],
  orders_daily__dml_batches: ['finished_at'],
};

/** Every relation: its kind, columns and rows, in an order that no engine decides. */
function contents(engine: Engine): Promise<Readonly<Record<string, unknown>>> {
  return asking(engine, async (ask, relations) => {
    const out: Record<string, unknown> = {};
    for (const r of relations) {
      const name = r.identifier ?? '';
      const { columns, rows } = await ask(`select * from ${schema}.${name}`);
      const told = (cell: Cell, i: number): unknown => {
        const column = columns[i];
        if (CLOCKED[name]?.includes(column?.name ?? '')) return cell === null ? null : 'a time';
        // Engines differ in how many of a decimal's zeros they print.
        return column?.type === 'decimal' ? Number(cell) : cell;
      };
      out[name] = { type: r.type, columns: columns.map((c) => c.name), rows: rows.map((row) => JSON.stringify(row.map(told))).sort() };
    }
    return out;
  });
}

interface Result {
  readonly unique_id: string;
  readonly status: string;
}

async function build(engine: Engine, day: number, ...more: readonly string[]): Promise<readonly string[]> {
  const outcome = await dml(['build', '--target', engine, '--vars', `{day: ${day}}`, ...more], dir);
  expect(outcome, outcome.stdout).toMatchObject({ code: 0 });
  const { results } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as { results: readonly Result[] };
  return results.map((r) => `${r.unique_id} ${r.status}`).sort();
}

describe.skipIf('reason' in started)('one project on DuckDB and Postgres', () => {
  test.each([1, 2, 3])('day %i: the same statuses and contents', async (day) => {
    const statuses = await build('postgres', day);
    expect(statuses).toEqual(await build('duckdb', day));
    const there = await contents('postgres');
    expect(there).toEqual(await contents('duckdb'));
    expect(Object.keys(there).length).toBeGreaterThan(10);
  });

  test('the last day once more changes nothing but the log of the hooks', async () => {
    for (const engine of ENGINES) {
      const { audit, ...before } = await contents(engine);
      await build(engine, 3);
      const { audit: longer, ...after } = await contents(engine);
      expect(after).toEqual(before);
      expect((longer as { rows: string[] }).rows.length).toBe((audit as { rows: string[] }).rows.length + 4);
    }
  });

  test('rebuilt from nothing, the tables are the same on both', async () => {
    for (const engine of ENGINES) await build(engine, 3, '--full-refresh');
    expect(await contents('postgres')).toEqual(await contents('duckdb'));
  });

  test('Postgres keeps indexes, comments and constraints, and no helper is left behind', async () => {
    const found = await asking('postgres', async (ask) => {
      const indexes = await ask(`select indexdef from pg_indexes where schemaname = '${schema}' and tablename = 'orders_table'`);
      const comments = await ask(`select obj_description('${schema}.orders_table'::regclass), col_description('${schema}.orders_table'::regclass, 1)`);
      const constraints = await ask(
        `select contype::text from pg_constraint where conrelid = '${schema}.totals'::regclass and contype in ('p', 'c') order by 1`,
      );
      const helpers = await ask(`select relname from pg_class where relname like '%\\_\\_dbt\\_%' and relkind in ('r', 'v')`);
      return { indexes: indexes.rows, comments: comments.rows, constraints: constraints.rows, helpers: helpers.rows };
    });
    expect(found.indexes).toEqual([[expect.stringMatching(/^CREATE UNIQUE INDEX .* USING btree \(order_id\)$/)]]);
    expect(found.comments).toEqual([[`The orders' last state; it's "here" & $now$`, 'Number of the order']]);
    expect(found.constraints).toEqual([['c'], ['p']]);
    expect(found.helpers).toEqual([]);
  });

  test('a statement that fails leaves the table as it was, and says where', async () => {
    const file = path.join(dir, 'models/totals.sql');
    const sql = fs.readFileSync(file, 'utf8');
    const before = (await contents('postgres'))['totals'];
    fs.writeFileSync(file, sql.replace('sum(amount)', 'sum(amounts)'));
    const outcome = await dml(['run', '--target', 'postgres', '--select', 'totals', '--vars', '{day: 3}'], dir);
    fs.writeFileSync(file, sql);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/column "amounts" does not exist[\s\S]*models\/totals\.sql:2:\d+/);
    expect((await contents('postgres'))['totals']).toEqual(before);
  });

  test('the catalogue and the connection', async () => {
    expect((await dml(['docs', 'generate', '--target', 'postgres'], dir)).code).toBe(0);
    const catalog = JSON.parse(fs.readFileSync(path.join(dir, 'target/catalog.json'), 'utf8'));
    expect(catalog.nodes['model.engines.orders_table']).toMatchObject({
      metadata: { type: 'BASE TABLE', owner: server.user, comment: `The orders' last state; it's "here" & $now$` },
      columns: { order_id: { type: 'integer', comment: 'Number of the order' } },
    });
    const debug = await dml(['debug', '--target', 'postgres'], dir);
    expect(debug.stdout).toMatch(/PostgreSQL \d+/);
    expect(debug.stdout).not.toContain(server.password);
  });
});
