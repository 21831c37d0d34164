import { type BinaryOp, Obj, type OrderOp, PyError, type Value } from '../../value.ts';
import { Bound, bind, nullary, signature } from '../arguments.ts';
import { isInt, slotName, toInt, typeError } from '../core.ts';
import { exactDigits } from '../digits.ts';
import { Float, ordered } from '../float.ts';
import { DAY_MICROS, pad } from './calendar.ts';

const DAY = BigInt(DAY_MICROS);
const MAX_DAYS = 999_999_999n;

function floorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}

/** A Python timedelta: a whole number of microseconds. */
export class TimeDelta extends Obj {
  readonly typeName = 'timedelta';
  readonly micros: bigint;
  constructor(micros: bigint) {
    super();
    const days = floorDiv(micros, DAY);
    if (days > MAX_DAYS || days < -MAX_DAYS) throw new PyError('OverflowError', `days=${days}; must have magnitude <= 999999999`);
    this.micros = micros;
  }
  static seconds(seconds: number): TimeDelta {
    return new TimeDelta(BigInt(Math.round(seconds * 1e6)));
  }
  override module(): string {
    return 'datetime';
  }
  override truthy(): boolean {
    return this.micros !== 0n;
  }
  get days(): number {
    return Number(floorDiv(this.micros, DAY));
  }
  private get rest(): number {
    return Number(this.micros - floorDiv(this.micros, DAY) * DAY);
  }
  get seconds(): number {
    return Math.floor(this.rest / 1e6);
  }
  get microseconds(): number {
    return this.rest % 1e6;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'days':
        return this.days;
      case 'seconds':
        return this.seconds;
      case 'microseconds':
        return this.microseconds;
      case 'total_seconds':
        return new Bound<TimeDelta>(
          this,
          name,
          nullary('timedelta.total_seconds', (self) => new Float(Number(self.micros) / 1e6)),
        );
      default:
        return timedeltaConstant(name);
    }
  }
  override str(): string {
    const { days, seconds, microseconds } = this;
    const clock = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${microseconds === 0 ? '' : `.${pad(microseconds, 6)}`}`;
    return days === 0 ? clock : `${days} day${Math.abs(days) === 1 ? '' : 's'}, ${clock}`;
  }
  override repr(): string {
    const parts = (['days', 'seconds', 'microseconds'] as const).filter((name) => this[name] !== 0).map((name) => `${name}=${this[name]}`);
    return `datetime.timedelta(${parts.length === 0 ? '0' : parts.join(', ')})`;
  }
  override equals(other: Value): boolean {
    return other instanceof TimeDelta && other.micros === this.micros;
  }
  override hashKey(): unknown {
    return `\0d${this.micros}`;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    return other instanceof TimeDelta ? ordered(op, this.micros, other.micros) : undefined;
  }
  override negate(op: '-' | '+'): Value {
    return op === '-' ? new TimeDelta(-this.micros) : this;
  }
  /** What the `abs` filter asks for. */
  absolute(): Value {
    return this.micros < 0n ? new TimeDelta(-this.micros) : this;
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (op === '*') return this.times(other);
    if (reflected) return undefined;
    if (other instanceof TimeDelta) return this.withDelta(op, other);
    if (op === '/' && (isInt(other) || other instanceof Float)) return this.over(other);
    if (op === '//' && isInt(other)) {
      if (!toInt(other)) throw new PyError('ZeroDivisionError', 'integer division or modulo by zero');
      return new TimeDelta(floorDiv(this.micros, BigInt(toInt(other))));
    }
    return undefined;
  }
  private withDelta(op: BinaryOp, other: TimeDelta): Value | undefined {
    if (op === '+') return new TimeDelta(this.micros + other.micros);
    if (op === '-') return new TimeDelta(this.micros - other.micros);
    if (op === '*' || op === '**') return undefined;
    if (other.micros === 0n) throw new PyError('ZeroDivisionError', op === '/' ? 'division by zero' : 'integer division or modulo by zero');
    if (op === '/') return new Float(Number(this.micros) / Number(other.micros));
    const quotient = floorDiv(this.micros, other.micros);
    return op === '//' ? Number(quotient) : new TimeDelta(this.micros - quotient * other.micros);
  }
  private times(other: Value): Value | undefined {
    if (isInt(other)) return new TimeDelta(this.micros * BigInt(toInt(other)));
    return other instanceof Float ? this.scaled(other.value, false) : undefined;
  }
  private over(other: Value): Value {
    const by = other instanceof Float ? other.value : Number(other);
    if (by === 0) throw new PyError('ZeroDivisionError', 'division by zero');
    return other instanceof Float ? this.scaled(by, true) : new TimeDelta(divideEven(this.micros, BigInt(toInt(other as number))));
  }
  /** Times (or divided by) a float, exactly, then rounded once. */
  private scaled(by: number, divide: boolean): TimeDelta {
    if (!Number.isFinite(by)) throw new PyError('OverflowError', `cannot convert ${Number.isNaN(by) ? 'NaN' : 'Infinity'} to integer ratio`);
    const { negative, digits, exponent } = exactDigits(by);
    const top = negative ? -digits : digits;
    const bottom = 10n ** BigInt(-exponent);
    return new TimeDelta(divide ? divideEven(this.micros * bottom, top) : divideEven(this.micros * top, bottom));
  }
}

/** The quotient rounded half to even. */
function divideEven(a: bigint, b: bigint): bigint {
  const [x, y] = b < 0n ? [-a, -b] : [a, b];
  const quotient = floorDiv(x, y);
  const twice = (x - quotient * y) * 2n;
  return twice > y || (twice === y && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** Rounds half to even. */
function roundEven(value: number): bigint {
  const floor = Math.floor(value);
  const rest = value - floor;
  return BigInt(rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
}

function timedeltaConstant(name: string): Value | undefined {
  if (name === 'min') return new TimeDelta(-MAX_DAYS * DAY);
  if (name === 'max') return new TimeDelta(MAX_DAYS * DAY + DAY - 1n);
  return name === 'resolution' ? new TimeDelta(1n) : undefined;
}

/** A class attribute of timedelta. */
export { timedeltaConstant };

const units = [DAY_MICROS, 1e6, 1, 1000, 60e6, 3600e6, 7 * DAY_MICROS] as const;
const unitNames = ['days', 'seconds', 'microseconds', 'milliseconds', 'minutes', 'hours', 'weeks'];
const deltaSignature = signature('timedelta', 0, ...unitNames.map((name) => `${name}=`));

/** `timedelta(days, seconds, microseconds, milliseconds, minutes, hours, weeks)`. */
export function makeTimedelta(args: Parameters<typeof bind>[1]): TimeDelta {
  let whole = 0n;
  let fraction = 0;
  bind(deltaSignature, args).forEach((value, i) => {
    if (value === undefined) return;
    const unit = units[i] as number;
    if (isInt(value)) whole += BigInt(toInt(value)) * BigInt(unit);
    else if (value instanceof Float) {
      const units_ = Math.trunc(value.value);
      whole += BigInt(units_) * BigInt(unit);
      fraction += (value.value - units_) * unit;
    } else throw typeError(`unsupported type for timedelta ${unitNames[i]} component: ${slotName(value)}`);
  });
  return new TimeDelta(whole + roundEven(fraction));
}
