import { describe, expect, test } from 'vitest';
import { type Dict, Native, pythonModules, repr, str, utcDatetime, type Value } from '../../../src/jinja/index.ts';
import { method, outcome } from './run.ts';

const start = Date.UTC(2024, 2, 10, 6, 30, 15, 250);
const modules = pythonModules({ now: () => start, localOffset: () => 120 });
const member = (module: string, name: string): Value => (modules.get(module) as Dict).get(name) as Value;

describe('the clock', () => {
  test('now and today read the host’s clock', () => {
    const datetime = member('datetime', 'datetime');
    expect(str(method(datetime, 'utcnow'))).toBe('2024-03-10 06:30:15.250000');
    expect(str(method(datetime, 'now'))).toBe('2024-03-10 08:30:15.250000');
    expect(str(method(datetime, 'now', member('pytz', 'utc')))).toBe('2024-03-10 06:30:15.250000+00:00');
    expect(str(method(member('datetime', 'date'), 'today'))).toBe('2024-03-10');
  });

  test('run_started_at is an aware time in pytz.utc', () => {
    const value = utcDatetime(start);
    expect(repr(value)).toBe('datetime.datetime(2024, 3, 10, 6, 30, 15, 250000, tzinfo=<UTC>)');
    const zone = method(modules.get('pytz') as Value, 'timezone', 'America/New_York');
    expect(str(method(value, 'astimezone', zone))).toBe('2024-03-10 01:30:15.250000-05:00');
    expect(str(method(member('datetime', 'datetime'), 'strftime', value, '%Y%m%d'))).toBe('20240310');
  });
});

describe('zones', () => {
  const zone = (name: string): Value => method(modules.get('pytz') as Value, 'timezone', name);
  const at = (...parts: number[]): Value => method(modules.get('datetime') as Value, 'datetime', ...parts);

  // As pytz answers for these.
  test.each([
    ['Europe/Berlin', [2024, 10, 27, 2, 30], false, '2024-10-27 02:30:00+01:00', 'CET'],
    ['Europe/Berlin', [2024, 10, 27, 2, 30], true, '2024-10-27 02:30:00+02:00', 'CEST'],
    ['America/New_York', [2024, 3, 10, 2, 30], false, '2024-03-10 02:30:00-05:00', 'EST'],
    ['America/New_York', [2024, 3, 10, 2, 30], true, '2024-03-10 02:30:00-04:00', 'EDT'],
    ['Asia/Kolkata', [2024, 1, 1], false, '2024-01-01 00:00:00+05:30', 'IST'],
    ['America/Sao_Paulo', [2024, 1, 1], false, '2024-01-01 00:00:00-03:00', '-03'],
  ] as [string, number[], boolean, string, string][])('%s localizes %j (is_dst=%s)', (name, parts, dst, shown, abbreviation) => {
    const local = method(zone(name), 'localize', at(...parts), dst);
    expect(str(local)).toBe(shown);
    expect(method(local, 'tzname')).toBe(abbreviation);
  });

  test('is_dst=None refuses what is twofold or missing', () => {
    expect(outcome(() => method(zone('Europe/Berlin'), 'localize', at(2024, 10, 27, 2, 30), null))).toBe('AmbiguousTimeError: 2024-10-27 02:30:00');
    expect(outcome(() => method(zone('Europe/Berlin'), 'localize', at(2024, 3, 31, 2, 30), null))).toBe('NonExistentTimeError: 2024-03-31 02:30:00');
    expect(outcome(() => zone('Mars/Base'))).toBe("UnknownTimeZoneError: 'Mars/Base'");
  });

  test('a zone that was not localized has local mean time, as in pytz', () => {
    const value = method(at(2024, 1, 1), 'replace');
    expect(str(method(value, 'isoformat'))).toBe('2024-01-01T00:00:00');
    expect(repr(zone('America/New_York'))).toBe("<DstTzInfo 'America/New_York' LMT-1 day, 19:04:00 STD>");
  });
});

describe('re', () => {
  const re = (name: string, ...args: Value[]): Value => method(modules.get('re') as Value, name, ...args);

  // As CPython 3.11 answers for these.
  test.each([
    ['findall', ['(?>a+)b|(c)', 'aab c'], "['', 'c']"],
    ['findall', ['(?>a)(b)(?>c)(d)', 'abcd'], "[('b', 'd')]"],
    ['findall', ['a++b', 'aab'], "['aab']"],
    ['findall', ['(?i:a)b', 'Ab AB'], "['Ab']"],
    ['findall', ['(?-i:a)b', 'Ab aB'], '[]'],
    ['findall', ['a*?', 'aa'], "['', 'a', '', 'a', '']"],
    ['findall', ['|a', 'aa'], "['', 'a', '', 'a', '']"],
    ['sub', ['(?P<year>\\d{4})-(\\d\\d)', '\\2/\\g<year>', '2024-05'], "'05/2024'"],
    ['sub', ['\\b', '|', 'ab cd'], "'|ab| |cd|'"],
    ['split', ['(-)|,', 'a-b,c'], "['a', '-', 'b', None, 'c']"],
    ['subn', ['é', 'e', 'éé', 1], "('eé', 1)"],
    ['escape', ['a.b-c_é'], "'a\\\\.b\\\\-c_é'"],
    ['search', ['(a)|b', 'b'], "<re.Match object; span=(0, 1), match='b'>"],
  ] as [string, Value[], string][])('%s %j', (name, args, shown) => {
    expect(repr(re(name, ...args))).toBe(shown);
  });

  test.each([
    ['(', 'missing ), unterminated subpattern at position 0'],
    ['a)', 'unbalanced parenthesis at position 1'],
    ['[a', 'unterminated character set at position 0'],
    ['*a', 'nothing to repeat at position 0'],
    ['a**', 'multiple repeat at position 2'],
    ['\\q', 'bad escape \\q at position 0'],
    ['(?P<a>x)(?P<a>y)', "redefinition of group name 'a' as group 2; was group 1 at position 12"],
    ['\\1', 'invalid group reference 1 at position 1'],
    ['[z-a]', 'bad character range z-a at position 1'],
    ['a{2,1}', 'min repeat greater than max repeat at position 2'],
  ])('%s is refused', (pattern, message) => {
    expect(outcome(() => re('compile', pattern))).toBe(`error: ${message}`);
  });

  test('a function makes the replacement', () => {
    const shout = new Native('shout', (args) => `${str(method(args.positional[0] as Value, 'group')).toUpperCase()}!`);
    expect(re('sub', '[a-z]+', shout, 'ab 12 c')).toBe('AB! 12 C!');
  });
});

test('tee shares one source', () => {
  const [a, b] = [...(method(modules.get('itertools') as Value, 'tee', [1, 2]) as unknown as { items: readonly Value[] }).items] as [Value, Value];
  const list = (v: Value): string => repr([...(v as unknown as { iterate(): Iterable<Value> }).iterate()]);
  expect([list(a), list(b), list(a)]).toEqual(['[1, 2]', '[1, 2]', '[]']);
});
