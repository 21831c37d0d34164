import { type BinaryOp, Obj, PyError, type Value } from '../value.ts';
import { Bound, type Method, nullary } from './arguments.ts';
import { index, isInt, typeError } from './core.ts';
import { pick } from './slices.ts';

/** Python bytes: what `str.encode()` gives. */
export class Bytes extends Obj {
  readonly typeName = 'bytes';
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    super();
    this.data = data;
  }
  /** `text.encode(encoding, errors)` for UTF-8, ASCII and Latin-1. */
  static encode(text: string, encoding = 'utf-8', errors = 'strict'): Bytes {
    const name = encoding.toLowerCase().replaceAll(/[-_ ]/g, '');
    if (name === 'utf8') return new Bytes(new Uint8Array(Buffer.from(text, 'utf8')));
    const limit = name === 'ascii' || name === 'usascii' ? 128 : name === 'latin1' || name === 'iso88591' ? 256 : 0;
    if (limit === 0) throw new PyError('LookupError', `unknown encoding: ${encoding}`);
    const out: number[] = [];
    let at = 0;
    for (const ch of text) {
      const code = ch.codePointAt(0) as number;
      if (code < limit) out.push(code);
      else if (errors === 'replace') out.push(63);
      else if (errors !== 'ignore') {
        const shown = code < 256 ? `\\x${code.toString(16)}` : `\\u${code.toString(16).padStart(4, '0')}`;
        throw new PyError(
          'UnicodeEncodeError',
          `'${limit === 128 ? 'ascii' : 'latin-1'}' codec can't encode character '${shown}' in position ${at}: ordinal not in range(${limit})`,
        );
      }
      at++;
    }
    return new Bytes(Uint8Array.from(out));
  }
  override attr(name: string): Value | undefined {
    const method = methods.get(name);
    return method === undefined ? undefined : new Bound<Bytes>(this, name, method);
  }
  override length(): number {
    return this.data.length;
  }
  override iterate(): Iterable<Value> {
    return this.data;
  }
  override reverse(): Iterable<Value> {
    return [...this.data].reverse();
  }
  override item(key: Value): Value | undefined {
    const i = index(key);
    return i === undefined ? undefined : this.data.at(i);
  }
  override contains(item: Value): boolean {
    if (item instanceof Bytes) return Buffer.from(this.data).includes(Buffer.from(item.data));
    if (!isInt(item)) throw typeError('a bytes-like object is required');
    return this.data.includes(Number(item));
  }
  slice(indices: readonly [number, number, number]): Bytes {
    return new Bytes(Uint8Array.from(pick(this.data, indices)));
  }
  override equals(other: Value): boolean {
    return other instanceof Bytes && Buffer.compare(this.data, other.data) === 0;
  }
  override hashKey(): unknown {
    return `\0b${Buffer.from(this.data).toString('latin1')}`;
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (op === '+' && !reflected && other instanceof Bytes) return new Bytes(Uint8Array.from([...this.data, ...other.data]));
    return undefined;
  }
  override repr(): string {
    let text = '';
    for (const byte of this.data) {
      const ch = String.fromCharCode(byte);
      if (ch === '\\') text += '\\\\';
      else if (byte >= 32 && byte < 127) text += ch;
      else text += ({ 9: '\\t', 10: '\\n', 13: '\\r' } as Record<number, string>)[byte] ?? `\\x${byte.toString(16).padStart(2, '0')}`;
    }
    if (text.includes("'") && !text.includes('"')) return `b"${text}"`;
    return `b'${text.replaceAll("'", "\\'")}'`;
  }
}

const hex = (self: Bytes): string => Buffer.from(self.data).toString('hex');

function decode(self: Bytes, encoding: string): string {
  const name = encoding.toLowerCase().replaceAll(/[-_ ]/g, '');
  if (name === 'latin1' || name === 'iso88591') return Buffer.from(self.data).toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(self.data);
  } catch {
    throw new PyError('UnicodeDecodeError', "'utf-8' codec can't decode the bytes");
  }
}

const methods: ReadonlyMap<string, Method<Bytes>> = new Map<string, Method<Bytes>>([
  ['decode', (self, args) => decode(self, String(args.positional[0] ?? args.named.get('encoding') ?? 'utf-8'))],
  ['hex', nullary('bytes.hex', (self) => hex(self))],
]);
