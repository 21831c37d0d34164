import { expect, test } from 'vitest';
import { type Asked, type Shape, scan, shapeOf } from '../../../src/plan/index.ts';
import { trace } from '../../../src/run/drive.ts';
import { duckdb, postgres, relation } from '../../../src/sql/index.ts';

const WHERE = '(select * from "d"."s"."t" where kind = \'a\') dbt_subquery';

test.each<[sql: string, shape: Shape]>([
  ['select * from t where id is null', { kind: 'rows', rows: 't', failing: 'id is null' }],
  ['\n\nselect id\nfrom "d"."s"."t"\nwhere id is null\n\n', { kind: 'rows', rows: '"d"."s"."t"', failing: 'id is null' }],
  [`SELECT * FROM ${WHERE} WHERE not (a > (1) or b)`, { kind: 'rows', rows: WHERE, failing: 'not (a > (1) or b)' }],
  ["select * from t where name = ' from x where group by '", { kind: 'rows', rows: 't', failing: "name = ' from x where group by '" }],
  ['select * from a, b where a.x is distinct from b.x', { kind: 'rows', rows: 'a, b', failing: 'a.x is distinct from b.x' }],
  [
    `with all_values as (select lower(k) as value_field, count(*) as n_records from t group by lower(k))
     select * from all_values where value_field not in ('a', 'b')`,
    { kind: 'values', rows: 't', column: 'lower(k)', failing: "(lower(k)) not in ('a', 'b')" },
  ],
  [
    'select "Id" as unique_field, count(*) as n_records from t where "Id" is not null group by "Id" having count(*) > 1',
    { kind: 'unique', rows: 't', key: '"Id"' },
  ],
  [
    `with measured_groups as (select percentile_cont(0.5) within group (order by x) as measured from t), all_groups as (select measured from measured_groups)
     select *, case when measured is null then 'nothing to measure' else 'out of range' end as problem
     from all_groups where measured is null or (measured < (3))`,
    { kind: 'measure', rows: 't', measure: 'percentile_cont(0.5) within group (order by x)', outside: '(measured < (3))' },
  ],
  ["select 'no rows' as problem where not exists (select 1 from t)", { kind: 'some', rows: 't' }],
])('what is asked is read off the query %#', (sql, shape) => {
  expect(shapeOf(sql)).toEqual(shape);
});

test.each([
  ['more than a condition', 'select * from t where a group by a'],
  ['an order', 'select * from t where a order by 1'],
  ['a limit', 'select * from t where a limit 1'],
  ['a union', 'select * from t where a union all select * from u'],
  ['an aggregate in the list makes a row of none', 'select count(*) from t where a'],
  ['a function of the list may make rows', 'select unnest(x) from t where a'],
  ['several columns', 'select a, b from t where a'],
  ['a query in the condition', 'select * from t where a in (select a from u)'],
  ['a window', 'select * from t where row_number() over (order by a) > 1'],
  ['a sample', 'select * from t tablesample 10% where a'],
  ['a comment', 'select * from t where a -- or b'],
  ['two statements', 'select * from t where a; select 1'],
  ['brackets that do not match', 'select * from t where a)'],
  ['a key of two columns', 'select a, b as unique_field, count(*) as n_records from t where a, b is not null group by a, b having count(*) > 1'],
  ['two keys', 'select a as unique_field, count(*) as n_records from t where b is not null group by a having count(*) > 1'],
  ['a query of its own', 'with x as (select 1) select * from x where a'],
  ['nothing', ''],
])('%s cannot be merged', (_, sql) => {
  expect(shapeOf(sql)).toBeUndefined();
});

const shapes: readonly Shape[] = [
  { kind: 'rows', rows: 't', failing: 'id is null' },
  { kind: 'rows', rows: 't', failing: "not (regexp_matches(cast(name as varchar), '^a'))" },
  { kind: 'values', rows: 't', column: 'kind', failing: "kind not in ('a')" },
  { kind: 'unique', rows: 't', key: 'id' },
  { kind: 'measure', rows: 't', measure: 'avg(x)', outside: '(measured > (3))' },
  { kind: 'some', rows: WHERE },
];
const asked: readonly Asked[] = shapes.map((shape, i) => ({ shape, ...(i === 1 && { column: 'name' }) }));
const told = relation('d', 's', 't', 'table', { database: true, schema: true, identifier: true });

test('postgres reads each source once, and keys by themselves', () => {
  const { sql } = trace(scan(asked, told, postgres));
  expect(sql).toHaveLength(1);
  expect(sql[0]).toContain(
    "select count(*) as dml_n0, count(name) as dml_n1, count(*) filter (where id is null) as dml_t0, count(*) filter (where not (regexp_matches(cast(name as varchar), '^a'))) as dml_t1, " +
      "count(*) filter (where kind not in ('a')) as dml_t2, avg(x) as dml_t4 from t",
  );
  expect(sql[0]).toContain('select count(*) as dml_t3 from (select id from t where id is not null group by id having count(*) > 1 limit 1) dml_keys');
  expect(sql[0]).toContain('select dml_block_0.dml_t4 as measured');
});

/** What a table of DuckDB answers when it is asked about two columns of text and a key. */
function duckdbTable(distinct: number, ends: readonly [number, number, number], type = 'VARCHAR', size = 1_000_000) {
  let queries = 0;
  return trace(scan(asked, told, duckdb), (effect) => {
    if (effect.kind === 'relation') return told;
    if (effect.kind !== 'query' || queries++ > 1) return undefined;
    const column = (name: string, dataType: string) => ({ name, type: 'text', dataType });
    const table =
      queries === 1
        ? {
            columns: [
              column('v0', type),
              column('d0', 'BIGINT'),
              column('v1', type),
              column('d1', 'BIGINT'),
              column('v2', 'BIGINT'),
              column('d2', 'BIGINT'),
              column('size', 'BIGINT'),
            ],
            rows: [[null, distinct, null, distinct, null, 20_000, size]],
          }
        : { columns: [column('a', 'BIGINT'), column('b', 'BIGINT'), column('c', 'BIGINT')], rows: [ends] };
    return { table, response: { message: 'OK' } };
  }).sql;
}

test('on a table of DuckDB few values are looked at once each, and close whole numbers are marked', () => {
  const merged = duckdbTable(5, [1, 1000, 900])[2];
  expect(merged).toContain('from (select unnest(list(distinct name)) as name from t) dml_values');
  expect(merged).toContain('from (select unnest(list(distinct kind)) as kind from t) dml_values');
  expect(merged).toContain('select count(*) as dml_n1 from (select 1 from t where name is not null limit 1) dml_some');
  expect(merged).toContain('select count(id) - bit_count(bitstring_agg(id, 1, 1000)) as dml_t3 from t');
  expect(merged).toContain('select count(*) filter (where id is null) as dml_t0 from t where (id is null)');
});

test.each([
  ['many values', duckdbTable(3000, [1, 1000, 900])],
  ['few values in so many rows that there may be many', duckdbTable(1500, [1, 1000, 900], 'VARCHAR', 1e9)],
  ['values of which equal ones may differ', duckdbTable(5, [1, 1000, 900], 'DECIMAL(9,2)')],
])('%s are looked at row by row', (_, sql) => {
  expect(sql[2]).not.toContain('distinct');
  expect(sql[2]).toContain("where (id is null) or (not (regexp_matches(cast(name as varchar), '^a'))) or (kind not in ('a'))");
});

test('whole numbers that lie far apart are grouped', () => {
  expect(duckdbTable(5, [1, 2 ** 40, 900])[2]).toContain('group by id having count(*) > 1 limit 1');
});

test.each([
  'regexp_matches(lower(name), name)',
  "name like 'a%'",
  "cast(name as varchar) = ''",
  "name = 'a' or length(name) > 3",
  'length(name) > size',
  'length(t.name) > 3',
])('%s is not computed for each value: a collation or another column may count', (failing) => {
  const sql = trace(scan([{ shape: { kind: 'rows', rows: 't', failing } }], told, duckdb), (e) => (e.kind === 'relation' ? told : undefined)).sql;
  expect(sql).toHaveLength(1);
});
