import { isConflict, type Session } from '../adapters/index.ts';
import { type Batch, type CompiledNode, type Drive, isEphemeral, type NamesRequest, NodeOutput } from '../compile/index.ts';
import type { Names, RunNames } from '../context/index.ts';
import { str, type Value } from '../jinja/index.ts';
import { materializations, type Outcome, type Task } from '../plan/index.ts';
import { type Microbatch, type Node, nodeRelation } from '../resolve/index.ts';
import type { Program } from '../sql/index.ts';
import { closest, fail, type SourceFile } from '../text/index.ts';
import { drive } from './drive.ts';
import { checkFunctionKind } from './function.ts';
import { jinjaMaterialization, materialize, nativeMacro, nativeTypes } from './jinja-materialization.ts';
import { taskMacros } from './macros.ts';
import type { Progress } from './progress.ts';
import type { NodeResult } from './report.ts';
import type { Runner } from './runner.ts';
import { seedTable } from './seed-table.ts';
import { verdict } from './verdict.ts';
import { asked } from './words.ts';

const ATTEMPTS = 3;

/** What is known of a node's end, besides what all results have. */
export type Part = Pick<NodeResult, 'status'> & Partial<NodeResult>;

/** The turn of one batch of a microbatch model. */
export interface Turn {
  readonly batch: Batch;
  readonly model: Microbatch;
  /** The table is there and the batch adds to it, whatever `--full-refresh` says. */
  readonly incremental: boolean;
}

/** Renders a node and keeps its SQL. */
export async function compile(
  runner: Runner,
  node: Node,
  session: Session,
  thread: string,
  progress: Progress,
  more: Pick<NamesRequest, 'extra' | 'batch' | 'replace'> = {},
): Promise<CompiledNode> {
  const { settings, compiler } = runner;
  const ask: Drive | undefined = settings.introspect ? (program) => drive(program, runner.commented(session, node), asked(node.name)) : undefined;
  const ephemeral = isEphemeral(node);
  const compiled = await (ephemeral ? compiler.ephemeral(node, thread, ask) : compiler.compile(node, thread, ask, more));
  progress.compiled = compiled;
  // As dbt: a snapshot's query and an empty hook are no files.
  if (!ephemeral && node.resource_type !== 'seed' && node.resource_type !== 'snapshot' && compiled.sql !== '') {
    const path = settings.files.compiled(node, compiled.sql, more.batch && { batch: more.batch.name });
    if (path !== undefined) progress.path = path;
  }
  return compiled;
}

/** A node to be built. */
interface Job {
  readonly node: Node;
  readonly compiled: CompiledNode;
  readonly thread: string;
  readonly turn?: Turn | undefined;
  /** As with `--full-refresh`. */
  readonly anew?: boolean;
  /** See {@link Task}. */
  readonly whole?: string;
  /** What is made of the node, where that is not what its configuration says. */
  readonly kind?: 'clone';
}

/** Runs the materialization of a compiled node. */
export async function build(runner: Runner, job: Job, session: Session): Promise<Part> {
  const { settings } = runner;
  const { node, compiled } = job;
  const target = runner.commented(session, node, compiled);
  // Rendering may have begun a transaction (`statement` does), which dbt's materializations commit with their own work. A test commits nothing.
  if (session.inTransaction && node.resource_type !== 'test') await session.answer({ kind: 'commit' });
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await drive(program(runner, job), target);
      // A materialization written in Jinja that did not commit has done nothing, as in dbt.
      if (session.inTransaction) await session.answer({ kind: 'rollback' });
      for (const notice of outcome.notices ?? []) settings.emit({ kind: 'diagnostic', time: settings.now(), diagnostic: notice });
      if (outcome.again) return await build(runner, await rewritten(runner, job, session, outcome.again), session);
      return partOf(settings, node, outcome);
    } catch (e) {
      if (!isConflict(e) || attempt === ATTEMPTS || runner.stopped) throw e;
    }
  }
}

/** What templates see where a table is to be built as though it were not there. */
export const ANEW: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['is_incremental', false],
  ['should_full_refresh', true],
]);

/** The job with the query as it is where no table is there. */
async function rewritten(runner: Runner, job: Job, session: Session, how: 'anew' | 'whole'): Promise<Job> {
  const { node, thread } = job;
  const ask = runner.settings.introspect
    ? <T>(program: Program<T>): Promise<T> => drive(program, runner.commented(session, node), asked(node.name))
    : undefined;
  const compiled = await runner.compiler.compile(node, thread, ask, { replace: { overrides: ANEW } });
  if (how === 'whole') return { ...job, whole: compiled.sql };
  runner.settings.files.compiled(node, compiled.sql);
  return { ...job, compiled, anew: true };
}

function program(runner: Runner, job: Job): Program<Outcome> {
  const { settings } = runner;
  const { dialect } = settings.invocation;
  const { node, turn } = job;
  const kind = job.kind ?? kindOf(node);
  if (node.resource_type === 'function') checkFunctionKind(node, settings.invocation);
  const native = materializations[kind];
  const written = (sql: string): void => settings.files.run(node, sql, turn?.batch.name);
  let made: RunNames | undefined;
  const names = (): RunNames => (made ??= runNames(runner, job, written));
  const own = jinjaMaterialization(settings.invocation, kind);
  if (own) {
    offerNatives(runner, job, names(), written);
    return materialize(own, node, names());
  }
  if (!native) {
    return fail(
      'materialization-missing',
      { node: node.name, kind, adapter: dialect.name, near: closest(kind, Object.keys(materializations)) },
      { at: node.at },
    );
  }
  return native(taskOf(runner, job, () => names().names, written));
}

/** Lets a materialization written in Jinja call the built-in ones, as `dbt.materialization_table_default()`. */
function offerNatives(runner: Runner, job: Job, { names, results }: RunNames, written: (sql: string) => void): void {
  const { dialect } = names.invocation;
  for (const [kind, native] of Object.entries(materializations))
    for (const suffix of nativeTypes(kind, dialect)) {
      const name = `materialization_${kind}_${suffix}`;
      // The template may have put another text in the place of the node's (`context.update({'sql': ...})`).
      const task = (): Task => ({ ...taskOf(runner, job, () => names, written), sql: str(names.lookup('sql') ?? job.compiled.sql) });
      names.natives.set(
        name,
        nativeMacro(name, dialect, results, () => native(task())),
      );
    }
}

function kindOf(node: Node): string {
  const kind = node.config['materialized'];
  return typeof kind === 'string' ? kind : node.resource_type === 'model' ? 'view' : node.resource_type;
}

// What templates of a batch that adds to a table see, whatever the command line says.
const ADDING: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['is_incremental', true],
  ['should_full_refresh', false],
]);

function runNames(runner: Runner, { node, compiled, thread, turn, anew }: Job, write: (sql: string) => void): RunNames {
  const output = new NodeOutput(node.unique_id, runner.log, runner.print);
  const seed = node.resource_type === 'seed' && { seed: () => seedTable(node) };
  return runner.compiler.names(node, {
    thread,
    output,
    compiled: node.resource_type === 'seed' ? null : compiled.sql,
    onEphemeral: () => undefined,
    write,
    batch: turn?.batch,
    counterpart: runner.deferring?.counterpart(node)?.relation,
    ...(turn?.incremental && { replace: { overrides: ADDING } }),
    ...(anew && { replace: { overrides: ANEW } }),
    ...seed,
  });
}

function taskOf(runner: Runner, { node, compiled, turn, kind, anew, whole }: Job, names: () => Names, written: (sql: string) => void): Task {
  const { settings } = runner;
  const { invocation } = settings;
  const other = runner.deferring?.counterpart(node);
  return {
    node: runner.compiler.keyed(node),
    relation: nodeRelation(node, invocation.quoting),
    sql: compiled.sql,
    dialect: invocation.dialect,
    fullRefresh: anew ? true : turn?.incremental ? false : kind === 'clone' ? settings.fullRefresh : refreshes(node, settings.fullRefresh),
    ...(kind === 'clone' && other && { deferred: other.relation }),
    ...(whole !== undefined && { whole }),
    ...(turn && { batch: { window: turn.batch, model: turn.model } }),
    ...(node.resource_type === 'seed' && { file: node.input.absolute }),
    macros: taskMacros({
      names,
      scope: { invocation, packageName: node.package_name, scope: invocation.registry.scope(node.package_name) },
      overrides: runner.overrides,
      config: node.config,
      name: node.name,
      at: node.at,
      files: filesOf(runner, node),
    }),
    empty: settings.empty,
    sampleRows: settings.sampleRows,
    storeFailures: settings.storeFailures,
    written,
  };
}

/** Whether a node is built anew: its own `full_refresh` counts before the command line. */
export function refreshes(node: Node, flag: boolean): boolean {
  const own = node.config['full_refresh'];
  return typeof own === 'boolean' ? own : flag;
}

/** The files that can configure a node: its own, its properties, and the project files. */
function filesOf({ settings }: Runner, node: Node): readonly SourceFile[] {
  const { project, propertyFiles } = settings.manifest;
  const properties = propertyFiles.get(node.patch_path ?? '');
  const own = project.packages.find((p) => p.name === node.package_name);
  return [node.input.source, ...(properties ? [properties] : []), ...(own ? [own.file] : []), project.root.file];
}

/** What a materialization has done, as a result. */
export function partOf(settings: Runner['settings'], node: Node, { response, test, relations }: Outcome): Part {
  const rows = response.rows ?? null;
  // dbt tells rows only where the statement has a code of its own (seeds); the display takes them from `rows`.
  const adapter_response = {
    _message: response.message,
    ...(response.code !== undefined && { code: response.code, ...(rows !== null && { rows_affected: rows }) }),
  };
  if (!test) return { status: 'success', message: response.message, rows, adapter_response };
  // As in dbt, the flag names the place where rows would be kept of a test that keeps none, too.
  const stored = relations[0] ?? (settings.storeFailures ? nodeRelation(node, settings.invocation.quoting) : undefined);
  return { ...verdict(node.config, test, settings.warnError), adapter_response, ...(stored && { relation_name: settings.invocation.dialect.render(stored) }) };
}
