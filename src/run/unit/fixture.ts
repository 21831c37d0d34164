import { castType, jsonToValue } from '../../context/index.ts';
import { str } from '../../jinja/index.ts';
import type { FixturePlace, Json, JsonMap, UnitTestNode } from '../../resolve/index.ts';
import type { Column, Dialect } from '../../sql/index.ts';
import { closest, fail } from '../../text/index.ts';

/** What a set of rows stands for, in messages: an input, or the expected rows. */
export interface Subject {
  readonly test: UnitTestNode;
  readonly what: string;
  /** The same in dbt's messages. */
  readonly fixture: string;
}

/** Rows as a query with every one of these columns; what a row leaves out is null. */
export function fixtureSql(dialect: Dialect, rows: readonly JsonMap[], columns: readonly Column[], subject: Subject): string {
  const nulls = new Map(columns.map((c) => [c.name.toLowerCase(), null as Json]));
  if (rows.length === 0) return `${selectRow(dialect, nulls, columns)}\nlimit 0`;
  return rows.map((row) => selectRow(dialect, new Map([...nulls, ...cells(row, columns, subject)]), columns)).join('\nunion all\n');
}

/** The rows a model is expected to give, with the columns that they name. */
export function expectedSql(dialect: Dialect, rows: readonly JsonMap[], columns: readonly Column[], subject: Subject): string {
  if (rows.length === 0) return 'select * from dbt_internal_unit_test_actual\nlimit 0';
  const named = namedColumns(rows, columns, subject);
  return rows
    .map((row) => selectRow(dialect, new Map([...named.map((c): [string, Json] => [c.name.toLowerCase(), null]), ...cells(row, columns, subject)]), named))
    .join('\nunion all\n');
}

/** The columns that any of the rows names, in the order they first appear. */
export function namedColumns(rows: readonly JsonMap[], columns: readonly Column[], subject: Subject): readonly Column[] {
  const names = new Set(rows.flatMap((row) => [...cells(row, columns, subject).keys()]));
  return [...names].map((name) => columns.find((c) => c.name.toLowerCase() === name) as Column);
}

/** A row's values by lower-case column name. */
function cells(row: JsonMap, columns: readonly Column[], { test, what, fixture }: Subject): Map<string, Json> {
  const out = new Map<string, Json>();
  for (const [key, value] of Object.entries(row)) {
    const name = key.toLowerCase();
    if (!columns.some((c) => c.name.toLowerCase() === name)) {
      const names = columns.map((c) => c.name);
      const dbt = `Invalid column name: '${key}' in unit test fixture for ${fixture}.\nAccepted columns are: [${names.map((n) => `'${n}'`).join(', ')}]`;
      const at = placeOf(test, row)?.column(key) ?? test.at;
      fail('unit-test-column', { test: test.name, column: key, of: what, columns: names, near: closest(key, names) }, { at, dbt });
    }
    out.set(name, value);
  }
  return out;
}

/** Where the rows stand that one belongs to. */
function placeOf({ fixtures }: UnitTestNode, row: JsonMap): FixturePlace | undefined {
  for (const [fixture, place] of fixtures) if (Array.isArray(fixture['rows']) && fixture['rows'].includes(row)) return place;
  return undefined;
}

function selectRow(dialect: Dialect, row: ReadonlyMap<string, Json>, columns: readonly Column[]): string {
  const items = columns.map((c) => `${oneValue(dialect, row.get(c.name.toLowerCase()) ?? null, c)} as ${dialect.quote(c.name)}`);
  return `select ${items.join(', ')}`;
}

/** A value as an expression of a column's type. */
export function oneValue(dialect: Dialect, value: Json, column: Column): string {
  return castValue(dialect, value, castType(dialect, column));
}

/** In dbt's spelling and white space, since fixtures are part of compiled files. */
function castValue(dialect: Dialect, value: Json, type: string): string {
  if (value === null) return `cast(null as ${type})`;
  const isText = typeof value === 'string';
  // A size would cut a text silently.
  const whole = isText && type.includes('varying') ? type.replace(/\(.*/, '') : type;
  return `\n    \n    cast(${isText ? dialect.literal(value) : str(jsonToValue(value))} as ${whole})\n`;
}
