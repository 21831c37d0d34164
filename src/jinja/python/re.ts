import { createContext, Script } from 'node:vm';
import { type Args, Callable, Obj, PyError, type Site, type Value } from '../value.ts';
import { Bound, Builtin, bind, callArgs, intArg, type Method, signature } from './arguments.ts';
import { index, slotName, str, typeError } from './core.ts';
import { Dict } from './dict.ts';
import { Iter } from './iterator.ts';
import { LimitError } from './limits.ts';
import { asText } from './markup.ts';
import { FLAGS, type Translated, translate } from './re-syntax.ts';
import { codeLength, codeSlice, quote, wide } from './text.ts';
import { Tuple } from './tuple.ts';

/** How an expression is used: `y` matches at a place, `some` too but not emptily, `g` searches on, `full` matches to the end of the text. */
type Use = '' | 'y' | 'some' | 'g' | 'full';

/** Milliseconds that one match may take, and all matches with the patterns of one module. */
const PATIENCE = 500;
const ENDURANCE = 5000;

/** The time that matching has taken with the patterns of one module: many slow matches add up. */
class Effort {
  private spent = 0;
  measure<T>(match: () => T): T {
    if (this.spent > ENDURANCE) throw new LimitError('the regular expressions take too long together');
    const start = performance.now();
    const before = processorTime();
    try {
      return match();
    } finally {
      // On a busy machine the clock runs on while nothing is matched; the process' other threads work meanwhile. The truth is below both.
      this.spent += Math.min(performance.now() - start, processorTime() - before);
    }
  }
}

/** Milliseconds that the process has computed. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Matches under a time limit: JavaScript itself cannot interrupt an expression that backtracks for hours, the engine's script timeout can. */
class Clock {
  private readonly box: { regex: RegExp | undefined; text: string } = createContext({ regex: undefined, text: '' }) as {
    regex: RegExp | undefined;
    text: string;
  };
  private readonly script = new Script('regex.exec(text)');
  exec(regex: RegExp, text: string): RegExpExecArray | null {
    Object.assign(this.box, { regex, text });
    try {
      return this.script.runInContext(this.box, { timeout: PATIENCE }) as RegExpExecArray | null;
    } catch (e) {
      // The error comes from the other context, where Error is another class.
      if (typeof e === 'object' && e !== null && 'code' in e && e.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
        throw new LimitError('the regular expression takes too long');
      throw e;
    }
  }
}

/** A compiled Python pattern. */
export class Pattern extends Obj {
  readonly typeName = 'Pattern';
  readonly pattern: string;
  readonly translated: Translated;
  private readonly variants = new Map<string, RegExp>();
  private readonly repetitions: number;
  private readonly grouped: boolean;
  private clock: Clock | undefined;
  private readonly effort: Effort;
  constructor(pattern: string, flags: number, effort: Effort) {
    super();
    this.effort = effort;
    this.pattern = pattern;
    this.translated = translate(pattern, flags);
    this.repetitions = pattern.match(/[*+}]/g)?.length ?? 0;
    this.grouped = /\)[*+{]/.test(pattern);
    try {
      this.regex('');
    } catch (error) {
      if (error instanceof SyntaxError) throw new PyError('error', `the pattern is not supported here: ${error.message}`);
      throw error;
    }
  }
  override module(): string {
    return 're';
  }
  override truthy(): boolean {
    return true;
  }
  override equals(other: Value): boolean {
    return other instanceof Pattern && other.pattern === this.pattern && other.translated.flags === this.translated.flags;
  }
  override hashKey(): unknown {
    return `\0p${this.translated.flags}:${this.pattern}`;
  }
  override repr(): string {
    const names = Object.entries(FLAGS).filter(([name, bit]) => name !== 'UNICODE' && (this.translated.flags & bit) !== 0);
    return `re.compile(${quote(this.pattern)}${names.length === 0 ? '' : `, ${names.map(([name]) => `re.${name}`).join('|')}`})`;
  }
  override attr(name: string): Value | undefined {
    const method = patternMethods.get(name);
    if (method !== undefined) return new Bound<Pattern>(this, name, method);
    if (name === 'pattern') return this.pattern;
    if (name === 'flags') return this.translated.flags;
    if (name === 'groups') return this.translated.groups.length - 1;
    return name === 'groupindex' ? new Dict(this.translated.names) : undefined;
  }
  /** Matches; where that may take time out of all proportion (a repeated group can be matched in ever so many ways, as can repetitions in a row) under a limit. */
  private run(regex: RegExp, text: string): RegExpExecArray | null {
    const ways = text.length ** (this.repetitions + 1);
    if (ways < 1e4 && !this.grouped) return regex.exec(text);
    const hard = (this.grouped && text.length >= 20) || ways > 1e8;
    return this.effort.measure(() => (hard ? (this.clock ??= new Clock()).exec(regex, text) : regex.exec(text)));
  }
  /** The expression for one use. */
  regex(use: Use): RegExp {
    const known = this.variants.get(use);
    if (known !== undefined) return known;
    const { source, flags } = this.translated;
    const options = `v${use === '' ? '' : `d${use === 'g' ? 'g' : 'y'}`}${(flags & FLAGS.IGNORECASE) !== 0 ? 'i' : ''}`;
    const made = new RegExp(use === 'full' ? `(?:${source})$` : use === 'some' ? `(?=(?<rest>[\\s\\S]*))(?:${source})(?!\\k<rest>$)` : source, options);
    this.variants.set(use, made);
    return made;
  }
  /** The first match at or after a place (in UTF-16 units). */
  exec(use: Use, text: string, from: number): RegExpExecArray | null {
    const regex = this.regex(use);
    regex.lastIndex = from;
    const m = this.run(regex, text);
    // A search may stop between the two halves of a wide character, where Python has no place.
    if (use === 'g' && m !== null && /^[\udc00-\udfff]/.test(text.slice(m.index, m.index + 1)) && /[\ud800-\udbff]$/.test(text.slice(0, m.index).slice(-1))) {
      return this.exec(use, text, m.index + 1);
    }
    return m;
  }
  /** All matches, one after the other. */
  *all(text: string, from = 0): Generator<RegExpExecArray> {
    let at = from;
    while (at <= text.length) {
      const m = this.exec('g', text, at);
      if (m === null) return;
      yield m;
      at = m.index + m[0].length;
      if (m[0] !== '') continue;
      // After an empty match Python looks for a longer one at the same place before it goes on.
      const longer = this.translated.prefersEmpty ? this.exec('some', text, at) : null;
      if (longer !== null) {
        longer.splice(1, 1);
        longer.indices?.splice(1, 1);
        yield longer;
        at += longer[0].length;
      } else at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
  }
  /** The text of a Python group in a match, or undefined where it took no part. */
  group(m: RegExpExecArray, i: number): string | undefined {
    return m[this.translated.groups[i] as number];
  }
  get count(): number {
    return this.translated.groups.length - 1;
  }
}

/** A match. */
export class Match extends Obj {
  readonly typeName = 'Match';
  readonly pattern: Pattern;
  readonly text: string;
  readonly found: RegExpExecArray;
  constructor(pattern: Pattern, text: string, found: RegExpExecArray) {
    super();
    this.pattern = pattern;
    this.text = text;
    this.found = found;
  }
  override module(): string {
    return 're';
  }
  override truthy(): boolean {
    return true;
  }
  /** Start and end of a group in code points; -1 where it took no part. */
  span(i: number): readonly [number, number] {
    const units = this.found.indices?.[this.pattern.translated.groups[i] as number];
    if (units === undefined) return [-1, -1];
    if (!wide(this.text)) return units;
    return [codeLength(this.text.slice(0, units[0])), codeLength(this.text.slice(0, units[1]))];
  }
  /** The number of a group given by number or name; raises IndexError. */
  number(key: Value | undefined): number {
    if (key === undefined) return 0;
    const i = asText(key) === undefined ? index(key) : this.pattern.translated.names.get(asText(key) as string);
    if (i === undefined || i < 0 || i > this.pattern.count) throw new PyError('IndexError', 'no such group');
    return i;
  }
  groupText(i: number): Value {
    return this.pattern.group(this.found, i) ?? null;
  }
  override item(key: Value): Value | undefined {
    try {
      return this.groupText(this.number(key));
    } catch {
      return undefined;
    }
  }
  override repr(): string {
    const [from, to] = this.span(0);
    return `<re.Match object; span=(${from}, ${to}), match=${quote(this.found[0])}>`;
  }
  override attr(name: string): Value | undefined {
    const method = matchMethods.get(name);
    if (method !== undefined) return new Bound<Match>(this, name, method);
    switch (name) {
      case 'string':
        return this.text;
      case 're':
        return this.pattern;
      case 'pos':
        return 0;
      case 'endpos':
        return codeLength(this.text);
      case 'lastindex':
        return this.lastIndex() ?? null;
      case 'lastgroup': {
        const last = this.lastIndex();
        for (const [group, i] of this.pattern.translated.names) if (i === last) return group;
        return null;
      }
      default:
        return undefined;
    }
  }
  private lastIndex(): number | undefined {
    const { closing } = this.pattern.translated;
    let last: number | undefined;
    for (let i = 1; i <= this.pattern.count; i++) {
      if (this.pattern.group(this.found, i) === undefined) continue;
      if (last === undefined || (closing[i] as number) > (closing[last] as number)) last = i;
    }
    return last;
  }
}

const groupsSignature = signature('groups', 0, 'default=');

const matchMethods: ReadonlyMap<string, Method<Match>> = new Map<string, Method<Match>>([
  [
    'group',
    (self, args) => {
      if (args.positional.length <= 1) return self.groupText(self.number(args.positional[0]));
      return new Tuple(args.positional.map((key) => self.groupText(self.number(key))));
    },
  ],
  [
    'groups',
    (self, args) => {
      const [fallback = null] = bind(groupsSignature, args);
      return new Tuple(Array.from({ length: self.pattern.count }, (_, i) => self.pattern.group(self.found, i + 1) ?? fallback));
    },
  ],
  [
    'groupdict',
    (self, args) => {
      const [fallback = null] = bind(groupsSignature, args);
      return new Dict(Array.from(self.pattern.translated.names, ([name, i]) => [name, self.pattern.group(self.found, i) ?? fallback] as const));
    },
  ],
  ['start', (self, args) => self.span(self.number(args.positional[0]))[0]],
  ['end', (self, args) => self.span(self.number(args.positional[0]))[1]],
  ['span', (self, args) => new Tuple(self.span(self.number(args.positional[0])))],
  ['expand', (self, args) => template(needText(args.positional[0]), self.pattern)(self.found)],
]);

function needText(v: Value | undefined): string {
  const text = asText(v);
  if (text === undefined) throw typeError(`expected string or bytes-like object, got '${slotName(v as Value)}'`);
  return text;
}

/** A replacement template as a function of the match: `\1`, `\g<name>`, `\n`. */
function template(text: string, pattern: Pattern): (m: RegExpExecArray) => string {
  if (!text.includes('\\')) return () => text;
  const parts: (string | number)[] = [];
  let at = 0;
  const item = /\\(?:g<([^>]*)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S])|$)/gu;
  for (let m = item.exec(text); m !== null; m = item.exec(text)) {
    parts.push(text.slice(at, m.index));
    at = item.lastIndex;
    const [, name, number, octal, ch] = m;
    if (name !== undefined || number !== undefined) parts.push(groupNumber((name ?? number) as string, pattern, m.index));
    else if (octal !== undefined) parts.push(String.fromCharCode(Number.parseInt(octal, 8)));
    else if (ch === undefined) throw new PyError('error', `bad escape (end of pattern) at position ${m.index}`);
    else parts.push(escaped(ch, m.index));
  }
  parts.push(text.slice(at));
  return (m) => parts.map((part) => (typeof part === 'string' ? part : (pattern.group(m, part) ?? ''))).join('');
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

function escaped(ch: string, at: number): string {
  const known = escapes[ch];
  if (known !== undefined) return known;
  if (/[A-Za-z]/.test(ch)) throw new PyError('error', ch === 'g' ? `missing < at position ${at + 2}` : `bad escape \\${ch} at position ${at}`);
  return `\\${ch}`;
}

function groupNumber(name: string, pattern: Pattern, at: number): number {
  if (/^\d+$/.test(name)) {
    if (Number(name) > pattern.count) throw new PyError('error', `invalid group reference ${name} at position ${at + 1}`);
    return Number(name);
  }
  const i = pattern.translated.names.get(name);
  if (i === undefined) throw new PyError('IndexError', `unknown group name ${quote(name)}`);
  return i;
}

const searchSignature = signature('search', 0, 'string', 'pos=', 'endpos=');

/** The text to search and where to begin, from the arguments of a method of Pattern. */
function region(args: Args): readonly [string, number] {
  const [string, pos, endpos] = bind(searchSignature, args);
  const text = needText(string);
  const cut = endpos === undefined ? text : codeSlice(text, 0, Math.max(0, intArg(endpos, 0)));
  const from = Math.max(0, intArg(pos, 0));
  return [cut, from === 0 ? 0 : codeSlice(cut, 0, from).length];
}

function once(use: 'y' | 'g' | 'full'): Method<Pattern> {
  return (self, args) => {
    const [text, from] = region(args);
    const found = self.exec(use, text, from);
    return found === null ? null : new Match(self, text, found);
  };
}

/** What `findall` gives for a match: the match, its one group, or a tuple of its groups. */
function findings(pattern: Pattern, m: RegExpExecArray): Value {
  if (pattern.count === 0) return m[0];
  const groups = Array.from({ length: pattern.count }, (_, i) => pattern.group(m, i + 1) ?? '');
  return pattern.count === 1 ? (groups[0] as string) : new Tuple(groups);
}

const subSignature = signature('sub', 0, 'repl', 'string', 'count=');

function substitute(self: Pattern, args: Args, site: Site): readonly [string, number] {
  const [repl, string, count] = bind(subSignature, args) as [Value, Value, Value?];
  const text = needText(string);
  const limit = intArg(count, 0);
  const fixed = asText(repl);
  if (fixed === undefined && !(repl instanceof Callable)) throw typeError(`expected str instance, ${slotName(repl)} found`);
  const make = fixed === undefined ? (m: RegExpExecArray) => str((repl as Callable).call(callArgs(new Match(self, text, m)), site)) : template(fixed, self);
  let out = '';
  let at = 0;
  let done = 0;
  for (const m of self.all(text)) {
    out += text.slice(at, m.index) + make(m);
    at = m.index + m[0].length;
    if (++done === limit) break;
  }
  return [out + text.slice(at), done];
}

const splitSignature = signature('split', 0, 'string', 'maxsplit=');

function split(self: Pattern, args: Args): Value[] {
  const [string, max] = bind(splitSignature, args);
  const text = needText(string);
  const limit = intArg(max, 0);
  const out: Value[] = [];
  let at = 0;
  let done = 0;
  for (const m of self.all(text)) {
    out.push(text.slice(at, m.index));
    for (let i = 1; i <= self.count; i++) out.push(self.group(m, i) ?? null);
    at = m.index + m[0].length;
    if (++done === limit) break;
  }
  out.push(text.slice(at));
  return out;
}

function* matches(self: Pattern, text: string, from: number): Generator<Value> {
  for (const m of self.all(text, from)) yield new Match(self, text, m);
}

const patternMethods: ReadonlyMap<string, Method<Pattern>> = new Map<string, Method<Pattern>>([
  ['match', once('y')],
  ['search', once('g')],
  ['fullmatch', once('full')],
  ['findall', (self, args) => Array.from(self.all(...region(args)), (m) => findings(self, m))],
  ['finditer', (self, args) => new Iter('callable_iterator', matches(self, ...region(args)))],
  ['sub', (self, args, site) => substitute(self, args, site)[0]],
  ['subn', (self, args, site) => new Tuple(substitute(self, args, site))],
  ['split', split],
]);

function compile(effort: Effort, pattern: Value | undefined, flags: Value | undefined): Pattern {
  if (pattern instanceof Pattern) {
    if (flags !== undefined && flags !== 0) throw new PyError('ValueError', 'cannot process flags argument with a compiled pattern');
    return pattern;
  }
  const text = asText(pattern);
  if (text === undefined) throw typeError('first argument must be string or compiled pattern');
  return new Pattern(text, intArg(flags, 0), effort);
}

/** A function of the module: the pattern, then the arguments of the method, with `flags` among them. */
function moduleFunction(effort: Effort, name: string, parameters: readonly string[]): Builtin {
  const sig = signature(name, 0, 'pattern', ...parameters, 'flags=');
  const method = patternMethods.get(name) as Method<Pattern>;
  return new Builtin(
    name,
    (args, site) => {
      const bound = bind(sig, args);
      const given = bound.slice(1, 1 + parameters.length);
      while (given.length > 0 && given.at(-1) === undefined) given.pop();
      return method(compile(effort, bound[0], bound[1 + parameters.length]), callArgs(...(given as Value[])), site);
    },
    'function',
  );
}

const compileSignature = signature('compile', 0, 'pattern', 'flags=');
const escapeSignature = signature('escape', 0, 'pattern');

// Written `I` and `IGNORECASE` alike.
const shortFlags = { I: 'IGNORECASE', L: 'LOCALE', M: 'MULTILINE', S: 'DOTALL', U: 'UNICODE', X: 'VERBOSE', A: 'ASCII' } as const;

const fixed: readonly (readonly [string, Value])[] = [
  ['escape', new Builtin('escape', (args) => needText(bind(escapeSignature, args)[0]).replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&'), 'function')],
  ['purge', new Builtin('purge', () => null, 'function')],
  ['Pattern', new Builtin('re.Pattern', () => noConstructor('Pattern'), 'type')],
  ['Match', new Builtin('re.Match', () => noConstructor('Match'), 'type')],
  ['error', new Builtin('re.error', () => noConstructor('error'), 'type')],
  ...Object.entries(FLAGS),
  ...Object.entries(shortFlags).map(([short, name]) => [short, FLAGS[name]] as const),
  ['NOFLAG', 0],
];

/** The members of Python's `re`; flags are plain ints. The patterns of one module share a limit of time. */
export function reModule(): Dict {
  const effort = new Effort();
  return new Dict([
    ['compile', new Builtin('compile', (args) => compile(effort, ...(bind(compileSignature, args) as [Value, Value?])), 'function')],
    ...['match', 'search', 'fullmatch', 'findall', 'finditer'].map((name): [string, Value] => [name, moduleFunction(effort, name, ['string'])]),
    ...['sub', 'subn'].map((name): [string, Value] => [name, moduleFunction(effort, name, ['repl', 'string', 'count='])]),
    ['split', moduleFunction(effort, 'split', ['string', 'maxsplit='])],
    ...fixed,
  ]);
}

function noConstructor(name: string): never {
  throw typeError(`cannot create 're.${name}' instances`);
}
