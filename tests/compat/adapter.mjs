// npm run compat:adapter -- duckdb|postgres [-k EXPR] [--suite DIR] [PYTEST ARGUMENTS]
// Runs dbt's own adapter tests (the package dbt-tests-adapter) with dml in the place of dbt. The harness that puts a command line program behind those tests
// is no part of this repository: DML_COMPAT_SUITE, or --suite, names its directory, which holds `run.sh`. DML_TEST_PYTHON is the Python that has dbt and the
// tests installed; without it one is made in the cache. Postgres: an own server is started, or DML_TEST_POSTGRES=postgres://... names one, whose user must
// be a superuser. RESULTS=FILE keeps the outcome of each test class; JOBS=N runs so many at a time (2).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { adapterTests } from '../../bench/peers.mjs';
import { startServer } from '../warehouses/server.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const TARGETS = ['duckdb', 'postgres'];
const ROLES = [1, 2, 3].map((n) => `dbt_test_user_${n}`);
// Seven of the tests expect to be connected under this name.
const USER = 'root';

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
  if ('reason' in server) return;
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
  const server = await startServer(['max_connections=200']);
  if ('reason' in server) return server;
  const { stop, ...connection } = server;
  await prepare(connection);
  const { host, port, password } = connection;
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: USER, PGPASSWORD: password, PGDATABASE: 'dbt' };
  return { env, stop };
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
    if (!roles.has(USER)) await client.query(`create role ${USER} superuser login password ${client.escapeLiteral(connection.password)}`);
  } finally {
    await client.end();
  }
}

await main();
