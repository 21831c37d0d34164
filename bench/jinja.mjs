// node bench/jinja.mjs [DIRECTORY]: the template language alone. Renders one compiled incremental model with dml's engine, nunjucks and Jinja2 in turn, and
// parses every file with templates below DIRECTORY from cold. Puts the figures under `jinja` in bench/results.json. Nunjucks and Jinja2 are installed into the
// cache directory outside the repository; a peer that cannot be had is left out, loudly.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = process.env.DML_BENCH_CACHE ?? path.join(os.homedir(), '.cache', 'dml-bench');
const out = path.join(root, 'bench/results.json');
const ROUNDS = 7;
const RENDERS = 20_000;

const model = `{{ config(materialized='incremental', unique_key='order_id') }}
{% macro cents(column, scale=2) %}round({{ column }} / 100.0, {{ scale }}){% endmacro %}
{% set methods = ['card', 'cash', 'coupon', 'transfer'] %}
with orders as (select * from {{ ref('stg_orders') }}),
payments as (select * from {{ source('raw', 'payments') }})
select order_id,
{% for method in methods %}
  sum(case when method = '{{ method }}' then {{ cents('amount') }} else 0 end) as {{ method }}_amount{% if not loop.last %},{% endif %}
{% endfor %}
from orders join payments using (order_id)
{% if is_incremental() %}where updated_at > (select max(updated_at) from {{ this }}){% endif %}
group by 1
`;

async function engine() {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-jinja-')), 'jinja.cjs');
  const contents = "export * from './src/jinja/index.ts'; export { sourceFile } from './src/text/index.ts'; export { language } from './src/parse/index.ts';";
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    logLevel: 'error',
  });
  return file;
}

/** Processor microseconds of one render, the best of some rounds in which the engines take turns. An engine that is undefined is not there. */
function timed(engines) {
  const best = engines.map((render) => render && { text: render(), micros: Number.POSITIVE_INFINITY });
  for (let round = 0; round <= ROUNDS; round++)
    for (const [at, render] of engines.entries()) {
      if (render === undefined) continue;
      const before = process.cpuUsage();
      for (let i = 0; i < RENDERS; i++) render();
      const { user, system } = process.cpuUsage(before);
      // The first round warms up.
      if (round > 0) best[at].micros = Math.min(best[at].micros, (user + system) / RENDERS);
    }
  return best;
}

function ours(jinja) {
  const call = (name, answer) => [name, new jinja.Native(name, answer)];
  const names = new Map([
    call('config', () => ''),
    call('ref', ({ positional: [name] }) => `"db"."main"."${name}"`),
    call('source', ({ positional: [source, table] }) => `"db"."${source}"."${table}"`),
    call('is_incremental', () => true),
    ['this', '"db"."main"."orders"'],
  ]);
  const template = new jinja.Environment().parse(jinja.sourceFile('model.sql', model));
  const lookup = (name) => names.get(name);
  return () => template.render(lookup);
}

function nunjucks() {
  const home = path.join(cache, 'nunjucks');
  if (!fs.existsSync(path.join(home, 'node_modules/nunjucks'))) {
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(path.join(home, 'package.json'), '{"private": true}');
    spawnSync('npm', ['install', '--silent', 'nunjucks@3.2.4'], { cwd: home, stdio: 'inherit' });
  }
  try {
    const engine = createRequire(path.join(home, 'package.json'))('nunjucks');
    const template = new engine.Template(model, new engine.Environment(null, { autoescape: false }), 'model.sql', true);
    const names = {
      config: () => '',
      ref: (name) => `"db"."main"."${name}"`,
      source: (source, table) => `"db"."${source}"."${table}"`,
      is_incremental: () => true,
      this: '"db"."main"."orders"',
    };
    return () => template.render(names);
  } catch (error) {
    console.error(`nunjucks is left out: ${error.message}`);
    return undefined;
  }
}

function jinja2() {
  const home = path.join(cache, 'jinja2');
  const python = path.join(home, 'bin/python');
  if (!fs.existsSync(python)) {
    spawnSync('python3', ['-m', 'venv', home], { stdio: 'inherit' });
    spawnSync(path.join(home, 'bin/pip'), ['install', '--quiet', 'jinja2<4'], { stdio: 'inherit' });
  }
  const script = `
import json, sys, time
from jinja2.sandbox import SandboxedEnvironment
model, rounds, renders = json.load(sys.stdin)
names = dict(config=lambda **k: '', ref=lambda n: f'"db"."main"."{n}"', source=lambda s, t: f'"db"."{s}"."{t}"', is_incremental=lambda: True, this='"db"."main"."orders"')
template = SandboxedEnvironment(extensions=['jinja2.ext.do', 'jinja2.ext.loopcontrols'], keep_trailing_newline=False).from_string(model)
best = None
for _ in range(rounds):
    before = time.process_time()
    for _ in range(renders): text = template.render(names)
    used = (time.process_time() - before) / renders * 1e6
    best = used if best is None else min(best, used)
print(json.dumps({'text': text, 'micros': best}))
`;
  const done = spawnSync(python, ['-c', script], { input: JSON.stringify([model, 3, 2000]), encoding: 'utf8' });
  if (done.status === 0) return JSON.parse(done.stdout);
  console.error(`Jinja2 is left out: ${done.stderr ?? done.error}`);
  return undefined;
}

/** Parses all files of a directory in a new process: processor seconds, without reading them. */
function parseAll(engineFile, directory) {
  const script = `
const fs = require('node:fs'), path = require('node:path');
const [engine, dir] = process.argv.slice(1);
const texts = fs.readdirSync(dir, { recursive: true }).filter((f) => /\\.sql(\\.jinja)?$/.test(f) && fs.statSync(path.join(dir, f)).isFile()).map((f) => [f, fs.readFileSync(path.join(dir, f), 'utf8')]);
const started = process.cpuUsage();
const { language, sourceFile } = require(engine);
const environment = language();
const failed = [];
for (const [name, text] of texts) try { environment.parse(sourceFile(name, text)); } catch (e) { failed.push([name, e.message]); }
const { user, system } = process.cpuUsage(started);
console.log(JSON.stringify({ files: texts.length, bytes: texts.reduce((n, [, t]) => n + Buffer.byteLength(t), 0), failed, seconds: (user + system) / 1e6 }));
`;
  const runs = Array.from({ length: 5 }, () =>
    JSON.parse(spawnSync(process.execPath, ['-e', script, engineFile, path.resolve(directory)], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout),
  );
  return runs.toSorted((a, b) => a.seconds - b.seconds)[0];
}

const round = (n, digits = 2) => Number(n.toFixed(digits));
const file = await engine();
const [dml, other] = timed([ours(createRequire(import.meta.url)(file)), nunjucks()]);
const peers = { nunjucks: other, jinja2: jinja2() };
const squeeze = (text) => text.replace(/\s+/g, ' ').trim();
const jinja = { date: new Date().toISOString().slice(0, 10), render: { dml: round(dml.micros) }, ratios: {} };
console.log(`render: dml ${round(dml.micros)} us`);
for (const [name, peer] of Object.entries(peers)) {
  if (peer === undefined) continue;
  if (squeeze(peer.text) !== squeeze(dml.text)) throw new Error(`${name} renders something else:\n${peer.text}\n${dml.text}`);
  jinja.render[name] = round(peer.micros);
  jinja.ratios[name] = round(peer.micros / dml.micros);
  console.log(`render: ${name} ${round(peer.micros)} us, ${jinja.ratios[name]} x dml's (goal: at least ${name === 'nunjucks' ? 3 : 8})`);
}
const [directory] = process.argv.slice(2).filter((word) => !word.startsWith('-') && fs.existsSync(word));
if (directory !== undefined) {
  const { failed, ...parsed } = parseAll(file, directory);
  jinja.parse = { ...parsed, seconds: round(parsed.seconds, 3), failed: failed.length };
  console.log(
    `parse: ${parsed.files} files, ${(parsed.bytes / 1e6).toFixed(1)} MB, ${failed.length} refused, ${round(parsed.seconds, 3)} s of processor from cold (goal: 0.5)`,
  );
  for (const [name, message] of failed.slice(0, 10)) console.log(`  ${name}: ${message}`);
}
fs.rmSync(path.dirname(file), { recursive: true });
const results = fs.existsSync(out) ? JSON.parse(fs.readFileSync(out, 'utf8')) : {};
fs.writeFileSync(out, `${JSON.stringify({ ...results, jinja }, null, 2)}\n`);
