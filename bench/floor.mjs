// The floor: the synthetic project's SQL, rendered by plain text replacement, run statement by statement on one DuckDB connection.
// No compiler that runs the same statements one after another can go under it. usage: node bench/floor.mjs PROJECT_DIR DB_FILE
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const [dir, file] = process.argv.slice(2);

const models = fs
  .readdirSync(path.join(dir, 'models'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sql'))
  .map((name) => ({
    name: path.basename(name, '.sql'),
    index: Number(name.match(/_(\d+)\.sql$/)[1]),
    kind: name.startsWith('marts') ? 'table' : 'view',
    sql: render(fs.readFileSync(path.join(dir, 'models', name), 'utf8')),
  }))
  .sort((a, b) => a.index - b.index);

function render(text) {
  return text
    .replace(/\{\{ config.*?\}\}\n/, '')
    .replace(/\{\{ ref\('(\w+)'\) \}\}/g, '"$1"')
    .replace(/\{\{ cents_to_dollars\('amount'\) \}\}/, 'round(amount / 100.0, 2)')
    .replace(/\{\{ pick\(\[.*?\]\) \}\}/, 'id, customer_id, amount, created_at')
    .replace(/\{% if.*?%\}.*?\{% endif %\}/, '');
}

const seconds = {};
let last = performance.now();
const lap = (name) => {
  seconds[name] = (performance.now() - last) / 1000;
  last = performance.now();
};

const database = await (await DuckDBInstance.create(file)).connect();
lap('open');
for (const seed of fs.readdirSync(path.join(dir, 'seeds'))) {
  await database.run(`create or replace table "${path.basename(seed, '.csv')}" as select * from read_csv('${path.join(dir, 'seeds', seed)}')`);
}
lap('seeds');
for (const { name, kind, sql } of models) await database.run(`create or replace ${kind} "${name}" as ${sql}`);
lap('models');
let tests = 0;
for (const { name, index } of models) {
  if (index % 2 !== 0) continue;
  await database.run(`select count(*) from "${name}" where id is null`);
  await database.run(`select count(*) from (select id from "${name}" group by 1 having count(*) > 1)`);
  tests += 2;
}
lap('tests');
database.closeSync();
console.log(JSON.stringify({ models: models.length, tests, seconds }));
