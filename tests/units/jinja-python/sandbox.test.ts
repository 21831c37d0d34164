import { describe, expect, test } from 'vitest';
import {
  attribute,
  callValue,
  Dict,
  escapeHtml,
  filters,
  getAttr,
  getItem,
  globals,
  Markup,
  pythonModules,
  repr,
  slice,
  str,
  tests,
  truthy,
  Undefined,
  type Value,
} from '../../../src/jinja/index.ts';
import { filter, global, host, method, outcome, site } from './run.ts';

describe('the sandbox', () => {
  test.each([
    ['x', '__class__', 'str'],
    [[], '__len__', 'list'],
    [new Dict(), '__init__', 'dict'],
    [1, '__add__', 'int'],
    [null, '__class__', 'NoneType'],
  ] as [Value, string, string][])('an internal attribute is an undefined that cannot be used', (value, name, type) => {
    for (const got of [getAttr(value, name), getItem(value, name)]) {
      expect(got).toBeInstanceOf(Undefined);
      expect(str(got)).toBe('');
      expect(outcome(() => getAttr(got, 'mro'))).toBe(`SecurityError: access to attribute '${name}' of '${type}' object is unsafe.`);
    }
  });

  test('format strings reach no more than templates do', () => {
    expect(outcome(() => method('{0.__class__}', 'format', 1))).toBe('');
    expect(outcome(() => method('{0.__class__.mro}', 'format', 1))).toBe("SecurityError: access to attribute '__class__' of 'int' object is unsafe.");
    expect(outcome(() => method('{a[__class__]}', 'format_map', new Dict([['a', new Dict()]])))).toBe('');
  });

  test('no name reaches JavaScript', () => {
    const values: Value[] = [
      'x',
      1,
      true,
      null,
      [],
      new Dict(),
      new Undefined({}, 'capture'),
      new Markup('x'),
      pythonModules({ now: () => 0 }),
      ...globals.values(),
    ];
    for (const value of values) {
      for (const name of ['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'push', 'length', 'charCodeAt', 'call', 'apply', 'bind']) {
        expect(getAttr(value, name)).toBeInstanceOf(Undefined);
        expect(getItem(value, name)).toBeInstanceOf(Undefined);
      }
    }
  });

  test('ranges are limited', () => {
    expect(outcome(() => global('range', 100_001))).toBe('OverflowError: Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).');
    expect(repr(global('range', 100_000))).toBe('range(0, 100000)');
  });

  test('methods that change lists and dicts are allowed', () => {
    const list: Value[] = [1];
    method(list, 'append', 2);
    expect(repr(list)).toBe('[1, 2]');
  });
});

describe('undefined', () => {
  test('lenient: prints nothing, is false, raises on use', () => {
    const value = new Undefined({ name: 'x' });
    expect([str(value), truthy(value), repr(value)]).toEqual(['', false, 'Undefined']);
    for (const use of [
      () => getAttr(value, 'a'),
      () => getItem(value, 'a'),
      () => slice(value, 1, 2, null),
      () => callValue(value, { positional: [], named: new Map() }, site),
    ]) {
      expect(outcome(use)).toBe("UndefinedError: 'x' is undefined");
    }
  });

  test('the message names the object', () => {
    expect((getAttr(new Dict(), 'a') as Undefined).message()).toBe("'dict object' has no attribute 'a'");
    expect((getItem([], 3) as Undefined).message()).toBe('list object has no element 3');
    expect((getAttr(null, 'a') as Undefined).message()).toBe("'None' has no attribute 'a'");
    expect((getAttr('s', 'a') as Undefined).message()).toBe("'str object' has no attribute 'a'");
  });

  test('capture: attribute, item and call answer another undefined, arithmetic raises', () => {
    const value = new Undefined({ name: 'x' }, 'capture');
    const called = callValue(getItem(getAttr(value, 'a'), 'b'), { positional: [], named: new Map() }, site);
    expect(called).toBeInstanceOf(Undefined);
    expect(outcome(() => getAttr(called, 'c'))).toBe('');
    expect(outcome(() => filter('sum', [1, called]))).toBe("UndefinedError: 'a' is undefined");
  });

  test('a missing attribute of a value chains while capturing', () => {
    expect(getAttr(getAttr(new Dict(), 'a', 'capture'), 'b', 'capture')).toBeInstanceOf(Undefined);
  });
});

describe('autoescape', () => {
  const escaping = { ...host, autoescape: true };
  const apply = (name: string, value: Value, ...args: Value[]): Value =>
    (filters.get(name) as NonNullable<ReturnType<typeof host.filter>>)(value, { positional: args, named: new Map() }, escaping, site);
  test('filters keep what is safe and escape the rest', () => {
    expect(repr(apply('join', ['<', new Markup('<b>')], ','))).toBe("Markup('&lt;,<b>')");
    expect(repr(apply('replace', new Markup('<b>'), 'b', '<i>'))).toBe("Markup('<&lt;i&gt;>')");
    expect(repr(apply('xmlattr', new Dict([['a', '"']])))).toBe('Markup(\' a="&#34;"\')');
    expect(repr(escapeHtml('<'))).toBe("Markup('&lt;')");
  });
});

test('every builtin of Jinja2 3.1 is there', () => {
  const named =
    'abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape format groupby indent int items join last length list lower map max min pprint random ' +
    'reject rejectattr replace reverse round safe select selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode urlize wordcount wordwrap xmlattr';
  expect([...filters.keys()].sort()).toEqual(named.split(' '));
  const testNames =
    '!= < <= == > >= boolean callable defined divisibleby eq equalto escaped even false filter float ge greaterthan gt in integer iterable le lessthan lower lt mapping ne none number odd ' +
    'sameas sequence string test true undefined upper';
  expect([...tests.keys()].sort()).toEqual(testNames.split(' '));
  expect([...globals.keys()].sort()).toEqual(['cycler', 'dict', 'joiner', 'lipsum', 'namespace', 'range']);
  expect(attribute('x', 'format')).toBeDefined();
});

test('random takes the host’s source', () => {
  const pick = (n: number): Value =>
    (filters.get('random') as NonNullable<ReturnType<typeof host.filter>>)([1, 2, 3], { positional: [], named: new Map() }, { ...host, random: () => n }, site);
  expect([pick(0), pick(0.5), pick(0.99)]).toEqual([1, 2, 3]);
});
