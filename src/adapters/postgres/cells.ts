import type { FieldDef } from 'pg';
import { Float, jsonDumps, jsonLoads, type Value } from '../../jinja/index.ts';
import type { Cell, CellType, ResultColumn } from '../../sql/index.ts';
import { readArray } from './arrays.ts';

/** How the cells of one column are made from the texts the server sends. NULL never reaches `read`. */
export interface CellReader {
  readonly column: ResultColumn;
  read(text: string): Cell;
}

type Type = readonly [name: string, type: CellType, read: (text: string) => Cell];

const same = (text: string): Cell => text;
const integer = (text: string): Cell => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
};

// By the number the server's catalogue gives the built-in types; these never change.
// Precisions are left out: what a query gives seldom has one.
const TYPES: Readonly<Record<number, Type>> = {
  16: ['boolean', 'boolean', (t) => t === 't'],
  17: ['bytea', 'binary', same],
  18: ['"char"', 'text', same],
  19: ['name', 'text', same],
  20: ['bigint', 'integer', integer],
  21: ['smallint', 'integer', integer],
  23: ['integer', 'integer', integer],
  25: ['text', 'text', same],
  26: ['oid', 'integer', integer],
  114: ['json', 'other', json],
  869: ['inet', 'other', same],
  700: ['real', 'float', Number],
  701: ['double precision', 'float', Number],
  705: ['unknown', 'text', same],
  1042: ['character', 'text', same],
  1043: ['character varying', 'text', same],
  1082: ['date', 'date', same],
  1083: ['time without time zone', 'time', sixDigits],
  1114: ['timestamp without time zone', 'timestamp', sixDigits],
  1184: ['timestamp with time zone', 'timestamp_tz', utc],
  1186: ['interval', 'interval', same],
  1266: ['time with time zone', 'other', zoned],
  1700: ['numeric', 'decimal', same],
  2950: ['uuid', 'text', same],
  3802: ['jsonb', 'other', json],
};

/** The type of the elements, by the number of the array's. Arrays of other types come as the server prints them, as they do from dbt's driver. */
const ARRAYS: Readonly<Record<number, number>> = {
  199: 114,
  1000: 16,
  1002: 18,
  1003: 19,
  1005: 21,
  1007: 23,
  1009: 25,
  1014: 1042,
  1015: 1043,
  1016: 20,
  1021: 700,
  1022: 701,
  1028: 26,
  1041: 869,
  1115: 1114,
  1182: 1082,
  1183: 1083,
  1185: 1184,
  1231: 1700,
  1270: 1266,
  3807: 3802,
};

/** Whether a type is known by its number; the names of others must be asked of the server. */
export const isBuiltin = (oid: number): boolean => Object.hasOwn(TYPES, oid) || Object.hasOwn(ARRAYS, oid);

/** The reader for a column of a result. `named`: names of types that are not built in, by number. */
export function cellReader(field: Pick<FieldDef, 'name' | 'dataTypeID'>, named: ReadonlyMap<number, string>): CellReader {
  const { name, dataTypeID: oid } = field;
  const element = TYPES[ARRAYS[oid] ?? 0];
  const [dataType, type, read]: Type = element ? arrayOf(element) : (TYPES[oid] ?? [named.get(oid) ?? String(oid), 'other', same]);
  return { column: { name, type, dataType }, read };
}

/** An array is the JSON text that dbt makes of the driver's list. */
function arrayOf([name, type, read]: Type): Type {
  const element = (text: string): Value => {
    if (read === json) return jsonLoads(text);
    const cell = read(text);
    if (type === 'decimal' || type === 'float') return new Float(Number(cell));
    return type === 'timestamp' || type === 'timestamp_tz' ? String(cell).replace(' ', 'T') : cell;
  };
  return [`${name}[]`, 'other', (text) => jsonDumps(readArray(text, element))];
}

/** The driver reads JSON; of lists and objects dbt makes JSON again, as Python prints it. */
function json(text: string): Cell {
  const value = jsonLoads(text);
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Float ? value.value : jsonDumps(value);
}

/** `.5` -> `.500000`: fractions of a second have six digits or are left out, as Python prints them. */
function sixDigits(text: string): string {
  const dot = text.indexOf('.');
  if (dot === -1) return text;
  const [fraction = '', rest = ''] = [/^\d*/.exec(text.slice(dot + 1))?.[0], text.slice(dot + 1).replace(/^\d*/, '')];
  return `${text.slice(0, dot)}.${fraction.padEnd(6, '0')}${rest}`;
}

/** A time of day with its zone, as Python prints it: `01:02:03+02` -> `01:02:03+02:00`. */
function zoned(text: string): string {
  return sixDigits(text).replace(/[+-]\d\d$/, '$&:00');
}

/** A moment in the session's time zone, in UTC: `2024-03-01 12:00:00.5+05:30` -> `2024-03-01 06:30:00.500000+00:00`. */
function utc(text: string): string {
  const match = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?( BC)?$/.exec(text);
  if (!match) return text;
  const [, date = '', time = '', fraction = '', sign, hours, minutes = '0', seconds = '0', era = ''] = match;
  const shift = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (sign === '-' ? 1 : -1);
  const micros = sixDigits(fraction);
  if (shift === 0) return `${date} ${time}${micros}+00:00${era}`;
  // Years beyond four digits, and before Christ, need JavaScript's long form, which counts a year 0.
  const [year = '', month, day] = date.split('-');
  const counted = era ? 1 - Number(year) : Number(year);
  const moment = new Date(0);
  moment.setUTCFullYear(counted, Number(month) - 1, Number(day));
  const [h, m, s] = time.split(':').map(Number) as [number, number, number];
  moment.setUTCHours(h, m, s + shift);
  const two = (n: number): string => String(n).padStart(2, '0');
  const y = moment.getUTCFullYear();
  const shown = String(y > 0 ? y : 1 - y).padStart(4, '0');
  const clock = [moment.getUTCHours(), moment.getUTCMinutes(), moment.getUTCSeconds()].map(two).join(':');
  return `${shown}-${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())} ${clock}${micros}+00:00${y > 0 ? '' : ' BC'}`;
}
