import { isSpace, printable } from './text.ts';

const cased = /\p{Cased}/u;

// The first letter of a word in title case: `ß` gives `Ss`, the digraphs have letters of their own.
const digraphs: Readonly<Record<string, string>> = { ǆ: 'ǅ', Ǆ: 'ǅ', ǅ: 'ǅ', ǉ: 'ǈ', Ǉ: 'ǈ', ǈ: 'ǈ', ǌ: 'ǋ', Ǌ: 'ǋ', ǋ: 'ǋ', ǳ: 'ǲ', Ǳ: 'ǲ', ǲ: 'ǲ' };

function titleLetter(ch: string): string {
  const digraph = digraphs[ch];
  if (digraph !== undefined) return digraph;
  const [head, ...rest] = ch.toUpperCase();
  return (head ?? '') + rest.join('').toLowerCase();
}

/** The lower case of the letter at a place: a sigma that ends a word has a form of its own. */
function lowerLetter(ch: string, s: string, at: number): string {
  return ch === 'Σ' ? (s.toLowerCase()[s.slice(0, at).toLowerCase().length] as string) : ch.toLowerCase();
}

/** `s.capitalize()`. */
export function capitalize(s: string): string {
  const code = s.codePointAt(0);
  if (code === undefined) return s;
  const head = String.fromCodePoint(code);
  return titleLetter(head) + s.toLowerCase().slice(head.toLowerCase().length);
}

/** `s.title()`: a word is a run of cased letters. */
export function titlecase(s: string): string {
  let out = '';
  let at = 0;
  let within = false;
  for (const ch of s) {
    out += within ? lowerLetter(ch, s, at) : titleLetter(ch);
    within = cased.test(ch);
    at += ch.length;
  }
  return out;
}

/** `s.swapcase()`. */
export function swapcase(s: string): string {
  let out = '';
  let at = 0;
  for (const ch of s) {
    out += ch === ch.toLowerCase() ? ch.toUpperCase() : lowerLetter(ch, s, at);
    at += ch.length;
  }
  return out;
}

const all =
  (pattern: RegExp) =>
  (s: string): boolean =>
    pattern.test(s);

function isLower(s: string): boolean {
  return /\p{Lowercase}/u.test(s) && !/[\p{Lu}\p{Lt}]/u.test(s);
}

function isUpper(s: string): boolean {
  return /\p{Uppercase}/u.test(s) && !/[\p{Ll}\p{Lt}]/u.test(s);
}

function isTitle(s: string): boolean {
  let within = false;
  let any = false;
  for (const ch of s) {
    if (/[\p{Uppercase}\p{Lt}]/u.test(ch)) {
      if (within) return false;
      within = true;
      any = true;
    } else if (/\p{Lowercase}/u.test(ch)) {
      if (!within) return false;
    } else within = false;
  }
  return any;
}

// Digits beyond the decimal ones: superscripts, subscripts and circled or dotted digits.
const otherDigits =
  '\\u00b2\\u00b3\\u00b9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792';
const cjkNumbers =
  '\\u3405\\u3483\\u382a\\u3b4d\\u4e00\\u4e03\\u4e07\\u4e09\\u4e5d\\u4e8c\\u4e94\\u4ebf\\u4edf\\u5104\\u5146\\u516b\\u516d\\u5341\\u5343\\u56db\\u58f1\\u62fe\\u767e\\u842c\\u96f6';

/** The `is...` methods of str. */
export const stringTests: Readonly<Record<string, (s: string) => boolean>> = {
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isalpha: all(/^\p{L}+$/u),
  isascii: all(/^[\0-\x7f]*$/),
  isdecimal: all(/^\p{Nd}+$/u),
  isdigit: all(new RegExp(`^[\\p{Nd}${otherDigits}]+$`, 'u')),
  isnumeric: all(new RegExp(`^[\\p{N}${cjkNumbers}]+$`, 'u')),
  isidentifier: all(/^[\p{XID_Start}_]\p{XID_Continue}*$/u),
  islower: isLower,
  isupper: isUpper,
  istitle: isTitle,
  isspace: (s) => s !== '' && [...s].every(isSpace),
  isprintable: (s) => [...s].every(printable),
};
