// npm run integrations:artifacts -- [--keep DIR]
// Builds the example project by dbt and by dml, and holds what the two leave against each other: the documents themselves, what programs make of them, and
// what dbt does with dml's as its state. Needs DML_DBT_PYTHON (a Python with dbt-core 1.11, dbt-duckdb and jsonschema) and installs the programs into Python
// environments of its own below DML_INTEGRATIONS_CACHE, as run.mjs does. elementary also takes DML_ELEMENTARY, a folder that holds the dbt packages
// `elementary` 0.25.1 and `dbt_utils`. Exits with 1 where anything differs that is not listed here with its reason.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const cache = process.env.DML_INTEGRATIONS_CACHE ?? path.join(os.homedir(), '.cache', 'dml-integrations');
const dml = process.env.DML_INTEGRATIONS_DML ?? path.join(root, 'bin', 'dml.cjs');
const python = process.env.DML_DBT_PYTHON;
const { keep } = parseArgs({ options: { keep: { type: 'string' } } }).values;

const PACKAGES = ['dbt-artifacts-parser==0.15.0', 'dbt-coverage==0.5.0', 'dbt-colibri==0.3.7', 'dbt-bouncer==4.3.0', 'acryl-datahub[dbt]==1.7.0.17'];
const ELEMENTARY = ['elementary-data==0.25.1', 'dbt-core<1.12', 'dbt-duckdb==1.11.1', 'duckdb==1.5.5'];
const MAKERS = ['dbt', 'dml'];
const QUIET = { ...process.env, DO_NOT_TRACK: '1', DATAHUB_TELEMETRY_ENABLED: 'false', DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };

/** Keys whose values are the time, the place or the run. */
const PASSING = new Set(
  [
    'created_at generated_at generatedAt invocation_id invocation_started_at run_started_at started_at completed_at execution_time elapsed_time thread_id',
    'durationMillis dbt_version snapshotted_at max_loaded_at_time_ago_in_s root_path project_dir log_path profiles_dir invocation_command dbt_invocation_id',
  ].flatMap((line) => line.split(' ')),
);

/** Paths in the documents that differ, with the reason. `*` stands for one key. */
const KNOWN = {
  manifest: {
    'nodes.*.build_path': 'dml notes no place of the SQL that was run',
    'nodes.*.compiled_path': 'hooks are no files in dml',
    'nodes.*.depends_on.macros': 'dbt adds the macros that a test calls while it runs',
    'nodes.*.extra_ctes': 'dbt keeps the CTEs of a model that was not rendered anew',
    'nodes.*.compiled_code': 'the number of empty lines at the end of an injected CTE',
    'docs.*.block_contents': 'the page that stands for a missing overview is of dml itself',
  },
  run_results: { 'results.*.compiled_code': 'as in the manifest' },
  catalog: {},
  sources: {},
  semantic_manifest: {},
};

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', env: QUIET, maxBuffer: 1 << 28, ...options });
  if (done.status !== 0 && !options.mayFail) throw new Error(`${command} ${args.join(' ')}\n${done.error ?? ''}${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** A folder with both projects, built. */
function build(work) {
  const profile = 'tidewater: {target: dev, outputs: {dev: {type: duckdb, path: target/tidewater.duckdb, threads: 1}}}\n';
  const clean = (file) => !['target', 'logs', 'dbt_packages'].includes(path.basename(file));
  for (const maker of MAKERS) {
    const dir = path.join(work, maker);
    fs.cpSync(path.join(root, 'example-project'), dir, { recursive: true, filter: clean });
    fs.mkdirSync(path.join(dir, 'target'));
    fs.writeFileSync(path.join(dir, 'profiles.yml'), profile);
    for (const words of [['build'], ['docs', 'generate'], ['source', 'freshness'], ['build']]) make(maker, dir, words);
  }
}

function make(maker, dir, words, options = {}) {
  const argv = ['--quiet', ...words, '--profiles-dir', dir, '--project-dir', dir];
  return maker === 'dml'
    ? run(process.execPath, [dml, ...argv], { cwd: dir, ...options })
    : run(path.join(path.dirname(python), 'dbt'), argv, { cwd: dir, ...options });
}

/** A document without what passes, its lists in an order that does not depend on the run. */
function settled(value) {
  if (Array.isArray(value)) return value.map(settled).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !PASSING.has(key))
      .sort()
      .map(([key, v]) => [key, settled(v)]),
  );
}

/** Where two settled values differ, as paths of keys. */
function* differences(a, b, at = []) {
  if (
    typeof a === 'object' &&
    typeof b === 'object' &&
    a !== null &&
    b !== null &&
    Array.isArray(a) === Array.isArray(b) &&
    !(Array.isArray(a) && a.length !== b.length)
  ) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) yield* differences(a[key], b[key], [...at, key]);
  } else if (JSON.stringify(a) !== JSON.stringify(b)) yield { at, dbt: a, dml: b };
}

const failures = [];

/** Compares one kind of outcome and prints how it went. */
function compare(name, dbt, dml, known = {}) {
  const rules = Object.keys(known).map((rule) => rule.split('.'));
  const fits = (at) => rules.some((rule) => rule.every((word, i) => word === '*' || word === at[i]));
  const all = [...differences(settled(dbt), settled(dml))];
  const left = all.filter(({ at }) => !fits(at));
  console.log(
    `${name}: ${left.length === 0 ? 'the same' : `${left.length} different`}${all.length > left.length ? `, ${all.length - left.length} listed` : ''}`,
  );
  for (const d of left.slice(0, 10))
    console.log(`  ${d.at.join(' > ')}\n    dbt: ${JSON.stringify(d.dbt)?.slice(0, 200)}\n    dml: ${JSON.stringify(d.dml)?.slice(0, 200)}`);
  if (left.length > 0) failures.push(name);
}

const json = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

function documents(work) {
  for (const [name, known] of Object.entries(KNOWN)) {
    const [a, b] = MAKERS.map((maker) => json(path.join(work, maker, 'target', `${name}.json`)));
    if (name === 'manifest') for (const m of [a, b]) m.macros = Object.fromEntries(Object.entries(m.macros).filter(([, v]) => v.package_name === 'tidewater'));
    // By name, so that a result stands beside its like.
    if (name === 'run_results') for (const r of [a, b]) r.results = Object.fromEntries(r.results.map((x) => [x.unique_id, x]));
    if (name === 'run_results') for (const r of [a, b]) delete r.args.quiet;
    compare(`${name}.json`, a, b, known);
  }
  const [a, b] = MAKERS.map((maker) => graphOf(json(path.join(work, maker, 'target', 'graph_summary.json')).linked));
  compare('graph_summary.json', a, b);
}

/** The graph by names, where the file has numbers. */
function graphOf(linked) {
  return Object.fromEntries(Object.values(linked).map((n) => [n.name, { type: n.type, below: (n.succ ?? []).map((i) => linked[i].name) }]));
}

/** The programs, by name: each makes a value of a built project. */
const programs = {
  'dbt-artifacts-parser': (bin, dir) => JSON.parse(run(path.join(bin, 'python'), [path.join(here, 'artifacts_check.py'), path.join(dir, 'target')])),
  'dbt-coverage doc': (bin, dir) => coverage(bin, dir, 'doc'),
  'dbt-coverage test': (bin, dir) => coverage(bin, dir, 'test'),
  'dbt-colibri': (bin, dir) => {
    run(path.join(bin, 'colibri'), ['generate', '--output-dir', 'colibri'], { cwd: dir });
    const found = json(path.join(dir, 'colibri', 'colibri-manifest.json'));
    // Edges are numbered as they were found.
    for (const edge of found.lineage.edges) delete edge.id;
    return found;
  },
  'dbt-bouncer': (bin, dir) => {
    const checks = {
      manifest_checks: [{ name: 'check_model_description_populated' }, { name: 'check_model_has_unique_test' }],
      catalog_checks: [{ name: 'check_columns_are_all_documented' }],
    };
    fs.writeFileSync(path.join(dir, 'dbt-bouncer.yml'), JSON.stringify(checks));
    run(path.join(bin, 'dbt-bouncer'), ['run', '--config-file', 'dbt-bouncer.yml', '--output-file', 'bouncer.json'], { cwd: dir, mayFail: true });
    return json(path.join(dir, 'bouncer.json'));
  },
  DataHub: (bin, dir) => {
    const out = path.join(dir, 'datahub.json');
    const target = path.join(dir, 'target');
    const config = {
      manifest_path: `${target}/manifest.json`,
      catalog_path: `${target}/catalog.json`,
      sources_path: `${target}/sources.json`,
      run_results_paths: [`${target}/run_results.json`],
      target_platform: 'duckdb',
      include_column_lineage: true,
      write_semantics: 'OVERRIDE',
      entities_enabled: { test_results: 'YES' },
    };
    const recipe = { source: { type: 'dbt', config }, sink: { type: 'file', config: { filename: out } } };
    fs.writeFileSync(path.join(dir, 'datahub.yml'), JSON.stringify(recipe));
    run(path.join(bin, 'datahub'), ['ingest', '-c', path.join(dir, 'datahub.yml')], { cwd: dir });
    return json(out).map(timeless);
  },
};

function coverage(bin, dir, kind) {
  run(path.join(bin, 'dbt-coverage'), ['compute', kind, '--cov-report', `${kind}.json`], { cwd: dir });
  return json(path.join(dir, `${kind}.json`));
}

/** A record of DataHub without the times and the ids of runs in its texts. */
function timeless({ systemMetadata: _, ...record }) {
  const text = JSON.stringify(record)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'RUN')
    .replace(/dataProcessInstance:[0-9a-f]{32}/g, 'dataProcessInstance:RUN')
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]00:00)?/g, 'TIME')
    .replace(/(?<![\d.])1[6-9]\d{11}(?!\d)/g, '0')
    .replace(/(\\?"(?:execution_time|thread_id|created_at)\\?": ?\\?"?)[^",}\\]+/g, '$1');
  return JSON.parse(text);
}

/** dbt with dml's artifacts as its state, and the other way round: nothing is modified, and references lead to what the other has built. */
function states(work) {
  for (const [reader, writer] of [MAKERS, MAKERS.toReversed()]) {
    const dir = path.join(work, reader);
    const state = path.join(work, `state-${writer}`);
    fs.cpSync(path.join(work, writer, 'target'), state, { recursive: true, filter: (file) => !/duckdb|compiled|\/run$/.test(file) });
    const target = ['--target-path', path.join(work, 'scratch')];
    // Not `modified` as a whole: dbt's own macros and dml's have the same names and are not the same texts.
    const parts = ['new', 'modified.body', 'modified.configs', 'modified.relation', 'modified.persisted_descriptions', 'modified.contract'];
    const modified = make(reader, dir, ['ls', '--select', ...parts.map((part) => `state:${part}`), '--state', state, ...target]).trim();
    compare(`${reader} finds what is modified since ${writer}`, modified === '' ? [] : modified.split('\n'), []);
    const failed = (from) => make(reader, dir, ['ls', '--select', 'result:warn', 'result:error', '--state', from, ...target]).trim();
    compare(`${reader} reads results of ${writer}`, failed(path.join(work, reader, 'target')), failed(state));
    const own = path.join(work, `own-${reader}`);
    fs.cpSync(path.join(dir, 'target'), own, { recursive: true, filter: (file) => !/duckdb|compiled|\/run$/.test(file) });
    compare(`${reader} builds what is modified since ${writer}`, ...buildsModified(reader, dir, parts.slice(1), [own, state]));
    const sql = (flags) => make(reader, dir, ['compile', '--select', 'fct_orders', '--output', 'json', ...flags, ...target]);
    compare(`${reader} defers to ${writer}`, sql([]), sql(['--defer', '--favor-state', '--state', state]));
  }
}

/** What is built again after a model was edited, by either's artifacts. */
function buildsModified(reader, dir, parts, states) {
  const model = path.join(dir, 'models', 'marts', 'core', 'dim_products.sql');
  const text = fs.readFileSync(model, 'utf8');
  fs.writeFileSync(model, `${text}-- edited\n`);
  try {
    return states.map((state) => {
      const target = path.join(path.dirname(dir), 'scratch');
      make(reader, dir, ['build', '--select', ...parts.map((part) => `state:${part}+`), '--state', state, '--target-path', target]);
      const { results } = json(path.join(target, 'run_results.json'));
      return results.map((r) => `${r.unique_id} ${r.status}`).sort();
    });
  } finally {
    fs.writeFileSync(model, text);
  }
}

/** elementary's report, `dbt` being one or the other, both while the project is built with elementary's package and while the report is made. */
function elementary(work) {
  const packages = process.env.DML_ELEMENTARY;
  const bin = packages && environment('elementary', ELEMENTARY);
  if (!bin) return console.log('SKIPPED: elementary (DML_ELEMENTARY names a folder with its dbt package and dbt_utils)');
  const own = run(path.join(bin, 'python'), ['-c', 'import elementary.monitor.dbt_project_utils as u; print(u.CLI_DBT_PROJECT_PATH)']).trim();
  fs.cpSync(packages, path.join(own, 'dbt_packages'), { recursive: true });
  const [a, b] = MAKERS.map((maker) => {
    const dir = path.join(work, `elementary-${maker}`, 'project');
    const clean = (file) => !['target', 'logs'].includes(path.basename(file));
    fs.cpSync(path.join(root, 'example-project'), dir, { recursive: true, filter: clean });
    fs.cpSync(packages, path.join(dir, 'dbt_packages'), { recursive: true });
    // What the package asks of the project; `edr` reads packages.yml.
    fs.appendFileSync(path.join(dir, 'dbt_project.yml'), '\nflags: {require_explicit_package_overrides_for_builtin_materializations: false}\n');
    fs.writeFileSync(path.join(dir, 'packages.yml'), 'packages: [{local: dbt_packages/dbt_utils}, {local: dbt_packages/elementary}]\n');
    const output = `{target: dev, outputs: {dev: {type: duckdb, path: ${path.dirname(dir)}/shop.duckdb, threads: 1}}}`;
    fs.writeFileSync(path.join(dir, 'profiles.yml'), `tidewater: ${output}\nelementary: ${output}\n`);
    make(maker, dir, ['build']);
    const shim = path.join(work, 'shim');
    fs.mkdirSync(shim, { recursive: true });
    run(process.execPath, [dml, 'install-shim', shim]);
    const env = { ...QUIET, DBT_RUNNER_METHOD: 'subprocess', PATH: [...(maker === 'dml' ? [shim] : []), bin, process.env.PATH].join(path.delimiter) };
    run(path.join(bin, 'edr'), ['report', '--project-dir', dir, '--profiles-dir', dir, '--open-browser', 'false'], { cwd: path.dirname(dir), env });
    return elementaryReport(json(path.join(path.dirname(dir), 'edr_target', 'elementary_output.json')), work);
  });
  compare('elementary', a, b);
}

/** elementary's report without times, ids of runs and places. */
function elementaryReport({ tracking: _, ...report }, work) {
  const text = JSON.stringify(report, (key, value) => (/exec(?:ution)?_time$|^creation_time$/.test(key) ? undefined : value));
  return JSON.parse(
    text
      .replaceAll(/elementary-(?:dbt|dml)/g, 'elementary')
      .replaceAll(work, '')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'RUN')
      .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?/g, 'TIME'),
  );
}

const SCHEMAS = `
import json, pathlib, sys
from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from jsonschema import Draft202012Validator
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
found = {}
for name, kind in (("manifest", WritableManifest), ("run_results", RunResultsArtifact), ("catalog", CatalogArtifact), ("sources", FreshnessExecutionResultArtifact)):
    document = json.load(open(f"{sys.argv[1]}/{name}.json"))
    found[name] = [f"{list(e.absolute_path)} {e.message[:200]}" for e in list(Draft202012Validator(kind.json_schema()).iter_errors(document))[:20]]
    if hasattr(kind, "read_and_check_versions"): kind.read_and_check_versions(f"{sys.argv[1]}/{name}.json")
semantic = pathlib.Path(f"{sys.argv[1]}/semantic_manifest.json").read_text()
found["semantic_manifest"] = [] if json.loads(PydanticSemanticManifest.parse_raw(semantic).json()) == json.loads(semantic) else ["is not what its classes write"]
print(json.dumps(found))
`;

/** The programs of an environment; undefined where it cannot be installed. */
function environment(name, packages) {
  const dir = path.join(cache, name);
  const bin = path.join(dir, 'bin');
  const mark = path.join(dir, 'installed.txt');
  const wanted = packages.join('\n');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return bin;
  const made = spawnSync('python3', ['-m', 'venv', dir], { encoding: 'utf8' });
  const installed = made.status === 0 ? spawnSync(path.join(bin, 'pip'), ['install', '--quiet', ...packages], { encoding: 'utf8', env: QUIET }) : made;
  if (installed.status !== 0) {
    console.log(`SKIPPED: the programs cannot be installed: ${installed.stderr}`);
    return undefined;
  }
  fs.writeFileSync(mark, wanted);
  return bin;
}

function main() {
  if (!python) {
    console.log('SKIPPED: DML_DBT_PYTHON names a Python that has dbt-core 1.11, dbt-duckdb and jsonschema');
    return 0;
  }
  const work = fs.realpathSync(keep ?? fs.mkdtempSync(path.join(os.tmpdir(), 'dml-artifacts-')));
  try {
    build(work);
    const mistakes = JSON.parse(run(python, ['-c', SCHEMAS, path.join(work, 'dml', 'target')]));
    compare("what dbt's JSON Schemas find wrong, beside nothing", Object.fromEntries(Object.keys(mistakes).map((name) => [name, []])), mistakes);
    documents(work);
    states(work);
    const bin = environment('artifact-readers', PACKAGES);
    if (bin !== undefined)
      for (const [name, program] of Object.entries(programs)) compare(name, ...MAKERS.map((maker) => program(bin, path.join(work, maker))));
    elementary(work);
  } finally {
    if (keep === undefined) fs.rmSync(work, { recursive: true, force: true });
  }
  if (failures.length > 0) console.error(`different: ${failures.join(', ')}`);
  return failures.length > 0 ? 1 : 0;
}

process.exitCode = main();
