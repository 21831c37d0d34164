import { type Args, type BinaryOp, Obj, type OrderOp, type Value } from '../../value.ts';
import { Bound, bind, type Method, nullary, signature } from '../arguments.ts';
import { needIndex, slotName, typeError, valueError } from '../core.ts';
import { ordered } from '../float.ts';
import { asText } from '../markup.ts';
import { Named } from '../tuple.ts';
import { dayOfYear, daysInMonth, fromOrdinal, isoCalendar, isoYearStart, pad, toOrdinal, weekday } from './calendar.ts';
import { type Moment, strftime } from './strftime.ts';
import { TimeDelta } from './timedelta.ts';

/** Checks a calendar day; raises ValueError as Python words it. */
export function checkDate(year: number, month: number, day: number): void {
  if (year < 1 || year > 9999) throw valueError(`year ${year} is out of range`);
  if (month < 1 || month > 12) throw valueError('month must be in 1..12');
  if (day < 1 || day > daysInMonth(year, month)) throw valueError('day is out of range for month');
}

/** A Python date. */
export class PyDate extends Obj {
  readonly typeName: string = 'date';
  readonly year: number;
  readonly month: number;
  readonly day: number;
  constructor(year: number, month: number, day: number) {
    super();
    checkDate(year, month, day);
    this.year = year;
    this.month = month;
    this.day = day;
  }
  static ordinal(ordinal: number): PyDate {
    return new PyDate(...fromOrdinal(ordinal));
  }
  get ordinal(): number {
    return toOrdinal(this.year, this.month, this.day);
  }
  override module(): string {
    return 'datetime';
  }
  override truthy(): boolean {
    return true;
  }
  override attr(name: string): Value | undefined {
    if (name === 'year' || name === 'month' || name === 'day') return this[name];
    const method = dateMethods.get(name);
    return method === undefined ? undefined : new Bound<PyDate>(this, name, method);
  }
  isoformat(): string {
    return `${pad(this.year, 4)}-${pad(this.month)}-${pad(this.day)}`;
  }
  moment(): Moment {
    const epoch = (this.ordinal - 719163) * 86400;
    return { year: this.year, month: this.month, day: this.day, hour: 0, minute: 0, second: 0, micro: 0, offset: '', zone: '', epoch };
  }
  override str(): string {
    return this.isoformat();
  }
  override repr(): string {
    return `datetime.date(${this.year}, ${this.month}, ${this.day})`;
  }
  override format(spec: string): string {
    return strftime(this.moment(), spec);
  }
  override equals(other: Value): boolean {
    return other instanceof PyDate && other.typeName === 'date' && other.ordinal === this.ordinal;
  }
  override hashKey(): unknown {
    return `\0D${this.ordinal}`;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    if (!(other instanceof PyDate)) return undefined;
    if (other.typeName !== 'date') throw typeError(`can't compare ${slotName(other)} to datetime.date`);
    return ordered(op, this.ordinal, other.ordinal);
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (other instanceof TimeDelta) {
      if (op === '+') return PyDate.ordinal(this.ordinal + other.days);
      return op === '-' && !reflected ? PyDate.ordinal(this.ordinal - other.days) : undefined;
    }
    if (op === '-' && !reflected && other instanceof PyDate && other.typeName === 'date') return TimeDelta.seconds((this.ordinal - other.ordinal) * 86400);
    return undefined;
  }
}

const replaceSignature = signature('replace', 0, 'year=', 'month=', 'day=');
const formatSignature = signature('strftime', 0, 'format');

/** `date(year, month, day)` with optional parts taken from elsewhere. */
export function dateParts(values: readonly (Value | undefined)[], fallback: readonly number[]): number[] {
  return fallback.map((part, i) => (values[i] === undefined ? part : needIndex(values[i])));
}

/** The format argument of `strftime`. */
export function formatArg(args: Args): string {
  const v = bind(formatSignature, args)[0] as Value;
  const text = asText(v);
  if (text === undefined) throw typeError(`strftime() argument 1 must be str, not ${slotName(v)}`);
  return text;
}

/** A `time.struct_time`. */
export function structTime(m: Moment, dst: number): Value {
  const names = ['tm_year', 'tm_mon', 'tm_mday', 'tm_hour', 'tm_min', 'tm_sec', 'tm_wday', 'tm_yday', 'tm_isdst'];
  const ordinal = toOrdinal(m.year, m.month, m.day);
  return new Named('time.struct_time', names, [m.year, m.month, m.day, m.hour, m.minute, m.second, weekday(ordinal), dayOfYear(m.year, m.month, m.day), dst]);
}

/** `ctime()`. */
export function ctime(m: Moment): string {
  return strftime(m, '%a %b %e %H:%M:%S ') + pad(m.year, 4);
}

/** The methods that date and datetime share. */
export const dateMethods: ReadonlyMap<string, Method<PyDate>> = new Map<string, Method<PyDate>>([
  ['isoformat', nullary('date.isoformat', (self) => self.isoformat())],
  ['strftime', (self, args) => strftime(self.moment(), formatArg(args))],
  ['weekday', (self) => weekday(self.ordinal)],
  ['isoweekday', (self) => weekday(self.ordinal) + 1],
  ['isocalendar', (self) => new Named('datetime.IsoCalendarDate', ['year', 'week', 'weekday'], isoCalendar(self.ordinal, self.year))],
  ['toordinal', (self) => self.ordinal],
  ['timetuple', (self) => structTime(self.moment(), -1)],
  ['ctime', (self) => ctime(self.moment())],
  ['replace', (self, args) => new PyDate(...(dateParts(bind(replaceSignature, args), [self.year, self.month, self.day]) as [number, number, number]))],
]);

/** `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-Www-D`, ...; undefined where the text is none of these. */
export function parseIsoDate(text: string): PyDate | undefined {
  const m = /^(\d{4})(?:-(\d{2})-(\d{2})|(\d{2})(\d{2}))$/.exec(text);
  if (m !== null) return new PyDate(Number(m[1]), Number(m[2] ?? m[4]), Number(m[3] ?? m[5]));
  const week = /^(\d{4})(?:-W(\d{2})(?:-(\d))?|W(\d{2})(\d)?)$/.exec(text);
  if (week === null) return undefined;
  const year = Number(week[1]);
  const n = Number(week[2] ?? week[4]);
  const day = Number(week[3] ?? week[5] ?? 1);
  if (n < 1 || n > 53) throw valueError(`Invalid week: ${n}`);
  if (day < 1 || day > 7) throw valueError(`Invalid weekday: ${day} (range is [1, 7])`);
  return PyDate.ordinal(isoYearStart(year) + (n - 1) * 7 + day - 1);
}
