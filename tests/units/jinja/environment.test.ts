import { describe, expect, test } from 'vitest';
import {
  analyze,
  bindMacro,
  Environment,
  Float,
  fromJs,
  literal,
  locate,
  Native,
  OutputMap,
  Run,
  repr,
  type TagParser,
  Undefined,
  type Value,
  walk,
} from '../../../src/jinja/index.ts';
import { DiagnosticError, sourceFile } from '../../../src/text/index.ts';

const like: TagParser = (parser, tag) => parser.macroStatement(tag, { ...parser.headerName(), params: parser.parameters() });
const optioned: TagParser = (parser, tag) => parser.macroStatement(tag, { ...parser.headerName(), options: parser.options() });
const environment = new Environment({ tags: { test: like, materialization: optioned } });
const parse = (text: string) => environment.parse(sourceFile('t.sql', text));
const values: Readonly<Record<string, Value>> = {
  x: 3,
  fl: new Float(1.5),
  l: [1, 2],
  d: fromJs({ a: [1] }),
  n: null,
  id: new Native('id', (a) => a.positional[0] ?? null),
};
const globals = (name: string): Value | undefined => values[name];

describe('tags of the host', () => {
  test('define macros', () => {
    const template = parse("{% test unique(model, column='id') %}{{ model }}.{{ column }}{% endtest %}");
    const [def] = template.macros;
    expect(def?.statement).toMatchObject({ tag: 'test', name: 'unique' });
    expect(def && bindMacro(def, globals).call({ positional: ['m'], named: new Map() }, { at: { file: template.file, start: 0, end: 0 } })).toBe('m.id');
  });

  test('may have options', () => {
    const [def] = parse("{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'], default %}body{% endmaterialization %}").macros;
    if (def === undefined) throw new Error('no macro');
    const { options, bodyAt } = def.statement;
    expect([...options].map(([name, value]) => [name, value === undefined ? undefined : repr(literal(value) ?? null)])).toEqual([
      ['adapter', "'duckdb'"],
      ['supported_languages', "['sql', 'python']"],
      ['default', undefined],
    ]);
    expect(def.file.text.slice(bodyAt.start, bodyAt.end)).toBe('body');
  });

  test('close with their own end tag', () => {
    expect(() => parse('{% test a() %}{% endmacro %}')).toThrow(DiagnosticError);
    expect(() => parse('{% test a() %}')).toThrow('`{% test %}` is never closed');
  });

  test('filters, tests and globals of the host win', () => {
    const own = new Environment({ filters: [['upper', () => 'F']], tests: [['odd', () => true]], globals: [['range', 'G']] });
    expect(own.parse(sourceFile('t', "{{ 'a'|upper }}{{ 2 is odd }}{{ range }}{{ 'a'|lower }}")).render(() => undefined)).toBe('FTrueGa');
  });

  test('type annotations of parameters are kept as text', () => {
    const [def] = parse("{% macro m(a: string, b: Dict[str, List[int]] = none, c='x') %}{% endmacro %}").macros;
    expect(def?.statement.params.map((p) => p.type)).toEqual(['string', 'Dict[str, List[int]]', undefined]);
  });
});

describe('bound macros', () => {
  const bind = (text: string, lookup = globals) => parse(text).macros.map((def) => bindMacro(def, lookup));
  const site = { at: { file: sourceFile('t', ''), start: 0, end: 0 } };
  const none = { positional: [], named: new Map() };

  test('do not see the file around them', () => {
    const [m] = bind('{% set x = 9 %}{% macro m() %}{{ x }}{{ other is defined }}{% endmacro %}{% macro other() %}{% endmacro %}');
    expect(m?.call(none, site)).toBe('3False');
  });

  test('share code between bindings', () => {
    const [def] = parse('{% macro m() %}{{ who }}{% endmacro %}').macros;
    const names = ['a', 'b'].map((who) => def && bindMacro(def, (n) => (n === 'who' ? who : undefined)).call(none, site));
    expect(names).toEqual(['a', 'b']);
  });

  test('ask for globals when they read them', () => {
    const asked: string[] = [];
    const template = parse('{{ a }}{% if b %}{{ c }}{% endif %}');
    template.render((name) => {
      asked.push(name);
      return undefined;
    });
    expect(asked).toEqual(['a', 'b']);
  });
});

describe('native rendering', () => {
  test.each([
    ['{{ x }}', '3'],
    ['{{ x + 1 }}', '4'],
    ['{{ fl }}', '1.5'],
    ['{{ l }}', '[1, 2]'],
    ['{{ [x] }}', '[3]'],
    ['{{ n }}', 'None'],
    ['{{ d.a }}\n', '[1]'],
    ['{{ x }} ', "'3 '"],
    ['a{{ x }}', "'a3'"],
    ['{{ x }}{{ x }}', "'33'"],
    ['', "''"],
    ['text', "'text'"],
    // Jinja folds literals into text.
    ['{{ 1 }}', "'1'"],
    ['{{ true }}', "'True'"],
    ['{{ [1, 2] }}', "'[1, 2]'"],
    ["{{ 'a'|upper }}", "'A'"],
    ['{% if x %}{{ x }}{% else %}b{% endif %}', '3'],
    ['{% set y = x %}{{ y }}', '3'],
    ['{% set y %}{{ x }}{% endset %}{{ y }}', "'3'"],
    ['{% for i in [1] %}{{ i }}{% endfor %}', '1'],
  ])('%s', (template, value) => {
    expect(repr(parse(template).renderNative(globals))).toBe(value);
  });
});

describe('undefined values', () => {
  test('lenient: print nothing, allow nothing else', () => {
    expect(parse('[{{ nope }}]').render(globals)).toBe('[]');
    expect(() => parse('{{ nope.a }}').render(globals)).toThrow("'nope' is undefined");
  });

  test('capture: attributes, items and calls answer another', () => {
    const template = parse('[{{ nope.a["b"](1).c() }}]{% for i in nope.x %}{% endfor %}{{ nope() is defined }}');
    expect(template.render(globals, { undefined: 'capture' })).toBe('[]False');
    expect(parse('{{ nope.a() }}').renderNative(globals, { undefined: 'capture' })).toBeInstanceOf(Undefined);
  });
});

describe('the output map', () => {
  function mapped(text: string, lookup = globals): { readonly out: string; readonly at: (part: string) => string } {
    const map = new OutputMap();
    const out = parse(text).render(lookup, { map });
    return {
      out,
      at: (part) => {
        const found = locate(map, out.indexOf(part));
        return found === undefined
          ? 'nowhere'
          : `${found.macro === undefined ? '' : `${found.macro}: `}${found.at.file.text.slice(found.at.start, found.at.end)}`;
      },
    };
  }

  test('text maps one to one, an expression to its tag', () => {
    const { at } = mapped('select {{ x }} as x\nfrom t');
    expect([at('elect'), at('3'), at(' as x'), at('from')]).toEqual(['elect ', '{{ x }}', ' as x\nfrom t', 'from t']);
  });

  test('loops map each round to the same place', () => {
    const map = new OutputMap();
    const out = parse('{% for i in l %}<{{ i }}>{% endfor %}').render(globals, { map });
    const starts = [...out].map((_, i) => locate(map, i)?.at.start);
    expect(out).toBe('<1><2>');
    expect(starts).toEqual([16, 17, 24, 16, 17, 24]);
  });

  test('what a macro printed maps into the macro', () => {
    const { out, at } = mapped('{% macro m(a) %}in {{ a }} end{% endmacro %}out {{ m(5) }} after');
    expect(out).toBe('out in 5 end after');
    expect([at('out'), at('in'), at('5'), at('end'), at('after')]).toEqual(['out ', 'm: in ', 'm: {{ a }}', 'm: end', 'after']);
  });

  test('nested and bound macros map into their files', () => {
    const run = new Run();
    const bound = new Map<string, Value>();
    const lookup = (name: string): Value | undefined => bound.get(name) ?? globals(name);
    const defs = environment.parse(sourceFile('m.sql', '{% macro o() %}({{ i() }}){% endmacro %}{% macro i() %}deep {{ x }}{% endmacro %}')).macros;
    for (const def of defs) bound.set(def.name, bindMacro(def, lookup, { run }));
    const map = new OutputMap();
    const out = parse('a {{ o() }} b').render(lookup, { map, run });
    expect(out).toBe('a (deep 3) b');
    const found = locate(map, out.indexOf('deep'));
    expect([found?.macro, found?.at.file.path]).toEqual(['i', 'm.sql']);
    expect(locate(map, out.indexOf('('))?.macro).toBe('o');
    expect(locate(map, out.indexOf(' b'))?.at.file.path).toBe('t.sql');
  });

  test('text that a filter changed maps to the expression', () => {
    const { at } = mapped('{% macro m() %}abc{% endmacro %}{{ m()|upper }}{% set s %}in {{ x }}{% endset %}[{{ s }}]');
    expect([at('ABC'), at('in'), at(']')]).toEqual(['{{ m()|upper }}', '{{ s }}', ']']);
  });

  test('there is nothing before the start of an empty output', () => {
    expect(locate(new OutputMap(), 0)).toBeUndefined();
  });
});

describe('analysis', () => {
  test('calls with literal arguments', () => {
    const facts = analyze(
      parse("{{ ref('a') }}{{ ref('p', 'b', v=-2) }}{{ ref(x) }}{{ config(tags=['t', ('u',)], meta={'k': none}) }}{{ a.b.c(1.5) }}{{ f()() }}"),
    );
    const shown = facts.calls.map((c) => [
      c.path,
      c.literal === undefined ? undefined : repr([...c.literal.positional]),
      c.literal && [...c.literal.named].map(([k, v]) => `${k}=${repr(v)}`),
    ]);
    expect(shown).toEqual([
      ['ref', "['a']", []],
      ['ref', "['p', 'b']", ['v=-2']],
      ['ref', undefined, undefined],
      ['config', '[]', ["tags=['t', ('u',)]", "meta={'k': None}"]],
      ['a.b.c', '[1.5]', []],
      ['f', '[]', []],
    ]);
  });

  test('calls are found in every kind of place', () => {
    const text = `{% if a() %}{% elif b() %}{% else %}{{ c() }}{% endif %}{% for i in d() if e() %}{{ f() }}{% else %}{{ g() }}{% endfor %}{% set q = h() %}
{% set r | replace(i1(), 1) %}{{ j() }}{% endset %}{% call(z=k()) l() %}{{ m() }}{% endcall %}{% filter replace(n()) %}{{ o() }}{% endfilter %}
{% with w = p() %}{{ q1() }}{% endwith %}{% macro mm(z=r1()) %}{{ s() }}{% endmacro %}{% do t() %}{{ [u(), {v(): w1()}, x1()[y(): z1()], aa() if bb() else cc(), dd() < ee(), ff() ~ gg(), -hh() + ii(), jj() and kk(), ll(*mm1(), **nn()), oo()|default(pp()), qq() is in rr()] }}`;
    const found = new Set(parse(text).facts.calls.map((c) => c.path));
    const wanted = 'a b c d e f g h i1 j k l m n o p q1 r1 s t u v w1 x1 y z1 aa bb cc dd ee ff gg hh ii jj kk ll mm1 nn oo pp qq rr'.split(' ');
    expect(wanted.filter((name) => !found.has(name))).toEqual([]);
  });

  test('names, macros, plain text', () => {
    const { facts } = parse('{{ a.b }}{% set c = d %}{% macro m() %}{{ e }}{% endmacro %}');
    expect([...facts.names].sort()).toEqual(['a', 'd', 'e']);
    expect(facts.macros.map((m) => m.name)).toEqual(['m']);
    expect(facts.literalText).toBe(false);
    expect(parse('select 1 {# c #}').facts.literalText).toBe(true);
  });

  test('walk can skip what is below a node', () => {
    const seen: string[] = [];
    walk(parse('{{ a }}{% if b %}{{ c }}{% endif %}').body, (node) => {
      if (node.kind === 'name') seen.push(node.name);
      return node.kind !== 'if';
    });
    expect(seen).toEqual(['a']);
  });
});
