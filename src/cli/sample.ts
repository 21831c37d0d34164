import type { Window } from '../compile/index.ts';
import type { JsonMap } from '../resolve/index.ts';
import { closest, DiagnosticError, diagnostic, yamlToJson } from '../text/index.ts';
import { yamlFlag } from './yaml-flag.ts';

/** What `--sample` asks for: a window, or so much time before now. */
export type Sample = { readonly window: Window } | { readonly back: number; readonly unit: Unit };

const UNITS = ['hour', 'day', 'month', 'year'] as const;
type Unit = (typeof UNITS)[number];

/** Reads `3 days` or `{start: 2024-01-01, end: 2024-02-01}`. Throws a diagnostic. */
export function sampleOf(text: string | undefined): Sample | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (text.trimStart().startsWith('{')) {
    const { start, end } = yamlToJson(yamlFlag('sample', text)) as JsonMap;
    return { window: { start: timeOf('start', start), end: timeOf('end', end) } };
  }
  const [count = '', name = '', ...more] = text.split(' ');
  if (name === '' || more.length > 0) return wrong(`\`${text}\` is no sample`);
  if (!/^[+-]?\d+$/.test(count)) return wrong(`\`${count}\` is no whole number`);
  const unit = UNITS.find((u) => u === name.toLowerCase().replace(/s+$/, ''));
  if (unit === undefined) {
    const near = closest(name.toLowerCase(), [...UNITS, ...UNITS.map((u) => `${u}s`)]);
    return wrong(`\`${name}\` is none of hours, days, months and years`, near === undefined ? undefined : `did you mean \`${near}\`?`);
  }
  return { back: Number(count), unit };
}

/** The window of a sample. `now`: milliseconds since the epoch. */
export function windowOf(sample: Sample, now: number): Window {
  if ('window' in sample) return sample.window;
  return { start: BigInt(earlier(now, sample.back, sample.unit)) * 1000n, end: BigInt(now) * 1000n };
}

/** Months and years keep the day where the month has it, else they end with the month. */
function earlier(now: number, back: number, unit: Unit): number {
  if (unit === 'hour' || unit === 'day') return now - back * (unit === 'hour' ? 3_600_000 : 86_400_000);
  const date = new Date(now);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() - back * (unit === 'month' ? 1 : 12);
  const last = new Date(Date.UTC(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 0)).getUTCDate();
  const day = Date.UTC(Math.floor(months / 12), ((months % 12) + 12) % 12, Math.min(date.getUTCDate(), last));
  return day + (now - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
}

/** Microseconds since 1970; as in dbt the time counts as UTC, whatever zone is written. */
function timeOf(key: string, value: unknown): bigint {
  const [, day, time = '00:00', seconds = ':00', fraction = ''] =
    typeof value === 'string' ? (/^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,6}))?(?:Z|[+-]\d\d:?\d\d)?)?$/.exec(value) ?? []) : [];
  const millis = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${seconds}Z`);
  if (Number.isNaN(millis)) return wrong(value === undefined ? `\`${key}\` is missing` : `\`${key}\` is no time: \`${String(value)}\``);
  return BigInt(millis) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function wrong(problem: string, hint = "write it like `--sample '3 days'` or `--sample '{start: 2024-01-01, end: 2024-02-01}'`"): never {
  throw new DiagnosticError(diagnostic('bad-argument', { problem: `\`--sample\`: ${problem}` }, { hint }));
}
