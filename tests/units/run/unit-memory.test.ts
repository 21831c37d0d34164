import { describe, expect, test } from 'vitest';
import { TestProject } from './project.ts';

const UNITS = ['test', '--select', 'test_type:unit'];
const unit = (name: string, model: string, given: string, expected: string, more = ''): string =>
  `  - {name: ${name}, model: ${model}, given: [${given}], expect: {rows: [${expected}]}${more}}\n`;

/** One model over each kind of thing a `given` may stand for, none of them built. */
const KINDS = {
  'seeds/plain.csv': 'id,price,day,note\n1,1.5,2026-01-01,x\n',
  'seeds/typed.csv': 'code,n\n007,1\n',
  'seeds/s.yml': 'seeds: [{name: typed, config: {column_types: {code: varchar, n: "decimal(9,2)"}}}]\n',
  'models/base.sql': "select 1 as id, 'a' as name, 2.5::decimal(9,2) as amount, date '2026-01-01' as day",
  'models/eph.sql': "{{ config(materialized='ephemeral') }} select id, amount * 2 as twice from {{ ref('base') }}",
  'models/starred.sql':
    "select {% for c in adapter.get_columns_in_relation(ref('base')) %}{{ c.name }} as {{ c.name }}_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %} from {{ ref('base') }}",
  'models/grown.sql': "{{ config(materialized='incremental') }} select id, name from {{ ref('base') }} {% if is_incremental() %}where nonsense{% endif %}",
  'models/promised.sql': 'select 1::bigint as id, 2::decimal(5,1) as small',
  'models/own.sql': "{{ config(materialized='own') }} select id from {{ ref('base') }}",
  'macros/own.sql': `{% materialization own, default %}{% call statement('main') %}create table {{ this }} as select *, true as added from ({{ sql }}){% endcall %}{{ adapter.commit() }}
{{ return({'relations': [this]}) }}{% endmaterialization %}`,
  'snapshots/kept.sql':
    "{% snapshot kept %}{{ config(strategy='check', unique_key='id', check_cols='all') }} select id, name from {{ ref('base') }}{% endsnapshot %}",
  'files/lines.csv': 'id,label\n1,one\n',
  'models/m_eph.sql': "select id, twice + 1 as more from {{ ref('eph') }}",
  'models/m_seeds.sql':
    "select p.id, price * 2 as price, day + 1 as day, code || '!' as code, t.n from {{ ref('plain') }} p join {{ ref('typed') }} t on t.n = p.id",
  'models/m_starred.sql': 'select id_1 + amount_3 as total from {{ ref("starred") }}',
  'models/m_grown.sql': 'select upper(name) as name from {{ ref("grown") }}',
  'models/m_promised.sql': 'select small, typeof(small) as type from {{ ref("promised") }}',
  'models/m_own.sql': 'select id, not added as added from {{ ref("own") }}',
  'models/m_kept.sql': "select id, dbt_valid_to is null as open, dbt_valid_from + interval 1 day as later from {{ ref('kept') }}",
  'models/m_source.sql': "select id + 1 as id, label from {{ source('ext', 't') }}",
  'models/m_file.sql': "select id + 1 as id, upper(label) as label from {{ source('ext', 'lines') }}",
  'models/s.yml': `sources:
  - name: ext
    schema: raw
    tables: [{name: t, columns: [{name: id, data_type: integer}, {name: label, data_type: text}]}, {name: lines, meta: {external_location: "FOLDER/files/lines.csv"}}]
models:
  - {name: promised, config: {contract: {enforced: true}}, columns: [{name: id, data_type: bigint}, {name: small, data_type: 'decimal(5,1)'}]}
unit_tests:
${unit('eph', 'm_eph', "{input: ref('eph'), rows: [{id: 1, twice: 1.25}]}", '{id: 1, more: 2.25}')}${unit(
  'seeds',
  'm_seeds',
  "{input: ref('plain'), rows: [{id: 1, price: 1.5, day: 2026-01-31}]}, {input: ref('typed'), rows: [{code: '01', n: 1}]}",
  "{id: 1, price: 3, day: 2026-02-01, code: '01!', n: 1}",
)}${unit('starred', 'm_starred', "{input: ref('starred'), rows: [{id_1: 1, amount_3: 0.25}]}", '{total: 1.25}')}${unit(
  'grown',
  'm_grown',
  "{input: ref('grown'), rows: [{name: x}]}",
  '{name: X}',
)}${unit('promised', 'm_promised', "{input: ref('promised'), rows: [{small: 1.25}]}", "{small: 1.3, type: 'DECIMAL(5,1)'}")}${unit(
  'own',
  'm_own',
  "{input: ref('own'), rows: [{id: 1, added: true}]}",
  '{id: 1, added: false}',
)}${unit(
  'kept',
  'm_kept',
  "{input: ref('kept'), rows: [{id: 1, dbt_valid_from: '2026-01-01 00:00:00'}]}",
  "{id: 1, open: true, later: '2026-01-02 00:00:00'}",
)}${unit('source', 'm_source', "{input: \"source('ext', 't')\", rows: [{id: 1, label: x}]}", '{id: 2, label: x}')}${unit(
  'file',
  'm_file',
  "{input: \"source('ext', 'lines')\", rows: [{id: 1, label: x}]}",
  '{id: 2, label: X}',
)}`,
} as const;
const ALL = { eph: 'pass', seeds: 'pass', starred: 'pass', grown: 'pass', promised: 'pass', own: 'pass', kept: 'pass', source: 'pass', file: 'pass' };

/** Statuses by the names of the tests alone. */
const bare = (statuses: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(statuses).map(([name, status]) => [name.split('.').at(-1) ?? name, status]));

/** The project of {@link KINDS}, whose external source is in its own folder. */
function kinds(change: (yaml: string) => string = (yaml) => yaml): TestProject {
  const p = new TestProject(KINDS);
  p.write({ 'models/s.yml': change(KINDS['models/s.yml']).replace('FOLDER', p.dir) });
  return p;
}

describe('unit tests in memory', () => {
  test('know the columns of whatever they stand in for, and open no database', async () => {
    const p = kinds();
    const { statuses, text, code } = await p.dml(UNITS);
    expect(text).not.toContain('error[');
    expect(bare(statuses)).toEqual(ALL);
    expect(code).toBe(0);
    expect(p.exists('shop.duckdb')).toBe(false);
  });

  test('are in the log as statements of the target are: each with its end', async () => {
    const { text } = await kinds().dml([...UNITS, '--log-format', 'json', '--log-level', 'debug']);
    const count = (name: string): number => text.split('\n').filter((line) => line.includes(`"name":"${name}"`)).length;
    expect(count('SQLQuery')).toBeGreaterThan(10);
    expect(count('SQLQueryStatus')).toBe(count('SQLQuery'));
  });

  test('have the verdicts of the target', async () => {
    const p = kinds((yaml) => yaml.replace('more: 2.25', 'more: 2'));
    const inMemory = await p.dml(UNITS);
    await p.rows("create schema raw; create table raw.t as select 1 as id, 'x' as label");
    expect((await p.dml(['build', '--exclude', 'test_type:unit'])).text).not.toContain('error[');
    const onTarget = await p.dml([...UNITS, '--on-target']);
    // A source in a file is no relation of the target.
    expect(bare(onTarget.statuses)).toEqual({ ...ALL, eph: 'fail', file: 'error' });
    expect(bare(inMemory.statuses)).toEqual({ ...ALL, eph: 'fail' });
  });

  test.each([
    ['a DuckDB file that is none', 'dev: {type: duckdb, path: dbt_project.yml}'],
    ['a Postgres that is down', 'dev: {type: postgres, host: 127.0.0.1, port: 1, user: u, password: p, dbname: d, schema: s}'],
  ])('do without %s', async (_, output) => {
    const p = new TestProject({
      'profiles.yml': `shop: {target: dev, outputs: {${output}}}\n`,
      'models/a.sql': "select 1 as id, 'x' as name",
      'models/b.sql': "select id + 1 as id, name from {{ ref('a') }}",
      'models/s.yml': `unit_tests:\n${unit('good', 'b', "{input: ref('a'), rows: [{id: 1}]}", '{id: 2, name: null}')}${unit('bad', 'b', "{input: ref('a'), rows: [{id: 1}]}", '{id: 1, name: null}')}`,
    });
    const { statuses, text } = await p.dml(UNITS);
    expect(bare(statuses)).toEqual({ good: 'pass', bad: 'fail' });
    expect(text).not.toContain('error[');
    expect((await p.dml([...UNITS, '--on-target'])).text).toMatch(/error\[(database|server)-/);
  });

  test('run before their model in a build, and where the project has hooks the target is opened for those', async () => {
    const p = new TestProject(
      {
        'models/a.sql': 'select 1 as id',
        'models/b.sql': "select id + 1 as id from {{ ref('a') }}",
        'models/s.yml': `unit_tests:\n${unit('u', 'b', "{input: ref('a'), rows: [{id: 1}]}", '{id: 3}')}`,
      },
      'on-run-end: [create or replace table told as select 1 as x]\n',
    );
    expect(bare((await p.dml(['build'])).statuses)).toEqual({ a: 'success', u: 'fail', b: 'skipped', 'shop-on-run-end-0': 'success' });
    await p.rows('drop table told');
    expect(bare((await p.dml(UNITS)).statuses)).toEqual({ u: 'fail', 'shop-on-run-end-0': 'success' });
    expect(await p.rows('from told')).toEqual([[1]]);
  });
});

/** A project of one model over the model `a` and the source `t`. */
const one = (sql: string, yaml: string, more: Readonly<Record<string, string>> = {}): TestProject =>
  new TestProject({
    'models/a.sql': "select 1 as id, 'x' as name",
    'models/b.sql': sql,
    'models/s.yml': `sources: [{name: raw, schema: raw, tables: [{name: t}, {name: listed, columns: [{name: id, data_type: integer}]}]}]\nunit_tests:\n${yaml}`,
    ...more,
  });
const overA = (expected: string): string => unit('u', 'b', "{input: ref('a'), rows: [{id: 1}]}", expected);
const overT = (expected: string): string => unit('u', 'b', "{input: \"source('raw', 't')\", rows: [{id: 1, day: 2026-01-31}]}", expected);

describe('unit tests that memory cannot answer run on the target', () => {
  test.each([
    ['a function of the target', "select plus_one(id) as id from {{ ref('a') }}", 'Scalar Function with name plus_one does not exist'],
    ['a table the SQL names itself', "select a.id + n.id as id from {{ ref('a') }} a cross join main.numbers n", 'numbers does not exist'],
    ['the name of the database', "select id + 1 as id from {{ ref('a') }} where current_database() = 'shop'", 'the query asks for current_database'],
    [
      'rows that a template asks for',
      "{% set n = run_query('select max(id) as id from main.numbers').columns[0][0] if execute else 0 %}select id + {{ n }} as id from {{ ref('a') }}",
      'a template asks the database: select max ( id ) as id from main . numbers',
    ],
  ])('%s', async (_, sql, why) => {
    const p = one(sql, overA('{id: 2}'));
    await p.rows('create macro plus_one(x) as x + 1');
    await p.rows('create table numbers as select 1 as id');
    const { statuses } = await p.dml(UNITS);
    expect(bare(statuses)).toEqual({ u: 'pass' });
    expect(p.read('logs/dml.log')).toMatch(new RegExp(`unit test u runs on the target: .*${why.replace(/[()]/g, '\\$&')}`));
    p.write({ 'kept/run_results.json': p.read('target/run_results.json') });
    expect((await p.dml(['explain', 'u', '--target-path', 'kept'])).text).toMatch(/the last time it ran on the target: .*/);
  });

  test('which is a diagnostic where the target is not to be reached', async () => {
    const p = one("select plus_one(id) as id from {{ ref('a') }}", overA('{id: 2}'), {
      'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: dbt_project.yml}}}\n',
    });
    const { statuses, text } = await p.dml(UNITS);
    expect(bare(statuses)).toEqual({ u: 'error' });
    expect(text).toContain('error[unit-test-needs-target]');
    expect(text).toContain('Scalar Function with name plus_one does not exist');
  });

  test('where the YAML of a source does not list a column of the fixture', async () => {
    const p = one("select id from {{ source('raw', 'listed') }}", unit('u', 'b', "{input: \"source('raw', 'listed')\", rows: [{id: 1, ib: 2}]}", '{id: 1}'));
    expect((await p.dml(UNITS)).text).toContain('error[unit-test-column]');
    await p.rows('create schema raw; create table raw.listed as select 1 as id, 2 as ib');
    expect(bare((await p.dml(UNITS)).statuses)).toEqual({ u: 'pass' });
  });
});

describe('types that nothing tells are guessed from the rows', () => {
  test('and good enough where the test passes', async () => {
    const p = one("select id + 1 as id, day + 1 as day from {{ source('raw', 't') }}", overT('{id: 2, day: 2026-02-01}'));
    expect(bare((await p.dml(UNITS)).statuses)).toEqual({ u: 'pass' });
    expect(p.exists('shop.duckdb')).toBe(false);
  });

  test('and where it does not, the target says; without that the failure says what it rests on', async () => {
    const p = one("select id / 2 as half from {{ source('raw', 't') }}", overT('{half: 0.75}'));
    const guessed = await p.dml(UNITS);
    expect(bare(guessed.statuses)).toEqual({ u: 'fail' });
    expect(guessed.text).toContain('guessed from their rows: nothing says which types the columns of the source raw.t have');
    await p.rows("create schema raw; create table raw.t as select 1.5 as id, date '2026-01-01' as day");
    p.write({ 'models/s.yml': p.read('models/s.yml').replace('rows: [{id: 1,', 'rows: [{id: 1.46,') });
    // A decimal(2,1) there: 1.46 is 1.5.
    expect(bare((await p.dml(UNITS)).statuses)).toEqual({ u: 'pass' });
  });
});

test('where neither knows the columns, both reasons are told', async () => {
  const p = one("select name from {{ source('raw', 't') }}", overT('{name: x}'));
  const { text } = await p.dml(UNITS);
  expect(text).toContain('error[unit-test-columns]');
  expect(text).toContain('in memory it cannot run either: nothing says which types the columns of the source raw.t have');
});

describe('what users get wrong is told at once', () => {
  test.each([
    ['a column that is not there', overA('{idd: 2}'), 'did you mean `id`?'],
    ['a value that is none of its type', unit('u', 'b', "{input: ref('a'), rows: [{id: one}]}", '{id: 2}'), "Could not convert string 'one' to INT32"],
  ])('%s', async (_, yaml, told) => {
    const p = one("select id from {{ ref('a') }}", yaml);
    const { text } = await p.dml(UNITS);
    expect(text).toContain(told);
    expect(p.exists('shop.duckdb')).toBe(false);
  });
});

test('--on-target and DML_ON_TARGET run them as dbt does', async () => {
  const p = one("select current_database() as name from {{ ref('a') }}", overA('{name: shop}'));
  for (const [argv, env] of [[[...UNITS, '--on-target'], {}] as const, [UNITS, { DML_ON_TARGET: 'true' }] as const]) {
    expect(bare((await p.dml(argv, { env })).statuses)).toEqual({ u: 'pass' });
    expect(p.read('logs/dml.log')).not.toContain('runs on the target');
  }
});

test('an interrupt reaches the engine in memory', async () => {
  const p = one(
    "select count(*) as n from {{ ref('a') }}, range(2000000000) r(i), range(1000) s(j) where hash(i, j) % 7 = id",
    unit('u', 'b', "{input: ref('a'), rows: [{id: 1}]}", '{n: 1}'),
  );
  const stop = new AbortController();
  const { statuses, text } = await p.dml(UNITS, { signal: stop.signal, onText: (piece) => piece.includes('START unit_test') && stop.abort() });
  expect(bare(statuses)).toEqual({ u: 'skipped' });
  expect(text).toContain('Exited because of keyboard interrupt');
});
