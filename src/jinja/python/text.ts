const surrogate = /[\ud800-\udfff]/;
const plain = /^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/;
// What Python's str.isprintable() refuses: controls, formats, unassigned, private use, separators other than the space.
const unprintable = /[\p{C}\p{Z}]/u;
const special = /[\\\p{C}\p{Z}'"]/gu;

/** True when the text has a character beyond the basic plane, where UTF-16 units and code points differ. */
export function wide(s: string): boolean {
  return surrogate.test(s);
}

/** The number of code points. */
export function codeLength(s: string): number {
  if (!surrogate.test(s)) return s.length;
  let n = 0;
  for (const _ of s) n++;
  return n;
}

/** The code points, each as a string. */
export function codePoints(s: string): string[] {
  return surrogate.test(s) ? Array.from(s) : s.split('');
}

/** The text from code point `start` up to `stop`. */
export function codeSlice(s: string, start: number, stop?: number): string {
  return surrogate.test(s) ? Array.from(s).slice(start, stop).join('') : s.slice(start, stop);
}

/** True for a code point that Python prints as itself in a repr. */
export function printable(ch: string): boolean {
  return ch === ' ' || !unprintable.test(ch);
}

function escapeOne(ch: string, mark: string): string {
  if (ch === ' ') return ch;
  if (ch === '\\' || ch === mark) return `\\${ch}`;
  if (ch === "'" || ch === '"') return ch;
  if (ch === '\n') return '\\n';
  if (ch === '\r') return '\\r';
  if (ch === '\t') return '\\t';
  return codeEscape(ch.codePointAt(0) as number);
}

/** A code point as Python escapes it: `\x1b`, `\u200b`, `\U0010ffff`. */
export function codeEscape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** `repr(str)`. */
export function quote(s: string): string {
  if (plain.test(s)) return `'${s}'`;
  const mark = s.includes("'") && !s.includes('"') ? '"' : "'";
  return mark + s.replace(special, (ch) => escapeOne(ch, mark)) + mark;
}

/** Python's order of strings (by code point): negative, zero or positive. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    if (x >= 0xd800 && y >= 0xd800) return (x > 0xdfff ? x - 0x800 : x + 0x2000) - (y > 0xdfff ? y - 0x800 : y + 0x2000);
    return x - y;
  }
  return a.length - b.length;
}

/** The character class body of Python's whitespace. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const space = new RegExp(`^[${SPACE}]`);

/** True for a character that Python's `str.isspace` accepts. */
export function isSpace(ch: string): boolean {
  return space.test(ch);
}

/** The same of a UTF-16 unit: no whitespace lies beyond the first plane. */
function isSpaceUnit(c: number): boolean {
  if (c < 0x80) return c <= 0x20 && (c >= 0x1c || (c >= 9 && c <= 13));
  return space.test(String.fromCharCode(c));
}

/** `s.lstrip()`. */
export function stripLeft(s: string): string {
  let start = 0;
  while (start < s.length && isSpaceUnit(s.charCodeAt(start))) start++;
  return s.slice(start);
}

/** `s.rstrip()`. */
export function stripRight(s: string): string {
  let end = s.length;
  while (end > 0 && isSpaceUnit(s.charCodeAt(end - 1))) end--;
  return s.slice(0, end);
}

/** `s.strip()`. */
export function strip(s: string): string {
  return stripRight(stripLeft(s));
}

/** `s.splitlines()`, with or without the line ends. */
export function splitLines(s: string, keepEnds = false): string[] {
  const lines: string[] = [];
  const end = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
  let from = 0;
  for (let m = end.exec(s); m !== null; m = end.exec(s)) {
    lines.push(s.slice(from, keepEnds ? end.lastIndex : m.index));
    from = end.lastIndex;
  }
  if (from < s.length) lines.push(s.slice(from));
  return lines;
}

/** `s.split()`: the words between runs of whitespace. */
export function words(s: string): string[] {
  const inner = strip(s);
  return inner === '' ? [] : inner.split(new RegExp(`[${SPACE}]+`));
}
