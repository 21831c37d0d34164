import { describe, expect, it } from 'vitest';
import { propertiesCheck, validateProperties } from '../../../src/read/index.ts';
import { compileCheck } from '../../../src/read/schema/check.ts';
import { propertiesSchema } from '../../../src/read/schema/properties.ts';
import { Diagnostics, parseYaml, place, sourceFile, type YamlDocument, yamlToJson } from '../../../src/text/index.ts';

function parse(text: string): YamlDocument {
  const sink = new Diagnostics();
  const document = parseYaml(sourceFile('models/schema.yml', text), sink);
  if (!document) throw new Error(sink.all.map((d) => d.message).join());
  return document;
}

const rich = `version: 2
models:
  - name: orders
    description: "{{ doc('orders') }}"
    access: public
    latest_version: 2
    deprecation_date: 2030-01-01
    constraints: [{type: primary_key, columns: [id]}]
    config: {enabled: "{{ target.name == 'dev' }}", tags: daily, meta: {owner: me}, contract: {enforced: true}, anything_else: 1}
    columns:
      - name: id
        data_type: bigint
        quote: true
        data_tests: [unique, {not_null: {where: "x > 1"}}, {dbt_utils.at_least_one: }]
    versions:
      - v: 1
        columns: [{include: all, exclude: [id]}, {name: extra}]
      - v: two
        defined_in: orders_two
seeds:
  - {name: raw, config: {column_types: {id: int}, delimiter: ";"}}
snapshots:
  - name: snap
    relation: ref('orders')
    config: {strategy: check, check_cols: [a], unique_key: [a, b], hard_deletes: ignore}
sources:
  - name: raw
    schema: "{{ var('s', 'raw') }}"
    freshness: {warn_after: {count: 1, period: day}, error_after: }
    tables:
      - {name: a, freshness: null, columns: [{name: id, tests: [unique]}]}
exposures:
  - {name: e, type: dashboard, owner: {email: a@b.c}, depends_on: [ref('orders')], maturity: high}
groups: [{name: g, owner: {name: me}}]
unit_tests:
  - name: u
    model: orders
    given: [{input: ref('a'), rows: [{id: 1}]}, {input: this, format: csv, fixture: f}]
    expect: {format: sql, rows: "select 1"}
    overrides: {vars: {a: 1}, macros: {is_incremental: true}}
macros: [{name: m, arguments: [{name: a, type: string}]}]
data_tests: [{name: singular, description: x}]
metrics: [{name: m, type: simple}]
semantic_models: [{name: s, model: ref('orders')}]
saved_queries: [{name: q}]
unknown_top_level: {a: 1}
`;

describe('properties files', () => {
  it('of every kind are accepted in silence', () => {
    const sink = new Diagnostics();
    expect(validateProperties(parse(rich), sink)).toBe(true);
    expect(sink.all).toEqual([]);
    expect(validateProperties(parse(''), sink)).toBe(true);
  });

  it.each([
    ['models: orders\n', '1:9', '`models` must be a list, not the text `orders`'],
    ['models:\n  - orders\n', '2:5', 'entry 1 of `models` must be a mapping, not the text `orders`'],
    ['models:\n  - description: x\n', '2:5', '`name` of entry 1 of `models` is missing'],
    ['models:\n  - name: 2024\n', '2:11', '`name` of entry 1 of `models` must be a text, not `2024`'],
    ['models:\n  - name: a\n    description: [x]\n', '3:18', '`description` of model `a` must be a text, not a list'],
    ['models:\n  - name: a\n    columns:\n      - name: no\n', '4:15', '`columns[0].name` of model `a` must be a text, not `false`'],
    ['models:\n  - name: a\n    columns: {id: x}\n', '3:14', '`columns` of model `a` must be a list, not a mapping'],
    [
      'models:\n  - name: a\n    columns:\n      - name: id\n        data_tests: unique\n',
      '5:21',
      '`columns[0].data_tests` of model `a` must be a list, not the text `unique`',
    ],
    [
      'models:\n  - name: a\n    constraints: [{type: unknown}]\n',
      '3:26',
      '`constraints[0].type` of model `a` must be one of check, not_null, unique, primary_key, foreign_key, custom, not the text `unknown`',
    ],
    ['models:\n  - name: a\n    config: {enabled: 3}\n', '3:23', '`config.enabled` of model `a` must be true or false or a text, not `3`'],
    ['sources:\n  - name: s\n    tables:\n      - identifier: x\n', '4:9', '`tables[0].name` of source `s` is missing'],
    ['sources:\n  - name: s\n    freshness: {warn_after: {count: 1, period: week}}\n', '3:48', /period.* of source `s` must be one of minute, hour, day/],
    ['exposures:\n  - {name: e, type: report, owner: {name: a}}\n', '2:21', /`type` of exposure `e` must be one of dashboard/],
    ['unit_tests:\n  - {name: u, model: m, given: [{rows: []}], expect: {rows: []}}\n', '2:33', '`given[0].input` of unit test `u` is missing'],
    ['- a\n', '1:1', 'the file must be a mapping, not a list'],
  ])('are refused with the place of the mistake: %j', (text, at, message) => {
    const sink = new Diagnostics();
    expect(validateProperties(parse(text), sink)).toBe(false);
    expect(sink.all.map((d) => `${d.code} ${d.at ? place(d.at) : ''}`)).toEqual([`property-invalid models/schema.yml:${at}`]);
    if (typeof message === 'string') expect(sink.all[0]?.message).toBe(message);
    else expect(sink.all[0]?.message).toMatch(message);
  });

  it('hint at quotes where a bare word is no text', () => {
    const sink = new Diagnostics();
    validateProperties(parse('models:\n  - name: a\n    columns: [{name: no}]\n'), sink);
    expect(sink.all[0]?.hint).toBe("put it in quotes if it is a text: 'no'");
  });

  it('get a warning for a key that is nearly a known one', () => {
    const text = `models:
  - name: orders
    descripton: x
    colums: []
    custom_thing: 1
    config: {materialised: table, own_setting: 1}
    columns:
      - name: id
        test: [unique]
        data_tests: []
        tets: []
`;
    const sink = new Diagnostics();
    expect(validateProperties(parse(text), sink)).toBe(true);
    expect(sink.all.map((d) => [d.severity, d.at && place(d.at), d.hint])).toEqual([
      ['warning', 'models/schema.yml:3:5', 'did you mean `description`?'],
      ['warning', 'models/schema.yml:6:14', 'did you mean `materialized`?'],
      ['warning', 'models/schema.yml:9:9', 'did you mean `tests`?'],
      ['warning', 'models/schema.yml:11:9', 'did you mean `tests`?'],
    ]);
    expect(sink.all[0]?.message).toBe('`orders` has the key `descripton`, which nothing reads');
  });

  it('are checked in microseconds, by a function that agrees with the schema', () => {
    const fits = compileCheck(propertiesSchema);
    const texts = [
      rich,
      'models: 1\n',
      'models: [{name: a, columns: [{name: 1}]}]\n',
      'sources: [{name: a, freshness: x}]\n',
      'models: [{name: a, config: {enabled: "{{ x }}"}}]\n',
      'models: [{name: a, config: {enabled: x}}]\n',
    ];
    for (const text of texts) {
      const { value } = parse(text);
      expect(fits(value, [])).toBe(propertiesSchema.safeParse(yamlToJson(value)).success);
    }
    const check = propertiesCheck();
    const sink = new Diagnostics();
    const documents = Array.from({ length: 50 }, () => parse(rich));
    expect(documents.every((d) => check(d, sink))).toBe(true);
    expect(sink.all).toEqual([]);
  });
});
