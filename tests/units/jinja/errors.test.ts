import { describe, expect, test } from 'vitest';
import { bindMacro, Environment, fromJs, Native, PyError, Run, type Value } from '../../../src/jinja/index.ts';
import { type Diagnostic, DiagnosticError, diagnostic, place, sourceFile } from '../../../src/text/index.ts';

const environment = new Environment();
const values: Readonly<Record<string, Value>> = {
  x: 3,
  d: fromJs({ a: 1 }),
  fails: new Native('fails', () => {
    throw new PyError('ValueError', 'no good');
  }),
  refuses: new Native('refuses', () => {
    throw new DiagnosticError(diagnostic('yaml-syntax', { problem: 'p' }));
  }),
};
const globals = (name: string): Value | undefined => values[name];

function failure(run: () => unknown): Diagnostic {
  try {
    run();
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostic;
    throw e;
  }
  throw new Error('no error');
}

/** Renders a template in which «» mark where the diagnostic must stand. */
function render(marked: string): { readonly diagnostic: Diagnostic; readonly marked: string } {
  const template = marked.replace('«', '').replace('»', '');
  const found = failure(() => environment.parse(sourceFile('t.sql', template)).render(globals, { names: () => Object.keys(values) }));
  const { start = -1, end = -1 } = found.at ?? {};
  return { diagnostic: found, marked: `${template.slice(0, start)}«${template.slice(start, end)}»${template.slice(end)}` };
}

describe('errors while rendering', () => {
  test.each([
    ['{{ «nope.a» }}', 'jinja-undefined', "'nope' is undefined"],
    ['a\n{{ x ~ «nope.a» }}', 'jinja-undefined', "'nope' is undefined"],
    ['{{ «d.b.c» }}', 'jinja-undefined', "'dict object' has no attribute 'b'"],
    ['{{ 1 + «nope()» }}', 'jinja-undefined', "'nope' is undefined"],
    ["{{ [1, «x + 'a'»] }}", 'jinja-error', "unsupported operand type(s) for +: 'int' and 'str'"],
    ['{{ 1 / 0 }}'.replace('1 / 0', '«1 / 0»'), 'jinja-error', 'division by zero'],
    ['{% if «fails()» %}{% endif %}', 'jinja-error', 'no good'],
    ['{% for i in «x» %}{% endfor %}', 'jinja-error', "'int' object is not iterable"],
    ['{% set «a, b» = [1] %}', 'jinja-error', 'not enough values to unpack (expected 2, got 1)'],
    ["{{ «'a'|nope» }}", 'jinja-unknown-filter', 'there is no filter `nope`'],
    ['{{ «x is nope» }}', 'jinja-unknown-test', 'there is no test `nope`'],
    ['«{% include "a" %}»', 'jinja-error', '`{% include %}` cannot load a template: files of a project are rendered one by one'],
    ['{{ «refuses(1)» }}', 'yaml-syntax', 'this YAML cannot be read: p'],
    ["{{ x }}{{ «'%d'|format('a')» }}", 'jinja-error', '%d format: a real number is required, not str'],
  ])('%s', (marked, code, message) => {
    const found = render(marked);
    expect(found.marked).toBe(marked);
    expect([found.diagnostic.code, found.diagnostic.message]).toEqual([code, message]);
  });

  test('the nearest name is offered', () => {
    expect(render('{{ «fail()» }}').diagnostic.hint).toBe('did you mean `fails`?');
    expect(render("{{ «'a'|uper» }}").diagnostic.hint).toBe('did you mean `upper`?');
  });

  test('macro calls are listed, innermost first', () => {
    const template = '{% macro a() %}{{ fails() }}{% endmacro %}\n{% macro b() %}\n{{ a() }}{% endmacro %}\n{{ b() }}';
    const found = failure(() => environment.parse(sourceFile('t.sql', template)).render(globals));
    expect(found.at && place(found.at)).toBe('t.sql:1:19');
    expect(found.related?.map((r) => `${r.message} ${r.at && place(r.at)}`)).toEqual([
      'in macro `a`, called from here t.sql:3:4',
      'in macro `b`, called from here t.sql:4:4',
    ]);
  });

  test('bound macros name the files of both sides', () => {
    const [def] = environment.parse(sourceFile('macros/m.sql', '{% macro m(v) %}\n{{ v.a.b }}{% endmacro %}')).macros;
    if (def === undefined) throw new Error('no macro');
    const bound = bindMacro(def, globals);
    const found = failure(() => environment.parse(sourceFile('models/a.sql', 'x {{ m(1) }}')).render((n) => (n === 'm' ? bound : globals(n))));
    expect(found.at && place(found.at)).toBe('macros/m.sql:2:4');
    expect(found.related?.map((r) => r.at && place(r.at))).toEqual(['models/a.sql:1:6']);
  });

  test('a call block is listed as caller', () => {
    const template = '{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ fails() }}{% endcall %}';
    const found = failure(() => environment.parse(sourceFile('t.sql', template)).render(globals));
    expect(found.related?.map((r) => r.message)).toEqual(['in macro `caller`, called from here', 'in macro `m`, called from here']);
  });
});

describe('limits', () => {
  const limited = (template: string, run: Run): Diagnostic => failure(() => environment.parse(sourceFile('t.sql', template)).render(globals, { run }));

  test('steps', () => {
    expect(limited('{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}', new Run({ steps: 5000 }))).toMatchObject({
      code: 'jinja-limit',
      message: 'the template takes too many steps',
    });
    expect(limited('{% set l = [1] %}{% for i in l %}{% do l.append(1) %}{% endfor %}', new Run({ steps: 5000 })).code).toBe('jinja-limit');
  });

  test('output', () => {
    expect(limited("{% for i in range(1000) %}{{ 'a' * 1000 }}{% endfor %}", new Run({ output: 10_000 }))).toMatchObject({
      code: 'jinja-limit',
      message: 'the template prints too much text',
    });
  });

  // Where the stack ends inside one of the tests' own import getters, these answer undefined instead of throwing: the place is another every time.
  test('depth', { retry: 3 }, () => {
    const template = '{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}';
    const found = limited(template, new Run({ depth: 50 }));
    expect(found).toMatchObject({ code: 'jinja-limit', message: 'macros call each other more than 50 deep' });
    expect(found.related).toHaveLength(21);
    expect(limited(template, new Run())).toMatchObject({ code: 'jinja-limit' });
    expect(limited(template, new Run({ depth: 1_000_000 }))).toMatchObject({ code: 'jinja-limit', message: 'the template nests too deep' });
  });

  test('nesting of the text itself', () => {
    const deep = `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`;
    expect(failure(() => environment.parse(sourceFile('t.sql', deep)))).toMatchObject({ code: 'jinja-limit' });
    expect(failure(() => environment.parse(sourceFile('t.sql', `{{ ${'1 + '.repeat(100_000)}1 }}`)).render(globals))).toMatchObject({ code: 'jinja-limit' });
  });

  test('the depth is what is open, not what was called', () => {
    const template = '{% macro m() %}x{% endmacro %}{% for i in range(1000) %}{{ m() }}{% endfor %}';
    expect(environment.parse(sourceFile('t.sql', template)).render(globals, { run: new Run({ depth: 2 }) })).toBe('x'.repeat(1000));
  });
});
