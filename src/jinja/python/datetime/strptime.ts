import { PyError } from '../../value.ts';
import { valueError } from '../core.ts';
import { quote } from '../text.ts';
import { dayNames, fromOrdinal, isoYearStart, monthNames, toOrdinal, weekday } from './calendar.ts';
import { PyDateTime } from './datetime.ts';
import { parseOffset } from './time.ts';
import { FixedZone } from './zone.ts';

const names = (list: readonly string[], size?: number): string => list.map((name) => name.slice(0, size)).join('|');

const patterns: Readonly<Record<string, string>> = {
  d: '3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9]',
  f: '[0-9]{1,6}',
  H: '2[0-3]|[0-1]\\d|\\d',
  I: '1[0-2]|0[1-9]|[1-9]',
  G: '\\d\\d\\d\\d',
  j: '36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]',
  m: '1[0-2]|0[1-9]|[1-9]',
  M: '[0-5]\\d|\\d',
  S: '6[0-1]|[0-5]\\d|\\d',
  U: '5[0-3]|[0-4]\\d|\\d',
  W: '5[0-3]|[0-4]\\d|\\d',
  V: '5[0-3]|0[1-9]|[1-4]\\d|\\d',
  w: '[0-6]',
  u: '[1-7]',
  y: '\\d\\d',
  Y: '\\d\\d\\d\\d',
  z: '[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z',
  A: names(dayNames),
  a: names(dayNames, 3),
  B: names(monthNames),
  b: names(monthNames, 3),
  p: 'am|pm',
  Z: 'utc|gmt',
};

const long: Readonly<Record<string, string>> = { c: '%a %b %d %H:%M:%S %Y', x: '%m/%d/%y', X: '%H:%M:%S' };

/** Compiles a format; the codes come in the order of the groups. */
function compile(format: string): { readonly regex: RegExp; readonly codes: readonly string[] } {
  const codes: string[] = [];
  const full = format.replace(/%([cxX])/g, (_, code: string) => long[code] as string);
  const source = full.replace(
    /%([\s\S]?)|(\s+)|([\\.^$*+?(){}[\]|/-])/gu,
    (whole, code: string | undefined, space: string | undefined, mark: string | undefined) => {
      if (space !== undefined) return '\\s+';
      if (mark !== undefined) return `\\${mark}`;
      if (code === '%') return '%';
      if (code === '' || code === undefined) throw valueError(`stray % in format ${quote(format)}`);
      const pattern = patterns[code];
      if (pattern === undefined) throw valueError(`'${whole.slice(1)}' is a bad directive in format ${quote(format)}`);
      if (codes.includes(code)) throw new PyError('error', `redefinition of group name '${code}'`);
      codes.push(code);
      return `(${pattern})`;
    },
  );
  return { regex: new RegExp(source, 'iy'), codes };
}

/** `datetime.strptime(text, format)`; raises ValueError as Python words it. */
export function strptime(text: string, format: string): PyDateTime {
  const { regex, codes } = compile(format);
  const m = regex.exec(text);
  if (m === null) throw valueError(`time data ${quote(text)} does not match format ${quote(format)}`);
  if (m[0].length !== text.length) throw valueError(`unconverted data remains: ${text.slice(m[0].length)}`);
  const found = new Map(codes.map((code, i) => [code, m[i + 1] as string]));
  const number = (code: string): number | undefined => (found.has(code) ? Number(found.get(code)) : undefined);
  const [year, month, day] = dateOf(found, number);
  const clock = [hourOf(found, number), number('M') ?? 0, number('S') ?? 0, Number((found.get('f') ?? '0').padEnd(6, '0'))] as const;
  const offset = found.get('z');
  const zone = offset === undefined ? (found.has('Z') ? new FixedZone(0, found.get('Z')?.toUpperCase()) : undefined) : parseOffset(offset);
  // A zone name alone does not make the time aware in Python either.
  return new PyDateTime(year, month, day, clock, offset === undefined ? undefined : zone);
}

function hourOf(found: ReadonlyMap<string, string>, number: (code: string) => number | undefined): number {
  const hour = number('I');
  if (hour === undefined) return number('H') ?? 0;
  const half = found.get('p')?.toLowerCase();
  return (hour % 12) + (half === 'pm' ? 12 : half === undefined && hour === 12 ? 12 : 0);
}

function nameAt(list: readonly string[], name: string | undefined, size: number): number | undefined {
  if (name === undefined) return undefined;
  return list.findIndex((item) => item.slice(0, size).toLowerCase() === name.slice(0, size).toLowerCase());
}

function dateOf(found: ReadonlyMap<string, string>, number: (code: string) => number | undefined): readonly [number, number, number] {
  const short = number('y');
  const year = number('Y') ?? (short === undefined ? undefined : short <= 68 ? 2000 + short : 1900 + short);
  const named = nameAt(monthNames, found.get('B') ?? found.get('b'), 3);
  const month = number('m') ?? (named === undefined ? undefined : named + 1);
  const day = number('d');
  const week = number('W') ?? number('U') ?? number('V');
  const weekDay =
    nameAt(dayNames, found.get('A') ?? found.get('a'), 3) ??
    (found.has('u') ? (number('u') as number) - 1 : found.has('w') ? ((number('w') as number) + 6) % 7 : undefined);
  const ordinal = number('j');
  if (found.has('G') && found.has('V') && weekDay !== undefined) return fromOrdinal(isoYearStart(number('G') as number) + ((week as number) - 1) * 7 + weekDay);
  if (found.has('G') !== found.has('V'))
    throw valueError("ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', '%w', or '%u').");
  if (ordinal !== undefined && month === undefined) return fromOrdinal(toOrdinal(year ?? 1900, 1, 1) + ordinal - 1);
  if (week !== undefined && weekDay !== undefined && year !== undefined && month === undefined) return fromWeek(year, week, weekDay, found.has('W'));
  if (year === undefined && month === 2 && day === 29) throw valueError('day is out of range for month');
  return [year ?? 1900, month ?? 1, day ?? 1];
}

/** The day of a week counted from the first Monday (or Sunday) of the year. */
function fromWeek(year: number, week: number, weekDay: number, mondays: boolean): readonly [number, number, number] {
  const first = toOrdinal(year, 1, 1);
  const firstDay = mondays ? weekday(first) : (weekday(first) + 1) % 7;
  const day = mondays ? weekDay : (weekDay + 1) % 7;
  const offset = (7 - firstDay) % 7;
  return fromOrdinal(first + (week === 0 ? day - firstDay : offset + 7 * (week - 1) + day));
}
