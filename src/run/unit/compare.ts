import { type Session, SqlError } from '../../adapters/index.ts';
import type { JsonMap } from '../../resolve/index.ts';
import { type Cell, type Column, type Dialect, type Program, type QueryResult, query, type ResultTable, trimSemicolon } from '../../sql/index.ts';
import { drive } from '../drive.ts';
import type { NodeResult } from '../report.ts';
import { blame } from './blame.ts';
import { rowDiff } from './diff.ts';
import { expectedSql, namedColumns, type Subject } from './fixture.ts';
import { queryColumns } from './query-columns.ts';

/** The rows that a query is expected to give. */
export interface Expectation {
  readonly sql: string;
  /** `rows`, `format` and `fixture`, as the manifest holds them. */
  readonly expect: JsonMap;
  readonly subject: Subject;
  /** What the difference is of, where that is not plain. */
  readonly heading?: string;
  /** Rows that are SQL name the columns that are compared; else they have all columns of the query. */
  readonly named?: boolean;
}

/** What was found different from what is expected, each part ready to print, and what the database said. */
export interface Differences {
  readonly differences: readonly string[];
  readonly message: string;
}

/** Where rows are not as they are expected. `hidden`: see {@link rowDiff}. */
export async function differencesOf(
  dialect: Dialect,
  session: Session,
  expectations: readonly Expectation[],
  hidden?: (column: string) => boolean,
): Promise<Differences> {
  const differences: string[] = [];
  let message = '';
  for (const { heading, ...expectation } of expectations) {
    const { table, response } = await drive(comparison(dialect, expectation), session);
    message ||= response.message;
    const diff = tableDiff(table, hidden);
    if (diff !== undefined) differences.push(heading === undefined ? diff : `${heading}:\n${diff}`);
  }
  return { differences, message };
}

/** What a unit test comes to. */
export function verdictOf({ differences, message }: Differences): Pick<NodeResult, 'status'> & Partial<NodeResult> {
  const adapter_response = { _message: message };
  if (differences.length === 0) return { status: 'pass', failures: 0, adapter_response };
  return { status: 'fail', failures: 1, message: 'actual differs from expected', diff: differences.join('\n'), adapter_response };
}

function tableDiff(table: ResultTable, hidden: ((column: string) => boolean) | undefined): string | undefined {
  const side = table.columns.findIndex((c) => c.name === 'actual_or_expected');
  // Engines that keep the scale of a decimal print `3.5` and `3.50` for equal values.
  const plain = (cell: Cell, i: number): Cell =>
    table.columns[i]?.type === 'decimal' && typeof cell === 'string' && cell.includes('.') ? cell.replace(/\.?0+$/, '') : cell;
  const rows = (which: string): (readonly Cell[])[] => table.rows.filter((r) => r[side] === which).map((r) => r.map(plain).filter((_, i) => i !== side));
  const names = table.columns.filter((_, i) => i !== side).map((c) => c.name);
  return rowDiff(names, rows('expected'), rows('actual'), hidden);
}

/** One query that gives the rows of both sides, so that the engine brings them to the same types. */
function* comparison(dialect: Dialect, { sql, expect, subject, named = false }: Expectation): Program<QueryResult> {
  const rows = expect['rows'] ?? null;
  const columns = yield* queryColumns(named && typeof rows === 'string' ? rows : sql);
  const list = (Array.isArray(rows) ? rows : []) as readonly JsonMap[];
  const compared: readonly Column[] = list.length === 0 ? columns : namedColumns(list, columns, subject);
  const expected = typeof rows === 'string' ? trimSemicolon(rows) : expectedSql(dialect, list, columns, subject);
  const names = compared.map((c) => dialect.quote(c.name)).join(', ');
  const side = dialect.quote('actual_or_expected');
  const part = (name: string, text: string): string =>
    `dbt_internal_unit_test_${name} as (\n  select ${names}, ${dialect.literal(name)} as ${side}\n  from (\n${text}\n  ) _dbt_internal_unit_test_${name}\n)`;
  const statement = `with ${part('actual', trimSemicolon(sql))},\n${part('expected', expected)}\nselect * from dbt_internal_unit_test_actual\nunion all\nselect * from dbt_internal_unit_test_expected`;
  try {
    return yield* query(statement);
  } catch (e) {
    if (e instanceof SqlError) yield* blame(dialect, { fixture: expect, columns, subject, origin: 'what the query gives' });
    throw e;
  }
}
