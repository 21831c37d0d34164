import { type Args, Obj, type OrderOp, type Value } from '../../value.ts';
import { Bound, bind, type Method, signature } from '../arguments.ts';
import { needIndex, slotName, typeError, valueError } from '../core.ts';
import { ordered } from '../float.ts';
import { asText } from '../markup.ts';
import { pad } from './calendar.ts';
import { formatArg } from './date.ts';
import { type Moment, strftime } from './strftime.ts';
import { TimeDelta } from './timedelta.ts';
import { FixedZone, offsetText, Zone } from './zone.ts';

/** Hour, minute, second, microsecond. */
export type Clock = readonly [number, number, number, number];

/** Checks a time of day; raises ValueError as Python words it. */
export function checkClock([hour, minute, second, micro]: Clock): void {
  if (hour < 0 || hour > 23) throw valueError('hour must be in 0..23');
  if (minute < 0 || minute > 59) throw valueError('minute must be in 0..59');
  if (second < 0 || second > 59) throw valueError('second must be in 0..59');
  if (micro < 0 || micro > 999_999) throw valueError('microsecond must be in 0..999999');
}

/** The clock part of an ISO text, as exact as `timespec` asks for. */
export function clockText([hour, minute, second, micro]: Clock, timespec: string): string {
  const minutes = `${pad(hour)}:${pad(minute)}`;
  switch (timespec) {
    case 'hours':
      return pad(hour);
    case 'minutes':
      return minutes;
    case 'seconds':
      return `${minutes}:${pad(second)}`;
    case 'milliseconds':
      return `${minutes}:${pad(second)}.${pad(Math.floor(micro / 1000), 3)}`;
    case 'microseconds':
      return `${minutes}:${pad(second)}.${pad(micro, 6)}`;
    case 'auto':
      return `${minutes}:${pad(second)}${micro === 0 ? '' : `.${pad(micro, 6)}`}`;
    default:
      throw valueError('Unknown timespec value');
  }
}

/** The arguments of a repr: seconds and microseconds only where they matter. */
export function clockRepr([hour, minute, second, micro]: Clock): string {
  const tail = micro !== 0 ? `, ${second}, ${micro}` : second !== 0 ? `, ${second}` : '';
  return `${hour}, ${minute}${tail}`;
}

/** A `tzinfo` argument: None or a zone. */
export function zoneArg(v: Value | undefined): Zone | undefined {
  if (v === undefined || v === null) return undefined;
  if (v instanceof Zone) return v;
  throw typeError(`tzinfo argument must be None or of a tzinfo subclass, not type '${slotName(v)}'`);
}

/** A Python time. */
export class PyTime extends Obj {
  readonly typeName = 'time';
  readonly clock: Clock;
  readonly zone: Zone | undefined;
  constructor(clock: Clock, zone?: Zone) {
    super();
    checkClock(clock);
    this.clock = clock;
    this.zone = zone;
  }
  override module(): string {
    return 'datetime';
  }
  override truthy(): boolean {
    return true;
  }
  override attr(name: string): Value | undefined {
    const at = ['hour', 'minute', 'second', 'microsecond'].indexOf(name);
    if (at >= 0) return this.clock[at];
    if (name === 'tzinfo') return this.zone ?? null;
    if (name === 'fold') return 0;
    const method = timeMethods.get(name);
    return method === undefined ? undefined : new Bound<PyTime>(this, name, method);
  }
  isoformat(timespec = 'auto'): string {
    const fixed = this.zone instanceof FixedZone ? this.zone.offset() : undefined;
    return clockText(this.clock, timespec) + (fixed === undefined ? '' : offsetText(fixed.seconds));
  }
  moment(): Moment {
    const [hour, minute, second, micro] = this.clock;
    const fixed = this.zone instanceof FixedZone ? this.zone.offset() : undefined;
    const offset = fixed === undefined ? '' : offsetText(fixed.seconds, '');
    return { year: 1900, month: 1, day: 1, hour, minute, second, micro, offset, zone: fixed?.name ?? '', epoch: 0 };
  }
  override str(): string {
    return this.isoformat();
  }
  override repr(): string {
    return `datetime.time(${clockRepr(this.clock)}${this.zone === undefined ? '' : `, tzinfo=${this.zone.repr()}`})`;
  }
  override format(spec: string): string {
    return strftime(this.moment(), spec);
  }
  private get micros(): number {
    const [hour, minute, second, micro] = this.clock;
    return ((hour * 60 + minute) * 60 + second) * 1e6 + micro;
  }
  override equals(other: Value): boolean {
    return other instanceof PyTime && other.micros === this.micros && (other.zone === undefined) === (this.zone === undefined);
  }
  override hashKey(): unknown {
    return `\0T${this.micros}`;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    if (!(other instanceof PyTime)) return undefined;
    if ((other.zone === undefined) !== (this.zone === undefined)) throw typeError("can't compare offset-naive and offset-aware times");
    return ordered(op, this.micros, other.micros);
  }
}

const clockNames = ['hour=', 'minute=', 'second=', 'microsecond=', 'tzinfo='] as const;
const replaceSignature = signature('replace', 0, ...clockNames);
const timeSignature = signature('time', 0, ...clockNames, '*', 'fold=');
const specSignature = signature('isoformat', 0, 'timespec=');

/** `time(hour, minute, second, microsecond, tzinfo)`. */
export function makeTime(args: Args): PyTime {
  const bound = bind(timeSignature, args);
  return new PyTime([0, 1, 2, 3].map((i) => (bound[i] === undefined ? 0 : needIndex(bound[i]))) as unknown as Clock, zoneArg(bound[4]));
}

const timeMethods: ReadonlyMap<string, Method<PyTime>> = new Map<string, Method<PyTime>>([
  ['isoformat', (self, args) => self.isoformat(asText(bind(specSignature, args)[0]) ?? 'auto')],
  ['strftime', (self, args) => strftime(self.moment(), formatArg(args))],
  [
    'replace',
    (self, args) => {
      const bound = bind(replaceSignature, args);
      const clock = self.clock.map((part, i) => (bound[i] === undefined ? part : needIndex(bound[i]))) as unknown as Clock;
      return new PyTime(clock, bound[4] === undefined ? self.zone : zoneArg(bound[4]));
    },
  ],
  ['utcoffset', (self) => (self.zone instanceof FixedZone ? TimeDelta.seconds(self.zone.offset().seconds) : null)],
  ['tzname', (self) => (self.zone instanceof FixedZone ? self.zone.offset().name : null)],
  ['dst', () => null],
]);

/** `HH[:MM[:SS[.ffffff]]][+HH:MM]` and its short forms; undefined where the text is none of these. */
export function parseIsoTime(text: string): PyTime | undefined {
  const m = /^(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?|(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?(Z|[+-].*)?$/.exec(text);
  if (m === null) return undefined;
  const zone = m[8] === undefined ? undefined : parseOffset(m[8]);
  if (m[8] !== undefined && zone === undefined) return undefined;
  const micro = (m[4] ?? m[7] ?? '').slice(0, 6).padEnd(6, '0');
  return new PyTime([Number(m[1]), Number(m[2] ?? m[5] ?? 0), Number(m[3] ?? m[6] ?? 0), Number(micro)], zone);
}

/** `Z`, `+HH:MM[:SS]` or `+HHMM` as a zone. */
export function parseOffset(text: string): FixedZone | undefined {
  if (text === 'Z' || text === 'z') return new FixedZone(0);
  const m = /^([+-])(\d{2}):?(?:(\d{2})(?::?(\d{2})(?:\.\d+)?)?)?$/.exec(text);
  if (m === null) return undefined;
  const seconds = Number(m[2]) * 3600 + Number(m[3] ?? 0) * 60 + Number(m[4] ?? 0);
  return new FixedZone(m[1] === '-' ? 0 - seconds : seconds);
}
