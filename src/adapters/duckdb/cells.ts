import {
  type DuckDBArrayType,
  type DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBDateValue,
  type DuckDBIntervalValue,
  type DuckDBListType,
  type DuckDBListValue,
  type DuckDBMapType,
  type DuckDBMapValue,
  type DuckDBStructType,
  type DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBUnionType,
  type DuckDBUnionValue,
  type DuckDBValue,
  type DuckDBVariantValue,
} from '@duckdb/node-api';
import { Bytes, Float, jsonDumps, str, TimeDelta, type Value } from '../../jinja/index.ts';
import type { Cell, CellType } from '../../sql/index.ts';

/** How the cells of one column are made from the driver's values. NULL never reaches `read`. */
export interface CellReader {
  readonly type: CellType;
  read(value: DuckDBValue): Cell;
}

const T = DuckDBTypeId;
const asText = (value: DuckDBValue): string => String(value);
const asInteger = (value: DuckDBValue): Cell => (typeof value === 'bigint' ? (Number.isSafeInteger(Number(value)) ? Number(value) : value) : (value as number));

/** The reader for a column type. */
export function cellReader(type: DuckDBType): CellReader {
  switch (type.typeId) {
    case T.TINYINT:
    case T.SMALLINT:
    case T.INTEGER:
    case T.BIGINT:
    case T.HUGEINT:
    case T.UTINYINT:
    case T.USMALLINT:
    case T.UINTEGER:
    case T.UBIGINT:
    case T.UHUGEINT:
    case T.BIGNUM:
      return { type: 'integer', read: asInteger };
    case T.DECIMAL:
      return { type: 'decimal', read: asText };
    case T.FLOAT:
    case T.DOUBLE:
      return { type: 'float', read: (v) => v as number };
    case T.BOOLEAN:
      return { type: 'boolean', read: (v) => v as boolean };
    case T.VARCHAR:
    case T.ENUM:
    case T.UUID:
      return { type: 'text', read: asText };
    case T.DATE:
      return { type: 'date', read: dateText };
    case T.TIMESTAMP:
    case T.TIMESTAMP_S:
    case T.TIMESTAMP_MS:
    case T.TIMESTAMP_NS:
      return { type: 'timestamp', read: (v) => timestampText(v) };
    case T.TIMESTAMP_TZ:
      return { type: 'timestamp_tz', read: (v) => timestampText(v, '+00:00') };
    case T.TIME:
      return { type: 'time', read: (v) => sixDigits(asText(v)) };
    case T.INTERVAL:
      return { type: 'interval', read: asText };
    case T.BLOB:
      return { type: 'binary', read: asText };
    case T.LIST:
    case T.ARRAY:
    case T.STRUCT:
    case T.MAP:
      return { type: 'other', read: (v) => json(v, type) };
    case T.UNION:
      return {
        type: 'other',
        read: (v) => {
          const union = v as DuckDBUnionValue;
          return union.value === null ? null : cellReader(memberType(union, type)).read(union.value);
        },
      };
    case T.VARIANT:
      return {
        type: 'other',
        read: (v) => {
          const { value, type: kind } = v as DuckDBVariantValue;
          return value === null ? null : kind === undefined ? asText(value) : cellReader(kind).read(value);
        },
      };
    default:
      return { type: 'other', read: asText };
  }
}

/** `.5` -> `.500000`: fractions of a second have six digits or are left out, as Python prints them. */
function sixDigits(text: string): string {
  const dot = text.indexOf('.');
  if (dot === -1) return text;
  const fraction = text.slice(dot + 1, dot + 7).padEnd(6, '0');
  return fraction === '000000' ? text.slice(0, dot) : `${text.slice(0, dot)}.${fraction}`;
}

function timestampText(value: DuckDBValue, zone = ''): string {
  const micros = microsOf(value);
  if (micros === undefined) return infinite(value);
  const text = new DuckDBTimestampValue(micros).toString();
  if (!text.endsWith('(BC)')) return sixDigits(text) + zone;
  return `${sixDigits(text.slice(0, -5))}${zone} (BC)`;
}

/** Microseconds since the epoch, or undefined for infinity. */
function microsOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return finite(value.micros);
  if (value instanceof DuckDBTimestampSecondsValue) return finite(value.seconds, 1_000_000n);
  if (value instanceof DuckDBTimestampMillisecondsValue) return finite(value.millis, 1_000n);
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    const { nanos } = value;
    if (finite(nanos) === undefined) return undefined;
    return nanos / 1000n - (nanos < 0n && nanos % 1000n !== 0n ? 1n : 0n);
  }
  throw new Error(`not a timestamp: ${String(value)}`);
}

// The engine keeps infinity as the ends of the range of the unit it counts in.
const LAST = 2n ** 63n - 1n;
function finite(units: bigint, factor = 1n): bigint | undefined {
  return units === LAST || units === -LAST ? undefined : units * factor;
}

function infinite(value: DuckDBValue): string {
  const units =
    value instanceof DuckDBTimestampSecondsValue
      ? value.seconds
      : value instanceof DuckDBTimestampMillisecondsValue
        ? value.millis
        : value instanceof DuckDBTimestampNanosecondsValue
          ? value.nanos
          : (value as DuckDBTimestampValue).micros;
  return units > 0n ? 'infinity' : '-infinity';
}

/** A date; the ends of the range stand for infinity. */
function dateText(value: DuckDBValue): string {
  const { days } = value as DuckDBDateValue;
  return Math.abs(days) === LAST_DAY ? (days > 0 ? 'infinity' : '-infinity') : String(value);
}

const LAST_DAY = 2147483647;

/** The JSON text that dbt gives templates for a list, a struct, a map and what is in them: Python's, of the values that DuckDB's Python driver makes. */
function json(value: DuckDBValue, type: DuckDBType): string {
  if (value === null) return 'null';
  switch (type.typeId) {
    case T.LIST:
      return jsonList((value as DuckDBListValue).items, (type as DuckDBListType).valueType);
    case T.ARRAY:
      return jsonList((value as DuckDBArrayValue).items, (type as DuckDBArrayType).valueType);
    case T.STRUCT: {
      const { entries } = value as DuckDBStructValue;
      const { entryNames, entryTypes } = type as DuckDBStructType;
      if (isUnnamed(entryNames)) return `[${entryTypes.map((t, i) => json(entries[i] ?? null, t)).join(', ')}]`;
      return `{${entryNames.map((name, i) => `${jsonDumps(name)}: ${json(entries[name] ?? null, entryTypes[i] as DuckDBType)}`).join(', ')}}`;
    }
    case T.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      // dbt fails on keys that are no text or number; their text serves as well.
      const key = (k: DuckDBValue): string => {
        const text = json(k, keyType);
        return text.startsWith('"') ? text : jsonDumps(text);
      };
      return `{${(value as DuckDBMapValue).entries.map((e) => `${key(e.key)}: ${json(e.value, valueType)}`).join(', ')}}`;
    }
    case T.UNION: {
      const union = value as DuckDBUnionValue;
      return json(union.value, memberType(union, type));
    }
    case T.VARIANT: {
      const { value: held, type: kind } = value as DuckDBVariantValue;
      return kind === undefined ? jsonDumps(asText(held)) : json(held, kind);
    }
    default:
      return jsonDumps(plain(value, type));
  }
}

/** What `row(1, 2)` gives: to Python a tuple. */
const isUnnamed = (names: readonly string[]): boolean => names.every((name) => name === '');

/**
 * Numbers the entries of structs without names in the type of a vector, at any depth. The driver keeps a struct's values by their names: of values
 * that have none it would keep the last only.
 */
export function numberEntries(type: DuckDBType): void {
  if (type.typeId === T.STRUCT) {
    const { entryNames, entryTypes } = type as DuckDBStructType;
    // The vector looks the names up here when it is read.
    if (isUnnamed(entryNames)) for (let i = 0; i < entryNames.length; i++) (entryNames as string[])[i] = String(i);
    entryTypes.forEach(numberEntries);
  } else if (type.typeId === T.LIST || type.typeId === T.ARRAY) numberEntries((type as DuckDBListType | DuckDBArrayType).valueType);
  else if (type.typeId === T.MAP) {
    numberEntries((type as DuckDBMapType).keyType);
    numberEntries((type as DuckDBMapType).valueType);
  } else if (type.typeId === T.UNION) (type as DuckDBUnionType).memberTypes.forEach(numberEntries);
}

const jsonList = (items: readonly DuckDBValue[], type: DuckDBType): string => `[${items.map((v) => json(v, type)).join(', ')}]`;

const memberType = (union: DuckDBUnionValue, type: DuckDBType): DuckDBType => {
  const { memberTags, memberTypes } = type as DuckDBUnionType;
  return memberTypes[memberTags.indexOf(union.tag)] as DuckDBType;
};

/** A value that holds no others, as JSON can hold it. */
function plain(value: DuckDBValue, type: DuckDBType): Value {
  switch (type.typeId) {
    case T.BOOLEAN:
      return value as boolean;
    case T.FLOAT:
    case T.DOUBLE:
      return new Float(value as number);
    case T.DECIMAL:
      return new Float(Number(String(value)));
    case T.DATE:
      return ends(dateText(value), '0001-01-01', '9999-12-31');
    case T.TIMESTAMP:
    case T.TIMESTAMP_S:
    case T.TIMESTAMP_MS:
    case T.TIMESTAMP_NS:
      return ends(timestampText(value), '0001-01-01T00:00:00', '9999-12-31T23:59:59.999999').replace(' ', 'T');
    case T.TIMESTAMP_TZ:
      return ends(timestampText(value, '+00:00'), '0001-01-01T00:00:00+00:00', '9999-12-31T23:59:59.999999+00:00').replace(' ', 'T');
    case T.TIME:
      return sixDigits(String(value));
    case T.TIME_TZ:
      return String(value).replace(
        /^(\d+:\d+:\d+)(\.\d+)?(.\d\d)(?::(\d\d))?$/,
        (_, clock: string, fraction = '', hours: string, minutes = '00') => `${sixDigits(clock + fraction)}${hours}:${minutes}`,
      );
    case T.INTERVAL: {
      const { months, days, micros } = value as DuckDBIntervalValue;
      return str(new TimeDelta(BigInt(months * 30 + days) * DAY + micros));
    }
    case T.BLOB:
    case T.GEOMETRY:
      return str(new Bytes((value as DuckDBBlobValue).bytes));
    case T.BIGNUM:
      return String(value);
    default:
      return typeof value === 'number' || typeof value === 'bigint' ? (asInteger(value) as number | bigint) : String(value);
  }
}

const DAY = 86_400_000_000n;
/** Python's dates have no infinity: its driver takes the first and the last. */
const ends = (text: string, first: string, last: string): string => (text === 'infinity' ? last : text === '-infinity' ? first : text);
