import { Obj, PyError, type Value } from '../value.ts';
import { intText, isInt, normal, repr, slotName, str, toInt, typeError, valueError } from './core.ts';
import { exactDigits, exponentText, fixedText, generalText, scientific } from './digits.ts';
import { Float, toFloat } from './float.ts';
import { needSize, pad } from './spec.ts';
import { codeEscape, codeLength, codeSlice, quote } from './text.ts';
import { Tuple } from './tuple.ts';

/** How `%s` and `%r` print a value; Markup escapes here. */
export interface Show {
  readonly str: (v: Value) => string;
  readonly repr: (v: Value) => string;
}

const conversion = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S])?/gu;

interface Field {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/** `template % values`. */
export function percent(template: string, values: Value, show: Show = { str, repr }): string {
  if (!template.includes('%')) {
    if (values instanceof Tuple ? values.items.length > 0 : !isMapping(values)) throw leftOver();
    return template;
  }
  const queue = values instanceof Tuple ? values.items : [values];
  let used = 0;
  let keyed = false;
  const next = (): Value => {
    const value = queue[used];
    if (value === undefined) throw typeError('not enough arguments for format string');
    used++;
    return value;
  };
  const text = template.replace(
    conversion,
    (_whole, key: string | undefined, flags: string, width: string | undefined, precision: string | undefined, code: string | undefined, at: number) => {
      if (key === undefined && template[at + 1] === '(') throw isMapping(values) ? valueError('incomplete format key') : typeError('format requires a mapping');
      if (code === undefined) throw valueError('incomplete format');
      if (code === '%' && key === undefined) return '%';
      let flag = flags;
      let size = 0;
      if (width === '*') {
        size = starArg(next());
        if (size < 0) flag += '-';
      } else size = needSize(width) ?? 0;
      const places =
        precision === undefined ? undefined : precision === '*' ? Math.max(0, starArg(next())) : (needSize(precision === '' ? '0' : precision) as number);
      let value: Value;
      if (key !== undefined) {
        if (!isMapping(values) || values instanceof Tuple) throw typeError('format requires a mapping');
        keyed = true;
        value = lookUp(values, key);
      } else if (code === '%') return '%';
      else value = next();
      return one(code, value, { flags: flag, width: Math.abs(size), precision: places }, show, at + _whole.length - code.length);
    },
  );
  if (!keyed && used < queue.length && (values instanceof Tuple || !isMapping(values))) throw leftOver();
  return text;
}

function leftOver(): PyError {
  return typeError('not all arguments converted during string formatting');
}

/** What C's PyMapping_Check accepts: anything that can be indexed, but text. */
function isMapping(v: Value): boolean {
  return Array.isArray(v) || (v instanceof Obj && !(v instanceof Float) && v.typeName !== 'Markup' && (v.length() !== undefined || v.typeName === 'Undefined'));
}

function lookUp(values: Value, key: string): Value {
  if (Array.isArray(values)) throw typeError('list indices must be integers or slices, not str');
  const value = (values as Obj).item(key);
  if (value === undefined) throw new PyError('KeyError', quote(key));
  return value;
}

function starArg(v: Value): number {
  if (!isInt(v)) throw typeError('* wants int');
  return Number(toInt(v));
}

function one(code: string, value: Value, field: Field, show: Show, at: number): string {
  switch (code) {
    case 's':
      return textField(show.str(value), field);
    case 'r':
      return textField(show.repr(value), field);
    case 'a':
      return textField(ascii(repr(value)), field);
    case 'c':
      return textField(charOf(value), { ...field, precision: undefined });
    case 'd':
    case 'i':
    case 'u':
      return intField(wholeOf(value, code), 10, '', field, false);
    case 'x':
    case 'X':
    case 'o':
      return intField(needInt(value, code), code === 'o' ? 8 : 16, `0${code}`, field, code === 'X');
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return floatField(needFloat(value), code, field);
    default: {
      const point = code.codePointAt(0) as number;
      throw valueError(`unsupported format character '${point > 31 && point < 128 ? code : '?'}' (0x${point.toString(16)}) at index ${at}`);
    }
  }
}

/** `ascii(...)`: the characters beyond ASCII escaped. */
export function ascii(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (ch) => codeEscape(ch.codePointAt(0) as number));
}

function textField(text: string, field: Field): string {
  const shown = field.precision === undefined ? text : codeSlice(text, 0, field.precision);
  return pad(shown, field.width, field.flags.includes('-') ? '<' : '>', ' ');
}

function charOf(v: Value): string {
  if (isInt(v)) {
    const n = toInt(v);
    if (n < 0 || n > 0x10ffff) throw new PyError('OverflowError', '%c arg not in range(0x110000)');
    return String.fromCodePoint(Number(n));
  }
  const text = typeof v === 'string' ? v : v instanceof Obj && v.typeName === 'Markup' ? v.str() : undefined;
  if (text === undefined || codeLength(text) !== 1) throw typeError('%c requires int or char');
  return text;
}

/** An object that can say its own int or float value, as Decimal does. */
interface Numeric {
  toNumber(): number;
  toInteger(): number | bigint;
}

function numeric(v: Value): Numeric | undefined {
  return v instanceof Obj && 'toNumber' in v && 'toInteger' in v ? (v as unknown as Numeric) : undefined;
}

function wholeOf(v: Value, code: string): number | bigint {
  if (isInt(v)) return toInt(v);
  if (v instanceof Float) {
    if (Number.isNaN(v.value)) throw valueError('cannot convert float NaN to integer');
    if (!Number.isFinite(v.value)) throw new PyError('OverflowError', 'cannot convert float infinity to integer');
    return normal(BigInt(Math.trunc(v.value)));
  }
  const other = numeric(v);
  if (other !== undefined) return other.toInteger();
  throw typeError(`%${code} format: a real number is required, not ${slotName(v)}`);
}

function needInt(v: Value, code: string): number | bigint {
  if (isInt(v)) return toInt(v);
  throw typeError(`%${code} format: an integer is required, not ${slotName(v)}`);
}

function needFloat(v: Value): number {
  if (v instanceof Float) return v.value;
  if (isInt(v)) return toFloat(toInt(v));
  const other = numeric(v);
  if (other !== undefined) return other.toNumber();
  throw typeError(`must be real number, not ${slotName(v)}`);
}

function intField(n: number | bigint, radix: number, prefix: string, field: Field, upper: boolean): string {
  const size = n < 0 ? -n : n;
  let digits = radix === 10 ? intText(size) : size.toString(radix);
  if (upper) digits = digits.toUpperCase();
  if (field.precision !== undefined) digits = digits.padStart(field.precision, '0');
  const head = signOf(n < 0, field.flags) + (field.flags.includes('#') ? prefix : '');
  return numberField(head, digits, field);
}

function signOf(negative: boolean, flags: string): string {
  return negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function numberField(head: string, body: string, field: Field, zeros = true): string {
  if (field.flags.includes('-')) return (head + body).padEnd(field.width);
  if (zeros && field.flags.includes('0')) return head + body.padStart(field.width - head.length, '0');
  return (head + body).padStart(field.width);
}

/** `#` always shows a point. */
function pointed(text: string, sharp: boolean): string {
  return sharp && !text.includes('.') ? text.replace(/$|(?=e)/, '.') : text;
}

function floatField(value: number, code: string, field: Field): string {
  const precision = field.precision ?? 6;
  const sharp = field.flags.includes('#');
  const lower = code.toLowerCase();
  let body: string;
  if (!Number.isFinite(value)) body = Number.isNaN(value) ? 'nan' : 'inf';
  else {
    const n = exactDigits(value);
    if (lower === 'f') body = fixedText(n, precision) + (sharp && precision === 0 ? '.' : '');
    else if (lower === 'e') {
      const { mantissa, power } = scientific(n, precision);
      body = `${mantissa}${sharp && precision === 0 ? '.' : ''}e${exponentText(power)}`;
    } else body = pointed(generalText(n, precision, sharp), sharp);
  }
  const negative = value < 0 || Object.is(value, -0);
  return numberField(signOf(negative, field.flags), code === lower ? body : body.toUpperCase(), field);
}
