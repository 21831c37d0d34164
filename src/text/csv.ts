const QUOTE = 34;
const LF = 10;
const CR = 13;

/** What bytes a field holds, as a set of bits: enough to tell most numbers and dates from text without looking at the bytes again. */
export const SEEN = { digit: 1, dash: 2, point: 4, colon: 8, space: 16, other: 32 } as const;
/** Not a part of a field: the delimiter and line ends. */
const STOP = 64;

/** The kind of every byte. */
function kindsOf(delimiter: number): Uint8Array {
  const kinds = new Uint8Array(256).fill(SEEN.other);
  for (let c = 48; c <= 57; c++) kinds[c] = SEEN.digit;
  for (const [c, kind] of [
    ['-', SEEN.dash],
    ['.', SEEN.point],
    [':', SEEN.colon],
    [' ', SEEN.space],
  ] as const)
    kinds[c.charCodeAt(0)] = kind;
  for (const c of [delimiter, LF, CR]) kinds[c] = STOP;
  return kinds;
}

/** Offsets of the fields of one record in a buffer. Grows as needed and is used again for every record. */
export class Fields {
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** 1: the field was quoted and holds doubled quotes or text behind its closing quote: {@link fieldText} makes it whole. */
  rough = new Uint8Array(64);
  /** {@link SEEN}; of a quoted field, `other`. */
  seen = new Uint8Array(64);
  count = 0;
  /** Some field of the record is quoted. */
  quoted = false;
  private kinds = kindsOf(44);
  private delimiter = 44;

  /** The kinds of bytes where this one separates fields. */
  kindsFor(delimiter: number): Uint8Array {
    if (delimiter !== this.delimiter) {
      this.kinds = kindsOf(delimiter);
      this.delimiter = delimiter;
    }
    return this.kinds;
  }

  add(start: number, end: number, rough: boolean, seen: number): void {
    if (this.count === this.starts.length) this.grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.seen[this.count] = seen;
    this.rough[this.count++] = rough ? 1 : 0;
  }

  private grow(): void {
    const { starts, ends, rough, seen } = this;
    this.starts = new Int32Array(starts.length * 2);
    this.ends = new Int32Array(starts.length * 2);
    this.rough = new Uint8Array(starts.length * 2);
    this.seen = new Uint8Array(starts.length * 2);
    this.starts.set(starts);
    this.ends.set(ends);
    this.rough.set(rough);
    this.seen.set(seen);
  }
}

/**
 * Reads the record that starts at `at` into `fields` and answers where the next one starts, or -1 where the buffer ends before the record
 * does (unless `last`). Quotes count at the start of a field only, are doubled inside, and may hold line ends.
 */
export function scanRecord(bytes: Uint8Array, at: number, end: number, delimiter: number, last: boolean, fields: Fields): number {
  fields.count = 0;
  fields.quoted = false;
  const kinds = fields.kindsFor(delimiter);
  let pos = at;
  for (;;) {
    let start = pos;
    let rough = false;
    let stop = -1;
    if (pos < end && bytes[pos] === QUOTE) {
      start = ++pos;
      fields.quoted = true;
      for (;;) {
        while (pos < end && bytes[pos] !== QUOTE) pos++;
        if (pos >= end) {
          if (!last) return -1;
          stop = pos;
          break;
        }
        if (pos + 1 >= end && !last) return -1;
        if (bytes[pos + 1] !== QUOTE) {
          stop = pos++;
          break;
        }
        rough = true;
        pos += 2;
      }
    }
    const after = pos;
    let seen = 0;
    while (pos < end) {
      const kind = kinds[bytes[pos] as number] as number;
      if (kind === STOP) break;
      seen |= kind;
      pos++;
    }
    if (pos >= end && !last) return -1;
    if (stop === -1) fields.add(start, pos, false, seen);
    else if (pos > after) fields.add(start, pos, true, SEEN.other);
    else fields.add(start, stop, rough, SEEN.other);
    if (pos >= end) return end;
    const c = bytes[pos] as number;
    if (c === delimiter) {
      pos++;
      continue;
    }
    // A CR at the very end may be half of a line end.
    if (c === CR && pos + 1 >= end && !last) return -1;
    return pos + (c === CR && bytes[pos + 1] === LF ? 2 : 1);
  }
}

/** The text of a field. */
export function fieldText(bytes: Buffer, fields: Fields, index: number): string {
  const text = bytes.toString('utf8', fields.starts[index], fields.ends[index]);
  if (!fields.rough[index]) return text;
  // Up to its closing quote the field is quoted; what follows belongs to it as it stands.
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '"') out += text[i];
    else if (text[i + 1] === '"') {
      out += '"';
      i++;
    } else return out + text.slice(i + 1);
  }
  return out;
}
