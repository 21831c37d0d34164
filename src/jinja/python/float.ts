import { type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { isInt, toInt } from './core.ts';

/** A Python float. */
export class Float extends Obj {
  readonly typeName = 'float';
  readonly value: number;
  constructor(value: number) {
    super();
    this.value = value;
  }
  override truthy(): boolean {
    return this.value !== 0;
  }
  override str(): string {
    return floatText(this.value);
  }
  override repr(): string {
    return floatText(this.value);
  }
  override equals(other: Value): boolean {
    if (other instanceof Float) return this.value === other.value;
    // JavaScript compares a bigint and a number by their exact values.
    // biome-ignore lint/suspicious/noDoubleEquals: strict equality never holds between the two types
    return isInt(other) && toInt(other) == this.value;
  }
  override hashKey(): unknown {
    const v = this.value;
    if (Number.isNaN(v)) return this;
    if (v === 0) return 0;
    return Number.isInteger(v) && !Number.isSafeInteger(v) ? BigInt(v) : v;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    const b = other instanceof Float ? other.value : isInt(other) ? toInt(other) : undefined;
    return b === undefined ? undefined : ordered(op, this.value, b);
  }
  override negate(op: '-' | '+'): Value {
    return op === '-' ? new Float(-this.value) : this;
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    const b = other instanceof Float ? other.value : isInt(other) ? toFloat(toInt(other)) : undefined;
    if (b === undefined) return undefined;
    return new Float(reflected ? floatOperate(op, b, this.value) : floatOperate(op, this.value, b));
  }
}

/** Compares two numbers, exactly also across int and float. */
export function ordered(op: OrderOp, a: number | bigint, b: number | bigint): boolean {
  switch (op) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

/** `float(int)`; raises OverflowError. */
export function toFloat(v: number | bigint): number {
  if (typeof v === 'number') return v;
  const f = Number(v);
  if (!Number.isFinite(f)) throw new PyError('OverflowError', 'int too large to convert to float');
  return f;
}

/** `repr(float)`: the shortest digits that read back, with Python's choice of notation. */
export function floatText(v: number): string {
  if (Number.isInteger(v) && Math.abs(v) < 1e16) return Object.is(v, -0) ? '-0.0' : `${v}.0`;
  if (Number.isNaN(v)) return 'nan';
  if (!Number.isFinite(v)) return v > 0 ? 'inf' : '-inf';
  const size = Math.abs(v);
  if (size >= 1e-4 && size < 1e16) return String(v);
  const [digits, exponent] = v.toExponential().split('e') as [string, string];
  const power = exponent.slice(1);
  return `${digits}e${exponent[0]}${power.length < 2 ? `0${power}` : power}`;
}

function zeroDivision(message: string): PyError {
  return new PyError('ZeroDivisionError', message);
}

function floatOperate(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw zeroDivision('float division by zero');
      return a / b;
    case '//':
      return floatFloor(a, b);
    case '%':
      if (b === 0) throw zeroDivision('float modulo');
      return floatModulo(a, b);
    default:
      return floatPower(a, b);
  }
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 || Object.is(b, -0) ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function floatFloor(a: number, b: number): number {
  if (b === 0) throw zeroDivision('float floor division by zero');
  const rest = a % b;
  let quotient = (a - rest) / b;
  if (rest !== 0 && rest < 0 !== b < 0) quotient -= 1;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** `a ** b` of floats; a complex result is a ValueError here, as templates have no use for complex numbers. */
export function floatPower(a: number, b: number): number {
  if (a === 1 || b === 0) return 1;
  if (a === -1 && !Number.isFinite(b) && !Number.isNaN(b)) return 1;
  if (a === 0 && b < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)) {
    throw new PyError('ValueError', 'a negative number cannot be raised to a fractional power');
  }
  const result = b === 2 ? a * a : b === 0.5 && Number.isFinite(a) ? Math.sqrt(a) : (exactPower(a, b) ?? a ** b);
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
    throw new PyError('OverflowError', "(34, 'Numerical result out of range')");
  }
  return result;
}

/** Whole powers in exact arithmetic: JavaScript's `**` may be some units in the last place off. */
function exactPower(a: number, b: number): number | undefined {
  if (a === 0 || !Number.isFinite(a) || !Number.isInteger(b) || Math.abs(b) > 256) return undefined;
  let exponent = 0;
  let m = a;
  while (!Number.isInteger(m)) {
    m *= 2;
    exponent--;
  }
  const n = Math.abs(b);
  const power = BigInt(m) ** BigInt(n);
  const shift = BigInt(-exponent * n);
  try {
    return b > 0 ? divideExact(power, 1n << shift) : divideExact(1n << shift, power);
  } catch {
    return undefined;
  }
}

/** `a / b` of ints, rounded once to the nearest float (ties to even); `b` is not zero. */
export function divideExact(a: bigint, b: bigint): number {
  const negative = a < 0n !== b < 0n;
  const x = a < 0n ? -a : a;
  const y = b < 0n ? -b : b;
  if (x === 0n) return negative ? -0 : 0;
  // Keep at least 66 significant bits and a sticky last bit: the conversion below then rounds as the exact quotient would.
  const shift = y.toString(2).length - x.toString(2).length + 66;
  const top = shift > 0 ? x << BigInt(shift) : x;
  const bottom = shift > 0 ? y : y << BigInt(-shift);
  let quotient = top / bottom;
  if (top % bottom !== 0n) quotient |= 1n;
  const exponent = -shift;
  const scaled = scale(quotient, exponent);
  if (!Number.isFinite(scaled)) throw new PyError('OverflowError', 'integer division result too large for a float');
  return negative ? -scaled : scaled;
}

function scale(m: bigint, exponent: number): number {
  const bits = m.toString(2).length;
  const lowest = Math.max(bits + exponent - 53, -1074);
  const drop = lowest - exponent;
  if (drop <= 0) return Number(m) * 2 ** exponent;
  const unit = 1n << BigInt(drop);
  let kept = m >> BigInt(drop);
  const rest = m & (unit - 1n);
  const half = unit >> 1n;
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  // Two steps, as 2 ** lowest may be below the smallest normal number.
  return lowest < -1000 ? Number(kept) * 2 ** (lowest + 100) * 2 ** -100 : Number(kept) * 2 ** lowest;
}
