import { describe, expect, test } from 'vitest';
import { Environment } from '../../../src/jinja/index.ts';
import { type Diagnostic, DiagnosticError, sourceFile } from '../../../src/text/index.ts';

const environment = new Environment();

/** Parses a template in which «» mark where the diagnostic must stand. */
function parse(marked: string): { readonly diagnostic: Diagnostic; readonly start: number; readonly end: number } {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const template = marked.replace('«', '').replace('»', '');
  try {
    environment.parse(sourceFile('t.sql', template));
  } catch (e) {
    if (e instanceof DiagnosticError) return { diagnostic: e.diagnostic, start, end };
    throw e;
  }
  throw new Error(`no error: ${template}`);
}

describe('syntax errors', () => {
  test.each([
    ['«{% if x %}»a', 'jinja-unclosed-block'],
    ['a\n«{% for i in x %}»{% if y %}{% endif %}', 'jinja-unclosed-block'],
    ['{% if x %}«{% for i in x %}»', 'jinja-unclosed-block'],
    ['«{% macro m() %}»{{ x }}', 'jinja-unclosed-block'],
    ['«{% raw %}»x', 'jinja-unclosed-block'],
    ['{% if x %}{% «endfor» %}{% endif %}', 'jinja-unexpected-end'],
    ['{% «endif» %}', 'jinja-unexpected-end'],
    ['{% «else» %}', 'jinja-unexpected-end'],
    ['{% if x %}{% else %}{% «elif» y %}{% endif %}', 'jinja-unexpected-end'],
    ['{% «fi» x %}', 'jinja-unknown-tag'],
    ['{% if x %}{% «endi» %}', 'jinja-unknown-tag'],
    ['a «{{» x', 'jinja-unclosed-tag'],
    ['a «{%» if x', 'jinja-unclosed-tag'],
    ['a «{#» x', 'jinja-unclosed-tag'],
    ['{{ «"»abc }}', 'jinja-unclosed-string'],
    ["{{ f(«'»a) }}\n{{ x }}", 'jinja-unclosed-string'],
    ['{{ f(1 «}}» ', 'jinja-unclosed-bracket'],
    ['{{ [1, 2«)» }}', 'jinja-unclosed-bracket'],
    ['{% set x = {1: 2 «%}»', 'jinja-unclosed-bracket'],
    ['{{ x«)» }}', 'jinja-syntax'],
    ['{{ x «y» }}', 'jinja-syntax'],
    ['{{ x + «}}»', 'jinja-syntax'],
    ['{{ «}}»', 'jinja-syntax'],
    ['{{ x «!» y }}', 'jinja-syntax'],
    ['{% set «1» = 2 %}', 'jinja-syntax'],
    ['{% set «none» = 2 %}', 'jinja-syntax'],
    ['{% set a «2» %}', 'jinja-syntax'],
    ['{% for i «l» %}{% endfor %}', 'jinja-syntax'],
    ['{{ x is odd «is» even }}', 'jinja-syntax'],
    ['{{ f(a=1, «2») }}', 'jinja-syntax'],
    ['{{ f(a=1, «a»=2) }}', 'jinja-syntax'],
    ['{% macro m(a=1, «b») %}{% endmacro %}', 'jinja-syntax'],
    ['«{%» break %}', 'jinja-syntax'],
    ['{% call «x» %}{% endcall %}', 'jinja-syntax'],
    ['{{ "«»"', 'jinja-unclosed-tag'],
  ])('%s', (marked, code) => {
    const { diagnostic, start, end } = parse(marked);
    expect(diagnostic.code).toBe(code);
    if (end > start) expect([diagnostic.at?.start, diagnostic.at?.start === undefined ? undefined : Math.min(diagnostic.at.end, end)]).toEqual([start, end]);
  });

  test('an unclosed block names its end tag', () => {
    expect(parse('«{% snapshot» x %}').diagnostic.message).toContain('snapshot');
    expect(parse('«{% if x %}»').diagnostic.hint).toBe('add `{% endif %}` where the block should end');
  });

  test('an unexpected end tag shows what is open', () => {
    const { diagnostic } = parse('{% if x %}\n{% «endmacro» %}');
    expect(diagnostic.message).toBe('`{% endmacro %}` does not belong to `{% if %}`, the innermost open block');
    expect(diagnostic.related?.map((r) => r.at?.start)).toEqual([0]);
  });

  test('an unknown tag offers the nearest', () => {
    expect(parse('{% «iff» x %}').diagnostic.hint).toBe('did you mean `if`?');
    expect(parse('{% if x %}{% «endiff» %}').diagnostic.hint).toBe('did you mean `endif`?');
  });

  test('a bracket shows where it was opened', () => {
    const { diagnostic } = parse('{{ f(a, [1, 2«)» }}');
    expect(diagnostic.message).toBe('`[` is not closed: expected `]` and found `)`');
    expect(diagnostic.related?.[0]?.at?.start).toBe(8);
  });
});
