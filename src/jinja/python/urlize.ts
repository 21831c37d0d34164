import { escapeText } from './markup.ts';

/** How {@link urlize} writes a link. */
export interface LinkOptions {
  readonly limit: number | undefined;
  readonly rel: string;
  readonly target: string | undefined;
  readonly schemes: readonly string[];
}

const w = '[\\p{L}\\p{N}_%-]';
const d = '\\p{Nd}';
const link = new RegExp(
  `^(?:(?:https?://|www\\.)(?:(?:${w}+\\.)+)?(?:[a-z]{2,63}|xn--[\\p{L}\\p{N}_%]{2,59})` +
    `|(?:${w}{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)` +
    `|https?://(?:${d}{1,3}(?:\\.${d}{1,3}){3}|\\[(?:[${d}a-f]{0,4}:){2}(?:[${d}a-f]{0,4}:?){1,6}\\]))` +
    `(?::${d}{1,5})?(?:[/?#]\\S*)?$`,
  'iu',
);
const email = /^\S+@[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u;
const pairs = [
  ['(', ')'],
  ['<', '>'],
  ['&lt;', '&gt;'],
] as const;

const count = (text: string, part: string): number => text.split(part).length - 1;

/** Turns the URLs and email addresses of a text into links; the text is escaped. */
export function urlize(text: string, options: LinkOptions): string {
  const rel = options.rel === '' ? '' : ` rel="${escapeText(options.rel)}"`;
  const target = options.target === undefined || options.target === '' ? '' : ` target="${escapeText(options.target)}"`;
  return escapeText(text)
    .split(/(\s+)/u)
    .map((word) => linkWord(word, rel + target, options))
    .join('');
}

function linkWord(word: string, attributes: string, options: LinkOptions): string {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
  let middle = word.slice(head.length);
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? '';
  middle = middle.slice(0, middle.length - tail.length);
  // A bracket opened inside the link takes its closing partner back from the tail.
  for (const [open, close] of pairs) {
    const opened = count(middle, open);
    if (opened <= count(middle, close)) continue;
    for (let n = Math.min(opened, count(tail, close)); n > 0; n--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return head + linkMiddle(middle, attributes, options) + tail;
}

function linkMiddle(middle: string, attributes: string, options: LinkOptions): string {
  const { limit } = options;
  const shown = limit !== undefined && middle.length > limit ? `${middle.slice(0, limit)}...` : middle;
  if (link.test(middle)) {
    const href = middle.startsWith('https://') || middle.startsWith('http://') ? middle : `https://${middle}`;
    return `<a href="${href}"${attributes}>${shown}</a>`;
  }
  if (middle.startsWith('mailto:') && email.test(middle.slice(7))) return `<a href="${middle}">${middle.slice(7)}</a>`;
  if (middle.includes('@') && !middle.startsWith('www.') && !middle.startsWith('@') && !middle.includes(':') && email.test(middle)) {
    return `<a href="mailto:${middle}">${middle}</a>`;
  }
  for (const scheme of options.schemes) if (middle !== scheme && middle.startsWith(scheme)) return `<a href="${middle}"${attributes}>${middle}</a>`;
  return middle;
}
