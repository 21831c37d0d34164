// node bench/site.mjs [--models 1000] [--searched 2000] [--runs 5] [--dml PATH/TO/bin/dml.cjs] [--site DIR] [--out FILE.json]
// The documentation site of a generated project in Chromium: how long until its first page can be used, how long a search takes while one types, and how
// many frames a second are drawn while the whole graph is dragged about, as the browser's own tracing counts them. Prints medians. --site: of a site
// that is there already.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { writeProject } from './project.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    searched: { type: 'string', default: '2000' },
    runs: { type: 'string', default: '5' },
    dml: { type: 'string', default: path.join(root, 'bin/dml.cjs') },
    site: { type: 'string' },
    out: { type: 'string' },
  },
}).values;
const runs = Number(options.runs);
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync'];

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-bench-site-'));
const browser = await chromium.launch({ executablePath: process.env.DML_TEST_CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', ...quiet] });
const results = [];
try {
  const first = await site(Number(options.models));
  results.push(await interactive(first), await dragging(first));
  first.close();
  const second = await site(Number(options.searched));
  results.push(await searching(second));
  second.close();
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true, force: true });
}
for (const { what, unit, median, all } of results)
  console.log(`${what.padEnd(56)} ${median.toFixed(1).padStart(8)} ${unit}   (${all.map((n) => n.toFixed(1)).join(' ')})`);
if (options.out !== undefined) fs.writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);

/** Generates a project and its site, where none is given, and hosts it. */
async function site(models) {
  if (options.site !== undefined) return { name: path.basename(path.resolve(options.site)), ...(await hosted(options.site)) };
  const dir = path.join(work, String(models));
  writeProject(dir, models);
  const { status, stdout } = spawnSync(process.execPath, [options.dml, 'docs', 'generate', '--empty-catalog'], { cwd: dir, encoding: 'utf8' });
  if (status !== 0) throw new Error(`dml docs generate: ${stdout}`);
  const folder = ['target/docs', 'target'].map((name) => path.join(dir, name)).find((name) => fs.existsSync(path.join(name, 'data/index.json')));
  if (folder === undefined) throw new Error('dml docs generate wrote no site');
  return { name: `${models} models`, ...(await hosted(folder)) };
}

/** A host that reads each file anew, as the bench of a page should not depend on another program. */
function hosted(folder) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' };
  const server = http.createServer((request, response) => {
    const name = new URL(request.url, 'http://localhost').pathname;
    const file = path.join(folder, name.endsWith('/') ? 'index.html' : name);
    if (!file.startsWith(folder) || !fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'text/plain' });
    fs.createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    const close = () => {
      server.closeAllConnections();
      server.close();
    };
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/`, close }));
  });
}

/** From the click on the address to a page that is whole: heading, tree of the project, and a frame that is drawn. A new browser context each time: nothing is cached. */
async function interactive({ url, name }) {
  const all = [];
  for (let n = 0; n < runs; n++) {
    const page = await opened();
    await page.goto(url);
    await page.waitForSelector('.tree .twig');
    all.push(await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(performance.now())))));
    await page.context().close();
  }
  return measured(`first page interactive, ${name}`, 'ms', all);
}

/** Frames a second while the whole graph is moved for two seconds, far away and near. */
async function dragging({ url, name }) {
  const all = [];
  const page = await opened();
  await page.goto(`${url}#/lineage`);
  await page.waitForSelector('canvas');
  for (let n = 0; n < runs; n++) {
    if (n === Math.ceil(runs / 2)) for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -240);
    await page.waitForTimeout(400);
    all.push(await framesWhileDragged(page));
  }
  await page.context().close();
  return measured(`frames a second while dragging the graph, ${name}`, 'fps', all);
}

async function framesWhileDragged(page) {
  await page.mouse.move(700, 500);
  await page.mouse.down();
  await browser.startTracing(page, { categories: ['devtools.timeline.frame', 'disabled-by-default-devtools.timeline.frame'] });
  const start = performance.now();
  for (let t = 0; t < 2000; t = performance.now() - start) await page.mouse.move(700 + Math.cos(t / 300) * 200, 500 + Math.sin(t / 300) * 150);
  const seconds = (performance.now() - start) / 1000;
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  await page.mouse.up();
  return traceEvents.filter((e) => e.name === 'DrawFrame').length / seconds;
}

/** From a key that is pressed to the frame that shows what was found, for every letter of some words, right and wrong ones. */
async function searching({ url, name }) {
  const page = await opened();
  await page.goto(url);
  await page.waitForSelector('.tree .twig');
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('a');
  await page.waitForSelector('[role=option]');
  await page.evaluate(() => {
    window.took = [];
    const drawn = (from) => requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - from)));
    addEventListener('input', (event) => drawn(event.timeStamp), { capture: true });
  });
  for (const words of ['int_model_500', 'custmoer amount', 'staging created']) {
    await page.getByRole('combobox').fill('');
    await page.keyboard.type(words, { delay: 80 });
  }
  const all = await page.evaluate(() => window.took);
  await page.context().close();
  return measured(`search, a key to its results, ${name}`, 'ms', all);
}

async function opened() {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  return context.newPage();
}

function measured(what, unit, all) {
  return { what, unit, median: [...all].sort((a, b) => a - b)[all.length >> 1], all };
}
