import { type Yaml, YamlDate, YamlFloat, type YamlMap } from './yaml-value.ts';

/** Why a scalar with an explicit tag, or one that looks like a number or date, cannot be that. */
export class ScalarProblem extends Error {}

const words = new Map<string, Yaml>(
  [
    ['yes', true],
    ['no', false],
    ['true', true],
    ['false', false],
    ['on', true],
    ['off', false],
  ].flatMap(([word, value]) => spellings(word as string).map((w): [string, Yaml] => [w, value as boolean])),
);
for (const word of ['~', '', ...spellings('null')]) words.set(word, null);

/** YAML 1.1 knows three spellings of its words: yes, Yes, YES; `yEs` is text. */
function spellings(word: string): string[] {
  return [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()];
}

const integer = /^[-+]?(?:0b[01_]+|0[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/;
const float =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const date = /^\d{4}-\d\d-\d\d$/;
const timestamp = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;
const decimal = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** The value of an unquoted scalar without a tag: the YAML 1.1 types that PyYAML resolves, a string otherwise. */
export function resolvePlain(text: string): Yaml {
  const c = text.charCodeAt(0);
  // Digits, signs and a dot begin numbers and dates; a few letters begin the words; all other text is text.
  if ((c >= 48 && c <= 57) || c === 43 || c === 45 || c === 46) return resolveNumber(text);
  if (text.length > 5) return text;
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text === '=' || text === '<<') throw new ScalarProblem(`a lone \`${text}\` has a meaning of its own in YAML 1.1 and needs quotes`);
  return text;
}

function resolveNumber(text: string): Yaml {
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (float.test(text)) return new YamlFloat(readFloat(text));
  if (integer.test(text)) return readInteger(text);
  if (date.test(text) || (text.length > 10 && timestamp.test(text))) return readTimestamp(text);
  return text;
}

/** The value of a scalar with an explicit tag, whose full name is `tag`. */
export function resolveTagged(text: string, tag: string, written: string): Yaml {
  switch (tag) {
    case 'tag:yaml.org,2002:str':
      return text;
    case 'tag:yaml.org,2002:null':
      return null;
    case 'tag:yaml.org,2002:bool': {
      const value = words.get(text.toLowerCase());
      if (typeof value !== 'boolean') throw new ScalarProblem(`\`${text}\` is not a boolean`);
      return value;
    }
    case 'tag:yaml.org,2002:int':
      return readInteger(text);
    case 'tag:yaml.org,2002:float':
      return new YamlFloat(readFloat(text));
    case 'tag:yaml.org,2002:timestamp':
      return readTimestamp(text);
    case 'tag:yaml.org,2002:binary':
      return new TextDecoder().decode(Uint8Array.from(atob(base64(text)), (c) => c.charCodeAt(0)));
    default:
      throw new ScalarProblem(`the tag \`${written}\` has no meaning here`);
  }
}

function base64(text: string): string {
  const packed = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed) || packed.length % 4 === 1) throw new ScalarProblem('this is not base64');
  return packed;
}

function readInteger(text: string): number | bigint {
  let digits = text.replaceAll('_', '');
  const negative = digits.startsWith('-');
  if (/^[-+]/.test(digits)) digits = digits.slice(1);
  let value: bigint;
  if (/^0b[01]+$/.test(digits) || /^0x[0-9a-fA-F]+$/.test(digits) || /^[1-9]\d*$/.test(digits)) value = BigInt(digits);
  else if (/^0[0-7]*$/.test(digits)) value = BigInt(`0o${digits}`);
  else if (/^\d+(?::\d+)+$/.test(digits)) value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else throw new ScalarProblem(`\`${text}\` is not an integer`);
  if (negative) value = -value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function readFloat(text: string): number {
  let digits = text.replaceAll('_', '').toLowerCase();
  const sign = digits.startsWith('-') ? -1 : 1;
  if (/^[-+]/.test(digits)) digits = digits.slice(1);
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  const parts = digits.split(':');
  if (!parts.every((part) => decimal.test(part))) throw new ScalarProblem(`\`${text}\` is not a number`);
  if (parts.length === 1) return sign * Number(digits);
  // Sexagesimal: the smallest place is added first, so that the last binary digit comes out as Python's.
  let value = 0;
  let base = 1;
  for (const part of parts.reverse()) {
    value += Number(part) * base;
    base *= 60;
  }
  return sign * value;
}

function readTimestamp(text: string): YamlDate {
  const found = timestamp.exec(text);
  if (!found) throw new ScalarProblem(`\`${text}\` is not a date or timestamp`);
  const [, year = '', month = '', day = '', hour, minute = '', second = '', fraction = '', zulu, sign, zoneHour = '0', zoneMinute = '0'] = found;
  if (!isDay(+year, +month, +day)) throw new ScalarProblem(`\`${text}\` is not a day of the calendar`);
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (hour === undefined) return new YamlDate(written);
  if (+hour > 23 || +minute > 59 || +second > 59 || +zoneHour > 23) throw new ScalarProblem(`\`${text}\` is not a time of day`);
  const micros = +fraction.slice(0, 6).padEnd(6, '0');
  const part = micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`;
  let zone = zulu ? '+00:00' : '';
  if (sign) zone = `${+zoneHour + +zoneMinute === 0 ? '+' : sign}${zoneHour.padStart(2, '0')}:${zoneMinute.padStart(2, '0')}`;
  return new YamlDate(`${written} ${hour.padStart(2, '0')}:${minute}:${second}${part}${zone}`);
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

/** The text of a key that is not a string, as Python's `json.dumps` writes keys: `true`, `null`, `1`, `1.5`, a date as `str()` prints it. */
export function keyText(key: Exclude<Yaml, Yaml[] | YamlMap>): string {
  if (key instanceof YamlFloat) return floatText(key.value);
  if (key instanceof YamlDate) return key.text;
  return String(key);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${Object.is(value, -0) ? '-0' : value}.0`;
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 16) return String(value).includes('e') ? value.toFixed(digits.length - 2 - power) : String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
