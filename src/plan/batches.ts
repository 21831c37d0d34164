import type { Batch, Window } from '../compile/index.ts';
import type { BatchSize, Microbatch } from '../resolve/index.ts';

/** The time in which a run builds batches, where it is not the model's own. */
export interface BatchTime {
  /** `--event-time-start` and `--event-time-end`, or the sample. */
  readonly given?: Window | undefined;
  /** When the run began (of a run that is retried: when that one began), in microseconds since 1970. */
  readonly now: bigint;
}

const MILLI = 1000n;

function dateOf(micros: bigint): Date {
  const millis = micros / MILLI;
  return new Date(Number(micros % MILLI < 0n ? millis - 1n : millis));
}

/** The start of the batch that a time lies in. Microseconds since 1970, UTC. */
export function truncated(micros: bigint, size: BatchSize): bigint {
  return shifted(micros, size, 0);
}

/** The start of the batch so many batches after the one a time lies in. */
export function shifted(micros: bigint, size: BatchSize, by: number): bigint {
  const date = dateOf(micros);
  const kept = { year: 0, month: 1, day: 2, hour: 3 }[size];
  const part = (at: number, value: number, least: number): number => (at > kept ? least : at === kept ? value + by : value);
  // Date.UTC takes years below 100 for those of the 20th century.
  const out = new Date(0);
  out.setUTCFullYear(part(0, date.getUTCFullYear(), 1970), part(1, date.getUTCMonth(), 0), part(2, date.getUTCDate(), 1));
  out.setUTCHours(part(3, date.getUTCHours(), 0));
  return BigInt(out.getTime()) * MILLI;
}

/** `2024-01-31`, `2024-01-31T10`, `2024-01` or `2024`: what a batch that begins then is called. */
export function batchName(start: bigint, size: BatchSize): string {
  return dateOf(start).toISOString().slice(0, { hour: 13, day: 10, month: 7, year: 4 }[size]);
}

/** The batch of a window. */
export function batchOf({ start, end }: Window, size: BatchSize): Batch {
  const name = batchName(start, size);
  return { start, end, name, id: name.replaceAll('-', '') };
}

/**
 * The batches that a run builds, the earliest first: those of the given time, else all since `begin`, or, where the table is there (`incremental`),
 * the last one and as many before it as `lookback` says.
 */
export function batchesOf(model: Microbatch, time: BatchTime, incremental: boolean): readonly Batch[] {
  const { size } = model;
  const last = time.given?.end ?? time.now;
  const end = truncated(last, size) === last ? last : shifted(last, size, 1);
  const start = time.given
    ? truncated(time.given.start, size)
    : incremental
      ? // The end is the start of a batch that is not there yet.
        shifted(end, size, -(model.lookback + 1))
      : truncated(model.begin, size);
  const out: Batch[] = [];
  let from = start;
  do {
    const to = shifted(from, size, 1);
    out.push(batchOf({ start: from, end: to < end ? to : end }, size));
    from = to;
  } while (from < end);
  return out;
}
