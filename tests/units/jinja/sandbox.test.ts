import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Bytes,
  Decimal,
  Dict,
  Float,
  fromJs,
  getAttr,
  getItem,
  globals,
  Markup,
  Native,
  PySet,
  pythonModules,
  Tuple,
  Undefined,
  type Value,
} from '../../../src/jinja/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { render } from '../context/world.ts';

/** What a template gives: its text, or the code and text of its diagnostic. Anything else that is thrown fails the test. */
function outcome(template: string, names: Readonly<Record<string, Value>> = {}): string {
  try {
    return render(template, names);
  } catch (e) {
    if (e instanceof DiagnosticError) return `${e.diagnostic.code}: ${e.message}`;
    throw e;
  }
}

const values: Readonly<Record<string, Value>> = {
  text: 'x',
  int: 1,
  big: 2n ** 70n,
  float: new Float(1.5),
  yes: true,
  none: null,
  list: [1, 2],
  tuple: new Tuple([1, 2]),
  mapping: fromJs({ a: 1 }),
  empty: new Dict(),
  set: new PySet([1]),
  safe: new Markup('<b>'),
  bytes: new Bytes(new Uint8Array([1])),
  host: new Native('host', () => null),
  missing: new Undefined({ name: 'missing' }, 'capture'),
};
const reach: readonly string[] = [
  ...Object.keys(values),
  'namespace(a=1)',
  'cycler(1, 2)',
  'joiner()',
  'range(3)',
  '[1]|map("string")',
  'mapping.items()',
  'mapping.keys()',
  'text.upper',
  'list.append',
  'modules',
  'modules.re',
  'modules.re.compile("(a)")',
  'modules.re.match("(a)", "a")',
  'modules.datetime',
  'modules.datetime.datetime',
  'modules.datetime.datetime(2024, 1, 1)',
  'modules.datetime.timedelta(1)',
  'modules.pytz',
  'modules.pytz.timezone("Europe/Oslo")',
  'modules.itertools',
  'modules.itertools.count()',
  'exceptions',
  'exceptions.warn',
  'Relation',
  'Relation.create(schema="s", identifier="i")',
  'Column',
  'Column.create("a", "int")',
  'Column.create',
];

/** Every name that JavaScript's own objects have, and some that only engines know. */
const javascript = [
  ...new Set(
    [Object, Function, Array, Map, Set, String, Number, BigInt, Date, RegExp, Error, Promise, Symbol, Reflect]
      .flatMap((c) => [c, 'prototype' in c ? c.prototype : undefined])
      .flatMap((o) => (o === undefined || o === null ? [] : Object.getOwnPropertyNames(o))),
  ),
  '__proto__',
  'mainModule',
  'process',
  'require',
  'globalThis',
];
// Names that Python's own objects have too.
const python = new Set(
  'name length replace split join index count pop keys values items get add clear delete at find format search match test exec sort reverse union difference intersection isSubsetOf concat normalize repeat flags source groups start end sub fill copy has now parse min max apply call bind catch then all any entries size toString raw from of is compile UTC create'.split(
    ' ',
  ),
);

describe('no name of JavaScript', () => {
  test.each(reach)('is an attribute or item of %s', (expression) => {
    let found: Value = null;
    render(`{% do take(${expression}) %}`.replace('{% do', '{%- set _ =').replace('%}', '-%}'), {
      ...values,
      take: new Native('take', ({ positional }) => {
        found = positional[0] ?? null;
        return null;
      }),
    });
    const seen: string[] = [];
    for (const name of javascript) {
      for (const got of [getAttr(found, name), getItem(found, name)]) {
        // What is there must be a value of templates: never a JavaScript function, prototype or object.
        const fine = got === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof got) || Array.isArray(got) || 'typeName' in (got as object);
        if (!fine || (!(got instanceof Undefined) && !python.has(name))) seen.push(name);
      }
    }
    expect(seen).toEqual([]);
  });

  test('is a name of a template', () => {
    for (const name of javascript) {
      if (/^[A-Za-z_]\w*$/.test(name) && !globals.has(name) && name !== 'name') expect(outcome(`{{ ${name} is defined }}`)).toMatch(/^(False|jinja-)/);
    }
  });

  test('is a key of a dict that was not put there, however it is asked', () => {
    fc.assert(
      fc.property(fc.constantFrom(...javascript), (name) => {
        const d = new Dict([['a', 1]]);
        expect(d.get(name)).toBeUndefined();
        d.set(name, 'mine');
        expect([d.get(name), [...d.keys()], ({} as Record<string, unknown>)['mine']]).toEqual(['mine', ['a', name], undefined]);
        expect(outcome(`{% set d = {'${name.replaceAll("'", '')}': 1} %}{{ d|length }}`)).toBe('1');
      }),
    );
    expect(outcome("{% set d = fromed %}{% set _ = d.update({'__proto__': {'polluted': 1}}) %}{{ {}.polluted is defined }}", { fromed: new Dict() })).toBe(
      'False',
    );
    expect('polluted' in {}).toBe(false);
  });
});

describe('the known escapes', () => {
  test.each([
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ text['__class__']['__mro__'] }}",
    "{{ (text|attr('__class__')).mro }}",
    "{{ '{0.__class__.__mro__}'.format(1) }}",
    "{{ '{a.__init__.__globals__}'.format(a=host) }}",
    "{{ '{x.__class__.__base__}'.format_map({'x': 1}) }}",
    "{{ ([1]|map(attribute='__class__')|first).mro }}",
    "{{ ([1]|map('attr', '__class__')|first).mro }}",
    "{{ ([{'a': 1}]|map(attribute='a.__class__')|first).mro }}",
    "{{ ([1]|groupby('__class__.__mro__')|list) }}",
    '{{ self.__init__.__globals__ }}',
    '{{ cycler.__init__.__globals__.os }}',
    '{{ joiner.__init__.__globals__ }}',
    '{{ namespace.__init__.__globals__ }}',
    '{{ lipsum.__globals__["os"] }}',
    '{{ range.constructor("return process")() }}',
    '{{ host.constructor.constructor("return process")() }}',
    '{{ list.map.constructor("x")() }}',
    '{{ modules.re.compile("a").exec.constructor("return 1")() }}',
    '{{ modules.datetime.datetime.constructor("return 1")() }}',
    '{{ exceptions.warn.constructor("return 1")() }}',
    '{{ Relation.create.call.constructor("return 1")() }}',
    '{% macro m() %}{{ caller.__call__.__globals__ }}{% endmacro %}{% call m() %}x{% endcall %}',
    '{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}{{ m.constructor("x")() }}',
    '{% set ns = namespace() %}{% set ns.__class__ = 1 %}{{ ns.__class__.x }}',
    '{% include "/etc/passwd" %}',
    '{% import "/etc/passwd" as x %}',
    '{% from "/etc/passwd" import x %}',
    '{% extends "/etc/passwd" %}',
    '{{ dict.__subclasses__() }}',
    "{{ missing2.__class__.__init__['__globals__'].x }}",
  ])('%s finds nothing', (template) => {
    // Some print nothing: an undefined may be printed, and only using it is a mistake.
    expect(outcome(template, values)).toMatch(/^(jinja-(undefined|error|syntax):.*)?x?$/);
  });

  test('an undefined escape prints nothing', () => {
    expect(outcome('{{ text.constructor }}{{ list["__proto__"] }}{{ mapping.toString }}{{ int.valueOf }}{{ host.prototype }}', values)).toBe('');
  });
});

describe('limits', () => {
  // Each would take minutes, or more memory than there is, if nothing stopped it.
  test.each([
    ['a long text', "{{ 'a' * 10**9 }}"],
    ['a great power', '{{ 2**(10**8) }}'],
    ['a greater one', '{{ 10**(10**10) }}'],
    ['squares', '{% set ns = namespace(n=3) %}{% for x in range(40) %}{% set ns.n = ns.n * ns.n %}{% endfor %}'],
    ['loops in loops', '{% for x in range(99999) %}{% for y in range(99999) %}{% set a = x %}{% endfor %}{% endfor %}'],
    ['a loop over what it adds to', '{% set l = [1] %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}'],
    ['endless recursion', '{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}'],
    ['calls that branch', '{% macro a(n) %}{% if n > 0 %}{{ a(n-1) }}{{ a(n-1) }}{% endif %}{% endmacro %}{{ a(100) }}'],
    ['a text that doubles', "{% set ns = namespace(s='aaaa') %}{% for x in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s|length }}"],
    ['a list that doubles', '{% set ns = namespace(l=[1]) %}{% for x in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}'],
    ['a list that takes itself', '{% set l = [1] %}{% for x in range(60) %}{% set _ = l.extend(l) %}{% endfor %}'],
    ['a long list', '{{ [1] * 10**9 }}'],
    ['a list of lists, printed', '{{ [[1] * 10000] * 10000 }}'],
    ['a tree of one list, as JSON', '{% set ns = namespace(l=[1, 1]) %}{% for x in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}'],
    [
      'two such trees, compared',
      '{% set ns = namespace(l=[1], m=[1]) %}{% for x in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}',
    ],
    ['padding', "{{ 'a'.ljust(10**9) }}"],
    ['a filter that pads', "{{ [1]|batch(10**9, 'x')|list }}"],
    ['slices', '{{ [1]|slice(10**9)|list }}'],
    ['replacements', "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}"],
    ['filler', '{{ lipsum(n=10**7) }}'],
    ['one long paragraph', '{{ lipsum(n=1, max=10**9) }}'],
    ['an endless iterator', '{{ modules.itertools.count()|list }}'],
    ['its sum', '{{ modules.itertools.count()|sum }}'],
    ['a search in one', '{{ 5 in modules.itertools.repeat(1) }}'],
    ['permutations', '{{ modules.itertools.permutations(range(12))|list }}'],
    ['long lists, again and again', '{% for x in range(99999) %}{% set y = range(99999)|list %}{% endfor %}'],
    ['a sum of lists', '{{ ([range(99999)|list] * 10000)|sum(start=[]) }}'],
    ['much output', "{% for x in range(99999) %}{{ 'a' * 100000 }}{% endfor %}"],
    ['an expression that backtracks', "{{ modules.re.match('(a+)+$', 'a' * 40 ~ 'b') }}"],
    ['another one', "{{ modules.re.search('(.*a){20}$', 'a' * 30 ~ 'b') }}"],
    ['a substitution', "{{ modules.re.sub('(x+x+)+y', '', 'x' * 60) }}"],
    ['many slow matches', "{% for x in range(99999) %}{% set m = modules.re.match('(a+)+$', 'a' * 22 ~ 'b') %}{% endfor %}"],
    ['slow matches in a row', "{{ modules.re.findall('(?:a+)+b', ('a' * 22 ~ 'c') * 9999) }}"],
    ['brackets', `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`],
  ])(
    '%s ends with a diagnostic',
    (_, template) => {
      const before = process.cpuUsage();
      expect(outcome(template)).toMatch(/^jinja-limit: /);
      const { user, system } = process.cpuUsage(before);
      // Seconds of all threads of the process, so that a busy machine changes little.
      expect((user + system) / 1e6).toBeLessThan(8);
    },
    60_000,
  );

  test.each(["{{ '%1000000000d' % 1 }}", "{{ '{:1000000000}'.format(1) }}", "{{ '{:.1000000000f}'.format(1.0) }}"])('%s is refused', (template) => {
    expect(outcome(template)).toMatch(/^jinja-(limit|error): /);
  });

  test('leave honest work alone', () => {
    expect(outcome('{% for x in range(100000) %}{% for y in range(20) %}{% endfor %}{% endfor %}done')).toBe('done');
    expect(outcome("{% set l = [] %}{% for x in range(50000) %}{% set _ = l.append('column_' ~ x) %}{% endfor %}{{ l|join(', ')|length }}")).toBe('688888');
    expect(outcome("{{ modules.re.sub('[a-z]+_([0-9]+)', 'c', 'col_1, ' * 20000)|length }}")).toBe('60000');
    expect(outcome('{{ (2**4000) % 1000007 }}')).toBe(String(2n ** 4000n % 1000007n));
  });
});

test('modules hand out no clock but their own', () => {
  const modules = pythonModules({ now: () => 0 });
  expect(getAttr(modules, 'os')).toBeInstanceOf(Undefined);
  expect(getAttr(modules, 'sys')).toBeInstanceOf(Undefined);
  expect(new Decimal({ negative: false, digits: 1n, exponent: 0 }).attr('constructor')).toBeUndefined();
});
