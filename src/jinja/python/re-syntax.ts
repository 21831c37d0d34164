import { PyError } from '../value.ts';
import { SPACE } from './text.ts';

/** The bits of Python's `re` flags. */
export const FLAGS = { IGNORECASE: 2, LOCALE: 4, MULTILINE: 8, DOTALL: 16, UNICODE: 32, VERBOSE: 64, DEBUG: 128, ASCII: 256 } as const;

const letters: Readonly<Record<string, number>> = {
  i: FLAGS.IGNORECASE,
  L: FLAGS.LOCALE,
  m: FLAGS.MULTILINE,
  s: FLAGS.DOTALL,
  u: FLAGS.UNICODE,
  x: FLAGS.VERBOSE,
  a: FLAGS.ASCII,
};

/** A Python pattern as a JavaScript one. */
export interface Translated {
  /** Source for a RegExp with the flag `v`. */
  readonly source: string;
  readonly flags: number;
  /** The JavaScript group of each Python group, from 1 on (the first entry is 0, the match). */
  readonly groups: readonly number[];
  readonly names: ReadonlyMap<string, number>;
  /** When each Python group closes: the order of their closing parentheses. */
  readonly closing: readonly number[];
  /** Whether an empty match may be found where a longer one is possible (lazy parts, alternatives). */
  readonly prefersEmpty: boolean;
}

/** A `re.error`. */
export function patternError(message: string, at: number): PyError {
  return new PyError('error', `${message} at position ${at}`);
}

/** Translates Python's regular expression syntax; raises `re.error`. Conditional groups are not supported. */
export function translate(pattern: string, flags: number): Translated {
  return new Translator(pattern, flags).run();
}

const simple: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

function literal(ch: string, ignoreCase: boolean): string {
  const one = (c: string): string => (/^[A-Za-z0-9_]$/.test(c) ? c : `\\u{${(c.codePointAt(0) as number).toString(16)}}`);
  if (!ignoreCase) return one(ch);
  const forms = new Set([ch, ch.toLowerCase(), ch.toUpperCase()].filter((form) => [...form].length === 1));
  return forms.size === 1 ? one(ch) : `[${[...forms].map(one).join('')}]`;
}

class Translator {
  private at = 0;
  private readonly chars: readonly string[];
  private flags: number;
  private readonly globalFlags: number;
  private atomics = 0;
  private count = 0;
  private prefersEmpty = false;
  private readonly closing: number[] = [0];
  private closed = 0;
  private readonly names = new Map<string, number>();
  private readonly open = new Set<number>();

  constructor(text: string, flags: number) {
    this.chars = Array.from(text);
    let all = flags;
    let end = 0;
    // Global flags may come in several groups, as long as nothing else is before them but what a verbose pattern skips.
    for (const [blank, head] = [/(?:\s|#[^\n]*)*/y, /\(\?([aiLmsux]+)\)/y]; ; end = head.lastIndex) {
      blank.lastIndex = end;
      if ((all & FLAGS.VERBOSE) !== 0) end += blank.exec(text)?.[0].length ?? 0;
      head.lastIndex = end;
      const group = head.exec(text)?.[1];
      if (group === undefined) break;
      for (const letter of group) all |= letters[letter] as number;
    }
    this.at = Array.from(text.slice(0, end)).length;
    if ((all & FLAGS.ASCII) === 0) all |= FLAGS.UNICODE;
    this.flags = all;
    this.globalFlags = all;
  }

  run(): Translated {
    const source = this.alternatives();
    if (this.at < this.chars.length) throw patternError('unbalanced parenthesis', this.at);
    return { source, flags: this.globalFlags, groups: this.numbers(source), names: this.names, closing: this.closing, prefersEmpty: this.prefersEmpty };
  }

  /** The JavaScript number of each Python group: groups made for atomic parts lie between them. */
  private numbers(source: string): number[] {
    const out = [0];
    let at = 0;
    for (const m of source.matchAll(/\(\?<(g|a)(\d+)>/g)) {
      at++;
      if (m[1] === 'g') out[Number(m[2])] = at;
    }
    return out;
  }

  private has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  private alternatives(): string {
    let out = '';
    for (this.skip(); this.at < this.chars.length && this.chars[this.at] !== ')'; this.skip()) {
      if (this.chars[this.at] === '|') {
        out += '|';
        this.at++;
        this.prefersEmpty = true;
        continue;
      }
      out += this.quantified();
    }
    return out;
  }

  /** Goes past comments and, in verbose patterns, space. */
  private skip(): void {
    const to = (end: string): void => {
      while (this.at < this.chars.length && this.chars[this.at] !== end) this.at++;
    };
    for (;;) {
      const ch = this.chars[this.at];
      if (ch === '(' && this.chars[this.at + 1] === '?' && this.chars[this.at + 2] === '#') {
        const start = this.at;
        to(')');
        if (this.at >= this.chars.length) throw patternError('missing ), unterminated comment', start);
        this.at++;
      } else if (ch === undefined || !this.has(FLAGS.VERBOSE)) return;
      else if (/[ \t\n\r\v\f]/.test(ch)) this.at++;
      else if (ch === '#') to('\n');
      else return;
    }
  }

  private quantified(): string {
    const ch = this.chars[this.at] as string;
    if (ch === '*' || ch === '+' || ch === '?' || (ch === '{' && this.quantifier(false) !== undefined)) throw patternError('nothing to repeat', this.at);
    const position = ch === '^' || ch === '$' || (ch === '\\' && /[AZbB]/.test(this.chars[this.at + 1] ?? ''));
    let out = this.atom();
    this.skip();
    const from = this.at;
    const repeat = this.quantifier(true);
    if (repeat === undefined) return out;
    if (position) throw patternError('nothing to repeat', from);
    // An assertion cannot be repeated in JavaScript unless it stands in a group.
    out = /^\(\?<?[=!]/.test(out) ? `(?:${out})` : out;
    const mode = this.chars[this.at];
    if (mode === '+' || mode === '?') this.at++;
    if (mode === '?') this.prefersEmpty = true;
    this.skip();
    const next = this.chars[this.at];
    if (next === '*' || next === '+' || next === '?' || (next === '{' && this.quantifier(false) !== undefined)) throw patternError('multiple repeat', this.at);
    if (mode === '+') return this.atomic(`${out}${repeat}`);
    return `${out}${repeat}${mode === '?' ? '?' : ''}`;
  }

  /** Reads `*`, `+`, `?` or `{m,n}`; a brace that is none of these is plain text. */
  private quantifier(take: boolean): string | undefined {
    const ch = this.chars[this.at];
    if (ch === '*' || ch === '+' || ch === '?') {
      if (take) this.at++;
      return ch;
    }
    if (ch !== '{') return undefined;
    const rest = this.chars.slice(this.at, this.at + 24).join('');
    const m = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (m === null || (m[1] === '' && m[2] === '')) return undefined;
    const [whole, low, comma, high] = m as unknown as [string, string, string, string];
    if (low !== '' && high !== '' && Number(low) > Number(high)) throw patternError('min repeat greater than max repeat', this.at + 1);
    if (take) this.at += whole.length;
    return `{${low === '' ? '0' : low}${comma}${high}}`;
  }

  /** Keeps what the source matches first: a lookahead never gives back, and the reference repeats what it saw. */
  private atomic(source: string): string {
    const name = `a${++this.atomics}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }

  private atom(): string {
    const ch = this.chars[this.at] as string;
    switch (ch) {
      case '(':
        return this.group();
      case '[':
        return this.set();
      case '\\':
        return this.escape();
      case '.':
        this.at++;
        return this.has(FLAGS.DOTALL) ? '[\\s\\S]' : '[^\\n]';
      case '^':
        this.at++;
        return this.has(FLAGS.MULTILINE) ? '(?:^|(?<=\\n))' : '(?:^)';
      case '$':
        this.at++;
        return this.has(FLAGS.MULTILINE) ? '(?=\\n|$)' : '(?=\\n?$)';
      default:
        this.at++;
        return this.literal(ch);
    }
  }

  private literal(ch: string): string {
    return literal(ch, this.has(FLAGS.IGNORECASE) && (this.globalFlags & FLAGS.IGNORECASE) === 0);
  }

  private group(): string {
    const start = this.at++;
    if (this.chars[this.at] !== '?') return this.capture(undefined, start);
    this.at++;
    const ch = this.chars[this.at++];
    if (ch === 'P') return this.named(start);
    if (ch === ':') return `(?:${this.body(start)})`;
    if (ch === '=' || ch === '!') return `(?${ch}${this.body(start)})`;
    if (ch === '>') return this.atomic(this.body(start));
    if (ch === '<') {
      const kind = this.chars[this.at++];
      if (kind !== '=' && kind !== '!') throw patternError(`unknown extension ?<${kind ?? ''}`, start + 1);
      return `(?<${kind}${this.body(start)})`;
    }
    if (ch === '(') throw patternError('conditional groups are not supported', start);
    if (ch !== undefined && /[aiLmsux-]/.test(ch)) return this.scoped(start);
    throw ch === undefined ? patternError('unexpected end of pattern', this.at - 1) : patternError(`unknown extension ?${ch}`, start + 1);
  }

  private body(start: number): string {
    const flags = this.flags;
    const source = this.alternatives();
    if (this.chars[this.at] !== ')') throw patternError('missing ), unterminated subpattern', start);
    this.at++;
    this.flags = flags;
    return source;
  }

  /** `(?i:...)`, `(?-i:...)`: flags for the part in the group only. */
  private scoped(start: number): string {
    const m = /^([aiLmsux]*)(?:-([imsx]+))?([:)])/.exec(this.chars.slice(this.at - 1, this.at + 14).join(''));
    if (m === null) throw patternError('unknown flag', this.at);
    if (m[3] === ')') throw patternError('global flags not at the start of the expression', start);
    const before = this.flags;
    this.at += m[0].length - 1;
    for (const letter of m[1] as string) this.flags |= letters[letter] as number;
    for (const letter of m[2] ?? '') this.flags &= ~(letters[letter] as number);
    const source = this.body(start);
    this.flags = before;
    return `(?:${source})`;
  }

  private capture(name: string | undefined, start: number): string {
    const index = ++this.count;
    if (name !== undefined) {
      if (this.names.has(name)) throw patternError(`redefinition of group name '${name}' as group ${index}; was group ${this.names.get(name)}`, start + 4);
      this.names.set(name, index);
    }
    this.open.add(index);
    const source = this.body(start);
    this.open.delete(index);
    this.closing[index] = ++this.closed;
    return `(?<g${index}>${source})`;
  }

  private named(start: number): string {
    const ch = this.chars[this.at++];
    const end = this.chars.indexOf(ch === '=' ? ')' : '>', this.at);
    if (ch !== '<' && ch !== '=') throw patternError(`unknown extension ?P${ch ?? ''}`, start + 1);
    if (end < 0) throw patternError(ch === '=' ? 'missing ), unterminated name' : 'missing >, unterminated name', this.at);
    const name = this.chars.slice(this.at, end).join('');
    if (!/^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name))
      throw patternError(name === '' ? 'missing group name' : `bad character in group name '${name}'`, this.at);
    this.at = end + 1;
    if (ch === '<') return this.capture(name, start);
    const index = this.names.get(name);
    if (index === undefined) throw patternError(`unknown group name '${name}'`, start + 4);
    return this.reference(index, start);
  }

  private reference(index: number, at: number): string {
    if (index === 0 || index > this.count) throw patternError(`invalid group reference ${index}`, at + 1);
    if (this.open.has(index)) throw patternError('cannot refer to an open group', at);
    return `\\k<g${index}>`;
  }

  private wordClass(): string {
    return this.has(FLAGS.ASCII) ? 'a-zA-Z0-9_' : '\\p{L}\\p{N}_';
  }

  /** `\d`, `\W` and so on: the class body, and whether it is turned round. */
  private category(ch: string): readonly [string, boolean] | undefined {
    const ascii = this.has(FLAGS.ASCII);
    switch (ch.toLowerCase()) {
      case 'd':
        return [ascii ? '0-9' : '\\p{Nd}', ch === 'D'];
      case 'w':
        return [this.wordClass(), ch === 'W'];
      case 's':
        return [ascii ? '\\t-\\r\\x20' : SPACE, ch === 'S'];
      default:
        return undefined;
    }
  }

  private escape(): string {
    const start = this.at++;
    const ch = this.chars[this.at];
    if (ch === undefined) throw patternError('bad escape (end of pattern)', start);
    const category = this.category(ch);
    if (category !== undefined && !'VXZ'.includes(ch)) {
      this.at++;
      return `[${category[1] ? '^' : ''}${category[0]}]`;
    }
    if (ch === 'A' || ch === 'Z' || ch === 'b' || ch === 'B') {
      this.at++;
      if (ch === 'A') return '(?:^)';
      if (ch === 'Z') return '(?:$)';
      const word = `[${this.wordClass()}]`;
      return ch === 'b' ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))` : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
    }
    if (/[1-9]/.test(ch)) {
      const digits = /^(?:[0-3][0-7]{2}|\d{1,2})/.exec(this.chars.slice(this.at, this.at + 3).join('')) as RegExpExecArray;
      this.at += digits[0].length;
      if (digits[0].length === 3) return this.literal(String.fromCodePoint(Number.parseInt(digits[0], 8)));
      return this.reference(Number(digits[0]), start);
    }
    return this.literal(String.fromCodePoint(this.codeEscape(start)));
  }

  /** The character an escape stands for, inside and outside of sets. */
  private codeEscape(start: number): number {
    const ch = this.chars[this.at++] as string;
    const code = simple[ch];
    if (code !== undefined) return code;
    if (ch === '0') {
      const digits = (/^[0-7]{0,2}/.exec(this.chars.slice(this.at, this.at + 2).join('')) as RegExpExecArray)[0];
      this.at += digits.length;
      return digits === '' ? 0 : Number.parseInt(digits, 8);
    }
    const size = ch === 'x' ? 2 : ch === 'u' ? 4 : ch === 'U' ? 8 : 0;
    if (size > 0) {
      const hex = this.chars.slice(this.at, this.at + size).join('');
      if (hex.length < size || !/^[0-9a-fA-F]+$/.test(hex)) throw patternError(`incomplete escape \\${ch}${/^[0-9a-fA-F]*/.exec(hex)?.[0] ?? ''}`, start);
      this.at += size;
      return Number.parseInt(hex, 16);
    }
    if (/[A-Za-z]/.test(ch)) throw patternError(`bad escape \\${ch}`, start);
    return ch.codePointAt(0) as number;
  }

  private set(): string {
    const start = this.at++;
    const negated = this.chars[this.at] === '^';
    if (negated) this.at++;
    let out = '';
    let first = true;
    for (;;) {
      const ch = this.chars[this.at];
      if (ch === undefined) throw patternError('unterminated character set', start);
      if (ch === ']' && !first) break;
      first = false;
      out += this.setItem(start);
    }
    this.at++;
    return `[${negated ? '^' : ''}${out}]`;
  }

  private setItem(start: number): string {
    const from = this.at;
    const low = this.setChar(start);
    if (this.chars[this.at] !== '-' || this.chars[this.at + 1] === ']' || this.chars[this.at + 1] === undefined)
      return typeof low === 'number' ? this.setLiteral(low) : low;
    this.at++;
    const high = this.setChar(start);
    const range = this.chars.slice(from, this.at).join('');
    if (typeof low !== 'number' || typeof high !== 'number') throw patternError(`bad character range ${range}`, from);
    if (low > high) throw patternError(`bad character range ${range}`, from);
    const scopedCase = this.has(FLAGS.IGNORECASE) && (this.globalFlags & FLAGS.IGNORECASE) === 0;
    const plain = `\\u{${low.toString(16)}}-\\u{${high.toString(16)}}`;
    if (!scopedCase) return plain;
    const shifted = (pattern: RegExp, by: number): string => {
      const a = Math.max(low, by > 0 ? 65 : 97);
      const b = Math.min(high, by > 0 ? 90 : 122);
      return a <= b && pattern.test(String.fromCharCode(a)) ? `\\u{${(a + by).toString(16)}}-\\u{${(b + by).toString(16)}}` : '';
    };
    return plain + shifted(/[A-Z]/, 32) + shifted(/[a-z]/, -32);
  }

  private setLiteral(code: number): string {
    const ch = String.fromCodePoint(code);
    return this.has(FLAGS.IGNORECASE) && (this.globalFlags & FLAGS.IGNORECASE) === 0 ? literal(ch, true) : literal(ch, false);
  }

  private setChar(start: number): number | string {
    const ch = this.chars[this.at];
    if (ch === undefined) throw patternError('unterminated character set', start);
    if (ch !== '\\') {
      this.at++;
      return ch.codePointAt(0) as number;
    }
    const from = this.at++;
    const next = this.chars[this.at];
    if (next === undefined) throw patternError('bad escape (end of pattern)', from);
    const category = this.category(next);
    if (category !== undefined) {
      this.at++;
      return `[${category[1] ? '^' : ''}${category[0]}]`;
    }
    if (next === 'b') {
      this.at++;
      return 8;
    }
    if (/[0-7]/.test(next)) {
      const digits = (/^[0-7]{1,3}/.exec(this.chars.slice(this.at, this.at + 3).join('')) as RegExpExecArray)[0];
      this.at += digits.length;
      return Number.parseInt(digits, 8);
    }
    return this.codeEscape(from);
  }
}
