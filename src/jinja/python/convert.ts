import { Obj, PyError, type Value } from '../value.ts';
import { isInt, normal, repr, slotName, toInt, typeError, valueError } from './core.ts';
import { exactDigits, rescale } from './digits.ts';
import { Float, toFloat } from './float.ts';
import { parseFloatText, parseInteger } from './integer.ts';
import { asText } from './markup.ts';
import { strip } from './text.ts';
import { Undefined } from './undefined.ts';

/** A number of another kind (Decimal): what int(), float() and round() ask of it. */
export interface NumberLike {
  toNumber(): number;
  toInteger(): number | bigint;
  roundTo(places: number | undefined): Value;
}

/** The conversions of a host number such as Decimal, or undefined. */
export function numberLike(v: Value): NumberLike | undefined {
  return v instanceof Obj && 'toNumber' in v && 'roundTo' in v ? (v as unknown as NumberLike) : undefined;
}

/** `int(v, base)`; raises TypeError, ValueError, OverflowError. */
export function toPyInt(v: Value, base = 10): number | bigint {
  if (isInt(v)) return toInt(v);
  if (v instanceof Float) return floatToInt(v.value);
  const text = asText(v);
  if (text !== undefined) {
    const n = parseInteger(strip(text), base);
    if (n === undefined) throw valueError(`invalid literal for int() with base ${base}: ${repr(v)}`);
    return n;
  }
  if (v instanceof Undefined) throw v.error();
  const other = numberLike(v);
  if (other === undefined) throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${slotName(v)}'`);
  return other.toInteger();
}

/** `int(float)`. */
export function floatToInt(value: number): number | bigint {
  if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new PyError('OverflowError', 'cannot convert float infinity to integer');
  return normal(BigInt(Math.trunc(value)));
}

/** `float(v)`; raises TypeError, ValueError, OverflowError. */
export function toPyFloat(v: Value): number {
  if (v instanceof Float) return v.value;
  if (isInt(v)) return toFloat(toInt(v));
  const text = asText(v);
  if (text !== undefined) {
    const n = parseFloatText(strip(text));
    if (n === undefined) throw valueError(`could not convert string to float: ${repr(v)}`);
    return n;
  }
  if (v instanceof Undefined) throw v.error();
  const other = numberLike(v);
  if (other === undefined) throw typeError(`float() argument must be a string or a real number, not '${slotName(v)}'`);
  return other.toNumber();
}

/** `round(v, places)`: half to even, on the exact value; without places an int. */
export function roundValue(v: Value, places?: number): Value {
  if (isInt(v)) {
    const n = toInt(v);
    if (places === undefined || places >= 0) return n;
    // No int that fits into memory has so many digits.
    if (-places > 1 << 20) return 0;
    const rounded = rescale({ negative: n < 0, digits: BigInt(n < 0 ? -n : n), exponent: 0 }, -places);
    const size = rounded.digits * 10n ** BigInt(-places);
    return normal(n < 0 ? -size : size);
  }
  if (v instanceof Float) return roundFloat(v.value, places);
  const other = numberLike(v);
  if (other !== undefined) return other.roundTo(places);
  if (v instanceof Undefined) throw typeError("type Undefined doesn't define __round__ method");
  throw typeError(`type ${slotName(v)} doesn't define __round__ method`);
}

function roundFloat(value: number, places: number | undefined): Value {
  if (!Number.isFinite(value)) return places === undefined ? floatToInt(value) : new Float(value);
  if (places !== undefined && places > 323) return new Float(value);
  if (places !== undefined && places < -308) return new Float(value < 0 ? -0 : 0);
  const { negative, digits, exponent } = rescale(exactDigits(value), -(places ?? 0));
  if (places === undefined) return normal(negative ? -digits : digits);
  const size = Number(`${digits}e${exponent}`);
  return new Float(negative ? -size : size);
}
