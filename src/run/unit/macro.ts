import type { CompiledCte, CompiledNode } from '../../compile/index.ts';
import { type Json, jsonToValue } from '../../context/index.ts';
import { str } from '../../jinja/index.ts';
import type { JsonMap, ModelNode, UnitTestNode } from '../../resolve/index.ts';
import { type Dialect, injectCtes, tokens, trimSemicolon } from '../../sql/index.ts';
import { fail, type SourceFile } from '../../text/index.ts';
import { templateNode } from '../inline.ts';
import type { Runner } from '../runner.ts';

// As tests write it in `input:`, and calls in SQL.
const ROWS = 'rows';

/** The call of a macro as a node whose template it is. */
export function callNode({ settings }: Runner, test: UnitTestNode, source: SourceFile): ModelNode {
  const { unique_id, name, package_name, path, original_file_path, fqn, depends_on, created_at } = test;
  return templateNode(settings.invocation, source, { unique_id, name, package_name, path, original_file_path, fqn, depends_on, created_at });
}

/** The test without the rows that its call is evaluated over, and those. */
export function splitRows(dialect: Dialect, test: UnitTestNode): { readonly others: UnitTestNode; readonly rows: CompiledCte | undefined } {
  const isRows = (given: JsonMap): boolean => String(given['input'] ?? '').trim() === ROWS;
  const found = test.given.find(isRows);
  const others = { ...test, given: test.given.filter((g) => !isRows(g)) };
  return { others, rows: found && { id: ROWS, name: ROWS, sql: literalSql(dialect, found['rows'] ?? null, test), from: undefined } };
}

/** Rows as a person would write them: the engine gives their values the types of literals. */
function literalSql(dialect: Dialect, rows: Json, test: UnitTestNode): string {
  if (typeof rows === 'string') return trimSemicolon(rows);
  const list = (Array.isArray(rows) ? rows : []) as readonly JsonMap[];
  const names = [...new Set(list.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return fail('unit-test-columns', { test: test.name, input: ROWS }, { at: test.at });
  const literal = (value: Json): string => (value === null ? 'null' : typeof value === 'string' ? dialect.literal(value) : str(jsonToValue(value)));
  return list.map((row) => `select ${names.map((name) => `${literal(row[name] ?? null)} as ${dialect.quote(name)}`).join(', ')}`).join('\nunion all\n');
}

/** What a call has given as a query: itself where it is one, else the value of an expression in a column `result`, for each of the rows. */
export function asQuery(test: UnitTestNode, compiled: CompiledNode, rows: CompiledCte | undefined): CompiledNode {
  const { body } = compiled;
  const ctes = [...(rows ? [rows] : []), ...compiled.ctes];
  const before = isQuery(body) ? '' : 'select\n';
  const after = isQuery(body) ? '' : `\nas result${rows ? `\nfrom ${ROWS}` : ''}`;
  const injected = injectCtes(`${before}${body}${after}`, ctes);
  return { ...compiled, node: test, ctes, sql: injected.sql, injected: { ...injected, shift: injected.shift + before.length } };
}

const QUERIES: ReadonlySet<string> = new Set(['select', 'with', 'from', 'values', 'table']);

function isQuery(sql: string): boolean {
  const [first] = words(sql);
  return first !== undefined && QUERIES.has(first.toLowerCase());
}

/** How the text of a call differs from the expected one, white space and comments apart; undefined where it does not. */
export function textDifference(expected: string, actual: string): string | undefined {
  const [left, right] = [words(expected), words(actual)];
  if (left.length === right.length && left.every((word, i) => word === right[i])) return undefined;
  const lines = (mark: string, text: string): string => text.trim().replace(/^/gm, `${mark} `);
  return `text of the call:\n${lines('---', expected)}\n${lines('+++', actual)}\n`;
}

/** The tokens of a text that say something. */
function words(sql: string): readonly string[] {
  const out: string[] = [];
  for (const { kind, start, end } of tokens(sql)) if (kind !== 'space' && kind !== 'comment') out.push(sql.slice(start, end));
  return out;
}
