import { closest, fail, type SourceFile, span } from '../text/index.ts';
import type { Body, Expr, MacroStmt, Node, Parameter, Scoped, Stmt, Target, Text } from './ast.ts';
import { constants, ExpressionParser } from './expressions.ts';

/** A parsed template. */
export interface Parsed {
  readonly file: SourceFile;
  readonly body: Body;
}

/** Parses a tag of the host: the parser stands behind the tag's word; answers the statement, with everything up to the end tag taken. */
export type TagParser = (parser: Parser, tag: { readonly word: string } & Node) => Stmt;

/** The header of a tag that defines a macro. */
export interface MacroHeader {
  readonly name: string;
  readonly nameAt: Node;
  readonly params?: readonly Parameter[];
  readonly options?: ReadonlyMap<string, Expr | undefined>;
}

interface Open extends Node {
  readonly word: string;
  readonly ends: readonly string[];
}

const builtin = [
  'autoescape',
  'block',
  'break',
  'call',
  'continue',
  'do',
  'extends',
  'filter',
  'for',
  'from',
  'if',
  'import',
  'include',
  'macro',
  'print',
  'raw',
  'set',
  'with',
];
const middles: ReadonlySet<string> = new Set(['else', 'elif']);
const noOptions: ReadonlyMap<string, Expr | undefined> = new Map();

/** The statement half of the parser. A tag handler of the host gets one of these. */
export class Parser extends ExpressionParser {
  private readonly tags: ReadonlyMap<string, TagParser>;
  private readonly macroPrefix: string;
  private readonly open: Open[] = [];

  constructor(file: SourceFile, tags: ReadonlyMap<string, TagParser>, macroPrefix: string) {
    super(file);
    this.tags = tags;
    this.macroPrefix = macroPrefix;
  }

  /** The whole template; throws a syntax diagnostic. */
  template(): Parsed {
    return { file: this.file, body: this.statements() };
  }

  /** Requires the end of the tag. */
  finish(): void {
    if (this.lexer.kind !== 'end') this.fail(`expected the end of the tag and found ${this.lexer.describe()}`);
  }

  /** The statements up to one of `ends`, whose word is then the current token. Call it at the end of the opening tag. */
  private until(tag: { readonly word: string } & Node, ...ends: readonly string[]): { readonly body: Body; readonly at: Node } {
    this.skip(':');
    this.finish();
    const { lexer } = this;
    const start = lexer.stop;
    this.open.push({ word: tag.word, start: tag.start, end: lexer.stop, ends });
    const body = this.statements(ends);
    this.open.pop();
    return { body, at: { start, end: lexer.opened } };
  }

  /** The statements up to the end tag, and that tag. For tag handlers: call it at the end of the opening tag. */
  bodyUntil(tag: { readonly word: string } & Node, end: string): { readonly body: Body; readonly at: Node } {
    const result = this.until(tag, end);
    this.lexer.next();
    this.finish();
    return result;
  }

  private statements(ends?: readonly string[]): Stmt[] {
    const { lexer } = this;
    const out: Stmt[] = [];
    for (;;) {
      const opening = lexer.data();
      const { text, start, stop } = lexer.found;
      if (text !== '') out.push(textNode(text, start, stop));
      if (opening === '') {
        if (!lexer.done) continue;
        if (ends !== undefined) this.neverClosed();
        return out;
      }
      const at = lexer.opened;
      lexer.next();
      if (opening === '{{') {
        const value = this.expressionOrTuple();
        this.finish();
        out.push({ kind: 'print', value, start: at, end: lexer.stop });
        continue;
      }
      if (lexer.kind !== 'name') this.fail(`expected the name of a tag and found ${lexer.describe()}`);
      if (ends?.includes(lexer.text)) return out;
      const tag = { word: lexer.text, start: at, end: lexer.stop };
      if (tag.word === 'print') this.print(out, at);
      else out.push(this.statement(tag));
    }
  }

  private neverClosed(): never {
    const open = this.open.at(-1) as Open;
    const end = open.ends.at(-1) ?? '';
    fail('jinja-unclosed-block', { tag: open.word, end }, { at: span(this.file, open.start, open.end) });
  }

  private print(out: Stmt[], start: number): void {
    this.lexer.next();
    const first = this.expression();
    out.push({ kind: 'print', value: first, start, end: first.end });
    while (this.skip(',')) {
      const value = this.expression();
      out.push({ kind: 'print', value, start: value.start, end: value.end });
    }
    this.finish();
  }

  private statement(tag: { readonly word: string } & Node): Stmt {
    const { lexer } = this;
    const known = this.tags.get(tag.word);
    if (known !== undefined) {
      lexer.next();
      return known(this, tag);
    }
    switch (tag.word) {
      case 'set':
        return this.set(tag);
      case 'if':
        return this.if(tag);
      case 'for':
        return this.for(tag);
      case 'macro': {
        lexer.next();
        return this.macroStatement(tag, { ...this.headerName(), params: this.parameters() });
      }
      case 'do': {
        lexer.next();
        const value = this.expressionOrTuple();
        this.finish();
        return { kind: 'do', value, start: tag.start, end: lexer.stop };
      }
      case 'call':
        return this.callBlock(tag);
      case 'filter':
        return this.filterBlock(tag);
      case 'with':
        return this.with(tag);
      case 'autoescape':
      case 'block':
        return this.scoped(tag);
      case 'break':
      case 'continue':
        return this.jump(tag, tag.word);
      case 'include':
      case 'import':
      case 'from':
      case 'extends':
        do lexer.next();
        while (!this.at('end'));
        return { kind: 'load', tag: tag.word, start: tag.start, end: lexer.stop };
      default:
        return this.unknown(tag);
    }
  }

  private unknown(tag: { readonly word: string } & Node): never {
    const { word } = tag;
    const at = span(this.file, this.lexer.start, this.lexer.stop);
    const tags = [...builtin, ...this.tags.keys()];
    if (middles.has(word) || (word.startsWith('end') && tags.includes(word.slice(3)))) {
      const open = this.open.at(-1);
      const related = open && [{ message: `\`{% ${open.word} %}\` was opened here`, at: span(this.file, open.start, open.end) }];
      fail('jinja-unexpected-end', { tag: word, open: open?.word, end: open?.ends.at(-1) }, { at, related });
    }
    const ends = this.open.at(-1)?.ends ?? [];
    fail('jinja-unknown-tag', { tag: word, near: closest(word, [...tags, ...ends]) }, { at });
  }

  private jump(tag: Node, kind: 'break' | 'continue'): Stmt {
    this.lexer.next();
    this.finish();
    // A macro or call inside a loop is a function of its own: nothing to jump out of.
    const around = this.open.findLast((open) => open.word === 'for' || open.word === 'macro' || open.word === 'call' || this.tags.has(open.word));
    if (around?.word !== 'for') this.fail(`\`${kind}\` outside of a loop`, tag);
    return { kind, start: tag.start, end: this.lexer.stop };
  }

  /** What an assignment or a loop assigns to. */
  target(attributes: boolean): Target {
    const first = this.oneTarget(attributes);
    if (!this.at(',')) return first;
    const items = [first];
    while (this.skip(',')) {
      if (this.at(')')) break;
      items.push(this.oneTarget(attributes));
    }
    return { kind: 'tuple-target', items, start: first.start, end: this.lexer.before };
  }

  private oneTarget(attributes: boolean): Target {
    const { lexer } = this;
    const { start } = lexer;
    if (this.skip('(')) {
      const inner = this.target(attributes);
      this.expect(')');
      return { ...inner, start, end: lexer.before };
    }
    if (lexer.kind !== 'name') this.fail(`cannot assign to ${lexer.describe()}`);
    const { name, end } = this.name();
    if (constants.has(name)) this.fail(`cannot assign to \`${name}\``, { start, end });
    if (!attributes || !this.skip('.')) {
      this.checkTarget(name, { start, end });
      return { kind: 'name-target', name, start, end };
    }
    const field = this.name();
    return { kind: 'attr-target', object: name, name: field.name, start, end: field.end };
  }

  /** Refuses a name that may not be assigned here. */
  private checkTarget(name: string, at: Node): void {
    if (name === 'loop' && this.open.some((open) => open.word === 'for'))
      this.fail('`loop` cannot be assigned inside a loop', at, 'it describes the loop itself; take another name');
  }

  private set(tag: { readonly word: string } & Node): Stmt {
    const { lexer } = this;
    lexer.next();
    const target = this.target(true);
    if (this.skip('=')) {
      const value = this.expressionOrTuple();
      this.finish();
      return { kind: 'set', target, value, start: tag.start, end: lexer.stop };
    }
    let filter = this.skip('|') ? this.filter(undefined) : undefined;
    while (this.at('|')) filter = this.filter(filter);
    if (!this.at('end') && !this.at(':')) this.fail(`expected \`=\`, \`|\` or the end of the tag and found ${lexer.describe()}`);
    const { body } = this.bodyUntil(tag, 'endset');
    return { kind: 'set-block', target, filter, body, start: tag.start, end: lexer.stop };
  }

  private if(tag: { readonly word: string } & Node): Stmt {
    const { lexer } = this;
    const branches: { test: Expr; body: Body }[] = [];
    do {
      lexer.next();
      const test = this.condition();
      branches.push({ test, body: this.until(tag, 'elif', 'else', 'endif').body });
    } while (lexer.text === 'elif');
    const otherwise = this.otherwise(tag, 'endif');
    return { kind: 'if', branches, otherwise, start: tag.start, end: lexer.stop };
  }

  /** The `else` part, if the current word is `else`, and the end tag. */
  private otherwise(tag: { readonly word: string } & Node, end: string): Body | undefined {
    const body = this.skipWord('else') ? this.until(tag, end).body : undefined;
    this.lexer.next();
    this.finish();
    return body;
  }

  private for(tag: { readonly word: string } & Node): Stmt {
    const { lexer } = this;
    lexer.next();
    const target = this.target(false);
    if (target.kind === 'name-target' && target.name === 'loop')
      this.fail('`loop` cannot be assigned inside a loop', target, 'it describes the loop itself; take another name');
    if (!this.skipWord('in')) this.fail(`expected \`in\` and found ${lexer.describe()}`);
    const iter = this.condition();
    const test = this.skipWord('if') ? this.expression() : undefined;
    const recursive = this.skipWord('recursive');
    const { body } = this.until(tag, 'else', 'endfor');
    const otherwise = this.otherwise(tag, 'endfor');
    return { kind: 'for', target, iter, test, recursive, body, otherwise, start: tag.start, end: lexer.stop };
  }

  /** A name as the header of a macro-like tag begins with it. */
  headerName(): { readonly name: string; readonly nameAt: Node } {
    const { name, start, end } = this.name();
    return { name, nameAt: { start, end } };
  }

  /** `(a, b: string, c=1)` */
  parameters(): Parameter[] {
    const params: Parameter[] = [];
    this.expect('(');
    while (!this.at(')')) {
      if (params.length > 0) this.expect(',');
      const { name, start, end } = this.name();
      const type = this.skip(':') ? this.typeName() : undefined;
      const fallback = this.skip('=') ? this.expression() : undefined;
      if (fallback === undefined && params.at(-1)?.fallback !== undefined)
        this.fail(`parameter \`${name}\` needs a default, because the one before it has one`, { start, end });
      params.push({ name, type, fallback, start, end });
    }
    this.lexer.next();
    return params;
  }

  /** `Dict[str, List[int]]` */
  private typeName(): string {
    const { name } = this.name();
    if (!this.skip('[')) return name;
    const inner: string[] = [];
    while (!this.at(']')) {
      if (inner.length > 0) this.expect(',');
      inner.push(this.typeName());
    }
    this.lexer.next();
    return `${name}[${inner.join(', ')}]`;
  }

  /** `, key=value, word`: the options of a header, up to the end of the tag. */
  options(): Map<string, Expr | undefined> {
    const options = new Map<string, Expr | undefined>();
    while (this.skip(',')) {
      const { name, start, end } = this.name();
      if (options.has(name)) this.fail(`option \`${name}\` is given twice`, { start, end });
      options.set(name, this.skip('=') ? this.expression() : undefined);
    }
    return options;
  }

  /** The statement for a tag that defines a macro, from the end of its header to its `end` tag. */
  macroStatement(tag: { readonly word: string } & Node, header: MacroHeader): MacroStmt {
    const { body, at } = this.bodyUntil(tag, `end${tag.word}`);
    const { name, nameAt, params = [], options = noOptions } = header;
    return {
      kind: 'macro',
      tag: tag.word,
      name,
      variable: this.macroPrefix + name,
      nameAt,
      params,
      options,
      body,
      bodyAt: at,
      start: tag.start,
      end: this.lexer.stop,
    };
  }

  private callBlock(tag: { readonly word: string } & Node): Stmt {
    this.lexer.next();
    const params = this.at('(') ? this.parameters() : [];
    const call = this.expression();
    if (call.kind !== 'call') this.fail('`{% call %}` needs a call, such as `{% call name() %}`', call);
    const { body } = this.bodyUntil(tag, 'endcall');
    return { kind: 'call-block', params, call, body, start: tag.start, end: this.lexer.stop };
  }

  private filterBlock(tag: { readonly word: string } & Node): Stmt {
    this.lexer.next();
    let filter = this.filter(undefined);
    while (this.at('|')) filter = this.filter(filter);
    const { body } = this.bodyUntil(tag, 'endfilter');
    return { kind: 'filter-block', filter, body, start: tag.start, end: this.lexer.stop };
  }

  private with(tag: { readonly word: string } & Node): Stmt {
    const { lexer } = this;
    lexer.next();
    const bindings = [];
    while (!this.at('end') && !this.at(':')) {
      if (bindings.length > 0) this.expect(',');
      const target = this.target(false);
      this.expect('=');
      bindings.push({ target, value: this.expression() });
    }
    const { body } = this.bodyUntil(tag, 'endwith');
    return { kind: 'with', bindings, body, start: tag.start, end: lexer.stop };
  }

  private scoped(tag: { readonly word: string } & Node): Scoped {
    const { lexer } = this;
    lexer.next();
    let autoescape: boolean | undefined;
    if (tag.word === 'autoescape') {
      const value = this.expression();
      if (value.kind !== 'const' || typeof value.value !== 'boolean') this.fail('`{% autoescape %}` takes `true` or `false`', value);
      autoescape = value.value;
    } else {
      this.name();
      while (this.skipWord('scoped') || this.skipWord('required'));
    }
    const { body } = this.until(tag, `end${tag.word}`);
    lexer.next();
    if (tag.word === 'block') this.skip('name');
    this.finish();
    return { kind: 'scoped', autoescape, body, start: tag.start, end: lexer.stop };
  }
}

function textNode(text: string, start: number, end: number): Text {
  return { kind: 'text', text, start, end };
}
