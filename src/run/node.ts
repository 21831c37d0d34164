import { isConflict, type Session } from '../adapters/index.ts';
import { type CompiledNode, type Drive, isEphemeral, NodeOutput } from '../compile/index.ts';
import type { Names, RunNames } from '../context/index.ts';
import { str, type Value } from '../jinja/index.ts';
import { materializations, type Outcome, type Step, type Task } from '../plan/index.ts';
import { type Node, nodeRelation, type Resource, type UnitTestNode } from '../resolve/index.ts';
import type { Program } from '../sql/index.ts';
import { closest, fail } from '../text/index.ts';
import { drive } from './drive.ts';
import { failureOf } from './failure.ts';
import { materialize, nativeMacro } from './jinja-materialization.ts';
import { taskMacros } from './macros.ts';
import { type Progress, timed } from './progress.ts';
import type { NodeResult } from './report.ts';
import type { Runner } from './runner.ts';
import { seedTable } from './seed-table.ts';
import { unitTest } from './unit/index.ts';
import { verdict } from './verdict.ts';
import { asked } from './words.ts';

const ATTEMPTS = 3;

type Part = Pick<NodeResult, 'status'> & Partial<NodeResult>;

/** Compiles and runs one node. A user's mistake or the database's refusal is the result; a mistake of dml's own throws. */
export async function runNode(runner: Runner, step: Step, session: Session, thread: string): Promise<NodeResult> {
  const { now } = runner.settings;
  const { node } = step;
  const started = now();
  const progress: Progress = { timing: [] };
  let part: Part;
  try {
    part = await execute(runner, node, session, thread, progress);
  } catch (e) {
    const failure = isRunnable(node) ? failureOf(e, node, progress.compiled, progress.path) : undefined;
    if (!failure) throw e;
    part = { status: 'error', ...failure };
  }
  return finished(node, part, progress, { thread, seconds: (now() - started) / 1000 });
}

/** Compiles one node without running it. */
export async function compileNode(runner: Runner, step: Step, session: Session, thread: string): Promise<NodeResult> {
  const { now } = runner.settings;
  const { node } = step;
  const started = now();
  const progress: Progress = { timing: [] };
  let part: Part = { status: 'success' };
  try {
    if (isRunnable(node) && node.resource_type !== 'unit_test')
      await timed(runner, progress, 'compile', () => compile(runner, node, session, thread, progress));
    if (session.inTransaction) await session.answer({ kind: 'rollback' });
  } catch (e) {
    const failure = isRunnable(node) ? failureOf(e, node, progress.compiled, progress.path) : undefined;
    if (!failure) throw e;
    part = { status: 'error', ...failure };
  }
  return finished(node, part, progress, { thread, seconds: (now() - started) / 1000 });
}

function finished(node: Resource, part: Part, progress: Progress, at: { readonly thread: string; readonly seconds: number }): NodeResult {
  const { compiled } = progress;
  return {
    unique_id: node.unique_id,
    timing: progress.timing,
    thread_id: at.thread,
    execution_time: at.seconds,
    adapter_response: {},
    message: null,
    failures: null,
    rows: null,
    compiled: compiled !== undefined,
    compiled_code: compiled && node.resource_type !== 'seed' ? compiled.sql : null,
    relation_name: 'relation_name' in node ? node.relation_name : null,
    ...(progress.path !== undefined && { compiledPath: progress.path }),
    ...part,
  };
}

const isRunnable = (node: Resource): node is Node | UnitTestNode => node.resource_type !== 'source' && node.resource_type !== 'exposure';

async function execute(runner: Runner, node: Resource, session: Session, thread: string, progress: Progress): Promise<Part> {
  if (!isRunnable(node)) return { status: 'no-op', message: 'NO-OP', failures: 0 };
  if (node.resource_type === 'unit_test') return unitTest(runner, node, session, thread, progress);
  const compiled = await timed(runner, progress, 'compile', () => compile(runner, node, session, thread, progress));
  return timed(runner, progress, 'execute', () => build(runner, node, compiled, session, thread));
}

/** Renders a node and keeps its SQL. */
export async function compile(
  runner: Runner,
  node: Node,
  session: Session,
  thread: string,
  progress: Progress,
  extra?: ReadonlyMap<string, Value>,
): Promise<CompiledNode> {
  const { settings, compiler } = runner;
  const ask: Drive | undefined = settings.introspect ? (program) => drive(program, runner.commented(session, node), asked(node.name)) : undefined;
  const ephemeral = isEphemeral(node);
  const compiled = await (ephemeral ? compiler.ephemeral(node, thread, ask) : compiler.compile(node, thread, ask, extra));
  progress.compiled = compiled;
  // As dbt: a snapshot's query and an empty hook are no files.
  if (!ephemeral && node.resource_type !== 'seed' && node.resource_type !== 'snapshot' && compiled.sql !== '') {
    const path = settings.files.compiled(node, compiled.sql);
    if (path !== undefined) progress.path = path;
  }
  return compiled;
}

async function build(runner: Runner, node: Node, compiled: CompiledNode, session: Session, thread: string): Promise<Part> {
  const { settings } = runner;
  const target = runner.commented(session, node, compiled);
  // Rendering may have begun a transaction (`statement` does), which dbt's materializations commit with their own work. A test commits nothing.
  if (session.inTransaction && node.resource_type !== 'test') await session.answer({ kind: 'commit' });
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await drive(program(runner, node, compiled, thread), target);
      // A materialization written in Jinja that did not commit has done nothing, as in dbt.
      if (session.inTransaction) await session.answer({ kind: 'rollback' });
      return partOf(settings, node, outcome);
    } catch (e) {
      if (!isConflict(e) || attempt === ATTEMPTS || runner.stopped) throw e;
    }
  }
}

function program(runner: Runner, node: Node, compiled: CompiledNode, thread: string): Program<Outcome> {
  const { settings } = runner;
  const { dialect, registry } = settings.invocation;
  const kind = kindOf(node);
  const native = materializations[kind];
  const written = (sql: string): void => settings.files.run(node, sql);
  let made: RunNames | undefined;
  const names = (): RunNames => (made ??= runNames(runner, node, compiled, thread, written));
  const own = registry.materialization(kind, [dialect.name, ...dialect.parents], native !== undefined);
  // dml's own Jinja materializations are for kinds that have no native form.
  if (own && !(native && registry.isInternal(own.package_name))) {
    offerNatives(runner, node, compiled, names(), written);
    return materialize(own, node, names());
  }
  if (!native) {
    return fail(
      'materialization-missing',
      { node: node.name, kind, adapter: dialect.name, near: closest(kind, Object.keys(materializations)) },
      { at: node.at },
    );
  }
  return native(taskOf(runner, node, compiled, () => names().names, written));
}

/** Adapters that have a materialization of their own where others share the default: templates may call it by that name too. */
const OF_ADAPTER: Readonly<Record<string, readonly string[]>> = { duckdb: ['table', 'incremental'] };

/** Lets a materialization written in Jinja call the built-in ones, as `dbt.materialization_table_default()`. */
function offerNatives(runner: Runner, node: Node, compiled: CompiledNode, { names, results }: RunNames, written: (sql: string) => void): void {
  const { dialect } = names.invocation;
  for (const [kind, native] of Object.entries(materializations))
    for (const suffix of ['default', ...(OF_ADAPTER[dialect.name]?.includes(kind) ? [dialect.name] : [])]) {
      const name = `materialization_${kind}_${suffix}`;
      // The template may have put another text in the place of the node's (`context.update({'sql': ...})`).
      const task = (): Task => ({ ...taskOf(runner, node, compiled, () => names, written), sql: str(names.lookup('sql') ?? compiled.sql) });
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

function runNames(runner: Runner, node: Node, compiled: CompiledNode, thread: string, write: (sql: string) => void): RunNames {
  const output = new NodeOutput(node.unique_id, runner.log, runner.print);
  const seed = node.resource_type === 'seed' && { seed: () => seedTable(node) };
  return runner.compiler.names(node, {
    thread,
    output,
    compiled: node.resource_type === 'seed' ? null : compiled.sql,
    onEphemeral: () => undefined,
    write,
    ...seed,
  });
}

function taskOf(runner: Runner, node: Node, compiled: CompiledNode, names: () => Names, written: (sql: string) => void): Task {
  const { settings } = runner;
  const { invocation } = settings;
  const config = node.config['full_refresh'];
  return {
    node,
    relation: nodeRelation(node, invocation.quoting),
    sql: compiled.sql,
    dialect: invocation.dialect,
    fullRefresh: typeof config === 'boolean' ? config : settings.fullRefresh,
    ...(node.resource_type === 'seed' && { file: node.input.absolute }),
    macros: taskMacros({
      names,
      scope: { invocation, packageName: node.package_name, scope: invocation.registry.scope(node.package_name) },
      overrides: runner.overrides,
      config: node.config,
      name: node.name,
      at: node.at,
    }),
    empty: settings.empty,
    sampleRows: settings.sampleRows,
    storeFailures: settings.storeFailures,
    written,
  };
}

/** What a materialization has done, as a result. */
function partOf(settings: Runner['settings'], node: Node, { response, test, relations }: Outcome): Part {
  const rows = response.rows ?? null;
  // dbt tells rows only where the statement has a code of its own (seeds); the display takes them from `rows`.
  const adapter_response = {
    _message: response.message,
    ...(response.code !== undefined && { code: response.code, ...(rows !== null && { rows_affected: rows }) }),
  };
  if (!test) return { status: 'success', message: response.message, rows, adapter_response };
  const [stored] = relations;
  return { ...verdict(node.config, test, settings.warnError), adapter_response, ...(stored && { relation_name: settings.invocation.dialect.render(stored) }) };
}
