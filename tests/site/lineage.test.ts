// The drawing of lineage in a real browser, on a project that is made for it: by keys, pointer and fingers, of nodes and of columns.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSite } from '../../scripts/build-site.mjs';
import { barriers, chromiumPath, host, launch, missing, visit, type Watched, watched } from './browser.ts';
import { fingers, placeOf, seen } from './canvas.ts';
import { dataOf, writeSite } from './fixture.ts';

const MODEL = 'model.shop.mar_model_50';

describe.skipIf(chromiumPath === undefined)(`lineage in a browser${chromiumPath === undefined ? ` (${missing})` : ''}`, () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-site-'));
  let browser: Browser;
  let base: Awaited<ReturnType<typeof host>>;
  let desk: Watched;

  beforeAll(async () => {
    await buildSite(path.join(dir, 'built'));
    writeSite(path.join(dir, 'built'), path.join(dir, 'site'), dataOf({ models: 60 }));
    browser = await launch();
    base = await host(path.join(dir, 'site'));
    desk = await watched(browser, base.url);
  });
  afterAll(async () => {
    expect(desk?.problems).toEqual([]);
    await browser?.close();
    await base?.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  const saved = async (page: Page, name: string) => {
    await page.locator('summary', { hasText: 'Save' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    await page.locator('summary', { hasText: 'Save' }).click();
    return fs.readFileSync(await download.path());
  };
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
    const legend = page.getByRole('list', { name: 'Colours' });
    for (const [way, shown] of Object.entries({ folder: 'models/marts', materialization: 'view', tests: 'all pass', build: 'built', duration: 'up to' })) {
      await page.getByLabel('Colour by').selectOption(way);
      await legend.getByText(shown).first().waitFor();
    }
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
    expect((await saved(page, 'as PNG')).subarray(1, 4).toString()).toBe('PNG');
    const svg = (await saved(page, 'as SVG')).toString();
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

  describe('columns', () => {
    const whole = `#/lineage/${MODEL}?column=amount&indirect=1`;
    const lit = async (page: Page) => (await seen(page)).lit;

    test('a column that is pointed at stands out with its own edges, and leads to its way', async () => {
      const { page } = desk;
      await visit(page, base.url, whole);
      await page.mouse.move(5, 5);
      const all = await lit(page);
      await placeOf(page, 'mar_model_50 · amount');
      const amount = await lit(page);
      const { x, y } = await placeOf(page, 'int_model_25 · label');
      const label = await lit(page);
      // The label decides one amount; that amount is made of much.
      expect(label).toBeGreaterThan(0);
      expect(amount).toBeGreaterThan(label);
      expect(all).toBeGreaterThan(label);
      await page.mouse.click(x, y);
      await page.waitForFunction(() => location.hash.includes('column=label') && location.hash.includes('int_model_25'));
      expect(await barriers(page)).toEqual([]);
    });

    test('what only filters and joins is drawn in dashes, where it is asked for', async () => {
      const { page } = desk;
      const dashes = async () => (await saved(page, 'as SVG')).toString().split('stroke-dasharray').length - 1;
      await visit(page, base.url, whole);
      expect(await dashes()).toBeGreaterThan(3);
      await page.getByLabel('with filters and joins').uncheck();
      await page.waitForFunction(() => !location.hash.includes('indirect'));
      await seen(page);
      expect(await dashes()).toBe(0);
    });

    test('beside the drawing of nodes: while a column is pointed at, or has the focus, its way stands out', async () => {
      const { page } = desk;
      await visit(page, base.url, `#/lineage/${MODEL}`);
      await page.locator('canvas').focus();
      await page.keyboard.press('ArrowLeft');
      const link = page.getByRole('complementary', { name: 'Chosen node' }).getByRole('link', { name: 'label' });
      await link.waitFor();
      const chain = await lit(page);
      await link.hover();
      // Its values go nowhere, what it reads and is read by goes far.
      await expect.poll(() => lit(page)).toBeLessThan(chain);
      await page.mouse.move(5, 5);
      await expect.poll(() => lit(page)).toBe(chain);
      await link.focus();
      await expect.poll(() => lit(page)).toBeLessThan(chain);
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => location.hash.includes('column=label'));
    });
  });

  describe('on a phone', () => {
    const phone = () => watched(browser, base.url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

    test('a finger moves the drawing, two make it larger around what is between them', async () => {
      const { page, problems } = await phone();
      await visit(page, base.url, `#/lineage/${MODEL}?up=0&down=0`);
      const before = await seen(page);
      const middle = { x: before.left + before.width / 2, y: before.top + before.height / 2 };
      await fingers(page, [[middle, { x: middle.x + 60, y: middle.y - 90 }]]);
      const moved = await seen(page);
      expect([moved.left - before.left, moved.top - before.top]).toEqual([expect.closeTo(60, -0.5), expect.closeTo(-90, -0.5)]);
      expect(moved.width).toBeCloseTo(before.width, -0.5);

      const [x, y] = [moved.left + moved.width / 2, moved.top + moved.height / 2];
      await fingers(
        page,
        [-1, 1].map(
          (side) =>
            [
              { x: x + 20 * side, y },
              { x: x + 30 * side, y },
            ] as const,
        ),
      );
      const larger = await seen(page);
      expect(larger.width / moved.width).toBeCloseTo(1.5, 1);
      expect(larger.left + larger.width / 2).toBeCloseTo(x, -0.5);
      // The page itself stays as large as it was.
      expect(await page.evaluate(() => visualViewport?.scale)).toBe(1);
      await page.context().close();
      expect(problems).toEqual([]);
    });

    test('a tap chooses a node; its panel leaves room for the drawing, and closes', async () => {
      const { page, problems } = await phone();
      await visit(page, base.url, `#/lineage/${MODEL}?up=0&down=0`);
      const { left, top, width, height } = await seen(page);
      await page.touchscreen.tap(left + width / 2, top + height / 2);
      const panel = page.getByRole('complementary', { name: 'Chosen node' });
      expect(await panel.innerText()).toContain('mar_model_50');
      const [sheet, graph] = [await panel.boundingBox(), await page.locator('.graph').boundingBox()];
      expect(sheet?.height).toBeLessThan((graph?.height ?? 0) / 2);
      expect(await barriers(page)).toEqual([]);
      await panel.getByRole('button', { name: 'Close' }).tap();
      expect(await panel.count()).toBe(0);
      await page.context().close();
      expect(problems).toEqual([]);
    });

    test('in a page one finger scrolls the page, over the drawing too', async () => {
      const { page } = await phone();
      await visit(page, base.url, `#/node/${MODEL}?at=lineage`);
      const box = await page.locator('.graph-mini canvas').boundingBox();
      const [x, y, scrolled] = [(box?.x ?? 0) + 100, (box?.y ?? 0) + 150, await page.evaluate(() => scrollY)];
      await fingers(page, [
        [
          { x, y },
          { x, y: y - 120 },
        ],
      ]);
      await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(scrolled + 50);
      await page.context().close();
    });
  });
});
