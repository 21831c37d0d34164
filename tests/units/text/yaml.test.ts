import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Diagnostics,
  isMap,
  outermost,
  parseYaml,
  place,
  renderDiagnostic,
  sourceFile,
  type Yaml,
  YamlDate,
  type YamlDocument,
  YamlFloat,
  type YamlMap,
  yamlToJson,
} from '../../../src/text/index.ts';

function read(text: string): { readonly document: YamlDocument; readonly sink: Diagnostics } {
  const sink = new Diagnostics();
  const document = parseYaml(sourceFile('schema.yml', text), sink);
  if (!document) throw new Error(sink.all.map((d) => renderDiagnostic(d)).join('\n'));
  return { document, sink };
}

function map(value: Yaml | undefined): YamlMap {
  if (!isMap(value)) throw new Error('not a mapping');
  return value;
}

function list(value: Yaml | undefined): Yaml[] {
  if (!Array.isArray(value)) throw new Error('not a list');
  return value;
}

const schema = `version: 2
models:
  - name: orders   # the fact table
    description: "One row, \\"per\\" order"
    columns:
    - {name: id, data_tests: [unique, not_null]}
    - name: amount
      meta: {2: x, yes: 1.50}
`;

describe('places', () => {
  const { document } = read(schema);
  const top = map(document.value);
  const model = map(list(top['models'])[0]);
  const columns = list(model['columns']);

  it('knows keys and values of block mappings', () => {
    expect(place(document.keySpan(top, 'models'))).toBe('schema.yml:2:1');
    const name = document.valueSpan(model, 'name');
    expect(place(name)).toBe('schema.yml:3:11');
    expect(schema.slice(name.start, name.end)).toBe('orders');
    const description = document.valueSpan(model, 'description');
    expect(schema.slice(description.start, description.end)).toBe('"One row, \\"per\\" order"');
  });

  it('knows items of sequences, flow collections and keys that are not texts', () => {
    const tests = map(columns[0])['data_tests'] as Yaml[];
    expect(schema.slice(document.valueSpan(tests, 1).start, document.valueSpan(tests, 1).end)).toBe('not_null');
    expect(schema.slice(document.span(tests).start, document.span(tests).end)).toBe('[unique, not_null]');
    const meta = map(map(columns[1])['meta']);
    expect(Object.keys(meta)).toEqual(['2', 'true']);
    expect(schema.slice(document.keySpan(meta, 'true').start, document.keySpan(meta, 'true').end)).toBe('yes');
    expect(schema.slice(document.valueSpan(meta, '2').start, document.valueSpan(meta, '2').end)).toBe('x');
    expect(document.valueSpan(columns, 0)).toEqual(document.span(map(columns[0])));
  });

  it('answers the container for a key that is not there', () => {
    expect(document.valueSpan(model, 'nothing')).toEqual(document.span(model));
    expect(document.keySpan(columns, 7)).toEqual(document.span(columns));
    expect(document.span(Object.create(null) as YamlMap)).toEqual({ file: document.file, start: 0, end: 0 });
  });

  it('cuts texts out so that their places are places in the file', () => {
    const text = "a: x{{ y }}\nb: '{{ z }}'\nc: >\n  {{ w }}\n  v\n";
    const { document: d } = read(text);
    const root = map(d.value);
    for (const [key, at] of [
      ['a', 'schema.yml:1:5'],
      ['b', 'schema.yml:2:5'],
    ] as const) {
      const source = d.source(root, key);
      expect(source.text).toBe(root[key]);
      const start = source.text.indexOf('{{');
      expect(place({ file: source, start, end: start + 2 })).toBe(at);
    }
    expect(d.source(root, 'c').text).toBe('{{ w }} v\n');
    expect(outermost({ file: d.source(root, 'c'), start: 0, end: 1 }).file).toBe(d.file);
  });

  it('points merged keys at the merge', () => {
    const { document: d } = read('x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n');
    const y = map(map(d.value)['y']);
    expect(Object.keys(y)).toEqual(['a', 'b']);
    expect(place(d.keySpan(y, 'a'))).toBe('schema.yml:3:3');
    expect(place(d.keySpan(y, 'b'))).toBe('schema.yml:4:3');
  });
});

describe('values', () => {
  it('keeps floats, dates and big integers apart from numbers and texts', () => {
    const root = map(read('a: 1.0\nb: 2024-01-02\nc: 12345678901234567890\nd: 1\n').document.value);
    expect(root['a']).toEqual(new YamlFloat(1));
    expect(root['b']).toEqual(new YamlDate('2024-01-02'));
    expect(root['c']).toBe(12345678901234567890n);
    expect(yamlToJson(root)).toEqual({ a: 1, b: '2024-01-02', c: 12345678901234567000, d: 1 });
    expect(Object.getPrototypeOf(root)).toBeNull();
  });

  it('shares what an alias repeats', () => {
    const root = map(read('a: &x [1]\nb: *x\n').document.value);
    expect(root['a']).toBe(root['b']);
  });

  it('takes __proto__ and constructor as plain keys', () => {
    const root = map(read('__proto__: {a: 1}\nconstructor: b\n').document.value);
    expect(Object.keys(root)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('reads back any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value, (_, v) => (typeof v === 'number' ? Math.trunc(v % 1e9) : v)) ?? 'null';
        fc.pre(!/[\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udfff]|__proto__/.test(text));
        const sink = new Diagnostics();
        const document = parseYaml(sourceFile('json.yml', text), sink);
        expect(sink.errors).toEqual([]);
        expect(JSON.parse(JSON.stringify(yamlToJson(document?.value ?? null)))).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('never fails otherwise than by a diagnostic inside the text', () => {
    const bits = fc.constantFrom(
      'a',
      'b: ',
      '- ',
      '\n',
      '  ',
      '\t',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      "'",
      '|\n',
      '>-\n',
      '# c',
      '&x ',
      '*x',
      '!!str ',
      '? ',
      '<<: ',
      '---\n',
      '...\n',
      '1',
      '{{',
      '\r\n',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 14 }), (parts) => {
        const text = parts.join('');
        const sink = new Diagnostics();
        const document = parseYaml(sourceFile('any.yml', text), sink);
        expect(document === undefined).toBe(sink.errors.length > 0);
        for (const d of sink.all) {
          expect(d.at?.start).toBeGreaterThanOrEqual(0);
          expect(d.at?.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('mistakes', () => {
  /** The place of the one error and a word of its message or hint. */
  const broken: readonly (readonly [string, string, string, RegExp])[] = [
    ['an unquoted template', "models:\n  - name: a\n    description: {{ doc('x') }}\n", '3:18', /needs quotes: "\{\{/],
    ['an unquoted template with text after it', 'a: {{ b }}.c\n', '1:4', /needs quotes/],
    ['an unquoted template tag', 'a: {% if x %}y{% endif %}\n', '1:5', /`\{%` needs quotes/],
    ['a tab', 'models:\n\t- name: a\n', '2:1', /spaces in place of the tab/],
    ['a tab on a later line', 'models:\n  - name: a\n\tb: c\n', '3:1', /spaces in place of the tab/],
    ['a tab in a block text', 'a: |\n\tx\n', '2:1', /spaces/],
    ['no space after the colon', 'version: 2\nname:foo\n', '2:1', /`name: foo`/],
    ['no space after the first colon', 'name:foo\nversion: 2\n', '1:1', /`name: foo`/],
    ['a quote inside quotes', "a: 'it's'\n", '1:8', /other kind of quotes/],
    ['an open quote', 'a: "x\nb: c\n', '1:4', /close the double quote/],
    ['an open quote that another one closes', "a: 'x\nb: 1\nc: 'y'\n", '1:4', /close the single quote/],
    ['a backslash', 'a: "c:\\data"\n', '1:7', /backslash twice/],
    ['a key too deep', 'models:\n  - name: a\n     description: x\n', '3:6', /same column/],
    ['a key between two depths', 'a:\n    b: 1\n  c: 2\n', '3:3', /same column/],
    ['an item between two depths', 'models:\n    - name: a\n  - name: b\n', '3:3', /same column/],
    ['a colon in a text', 'description: Note: see this\n', '1:18', /needs quotes/],
    ['an open bracket', 'a: [1, 2\nb: 3\n', '1:4', /never closed/],
    ['an open brace', 'a: {x: 1\n', '1:4', /never closed/],
    ['a closing bracket alone', 'a: ]\n', '1:4', /closes nothing/],
    ['a list on the line of its key', 'a: - b\n', '1:4', /line of its own/],
    ['a key in a list', '- a\nb: 1\n', '2:1', /start with `- `/],
    ['an item in a mapping', 'a: 1\n- b\n', '2:1', /a key is expected/],
    ['two documents', 'a: 1\n---\nb: 2\n', '2:1', /remove the `---`/],
    ['no such day', 'a: 2024-02-30\n', '1:4', /not a day/],
    ['an unknown alias', 'a: *x\n', '1:4', /no anchor/],
    ['an alias inside its anchor', 'a: &x\n  b: *x\n', '2:6', /contain itself/],
    ['an anchor defined twice', 'a: &x 1\nb: &x 2\n', '2:4', /defined twice/],
    ['an unknown tag', 'a: !foo x\n', '1:4', /no meaning/],
    ['a control character', 'a: b\u0001\n', '1:5', /U\+0001/],
    ['a merge of a text', 'a:\n  <<: b\n', '2:7', /needs a mapping/],
    ['a Windows file', 'a: 1\r\nb\r\nc: 2\r\n', '2:1', /needs a `: `/],
    ['nesting without end', `a: ${'['.repeat(2000)}`, '1:503', /500 deep/],
  ];
  it.each(broken)('%s', (_, text, at, words) => {
    const sink = new Diagnostics();
    expect(parseYaml(sourceFile('schema.yml', text), sink)).toBeUndefined();
    expect(sink.all.map((d) => d.code)).toEqual(['yaml-syntax']);
    const [d] = sink.all;
    expect(d?.at && place(d.at)).toBe(`schema.yml:${at}`);
    expect(`${d?.message}\n${d?.hint ?? ''}`).toMatch(words);
  });

  it('prints the line, a caret and the hint', () => {
    const sink = new Diagnostics();
    parseYaml(sourceFile('models/schema.yml', 'models:\n  - name: a\n    description: {{ x }}\n'), sink);
    expect(sink.all.map((d) => renderDiagnostic(d)).join()).toMatchInlineSnapshot(`
      "error[yaml-syntax]: this YAML cannot be read: to YAML, a value that starts with \`{{\` is a mapping and no template
        models/schema.yml:3:18
        3 |     description: {{ x }}
          |                  ^^^^^^^
        hint: a value that starts with \`{{\` needs quotes: "{{ ... }}""
    `);
  });

  it('warns of a duplicate key, names both places and keeps the last value', () => {
    const { document, sink } = read('a: 1\nb: 2\na: 3\n');
    expect(map(document.value)['a']).toBe(3);
    const [d] = sink.all;
    expect([d?.code, d?.severity, d?.at && place(d.at), d?.related?.[0]?.at && place(d.related[0].at)]).toEqual([
      'yaml-duplicate-key',
      'warning',
      'schema.yml:3:1',
      'schema.yml:1:1',
    ]);
    expect(place(document.valueSpan(map(document.value), 'a'))).toBe('schema.yml:3:4');
  });
});
