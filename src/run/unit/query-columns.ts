import { type Column, type Program, query, trimSemicolon } from '../../sql/index.ts';

/** The columns that a query gives. */
export function* queryColumns(sql: string): Program<readonly Column[]> {
  const { table } = yield* query(`select * from (\n${trimSemicolon(sql)}\n) as __dbt_sbq\nwhere false\nlimit 0`);
  return table.columns.map((c) => ({ name: c.name, dataType: c.dataType }));
}
