import type { CsvColumn } from '../../sql/index.ts';

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

  constructor(name: string, text: boolean) {
    this.name = name;
    this.possible = text ? 0 : ALL;
  }

  /** Nothing more to learn: the column is text. */
  get done(): boolean {
    return this.possible === 0;
  }

  /** Looks at the value in `bytes` from `start` to `end`; `text` gives it as a string where the bytes are not enough. */
  see(bytes: Uint8Array, start: number, end: number, text: () => string): void {
    if (this.possible === 0 || start === end) return;
    if (this.possible & NUMBER && this.plainNumber(bytes, start, end)) this.possible &= NUMBER;
    else this.seeText(text());
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

  private seeText(raw: string): void {
    const value = raw.trim();
    if (value !== raw) this.spaces = true;
    if (value === '') return;
    if (value.length === 4 && value.toLowerCase() === 'null') {
      this.spaces = true;
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
