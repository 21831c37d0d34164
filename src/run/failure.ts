import { SqlError } from '../adapters/index.ts';
import { type CompiledNode, locateStatement } from '../compile/index.ts';
import { PyError } from '../jinja/index.ts';
import type { Node, SourceNode, UnitTestNode } from '../resolve/index.ts';
import { type Diagnostic, DiagnosticError, diagnostic, outermost, type Related, type Span, sourceFile, span } from '../text/index.ts';
import { sqlErrorOf, wordsOf } from './words.ts';

/** What is told of a node that failed: dbt's text for run_results.json, and the diagnostic for people. */
export interface Failure {
  readonly message: string;
  readonly diagnostic: Diagnostic;
}

/** What a user's mistake or the database's refusal comes to; undefined for a mistake of dml's own, which is to be thrown on. */
export function failureOf(
  e: unknown,
  node: Node | SourceNode | UnitTestNode,
  compiled: CompiledNode | undefined,
  compiledPath: string | undefined,
): Failure | undefined {
  if (e instanceof SqlError) return { message: texts(e.family, node, e.message), diagnostic: sqlDiagnostic(e, node, compiled, compiledPath) };
  if (e instanceof DiagnosticError) {
    const d = e.diagnostic.at ? e.diagnostic : { ...e.diagnostic, at: node.at };
    const sql = sqlErrorOf(e);
    if (sql) return { message: texts(sql.family, node, sql.message), diagnostic: inProject(d) };
    return { message: texts(FAMILIES[d.code] ?? 'Compilation Error', node, d.dbt ?? [d.message, d.cause].filter(Boolean).join('\n')), diagnostic: d };
  }
  if (e instanceof PyError) {
    const d = diagnostic('jinja-error', { problem: e.message }, { at: node.at });
    return { message: texts('Compilation Error', node, e.message), diagnostic: d };
  }
  return undefined;
}

/** The diagnostic at the first of its places that is not in dml's own macros: there is nothing to mend in those. */
function inProject(d: Diagnostic): Diagnostic {
  const related = d.related ?? [];
  const first = related.findIndex((r) => r.at && !outermost(r.at).file.builtIn);
  const at = related[first]?.at;
  if (!at || !d.at || !outermost(d.at).file.builtIn) return d;
  return { ...d, at, related: related.slice(first + 1) };
}

const FAMILIES: Readonly<Record<string, string>> = {
  'merge-duplicate-key': 'Runtime Error',
  'merge-null-key': 'Runtime Error',
  'unique-key-missing': 'Runtime Error',
  'unique-key-reserved': 'Runtime Error',
  'name-too-long': 'Runtime Error',
  'test-result': 'Runtime Error',
  'materialization-main': 'Runtime Error',
  'materialization-language': 'Runtime Error',
  'freshness-unknown': 'Runtime Error',
  'freshness-answer': 'Database Error',
  'seed-ragged': 'Runtime Error',
  'seed-columns': 'Runtime Error',
  'macro-fail-fast': 'FailFast Error',
  'macro-database-error': 'Database Error',
};

/** dbt's text of an error: what kind, where, and the words. */
function texts(family: string, node: Node | SourceNode | UnitTestNode, words: string): string {
  const where = `${family} in ${node.resource_type} ${node.name} (${node.original_file_path})`;
  return `${where}\n${words.replace(/^(?=.)/gm, '  ')}`;
}

function sqlDiagnostic(e: SqlError, node: Node | SourceNode | UnitTestNode, compiled: CompiledNode | undefined, compiledPath: string | undefined): Diagnostic {
  const place = compiled && e.offset !== undefined ? locateStatement(compiled, e.sql, e.offset) : undefined;
  const { problem, cause, hint, row } = wordsOf(e);
  const related: Related[] = [];
  // dml's own macros are not the place to look: the node that uses them is, and of a generic test its line in YAML.
  const foreign = place !== undefined && isBuiltin(place.at);
  const user = place?.via && node.resource_type !== 'test' && outermost(place.via).file.path === node.original_file_path ? place.via : node.at;
  if (place?.macro !== undefined) related.push({ message: `expanded from macro \`${place.macro}\`` });
  if (place && place.node !== node) related.push({ message: `in the ephemeral model \`${place.node.name}\`, which stands in the SQL of \`${node.name}\`` });
  else if (place && !foreign && outermost(place.at).file.path !== node.original_file_path)
    related.push({ message: `in ${node.resource_type.replace('_', ' ')} \`${node.name}\``, at: user });
  if (compiledPath !== undefined) related.push({ message: `the compiled SQL is in ${compiledPath}` });
  const at = row ? rowPlace(node, row) : place && !foreign ? place.at : user;
  return diagnostic('sql-error', { node: node.name, problem }, { at, related, cause, hint, family: e.family });
}

/** A line of a seed's file, as a diagnostic shows it: only the line in question, since seeds can be big. */
function rowPlace(node: Node | SourceNode | UnitTestNode, row: { readonly line: number; readonly text: string }): Span {
  const file = sourceFile(node.original_file_path, '\n'.repeat(row.line - 1) + row.text);
  return span(file, row.line - 1, file.text.length);
}

const isBuiltin = (at: Span): boolean => outermost(at).file.builtIn === true;
