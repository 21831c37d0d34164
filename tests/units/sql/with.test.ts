import { describe, expect, test } from 'vitest';
import { withOf } from '../../../src/sql/index.ts';

describe('the with list of a query', () => {
  test.each<readonly [sql: string, names: readonly string[], rest: string]>([
    ['with a as (select 1) select * from a', ['a'], ' select * from a'],
    ['-- first, a comment (\nWITH a AS (select 1), "B c" as (select 2)select 3', ['a', '"B c"'], 'select 3'],
    ["with a as (select ')' as x, 1 /* ) */ as y -- )\n), b as (select $$ ) $$) values (1)", ['a', 'b'], ' values (1)'],
    ['with a as materialized (select 1), b as not materialized (select 2) table a', ['a', 'b'], ' table a'],
    ['with recursive t(n, m) as (select 1, 2 union all select n + 1, m from t), u as (select * from t) select 1', ['t', 'u'], ' select 1'],
    ['with recursive t(k, v) using key (k) as (select 1, 2) select 1', ['t'], ' select 1'],
    ['with a as (with inner_one as (select 1) select * from inner_one) select 1', ['a'], ' select 1'],
    ['with recursive t as (select 1) search depth first by x, y set ord, u as (select 2) select 1', ['t', 'u'], ' select 1'],
    ['with recursive t as (select 1) cycle x, y set is_cycle to true default false using path select 1', ['t'], ' select 1'],
    ['with a as (insert into x values (1) returning id) select 1', ['a'], ' select 1'],
  ])('%s', (sql, names, rest) => {
    const found = withOf(sql);
    expect(found?.names).toEqual(names);
    expect(sql.slice(found?.end)).toBe(rest);
  });

  test.each(['select 1', '', '(with a as (select 1) select 1)', 'with', 'with a as', 'with 1 as (select 1) select 1'])('there is none in `%s`', (sql) => {
    expect(withOf(sql)).toBeUndefined();
  });
});
