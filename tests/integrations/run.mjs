// npm run integrations -- [dagster|cosmos|prefect|openlineage|artifacts]... [--record]
// Runs the example project on DuckDB in the tools that usually start dbt, with dml in its place, and in programs that read dbt's artifacts. Each has a Python
// environment of its own below a cache directory outside of the repository (DML_INTEGRATIONS_CACHE), which takes minutes and a gigabyte to install. The files
// in templates/orchestration/ are what is run. Without a name: all of them, one after the other. --record writes the outcome into docs/orchestration.md.
// DML_INTEGRATIONS_DML names another dml to run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const cache = process.env.DML_INTEGRATIONS_CACHE ?? path.join(os.homedir(), '.cache', 'dml-integrations');
const templates = path.join(root, 'templates', 'orchestration');

/** None of these tools is to tell anybody that it was used. */
const QUIET = {
  DO_NOT_TRACK: '1',
  SCARF_ANALYTICS: 'false',
  DAGSTER_DISABLE_TELEMETRY: 'yes',
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  DATAHUB_TELEMETRY_ENABLED: 'false',
  AIRFLOW__COSMOS__ENABLE_TELEMETRY: 'False',
  DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
};

/** What the example project comes to: nodes that are built, and its data tests and unit tests, one of which warns. */
const PROJECT = { built: 42, tests: 112, done: 'Done. PASS=158 WARN=1 ERROR=0 SKIP=0 NO-OP=3 TOTAL=162' };

const integrations = {
  dagster: {
    packages: ['dagster==1.13.27', 'dagster-dbt==0.29.27', 'python-dateutil'],
    shown: ['dagster', 'dagster-dbt'],
    run(c) {
      const build = () => c.check('dagster_check.py', [path.join(templates, 'dagster', 'definitions.py')], { DAGSTER_HOME: c.folder('dagster_home') });
      const told = build();
      assert.equal(told.success, true);
      assert.equal(told.assets, PROJECT.built);
      assert.equal(told.materialized, told.assets, 'every asset is materialized');
      assert.equal(told.passed + told.warned, told.checks, 'every check has an outcome');
      assert.deepEqual([told.warned, told.failed], [1, 0]);
      assert.ok(told.timed, 'every materialization knows how long it took');
      fs.writeFileSync(path.join(c.project, 'models', 'staging', 'stg_stores.sql'), 'select nothing from nowhere');
      c.emptyDatabase();
      const broken = build();
      assert.equal(broken.success, false);
      assert.ok(broken.materialized > 0 && broken.materialized < told.materialized, 'what needs the broken model is not materialized');
      return `${told.materialized} of ${told.assets} assets materialized; ${told.passed} of ${told.checks} checks passed, ${told.warned} warned; ${told.observations} observations for tests of no single asset; with a broken model ${broken.materialized} assets, and the run failed`;
    },
  },

  cosmos: {
    packages: ['astronomer-cosmos==1.15.1', 'apache-airflow==3.3.2'],
    shown: ['astronomer-cosmos', 'apache-airflow'],
    run(c) {
      const home = c.folder('airflow');
      const env = {
        AIRFLOW_HOME: home,
        AIRFLOW__CORE__DAGS_FOLDER: path.join(home, 'dags'),
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        AIRFLOW__COSMOS__ENABLE_CACHE: 'False',
      };
      fs.cpSync(path.join(templates, 'airflow'), path.join(home, 'dags'), { recursive: true });
      c.dml('parse');
      c.tool('airflow', ['db', 'migrate'], env);
      const dags = c.check('cosmos_check.py', [path.join(home, 'dags', 'dml_cosmos.py')], env);
      assert.deepEqual(dags.dml_from_ls, dags.dml_from_manifest, 'both ways to load a project give the same tasks');
      c.tool('airflow', ['dags', 'reserialize'], env);
      for (const dag of Object.keys(dags)) {
        c.emptyDatabase();
        c.tool('airflow', ['dags', 'test', dag], env);
        // dml's own words, as they went through Airflow's log.
        const ends = [...c.output.matchAll(/Done\. PASS=\d+ WARN=(\d+) ERROR=(\d+) .*TOTAL=\d+/g)];
        assert.ok(ends.length >= PROJECT.built, `${ends.length} tasks of ${dag} told how they ended`);
        assert.ok(
          ends.every(([, , errors]) => errors === '0'),
          'no task of dml failed',
        );
        assert.match(c.output, /DagRun Finished: .*state=success/);
      }
      return `the project is a DAG of ${dags.dml_from_ls.length} tasks, the same from \`manifest.json\` and from \`ls\`; \`airflow dags test\` ran both to success`;
    },
  },

  prefect: {
    packages: ['prefect-dbt==0.7.25', 'prefect==3.7.2', 'dbt-core<1.12', 'fastapi<0.121'],
    shown: ['prefect', 'prefect-dbt'],
    run(c) {
      const told = c.check('prefect_check.py', [path.join(templates, 'prefect', 'flow.py')], { PREFECT_HOME: c.folder('prefect_home') });
      assert.ok(told.done.endsWith(PROJECT.done), told.done);
      assert.ok(told.refused, 'exit code 2 fails the flow');
      return `the flow built the project (\`${PROJECT.done}\`), and failed where dml ends with exit code 2`;
    },
  },

  openlineage: {
    packages: ['openlineage-dbt==1.54.0', 'openlineage-python==1.54.0', 'dbt-core<1.12'],
    shown: ['openlineage-dbt'],
    run(c) {
      const outcome = {};
      for (const [mode, ...flags] of [['artifacts'], ['log', '--consume-structured-logs']]) {
        c.emptyDatabase();
        const events = path.join(c.work, `openlineage-${mode}.jsonl`);
        const config = path.join(c.work, 'openlineage.yml');
        fs.writeFileSync(config, `transport: {type: file, log_file_path: ${events}, append: true}\n`);
        c.tool('dbt-ol', ['build', ...flags, '--profiles-dir', '.'], { OPENLINEAGE_CONFIG: config, OPENLINEAGE_NAMESPACE: 'shop' });
        const told = c.check('openlineage_check.py', [events]);
        assert.equal(told['START JOB'] + told['COMPLETE JOB'], 2);
        for (const kind of ['MODEL', 'TEST', 'SNAPSHOT', 'SEED', 'SQL']) assert.equal(told[`COMPLETE ${kind}`], told[`START ${kind}`], `${mode}: ${kind}`);
        assert.ok(told['COMPLETE MODEL'] >= 32 && told['SchemaDatasetFacet'] > 0, `${mode}: models and their columns`);
        outcome[mode] = told;
      }
      assert.ok(outcome.artifacts.ColumnLineageDatasetFacet > 0);
      assert.equal(outcome.log['COMPLETE TEST'], PROJECT.tests - 4);
      assert.ok(outcome.log['COMPLETE SQL'] > 100, 'the log tells of statements');
      const { artifacts, log } = outcome;
      return `${artifacts.events} events from the artifacts, with column lineage for ${artifacts.ColumnLineageDatasetFacet} datasets; ${log.events} from the log, ${log['COMPLETE SQL']} of them of statements that ended; all valid by the classes that are generated from the standard`;
    },
  },

  artifacts: {
    packages: ['dbt-artifacts-parser==0.15.0', 'dbt-coverage==0.5.0', 'acryl-datahub[dbt]==1.7.0.17'],
    shown: ['dbt-artifacts-parser', 'dbt-coverage', 'acryl-datahub'],
    run(c) {
      // As with dbt, `docs generate` leaves a run_results.json without the outcomes of tests.
      for (const command of [['build'], ['docs', 'generate'], ['source', 'freshness'], ['build']]) c.dml(...command);
      const target = path.join(c.project, 'target');
      const kinds = c.check('artifacts_check.py', [target]);
      assert.deepEqual(kinds, { manifest: 'ManifestV12', run_results: 'RunResultsV6', catalog: 'CatalogV1', sources: 'SourcesV3' });
      c.tool('dbt-coverage', ['compute', 'doc', '--cov-report', path.join(c.work, 'coverage.json')]);
      const covered = JSON.parse(fs.readFileSync(path.join(c.work, 'coverage.json'), 'utf8'));
      assert.ok(covered.total > 0 && covered.tables.length > 0);
      const out = path.join(c.work, 'datahub.json');
      fs.writeFileSync(path.join(c.work, 'datahub.yml'), datahub(target, out));
      c.tool('datahub', ['ingest', '-c', path.join(c.work, 'datahub.yml')]);
      const records = JSON.parse(fs.readFileSync(out, 'utf8'));
      const aspects = (name) => records.filter((r) => r.aspectName === name).length;
      assert.ok(aspects('assertionInfo') > 0 && aspects('assertionRunEvent') > 0 && aspects('upstreamLineage') > 0, 'tests, their results and lineage');
      return `dbt-artifacts-parser read ${Object.values(kinds).join(', ')}; dbt-coverage saw ${covered.covered} of ${covered.total} columns documented; DataHub made ${records.length} records, ${aspects('assertionInfo')} of tests and ${aspects('upstreamLineage')} of lineage`;
    },
  },
};

const datahub = (target, file) => `source:
  type: dbt
  config:
    manifest_path: ${target}/manifest.json
    catalog_path: ${target}/catalog.json
    sources_path: ${target}/sources.json
    run_results_paths: [${target}/run_results.json]
    target_platform: duckdb
    include_column_lineage: true
    write_semantics: OVERRIDE
    entities_enabled: {test_results: "YES"}
sink: {type: file, config: {filename: ${file}}}
`;

/** One tool at work: its Python, a project of its own, and what it has printed. */
class Integration {
  constructor(name, python) {
    this.python = python;
    this.work = fs.mkdtempSync(path.join(os.tmpdir(), `dml-${name}-`));
    this.project = path.join(this.work, 'project');
    this.database = path.join(this.folder('database'), 'tidewater.duckdb');
    this.output = '';
    const built = new Set(['target', 'logs']);
    fs.cpSync(path.join(root, 'example-project'), this.project, { recursive: true, filter: (file) => !built.has(path.basename(file)) });
    fs.writeFileSync(path.join(this.project, 'profiles.yml'), `tidewater: {target: dev, outputs: {dev: {type: duckdb, path: ${this.database}, threads: 4}}}\n`);
    // A word for dml on the PATH, and one for dbt beside it.
    this.bin = this.folder('bin');
    const dml = process.env.DML_INTEGRATIONS_DML ?? path.join(root, 'bin', 'dml.cjs');
    const command = dml.endsWith('.cjs') ? `"${process.execPath}" "${dml}"` : `"${dml}"`;
    fs.writeFileSync(path.join(this.bin, 'dml'), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    this.dml('install-shim', this.bin);
  }

  folder(name) {
    const dir = path.join(this.work, name);
    fs.mkdirSync(dir, { recursive: true });
    return dir;
  }

  emptyDatabase() {
    fs.rmSync(this.database, { force: true });
  }

  /** Runs a program; what it printed is in `output` afterwards. Fails where it does. */
  start(program, args, env = {}) {
    const name = path.basename(program);
    const PATH = [this.bin, path.dirname(this.python), process.env.PATH].join(path.delimiter);
    const all = { ...process.env, ...QUIET, DML_PROJECT: this.project, PATH, ...env };
    const began = Date.now();
    const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: this.project, env: all, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (error) throw error;
    this.output = `${stdout}\n${stderr}`;
    console.log(`  ${name} ${args.map((a) => path.basename(a)).join(' ')}: exit code ${status}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
    assert.equal(status, 0, `${name} ended with ${status}:\n${this.output.slice(-4000)}`);
    return stdout;
  }

  dml(...args) {
    return this.start(path.join(this.bin, 'dml'), args);
  }

  /** A program of the tool's own environment. */
  tool(name, args, env) {
    return this.start(path.join(path.dirname(this.python), name), args, env);
  }

  /** A script beside this file; answers the JSON of its last line. */
  check(script, args, env) {
    const stdout = this.start(this.python, [path.join(here, script), ...args], env);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1));
  }

  remove() {
    fs.rmSync(this.work, { recursive: true, force: true });
  }
}

/** The Python that has these packages; made where it is not there. Undefined where it cannot be. */
function environment(name, packages) {
  const home = path.join(cache, name);
  const python = path.join(home, 'bin', 'python');
  const list = path.join(home, 'requirements.txt');
  const wanted = `${packages.join('\n')}\n`;
  if (fs.existsSync(list) && fs.readFileSync(list, 'utf8') === wanted) return python;
  console.log(`  installing ${packages.join(' ')} ...`);
  const run = (program, args) => spawnSync(program, args, { stdio: 'inherit' }).status === 0;
  const done = run('python3', ['-m', 'venv', home]) && run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  if (!done) return undefined;
  fs.writeFileSync(list, wanted);
  return python;
}

function versions(python, packages) {
  const script = 'import importlib.metadata, sys; print(", ".join(f"{p} {importlib.metadata.version(p)}" for p in sys.argv[1:]))';
  return spawnSync(python, ['-c', script, ...packages], { encoding: 'utf8' }).stdout.trim();
}

/** Puts the rows of these tools into the table of the guide; the others stay. */
function record(rows) {
  const file = path.join(root, 'docs', 'orchestration.md');
  const text = fs.readFileSync(file, 'utf8');
  const recorded = text.replace(/(<!-- integrations -->\n)(.*?)(<!-- \/integrations -->)/s, (_, open, table, close) => {
    const lines = table.trimEnd().split('\n');
    for (const [name, row] of rows) {
      const at = lines.findIndex((line) => line.startsWith(`| ${name} |`));
      lines.splice(at === -1 ? lines.length : at, at === -1 ? 0 : 1, row);
    }
    return `${open}${lines.join('\n')}\n${close}`;
  });
  fs.writeFileSync(file, recorded);
}

function main(argv) {
  const names = argv.filter((a) => a !== '--record');
  const unknown = names.find((name) => !(name in integrations));
  if (unknown !== undefined) {
    console.error(`${unknown} is none of ${Object.keys(integrations).join(', ')}`);
    return 2;
  }
  const rows = new Map();
  const failed = [];
  for (const name of names.length > 0 ? names : Object.keys(integrations)) {
    const { packages, shown, run } = integrations[name];
    console.log(name);
    const python = environment(name, packages);
    if (python === undefined) {
      console.log('  SKIPPED: it cannot be installed here');
      continue;
    }
    const began = Date.now();
    const tool = new Integration(name, python);
    try {
      const outcome = run(tool);
      const seconds = ((Date.now() - began) / 1000).toFixed(0);
      console.log(`  ${outcome}`);
      rows.set(name, `| ${name} | ${versions(python, shown)} | ${outcome} | ${seconds} |`);
    } catch (error) {
      console.error(`  FAILED: ${error.message}`);
      failed.push(name);
    } finally {
      tool.remove();
    }
  }
  if (argv.includes('--record')) record(rows);
  if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
