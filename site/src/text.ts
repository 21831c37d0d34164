/** The order of names as people count: `g2` before `g10`. */
export const compare = new Intl.Collator('en', { numeric: true }).compare;

/** `1 model`, `1,234 models`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** A number of rows, short: `12.3 k`, `4.5 M`. */
export function short(n: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e4],
  ] as const) {
    const by = unit === 'k' ? 1e3 : size;
    if (Math.abs(n) >= size) return `${trimmed(n / by)} ${unit}`;
  }
  return n.toLocaleString('en');
}

/** A size on disk, from bytes. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = n < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${trimmed(n / 1000 ** power)} ${units[power]}`;
}

/** A duration from seconds: `4 ms`, `1.2 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.max(seconds > 0 ? 1 : 0, Math.round(seconds * 1000))} ms`;
  if (seconds < 59.95) return `${trimmed(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long before `now` (milliseconds since 1970) an ISO time was: `just now`, `3 hours ago`. */
export function ago(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return iso;
  if (seconds < 90) return 'just now';
  for (const [unit, size] of [
    ['year', 31_557_600],
    ['month', 2_629_800],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const)
    if (seconds >= size * 1.5 || unit === 'minute') return `${count(Math.round(seconds / size), unit)} ago`;
  return iso;
}

/** An ISO time as the reader's clock would tell it. */
export function moment(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** The first sentence of a Markdown text, as plain text of one line. */
export function summary(markdown: string): string {
  const paragraph = markdown.trim().split(/\n\s*\n/, 1)[0] ?? '';
  const plain = paragraph
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^#+\s*|[`*]|(?<!\w)_|_(?!\w)/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  return /^.*?[.!?](?=\s|$)/.exec(plain)?.[0] ?? plain;
}

function trimmed(n: number): string {
  return n >= 99.5 ? Math.round(n).toLocaleString('en') : n.toFixed(1).replace(/\.0$/, '');
}
