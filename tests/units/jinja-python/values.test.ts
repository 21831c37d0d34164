import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binary,
  compare,
  Dict,
  equals,
  Float,
  fromJs,
  jsonDumps,
  jsonLoads,
  literalEval,
  PySet,
  repr,
  str,
  Tuple,
  toJs,
  type Value,
} from '../../../src/jinja/index.ts';
import { method, outcome } from './run.ts';

const json = fc.jsonValue({ maxDepth: 3 });

/** Values with a literal that reads back: no NaN, which equals nothing. */
const literal: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => new Float(n)),
    fc.bigInt().map((n) => (n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Tuple(items)),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((entries) => new Dict(entries)),
  ),
})).value;

describe('literals', () => {
  test('repr reads back', () => {
    fc.assert(
      fc.property(literal, (value) => {
        const back = literalEval(repr(value));
        expect(back).not.toBeUndefined();
        expect(repr(back as Value)).toBe(repr(value));
        expect(equals(back as Value, value)).toBe(true);
      }),
    );
  });

  test.each([
    ['1', '1'],
    ['-1.50', '-1.5'],
    ['+3', '3'],
    ['1_000', '1000'],
    ['0x1f', '31'],
    ['\'a\' "b"', "'ab'"],
    ["r'\\n'", "'\\\\n'"],
    ["b'a\\x00'", "b'a\\x00'"],
    ['1,', '(1,)'],
    ['1, 2', '(1, 2)'],
    ['(1)', '1'],
    ['()', '()'],
    ['{1, 2}', '{1, 2}'],
    ["{'a': [1, (2,)],}", "{'a': [1, (2,)]}"],
    ['set()', 'set()'],
    ['True', 'True'],
    ["'''a\nb'''", "'a\\nb'"],
    ['  5', '5'],
    ['5 # note', '5'],
    ['1e400', 'inf'],
  ])('%s is read', (text, shown) => {
    expect(repr(literalEval(text) as Value)).toBe(shown);
  });

  test.each(['', 'a', 'true', 'select 1', '1 + 1', '[1', '1 2', "'a", '01', '{[]: 1}', '--', '1a', 'None()', "f'a'", '2020-01-01', 'lambda: 1'])(
    '%s is no literal',
    (text) => {
      expect(literalEval(text)).toBeUndefined();
    },
  );
});

describe('JSON', () => {
  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(json, (data) => {
        const text = JSON.stringify(data);
        expect(JSON.parse(jsonDumps(jsonLoads(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('ints and floats are kept apart, big ints are exact', () => {
    expect(repr(jsonLoads('[1, 1.0, 1e2, 123456789012345678901234567890, -0, NaN, -Infinity]'))).toBe(
      '[1, 1.0, 100.0, 123456789012345678901234567890, 0, nan, -inf]',
    );
  });

  test.each([
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    ['[1,', 'Expecting value: line 1 column 4 (char 3)'],
    ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
    ['{\n a: 1}', 'Expecting property name enclosed in double quotes: line 2 column 2 (char 3)'],
    ['[1] x', 'Extra data: line 1 column 5 (char 4)'],
    ['"a', 'Unterminated string starting at: line 1 column 1 (char 0)'],
    ['"a\nb"', 'Invalid control character at: line 1 column 3 (char 2)'],
    ['[1 2]', "Expecting ',' delimiter: line 1 column 4 (char 3)"],
  ])('%j is refused as Python does', (text, message) => {
    expect(outcome(() => jsonLoads(text))).toBe(`JSONDecodeError: ${message}`);
  });

  test('writes with sorted keys and indentation', () => {
    const value = fromJs({ b: [1, 1.5], a: { é: null } });
    expect(jsonDumps(value, { sortKeys: true })).toBe('{"a": {"\\u00e9": null}, "b": [1, 1.5]}');
    expect(jsonDumps(value, { indent: 1 })).toBe('{\n "b": [\n  1,\n  1.5\n ],\n "a": {\n  "\\u00e9": null\n }\n}');
  });
});

describe('the host’s data', () => {
  test('goes in and comes out unchanged', () => {
    fc.assert(
      fc.property(json, (data) => {
        const plain = JSON.parse(JSON.stringify(data));
        expect(JSON.parse(JSON.stringify(toJs(fromJs(plain))))).toEqual(plain);
      }),
    );
  });

  test('keys that name JavaScript’s own properties are ordinary keys', () => {
    const value = fromJs(JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}')) as Dict;
    expect(repr(value)).toBe("{'__proto__': 1, 'constructor': 2, 'toString': 3}");
    const out = toJs(value) as Record<string, unknown>;
    expect(Object.getPrototypeOf(out)).toBeNull();
    expect(Object.entries(out)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['toString', 3],
    ]);
  });
});

describe('dicts and sets', () => {
  test('equal keys are one key and the first spelling stays', () => {
    const dict = new Dict([
      [1, 'a'],
      [new Float(1), 'b'],
      [true, 'c'],
      ['1', 'd'],
      [new Tuple([1, 'x']), 'e'],
      [new Tuple([new Float(1), 'x']), 'f'],
    ]);
    expect(repr(dict)).toBe("{1: 'c', '1': 'd', (1, 'x'): 'f'}");
  });

  test('tuples hash by their parts, however these are spelt', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 3 }), fc.array(fc.string(), { maxLength: 3 }), (a, b) => {
        expect(new Dict([[new Tuple(a), 1]]).has(new Tuple(b))).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  test('a key that begins with NUL is not taken for another type’s', () => {
    const dict = new Dict([[new Tuple([]), 1]]);
    for (const key of ['\0t', '\0st', '\0s\0t']) expect(dict.has(key)).toBe(false);
    expect(repr(new Dict([['\0t', 1]]).keys().next().value as Value)).toBe("'\\x00t'");
  });

  test('changing a dict while going through it raises', () => {
    const dict = new Dict([
      ['a', 1],
      ['b', 2],
    ]);
    expect(
      outcome(() => {
        for (const key of dict.keys()) dict.set(`${str(key)}x`, 1);
        return null;
      }),
    ).toBe('RuntimeError: dictionary changed size during iteration');
  });

  test('set methods', () => {
    const set = new PySet([1, 2, 3]);
    expect(repr(method(set, 'intersection', [2, 3, 4]))).toBe('{2, 3}');
    expect(repr(method(set, 'symmetric_difference', [3, 4]))).toBe('{1, 2, 4}');
    expect(repr(binary('-', set, new PySet([1])))).toBe('{2, 3}');
    expect(compare('<', new PySet([1]), set)).toBe(true);
    expect(compare('<=', set, new PySet([1]))).toBe(false);
    method(set, 'discard', 9);
    expect(outcome(() => method(set, 'remove', 9))).toBe('KeyError: 9');
    expect(outcome(() => method(set, 'add', []))).toBe("TypeError: unhashable type: 'list'");
    expect(repr(new PySet())).toBe('set()');
  });
});

describe('ints', () => {
  test('arithmetic is exact beyond the safe range and comes back', () => {
    const int = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
    const small = (n: bigint): number | bigint => (n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n);
    fc.assert(
      fc.property(int, int, (a, b) => {
        expect(binary('+', small(a), small(b))).toBe(small(a + b));
        expect(binary('*', small(a), small(b))).toBe(small(a * b));
        if (b === 0n) return;
        const quotient = BigInt(binary('//', small(a), small(b)) as number);
        const rest = BigInt(binary('%', small(a), small(b)) as number);
        expect(quotient * b + rest).toBe(a);
        expect(rest === 0n || rest < 0n === b < 0n).toBe(true);
      }),
    );
  });

  test('sizes that would only burn time are refused', () => {
    expect(outcome(() => binary('**', 10, 10 ** 9))).toMatch(/^MemoryError/);
    expect(outcome(() => binary('*', 'ab', 10 ** 12))).toMatch(/^MemoryError/);
    expect(outcome(() => binary('*', [1], 10 ** 12))).toMatch(/^MemoryError/);
    expect(outcome(() => binary('**', 10, 5000))).toMatch(/^ValueError: Exceeds the limit/);
  });
});
