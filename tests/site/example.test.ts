// The site of the example project as `dml docs generate` writes it.
import fs from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSite } from '../../scripts/build-site.mjs';
import type { IndexFile, ListFile, MacroListFile, TestPagesFile } from '../../src/docs/data/types.ts';
import { dml } from '../command.ts';
import { copyExample } from '../example.ts';
import { barriers, chromiumPath, host, launch, missing, picture, visit, type Watched, watched } from './browser.ts';

const FOLDER = 'target/docs';

describe.skipIf(chromiumPath === undefined)(`the example project in a browser${chromiumPath === undefined ? ` (${missing})` : ''}`, () => {
  const dir = copyExample();
  let browser: Browser;
  let base: Awaited<ReturnType<typeof host>>;
  let desk: Watched;
  let dark: Watched;
  let phone: Watched;

  beforeAll(async () => {
    expect(await dml(['build'], dir)).toMatchObject({ code: 0 });
    expect(await dml(['docs', 'generate'], dir)).toMatchObject({ code: 0 });
    // The pages as they are now, not as dml was built with them.
    await buildSite(path.join(dir, 'pages'));
    for (const name of ['index.html', 'app']) fs.cpSync(path.join(dir, 'pages', name), path.join(dir, FOLDER, name), { recursive: true });
    browser = await launch();
    base = await host(path.join(dir, FOLDER));
    desk = await watched(browser, base.url);
    dark = await watched(browser, base.url, { colorScheme: 'dark' });
    phone = await watched(browser, base.url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  });
  afterAll(async () => {
    await browser?.close();
    await base?.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  const read = <T>(file: string) => JSON.parse(fs.readFileSync(path.join(dir, FOLDER, 'data', file), 'utf8')) as T;

  test('every node has a page', async () => {
    const { rows } = read<ListFile>('list/0.json');
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      await visit(desk.page, base.url, `#/node/${encodeURIComponent(row.id)}`);
      expect(await desk.page.locator('h1').innerText()).toBe(row.name);
    }
    expect(desk.problems).toEqual([]);
  });

  test('so have every test and every macro', async () => {
    const { shards } = read<IndexFile>('index.json');
    const tests = Array.from({ length: shards.tests }, (_, n) => Object.keys(read<TestPagesFile>(`tests/${n}.json`).tests)).flat();
    const macros = read<MacroListFile>('macros.json').macros.map((m) => m.id);
    expect(Math.min(tests.length, macros.length)).toBeGreaterThan(9);
    for (const [kind, ids] of Object.entries({ test: tests, macro: macros }))
      for (const id of ids) {
        await visit(desk.page, base.url, `#/${kind}/${encodeURIComponent(id)}`);
        expect(await desk.page.locator('h1').innerText(), id).not.toContain('Not in this project');
      }
    expect(desk.problems).toEqual([]);
  });

  test.each([
    '#/',
    '#/models',
    '#/sources',
    '#/exposures',
    '#/metrics',
    '#/macros',
    '#/tests',
    '#/runs',
    '#/diagnostics',
    '#/lineage',
    '#/node/model.tidewater.fct_orders',
    '#/lineage/model.tidewater.fct_orders',
  ])('%s', async (hash) => {
    await visit(desk.page, base.url, hash);
    expect(await barriers(desk.page)).toEqual([]);
    expect(desk.problems).toEqual([]);
    await picture(desk.page, `example-${hash.replace(/\W+/g, '-')}`);
    for (const other of [dark, phone]) await visit(other.page, base.url, hash);
    expect([...dark.problems, ...phone.problems]).toEqual([]);
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await picture(dark.page, `example-dark-${hash.replace(/\W+/g, '-')}`);
    await picture(phone.page, `example-phone-${hash.replace(/\W+/g, '-')}`);
  });

  test('the same in one file, opened without a host', async () => {
    // Its pages are those that dml was built with; nothing is asked of anybody, or it would be a problem.
    expect(await dml(['docs', 'generate', '--single-file', '--no-compile'], dir)).toMatchObject({ code: 0 });
    const file = path.join(dir, 'target/static_index.html');
    const { page, problems } = await watched(browser, 'file:');
    for (const hash of ['#/', '#/node/model.tidewater.fct_orders', '#/lineage', '#/tests']) await visit(page, `file://${file}`, hash);
    await page.keyboard.press('/');
    await page.getByRole('combobox', { name: 'Search' }).fill('dim_custmers');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'dim_customers' }).waitFor();
    expect(problems).toEqual([]);
  });
});
