import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { dml } from '../command.ts';
import { type Server, startServer } from './server.mjs';

export type Engine = 'duckdb' | 'postgres';

/** A project's folder with a profile `p`, whose targets are a DuckDB file and, where one can be started, a real Postgres. */
export interface Both {
  readonly dir: string;
  /** The targets there are. */
  readonly engines: readonly Engine[];
  /** The schema on Postgres: one of its own for each process. */
  readonly schema: string;
  /** The Postgres server; undefined where none could be started. */
  readonly server: Server | undefined;
  /** Writes files of the project by their path. */
  readonly write: (files: Readonly<Record<string, string>>) => void;
  /** Drops the schema (and `others`), stops the server and deletes the folder. */
  readonly end: (...others: readonly string[]) => Promise<void>;
}

const DROP = '{% macro drop_own(name) %}{% do adapter.drop_schema(api.Relation.create(database=target.dbname, schema=name)) %}{% endmacro %}';

/** Begins a project called `name` (letters and underscores) on both engines. */
export async function onBoth(name: string, threads = 2): Promise<Both> {
  const started = await startServer();
  const server = 'reason' in started ? undefined : started;
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `dml-${name}-`)));
  const schema = `${name}_${process.pid}`;
  const postgres = server && { type: 'postgres', host: server.host, port: server.port, user: server.user, pass: server.password, dbname: server.database };
  const outputs = { duckdb: { type: 'duckdb', path: path.join(dir, 'w.duckdb'), threads }, ...(postgres && { postgres: { ...postgres, schema, threads } }) };
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
      fs.writeFileSync(path.join(dir, file), text);
    }
  };
  write({ 'profiles.yml': JSON.stringify({ p: { target: 'duckdb', outputs } }), 'macros/drop_own.sql': DROP });
  const end = async (...others: readonly string[]): Promise<void> => {
    if (server) {
      for (const owned of [schema, ...others]) {
        const { code, stdout, stderr } = await dml(['run-operation', 'drop_own', '--args', JSON.stringify({ name: owned }), '--target', 'postgres'], dir);
        expect(code, stdout + stderr).toBe(0);
      }
      await server.stop();
    }
    fs.rmSync(dir, { recursive: true, force: true });
  };
  return { dir, engines: server ? ['duckdb', 'postgres'] : ['duckdb'], schema, server, write, end };
}
