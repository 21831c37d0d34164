// npm run bench -- [--models 1000] [--runs 5] [--only version,parse,compile,build,again,docs,seed,merge,scan,unit,site] [--no-peers] [--dml PATH/TO/bin/dml.cjs]
// Times dml, its peers and the floor on the same generated project, in turn in every round, and prints medians. Writes bench/results.json. Processor
// seconds and peak memory are there where GNU time is (`apt install time`): on a machine that does other things too they say more than seconds on the wall.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, record, round3 } from './kit.mjs';
import { dbtCore1, dbtCore2 } from './peers.mjs';
import { writeProject } from './project.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: 'version,parse,compile,build,again,docs,seed,merge,scan,unit,site' },
    peers: { type: 'boolean', default: true },
    dml: { type: 'string', default: path.join(root, 'bin/dml.cjs') },
    out: { type: 'string', default: path.join(root, 'bench/results.json') },
  },
  allowNegative: true,
}).values;
const models = Number(options.models);
const rounds = Number(options.runs);
const groups = options.only.split(',');
// Seeds and merges have no peers but the statements that a person would type.
const typed = groups.filter((group) => group === 'seed' || group === 'merge');
if (typed.length > 0) {
  const argv = [path.join(root, 'bench/warehouse.mjs'), '--only', typed.join(','), '--runs', options.runs, '--dml', options.dml, '--out', options.out];
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  if (status !== 0 || typed.length === groups.length) process.exit(status ?? 1);
}
// Nor have asking about all tests of a table at once, unit tests, and the pages of a site in a browser.
for (const group of ['scan', 'unit', 'site']) {
  if (!groups.includes(group)) continue;
  const argv = [path.join(root, `bench/${group}.mjs`), '--runs', options.runs, '--dml', options.dml, '--out', options.out];
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
if (groups.every((group) => ['seed', 'merge', 'scan', 'unit', 'site'].includes(group))) process.exit();

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-bench-'));
const env = { ...process.env, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DO_NOT_TRACK: '1', NO_COLOR: '1' };
const dbt1 = options.peers ? dbtCore1() : undefined;
const dbt2 = options.peers ? dbtCore2() : undefined;

/** A project of its own for each tool, so that none reads what another left. */
const home = (tool) => path.join(work, tool);
const clean = (tool, ...names) => {
  for (const name of names) fs.rmSync(path.join(home(tool), name), { recursive: true, force: true });
};
const database = ['synth.duckdb', 'synth.duckdb.wal'];
/** Builds a tool's project where nothing is built yet. */
const built = (tool, command) => {
  if (!fs.existsSync(path.join(home(tool), database[0]))) spawnSync(command[0], command.slice(1), { cwd: home(tool), env });
};

const dml = (...argv) => [process.execPath, options.dml, ...argv];
const dbt = (executable, ...argv) => executable && [executable, ...argv, '--profiles-dir', '.'];
const floor = [process.execPath, path.join(root, 'bench/floor.mjs'), '.', 'synth.duckdb'];

/** What is timed. `before` clears what an earlier round left; `once`: too slow to repeat. A command that is undefined belongs to a missing peer. */
const jobs = [
  { group: 'version', step: '--version', tool: 'bare node', command: [process.execPath, '-e', '0'] },
  { group: 'version', step: '--version', tool: 'dml', command: dml('--version') },
  { group: 'parse', step: 'parse, cold', tool: 'dml', command: dml('parse'), before: () => clean('dml', 'target') },
  { group: 'parse', step: 'parse, cold', tool: 'dbt 2', command: dbt(dbt2, 'parse'), before: () => clean('dbt 2', 'target') },
  { group: 'parse', step: 'parse, cold', tool: 'dbt 1', command: dbt(dbt1, '-q', 'parse'), before: () => clean('dbt 1', 'target'), once: true },
  { group: 'parse', step: 'parse, warm', tool: 'dml', command: dml('parse') },
  { group: 'parse', step: 'parse, warm', tool: 'dbt 1', command: dbt(dbt1, '-q', 'parse'), once: true },
  { group: 'compile', step: 'compile', tool: 'dml', command: dml('compile'), before: () => clean('dml', 'target') },
  { group: 'compile', step: 'compile', tool: 'dbt 2', command: dbt(dbt2, 'compile'), before: () => clean('dbt 2', 'target') },
  { group: 'compile', step: 'compile', tool: 'dbt 1', command: dbt(dbt1, '-q', 'compile'), before: () => clean('dbt 1', 'target'), once: true },
  { group: 'build', step: 'build, first', tool: 'floor', command: floor, before: () => clean('floor', ...database) },
  { group: 'build', step: 'build, first', tool: 'dml', command: dml('build'), before: () => clean('dml', 'target', ...database) },
  { group: 'build', step: 'build, first', tool: 'dbt 1', command: dbt(dbt1, '-q', 'build'), before: () => clean('dbt 1', 'target', ...database), once: true },
  { group: 'again', step: 'build, again', tool: 'dml', command: dml('build') },
  { group: 'again', step: 'build, again', tool: 'dbt 1', command: dbt(dbt1, '-q', 'build'), once: true },
  // Both parse again, so that what a site takes beyond that can be told.
  { group: 'docs', step: 'docs, parse alone', tool: 'dml', command: dml('parse'), before: () => built('dml', dml('build')) },
  { group: 'docs', step: 'docs generate', tool: 'dml', command: dml('docs', 'generate') },
  {
    group: 'docs',
    step: 'docs generate',
    tool: 'dbt 1',
    command: dbt(dbt1, '-q', 'docs', 'generate'),
    before: () => built('dbt 1', dbt(dbt1, '-q', 'build')),
    once: true,
  },
  { group: 'docs', step: 'docs, no database', tool: 'dml', command: dml('docs', 'generate', '--no-compile', '--empty-catalog') },
].filter((job) => groups.includes(job.group) && job.command !== undefined);

const accounts = path.join(work, 'accounts');
const accounting = spawnSync('/usr/bin/time', ['-f', '%U %S %M', '-o', accounts, 'true']).status === 0;

/** Seconds on the wall, and where they can be told of the processor, and the peak of memory in MiB. */
function time(job) {
  job.before?.();
  const command = accounting ? ['/usr/bin/time', '-f', '%U %S %M', '-o', accounts, ...job.command] : job.command;
  const start = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(command[0], command.slice(1), { cwd: home(job.tool), env, encoding: 'utf8', maxBuffer: 1 << 28 });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) {
    job.failed = `${stderr}${stdout}`.trim().split('\n').slice(-3).join(' | ') || `ended by ${signal}`;
    return undefined;
  }
  if (!accounting) return { wall };
  const [user, system, kilobytes] = fs.readFileSync(accounts, 'utf8').trim().split(' ').map(Number);
  return { wall, cpu: user + system, memory: kilobytes / 1024 };
}

for (const tool of new Set(jobs.map((job) => job.tool))) writeProject(home(tool), models);
// The first run of a new build writes its code cache: no user meets it twice.
spawnSync(process.execPath, [options.dml, 'parse'], { cwd: home('dml'), env });
const load = [os.loadavg()[0]];
for (let round = 0; round < rounds; round++) {
  for (const job of jobs) {
    if (job.failed !== undefined || (job.once && round > 0)) continue;
    const taken = time(job);
    if (taken !== undefined) job.times = [...(job.times ?? []), taken];
  }
}
load.push(os.loadavg()[0]);
fs.rmSync(work, { recursive: true, force: true });

const rows = jobs.map(({ step, tool, times = [], failed }) => ({
  step,
  tool,
  ...(failed === undefined && times.length > 0
    ? {
        median: round3(median(times.map((t) => t.wall))),
        min: round3(Math.min(...times.map((t) => t.wall))),
        ...(accounting && { cpu: round3(median(times.map((t) => t.cpu))), memoryMiB: Math.round(median(times.map((t) => t.memory))) }),
        runs: times.length,
      }
    : { failed: failed?.replaceAll(work, '.').replaceAll(root, '.') ?? 'not run' }),
}));
const row = (step, tool) => rows.find((each) => each.step === step && each.tool === tool);

/** The median of the ratios of runs that followed each other: it stays what it is when the machine is slower in one round than in the next. */
function paired(step, a, b, of) {
  const [first, second] = [a, b].map((tool) => jobs.find((job) => job.step === step && job.tool === tool)?.times ?? []);
  const ratios = first.flatMap((t, i) => (second[i] === undefined ? [] : [of(t) / of(second[i])]));
  return ratios.length === 0 ? Number.NaN : median(ratios);
}

/** What the README promises, as ratios within this run. */
const goals = [
  { step: 'parse, cold', other: 'dbt 2', goal: 0.5 },
  { step: 'build, first', other: 'floor', goal: 1.5 },
]
  .map(({ step, other, goal }) => ({
    name: `${step}: dml / ${other}`,
    goal,
    ratio: round3(paired(step, 'dml', other, (t) => t.wall)),
    ...(accounting && { cpuRatio: round3(paired(step, 'dml', other, (t) => t.cpu)) }),
  }))
  .filter(({ ratio }) => Number.isFinite(ratio));

const cell = (number, digits, unit) => (number === undefined ? '' : `${number.toFixed(digits)} ${unit}`).padStart(11);
console.log(`${'step'.padEnd(14)}${'tool'.padEnd(11)}${'wall'.padStart(11)}${'least'.padStart(11)}${'processor'.padStart(11)}${'memory'.padStart(11)}  runs`);
for (const { step, tool, median: wall, min, cpu, memoryMiB, runs, failed } of rows) {
  const own = row(step, 'dml')?.median;
  const figures = `${cell(wall, 3, 's')}${cell(min, 3, 's')}${cell(cpu, 2, 's')}${cell(memoryMiB, 0, 'MiB')}${String(runs).padStart(6)}`;
  const ratio = tool !== 'dml' && own && wall ? `  dml takes ${(own / wall).toFixed(2)} x` : '';
  console.log(`${step.padEnd(14)}${tool.padEnd(11)}${failed === undefined ? `${figures}${ratio}` : `  failed: ${failed}`}`);
}
for (const { name, ratio, cpuRatio, goal } of goals) {
  const processor = cpuRatio === undefined ? '' : `, processor ${cpuRatio}`;
  console.log(`${name} = ${ratio}${processor} (goal: at most ${goal}) ${ratio <= goal ? 'reached' : 'MISSED'}`);
}

const machine = {
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  platform: `${os.platform()} ${os.arch()}`,
  node: process.version,
  /** The average load before and after: what else the machine was doing. */
  load: load.map(round3),
};
record(options.out, { date: new Date().toISOString().slice(0, 10), machine, models, rows, goals });
if (rows.some((row) => row.tool === 'dml' && row.failed !== undefined)) process.exitCode = 1;
