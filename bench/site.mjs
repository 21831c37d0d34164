// npm run bench -- --only site, or node bench/site.mjs [--models 1000] [--searched 2000] [--large 10000] [--runs 5] [--dml PATH/TO/bin/dml.cjs] [--out FILE.json]
// The documentation sites of generated projects, in Chromium: how long until the first page can be used, how many frames a second are drawn while the whole
// graph is dragged about, how long a search takes while one types, and whether a large project opens at all. Frames are those that the browser's own tracing
// counts. Prints medians; adds `site` to the results. `--large 0` leaves that project out, which takes minutes. How long `docs generate` takes is measured by
// bench/run.mjs, with the other commands.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { median, record } from './kit.mjs';
import { writeProject } from './project.mjs';
import { hosted } from './site-host.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    searched: { type: 'string', default: '2000' },
    large: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '5' },
    dml: { type: 'string', default: path.join(root, 'bin/dml.cjs') },
    out: { type: 'string', default: path.join(root, 'bench/results.json') },
  },
}).values;
const runs = Number(options.runs);
const executablePath = process.env.DML_TEST_CHROMIUM ?? '/usr/bin/chromium';
if (!fs.existsSync(executablePath)) {
  console.log('site: left out, as there is no Chromium; name one with DML_TEST_CHROMIUM');
  process.exit();
}
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync'];

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-bench-site-'));
const browser = await chromium.launch({ executablePath, args: ['--headless', ...quiet] });
const figures = [];
const load = [os.loadavg()[0]];
try {
  const usual = await site(Number(options.models));
  figures.push(await interactive(usual), ...(await dragging(usual)));
  usual.close();
  const searched = await site(Number(options.searched));
  figures.push(await searching(searched));
  searched.close();
  if (Number(options.large) > 0) figures.push(...(await opening(Number(options.large))));
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true, force: true });
}
load.push(os.loadavg()[0]);
for (const { what, unit, median: middle, all } of figures)
  console.log(`${what.padEnd(64)} ${middle.toFixed(1).padStart(8)} ${unit.padEnd(4)} (${all.map((n) => n.toFixed(1)).join(' ')})`);
const rounded = (n) => Math.round(n * 10) / 10;
const kept = {
  load: load.map(rounded),
  figures: figures.map(({ what, unit, median: middle, all }) => ({ what, unit, median: rounded(middle), runs: all.length })),
};
record(options.out, { site: kept });

/** Runs a command; answers its seconds. */
function dml(dir, ...argv) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.dml, ...argv, '--quiet'], { cwd: dir, encoding: 'utf8' });
  if (status !== 0) throw new Error(`dml ${argv.join(' ')}: ${stdout}${stderr}`);
  return (performance.now() - start) / 1000;
}

/** Builds a project, generates its site and hosts it. */
async function site(models) {
  const dir = path.join(work, String(models));
  writeProject(dir, models);
  dml(dir, 'build');
  const seconds = dml(dir, 'docs', 'generate');
  const folder = path.join(dir, 'target/docs');
  return { name: `${models.toLocaleString('en')} models`, folder, seconds, ...(await hosted(folder)) };
}

/** From the click on the address to a page that is whole: heading, tree of the project, and a frame that is drawn. A new browser context each time: nothing is cached. */
async function interactive({ url, name }) {
  const all = [];
  for (let n = 0; n < runs; n++) {
    const page = await opened();
    all.push(await untilUsable(page, url));
    await page.context().close();
  }
  return measured(`first page interactive, ${name}`, 'ms', all);
}

async function untilUsable(page, url) {
  await page.goto(url);
  await page.waitForSelector('.tree .twig');
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(performance.now()))));
}

/** Frames while the whole graph is moved for two seconds, far away and near: how many a second, and how long the slow ones last. */
async function dragging({ url, name }) {
  const page = await opened();
  await page.goto(`${url}#/lineage`);
  await page.waitForSelector('canvas');
  const all = [];
  for (let n = 0; n < runs; n++) {
    if (n === Math.ceil(runs / 2)) for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -240);
    await page.waitForTimeout(400);
    all.push(await framesWhileDragged(page));
  }
  await page.context().close();
  return [
    measured(
      `frames a second while dragging the graph, ${name}`,
      'fps',
      all.map((f) => f.rate),
    ),
    measured(
      `95 of 100 of these frames come within, ${name}`,
      'ms',
      all.map((f) => f.slow),
    ),
  ];
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
  // Microseconds.
  const times = traceEvents.flatMap((e) => (e.name === 'DrawFrame' ? [e.ts / 1000] : [])).sort((a, b) => a - b);
  const waits = times.slice(1).map((time, n) => time - times[n]);
  return { rate: times.length / seconds, slow: waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.95)] };
}

/** From a key that is pressed to the frame that shows what was found, for every letter of some words, right and wrong ones. */
async function searching({ url, name }) {
  const page = await opened();
  await untilUsable(page, url);
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

/** A project that is too large for comfort: that it is written, opens and draws. */
async function opening(models) {
  const { name, folder, seconds, url, close } = await site(models);
  const { files } = JSON.parse(fs.readFileSync(path.join(folder, 'data/index.json'), 'utf8'));
  const page = await opened();
  const usable = await untilUsable(page, url);
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  const start = performance.now();
  await page.evaluate(() => (location.hash = '#/lineage'));
  await page.waitForSelector('canvas');
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const drawn = performance.now() - start;
  await page.waitForTimeout(400);
  const { rate } = await framesWhileDragged(page);
  const drawnHeap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  await page.context().close();
  close();
  const one = (what, unit, value) => measured(`${what}, ${name}`, unit, [value]);
  return [
    one('docs generate, all of it', 's', seconds),
    one('largest data file', 'kB', Math.max(...Object.values(files).map((f) => f.bytes)) / 1000),
    one('first page interactive', 'ms', usable),
    one('the whole graph drawn', 'ms', drawn),
    one('frames a second while dragging the graph', 'fps', rate),
    one('memory of scripts, first page', 'MB', heap),
    one('memory of scripts, the whole graph', 'MB', drawnHeap),
  ];
}

async function opened() {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  return context.newPage();
}

function measured(what, unit, all) {
  return { what, unit, median: median(all), all };
}
