// The peers, each in a Python environment of its own under a cache directory outside the repository. A peer that cannot be had is left out, loudly.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const cache = process.env.DML_BENCH_CACHE ?? path.join(os.homedir(), '.cache', 'dml-bench');

/** dbt Core 1.11 with its DuckDB adapter: `$DML_TEST_DBT`, or installed. Undefined where it cannot be had. */
export function dbtCore1() {
  return process.env.DML_TEST_DBT ?? install('dbt-core-1', ['dbt-core<1.12', 'dbt-duckdb<1.12', 'duckdb==1.5.5'], 'dbt');
}

/** The newest dbt Core 2 whose program is inside its Python package: it parses and compiles, and cannot build without downloads. */
export function dbtCore2() {
  return install('dbt-core-2', ['--only-binary=:all:', 'dbt-core-experimental-parser==2.0.0a4'], 'dbt-core-experimental-parser');
}

/** A Python with dbt Core 1, its adapters and the package of their tests: DML_TEST_PYTHON, or one made in the cache; undefined where it cannot be had. */
export function adapterTests() {
  const tools = ['pytest', 'pytest-timeout', 'pytest-xdist', 'pytest-mock', 'freezegun', 'libfaketime', 'pandas', 'pyarrow'];
  const requirements = ['dbt-core<1.12', 'dbt-duckdb<1.12', 'dbt-postgres<1.12', 'dbt-tests-adapter', 'duckdb==1.5.5', ...tools];
  return process.env.DML_TEST_PYTHON ?? install('dbt-adapter-tests', requirements, 'python');
}

function install(name, requirements, program) {
  const home = path.join(cache, name);
  const executable = path.join(home, 'bin', program);
  if (fs.existsSync(executable)) return executable;
  console.error(`installing ${requirements.join(' ')} ...`);
  const done =
    spawnSync('python3', ['-m', 'venv', home], { stdio: 'inherit' }).status === 0 &&
    spawnSync(path.join(home, 'bin', 'pip'), ['install', '--quiet', ...requirements], { stdio: 'inherit' }).status === 0 &&
    fs.existsSync(executable);
  if (done) return executable;
  console.error(`${name} could not be installed: it is left out`);
  fs.rmSync(home, { recursive: true, force: true });
  return undefined;
}
