import { NodeReader, OPEN, type Properties } from './yaml-nodes.ts';
import { MapBuilder } from './yaml-places.ts';
import { isBreak, YamlProblem } from './yaml-problem.ts';
import { isBlank, isDocumentMark, readBlock } from './yaml-scalar.ts';
import type { Yaml, YamlMap } from './yaml-value.ts';

/** A key of a block mapping: `explicit` for one that starts with `? `, which may lack its `: `. */
interface Key {
  readonly key: Yaml;
  readonly merge: boolean;
  readonly explicit: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads one YAML document into plain values, with the grammar and the leniency of libyaml (the reader behind PyYAML): inside quotes and brackets
 * indentation does not matter, a mapping key must be on one line, tabs never indent. The text
 * ends in a NUL; `start` leaves out a byte order mark. Throws a {@link YamlProblem} where it cannot go on.
 */
export class YamlReader extends NodeReader {
  /** The one document of the text; null when there is none. */
  document(): Yaml {
    this.prologue();
    let value: Yaml = null;
    if (this.column() >= 0) {
      value = this.node(-1, this.fresh, false);
      this.skip();
      if (this.column() >= 0) this.misplaced(-1);
    }
    if (isDocumentMark(this.source, this.pos) && this.source.charCodeAt(this.pos) === 46) {
      this.pos += 3;
      this.fresh = false;
      this.skip();
    }
    if (this.code() !== 0) throw new YamlProblem('a second document starts here; one file is one document', this.pos, this.pos + 3, 'document');
    return value;
  }

  /** Directives and the `---` that may stand before the document. */
  private prologue(): void {
    this.skip();
    while (this.code() === 37 && this.fresh) {
      while (this.code() !== 0 && !isBreak(this.code())) this.pos++;
      this.fresh = false;
      this.skip();
    }
    if (isDocumentMark(this.source, this.pos) && this.fresh && this.code() === 45) {
      this.pos += 3;
      this.fresh = false;
      this.skip();
    }
  }

  /**
   * Reads the node at `pos`, inside a collection at column `indent`. `keys`: a mapping or sequence may begin here (it starts a line, or follows `- `).
   * `dashes`: a sequence may stand at `indent` itself.
   */
  private node(indent: number, keys: boolean, dashes: boolean, outer?: Properties): Yaml {
    const start = this.pos;
    const line = this.lineStart;
    let own: Properties | undefined;
    let c = this.code();
    if (c === 38 || c === 33) {
      own = this.properties();
      while (isBlank(this.code())) this.pos++;
      c = this.code();
      if (c === 0 || c === 35 || isBreak(c)) {
        if (outer) throw new YamlProblem('a node can have one anchor and one tag', start, this.pos, 'anchor');
        return this.below(indent, dashes, own);
      }
    }
    if (this.indicator(45)) {
      if (!keys || own) throw new YamlProblem('a list cannot start here: put its first `-` on a line of its own', this.pos, this.pos + 1, 'block');
      return this.tagged(this.sequence(start - line, false), outer);
    }
    if (this.indicator(63)) {
      if (!keys || own) throw new YamlProblem('a `?` key cannot start here', this.pos, this.pos + 1, 'indicator');
      return this.tagged(this.mapping(start - line, undefined), outer);
    }
    if (c === 124 || c === 62) return this.block(start, indent, own ?? outer);
    const value = this.atom(indent, c);
    const kind = this.kind;
    const end = this.last;
    if (!this.atColon()) return this.finish(value, kind, own ?? outer, start, end);
    if (!keys) this.secondColon(line);
    this.oneLine(line, start, end);
    const key = this.finish(value, kind, own, start, end, true);
    const merge = kind === 'plain' && value === '<<' && !own?.tag;
    return this.tagged(this.mapping(start - line, { key, merge, explicit: false, start, end }), outer);
  }

  /** A `: ` where only a plain value can be. */
  private secondColon(line: number): never {
    if (this.lineStart === line) throw new YamlProblem('a second `: ` in one value', this.pos, this.pos + 1, 'colon');
    const from = this.lineStart + (/^ */.exec(this.source.slice(this.lineStart, this.pos))?.[0].length ?? 0);
    throw new YamlProblem('this key is indented deeper than the one above it, whose value is on its own line', from, this.pos, 'indent');
  }

  /** The node on the lines after its properties. */
  private below(indent: number, dashes: boolean, own: Properties): Yaml {
    const after = this.pos;
    this.skip();
    const column = this.column();
    if (column > indent || (dashes && column === indent && this.indicator(45))) {
      if (own.anchor !== undefined) this.anchors.set(own.anchor, OPEN);
      return column > indent ? this.node(indent, true, false, own) : this.tagged(this.sequence(column, true), own);
    }
    this.last = after;
    return this.finish('', 'plain', own, own.start, after);
  }

  private block(start: number, indent: number, own: Properties | undefined): Yaml {
    const { text, end, last } = readBlock(this.source, this.pos, indent);
    this.pos = end;
    this.lineStart = end;
    this.fresh = true;
    this.last = last;
    return this.finish(text, 'text', own, start, last);
  }

  /** A block sequence whose dashes stand at `column`; `indentless`: it is the value of a key at the same column. */
  private sequence(column: number, indentless: boolean): Yaml[] {
    this.enter();
    const start = this.pos;
    const items: Yaml[] = [];
    const base = this.places.entries.length;
    for (;;) {
      this.pos++;
      this.fresh = false;
      this.last = this.pos;
      const after = this.pos;
      this.skip();
      const inner = this.column();
      if (inner > column) {
        const from = this.pos;
        items.push(this.node(column, true, false));
        this.places.entries.push(from, this.last);
        this.skip();
      } else {
        items.push(null);
        this.places.entries.push(after, after);
      }
      const next = this.column();
      if (next < column) break;
      if (!this.fresh || next > column) this.misplaced(column);
      if (!this.indicator(45)) {
        if (indentless) break;
        throw new YamlProblem('a list item must start with `- `', this.pos, this.lineEnd(this.pos, this.pos + 40), 'indent');
      }
    }
    this.places.done(items, start, this.last, base, 2);
    this.leave();
    return items;
  }

  /** A block mapping whose keys stand at `column`. The first key may have been read already. */
  private mapping(column: number, first: Key | undefined): YamlMap {
    this.enter();
    const map = new MapBuilder(this.places, first ? first.start : this.pos);
    let next = first;
    for (;;) {
      const { key, merge, explicit, start, end } = next ?? this.key(column);
      next = undefined;
      let value: Yaml = null;
      let from = end;
      if (!explicit || (this.column() === column && this.indicator(58))) {
        from = this.last = ++this.pos;
        this.fresh = false;
        this.skip();
        const inner = this.column();
        if (inner > column) {
          from = this.pos;
          value = this.node(column, this.fresh || explicit, true);
          this.skip();
        } else if (inner === column && this.indicator(45)) {
          from = this.pos;
          value = this.sequence(column, true);
        }
      }
      map.add(key, merge, value, start, end, from, this.last);
      const after = this.column();
      if (after < column) break;
      if (!this.fresh || after > column) this.misplaced(column);
    }
    this.leave();
    return map.done(this.last);
  }

  /** A key of a block mapping and the way to its `:`. */
  private key(column: number): Key {
    const start = this.pos;
    const line = this.lineStart;
    if (this.indicator(63)) {
      this.pos++;
      this.last = this.pos;
      this.fresh = false;
      this.skip();
      const key = this.column() > column || (this.column() === column && this.indicator(45)) ? this.node(column, true, true) : null;
      const end = this.last;
      this.skip();
      return { key, merge: false, explicit: true, start, end };
    }
    if (this.indicator(45)) throw new YamlProblem('a list item stands where a key is expected', start, start + 1, 'indent');
    const own = this.code() === 38 || this.code() === 33 ? this.properties() : undefined;
    const value = this.atom(column, this.code());
    const { kind, last: end } = this;
    if (!this.atColon()) throw new YamlProblem('a key needs a `: ` after it', start, this.lineEnd(start, end), 'colon');
    this.oneLine(line, start, end);
    return { key: this.finish(value, kind, own, start, end, true), merge: kind === 'plain' && value === '<<' && !own?.tag, explicit: false, start, end };
  }

  /** Throws for a token that belongs to nothing: left over on a line, or at a column where no collection is open. */
  private misplaced(column: number): never {
    const at = this.pos;
    const end = this.lineEnd(at, Math.min(this.source.length - 1, at + 80));
    if (!this.fresh) {
      if (this.quote !== -1 && this.last > this.quote && this.lineStart > this.quote && /["']/.test(this.source.charAt(this.last - 1))) {
        throw new YamlProblem('this quote ends only lines below, in the middle of other text', this.quote, this.quote + 1, 'quote');
      }
      if (this.code() === 58) throw new YamlProblem('a `:` between key and value needs a space after it', at, at + 1, 'colon');
      throw new YamlProblem('text is left over after the value', at, end, 'colon');
    }
    throw new YamlProblem(column < 0 ? 'this line belongs to nothing above it' : 'this line is indented deeper than the one it belongs to', at, end, 'indent');
  }
}
