import { describe, expect, test } from 'vitest';
import { binary, compare, Decimal, Dict, Float, format, jsonDumps, repr, unary, type Value } from '../../../src/jinja/index.ts';
import { filter, method, outcome } from './run.ts';

const d = (text: string): Decimal => Decimal.parse(text) as Decimal;

// The expected texts are CPython's.
describe('Decimal', () => {
  test.each([
    ['1', '1'],
    ['1.10', '1.10'],
    ['-0.5', '-0.5'],
    ['1E+3', '1E+3'],
    ['0.0000001', '1E-7'],
    ['0.000001', '0.000001'],
    ['123E-2', '1.23'],
    ['00.50', '0.50'],
    ['1e10', '1E+10'],
  ])('%s prints as %s', (text, shown) => {
    expect(d(text).str()).toBe(shown);
    expect(repr(d(text))).toBe(`Decimal('${shown}')`);
  });

  test.each(['', 'x', '1.2.3', '.', 'e5'])('%s is no decimal', (text) => {
    expect(Decimal.parse(text)).toBeUndefined();
  });

  test.each([
    ['+', '1.10', '2.2', '3.30'],
    ['-', '1.1', '1.10', '0.00'],
    ['*', '1.10', '3', '3.30'],
    ['/', '1', '3', '0.3333333333333333333333333333'],
    ['/', '1', '8', '0.125'],
    ['/', '10', '4', '2.5'],
    ['//', '-7', '2', '-3'],
    ['%', '-7', '2', '-1'],
    ['**', '1.1', '2', '1.21'],
    ['**', '2', '-2', '0.25'],
    ['/', '2', '0.3', '6.666666666666666666666666667'],
  ] as const)('%s: %s and %s give %s', (op, a, b, result) => {
    expect(repr(binary(op, d(a), d(b)))).toBe(`Decimal('${result}')`);
  });

  test('mixes with ints, not with floats', () => {
    expect(repr(binary('+', d('1.5'), 1))).toBe("Decimal('2.5')");
    expect(repr(binary('-', 10, d('0.5')))).toBe("Decimal('9.5')");
    expect(outcome(() => binary('+', d('1'), new Float(1)))).toBe("TypeError: unsupported operand type(s) for +: 'decimal.Decimal' and 'float'");
    expect(outcome(() => binary('/', d('1'), 0))).toBe("DivisionByZero: [<class 'decimal.DivisionByZero'>]");
    expect(repr(unary('-', d('1.50')))).toBe("Decimal('-1.50')");
  });

  test('compares exactly with ints and floats, and hashes alike', () => {
    expect(compare('==', d('1.0'), 1)).toBe(true);
    expect(compare('==', d('0.5'), new Float(0.5))).toBe(true);
    expect(compare('==', d('0.1'), new Float(0.1))).toBe(false);
    expect(compare('<', d('0.1'), new Float(0.1))).toBe(true);
    expect(compare('>', 2, d('1.99'))).toBe(true);
    const dict = new Dict([
      [d('1.0'), 'one'],
      [d('0.10'), 'tenth'],
    ]);
    expect(dict.get(1)).toBe('one');
    expect(dict.get(d('0.1'))).toBe('tenth');
    expect(dict.get(new Float(0.1))).toBeUndefined();
  });

  test.each([
    ['1234.567', ',.2f', '1,234.57'],
    ['1.10', '', '1.10'],
    ['0.125', '.1%', '12.5%'],
    ['12345', '.2e', '1.23e+4'],
    ['2.5', '>8', '     2.5'],
    ['1.10', '.4g', '1.10'],
  ])('format(%s, %j) is %j', (text, spec, shown) => {
    expect(format(d(text), spec)).toBe(shown);
  });

  test('works with the filters', () => {
    expect(repr(filter('round', d('2.675'), 2))).toBe("Decimal('2.68')");
    expect(filter('int', d('-7.9'))).toBe(-7);
    expect(repr(filter('float', d('1.50')))).toBe('1.5');
    expect(repr(filter('sum', [d('0.1'), d('0.2')]))).toBe("Decimal('0.3')");
    expect(repr(filter('abs', d('-1.5')))).toBe("Decimal('1.5')");
    expect(repr(filter('sort', [d('2'), 1, new Float(1.5)]))).toBe("[1, 1.5, Decimal('2')]");
    expect(repr(method(d('1.500'), 'normalize'))).toBe("Decimal('1.5')");
    expect(repr(method(d('2.675'), 'quantize', d('0.01')))).toBe("Decimal('2.68')");
    expect(repr(method(d('1.25'), 'as_tuple') as Value)).toBe('(0, (1, 2, 5), -2)');
    expect(outcome(() => jsonDumps(d('1')))).toBe('TypeError: Object of type Decimal is not JSON serializable');
  });
});
