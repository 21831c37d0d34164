import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { qualitySchema } from '../../../src/read/schema/quality.ts';
import { TestProject } from '../run/project.ts';

const SCRIPT = '<script>alert(1)</script>';
const QUOTES = `" onload='x' <img src=x onerror=alert(2)> &amp; \u2028`;

const files = {
  'models/raw.sql': `select * from (values (1, $$${SCRIPT}$$), (2, $$${QUOTES}$$), (2, null)) t(id, note)`,
  'models/orders.sql': `{{ config(group='sales') }} select * from {{ ref('raw') }}`,
  'models/totals.sql': `select count(*) as n from {{ ref('orders') }}`,
  'models/orders.yml': `
groups:
  - name: sales
    owner: {name: 'Ann ${SCRIPT}', email: ann@example.com}
models:
  - name: orders
    columns:
      - name: id
        data_tests:
          - unique: {description: 'An id ${SCRIPT}', config: {tags: ['<b>'], meta: {owner: eve}}}
          - not_null
      - name: note
        data_tests:
          - not_null: {config: {severity: warn}}
          - accepted_values: {arguments: {values: [none]}}
  - name: totals
    columns: [{name: n, data_tests: [not_null]}]
`,
  'tests/every_row.sql': `select * from {{ ref('orders') }}`,
};

const json = (p: TestProject, file = 'target/quality.json') => JSON.parse(p.read(file));

describe('--report', () => {
  test('writes a page and its JSON, which holds what its schema says', async () => {
    const p = new TestProject(files);
    const run = await p.dml(['build', '--report']);
    expect(run.text).toContain('Quality report written to target/quality.html');
    const report = json(p);
    expect(qualitySchema.safeParse(report).error).toBeUndefined();
    // Each error counts 3, each warning 1: of orders not_null passes (3), the warning gets half of 1, and three fail.
    expect(report).toMatchObject({ passed: 1, warned: 1, failed: 3, errored: 0, skipped: 1, score: 26.9 });
    expect(report.models.map((m: { name: string; score: number | null }) => [m.name, m.score])).toEqual([
      ['orders', 26.9],
      ['totals', null],
    ]);
    const [orders] = report.models;
    expect(orders).toMatchObject({
      owner: `Ann ${SCRIPT} <ann@example.com>`,
      upstream: ['model.shop.raw'],
      downstream: ['model.shop.totals'],
      path: 'models/orders.sql',
    });
    expect(orders.tests.map((t: { generic: string; column: string; status: string }) => [t.generic, t.column, t.status])).toEqual([
      ['accepted_values', 'note', 'fail'],
      [null, null, 'fail'],
      ['unique', 'id', 'fail'],
      ['not_null', 'note', 'warn'],
      ['not_null', 'id', 'pass'],
    ]);
    expect(orders.tests[2]).toMatchObject({
      owner: 'eve',
      tags: ['<b>'],
      failures: 1,
      rows: { columns: ['unique_field', 'n_records'], rows: [[2, 2]] },
      line: 10,
    });
    expect(orders.tests[1].rows.rows).toEqual([
      [1, SCRIPT],
      [2, QUOTES],
      [2, null],
    ]);
  });

  test('writes a page in which nothing from data is markup', async () => {
    const p = new TestProject(files);
    await p.dml(['build', '--report', 'out/page.html']);
    const page = p.read('out/page.html');
    expect(fs.existsSync(path.join(p.dir, 'out/page.json'))).toBe(true);
    for (const tag of ['<script', '<img', '<b>\u2028', 'onerror=alert(2)>']) expect(page).not.toContain(tag);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&quot; onload=&#39;x&#39; &lt;img');
    // Nothing is loaded, and nothing runs; what is linked is on the page.
    expect(page).toContain(`default-src 'none'`);
    expect(page).not.toMatch(/<[^>]*\s(src|href|on\w+)=(?!"#)|url\(|@import/);
    for (const [, id] of page.matchAll(/href="#([^"]*)"/g)) expect(page).toContain(`id="${id}"`);
    expect(page).toContain('<li><span class="pass">pass</span> not_null_orders_id</li>');
    const names = [...page.matchAll(/<\/?([a-z0-9]+)/g)].map((m) => m[1]);
    const known =
      'html head meta title style body header h1 h2 h3 p time div b span ul li svg polyline circle section article details summary pre table thead tbody tr th td dl dt dd code main footer br a figure figcaption';
    expect([...new Set(names)].filter((name) => !known.split(' ').includes(name as string))).toEqual([]);
  });

  test('tells how it was before, and since when a test has failed', async () => {
    const p = new TestProject(files);
    await p.dml(['run']);
    const first = await once(p);
    expect(first.history.length).toBe(1);
    const second = await once(p);
    expect(second.history.map((h: { score: number }) => h.score)).toEqual([40.6, 40.6]);
    const since = (report: typeof first) => report.models[0].tests.find((t: { generic: string }) => t.generic === 'unique')?.failing_since;
    expect(since(second)).toBe(first.generated_at);
    p.write({ 'models/raw.sql': `select 1 as id, 'none' as note` });
    await p.dml(['run']);
    const third = await once(p);
    expect(since(third)).toBeNull();
    // What was cut short, or written by somebody else, is passed over.
    fs.appendFileSync(path.join(p.dir, 'target/quality_history.jsonl'), '{"version": 1, "at"\nnull\n[]\n{"version": 1, "results": []}\n');
    const fourth = await once(p);
    expect(fourth.history.length).toBe(4);
    p.write({ 'models/raw.sql': files['models/raw.sql'] });
    await p.dml(['run']);
    const fifth = await once(p);
    expect(since(fifth)).toBe(fifth.generated_at);
    expect(p.read('target/quality.html')).toContain('5 reports');
  });

  test('says so where nothing was tested, and holds what is known of sources', async () => {
    const p = new TestProject({
      ...files,
      'models/sources.yml': `
sources:
  - name: app
    schema: main
    tables: [{name: raw, loaded_at_query: 'select now()', freshness: {warn_after: {count: 1, period: day}}}]
`,
    });
    await p.dml(['run']);
    await p.dml(['source', 'freshness']);
    await p.dml(['test', '-s', 'raw', '--report']);
    expect(p.read('target/quality.html')).toContain('Nothing was tested.');
    expect(json(p)).toMatchObject({ score: null, models: [], freshness: [{ unique_id: 'source.shop.app.raw', name: 'app.raw', status: 'pass' }] });
    p.write({ 'target/sources.json': '{' });
    expect((await p.dml(['test', '-s', 'raw', '--report'])).code).toBe(0);
    expect(json(p).freshness).toEqual([]);
  });

  test('is refused by commands that test nothing', async () => {
    const p = new TestProject(files);
    expect((await p.dml(['run', '--report'])).code).toBe(2);
  });

  async function once(p: TestProject) {
    await p.dml(['test', '--report']);
    return json(p);
  }
});

describe('run_history.jsonl', () => {
  test('gets a line of each run', async () => {
    const p = new TestProject(files);
    await p.dml(['run', '-s', 'orders+', 'raw']);
    await p.dml(['test', '-s', 'every_row']);
    await p.dml(['ls']);
    await p.dml(['run', '-s', 'orders', '--no-write-json']);
    const lines = p
      .read('target/run_history.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((l) => [l.command, l.results.map((r: { id: string; status: string }) => `${r.id} ${r.status}`)])).toEqual([
      ['run', ['model.shop.raw success', 'model.shop.orders success', 'model.shop.totals success']],
      ['test', ['test.shop.every_row fail']],
    ]);
    expect(lines[1].results[0]).toMatchObject({ failures: 3, message: 'Got 3 results, configured to fail if != 0', sample: { columns: ['id', 'note'] } });
  });
});
