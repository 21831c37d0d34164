// Every command against the example project, in one copy of it that is built first.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { checkBySchemas, hasDbt, hasParser, readWithParser } from '../dbt.ts';
import { copyExample } from '../example.ts';
import { type Answer, answersOf, expectAnswer } from '../metrics.ts';

let dir = '';
const quiet = async (...argv: readonly string[]) => {
  const ran = await dml(['--quiet', ...argv], dir);
  expect(ran, argv.join(' ')).toMatchObject({ code: 0, stderr: '' });
  return ran.stdout;
};
const json = (file: string) => JSON.parse(fs.readFileSync(path.join(dir, file), 'utf8'));

beforeAll(async () => {
  dir = copyExample();
  await quiet('build');
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

describe('ls prints what dbt prints', () => {
  // Made by make_ls.py.
  const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'ls.json'), 'utf8')) as Readonly<Record<string, readonly string[]>>;
  test.each(Object.entries(golden))('%s', async (selection, lines) => {
    expect((await quiet('ls', ...selection.split(' '))).trimEnd().split('\n')).toEqual(lines);
  });
});

describe('build and its parts', () => {
  const ran = (): Readonly<Record<string, string>> =>
    Object.fromEntries(json('target/run_results.json').results.map((r: { unique_id: string; status: string }) => [r.unique_id, r.status]));

  test('run builds models only', async () => {
    await quiet('run', '--select', '+dim_stores');
    expect(ran()).toMatchObject({ 'model.tidewater.dim_stores': 'success', 'model.tidewater.stg_stores': 'success' });
    expect(Object.keys(ran()).filter((id) => !/^(model|operation)\./.test(id))).toEqual([]);
  });

  test('test runs tests only, and a warning leaves the exit code 0', async () => {
    await quiet('test', '--select', 'stg_customers');
    expect(ran()).toMatchObject({ 'test.tidewater.customers_without_email.27b53dfdce': 'warn' });
    expect(Object.keys(ran()).filter((id) => !/^(test|unit_test|operation)\./.test(id))).toEqual([]);
  });

  test('--warn-error makes it a failure', async () => {
    const { code, stdout } = await dml(['test', '--select', 'customers_without_email', '--warn-error'], dir);
    expect(stdout).toContain('Got 11 results, configured to fail if != 0');
    expect(code).toBe(1);
  });

  test('--store-failures keeps the failing rows', async () => {
    await quiet('test', '--select', 'customers_without_email', '--store-failures');
    const [stored] = json('target/run_results.json').results.filter((r: { unique_id: string }) => r.unique_id.startsWith('test.'));
    expect(stored.relation_name).toBe('"tidewater"."dbt_test__audit"."customers_without_email"');
    expect(await quiet('show', '--inline-direct', `select count(*) as n from ${stored.relation_name}`)).toContain('| 11 |');
  });

  test('seed and snapshot load and record', async () => {
    await quiet('seed', '--select', 'raw_stores', '--full-refresh');
    expect(ran()).toMatchObject({ 'seed.tidewater.raw_stores': 'success' });
    await quiet('snapshot');
    expect(Object.keys(ran()).filter((id) => id.startsWith('snapshot.'))).toHaveLength(2);
  });

  test('--empty builds everything of no rows, in another folder', async () => {
    await quiet('build', '--empty', '--exclude', 'resource_type:test', '--target-path', 'elsewhere');
    expect(await quiet('show', '--inline-direct', 'select count(*) as n from marts.fct_orders', '--target-path', 'elsewhere')).toContain('| 0 |');
    expect(await quiet('show', '--inline-direct', 'select count(*) as n from marts.fct_orders')).toContain('| 1525 |');
  });

  test('--vars reaches the templates', async () => {
    expect(await quiet('compile', '--inline', "{{ var('as_of') }}", '--vars', '{as_of: today}')).toBe('today\n');
  });

  test('nothing selected is no failure', async () => {
    const { code, stdout } = await dml(['build', '--select', 'nothing_like_this'], dir);
    expect(stdout).toContain("The selection criterion 'nothing_like_this' does not match any enabled nodes");
    expect(code).toBe(0);
  });
});

describe('looking', () => {
  test('parse writes the manifest', async () => {
    fs.rmSync(path.join(dir, 'target/manifest.json'));
    await quiet('parse');
    expect(Object.keys(json('target/manifest.json').nodes)).toContain('model.tidewater.fct_orders');
  });

  test('compile writes SQL, and prints it for a node that is named', async () => {
    const sql = await quiet('compile', '--select', 'stg_orders');
    expect(sql).toContain('from "tidewater"."raw"."raw_orders"');
    expect(sql.trimEnd()).toBe(fs.readFileSync(path.join(dir, 'target/compiled/tidewater/models/staging/stg_orders.sql'), 'utf8').trimEnd());
    const [only] = JSON.parse(`[${await quiet('compile', '--select', 'stg_orders', '--output', 'json')}]`);
    expect(only).toEqual({ node: 'stg_orders', compiled: sql.trimEnd() });
    expect(fs.existsSync(path.join(dir, 'target/compiled/tidewater/analyses/late_events.sql'))).toBe(false);
    await quiet('compile');
    expect(fs.existsSync(path.join(dir, 'target/compiled/tidewater/analyses/late_events.sql'))).toBe(true);
  });

  test('show prints rows of a node, of a template and of plain SQL', async () => {
    expect(await quiet('show', '--select', 'dim_stores', '--limit', '1')).toMatch(/^\| store_id \| store_name .*\n\| -+ .*\n\| +1 \| Tidewater Online .*\n\n$/);
    expect(await quiet('show', '--inline', "select count(*) as n from {{ ref('fct_orders') }}")).toContain('1525');
    expect(JSON.parse(await quiet('show', '--inline-direct', "select 1 as a, 'x' as b", '--output', 'json'))).toEqual({ show: [{ a: 1, b: 'x' }] });
    expect(JSON.parse(await quiet('show', '--select', 'dim_stores', '--output', 'json', '--limit', '-1')).show).toHaveLength(7);
  });

  test('explain tells of codes and of nodes', async () => {
    expect(await quiet('explain', 'ref-not-found')).toContain('A `ref()` names a model, seed or snapshot that no file');
    const node = await quiet('explain', 'stg_orders');
    expect(node).toContain('view model: creates or replaces a view');
    expect(node).toContain('  needs:\n    seed raw_orders\n');
    expect((await quiet('explain')).split('\n').length).toBeGreaterThan(100);
  });

  test('debug finds the database', async () => {
    const { code, stdout } = await dml(['debug'], dir);
    expect(stdout).toContain('Connection test: [OK connection ok]');
    expect(code).toBe(0);
  });

  test('run-operation calls a macro with arguments', async () => {
    const { code, stdout } = await dml(['run-operation', 'count_rows', '--args', '{model: dim_stores}'], dir);
    expect(stdout).toContain('dim_stores has 7 rows');
    expect(code).toBe(0);
  });

  test('deps has nothing to say against a project without packages', async () => {
    expect((await dml(['deps'], dir)).code).toBe(0);
  });
});

describe('metrics', () => {
  test.each(answersOf('golden-example.json').map((answer): [string, Answer] => [JSON.stringify(answer.query), answer]))('%s', async (_, answer) => {
    const { metrics = [], groupBy = [], where = [], savedQuery, startTime, endTime } = answer.query;
    const flags = {
      metrics: metrics.join(','),
      'group-by': groupBy.join(','),
      where: where[0],
      'saved-query': savedQuery,
      'start-time': startTime,
      'end-time': endTime,
    };
    const argv = Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
    expectAnswer(answer, JSON.parse(await quiet('metrics', 'query', ...argv, '--output', 'json')));
  });
});

describe('artifacts', () => {
  beforeAll(async () => {
    await quiet('build');
    // docs generate has results of its own, which hold no run.
    fs.copyFileSync(path.join(dir, 'target/run_results.json'), path.join(dir, 'run_results.json'));
    await quiet('docs', 'generate');
    fs.mkdirSync(path.join(dir, 'artifacts'));
    for (const name of ['manifest', 'catalog']) fs.copyFileSync(path.join(dir, `target/${name}.json`), path.join(dir, `artifacts/${name}.json`));
    fs.renameSync(path.join(dir, 'run_results.json'), path.join(dir, 'artifacts/run_results.json'));
  });

  test('say what was built', () => {
    expect(json('artifacts/manifest.json').metadata.dbt_schema_version).toBe('https://schemas.getdbt.com/dbt/manifest/v12.json');
    const statuses = json('artifacts/run_results.json').results.map((r: { status: string }) => r.status);
    expect(new Set(statuses)).toEqual(new Set(['success', 'pass', 'warn', 'no-op']));
    const { nodes, sources } = json('artifacts/catalog.json');
    expect(Object.keys(nodes)).toHaveLength(44);
    expect(sources['source.tidewater.web_log.events'].columns.event_id.type).toBe('VARCHAR');
    expect(fs.readFileSync(path.join(dir, 'target/docs/data/list/0.json'), 'utf8')).toContain('dim_customers');
  });

  test.skipIf(!hasDbt)(`are valid by dbt's schemas${hasDbt ? '' : ' (skipped: no Python with dbt-core; set DML_DBT_PYTHON)'}`, { timeout: 60_000 }, () => {
    expect(checkBySchemas(path.join(dir, 'artifacts'))).toEqual(['checked manifest', 'checked run_results', 'checked catalog']);
  });

  test.skipIf(!hasParser)(
    `are read by dbt-artifacts-parser${hasParser ? '' : ' (skipped: no Python with it; set DML_DBT_PYTHON)'}`,
    { timeout: 60_000 },
    () => {
      expect(readWithParser(path.join(dir, 'artifacts'))).toEqual(['ManifestV12', 'RunResultsV6', 'CatalogV1']);
    },
  );
});

test('clean deletes what builds write', async () => {
  await quiet('clean');
  expect(fs.existsSync(path.join(dir, 'target'))).toBe(false);
});
