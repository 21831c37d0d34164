import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { compare } from '../text.ts';

/** One column of a table. `order`: what rows are sorted by when its heading is chosen. */
export interface TableColumn<T> {
  readonly name: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly order?: (row: T) => string | number | undefined;
  readonly align?: 'right';
  /** Whether a row has something to show here; a column without any is left out. */
  readonly has?: (row: T) => boolean;
  /** Left out on narrow screens. */
  readonly wide?: true;
  /** As CSS has it. Tables whose columns have widths line up below each other; a column without one has the rest. */
  readonly width?: string;
}

/** Rows that are drawn at once; more on demand, so that 10,000 rows open like ten. */
const STEP = 150;

/** A table that sorts by its headings. `label` tells what it lists. */
export function Table<T>({
  label,
  columns: all,
  rows,
  keyOf,
}: {
  label: string;
  columns: readonly TableColumn<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}) {
  const [sort, setSort] = useState<{ readonly by: string; readonly down: boolean }>();
  const [shown, show] = useState(STEP);
  const columns = useMemo(() => all.filter((c) => c.has === undefined || rows.some(c.has)), [all, rows]);
  const sorted = useMemo(() => ordered(rows, columns.find((c) => c.name === sort?.by)?.order, sort?.down ?? false), [rows, columns, sort]);
  const choose = (name: string) => setSort((now) => (now?.by === name ? { by: name, down: !now.down } : { by: name, down: false }));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={columns.some((c) => c.width !== undefined) ? 'table table-even' : 'table'}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th
                key={c.name}
                scope="col"
                class={classOf(c)}
                {...(c.width !== undefined && { style: { width: c.width } })}
                {...(sort?.by === c.name && { 'aria-sort': sort.down ? 'descending' : 'ascending' })}
              >
                {c.order ? (
                  <button type="button" onClick={() => choose(c.name)}>
                    {c.name}
                  </button>
                ) : (
                  c.name
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((c) => (
                <td key={c.name} class={classOf(c)}>
                  {c.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown && (
        <button type="button" class="more" onClick={() => show(shown + 4 * STEP)}>
          Show more of {sorted.length.toLocaleString('en')}
        </button>
      )}
    </div>
  );
}

function classOf<T>(column: TableColumn<T>): string {
  return `${column.align ?? ''}${column.wide ? ' wide' : ''}`.trim();
}

/** Rows without a value come last in either direction. */
function ordered<T>(rows: readonly T[], by: TableColumn<T>['order'], down: boolean): readonly T[] {
  if (by === undefined) return rows;
  const sign = down ? -1 : 1;
  const order = (a: string | number | undefined, b: string | number | undefined) => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)));
  };
  return [...rows].sort((a, b) => order(by(a), by(b)));
}
