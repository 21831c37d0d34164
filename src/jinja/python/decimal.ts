import { type Args, type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../value.ts';
import { Bound, bind, type Method, nullary, signature } from './arguments.ts';
import { isInt, normal, toInt, typeError } from './core.ts';
import { type Digits, digitCount, exactDigits, type Rounding, rescale, roundDigits } from './digits.ts';
import { Float, ordered } from './float.ts';
import { asText } from './markup.ts';
import { formatDecimal } from './spec.ts';
import { Tuple } from './tuple.ts';

/** The precision of Python's default decimal context. */
const PRECISION = 28;

function signal(name: string): PyError {
  return new PyError(name, `[<class 'decimal.${name}'>]`);
}

function power10(n: number): bigint {
  return 10n ** BigInt(n);
}

/** A finite Python `Decimal`: what databases' exact numbers become in agate tables. */
export class Decimal extends Obj {
  readonly typeName = 'Decimal';
  readonly negative: boolean;
  readonly digits: bigint;
  readonly exponent: number;
  constructor(value: Digits) {
    super();
    this.negative = value.negative;
    this.digits = value.digits;
    this.exponent = value.exponent;
  }
  /** Reads `-12.30`, `1E+3`; undefined where the text is no finite decimal. */
  static parse(text: string): Decimal | undefined {
    const m = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim().replaceAll('_', ''));
    if (m === null) return undefined;
    const [, sign, whole = '', fraction = '', exponent = '0'] = m;
    if (whole === '' && fraction === '') return undefined;
    return new Decimal({ negative: sign === '-', digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length });
  }
  static int(n: number | bigint): Decimal {
    return new Decimal({ negative: n < 0, digits: BigInt(n < 0 ? -n : n), exponent: 0 });
  }
  override module(): string {
    return 'decimal';
  }
  override truthy(): boolean {
    return this.digits !== 0n;
  }
  override str(): string {
    const text = this.digits.toString();
    const sign = this.negative ? '-' : '';
    const power = this.exponent + text.length - 1;
    if (this.exponent <= 0 && power >= -6) {
      if (this.exponent === 0) return sign + text;
      const padded = text.padStart(1 - this.exponent, '0');
      return `${sign}${padded.slice(0, this.exponent)}.${padded.slice(this.exponent)}`;
    }
    return `${sign}${text[0]}${text.length > 1 ? `.${text.slice(1)}` : ''}E${power < 0 ? '-' : '+'}${Math.abs(power)}`;
  }
  override repr(): string {
    return `Decimal('${this.str()}')`;
  }
  override format(spec: string): string {
    return formatDecimal(this, (n) => new Decimal(n).str(), spec);
  }
  toNumber(): number {
    return Number(`${this.negative ? '-' : ''}${this.digits}e${this.exponent}`);
  }
  toInteger(): number | bigint {
    const size = this.exponent >= 0 ? this.digits * power10(this.exponent) : this.digits / power10(-this.exponent);
    return normal(this.negative ? -size : size);
  }
  /** `round(self, places)`: an int without places. */
  roundTo(places: number | undefined): Value {
    const rounded = new Decimal(rescale(this, -(places ?? 0)));
    if (places !== undefined && digitCount(rounded.digits) > PRECISION) throw signal('InvalidOperation');
    return places === undefined ? rounded.toInteger() : rounded;
  }
  absolute(): Decimal {
    return finish({ ...parts(this), negative: false });
  }
  /** The number as a fraction over a power of ten with a given (lower) exponent. */
  private at(exponent: number): bigint {
    const size = this.digits * power10(this.exponent - exponent);
    return this.negative ? -size : size;
  }
  private compareTo(other: Decimal): number {
    const exponent = Math.min(this.exponent, other.exponent);
    const a = this.at(exponent);
    const b = other.at(exponent);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  override equals(other: Value): boolean {
    const b = comparable(other);
    return b !== undefined && this.compareTo(b) === 0;
  }
  override hashKey(): unknown {
    if (this.digits === 0n) return 0;
    const reduced = this.reduced();
    if (reduced.exponent >= 0) return reduced.toInteger();
    const near = reduced.toNumber();
    const exact = new Decimal(exactDigits(near));
    return exact.compareTo(reduced) === 0 ? near : `\0D${reduced.str()}`;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    if (other instanceof Float && !Number.isFinite(other.value)) return Number.isNaN(other.value) ? false : ordered(op, 0, other.value);
    const b = comparable(other);
    return b === undefined ? undefined : ordered(op, this.compareTo(b), 0);
  }
  override negate(op: '-' | '+'): Value {
    // The context's operators drop the sign of zero.
    const negative = this.digits === 0n ? false : op === '-' ? !this.negative : this.negative;
    return finish({ ...parts(this), negative });
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    const b = other instanceof Decimal ? other : isInt(other) ? Decimal.int(toInt(other)) : undefined;
    if (b === undefined) return undefined;
    return reflected ? calculate(op, b, this) : calculate(op, this, b);
  }
  /** Without trailing zeros. */
  reduced(): Decimal {
    if (this.digits === 0n) return new Decimal({ negative: this.negative, digits: 0n, exponent: 0 });
    const text = this.digits.toString();
    const short = text.replace(/0+$/, '');
    return new Decimal({ negative: this.negative, digits: BigInt(short), exponent: this.exponent + text.length - short.length });
  }
  override attr(name: string): Value | undefined {
    if (name === 'real') return this;
    if (name === 'imag') return Decimal.int(0);
    const method = methods.get(name);
    return method === undefined ? undefined : new Bound<Decimal>(this, name, method);
  }
}

function parts(d: Decimal): Digits {
  return { negative: d.negative, digits: d.digits, exponent: d.exponent };
}

function finish(n: Digits): Decimal {
  return new Decimal(roundDigits(n, PRECISION));
}

function comparable(v: Value): Decimal | undefined {
  if (v instanceof Decimal) return v;
  if (isInt(v)) return Decimal.int(toInt(v));
  return v instanceof Float && Number.isFinite(v.value) ? new Decimal(exactDigits(v.value)) : undefined;
}

function signed(value: bigint, exponent: number): Digits {
  return { negative: value < 0n, digits: value < 0n ? -value : value, exponent };
}

function whole(d: Decimal, exponent: number): bigint {
  const size = d.digits * power10(d.exponent - exponent);
  return d.negative ? -size : size;
}

function calculate(op: BinaryOp, a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  switch (op) {
    case '+':
      return sum(a, b, exponent, b.negative);
    case '-':
      return sum(a, b, exponent, !b.negative);
    case '*':
      return finish({ negative: a.negative !== b.negative, digits: a.digits * b.digits, exponent: a.exponent + b.exponent });
    case '/':
      return divide(a, b);
    case '//':
    case '%':
      return remainder(op, a, b);
    default:
      return power(a, b);
  }
}

/** `a` plus the size of `b` with a sign: two negative zeros give a negative one. */
function sum(a: Decimal, b: Decimal, exponent: number, negative: boolean): Decimal {
  const size = b.digits * power10(b.exponent - exponent);
  const total = signed(whole(a, exponent) + (negative ? -size : size), exponent);
  return finish(total.digits === 0n ? { ...total, negative: a.digits === 0n && a.negative && negative } : total);
}

function divide(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw a.digits === 0n ? new PyError('InvalidOperation', "[<class 'decimal.DivisionUndefined'>]") : signal('DivisionByZero');
  const negative = a.negative !== b.negative;
  const ideal = a.exponent - b.exponent;
  if (a.digits === 0n) return new Decimal({ negative, digits: 0n, exponent: ideal });
  const shift = Math.max(0, digitCount(b.digits) - digitCount(a.digits) + PRECISION + 1);
  const top = a.digits * power10(shift);
  let quotient = top / b.digits;
  let exponent = ideal - shift;
  if (top % b.digits !== 0n) {
    // A last digit that is neither 0 nor 5 keeps the rounding from seeing a tie.
    if (quotient % 5n === 0n) quotient += 1n;
  } else {
    while (exponent < ideal && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent++;
    }
  }
  return finish({ negative, digits: quotient, exponent });
}

/** Division towards zero and its remainder, which has the sign of the dividend. */
function remainder(op: '//' | '%', a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) {
    if (op === '%' || a.digits === 0n)
      throw new PyError('InvalidOperation', `[<class 'decimal.${op === '%' && a.digits !== 0n ? 'InvalidOperation' : 'DivisionUndefined'}'>]`);
    throw signal('DivisionByZero');
  }
  const exponent = Math.min(a.exponent, b.exponent);
  const x = whole(a, exponent);
  const y = whole(b, exponent);
  const quotient = x / y;
  if (digitCount(quotient < 0n ? -quotient : quotient) > PRECISION) throw new PyError('InvalidOperation', "[<class 'decimal.DivisionImpossible'>]");
  if (op === '//') return new Decimal({ ...signed(quotient, 0), negative: a.negative !== b.negative });
  return finish({ ...signed(x % y, exponent), negative: a.negative });
}

function power(a: Decimal, b: Decimal): Decimal {
  const n = b.exponent >= 0 || b.reduced().exponent >= 0 ? Number(b.toInteger()) : undefined;
  if (n === undefined) {
    const parsed = Decimal.parse(String(a.toNumber() ** b.toNumber()));
    if (parsed === undefined) throw signal('InvalidOperation');
    return parsed;
  }
  if (n === 0 && a.digits === 0n) throw signal('InvalidOperation');
  if (a.digits === 0n && n > 0) return Decimal.int(0);
  if (Math.abs(n) > 10_000) throw signal('Overflow');
  const size: Digits = { negative: a.negative && n % 2 !== 0, digits: a.digits ** BigInt(Math.abs(n)), exponent: a.exponent * Math.abs(n) };
  return n < 0 ? divide(Decimal.int(1), new Decimal(size)) : finish(size);
}

const roundings: Readonly<Record<string, Rounding>> = {
  ROUND_HALF_EVEN: 'half-even',
  ROUND_HALF_UP: 'half-up',
  ROUND_HALF_DOWN: 'half-down',
  ROUND_UP: 'up',
  ROUND_DOWN: 'down',
  ROUND_CEILING: 'ceiling',
  ROUND_FLOOR: 'floor',
  ROUND_05UP: '05up',
};

const quantizeSignature = signature('quantize', 0, 'exp', 'rounding=', 'context=');
const wholeSignature = signature('to_integral_value', 0, 'rounding=', 'context=');

function rounding(v: Value | undefined): Rounding {
  const name = v === undefined || v === null ? 'ROUND_HALF_EVEN' : (asText(v) ?? '');
  const mode = Object.hasOwn(roundings, name) ? roundings[name] : undefined;
  if (mode === undefined)
    throw typeError(
      'valid values for rounding are: [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_05UP]',
    );
  return mode;
}

function quantize(self: Decimal, args: Args): Decimal {
  const [exp, mode] = bind(quantizeSignature, args) as [Value, Value?];
  const unit = comparable(exp);
  if (unit === undefined || exp instanceof Float) throw typeError('conversion from float to Decimal is not supported');
  const result = rescale(self, unit.exponent, rounding(mode));
  if (digitCount(result.digits) > PRECISION) throw signal('InvalidOperation');
  return new Decimal(result);
}

function integral(self: Decimal, args: Args): Decimal {
  const mode = rounding(bind(wholeSignature, args)[0]);
  return self.exponent >= 0 ? self : new Decimal(rescale(self, 0, mode));
}

const yes = (test: (self: Decimal) => boolean): Method<Decimal> => nullary('Decimal', (self) => test(self));

const methods: ReadonlyMap<string, Method<Decimal>> = new Map<string, Method<Decimal>>([
  ['quantize', quantize],
  ['normalize', (self) => finish(parts(self)).reduced()],
  ['to_integral_value', integral],
  ['to_integral', integral],
  ['to_integral_exact', integral],
  ['copy_abs', (self) => new Decimal({ ...parts(self), negative: false })],
  ['copy_negate', (self) => new Decimal({ ...parts(self), negative: !self.negative })],
  ['as_tuple', (self) => new Tuple([self.negative ? 1 : 0, new Tuple([...self.digits.toString()].map(Number)), self.exponent])],
  ['adjusted', (self) => (self.digits === 0n ? self.exponent : self.exponent + digitCount(self.digits) - 1)],
  ['conjugate', (self) => self],
  ['compare', (self, args) => Decimal.int(self.equals(args.positional[0] as Value) ? 0 : self.order('<', args.positional[0] as Value) === true ? -1 : 1)],
  ['is_finite', yes(() => true)],
  ['is_nan', yes(() => false)],
  ['is_infinite', yes(() => false)],
  ['is_zero', yes((self) => self.digits === 0n)],
  ['is_signed', yes((self) => self.negative)],
]);
