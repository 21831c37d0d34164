import type { Window } from '../compile/index.ts';
import { DiagnosticError, diagnostic } from '../text/index.ts';

/** The window of `--event-time-start` and `--event-time-end`, which come in pairs; undefined where neither is given. Throws a diagnostic. */
export function eventTime(start: string | undefined, end: string | undefined): Window | undefined {
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined) return wrong('`--event-time-end` needs `--event-time-start`');
  if (end === undefined) return wrong('`--event-time-start` needs `--event-time-end`');
  const window = { start: timeOf('event-time-start', start), end: timeOf('event-time-end', end) };
  return window.start < window.end ? window : wrong('`--event-time-start` must be before `--event-time-end`');
}

const FORM = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2}))?$/;

/** Microseconds since 1970: the time counts as UTC. */
function timeOf(name: string, text: string): bigint {
  const form = FORM.exec(text);
  const iso = form && `${form[1]}T${form[2] ?? '00:00:00'}.000Z`;
  const millis = iso === null ? Number.NaN : Date.parse(iso);
  // JavaScript takes the 31st of February for a day in March.
  if (Number.isNaN(millis) || new Date(millis).toISOString() !== iso)
    return wrong(`\`--${name}\` is no time: \`${text}\``, 'write it as 2024-01-31, 2024-01-31T12:00:00 or "2024-01-31 12:00:00"');
  return BigInt(millis) * 1000n;
}

function wrong(problem: string, hint?: string): never {
  throw new DiagnosticError(diagnostic('bad-argument', { problem }, { hint }));
}
