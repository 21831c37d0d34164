import type { Session } from '../adapters/index.ts';
import type { CompiledNode } from '../compile/index.ts';
import type { Member, Step } from '../plan/index.ts';
import { microbatchOf, type Node, type UnitTestNode } from '../resolve/index.ts';
import { build, compile, type Part } from './build.ts';
import { overNothing } from './emptiness.ts';
import { failureOf } from './failure.ts';
import { checkFreshness } from './freshness.ts';
import { recordBuilt, recordForTest } from './history.ts';
import { type Crew, runBatches } from './microbatch.ts';
import { type Progress, timed } from './progress.ts';
import type { NodeResult } from './report.ts';
import type { Runner } from './runner.ts';
import { unitTest } from './unit/index.ts';

/** Compiles and runs one node. A user's mistake or the database's refusal is the result; a mistake of dml's own throws. */
export async function runNode(runner: Runner, step: Step, session: Session, thread: string, crew: Crew): Promise<NodeResult> {
  const { now } = runner.settings;
  const { node } = step;
  const started = now();
  const progress: Progress = { timing: [] };
  const part = await settled(node, progress, () => execute(runner, node, session, thread, progress, crew));
  return finished(node, part, progress, { thread, seconds: (now() - started) / 1000 });
}

/** Compiles one node without running it. */
export async function compileNode(runner: Runner, step: Step, session: Session, thread: string): Promise<NodeResult> {
  const { now } = runner.settings;
  const { node } = step;
  const started = now();
  const progress: Progress = { timing: [] };
  const part = await settled(node, progress, async () => {
    if (isRunnable(node) && node.resource_type !== 'unit_test')
      await timed(runner, progress, 'compile', () => compile(runner, node, session, thread, progress));
    if (session.inTransaction) await session.answer({ kind: 'rollback' });
    return { status: 'success' };
  });
  return finished(node, part, progress, { thread, seconds: (now() - started) / 1000 });
}

/** What a part of a node's work comes to. A user's mistake or the database's refusal is an answer too; a mistake of dml's own throws. */
export async function settled(node: Member, progress: Progress, work: () => Promise<Part>): Promise<Part> {
  try {
    return await work();
  } catch (e) {
    const failure = isRunnable(node) ? failureOf(e, node, progress.compiled, progress.path) : undefined;
    if (!failure) throw e;
    return { status: 'error', ...failure };
  }
}

/** The result of a node of which all has been done. `seconds`: what it took. */
export function finished(node: Member, part: Part, progress: Progress, at: { readonly thread: string; readonly seconds: number }): NodeResult {
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

/** Whether a member of a plan is compiled and run, rather than looked at or listed. */
export const isRunnable = (node: Member): node is Node | UnitTestNode =>
  node.resource_type !== 'source' && node.resource_type !== 'exposure' && node.resource_type !== 'saved_query';

async function execute(runner: Runner, node: Member, session: Session, thread: string, progress: Progress, crew: Crew): Promise<Part> {
  if (node.resource_type === 'source') return checkFreshness(runner, node, session, thread, progress);
  if (!isRunnable(node)) {
    // As in dbt, nothing too is done in two steps.
    for (const step of ['compile', 'execute'] as const) await timed(runner, progress, step, () => Promise.resolve());
    return { status: 'no-op', message: 'NO-OP', failures: 0 };
  }
  if (node.resource_type === 'unit_test') return unitTest(runner, node, session, thread, progress);
  const { manifest, invocation } = runner.settings;
  if (runner.cloning) {
    await timed(runner, progress, 'compile', () => Promise.resolve());
    return timed(runner, progress, 'execute', () => cloneNode(runner, node, session, thread));
  }
  const microbatch = microbatchOf(node, manifest, invocation);
  if (microbatch) {
    const built = await timed(runner, progress, 'execute', () => runBatches(runner, node, microbatch, { session, thread }, crew));
    await recordBuilt(runner, node, built, session);
    return built;
  }
  await recordForTest(runner, node, session);
  const compiled = await timed(runner, progress, 'compile', () => compile(runner, node, session, thread, progress));
  const part = await timed(runner, progress, 'execute', () => build(runner, { node, compiled, thread }, session));
  await recordBuilt(runner, node, part, session);
  return overNothing(runner, { node, compiled }, part, session);
}

/** Makes a node of what another environment has built, without computing it anew. */
async function cloneNode(runner: Runner, node: Node, session: Session, thread: string): Promise<Part> {
  const other = runner.deferring?.counterpart(node);
  const sql = other === undefined ? '' : `select * from ${other.name ?? runner.settings.invocation.dialect.render(other.relation)}`;
  const compiled: CompiledNode = { node, sql, body: sql, ctes: [], injected: { sql, at: 0, shift: 0 }, map: () => undefined };
  return build(runner, { node, compiled, thread, kind: 'clone' }, session);
}
