// Ctrl-C while Postgres works: the statement is stopped on the server, not only forgotten here, and nothing of it stays.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { install } from '../command.ts';
import { type Server, startServer } from './server.mjs';

const started = await startServer();
const server = started as Server;
const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-cancel-')));
const schema = `cancel_${process.pid}`;
let home: string | undefined;

afterAll(async () => {
  if (home !== undefined) fs.rmSync(home, { recursive: true, force: true });
  fs.rmSync(dir, { recursive: true, force: true });
  if (!('reason' in started)) await server.stop();
});

describe.skipIf('reason' in started)('Ctrl-C', () => {
  test('cancels the statements of every session on the server, and the old table is still there', { timeout: 120_000 }, async () => {
    const { host, port, user, password, database } = server;
    const output = { type: 'postgres', host, port, user, pass: password, dbname: database, schema, threads: 2, application_name: schema };
    fs.mkdirSync(path.join(dir, 'models'));
    fs.writeFileSync(path.join(dir, 'profiles.yml'), JSON.stringify({ shop: { target: 'dev', outputs: { dev: output } } }));
    fs.writeFileSync(path.join(dir, 'dbt_project.yml'), 'name: shop\nprofile: shop\nmodels:\n  +materialized: table\n');
    for (const name of ['a', 'b']) fs.writeFileSync(path.join(dir, `models/slow_${name}.sql`), 'select 2 as id, pg_sleep(600)::text as nothing');
    home = install();
    const admin = new pg.Client({ host, port, user, password, database });
    await admin.connect();
    try {
      await admin.query(`create schema ${schema}; create table ${schema}.slow_a as select 1 as id`);
      const child = spawn(path.join(home, 'bin/dml'), ['run'], {
        cwd: dir,
        env: { PATH: process.env['PATH'], HOME: dir },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let shown = '';
      child.stdout.on('data', (text: Buffer) => {
        shown += text.toString();
      });
      const exit = once(child, 'exit');
      const active = async (): Promise<number> => {
        const sql = `select count(*)::int as n from pg_stat_activity where application_name = $1 and state = 'active' and query like '%pg_sleep(600)%'`;
        return (await admin.query(sql, [schema])).rows[0].n;
      };
      while ((await active()) < 2 && child.exitCode === null) await admin.query('select pg_sleep(0.05)');
      expect(await active(), shown).toBe(2);
      child.kill('SIGINT');
      expect((await exit)[0], shown).toBe(1);
      while ((await admin.query('select 1 from pg_stat_activity where application_name = $1', [schema])).rowCount) await admin.query('select pg_sleep(0.05)');
      expect(await active()).toBe(0);
      const left = await admin.query(`select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = $1`, [schema]);
      expect(left.rows).toEqual([{ relname: 'slow_a' }]);
      expect((await admin.query(`select id from ${schema}.slow_a`)).rows).toEqual([{ id: 1 }]);
    } finally {
      await admin.query(`drop schema if exists ${schema} cascade`);
      await admin.end();
    }
  });
});
