import type { Json, JsonMap, Node } from '../../resolve/index.ts';
import type { Column } from '../../sql/index.ts';

/** Rows of a snapshot's table with values for the columns that only dml needs: what identifies a version, when its row changed, that it is not deleted. */
export function snapshotRows(node: Node, rows: readonly JsonMap[], columns: readonly Column[]): readonly JsonMap[] {
  const named = node.config['snapshot_meta_column_names'] as JsonMap | null | undefined;
  const nameOf = (column: string): string => String(named?.[column] ?? column).toLowerCase();
  const there = new Set(columns.map((c) => c.name.toLowerCase()));
  return rows.map((row, i) => {
    const given = new Map(Object.entries(row).map(([name, value]): [string, Json] => [name.toLowerCase(), value]));
    const own: readonly (readonly [string, Json])[] = [
      [nameOf('dbt_scd_id'), `row ${i + 1} of the test`],
      [nameOf('dbt_updated_at'), given.get(nameOf('dbt_valid_from')) ?? null],
      [nameOf('dbt_is_deleted'), 'False'],
    ];
    return { ...Object.fromEntries(own.filter(([name]) => there.has(name) && !given.has(name))), ...row };
  });
}
