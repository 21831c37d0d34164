import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import type { CsvQuestion, CsvRecord, CsvShape } from '../../sql/index.ts';
import { Fields, fieldText, SEEN, scanRecord } from '../../text/index.ts';
import { Guess } from './infer.ts';

// Small, since a seed is loaded meanwhile: between two chunks the load gets its turn.
const CHUNK = 1 << 17;
const EXCERPT = 200;
const APOSTROPHE = 39;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const BACKSLASH = 92;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Broken = Exclude<CsvShape['broken'], undefined>;

/** Reads a CSV file once, or its beginning, a chunk at a time, and answers its columns with the types that all their values have. */
export async function inspectCsv(question: CsvQuestion): Promise<CsvShape> {
  let handle: FileHandle;
  try {
    handle = await open(question.file, 'r');
  } catch (error) {
    return broken({ why: 'unreadable', cause: error instanceof Error ? error.message : String(error) });
  }
  try {
    return await inspect(handle, question);
  } catch (error) {
    if (error instanceof NotUtf8) return broken({ why: 'not-utf8', line: error.line, byte: error.byte });
    throw error;
  } finally {
    await handle.close();
  }
}

const broken = (why: Broken): CsvShape => ({ columns: [], rows: 0, longest: 0, broken: why });

class NotUtf8 extends Error {
  readonly line: number;
  readonly byte: number;
  constructor(line: number, byte: number) {
    super('not UTF-8');
    this.line = line;
    this.byte = byte;
  }
}

async function inspect(handle: FileHandle, question: CsvQuestion): Promise<CsvShape> {
  const inspection = new Inspection(question);
  let buffer = Buffer.allocUnsafe(CHUNK * 2);
  let filled = 0;
  let offset = 0;
  for (;;) {
    if (buffer.length - filled < CHUNK) {
      const bigger = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(bigger, 0, 0, filled);
      buffer = bigger;
    }
    const { bytesRead } = await handle.read(buffer, filled, CHUNK, offset);
    const first = offset === 0;
    offset += bytesRead;
    const last = bytesRead === 0;
    filled += bytesRead;
    const bom = first && filled >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
    const used = inspection.take(buffer, bom, filled, last);
    if (last) return inspection.shape();
    if (question.first !== undefined && offset >= question.first && (await handle.stat()).size > offset) return { ...inspection.shape(), partial: true };
    buffer.copy(buffer, 0, used, filled);
    filled -= used;
  }
}

class Inspection {
  private readonly texts: ReadonlySet<string>;
  private readonly delimiter: number;
  private readonly fields = new Fields();
  private guesses: Guess[] | undefined;
  private rows = 0;
  private line = 1;
  private longest = 0;
  private apostrophes = false;
  private plain = true;
  private renamed: CsvShape['renamed'];
  private tooLong: CsvRecord | undefined;
  private tooShort: CsvRecord | undefined;

  constructor(question: CsvQuestion) {
    this.texts = new Set(question.texts);
    this.delimiter = question.delimiter.charCodeAt(0);
  }

  /** Takes the whole records of `bytes` and answers how far they reach. */
  take(bytes: Buffer, from: number, end: number, last: boolean): number {
    let at = from;
    while (at < end) {
      const next = scanRecord(bytes, at, end, this.delimiter, last, this.fields);
      if (next === -1) break;
      this.record(bytes, at, next);
      at = next;
    }
    // Whole records are whole characters: what is checked here never ends inside one.
    const taken = bytes.subarray(from, at);
    if (!isUtf8(taken)) throw this.misspelt(bytes, from, at);
    this.plain &&= !(taken.includes(QUOTE) || taken.includes(BACKSLASH) || taken.includes(CR));
    return at;
  }

  private record(bytes: Buffer, at: number, next: number): void {
    const { fields, guesses } = this;
    const line = this.line;
    if (!fields.quoted) this.line += bytes[next - 1] === LF ? 1 : 0;
    else for (let i = bytes.indexOf(LF, at); i !== -1 && i < next; i = bytes.indexOf(LF, i + 1)) this.line++;
    if (!guesses) {
      const header = Array.from({ length: fields.count }, (_, i) => fieldText(bytes, fields, i));
      const names = uniqueNames(header);
      const renamed = names.flatMap((name, i) => (name === header[i] ? [] : [{ column: i + 1, from: header[i] ?? '', to: name }]));
      if (renamed.length > 0) this.renamed = renamed;
      this.guesses = names.map((name) => new Guess(name, this.texts.has(name)));
      return;
    }
    if (next - at > this.longest) this.longest = next - at;
    const count = fields.count;
    const blank = count === 1 && fields.starts[0] === fields.ends[0] && bytes[at] !== QUOTE;
    if (blank) this.plain = false;
    if (blank && guesses.length > 1) return;
    this.rows++;
    if (count > guesses.length) this.tooLong ??= record(bytes, at, next, line, count);
    else if (count < guesses.length) this.tooShort ??= record(bytes, at, next, line, count);
    for (let i = 0; i < count && i < guesses.length; i++) {
      const guess = guesses[i] as Guess;
      const seen = fields.seen[i] as number;
      if (seen & SEEN.other && bytes[fields.starts[i] as number] === APOSTROPHE) this.apostrophes = true;
      if (guess.done) {
        if (this.plain) guess.seeNull(bytes, fields.starts[i] as number, fields.ends[i] as number, () => fieldText(bytes, fields, i));
        continue;
      }
      if (fields.rough[i] || !guess.see(bytes, fields.starts[i] as number, fields.ends[i] as number, seen)) guess.seeText(fieldText(bytes, fields, i));
    }
  }

  private misspelt(bytes: Buffer, from: number, end: number): NotUtf8 {
    const lines = bytes.subarray(from, end).reduce((n, c) => n + (c === 10 ? 1 : 0), 0);
    let line = this.line - lines;
    for (let at = from; at < end; line++) {
      const stop = bytes.indexOf(10, at);
      const next = stop === -1 || stop >= end ? end : stop + 1;
      if (!isUtf8(bytes.subarray(at, next))) return new NotUtf8(line, firstWrong(bytes.subarray(at, next)) + 1);
      at = next;
    }
    return new NotUtf8(line, 1);
  }

  shape(): CsvShape {
    if (!this.guesses) return broken({ why: 'empty' });
    const shape: Writable<CsvShape> = { columns: this.guesses.map((g) => g.result()), rows: this.rows, longest: this.longest };
    if (this.apostrophes) shape.apostrophes = true;
    if (this.plain && !this.guesses.some((g) => g.done && g.nulls)) shape.plain = true;
    if (this.renamed) shape.renamed = this.renamed;
    if (this.tooLong) shape.tooLong = this.tooLong;
    if (this.tooShort) shape.tooShort = this.tooShort;
    return shape;
  }
}

function record(bytes: Buffer, at: number, next: number, line: number, fields: number): CsvRecord {
  const text = bytes.toString('utf8', at, Math.min(next, at + EXCERPT * 4));
  return { line, fields, text: text.replace(/[\r\n][\s\S]*$/, '').slice(0, EXCERPT) };
}

/** Offset of the first byte that starts no UTF-8 character. */
function firstWrong(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] as number;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(bytes.subarray(at, at + size))) break;
    at += size;
  }
  return at;
}

/** Column names as agate makes them unique: `a, a` -> `a, a_2`; a column without a name is called by a letter. */
function uniqueNames(header: readonly string[]): string[] {
  const names: string[] = [];
  header.forEach((given, i) => {
    const name = given || String.fromCharCode(97 + (i % 26)).repeat(Math.floor(i / 26) + 1);
    let unique = name;
    for (let n = 2; names.includes(unique); n++) unique = `${name}_${n}`;
    names.push(unique);
  });
  return names;
}
