/** A finite decimal number: `digits` times ten to the power of `exponent`. */
export interface Digits {
  readonly negative: boolean;
  readonly digits: bigint;
  readonly exponent: number;
}

/** The exact decimal value of a finite float. */
export function exactDigits(value: number): Digits {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const negative = bits >> 63n === 1n;
  const power = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = power === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (power === 0 ? 1 : power) - 1075;
  if (exponent >= 0) return { negative, digits: mantissa << BigInt(exponent), exponent: 0 };
  // m / 2^k is m * 5^k / 10^k.
  return { negative, digits: mantissa * 5n ** BigInt(-exponent), exponent };
}

export type Rounding = 'half-even' | 'half-up' | 'half-down' | 'up' | 'down' | 'ceiling' | 'floor' | '05up';

function roundsUp(kept: bigint, rest: bigint, unit: bigint, negative: boolean, mode: Rounding): boolean {
  if (rest === 0n) return false;
  const twice = rest * 2n;
  switch (mode) {
    case 'half-even':
      return twice > unit || (twice === unit && (kept & 1n) === 1n);
    case 'half-up':
      return twice >= unit;
    case 'half-down':
      return twice > unit;
    case 'up':
      return true;
    case 'down':
      return false;
    case 'ceiling':
      return !negative;
    case 'floor':
      return negative;
    default:
      return kept % 10n === 0n || kept % 10n === 5n;
  }
}

/** The number with no digit below ten to the power of `exponent`: rounded, or padded with zeros. */
export function rescale(n: Digits, exponent: number, mode: Rounding = 'half-even'): Digits {
  if (n.exponent === exponent) return n;
  if (n.exponent > exponent) return { negative: n.negative, digits: n.digits * 10n ** BigInt(n.exponent - exponent), exponent };
  const unit = 10n ** BigInt(exponent - n.exponent);
  const kept = n.digits / unit;
  const up = roundsUp(kept, n.digits % unit, unit, n.negative, mode);
  return { negative: n.negative, digits: up ? kept + 1n : kept, exponent };
}

/** The number of decimal digits; 1 for zero. */
export function digitCount(digits: bigint): number {
  return digits.toString().length;
}

/** The number rounded to at most `precision` significant digits. */
export function roundDigits(n: Digits, precision: number, mode: Rounding = 'half-even'): Digits {
  const extra = digitCount(n.digits) - precision;
  if (extra <= 0) return n;
  const rounded = rescale(n, n.exponent + extra, mode);
  // 9.99 rounds to 10.0, which has one digit too many.
  return digitCount(rounded.digits) > precision ? rescale(rounded, rounded.exponent + 1, mode) : rounded;
}

/** The absolute value in fixed notation with `places` decimals. */
export function fixedText(n: Digits, places: number, mode: Rounding = 'half-even'): string {
  const text = rescale(n, -places, mode)
    .digits.toString()
    .padStart(places + 1, '0');
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** The absolute value as `d.ddd` with `places` decimals, and its power of ten. */
export function scientific(n: Digits, places: number): { readonly mantissa: string; readonly power: number } {
  if (n.digits === 0n) return { mantissa: places === 0 ? '0' : `0.${'0'.repeat(places)}`, power: 0 };
  const rounded = roundDigits(n, places + 1);
  const text = rounded.digits.toString();
  const power = rounded.exponent + text.length - 1;
  const digits = text.padEnd(places + 1, '0');
  return { mantissa: places === 0 ? digits : `${digits[0]}.${digits.slice(1)}`, power };
}

/** An exponent as C prints it: a sign and at least two digits. */
export function exponentText(power: number): string {
  const size = String(Math.abs(power));
  return `${power < 0 ? '-' : '+'}${size.length < 2 ? `0${size}` : size}`;
}

/** The absolute value as C's `%g` with `precision` significant digits; keeps trailing zeros when asked (`#`). */
export function generalText(n: Digits, precision: number, keepZeros: boolean, repr = false): string {
  const significant = precision === 0 ? 1 : precision;
  const { mantissa, power } = scientific(n, significant - 1);
  const limit = repr && significant > 1 ? significant - 1 : significant;
  if (power < -4 || power >= limit) return `${keepZeros ? mantissa : dropZeros(mantissa)}e${exponentText(power)}`;
  const fixed = fixedText(roundDigits(n, significant), Math.max(0, significant - 1 - power));
  return keepZeros ? fixed : dropZeros(fixed);
}

function dropZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
