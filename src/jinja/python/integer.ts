import { type BinaryOp, PyError, type Value } from '../value.ts';
import { normal, valueError } from './core.ts';
import { divideExact, Float, floatPower, toFloat } from './float.ts';

type Int = number | bigint;

/** The largest result of `int ** int` or a shift, in bits; beyond it a template would only burn time. */
const MAX_BITS = 1 << 20;

/** `a op b` of ints. */
export function intOperate(op: BinaryOp, a: Int, b: Int): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    switch (op) {
      case '+': {
        const sum = a + b;
        if (Number.isSafeInteger(sum)) return sum;
        break;
      }
      case '-': {
        const difference = a - b;
        if (Number.isSafeInteger(difference)) return difference;
        break;
      }
      case '*': {
        const product = a * b;
        if (Number.isSafeInteger(product)) return product === 0 ? 0 : product;
        break;
      }
      case '/':
        if (b === 0) throw new PyError('ZeroDivisionError', 'division by zero');
        return new Float(a / b);
      case '%':
        return smallModulo(a, b);
      case '//': {
        const top = a - smallModulo(a, b, 'integer division or modulo by zero');
        if (Number.isSafeInteger(top)) return top / b + 0;
        break;
      }
      default:
        break;
    }
  }
  return bigOperate(op, BigInt(a), BigInt(b));
}

function smallModulo(a: number, b: number, message = 'integer modulo by zero'): number {
  if (b === 0) throw new PyError('ZeroDivisionError', message);
  const rest = a % b;
  return rest === 0 ? 0 : rest < 0 !== b < 0 ? rest + b : rest;
}

/** `divmod(a, b)` by the floor. */
export function floorDivide(a: bigint, b: bigint, message = 'integer division or modulo by zero'): [bigint, bigint] {
  if (b === 0n) throw new PyError('ZeroDivisionError', message);
  const quotient = a / b;
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? [quotient - 1n, rest + b] : [quotient, rest];
}

function bigOperate(op: BinaryOp, a: bigint, b: bigint): Value {
  switch (op) {
    case '+':
      return normal(a + b);
    case '-':
      return normal(a - b);
    case '*':
      if (a > WIDE || a < -WIDE || b > WIDE || b < -WIDE) boundBits(bitLength(a) + bitLength(b));
      return normal(a * b);
    case '/':
      if (b === 0n) throw new PyError('ZeroDivisionError', 'division by zero');
      return new Float(divideExact(a, b));
    case '//':
      return normal(floorDivide(a, b)[0]);
    case '%':
      return normal(floorDivide(a, b, 'integer modulo by zero')[1]);
    default:
      return power(a, b);
  }
}

function power(a: bigint, b: bigint): Value {
  if (b < 0n) return new Float(floatPower(toFloat(a), toFloat(b)));
  if (a === 0n || a === 1n) return b === 0n ? 1 : Number(a);
  if (a === -1n) return b % 2n === 0n ? 1 : -1;
  boundBits(b > BigInt(MAX_BITS) ? MAX_BITS + 1 : bitLength(a) * Number(b));
  return normal(a ** b);
}

/** Ints beyond this are counted before they are multiplied. */
const WIDE = 1n << 1024n;

/** The bits of an int, up to three too many. */
function bitLength(n: bigint): number {
  return (n < 0n ? -n : n).toString(16).length * 4;
}

function boundBits(bits: number): void {
  if (bits > MAX_BITS) throw new PyError('MemoryError', 'the number is too large');
}

const radixDigits: Readonly<Record<number, RegExp>> = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/ };
const prefixes: Readonly<Record<string, number>> = { '0b': 2, '0o': 8, '0x': 16 };

/** `int(text, base)`, or undefined where the text is no int; accepts signs, underscores and base prefixes as Python does. */
export function parseInteger(text: string, base = 10): Int | undefined {
  const m = /^([+-]?)(.+)$/su.exec(text);
  if (m === null) return undefined;
  let body = asciiDigits(m[2] as string).toLowerCase();
  const prefix = prefixes[body.slice(0, 2)];
  let radix = base;
  if (prefix !== undefined && (base === 0 || base === prefix)) {
    radix = prefix;
    body = body.slice(2).replace(/^_/, '');
  } else if (base === 0) {
    radix = 10;
    if (/^0[0_]*[1-9]/.test(body)) return undefined;
  }
  if (!/^[0-9a-z]+(_[0-9a-z]+)*$/.test(body)) return undefined;
  const digits = body.replaceAll('_', '');
  const pattern = radixDigits[radix];
  if (pattern !== undefined ? !pattern.test(digits) : [...digits].some((d) => Number.parseInt(d, 36) >= radix)) return undefined;
  const size = normal(parseDigits(digits, radix));
  return m[1] === '-' && size !== 0 ? -size : size;
}

function parseDigits(digits: string, radix: number): bigint {
  if (radix === 10) {
    if (digits.length > 4300)
      throw valueError(
        `Exceeds the limit (4300 digits) for integer string conversion: value has ${digits.length} digits; use sys.set_int_max_str_digits() to increase the limit`,
      );
    return BigInt(digits);
  }
  if (radix === 16) return BigInt(`0x${digits}`);
  if (radix === 8) return BigInt(`0o${digits}`);
  if (radix === 2) return BigInt(`0b${digits}`);
  let value = 0n;
  for (const digit of digits) value = value * BigInt(radix) + BigInt(Number.parseInt(digit, 36));
  return value;
}

/** Replaces other scripts' decimal digits by ASCII ones, as `int()` and `float()` read them. */
export function asciiDigits(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (ch) => (/\p{Nd}/u.test(ch) ? String(digitValue(ch)) : ch));
}

/** The value of a decimal digit: the blocks of ten digits begin where the character before is no digit. */
function digitValue(ch: string): number {
  const code = ch.codePointAt(0) as number;
  let first = code;
  while (code - first < 9 && /\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return (code - first) % 10;
}

/** `float(text)`, or undefined where the text is no float. */
export function parseFloatText(text: string): number | undefined {
  const body = asciiDigits(text).toLowerCase();
  const m = /^([+-]?)(inf|infinity|nan)$/.exec(body);
  if (m !== null) return m[2] === 'nan' ? Number.NaN : m[1] === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(body)) return undefined;
  return Number(body.replaceAll('_', ''));
}
