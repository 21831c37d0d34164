import type { JsonMap, Manifest, Node, SourceNode, UnitTestNode } from '../resolve/index.ts';
import type { ResultTable } from '../sql/index.ts';
import type { Diagnostic } from '../text/index.ts';
import type { NodeResult } from './report.ts';

/** What stands in the place of a value that is not told. */
export const HIDDEN = '***';

/** Columns that tests answer besides those of their model and that hold counts. */
const COUNTS: ReadonlySet<string> = new Set(['n_records']);

/** The columns of some relations that `meta: {pii: …}` marks as private, and those that are declared without. Names in lower case. */
export interface Privacy {
  readonly marked: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
  /** A relation is marked as a whole. */
  readonly all: boolean;
}

/** What is private in these relations, by their own marks and by those above them; undefined where nothing is. */
export function privacyOf(relations: readonly (Node | SourceNode)[], manifest: Manifest): Privacy | undefined {
  const known = new Map<string, ReadonlySet<string>>();
  const marked = new Set(relations.flatMap((r) => [...privateNames(r.unique_id, manifest, known)]));
  // A name that is private in one relation is private in all of them.
  const open = new Set(relations.flatMap(({ columns }) => Object.values(columns).map((c) => c.name.toLowerCase())).filter((name) => !marked.has(name)));
  const all = relations.some(isWhole);
  return all || marked.size > 0 ? { marked, open, all } : undefined;
}

/** The names of a relation's columns that are private: those it marks, and those that are in what it is built from, unless it says that they are not. */
function privateNames(id: string, manifest: Manifest, known: Map<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = known.get(id);
  if (found) return found;
  const names = new Set((manifest.parents.get(id) ?? []).flatMap((parent) => [...privateNames(parent, manifest, known)]));
  const r = manifest.nodes.get(id) ?? manifest.sources.get(id);
  for (const c of Object.values(r?.columns ?? {})) {
    const mark = markOf(c.meta) ?? markOf(c.config['meta']) ?? (r && isWhole(r) ? true : undefined);
    if (mark === true) names.add(c.name.toLowerCase());
    if (mark === false) names.delete(c.name.toLowerCase());
  }
  known.set(id, names);
  return names;
}

function isWhole(r: Node | SourceNode): boolean {
  return (markOf(r.meta) ?? markOf(r.config['meta'])) === true;
}

/** What `meta` says of being private; undefined: nothing. */
function markOf(meta: unknown): boolean | undefined {
  const mark = (meta as JsonMap | null | undefined)?.['pii'];
  return mark === undefined || mark === null ? undefined : !/^(false|no|off|0|)$/i.test(String(mark));
}

/** What is private in the relations that a test or a model reads, its own ones included. */
export function privacyFor(node: Node | UnitTestNode, manifest: Manifest): Privacy | undefined {
  const ids = [node.unique_id, ...node.depends_on.nodes];
  return privacyOf(
    ids.flatMap((id) => manifest.nodes.get(id) ?? manifest.sources.get(id) ?? []),
    manifest,
  );
}

/**
 * Whether the values of a column of a test's rows are private. A private column is, under its own name; and where the test's SQL names one, so is
 * every column that its relations do not declare, since it may be the private one under another name.
 */
export function hides(privacy: Privacy, column: string, sql: string | null): boolean {
  const name = column.toLowerCase();
  if (privacy.all || privacy.marked.has(name)) return true;
  if (privacy.open.has(name) || COUNTS.has(name)) return false;
  const text = sql?.toLowerCase();
  return text === undefined || [...privacy.marked].some((m) => text.includes(m));
}

/** The result of a node without values of private columns: neither in its failing rows nor in what the database said. */
export function discreet(result: NodeResult, node: Node | UnitTestNode, manifest: Manifest): NodeResult {
  if (!result.sample && result.status !== 'error') return result;
  const privacy = privacyFor(node, manifest);
  if (!privacy) return result;
  if (result.sample) return { ...result, sample: withoutValues(result.sample, (name) => hides(privacy, name, result.compiled_code)) };
  const known = [result.compiled_code ?? '', node.name, node.unique_id, node.original_file_path, result.compiledPath ?? ''].join('\n').toLowerCase();
  const clean = (text: string): string => withoutData(text, known);
  return {
    ...result,
    message: result.message === null ? null : clean(result.message),
    // A seed's diagnostic shows the line of its file.
    ...(result.diagnostic && { diagnostic: { ...cleaned(result.diagnostic, clean), ...(node.resource_type === 'seed' && { at: node.at }) } }),
  };
}

function withoutValues(table: ResultTable, hidden: (name: string) => boolean): ResultTable {
  const private_ = table.columns.map((c) => hidden(c.name));
  const columns = table.columns.map((c, i) => (private_[i] ? { ...c, type: 'text' as const } : c));
  return { columns, rows: table.rows.map((row) => row.map((cell, i) => (private_[i] && cell !== null ? HIDDEN : cell))) };
}

/** What a database says, without what it quotes: text in quotes or parentheses, and a number, that is not in the SQL comes from rows. */
function withoutData(text: string, known: string): string {
  const kept = (inner: string): boolean => known.includes(inner.toLowerCase());
  const quoted = ["''", '""', '()'].reduce((rest, pair) => withoutQuoted(rest, pair, kept), text);
  return quoted.replace(/\d{4,}/g, (whole) => (kept(whole) ? whole : HIDDEN));
}

/** A text without what stands between the first and the last of a pair of quotes, since what is quoted may hold quotes itself; what may be kept is. */
function withoutQuoted(text: string, pair: string, kept: (inner: string) => boolean): string {
  const [open, close] = pair as unknown as readonly [string, string];
  let from = text.indexOf(open);
  while (from !== -1) {
    const end = text.indexOf(close, from + 1);
    // What was cut may have lost its end.
    if (end === -1) return text.slice(0, from + 1) + HIDDEN;
    if (!kept(text.slice(from + 1, end))) return text.slice(0, from + 1) + HIDDEN + text.slice(text.lastIndexOf(close));
    from = text.indexOf(open, end + 1);
  }
  return text;
}

function cleaned(d: Diagnostic, clean: (text: string) => string): Diagnostic {
  // A value of several lines begins in the message and ends in the cause.
  const [message = '', ...cause] = clean(d.cause === undefined ? d.message : `${d.message}\n${d.cause}`).split('\n');
  const { cause: _, ...rest } = d;
  return {
    ...rest,
    message,
    ...(cause.length > 0 && { cause: cause.join('\n') }),
    ...(d.hint !== undefined && { hint: clean(d.hint) }),
    ...(d.dbt !== undefined && { dbt: clean(d.dbt) }),
  };
}
