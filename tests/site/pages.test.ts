// The site in a real browser, on a project that is made for it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSite } from '../../scripts/build-site.mjs';
import { barriers, chromiumPath, host, launch, missing, picture, settled, visit, type Watched, watched } from './browser.ts';
import { dataOf, writeSingle, writeSite } from './fixture.ts';

const MODEL = 'model.shop.mar_model_50';
/** Every page, with a text that it shows. */
const PAGES: readonly (readonly [hash: string, text: string])[] = [
  ['#/', 'Not passing now'],
  ['#/models', 'models/staging'],
  ['#/models?by=tag', 't3'],
  ['#/models?by=owner', 'Ada'],
  [`#/node/${MODEL}`, 'Description of mar_model_50'],
  ['#/node/source.shop.web.visits', 'warns after' /* in any case */],
  ['#/node/exposure.shop.report', 'https://example.org/report'],
  ['#/node/metric.shop.revenue', 'sum(amount)'],
  ['#/sources', 'visits'],
  ['#/exposures', 'report'],
  ['#/metrics', 'revenue'],
  ['#/macros', 'cents'],
  ['#/macro/macro.shop.cents', 'Used by'],
  ['#/tests', 'By kind'],
  ['#/test/test.shop.not_null_2', 'Rows that failed'],
  ['#/runs', 'Critical path'],
  ['#/diagnostics', 'ref-not-found'],
  ['#/diagnostics/ref-not-found', 'explanation'],
  ['#/lineage', '63 nodes'],
  [`#/lineage/${MODEL}`, 'Folder'],
  [`#/lineage/${MODEL}?column=id`, 'with filters and joins'],
  ['#/lineage?list=1', 'Read by'],
  ['#/nowhere', 'Nothing is here'],
  ['#/node/model.shop.gone', 'Not in this project'],
];

describe.skipIf(chromiumPath === undefined)(`the site in a browser${chromiumPath === undefined ? ` (${missing})` : ''}`, () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-site-'));
  const built = path.join(dir, 'built');
  let size = 0;
  let browser: Browser;
  let base: Awaited<ReturnType<typeof host>>;
  let desk: Watched;

  beforeAll(async () => {
    size = await buildSite(built);
    writeSite(built, path.join(dir, 'shop'), dataOf({ models: 60 }));
    browser = await launch();
    // Below a path, as on a host of many sites.
    base = await host(dir).then((h) => ({ ...h, url: `${h.url}shop/` }));
    desk = await watched(browser, base.url);
  });
  afterAll(async () => {
    await browser?.close();
    await base?.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  test('all scripts together are smaller than 150 kB with gzip', () => {
    expect(size).toBeGreaterThan(20_000);
    expect(size).toBeLessThan(150_000);
  });

  test.each(PAGES)('%s is drawn, without errors and barriers', async (hash, text) => {
    await visit(desk.page, base.url, hash);
    expect((await desk.page.innerText('body')).toLowerCase()).toContain(text.toLowerCase());
    expect(await desk.page.title()).toContain(hash === '#/nowhere' || hash.endsWith('gone') ? 'Not found' : 'shop');
    expect(await desk.page.locator('main').count()).toBe(1);
    expect(await barriers(desk.page)).toEqual([]);
    expect(desk.problems).toEqual([]);
  });

  test('in the dark there is contrast too', async () => {
    const { page } = desk;
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const hash of ['#/', `#/node/${MODEL}`, '#/tests', '#/runs', '#/lineage', '#/sources']) {
      await visit(page, base.url, hash);
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(20, 24, 27)');
      expect(await barriers(page, ['color-contrast']), hash).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('every page fits on a phone', async () => {
    const { page, problems } = await phone();
    const widths: Record<string, number> = {};
    for (const [hash] of PAGES) {
      await visit(page, base.url, hash);
      widths[hash] = await page.evaluate(() => document.documentElement.scrollWidth);
    }
    expect(Object.entries(widths).filter(([, width]) => width > 390)).toEqual([]);
    await page.context().close();
    expect(problems).toEqual([]);
  });

  const phone = () => watched(browser, base.url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a phone has a menu, which closes when a page is chosen', async () => {
    const { page } = await phone();
    await visit(page, base.url, '#/');
    expect(await page.locator('#sidebar').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.locator('#sidebar').getByRole('link', { name: 'Tests' }).click();
    await page.getByRole('heading', { name: 'Tests', exact: true }).waitFor();
    expect(await page.locator('#sidebar').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('#sidebar').isVisible()).toBe(false);
    await page.context().close();
  });

  describe('search', () => {
    const open = async (key = '/') => {
      await visit(desk.page, base.url, '#/');
      await desk.page.keyboard.press(key);
      return desk.page.getByRole('combobox', { name: 'Search' });
    };

    test('finds a name with wrong letters, and Enter opens it', async () => {
      const input = await open();
      await input.fill('mar_modle_50');
      const first = desk.page.getByRole('option').first();
      expect(await first.innerText()).toContain('mar_model_50');
      expect(await first.getAttribute('aria-selected')).toBe('true');
      expect(await barriers(desk.page)).toEqual([]);
      await desk.page.keyboard.press('Enter');
      await desk.page.getByRole('heading', { name: 'mar_model_50' }).waitFor();
    });

    test('opens by Ctrl-K, moves by arrows, closes by Escape', async () => {
      const input = await open('Control+k');
      await input.fill('model');
      await desk.page.getByRole('option').nth(2).waitFor();
      await desk.page.keyboard.press('ArrowDown');
      await desk.page.keyboard.press('ArrowDown');
      expect(await desk.page.getByRole('option').nth(2).getAttribute('aria-selected')).toBe('true');
      expect(await input.getAttribute('aria-activedescendant')).toBe('hit-2');
      await desk.page.keyboard.press('Escape');
      expect(await desk.page.getByRole('dialog').count()).toBe(0);
    });

    test.each([
      ['a description', 'description of sta_model_7', 'sta_model_7'],
      ['a column', 'amount', 'columns: amount'],
      ['a tag', 't3', 'tags: t3'],
      ['code', 'literal', 'SQL: literal'],
    ])('finds by %s', async (_what, words, shown) => {
      const input = await open();
      await input.fill(words);
      await desk.page.getByRole('option').first().waitFor();
      expect(await desk.page.locator('#search-hits').innerText()).toContain(shown);
    });

    test('says that nothing was found', async () => {
      const input = await open();
      await input.fill('zzzzzzzz');
      await desk.page.getByText('Nothing found.').waitFor();
      await desk.page.keyboard.press('Escape');
    });

    test('a slash in a field is a slash', async () => {
      await visit(desk.page, base.url, '#/models');
      const field = desk.page.getByRole('searchbox', { name: 'Filter by name' });
      await field.press('/');
      expect(await field.inputValue()).toBe('/');
      expect(await desk.page.getByRole('dialog').count()).toBe(0);
    });
  });

  describe('moving about', () => {
    test('a ref in code leads to the node, and back returns to where one was', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/node/${MODEL}`);
      const ref = page.locator('.code a', { hasText: 'int_model_25' });
      await ref.scrollIntoViewIfNeeded();
      const top = await page.evaluate(() => scrollY);
      expect(top).toBeGreaterThan(200);
      await ref.click();
      await page.getByRole('heading', { name: 'int_model_25' }).waitFor();
      expect(await page.evaluate(() => scrollY)).toBe(0);
      await page.goBack();
      await page.getByRole('heading', { name: 'mar_model_50' }).waitFor();
      await page.waitForFunction((wanted) => Math.abs(scrollY - wanted) < 3, top);
    });

    test('compiled code links its tables', async () => {
      await visit(desk.page, base.url, `#/node/${MODEL}`);
      await desk.page.getByRole('tab', { name: 'Compiled' }).click();
      await desk.page.locator('.code a', { hasText: 'int_model_25' }).click();
      await desk.page.getByRole('heading', { name: 'int_model_25' }).waitFor();
    });

    test('an address may name a part of a page, or a column', async () => {
      await visit(desk.page, base.url, `#/node/${MODEL}?at=code`);
      await desk.page.waitForFunction(() => Math.abs(document.getElementById('code')?.getBoundingClientRect().top ?? 999) < 60);
      await visit(desk.page, base.url, `#/node/${MODEL}?column=amount`);
      expect(await desk.page.locator('tr.wanted').innerText()).toContain('amount');
    });

    test('links of dbt’s own documentation still lead to their nodes', async () => {
      await visit(desk.page, base.url, `#!/model/${MODEL}`);
      await desk.page.getByRole('heading', { name: 'mar_model_50' }).waitFor();
    });

    test('the tree opens where one is', async () => {
      await visit(desk.page, base.url, `#/node/${MODEL}`);
      expect(await desk.page.locator('.leaf[aria-current]').innerText()).toBe('mar_model_50');
    });

    test('the keyboard reaches the content at once', async () => {
      await visit(desk.page, base.url, '#/tests');
      await desk.page.reload();
      await settled(desk.page);
      await desk.page.keyboard.press('Tab');
      await desk.page.keyboard.press('Enter');
      expect(await desk.page.evaluate(() => document.activeElement?.id)).toBe('main');
      expect(await desk.page.evaluate(() => location.hash)).toBe('#/tests');
    });
  });

  test('a page that is looked at shows what is written anew, and stays where it is', async () => {
    const folder = path.join(dir, 'live');
    const write = (models: number) => {
      const data = new Map(dataOf({ models }));
      data.set('data/index.json', { ...(data.get('data/index.json') as object), build: `of ${models}` });
      writeSite(built, folder, data);
    };
    write(60);
    const live = await host(folder);
    const { page, problems } = await watched(browser, live.url);
    await visit(page, live.url, `#/node/${MODEL}`);
    await page.evaluate(() => Object.assign(window, { stayed: true }));
    write(120);
    live.changed();
    await page.waitForFunction(() => document.querySelector('.pages')?.textContent?.includes('120'));
    expect(await page.evaluate('window.stayed')).toBe(true);
    expect(new URL(page.url()).hash).toBe(`#/node/${MODEL}`);
    expect(problems).toEqual([]);
    await page.context().close();
    await live.close();
  });

  describe('how it looks', () => {
    test('the theme that one has chosen is there the next time', async () => {
      const { page } = await watched(browser, base.url, { colorScheme: 'light' });
      await visit(page, base.url, '#/');
      const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(await paper()).toBe('rgb(251, 250, 247)');
      await page.getByRole('button', { name: /colours/ }).click();
      await page.getByRole('button', { name: /colours/ }).click();
      expect(await paper()).toBe('rgb(20, 24, 27)');
      await page.reload();
      await settled(page);
      expect(await paper()).toBe('rgb(20, 24, 27)');
      await page.context().close();
    });

    test('on paper there is the text without what one clicks', async () => {
      await visit(desk.page, base.url, `#/node/${MODEL}`);
      await desk.page.emulateMedia({ media: 'print' });
      expect(await desk.page.locator('.sidebar').isVisible()).toBe(false);
      expect(await desk.page.getByRole('heading', { name: 'mar_model_50' }).isVisible()).toBe(true);
      await desk.page.emulateMedia({ media: null });
    });

    test('nothing moves by itself where that is not wanted', async () => {
      await visit(desk.page, base.url, '#/');
      expect(await desk.page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe('auto');
    });
  });

  test('the timeline is moved through by keys, and Enter opens a page', async () => {
    const { page } = desk;
    await visit(page, base.url, '#/runs');
    await page.locator('.gantt canvas').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.chosen').innerText()).toContain('sta_model_0');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'sta_model_0' }).waitFor();
  });

  test('one file opens without a host', async () => {
    const file = path.join(dir, 'single.html');
    writeSingle(built, file, dataOf({ models: 60 }));
    const { page, problems } = await watched(browser, 'file:');
    for (const hash of ['#/', `#/node/${MODEL}`, '#/lineage', '#/tests']) await visit(page, `file://${file}`, hash);
    await page.keyboard.press('/');
    await page.getByRole('combobox', { name: 'Search' }).fill('mar_model_50');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'mar_model_50' }).waitFor();
    await page.context().close();
    expect(problems).toEqual([]);
  });

  test('a folder that is opened as a file says what it needs', async () => {
    const { page } = await watched(browser, 'file:');
    await page.goto(`file://${path.join(dir, 'shop/index.html')}`);
    await page.getByText('This page needs a file host.').waitFor();
    await page.context().close();
  });

  test('pictures are kept', async () => {
    for (const [hash, name] of [
      ['#/', 'overview'],
      [`#/node/${MODEL}`, 'node'],
      ['#/lineage', 'lineage'],
    ] as const) {
      await visit(desk.page, base.url, hash);
      await picture(desk.page, `made-${name}`);
    }
  });

  describe('texts that would like to be more than texts', () => {
    const evil = (of: string) =>
      `${of} <img src=x onerror="window.pwned=1"><script>window.pwned=2</script>"'\`></style></script><iframe src="javascript:window.pwned=3"></iframe>{{7*7}} [x](javascript:window.pwned=4) ![p](http://127.0.0.1:9/p.png) <svg onload="window.pwned=5">`;
    let hostile: Watched;
    let address = '';

    beforeAll(async () => {
      writeSite(built, path.join(dir, 'hostile'), dataOf({ models: 12, text: evil }));
      address = base.url.replace('/shop/', '/hostile/');
      hostile = await watched(browser, address);
    });

    test.each([
      '#/',
      '#/models',
      '#/models?by=tag',
      '#/models?by=owner',
      '#/node/model.shop.sta_model_1',
      '#/node/model.shop.sta_model_3',
      '#/node/source.shop.web.visits',
      '#/node/exposure.shop.report',
      '#/node/metric.shop.revenue',
      '#/sources',
      '#/exposures',
      '#/metrics',
      '#/macros',
      '#/macro/macro.shop.cents',
      '#/tests',
      '#/test/test.shop.not_null_2',
      '#/runs',
      '#/diagnostics/ref-not-found',
      '#/lineage',
      '#/lineage/model.shop.sta_model_1',
      '#/lineage?list=1',
      `#/node/${encodeURIComponent('<img src=x onerror=window.pwned=6>')}`,
      `#/lineage?select=${encodeURIComponent('<img src=x onerror=window.pwned=6>')}`,
    ])('%s shows them as they are', async (hash) => {
      const { page, problems } = hostile;
      await visit(page, address, hash);
      expect(await page.evaluate('window.pwned')).toBeUndefined();
      expect(
        await page
          .locator('main :is(img, iframe, script, object, embed, style, form:not(.selection), svg[onload], [onerror]), main a[href^="javascript:" i]')
          .count(),
      ).toBe(0);
      expect(problems).toEqual([]);
    });

    test('search shows them as they are', async () => {
      const { page, problems } = hostile;
      await visit(page, address, '#/');
      await page.keyboard.press('/');
      await page.getByRole('combobox', { name: 'Search' }).fill('onerror');
      expect(await page.getByRole('option').first().innerText()).toContain('<img src=x onerror=');
      expect(await page.evaluate('window.pwned')).toBeUndefined();
      expect(problems).toEqual([]);
      await page.keyboard.press('Escape');
    });

    test('a saved picture holds them as text', async () => {
      const { page } = hostile;
      await visit(page, address, '#/lineage');
      await page.locator('summary', { hasText: 'Save' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'as SVG' }).click()]);
      const svg = fs.readFileSync(await download.path(), 'utf8');
      const parsed = await page.evaluate((text) => {
        const doc = new DOMParser().parseFromString(text, 'image/svg+xml');
        return [...new Set([...doc.querySelectorAll('*')].map((e) => e.localName))].sort();
      }, svg);
      expect(parsed).toEqual(['g', 'path', 'rect', 'svg', 'text']);
    });

    test('one file holds them as text', async () => {
      const file = path.join(dir, 'hostile.html');
      writeSingle(built, file, dataOf({ models: 12, text: evil }));
      const { page, problems } = await watched(browser, 'file:');
      await visit(page, `file://${file}`, '#/node/model.shop.sta_model_1');
      expect(await page.evaluate('window.pwned')).toBeUndefined();
      await page.context().close();
      expect(problems).toEqual([]);
    });
  });
});
