import { describe, expect, test } from 'vitest';
import { TestProject } from './project.ts';

describe('a build', () => {
  test('skips what is below a failed test, a broken model and a failed unit test, and runs the rest', async () => {
    const p = new TestProject({
      'models/base.sql': 'select 1 as k union all select 1',
      'models/child.sql': "select * from {{ ref('base') }}",
      'models/grandchild.sql': "select * from {{ ref('child') }}",
      'models/other.sql': 'select 1 as k',
      'models/both.sql': "select o.k from {{ ref('other') }} o join {{ ref('base') }} using (k)",
      'models/beside.sql': "select * from {{ ref('other') }}",
      'models/broken.sql': 'select nope from {{ ref("other") }}',
      'models/after.sql': "select * from {{ ref('broken') }}",
      'models/tested.sql': "select k * 2 as d from {{ ref('other') }}",
      'models/after_tested.sql': "select * from {{ ref('tested') }}",
      'models/s.yml': `
models:
  - name: base
    columns: [{name: k, data_tests: [unique, not_null]}]
  - name: other
    columns: [{name: k, data_tests: [{relationships: {to: ref('base'), field: k, config: {where: k = 7}}}]}]
  - name: after
    columns: [{name: k, data_tests: [not_null]}]
unit_tests:
  - name: doubles
    model: tested
    given: [{input: ref('other'), rows: [{k: 4}]}]
    expect: {rows: [{d: 9}]}
`,
    });
    const { code, statuses, results, text } = await p.dml(['build']);
    expect(code).toBe(1);
    expect(statuses).toEqual({
      base: 'success',
      unique_base_k: 'fail',
      not_null_base_k: 'pass',
      child: 'skipped',
      grandchild: 'skipped',
      other: 'success',
      relationships_other_k__k__ref_base_: 'pass',
      both: 'skipped',
      beside: 'success',
      broken: 'error',
      after: 'skipped',
      not_null_after_k: 'skipped',
      'tested.doubles': 'fail',
      tested: 'skipped',
      after_tested: 'skipped',
    });
    expect(results['unique_base_k']).toMatchObject({ message: 'Got 1 result, configured to fail if != 0', failures: 1, adapter_response: { _message: 'OK' } });
    expect(text).toContain('9→8');
    expect(results['base']).toMatchObject({ message: 'OK', relation_name: '"shop"."main"."base"', compiled: true });
  });

  test('an error of an ephemeral model is told once, and what depends on it is skipped', async () => {
    const p = new TestProject({
      'models/eph.sql': "{{ config(materialized='ephemeral') }}\nselect {{ nothing_here.x }} as a",
      'models/one.sql': "select * from {{ ref('eph') }}",
      'models/two.sql': "select * from {{ ref('eph') }}",
    });
    const { statuses, results, text } = await p.dml(['run']);
    expect(statuses).toEqual({ one: 'skipped', two: 'skipped' });
    expect(results['one']?.['message']).toBe('Compilation Error in model.shop.one, caused by compilation error in referenced ephemeral model model.shop.eph');
    expect(text.match(/models\/eph\.sql:2:11/g)).toHaveLength(1);
  });

  test('ephemeral models become CTEs, the deepest first, in front of the list a query has', async () => {
    const p = new TestProject({
      'models/deep.sql': "{{ config(materialized='ephemeral', alias='deepest') }}select 3 as n",
      'models/mid.sql': "{{ config(materialized='ephemeral') }}with x as (select * from {{ ref('deep') }}) select n + 1 as n from x",
      'models/top.sql':
        "{{ config(materialized='table') }}with recursive r as (select 1 as i union all select i + 1 from r where i < 3) select i, n from r cross join {{ ref('mid') }}",
    });
    expect((await p.dml(['run'])).code).toBe(0);
    expect(await p.rows('select * from top order by 1')).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
    ]);
    expect(p.read('target/compiled/shop/models/top.sql')).toBe(
      'with recursive  __dbt__cte__deepest as (\nselect 3 as n\n),  __dbt__cte__mid as (\nwith x as (select * from __dbt__cte__deepest) select n + 1 as n from x\n), r as (select 1 as i union all select i + 1 from r where i < 3) select i, n from r cross join __dbt__cte__mid',
    );
    expect(p.exists('target/compiled/shop/models/mid.sql')).toBe(true);
  });

  test('--fail-fast stops at the first failure and tells what was not run', async () => {
    const p = new TestProject({
      'models/a.sql': 'select nope',
      'models/b.sql': "select * from {{ ref('a') }}",
      'models/c.sql': "select * from {{ ref('d') }}",
      'models/d.sql': 'select count(*) as n from range(300000000) t(i), range(400) u(j) where i % 7 = j',
    });
    p.write({ 'models/d.yml': 'models: [{name: d, config: {materialized: table}}]' });
    const { code, statuses, results } = await p.dml(['run', '--fail-fast']);
    expect(code).toBe(1);
    expect(statuses).toEqual({ a: 'error', b: 'skipped', c: 'skipped', d: 'skipped' });
    expect(results['d']?.['message']).toBe('Skipping due to fail_fast');
  });

  test('an interrupt cancels the running statement and keeps what was done', async () => {
    const p = new TestProject({
      'models/quick.sql': "{{ config(materialized='table') }}select 1 as a",
      'models/slow.sql':
        "{{ config(materialized='table') }}-- depends_on: {{ ref('quick') }}\nselect count(*) as n from range(300000000) t(i), range(400) u(j) where i % 7 = j",
      'models/last.sql': "select * from {{ ref('slow') }}",
    });
    const stop = new AbortController();
    const { code, statuses, text } = await p.dml(['run'], {
      signal: stop.signal,
      onText: (t) => t.includes('START sql table model main.slow') && stop.abort(),
    });
    expect(code).not.toBe(0);
    expect(statuses).toEqual({ quick: 'success', slow: 'skipped' });
    expect(text).toContain('Exited because of keyboard interrupt');
    expect(await p.rows('select * from quick')).toEqual([[1]]);
  });
});

describe('tests', () => {
  test('severity, thresholds, limits and stored failures', async () => {
    const p = new TestProject({
      'models/a.sql': 'select * from (values (1), (2), (3)) t(n)',
      'models/s.yml': `
models:
  - name: a
    columns:
      - name: n
        data_tests:
          - accepted_values: {name: plain, values: [9], quote: false}
          - accepted_values: {name: warned, values: [9], quote: false, config: {severity: warn}}
          - accepted_values: {name: between, values: [9], quote: false, config: {warn_if: '> 2', error_if: '> 5'}}
          - accepted_values: {name: few, values: [9], quote: false, config: {warn_if: '> 5', error_if: '> 6'}}
          - accepted_values: {name: kept, values: [1], quote: false, config: {store_failures: true, limit: 1}}
          - accepted_values: {name: somewhere, values: [1], quote: false, config: {where: n = 1}}
`,
    });
    const first = await p.dml(['build']);
    expect(first.statuses).toEqual({ a: 'success', plain: 'fail', warned: 'warn', between: 'warn', few: 'pass', kept: 'fail', somewhere: 'pass' });
    expect(first.results['between']).toMatchObject({ failures: 3, message: 'Got 3 results, configured to warn if > 2' });
    expect(first.results['few']).toMatchObject({ failures: 0, message: null });
    expect(first.results['kept']).toMatchObject({ failures: 1, relation_name: '"shop"."main_dbt_test__audit"."kept"' });
    expect(await p.rows('select count(*) from main_dbt_test__audit.kept')).toEqual([['1']]);
    const strict = await p.dml(['test', '-s', 'warned', '--warn-error']);
    expect(strict.statuses).toEqual({ warned: 'fail' });
  });
});

describe('hooks', () => {
  test('run in their order, see the results, and a failed one skips the others', async () => {
    const p = new TestProject(
      {
        'models/a.sql':
          "{{ config(pre_hook=\"insert into seen values ('pre {{ this.name }}')\", post_hook={'sql': \"insert into seen values ('post')\", 'transaction': false}) }}select 1 as a",
        'models/bad.sql': 'select nope',
        'macros/m.sql':
          "{% macro told(results) %}{% for r in results %}insert into seen values ('{{ r.node.name }} {{ r.status }}');{% endfor %}{% endmacro %}",
      },
      "on-run-start: ['create or replace table seen (what varchar)', \"insert into seen values ('{{ target.name }} {{ execute }}')\"]\non-run-end: ['{{ told(results) }}', \"insert into seen values ('{{ schemas | join }} {{ database_schemas | length }}')\", 'select broken', 'select 1']\n",
    );
    const { statuses, results } = await p.dml(['run', '--threads', '1']);
    expect(await p.rows('select what from seen')).toEqual([['dev True'], ['pre a'], ['post'], ['a success'], ['bad error'], ['main 1']]);
    expect(statuses).toMatchObject({
      'shop-on-run-start-0': 'success',
      'shop-on-run-end-1': 'success',
      'shop-on-run-end-2': 'error',
      'shop-on-run-end-3': 'skipped',
    });
    expect(results['shop-on-run-start-0']).toMatchObject({ message: 'shop.on-run-start.0 passed', thread_id: 'main' });
  });

  test('a hook the database refuses is shown where it is written', async () => {
    const p = new TestProject({ 'models/a.sql': "{{ config(post_hook='insert into {{ this }} select nope') }}select 1 as a" });
    const { text, statuses } = await p.dml(['run']);
    expect(statuses).toEqual({ a: 'error' });
    expect(text).toMatch(/models\/a\.sql:1:22\n.*insert into \{\{ this \}\} select nope/);
  });
});

describe('materializations written in Jinja', () => {
  const macro = (end: string) => `{% materialization twice, default %}
  {%- set target = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') -%}create or replace table {{ target }} as (select * from ({{ sql }}) union all select * from ({{ sql }})){%- endcall %}
  {{ adapter.commit() }}
  ${end}
{% endmaterialization %}`;

  test('run as programs on the session', async () => {
    const p = new TestProject({
      'macros/m.sql': macro("{{ return({'relations': [target]}) }}"),
      'models/a.sql': "{{ config(materialized='twice') }}select 1 as a",
    });
    const { code, results } = await p.dml(['run']);
    expect(code).toBe(0);
    expect(results['a']).toMatchObject({ message: 'OK' });
    expect(await p.rows('select * from a')).toEqual([[1], [1]]);
    expect(p.read('target/run/shop/models/a.sql')).toContain('union all');
  });

  test('must tell their relations; an unknown one is a diagnostic with the nearest', async () => {
    const p = new TestProject({
      'macros/m.sql': macro("{{ return('done') }}"),
      'models/a.sql': "{{ config(materialized='twice') }}select 1 as a",
      'models/b.sql': "{{ config(materialized='tabel') }}select 1 as a",
    });
    const { text, statuses } = await p.dml(['run']);
    expect(statuses).toEqual({ a: 'error', b: 'error' });
    expect(text).toContain('error[materialization-result]: `a`: the materialization `twice` returns no list of relations');
    expect(text).toContain('did you mean `table`?');
  });

  test("a project's create_table_as takes the place of dml's text", async () => {
    const p = new TestProject({
      'macros/m.sql':
        "{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) %}create table {{ relation }} as (select *, 'mine' as whose from ({{ compiled_code }})){% endmacro %}",
      'models/a.sql': "{{ config(materialized='table') }}select 1 as a",
    });
    expect((await p.dml(['run'])).code).toBe(0);
    expect((await p.dml(['run'])).code).toBe(0);
    expect(await p.rows('select * from a')).toEqual([[1, 'mine']]);
  });

  test("of seeds get the file's rows as a table", async () => {
    const p = new TestProject({
      'macros/m.sql': `{% materialization listed, default %}
  {%- set t = load_agate_table() -%}
  {% do log('types: ' ~ t.column_names | join(' ') ~ ' ' ~ t.rows[0]['n'] ~ ' ' ~ t.rows[0]['name'] ~ ' ' ~ (t.rows[1]['d'] is none) ~ ' ' ~ t.rows[0]['d'] ~ ' ' ~ t.rows | length, info=true) %}
  {% call statement('main') -%}create or replace table {{ this }} as (select {{ t.rows | length }} as n){%- endcall %}
  {{ adapter.commit() }}
  {{ return({'relations': [this]}) }}
{% endmaterialization %}`,
      'seeds/s.csv': 'n,name,d\n1.50,"a ""b""",2026-01-02\n2,c,\n',
      'seeds/s.yml': 'seeds: [{name: s, config: {materialized: listed}}]',
    });
    const { code, text } = await p.dml(['seed']);
    expect(text).toContain('types: n name d 1.50 a "b" True 2026-01-02 2');
    expect(code).toBe(0);
    expect(await p.rows('select * from s')).toEqual([[2]]);
  });
});
