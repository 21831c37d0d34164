// node bench/unit.mjs [--tests 200] [--runs 5] [--dml PATH]
// Times `dml test --select test_type:unit`, the whole process, on a project of 50 models with unit tests of three inputs each: in memory, without a database,
// and on the target, in turn in every round. Writes the medians into bench/results.json, under `unit`. `npm run bench -- --only unit` comes here too.
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
    tests: { type: 'string', default: '200' },
    runs: { type: 'string', default: '5' },
    dml: { type: 'string', default: path.join(root, 'bin/dml.cjs') },
    out: { type: 'string', default: path.join(root, 'bench/results.json') },
  },
}).values;
const tests = Number(options.tests);
/** Seconds. */
const GOAL = 2;
/** Three models that are read and two that are tested in each. */
const FAMILIES = 10;

const numbers = (n) => Array.from({ length: n }, (_, i) => i);
const mart = (family) => `with orders as (select * from {{ ref('orders_${family}') }} where status != 'returned'),
payments as (select order_id, sum(paid) as paid from {{ ref('payments_${family}') }} group by order_id)
select c.id as customer_id, c.name, count(o.id) as orders, coalesce(sum(o.amount), 0) as amount, max(o.ordered_on) as last_order, sum(p.paid) as paid
from {{ ref('customers_${family}') }} c
left join orders o on o.customer_id = c.id
left join payments p on p.order_id = o.id
group by c.id, c.name
`;
const models = {};
for (const family of numbers(FAMILIES)) {
  models[`orders_${family}`] = "select 1 as id, 10 as customer_id, 2.5::decimal(9, 2) as amount, date '2026-01-01' as ordered_on, 'placed' as status\n";
  models[`customers_${family}`] = "select 10 as id, 'Ann' as name, timestamp '2026-01-01 10:00:00' as created_at, true as active\n";
  models[`payments_${family}`] = "select 1 as id, 1 as order_id, 'card' as method, 2.5::double as paid\n";
  models[`mart_${family}a`] = mart(family);
  models[`mart_${family}b`] = mart(family);
}

function unitTest(i) {
  const family = i % FAMILIES;
  return {
    name: `test_${i}`,
    model: `mart_${family}${i % (2 * FAMILIES) < FAMILIES ? 'a' : 'b'}`,
    given: [
      { input: `ref('customers_${family}')`, rows: ['Ann', 'Bob'].map((name, k) => ({ id: k + 1, name })) },
      {
        input: `ref('orders_${family}')`,
        rows: [
          { id: 1, customer_id: 1, amount: i + 0.5, ordered_on: '2026-01-02', status: 'placed' },
          { id: 2, customer_id: 1, amount: 1, ordered_on: '2026-01-03', status: 'returned' },
        ],
      },
      { input: `ref('payments_${family}')`, rows: [1.5, 2].map((paid) => ({ order_id: 1, paid })) },
    ],
    expect: {
      rows: [
        { customer_id: 1, name: 'Ann', orders: 1, amount: i + 0.5, last_order: '2026-01-02', paid: 3.5 },
        { customer_id: 2, name: 'Bob', orders: 0, amount: 0, last_order: null, paid: null },
      ],
    },
  };
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-unit-'));
fs.mkdirSync(path.join(work, 'models'));
const files = {
  'dbt_project.yml': 'name: bench\nprofile: bench\n',
  'profiles.yml': JSON.stringify({ bench: { target: 'duckdb', outputs: { duckdb: { type: 'duckdb', path: 'warehouse.duckdb', threads: 4 } } } }),
  'models/unit.yml': JSON.stringify({ unit_tests: numbers(tests).map(unitTest) }),
  ...Object.fromEntries(Object.entries(models).map(([name, sql]) => [`models/${name}.sql`, sql])),
};
for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(work, name), text);

const accounts = path.join(work, 'accounts');
const accounting = spawnSync('/usr/bin/time', ['-f', '%U %S', '-o', accounts, 'true']).status === 0;

/** Seconds of the whole process, on the wall and, where they can be told, of the processor. */
function dml(...argv) {
  const command = [...(accounting ? ['/usr/bin/time', '-f', '%U %S', '-o', accounts] : []), process.execPath, options.dml, ...argv, '--quiet'];
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { cwd: work, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}${stdout}`);
  const wall = (performance.now() - start) / 1000;
  if (!accounting) return { wall };
  const [user, system] = fs.readFileSync(accounts, 'utf8').trim().split(' ').map(Number);
  return { wall, cpu: user + system };
}

/** What a run of all unit tests takes, which must all pass. */
function timed(...more) {
  const taken = dml('test', '--select', 'test_type:unit', ...more);
  const { results } = JSON.parse(fs.readFileSync(path.join(work, 'target/run_results.json'), 'utf8'));
  const passed = results.filter((r) => r.status === 'pass').length;
  if (passed !== tests) throw new Error(`${passed} tests have passed instead of ${tests}`);
  return taken;
}

const load = [os.loadavg()[0]];
const pairs = [];
try {
  dml('run');
  // The first of each fills caches and counts for nothing.
  for (let i = -1; i < Number(options.runs); i++) {
    const pair = { memory: timed(), target: timed('--on-target') };
    if (i >= 0) pairs.push(pair);
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
load.push(os.loadavg()[0]);

const unit = {
  name: `${tests} unit tests of ${2 * FAMILIES} models, three inputs each`,
  engine: 'duckdb',
  goal: GOAL,
  memory: round3(median(pairs.map((p) => p.memory.wall))),
  least: round3(Math.min(...pairs.map((p) => p.memory.wall))),
  ...(accounting && { cpu: round3(median(pairs.map((p) => p.memory.cpu))) }),
  target: round3(median(pairs.map((p) => p.target.wall))),
  ratio: round3(median(pairs.map((p) => p.target.wall / p.memory.wall))),
  runs: pairs.length,
  load: load.map(round3),
};
console.log(
  `${unit.name}: ${unit.memory} s in memory (least ${unit.least} s, of the processor ${unit.cpu ?? '?'} s), ${unit.target} s on the target (goal: under ${GOAL} s) ${unit.memory < GOAL ? 'reached' : 'MISSED'}`,
);
record(options.out, { unit });
