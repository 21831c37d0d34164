import fs from 'node:fs';
import path from 'node:path';
import { withoutOldest } from '../report/index.ts';
import { fail } from '../text/index.ts';

/** Writes a file so that a reader, or a crash, sees the old text or the new one and never a part. */
export function writeAtomic(file: string, pieces: string | readonly string[]): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const next = `${file}.${process.pid}.tmp`;
    const handle = fs.openSync(next, 'w');
    try {
      for (const chunk of chunks(typeof pieces === 'string' ? [pieces] : pieces)) fs.writeSync(handle, chunk);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(next, file);
  } catch (error) {
    fail('file-not-written', { path: file, problem: (error as Error).message });
  }
}

/** Bytes that a file of lines may have; where it is larger, its older half goes. */
const MOST = 8_000_000;

/** Adds a line, which ends in a line feed, to a file of lines that later runs read. */
export function addLine(file: string, line: string): void {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size + line.length > MOST) {
    writeAtomic(file, [withoutOldest(fs.readFileSync(file, 'utf8'), MOST / 2), line]);
    return;
  }
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.appendFileSync(file, line);
  } catch (error) {
    fail('file-not-written', { path: file, problem: (error as Error).message });
  }
}

/** Joins small pieces, so that a file of 10,000 of them needs a few writes, and a large one is never a single string. */
function* chunks(pieces: readonly string[]): Generator<string> {
  let held: string[] = [];
  let size = 0;
  for (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < 1 << 22) continue;
    yield held.join('');
    held = [];
    size = 0;
  }
  yield held.join('');
}

/** A log file that begins anew when it is full and keeps five old ones (`dml.log.1` is the youngest). Lines are held back for a moment; `flush` writes them. */
export class LogFile {
  readonly file: string;
  private readonly maxBytes: number;
  private readonly clean: (text: string) => string;
  private held: string[] = [];
  private heldSize = 0;
  private size = -1;
  private broken = false;

  /** `clean`: what a text goes through before it is written. */
  constructor(file: string, maxBytes: number, clean: (text: string) => string = (text) => text) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.clean = clean;
  }

  write(line: string): void {
    this.held.push(line);
    this.heldSize += line.length;
    if (this.heldSize > 1 << 16) this.flush();
  }

  /** A log that cannot be written is given up silently: it must not fail the run. */
  flush(): void {
    if (this.broken || this.held.length === 0) return;
    const text = this.clean(`${this.held.join('\n')}\n`);
    this.held = [];
    this.heldSize = 0;
    try {
      if (this.size === -1) {
        fs.mkdirSync(path.dirname(this.file), { recursive: true });
        this.size = fs.existsSync(this.file) ? fs.statSync(this.file).size : 0;
      }
      if (this.maxBytes > 0 && this.size > 0 && this.size + text.length > this.maxBytes) this.rotate();
      fs.appendFileSync(this.file, text);
      this.size += Buffer.byteLength(text);
    } catch {
      this.broken = true;
    }
  }

  private rotate(): void {
    for (let i = 4; i >= 1; i--) if (fs.existsSync(`${this.file}.${i}`)) fs.renameSync(`${this.file}.${i}`, `${this.file}.${i + 1}`);
    fs.renameSync(this.file, `${this.file}.1`);
    this.size = 0;
  }
}
