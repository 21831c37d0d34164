// Statements as a person would type them, with the plainest client: node bench/typed.mjs '{"duckdb": FILE}' or '{"postgres": {...}}' STATEMENT...
// Prints the seconds that the last statement took. `copy TABLE from FILE` is a COPY of that file from this client.
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';

const [where, ...statements] = process.argv.slice(2);
const { duckdb, postgres } = JSON.parse(where);

async function onDuckdb() {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(duckdb);
  const connection = await instance.connect();
  return {
    run: (sql) => connection.run(sql),
    close: () => {
      connection.disconnectSync();
      instance.closeSync();
    },
  };
}

async function onPostgres() {
  const { default: pg } = await import('pg');
  const { from } = await import('pg-copy-streams');
  const client = new pg.Client(postgres);
  await client.connect();
  const run = async (sql) => {
    const [, table, file] = /^copy (\S+) from '(.+)'$/.exec(sql) ?? [];
    if (file === undefined) return client.query(sql);
    await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 18 }), client.query(from(`copy ${table} from stdin with (format csv, header)`)));
  };
  return { run, close: () => client.end() };
}

const { run, close } = await (duckdb === undefined ? onPostgres() : onDuckdb());
let seconds = 0;
for (const sql of statements) {
  const start = performance.now();
  await run(sql);
  seconds = (performance.now() - start) / 1000;
}
await close();
console.log(seconds);
