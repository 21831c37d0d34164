import { tokens } from '../sql/index.ts';

/** Whether two templates say the same: blanks and comments do not count, unless a comment holds something of a template. */
export function sameMeaning(a: string, b: string): boolean {
  const [left, right] = [words(a), words(b)];
  return left.length === right.length && left.every((word, i) => word === right[i]);
}

function words(template: string): readonly string[] {
  const text = template.replace(/\{#.*?#\}/gs, ' ');
  const out: string[] = [];
  for (const { kind, start, end } of tokens(text)) {
    const word = text.slice(start, end);
    if (kind !== 'space' && (kind !== 'comment' || /[{}%]/.test(word))) out.push(word);
  }
  return out;
}

/** Where two texts begin to differ, as `line 3: ... -> ...`. */
export function firstDifference(now: string, before: string): string {
  const [left, right] = [before.trim().split('\n'), now.trim().split('\n')];
  let line = 0;
  while (line < left.length && line < right.length && left[line] === right[line]) line++;
  const shown = (text: string | undefined): string => (text === undefined ? '(nothing)' : short(text.trim()));
  return `line ${line + 1}: ${shown(left[line])} -> ${shown(right[line])}`;
}

function short(text: string): string {
  return `\`${text.length > 60 ? `${text.slice(0, 57)}...` : text}\``;
}
