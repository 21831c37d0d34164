import type { NodeResult } from '../run/index.ts';
import type { Cell, ResultTable } from '../sql/index.ts';
import { clip, type Paint, pad, width } from './paint.ts';

/** A cell as text: NULL is empty. */
export function cellText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : typeof cell === 'string' ? cell.replace(/\r?\n/g, '\\n') : String(cell);
}

/** A table as Markdown-like text, numbers to the right: `| id | name |`. Ends in a newline. */
export function pipeTable(table: ResultTable): string {
  const rows = table.rows.map((row) => row.map((cell) => cellText(cell).replaceAll('|', '\\|')));
  const sizes = sizesOf(
    table.columns.map((c) => c.name),
    rows,
  );
  const line = (cells: readonly string[], right: (i: number) => boolean) => `| ${cells.map((c, i) => pad(c, sizes[i] ?? 0, right(i))).join(' | ')} |`;
  return [
    line(
      table.columns.map((c) => c.name),
      () => false,
    ),
    line(
      sizes.map((n) => '-'.repeat(n)),
      () => false,
    ),
    ...rows.map((row) => line(row, (i) => isNumber(table, i))),
    '',
  ].join('\n');
}

/** A small table for a terminal, cut to its width; columns that do not fit are counted in the last line. */
export function smallTable(table: ResultTable, columns: number, p: Paint): string {
  // A table of one column has the whole width.
  const most = Math.max(40, Math.floor(columns / table.columns.length));
  const rows = table.rows.map((row) => row.map((cell) => (cell === null ? 'NULL' : clip(cellText(cell), most))));
  const names = table.columns.map((c) => clip(c.name, most));
  const sizes = sizesOf(names, rows);
  let shown = 0;
  let used = 0;
  for (const size of sizes) {
    if (shown > 0 && used + size + 2 > columns) break;
    used += size + 2;
    shown++;
  }
  const line = (cells: readonly string[]) =>
    cells
      .slice(0, shown)
      .map((c, i) => pad(clip(c, Math.max(columns, 8)), sizes[i] ?? 0, isNumber(table, i)))
      .join('  ')
      .trimEnd();
  const out = [p('bold', line(names)), ...rows.map((row) => line(row))];
  if (shown < names.length)
    out.push(p('dim', `... and ${names.length - shown} more columns: ${clip(names.slice(shown).join(', '), Math.max(20, columns - 30))}`));
  return out.join('\n');
}

/** The failing rows of a test as a table, and how many more there are; nothing where there is nothing to show. */
export function sampleLines({ sample, failures }: Pick<NodeResult, 'sample' | 'failures'>, columns: number, p: Paint): readonly string[] {
  if (!sample || !worthShowing(sample)) return [];
  const more = (failures ?? 0) - sample.rows.length;
  return [smallTable(sample, columns, p), ...(more > 0 ? [p('dim', `... and ${more} more`)] : [])];
}

/** Whether a sample of failing rows tells anything: one column of nothing but NULL does not. */
function worthShowing(sample: ResultTable): boolean {
  return sample.rows.length > 0 && (sample.columns.length > 1 || sample.rows.some((row) => row[0] !== null));
}

/** The rows as CSV with a line of names in front. NULL is empty; a field is quoted where it must be. Ends in a newline. */
export function csvTable(table: ResultTable): string {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = table.rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  return [table.columns.map((c) => c.name), ...rows].map((row) => `${row.map(field).join(',')}\n`).join('');
}

/** The rows as objects by column name, as JSON text holds them; integers beyond 2^53 stay exact as text. */
export function jsonRows(table: ResultTable): { readonly [column: string]: null | boolean | number | string }[] {
  return table.rows.map((row) => Object.fromEntries(table.columns.map((c, i) => [c.name, jsonCell(row[i], c.type)])));
}

function jsonCell(cell: Cell | undefined, type: string): null | boolean | number | string {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'bigint') return String(cell);
  if (type === 'decimal' && typeof cell === 'string') return Number(cell);
  if (typeof cell === 'number' && !Number.isFinite(cell)) return String(cell);
  return cell;
}

function isNumber(table: ResultTable, i: number): boolean {
  const type = table.columns[i]?.type;
  return type === 'integer' || type === 'decimal' || type === 'float';
}

function sizesOf(names: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return names.map((name, i) => rows.reduce((n, row) => Math.max(n, width(row[i] ?? '')), width(name)));
}
