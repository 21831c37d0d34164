import { describe, expect, test } from 'vitest';
import { ephemeralName, needRelation, relationValue } from '../../../src/context/relation.ts';
import { indexValue } from '../../../src/context/relation-index.ts';
import { Dict, type Value } from '../../../src/jinja/index.ts';
import { duckdb, postgres, relation } from '../../../src/sql/index.ts';
import { render } from './world.ts';

const table = relation('db', 'sch', 'tab', 'table');
const r = relationValue(duckdb, table);

test('a relation is a mapping to Jinja, and tells its class', () =>
  expect(render("{{ r is mapping }} {{ r.path is mapping }} {{ r.get('metadata', {}).get('type', '') }} {{ 'r' is mapping }}", { r })).toBe(
    'True True DuckDBRelation False',
  ));

test('a pattern may begin with several groups of global flags', () =>
  expect(render("{{ modules.re.findall('(?i)(?s)a.b', 'xA\\nB') }} {{ modules.re.findall('(?x) # words\\n (?i) a b', 'AB') }}")).toBe("['A\\nB'] ['AB']"));

describe('printing', () => {
  test('the quoted name', () => expect(render('{{ r }} {{ r.render() }}', { r })).toBe('"db"."sch"."tab" "db"."sch"."tab"'));
  test('--empty: no rows, with an alias where the engine needs one', () => {
    expect(render('{{ r }}|{{ r.render() }}', { r: relationValue(duckdb, table, { limit: 0 }) })).toBe(
      '(select * from "db"."sch"."tab" where false limit 0)|"db"."sch"."tab"',
    );
    expect(render('{{ r }}', { r: relationValue(postgres, table, { limit: 0 }) }, postgres)).toBe(
      '(select * from "db"."sch"."tab" where false limit 0) _dbt_limit_subq_tab',
    );
  });
  test('a sample', () => expect(render('{{ r }}', { r: relationValue(duckdb, table, { limit: 5 }) })).toBe('(select * from "db"."sch"."tab" limit 5)'));
  test('a window of time', () => {
    const filter = { field: 'ts', start: '2024-01-01 00:00:00+00:00', end: '2024-01-02 00:00:00+00:00' };
    const wanted = `where ts >= '2024-01-01 00:00:00+00:00' and ts < '2024-01-02 00:00:00+00:00')`;
    expect(render('{{ r }}|{{ r.render() }}', { r: relationValue(duckdb, table, { filter }) })).toBe(
      `(select * from "db"."sch"."tab" ${wanted}|"db"."sch"."tab"`,
    );
    expect(render('{{ r }}', { r: relationValue(postgres, table, { filter }) }, postgres)).toBe(
      `(select * from "db"."sch"."tab" ${wanted} _dbt_et_filter_subq_tab`,
    );
    expect(render('{{ r }}', { r: relationValue(duckdb, table, { filter: { ...filter, end: null } }) })).toBe(
      `(select * from "db"."sch"."tab" where ts >= '2024-01-01 00:00:00+00:00')`,
    );
  });
  test('the window wraps the sample', () => {
    const both = relationValue(duckdb, table, { limit: 0, filter: { field: 'ts', start: '1', end: null } });
    expect(render('{{ r }}', { r: both })).toBe(`(select * from (select * from "db"."sch"."tab" where false limit 0) where ts >= '1')`);
  });
  test('a function is never wrapped', () =>
    expect(render('{{ r }}', { r: relationValue(duckdb, { ...table, type: 'function' }, { limit: 0 }) })).toBe('"db"."sch"."tab"'));
  test('an external source prints its location', () =>
    expect(render('{{ r }}|{{ r.identifier }}', { r: relationValue(duckdb, table, { external: "'a.parquet'" }) })).toBe("'a.parquet'|tab"));
  test('quotes inside names are doubled', () =>
    expect(render('{{ r.identifier }} {{ r }}', { r: relationValue(duckdb, relation(null, null, 'a"b')) })).toBe('a"b "a""b"'));
});

describe('changing', () => {
  test('incorporate keeps what it is not told', () => {
    const limited = relationValue(duckdb, table, { limit: 0 });
    expect(render("{% set x = r.incorporate(path={'identifier': 'z'}) %}{{ x }} {{ x.type }} {{ x.limit }}", { r: limited })).toBe(
      '(select * from "db"."sch"."z" where false limit 0) table 0',
    );
  });
  test('policies are merged', () =>
    expect(render("{{ r.incorporate(quote_policy={'schema': false}, include_policy={'database': false}) }}", { r })).toBe('sch."tab"'));
  test('include and quote by position', () =>
    expect(render('{{ r.include(false, true, true) }} {{ r.quote(false) }}', { r })).toBe('"sch"."tab" db."sch"."tab"'));
  test('None keeps a policy as it is', () => expect(render('{{ r.include(database=none) }}', { r })).toBe('"db"."sch"."tab"'));
  test('the original stays', () => expect(render('{% set x = r.include(database=false) %}{{ r }}', { r })).toBe('"db"."sch"."tab"'));
});

describe('creating', () => {
  test('an undefined name is refused', () => expect(() => render('{{ Relation.create(schema=nope) }}')).toThrow('Got an invalid path schema'));
  test('a type nobody knows is refused', () => expect(() => render("{{ Relation.create(type='tabel') }}")).toThrow("'tabel' is not a valid relation type"));
  test('too many arguments are refused', () => expect(() => render("{{ Relation.create('a', 'b', 'c', 'view', 'd') }}")).toThrow('create() takes'));
  test('from a node and its quoting', () => {
    const node = new Dict([
      ['database', 'd'],
      ['schema', 's'],
      ['alias', 'a'],
      ['name', 'n'],
      ['quoting', new Dict([['schema', false]])],
    ]);
    expect(
      render('{{ Relation.create_from(config, node) }} {{ Relation.create_from(config, node, type="view").type }}', {
        node,
        config: new Dict([['quoting', new Dict([['database', false]])]]),
      }),
    ).toBe('d.s."a" view');
  });
  test('by the class itself', () => expect(render("{{ Relation(path={'identifier': 'x'}, type='view').type }}")).toBe('view'));
  test('Postgres refuses names that are too long once their type is known', () => {
    const long = 'x'.repeat(64);
    expect(render(`{{ Relation.create(identifier='${long}').identifier | length }}`, {}, postgres)).toBe('64');
    expect(() => render(`{{ Relation.create(identifier='${long}', type='table') }}`, {}, postgres)).toThrow('is longer than 63 characters');
  });
});

describe('as a value', () => {
  test('equality is by content', () => {
    expect(
      render('{{ r == s }} {{ r == t }} {{ r == u }}', {
        r,
        s: relationValue(duckdb, { ...table }),
        t: relationValue(duckdb, { ...table, type: 'view' }),
        u: relationValue(duckdb, table, { limit: 0 }),
      }),
    ).toBe('True False False');
  });
  test('a key of a dictionary', () => expect(render('{{ {r: 1}[s] }}', { r, s: relationValue(duckdb, { ...table }) })).toBe('1'));
  test('tests of Jinja', () =>
    expect(render('{{ r is mapping }} {{ r is string }} {{ r is defined }} {{ r.render is callable }}', { r })).toBe('True False True True'));
  test('length and iteration are refused', () => {
    expect(() => render('{{ r | length }}', { r })).toThrow('was used as a dictionary');
    expect(() => render('{% for x in r %}{% endfor %}', { r })).toThrow('was used as a dictionary');
  });
  test('its repr', () => expect(render('{{ [r] }}', { r })).toBe('[<DuckDBRelation "db"."sch"."tab">]'));
  test('private names are out of reach', () => expect(() => render('{{ r.__class__.x }}', { r })).toThrow('unsafe'));
  test('to_dict', () =>
    expect(render("{{ r.to_dict()['path'] }} {{ r.to_dict(omit_none=true) | length }}", { r })).toBe(
      "{'database': 'db', 'schema': 'sch', 'identifier': 'tab'} 6",
    ));
  test('needRelation', () => {
    expect(needRelation(r)).toBe(table);
    expect(() => needRelation('tab')).toThrow("expected a relation, got 'tab'");
  });
  test('the name of an ephemeral model’s CTE', () => expect(ephemeralName('m')).toBe('__dbt__cte__m'));
});

describe('functions', () => {
  const model = new Dict([
    ['resource_type', 'function'],
    ['language', 'sql'],
    ['config', new Dict([['type', 'scalar']])],
  ]);
  test('the macro that builds one', () =>
    expect(render('{{ r.get_function_macro_name(r.get_function_config(model)) }}', { r, model })).toBe('scalar_function_sql'));
  test('other nodes have no such config', () => expect(render('{{ r.get_function_config({}) }}', { r })).toBe('None'));
});

describe('indexes', () => {
  const clock = { startedAt: 0 };
  const index = (raw: Value): string => render('{{ i.columns }} {{ i.unique }} {{ i.type }} {{ i.render(r) }}', { i: indexValue(raw, clock), r });
  test('what a config holds', () =>
    expect(
      index(
        new Dict([
          ['columns', ['a', 'b']],
          ['unique', true],
        ]),
      ),
    ).toMatch(/^\['a', 'b'\] True None [0-9a-f]{32}$/));
  test('names differ by columns and time', () => {
    const a = index(new Dict([['columns', ['a']]]));
    expect(index(new Dict([['columns', ['b']]]))).not.toBe(a);
    expect(render('{{ i.render(r) }}', { i: indexValue(new Dict([['columns', ['a']]]), { startedAt: 1 }), r })).not.toBe(a.split(' ').at(-1));
  });
  test('mistakes', () => {
    expect(() => indexValue(new Dict([['column', 'a']]), clock)).toThrow('it needs `columns`');
    expect(() =>
      indexValue(
        new Dict([
          ['columns', ['a']],
          ['uniqe', true],
        ]),
        clock,
      ),
    ).toThrow('`uniqe` is no key of an index');
  });
});
