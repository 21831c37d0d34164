import { Bytes, Decimal, Float, PyDate, PyDateTime, str, TimeDelta, utcDatetime, type Value } from '../jinja/index.ts';
import type { Cell, CellType, ResultColumn } from '../sql/index.ts';

/** The classes of agate's column types, as dbt names them. */
export type Kind = 'Integer' | 'Number' | 'Boolean' | 'Text' | 'Date' | 'DateTime' | 'ISODateTime' | 'TimeDelta';

const kinds: Readonly<Partial<Record<CellType, Kind>>> = {
  integer: 'Integer',
  decimal: 'Number',
  float: 'Number',
  boolean: 'Boolean',
  date: 'Date',
  timestamp: 'DateTime',
  timestamp_tz: 'DateTime',
};

/** A column's type as dbt finds it from the values: a column of nulls counts as integers, and what agate has no type for as text. */
export function kindOf(column: ResultColumn, rows: readonly (readonly Cell[])[], index: number): Kind {
  const values = rows.filter((row) => row[index] !== null);
  if (values.length === 0) return 'Integer';
  const kind = kinds[column.type] ?? 'Text';
  const dated = kind === 'Date' || kind === 'DateTime';
  return dated && values.some((row) => typeof cellValue(row[index] as Cell, column.type) === 'string') ? 'Text' : kind;
}

/** One value of a result as a template value: exact numbers and floats become Decimals, dates Python's dates. */
export function cellValue(cell: Cell, type: CellType): Value {
  if (cell === null) return null;
  switch (type) {
    case 'decimal':
      return Decimal.parse(String(cell)) ?? String(cell);
    case 'float':
      // Infinities and NaN have no finite Decimal: they stay floats.
      return Decimal.parse(str(new Float(Number(cell)))) ?? new Float(Number(cell));
    case 'date':
      return date(String(cell));
    case 'timestamp':
      return timestamp(String(cell));
    case 'timestamp_tz':
      return instant(String(cell));
    case 'interval':
      return interval(String(cell));
    case 'binary':
      return str(bytes(String(cell)));
    case 'integer':
    case 'boolean':
      return cell;
    default:
      return typeof cell === 'boolean' ? str(cell) : String(cell);
  }
}

/** A date; text where Python has none (infinity, years beyond 9999). */
function date(text: string): Value {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year === undefined ? text : new PyDate(Number(year), Number(month), Number(day));
}

const moment = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?/;

function timestamp(text: string): Value {
  const [, year, month, day, hour, minute, second, fraction = ''] = moment.exec(text) ?? [];
  if (year === undefined) return text;
  return new PyDateTime(Number(year), Number(month), Number(day), [Number(hour), Number(minute), Number(second), micros(fraction)]);
}

function instant(text: string): Value {
  const [, year, month, day, hour, minute, second, fraction = ''] = moment.exec(text) ?? [];
  if (year === undefined) return text;
  const seconds = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return utcDatetime(seconds + micros(fraction) / 1000);
}

function micros(fraction: string): number {
  return Number(fraction.slice(0, 6).padEnd(6, '0'));
}

const unitMicros: Readonly<Record<string, bigint>> = { year: 31_104_000_000_000n, mon: 2_592_000_000_000n, day: 86_400_000_000n };

/** `1 year 2 months -3 days 04:05:06.7` (Postgres: `2 mons -3 days +04:05:06.7`) as Python prints the timedelta that a driver makes of it: a month is 30 days. */
function interval(text: string): string {
  let total = 0n;
  let rest = text.trim();
  const unit = /^(-?\d+) (year|mon|day)(?:th)?s?\s*/;
  for (let m = unit.exec(rest); m !== null; m = unit.exec(rest)) {
    total += BigInt(m[1] as string) * (unitMicros[m[2] as string] ?? 0n);
    rest = rest.slice(m[0].length);
  }
  const [whole, sign, hour = '0', minute = '0', second = '0', fraction = ''] = /^([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(rest) ?? [];
  if (whole === undefined && rest !== '') return text;
  const clock = (BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second)) * 1_000_000n + BigInt(micros(fraction));
  return str(new TimeDelta(sign === '-' ? total - clock : total + clock));
}

/** DuckDB's text of a blob: `\x00` stands for a byte, everything else for itself. */
function bytes(text: string): Bytes {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const [, hex] = text[i] === '\\' ? (/^\\x([0-9a-fA-F]{2})/.exec(text.slice(i, i + 4)) ?? []) : [];
    out.push(hex === undefined ? text.charCodeAt(i) & 255 : Number.parseInt(hex, 16));
    if (hex !== undefined) i += 3;
  }
  return new Bytes(Uint8Array.from(out));
}
