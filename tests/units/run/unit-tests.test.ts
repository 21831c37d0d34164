import { describe, expect, test } from 'vitest';
import { TestProject } from './project.ts';

const unit = (body: string): string => `unit_tests:\n${body}`;

describe('unit tests', () => {
  test('stand in for refs, sources and this; overrides reach macros, variables and the environment', async () => {
    const p = new TestProject({
      'models/a.sql': "select 1 as id, 10.5::decimal(9,2) as amount, date '2026-01-01' as day, true as ok",
      'models/inc.sql': `{{ config(materialized='incremental') }}
select a.id, a.amount * {{ var('factor', 1) }} as amount, s.label || '{{ env_var('SUFFIX', 'none') }}' as label from {{ ref('a') }} a join {{ source('ext', 't') }} s using (id)
{% if is_incremental() %}where a.id > (select max(id) from {{ this }}){% endif %}`,
      'models/s.yml': `sources: [{name: ext, schema: main, tables: [{name: t, columns: [{name: id, data_type: integer}, {name: label, data_type: text}]}]}]
unit_tests:
  - name: new_rows
    model: inc
    overrides: {macros: {is_incremental: true}, vars: {factor: 3}, env_vars: {SUFFIX: '!'}}
    given:
      - {input: ref('a'), rows: [{id: 1, amount: 1.5}, {id: 2, amount: 2}]}
      - {input: "source('ext', 't')", format: csv, rows: "id,label\\n1,one\\n2,two's\\n"}
      - {input: this, rows: [{id: 1}]}
    expect: {rows: [{ID: 2, amount: 6, label: "two's!"}]}
  - name: all_rows
    model: inc
    overrides: {macros: {is_incremental: false}}
    given:
      - {input: ref('a'), format: sql, rows: "select 1 as id, 5 as amount"}
      - {input: "source('ext', 't')", rows: [{id: 1, label: null}]}
    expect: {format: sql, rows: "select 1 as id, 5 as amount, null::text as label"}
  - name: nothing
    model: inc
    overrides: {macros: {is_incremental: false}}
    given: [{input: ref('a'), rows: []}, {input: "source('ext', 't')", rows: []}]
    expect: {rows: []}
`,
    });
    await p.rows("create table t as select 1 as id, 'x' as label");
    const { statuses, text } = await p.dml(['build']);
    expect(text).not.toContain('error[');
    expect(statuses).toEqual({ a: 'success', 'inc.new_rows': 'pass', 'inc.all_rows': 'pass', 'inc.nothing': 'pass', inc: 'success' });
    expect(p.read('target/compiled/shop/models/s.yml/models/new_rows.sql')).toContain('from __dbt__cte__a a join __dbt__cte__ext__t s');
  });

  test('take the types of a parent that is not built from its SQL', async () => {
    const p = new TestProject({
      'models/a.sql': "select 1 as id, 'x' as name",
      'models/b.sql': "select id + 1 as id, name from {{ ref('a') }}",
      'models/s.yml': unit("  - {name: u, model: b, given: [{input: ref('a'), rows: [{id: 1}]}], expect: {rows: [{id: 2, name: null}]}}\n"),
    });
    const { statuses } = await p.dml(['test']);
    expect(statuses).toEqual({ 'b.u': 'pass' });
  });

  test.each([
    ['a reference without rows', '[]', 'unit-test-missing-input', "add to `given`: - input: ref('a')"],
    ['a column that is not there', "[{input: ref('a'), rows: [{nmae: x}]}]", 'unit-test-column', 'did you mean `name`?'],
    ['an input that is nothing', '[{input: x, rows: []}]', 'unit-test-input', 'an input is written as'],
  ])('%s is a diagnostic', async (_, given, code, hint) => {
    const p = new TestProject({
      'models/a.sql': "select 1 as id, 'x' as name",
      'models/b.sql': "select * from {{ ref('a') }}",
      'models/s.yml': unit(`  - {name: u, model: b, given: ${given}, expect: {rows: [{id: 2}]}}\n`),
    });
    const { text } = await p.dml(['build']);
    expect(text).toContain(`error[${code}]`);
    expect(text).toContain(hint);
  });
});
