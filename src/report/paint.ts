import pc from 'picocolors';

export type Style = 'green' | 'red' | 'yellow' | 'blue' | 'cyan' | 'dim' | 'bold';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** The colours of a terminal, or none. */
export function paint(colours: boolean): Paint {
  if (!colours) return (_, text) => text;
  const on = pc.createColors(true);
  return (style, text) => on[style](text);
}

/** The colours of a diagnostic's parts, for `renderDiagnostic`. */
export function diagnosticPaint(p: Paint): (part: 'error' | 'warning' | 'note' | 'place' | 'hint' | 'gutter', text: string) => string {
  const styles = { error: 'red', warning: 'yellow', note: 'blue', place: 'cyan', hint: 'green', gutter: 'dim' } as const;
  return (part, text) => p(styles[part], text);
}

const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** The text without its escape sequences. */
export function plain(text: string): string {
  return text.includes('\u001b') ? text.replace(ESCAPES, '') : text;
}

/** Terminal columns that a text takes: wide East Asian characters and emoji count two, marks and escape sequences none. */
export function width(text: string): number {
  const bare = plain(text);
  if (/^[\x20-\x7e]*$/.test(bare)) return bare.length;
  let n = 0;
  for (const c of bare) n += charWidth(c);
  return n;
}

function charWidth(c: string): number {
  if (/[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u.test(c)) return 0;
  const code = c.codePointAt(0) ?? 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** The text cut to at most `columns` columns, with `…` where something was cut. Colours are dropped from a text that is cut. */
export function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let out = '';
  let used = 0;
  for (const c of plain(text)) {
    const w = charWidth(c);
    if (used + w > columns - 1) break;
    out += c;
    used += w;
  }
  return columns > 0 ? `${out}…` : '';
}

/** The text filled with blanks to `columns` columns. */
export function pad(text: string, columns: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, columns - width(text)));
  return right ? blanks + text : text + blanks;
}

/** `1 error`, `2 errors`. */
export function plural(n: number, one: string, many: string = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
