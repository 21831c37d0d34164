import { SqlError } from '../adapters/index.ts';
import { DiagnosticError, diagnostic } from '../text/index.ts';

/** The database's words about a statement, sorted. */
export interface Words {
  /** The sentence that counts. */
  readonly problem: string;
  /** The rest, where there is any. */
  readonly cause: string | undefined;
  /** What the database would have known instead. */
  readonly hint: string | undefined;
  /** The line of a CSV file that could not be loaded. */
  readonly row: { readonly line: number; readonly text: string } | undefined;
}

/** Sorts what the database said of a statement. */
export function wordsOf(e: SqlError): Words {
  const [problem = '', ...rest] = e.message.trim().split('\n');
  const csv = csvWords(problem, rest);
  if (csv) return csv;
  let hint: string | undefined;
  const others = rest.filter((line) => {
    const advice = /^HINT: +(.+)$/.exec(line)?.[1];
    if (advice !== undefined && hint === undefined) {
      hint = advice.replaceAll('"', '`');
      return false;
    }
    const near = /^(?:Candidate bindings: |Did you mean )[: ]*(.+?)\??$/.exec(line.trim())?.[1];
    if (near === undefined || hint !== undefined) return true;
    const names = near.replaceAll('"', '`');
    hint = names.includes(',') ? `there are ${names}` : `did you mean ${names}?`;
    return false;
  });
  hint = templateHint(problem) ?? hint;
  const cause = others.join('\n').replace(/^\n+/, '').trimEnd();
  return { problem, cause: cause === '' ? undefined : cause, hint: adviceOn(e) ?? hint, row: undefined };
}

/** What to do where the statement is not at fault. */
function adviceOn({ kind, message }: SqlError): string | undefined {
  if (/no space left on device|disk is full|disk full/i.test(message))
    return 'make room where the database keeps its files and run again; nothing of this node was kept';
  if (kind === 'Permission Error') return 'have its owner grant the right to the user of the profile, or name another user or `role` there';
  if (kind === 'Connection Error') return 'nothing of this node was kept: run again when the server can be reached';
  return undefined;
}

/** The database's refusal to make a schema, as a diagnostic. */
export function unmade(schema: string): (error: unknown) => unknown {
  return (error) => (error instanceof SqlError ? new DiagnosticError(diagnostic('schema-refused', { schema }, { cause: error.message })) : error);
}

/** A database asked for a function that only templates have: its braces are missing. */
function templateHint(problem: string): string | undefined {
  const [, name] = /\b[Ff]unction (?:with name )?"?(ref|source|var|env_var|config|this|doc|metric)\b"?(?: does not exist|\()/.exec(problem) ?? [];
  return name === undefined ? undefined : `\`${name}\` belongs to templates: write \`{{ ${name}(...) }}\``;
}

/** DuckDB's CSV reader tells how to call it otherwise and all its settings; what counts is the line and the sentence after it. */
function csvWords(head: string, rest: readonly string[]): Words | undefined {
  const match = /^(.*?)CSV Error on Line: (\d+)$/.exec(head);
  if (!match) return undefined;
  const text = /^Original Line: ?(.*)$/.exec(rest[0] ?? '')?.[1] ?? '';
  const told = rest.slice(1).find((line) => /^(?:Error when|Value with|Expected|Maximum|Invalid|The CSV)/.test(line.trim())) ?? rest[1] ?? '';
  return { problem: `${match[1]}${told.trim()}`, cause: undefined, hint: undefined, row: { line: Number(match[2]), text } };
}

/** The database's refusal of a template's own query, as a diagnostic that gets its place from the template it is thrown into. */
export function asked(name: string): (error: unknown) => unknown {
  return (error) => {
    if (!(error instanceof SqlError)) return error;
    const { problem, cause, hint } = wordsOf(error);
    const made = new DiagnosticError(diagnostic('sql-error', { node: name, problem }, { cause, hint, family: error.family }));
    made.cause = error;
    return made;
  };
}

/** The database's error behind a diagnostic, where there is one. */
export function sqlErrorOf(e: unknown): SqlError | undefined {
  for (let cause = e; cause instanceof Error; cause = cause.cause) if (cause instanceof SqlError) return cause;
  return undefined;
}
