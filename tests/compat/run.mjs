// npm run compat -- DIR [--times N] [--ignore-columns REGEX] [--json] [--keep] [-- BUILD ARGUMENTS]
// Builds the dbt project in DIR once with dbt Core and once with dml, each in a copy with a DuckDB file of its own, and compares what they left:
// manifest, compiled SQL, `ls`, statuses, and every relation's columns and rows. Exit code 1 where something differs beyond white space.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dump, load } from 'js-yaml';
import { dbtCore1 } from '../../bench/peers.mjs';
import { compareArtifacts, compareFiles, compareLists } from './artifacts.mjs';
import { compareRelations } from './relations.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** `DIR` copied for one tool, with a profile of the same name, target and database name as the project's own, and a database file of its own. */
function prepare(dir, work, tool) {
  const home = path.join(work, tool);
  const skipped = new Set(['.git', '.venv', 'node_modules']);
  // A package may have a folder of models named `logs`: only what dbt writes itself stays behind.
  const written = new Set(['target', 'logs'].map((name) => path.join(dir, name)));
  fs.cpSync(dir, path.join(home, 'project'), {
    recursive: true,
    filter: (name) => name === dir || !(skipped.has(path.basename(name)) || written.has(name) || /\.(duckdb|wal)$/.test(name)),
  });
  const project = load(fs.readFileSync(path.join(dir, 'dbt_project.yml'), 'utf8'));
  const profile = project.profile ?? project.name;
  const own = path.join(dir, 'profiles.yml');
  const given = fs.existsSync(own) ? load(fs.readFileSync(own, 'utf8'))?.[profile] : undefined;
  const output = Object.entries(given?.outputs ?? {}).find(([name, o]) => o.type === 'duckdb' && (given.target === undefined || name === given.target));
  const file = path.join(home, `${path.parse(output?.[1].path ?? 'compat').name.replace(/\W/g, '') || 'compat'}.duckdb`);
  const target = output?.[0] ?? 'dev';
  const outputs = { [target]: { threads: 4, ...output?.[1], type: 'duckdb', path: file } };
  fs.mkdirSync(path.join(home, 'profiles'));
  fs.writeFileSync(path.join(home, 'profiles/profiles.yml'), dump({ [profile]: { target, outputs } }));
  return { tool, home, project: path.join(home, 'project'), file };
}

/** Runs one command of a tool in its copy. */
function run(side, command, argv) {
  const env = { ...process.env, DBT_PROFILES_DIR: path.join(side.home, 'profiles'), DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', NO_COLOR: '1' };
  const [program, ...words] = [...command, ...argv];
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: side.project, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** Builds, lists, and reads the artifacts of one side. */
function play(side, command, times, argv) {
  let built = { status: null, stdout: '', stderr: '' };
  for (let i = 0; i < times; i++) built = run(side, command, ['build', ...argv]);
  const artifact = (name) => {
    const file = path.join(side.project, 'target', name);
    return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  };
  const artifacts = { manifest: artifact('manifest.json'), results: artifact('run_results.json') };
  const compiled = path.join(side.home, 'compiled');
  if (fs.existsSync(path.join(side.project, 'target/compiled'))) fs.cpSync(path.join(side.project, 'target/compiled'), compiled, { recursive: true });
  const ls = run(side, command, ['--quiet', 'ls'])
    .stdout.split('\n')
    .filter((line) => line.trim() !== '');
  return { ...side, ...artifacts, built, compiled, ls };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      times: { type: 'string', default: '1' },
      'ignore-columns': { type: 'string', default: '(?!)' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      // For testing this very script: dbt against dbt must show no difference.
      dml: { type: 'string' },
    },
  });
  const [dir, ...argv] = positionals;
  if (dir === undefined) return console.log('usage: npm run compat -- DIR: builds the dbt project in DIR with dbt and with dml, and compares the results');
  const dbt = dbtCore1();
  if (dbt === undefined) return console.log('dbt cannot be installed here: nothing was compared (DML_TEST_DBT may name an executable)');

  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-compat-'));
  const [left, right] = ['dbt', 'dml'].map((tool) => prepare(path.resolve(dir), work, tool));
  const a = play(left, [dbt], Number(values.times), argv);
  const b = play(right, values.dml ? [values.dml] : [process.execPath, path.join(root, 'bin/dml.cjs')], Number(values.times), argv);
  const checks = [
    { name: 'exit code', ...compareLists([String(a.built.status)], [String(b.built.status)]) },
    ...compareArtifacts(a, b),
    { name: 'ls', ...compareLists(a.ls, b.ls) },
    ...compareFiles(a, b),
    ...(await compareRelations(a, b, new RegExp(values['ignore-columns']))),
  ];
  print(checks, values.json);
  const failed = checks.some((check) => !check.cosmetic && check.missing.length + check.extra.length + check.different.length > 0);
  if (b.built.status !== a.built.status)
    console.error(
      `\ndml build ended with ${b.built.status}, dbt build with ${a.built.status}. dml's last lines:\n${(b.built.stdout + b.built.stderr).trim().split('\n').slice(-30).join('\n')}`,
    );
  if (values.keep) console.error(`\nkept: ${work}`);
  else fs.rmSync(work, { recursive: true, force: true });
  process.exitCode = failed ? 1 : 0;
}

function print(checks, json) {
  if (json) return console.log(JSON.stringify(checks, null, 2));
  for (const { name, missing, extra, different } of checks) {
    const lines = [...missing.map((each) => `- ${each}`), ...extra.map((each) => `+ ${each}`), ...different.map((each) => `~ ${each}`)];
    if (lines.length > 0)
      console.log(
        [`\n${name}:`, ...lines.slice(0, 40).map((line) => `  ${line}`), ...(lines.length > 40 ? [`  and ${lines.length - 40} more`] : [])].join('\n'),
      );
  }
  const cells = (row) => row.map((cell, i) => (i === 0 ? String(cell).padEnd(26) : String(cell).padStart(10))).join('');
  console.log(`\n${cells(['', 'same', 'missing', 'extra', 'different'])}`);
  for (const check of checks) console.log(cells([check.name, check.same, check.missing.length, check.extra.length, check.different.length]));
}

await main();
