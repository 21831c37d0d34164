import type { Value } from '../value.ts';
import { Bytes } from './bytes.ts';
import { isInt, normal, toInt } from './core.ts';
import { Dict } from './dict.ts';
import { Float } from './float.ts';
import { parseFloatText, parseInteger } from './integer.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';

/** Raised inside the reader for text that is no literal. */
class NotLiteral extends Error {}

/** `ast.literal_eval(text)`: a literal of numbers, text, bytes, containers, True, False, None; undefined where the text is none. */
export function literalEval(text: string): Value | undefined {
  // Most texts are plain words: they need no reader.
  const source = text.replace(/^[ \t]+/, '');
  if (!/^[-+0-9.'"([{TFNsrRbBuU#\\]/.test(source)) return undefined;
  try {
    const reader = new Reader(source);
    const value = reader.tupleOrValue();
    reader.space(true);
    return reader.at === source.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotLiteral || (error instanceof Error && error.name === 'PyError')) return undefined;
    throw error;
  }
}

const number =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?)/y;
const stringStart = /([rR]?[bB]?|[bB][rR]|[uU])("""|'''|"|')/y;

const escapes: Readonly<Record<string, string>> = { '\n': '', '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A cursor over Python source. */
class Reader {
  at = 0;
  private readonly text: string;
  private depth = 0;
  constructor(text: string) {
    this.text = text;
  }
  /** Skips space; inside brackets (and at the very end) line ends and comments too. */
  space(lines = this.depth > 0): void {
    const pattern = lines ? /(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*)*/y : /(?:[ \t\f]|\\\r?\n)*/y;
    pattern.lastIndex = this.at;
    pattern.exec(this.text);
    this.at = pattern.lastIndex;
  }
  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const m = pattern.exec(this.text);
    if (m !== null) this.at = pattern.lastIndex;
    return m;
  }
  private take(ch: string): boolean {
    this.space();
    if (this.text[this.at] !== ch) return false;
    this.at++;
    return true;
  }
  /** A value, or values with commas between them, which make a tuple. */
  tupleOrValue(): Value {
    const first = this.value();
    if (!this.take(',')) return first;
    const items = [first];
    for (;;) {
      this.space();
      const ch = this.text[this.at];
      if (ch === undefined || ch === ')' || ch === '\n' || ch === '#') return new Tuple(items);
      items.push(this.value());
      if (!this.take(',')) return new Tuple(items);
    }
  }
  private value(): Value {
    this.space();
    const ch = this.text[this.at];
    if (ch === '-' || ch === '+') return this.signed(ch);
    if (ch === '[' || ch === '(' || ch === '{') {
      if (++this.depth > 200) throw new NotLiteral();
      this.at++;
      const value = ch === '[' ? this.items(']') : ch === '(' ? this.group() : this.braces();
      this.depth--;
      return value;
    }
    stringStart.lastIndex = this.at;
    if (stringStart.test(this.text)) return this.strings();
    const m = this.match(number);
    if (m !== null && m[0] !== '') {
      if (/[\p{XID_Continue}]/u.test(this.text[this.at] ?? '')) throw new NotLiteral();
      return numberValue(m[0]);
    }
    const word = this.match(/[A-Za-z_]\w*/y)?.[0];
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    if (word === 'set' && this.take('(') && this.take(')')) return new PySet();
    throw new NotLiteral();
  }
  private signed(sign: string): Value {
    this.at++;
    const operand = this.value();
    if (operand instanceof Float) return sign === '-' ? new Float(-operand.value) : operand;
    if (typeof operand === 'boolean' || !isInt(operand)) throw new NotLiteral();
    const n = toInt(operand);
    return sign === '-' ? normal(-BigInt(n)) : n;
  }
  private items(close: string): Value[] {
    const out: Value[] = [];
    while (!this.take(close)) {
      out.push(this.value());
      if (this.take(',')) continue;
      if (this.take(close)) return out;
      throw new NotLiteral();
    }
    return out;
  }
  private group(): Value {
    if (this.take(')')) return new Tuple([]);
    const value = this.tupleOrValue();
    if (!this.take(')')) throw new NotLiteral();
    return value;
  }
  private braces(): Value {
    if (this.take('}')) return new Dict();
    const first = this.value();
    if (this.take(':')) {
      const dict = new Dict().set(first, this.value());
      while (this.take(',')) {
        this.space();
        if (this.text[this.at] === '}') break;
        const key = this.value();
        if (!this.take(':')) throw new NotLiteral();
        dict.set(key, this.value());
      }
      if (!this.take('}')) throw new NotLiteral();
      return dict;
    }
    if (this.take('}')) return new PySet([first]);
    if (!this.take(',')) throw new NotLiteral();
    return new PySet([first, ...this.items('}')]);
  }
  private strings(): Value {
    let text: string | undefined;
    let bytes: string | undefined;
    for (;;) {
      const m = this.match(stringStart);
      if (m === null) break;
      const prefix = (m[1] as string).toLowerCase();
      const part = this.body(m[2] as string, prefix.includes('r'), prefix.includes('b'));
      if (prefix.includes('b')) bytes = (bytes ?? '') + part;
      else text = (text ?? '') + part;
      this.space();
    }
    if (text !== undefined && bytes !== undefined) throw new NotLiteral();
    if (bytes === undefined) return text as string;
    if (/[^\0-\xff]/.test(bytes)) throw new NotLiteral();
    return new Bytes(Uint8Array.from(Buffer.from(bytes, 'latin1')));
  }
  private body(mark: string, raw: boolean, bytes: boolean): string {
    let out = '';
    for (;;) {
      if (this.text.startsWith(mark, this.at)) {
        this.at += mark.length;
        return out;
      }
      const ch = this.text[this.at];
      if (ch === undefined || (mark.length === 1 && ch === '\n')) throw new NotLiteral();
      this.at++;
      if (ch !== '\\') out += ch;
      else if (raw) out += ch + (this.text[this.at++] ?? '');
      else out += this.escape(bytes);
    }
  }
  private escape(bytes: boolean): string {
    const ch = this.text[this.at++];
    if (ch === undefined) throw new NotLiteral();
    const plain = escapes[ch];
    if (plain !== undefined) return plain;
    if (ch >= '0' && ch <= '7') {
      this.at--;
      return String.fromCharCode(Number.parseInt((this.match(/[0-7]{1,3}/y) as RegExpExecArray)[0], 8) & (bytes ? 0xff : 0xfff));
    }
    const size = ch === 'x' ? 2 : bytes ? 0 : ch === 'u' ? 4 : ch === 'U' ? 8 : 0;
    if (size === 0) {
      if (ch === 'N' && !bytes) throw new NotLiteral();
      return `\\${ch}`;
    }
    const hex = this.text.slice(this.at, this.at + size);
    if (hex.length !== size || !/^[0-9a-fA-F]+$/.test(hex) || Number.parseInt(hex, 16) > 0x10ffff) throw new NotLiteral();
    this.at += size;
    return String.fromCodePoint(Number.parseInt(hex, 16));
  }
}

function numberValue(text: string): Value {
  const whole = /^0[xXoObB]/.test(text) || !/[.eE]/.test(text);
  const n = whole ? parseInteger(text, 0) : parseFloatText(text);
  if (n === undefined) throw new NotLiteral();
  return whole ? n : new Float(Number(n));
}
