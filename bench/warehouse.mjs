// node bench/warehouse.mjs [--only seed,merge] [--engines duckdb,postgres] [--runs 5] [--seed-rows 1000000] [--rows 10000000] [--changes 100000] [--dml PATH]
// Times what dml has the database do against the same work typed by hand, in turn in every round, and prints the medians of the ratios. Writes them into
// bench/results.json, under `warehouse`. `npm run bench -- --only seed,merge` comes here too.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServer } from '../tests/warehouses/server.mjs';
import { median, readResults, record, round3 } from './kit.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = parseArgs({
  options: {
    only: { type: 'string', default: 'seed,merge' },
    engines: { type: 'string', default: 'duckdb,postgres' },
    runs: { type: 'string', default: '5' },
    'seed-rows': { type: 'string', default: '1000000' },
    rows: { type: 'string', default: '10000000' },
    changes: { type: 'string', default: '100000' },
    dml: { type: 'string', default: path.join(root, 'bin/dml.cjs') },
    out: { type: 'string', default: path.join(root, 'bench/results.json') },
  },
}).values;
const count = (name) => Number(options[name]);
const wanted = (list, name) => options[list].split(',').includes(name);

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-bench-'));
// Room in memory and in the log, so that no checkpoint falls into one run and not into the other.
const ROOMY = ['shared_buffers=1GB', 'max_wal_size=16GB', 'checkpoint_timeout=1h', 'autovacuum=off'];
const started = wanted('engines', 'postgres') ? await startServer(ROOMY) : undefined;
const server = started && !('reason' in started) ? started : undefined;
const engines = ['duckdb', 'postgres'].filter((name) => wanted('engines', name) && (name === 'duckdb' || server));
const env = { ...process.env, DO_NOT_TRACK: '1', NO_COLOR: '1', PGPASSWORD: server?.password ?? '' };
// With a server that is at hand anyway comes its own client.
const PSQL = 'psql';
const psql = spawnSync(PSQL, ['--version'], { encoding: 'utf8' }).stdout?.trim();

function run(command, ...args) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: work, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ').slice(0, 200)}: ${error ?? ''}${stderr}${stdout}`);
  return { seconds: (performance.now() - start) / 1000, stdout };
}

const client = { host: server?.host, port: server?.port, user: server?.user, password: server?.password, database: server?.database };
const place = { duckdb: { duckdb: path.join(work, 'warehouse.duckdb') }, postgres: { postgres: client } };
/** Seconds of the last statement, and of the whole process. */
function typed(engine, ...statements) {
  const { seconds, stdout } = run(process.execPath, path.join(root, 'bench/typed.mjs'), JSON.stringify(place[engine]), ...statements);
  return { statement: Number(stdout), whole: seconds };
}

/** Seconds of the node as dml reports them, and of the whole process. */
function dml(engine, ...argv) {
  const { seconds } = run(process.execPath, options.dml, ...argv, '--quiet', '--target', engine);
  const { results } = JSON.parse(fs.readFileSync(path.join(work, 'target/run_results.json'), 'utf8'));
  return { statement: results[0].execution_time, whole: seconds };
}

function writeProject() {
  const postgres = {
    type: 'postgres',
    host: client.host,
    port: client.port,
    user: client.user,
    password: client.password || 'none',
    dbname: client.database,
    schema: 'bench',
    threads: 1,
  };
  const outputs = { duckdb: { type: 'duckdb', path: 'warehouse.duckdb', schema: 'bench', threads: 1 }, postgres };
  const files = {
    'dbt_project.yml': 'name: bench\nprofile: bench\n',
    'profiles.yml': JSON.stringify({ bench: { target: 'duckdb', outputs } }),
    'models/orders.sql': "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}\nselect * from {{ target.schema }}.changes\n",
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
    fs.writeFileSync(path.join(work, name), text);
  }
}

const COLUMNS = ['id integer', 'customer_id integer', 'quantity integer', 'price double precision', 'discount double precision'];
const MORE = ['ordered_on date', 'changed_at timestamp', 'paid boolean', 'status text', 'note text'];
const STATUSES = ['placed', 'shipped', 'delivered', 'returned'];
const two = (n) => String(n).padStart(2, '0');

function writeSeed(rows) {
  fs.mkdirSync(path.join(work, 'seeds'));
  const file = path.join(work, 'seeds/lines.csv');
  const out = fs.openSync(file, 'w');
  fs.writeSync(out, `${[...COLUMNS, ...MORE].map((c) => c.split(' ')[0]).join(',')}\n`);
  let text = '';
  for (let i = 1; i <= rows; i++) {
    const r = Math.imul(i, 2654435761) >>> 0;
    const day = `2025-${two(1 + ((r >>> 5) % 12))}-${two(1 + (r % 28))}`;
    text += `${i},${r % 50000},${(r % 9) + 1},${((r % 100000) / 100).toFixed(2)},${((r % 7) / 20).toFixed(2)},${day},${day} ${two(r % 24)}:05:09,${r % 3 === 0},${STATUSES[r % 4]},note number ${r % 1000}\n`;
    if (i % 10_000 === 0 || i === rows) {
      fs.writeSync(out, text);
      text = '';
    }
  }
  fs.closeSync(out);
  return file;
}

/** One line of the results: dml's and the other's seconds, run in turn; `of` says which seconds. */
function compare({ name, engine, other, goal, of, ours, theirs, after = () => undefined }) {
  const pairs = [];
  // The first of each fills caches and counts for nothing.
  for (let i = -1; i < count('runs'); i++) {
    // Neither is always the one that finds the disk warm.
    const first = i % 2 === 0 ? ours : theirs;
    const a = first();
    after();
    const b = (first === ours ? theirs : ours)();
    after();
    if (i >= 0) pairs.push(first === ours ? [a[of], b[of]] : [b[of], a[of]]);
  }
  const line = {
    name,
    engine,
    other,
    goal,
    dml: round3(median(pairs.map((p) => p[0]))),
    hand: round3(median(pairs.map((p) => p[1]))),
    ratio: round3(median(pairs.map((p) => p[0] / p[1]))),
    runs: pairs.length,
  };
  console.log(
    `${name}, ${engine}: dml ${line.dml} s, ${other} ${line.hand} s, ratio ${line.ratio} (goal: at most ${goal}) ${line.ratio <= goal ? 'reached' : 'MISSED'}`,
  );
  return line;
}

function seedOn(engine, file) {
  const make = ['create schema if not exists hand', 'drop table if exists hand.lines'];
  const table = `create table hand.lines (${[...COLUMNS, ...MORE].join(', ')})`;
  const name = `seed of ${count('seed-rows').toLocaleString('en')} rows x 10 columns`;
  const shared = { name, engine, goal: 1.3, of: 'whole', ours: () => dml(engine, 'seed', '--full-refresh') };
  if (engine === 'duckdb')
    return compare({ ...shared, other: 'read_csv', theirs: () => typed(engine, ...make, `create table hand.lines as select * from read_csv('${file}')`) });
  if (!psql) return compare({ ...shared, other: 'COPY (node-postgres)', theirs: () => typed(engine, ...make, table, `copy hand.lines from '${file}'`) });
  const commands = [...make, table, `\\copy hand.lines from '${file}' with (format csv, header)`].flatMap((c) => ['-c', c]);
  const theirs = () => ({ whole: run(PSQL, '-q', '-h', client.host, '-p', String(client.port), '-U', client.user, client.database, ...commands).seconds });
  return compare({ ...shared, other: psql.replace(/^(psql).*?(\d+\.\d+).*$/, 'COPY ($1 $2)'), theirs });
}

function mergeOn(engine) {
  const rows = count('rows');
  const changes = count('changes');
  const series = (n) => (engine === 'duckdb' ? `range(1, ${n + 1}) as s(n)` : `generate_series(1, ${n}) as s(n)`);
  const columns =
    "cast(i * 7919 % 500000 as integer) as customer_id, cast(i % 9 + 1 as integer) as quantity, cast(i % 10000 as double precision) / 100 as amount, 'state ' || i % 4 as status, " +
    "timestamp '2025-01-01' + i % 500000 * interval '1 minute' as changed_at";
  typed(
    engine,
    'create schema if not exists bench',
    'drop table if exists bench.orders',
    'drop table if exists bench.changes',
    `create table bench.orders as select i as id, ${columns} from (select cast(n as bigint) as i from ${series(rows)}) as t`,
    // Half of them are there, half are new.
    `create table bench.changes as select i as id, ${columns} from (select cast(case when n % 2 = 0 then n * ${Math.floor(rows / changes)} else ${rows} + n end as bigint) as i from ${series(changes)}) as t`,
    ...(engine === 'postgres' ? ['analyze bench.orders', 'analyze bench.changes'] : ['checkpoint']),
  );
  const names = ['id', 'customer_id', 'quantity', 'amount', 'status', 'changed_at'];
  const merge =
    'merge into bench.orders as o using (select * from bench.changes) as c on c.id = o.id ' +
    `when matched then update set ${names.map((n) => `${n} = c.${n}`).join(', ')} when not matched then insert (${names.join(', ')}) values (${names.map((n) => `c.${n}`).join(', ')})`;
  return compare({
    name: `merge of ${changes.toLocaleString('en')} rows into ${rows.toLocaleString('en')}`,
    engine,
    other: 'the statement',
    goal: 1.1,
    of: 'statement',
    ours: () => dml(engine, 'run'),
    theirs: () => typed(engine, merge),
    after: () => typed(engine, `delete from bench.orders where id > ${rows}`, engine === 'postgres' ? 'vacuum bench.orders' : 'checkpoint'),
  });
}

const load = [os.loadavg()[0]];
const lines = [];
try {
  writeProject();
  if (wanted('only', 'seed')) {
    const file = writeSeed(count('seed-rows'));
    for (const engine of engines) lines.push(seedOn(engine, file));
  }
  if (wanted('only', 'merge')) for (const engine of engines) lines.push(mergeOn(engine));
} finally {
  await server?.stop();
  fs.rmSync(work, { recursive: true, force: true });
}
load.push(os.loadavg()[0]);

const kept = (readResults(options.out).warehouse?.lines ?? []).filter((old) => !lines.some((line) => line.name === old.name && line.engine === old.engine));
const warehouse = { date: new Date().toISOString().slice(0, 10), load: load.map(round3), lines: [...kept, ...lines] };
record(options.out, { warehouse });
