import { PyError, type Value } from '../value.ts';
import { attribute as attributeOf, getAttr } from './access.ts';
import { bind, check, signature } from './arguments.ts';
import { floatToInt, numberLike, roundValue, toPyFloat, toPyInt } from './convert.ts';
import { isInt, len, needIndex, str, toInt, truthy, typeError } from './core.ts';
import { exactDigits, fixedText } from './digits.ts';
import { Float } from './float.ts';
import { argumentError, type Filter } from './host.ts';
import { jsonDumps } from './json.ts';
import { asText, Markup } from './markup.ts';
import { absolute, binary } from './operators.ts';
import { Undefined } from './undefined.ts';

const defaultSignature = signature('do_default', 1, 'default_value=', 'boolean=');

const orDefault: Filter = (v, args) => {
  const [fallback = '', boolean = false] = bind(defaultSignature, args);
  return v instanceof Undefined || (truthy(boolean) && !truthy(v)) ? fallback : v;
};

function failed(error: unknown, ...kinds: readonly string[]): boolean {
  return error instanceof PyError && kinds.includes(error.kind);
}

const intSignature = signature('do_int', 1, 'default=', 'base=');

const toInteger: Filter = (v, args) => {
  const [fallback = 0, base = 10] = bind(intSignature, args);
  try {
    return toPyInt(v, asText(v) === undefined ? 10 : checkedBase(base));
  } catch (error) {
    if (!failed(error, 'TypeError', 'ValueError')) throw error;
  }
  try {
    return floatToInt(toPyFloat(v));
  } catch (error) {
    if (!failed(error, 'TypeError', 'ValueError', 'OverflowError')) throw error;
    return fallback;
  }
};

function checkedBase(base: Value): number {
  const n = needIndex(base);
  if (n !== 0 && (n < 2 || n > 36)) throw new PyError('ValueError', 'int() base must be >= 2 and <= 36, or 0');
  return n;
}

const floatSignature = signature('do_float', 1, 'default=');

const toFloatFilter: Filter = (v, args) => {
  const [fallback = new Float(0)] = bind(floatSignature, args);
  try {
    return new Float(toPyFloat(v));
  } catch (error) {
    if (!failed(error, 'TypeError', 'ValueError')) throw error;
    return fallback;
  }
};

const roundSignature = signature('do_round', 1, 'precision=', 'method=');

const round: Filter = (v, args) => {
  const [precision = 0, method = 'common'] = bind(roundSignature, args);
  const how = asText(method);
  if (how !== 'common' && how !== 'ceil' && how !== 'floor') throw argumentError('method must be common, ceil or floor');
  if (how === 'common') return roundValue(v, precision === null ? undefined : needIndex(precision));
  const unit = binary('**', 10, precision);
  return binary('/', wholeBound(binary('*', v, unit), how), unit);
};

function wholeBound(v: Value, how: 'ceil' | 'floor'): Value {
  if (isInt(v)) return toInt(v);
  if (v instanceof Float) return floatToInt(how === 'ceil' ? Math.ceil(v.value) : Math.floor(v.value));
  const other = numberLike(v);
  if (other === undefined) throw typeError('must be real number, not str');
  const whole = other.toInteger();
  const rest = binary('-', v, whole);
  const sign = truthy(rest) ? Math.sign((numberLike(rest) as { toNumber(): number }).toNumber()) : 0;
  return binary('+', whole, how === 'ceil' ? Math.max(0, sign) : Math.min(0, sign));
}

const sizeSignature = signature('do_filesizeformat', 1, 'binary=');

const fileSize: Filter = (v, args) => {
  const binaryUnits = truthy(bind(sizeSignature, args)[0] ?? false);
  const size = toPyFloat(v);
  const base = binaryUnits ? 1024 : 1000;
  if (size === 1) return '1 Byte';
  if (size < base) return `${floatToInt(size)} Bytes`;
  const letters = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
  const at = letters.findIndex((_, i) => size < base ** (i + 2));
  const power = at < 0 ? letters.length - 1 : at;
  const letter = letters[power] as string;
  const shown = fixedText(exactDigits((base * size) / base ** (power + 2)), 1);
  return `${shown} ${binaryUnits ? `${letter.toUpperCase()}i` : letter}B`;
};

const jsonSignature = signature('do_tojson', 2, 'indent=');
const unsafeInHtml: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', "'": '\\u0027' };

const toJson: Filter = (v, args) => {
  const [indent = null] = bind(jsonSignature, args);
  const text = jsonDumps(v, { sortKeys: true, indent: indent === null ? null : (asText(indent) ?? needIndex(indent)) });
  return new Markup(text.replace(/[<>&']/g, (ch) => unsafeInHtml[ch] as string));
};

const attrSignature = signature('do_attr', 2, 'name');

const attr: Filter = (v, args, host) => {
  const name = bind(attrSignature, args)[0] as Value;
  const text = asText(name);
  if (text === undefined) throw typeError(`attribute name must be string, not '${str(name)}'`);
  const mode = host.mode ?? 'lenient';
  if (text.startsWith('_')) return getAttr(v, text, mode);
  const own = attributeOf(v, text);
  return own === undefined ? new Undefined({ name: text, on: v }, mode) : own;
};

const lengthSignature = signature('len', 1);
const absSignature = signature('abs', 1);
const count: Filter = (v, args) => len(check(lengthSignature, args, v));

/** The filters about single values. */
export const valueFilters: readonly (readonly [string, Filter])[] = [
  ['default', orDefault],
  ['d', orDefault],
  ['int', toInteger],
  ['float', toFloatFilter],
  ['round', round],
  ['abs', (v, args) => absolute(check(absSignature, args, v))],
  ['length', count],
  ['count', count],
  ['filesizeformat', fileSize],
  ['tojson', toJson],
  ['attr', attr],
];
