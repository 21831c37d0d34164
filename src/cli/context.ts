import path from 'node:path';
import { hasSecrets, type Output, scrub } from '../context/index.ts';
import {
  type ArtifactContext,
  type CatalogTable,
  catalogJson,
  foundLine,
  graphSummaryJson,
  manifestJson,
  runResultsJson,
  semanticManifestJson,
  sizesJson,
  sourcesJson,
} from '../report/index.ts';
import type { BatchResults, RunReport } from '../run/index.ts';
import { type Criteria, type Selection, select } from '../select/index.ts';
import { inputsJson, inputsOf, type Previous } from '../state/index.ts';
import { type Diagnostic, DiagnosticError, Diagnostics, diagnostic, fail } from '../text/index.ts';
import type { Console } from './console.ts';
import { writeAtomic } from './files.ts';
import type { Flags } from './flags.ts';
import type { CommandHelp, Given } from './options.ts';
import { invokedAgain, type Opened, openProject } from './session.ts';
import { changedSince, deferralOf, INPUTS, readPrevious } from './state.ts';
import { DBT_VERSION, greeting } from './version.ts';
import { isDbt, type World } from './world.ts';

/** What is done once more of a command that failed. */
export interface Retry {
  readonly ids: ReadonlySet<string>;
  /** Of microbatch models, the batches that were built and those that were not. */
  readonly batches: ReadonlyMap<string, BatchResults>;
  /** When the command began that is tried again, in milliseconds since the epoch: its last batch is the one of that time. */
  readonly startedAt: number | undefined;
}

/** Who is told what opening a project and choosing from it find: the console of a command, or the events of a library's run. */
export type Teller = Pick<Console, 'say' | 'tell' | 'errors' | 'output'>;

/** What opening a project, choosing from it and writing its artifacts take. */
export interface Scene {
  readonly flags: Flags;
  readonly world: World;
  readonly console: Teller;
  /** What the command is limited to because it is tried again. */
  readonly retry?: Retry;
}

/** What a command is given. */
export interface Context extends Scene {
  readonly console: Console;
  /** The positional argument. */
  readonly argument: string | undefined;
  /** `target-path` of dbt_project.yml, for commands that do not open the project. */
  readonly targetPath: string | undefined;
  /** The flags as typed. */
  readonly given: Given;
  /** All commands, for completion and `retry`. */
  readonly commands: readonly CommandHelp[];
  /** Runs one of them; answers its exit code. */
  readonly run: (command: CommandHelp, c: Context) => Promise<number>;
}

/** Exit codes as dbt has them. */
export const OK = 0;
export const FAILED = 1;
export const UNUSABLE = 2;

/** Opens the project and tells what is in it. Everything wrong is printed; with an error in it the answer is undefined and the exit code 2. */
export async function open(c: Scene): Promise<Opened | undefined> {
  const { console: out, flags } = c;
  greet(c);
  const sink = new Diagnostics();
  const read = await openProject(flags, c.world, sink, templateOutput(c));
  const opened = read && withState(c, read, sink);
  if (!report(c, sink.all) || !opened) return undefined;
  const { project } = opened;
  if (project.defaultedTarget) {
    const file = String(project.target.settings['path'] ?? project.target.database);
    const near = path.relative(c.world.cwd, file);
    const shown = path.isAbsolute(file) && near.startsWith('..') ? file : near;
    out.say('Note', 'Z050', `No profiles.yml was found: using the DuckDB database ${shown}`, { msg: 'default target' });
  }
  const found = foundLine(opened.manifest);
  out.say('FoundStats', 'W006', `Found ${found}`, { stat_line: found }, 'info', false);
  return opened;
}

/** An opened project for one more command: what was read and resolved is kept, what depends on flags and time is not. Undefined as for {@link open}. */
export function reopen(c: Scene, opened: Opened): Opened | undefined {
  return checked(c, (sink) => withState(c, invokedAgain(opened, c.flags, c.world, templateOutput(c)), sink));
}

/** Commands whose references are resolved: only they can defer. */
const DEFERRING: ReadonlySet<string> = new Set(['build', 'run', 'test', 'seed', 'snapshot', 'compile', 'show', 'docs generate', 'clone']);

/** The project with the artifacts that the flags name. Such that cannot be read are errors. */
function withState(c: Scene, opened: Opened, sink: Diagnostics): Opened {
  const { flags } = c;
  const readFrom = (dir: string): Previous => readPrevious(dir, opened.project.dir, targetDir(c, opened), sink);
  const state = flags.values.get('state');
  const previous = typeof state === 'string' ? readFrom(state) : undefined;
  const before = sink.errors.length;
  const deferral = before === 0 && DEFERRING.has(flags.command) ? deferralOf(flags, previous, flags.command === 'clone', readFrom) : undefined;
  return { ...opened, ...(previous && { previous }), deferral, ...(c.retry && { retry: c.retry }) };
}

/** What templates log and print while no run shows its events. */
function templateOutput({ console: out, flags }: Scene): Output {
  return {
    log: (message, info) => out.say(info ? 'JinjaLogInfo' : 'JinjaLogDebug', info ? 'I062' : 'I063', message, { msg: message }, info ? 'info' : 'debug'),
    print: (message) => {
      if (flags.print) out.output(message);
    },
    warn(message) {
      const verdict = flags.warnings.event('JinjaLogWarning', 'I061');
      if (verdict === 'error') fail('macro-raised', { problem: message });
      if (verdict === 'warn') out.say('JinjaLogWarning', 'I061', message, { msg: message }, 'warn');
    },
  };
}

/** The first line of every command that works on a project. */
export function greet(c: Scene): void {
  c.console.say('MainReportVersion', 'A001', greeting(isDbt(c.world)), { version: `=${DBT_VERSION}`, log_version: 3 }, 'info', false);
  c.console.say(
    'MainReportArgs',
    'A002',
    `running dml with arguments ${JSON.stringify(c.flags.args)}`,
    { args: Object.fromEntries(Object.entries(c.flags.args).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])) },
    'debug',
  );
}

/** Prints diagnostics; answers false where one of them ends the command: an error, or a warning that `--warn-error` or its options make one. */
export function report(c: Scene, all: readonly Diagnostic[]): boolean {
  const list = all.flatMap((d) => judged(c, d) ?? []);
  for (const d of list) if (d.severity !== 'error') c.console.tell(d);
  if (!list.some((d) => d.severity === 'error')) return true;
  c.console.errors(list);
  return false;
}

/** A diagnostic as the flags want it: a warning may be an error to them, or not to be told (undefined). */
function judged({ flags }: Scene, d: Diagnostic): Diagnostic | undefined {
  const verdict = d.severity === 'warning' ? flags.warnings.diagnostic(d) : 'warn';
  if (verdict === 'silent') return undefined;
  // dbt's head over every warning that has become an error.
  return verdict === 'error' ? { ...d, severity: 'error', family: 'Compilation Error' } : d;
}

/** Calls something that reports to a sink; answers its value, or undefined where it reported an error (which is then printed). */
export function checked<T>(c: Scene, work: (sink: Diagnostics) => T | undefined): T | undefined {
  const sink = new Diagnostics();
  const value = work(sink);
  return report(c, sink.all) ? value : undefined;
}

/** Resource types a command works on, before `--resource-type`. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  build: ['model', 'snapshot', 'seed', 'test', 'unit_test', 'saved_query', 'exposure', 'function'],
  run: ['model'],
  test: ['test', 'unit_test'],
  seed: ['seed'],
  snapshot: ['snapshot'],
  clone: ['model', 'seed', 'snapshot'],
  'source freshness': ['source'],
  list: ['model', 'snapshot', 'seed', 'test', 'source', 'exposure', 'metric', 'saved_query', 'semantic_model', 'unit_test', 'function'],
};
const COMPILED = ['model', 'test', 'snapshot', 'analysis', 'operation', 'seed', 'sql_operation', 'function'];

/** The nodes the flags choose for a command; undefined after an error, which has been printed. */
export function choose(c: Scene, opened: Opened, extra: Partial<Criteria> = {}): Selection | undefined {
  const { flags } = c;
  if (c.retry) return { ids: stillThere(opened, c.retry.ids) };
  const usual = TYPES[flags.command] ?? COMPILED;
  const all = flags.command === 'list' ? [...usual, 'analysis'] : usual;
  const asked = flags.resourceTypes.flatMap((t) => (t === 'all' ? all : t === 'default' ? usual : [t]));
  const types = new Set(asked.length > 0 ? asked : usual);
  for (const t of flags.excludeResourceTypes) types.delete(t);
  if (flags.command === 'test') for (const t of types) if (!usual.includes(t)) types.delete(t);
  const criteria: Criteria = {
    select: flags.select,
    exclude: flags.exclude,
    selector: flags.selector,
    indirect: flags.indirectSelection,
    types,
    previous: opened.previous,
    compare: {
      moreUnrendered: opened.project.root.config.flags['state_modified_compare_more_unrendered_values'] === true,
      now: c.world.now(),
      inputs: opened.previous?.inputs && { now: inputsOf(opened.manifest, opened.invocation), before: opened.previous.inputs },
    },
    changedSince: (revision) => changedSince(opened.project.dir, revision),
    ...extra,
  };
  return checked(c, (sink) => select(opened.manifest, criteria, sink));
}

/** The nodes to try again; a diagnostic where one of them is gone. */
function stillThere({ manifest }: Opened, ids: ReadonlySet<string>): ReadonlySet<string> {
  const gone = [...ids].find((id) => !manifest.nodes.has(id) && !manifest.unitTests.has(id) && !manifest.exposures.has(id));
  if (gone !== undefined) fail('retry-impossible', { problem: `Couldn't find model '${gone}' -- does it exist or is it disabled?` });
  return ids;
}

/** Tells that the selection is empty, and answers the report of a run of nothing; throws the diagnostic where the flags make the warning an error. */
export function nothingSelected(c: Scene, code: 'nothing-to-do' | 'nothing-listed' = 'nothing-to-do'): RunReport {
  const told = judged(c, diagnostic(code, {}));
  if (told?.severity === 'error') throw new DiagnosticError(told);
  if (told) c.console.tell(told);
  return { results: [], elapsed: 0, interrupted: false };
}

/** The target folder of an opened project, absolute. */
export function targetDir(c: Scene, opened: Opened): string {
  return path.resolve(c.flags.projectDir, c.flags.targetPath ?? opened.project.root.config.targetPath);
}

function artifactContext(c: Scene, startedAt: number): ArtifactContext {
  const customEnv: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(c.world.env)) {
    for (const prefix of ['DBT_ENV_CUSTOM_ENV_', 'DBT_ENGINE_ENV_CUSTOM_ENV_'])
      if (name.startsWith(prefix) && value !== undefined) customEnv[name.slice(prefix.length)] = value;
  }
  return { dbtVersion: DBT_VERSION, generatedAt: c.world.now(), startedAt, invocationId: c.world.invocationId, customEnv };
}

/** Writes manifest.json, but for `parse` graph_summary.json, and run_results.json where there is a report. */
export function writeArtifacts(c: Scene, opened: Opened, run?: RunReport): void {
  if (!c.flags.writeJson) return;
  const dir = targetDir(c, opened);
  writeManifest(c, opened, run);
  // As dbt, whose parse makes no graph.
  if (c.flags.command !== 'parse') artifact(c, 'graph', path.join(dir, 'graph_summary.json'), graphSummaryJson(opened.manifest, c.world.invocationId));
  if (run) artifact(c, 'RunExecutionResult', path.join(dir, 'run_results.json'), runResultsJson(discreet(run, c.world.env), c.flags.args, contextOf(c, run)));
}

/** Writes manifest.json, with what a run has compiled, semantic_manifest.json, and the values its nodes were made with. */
export function writeManifest(c: Scene, opened: Opened, run?: RunReport): void {
  if (!c.flags.writeJson) return;
  const dir = targetDir(c, opened);
  artifact(c, 'WritableManifest', path.join(dir, 'manifest.json'), manifestText(c, opened, run));
  artifact(c, 'SemanticManifest', path.join(dir, 'semantic_manifest.json'), semanticManifestJson(opened.manifest));
  // No event: dbt's consumers know their artifacts by name.
  writeAtomic(path.join(dir, INPUTS), inputsJson(inputsOf(opened.manifest, opened.invocation)));
}

/** manifest.json in pieces, with what a run has compiled. */
export function manifestText(c: Scene, opened: Opened, run?: RunReport): readonly string[] {
  const { quoting } = opened.project.root.config;
  const compiled = new Map([...(run?.results ?? []), ...(run?.ephemeral ?? [])].filter((r) => r.compiled).map((r) => [r.unique_id, r]));
  return manifestJson(opened.manifest, {
    ...contextOf(c, run),
    adapterType: opened.project.target.type,
    quoting: { database: quoting.database ?? true, schema: quoting.schema ?? true, identifier: quoting.identifier ?? true },
    compiled,
    ran: run?.results.map((r) => r.unique_id) ?? [],
  });
}

function contextOf(c: Scene, run?: RunReport): ArtifactContext {
  return artifactContext(c, run?.results[0]?.timing[0]?.started_at ?? c.world.now());
}

/** Writes sources.json, or the file given (absolute) in its place. */
export function writeSources(c: Scene, opened: Opened, run: RunReport, file?: string): void {
  if (!c.flags.writeJson) return;
  artifact(c, 'FreshnessExecutionResultArtifact', file ?? path.join(targetDir(c, opened), 'sources.json'), sourcesJson(run, contextOf(c, run)));
}

/** A report without the values of secret environment variables in its messages. */
function discreet(run: RunReport, env: World['env']): RunReport {
  if (!hasSecrets(env)) return run;
  return { ...run, results: run.results.map((r) => (r.message === null ? r : { ...r, message: scrub(r.message, env) })) };
}

/** Rows and bytes of tables, beside the artifacts that dbt knows. */
export const SIZES = 'dml_sizes.json';

/** Writes catalog.json, and what dbt's has no place for; answers their texts. */
export function writeCatalog(
  c: Scene,
  opened: Opened,
  tables: readonly CatalogTable[],
  ids: ReadonlySet<string> | undefined,
): { readonly catalog: string; readonly sizes: string } {
  const [catalog, sizes] = [catalogJson(opened.manifest, tables, artifactContext(c, c.world.now()), ids), sizesJson(opened.manifest, tables, ids)];
  writeAtomic(path.join(targetDir(c, opened), SIZES), sizes);
  artifact(c, 'CatalogArtifact', path.join(targetDir(c, opened), 'catalog.json'), catalog);
  return { catalog, sizes };
}

function artifact(c: Scene, type: string, file: string, text: string | readonly string[]): void {
  writeAtomic(file, text);
  c.console.say('ArtifactWritten', 'P001', `Wrote artifact ${type} to ${file}`, { artifact_type: type, artifact_path: file }, 'debug');
}

/** The exit code of a run: 1 where a node failed or was skipped for one that did. */
export function exitCode(run: RunReport): number {
  const bad = new Set(['error', 'fail', 'runtime error', 'partial success', 'skipped']);
  return run.interrupted || run.results.some((r) => bad.has(r.status)) ? FAILED : OK;
}

/** A diagnostic about the command's own arguments, printed; answers the exit code. */
export function refuse(c: Context, problem: string, hint?: string): number {
  c.console.errors([diagnostic('bad-argument', { problem }, { hint })]);
  return UNUSABLE;
}
