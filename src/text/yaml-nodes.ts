import { Cursor } from './yaml-cursor.ts';
import { MapBuilder, Places } from './yaml-places.ts';
import { isBreak, YamlProblem } from './yaml-problem.ts';
import { resolvePlain, resolveTagged, ScalarProblem } from './yaml-resolve.ts';
import { endsKey, isBlank, isDocumentMark, readPlain, readQuoted } from './yaml-scalar.ts';
import { isMap, type Yaml, type YamlMap } from './yaml-value.ts';

/** The anchor and tag in front of a node. */
export interface Properties {
  anchor: string | undefined;
  tag: string | undefined;
  written: string;
  start: number;
}

const STANDARD = 'tag:yaml.org,2002:';
/** How deep collections may nest; more is an attack or an accident, and would exhaust the stack. */
const DEEPEST = 500;
/** An anchor whose node is still being read: an alias to it would make a cycle. */
export const OPEN: unique symbol = Symbol('open');

/** What an atom was: unquoted text, quoted text, or no scalar. */
export type Kind = 'plain' | 'text' | 'other';

/** Reads what stands on one line or between brackets: scalars, aliases, anchors and tags, flow collections. */
export class NodeReader extends Cursor {
  readonly places = new Places();
  protected readonly anchors = new Map<string, Yaml | typeof OPEN>();
  /** What the last `atom` was, and where the last node ended. */
  protected kind: Kind = 'other';
  protected last = 0;
  /** Where the last quoted text began, if it went over several lines. */
  protected quote = -1;
  private depth = 0;

  protected enter(): void {
    if (++this.depth > DEEPEST) throw new YamlProblem(`collections nest more than ${DEEPEST} deep`, this.pos, this.pos + 1, 'deep');
  }

  protected leave(): void {
    this.depth--;
  }

  /** Reads a scalar, an alias or a flow collection; `kind` says which. A scalar comes as its text. */
  protected atom(indent: number, c: number, flow = false): Yaml {
    const start = this.pos;
    this.fresh = false;
    if (c === 34 || c === 39) {
      const { text, end, lines } = readQuoted(this.source, start);
      if (lines) this.newLines(start, end);
      this.quote = lines ? start : -1;
      this.pos = this.last = end;
      this.kind = 'text';
      return text;
    }
    if (c === 91 || c === 123) {
      this.enter();
      const value = c === 91 ? this.flowSequence(start) : this.flowMapping(start);
      this.leave();
      this.last = this.pos;
      this.kind = 'other';
      return value;
    }
    if (c === 42) return this.alias();
    this.startsPlain(c, flow);
    const { text, end, lineStart } = readPlain(this.source, start, this.lineStart, indent, flow);
    this.pos = this.last = end;
    this.lineStart = lineStart;
    this.kind = 'plain';
    return text;
  }

  /** Refuses what cannot begin an unquoted text. */
  private startsPlain(c: number, flow: boolean): void {
    const at = this.pos;
    if (c === 0) throw new YamlProblem('the file ends where a value should stand', at, at, 'bracket');
    const next = this.source.charCodeAt(at + 1);
    if (c === 45 || c === 63 || c === 58) {
      const alone = next === 0 || isBlank(next) || isBreak(next) || (flow && c !== 45);
      if (alone) throw new YamlProblem(`\`${String.fromCharCode(c)}\` cannot stand here`, at, at + 1, 'indicator');
    } else if (',[]{}#&*!|>\'"%@`'.includes(String.fromCharCode(c))) {
      const close = c === 93 || c === 125;
      const shown = c === 96 ? 'a backtick' : `\`${String.fromCharCode(c)}\``;
      throw new YamlProblem(
        close ? `${shown} closes nothing` : `a value cannot start with ${shown} unless it is quoted`,
        at,
        at + 1,
        close ? 'bracket' : 'indicator',
      );
    }
  }

  /** `&anchor` and `!tag` in either order. */
  protected properties(): Properties {
    const own: Properties = { anchor: undefined, tag: undefined, written: '', start: this.pos };
    for (;;) {
      const c = this.code();
      if (c !== 38 && c !== 33) return own;
      const found = c === 38 ? /&([A-Za-z0-9_-]+)/y : /!(?:<([^>\s]*)>|([A-Za-z0-9_-]*)!([^\s,[\]{}]+)|[^\s,[\]{}]*)/y;
      found.lastIndex = this.pos;
      const match = found.exec(this.source);
      if (!match || (c === 38 ? own.anchor : own.tag) !== undefined)
        throw new YamlProblem(c === 38 ? 'an anchor needs a name, once' : 'a node can have one tag', this.pos, this.pos + 1, 'anchor');
      if (c === 38) {
        own.anchor = match[1] ?? '';
        if (this.anchors.has(own.anchor))
          throw new YamlProblem(`the anchor \`&${own.anchor}\` is defined twice`, this.pos, this.pos + match[0].length, 'anchor');
      } else {
        own.written = match[0];
        own.tag = match[1] ?? (match[3] !== undefined && match[2] === '' ? STANDARD + match[3] : match[0]);
      }
      this.pos += match[0].length;
      const next = this.code();
      if (next !== 0 && !isBlank(next) && !isBreak(next) && !',]}'.includes(String.fromCharCode(next))) {
        throw new YamlProblem(`\`${match[0]}\` must be followed by a space`, this.pos, this.pos + 1, 'anchor');
      }
      this.fresh = false;
      while (isBlank(this.code())) this.pos++;
    }
  }

  private alias(): Yaml {
    const found = /\*([A-Za-z0-9_-]+)/y;
    found.lastIndex = this.pos;
    const match = found.exec(this.source);
    const end = this.pos + (match?.[0].length ?? 1);
    const value = match ? this.anchors.get(match[1] ?? '') : undefined;
    if (!match) throw new YamlProblem('a value cannot start with `*` unless it is quoted', this.pos, end, 'indicator');
    if (value === undefined) throw new YamlProblem(`no anchor \`&${match[1]}\` comes before this alias`, this.pos, end, 'anchor');
    if (value === OPEN) throw new YamlProblem(`\`${match[0]}\` would contain itself`, this.pos, end, 'anchor');
    this.pos = this.last = end;
    this.kind = 'other';
    return value as Yaml;
  }

  /** The value of an atom with its properties: a scalar is resolved here. */
  protected finish(value: Yaml, kind: Kind, own: Properties | undefined, start: number, end: number, key = false): Yaml {
    if (kind === 'other') return own ? this.tagged(value, own) : value;
    let result: Yaml = value;
    try {
      if (own?.tag !== undefined && own.tag !== '!') result = resolveTagged(value as string, own.tag, own.written);
      // As keys, `<<` merges and `=` is text; as values they mean nothing.
      else if (kind === 'plain' && !(key && (value === '<<' || value === '='))) result = resolvePlain(value as string);
    } catch (e) {
      if (e instanceof ScalarProblem) throw new YamlProblem(e.message, start, this.lineEnd(start, end), own?.tag === undefined ? 'scalar' : 'tag');
      throw e;
    }
    if (own?.anchor !== undefined) this.anchors.set(own.anchor, result);
    return result;
  }

  /** A collection with its properties. */
  protected tagged(value: Yaml, own: Properties | undefined): Yaml {
    if (!own) return value;
    let result = value;
    const { tag } = own;
    if (tag !== undefined && tag !== '!') {
      if (Array.isArray(value) && (tag === `${STANDARD}omap` || tag === `${STANDARD}pairs`)) result = pairs(value, own);
      else if (!(Array.isArray(value) && tag === `${STANDARD}seq`) && !(isMap(value) && (tag === `${STANDARD}map` || tag === `${STANDARD}set`))) {
        throw new YamlProblem(`the tag \`${own.written}\` has no meaning here`, own.start, own.start + own.written.length, 'tag');
      }
    }
    if (own.anchor !== undefined) this.anchors.set(own.anchor, result);
    return result;
  }

  private flowSequence(start: number): Yaml[] {
    const items: Yaml[] = [];
    const base = this.places.entries.length;
    this.pos++;
    for (;;) {
      if (this.flowEnd(start, 93)) break;
      const from = this.pos;
      const entry = this.flowEntry(start);
      if (entry.pair) {
        const map = new MapBuilder(this.places, from);
        map.add(entry.key, entry.merge, entry.value, from, entry.keyEnd, entry.from, this.last);
        items.push(map.done(this.last));
      } else items.push(entry.key);
      this.places.entries.push(from, this.last);
      this.flowComma(start, 93);
    }
    this.places.done(items, start, this.pos, base, 2);
    return items;
  }

  private flowMapping(start: number): YamlMap {
    const map = new MapBuilder(this.places, start);
    this.pos++;
    for (;;) {
      if (this.flowEnd(start, 125)) break;
      const from = this.pos;
      const entry = this.flowEntry(start);
      map.add(entry.key, entry.merge, entry.value, from, entry.keyEnd, entry.from, this.last);
      this.flowComma(start, 125);
    }
    return map.done(this.pos);
  }

  /** Goes to the next token inside brackets; whether it closes them. */
  private flowEnd(start: number, close: number): boolean {
    this.skip(true);
    const c = this.code();
    this.fresh = false;
    if (c === close) {
      this.pos++;
      return true;
    }
    if (c === 0 || (this.pos === this.lineStart && isDocumentMark(this.source, this.pos))) this.unclosed(start);
    if (c === 44) throw new YamlProblem('a comma without a value before it', this.pos, this.pos + 1, 'bracket');
    return false;
  }

  private flowComma(start: number, close: number): void {
    this.skip(true);
    const c = this.code();
    this.fresh = false;
    if (c === 44) this.pos++;
    else if (c === 0) this.unclosed(start);
    else if (c !== close) throw new YamlProblem(`a comma or \`${String.fromCharCode(close)}\` is expected here`, this.pos, this.pos + 1, 'bracket');
  }

  private unclosed(start: number): never {
    throw new YamlProblem(`this \`${this.source.charAt(start)}\` is never closed`, start, start + 1, 'bracket');
  }

  /** An entry between brackets: a value, or a key with one. */
  private flowEntry(start: number): { key: Yaml; merge: boolean; pair: boolean; value: Yaml; keyEnd: number; from: number } {
    const line = this.lineStart;
    const from = this.pos;
    let explicit = false;
    if (this.code() === 63) {
      explicit = true;
      this.pos++;
      this.skip(true);
    }
    if (this.code() === 58 && !explicit) throw new YamlProblem('a key is missing before this `:`', from, from + 1, 'bracket');
    const empty = this.code() === 58 || (explicit && ',]}'.includes(this.source.charAt(this.pos)));
    let merge = false;
    let key: Yaml = null;
    if (!empty) {
      key = this.flowNode(start);
      merge = this.kind === 'plain' && key === '<<';
    } else this.last = this.pos;
    const keyEnd = this.last;
    this.skip(true);
    this.fresh = false;
    if (this.code() !== 58) return { key, merge, pair: explicit, value: null, keyEnd, from: keyEnd };
    // A key that seems to go on over lines is nearly always the next line of a file whose bracket was not closed.
    if (!explicit && this.lineStart !== line) this.unclosed(start);
    this.pos++;
    this.last = this.pos;
    this.skip(true);
    this.fresh = false;
    const at = this.pos;
    const value = ',]}\0'.includes(this.source.charAt(at)) ? null : this.flowNode(start);
    return { key, merge, pair: true, value, keyEnd, from: value === null && this.last < at ? this.last : at };
  }

  private flowNode(start: number): Yaml {
    const from = this.pos;
    const c = this.code();
    let own: Properties | undefined;
    if (c === 38 || c === 33) {
      own = this.properties();
      this.last = this.pos;
      this.skip(true);
      if (',]}:'.includes(this.source.charAt(this.pos)) && (this.code() !== 58 || endsKey(this.source, this.pos + 1, true))) {
        this.kind = 'other';
        return this.finish('', 'plain', own, from, this.last);
      }
    }
    if (this.code() === 0) this.unclosed(start);
    const value = this.atom(-1, this.code(), true);
    return this.finish(value, this.kind, own, from, this.last, /^\s*:/.test(this.source.slice(this.pos, this.pos + 40)));
  }
}

/** `!!omap` and `!!pairs`: a list of one-key mappings as a list of pairs. */
function pairs(list: readonly Yaml[], own: Properties): Yaml[] {
  return list.map((item) => {
    const keys = isMap(item) ? Object.keys(item) : [];
    const key = keys[0];
    if (!isMap(item) || key === undefined || keys.length > 1)
      throw new YamlProblem('each item must be one key with its value', own.start, own.start + own.written.length, 'tag');
    return [key, item[key] as Yaml];
  });
}
