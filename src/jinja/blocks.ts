import { type Sink, type SourceFile, type Span, span } from '../text/index.ts';

/** A block such as `{% macro x() %} ... {% endmacro %}` at the top level of a file. */
export interface Block {
  readonly tag: string;
  /** The word after the tag's, or empty. */
  readonly name: string;
  readonly nameAt: Span;
  /** What stands in the opening tag behind the tag's word, without surrounding space: `cents(col, digits=2)`. */
  readonly header: string;
  /** From the first `{%` to the last `%}`. */
  readonly at: Span;
  /** Between the two tags. */
  readonly body: Span;
  readonly contents: string;
}

/** The blocks of a file, and where it has anything else than blocks, comments and white space. */
export interface Blocks {
  readonly blocks: readonly Block[];
  readonly outside: readonly Span[];
}

/** A tag as the scanner sees it. */
interface Tag {
  readonly word: string;
  readonly start: number;
  readonly wordEnd: number;
  /** Where the inside of the tag ends, and the tag itself. */
  readonly close: number;
  readonly end: number;
}

/** Finds blocks by reading tags alone, without parsing what is in them. Mistakes go to `sink`; the scan goes on where it can. */
export function scanBlocks(file: SourceFile, tags: Iterable<string>, sink: Sink): Blocks {
  const scan = new Scan(file, new Set(tags), sink);
  scan.run();
  return { blocks: scan.blocks, outside: scan.outside };
}

class Scan {
  readonly blocks: Block[] = [];
  readonly outside: Span[] = [];
  private readonly file: SourceFile;
  private readonly text: string;
  private readonly tags: ReadonlySet<string>;
  private readonly sink: Sink;
  private readonly control: Tag[] = [];
  private open: Tag | undefined;
  private depth = 0;
  /** End of the last tag, with the space that its `-%}` takes: an end tag's `{%-` takes none from before it. */
  private edge = 0;
  /** End of what has been given out: the text from here to the next block lies outside. */
  private done = 0;

  constructor(file: SourceFile, tags: ReadonlySet<string>, sink: Sink) {
    this.file = file;
    this.text = file.text;
    this.tags = tags;
    this.sink = sink;
  }

  run(): void {
    const { text } = this;
    let at = text.indexOf('{');
    while (at !== -1) {
      const next = this.step(at, text.charCodeAt(at + 1));
      if (next === -1) return;
      at = text.indexOf('{', next);
    }
    if (this.open !== undefined) {
      const { start, end, word } = this.open;
      this.sink.add('jinja-unclosed-block', { tag: word, end: `end${word}` }, { at: span(this.file, start, end) });
    } else this.rest(text.length);
  }

  /** Reads what begins at the brace at `at`; answers where to go on, or -1 to give up. */
  private step(at: number, kind: number): number {
    const { text } = this;
    if (kind === 0x23) {
      const end = text.indexOf('#}', at + 2);
      if (end === -1) return this.unclosed(at, '{#', '#}');
      if (this.open === undefined) {
        this.rest(at);
        this.done = end + 2;
      }
      return end + 2;
    }
    if (kind === 0x7b) {
      const end = this.close(at + 2, '}}');
      // In prose (docs) two braces need not be an expression.
      if (end === -1) return this.open?.word === 'docs' ? at + 2 : this.unclosed(at, '{{', '}}');
      return end + 2;
    }
    if (kind !== 0x25) return at + 1;
    const tag = this.tag(at);
    if (tag === undefined) return this.open?.word === 'docs' ? at + 2 : this.unclosed(at, '{%', '%}');
    if (tag.word === 'raw') {
      const close = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
      close.lastIndex = tag.end;
      if (close.exec(text) === null) {
        this.sink.add('jinja-unclosed-block', { tag: 'raw', end: 'endraw' }, { at: span(this.file, tag.start, tag.end) });
        return -1;
      }
      return close.lastIndex;
    }
    this.meet(tag);
    this.edge = text.charAt(tag.close - 1) === '-' ? tag.end + leadingSpace(text, tag.end) : tag.end;
    return tag.end;
  }

  private unclosed(at: number, open: string, close: string): -1 {
    this.sink.add('jinja-unclosed-tag', { open, close }, { at: span(this.file, at, at + 2) });
    return -1;
  }

  /** Where `mark` stands next outside of strings; -1 if nowhere. */
  private close(from: number, mark: string): number {
    const { text } = this;
    const last = mark.charCodeAt(0);
    for (let at = from; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === last && text.charCodeAt(at + 1) === 0x7d) return at;
      if (c !== 0x22 && c !== 0x27) continue;
      for (at++; at < text.length && text.charCodeAt(at) !== c; at++) if (text.charCodeAt(at) === 0x5c) at++;
    }
    return -1;
  }

  private tag(start: number): Tag | undefined {
    const { text } = this;
    const word = /[-+]?\s*(\w*)/y;
    word.lastIndex = start + 2;
    const match = word.exec(text);
    const wordEnd = word.lastIndex;
    const close = this.close(wordEnd, '%}');
    return close === -1 || match === null ? undefined : { word: match[1] ?? '', start, wordEnd, close, end: close + 2 };
  }

  private meet(tag: Tag): void {
    const { word } = tag;
    const { open } = this;
    if (open !== undefined) {
      if (word === open.word && this.nests(tag)) this.depth++;
      else if (word === `end${open.word}` && this.depth-- === 0) this.finish(open, tag);
      return;
    }
    if (word === 'if' || word === 'for') this.control.push(tag);
    else if (word === 'endif' || word === 'endfor') this.control.pop();
    else if (this.tags.has(word)) this.begin(tag);
    else if (word.startsWith('end') && this.tags.has(word.slice(3))) {
      this.sink.add('jinja-unexpected-end', { tag: word }, { at: span(this.file, tag.start, tag.end) });
    }
  }

  /** Prose about a tag is no tag: docs do not nest. */
  private nests(tag: Tag): boolean {
    return tag.word !== 'docs';
  }

  private begin(tag: Tag): void {
    const around = this.control.at(-1);
    if (around !== undefined) {
      const related = [{ message: `\`{% ${around.word} %}\` was opened here`, at: span(this.file, around.start, around.end) }];
      this.sink.add('jinja-block-inside', { tag: tag.word, inside: around.word }, { at: span(this.file, tag.start, tag.end), related });
    }
    this.rest(tag.start);
    this.open = tag;
    this.depth = 0;
  }

  private finish(open: Tag, end: Tag): void {
    const { text, file } = this;
    this.open = undefined;
    this.done = end.end;
    const inside = text.slice(open.wordEnd, open.close).replace(/[-+]$/, '');
    const header = inside.trim();
    const nameStart = open.wordEnd + (inside.length - inside.trimStart().length);
    const name = /^\w*/.exec(header)?.[0] ?? '';
    const from = Math.min(end.start, open.end + (text.charAt(open.close - 1) === '-' ? leadingSpace(text, open.end) : 0));
    const to =
      text.charAt(end.start + 2) === '-' ? Math.max(from, Math.min(this.edge, end.start), from + text.slice(from, end.start).trimEnd().length) : end.start;
    if (this.control.length > 0) return;
    this.blocks.push({
      tag: open.word,
      name,
      nameAt: span(file, nameStart, nameStart + name.length),
      header,
      at: span(file, open.start, end.end),
      body: span(file, from, to),
      contents: text.slice(from, to),
    });
  }

  /** Notes what stands outside of blocks before `to`. */
  private rest(to: number): void {
    const between = this.text.slice(this.done, to);
    const start = this.done + leadingSpace(between, 0);
    const end = this.done + between.trimEnd().length;
    if (end > start) this.outside.push(span(this.file, start, end));
    this.done = to;
  }
}

function leadingSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at - from;
}
