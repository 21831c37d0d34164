// The site of the example project as `dml docs generate` writes it.
import fs from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ListFile } from '../../src/docs/data/types.ts';
import { dml } from '../command.ts';
import { copyExample } from '../example.ts';
import { barriers, chromiumPath, host, launch, missing, picture, visit, type Watched, watched } from './browser.ts';

const FOLDER = 'target/docs';

describe.skipIf(chromiumPath === undefined)(`the example project in a browser${chromiumPath === undefined ? ` (${missing})` : ''}`, () => {
  const dir = copyExample();
  let browser: Browser;
  let base: Awaited<ReturnType<typeof host>>;
  let desk: Watched;

  beforeAll(async () => {
    expect(await dml(['build'], dir)).toMatchObject({ code: 0 });
    expect(await dml(['docs', 'generate'], dir)).toMatchObject({ code: 0 });
    browser = await launch();
    base = await host(path.join(dir, FOLDER));
    desk = await watched(browser, base.url);
  });
  afterAll(async () => {
    await browser?.close();
    await base?.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  test('every node has a page', async () => {
    const { rows } = JSON.parse(fs.readFileSync(path.join(dir, FOLDER, 'data/list/0.json'), 'utf8')) as ListFile;
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      await visit(desk.page, base.url, `#/node/${encodeURIComponent(row.id)}`);
      expect(await desk.page.locator('h1').innerText()).toBe(row.name);
    }
    expect(desk.problems).toEqual([]);
  });

  test.each([
    '#/',
    '#/models',
    '#/sources',
    '#/exposures',
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
  });
});
