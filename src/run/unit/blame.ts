import { SqlError } from '../../adapters/index.ts';
import type { FixturePlace, Json, JsonMap, UnitTestNode } from '../../resolve/index.ts';
import { type Column, type Dialect, type Program, query, tokens, trimSemicolon } from '../../sql/index.ts';
import { DiagnosticError, diagnostic, fail, type Span } from '../../text/index.ts';
import { wordsOf } from '../words.ts';
import { oneValue, type Subject } from './fixture.ts';
import { queryColumns } from './query-columns.ts';

/** Rows of a unit test that a query failed over. */
export interface Suspect {
  /** As the manifest holds them. */
  readonly fixture: JsonMap;
  /** Rows that are SQL, rendered. */
  readonly sql?: string;
  readonly columns: readonly Column[];
  readonly subject: Subject;
  /** What the types of the columns come from, as the end of "the type is that of ...". */
  readonly origin: string;
}

/** Throws a diagnostic at its place where a fixture is to blame for an error: SQL that the database refuses by itself, or a value that is not of its column's type. */
export function* blame(dialect: Dialect, { fixture, sql, columns, subject, origin }: Suspect): Program<void> {
  const { test } = subject;
  const place = test.fixtures.get(fixture);
  const rows = fixture['rows'] ?? null;
  if (typeof rows === 'string') {
    const text = trimSemicolon(rows);
    yield* blameSql(test, { sql: sql ?? text, text }, place);
    return yield* blameColumns(subject, sql ?? text, columns, place);
  }
  if (!Array.isArray(rows)) return;
  for (const row of rows as readonly JsonMap[]) {
    for (const [name, value] of Object.entries(row)) {
      const column = columns.find((c) => c.name.toLowerCase() === name.toLowerCase());
      const refused = column && (yield* refusal(`select ${oneValue(dialect, value, column)} as v`));
      if (!refused || !column) continue;
      const params = { test: test.name, value: shown(value), type: column.dataType, column: column.name, of: subject.what, origin };
      const told = new DiagnosticError(diagnostic('fixture-value', params, { at: place?.value(row, name) ?? test.at, cause: wordsOf(refused).problem }));
      told.cause = refused;
      throw told;
    }
  }
}

/** `text`: as it is written, which may be a template. */
function* blameSql(test: UnitTestNode, { sql, text }: { readonly sql: string; readonly text: string }, place: FixturePlace | undefined): Program<void> {
  const refused = yield* refusal(`select * from (\n${sql}\n) as fixture`);
  if (!refused) return;
  const { problem, cause, hint } = wordsOf(refused);
  const start = refused.offset === undefined || sql !== text ? -1 : refused.offset - refused.sql.indexOf(sql);
  const [token] = start >= 0 && start < sql.length ? tokens(sql, start) : [];
  const at: Span = place?.sql(token?.start ?? 0, token?.end ?? text.length) ?? test.at;
  const told = new DiagnosticError(diagnostic('sql-error', { node: test.name, problem }, { at, cause, hint, family: refused.family }));
  told.cause = refused;
  throw told;
}

/** SQL of a fixture has all the columns of what it stands for. */
function* blameColumns({ test, what }: Subject, sql: string, columns: readonly Column[], place: FixturePlace | undefined): Program<void> {
  const there = new Set((yield* queryColumns(sql)).map((c) => c.name.toLowerCase()));
  const missing = columns.map((c) => c.name).filter((name) => !there.has(name.toLowerCase()));
  if (missing.length > 0) fail('fixture-columns', { test: test.name, of: what, missing }, { at: place?.sql(0, sql.length) ?? test.at });
}

/** What the database refuses a query with; undefined where it takes it. */
function* refusal(sql: string): Program<SqlError | undefined> {
  try {
    yield* query(sql);
    return undefined;
  } catch (e) {
    if (e instanceof SqlError) return e;
    throw e;
  }
}

function shown(value: Json): string {
  const text = String(value);
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
}
