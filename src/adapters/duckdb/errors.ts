import { SqlError } from '../adapter.ts';

/** What DuckDB says of an error when `errors_as_json` is set. */
interface Said {
  readonly exception_type?: string;
  readonly exception_message?: string;
  /** Byte offset into the statement's UTF-8 text, as a string. */
  readonly position?: string;
  /** The name that was not found, where that is the problem. */
  readonly name?: string;
}

/** The driver's error as a SqlError about `sql`; `shift` is where the statement starts in the text it was cut from. */
export function sqlError(error: unknown, sql: string, whole: string = sql, shift = 0): SqlError {
  const text = error instanceof Error ? error.message : String(error);
  const said = json(text);
  if (said?.exception_message !== undefined) {
    const kind = kindOf(said.exception_type ?? 'Unknown');
    const at = said.position === undefined ? undefined : utf16(sql, Number(said.position), said.name);
    return new SqlError(`${kind}: ${said.exception_message.trimEnd()}`, whole, kind, at === undefined ? undefined : at + shift);
  }
  const match = /^([A-Z][A-Za-z -]*?) ?Error: ([\s\S]*)$/.exec(text);
  const kind = match ? kindOf(match[1] ?? '') : 'Error';
  return new SqlError(match ? `${kind}: ${(match[2] ?? '').trimEnd()}` : text, whole, kind);
}

const kindOf = (type: string): string => (type.endsWith('Error') ? type : `${type} Error`);

function json(text: string): Said | undefined {
  // Parser errors carry their kind in front of the object.
  const open = /^(?:[A-Z][A-Za-z ]* Error: )?\{/.exec(text);
  if (!open) return undefined;
  try {
    return JSON.parse(text.slice(open[0].length - 1)) as Said;
  } catch {
    return undefined;
  }
}

/** UTF-16 offset of a byte offset, or undefined where it cannot be one of this text: errors inside a view point into the view's own text. */
function utf16(sql: string, bytes: number, name: string | undefined): number | undefined {
  if (!Number.isInteger(bytes) || bytes < 0) return undefined;
  const utf8 = Buffer.from(sql, 'utf8');
  if (bytes > utf8.length) return undefined;
  const offset = utf8.toString('utf8', 0, bytes).length;
  // The place holds the last part of a qualified name or stands just in front of it; where it does not, it is a place in another text.
  const last = name?.split('.').at(-1)?.replaceAll('"', '').toLowerCase();
  const near = sql.slice(offset, offset + 300 + (name?.length ?? 0)).toLowerCase();
  return last && !near.includes(last) ? undefined : offset;
}
