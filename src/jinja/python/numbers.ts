import type { Value } from '../value.ts';
import { Bound, type Method, nullary } from './arguments.ts';
import { normal, toInt } from './core.ts';
import { exactDigits } from './digits.ts';
import { Float } from './float.ts';
import { Tuple } from './tuple.ts';

type IntLike = number | bigint | boolean;

const bits = (self: IntLike): string => {
  const n = BigInt(toInt(self));
  return n === 0n ? '' : (n < 0n ? -n : n).toString(2);
};

const intMethods: ReadonlyMap<string, Method<IntLike>> = new Map<string, Method<IntLike>>([
  ['bit_length', nullary('int.bit_length', (self) => bits(self).length)],
  ['bit_count', nullary('int.bit_count', (self) => bits(self).replaceAll('0', '').length)],
  ['conjugate', nullary('int.conjugate', (self) => toInt(self))],
  ['as_integer_ratio', nullary('int.as_integer_ratio', (self) => new Tuple([toInt(self), 1]))],
]);

const floatMethods: ReadonlyMap<string, Method<Float>> = new Map<string, Method<Float>>([
  ['is_integer', nullary('float.is_integer', (self) => Number.isInteger(self.value))],
  ['conjugate', nullary('float.conjugate', (self) => self)],
  ['as_integer_ratio', nullary('float.as_integer_ratio', (self) => ratio(self.value))],
]);

function ratio(value: number): Tuple {
  const { negative, digits, exponent } = exactDigits(value);
  let top = digits;
  let bottom = 10n ** BigInt(-exponent);
  let [a, b] = [top, bottom];
  while (b !== 0n) [a, b] = [b, a % b];
  top /= a;
  bottom /= a;
  return new Tuple([normal(negative ? -top : top), normal(bottom)]);
}

/** An attribute of an int or bool. */
export function intAttr(v: IntLike, name: string): Value | undefined {
  const method = intMethods.get(name);
  if (method !== undefined) return new Bound<IntLike>(v, name, method);
  if (name === 'real' || name === 'numerator') return toInt(v);
  if (name === 'imag') return 0;
  return name === 'denominator' ? 1 : undefined;
}

/** An attribute of a float. */
export function floatAttr(v: Float, name: string): Value | undefined {
  const method = floatMethods.get(name);
  if (method !== undefined) return new Bound<Float>(v, name, method);
  if (name === 'real') return v;
  return name === 'imag' ? new Float(0) : undefined;
}
