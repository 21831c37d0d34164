import type { Session } from '../adapters/index.ts';
import type { Step } from '../plan/index.ts';
import type { NodeResult } from './report.ts';

/** A session with the name of its thread. */
export interface Worker {
  readonly session: Session;
  readonly thread: string;
}

/** Workers that have nothing to do, for a step that can use more than one. What is taken must be given back. */
export interface Spare {
  take(): Worker | undefined;
  give(worker: Worker): void;
}

/** What the scheduler asks of the run. */
export interface Work {
  /** Runs a step on a session. Never rejects for what a user did. */
  readonly run: (step: Step, session: Session, thread: string, spare: Spare) => Promise<NodeResult>;
  /** Steps that are run as one where several of them are ready. */
  readonly together?: {
    /** The steps that may go together, this one among them, in the order of the plan; none where this one goes by itself. */
    readonly mates: (step: Step) => readonly Step[];
    /** Runs steps on a session and tells each result. Those that are not told were kept from starting. */
    readonly run: (steps: readonly Step[], session: Session, thread: string, ended: (result: NodeResult) => void) => Promise<void>;
  };
  /** The result of a step that is not run, because the step `cause` failed. */
  readonly skip: (step: Step, cause: string) => NodeResult;
  /** Whether what depends on this result must be skipped. */
  readonly blocks: (result: NodeResult) => boolean;
  /** Whether the run is to stop; asked before each step is started. */
  readonly stopped: () => boolean;
}

/** Steps in the order of the plan as their parents end, as many at a time as there are sessions. Answers the results in the order they came. */
export async function schedule(steps: readonly Step[], sessions: readonly Session[], work: Work): Promise<readonly NodeResult[]> {
  return new Schedule(steps, sessions, work).run();
}

class Schedule {
  private readonly steps: readonly Step[];
  private readonly work: Work;
  private readonly position = new Map<string, number>();
  /** How many parents of each step have not ended. */
  private readonly missing: number[] = [];
  private readonly children: number[][] = [];
  /** Positions of ready steps as a heap: the lowest starts first. */
  private readonly ready = new Heap();
  private readonly causes = new Map<number, string>();
  /** Steps that have begun, by themselves or with another one. */
  private readonly begun = new Set<number>();
  private readonly idle: Worker[];
  private readonly spare: Spare = {
    take: () => this.idle.pop(),
    give: (worker) => {
      this.idle.push(worker);
      this.pump();
    },
  };
  private readonly results: NodeResult[] = [];
  private running = 0;
  private done: (() => void) | undefined;
  private failed: ((reason: unknown) => void) | undefined;
  private broken = false;

  constructor(steps: readonly Step[], sessions: readonly Session[], work: Work) {
    this.steps = steps;
    this.work = work;
    this.idle = sessions.map((session, i) => ({ session, thread: `Thread-${i + 1}` })).reverse();
    for (const [i, s] of steps.entries()) this.position.set(s.id, i);
    steps.forEach((s, i) => {
      this.children.push([]);
      this.missing.push(0);
      if (s.dependsOn.length === 0) this.ready.push(i);
    });
    steps.forEach((s, i) => {
      for (const parent of s.dependsOn) {
        const p = this.position.get(parent);
        if (p === undefined) throw new Error(`${s.id} waits for ${parent}, which is not in the plan`);
        (this.children[p] as number[]).push(i);
        this.missing[i] = (this.missing[i] ?? 0) + 1;
      }
    });
  }

  run(): Promise<readonly NodeResult[]> {
    return new Promise((resolve, reject) => {
      this.done = () => resolve(this.results);
      this.failed = reject;
      this.pump();
    });
  }

  /** Starts what can be started. */
  private pump(): void {
    while (!this.broken && this.idle.length > 0 && this.ready.size > 0 && !this.work.stopped()) {
      const at = this.ready.pop();
      if (this.begun.has(at)) continue;
      const cause = this.causes.get(at);
      const step = this.steps[at] as Step;
      if (cause !== undefined) this.end(at, this.work.skip(step, cause));
      else this.start(at, step);
    }
    if (this.running === 0 && (this.broken || this.ready.size === 0 || this.work.stopped())) this.done?.();
  }

  private start(at: number, step: Step): void {
    const worker = this.idle.pop() as Worker;
    this.running++;
    this.begun.add(at);
    this.runOn(worker, at, step).then(
      () => {
        this.running--;
        this.idle.push(worker);
        this.pump();
      },
      (reason: unknown) => {
        this.running--;
        this.broken = true;
        this.failed?.(reason);
      },
    );
  }

  private async runOn({ session, thread }: Worker, at: number, step: Step): Promise<void> {
    const { together } = this.work;
    const mates = together?.mates(step) ?? [];
    if (!together || mates.length === 0) {
      this.end(at, await this.work.run(step, session, thread, this.spare));
      return;
    }
    const all = mates.map((s) => this.position.get(s.id) as number).filter((i) => i === at || this.isReady(i));
    for (const i of all) this.begun.add(i);
    await together.run(
      all.map((i) => this.steps[i] as Step),
      session,
      thread,
      (result) => this.end(this.position.get(result.unique_id) as number, result),
    );
  }

  private isReady(at: number): boolean {
    return this.missing[at] === 0 && !this.begun.has(at) && !this.causes.has(at);
  }

  private end(at: number, result: NodeResult): void {
    this.results.push(result);
    const blocks = this.work.blocks(result);
    const cause = result.skippedFor ?? result.unique_id;
    for (const child of this.children[at] as number[]) {
      if (blocks && !this.causes.has(child)) this.causes.set(child, cause);
      const left = (this.missing[child] ?? 0) - 1;
      this.missing[child] = left;
      if (left === 0) this.ready.push(child);
    }
  }
}

/** The smallest number first. */
class Heap {
  private readonly items: number[] = [];
  get size(): number {
    return this.items.length;
  }
  push(value: number): void {
    const { items } = this;
    let i = items.push(value) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if ((items[up] as number) <= value) break;
      items[i] = items[up] as number;
      i = up;
    }
    items[i] = value;
  }
  /** Must not be called when empty. */
  pop(): number {
    const { items } = this;
    const top = items[0] as number;
    const last = items.pop() as number;
    if (items.length === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && (items[down + 1] as number) < (items[down] as number)) down++;
      if ((items[down] as number) >= last) break;
      items[i] = items[down] as number;
      i = down;
    }
    items[i] = last;
    return top;
  }
}
