import type { Cell } from '../../sql/index.ts';
import { HIDDEN } from '../private.ts';

type Row = readonly Cell[];

/** A line of the difference: a row that both have, one that only one side has, or one that differs in some cells. */
interface Line {
  readonly mark: '' | '→' | '+++' | '---' | '...';
  readonly cells: readonly string[];
}

/**
 * How the rows a model gave differ from the expected ones, whatever their order, as text; undefined where they do not. `---` marks rows that
 * are missing, `+++` rows that nobody expected, `→` rows that differ (`expected→actual` in the cells that do). Of a column that `hidden` names,
 * no value is told.
 */
export function rowDiff(
  columns: readonly string[],
  expected: readonly Row[],
  actual: readonly Row[],
  hidden: (column: string) => boolean = () => false,
): string | undefined {
  const secret = columns.map(hidden);
  const text = (cell: Cell, i: number): string => (secret[i] && cell !== null ? HIDDEN : cellText(cell));
  const left = sorted(expected);
  const right = sorted(actual);
  const { same, missing, extra } = split(left, right);
  if (missing.length === 0 && extra.length === 0) return undefined;
  const entries: { readonly key: Row; readonly line: Line }[] = same.map((row) => ({ key: row, line: { mark: '', cells: row.map(text) } }));
  const unpaired = [...extra];
  for (const row of missing) {
    const at = nearest(row, unpaired);
    const other = at === undefined ? undefined : unpaired[at];
    if (at === undefined || other === undefined) entries.push({ key: row, line: { mark: '---', cells: row.map(text) } });
    else {
      unpaired.splice(at, 1);
      entries.push({
        key: row,
        line: { mark: '→', cells: row.map((cell, i) => (equal(cell, other[i] ?? null) ? text(cell, i) : change(text(cell, i), text(other[i] ?? null, i)))) },
      });
    }
  }
  for (const row of unpaired) entries.push({ key: row, line: { mark: '+++', cells: row.map(text) } });
  entries.sort((a, b) => order(a.key, b.key));
  const lines = inContext(
    entries.map((e) => e.line),
    columns.length,
  );
  return layout(...narrowed(columns, lines));
}

/** The characters that a line may have before columns without a difference are left out. */
const WIDE = 160;

/** Wide rows without the columns in which no row differs, but for the first one, which tells most rows apart. */
function narrowed(columns: readonly string[], lines: readonly Line[]): [readonly string[], readonly Line[]] {
  const width = Math.max(...[columns, ...lines.map((l) => l.cells)].map((cells) => cells.join(',').length));
  const differing = columns.map((_, i) => lines.some((l) => l.mark === '→' && l.cells[i]?.includes('→')));
  const kept = columns.map((_, i) => i === 0 || (differing[i] ?? false));
  const left = kept.filter((k) => !k).length;
  // Of a row that only one side has, every column says something.
  if (width <= WIDE || left === 0 || lines.some((l) => l.mark === '---' || l.mark === '+++')) return [columns, lines];
  const pick = (cells: readonly string[]): readonly string[] => cells.filter((_, i) => kept[i]);
  return [[...pick(columns), `(${left} more without a difference)`], lines.map((l) => ({ mark: l.mark, cells: [...pick(l.cells), ''] }))];
}

/** Characters up to which a text is shown in full beside the one it has become. */
const LONG = 60;

/** What has become of a text; of long ones from just before they part. */
function change(before: string, after: string): string {
  if (before.length <= LONG && after.length <= LONG) return `${before}→${after}`;
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const from = Math.max(0, same - 15);
  const part = (text: string): string => `${from > 0 ? '…' : ''}${text.slice(from, from + LONG)}${text.length > from + LONG ? '…' : ''}`;
  return `${part(before)}→${part(after)}`;
}

function sorted(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort(order);
}

/** By the cells from left to right, nulls last. */
function order(a: Row, b: Row): number {
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? null;
    const y = b[i] ?? null;
    if (equal(x, y)) continue;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y ? -1 : 1;
  }
  return 0;
}

function equal(a: Cell, b: Cell): boolean {
  // NaN is what both sides mean by NaN.
  return a === b || (typeof a === 'number' && typeof b === 'number' && Number.isNaN(a) && Number.isNaN(b));
}

/** The rows that both have, counted, and those that only one has. Both sides are sorted. */
function split(left: readonly Row[], right: readonly Row[]): { readonly same: Row[]; readonly missing: Row[]; readonly extra: Row[] } {
  const same: Row[] = [];
  const missing: Row[] = [];
  const extra: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const a = left[i];
    const b = right[j];
    const which = a === undefined ? 1 : b === undefined ? -1 : order(a, b);
    if (which === 0) same.push(a as Row);
    else if (which < 0) missing.push(a as Row);
    else extra.push(b as Row);
    if (which <= 0) i++;
    if (which >= 0) j++;
  }
  return { same, missing, extra };
}

/** The row most like this one, where at least one cell is alike. */
function nearest(row: Row, others: readonly Row[]): number | undefined {
  let best: number | undefined;
  let alike = 0;
  for (const [i, other] of others.entries()) {
    const n = row.filter((cell, c) => equal(cell, other[c] ?? null)).length;
    if (n > alike) {
      alike = n;
      best = i;
    }
  }
  // A single column has nothing else to tell which row is meant.
  return best ?? (row.length === 1 && others.length === 1 ? 0 : undefined);
}

/** Only one equal row around each that differs. */
function inContext(lines: readonly Line[], width: number): readonly Line[] {
  const near = (i: number): boolean => [i - 1, i, i + 1].some((k) => lines[k] !== undefined && lines[k]?.mark !== '');
  const out: Line[] = [];
  for (const [i, line] of lines.entries()) {
    if (near(i)) out.push(line);
    else if (out[out.length - 1]?.mark !== '...') out.push({ mark: '...', cells: Array.from({ length: width }, () => '...') });
  }
  return out;
}

function layout(columns: readonly string[], lines: readonly Line[]): string {
  const table = [['@@', ...columns], ...lines.map((l) => [l.mark, ...l.cells])];
  const widths = table[0]?.map((_, c) => Math.max(...table.map((row) => [...(row[c] ?? '')].length))) ?? [];
  const line = (row: readonly string[]): string => row.map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c] ?? 0))).join(',');
  return `${table.map(line).join('\n')}\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'boolean') return cell ? 'True' : 'False';
  if (typeof cell !== 'string') return String(cell);
  const visible = cell.replace(/[\x00-\x1f\x7f]/g, (ch) => ESCAPES[ch] ?? `\\x${ch.charCodeAt(0).toString(16).padStart(2, '0')}`);
  // Quotes tell the word from the null, and show blanks that nobody would see.
  return visible === '' || visible === 'NULL' || visible.trim() !== visible ? `'${visible}'` : visible;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
