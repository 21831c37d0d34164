import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Environment, scanBlocks } from '../../../src/jinja/index.ts';
import { DiagnosticError, Diagnostics, sourceFile } from '../../../src/text/index.ts';

const tags = ['macro', 'test', 'docs', 'snapshot', 'materialization'];

function scan(text: string) {
  const sink = new Diagnostics();
  const file = sourceFile('f.sql', text);
  const { blocks, outside } = scanBlocks(file, tags, sink);
  return { blocks, outside: outside.map((s) => text.slice(s.start, s.end)), codes: sink.all.map((d) => d.code), sink, text };
}

describe('scanBlocks', () => {
  test('finds blocks with their names, headers and contents', () => {
    const { blocks, codes, text } = scan(
      "{% macro a(x, y='%}') %}body {{ x }}{% endmacro %}\n\n{%- docs my_doc -%}\n # Doc\n{%- enddocs -%}{% snapshot s %}select 1{% endsnapshot %}",
    );
    expect(codes).toEqual([]);
    expect(blocks.map((b) => [b.tag, b.name, b.header, b.contents])).toEqual([
      ['macro', 'a', "a(x, y='%}')", 'body {{ x }}'],
      ['docs', 'my_doc', 'my_doc', '# Doc'],
      ['snapshot', 's', 's', 'select 1'],
    ]);
    expect(blocks.map((b) => text.slice(b.nameAt.start, b.nameAt.end))).toEqual(['a', 'my_doc', 's']);
    expect(blocks.map((b) => text.slice(b.at.start, b.at.end).slice(0, 4))).toEqual(['{% m', '{%- ', '{% s']);
    expect(blocks.map((b) => text.slice(b.body.start, b.body.end))).toEqual(blocks.map((b) => b.contents));
  });

  test('space control belongs to the contents as dbt draws them', () => {
    const contents = (text: string): readonly string[] => scan(text).blocks.map((b) => b.contents);
    expect(contents('{% macro a() -%}  x  {%- endmacro %}')).toEqual(['x']);
    expect(contents('{% macro a() %}  x  {% endmacro %}')).toEqual(['  x  ']);
    // What `-%}` has taken, the end tag does not take again.
    expect(contents('{% macro a() %}{% if x -%} y {%- endif -%}\n\n{%- endmacro %}')).toEqual(['{% if x -%} y {%- endif -%}\n\n']);
    expect(contents('{% macro a() -%}  {%- endmacro %}')).toEqual(['']);
  });

  test.each([
    ['a comment', '{# {% macro a() %} #}{% macro b() %}{% endmacro %}', ['b']],
    ['raw', '{% raw %}{% macro a() %}{% endraw %}{% macro b() %}{% endmacro %}', ['b']],
    ['raw inside a block', '{% macro a() %}{% raw %}{% endmacro %}{% endraw %}{% endmacro %}', ['a']],
    ['a comment inside a block', '{% macro a() %}{# {% endmacro %} #}{% endmacro %}', ['a']],
    ['a string in an expression', '{{ "{% macro a() %}" }}{% macro b() %}{{ "{% endmacro %}" }}{% endmacro %}', ['b']],
    ['a string in a tag', '{% set x = "%}" %}{% macro b(x="%} {% endmacro %}") %}{% endmacro %}', ['b']],
    ['an escaped quote', "{% macro b(x='\\'%}') %}{% endmacro %}", ['b']],
    ['other tags', '{% if x %}{% endif %}{% set y %}{% endset %}{% macro b() %}{% for i in x %}{% endfor %}{% endmacro %}', ['b']],
    ['a macro in a macro', '{% macro a() %}{% macro b() %}{% endmacro %}{% endmacro %}{% macro c() %}{% endmacro %}', ['a', 'c']],
    ['another tag in a block', '{% snapshot a %}{% macro b() %}{% endmacro %}{% endsnapshot %}', ['a']],
    ['prose with stray braces', "{% docs a %} it's {{ and {% docs x and 100%} {% enddocs %}{% docs b %}{% enddocs %}", ['a', 'b']],
    ['longer words', '{% macros x %}{% macro_ y %}{% macro b() %}{% endmacro %}', ['b']],
    ['no space', '{%macro a()%}x{%endmacro%}', ['a']],
    ['many lines', '{%\n macro\n a(\n)\n%}x{%\nendmacro\n%}', ['a']],
  ])('respects %s', (_, text, names) => {
    const { blocks, codes } = scan(text);
    expect(codes).toEqual([]);
    expect(blocks.map((b) => b.name)).toEqual(names);
  });

  test.each([
    ['{% macro a() %}x', 'jinja-unclosed-block'],
    ['{% macro a() %}{% macro b() %}{% endmacro %}', 'jinja-unclosed-block'],
    ['x {% endmacro %}', 'jinja-unexpected-end'],
    ['{% macro a( %', 'jinja-unclosed-tag'],
    ['{{ x', 'jinja-unclosed-tag'],
    ['{# x', 'jinja-unclosed-tag'],
    ['{% raw %}x', 'jinja-unclosed-block'],
    ['{% if x %}{% macro a() %}{% endmacro %}{% endif %}', 'jinja-block-inside'],
  ])('reports %s', (text, code) => {
    const { codes, sink } = scan(text);
    expect(codes).toEqual([code]);
    expect(sink.all[0]?.at).toBeDefined();
  });

  test('tells what stands outside of blocks', () => {
    expect(scan(' \n{# c #}{% macro a() %}{% endmacro %}\n junk {{ x }}\n{% macro b() %}{% endmacro %} tail\n').outside).toEqual(['junk {{ x }}', 'tail']);
    expect(scan('{% macro a() %}{% endmacro %}\n\n{# c #}\n').outside).toEqual([]);
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '-',
    'if x',
    'endif',
    'for i in l',
    'endfor',
    'macro m()',
    'endmacro',
    'raw',
    'endraw',
    "'",
    '"',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ' x ',
    '1',
    '|',
    'upper',
    'is',
    'set a =',
    '\n',
    '\\',
    ',',
    '=',
    'é',
    '😀',
  );
  const texts = fc.array(piece, { maxLength: 25 }).map((p) => p.join(' '));
  const environment = new Environment();

  test('parses, or is refused with a place inside of it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          environment.parse(sourceFile('t', text));
          return true;
        } catch (e) {
          if (!(e instanceof DiagnosticError)) throw e;
          const { at } = e.diagnostic;
          return at !== undefined && at.start >= 0 && at.start <= at.end && at.start <= text.length;
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test('is scanned without end or exception', () => {
    fc.assert(
      fc.property(texts, (text) => scan(text).blocks.every((b) => b.at.start < b.at.end && text.slice(b.body.start, b.body.end) === b.contents)),
      { numRuns: 2000, seed: 7 },
    );
  });

  test('without braces prints as it is, but for one line end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/\{[{%#]/.test(text));
        const printed = environment.parse(sourceFile('t', text)).render(() => undefined);
        return printed === text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
