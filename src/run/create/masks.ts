import type { Json, JsonMap } from '../../resolve/index.ts';
import type { ResultColumn } from '../../sql/index.ts';
import type { Privacy } from '../private.ts';
import type { LiveRows } from './tables.ts';

/** What a mask looks like. */
type Kind = 'number' | 'date' | 'moment' | 'uuid' | 'text' | 'none';

/**
 * Other values in the place of private ones: of the same shape, and the same for the same value wherever it stands, so that what was equal still is.
 * Masks are numbered in the order in which the values come, and say nothing of them but how they are built: upper and lower case letters, digits and
 * what stands between them.
 */
export class Masks {
  private readonly privacy: Privacy;
  private readonly masks = new Map<string, Json>();
  private readonly given = new Set<string>();
  private readonly counts = new Map<Kind, number>();

  constructor(privacy: Privacy, tables: readonly LiveRows[]) {
    this.privacy = privacy;
    // A mask must not be a value that somebody has.
    for (const { table, rows } of tables) for (const c of table.columns) if (this.isPrivate(c)) for (const row of rows) this.given.add(String(row[c.name]));
    for (const { table, rows } of tables) for (const c of table.columns) if (this.isPrivate(c)) for (const row of rows) this.maskOf(row[c.name] ?? null, c);
  }

  /** The rows with masks in them. A private value is masked in columns of other names as well. */
  hide({ table, rows, spellings }: LiveRows): LiveRows {
    return { table, spellings, rows: rows.map((row): JsonMap => Object.fromEntries(table.columns.map((c) => [c.name, this.hidden(row[c.name] ?? null, c)]))) };
  }

  private isPrivate({ name }: ResultColumn): boolean {
    return this.privacy.all || this.privacy.marked.has(name.toLowerCase());
  }

  private hidden(value: Json, column: ResultColumn): Json {
    if (this.isPrivate(column)) return this.maskOf(value, column);
    // A short number, or a flag, is equal to a private one by chance.
    const telling = typeof value === 'string' ? value.length > 2 : typeof value === 'number' && Math.abs(value) > 9999;
    return telling ? (this.masks.get(keyOf(value, kindOf(column, value))) ?? value) : value;
  }

  private maskOf(value: Json, column: ResultColumn): Json {
    if (value === null || value === '') return value;
    const kind = kindOf(column, value);
    if (kind === 'none') return column.type === 'boolean' ? true : null;
    const key = keyOf(value, kind);
    let mask = this.masks.get(key);
    if (mask === undefined) {
      do mask = masked(kind, String(value), this.next(kind));
      while (this.given.has(String(mask)));
      this.given.add(String(mask));
      this.masks.set(key, mask);
    }
    return mask;
  }

  private next(kind: Kind): number {
    const n = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, n);
    return n;
  }
}

function keyOf(value: Json, kind: Kind): string {
  return `${kind} ${String(value)}`;
}

function kindOf({ type, dataType }: ResultColumn, value: Json): Kind {
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 'number';
    case 'date':
      return 'date';
    case 'timestamp':
    case 'timestamp_tz':
      return 'moment';
    case 'text':
      if (/^uuid$/i.test(dataType)) return 'uuid';
      if (/^enum/i.test(dataType)) return 'none';
      if (/^\d{4}-\d\d-\d\d$/.test(String(value))) return 'date';
      return /^\d{4}-\d\d-\d\d[ T]\d\d:/.test(String(value)) ? 'moment' : 'text';
    default:
      return 'none';
  }
}

const DAY = 86_400_000;

function masked(kind: Kind, value: string, n: number): Json {
  switch (kind) {
    case 'number':
      return n;
    case 'date':
      return dayOf(n);
    case 'moment':
      return `${dayOf(n)} 00:00:00`;
    case 'uuid':
      return `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
    default:
      return reshaped(value, n);
  }
}

function dayOf(n: number): string {
  return new Date(Date.UTC(2000, 0, 1) + n * DAY).toISOString().slice(0, 10);
}

/** A text with other letters and digits in the places of those it has: the digits of `n`, in the letters' own system and the digits', from the right. */
function reshaped(value: string, n: number): string {
  let rest = n;
  const out = [...value].reverse().map((ch) => {
    const [first, size] = /\p{Ll}|\p{Lo}|\p{Lm}/u.test(ch) ? ['a', 26] : /\p{Lu}|\p{Lt}/u.test(ch) ? ['A', 26] : /\p{N}/u.test(ch) ? ['0', 10] : ['', 0];
    if (size === 0) return ch;
    const digit = String.fromCharCode(String(first).charCodeAt(0) + (rest % Number(size)));
    rest = Math.floor(rest / Number(size));
    return digit;
  });
  // More values than a text so short has masks for.
  return out.reverse().join('') + (rest > 0 ? String(rest) : '');
}
