import type { ColumnInfo, Json, JsonMap } from '../../resolve/index.ts';
import { type Column, duckdb } from '../../sql/index.ts';

/**
 * The columns that are declared or that rows name, with the types that are declared or that their values look like; undefined where a value looks like
 * that of no type. `texts`: all values are texts, as in CSV.
 */
export function guessColumns(rows: readonly JsonMap[], texts: boolean, declared: readonly ColumnInfo[]): readonly Column[] | undefined {
  const types = new Map(declared.map((c) => [c.name.toLowerCase(), c.data_type]));
  const values = new Map(declared.map((c) => [c.name.toLowerCase(), { name: c.name, all: [] as Json[] }]));
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) {
      const key = name.toLowerCase();
      const column = values.get(key) ?? { name, all: [] };
      values.set(key, column);
      if (value !== null) column.all.push(value);
    }
  const out: Column[] = [];
  for (const [key, { name, all }] of values) {
    const type = types.get(key);
    const dataType = type ? duckdb.typeOf(type) : typeOf(texts ? all.map(fromText) : all);
    if (dataType === undefined) return undefined;
    out.push({ name, dataType });
  }
  return out;
}

/** The type of the values of a column. DuckDB brings one without values to whatever it meets. */
function typeOf(values: readonly Json[]): string | undefined {
  if (values.length === 0) return '"NULL"';
  if (values.some((v) => typeof v === 'object')) return undefined;
  if (values.every((v) => typeof v === 'boolean')) return 'BOOLEAN';
  if (values.every((v) => typeof v === 'number')) {
    if (!values.every(Number.isInteger)) return 'DOUBLE';
    return values.every((v) => Math.abs(v as number) < 2 ** 31) ? 'INTEGER' : 'BIGINT';
  }
  if (values.every((v) => /^\d{4}-\d\d-\d\d$/.test(String(v)))) return 'DATE';
  if (values.every((v) => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(String(v)))) return 'TIMESTAMP';
  return 'VARCHAR';
}

function fromText(value: Json): Json {
  if (typeof value !== 'string') return value;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return /^-?(\d+|\d*\.\d+)$/.test(value) ? Number(value) : value;
}
