import { PyError } from '../../value.ts';

/** Days of each month; February of a common year. */
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** The last ordinal: 9999-12-31. */
export const MAX_ORDINAL = 3_652_059;

/** Microseconds of a day. */
export const DAY_MICROS = 86_400_000_000;

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] as number);
}

/** The days before a year, counted from 0001-01-01. */
function daysBeforeYear(year: number): number {
  const y = year - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
}

/** The day of the year, 1 for the first of January. */
export function dayOfYear(year: number, month: number, day: number): number {
  let days = day;
  for (let m = 1; m < month; m++) days += daysInMonth(year, m);
  return days;
}

/** The number of a day, 1 for 0001-01-01. */
export function toOrdinal(year: number, month: number, day: number): number {
  return daysBeforeYear(year) + dayOfYear(year, month, day);
}

/** The day of an ordinal; raises OverflowError outside of the years 1 to 9999. */
export function fromOrdinal(ordinal: number): readonly [number, number, number] {
  if (ordinal < 1 || ordinal > MAX_ORDINAL) throw new PyError('OverflowError', 'date value out of range');
  let year = Math.floor((ordinal - 1) / 365.2425) + 1;
  while (daysBeforeYear(year) >= ordinal) year--;
  while (daysBeforeYear(year + 1) < ordinal) year++;
  let rest = ordinal - daysBeforeYear(year);
  let month = 1;
  while (rest > daysInMonth(year, month)) rest -= daysInMonth(year, month++);
  return [year, month, rest];
}

/** Monday is 0. */
export function weekday(ordinal: number): number {
  return (ordinal + 6) % 7;
}

/** The ordinal of the Monday that begins an ISO year. */
export function isoYearStart(year: number): number {
  const first = toOrdinal(year, 1, 1);
  const day = weekday(first);
  return first - day + (day > 3 ? 7 : 0);
}

/** ISO year, week and weekday (Monday is 1). */
export function isoCalendar(ordinal: number, year: number): readonly [number, number, number] {
  let isoYear = year;
  let start = isoYearStart(year);
  if (ordinal < start) start = isoYearStart(--isoYear);
  else if (ordinal >= start + 364 && ordinal >= isoYearStart(year + 1)) start = isoYearStart(++isoYear);
  return [isoYear, Math.floor((ordinal - start) / 7) + 1, ((ordinal - start) % 7) + 1];
}

/** A number with leading zeros. */
export function pad(n: number, width = 2): string {
  return String(n).padStart(width, '0');
}

export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const monthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;
