import { PyError, type Value } from '../value.ts';
import { intText, isInt, normal, str, toInt, typeError, typeName } from './core.ts';
import { Dict } from './dict.ts';
import { Float, floatText } from './float.ts';
import { boundPrinted } from './limits.ts';
import { asText } from './markup.ts';
import { sorted } from './order.ts';
import { Tuple } from './tuple.ts';

/** Options of {@link jsonDumps}, as Python's `json.dumps` has them. */
export interface JsonOptions {
  readonly sortKeys?: boolean;
  /** Spaces (or text) per level; absent or null for one line. */
  readonly indent?: number | string | null;
}

const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b' };

function quoted(text: string): string {
  return `"${text.replace(/["\\]|[^ -~]/g, (ch) => escapes[ch] ?? `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

function floatJson(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

function keyJson(key: Value): string {
  const text = asText(key);
  if (text !== undefined) return quoted(text);
  if (key instanceof Float) return quoted(floatJson(key.value));
  if (typeof key === 'boolean') return key ? '"true"' : '"false"';
  if (key === null) return '"null"';
  if (isInt(key)) return quoted(str(key));
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** `json.dumps(v)`; raises TypeError for what JSON cannot hold. */
export function jsonDumps(v: Value, options: JsonOptions = {}): string {
  const { indent, sortKeys = false } = options;
  const unit = indent === undefined || indent === null ? undefined : typeof indent === 'number' ? ' '.repeat(Math.max(0, indent)) : indent;
  return write(v, sortKeys, unit, '\n', []);
}

function write(v: Value, sortKeys: boolean, unit: string | undefined, line: string, around: readonly Value[]): string {
  if (typeof v === 'boolean') return v ? 'true' : 'false';
  if (v === null) return 'null';
  if (isInt(v)) return intText(toInt(v));
  if (v instanceof Float) return floatJson(v.value);
  const text = asText(v);
  if (text !== undefined) return quoted(text);
  const isList = Array.isArray(v) || v instanceof Tuple;
  if (!isList && !(v instanceof Dict)) throw typeError(`Object of type ${typeName(v)} is not JSON serializable`);
  if (around.includes(v)) throw new PyError('ValueError', 'Circular reference detected');
  const inside = [...around, v];
  const next = unit === undefined ? line : line + unit;
  const parts: string[] = [];
  let size = 0;
  const add = (part: string): void => {
    size += part.length;
    boundPrinted(size);
    parts.push(part);
  };
  if (v instanceof Dict) {
    const keys = sortKeys ? sorted(v.keys()) : [...v.keys()];
    for (const key of keys) add(`${keyJson(key)}: ${write(v.get(key) as Value, sortKeys, unit, next, inside)}`);
  } else {
    for (const item of Array.isArray(v) ? v : v.items) add(write(item, sortKeys, unit, next, inside));
  }
  const [open, close] = isList ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  if (unit === undefined) return `${open}${parts.join(', ')}${close}`;
  return `${open}${next}${parts.join(`,${next}`)}${line}${close}`;
}

/** `json.loads(text)`: ints and floats are kept apart; raises JSONDecodeError as Python words it. */
export function jsonLoads(text: string): Value {
  const reader = new Reader(text);
  reader.space();
  const value = reader.value();
  reader.space();
  if (reader.at < text.length) throw reader.error('Extra data');
  return value;
}

const words: readonly (readonly [string, () => Value])[] = [
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['NaN', () => new Float(Number.NaN)],
  ['Infinity', () => new Float(Number.POSITIVE_INFINITY)],
  ['-Infinity', () => new Float(Number.NEGATIVE_INFINITY)],
];

/** A cursor over JSON text. */
class Reader {
  at = 0;
  private readonly text: string;
  private depth = 0;
  constructor(text: string) {
    this.text = text;
  }
  error(message: string, at = this.at): PyError {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    return new PyError('JSONDecodeError', `${message}: line ${line} column ${at - before.lastIndexOf('\n')} (char ${at})`);
  }
  space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.at++;
    }
  }
  value(): Value {
    const ch = this.text[this.at];
    if (ch === '"') return this.string();
    if (ch === '{' || ch === '[') {
      if (++this.depth > 900) throw new PyError('RecursionError', 'maximum recursion depth exceeded while decoding a JSON document');
      const value = ch === '{' ? this.object() : this.array();
      this.depth--;
      return value;
    }
    for (const [word, make] of words) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return make();
      }
    }
    const number = /(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?/y;
    number.lastIndex = this.at;
    const m = number.exec(this.text);
    if (m === null) throw this.error('Expecting value');
    this.at = number.lastIndex;
    return m[2] === undefined && m[3] === undefined ? normal(BigInt(m[1] as string)) : new Float(Number(m[0]));
  }
  private string(): string {
    const start = this.at++;
    let out = '';
    for (;;) {
      const ch = this.text[this.at];
      if (ch === undefined) throw this.error('Unterminated string starting at', start);
      if (ch === '"') {
        this.at++;
        return out;
      }
      if (ch < ' ') throw this.error('Invalid control character at');
      if (ch !== '\\') {
        out += ch;
        this.at++;
        continue;
      }
      out += this.escape(start);
    }
  }
  private escape(start: number): string {
    const ch = this.text[this.at + 1];
    if (ch === undefined) throw this.error('Unterminated string starting at', start);
    if (ch === 'u') {
      const hex = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.error('Invalid \\uXXXX escape', this.at + 1);
      this.at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = ({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' } as Record<string, string>)[ch];
    if (plain === undefined) throw this.error('Invalid \\escape', this.at);
    this.at += 2;
    return plain;
  }
  private array(): Value[] {
    const items: Value[] = [];
    this.at++;
    this.space();
    if (this.text[this.at] === ']') {
      this.at++;
      return items;
    }
    for (;;) {
      this.space();
      items.push(this.value());
      this.space();
      const ch = this.text[this.at];
      if (ch !== ',' && ch !== ']') throw this.error("Expecting ',' delimiter");
      this.at++;
      if (ch === ']') return items;
    }
  }
  private object(): Dict {
    const dict = new Dict();
    this.at++;
    this.space();
    if (this.text[this.at] === '}') {
      this.at++;
      return dict;
    }
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw this.error('Expecting property name enclosed in double quotes');
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ':') throw this.error("Expecting ':' delimiter");
      this.at++;
      this.space();
      dict.set(key, this.value());
      this.space();
      const ch = this.text[this.at];
      if (ch !== ',' && ch !== '}') throw this.error("Expecting ',' delimiter");
      this.at++;
      if (ch === '}') return dict;
    }
  }
}
