// `dml docs generate` on the example project: the folder, the single file, sites of artifacts.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemaOf } from '../../src/docs/data/schema.ts';
import { shardOf } from '../../src/docs/data/shard.ts';
import type { IndexFile, ListFile, NodesFile, TestsFile } from '../../src/docs/data/types.ts';
import { dml } from '../command.ts';
import { copyExample } from '../example.ts';
import { dml as dmlIn, folder } from '../units/cli/world.ts';

const dir = copyExample();
const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-site-'));
const at = (...names: readonly string[]) => path.join(dir, 'target', ...names);
const read = <T>(file: string) => JSON.parse(fs.readFileSync(file, 'utf8')) as T;

function filesOf(folder: string): ReadonlyMap<string, string> {
  const names = fs.readdirSync(path.join(folder, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  return new Map(names.map((name) => [`data/${name}`, fs.readFileSync(path.join(folder, 'data', name), 'utf8')]));
}

function page(folder: string, id: string) {
  const index = read<IndexFile>(path.join(folder, 'data/index.json'));
  return read<NodesFile>(path.join(folder, `data/nodes/${shardOf(id, index.shards.nodes)}.json`)).nodes[id];
}

beforeAll(async () => {
  fs.mkdirSync(path.join(dir, 'pictures'));
  fs.writeFileSync(path.join(dir, 'pictures/shop.svg'), '<svg/>');
  const settings = path.join(dir, 'dbt_project.yml');
  fs.writeFileSync(settings, fs.readFileSync(settings, 'utf8').replace('analysis-paths:', 'asset-paths: [pictures]\nanalysis-paths:'));
  expect(await dml(['build', '--quiet'], dir)).toMatchObject({ code: 0 });
  expect(await dml(['docs', 'generate', '--quiet'], dir)).toMatchObject({ code: 0, stdout: '' });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true });
  fs.rmSync(elsewhere, { recursive: true });
});

describe('the folder', () => {
  test('every file has the shape of its schema, and the index names them all', () => {
    const files = filesOf(at('docs'));
    const wrong = [...files].filter(([name, text]) => !name.startsWith('data/search/') && schemaOf(name)?.safeParse(JSON.parse(text)).success !== true);
    expect(wrong.map(([name]) => name)).toEqual([]);
    const index = read<IndexFile>(at('docs/data/index.json'));
    expect([...files.keys()].filter((name) => name !== 'data/index.json').sort()).toEqual(Object.keys(index.files).sort());
    expect(index).toMatchObject({
      generator: expect.stringMatching(/^dml \d/),
      project: { name: 'tidewater', adapter: 'duckdb', overview: expect.stringContaining('A small shop') },
    });
  });

  test("pictures lie where descriptions look for them, and dbt's page leads to the site", () => {
    expect(fs.readFileSync(at('docs/pictures/shop.svg'), 'utf8')).toBe('<svg/>');
    expect(fs.readFileSync(at('pictures/shop.svg'), 'utf8')).toBe('<svg/>');
    expect(fs.readFileSync(at('index.html'), 'utf8')).toContain('url=docs/index.html');
  });

  test("types are the database's, and results are those of the build, not of the compilation before the catalog", () => {
    const orders = page(at('docs'), 'model.tidewater.fct_orders');
    expect(orders).toMatchObject({ compiled: expect.stringContaining('select'), runs: [{ status: 'success' }], relation: '"tidewater"."marts"."fct_orders"' });
    expect(orders?.columns.find((c) => c.name === 'order_id')).toMatchObject({ type: expect.stringMatching(/INT|VARCHAR/) });
    expect(read<TestsFile>(at('docs/data/tests.json'))).toMatchObject({
      totals: { fail: 0, warn: 1, none: 0 },
      troubled: [{ name: 'customers_without_email' }],
    });
    const { rows } = read<ListFile>(at('docs/data/list/0.json'));
    expect(rows.find((r) => r.name === 'dim_customers')).toMatchObject({ rows: 320, status: 'pass' });
    // What the last run wrote tells nothing of the size of an incremental table or a snapshot: the database does.
    for (const name of ['fct_orders', 'orders_snapshot']) expect(rows.find((r) => r.name === name)).toMatchObject({ rows: 1525, bytes: expect.any(Number) });
  });

  test('a second time only what differs is written, and addresses stay', async () => {
    const stamps = () => new Map([...filesOf(at('docs')).keys()].map((name) => [name, fs.statSync(at('docs', name)).mtimeMs]));
    const before = stamps();
    const description = path.join(dir, 'models/marts/core/_core.yml');
    const text = fs.readFileSync(description, 'utf8');
    fs.writeFileSync(description, text.replace('One row per order.', 'One row per order that counts.'));
    fs.writeFileSync(at('docs/data/nodes/999.json'), '{}');
    expect(await dml(['docs', 'generate', '--no-compile', '--quiet'], dir)).toMatchObject({ code: 0 });
    fs.writeFileSync(description, text);
    const changed = [...stamps()].filter(([name, time]) => before.get(name) !== time).map(([name]) => name.replace(/\d+/, 'n'));
    expect(changed.sort()).toEqual(['data/index.json', 'data/list/n.json', 'data/nodes/n.json', 'data/search/n.json']);
    // What is no longer part of the site goes; the SQL that was compiled before stays.
    expect(fs.existsSync(at('docs/data/nodes/999.json'))).toBe(false);
    expect(page(at('docs'), 'model.tidewater.fct_orders')).toMatchObject({
      description: expect.stringContaining('that counts'),
      compiled: expect.stringContaining('select'),
    });
  });
});

describe('of artifacts', () => {
  test('a folder of artifacts makes the same site, wherever it is told to go', async () => {
    expect(await dml(['docs', 'generate', '--quiet'], dir)).toMatchObject({ code: 0 });
    expect(await dml(['docs', 'generate', '--from-artifacts', at(), '--target-path', elsewhere, '--quiet'], elsewhere)).toMatchObject({ code: 0, stdout: '' });
    const [own, other] = [filesOf(at('docs')), filesOf(path.join(elsewhere, 'docs'))];
    // A README is no artifact, and who made the site is.
    expect([...other].filter(([name, text]) => own.get(name) !== text).map(([name]) => name)).toEqual(['data/index.json']);
    expect(read<IndexFile>(path.join(elsewhere, 'docs/data/index.json')).generator).toMatch(/^dbt 1\./);
  });

  test.each([
    ['no manifest', undefined, 'there is no manifest.json in artifacts'],
    ['no JSON', '{', 'its text ends too early'],
    ['another version', '{"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v20.json"},"nodes":{}}', 'manifest/v20.json'],
  ])('%s: told, and nothing is written', async (_, manifest, told) => {
    const folder = path.join(elsewhere, 'artifacts');
    fs.mkdirSync(folder);
    if (manifest !== undefined) fs.writeFileSync(path.join(folder, 'manifest.json'), manifest);
    const { code, stdout } = await dml(['docs', 'generate', '--from-artifacts', 'artifacts'], elsewhere);
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining(told) });
    expect(stdout).toMatch(/hint: (?!.*--state)/);
    expect(fs.readdirSync(folder).filter((name) => name !== 'manifest.json')).toEqual([]);
    fs.rmSync(folder, { recursive: true });
  });
});

test('where dml lacks its pages it says so, and writes no data that would open as an empty page', async () => {
  const templates = path.join(elsewhere, 'templates/');
  fs.cpSync(path.resolve(import.meta.dirname, '../../templates'), templates, { recursive: true });
  const project = folder({ 'dbt_project.yml': 'name: shop', 'models/a.sql': 'select 1 as id' });
  const { code, stdout } = await dmlIn(project.dir, ['docs', 'generate', '--no-compile', '--empty-catalog'], { templates });
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining('pages-missing') });
  expect(stdout).toContain('npm run build');
  expect(fs.existsSync(path.join(project.dir, 'target/docs'))).toBe(false);
  project.remove();
});
