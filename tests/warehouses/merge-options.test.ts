// Every option and clause of `merge` on DuckDB: the rows are those that dbt-duckdb leaves (tests/cases/materializations/make_merge.py).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { Shop } from '../units/materializations/kit.ts';

interface Case {
  readonly name: string;
  readonly config: string;
  /** The query of the second run, where it is not that of the others. */
  readonly second?: string;
  readonly status: string;
  readonly columns: readonly string[];
  readonly rows: readonly unknown[][];
}

const file = path.join(import.meta.dirname, '../cases/materializations/merge.json');
const golden = JSON.parse(fs.readFileSync(file, 'utf8')) as { readonly first: string; readonly second: string; readonly cases: readonly Case[] };
const shop = new Shop();
const statuses = new Map<string, string>();

beforeAll(async () => {
  const dir = shop.directory;
  fs.mkdirSync(path.join(dir, 'models'));
  fs.writeFileSync(path.join(dir, 'dbt_project.yml'), 'name: shop\nprofile: shop\n');
  fs.writeFileSync(path.join(dir, 'profiles.yml'), 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 2}}}\n');
  for (const { name, config, second = golden.second } of golden.cases) {
    const text = `{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', ${config}) }}`;
    fs.writeFileSync(path.join(dir, `models/${name}.sql`), `${text}\n{% if is_incremental() %}\n${second}\n{% else %}\n${golden.first}\n{% endif %}\n`);
  }
  expect((await dml(['run', '--quiet'], dir)).code).toBe(0);
  expect((await dml(['run', '--quiet'], dir)).code).toBe(1);
  const { results } = JSON.parse(fs.readFileSync(path.join(dir, 'target/run_results.json'), 'utf8')) as { results: { unique_id: string; status: string }[] };
  for (const r of results) statuses.set(r.unique_id.split('.').at(-1) ?? '', r.status);
}, 60_000);
afterAll(async () => {
  await shop.close();
  fs.rmSync(path.join(os.tmpdir(), path.basename(shop.directory)), { recursive: true, force: true });
});

test.each(golden.cases.map((c) => [c.name, c] as const))('%s', async (name, wanted) => {
  const columns = await shop.rows(`select column_name from duckdb_columns() where table_name = '${name}' order by column_index`);
  expect({ status: statuses.get(name), columns: columns.map((c) => c[0]), rows: await shop.rows(`select * from ${name} order by all`) }).toEqual({
    status: wanted.status,
    columns: wanted.columns,
    rows: wanted.rows,
  });
});
