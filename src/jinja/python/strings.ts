import { type Args, Obj, PyError, type Value } from '../value.ts';
import { bind, intArg, type Method, nativeSignature, nullary, positional } from './arguments.ts';
import { Bytes } from './bytes.ts';
import { index, isInt, needIndex, slotName, truthy, tryIterate, typeError, valueError } from './core.ts';
import { Dict } from './dict.ts';
import { capitalize, stringTests, swapcase, titlecase } from './letters.ts';
import { asText } from './markup.ts';
import { pad } from './spec.ts';
import { codeLength, codePoints, codeSlice, isSpace, SPACE, splitLines, strip, stripLeft, stripRight, wide, words } from './text.ts';
import { Tuple } from './tuple.ts';

type StrMethod = Method<string>;

/** A str argument; raises TypeError as C code words it. */
function textArg(v: Value | undefined, name: string, at: number | undefined): string {
  const text = asText(v);
  if (text === undefined) throw typeError(`${name}() argument${at === undefined ? '' : ` ${at}`} must be str, not ${slotName(v as Value)}`);
  return text;
}

/** The part of a text that optional start and end arguments select, and where it begins in code points; undefined where start is past the end. */
function part(self: string, start: Value | undefined, stop: Value | undefined): { readonly text: string; readonly from: number } | undefined {
  if (start === undefined) return { text: self, from: 0 };
  const size = codeLength(self);
  const clamp = (v: Value | undefined, fallback: number): number => {
    if (v === undefined || v === null) return fallback;
    const n = index(v);
    if (n === undefined) throw typeError('slice indices must be integers or None or have an __index__ method');
    return n < 0 ? Math.max(0, n + size) : n;
  };
  const from = clamp(start, 0);
  const to = Math.min(size, clamp(stop, size));
  if (from > size || to < from) return undefined;
  return { text: codeSlice(self, from, to), from };
}

/** The arguments of the methods that search: their errors are worded in a way of their own. */
function searchArgs(args: Args, name: string): readonly Value[] {
  const given = args.positional.length;
  if (args.named.size === 0 && (given < 1 || given > 3)) {
    throw typeError(`${name}() takes at ${given < 1 ? 'least 1 argument' : 'most 3 arguments'} (${given} given)`);
  }
  return positional(args, `str.${name}`, 1, 3);
}

function search(self: string, args: Args, name: string, last: boolean): number {
  const [sub, start, stop] = searchArgs(args, name);
  const needle = asText(sub);
  if (needle === undefined) throw typeError(`must be str, not ${slotName(sub as Value)}`);
  const where = part(self, start, stop);
  if (where === undefined) return -1;
  const at = last ? where.text.lastIndexOf(needle) : where.text.indexOf(needle);
  if (at < 0) return -1;
  return where.from + (wide(where.text) ? codeLength(where.text.slice(0, at)) : at);
}

function found(at: number): number {
  if (at < 0) throw valueError('substring not found');
  return at;
}

function count(self: string, args: Args): number {
  const [sub, start, stop] = searchArgs(args, 'count');
  const needle = asText(sub);
  if (needle === undefined) throw typeError(`must be str, not ${slotName(sub as Value)}`);
  const where = part(self, start, stop);
  if (where === undefined) return 0;
  return needle === '' ? codeLength(where.text) + 1 : where.text.split(needle).length - 1;
}

function affix(self: string, args: Args, name: 'startswith' | 'endswith'): boolean {
  const [first, start, stop] = searchArgs(args, name) as [Value, Value?, Value?];
  const where = part(self, start, stop);
  const test = (text: string): boolean => where !== undefined && (name === 'startswith' ? where.text.startsWith(text) : where.text.endsWith(text));
  const single = asText(first);
  if (single !== undefined) return test(single);
  if (!(first instanceof Tuple)) throw typeError(`${name} first arg must be str or a tuple of str, not ${slotName(first)}`);
  return first.items.some((item) => {
    const text = asText(item);
    if (text === undefined) throw typeError(`tuple for ${name} must only contain str, not ${slotName(item)}`);
    return test(text);
  });
}

const splitSignature = nativeSignature('split', 'sep=', 'maxsplit=');
const rsplitSignature = nativeSignature('rsplit', 'sep=', 'maxsplit=');

function split(self: string, args: Args, right: boolean): Value[] {
  const [sepArg, maxArg] = bind(right ? rsplitSignature : splitSignature, args);
  const max = intArg(maxArg, -1);
  if (sepArg === undefined || sepArg === null) return right ? splitSpaceRight(self, max) : splitSpace(self, max);
  const sep = asText(sepArg);
  if (sep === undefined) throw typeError(`must be str or None, not ${slotName(sepArg)}`);
  if (sep === '') throw valueError('empty separator');
  const parts = self.split(sep);
  if (max < 0 || parts.length <= max + 1) return parts;
  if (right) return [parts.slice(0, parts.length - max).join(sep), ...parts.slice(parts.length - max)];
  return [...parts.slice(0, max), parts.slice(max).join(sep)];
}

function splitSpace(self: string, max: number): string[] {
  if (max < 0) return words(self);
  const out: string[] = [];
  let rest = stripLeft(self);
  while (rest !== '' && out.length < max) {
    const at = rest.search(new RegExp(`[${SPACE}]`));
    if (at < 0) break;
    out.push(rest.slice(0, at));
    rest = stripLeft(rest.slice(at));
  }
  // Only the words that were split off lose the space around them; the rest keeps what trails.
  if (rest !== '') out.push(out.length < max ? stripRight(rest) : rest);
  return out;
}

function splitSpaceRight(self: string, max: number): string[] {
  if (max < 0) return words(self);
  const out: string[] = [];
  let rest = stripRight(self);
  while (rest !== '' && out.length < max) {
    let at = rest.length;
    while (at > 0 && !isSpace(rest[at - 1] as string)) at--;
    if (at === 0) break;
    out.unshift(rest.slice(at));
    rest = stripRight(rest.slice(0, at));
  }
  if (rest !== '') out.unshift(out.length < max ? stripLeft(rest) : rest);
  return out;
}

function stripChars(self: string, args: Args, name: string, left: boolean, right: boolean): string {
  const [chars] = positional(args, name, 0, 1);
  if (chars === undefined || chars === null) return left && right ? strip(self) : left ? stripLeft(self) : stripRight(self);
  const set = asText(chars);
  if (set === undefined) throw typeError(`${name} arg must be None or str`);
  return stripSet(self, set, left, right);
}

/** Drops the characters of `set` from the ends. */
export function stripSet(self: string, set: string, left: boolean, right: boolean): string {
  const drop = new Set(codePoints(set));
  const chars = codePoints(self);
  let from = 0;
  let to = chars.length;
  if (left) while (from < to && drop.has(chars[from] as string)) from++;
  if (right) while (to > from && drop.has(chars[to - 1] as string)) to--;
  return chars.slice(from, to).join('');
}

function partition(self: string, args: Args, last: boolean): Tuple {
  const name = last ? 'rpartition' : 'partition';
  const arg = positional(args, `str.${name}`, 1)[0] as Value;
  const sep = asText(arg);
  if (sep === undefined) throw typeError(`must be str, not ${slotName(arg)}`);
  if (sep === '') throw valueError('empty separator');
  const at = last ? self.lastIndexOf(sep) : self.indexOf(sep);
  if (at < 0) return new Tuple(last ? ['', '', self] : [self, '', '']);
  return new Tuple([self.slice(0, at), sep, self.slice(at + sep.length)]);
}

function replace(self: string, args: Args): string {
  const [oldArg, newArg, countArg] = positional(args, 'replace', 2, 3);
  const from = textArg(oldArg, 'replace', 1);
  const to = textArg(newArg, 'replace', 2);
  return replaceText(self, from, to, intArg(countArg, -1));
}

/** `self.replace(from, to, count)`; a negative count replaces all. */
export function replaceText(self: string, from: string, to: string, limit = -1): string {
  if (limit < 0 && from !== '') return self.replaceAll(from, () => to);
  if (from === '') {
    const chars = codePoints(self);
    let out = '';
    let left = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    for (const ch of chars) out += (left-- > 0 ? to : '') + ch;
    return out + (left > 0 ? to : '');
  }
  const parts = self.split(from);
  if (parts.length <= limit + 1) return parts.join(to);
  return parts.slice(0, limit + 1).join(to) + from + parts.slice(limit + 1).join(from);
}

function justify(self: string, args: Args, name: string, align: '<' | '>' | '^'): string {
  const [width, fillArg] = positional(args, name, 1, 2);
  const fill = fillArg === undefined ? ' ' : asText(fillArg);
  if (fill === undefined || codeLength(fill) !== 1) {
    throw typeError(
      fill === undefined
        ? `The fill character must be a unicode character, not ${slotName(fillArg as Value)}`
        : 'The fill character must be exactly one character long',
    );
  }
  const size = needIndex(width as Value);
  if (size > 1 << 26) throw new PyError('MemoryError', 'the text is too large');
  return align === '^' ? centered(self, size, fill) : pad(self, size, align, fill);
}

/** `self.center(width, fill)`: an odd space goes left when the width is odd, as CPython does. */
export function centered(self: string, width: number, fill = ' '): string {
  const missing = width - codeLength(self);
  if (missing <= 0) return self;
  const left = (missing >> 1) + (missing & width & 1);
  return fill.repeat(left) + self + fill.repeat(missing - left);
}

function zfill(self: string, args: Args): string {
  const width = needIndex(positional(args, 'str.zfill', 1)[0] as Value);
  const missing = width - codeLength(self);
  if (missing <= 0) return self;
  const sign = /^[+-]/.test(self) ? (self[0] as string) : '';
  return sign + '0'.repeat(missing) + self.slice(sign.length);
}

const tabSignature = nativeSignature('expandtabs', 'tabsize=');

function expandTabs(self: string, args: Args): string {
  const size = intArg(bind(tabSignature, args)[0], 8);
  let column = 0;
  let out = '';
  for (const ch of self) {
    if (ch === '\t') {
      const n = size > 0 ? size - (column % size) : 0;
      out += ' '.repeat(n);
      column += n;
    } else {
      column = ch === '\n' || ch === '\r' ? 0 : column + 1;
      out += ch;
    }
  }
  return out;
}

/** `self.join(items)` of any iterable; raises TypeError for an item that is no str. */
export function join(self: string, items: Value): string {
  const all = tryIterate(items);
  if (all === undefined) throw typeError('can only join an iterable');
  let out = '';
  let at = 0;
  for (const item of all) {
    const text = typeof item === 'string' ? item : asText(item);
    if (text === undefined) throw typeError(`sequence item ${at}: expected str instance, ${slotName(item)} found`);
    out += at === 0 ? text : self + text;
    at++;
  }
  return out;
}

function translate(self: string, args: Args): string {
  const table = positional(args, 'str.translate', 1)[0] as Value;
  let out = '';
  for (const ch of self) {
    const found = table instanceof Obj ? table.item(ch.codePointAt(0) as number) : undefined;
    if (found === undefined) out += ch;
    else if (isInt(found)) out += String.fromCodePoint(Number(found));
    else if (found !== null) {
      const text = asText(found);
      if (text === undefined) throw typeError('character mapping must return integer, None or str');
      out += text;
    }
  }
  return out;
}

function makeTrans(_self: string, args: Args): Value {
  const [x, y, z] = positional(args, 'maketrans', 1, 3);
  const table = new Dict();
  if (y === undefined) {
    if (!(x instanceof Dict)) throw typeError('if you give only one argument to maketrans it must be a dict');
    for (const [key, value] of x.entries()) {
      const text = asText(key);
      if (text !== undefined && codeLength(text) !== 1) throw valueError('string keys in translate table must be of length 1');
      table.set(text === undefined ? key : (text.codePointAt(0) as number), value);
    }
    return table;
  }
  const from = codePoints(textArg(x, 'maketrans', 1));
  const to = codePoints(textArg(y, 'maketrans', 2));
  if (from.length !== to.length) throw valueError('the first two maketrans arguments must have equal length');
  for (const [i, ch] of from.entries()) table.set(ch.codePointAt(0) as number, (to[i] as string).codePointAt(0) as number);
  if (z !== undefined) for (const ch of textArg(z, 'maketrans', 3)) table.set(ch.codePointAt(0) as number, null);
  return table;
}

const lineSignature = nativeSignature('splitlines', 'keepends=');
const encodeSignature = nativeSignature('encode', 'encoding=', 'errors=');

function removeAffix(self: string, args: Args, name: 'removeprefix' | 'removesuffix'): string {
  const text = textArg(positional(args, `str.${name}`, 1)[0], name, undefined);
  if (text === '') return self;
  if (name === 'removeprefix') return self.startsWith(text) ? self.slice(text.length) : self;
  return self.endsWith(text) ? self.slice(0, -text.length) : self;
}

const simple = (name: string, body: (self: string) => Value): [string, StrMethod] => [name, nullary(`str.${name}`, (self) => body(self))];

/** The methods of str, but for `format` and `format_map`, which need the sandbox's access rules. */
export const strMethods: ReadonlyMap<string, StrMethod> = new Map<string, StrMethod>([
  simple('upper', (self) => self.toUpperCase()),
  simple('lower', (self) => self.toLowerCase()),
  simple('casefold', (self) => self.toUpperCase().toLowerCase().replaceAll('ς', 'σ')),
  simple('capitalize', capitalize),
  simple('swapcase', swapcase),
  simple('title', titlecase),
  ...Object.entries(stringTests).map(([name, test]) => simple(name, test)),
  ['find', (self, args) => search(self, args, 'find', false)],
  ['rfind', (self, args) => search(self, args, 'rfind', true)],
  ['index', (self, args) => found(search(self, args, 'index', false))],
  ['rindex', (self, args) => found(search(self, args, 'rindex', true))],
  ['count', count],
  ['startswith', (self, args) => affix(self, args, 'startswith')],
  ['endswith', (self, args) => affix(self, args, 'endswith')],
  ['split', (self, args) => split(self, args, false)],
  ['rsplit', (self, args) => split(self, args, true)],
  ['splitlines', (self, args) => splitLines(self, truthy(bind(lineSignature, args)[0] ?? false))],
  ['strip', (self, args) => stripChars(self, args, 'strip', true, true)],
  ['lstrip', (self, args) => stripChars(self, args, 'lstrip', true, false)],
  ['rstrip', (self, args) => stripChars(self, args, 'rstrip', false, true)],
  ['partition', (self, args) => partition(self, args, false)],
  ['rpartition', (self, args) => partition(self, args, true)],
  ['replace', replace],
  ['center', (self, args) => justify(self, args, 'center', '^')],
  ['ljust', (self, args) => justify(self, args, 'ljust', '<')],
  ['rjust', (self, args) => justify(self, args, 'rjust', '>')],
  ['zfill', zfill],
  ['expandtabs', expandTabs],
  ['join', (self, args) => join(self, positional(args, 'str.join', 1)[0] as Value)],
  ['removeprefix', (self, args) => removeAffix(self, args, 'removeprefix')],
  ['removesuffix', (self, args) => removeAffix(self, args, 'removesuffix')],
  ['translate', translate],
  ['maketrans', makeTrans],
  ['encode', (self, args) => Bytes.encode(self, ...(bind(encodeSignature, args).map((arg) => asText(arg)) as string[]))],
]);
