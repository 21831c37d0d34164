import { type Args, Callable, PyError, type Site, type Value } from '../../value.ts';
import { getAttr } from '../access.ts';
import { Builtin, bind, positional, signature } from '../arguments.ts';
import { toPyFloat } from '../convert.ts';
import { needIndex, slotName, typeError } from '../core.ts';
import { Dict } from '../dict.ts';
import { asText } from '../markup.ts';
import { quote } from '../text.ts';
import { PyDate, parseIsoDate } from './date.ts';
import { makeDatetime, PyDateTime, parseIsoDatetime } from './datetime.ts';
import { Utc } from './pytz.ts';
import { strptime } from './strptime.ts';
import { makeTime, PyTime, parseIsoTime, zoneArg } from './time.ts';
import { makeTimedelta, TimeDelta, timedeltaConstant } from './timedelta.ts';
import { FixedZone } from './zone.ts';

export { PyDate } from './date.ts';
export { PyDateTime, parseIsoDatetime } from './datetime.ts';
export { pytzModule } from './pytz.ts';
export { TimeDelta } from './timedelta.ts';

/** What `now()` and `today()` read. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** The offset of local time at an instant, in minutes east of UTC; UTC by default. */
  localOffset?(utc: number): number;
}

type Static = (args: Args, site: Site) => Value;

/** One of the module's types: called to construct, with class methods; other names answer the methods of its instances, unbound. */
class DatetimeType extends Builtin {
  private readonly statics: ReadonlyMap<string, Static>;
  private readonly constants: (name: string) => Value | undefined;
  constructor(name: string, make: Static, statics: Readonly<Record<string, Static>>, constants: (name: string) => Value | undefined) {
    super(`datetime.${name}`, make, 'type');
    this.statics = new Map(Object.entries(statics));
    this.constants = constants;
  }
  override attr(name: string): Value | undefined {
    const method = this.statics.get(name);
    if (method !== undefined) return new Builtin(name, method);
    const constant = this.constants(name);
    if (constant !== undefined) return constant;
    if (!instanceMethods.has(name)) return undefined;
    return new Builtin(name, (args, site) => unbound(name, args, site));
  }
}

const instanceMethods = new Set(
  'strftime isoformat date time timetz replace astimezone utcoffset dst tzname timestamp weekday isoweekday isocalendar toordinal timetuple utctimetuple ctime total_seconds'.split(
    ' ',
  ),
);

/** `datetime.strftime(value, format)`: the method of the first argument. */
function unbound(name: string, args: Args, site: Site): Value {
  const [self, ...rest] = args.positional;
  if (self === undefined) throw typeError(`unbound method datetime.${name}() needs an argument`);
  const method = getAttr(self, name);
  if (!(method instanceof Callable)) throw typeError(`descriptor '${name}' doesn't apply to a '${slotName(self)}' object`);
  return method.call({ positional: rest, named: args.named }, site);
}

function text(v: Value | undefined, name: string): string {
  const s = asText(v);
  if (s === undefined) throw typeError(`${name}: argument must be str`);
  return s;
}

const dateSignature = signature('date', 0, 'year', 'month', 'day');
const nowSignature = signature('now', 0, 'tz=');
const stampSignature = signature('fromtimestamp', 0, 'timestamp', 'tz=');
const combineSignature = signature('combine', 0, 'date', 'time', 'tzinfo=');
const zoneSignature = signature('timezone', 0, 'offset', 'name=');
const weekSignature = signature('fromisocalendar', 0, 'year', 'week', 'day');

function makeDate(args: Args): PyDate {
  return new PyDate(...(bind(dateSignature, args).map((v) => needIndex(v as Value)) as [number, number, number]));
}

function isoDate(args: Args): PyDate {
  const s = text(positional(args, 'date.fromisoformat', 1)[0], 'fromisoformat');
  const date = parseIsoDate(s);
  if (date === undefined) throw new PyError('ValueError', `Invalid isoformat string: ${quote(s)}`);
  return date;
}

function isoTime(args: Args): PyTime {
  const s = text(positional(args, 'time.fromisoformat', 1)[0], 'fromisoformat');
  const time = parseIsoTime(s.replace(/^T/, ''));
  if (time === undefined) throw new PyError('ValueError', `Invalid isoformat string: ${quote(s)}`);
  return time;
}

function fromWeek(args: Args): PyDate {
  const [year, week, day] = bind(weekSignature, args).map((v) => needIndex(v as Value)) as [number, number, number];
  return parseIsoDate(`${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}-${day}`) as PyDate;
}

function microsOf(v: Value): bigint {
  const seconds = toPyFloat(v);
  const whole = Math.floor(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((seconds - whole) * 1e6));
}

function combine(args: Args): PyDateTime {
  const [date, time, zone] = bind(combineSignature, args);
  if (!(date instanceof PyDate)) throw typeError(`combine() argument 1 must be datetime.date, not ${slotName(date as Value)}`);
  if (!(time instanceof PyTime)) throw typeError(`combine() argument 2 must be datetime.time, not ${slotName(time as Value)}`);
  return new PyDateTime(date.year, date.month, date.day, time.clock, zone === undefined ? time.zone : zoneArg(zone));
}

/** The class methods of date and datetime that read the clock. */
function clockMethods(clock: Clock): { readonly local: (micros: bigint) => PyDateTime; readonly now: () => bigint } {
  return {
    now: () => BigInt(Math.round(clock.now() * 1000)),
    local: (micros) => PyDateTime.local(micros + BigInt(clock.localOffset?.(Number(micros / 1000n)) ?? 0) * 60_000_000n),
  };
}

const asDate = (dt: PyDateTime): PyDate => new PyDate(dt.year, dt.month, dt.day);

function dateType(clock: Clock): DatetimeType {
  const { local, now } = clockMethods(clock);
  const statics: Record<string, Static> = {
    today: () => asDate(local(now())),
    fromordinal: (args) => PyDate.ordinal(needIndex(positional(args, 'date.fromordinal', 1)[0] as Value)),
    fromisoformat: isoDate,
    fromisocalendar: fromWeek,
    fromtimestamp: (args) => asDate(local(microsOf(positional(args, 'date.fromtimestamp', 1)[0] as Value))),
  };
  return new DatetimeType('date', makeDate, statics, (name) => {
    if (name === 'min') return new PyDate(1, 1, 1);
    if (name === 'max') return new PyDate(9999, 12, 31);
    return name === 'resolution' ? TimeDelta.seconds(86400) : undefined;
  });
}

function datetimeType(clock: Clock): DatetimeType {
  const { local, now } = clockMethods(clock);
  const inZone = (micros: bigint, zone: Value | undefined): PyDateTime => {
    const own = zoneArg(zone);
    return own === undefined ? local(micros) : PyDateTime.instant(micros, own);
  };
  const statics: Record<string, Static> = {
    now: (args) => inZone(now(), bind(nowSignature, args)[0]),
    today: () => local(now()),
    utcnow: () => PyDateTime.local(now()),
    fromtimestamp: (args) => {
      const [stamp, zone] = bind(stampSignature, args) as [Value, Value?];
      return inZone(microsOf(stamp), zone);
    },
    utcfromtimestamp: (args) => PyDateTime.local(microsOf(positional(args, 'utcfromtimestamp', 1)[0] as Value)),
    fromordinal: (args) => {
      const date = PyDate.ordinal(needIndex(positional(args, 'fromordinal', 1)[0] as Value));
      return new PyDateTime(date.year, date.month, date.day);
    },
    fromisoformat: (args) => parseIsoDatetime(text(positional(args, 'fromisoformat', 1)[0], 'fromisoformat')),
    strptime: (args) => {
      const [value, format] = positional(args, 'strptime', 2);
      if (asText(value) === undefined) throw typeError(`strptime() argument 1 must be str, not ${slotName(value as Value)}`);
      return strptime(text(value, 'strptime'), text(format, 'strptime'));
    },
    combine,
  };
  return new DatetimeType('datetime', makeDatetime, statics, (name) => {
    if (name === 'min') return new PyDateTime(1, 1, 1);
    if (name === 'max') return new PyDateTime(9999, 12, 31, [23, 59, 59, 999_999]);
    return name === 'resolution' ? new TimeDelta(1n) : undefined;
  });
}

/** The members of Python's `datetime`. */
export function datetimeModule(clock: Clock): Dict {
  const time = new DatetimeType('time', makeTime, { fromisoformat: isoTime }, (name) => {
    if (name === 'min') return new PyTime([0, 0, 0, 0]);
    return name === 'max' ? new PyTime([23, 59, 59, 999_999]) : undefined;
  });
  const zone = new DatetimeType(
    'timezone',
    (args) => {
      const [offset, name] = bind(zoneSignature, args);
      if (!(offset instanceof TimeDelta)) throw typeError(`timezone() argument 1 must be datetime.timedelta, not ${slotName(offset as Value)}`);
      return new FixedZone(Number(offset.micros) / 1e6, asText(name));
    },
    {},
    (name) => (name === 'utc' ? new FixedZone(0) : undefined),
  );
  return new Dict([
    ['date', dateType(clock)],
    ['datetime', datetimeType(clock)],
    ['time', time],
    ['timedelta', new DatetimeType('timedelta', makeTimedelta, {}, timedeltaConstant)],
    ['timezone', zone],
    ['tzinfo', new Builtin('datetime.tzinfo', () => noZone(), 'type')],
  ]);
}

function noZone(): never {
  throw new PyError('NotImplementedError', 'a tzinfo subclass must implement utcoffset()');
}

/** A UTC instant (milliseconds since 1970) as a datetime in `pytz.utc`, as dbt's `run_started_at` is. */
export function utcDatetime(millis: number): PyDateTime {
  return PyDateTime.instant(BigInt(Math.round(millis * 1000)), new Utc());
}
