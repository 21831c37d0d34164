/** What a piece of SQL text is. `quoted` is a quoted identifier; `symbol` one character of punctuation or operator. */
export type TokenKind = 'space' | 'comment' | 'string' | 'quoted' | 'word' | 'number' | 'symbol';

/** A half-open range of UTF-16 offsets. Tokens follow each other without gaps. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const NUMBER = /(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** End of the match of a sticky pattern at `at`, or `at` where it does not match. */
function matchEnd(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : at;
}

/** The token that starts at `at` (which must be below the text's length). Unfinished strings and comments reach to the end of the text. */
export function tokenAt(sql: string, at: number): Token {
  const c = sql.charCodeAt(at);
  const two = sql.startsWith('--', at) ? 'line' : sql.startsWith('/*', at) ? 'block' : '';
  if (c === 32 || (c >= 9 && c <= 13)) return { kind: 'space', start: at, end: matchEnd(SPACE, sql, at) };
  if (two === 'line') return { kind: 'comment', start: at, end: lineEnd(sql, at) };
  if (two === 'block') return { kind: 'comment', start: at, end: blockEnd(sql, at) };
  if (c === 39) return { kind: 'string', start: at, end: quoteEnd(sql, at + 1, "'", false) };
  if (c === 34) return { kind: 'quoted', start: at, end: quoteEnd(sql, at + 1, '"', false) };
  if (c === 96) return { kind: 'quoted', start: at, end: quoteEnd(sql, at + 1, '`', false) };
  if (c === 36) {
    const open = matchEnd(DOLLAR, sql, at);
    if (open > at) {
      const close = sql.indexOf(sql.slice(at, open), open);
      return { kind: 'string', start: at, end: close === -1 ? sql.length : close + (open - at) };
    }
  }
  const number = matchEnd(NUMBER, sql, at);
  if (number > at) return { kind: 'number', start: at, end: number };
  const word = matchEnd(WORD, sql, at);
  if (word > at) {
    // e'..' knows backslash escapes; b'..', x'..', n'..' are plain strings with a letter in front.
    if (word === at + 1 && sql[word] === "'" && /[eEbBxXnN]/.test(sql[at] ?? '')) {
      return { kind: 'string', start: at, end: quoteEnd(sql, word + 1, "'", c === 101 || c === 69) };
    }
    return { kind: 'word', start: at, end: word };
  }
  const space = matchEnd(SPACE, sql, at);
  if (space > at) return { kind: 'space', start: at, end: space };
  const wide = (sql.codePointAt(at) ?? 0) > 0xffff;
  return { kind: 'symbol', start: at, end: at + (wide ? 2 : 1) };
}

/** All tokens of a text, from `from` on. */
export function* tokens(sql: string, from = 0): Generator<Token, void, undefined> {
  for (let at = from; at < sql.length; ) {
    const token = tokenAt(sql, at);
    yield token;
    at = token.end;
  }
}

function lineEnd(sql: string, at: number): number {
  const end = sql.indexOf('\n', at);
  return end === -1 ? sql.length : end;
}

/** Block comments nest in Postgres and DuckDB. */
function blockEnd(sql: string, at: number): number {
  let depth = 0;
  for (let i = at; i < sql.length; ) {
    if (sql.startsWith('/*', i)) {
      depth++;
      i += 2;
    } else if (sql.startsWith('*/', i)) {
      depth--;
      i += 2;
      if (depth === 0) return i;
    } else i++;
  }
  return sql.length;
}

function quoteEnd(sql: string, from: number, quote: string, escapes: boolean): number {
  for (let i = from; i < sql.length; i++) {
    const c = sql[i];
    if (escapes && c === '\\') i++;
    else if (c === quote) {
      if (sql[i + 1] === quote) i++;
      else return i + 1;
    }
  }
  return sql.length;
}
