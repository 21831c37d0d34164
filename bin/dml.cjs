#!/usr/bin/env node
'use strict';
// Runs dist/cli.cjs through a code cache of our own: compiling the bundle costs more than bare Node's start, reading V8's cached bytecode does not.
// The cache is only ever an extra: where it is missing, stale, foreign or cannot be written, the same source runs without it.
const fs = require('node:fs');
const path = require('node:path');
const Module = require('node:module');

const bundle = path.join(__dirname, '..', 'dist', 'cli.cjs');

/** The bundle's wrapper function, compiled from the cache where that is possible. */
function compile() {
  const { mtimeMs, size } = fs.statSync(bundle);
  // V8 checks its own version and flags but of the source only the length, so the name carries the bundle's date.
  const cache = `${bundle}.${process.version}-${process.arch}-${size}-${Math.trunc(mtimeMs)}.cache`;
  let cachedData;
  try {
    cachedData = fs.readFileSync(cache);
  } catch {
    // The first run of this build.
  }
  const vm = require('node:vm');
  const script = new vm.Script(Module.wrap(fs.readFileSync(bundle, 'utf8')), { filename: bundle, cachedData });
  // Written on exit, so that it holds the functions that a run really needs; by rename, so that a concurrent start sees all or nothing.
  if (cachedData === undefined || script.cachedDataRejected) process.once('exit', () => save(script, cache));
  return script.runInThisContext();
}

function save(script, cache) {
  const next = `${cache}.${process.pid}`;
  try {
    fs.writeFileSync(next, script.createCachedData());
    fs.renameSync(next, cache);
  } catch {
    // A read-only installation works as well, only a little slower.
  }
}

/**
 * Makes the V8 of Node 20 wait longer before it optimizes a function: a command lives for a second or a few, and much of what is optimized early is hardly
 * called again. Saves a quarter of the processor's time of `dml parse`. Later releases wait by themselves, and do not know the flag.
 */
function patience() {
  if (!process.version.startsWith('v20.')) return;
  // Node's own cached bytecode is refused once the flags have changed: what every run needs is loaded before.
  require('node:crypto');
  require('node:v8').setFlagsFromString('--interrupt-budget=400000');
}

if (!fs.existsSync(bundle)) {
  console.error('dml is not built yet: run `npm run build` in its directory');
  process.exit(2);
}
if (process.argv.length === 3 && ['--version', '-v', '-V'].includes(process.argv[2]) && !process.env.DML_AS_DBT) {
  process.stdout.write(fs.readFileSync(path.join(path.dirname(bundle), 'version.txt')));
} else {
  patience();
  // Each running statement of the database holds one of these threads: with Node's four, `threads: 8` in a profile would wait in line. They start with the first.
  process.env.UV_THREADPOOL_SIZE ??= '64';
  const program = { exports: {} };
  compile().call(program.exports, program.exports, Module.createRequire(bundle), program, bundle, path.dirname(bundle));
}
