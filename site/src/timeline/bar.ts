import type { BarsFile, Health, Id } from '../../../src/docs/data/types.ts';

/** One result in the timeline of a run. Times are seconds after the run's start. */
export interface Bar {
  readonly id: Id;
  readonly lane: number;
  readonly start: number;
  readonly seconds: number;
  readonly health: Health;
}

/** The bars of a file, which keeps them as columns. */
export function barsOf(file: BarsFile): readonly Bar[] {
  return file.id.map((id, n) => ({
    id,
    lane: file.lane[n] ?? 0,
    start: file.start[n] ?? 0,
    seconds: file.seconds[n] ?? 0,
    health: file.health[n] ?? 'none',
  }));
}
