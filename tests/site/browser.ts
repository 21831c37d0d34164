// The browser that the tests of the site run in, what they watch it for, and the host that it reads from.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { serveFolder } from '../../src/docs/index.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Chromium as Debian installs it, or the one that DML_TEST_CHROMIUM names; undefined where there is none. */
export const chromiumPath = [process.env['DML_TEST_CHROMIUM'], '/usr/bin/chromium'].find((file) => file !== undefined && file !== '' && fs.existsSync(file));

/** What is said where the tests cannot run. */
export const missing = 'no Chromium: `apt install chromium`, or name one with DML_TEST_CHROMIUM';

/** Starts the browser, which speaks with nobody but the page's host. */
export function launch(): Promise<Browser> {
  const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath: chromiumPath ?? '', headless: true, args: ['--headless', ...quiet] });
}

/** A page, and everything about it that should not be: errors and warnings of the console, requests that failed or went elsewhere, dialogs. */
export interface Watched {
  readonly page: Page;
  readonly problems: string[];
}

export async function watched(browser: Browser, base: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, reducedMotion: 'reduce', acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && problems.push(`console: ${m.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('requestfailed', (r) => problems.push(`failed: ${r.url()}`));
  page.on('request', (r) => !r.url().startsWith(base) && !/^(?:blob|data):/.test(r.url()) && problems.push(`elsewhere: ${r.url()}`));
  page.on('dialog', async (d) => {
    problems.push(`dialog: ${d.message()}`);
    await d.dismiss();
  });
  return { page, problems };
}

/** Hosts a folder as `dml docs serve` does; answers its address, with a slash at the end. */
export async function host(dir: string): Promise<{ readonly url: string; changed(): void; close(): Promise<void> }> {
  const served = await serveFolder(dir, '127.0.0.1', 0);
  if ('problem' in served) throw new Error(served.problem);
  return { ...served, url: `http://127.0.0.1:${served.port}/` };
}

/** Goes to a place of the site and waits until all of it is drawn. */
export async function visit(page: Page, base: string, hash: string): Promise<void> {
  await page.goto(`${base}${hash}`);
  await settled(page);
}

/** Waits until a page has a heading, and nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => document.querySelector('main .arriving') === null && document.querySelector('.tree .twig') !== null);
}

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds serious or critical on a page; `rules`: only these of its rules. */
export async function barriers(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(`typeof axe === 'undefined' && (() => { ${axe} })()`);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations']${rules ? `, runOnly: ${JSON.stringify(rules)}` : ''} }).then((r) => r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => v.id + ': ' + v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join('; ')))`);
}

/** Keeps a picture of a page in target/screenshots/. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(root, 'target/screenshots', `${name}.png`) });
}
