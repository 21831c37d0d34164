// What the site makes of code: pieces, and the links in them.
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Language, lex } from '../../site/src/code/lex.ts';
import { references } from '../../site/src/code/links.ts';
import type { Row } from '../../src/docs/data/types.ts';

const kinds = (code: string, language: Language = 'sql') =>
  lex(code, language).flatMap((t) => (/^\s*$/.test(t.text) ? [] : [`${t.kind}${t.template ? '*' : ''} ${t.text.trim()}`]));

describe('pieces', () => {
  test('SQL', () => {
    expect(kinds(`SELECT "a b", count(*) from t where x = 'it''s' -- why\nand n > 1.5e3 /* two\nlines */`)).toEqual([
      'keyword SELECT',
      'quoted "a b"',
      'operator ,',
      'call count',
      'operator (*)',
      'keyword from',
      'name t',
      'keyword where',
      'name x',
      'operator =',
      "string 'it''s'",
      'comment -- why',
      'keyword and',
      'name n',
      'operator >',
      'number 1.5e3',
      'comment /* two\nlines */',
    ]);
  });

  test('a template in SQL, with brackets in its strings', () => {
    expect(kinds(`{{ config(hook="{{ f('x') }}") }} select {% if a -%} 1 {%- endif %} {# why #}`)).toEqual([
      'mark* {{',
      'call* config',
      'operator* (',
      'name* hook',
      'operator* =',
      `string* "{{ f('x') }}"`,
      'operator* )',
      'mark* }}',
      'keyword select',
      'mark* {%',
      'keyword* if',
      'name* a',
      'mark* -%}',
      'number 1',
      'mark* {%-',
      'keyword* endif',
      'mark* %}',
      'comment {# why #}',
    ]);
  });

  test('Python and JSON', () => {
    expect(kinds('def model(dbt, s):  # why\n  return dbt.ref("x")', 'python')).toEqual([
      'keyword def',
      'call model',
      'operator (',
      'name dbt',
      'operator ,',
      'name s',
      'operator ):',
      'comment # why',
      'keyword return',
      'name dbt',
      'operator .',
      'call ref',
      'operator (',
      'string "x"',
      'operator )',
    ]);
    expect(kinds('{"a": [1, true, "x"]}', 'json')).toEqual([
      'operator {',
      'quoted "a"',
      'operator :',
      'operator [',
      'number 1',
      'operator ,',
      'keyword true',
      'operator ,',
      'string "x"',
      'operator ]}',
    ]);
  });

  test('no letter is lost or made up, whatever the code is', () => {
    const piece = fc.constantFrom(
      'select ',
      "'",
      '"',
      '{{',
      '}}',
      '{%',
      '%}',
      '{#',
      '#}',
      '--',
      '/*',
      '*/',
      '\n',
      'ref(',
      ')',
      '\\',
      '`',
      'ä',
      '😀',
      '"""',
      '$$',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), fc.constantFrom<Language>('sql', 'python', 'json'), (parts, language) => {
        const code = parts.join('');
        expect(
          lex(code, language)
            .map((t) => t.text)
            .join(''),
        ).toBe(code);
      }),
    );
  });

  test('long code with brackets and quotes that do not end is cut at once', () => {
    const code = `${'{{ "a\' '.repeat(20_000)}${"'".repeat(20_001)}`;
    const start = performance.now();
    expect(lex(code, 'sql').length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('every file of the example project', () => {
    const root = path.resolve(import.meta.dirname, '../../example-project');
    for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((n) => n.endsWith('.sql') && !n.startsWith('target'))) {
      const code = fs.readFileSync(path.join(root, name), 'utf8');
      const words = lex(code, 'sql').filter((t) => t.kind === 'keyword').length;
      expect(words, name).toBeGreaterThan(1);
    }
  });
});

describe('links', () => {
  const row = (id: string, more: Partial<Row> = {}): Row => ({
    id,
    type: 'model',
    name: id.split('.').slice(2).join('.'),
    package: 'shop',
    fqn: id.split('.').slice(1),
    file: 'm.sql',
    schema: 'main',
    ...more,
  });
  const parents = [
    row('model.shop.orders'),
    row('model.shop.value.v1', { version: '1', alias: 'value_v1', latest: false }),
    row('model.shop.value.v2', { version: '2', alias: 'value_v2', latest: true }),
    row('source.shop.web.visits', { type: 'source', name: 'web.visits', schema: 'raw', alias: 'visits' }),
  ];
  const names = { parents, macros: ['macro.shop.cents', 'macro.tools.day'] };
  const found = (code: string) => {
    const tokens = lex(code, 'sql');
    return references(tokens, names).map((r) => [
      tokens
        .slice(r.first, r.last + 1)
        .map((t) => t.text)
        .join(''),
      r.id,
    ]);
  };

  test.each([
    ["{{ ref('orders') }}", "ref('orders')", 'model.shop.orders'],
    ['{{ref( "shop", "orders" )}}', 'ref( "shop", "orders" )', 'model.shop.orders'],
    ["{{ ref('value') }}", "ref('value')", 'model.shop.value.v2'],
    ["{{ ref('value', v=1) }}", "ref('value', v=1)", 'model.shop.value.v1'],
    ["{{ ref('value', version='1') }}", "ref('value', version='1')", 'model.shop.value.v1'],
    ["{{ source('web', 'visits') }}", "source('web', 'visits')", 'source.shop.web.visits'],
    ["{{ cents('x') }}", 'cents', 'macro.shop.cents'],
    ['{{ tools.day() }}', 'day', 'macro.tools.day'],
    ['from "shop"."main"."orders"', '"shop"."main"."orders"', 'model.shop.orders'],
    ['from main.value_v1 v', 'main.value_v1', 'model.shop.value.v1'],
    ['join RAW.Visits', 'RAW.Visits', 'source.shop.web.visits'],
  ])('%s', (code, text, id) => {
    expect(found(code)).toEqual([[text, id]]);
  });

  test.each([
    "{{ ref('other') }}",
    "select ref('orders')",
    '{# ref("orders") #}',
    '-- main.orders',
    "'main.orders'",
    'main.orders_2',
    '{{ ref(name) }}',
    '{{ other.day() }}',
  ])('%s leads nowhere', (code) => {
    expect(found(code)).toEqual([]);
  });
});
