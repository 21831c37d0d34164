import fs from 'node:fs';
import path from 'node:path';
import { adapterFor, type CatalogRelation, type Warehouse } from '../adapters/index.ts';
import { type Plan, type PlanKind, plan, type Step } from '../plan/index.ts';
import type { Project } from '../read/index.ts';
import { sqlPath } from '../report/index.ts';
import type { Manifest, ModelNode, Node, SourceNode } from '../resolve/index.ts';
import {
  type CreatedTest,
  catalogOf,
  createUnitTest,
  type Event,
  inlineNode,
  LazyWarehouse,
  type Limit,
  type NodeResult,
  operate,
  profile,
  type Recipe,
  type RunReport,
  type RunSettings,
  run,
  type SqlKeeper,
  show,
  statementEvents,
  type TableProfile,
} from '../run/index.ts';
import type { Selection } from '../select/index.ts';
import type { ResultTable } from '../sql/index.ts';
import { type Diagnostic, DiagnosticError, Diagnostics, type YamlMap } from '../text/index.ts';
import type { Flags } from './flags.ts';
import { type Opened, readProject } from './open.ts';
import { windowOf } from './sample.ts';
import { SqlFiles } from './sql-files.ts';
import type { World } from './world.ts';

export { invokedAgain, type Opened, openProject } from './open.ts';

export type Emit = (event: Event) => void;

/** Runs what is selected. Node failures are in the report; what keeps the run from starting (a locked database) throws a DiagnosticError. */
export async function runPlanned(kind: PlanKind, opened: Opened, selection: Selection, flags: Flags, world: World, emit: Emit): Promise<RunReport> {
  return runPlan(plan(opened.manifest, selection.ids, kind), opened, flags, world, emit, false);
}

async function runPlan(what: Plan, opened: Opened, flags: Flags, world: World, emit: Emit, readOnly: boolean): Promise<RunReport> {
  return withWarehouse(opened, flags, world, emit, readOnly, (warehouse) => run(what, settingsOf(opened, flags, world, emit, warehouse)));
}

/** A database for one piece of work, opened when it is first needed and closed whatever happens. */
async function withWarehouse<T>(
  opened: Opened,
  flags: Flags,
  world: World,
  emit: Emit,
  readOnly: boolean,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const { project, adapter } = opened;
  const warehouse = new LazyWarehouse(adapter.dialect, () => {
    // As dbt, which has written the manifest by now: a database in the target folder needs no folder made by hand.
    fs.mkdirSync(targetOf(project, flags), { recursive: true });
    return adapter.connect(project.target, {
      directory: world.cwd,
      createFolder: project.defaultedTarget,
      lockTimeout: lockTimeout(project, flags),
      readOnly,
      env: world.env,
      tell: (diagnostic) => emit({ kind: 'diagnostic', time: world.now(), diagnostic }),
      ...statementEvents({ emit, now: world.now }),
    });
  });
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

function lockTimeout(project: Project, flags: Flags): number {
  const given = flags.values.get('lock-timeout');
  return (typeof given === 'number' ? given : (project.settings.lockTimeout ?? 0)) * 1000;
}

function settingsOf(opened: Opened, flags: Flags, world: World, emit: Emit, warehouse: Warehouse): RunSettings {
  const { project, manifest, invocation } = opened;
  const { target, settings } = project;
  return {
    manifest,
    invocation,
    warehouse,
    threads: target.threads,
    target: target.name,
    fullRefresh: flags.fullRefresh,
    failFast: flags.failFast,
    warnError: flags.warnings.event('LogTestResult', 'Q007') === 'error',
    warned: flags.warnings.event('JinjaLogWarning', 'I061'),
    storeFailures: flags.storeFailures,
    empty: flags.empty,
    sample: flags.sample && windowOf(flags.sample, invocation.startedAt),
    eventTime: flags.eventTime,
    deferral: opened.deferral,
    defers: flags.values.get('defer') === true,
    startedAt: opened.retry?.startedAt ?? invocation.startedAt,
    batches: opened.retry?.batches,
    introspect: flags.introspect,
    injectCtes: flags.values.get('inject-ephemeral-ctes') !== false,
    populateCache: flags.populateCache,
    cacheSelectedOnly: flags.cacheSelectedOnly,
    startHooksMatter: project.root.config.flags['skip_nodes_if_on_run_start_fails'] === true,
    batchTests: flags.values.get('batch') !== false,
    onTarget: flags.values.get('on-target') === true,
    sampleRows: (flags.values.get('failures') as number | undefined) ?? settings.failures ?? 5,
    externalRoot: typeof target.settings['external_root'] === 'string' ? target.settings['external_root'] : '.',
    disableTransactions: target.settings['disable_transactions'] === true,
    files: keeper(opened, flags),
    emit,
    now: world.now,
    signal: world.signal,
  };
}

/** The target folder, absolute. */
function targetOf(project: Project, flags: Flags): string {
  return path.resolve(project.dir, flags.targetPath ?? project.root.config.targetPath);
}

/** Keeps compiled and run SQL below the target folder. */
function keeper({ project }: Opened, flags: Flags): SqlKeeper {
  const target = flags.targetPath ?? project.root.config.targetPath;
  const files = new SqlFiles(targetOf(project, flags));
  const shown = path.isAbsolute(target) ? target : target.replace(/^\.\//, '');
  return {
    compiled(node, sql, part) {
      const file = sqlPath(node, part);
      files.write('compiled', file, sql);
      return `${shown}/compiled/${file}`;
    },
    run: (node, sql, batch) => files.write('run', sqlPath(node, batch === undefined ? {} : { batch }), sql),
    flush: () => files.flush(),
  };
}

/** Compiles what is selected, or the template `inline`, whose result has a unique id that begins with `sql_operation.`. */
export async function compileNodes(
  opened: Opened,
  selection: Selection,
  inline: string | undefined,
  flags: Flags,
  world: World,
  emit: Emit,
): Promise<RunReport> {
  // Templates may write while they are compiled (`adapter.create_schema`): dbt lets them, and the catalogue is made from what others have written.
  const readOnly = flags.command !== 'compile';
  if (inline === undefined) {
    const report = await runPlan(plan(opened.manifest, selection.ids, 'compile'), opened, flags, world, emit, readOnly);
    return flags.command === 'compile' && flags.select.length > 0 ? report : withoutEphemeral(report, opened.manifest);
  }
  const { node, manifest } = inlineNode(opened.manifest, opened.invocation, inline);
  const step: Step = { id: node.unique_id, node, reason: 'inline', dependsOn: [], depth: 0, hidden: false };
  return runPlan({ kind: 'compile', steps: [step] }, { ...opened, manifest }, flags, world, emit, readOnly);
}

/** As dbt has it, an ephemeral model has a result of its own only where the SQL of some nodes is asked for, or where it failed. */
function withoutEphemeral(report: RunReport, { nodes }: Manifest): RunReport {
  const left = (r: NodeResult) => r.status === 'success' && nodes.get(r.unique_id)?.config['materialized'] === 'ephemeral';
  return { ...report, results: report.results.filter((r) => !left(r)), ephemeral: [...(report.ephemeral ?? []), ...report.results.filter(left)] };
}

/** What `show` is asked for: a node, a template, or SQL that is sent as it is. */
export type Shown = { readonly node: string } | { readonly inline: string } | { readonly direct: string };

/** Runs one query and answers its rows. `limit`: undefined for all. A failure of the query is in the result's diagnostic and `table` undefined. */
export async function showNode(
  opened: Opened,
  shown: Shown,
  limit: Limit | undefined,
  flags: Flags,
  world: World,
  emit: Emit,
): Promise<{ readonly result: NodeResult; readonly table: ResultTable | undefined }> {
  return withWarehouse(opened, flags, world, emit, true, (warehouse) => show(shown, limit, settingsOf(opened, flags, world, emit, warehouse)));
}

/** Asks what the columns of something in the database hold: those of these names, or all where there are none. */
export async function profileNode(opened: Opened, node: Node | SourceNode, columns: readonly string[], flags: Flags, world: World): Promise<TableProfile> {
  const silent = (): void => undefined;
  return withWarehouse(opened, flags, world, silent, true, (warehouse) => profile(node, columns, settingsOf(opened, flags, world, silent, warehouse)));
}

/** A unit test of a model from rows that are in the database. */
export async function createTest(opened: Opened, model: ModelNode, recipe: Recipe, flags: Flags, world: World): Promise<CreatedTest> {
  const silent = (): void => undefined;
  return withWarehouse(opened, flags, world, silent, true, (warehouse) => createUnitTest(model, recipe, settingsOf(opened, flags, world, silent, warehouse)));
}

/** Runs a macro (`name` or `package.name`). */
export async function runOperation(opened: Opened, macro: string, args: YamlMap, flags: Flags, world: World, emit: Emit): Promise<RunReport> {
  return withWarehouse(opened, flags, world, emit, false, (warehouse) => operate(macro, args, settingsOf(opened, flags, world, emit, warehouse)));
}

/** What the database holds in the schemas of the project. */
export async function generateCatalog(opened: Opened, flags: Flags, world: World): Promise<readonly CatalogRelation[]> {
  return withWarehouse(
    opened,
    flags,
    world,
    () => undefined,
    true,
    (warehouse) => catalogOf(opened.manifest, warehouse),
  );
}

/** What `debug` reports. Whatever could not be found out is undefined; why is in `problems`. */
export interface Checkup {
  readonly project: Project | undefined;
  /** Absolute path of the profiles.yml that was used. */
  readonly profilesFile: string | undefined;
  readonly engine: { readonly version: string; readonly location: string } | undefined;
  readonly problems: readonly Diagnostic[];
}

/** Reads project and profile and opens the database once. */
export async function checkup(flags: Flags, world: World): Promise<Checkup> {
  const sink = new Diagnostics();
  const project = await readProject(flags, world, sink);
  let engine: Checkup['engine'];
  if (project) {
    try {
      engine = await describeEngine(project, flags, world);
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw e;
      sink.push(e.diagnostic);
    }
  }
  return { project, profilesFile: project?.profilesFile, engine, problems: sink.all };
}

async function describeEngine(project: Project, flags: Flags, world: World): Promise<Checkup['engine']> {
  const adapter = await adapterFor(project.target.type);
  if (!adapter) return undefined;
  const warehouse = await adapter.connect(project.target, {
    directory: world.cwd,
    createFolder: project.defaultedTarget,
    lockTimeout: lockTimeout(project, flags),
  });
  try {
    return await warehouse.describe();
  } finally {
    await warehouse.close();
  }
}
