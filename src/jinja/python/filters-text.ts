import { type Args, PyError, type Value } from '../value.ts';
import { bind, check, intArg, type Signature, signature } from './arguments.ts';
import { iterate, len, needIndex, slotName, str, truthy, tryIterate, typeError } from './core.ts';
import { Dict } from './dict.ts';
import { argumentError, attributeGetter, type Filter, type FilterHost } from './host.ts';
import { stripTags } from './html.ts';
import { capitalize } from './letters.ts';
import { asText, escapeHtml, escapeText, Markup } from './markup.ts';
import { percent } from './percent.ts';
import { prettyPrint } from './pprint.ts';
import { centered, replaceText, stripSet } from './strings.ts';
import { codeLength, codeSlice, quote, SPACE, splitLines, strip, words } from './text.ts';
import { Tuple } from './tuple.ts';
import { Undefined } from './undefined.ts';
import { urlize } from './urlize.ts';
import { wrapText } from './wrap.ts';

/** The text of a value; a Markup stays one through `remake`. */
function soft(v: Value): string {
  return asText(v) ?? str(v);
}

function remake(v: Value, text: string): Value {
  return v instanceof Markup ? new Markup(text) : text;
}

/** A filter that changes text and takes no arguments. */
function letters(name: string, change: (text: string) => string): [string, Filter] {
  const sig = signature(`do_${name}`, 1);
  return [
    name,
    (v, args) => {
      if (args.positional.length > 0 || args.named.size > 0) bind(sig, args);
      return typeof v === 'string' ? change(v) : remake(v, change(soft(v)));
    },
  ];
}

function titled(text: string): string {
  return text
    .split(new RegExp(`([-${SPACE}({\\[<]+)`))
    .map((part) => codeSlice(part, 0, 1).toUpperCase() + codeSlice(part, 1).toLowerCase())
    .join('');
}

const replaceSignature = signature('do_replace', 2, 'old', 'new', 'count=');

const replace: Filter = (v, args, host) => {
  const [old, next, count] = bind(replaceSignature, args) as [Value, Value, Value?];
  const limit = count === undefined || count === null ? -1 : needIndex(count);
  if (host.autoescape !== true) return replaceText(str(v), str(old), str(next), limit);
  const text = old instanceof Markup || (next instanceof Markup && !(v instanceof Markup)) ? escapeHtml(v) : v;
  const to = text instanceof Markup ? escapeHtml(next).text : soft(next);
  return remake(text, replaceText(soft(text), soft(old), to, limit));
};

const trimSignature = signature('do_trim', 1, 'chars=');

const trim: Filter = (v, args) => {
  const [chars] = bind(trimSignature, args);
  const text = soft(v);
  if (chars === undefined || chars === null) return remake(v, strip(text));
  const set = asText(chars);
  if (set === undefined) throw typeError('strip arg must be None or str');
  return remake(v, stripSet(text, set, true, true));
};

const joinSignature = signature('do_join', 2, 'd=', 'attribute=');

const join: Filter = (v, args, host) => {
  const [d = '', attribute] = bind(joinSignature, args);
  const items = iterate(v);
  const get = attribute === undefined || attribute === null ? undefined : attributeGetter(attribute, host);
  if (host.autoescape === true) {
    const list = Array.from(items, (item) => (get === undefined ? item : get(item)));
    if (d instanceof Markup || list.some((item) => item instanceof Markup)) {
      return new Markup(list.map((item) => escapeHtml(item).text).join(escapeHtml(d).text));
    }
    return list.map(str).join(str(d));
  }
  const mark = str(d);
  let text: string | undefined;
  for (const item of items) {
    const part = str(get === undefined ? item : get(item));
    text = text === undefined ? part : text + mark + part;
  }
  return text ?? '';
};

const indentSignature = signature('do_indent', 1, 'width=', 'first=', 'blank=');

const indent: Filter = (v, args) => {
  const [width = 4, first = false, blank = false] = bind(indentSignature, args);
  const margin = asText(width) ?? ' '.repeat(Math.max(0, needIndex(width)));
  if (Array.isArray(v)) throw new PyError('AttributeError', "'list' object has no attribute 'splitlines'");
  if (v instanceof Undefined) throw v.error();
  if (asText(v) === undefined) throw typeError(`unsupported operand type(s) for +=: '${slotName(v)}' and 'str'`);
  const lines = splitLines(`${soft(v)}\n`);
  const text = truthy(blank) ? lines.join(`\n${margin}`) : lines.map((line, i) => (i > 0 && line !== '' ? margin + line : line)).join('\n');
  return remake(v, truthy(first) ? margin + text : text);
};

const truncateSignature = signature('do_truncate', 2, 'length=', 'killwords=', 'end=', 'leeway=');

const truncate: Filter = (v, args) => {
  const [lengthArg = 255, killwords = false, endArg = '...', leewayArg] = bind(truncateSignature, args);
  const size = needIndex(lengthArg);
  const end = soft(endArg);
  const leeway = leewayArg === undefined || leewayArg === null ? 5 : needIndex(leewayArg);
  const room = size - codeLength(end);
  if (room < 0) throw new PyError('AssertionError', `expected length >= ${codeLength(end)}, got ${size}`);
  if (leeway < 0) throw new PyError('AssertionError', `expected leeway >= 0, got ${leeway}`);
  if (len(v) <= size + leeway) return v;
  const text = asText(v);
  if (text === undefined) throw typeError(`can only concatenate ${slotName(v)} (not "str") to ${slotName(v)}`);
  const head = codeSlice(text, 0, room);
  if (truthy(killwords)) return remake(v, head + end);
  const space = head.lastIndexOf(' ');
  return remake(v, (space < 0 ? head : head.slice(0, space)) + end);
};

const wrapSignature = signature('do_wordwrap', 2, 'width=', 'break_long_words=', 'wrapstring=', 'break_on_hyphens=');

const wordwrap: Filter = (v, args) => {
  const [width = 79, breakLong = true, wrapstring, breakHyphens = true] = bind(wrapSignature, args);
  const text = asText(v);
  if (text === undefined) {
    if (v instanceof Undefined) throw v.error();
    throw new PyError('AttributeError', `'${slotName(v)}' object has no attribute 'splitlines'`);
  }
  const mark = wrapstring === undefined || wrapstring === null ? '\n' : soft(wrapstring);
  const options = { width: needIndex(width), breakLongWords: truthy(breakLong), breakOnHyphens: truthy(breakHyphens) };
  return splitLines(text)
    .map((line) => wrapText(line, options).join(mark))
    .join(mark);
};

const format: Filter = (v, args) => {
  if (args.positional.length > 0 && args.named.size > 0) throw argumentError("can't handle positional and keyword arguments at the same time");
  const values = args.named.size > 0 ? new Dict(args.named) : new Tuple(args.positional);
  return v instanceof Markup ? (v.operate('%', values, false) as Value) : percent(soft(v), values);
};

/** Percent-encodes text as UTF-8. */
export function urlQuote(v: Value, query: boolean): string {
  const text = soft(v);
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const ch = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(ch) || (ch === '/' && !query)) out += ch;
    else out += ch === ' ' && query ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

const urlencode: Filter = (v) => {
  const items = asText(v) === undefined ? tryIterate(v) : undefined;
  if (items === undefined) return urlQuote(v, false);
  const entries = v instanceof Dict ? v.entries() : Array.from(items, twoOf);
  return Array.from(entries, ([key, value]) => `${urlQuote(key, true)}=${urlQuote(value, true)}`).join('&');
};

function twoOf(v: Value): [Value, Value] {
  const parts = [...iterate(v)];
  if (parts.length < 2) throw new PyError('ValueError', `not enough values to unpack (expected 2, got ${parts.length})`);
  if (parts.length > 2) throw new PyError('ValueError', 'too many values to unpack (expected 2)');
  return parts as [Value, Value];
}

const xmlattrSignature = signature('do_xmlattr', 2, 'autospace=');

const xmlattr: Filter = (v, args, host) => {
  const [autospace = true] = bind(xmlattrSignature, args);
  if (!(v instanceof Dict)) {
    if (v instanceof Undefined) throw v.error();
    throw new PyError('AttributeError', `'${slotName(v)}' object has no attribute 'items'`);
  }
  const parts: string[] = [];
  for (const [key, value] of v.entries()) {
    if (value === null || value instanceof Undefined) continue;
    const name = asText(key);
    if (name === undefined) throw typeError(`expected string or bytes-like object, got '${slotName(key)}'`);
    if (/[ \t\n\r\f\v/>=]/.test(name)) throw new PyError('ValueError', `Invalid character in attribute name: ${quote(name)}`);
    parts.push(`${escapeText(name)}="${escapeHtml(value).text}"`);
  }
  const text = (truthy(autospace) && parts.length > 0 ? ' ' : '') + parts.join(' ');
  return host.autoescape === true ? new Markup(text) : text;
};

const urlizeSignature = signature('do_urlize', 2, 'trim_url_limit=', 'nofollow=', 'target=', 'rel=', 'extra_schemes=');

const urlizeFilter: Filter = (v, args, host) => {
  const [limit = null, nofollow = false, target = null, rel = null, schemes = null] = bind(urlizeSignature, args);
  const relations = new Set([...(rel === null ? [] : words(soft(rel))), ...(truthy(nofollow) ? ['nofollow'] : []), 'noopener']);
  const extra = schemes === null ? [] : Array.from(iterate(schemes), soft);
  for (const scheme of extra) {
    if (!/^[\p{L}\p{N}_.+-]{2,}:\/{0,2}$/u.test(scheme)) throw argumentError(`${quote(scheme)} is not a valid URI scheme prefix.`);
  }
  const text = urlize(v instanceof Markup ? v.text : soft(v), {
    limit: limit === null ? undefined : needIndex(limit),
    rel: [...relations].sort().join(' '),
    target: target === null ? undefined : soft(target),
    schemes: extra,
  });
  return host.autoescape === true ? new Markup(text) : text;
};

const centerSignature = signature('do_center', 1, 'width=');

function wordCount(v: Value): number {
  return soft(v).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0;
}

const noArguments = (name: string, body: (v: Value, host: FilterHost) => Value): [string, Filter] => {
  const sig: Signature = signature(name, 1);
  return [name.replace(/^do_/, ''), (v, args: Args, host) => body(check(sig, args, v), host)];
};

/** The filters that make text. */
export const textFilters: readonly (readonly [string, Filter])[] = [
  letters('upper', (text) => text.toUpperCase()),
  letters('lower', (text) => text.toLowerCase()),
  letters('capitalize', capitalize),
  ['title', (v, args) => titled(soft(check(signature('do_title', 1), args, v)))],
  ['replace', replace],
  ['trim', trim],
  ['join', join],
  ['indent', indent],
  ['truncate', truncate],
  ['wordwrap', wordwrap],
  ['format', format],
  ['urlencode', urlencode],
  ['xmlattr', xmlattr],
  ['urlize', urlizeFilter],
  ['center', (v, args) => remake(v, centered(soft(v), intArg(bind(centerSignature, args)[0], 80)))],
  noArguments('do_wordcount', wordCount),
  noArguments('do_striptags', (v) => stripTags(soft(v))),
  noArguments('do_pprint', (v) => prettyPrint(v)),
  noArguments('escape', escapeHtml),
  noArguments('e', escapeHtml),
  noArguments('do_forceescape', (v) => new Markup(escapeText(soft(v)))),
  noArguments('safe', (v) => (v instanceof Markup ? v : new Markup(str(v)))),
  noArguments('string', (v) => (v instanceof Markup ? v : str(v))),
];
