import type { CsvColumn } from '../../sql/index.ts';
import { SEEN } from '../../text/index.ts';

// The types that are still possible for a column, in the order dbt prefers them. Text is what remains.
const NUMBER = 1;
const DATE = 2;
const DATETIME = 4;
const ISO = 8;
const BOOLEAN = 16;
const ALL = NUMBER | DATE | DATETIME | ISO | BOOLEAN;

const ZERO = 48;
const NINE = 57;

/**
 * What one column of a CSV file may be, narrowed by every value that is seen. Follows what dbt has agate try, in order: number, date
 * `%Y-%m-%d`, date and time `%Y-%m-%d %H:%M:%S`, ISO 8601 date and time, `true`/`false`, text. Empty and `null` suit them all.
 */
export class Guess {
  readonly name: string;
  private possible: number;
  private fraction = false;
  private outside = false;
  private bits: 32 | 64 | 128 = 32;
  private spaces = false;
  private symbols = false;
  /** The word null stands somewhere. */
  nulls = false;

  constructor(name: string, text: boolean) {
    this.name = name;
    this.possible = text ? 0 : ALL;
  }

  /** Nothing more to learn: the column is text. */
  get done(): boolean {
    return this.possible === 0;
  }

  /** Looks at the value in `bytes` from `start` to `end`, which has `seen` these kinds of bytes. False: they are not enough, and it must be seen as a string. */
  see(bytes: Uint8Array, start: number, end: number, seen: number): boolean {
    const { possible } = this;
    if (possible === 0 || start === end) return true;
    // The shapes that nearly all values have, told from their bytes: each of them suits one type only.
    if (possible & NUMBER && ((seen === SEEN.digit && end - start <= 9) || this.plainNumber(bytes, start, end))) this.possible &= NUMBER;
    else if (possible & DATE && seen === DAY_BYTES && end - start === 10 && isPlainDay(bytes, start)) this.possible &= DATE;
    else if (possible & DATETIME && seen === TIME_BYTES && end - start === 19 && isPlainTime(bytes, start)) this.possible &= DATETIME;
    else if (possible & BOOLEAN && seen === SEEN.other && isPlainBoolean(bytes, start, end)) this.possible &= BOOLEAN;
    else return false;
    return true;
  }

  /** Digits with at most a sign and a point: what most numbers look like, without making a string. */
  private plainNumber(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    const first = bytes[at] as number;
    if (first === 45 || first === 43) at++;
    const whole = at;
    while (at < end && isDigit(bytes[at] as number)) at++;
    const digits = at - whole;
    if (at === end) {
      if (digits === 0 || digits > 9) return false;
      return true;
    }
    if (bytes[at] !== 46 || digits + (end - at) < 2 || digits > 20) return false;
    let fraction = false;
    for (at++; at < end; at++) {
      const c = bytes[at] as number;
      if (!isDigit(c)) return false;
      if (c !== ZERO) fraction = true;
    }
    if (!fraction && digits > 9) return false;
    this.fraction ||= fraction;
    return true;
  }

  /** Looks for the word null in a column that is text. `text` gives the value as a string where spaces may be around it. */
  seeNull(bytes: Uint8Array, start: number, end: number, text: () => string): void {
    if (this.nulls || end - start < 4) return;
    const [first, last] = [bytes[start] as number, bytes[end - 1] as number];
    // Letters alone are told from their bytes, small or capital.
    if (first > 32 && first < 128 && last > 32 && last < 128) this.nulls = end - start === 4 && NULL.every((c, i) => ((bytes[start + i] as number) | 32) === c);
    else this.nulls = text().trim().toLowerCase() === 'null';
  }

  /** Looks at a value as a string. */
  seeText(raw: string): void {
    const value = raw.trim();
    if (value !== raw) this.spaces = true;
    if (value === '') return;
    if (value.length === 4 && value.toLowerCase() === 'null') {
      this.spaces = true;
      this.nulls = true;
      return;
    }
    let left = 0;
    if (this.possible & NUMBER && this.number(value)) left |= NUMBER;
    if (this.possible & DATE && isDate(value)) left |= DATE;
    if (this.possible & DATETIME && isDateTime(value)) left |= DATETIME;
    if (this.possible & ISO && isIso(value)) left |= ISO;
    if (this.possible & BOOLEAN && /^(true|false)$/i.test(value)) left |= BOOLEAN;
    this.possible &= left;
  }

  private number(value: string): boolean {
    const bare = bareNumber(value);
    const match = /^([+-]?)(?:(\d[\d_]*)?(?:\.([\d_]*))?(?:e([+-]?\d+))?|(inf|infinity|s?nan\d*))$/i.exec(bare);
    if (!match) return false;
    const [, sign = '', whole = '', decimals = '', exponent = '0', special] = match;
    if (special === undefined && whole === '' && decimals === '') return false;
    if (bare !== value || bare.includes('_')) this.symbols = true;
    if (special !== undefined) {
      this.outside = true;
      return true;
    }
    const digits = (whole + decimals).replaceAll('_', '');
    const scale = decimals.replaceAll('_', '').length - Number(exponent);
    const significant = digits.replace(/0+$/, '');
    if (significant !== '' && scale - (digits.length - significant.length) > 0) this.fraction = true;
    else this.widen(sign, significant, Math.max(0, digits.length - significant.length - scale));
    return true;
  }

  /** Notes how many bits an integer needs, given as its significant digits and the zeros behind them. */
  private widen(sign: string, digits: string, zeros: number): void {
    if (digits.length + zeros <= 9) return;
    if (digits.length + zeros > 39) {
      this.outside = true;
      return;
    }
    const magnitude = BigInt(digits + '0'.repeat(zeros)) - (sign === '-' ? 1n : 0n);
    if (magnitude >= 2n ** 127n) this.outside = true;
    else if (magnitude >= 2n ** 63n) this.bits = 128;
    else if (magnitude >= 2n ** 31n && this.bits === 32) this.bits = 64;
  }

  result(): CsvColumn {
    const integer = (this.possible & NUMBER) !== 0 && !this.fraction && !this.outside;
    const kind = integer
      ? 'integer'
      : this.possible & NUMBER
        ? 'number'
        : this.possible & DATE
          ? 'date'
          : this.possible & (DATETIME | ISO)
            ? 'timestamp'
            : this.possible & BOOLEAN
              ? 'boolean'
              : 'text';
    const clean = kind === 'text' ? undefined : this.symbols && this.possible & NUMBER ? 'number' : this.spaces ? 'space' : undefined;
    return { name: this.name, kind, bits: integer ? this.bits : 0, ...(clean && { clean }) };
  }
}

const DAY_BYTES = SEEN.digit | SEEN.dash;
const TIME_BYTES = DAY_BYTES | SEEN.space | SEEN.colon;

/** The number that two bytes write, or -1. */
function two(bytes: Uint8Array, at: number): number {
  const [a, b] = [(bytes[at] as number) - ZERO, (bytes[at + 1] as number) - ZERO];
  return a < 0 || a > 9 || b < 0 || b > 9 ? -1 : a * 10 + b;
}

/** `2026-01-31` at `at`. */
function isPlainDay(bytes: Uint8Array, at: number): boolean {
  const [century, year] = [two(bytes, at), two(bytes, at + 2)];
  return century >= 0 && year >= 0 && bytes[at + 4] === 45 && bytes[at + 7] === 45 && isDay(century * 100 + year, two(bytes, at + 5), two(bytes, at + 8));
}

/** `2026-01-31 23:59:59` at `at`. */
function isPlainTime(bytes: Uint8Array, at: number): boolean {
  const [hour, minute, second] = [two(bytes, at + 11), two(bytes, at + 14), two(bytes, at + 17)];
  const separated = bytes[at + 10] === 32 && bytes[at + 13] === 58 && bytes[at + 16] === 58;
  return separated && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 && isPlainDay(bytes, at);
}

/** `true` or `false`, in small letters. */
function isPlainBoolean(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const word = length === 4 ? TRUE : length === 5 ? FALSE : undefined;
  return word?.every((c, i) => bytes[start + i] === c) ?? false;
}

const NULL = [...'null'].map((c) => c.charCodeAt(0));
const TRUE = [...'true'].map((c) => c.charCodeAt(0));
const FALSE = [...'false'].map((c) => c.charCodeAt(0));

const isDigit = (c: number): boolean => c >= ZERO && c <= NINE;

const CURRENCY = '؋$ƒ៛¥₡₱£€¢﷼₪₩₭₮₦฿₤₫';

/** A number without what agate takes off: per cent signs, a sign of money on either end, thousands separators. */
function bareNumber(value: string): string {
  let text = value.replace(/^%+|%+$/g, '');
  const minus = text.startsWith('-') ? '-' : '';
  text = text.slice(minus.length);
  let from = 0;
  let to = text.length;
  while (from < to && CURRENCY.includes(text[from] ?? '')) from++;
  while (to > from && CURRENCY.includes(text[to - 1] ?? '')) to--;
  return minus + text.slice(from, to).replaceAll(',', '');
}

const YEARS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (YEARS[month - 1] ?? 0) + (month === 2 && leap ? 1 : 0);
}

const isDate = (value: string): boolean => {
  const m = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value);
  return m !== null && isDay(Number(m[1]), Number(m[2]), Number(m[3]));
};

const isDateTime = (value: string): boolean => {
  const m = /^(\d{4})-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(value);
  return m !== null && isDay(Number(m[1]), Number(m[2]), Number(m[3])) && Number(m[4]) < 24 && Number(m[5]) < 60 && Number(m[6]) < 60;
};

const ISO_TIME = /^(\d\d)(?::?(\d\d)(?::?(\d\d))?)?(?:[.,]\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/;

/** ISO 8601 in its many spellings, with the one capital T that splits day and time. */
function isIso(value: string): boolean {
  const halves = value.split('T');
  if (halves.length !== 2) return false;
  const time = ISO_TIME.exec(halves[1] ?? '');
  return time !== null && Number(time[1]) < 24 && Number(time[2] ?? 0) < 60 && Number(time[3] ?? 0) < 60 && isIsoDate(halves[0] ?? '');
}

function isIsoDate(text: string): boolean {
  const full = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text);
  if (full && /^\d{8}$|^\d{4}-\d\d-\d\d$/.test(text)) return isDay(Number(full[1]), Number(full[2]), Number(full[3]));
  const month = /^(\d{4})-?(\d\d)$/.exec(text);
  if (month) return isDay(Number(month[1]), Number(month[2]) || 1, 1);
  return /^(\d{4}-?W\d\d(-?\d)?|\d{4}-?\d{3}|\d{4}|\d\d)$/.test(text) && !/^0000/.test(text);
}
