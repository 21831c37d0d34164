import { pythonModules, type Value } from '../jinja/index.ts';

/** What `modules` needs of the invocation: the instant it began, and the running clock where there is one (milliseconds since the epoch). */
export interface ClockSource {
  readonly startedAt: number;
  readonly now?: () => number;
}

/** `modules`: Python's datetime, pytz, re and itertools. Without a running clock, `now()` stays at the start of the run. */
export function modulesValue({ startedAt, now }: ClockSource): Value {
  return pythonModules({ now: now ?? (() => startedAt) });
}
