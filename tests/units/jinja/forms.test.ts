import { describe, expect, test } from 'vitest';
import { Environment, locate, Native, OutputMap, Return, ReturnSignal, Run, str, type Value } from '../../../src/jinja/index.ts';
import { DiagnosticError, sourceFile } from '../../../src/text/index.ts';

const environment = new Environment({ macroPrefix: '' });
const parse = (text: string) => environment.parse(sourceFile('t.sql', text));
const values: Readonly<Record<string, Value>> = {
  some: [1, 2, 3],
  id: new Native('id', (args) => args.positional[0] ?? null),
  kept: new Native('kept', (args) => [...args.positional, ...args.named.values()]),
  return: new Return(),
};
const globals = (name: string): Value | undefined => values[name];

/** A template's text in each of its forms. */
function forms(text: string): Readonly<Record<string, string>> {
  const template = parse(text);
  const program = template.program(globals);
  const driven = program.next();
  if (driven.done !== true) throw new Error('nothing here asks for an effect');
  return {
    plain: template.render(globals),
    mapped: template.render(globals, { map: new OutputMap() }),
    program: driven.value,
    native: str(template.renderNative(globals)),
  };
}

// What Jinja2 3.1 prints.
const templates: readonly (readonly [template: string, text: string])[] = [
  ['a{# c #}b{{ 1 }}c{{ "d" }}{{ some }}e', 'ab1cd[1, 2, 3]e'],
  ['{{ nothing }}{{ none }}{{ 1.50 }}{{ id("x") }}{{ some[0] }}', 'None1.5x1'],
  ['{% set x = 1 %}a{{ x }}{% set x = 2 %}b{{ x }}{% if x == 2 and not y %}c{{ x }}d{% endif %}', 'a1b2c2d'],
  ['{% for x in some %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}', '1, 2, 3'],
  ['{% for x in [none, 1, none] %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.last }} {% endfor %}', '<None>1False None<1>NoneFalse 1<None>True '],
  ['{% set l = [1, 2] %}{% for x in l %}{{ x }}{% if x < 4 %}{% do l.append(x + 2) %}{% endif %}{% endfor %}', '12345'],
  ['{% set l = [1] %}{% for x in l %}{{ loop.last }}{% do l.append(2) %}{% endfor %}{{ l }}', 'True[1, 2]'],
  ['{% set l = [3] %}{% for x in some if x > 1 %}{{ loop.index }}{{ x }}{{ loop.length }} {% else %}none{% endfor %}', '122 232 '],
  ['{% for i in range(2) %}{% set l = [1, "a"] %}{% do l.append(i) %}{{ l }}{% endfor %}', "[1, 'a', 0][1, 'a', 1]"],
  [
    '{% macro m() %}{% do kwargs.update({"b": 2}) %}{{ kwargs }}{% endmacro %}{% for i in range(2) %}{{ m(a=1) }}{% endfor %}',
    "{'a': 1, 'b': 2}{'a': 1, 'b': 2}",
  ],
  ['{% macro m() %}{{ varargs }}{% endmacro %}{% for i in range(2) %}{{ m(1, "x") }}{{ m() }}{% endfor %}', "(1, 'x')()(1, 'x')()"],
  ['{% for i in range(2) %}{% set d = dict(a=1) %}{% do d.update(b=i) %}{{ d }}{% endfor %}', "{'a': 1, 'b': 0}{'a': 1, 'b': 1}"],
  ['{% for i in range(2) %}{% set n = namespace(a=1) %}{% set n.a = n.a + i %}{{ n.a }}{% endfor %}', '12'],
  ['{% for i in range(2) %}{% set l = kept(1, 2, a=3) %}{% do l.append(i) %}{{ l }}{% endfor %}', '[1, 2, 3, 0][1, 2, 3, 1]'],
  ['{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c=4) }}{{ m(b=5, a=6) }}', '121;131;124;656;'],
  ['{% macro outer(x) %}{% set y = x ~ "!" %}{% macro inner(z) %}{{ x }}{{ y }}{{ z }}{% endmacro %}{{ inner(1) }}{% endmacro %}{{ outer("o") }}', 'oo!1'],
  ['{% macro w(n) %}<{{ caller(n) }}>{% endmacro %}{% for i in range(2) %}{% call(x) w(i) %}{{ i }}{{ x }}{% endcall %}{% endfor %}', '<00><11>'],
  ['{% set s %}a{{ 1 }}{% for x in some %}{{ x }}{% endfor %}{% endset %}[{{ s }}]{{ s ~ 1 ~ none }}{{ 1 ~ s }}', '[a1123]a11231None1a1123'],
  ['{{ some | join("-") }}{{ [] | join(",") }}{{ "abc" | join("/") }}{{ [[1, 2], [3]] | map("join", "+") | join }}', '1-2-3a/b/c1+23'],
  [
    '{% for k, v in {"a": 1, "b": [2]}.items() %}{{ k }}={{ v }};{% endfor %}{% for a, (b, c) in [(1, [2, 3])] %}{{ a }}{{ b }}{{ c }}{% endfor %}',
    'a=1;b=[2];123',
  ],
  ['{{ 1 if some else 2 }}{{ "x" if not some }}{{ some and "y" }}{{ nothing or "z" }}{{ not (1 > 2) }}{{ 1 < 2 < 3 }}', '1yzTrueTrue'],
];

describe('all forms of a template give the same text', () => {
  test.each(templates)('%s', (template, text) => {
    expect(forms(template)).toEqual({ plain: text, mapped: text, program: text, native: text });
  });
});

describe('neighbouring texts and expressions', () => {
  test('have places of their own in the map', () => {
    const text = 'ab{# c #}cd{{ 12 }}e{{ id("f") }}';
    const map = new OutputMap();
    const out = parse(text).render(globals, { map });
    expect(out).toBe('abcd12ef');
    expect([...out].map((_, at) => text.slice(locate(map, at)?.at.start).slice(0, 4))).toEqual([
      'ab{#',
      'b{# ',
      'cd{{',
      'd{{ ',
      '{{ 1',
      '{{ 1',
      'e{{ ',
      '{{ i',
    ]);
  });

  test('tell the place of the one that fails', () => {
    const text = 'a{{ 1 }}b{{ some.x.y }}c{{ 2 }}';
    const fails = (): string => parse(text).render(globals);
    expect(fails).toThrow(DiagnosticError);
    try {
      fails();
    } catch (e) {
      const at = (e as DiagnosticError).diagnostic.at;
      expect(text.slice(at?.start, at?.end)).toBe('some.x.y');
    }
  });

  test('end at a return', () => {
    try {
      parse('a{{ 1 }}{{ return(2) }}b{{ nothing.x }}').render(globals);
      expect.unreachable();
    } catch (e) {
      expect(e instanceof ReturnSignal && e.value).toBe(2);
    }
  });

  test('count what they print', () => {
    const text = 'x'.repeat(40);
    expect(() => parse(`{% for i in range(9) %}{{ "${text}" }}-{{ "${text}" }}{% endfor %}`).render(globals, { run: new Run({ output: 700 }) })).toThrow(
      'prints too much text',
    );
  });
});

describe('a text that is in no file', () => {
  test('is parsed once', () => {
    const fresh = new Environment();
    const first = fresh.parseText('{{ some[0] }}', 'argument');
    expect(fresh.parseText('{{ some[0] }}', 'argument')).toBe(first);
    expect(fresh.parseText('{{ some[0] }}', 'elsewhere')).not.toBe(first);
    expect(first.renderNative(globals)).toBe(1);
  });

  test('is let go of when there are many', () => {
    const fresh = new Environment();
    const first = fresh.parseText('0', 'argument');
    for (let i = 1; i <= 4096; i++) fresh.parseText(String(i), 'argument');
    expect(fresh.parseText('0', 'argument')).not.toBe(first);
  });
});
