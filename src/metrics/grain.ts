/** A length of time by which time is cut into periods. */
export interface Grain {
  readonly name: string;
  /** Finer grains have lower ranks. */
  readonly rank: number;
}

/** The grains of the calendar, from the finest. */
export const grainNames: readonly string[] = [
  'nanosecond',
  'microsecond',
  'millisecond',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
];
const GRAINS: ReadonlyMap<string, Grain> = new Map(grainNames.map((name, rank) => [name, { name, rank }]));

/** The grain of days. */
export const DAY = GRAINS.get('day') as Grain;

/** The parts of a date that can be grouped by. Weeks begin on Monday, which is day 1. */
export const PARTS: ReadonlyMap<string, string> = new Map([
  ['year', 'year'],
  ['quarter', 'quarter'],
  ['month', 'month'],
  ['day', 'day'],
  ['dow', 'isodow'],
  ['doy', 'doy'],
]);

/** The grain of a name, in any case. */
export function grainOf(name: string): Grain | undefined {
  return GRAINS.get(name.toLowerCase());
}

const isDated = (grain: Grain): boolean => grain.rank >= DAY.rank;

/** SQL of the start of the period that a time is in: a date from days on, else a timestamp. */
export function truncated(sql: string, grain: Grain): string {
  if (grain.name === 'day') return `cast(${sql} as date)`;
  const cut = `date_trunc('${grain.name}', ${sql})`;
  return isDated(grain) ? `cast(${cut} as date)` : cut;
}

/** SQL of a window as an interval. Postgres knows no quarters there. */
export function interval(count: number, grain: Grain): string {
  const [n, unit] = grain.name === 'quarter' ? [count * 3, 'month'] : [count, grain.name];
  return `interval '${n} ${unit}${n === 1 ? '' : 's'}'`;
}

/** A day as `2026-01-31`, or undefined where the text is none. */
export function dayOf(text: string): string | undefined {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && isoDay(new Date(time)) === text ? text : undefined;
}

/** The first day of the period that a day is in. */
export function periodStart(day: string, grain: Grain): string {
  const date = new Date(`${day}T00:00:00Z`);
  const month = date.getUTCMonth();
  if (grain.name === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (grain.name === 'month') date.setUTCDate(1);
  if (grain.name === 'quarter') date.setUTCMonth(month - (month % 3), 1);
  if (grain.name === 'year') date.setUTCMonth(0, 1);
  return isoDay(date);
}

/** The first day after the period that a day is in. */
export function periodEnd(day: string, grain: Grain): string {
  return shifted(periodStart(day, grain), isDated(grain) ? grain : DAY, 1);
}

/** A day so many periods later, or earlier. */
export function shifted(day: string, grain: Grain, count: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  const months = { month: 1, quarter: 3, year: 12 }[grain.name];
  if (months !== undefined) {
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months * count + 1, 0)).getUTCDate();
    date.setUTCMonth(date.getUTCMonth() + months * count, Math.min(date.getUTCDate(), last));
  } else if (isDated(grain)) date.setUTCDate(date.getUTCDate() + (grain.name === 'week' ? 7 : 1) * count);
  return isoDay(date);
}

const isoDay = (date: Date): string => date.toISOString().slice(0, 10);
