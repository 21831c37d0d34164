import { fail, type SourceFile, span } from '../text/index.ts';
import { Float } from './python/index.ts';
import type { Value } from './value.ts';

/** `end` is the tag's own `%}` or `}}`; operators and brackets are their own kind. */
export type TokenKind =
  | 'name'
  | 'string'
  | 'int'
  | 'float'
  | 'end'
  | '('
  | ')'
  | '['
  | ']'
  | '{'
  | '}'
  | '+'
  | '-'
  | '*'
  | '**'
  | '/'
  | '//'
  | '%'
  | '~'
  | '='
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '.'
  | ':'
  | '|'
  | ','
  | ';';

/** What ended a stretch of text: an expression, a statement, or the end of the file. */
export type Opening = '{{' | '{%' | '';

const closers = { '(': ')', '[': ']', '{': '}' } as const;
const singles: readonly (TokenKind | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return '()[]{}+-*/%~=<>.:|,;'.includes(char) ? (char as TokenKind) : undefined;
});
/** 1: letter or underscore, 2: digit, 4: white space. */
const classes: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95) return 1;
  if (code >= 48 && code <= 57) return 2;
  return code === 32 || (code >= 9 && code <= 13) || (code >= 28 && code <= 31) ? 4 : 0;
});

/**
 * Reads a template: {@link Lexer.data} gives the text up to the next tag, {@link Lexer.next} the tokens of a tag. The current token is in
 * `kind`, `start`, `stop`, `text` and `value`, so that no token object is made.
 */
export class Lexer {
  readonly file: SourceFile;
  private readonly source: string;
  private readonly limit: number;
  private pos = 0;
  /** Where the open brackets of the current tag stand: inside them `}}` and `%}` do not end the tag. */
  private readonly brackets: number[] = [];
  private closing = '';
  /** Where the next backslash behind the last string stands, so that not every string looks for it up to the end of the file. */
  private backslash = -1;
  /** Start of the tag being read. */
  opened = 0;
  kind: TokenKind = 'end';
  start = 0;
  stop = 0;
  /** The name, when `kind` is `name`. */
  text = '';
  /** The value, when `kind` is `string`, `int` or `float`. */
  value: Value = null;
  /** End of the token before the current one. */
  before = 0;
  /** The text {@link Lexer.data} found, and where it stands. */
  readonly found = { text: '', start: 0, stop: 0 };

  constructor(file: SourceFile) {
    this.file = file;
    this.source = file.text;
    let limit = this.source.length;
    // One line end at the end of a template is dropped.
    if (limit > 0 && this.source.charCodeAt(limit - 1) === 10) limit--;
    if (limit > 0 && this.source.charCodeAt(limit - 1) === 13) limit--;
    this.limit = limit;
  }

  /** Reads the text up to the next tag into `found`; comments vanish, raw blocks are text. */
  data(): Opening {
    const { source, found, limit } = this;
    const from = this.pos;
    let at = from;
    for (;;) {
      at = source.indexOf('{', at);
      if (at === -1 || at >= limit) return this.give(from, limit, '');
      const next = source.charCodeAt(at + 1);
      if (next === 0x25 || next === 0x7b || next === 0x23) break;
      at++;
    }
    const second = source.charCodeAt(at + 1);
    this.opened = at;
    const sign = source.charCodeAt(at + 2);
    const stop = sign === 0x2d ? this.trimmed(from, at) : at;
    const inside = at + (sign === 0x2d || sign === 0x2b ? 3 : 2);
    if (second === 0x23) {
      const end = source.indexOf('#}', at + 2);
      if (end === -1) fail('jinja-unclosed-tag', { open: '{#', close: '#}' }, { at: span(this.file, at, at + 2) });
      this.pos = end + 2;
      // `{#-}`-like comments are too short to hold a sign of their own.
      if (end > at + 2 && source.charCodeAt(end - 1) === 0x2d) this.skipSpace();
      if (stop > from) return this.give(from, stop, '', false);
      return this.data();
    }
    if (second === 0x25) {
      const raw = this.rawStart(inside);
      if (raw !== -1) return this.raw(from, stop, raw);
    }
    this.pos = inside;
    this.closing = second === 0x25 ? '%}' : '}}';
    this.give(from, stop, '', false);
    this.stop = inside;
    found.stop = stop;
    return second === 0x25 ? '{%' : '{{';
  }

  /** True once every character has been read. */
  get done(): boolean {
    return this.pos >= this.limit;
  }

  private give(from: number, stop: number, opening: Opening, move = true): Opening {
    const { found } = this;
    found.start = from;
    found.stop = stop;
    const text = this.source.slice(from, stop);
    found.text = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
    if (move) this.pos = stop;
    return opening;
  }

  private trimmed(from: number, to: number): number {
    while (to > from && isSpace(this.source, to - 1)) to--;
    return to;
  }

  private skipSpace(): void {
    while (this.pos < this.limit && isSpace(this.source, this.pos)) this.pos++;
  }

  /** Where the text of a raw block begins, when the tag whose inside starts at `at` opens one; -1 otherwise. */
  private rawStart(at: number): number {
    const { source } = this;
    while (isSpace(source, at)) at++;
    if (!source.startsWith('raw', at)) return -1;
    at += 3;
    while (isSpace(source, at)) at++;
    if (source.startsWith('%}', at)) return at + 2;
    if (!source.startsWith('-%}', at)) return -1;
    at += 3;
    while (isSpace(source, at)) at++;
    return at;
  }

  /** Gives the text before a raw block, then (at the next call of {@link Lexer.data}) the block's own. */
  private raw(from: number, stop: number, inside: number): Opening {
    if (stop > from) {
      this.give(from, stop, '', false);
      this.pos = this.opened;
      return '';
    }
    const close = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
    close.lastIndex = inside;
    const match = close.exec(this.source);
    if (match === null) fail('jinja-unclosed-block', { tag: 'raw', end: 'endraw' }, { at: span(this.file, this.opened, inside) });
    this.give(inside, match[1] === '-' ? this.trimmed(inside, match.index) : match.index, '', false);
    this.pos = match.index + match[0].length;
    if (match[2] === '-') this.skipSpace();
    return '';
  }

  /** Reads the next token of the current tag. */
  next(): void {
    const { source } = this;
    this.before = this.stop;
    let pos = this.pos;
    let c = source.charCodeAt(pos);
    while (c < 128 ? classes[c] === 4 : c > 128 && isSpace(source, pos)) c = source.charCodeAt(++pos);
    this.start = pos;
    if (pos >= this.limit) this.unclosed();
    const cls = c < 128 ? classes[c] : 0;
    if (cls === 1 || (c >= 128 && /[\p{L}\p{Nl}]/u.test(String.fromCodePoint(source.codePointAt(pos) ?? 0)))) this.name(pos);
    else if (cls === 2) this.number(pos);
    else if (c === 34 || c === 39) this.string(pos, c);
    else if (c < 128) this.operator(pos, c);
    else this.unexpected(pos);
  }

  private name(pos: number): void {
    const { source } = this;
    let at = pos + 1;
    for (;;) {
      const c = source.charCodeAt(at);
      if (c < 128 ? classes[c] === 1 || classes[c] === 2 : c > 128 && /[\p{L}\p{N}\p{M}\uD800-\uDFFF]/u.test(source.charAt(at))) at++;
      else break;
    }
    this.kind = 'name';
    this.text = source.slice(pos, at);
    this.pos = this.stop = at;
  }

  private number(pos: number): void {
    const { source } = this;
    if (this.shortInt(pos)) return;
    const afterDot = pos > 0 && source.charCodeAt(pos - 1) === 46;
    const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
    const int = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
    if (!afterDot) {
      float.lastIndex = pos;
      const match = float.exec(source);
      if (match !== null) {
        this.kind = 'float';
        this.value = new Float(Number(match[0].replaceAll('_', '')));
        this.pos = this.stop = pos + match[0].length;
        return;
      }
    }
    int.lastIndex = pos;
    const text = int.exec(source)?.[0] ?? '0';
    const digits = text.replaceAll('_', '');
    const plain = Number(digits);
    this.kind = 'int';
    this.value = Number.isSafeInteger(plain) ? plain : BigInt(digits);
    this.pos = this.stop = pos + text.length;
  }

  /** The common case: a few digits and nothing more. */
  private shortInt(pos: number): boolean {
    const { source } = this;
    let at = pos;
    let value = 0;
    let c = source.charCodeAt(at);
    while (c >= 48 && c <= 57) {
      value = value * 10 + (c - 48);
      c = source.charCodeAt(++at);
    }
    const leadingZero = at > pos + 1 && source.charCodeAt(pos) === 48;
    if (leadingZero || at - pos > 15 || c === 46 || (c < 128 && classes[c] === 1)) return false;
    this.kind = 'int';
    this.value = value;
    this.pos = this.stop = at;
    return true;
  }

  private string(pos: number, quote: number): void {
    const { source } = this;
    const mark = quote === 34 ? '"' : "'";
    let at = source.indexOf(mark, pos + 1);
    let escaped = false;
    if (this.backslash <= pos) {
      const slash = source.indexOf('\\', pos + 1);
      this.backslash = slash === -1 ? source.length : slash;
    }
    if (this.backslash < (at === -1 ? source.length : at)) {
      escaped = true;
      at = this.backslash;
      for (; at < source.length; at++) {
        const c = source.charCodeAt(at);
        if (c === 92) at++;
        else if (c === quote) break;
      }
    }
    if (at === -1 || at >= this.limit) fail('jinja-unclosed-string', { quote: mark }, { at: span(this.file, pos, pos + 1) });
    const raw = source.slice(pos + 1, at);
    this.kind = 'string';
    this.pos = this.stop = at + 1;
    const text = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
    this.value = escaped ? this.unescaped(text, pos) : text;
  }

  /** Python's escapes; an unknown one is kept as written. */
  private unescaped(text: string, at: number): string {
    return text.replace(
      /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
      (whole, octal?: string, hex?: string, u4?: string, u8?: string, char?: string) => {
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        const code = hex ?? u4 ?? u8;
        if (code !== undefined) {
          const point = Number.parseInt(code, 16);
          if (point > 0x10ffff) fail('jinja-syntax', { problem: `\`${whole}\` is no character` }, { at: span(this.file, at, this.stop) });
          return String.fromCodePoint(point);
        }
        switch (char) {
          case 'n':
            return '\n';
          case 't':
            return '\t';
          case 'r':
            return '\r';
          case '\\':
          case "'":
          case '"':
            return char;
          case '\n':
            return '';
          case 'a':
            return '\x07';
          case 'b':
            return '\b';
          case 'f':
            return '\f';
          case 'v':
            return '\v';
          case 'x':
          case 'u':
          case 'U':
          case 'N':
            return fail(
              'jinja-syntax',
              { problem: `\`\\${char}\` is an incomplete escape` },
              { at: span(this.file, at, this.stop), hint: 'write `\\\\` for a backslash' },
            );
          default:
            return whole;
        }
      },
    );
  }

  private operator(pos: number, c: number): void {
    const { source } = this;
    const after = source.charCodeAt(pos + 1);
    if ((c === 125 || c === 37 || c === 45 || c === 43) && this.brackets.length === 0 && this.ends(pos, c)) return;
    const open = this.brackets.at(-1);
    if (c === 37 && after === 125 && open !== undefined) this.mismatch(open, pos, '%}');
    let kind = singles[c];
    let length = 1;
    if (after === 61) {
      const two = c === 61 ? '==' : c === 33 ? '!=' : c === 60 ? '<=' : c === 62 ? '>=' : undefined;
      if (two !== undefined) {
        kind = two;
        length = 2;
      }
    } else if (after === c && (c === 42 || c === 47)) {
      kind = c === 42 ? '**' : '//';
      length = 2;
    }
    if (kind === undefined) this.unexpected(pos);
    if (c === 40 || c === 91 || c === 123) this.brackets.push(pos);
    else if (c === 41 || c === 93 || c === 125) this.close(pos, kind);
    this.kind = kind;
    this.pos = this.stop = pos + length;
  }

  /** Takes the tag's closing mark, with its sign, where it stands at `pos`. */
  private ends(pos: number, c: number): boolean {
    const { source, closing } = this;
    const signed = c === 45 || (c === 43 && closing === '%}');
    if (!source.startsWith(closing, signed ? pos + 1 : pos)) return false;
    this.kind = 'end';
    this.pos = this.stop = pos + (signed ? 3 : 2);
    if (c === 45) this.skipSpace();
    return true;
  }

  private close(pos: number, kind: TokenKind): void {
    const open = this.brackets.pop();
    if (open === undefined) fail('jinja-syntax', { problem: `unexpected \`${kind}\`` }, { at: span(this.file, pos, pos + 1) });
    if (closers[this.source.charAt(open) as keyof typeof closers] === kind) return;
    this.mismatch(open, pos, this.source.startsWith(this.closing, pos) ? this.closing : kind);
  }

  /** `found` is what stands at `pos` instead of the bracket's partner; empty at the end of the file. */
  private mismatch(open: number, pos: number, found: string): never {
    const char = this.source.charAt(open) as keyof typeof closers;
    const related = [{ message: `\`${char}\` stands here`, at: span(this.file, open, open + 1) }];
    const shown = found === '' ? 'the end of the file' : `\`${found}\``;
    fail('jinja-unclosed-bracket', { open: char, close: closers[char], found: shown }, { at: span(this.file, pos, pos + found.length), related });
  }

  /** The file ends inside a tag: the innermost open bracket is the likelier mistake. */
  private unclosed(): never {
    const open = this.brackets.at(-1);
    if (open !== undefined) this.mismatch(open, this.limit, '');
    fail('jinja-unclosed-tag', { open: this.closing === '%}' ? '{%' : '{{', close: this.closing }, { at: span(this.file, this.opened, this.opened + 2) });
  }

  private unexpected(pos: number): never {
    const char = String.fromCodePoint(this.source.codePointAt(pos) ?? 0);
    const hint = char === '!' ? 'write `not` for negation' : char === '&' ? 'write `and`' : undefined;
    fail('jinja-syntax', { problem: `unexpected character \`${char}\`` }, { at: span(this.file, pos, pos + char.length), hint });
  }

  /** Whether the character after the current token is a single `=`: the mark of a keyword argument. */
  assignAhead(): boolean {
    let at = this.pos;
    while (isSpace(this.source, at)) at++;
    return this.source.charCodeAt(at) === 61 && this.source.charCodeAt(at + 1) !== 61;
  }

  /** How a message names the current token. */
  describe(): string {
    switch (this.kind) {
      case 'end':
        return 'the end of the tag';
      case 'string':
        return 'a string';
      default:
        return `\`${this.source.slice(this.start, this.stop)}\``;
    }
  }
}

function isSpace(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c < 128 ? classes[c] === 4 : c > 128 && /\s|\x85/.test(text.charAt(at));
}
