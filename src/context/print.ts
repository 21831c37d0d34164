/** How a table is laid out: what agate takes where nobody says otherwise. */
export interface Layout {
  readonly maxRows: number;
  readonly maxColumns: number;
  readonly maxWidth: number;
  /** Decimal places shown of numbers. */
  readonly maxPlaces: number;
}

export const usualLayout: Layout = { maxRows: 20, maxColumns: 6, maxWidth: 20, maxPlaces: 3 };

/** A column to print: text stands left, everything else right; `decimal` texts are rounded alike and grouped by thousands. */
export interface PrintColumn {
  readonly name: string;
  readonly kind: 'text' | 'decimal' | 'other';
  readonly cells: readonly (string | null)[];
}

/** A table as Markdown, every row on a line of its own. */
export function printTable(columns: readonly PrintColumn[], layout: Layout = usualLayout): string {
  const shown = columns.slice(0, layout.maxColumns);
  const rows = columns[0]?.cells.length ?? 0;
  const cut = (text: string): string => (text.length > layout.maxWidth ? `${text.slice(0, layout.maxWidth - 3)}...` : text);
  const height = Math.min(rows, layout.maxRows);
  const grid = shown.map((c) => {
    const cells = c.cells.slice(0, height);
    const texts = c.kind === 'decimal' ? alike(cells, layout.maxPlaces) : cells.map((t) => t ?? '');
    return { left: c.kind === 'text', lines: [cut(c.name), ...texts.map(cut)] };
  });
  if (columns.length > shown.length) grid.push({ left: columns[shown.length]?.kind === 'text', lines: Array.from({ length: height + 1 }, () => '...') });
  const widths = grid.map((c) => Math.max(...c.lines.map((l) => l.length)));
  const line = (texts: readonly string[]): string =>
    `|${texts.map((t, i) => ` ${grid[i]?.left ? t.padEnd(widths[i] ?? 0) : t.padStart(widths[i] ?? 0)} `).join('|')}|`;
  const out = [line(grid.map((c) => c.lines[0] ?? '')), `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`];
  for (let i = 1; i <= height; i++) out.push(line(grid.map((c) => c.lines[i] ?? '')));
  if (rows > height) out.push(line(grid.map(() => '...')));
  return out.join('\n');
}

/** A table of texts with nothing cut off. */
export function plainTable(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = names.map((name, i): PrintColumn => ({ name, kind: 'text', cells: rows.map((r) => r[i] ?? '') }));
  return printTable(columns, { ...usualLayout, maxRows: rows.length, maxWidth: 50 });
}

/** Decimal texts with as many places as the longest of them, but no more than `limit`; those cut short end in an ellipsis. */
function alike(cells: readonly (string | null)[], limit: number): string[] {
  const numbers = cells.map((t) => (t === null ? null : expand(t)));
  const most = Math.max(0, ...numbers.map((n) => (n === null ? 0 : n.fraction.replace(/0+$/, '').length)));
  const places = Math.min(most, limit);
  const ending = most > limit ? '…' : '';
  return numbers.map((n, i) => (n === null ? (cells[i] ?? '') : rounded(n, places) + ending));
}

interface Digits {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
}

/** The digits of a decimal's text, `1.5E+3` included; null for infinities and NaN. */
function expand(text: string): Digits | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') return null;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 0);
  return { sign: sign === '-' ? '-' : '', whole: padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0', fraction: padded.slice(at) };
}

/** Rounded half to even, with commas between thousands. */
function rounded({ sign, whole, fraction }: Digits, places: number): string {
  const kept = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
  const rest = fraction.slice(places);
  const half = /^50*$/.test(rest);
  const up = half ? kept % 2n === 1n : (rest[0] ?? '0') >= '5';
  const digits = String(up ? kept + 1n : kept).padStart(places + 1, '0');
  const grouped = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ',');
  return sign + (places === 0 ? grouped : `${grouped}.${digits.slice(-places)}`);
}
