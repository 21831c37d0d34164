import { Obj, PyError, type Value } from '../value.ts';
import { intText, isInt, slotName, str, toInt, typeError, typeName, valueError } from './core.ts';
import { type Digits, exactDigits, exponentText, fixedText, generalText, roundDigits, scientific } from './digits.ts';
import { Float, floatText, toFloat } from './float.ts';
import { codeLength, codeSlice } from './text.ts';

/** A parsed format specification (`format(x, spec)`). */
interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly noMinusZero: boolean;
  readonly alternate: boolean;
  readonly width: number;
  readonly group: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const pattern = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([\s\S])?$/u;

function parse(spec: string, v: Value): Spec {
  const m = pattern.exec(spec);
  if (m === null) throw valueError(/\.$|\.[^\d]/.test(spec) ? 'Format specifier missing precision' : 'Invalid format specifier');
  const zero = m[6] !== undefined;
  const number = typeof v !== 'string';
  const type = m[10] ?? (number ? '' : 's');
  const group = m[8];
  if (group !== undefined && !',deEfFgG%'.includes(type) && !(group === '_' && 'boxX'.includes(type)))
    throw valueError(`Cannot specify '${group}' with '${type}'.`);
  return {
    fill: m[1] ?? (zero ? '0' : ' '),
    align: m[2] ?? (zero && number ? '=' : ''),
    sign: m[3] ?? '',
    noMinusZero: m[4] !== undefined,
    alternate: m[5] !== undefined,
    width: needSize(m[7]) ?? 0,
    group: group ?? '',
    precision: needSize(m[9]),
    type,
  };
}

/** A width or precision; raises ValueError beyond what a template can mean. */
export function needSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const n = Number(text);
  if (n > 1 << 24) throw valueError('Too many decimal digits in format string');
  return n;
}

/** Pads text to a width, counted in code points. */
export function pad(text: string, width: number, align: string, fill: string): string {
  const missing = width - codeLength(text);
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '^') return fill.repeat(missing >> 1) + text + fill.repeat(missing - (missing >> 1));
  return fill.repeat(missing) + text;
}

/** `format(v, spec)`; raises ValueError and TypeError as Python words them. */
export function format(v: Value, spec: string): string {
  if (spec === '') return str(v);
  if (typeof v === 'string') return formatText(v, spec);
  if (isInt(v)) return formatInt(v, parse(spec, v));
  if (v instanceof Float) return formatFloat(v.value, parse(spec, v), 'float');
  const own = v instanceof Obj ? v.format(spec) : undefined;
  if (own === undefined) throw typeError(`unsupported format string passed to ${v instanceof Obj ? slotName(v) : typeName(v)}.__format__`);
  return own;
}

/** `format(str, spec)`. */
export function formatText(text: string, spec: string): string {
  if (spec === '') return text;
  const s = parse(spec, text);
  if (s.type !== 's') throw unknownCode(s.type, 'str');
  if (s.sign !== '') throw valueError(`${s.sign === ' ' ? 'Space' : 'Sign'} not allowed in string format specifier`);
  if (s.alternate) throw valueError('Alternate form (#) not allowed in string format specifier');
  if (s.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  const shown = s.precision === undefined ? text : codeSlice(text, 0, s.precision);
  return pad(shown, s.width, s.align === '' ? '<' : s.align, s.fill);
}

function unknownCode(code: string, type: string): PyError {
  return valueError(`Unknown format code '${code}' for object of type '${type}'`);
}

const radixes: Readonly<Record<string, readonly [number, string]>> = { b: [2, '0b'], o: [8, '0o'], x: [16, '0x'], X: [16, '0X'] };

function formatInt(v: number | bigint | boolean, s: Spec): string {
  const n = toInt(v);
  if ('eEfFgG%'.includes(s.type) && s.type !== '') return formatFloat(toFloat(n), s, typeName(v));
  if (!['', 'd', 'n', 'c', 'b', 'o', 'x', 'X'].includes(s.type)) throw unknownCode(s.type, typeName(v));
  if (s.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  if (s.type === 'c') {
    if (s.alternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
    if (s.sign !== '') throw valueError("Sign not allowed with integer format specifier 'c'");
    if (n < 0 || n > 0x10ffff) throw new PyError('OverflowError', '%c arg not in range(0x110000)');
    return pad(String.fromCodePoint(Number(n)), s.width, s.align === '' || s.align === '=' ? '<' : s.align, s.fill);
  }
  const radix = radixes[s.type];
  const size = n < 0 ? -n : n;
  let digits = radix === undefined ? intText(size) : size.toString(radix[0]);
  if (s.type === 'X') digits = digits.toUpperCase();
  return layOut(n < 0, radix !== undefined && s.alternate ? radix[1] : '', digits, '', s, radix === undefined ? 3 : 4);
}

/** Puts sign, prefix, grouped digits and the rest into the width. */
function layOut(negative: boolean, prefix: string, whole: string, rest: string, s: Spec, groupSize: number): string {
  const head = (negative ? '-' : s.sign === '-' ? '' : s.sign) + prefix;
  const zeroFilled = s.align === '=' && s.fill === '0';
  if (s.group !== '') {
    let digits = whole;
    let grouped = groupDigits(digits, s.group, groupSize);
    // Filling zeros are grouped like the digits.
    while (zeroFilled && head.length + grouped.length + rest.length < s.width) {
      digits = `0${digits}`;
      grouped = groupDigits(digits, s.group, groupSize);
      if (grouped.length - s.group.length * Math.floor((digits.length - 1) / groupSize) < 0) break;
    }
    return finish(head, grouped + rest, s);
  }
  return finish(head, whole + rest, s);
}

function finish(head: string, body: string, s: Spec): string {
  if (s.align === '=') {
    const missing = s.width - head.length - body.length;
    return head + (missing > 0 ? s.fill.repeat(missing) : '') + body;
  }
  return pad(head + body, s.width, s.align === '' ? '>' : s.align, s.fill);
}

function groupDigits(digits: string, mark: string, size: number): string {
  let out = '';
  for (let end = digits.length; end > 0; end -= size) {
    const part = digits.slice(Math.max(0, end - size), end);
    out = out === '' ? part : part + mark + out;
  }
  return out;
}

function formatFloat(value: number, s: Spec, type: string): string {
  if (s.type !== '' && !'eEfFgGn%'.includes(s.type)) throw unknownCode(s.type, type);
  const upper = s.type === 'E' || s.type === 'F' || s.type === 'G';
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'nan' : 'inf';
    return layOut(value < 0, '', (upper ? name.toUpperCase() : name) + (s.type === '%' ? '%' : ''), '', { ...s, group: '' }, 3);
  }
  const negative = value < 0 || Object.is(value, -0);
  const body = s.type === '' && s.precision === undefined ? reprBody(Math.abs(value), s) : floatBody(exactDigits(s.type === '%' ? value * 100 : value), s);
  return splitLayOut(negative, upper ? body.toUpperCase() : body, s);
}

function splitLayOut(negative: boolean, body: string, s: Spec): string {
  const at = body.search(/[.eE%]/);
  const whole = at < 0 ? body : body.slice(0, at);
  const minus = negative && !(s.noMinusZero && !/[1-9]/.test(body.replace(/e.*/i, '')));
  return layOut(minus, '', whole, at < 0 ? '' : body.slice(at), s, 3);
}

function reprBody(size: number, s: Spec): string {
  const text = floatText(size);
  return s.alternate && !text.includes('.') ? text.replace('e', '.e') : text;
}

/** The digits of a float (without sign) in the notation of the spec. */
function floatBody(n: Digits, s: Spec): string {
  const precision = s.precision ?? 6;
  switch (s.type) {
    case 'e':
    case 'E': {
      const { mantissa, power } = scientific(n, precision);
      return `${mantissa}${s.alternate && precision === 0 ? '.' : ''}e${exponentText(power)}`;
    }
    case 'f':
    case 'F':
      return fixedText(n, precision) + (s.alternate && precision === 0 ? '.' : '');
    case '%':
      return `${fixedText(n, precision)}${s.alternate && precision === 0 ? '.' : ''}%`;
    default: {
      const text = generalText(n, precision, s.alternate, s.type === '');
      if (s.alternate && !text.includes('.')) return text.replace(/$|(?=e)/, '.');
      return s.type !== '' || /[.e]/.test(text) ? text : `${text}.0`;
    }
  }
}

/** `format(Decimal, spec)` of a finite decimal; `text` is how a decimal prints. */
export function formatDecimal(n: Digits, text: (n: Digits) => string, spec: string): string {
  const s = parse(spec, null);
  if (s.type !== '' && !'eEfFgGn%'.includes(s.type)) throw valueError('invalid format string');
  const upper = s.type === 'E' || s.type === 'G' || s.type === 'F';
  const plain = (s.type === '' || s.type.toLowerCase() === 'g' || s.type === 'n') && s.precision === undefined;
  const fixedDefault = s.precision ?? Math.max(0, -n.exponent);
  let body: string;
  if (plain) body = text({ ...n, negative: false });
  else if (s.type === 'f' || s.type === 'F') body = fixedText(n, fixedDefault);
  else if (s.type === '%') body = `${fixedText({ ...n, exponent: n.exponent + 2 }, s.precision ?? Math.max(0, -n.exponent - 2))}%`;
  else if (s.type === 'e' || s.type === 'E') {
    const { mantissa, power } = scientific(n, s.precision ?? String(n.digits).length - 1);
    body = `${mantissa}e${power < 0 ? '-' : '+'}${Math.abs(power)}`;
  } else body = text({ ...roundDigits(n, Math.max(1, s.precision as number)), negative: false });
  return splitLayOut(n.negative, upper ? body.toUpperCase() : s.type === 'g' || s.type === 'n' ? body.replace('E', 'e') : body, s);
}
