// node bench/scan.mjs [--rows 10000000] [--runs 3] [--dml PATH]
// Times `dml test`, the whole process, with 40 tests of the columns of one table on DuckDB: asked together, and with --no-batch each by itself, in turn in every
// round. Prints the median of the ratios and writes it into bench/results.json, under `scan`. `npm run bench -- --only scan` comes here too.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, record, round3 } from './kit.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    runs: { type: 'string', default: '3' },
    dml: { type: 'string', default: path.join(root, 'bin/dml.cjs') },
    out: { type: 'string', default: path.join(root, 'bench/results.json') },
  },
}).values;
const rows = Number(options.rows);
const GOAL = 5;

const words = (prefix, n) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
const letters = (n, length) =>
  Array.from({ length: n }, (_, i) => Array.from({ length }, (_, k) => String.fromCharCode(65 + (Math.floor(i / 26 ** k) % 26))).join(''));
/** Columns of few values, as a web shop's orders have them. */
const lists = {
  status: ['placed', 'paid', 'packed', 'shipped', 'delivered', 'returned'],
  channel: ['web', 'app', 'phone', 'store'],
  payment: words('method ', 8),
  carrier: words('carrier ', 12),
  warehouse: words('warehouse ', 40),
  currency: letters(30, 3),
  country: letters(60, 2),
  priority: ['low', 'normal', 'high'],
};
const literal = (values) => `[${values.map((v) => `'${v}'`).join(', ')}]`;
const table = `select
    i as order_id,
    ${rows} - i as invoice_no,
    cast(hash(i) % 500000 as integer) as customer_id,
    ${Object.entries(lists)
      .map(([name, values], k) => `${literal(values)}[1 + cast(hash(i * ${2 * k + 3}) % ${values.length} as integer)] as ${name}`)
      .join(',\n    ')},
    'SKU-' || cast(1000 + hash(i * 5) % 1500 as integer) as sku,
    'user' || cast(hash(i * 7) % 500000 as integer) || '@example.com' as email,
    cast(1 + hash(i * 11) % 9 as integer) as quantity,
    cast(hash(i * 13) % 100000 as decimal(12, 2)) / 100 as amount,
    cast(hash(i * 17) % 40 as double) / 100 as discount,
    timestamp '2024-01-01' + i * interval 5 second as ordered_at
  from range(${rows}) as r(i)`;

const test = (name, args) => ({ [name]: { arguments: args } });
/** 40 tests: 11 for nulls, 2 for keys, 8 for lists of values, 6 for ranges, 9 for texts, 4 for numbers of the whole table. */
const columns = {
  order_id: ['not_null', 'unique', test('accepted_range', { min_value: 0 })],
  invoice_no: ['not_null', 'unique'],
  customer_id: ['not_null', test('accepted_range', { min_value: 0, max_value: 1_000_000 })],
  status: ['not_null', 'not_empty_string'],
  channel: ['not_null', 'not_empty_string'],
  carrier: ['not_empty_string'],
  currency: ['not_null', test('accepted_regex', { regex: '^[A-Z]{3}$' })],
  country: ['not_null', test('accepted_length', { min_value: 2, max_value: 2 }), test('accepted_regex', { regex: '^[A-Z]{2}$' })],
  sku: ['not_null', test('accepted_regex', { regex: '^SKU-\\d{4}$' }), 'not_empty_string'],
  email: ['not_null', test('accepted_like', { pattern: '%@%' }), test('null_proportion_between', { max_value: 0.05 })],
  quantity: [test('accepted_range', { min_value: 1, max_value: 9 }), test('mean_between', { min_value: 1, max_value: 9 })],
  amount: ['not_null', test('accepted_range', { min_value: 0, max_value: 1000 }), test('sum_between', { min_value: 0 })],
  discount: [test('accepted_range', { min_value: 0, max_value: 1 }), test('maximum_between', { max_value: 0.5 })],
  ordered_at: ['not_null', test('accepted_range', { min_value: "timestamp '2024-01-01'" })],
};
for (const [name, values] of Object.entries(lists)) columns[name] = [...(columns[name] ?? []), test('accepted_values', { values })];

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-scan-'));
const files = {
  'dbt_project.yml': 'name: bench\nprofile: bench\n',
  'profiles.yml': JSON.stringify({ bench: { target: 'duckdb', outputs: { duckdb: { type: 'duckdb', path: 'warehouse.duckdb', threads: 4 } } } }),
  'models/orders.sql': `{{ config(materialized='table') }}\n${table}\n`,
  'models/orders.yml': JSON.stringify({ models: [{ name: 'orders', columns: Object.entries(columns).map(([name, data_tests]) => ({ name, data_tests })) }] }),
};
fs.mkdirSync(path.join(work, 'models'));
for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(work, name), text);

/** Seconds of the whole process. */
function dml(...argv) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.dml, ...argv, '--quiet'], {
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}${stdout}`);
  return (performance.now() - start) / 1000;
}

const load = [os.loadavg()[0]];
const pairs = [];
try {
  dml('run');
  // The first of each fills caches and counts for nothing.
  for (let i = -1; i < Number(options.runs); i++) {
    const together = dml('test');
    const { results } = JSON.parse(fs.readFileSync(path.join(work, 'target/run_results.json'), 'utf8'));
    if (results.length !== 40) throw new Error(`${results.length} tests instead of 40`);
    const alone = dml('test', '--no-batch');
    if (i >= 0) pairs.push({ together, alone });
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
load.push(os.loadavg()[0]);

const scan = {
  name: `40 tests of a table of ${rows.toLocaleString('en')} rows`,
  engine: 'duckdb',
  goal: GOAL,
  together: round3(median(pairs.map((p) => p.together))),
  alone: round3(median(pairs.map((p) => p.alone))),
  ratio: round3(median(pairs.map((p) => p.alone / p.together))),
  runs: pairs.length,
  load: load.map(round3),
};
console.log(
  `${scan.name}: together ${scan.together} s, each by itself ${scan.alone} s, ${scan.ratio} x faster (goal: at least ${GOAL}) ${scan.ratio >= GOAL ? 'reached' : 'MISSED'}`,
);
record(options.out, { scan });
