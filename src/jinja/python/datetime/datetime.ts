import { type Args, type BinaryOp, type OrderOp, PyError, type Value } from '../../value.ts';
import { Bound, bind, type Method, signature } from '../arguments.ts';
import { needIndex, slotName, typeError } from '../core.ts';
import { Float, ordered } from '../float.ts';
import { asText } from '../markup.ts';
import { DAY_MICROS, fromOrdinal } from './calendar.ts';
import { dateMethods, PyDate, parseIsoDate, structTime } from './date.ts';
import type { Moment } from './strftime.ts';
import { type Clock, checkClock, clockRepr, clockText, PyTime, parseIsoTime, zoneArg } from './time.ts';
import { TimeDelta } from './timedelta.ts';
import { FixedZone, type Offset, offsetText, type Zone } from './zone.ts';

/** The ordinal of 1970-01-01. */
const EPOCH = 719163;

/** A Python datetime, naive or with a zone. */
export class PyDateTime extends PyDate {
  override readonly typeName: string = 'datetime';
  readonly clock: Clock;
  readonly zone: Zone | undefined;
  constructor(year: number, month: number, day: number, clock: Clock = [0, 0, 0, 0], zone?: Zone) {
    super(year, month, day);
    checkClock(clock);
    this.clock = clock;
    this.zone = zone;
  }
  /** The time whose wall clock shows so many microseconds since 1970; raises OverflowError. */
  static local(micros: bigint, zone?: Zone): PyDateTime {
    const size = BigInt(DAY_MICROS);
    const rest = ((micros % size) + size) % size;
    const [year, month, day] = fromOrdinal(Number((micros - rest) / size) + EPOCH);
    const n = Number(rest);
    const clock: Clock = [Math.floor(n / 3600e6), Math.floor(n / 60e6) % 60, Math.floor(n / 1e6) % 60, n % 1e6];
    return new PyDateTime(year, month, day, clock, zone);
  }
  /** A UTC instant (microseconds since 1970) as a zone shows it. */
  static instant(micros: bigint, zone: Zone): PyDateTime {
    const [own, offset] = zone.at(Number(micros / 1000n));
    return PyDateTime.local(micros + BigInt(offset.seconds) * 1_000_000n, own);
  }
  /** What the wall clock shows, in microseconds since 1970. */
  localMicros(): bigint {
    const [hour, minute, second, micro] = this.clock;
    return BigInt(this.ordinal - EPOCH) * BigInt(DAY_MICROS) + BigInt(((hour * 60 + minute) * 60 + second) * 1e6 + micro);
  }
  /** What the wall clock shows, in milliseconds since 1970. */
  localMillis(): number {
    return Number(this.localMicros() / 1000n);
  }
  offset(): Offset | undefined {
    return this.zone?.offset(this.localMillis());
  }
  /** The instant in microseconds since 1970; a naive time counts as UTC. */
  utcMicros(): bigint {
    return this.localMicros() - BigInt(this.offset()?.seconds ?? 0) * 1_000_000n;
  }
  withZone(zone: Zone | undefined): PyDateTime {
    return new PyDateTime(this.year, this.month, this.day, this.clock, zone);
  }
  toZone(zone: Zone): PyDateTime {
    return PyDateTime.instant(this.utcMicros(), zone);
  }
  override attr(name: string): Value | undefined {
    const at = ['hour', 'minute', 'second', 'microsecond'].indexOf(name);
    if (at >= 0) return this.clock[at];
    if (name === 'tzinfo') return this.zone ?? null;
    if (name === 'fold') return 0;
    const method = datetimeMethods.get(name);
    return method === undefined ? super.attr(name) : new Bound<PyDateTime>(this, name, method);
  }
  override isoformat(separator = 'T', timespec = 'auto'): string {
    const offset = this.offset();
    return `${super.isoformat()}${separator}${clockText(this.clock, timespec)}${offset === undefined ? '' : offsetText(offset.seconds)}`;
  }
  override moment(): Moment {
    const [hour, minute, second, micro] = this.clock;
    const offset = this.offset();
    const shown = offset === undefined ? '' : offsetText(offset.seconds, '');
    const epoch = Math.floor((this.ordinal - EPOCH) * 86400 + (hour * 60 + minute) * 60 + second);
    return { year: this.year, month: this.month, day: this.day, hour, minute, second, micro, offset: shown, zone: offset?.name ?? '', epoch };
  }
  override str(): string {
    return this.isoformat(' ');
  }
  override repr(): string {
    const zone = this.zone === undefined ? '' : `, tzinfo=${this.zone.repr()}`;
    return `datetime.datetime(${this.year}, ${this.month}, ${this.day}, ${clockRepr(this.clock)}${zone})`;
  }
  override equals(other: Value): boolean {
    return other instanceof PyDateTime && (other.zone === undefined) === (this.zone === undefined) && other.utcMicros() === this.utcMicros();
  }
  override hashKey(): unknown {
    return `\0M${this.zone === undefined ? '' : 'z'}${this.utcMicros()}`;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    if (!(other instanceof PyDate)) return undefined;
    if (!(other instanceof PyDateTime)) throw typeError("can't compare datetime.datetime to datetime.date");
    if ((other.zone === undefined) !== (this.zone === undefined)) throw typeError("can't compare offset-naive and offset-aware datetimes");
    return ordered(op, this.utcMicros(), other.utcMicros());
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (other instanceof TimeDelta) {
      if (op === '+') return PyDateTime.local(this.localMicros() + other.micros, this.zone);
      return op === '-' && !reflected ? PyDateTime.local(this.localMicros() - other.micros, this.zone) : undefined;
    }
    if (op !== '-' || reflected || !(other instanceof PyDateTime)) return undefined;
    if ((other.zone === undefined) !== (this.zone === undefined)) throw typeError("can't subtract offset-naive and offset-aware datetimes");
    return new TimeDelta(this.utcMicros() - other.utcMicros());
  }
}

const clockNames = ['hour=', 'minute=', 'second=', 'microsecond=', 'tzinfo='] as const;
const datetimeSignature = signature('datetime', 0, 'year', 'month', 'day', ...clockNames, '*', 'fold=');
const replaceSignature = signature('replace', 0, 'year=', 'month=', 'day=', ...clockNames, '*', 'fold=');
const isoSignature = signature('isoformat', 0, 'sep=', 'timespec=');
const zoneSignature = signature('astimezone', 0, 'tz=');

function build(parts: readonly number[], zone: Zone | undefined): PyDateTime {
  const [year, month, day, ...clock] = parts as [number, number, number, ...number[]];
  return new PyDateTime(year, month, day, clock as unknown as Clock, zone);
}

/** `datetime(year, month, day, hour, minute, second, microsecond, tzinfo)`. */
export function makeDatetime(args: Args): PyDateTime {
  const bound = bind(datetimeSignature, args);
  const parts = [0, 1, 2, 3, 4, 5, 6].map((i) => (bound[i] === undefined ? 0 : needIndex(bound[i])));
  return build(parts, zoneArg(bound[7]));
}

/** The methods of datetime beyond those of date. */
const datetimeMethods: ReadonlyMap<string, Method<PyDateTime>> = new Map<string, Method<PyDateTime>>([
  ['date', (self) => new PyDate(self.year, self.month, self.day)],
  ['time', (self) => new PyTime(self.clock)],
  ['timetz', (self) => new PyTime(self.clock, self.zone)],
  [
    'replace',
    (self, args) => {
      const bound = bind(replaceSignature, args);
      const parts = [self.year, self.month, self.day, ...self.clock].map((part, i) => (bound[i] === undefined ? part : needIndex(bound[i])));
      return build(parts, bound[7] === undefined ? self.zone : zoneArg(bound[7]));
    },
  ],
  [
    'isoformat',
    (self, args) => {
      const [separator, timespec] = bind(isoSignature, args);
      return self.isoformat(asText(separator) ?? 'T', asText(timespec) ?? 'auto');
    },
  ],
  ['timestamp', (self) => new Float(Number(self.utcMicros()) / 1e6)],
  [
    'astimezone',
    (self, args) => {
      const [zone] = bind(zoneSignature, args);
      if (zone !== undefined && zone !== null && zoneArg(zone) === undefined)
        throw typeError(`tz argument must be an instance of tzinfo, not ${slotName(zone)}`);
      return self.toZone(zoneArg(zone) ?? new FixedZone(0));
    },
  ],
  ['utcoffset', (self) => delta(self.offset()?.seconds)],
  ['dst', (self) => (self.zone instanceof FixedZone ? null : delta(self.offset()?.dst))],
  ['tzname', (self) => self.offset()?.name ?? null],
  ['timetuple', (self) => structTime(self.moment(), self.zone === undefined || self.zone instanceof FixedZone ? -1 : self.offset()?.dst === 0 ? 0 : 1)],
  ['utctimetuple', (self) => structTime(self.toZone(new FixedZone(0)).moment(), 0)],
  ['strftime', (self, args, site) => (dateMethods.get('strftime') as Method<PyDate>)(self, args, site)],
]);

function delta(seconds: number | undefined): Value {
  return seconds === undefined ? null : TimeDelta.seconds(seconds);
}

/** `datetime.fromisoformat(text)`; raises ValueError. */
export function parseIsoDatetime(text: string): PyDateTime {
  const m = /^(\d{4}-\d{2}-\d{2}|\d{4}-?W\d{2}(?:-?\d)?|\d{8})(?:[\s\S](.+))?$/u.exec(text);
  const date = m === null ? undefined : parseIsoDate(m[1] as string);
  const time = m?.[2] === undefined ? new PyTime([0, 0, 0, 0]) : parseIsoTime(m[2]);
  if (date === undefined || time === undefined) throw new PyError('ValueError', `Invalid isoformat string: '${text}'`);
  return new PyDateTime(date.year, date.month, date.day, time.clock, time.zone);
}
