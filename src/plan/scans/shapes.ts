import { pattern } from './pattern.ts';

/**
 * What a data test asks, read off its SQL: with `rows` as the source, a test finds nothing exactly if
 * `rows`: no row is `failing`; `values`: no value of `column` is `failing`; `unique`: no `key` occurs twice; `measure`: the aggregate is a value that is not
 * `outside`, where it is called `measured`; `some`: there is a row.
 */
export type Shape =
  | { readonly kind: 'rows'; readonly rows: string; readonly failing: string }
  | { readonly kind: 'values'; readonly rows: string; readonly column: string; readonly failing: string }
  | { readonly kind: 'unique'; readonly rows: string; readonly key: string }
  | { readonly kind: 'measure'; readonly rows: string; readonly measure: string; readonly outside: string }
  | { readonly kind: 'some'; readonly rows: string };

const rows = pattern<'list' | 'rows' | 'failing'>('select :list from :rows where :failing');
const values = pattern<'column' | 'rows' | 'list'>(
  `with all_values as (select :column as value_field, count(*) as n_records from :rows group by :column)
   select * from all_values where value_field not in (:list)`,
);
const unique = pattern<'key' | 'rows'>(
  'select :key as unique_field, count(*) as n_records from :rows where :key is not null group by :key having count(*) > 1',
);
const measure = pattern<'measure' | 'rows' | 'outside'>(
  `with measured_groups as (select :measure as measured from :rows), all_groups as (select measured from measured_groups)
   select *, case when measured is null then 'nothing to measure' else 'out of range' end as problem
   from all_groups where measured is null or :outside`,
);
const some = pattern<'rows'>("select 'no rows' as problem where not exists (select 1 from :rows)");

// All columns or one, and nothing that could make more rows or fewer: no function, no `distinct`.
const PLAIN_LIST = /^(?:\*|(?:[\w$.]|"[^"]*")+)$/;

/** The shape of a test's SQL; undefined where it has none of these, so that only running it tells what it finds. */
export function shapeOf(sql: string): Shape | undefined {
  const plain = rows.match(sql);
  if (plain && PLAIN_LIST.test(plain.list)) return { kind: 'rows', rows: plain.rows, failing: plain.failing };
  const listed = values.match(sql);
  if (listed) return { kind: 'values', rows: listed.rows, column: listed.column, failing: `(${listed.column}) not in (${listed.list})` };
  const keyed = unique.match(sql);
  if (keyed) return { kind: 'unique', ...keyed };
  const measured = measure.match(sql);
  if (measured) return { kind: 'measure', ...measured };
  const any = some.match(sql);
  return any && { kind: 'some', ...any };
}
