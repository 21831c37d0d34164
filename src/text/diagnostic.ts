import { type Code, catalogue, type Params } from './catalogue/index.ts';
import { outermost, position, type Span, shownPath } from './source.ts';

export type Severity = 'error' | 'warning' | 'note';

export interface Related {
  readonly message: string;
  readonly at?: Span;
}

/** One thing that a user did wrong or should know: a code that can be looked up, a sentence, a place, a hint. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly at?: Span;
  readonly related?: readonly Related[];
  readonly hint?: string;
  /** The engine's or system's own words, printed under the message. */
  readonly cause?: string;
  /** dbt's words for this mistake, where programs look for them in run_results.json and in logs. */
  readonly dbt?: string;
  /** dbt's head over this mistake, where the code does not tell it: `Database Error`. */
  readonly family?: string;
}

export interface Extra {
  readonly at?: Span | undefined;
  readonly related?: readonly Related[] | undefined;
  readonly hint?: string | undefined;
  readonly cause?: string | undefined;
  readonly dbt?: string | undefined;
  readonly family?: string | undefined;
  readonly severity?: Severity | undefined;
}

/** Makes a diagnostic from its catalogue entry. `extra.hint` takes the place of the entry's hint. */
export function diagnostic<C extends Code>(code: C, params: Params<C>, extra: Extra = {}): Diagnostic {
  const entry = catalogue[code];
  // The entry's parameters are exactly Params<C>; TypeScript cannot follow the index.
  const message = (entry.message as (p: Params<C>) => string)(params);
  const hint = extra.hint ?? (entry.hint as ((p: Params<C>) => string | undefined) | undefined)?.(params);
  return {
    code,
    severity: extra.severity ?? entry.severity,
    message,
    ...(extra.at && { at: extra.at }),
    ...(extra.related?.length && { related: extra.related }),
    ...(hint !== undefined && { hint }),
    ...(extra.cause !== undefined && { cause: extra.cause }),
    ...(extra.dbt !== undefined && { dbt: extra.dbt }),
    ...(extra.family !== undefined && { family: extra.family }),
  };
}

/** Where phases report what a user did wrong; they then go on with the rest of the project. */
export interface Sink {
  add<C extends Code>(code: C, params: Params<C>, extra?: Extra): void;
  push(d: Diagnostic): void;
}

/** A sink that keeps everything it is given, in order. */
export class Diagnostics implements Sink {
  readonly all: Diagnostic[] = [];
  add<C extends Code>(code: C, params: Params<C>, extra: Extra = {}): void {
    this.push(diagnostic(code, params, extra));
  }
  push(d: Diagnostic): void {
    this.all.push(d);
  }
  get errors(): readonly Diagnostic[] {
    return this.all.filter((d) => d.severity === 'error');
  }
}

/** Mistakes in the template of a value: it is then not rendered, and what else is said of it says nothing new. */
const UNRENDERED: ReadonlySet<Code> = new Set<Code>(['env-var-missing', 'env-var-secret', 'var-not-found', 'jinja-syntax', 'jinja-undefined', 'jinja-error']);

/** A sink that passes everything on but what is said of a value whose template has been found wrong. */
export function withoutEchoes(sink: Sink): Sink {
  const told: Span[] = [];
  const push = (d: Diagnostic): void => {
    const at = d.at && outermost(d.at);
    if (at && !UNRENDERED.has(d.code) && told.some((t) => t.file.path === at.file.path && at.start <= t.start && t.end <= at.end)) return;
    if (at && UNRENDERED.has(d.code)) told.push(at);
    sink.push(d);
  };
  return { push, add: (code, params, extra) => push(diagnostic(code, params, extra)) };
}

/** A diagnostic as an exception, for the places that cannot go on: caught by the nearest phase and pushed to its sink. */
export class DiagnosticError extends Error {
  readonly diagnostic: Diagnostic;
  constructor(d: Diagnostic) {
    super(d.message);
    this.name = 'DiagnosticError';
    this.diagnostic = d;
  }
}

/** The error with further places, where it is a diagnostic; anything else as it is. */
export function addRelated(e: unknown, more: readonly Related[]): unknown {
  if (!(e instanceof DiagnosticError)) return e;
  const told = new DiagnosticError({ ...e.diagnostic, related: [...(e.diagnostic.related ?? []), ...more] });
  told.cause = e.cause;
  return told;
}

/** Throws a catalogue diagnostic. */
export function fail<C extends Code>(code: C, params: Params<C>, extra: Extra = {}): never {
  throw new DiagnosticError(diagnostic(code, params, extra));
}

/** Plain text form: head, place, excerpt with carets, related places, cause, hint. `paint` colours a part and may be the identity. */
export function renderDiagnostic(
  d: Diagnostic,
  paint: (part: 'error' | 'warning' | 'note' | 'place' | 'hint' | 'gutter', text: string) => string = (_, t) => t,
): string {
  const lines = [`${paint(d.severity, `${d.severity}[${d.code}]`)}: ${d.message}`];
  if (d.at) lines.push(...excerpt(d.at, paint));
  for (const r of d.related ?? []) {
    lines.push(`  ${paint('note', 'note')}: ${r.message}`);
    if (r.at) lines.push(...excerpt(r.at, paint));
  }
  if (d.cause)
    lines.push(
      ...d.cause
        .trimEnd()
        .split('\n')
        .map((l) => `  ${l}`),
    );
  if (d.hint) lines.push(`  ${paint('hint', 'hint')}: ${d.hint}`);
  return lines.join('\n');
}

function excerpt(at: Span, paint: (part: 'place' | 'gutter' | 'error', text: string) => string): string[] {
  const { file, start, end } = outermost(at);
  const { line, column } = position(file.text, start);
  const from = start - (column - 1);
  let to = file.text.indexOf('\n', from);
  if (to === -1) to = file.text.length;
  // A tab keeps its width in the caret line, so the carets stand under the text whatever the terminal's tab stops are.
  const shown = file.text.slice(from, Math.min(to, from + 200)).replace(/\r$/, '');
  const pad = file.text.slice(from, start).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(end, to) - start));
  const gutter = String(line);
  const out = [`  ${paint('place', `${shownPath(file)}:${line}:${column}`)}`];
  if (file.text === '') return out;
  out.push(`  ${paint('gutter', `${gutter} |`)} ${shown}`);
  if (column <= 200) out.push(`  ${paint('gutter', `${' '.repeat(gutter.length)} |`)} ${pad}${paint('error', carets.slice(0, 200))}`);
  return out;
}
