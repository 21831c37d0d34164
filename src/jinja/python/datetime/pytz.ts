import { Obj, PyError, type Value } from '../../value.ts';
import { Bound, Builtin, bind, signature } from '../arguments.ts';
import { index, repr } from '../core.ts';
import { Dict } from '../dict.ts';
import { asText } from '../markup.ts';
import { quote } from '../text.ts';
import { PyDateTime } from './datetime.ts';
import { TimeDelta } from './timedelta.ts';
import { type Offset, offsetText, Zone } from './zone.ts';

const HOUR = 3_600_000;

// Zone abbreviations are not part of JavaScript's data but for a few; these are the ones the tz database has for letters.
const abbreviations: readonly (readonly [RegExp, string, string])[] = [
  [/^Europe\/(London|Belfast|Guernsey|Isle_of_Man|Jersey)$|^GB/, 'GMT', 'BST'],
  [/^Europe\/Dublin$|^Eire$/, 'GMT', 'IST'],
  [/^Europe\/Lisbon$|^Portugal$|^Atlantic\/(Canary|Faroe|Madeira)$|^WET$/, 'WET', 'WEST'],
  [
    /^Europe\/(Athens|Bucharest|Helsinki|Kiev|Kyiv|Riga|Sofia|Tallinn|Vilnius|Chisinau|Mariehamn|Kaliningrad)$|^Asia\/(Nicosia|Beirut|Famagusta)$|^Africa\/(Cairo|Tripoli)$|^EET$|^Egypt$/,
    'EET',
    'EEST',
  ],
  [/^Europe\/(Moscow|Simferopol)$|^W-SU$/, 'MSK', 'MSD'],
  [/^Europe\/(Istanbul|Minsk|Samara|Saratov|Ulyanovsk|Astrakhan|Volgograd)$/, '', ''],
  [/^Europe\/|^CET$|^MET$|^Poland$|^Africa\/(Tunis|Algiers|Ceuta)$|^Arctic\//, 'CET', 'CEST'],
  [/^Asia\/(Kolkata|Calcutta)$/, 'IST', 'IST'],
  [/^Asia\/(Jerusalem|Tel_Aviv)$|^Israel$/, 'IST', 'IDT'],
  [/^Asia\/Tokyo$|^Japan$/, 'JST', 'JDT'],
  [/^Asia\/(Seoul|Pyongyang)$|^ROK$/, 'KST', 'KDT'],
  [/^Asia\/(Shanghai|Chongqing|Harbin|Macau|Taipei)$|^PRC$|^ROC$/, 'CST', 'CDT'],
  [/^Asia\/(Hong_Kong)$|^Hongkong$/, 'HKT', 'HKST'],
  [/^Asia\/Manila$/, 'PST', 'PDT'],
  [/^Asia\/Jakarta$/, 'WIB', 'WIB'],
  [/^Asia\/(Karachi)$/, 'PKT', 'PKST'],
  [/^Australia\/(Sydney|Melbourne|Hobart|Brisbane|Canberra|ACT|NSW|Victoria|Tasmania|Queensland|Lindeman|Currie)$/, 'AEST', 'AEDT'],
  [/^Australia\/(Adelaide|Darwin|Broken_Hill|South|North)$/, 'ACST', 'ACDT'],
  [/^Australia\/(Perth|West)$/, 'AWST', 'AWDT'],
  [/^Pacific\/Auckland$|^NZ$/, 'NZST', 'NZDT'],
  [/^Africa\/(Johannesburg|Maseru|Mbabane)$/, 'SAST', 'SAST'],
  [/^Africa\/(Lagos|Luanda|Kinshasa|Libreville|Douala|Niamey)$/, 'WAT', 'WAT'],
  [/^Africa\/(Nairobi|Addis_Ababa|Kampala|Dar_es_Salaam|Mogadishu)$/, 'EAT', 'EAT'],
  [/^Africa\/(Maputo|Harare|Lusaka|Lubumbashi|Kigali|Gaborone|Khartoum|Windhoek)$/, 'CAT', 'CAT'],
  [/^Africa\/(Abidjan|Accra|Dakar|Bamako)$|^Iceland$|^Atlantic\/Reykjavik$/, 'GMT', 'GMT'],
  [/^America\/(Halifax|Puerto_Rico|Barbados|Martinique|Santo_Domingo)$|^Atlantic\/Bermuda$/, 'AST', 'ADT'],
  [/^America\/St_Johns$/, 'NST', 'NDT'],
  [/^America\/(Havana)$|^Cuba$/, 'CST', 'CDT'],
  [/^America\/(Panama|Jamaica|Cancun|Cayman)$/, 'EST', 'EDT'],
  [/^America\/(Mexico_City|Costa_Rica|Guatemala|El_Salvador|Managua|Tegucigalpa|Monterrey|Merida|Regina)$/, 'CST', 'CDT'],
];

/** The rules of one zone of the tz database, read through `Intl`; raises RangeError for a name it does not know. */
class Rules {
  readonly name: string;
  private readonly clock: Intl.DateTimeFormat;
  private label: Intl.DateTimeFormat | undefined;
  private mean: Offset | undefined;
  constructor(name: string) {
    this.name = name;
    const numeric = 'numeric' as const;
    this.clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  }
  /** The offset at a UTC instant, in seconds. */
  seconds(utc: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.clock.formatToParts(utc)) part[type] = Number(value);
    const local = Date.UTC(2000, (part.month as number) - 1, part.day, part.hour, part.minute, part.second);
    const shifted = new Date(local);
    shifted.setUTCFullYear(part.year as number, (part.month as number) - 1, part.day);
    return Math.round((shifted.getTime() - Math.floor(utc / 1000) * 1000) / 1000);
  }
  /** The standard offset around an instant: the smaller of winter's and summer's. */
  private standard(utc: number): number {
    const year = new Date(utc).getUTCFullYear();
    return Math.min(this.seconds(Date.UTC(year, 0, 1)), this.seconds(Date.UTC(year, 6, 1)));
  }
  offset(utc: number): Offset {
    // pytz knows no offsets of less than a minute.
    const seconds = Math.round(this.seconds(utc) / 60) * 60;
    const dst = Math.max(0, seconds - Math.round(this.standard(utc) / 60) * 60);
    return { seconds, dst, name: this.abbreviation(utc, seconds, dst) };
  }
  /** The local mean time that a zone used before standard time: what pytz gives a zone object that was not localized. */
  meanTime(): Offset {
    this.mean ??= { seconds: this.offset(Date.UTC(1850, 0, 1)).seconds, dst: 0, name: 'LMT' };
    return this.mean;
  }
  private abbreviation(utc: number, seconds: number, dst: number): string {
    const known = abbreviations.find(([pattern]) => pattern.test(this.name));
    if (known !== undefined && known[1] !== '') return dst > 0 ? known[2] : known[1];
    this.label ??= new Intl.DateTimeFormat('en-US', { timeZone: this.name, timeZoneName: 'short' });
    const short = this.label.formatToParts(utc).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{3,5}$/.test(short)) return short;
    return offsetText(seconds, '').replace(/00$/, '');
  }
}

/** A zone of pytz. Without an offset of its own it stands for the zone as a whole (local mean time, as pytz answers); `localize` gives the right one. */
export class PytzZone extends Zone {
  override readonly typeName: string;
  private readonly rules: Rules;
  private readonly given: Offset | undefined;
  constructor(rules: Rules, own?: Offset) {
    super();
    this.rules = rules;
    this.given = own;
    this.typeName = rules.name;
  }
  offset(): Offset {
    return this.given ?? this.rules.meanTime();
  }
  override at(utc: number): readonly [Zone, Offset] {
    const offset = this.rules.offset(utc);
    return [new PytzZone(this.rules, offset), offset];
  }
  /** `zone.localize(dt, is_dst)`; undefined stands for None, which refuses times that are twofold or missing. */
  localize(dt: PyDateTime, isDst: boolean | undefined): PyDateTime {
    if (dt.zone !== undefined) throw new PyError('ValueError', 'Not naive datetime (tzinfo is already set)');
    const local = dt.localMillis();
    const found = new Map<number, Offset>();
    for (const shift of [-24 * HOUR, 24 * HOUR]) {
      const guess = this.rules.offset(local + shift);
      const offset = this.rules.offset(local - guess.seconds * 1000);
      if (offset.seconds === guess.seconds) found.set(offset.seconds, offset);
    }
    const fitting = [...found.values()];
    if (fitting.length !== 1 && isDst === undefined) {
      throw new PyError(fitting.length === 0 ? 'NonExistentTimeError' : 'AmbiguousTimeError', dt.str());
    }
    const offset = fitting.length === 1 ? (fitting[0] as Offset) : this.choose(local, fitting, isDst === true);
    return dt.withZone(new PytzZone(this.rules, offset));
  }
  private choose(local: number, fitting: readonly Offset[], isDst: boolean): Offset {
    // In a gap no offset fits: take the one before or after it.
    const candidates = fitting.length > 0 ? fitting : [-24 * HOUR, 24 * HOUR].map((shift) => this.rules.offset(local + shift));
    const sorted = [...candidates].sort((a, b) => a.seconds - b.seconds);
    return (isDst ? sorted.at(-1) : sorted[0]) as Offset;
  }
  override attr(name: string): Value | undefined {
    if (name === 'zone') return this.rules.name;
    return pytzMethod(this, name);
  }
  override str(): string {
    return this.rules.name;
  }
  override repr(): string {
    const { seconds, dst, name } = this.offset();
    return `<DstTzInfo ${quote(this.rules.name)} ${name}${seconds < 0 ? '' : '+'}${TimeDelta.seconds(seconds).str()} ${dst === 0 ? 'STD' : 'DST'}>`;
  }
  override module(): string {
    return 'pytz.tzfile';
  }
}

/** `pytz.utc`. */
export class Utc extends Zone {
  override readonly typeName = 'UTC';
  offset(): Offset {
    return { seconds: 0, dst: 0, name: 'UTC' };
  }
  localize(dt: PyDateTime): PyDateTime {
    if (dt.zone !== undefined) throw new PyError('ValueError', 'Not naive datetime (tzinfo is already set)');
    return dt.withZone(this);
  }
  override attr(name: string): Value | undefined {
    return name === 'zone' ? 'UTC' : pytzMethod(this, name);
  }
  override module(): string {
    return 'pytz';
  }
  override str(): string {
    return 'UTC';
  }
  override repr(): string {
    return '<UTC>';
  }
  override equals(other: Value): boolean {
    return other instanceof Utc;
  }
  override hashKey(): unknown {
    return '\0utc';
  }
}

const localizeSignature = signature('localize', 1, 'dt', 'is_dst=');
const normalizeSignature = signature('normalize', 1, 'dt', 'is_dst=');

function needDateTime(v: Value | undefined): PyDateTime {
  if (v instanceof PyDateTime) return v;
  throw new PyError('AttributeError', "the argument has no attribute 'tzinfo'");
}

function pytzMethod(zone: PytzZone | Utc, name: string): Value | undefined {
  switch (name) {
    case 'localize':
      return new Bound<typeof zone>(zone, name, (self, args) => {
        const [dt, isDst = false] = bind(localizeSignature, args);
        return self.localize(needDateTime(dt), isDst === null ? undefined : isDst === true);
      });
    case 'normalize':
      return new Bound<typeof zone>(zone, name, (self, args) => {
        const dt = needDateTime(bind(normalizeSignature, args)[0]);
        if (dt.zone === undefined) throw new PyError('ValueError', 'Naive time - no tzinfo set');
        return dt.toZone(self);
      });
    case 'utcoffset':
    case 'dst':
    case 'tzname':
      return new Bound<typeof zone>(zone, name, (self, args) => {
        const dt = args.positional[0];
        const [, offset] = dt instanceof PyDateTime ? self.at(dt.localMillis()) : [self, self.offset()];
        return name === 'tzname' ? offset.name : TimeDelta.seconds(name === 'dst' ? offset.dst : offset.seconds);
      });
    default:
      return undefined;
  }
}

/** The names of all zones, read when first needed: pytz's list is a lazy one too. */
class ZoneNames extends Obj {
  readonly typeName = 'LazyList';
  private names: readonly string[] | undefined;
  private all(): readonly string[] {
    this.names ??= Intl.supportedValuesOf('timeZone');
    return this.names;
  }
  override length(): number {
    return this.all().length;
  }
  override iterate(): Iterable<Value> {
    return this.all();
  }
  override item(key: Value): Value | undefined {
    const i = index(key);
    return i === undefined ? undefined : this.all().at(i);
  }
  override repr(): string {
    return repr([...this.all()]);
  }
}

/** `pytz.timezone(name)`; raises UnknownTimeZoneError. */
function timezone(name: Value | undefined, known: Map<string, Rules>): Zone {
  const text = asText(name);
  if (text === undefined) throw new PyError('UnknownTimeZoneError', 'None');
  if (text.toUpperCase() === 'UTC') return new Utc();
  try {
    // An offset such as "+01:00" is a zone to Intl, but not to pytz.
    if (!/^[A-Za-z]/.test(text)) throw new RangeError(text);
    const rules = known.get(text) ?? new Rules(/^[A-Z]/.test(text) ? text : properCase(text));
    known.set(text, rules);
    return new PytzZone(rules);
  } catch (error) {
    if (error instanceof RangeError) throw new PyError('UnknownTimeZoneError', quote(text));
    throw error;
  }
}

/** The name as the database spells it: names are looked up whatever their case. */
function properCase(text: string): string {
  return Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === text.toLowerCase()) ?? text;
}

const timezoneSignature = signature('timezone', 0, 'zone');

/** The members of `pytz` that templates use. */
export function pytzModule(): Dict {
  const utc = new Utc();
  const known = new Map<string, Rules>();
  const names = new ZoneNames();
  return new Dict([
    ['timezone', new Builtin('timezone', (args) => timezone(bind(timezoneSignature, args)[0], known), 'function')],
    ['utc', utc],
    ['UTC', utc],
    ['all_timezones', names],
    ['common_timezones', names],
  ]);
}
