import {
  type DuckDBArrayType,
  type DuckDBArrayValue,
  type DuckDBDateValue,
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
} from '@duckdb/node-api';
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
      return { type: 'date', read: (v) => engineText(v, type) };
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
    default:
      return { type: 'other', read: (v) => engineText(v, type) };
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

/** The value as `cast(value as varchar)` prints it. */
export function engineText(value: DuckDBValue, type: DuckDBType): string {
  if (value === null) return 'NULL';
  switch (type.typeId) {
    case T.DATE: {
      const { days } = value as DuckDBDateValue;
      return Math.abs(days) === 2147483647 ? (days > 0 ? 'infinity' : '-infinity') : asText(value);
    }
    case T.FLOAT:
    case T.DOUBLE:
      return floatText(value as number, type.typeId === T.FLOAT);
    case T.LIST:
      return list((value as DuckDBListValue).items, (type as DuckDBListType).valueType);
    case T.ARRAY:
      return list((value as DuckDBArrayValue).items, (type as DuckDBArrayType).valueType);
    case T.STRUCT: {
      const { entries } = value as DuckDBStructValue;
      const { entryNames, entryTypes } = type as DuckDBStructType;
      return `{${entryNames.map((name, i) => `${escaped(name)}: ${inner(entries[name] ?? null, entryTypes[i] as DuckDBType)}`).join(', ')}}`;
    }
    case T.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      return `{${(value as DuckDBMapValue).entries.map((e) => `${inner(e.key, keyType)}=${inner(e.value, valueType)}`).join(', ')}}`;
    }
    case T.UNION: {
      const union = value as DuckDBUnionValue;
      const { memberTags, memberTypes } = type as DuckDBUnionType;
      return engineText(union.value, memberTypes[memberTags.indexOf(union.tag)] as DuckDBType);
    }
    default:
      return asText(value);
  }
}

const list = (items: readonly DuckDBValue[], type: DuckDBType): string => `[${items.map((v) => inner(v, type)).join(', ')}]`;
const NESTED = new Set<DuckDBTypeId>([T.LIST, T.ARRAY, T.STRUCT, T.MAP]);

/** A value inside another: text is quoted where it could be misread. */
function inner(value: DuckDBValue, type: DuckDBType): string {
  const text = engineText(value, type);
  if (value === null || NESTED.has(type.typeId)) return text;
  const plain = text !== '' && !/^[\s]|[\s]$|["'(),:=[\]{}]/.test(text) && text.toLowerCase() !== 'null';
  return plain ? text : escaped(text);
}

const escaped = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Shortest text that reads back as the same number, in the engine's form: `1.0`, `1e+20`, `1e-07`. */
function floatText(value: number, single: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  let digits = String(value);
  if (single) {
    for (let precision = 1; precision <= 9; precision++) {
      const shorter = Number(value.toPrecision(precision));
      if (Math.fround(shorter) === value) {
        digits = String(shorter);
        break;
      }
    }
  }
  const [mantissa = '0', exponent] = Number(digits).toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const plain = Number(digits).toFixed(Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - power));
  return plain.includes('.') ? plain : `${plain}.0`;
}
