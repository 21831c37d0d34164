import type { Session } from '../adapters/index.ts';
import type { Batch } from '../compile/index.ts';
import { batchesOf, batchOf, reportGaps } from '../plan/index.ts';
import { type Microbatch, type Node, nodeRelation } from '../resolve/index.ts';
import { lookup } from '../sql/index.ts';
import type { Diagnostic } from '../text/index.ts';
import { build, compile, type Part, refreshes, type Turn } from './build.ts';
import { drive } from './drive.ts';
import { failureOf } from './failure.ts';
import type { Progress } from './progress.ts';
import type { BatchResults, BatchStart, NodeStart } from './report.ts';
import type { Runner } from './runner.ts';
import type { Spare, Worker } from './scheduler.ts';

/** What a node that can use more than one worker is given. */
export interface Crew {
  readonly start: NodeStart;
  readonly spare: Spare;
}

/** What became of one batch. */
interface Done {
  readonly batch: Batch;
  readonly part: Part;
}

/**
 * Builds a microbatch model batch by batch: the first and the last alone, those between as many at a time as there are idle sessions, where the
 * engine and the model allow it. Where the first one fails the others are not tried; after it every one that can be built is.
 */
export async function runBatches(runner: Runner, node: Node, model: Microbatch, worker: Worker, crew: Crew): Promise<Part> {
  const { settings } = runner;
  const session = runner.commented(worker.session, node);
  const existing = await drive(lookup({ ...nodeRelation(node, settings.invocation.quoting), type: null }), session);
  const incremental = existing?.type === 'table' && !refreshes(node, settings.fullRefresh);
  const previous = settings.batches?.get(node.unique_id);
  const time = { given: settings.sample ?? settings.eventTime, now: BigInt(Math.round(settings.startedAt * 1000)) };
  const batches = previous ? previous.failed.map((window) => batchOf(window, model.size)) : batchesOf(model, time, incremental);
  const run = new Batches(runner, node, model, batches, crew);
  const done = await run.all(worker, incremental);
  if (!runner.stopped)
    for (const told of await gapsOf(runner, node, model, session)) settings.emit({ kind: 'diagnostic', time: settings.now(), diagnostic: told });
  return merged(batches, done, previous);
}

/** What the ledger tells of missing batches; what keeps it from being read takes nothing back of what was built. */
async function gapsOf(runner: Runner, node: Node, model: Microbatch, session: Session): Promise<readonly Diagnostic[]> {
  const { dialect, quoting } = runner.settings.invocation;
  try {
    return await drive(reportGaps(node, nodeRelation(node, quoting), model, dialect), session);
  } catch (e) {
    const failure = failureOf(e, node, undefined, undefined);
    if (!failure) throw e;
    return [failure.diagnostic];
  }
}

/** The batches of one model in one run. */
class Batches {
  private readonly runner: Runner;
  private readonly node: Node;
  private readonly model: Microbatch;
  private readonly batches: readonly Batch[];
  private readonly crew: Crew;
  private readonly done: Done[] = [];

  constructor(runner: Runner, node: Node, model: Microbatch, batches: readonly Batch[], crew: Crew) {
    this.runner = runner;
    this.node = node;
    this.model = model;
    this.batches = batches;
    this.crew = crew;
  }

  async all(worker: Worker, incremental: boolean): Promise<readonly Done[]> {
    const last = this.batches.length - 1;
    await this.one(0, worker, incremental);
    if (this.done[0]?.part.status !== 'success') {
      for (let i = 1; i <= last; i++) this.skip(i);
      return this.done;
    }
    await this.between(worker, last);
    if (last > 0) await this.one(last, worker, true);
    return this.done;
  }

  /** The batches that are neither the first nor the last. */
  private async between(worker: Worker, last: number): Promise<void> {
    const { spare } = this.crew;
    const waiting = this.batches.map((_, i) => i).slice(1, last);
    const helping: Promise<void>[] = [];
    const help = async (helper: Worker): Promise<void> => {
      const next = waiting.shift();
      try {
        if (next !== undefined) await this.one(next, helper, true);
      } finally {
        // Other nodes that are ready come first: they wait for a worker too.
        spare.give(helper);
      }
      recruit();
    };
    const recruit = (): void => {
      while (this.parallel && waiting.length > 0 && !this.runner.stopped) {
        const helper = spare.take();
        if (!helper) return;
        const helped = help(helper);
        // Awaited in the end: until then a failure must not count as unhandled.
        helped.catch(() => undefined);
        helping.push(helped);
      }
    };
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      recruit();
      await this.one(next, worker, true);
    }
    // A helper may have found another one before it ended.
    for (let i = 0; i < helping.length; i++) await helping[i];
  }

  /** As dbt decides: what the model says, else not where its template reads the table that it builds. */
  private get parallel(): boolean {
    const { compiler, settings } = this.runner;
    if (!settings.invocation.dialect.can.concurrentBatches) return false;
    return this.model.concurrent ?? !compiler.template(this.node).facts.names.has('this');
  }

  private startOf(index: number): BatchStart {
    return { name: this.batches[index]?.name ?? '', index: index + 1, total: this.batches.length };
  }

  private skip(index: number): void {
    const batch = this.batches[index] as Batch;
    this.done.push({ batch, part: { status: 'skipped' } });
    this.tell(index, 'skipped', 'SKIPPED', 0);
  }

  private tell(index: number, status: 'success' | 'error' | 'skipped', message: string, seconds: number): void {
    const { emit, now } = this.runner.settings;
    emit({ kind: 'batch-finished', time: now(), node: this.crew.start, batch: this.startOf(index), status, message, seconds });
  }

  private async one(index: number, { session, thread }: Worker, incremental: boolean): Promise<void> {
    if (this.runner.stopped) return;
    const { emit, now } = this.runner.settings;
    const batch = this.batches[index] as Batch;
    const began = now();
    emit({ kind: 'batch-started', time: began, node: { ...this.crew.start, thread }, batch: this.startOf(index) });
    const part = await this.build(index, { batch, model: this.model, incremental }, session, thread);
    this.done.push({ batch, part });
    this.tell(index, part.status === 'success' ? 'success' : 'error', part.message ?? '', (now() - began) / 1000);
  }

  /** Hooks before the model run with its first batch, those after it with its last. */
  private async build(index: number, turn: Turn, session: Session, thread: string): Promise<Part> {
    const { config } = this.node;
    const hooks = {
      'pre-hook': index === 0 ? (config['pre-hook'] ?? []) : [],
      'post-hook': index === this.batches.length - 1 ? (config['post-hook'] ?? []) : [],
    };
    const node: Node = { ...this.node, config: { ...config, ...hooks } };
    const progress: Progress = { timing: [] };
    try {
      const compiled = await compile(this.runner, node, session, thread, progress, { batch: turn.batch });
      return await build(this.runner, { node, compiled, thread, turn }, session);
    } catch (e) {
      const failure = failureOf(e, node, progress.compiled, progress.path);
      if (!failure) throw e;
      return { status: 'error', ...failure, ...(progress.path !== undefined && { compiledPath: progress.path }) };
    }
  }
}

const NOTHING: BatchResults = { successful: [], failed: [] };

/** The model's result: dbt's statuses and words. A batch that was not reached counts as failed, so that it is tried again. */
function merged(batches: readonly Batch[], done: readonly Done[], previous = NOTHING): Part {
  const built = new Set(done.filter((d) => d.part.status === 'success').map((d) => d.batch));
  const plain = ({ start, end }: Batch) => ({ start, end });
  const successful = batches.filter((b) => built.has(b)).map(plain);
  const failed = batches.filter((b) => !built.has(b)).map(plain);
  const first = done.find((d) => d.part.status === 'error')?.part;
  const rows = done.reduce<number | null>((sum, { part }) => (typeof part.rows === 'number' ? (sum ?? 0) + part.rows : sum), null);
  const common = {
    failures: 0,
    rows,
    batch_results: { successful: [...successful, ...previous.successful], failed },
    ...(first?.diagnostic && { diagnostic: told(first.diagnostic, batches, built) }),
    ...(first?.compiledPath !== undefined && { compiledPath: first.compiledPath }),
  };
  if (failed.length === 0) return { ...common, status: 'success', message: 'SUCCESS' };
  if (successful.length === 0) return { ...common, status: 'error', message: 'ERROR' };
  return { ...common, status: 'partial success', message: `PARTIAL SUCCESS (${successful.length}/${batches.length})` };
}

/** What went wrong in the first batch that failed, and which others did not end well. */
function told(d: Diagnostic, batches: readonly Batch[], built: ReadonlySet<Batch>): Diagnostic {
  const names = batches.filter((b) => !built.has(b)).map((b) => b.name);
  const shown = names.length > 5 ? [...names.slice(0, 4), `... (${names.length} in all)`] : names;
  return { ...d, related: [...(d.related ?? []), { message: `${built.size} of ${batches.length} batches were built, not ${shown.join(', ')}` }] };
}
