import { describe, expect, test } from 'vitest';
import { bindMacro, Effectful, Environment, fromJs, Native, NeedsEffect, Return, ReturnSignal, type Value } from '../../../src/jinja/index.ts';
import { sourceFile } from '../../../src/text/index.ts';

const environment = new Environment();
const parse = (text: string) => environment.parse(sourceFile('t.sql', text));

/** Asks its driver for what it is given. */
const ask = new Effectful('ask', function* (args): Generator<unknown, Value, unknown> {
  return (yield args.positional[0] ?? null) as Value;
});
const values: Readonly<Record<string, Value>> = {
  ask,
  t: true,
  f: false,
  l: [1, 2, 3],
  d: fromJs({ a: 1 }),
  show: new Native('show', (a) => `<${a.positional.join('|')}>`),
  return: new Return(),
};
const globals = (name: string): Value | undefined => values[name];

/** Drives a program: the answer to an effect is what it asked for, and each is noted. */
function drive<T>(run: Generator<unknown, T, unknown>): { readonly result: T; readonly asked: readonly unknown[] } {
  const asked: unknown[] = [];
  let step = run.next();
  while (step.done !== true) {
    asked.push(step.value);
    step = run.next(step.value);
  }
  return { result: step.value, asked };
}

describe('the program form asks for effects wherever a call may stand', () => {
  test.each([
    ['{{ ask(1) }}', '1', [1]],
    ['{{ ask(1) + ask(2) }}', '3', [1, 2]],
    ['{{ -ask(1) }}{{ not ask(0) }}', '-1True', [1, 0]],
    ['{{ ask(1) ~ "a" ~ ask(2) }}', '1a2', [1, 2]],
    ['{{ [ask(1), (ask(2),), {ask("k"): ask("v")}] }}', "[1, (2,), {'k': 'v'}]", [1, 2, 'k', 'v']],
    ['{{ ask(0) and ask(1) }}{{ ask(0) or ask(1) }}', '01', [0, 0, 1]],
    ['{{ ask(1) if ask(t) else ask(2) }}{{ ask(1) if ask(f) }}', '1', [true, 1, false]],
    ['{{ ask(1) < ask(2) < ask(0) < ask(9) }}', 'False', [1, 2, 0]],
    ['{{ ask("abc")[ask(1)] }}{{ ask("abc")[ask(0):ask(2)] }}', 'bab', ['abc', 1, 'abc', 0, 2]],
    ['{{ ask("abc").upper() }}', 'ABC', ['abc']],
    ['{{ ask("abc")|replace(ask("b"), ask("x")) }}', 'axc', ['abc', 'b', 'x']],
    ['{{ ask(4) is divisibleby(ask(2)) }}{{ ask(1) is not odd }}', 'TrueFalse', [4, 2, 1]],
    ['{{ show(ask(1), *ask([2]), **{}) }}', '<1|2>', [1, [2]]],
    ['{{ dict(a=ask(1), **ask(d)) if f }}{{ dict(b=ask(1), **d) }}', "{'b': 1, 'a': 1}", [1]],
    ['{{ ask(ask(ask(1))) }}', '1', [1, 1, 1]],
    ['{% do ask(1) %}', '', [1]],
    ['{% set x = ask(1) %}{{ x }}{% set a, b = ask([1, 2]) %}{{ a }}{{ b }}', '112', [1, [1, 2]]],
    ['{% set x %}a{{ ask(1) }}{% endset %}{{ x }}', 'a1', [1]],
    ['{% set x | replace("a", ask("b")) %}a{% endset %}{{ x }}', 'b', ['b']],
    ['{% if ask(0) %}a{% elif ask(1) %}b{% else %}c{% endif %}', 'b', [0, 1]],
    ['{% if f %}{% else %}{{ ask(1) }}{% endif %}', '1', [1]],
    ['{% for i in ask([1, 2]) %}{{ ask(i) }}{{ loop.last }}{% endfor %}', '1False2True', [[1, 2], 1, 2]],
    ['{% for i in l if ask(i) > 1 %}{{ i }}{{ loop.length }}{% endfor %}', '2232', [1, 2, 3]],
    ['{% for i in l if i > 1 %}{{ ask(i) }}{% else %}{{ ask(0) }}{% endfor %}', '23', [2, 3]],
    ['{% for i in [] %}{% else %}{{ ask(0) }}{% endfor %}', '0', [0]],
    ['{% for i in l %}{% if ask(i) == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}', '1', [1, 2]],
    ['{% for i in l %}{% if ask(i) == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}', '13', [1, 2, 3]],
    ['{% for i in [[1], []] recursive %}[{{ ask(1) }}{{ loop(i) if i is iterable }}]{% endfor %}', '[1[1]][1]', [1, 1, 1]],
    ['{% macro m(a, b=ask(5)) %}{{ a }}{{ b }}{{ ask(a) }}{% endmacro %}{{ m(1) }}{{ m(2, b=0) }}', '151202', [5, 1, 2]],
    ['{% macro m() %}[{{ caller(ask(1)) }}]{% endmacro %}{% call(x) m() %}{{ ask(x) }}!{% endcall %}', '[1!]', [1, 1]],
    ['{% call show(ask(1)) %}x{% endcall %}', '<1>', [1]],
    ['{% filter replace("a", ask("b")) %}a{{ ask("a") }}{% endfilter %}', 'bb', ['a', 'b']],
    ['{% with x = ask(1) %}{{ x }}{{ ask(2) }}{% endwith %}', '12', [1, 2]],
    ['{% autoescape true %}{{ ask("<") }}{% endautoescape %}{{ ask("<") }}', '&lt;<', ['<', '<']],
    ['{% set fn = ask %}{{ fn(1) }}{{ {"k": ask}.k(2) }}', '12', [1, 2]],
    ['a{% for i in l %}{{ i }}{% endfor %}b', 'a123b', []],
  ])('%s', (template, output, effects) => {
    const { result, asked } = drive(parse(template).program(globals));
    expect(result).toBe(output);
    expect(asked).toEqual(effects);
  });

  test('two runs of one template do not disturb each other', () => {
    const template = parse('{% set x | replace("a", ask("b")) %}a{{ ask(n) }}{% endset %}{% for i in [1, 2] %}{{ i }}{{ ask(n) }}{% endfor %}{{ x }}');
    const runs = ['p', 'q'].map((n) => template.program((name) => (name === 'n' ? n : globals(name))));
    const steps = runs.map((r) => r.next());
    while (steps.some((s) => s.done !== true)) {
      runs.forEach((r, i) => {
        const step = steps[i];
        if (step !== undefined && step.done !== true) steps[i] = r.next(step.value);
      });
    }
    expect(steps.map((s) => s.value)).toEqual(['1p2pbp', '1q2qbq']);
  });

  test('an error of the driver appears at the call', () => {
    const run = parse('a {{ ask(1) }}').program(globals);
    run.next();
    expect(() => run.throw(new RangeError('lost'))).toThrow('lost');
  });
});

describe('the plain form', () => {
  test('cannot ask, and says so', () => {
    expect(() => parse('{{ ask(1) }}').render(globals)).toThrow(NeedsEffect);
    expect(() => parse('{% macro m() %}{{ ask(1) }}{% endmacro %}{{ m() }}').render(globals)).toThrow(NeedsEffect);
  });

  test('does as long as nothing asks', () => {
    expect(parse('{{ ask(1) if f }}x').render(globals)).toBe('x');
  });
});

describe('return()', () => {
  /** Renders with the macros of a file bound, in both forms. */
  function both(macros: string, template: string): Value {
    const bound = new Map<string, Value>();
    const lookup = (name: string): Value | undefined => bound.get(name) ?? globals(name);
    for (const def of parse(macros).macros) bound.set(def.name, bindMacro(def, lookup));
    const plain = parse(template).render(lookup);
    expect(drive(parse(template).program(lookup)).result).toBe(plain);
    return plain;
  }

  test.each([
    ['{% macro m() %}a{{ return(5) }}b{% endmacro %}', '{{ m() + 1 }}', '6'],
    ['{% macro m() %}{% do return([1]) %}{% endmacro %}', '{{ m()[0] }}', '1'],
    ['{% macro m() %}{% for i in l %}{% if i == 2 %}{{ return(i) }}{% endif %}{% endfor %}no{% endmacro %}', '{{ m() * 2 }}', '4'],
    ['{% macro m() %}{% set x %}{{ return("in a block") }}{% endset %}{% endmacro %}', '{{ m() }}', 'in a block'],
    ['{% macro m() %}{{ return(none) }}{% endmacro %}', '{{ m() is none }}', 'True'],
    ['{% macro m() %}{% set x = return(7) %}{% endmacro %}', '{{ m() + 1 }}', '8'],
    ['{% macro m() %}{{ return(data=3) }}{% endmacro %}', '{{ m() + 1 }}', '4'],
    ['{% macro m() %}{{ return(inner()) }}{% endmacro %}{% macro inner() %}{{ return({"k": 2}) }}{% endmacro %}', '{{ m().k }}', '2'],
    ['{% macro m() %}a{{ inner() }}b{% endmacro %}{% macro inner() %}{{ return(1) }}{% endmacro %}', '{{ m() }}', 'a1b'],
    ['{% macro m() %}{% for i in [[1]] recursive %}{{ return(4) }}{% endfor %}{% endmacro %}', '{{ m() + 1 }}', '5'],
    ['{% macro m() %}{% call w() %}{{ return(4) }}{% endcall %}no{% endmacro %}{% macro w() %}({{ caller() }}){% endmacro %}', '{{ m() }}', '4no'],
  ])('%s', (macros, template, output) => {
    expect(both(macros, template)).toBe(output);
  });

  test('goes through a macro that is not bound', () => {
    const macros = '{% macro m() %}{% macro inner() %}{{ return(1) }}{% endmacro %}a{{ inner() }}b{% endmacro %}';
    expect(both(macros, '{{ m() + 1 }}')).toBe('2');
  });

  test('outside of a macro goes to whoever renders', () => {
    expect(() => parse('a{{ return(1) }}').render(globals)).toThrow(expect.objectContaining({ value: 1 }));
    expect(() => drive(parse('a{{ return(1) }}').program(globals))).toThrow(expect.any(ReturnSignal));
  });

  test('another function of that name is an ordinary one', () => {
    const lookup = (name: string): Value | undefined => (name === 'return' ? values.show : undefined);
    expect(parse('{{ return(1) }}{% do return(2) %}').render(lookup)).toBe('<1>');
    expect(drive(parse('{{ return(1) }}{% do return(2) %}').program(lookup)).result).toBe('<1>');
  });
});
