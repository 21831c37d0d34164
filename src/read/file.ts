import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Sink, type SourceFile, sourceFile, span } from '../text/index.ts';

/** A file's bytes, or undefined with a diagnostic. `path` is what diagnostics call it. */
export function readBytes(absolute: string, path: string, sink: Sink): Buffer | undefined {
  try {
    return readFileSync(absolute);
  } catch (e) {
    sink.add('file-unreadable', { path }, { cause: e instanceof Error ? e.message : String(e) });
    return undefined;
  }
}

/** A file as text, or undefined with a diagnostic: it cannot be read, or is not UTF-8. */
export function readText(absolute: string, path: string, sink: Sink): SourceFile | undefined {
  let text: string;
  try {
    // Node reads a text in one call of its own: half the time of reading bytes and decoding them.
    text = readFileSync(absolute, 'utf8');
  } catch (e) {
    sink.add('file-unreadable', { path }, { cause: e instanceof Error ? e.message : String(e) });
    return undefined;
  }
  // Where bytes are no text stands a U+FFFD; only the bytes tell it from one that was written.
  if (!text.includes('\ufffd')) return sourceFile(path, text);
  const bytes = readBytes(absolute, path, sink);
  return bytes && decode(bytes, path, sink);
}

/** The text of bytes that must be UTF-8; undefined, with a diagnostic at the first byte that is not. */
function decode(bytes: Buffer, path: string, sink: Sink): SourceFile | undefined {
  if (isUtf8(bytes)) return sourceFile(path, bytes.toString('utf8'));
  const at = firstInvalid(bytes);
  // Latin-1 keeps one character for each byte, so the place in it is the place of the byte.
  const shown = sourceFile(path, bytes.toString('latin1'));
  sink.add('not-utf8', { path, byte: bytes[at] ?? 0 }, { at: span(shown, at, at + 1) });
  return undefined;
}

function firstInvalid(bytes: Buffer): number {
  let valid = 0;
  let end = bytes.length;
  // The longest valid start, by halving; cutting inside a character only looks invalid for up to three bytes.
  while (end - valid > 4) {
    const middle = (valid + end) >> 1;
    let cut = middle;
    while (cut > valid && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut--;
    if (isUtf8(bytes.subarray(0, cut)) && cut > valid) valid = cut;
    else if (cut <= valid) break;
    else end = middle;
  }
  while (valid < bytes.length) {
    const lead = bytes[valid] ?? 0;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (!isUtf8(bytes.subarray(valid, valid + length))) return valid;
    valid += length;
  }
  return valid;
}

/** sha256 in hex of a file's text without the white space around it: dbt's checksum of a file. */
export function checksum(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  const wide = from < to && (text.charCodeAt(from) > 127 || text.charCodeAt(to - 1) > 127);
  const core = text.slice(from, to);
  return createHash('sha256')
    .update(wide ? stripped(core) : core, 'utf8')
    .digest('hex');
}

/** The ASCII characters that Python's `str.strip` takes off. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code >= 28 && code <= 31);
}

/** Python's `str.strip()`: unlike `trim()`, it keeps a byte order mark and takes off the separators U+001C to U+001F and U+0085. */
export function stripped(text: string): string {
  return text.replace(edges, '');
}

const edges =
  /^[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;
