import type { ColumnProfile, TableProfile } from '../run/index.ts';
import { clip, type Paint, pad, plural, width } from './paint.ts';
import { cellText } from './table.ts';

const BARS = '▁▂▃▄▅▆▇█';
/** Columns of a terminal that a name, a type or a value may take. */
const MOST = 28;

/** A profile as a table for a terminal, a line for each column. */
export function profileText(name: string, { rows, columns }: TableProfile, p: Paint): string {
  const head = ['column', 'type', 'nulls', 'distinct', 'min', 'max', 'mean', 'values'];
  const lines = columns.map((c) => [
    clip(c.name, MOST),
    clip(c.type, MOST),
    shareText(c.nulls, rows),
    c.distinct === null ? '' : String(c.distinct),
    clip(cellText(c.min), MOST),
    clip(cellText(c.max), MOST),
    c.mean === null ? '' : String(Number(c.mean.toPrecision(6))),
    valuesText(c),
  ]);
  const sizes = head.map((h, i) => Math.max(width(h), ...lines.map((l) => width(l[i] ?? ''))));
  const text = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, sizes[i] ?? 0, i > 1 && i < 7))
      .join('  ')
      .trimEnd();
  return `${name}: ${plural(rows, 'row')}, ${plural(columns.length, 'column')}\n\n${p('bold', text(head))}\n${lines.map((l) => `${text(l)}\n`).join('')}`;
}

/** `12 (4.0%)` */
function shareText(part: number, whole: number): string {
  return part === 0 ? '0' : `${part} (${((100 * part) / whole).toFixed(1)}%)`;
}

function valuesText(c: ColumnProfile): string {
  if (c.private) return '***';
  if (c.histogram) return bars(c.histogram);
  return (c.values ?? []).map((v) => `${clip(cellText(v.value), MOST)} ${v.rows}`).join(', ');
}

/** A bar for each count; none where nothing was counted. */
function bars(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts.map((n) => (n === 0 ? ' ' : BARS[Math.ceil((n * BARS.length) / most) - 1])).join('');
}
