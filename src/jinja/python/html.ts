import { words } from './text.ts';

// The named entities a template is likely to meet; numeric ones are all known.
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\xa0',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  laquo: '«',
  raquo: '»',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  bull: '•',
  middot: '·',
  times: '×',
  divide: '÷',
  deg: '°',
  plusmn: '±',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  sect: '§',
  para: '¶',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  ntilde: 'ñ',
  larr: '←',
  rarr: '→',
  uarr: '↑',
  darr: '↓',
  infin: '∞',
  ne: '≠',
  le: '≤',
  ge: '≥',
};

/** Replaces HTML's character references by the characters they stand for. */
export function unescapeText(text: string): string {
  return text.replace(/&(?:#(\d+|[xX][0-9a-fA-F]+);?|([A-Za-z][A-Za-z0-9]*);?)/g, (whole, number: string | undefined, name: string | undefined) => {
    if (number !== undefined) {
      const code = /^x/i.test(number) ? Number.parseInt(number.slice(1), 16) : Number(number);
      return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
    }
    return Object.hasOwn(named, name as string) ? (named[name as string] as string) : whole;
  });
}

/** The text without tags and comments, with runs of whitespace collapsed and references replaced. */
export function stripTags(text: string): string {
  let out = '';
  let at = 0;
  for (let start = text.indexOf('<'); start >= 0; start = text.indexOf('<', at)) {
    const comment = text.startsWith('<!--', start);
    const end = comment ? text.indexOf('-->', start + 4) : text.indexOf('>', start);
    if (end < 0) break;
    out += text.slice(at, start);
    at = end + (comment ? 3 : 1);
  }
  return unescapeText(words(out + text.slice(at)).join(' '));
}
