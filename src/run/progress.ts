import type { CompiledNode } from '../compile/index.ts';
import type { Timing } from './report.ts';
import type { Runner } from './runner.ts';

/** What is known of a node so far: a failure tells it too. */
export interface Progress {
  compiled?: CompiledNode;
  path?: string;
  readonly timing: Timing[];
}

/** Runs a part of a node's work and notes how long it took, also when it fails. */
export async function timed<T>(runner: Runner, progress: { readonly timing: Timing[] }, name: Timing['name'], work: () => Promise<T>): Promise<T> {
  const { now } = runner.settings;
  const started_at = now();
  try {
    return await work();
  } finally {
    progress.timing.push({ name, started_at, completed_at: now() });
  }
}
