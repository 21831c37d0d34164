import { isBreak, YamlProblem } from './yaml-problem.ts';

/** What reading a scalar answers: its text, and the offset after it. */
export interface Scanned {
  readonly text: string;
  readonly end: number;
  /** The text goes over several lines. */
  readonly lines?: boolean;
}

const escapes = new Map<string, string>([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ['/', '/'],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

/** Reads a quoted scalar whose opening quote is at `start`. Its lines may be indented in any way, as libyaml has it. */
export function readQuoted(source: string, start: number): Scanned {
  const quote = source.charCodeAt(start);
  const close = source.indexOf(quote === 39 ? "'" : '"', start + 1);
  if (close !== -1) {
    const text = source.slice(start + 1, close);
    // Nearly all quoted scalars are on one line and have neither escapes nor doubled quotes.
    if (!/[\n\r\x85\u2028\u2029\\]/.test(text) && source.charCodeAt(close + 1) !== quote) return { text, end: close + 1 };
    if (quote === 39 && !/[\n\r\x85\u2028\u2029]/.test(text) && source.charCodeAt(close + 1) !== 39) return { text, end: close + 1 };
  }
  return readLongQuoted(source, start, quote);
}

function readLongQuoted(source: string, start: number, quote: number): Scanned {
  let out = '';
  let from = start + 1;
  let at = from;
  let lines = false;
  for (;;) {
    const c = source.charCodeAt(at);
    if (c === 0) throw new YamlProblem('the quote is never closed', start, start + 1, 'quote');
    if (c === quote) {
      out += source.slice(from, at);
      if (quote === 34 || source.charCodeAt(at + 1) !== 39) return { text: out, end: at + 1, lines };
      out += "'";
      at += 2;
      from = at;
    } else if (c === 92 && quote === 34) {
      out += source.slice(from, at);
      const escaped = readEscape(source, at);
      out += escaped.text;
      lines ||= isBreak(source.charCodeAt(at + 1));
      at = from = escaped.end;
    } else if (isBreak(c)) {
      let end = at;
      while (end > from && isBlank(source.charCodeAt(end - 1))) end--;
      out += source.slice(from, end);
      const folded = foldBreaks(source, at, start);
      lines = true;
      out += folded.text;
      at = from = folded.end;
    } else at++;
  }
}

function readEscape(source: string, at: number): Scanned {
  const letter = source.charAt(at + 1);
  const simple = escapes.get(letter);
  if (simple !== undefined) return { text: simple, end: at + 2 };
  const length = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  if (length > 0) {
    const digits = source.slice(at + 2, at + 2 + length);
    const point = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1;
    if (point < 0 || point > 0x10ffff) throw new YamlProblem(`\`\\${letter}\` must be followed by ${length} hexadecimal digits`, at, at + 2, 'escape');
    return { text: String.fromCodePoint(point), end: at + 2 + length };
  }
  if (isBreak(source.charCodeAt(at + 1))) {
    // An escaped line break joins the lines; breaks after it are kept.
    let next = afterBreak(source, at + 1);
    let text = '';
    for (;;) {
      while (isBlank(source.charCodeAt(next))) next++;
      if (!isBreak(source.charCodeAt(next))) return { text, end: next };
      text += '\n';
      next = afterBreak(source, next);
    }
  }
  throw new YamlProblem(`\`\\${letter}\` is not an escape of a double-quoted text`, at, at + 2, 'escape');
}

/** The line breaks and blanks from `at` as a folded scalar has them: one break is a space, more are one fewer. */
function foldBreaks(source: string, at: number, start: number): Scanned {
  let breaks = 0;
  let next = at;
  while (isBreak(source.charCodeAt(next))) {
    next = afterBreak(source, next);
    breaks++;
    if (isDocumentMark(source, next)) throw new YamlProblem('the quote is never closed', start, start + 1, 'quote');
    while (isBlank(source.charCodeAt(next))) next++;
  }
  return { text: breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), end: next };
}

/**
 * Reads a plain scalar from `start`. Inside a block it goes on over lines that are indented deeper than `indent`; `lineStart` is where its line starts.
 * Inside `[]` or `{}` (`flow`) it ends at their punctuation.
 */
export function readPlain(source: string, start: number, lineStart: number, indent: number, flow: boolean): Scanned & { readonly lineStart: number } {
  let text = '';
  let end = start;
  let at = start;
  let line = lineStart;
  for (;;) {
    const last = plainLine(source, at, flow);
    text += source.slice(at, last);
    end = last;
    at = last;
    while (isBlank(source.charCodeAt(at))) at++;
    if (!isBreak(source.charCodeAt(at))) break;
    let breaks = 0;
    let next = at;
    let begun = line;
    while (isBreak(source.charCodeAt(next))) {
      next = afterBreak(source, next);
      begun = next;
      breaks++;
      if (isDocumentMark(source, next)) return { text, end, lineStart: line };
      while (source.charCodeAt(next) === 32) next++;
      if (source.charCodeAt(next) === 9) {
        while (isBlank(source.charCodeAt(next))) next++;
        // A tab that stands for indentation is for the caller to refuse, at its place.
        if (!flow && !isBreak(source.charCodeAt(next)) && /^ *\t/.test(source.slice(begun, begun + indent + 1))) return { text, end, lineStart: line };
      }
    }
    const c = source.charCodeAt(next);
    if (c === 0 || c === 35 || (!flow && next - begun <= indent)) break;
    if (flow && (c === 44 || c === 91 || c === 93 || c === 123 || c === 125)) break;
    if (c === 58 && endsKey(source, next + 1, flow)) break;
    text += breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
    at = next;
    line = begun;
  }
  return { text, end, lineStart: line };
}

/** Where the part of a plain scalar on this line ends, blanks at its end left out. */
function plainLine(source: string, start: number, flow: boolean): number {
  let last = start;
  for (let at = start; ; at++) {
    const c = source.charCodeAt(at);
    if (c > 125) {
      if (isBreak(c)) return last;
    } else if (c === 32 || c === 9) continue;
    else if (c === 58) {
      if (endsKey(source, at + 1, flow)) return last;
    } else if (c < 32) {
      return last;
    } else if (c === 35) {
      if (at > start && last < at) return last;
    } else if (flow && (c === 44 || c === 91 || c === 93 || c === 123 || c === 125)) return last;
    last = at + 1;
  }
}

/** Whether a colon before `at` is one between key and value. */
export function endsKey(source: string, at: number, flow: boolean): boolean {
  const c = source.charCodeAt(at);
  return c === 32 || c === 0 || isBreak(c) || c === 9 || (flow && (c === 44 || c === 91 || c === 93 || c === 123 || c === 125));
}

/** Reads a block scalar (`|` or `>` at `start`) inside a collection at column `indent`. Answers the offset of the line after it, and where its text ends. */
export function readBlock(source: string, start: number, indent: number): Scanned & { readonly last: number } {
  const folded = source.charCodeAt(start) === 62;
  const header = /^[|>]([-+]?)([1-9]?)([-+]?)[ \t]*(?:#[^\n\r]*)?/.exec(source.slice(start, start + 400)) ?? ['', '', '', ''];
  let at = start + (header[0] ?? '').length;
  if (!isBreak(source.charCodeAt(at)) && source.charCodeAt(at) !== 0) {
    throw new YamlProblem(`\`${folded ? '>' : '|'}\` must end its line; the text starts on the next`, at, at + 1, 'block');
  }
  const chomp = header[1] || header[3];
  let width = header[2] ? Math.max(indent, 0) + Number(header[2]) : 0;
  at = isBreak(source.charCodeAt(at)) ? afterBreak(source, at) : at;
  let breaks = '';
  let text = '';
  let separator = '';
  let last = at;
  let wasBlank = false;
  let deepest = 0;
  for (;;) {
    // Empty lines, and the spaces that count as indentation.
    for (;;) {
      const line = at;
      while (source.charCodeAt(at) === 32 && (width === 0 || at - line < width)) at++;
      deepest = Math.max(deepest, at - line);
      if (source.charCodeAt(at) === 9 && (width === 0 || at - line < width)) {
        throw new YamlProblem('a tab stands where spaces must indent the text', at, at + 1, 'tab');
      }
      if (!isBreak(source.charCodeAt(at))) {
        if (width === 0) width = Math.max(deepest, indent + 1, 1);
        if (source.charCodeAt(at) === 0 || at - line !== width) {
          at = line;
          return { text: finish(text, separator, breaks, chomp ?? ''), end: at, last };
        }
        break;
      }
      at = afterBreak(source, at);
      breaks += '\n';
    }
    const blank = isBlank(source.charCodeAt(at));
    if (folded && separator !== '' && !wasBlank && !blank) text += breaks === '' ? ' ' : breaks;
    else text += separator + breaks;
    wasBlank = blank;
    const from = at;
    for (let c = source.charCodeAt(at); c !== 0 && !isBreak(c); c = source.charCodeAt(at)) at++;
    text += source.slice(from, at);
    last = at;
    breaks = '';
    separator = '';
    if (source.charCodeAt(at) !== 0) {
      separator = '\n';
      at = afterBreak(source, at);
    }
  }
}

function finish(text: string, separator: string, breaks: string, chomp: string): string {
  return chomp === '-' ? text : chomp === '+' ? text + separator + breaks : text + separator;
}

/** The offset after the line break at `at`. */
export function afterBreak(source: string, at: number): number {
  return source.charCodeAt(at) === 13 && source.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
}

/** Whether `---` or `...` stands alone at `at`, the start of a line. */
export function isDocumentMark(source: string, at: number): boolean {
  const c = source.charCodeAt(at);
  if ((c !== 45 && c !== 46) || source.charCodeAt(at + 1) !== c || source.charCodeAt(at + 2) !== c) return false;
  const next = source.charCodeAt(at + 3);
  return next === 0 || isBlank(next) || isBreak(next);
}

export function isBlank(c: number): boolean {
  return c === 32 || c === 9;
}
