// The site in a real browser, on a project that is made for it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
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

  describe('lineage', () => {
    const told = (page: Page) => page.locator('.graph [aria-live]').innerText();
    const counted = (page: Page) => page.locator('.tools-count').innerText();

    test('keys move along edges, Enter opens', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/lineage/${MODEL}`);
      await page.locator('canvas').focus();
      await page.keyboard.press('ArrowLeft');
      expect(await told(page)).toMatch(/^int_model_25, model, passed, reads \d, read by \d$/);
      await page.getByRole('complementary', { name: 'Chosen node' }).waitFor();
      expect(await barriers(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'int_model_25' }).waitFor();
    });

    test('the pointer tells what it is over, and a double click opens it', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/lineage/${MODEL}?up=0&down=0`);
      const box = await page.locator('canvas').boundingBox();
      await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
      expect(await page.locator('.hint').innerText()).toContain('mar_model_50');
      await page.mouse.dblclick((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
      await page.getByRole('heading', { name: 'mar_model_50', level: 1 }).waitFor();
    });

    test('a selection is drawn, and one that cannot be read says why', async () => {
      const { page } = desk;
      await visit(page, base.url, '#/lineage');
      const select = page.getByRole('textbox', { name: 'Select' });
      await select.fill('+sta_model_4');
      await select.press('Enter');
      await page.waitForFunction(() => document.querySelector('.tools-count')?.textContent === '5 nodes');
      expect(await page.evaluate(() => location.hash)).toContain('select=%2Bsta_model_4');
      await select.fill('state:modified');
      await select.press('Enter');
      await page.getByText(/“state:” cannot be used here/).waitFor();
      expect(await barriers(page)).toEqual([]);
      await page.goBack();
      await page.waitForFunction(() => document.querySelector('.tools-count')?.textContent === '5 nodes');
    });

    test('steps up and down, colours, and the list', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/lineage/${MODEL}`);
      const near = await counted(page);
      await page.getByLabel('Up').selectOption('-1');
      await page.waitForFunction((before) => document.querySelector('.tools-count')?.textContent !== before, near);
      await page.getByLabel('Colour by').selectOption('tests');
      expect(await page.getByRole('list', { name: 'Colours' }).innerText()).toContain('all pass');
      await page.getByRole('button', { name: 'List' }).click();
      expect(await page.getByRole('region', { name: 'Lineage' }).innerText()).toContain('mar_model_50');
    });

    test('the way of a column is drawn, from the page of its node', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/node/${MODEL}`);
      await page.getByRole('link', { name: /^amount/ }).click();
      await page.getByText('with filters and joins').waitFor();
      await page.waitForFunction(() => Number.parseInt(document.querySelector('.tools-count')?.textContent ?? '', 10) > 4);
    });

    test('pictures can be taken along', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/lineage/${MODEL}`);
      const save = async (name: string) => {
        await page.locator('summary', { hasText: 'Save' }).click();
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
        await page.locator('summary', { hasText: 'Save' }).click();
        return fs.readFileSync(await download.path());
      };
      expect((await save('as PNG')).subarray(1, 4).toString()).toBe('PNG');
      const svg = (await save('as SVG')).toString();
      expect(svg).toMatch(/^<svg xmlns/);
      expect(svg).toContain('>mar_model_50<');
      expect(svg).not.toMatch(/var\(|light-dark|undefined|NaN/);
    });

    test('dragging moves it, the wheel zooms, Fit puts it back', async () => {
      const { page } = desk;
      await visit(page, base.url, '#/lineage');
      const canvas = page.locator('canvas');
      const first = (await canvas.screenshot()).toString('base64');
      await canvas.hover();
      await page.mouse.wheel(0, -600);
      await page.mouse.down();
      await page.mouse.move(500, 300, { steps: 5 });
      await page.mouse.up();
      await page.waitForTimeout(250);
      expect((await canvas.screenshot()).toString('base64')).not.toBe(first);
      await page.getByRole('button', { name: 'Fit' }).click();
      await page.mouse.move(5, 5);
      await expect.poll(async () => (await canvas.screenshot()).toString('base64')).toBe(first);
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
