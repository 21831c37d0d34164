import { fail, type SourceFile, span } from '../text/index.ts';
import type { Arguments, Call, CompareOp, Expr, Filter, Node, Slice } from './ast.ts';
import { Lexer, type TokenKind } from './lexer.ts';
import type { Value } from './value.ts';

const noArguments: Arguments = { positional: [], named: [], star: undefined, doubleStar: undefined };
/** Tokens a test's argument may begin with when it is written without parentheses: `x is divisibleby 3`. */
const operandStarts: ReadonlySet<TokenKind> = new Set<TokenKind>(['name', 'string', 'int', 'float', '(', '[', '{']);

/** The expression half of the parser: one method for each level of precedence, loosest first. */
export class ExpressionParser {
  readonly lexer: Lexer;
  readonly file: SourceFile;

  constructor(file: SourceFile) {
    this.file = file;
    this.lexer = new Lexer(file);
  }

  /** Throws a syntax diagnostic at `at`, or at the current token. */
  fail(problem: string, at: Node = { start: this.lexer.start, end: this.lexer.stop }, hint?: string): never {
    fail('jinja-syntax', { problem }, { at: span(this.file, at.start, at.end), hint });
  }

  at(kind: TokenKind): boolean {
    return this.lexer.kind === kind;
  }

  /** Whether the current token is this word. */
  atWord(word: string): boolean {
    return this.lexer.kind === 'name' && this.lexer.text === word;
  }

  /** Takes the current token if it is of this kind. */
  skip(kind: TokenKind): boolean {
    if (this.lexer.kind !== kind) return false;
    this.lexer.next();
    return true;
  }

  skipWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.lexer.next();
    return true;
  }

  expect(kind: TokenKind): void {
    if (this.lexer.kind !== kind)
      this.fail(`expected ${kind === 'name' ? 'a name' : kind === 'end' ? 'the end of the tag' : `\`${kind}\``} and found ${this.lexer.describe()}`);
    this.lexer.next();
  }

  /** Takes a name token and gives its text and place. */
  name(): { readonly name: string } & Node {
    const { text, start, stop } = this.lexer;
    this.expect('name');
    return { name: text, start, end: stop };
  }

  expression(): Expr {
    let value = this.or();
    while (this.skipWord('if')) {
      const test = this.or();
      const otherwise = this.skipWord('else') ? this.expression() : undefined;
      const calls = value.calls || test.calls || otherwise?.calls === true;
      value = { kind: 'conditional', test, whenTrue: value, otherwise, calls, start: value.start, end: this.lexer.before };
    }
    return value;
  }

  /** An expression, or a tuple without parentheses: `1, 2`. */
  expressionOrTuple(): Expr {
    const first = this.expression();
    return this.at(',') ? this.tupleFrom(first, () => this.at('end')) : first;
  }

  /** The same without `x if y`: after `{% if %}`, and before the `if` of a loop. */
  condition(): Expr {
    const first = this.or();
    return this.at(',')
      ? this.tupleFrom(
          first,
          () => this.at('end') || this.atWord('recursive'),
          () => this.or(),
        )
      : first;
  }

  private tupleFrom(first: Expr, ended: () => boolean, item: () => Expr = () => this.expression()): Expr {
    const items = [first];
    while (this.skip(',')) {
      if (ended()) break;
      items.push(item());
    }
    return { kind: 'tuple', items, calls: anyCalls(items), start: first.start, end: this.lexer.before };
  }

  private or(): Expr {
    let left = this.and();
    while (this.skipWord('or')) left = logic('or', left, this.and());
    return left;
  }

  private and(): Expr {
    let left = this.not();
    while (this.skipWord('and')) left = logic('and', left, this.not());
    return left;
  }

  private not(): Expr {
    if (!this.atWord('not')) return this.compare();
    const { start } = this.lexer;
    this.lexer.next();
    const operand = this.not();
    return { kind: 'unary', op: 'not', operand, calls: operand.calls, start, end: operand.end };
  }

  private compare(): Expr {
    const first = this.sum();
    let op = this.compareOp();
    if (op === undefined) return first;
    const rest: { op: CompareOp; right: Expr }[] = [];
    let { calls } = first;
    let right = first;
    for (; op !== undefined; op = this.compareOp()) {
      right = this.sum();
      calls ||= right.calls;
      rest.push({ op, right });
    }
    return { kind: 'compare', first, rest, calls, start: first.start, end: right.end };
  }

  /** Takes a comparison operator, if one stands here. */
  private compareOp(): CompareOp | undefined {
    const { lexer } = this;
    switch (lexer.kind) {
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const op = lexer.kind;
        lexer.next();
        return op;
      }
      case 'name':
        if (lexer.text === 'in') {
          lexer.next();
          return 'in';
        }
        if (lexer.text !== 'not') return undefined;
        lexer.next();
        if (!this.skipWord('in')) this.fail(`expected \`in\` after \`not\` and found ${lexer.describe()}`);
        return 'not in';
      default:
        return undefined;
    }
  }

  private sum(): Expr {
    let left = this.concat();
    while (this.lexer.kind === '+' || this.lexer.kind === '-') {
      const op = this.lexer.kind;
      this.lexer.next();
      const right = this.concat();
      left = { kind: 'binary', op, left, right, calls: left.calls || right.calls, start: left.start, end: right.end };
    }
    return left;
  }

  private concat(): Expr {
    const first = this.product();
    if (this.lexer.kind !== '~') return first;
    const parts = [first];
    while (this.skip('~')) parts.push(this.product());
    return { kind: 'concat', parts, calls: anyCalls(parts), start: first.start, end: this.lexer.before };
  }

  private product(): Expr {
    let left = this.power();
    for (;;) {
      const op = this.lexer.kind;
      if (op !== '*' && op !== '/' && op !== '//' && op !== '%') return left;
      this.lexer.next();
      const right = this.power();
      left = { kind: 'binary', op, left, right, calls: left.calls || right.calls, start: left.start, end: right.end };
    }
  }

  /** Jinja's `**` groups to the left and binds looser than a sign, unlike Python's. */
  private power(): Expr {
    let left = this.unary(true);
    while (this.skip('**')) {
      const right = this.unary(true);
      left = { kind: 'binary', op: '**', left, right, calls: left.calls || right.calls, start: left.start, end: right.end };
    }
    return left;
  }

  private unary(filters: boolean): Expr {
    const { kind, start } = this.lexer;
    let value: Expr;
    if (kind === '-' || kind === '+') {
      this.lexer.next();
      const operand = this.unary(false);
      value = { kind: 'unary', op: kind, operand, calls: operand.calls, start, end: operand.end };
    } else value = this.primary();
    value = this.postfix(value);
    return filters ? this.filtersAndTests(value) : value;
  }

  primary(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    switch (lexer.kind) {
      case 'name': {
        const name = lexer.text;
        lexer.next();
        const value = constants.get(name);
        return value === undefined
          ? { kind: 'name', name, calls: false, start, end: lexer.before }
          : { kind: 'const', value, calls: false, start, end: lexer.before };
      }
      case 'string': {
        let text = lexer.value as string;
        lexer.next();
        while (lexer.kind === 'string') {
          text += lexer.value as string;
          lexer.next();
        }
        return { kind: 'const', value: text, calls: false, start, end: lexer.before };
      }
      case 'int':
      case 'float': {
        const { value } = lexer;
        lexer.next();
        return { kind: 'const', value, calls: false, start, end: lexer.before };
      }
      case '(':
        return this.parenthesised();
      case '[': {
        lexer.next();
        const items = this.items(']');
        return { kind: 'list', items, calls: anyCalls(items), start, end: lexer.before };
      }
      case '{':
        return this.dict();
      default:
        return this.fail(`expected an expression and found ${lexer.describe()}`);
    }
  }

  /** Expressions up to the closing bracket, with an optional comma at the end. */
  private items(close: TokenKind): Expr[] {
    const items: Expr[] = [];
    while (!this.at(close)) {
      if (items.length > 0) {
        this.expect(',');
        if (this.at(close)) break;
      }
      items.push(this.expression());
    }
    this.lexer.next();
    return items;
  }

  private parenthesised(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    lexer.next();
    if (this.skip(')')) return { kind: 'tuple', items: [], calls: false, start, end: lexer.before };
    let value = this.expression();
    if (this.at(',')) value = this.tupleFrom(value, () => this.at(')'));
    this.expect(')');
    return { ...value, start, end: lexer.before };
  }

  private dict(): Expr {
    const { lexer } = this;
    const { start } = lexer;
    lexer.next();
    const pairs: { key: Expr; value: Expr }[] = [];
    let calls = false;
    while (!this.at('}')) {
      if (pairs.length > 0) {
        this.expect(',');
        if (this.at('}')) break;
      }
      const key = this.expression();
      this.expect(':');
      const value = this.expression();
      calls ||= key.calls || value.calls;
      pairs.push({ key, value });
    }
    lexer.next();
    return { kind: 'dict', pairs, calls, start, end: lexer.before };
  }

  private postfix(value: Expr): Expr {
    for (;;) {
      switch (this.lexer.kind) {
        case '.':
          value = this.attribute(value);
          break;
        case '[':
          value = this.subscript(value);
          break;
        case '(':
          value = this.call(value);
          break;
        default:
          return value;
      }
    }
  }

  private filtersAndTests(value: Expr): Expr {
    for (;;) {
      if (this.lexer.kind === '|') value = this.filter(value);
      else if (this.atWord('is')) value = this.test(value);
      else if (this.lexer.kind === '(') value = this.call(value);
      else return value;
    }
  }

  private attribute(target: Expr): Expr {
    const { lexer } = this;
    lexer.next();
    const { start, stop: end, value } = lexer;
    if (lexer.kind === 'name') {
      const name = lexer.text;
      lexer.next();
      return { kind: 'attr', target, name, calls: target.calls, start: target.start, end };
    }
    if (lexer.kind !== 'int') this.fail(`expected a name or a number after \`.\` and found ${lexer.describe()}`);
    lexer.next();
    return { kind: 'item', target, key: { kind: 'const', value, calls: false, start, end }, calls: target.calls, start: target.start, end };
  }

  private subscript(target: Expr): Expr {
    const { lexer } = this;
    const { start } = lexer;
    lexer.next();
    const keys: (Expr | Slice)[] = [];
    while (!this.at(']')) {
      if (keys.length > 0) this.expect(',');
      keys.push(this.key());
    }
    lexer.next();
    const end = lexer.before;
    const only = keys.length === 1 ? keys[0] : undefined;
    const key = only ?? ({ kind: 'tuple', items: keys.map((k) => this.plainKey(k)), calls: anyCalls(keys), start, end } as const);
    return { kind: 'item', target, key, calls: target.calls || key.calls, start: target.start, end };
  }

  private plainKey(key: Expr | Slice): Expr {
    return key.kind === 'slice' ? this.fail('a slice cannot stand beside other keys', key) : key;
  }

  private key(): Expr | Slice {
    const { start } = this.lexer;
    const from = this.at(':') ? undefined : this.expression();
    if (!this.skip(':')) return from ?? this.expression();
    const to = this.sliceEnds() ? undefined : this.expression();
    const step = this.skip(':') && !this.sliceEnds() ? this.expression() : undefined;
    const calls = from?.calls === true || to?.calls === true || step?.calls === true;
    return { kind: 'slice', from, to, step, calls, start, end: this.lexer.before };
  }

  private sliceEnds(): boolean {
    return this.at(':') || this.at(']') || this.at(',');
  }

  private call(callee: Expr): Call {
    const args = this.arguments();
    return { kind: 'call', callee, args, calls: true, start: callee.start, end: this.lexer.before };
  }

  /** The arguments of a call, from `(` to `)`. */
  private arguments(): Arguments {
    const { lexer } = this;
    lexer.next();
    if (this.skip(')')) return noArguments;
    const positional: Expr[] = [];
    const named: { name: string; value: Expr }[] = [];
    let star: Expr | undefined;
    let doubleStar: Expr | undefined;
    for (let first = true; !this.at(')'); first = false) {
      if (!first) {
        this.expect(',');
        if (this.at(')')) break;
      }
      if (doubleStar !== undefined) this.fail('no argument may follow `**`');
      if (this.at('*')) {
        if (star !== undefined) this.fail('a call takes one `*` argument');
        lexer.next();
        star = this.expression();
      } else if (this.skip('**')) doubleStar = this.expression();
      else if (lexer.kind === 'name' && lexer.assignAhead()) {
        const { name, start, end } = this.name();
        if (named.some((n) => n.name === name)) this.fail(`argument \`${name}\` is given twice`, { start, end });
        lexer.next();
        named.push({ name, value: this.expression() });
      } else {
        if (named.length > 0 || star !== undefined) this.fail('a positional argument cannot follow a named one');
        positional.push(this.expression());
      }
    }
    lexer.next();
    return { positional, named, star, doubleStar };
  }

  private dottedName(): string {
    let { name } = this.name();
    while (this.skip('.')) name += `.${this.name().name}`;
    return name;
  }

  /** `| name(args)`, once; without a target (`{% filter name %}`) the bar is not there. */
  filter(target: Expr | undefined): Filter {
    const { lexer } = this;
    if (target !== undefined) lexer.next();
    const { start } = lexer;
    const name = this.dottedName();
    const args = this.at('(') ? this.arguments() : noArguments;
    const calls = target?.calls === true || argumentsCall(args);
    return { kind: 'filter', target, name, args, calls, start: target?.start ?? start, end: lexer.before };
  }

  private test(target: Expr): Expr {
    const { lexer } = this;
    lexer.next();
    const negated = this.skipWord('not');
    const name = this.dottedName();
    let args = noArguments;
    if (this.at('(')) args = this.arguments();
    else if (
      operandStarts.has(lexer.kind) &&
      !(lexer.kind === 'name' && (lexer.text === 'else' || lexer.text === 'or' || lexer.text === 'and' || lexer.text === 'if'))
    ) {
      if (this.atWord('is')) this.fail('tests with `is` cannot be chained', undefined, 'join them with `and`');
      args = { ...noArguments, positional: [this.postfix(this.primary())] };
    }
    return { kind: 'test', target, name, args, negated, calls: target.calls || argumentsCall(args), start: target.start, end: lexer.before };
  }
}

/** Names that are values. `true` and `True` are the same. */
export const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

function logic(op: 'and' | 'or', left: Expr, right: Expr): Expr {
  return { kind: 'logic', op, left, right, calls: left.calls || right.calls, start: left.start, end: right.end };
}

function anyCalls(items: readonly (Expr | Slice)[]): boolean {
  return items.some((item) => item.calls);
}

function argumentsCall(args: Arguments): boolean {
  return anyCalls(args.positional) || args.named.some((n) => n.value.calls) || args.star?.calls === true || args.doubleStar?.calls === true;
}
