import { dayNames, dayOfYear, isoCalendar, monthNames, pad, toOrdinal, weekday } from './calendar.ts';

/** What a format string can ask for. */
export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micro: number;
  /** `+0200`, or empty. */
  readonly offset: string;
  readonly zone: string;
  /** Seconds since 1970, taking the time as UTC. */
  readonly epoch: number;
}

type Field = (m: Moment) => string | readonly [number, number, string?];

const ordinal = (m: Moment): number => toOrdinal(m.year, m.month, m.day);
const yearDay = (m: Moment): number => dayOfYear(m.year, m.month, m.day);
const iso = (m: Moment): readonly [number, number, number] => isoCalendar(ordinal(m), m.year);
const hour12 = (m: Moment): number => m.hour % 12 || 12;

// A number comes with its width, and with its filling where that is not a zero.
const fields: Readonly<Record<string, Field>> = {
  a: (m) => (dayNames[weekday(ordinal(m))] as string).slice(0, 3),
  A: (m) => dayNames[weekday(ordinal(m))] as string,
  w: (m) => [(weekday(ordinal(m)) + 1) % 7, 1],
  u: (m) => [weekday(ordinal(m)) + 1, 1],
  d: (m) => [m.day, 2],
  e: (m) => [m.day, 2, ' '],
  b: (m) => (monthNames[m.month - 1] as string).slice(0, 3),
  h: (m) => (monthNames[m.month - 1] as string).slice(0, 3),
  B: (m) => monthNames[m.month - 1] as string,
  m: (m) => [m.month, 2],
  y: (m) => [m.year % 100, 2],
  Y: (m) => [m.year, 1],
  C: (m) => [Math.floor(m.year / 100), 2],
  G: (m) => [iso(m)[0], 1],
  g: (m) => [iso(m)[0] % 100, 2],
  V: (m) => [iso(m)[1], 2],
  H: (m) => [m.hour, 2],
  k: (m) => [m.hour, 2, ' '],
  I: (m) => [hour12(m), 2],
  l: (m) => [hour12(m), 2, ' '],
  p: (m) => (m.hour < 12 ? 'AM' : 'PM'),
  P: (m) => (m.hour < 12 ? 'am' : 'pm'),
  M: (m) => [m.minute, 2],
  S: (m) => [m.second, 2],
  f: (m) => pad(m.micro, 6),
  z: (m) => m.offset,
  Z: (m) => m.zone,
  j: (m) => [yearDay(m), 3],
  U: (m) => [Math.floor((yearDay(m) + 6 - ((weekday(ordinal(m)) + 1) % 7)) / 7), 2],
  W: (m) => [Math.floor((yearDay(m) + 6 - weekday(ordinal(m))) / 7), 2],
  s: (m) => String(m.epoch),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

const combined: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  x: '%m/%d/%y',
  D: '%m/%d/%y',
  X: '%H:%M:%S',
  T: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  F: '%Y-%m-%d',
};

/** `strftime` with glibc's conversions and flags (`-`, `_`, `0`, `^`, `#`) and English names. An unknown conversion stays as it is. */
export function strftime(m: Moment, format: string): string {
  return format.replace(/%([-_0^#]*)(\d*)([\s\S])/gu, (whole, flags: string, width: string, code: string) => {
    const long = combined[code];
    const value = long === undefined ? fields[code]?.(m) : strftime(m, long);
    if (value === undefined) return whole;
    if (typeof value === 'string') return changed(width === '' ? value : value.padStart(Number(width), flags.includes('0') ? '0' : ' '), flags, code);
    const [n, size, fill = '0'] = value;
    const filling = flags.includes('-') ? '' : flags.includes('_') ? ' ' : flags.includes('0') ? '0' : fill;
    return filling === '' ? String(n) : String(n).padStart(width === '' ? size : Number(width), filling);
  });
}

function changed(text: string, flags: string, code: string): string {
  if (flags.includes('^')) return text.toUpperCase();
  if (!flags.includes('#')) return text;
  return code === 'p' || code === 'Z' ? text.toLowerCase() : text.toUpperCase();
}
