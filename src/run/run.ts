import type { Session } from '../adapters/index.ts';
import { NodeOutput } from '../compile/index.ts';
import { createSchema, type Member, type Plan, type Step } from '../plan/index.ts';
import { isBlocking, microbatchOf } from '../resolve/index.ts';
import { describe } from './describe.ts';
import { drive } from './drive.ts';
import { hooksOf, runHooks } from './hooks.ts';
import { LazySession } from './lazy.ts';
import { taskMacros } from './macros.ts';
import { compileNode, isRunnable, runNode } from './node.ts';
import { discreet } from './private.ts';
import type { NodeResult, NodeStart, RunReport, Status } from './report.ts';
import { Runner } from './runner.ts';
import { runScan, scansOf } from './scan.ts';
import { schedule } from './scheduler.ts';
import { schemasOf } from './schemas.ts';
import type { RunSettings } from './settings.ts';
import { memoryFor } from './unit/index.ts';
import { unmade } from './words.ts';

/** Milliseconds. */
const CANCEL_EVERY = 50;

/** Runs a plan. What fails is in the report; only a mistake of dml's own, or a database that cannot be reached, throws. */
export async function run(plan: Plan, settings: RunSettings): Promise<RunReport> {
  const { emit, now, warehouse } = settings;
  const began = now();
  const runner = new Runner(
    settings,
    plan.steps.map((s) => s.id),
  );
  runner.checkComment();
  runner.cloning = plan.kind === 'clone';
  if (!settings.onTarget && plan.steps.some((s) => s.node.resource_type === 'unit_test')) runner.memory = memoryFor(settings);
  const width = Math.max(1, Math.min(settings.threads, widthOf(plan, settings)));
  const sessions: Session[] = [];
  let again: NodeJS.Timeout | undefined;
  const giveUp = (why: 'interrupted' | 'fail-fast'): void => {
    runner.stopped ??= why;
    const cancel = (): void => {
      for (const one of [...sessions, ...(runner.memory ? [runner.memory] : [])]) one.cancel().catch(() => undefined);
    };
    cancel();
    // A statement that was sent but had not begun has not noticed.
    again ??= setInterval(cancel, CANCEL_EVERY);
  };
  const interrupt = (): void => giveUp('interrupted');
  settings.signal?.addEventListener('abort', interrupt);
  if (settings.signal?.aborted) runner.stopped = 'interrupted';
  const results: NodeResult[] = [];
  try {
    const needed = asksTarget(plan, settings);
    for (let i = 0; i < width; i++) {
      const open = (): Promise<Session> => warehouse.session(`Thread-${i + 1}`);
      sessions.push(needed ? await open() : new LazySession(open));
    }
    emit({ kind: 'run-started', time: now(), counts: countsOf(shown(plan.steps)), threads: settings.threads, target: settings.target });
    await runAll(plan, runner, sessions, results, giveUp, () => {
      clearInterval(again);
      runner.calm = true;
    });
  } finally {
    settings.signal?.removeEventListener('abort', interrupt);
    clearInterval(again);
    for (const session of sessions) await session.release();
    await runner.memory?.close();
    await settings.files.flush();
  }
  const report: RunReport = {
    results,
    elapsed: (now() - began) / 1000,
    interrupted: runner.stopped === 'interrupted',
    ...((plan.kind === 'freshness' || plan.kind === 'clone') && { kind: plan.kind }),
    ephemeral: runner.ephemeral,
  };
  emit({ kind: 'run-finished', time: now(), report });
  return report;
}

/** Whether the run asks the target for anything, besides what a unit test turns out to need. */
function asksTarget(plan: Plan, { onTarget, manifest }: RunSettings): boolean {
  if (onTarget || (plan.kind !== 'test' && plan.kind !== 'build') || plan.steps.some((s) => !s.hidden && s.node.resource_type !== 'unit_test')) return true;
  return hooksOf(manifest, 'on-run-start').length + hooksOf(manifest, 'on-run-end').length > 0;
}

function countsOf(steps: readonly Step[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { node } of steps) counts[node.resource_type] = (counts[node.resource_type] ?? 0) + 1;
  return counts;
}

/** `calm` is called when all that `--fail-fast` stops has ended: the hooks after it run. */
async function runAll(
  plan: Plan,
  runner: Runner,
  sessions: readonly Session[],
  results: NodeResult[],
  giveUp: (why: 'fail-fast') => void,
  calm: () => void,
): Promise<void> {
  const [main] = sessions as readonly [Session, ...Session[]];
  const compiling = plan.kind === 'compile';
  if (runner.stopped) return;
  if (asksTarget(plan, runner.settings)) await prepare(plan, runner, main, compiling);
  const started = compiling || plan.kind === 'clone' ? true : await runHooks(runner, 'on-run-start', main, results);
  const nodes =
    started || !runner.settings.startHooksMatter
      ? await runSteps(plan, runner, sessions, giveUp)
      : skipAll(shown(plan.steps), shown(plan.steps).length, runner, null);
  results.push(...nodes);
  if (runner.stopped === 'fail-fast') {
    results.push(...leftOver(plan, runner, nodes));
    calm();
  }
  if (!compiling && plan.kind !== 'clone' && runner.stopped !== 'interrupted') await runHooks(runner, 'on-run-end', main, results, nodes);
}

async function runSteps(plan: Plan, runner: Runner, sessions: readonly Session[], giveUp: (why: 'fail-fast') => void): Promise<readonly NodeResult[]> {
  const { settings } = runner;
  const { emit, now } = settings;
  const total = shown(plan.steps).length;
  let started = 0;
  const start = (step: Step, thread: string): NodeStart => startOf(step.node, step.hidden ? 0 : ++started, total, thread, settings);
  const hidden = new Set(plan.steps.filter((s) => s.hidden).map((s) => s.id));
  const bad: ReadonlySet<Status> = new Set<Status>(['error', 'skipped', 'partial success', ...(plan.kind === 'build' ? ['fail' as const] : [])]);
  const open = new Set(plan.steps.filter((s) => !isBlocking(s.node)).map((s) => s.id));
  const begin = (step: Step, thread: string): NodeStart => {
    const node = start(step, thread);
    if (!step.hidden && step.node.resource_type !== 'exposure' && step.node.resource_type !== 'saved_query') emit({ kind: 'node-started', time: now(), node });
    return node;
  };
  const end = (step: Step, node: NodeStart, ran: NodeResult): NodeResult => {
    const told = isRunnable(step.node) ? discreet(ran, step.node, settings.manifest) : ran;
    const result = runner.stopped && told.status === 'error' ? cancelled(told, runner.stopped) : told;
    if (result.status === 'success' && plan.kind !== 'compile') runner.deferring?.built(result.unique_id);
    emit({ kind: 'node-finished', time: now(), node, result });
    if (settings.failFast && !runner.stopped && (result.status === 'error' || result.status === 'fail' || result.status === 'partial success'))
      giveUp('fail-fast');
    return result;
  };
  const all = await schedule(plan.steps, sessions, {
    stopped: () => runner.stopped !== undefined,
    // What was skipped itself was kept back by something that does block.
    blocks: ({ status, unique_id }) => bad.has(status) && (status === 'skipped' || !open.has(unique_id)),
    skip: (step, cause) => skipped(step, start(step, 'MainThread'), hidden.has(cause) ? ephemeralCause(step, cause) : null, runner, cause),
    run: async (step, session, thread, spare) => {
      const node = begin(step, thread);
      if (step.hidden) return runHidden(runner, step, session, thread);
      return end(
        step,
        node,
        plan.kind === 'compile' ? await compileNode(runner, step, session, thread) : await runNode(runner, step, session, thread, { start: node, spare }),
      );
    },
    together: {
      mates: scansOf(plan, runner),
      run: (steps, session, thread, ended) => runScan(runner, steps, session, thread, { begin, end: (step, node, ran) => ended(end(step, node, ran)) }),
    },
  });
  return all.filter((r) => !hidden.has(r.unique_id));
}

function shown(steps: readonly Step[]): readonly Step[] {
  return steps.filter((s) => !s.hidden);
}

/** An ephemeral model has no row of its own: what is wrong with it is told at once. */
async function runHidden(runner: Runner, step: Step, session: Session, thread: string): Promise<NodeResult> {
  const { emit, now } = runner.settings;
  const result = await compileNode(runner, step, session, thread);
  if (result.diagnostic && !runner.stopped) emit({ kind: 'diagnostic', time: now(), diagnostic: result.diagnostic });
  return result;
}

/** dbt's words for a node that cannot be compiled because an ephemeral model in it cannot. */
function ephemeralCause(step: Step, cause: string): string {
  return `Compilation Error in ${step.id}, caused by compilation error in referenced ephemeral model ${cause}`;
}

const FAIL_FAST = 'Skipping due to fail_fast';

/** A node whose statement was interrupted has not failed by itself. */
function cancelled(result: NodeResult, why: 'interrupted' | 'fail-fast'): NodeResult {
  const { diagnostic: _, ...rest } = result;
  return { ...rest, status: 'skipped', message: why === 'fail-fast' ? FAIL_FAST : 'Interrupted' };
}

/** The nodes that `--fail-fast` kept from starting. */
function leftOver(plan: Plan, runner: Runner, nodes: readonly NodeResult[]): readonly NodeResult[] {
  const ran = new Set(nodes.map((r) => r.unique_id));
  const steps = shown(plan.steps);
  return skipAll(
    steps.filter((s) => !ran.has(s.id)),
    steps.length,
    runner,
    FAIL_FAST,
    ran.size,
  );
}

function skipAll(steps: readonly Step[], total: number, runner: Runner, message: string | null, before = 0): readonly NodeResult[] {
  return steps.map((step, i) => skipped(step, startOf(step.node, before + i + 1, total, 'MainThread', runner.settings), message, runner));
}

function skipped(step: Step, node: NodeStart, message: string | null, runner: Runner, cause?: string): NodeResult {
  const result: NodeResult = {
    unique_id: step.id,
    status: 'skipped',
    timing: [],
    thread_id: node.thread,
    execution_time: 0,
    adapter_response: {},
    message,
    failures: null,
    rows: null,
    compiled: false,
    compiled_code: null,
    relation_name: 'relation_name' in step.node ? step.node.relation_name : null,
    ...(cause !== undefined && { skippedFor: cause }),
  };
  if (!step.hidden) runner.settings.emit({ kind: 'node-finished', time: runner.settings.now(), node, result });
  return result;
}

function startOf(node: Member, index: number, total: number, thread: string, settings: RunSettings): NodeStart {
  return {
    unique_id: node.unique_id,
    resource_type: node.resource_type,
    description: describe(node, settings.invocation, isBatched(node, settings)),
    index,
    total,
    thread,
  };
}

/** How many sessions a plan can use: one for each step, and any number for batches that may be built at the same time. */
function widthOf(plan: Plan, settings: RunSettings): number {
  const batches = settings.invocation.dialect.can.concurrentBatches && plan.kind !== 'compile' && plan.steps.some((s) => isBatched(s.node, settings));
  return batches ? Number.POSITIVE_INFINITY : plan.steps.length;
}

function isBatched(node: Member, { manifest, invocation }: RunSettings): boolean {
  return node.resource_type === 'model' && microbatchOf(node, manifest, invocation) !== undefined;
}

/** Makes the schemas of the nodes that will be built, and lists what is there. */
async function prepare(plan: Plan, runner: Runner, session: Session, compiling: boolean): Promise<void> {
  const { settings } = runner;
  const { invocation, manifest } = settings;
  const selected = schemasOf(
    plan.steps.flatMap(({ node }) => (node.resource_type === 'saved_query' ? [] : [node])),
    settings.storeFailures,
  );
  const output = new NodeOutput('', runner.log, runner.print);
  const names = () => runner.compiler.operation(invocation.projectName, 'create_schema', { thread: 'MainThread', output }).names;
  const { project } = manifest;
  const at = { file: project.root.file, start: 0, end: 0 };
  const macros = taskMacros({
    names,
    scope: { invocation, packageName: invocation.projectName, scope: invocation.registry.scope(invocation.projectName) },
    overrides: runner.overrides,
    config: {},
    name: invocation.projectName,
    at,
  });
  if (!compiling)
    for (const { database, schema } of selected)
      await drive(createSchema(database, schema, { dialect: invocation.dialect, macros }), runner.commentedAs(session, 'master'), unmade(schema));
  if (settings.populateCache && !compiling)
    await settings.warehouse.populate(settings.cacheSelectedOnly ? selected : schemasOf([...manifest.nodes.values()], settings.storeFailures));
  if (settings.defers === true) await runner.deferring?.learn(manifest, session);
}
