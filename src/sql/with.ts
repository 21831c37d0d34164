import { type Token, tokens } from './lexer.ts';

/** The `with` list that a query begins with. */
export interface With {
  /** Names of its common table expressions, as they are written. */
  readonly names: readonly string[];
  /** Offset right behind the list: what follows is the query's main part. */
  readonly end: number;
}

// Each is followed by columns, and ends with the word here and one name.
const CLAUSES: ReadonlyMap<string, string> = new Map([
  ['search', 'set'],
  ['cycle', 'using'],
]);

/** The `with` list at the beginning of a query; undefined where it has none, or one that is not understood. */
export function withOf(sql: string): With | undefined {
  const read = new Reader(sql);
  if (read.word() !== 'with') return undefined;
  read.next();
  if (read.word() === 'recursive') read.next();
  const names: string[] = [];
  for (;;) {
    const name = read.at;
    if (name?.kind !== 'word' && name?.kind !== 'quoted') return undefined;
    names.push(sql.slice(name.start, name.end));
    read.next();
    // Columns, and what else stands before the query: `as`, `not materialized`.
    while (read.at !== undefined && read.word() !== 'as') read.skip();
    while (read.at !== undefined && read.symbol() !== '(') read.next();
    if (read.at === undefined) return undefined;
    read.skip();
    for (let last = CLAUSES.get(read.word()); last !== undefined; last = CLAUSES.get(read.word())) {
      while (read.at !== undefined && read.word() !== last) read.next();
      read.next();
      read.next();
    }
    if (read.symbol() !== ',') return { names, end: read.end };
    read.next();
  }
}

/** Steps through the tokens of a text that say something. */
class Reader {
  /** The present token; undefined at the end. */
  at: Token | undefined;
  /** Where the token before it ends. */
  end = 0;
  private readonly sql: string;
  private readonly rest: Generator<Token, void, undefined>;

  constructor(sql: string) {
    this.sql = sql;
    this.rest = tokens(sql);
    this.next();
  }

  next(): void {
    this.end = this.at?.end ?? 0;
    do this.at = this.rest.next().value ?? undefined;
    while (this.at?.kind === 'space' || this.at?.kind === 'comment');
  }

  /** Goes on behind the present token, or behind the parenthesis that it opens. */
  skip(): void {
    let depth = 0;
    do {
      const symbol = this.symbol();
      if (symbol === '(') depth++;
      else if (symbol === ')') depth--;
      this.next();
    } while (depth > 0 && this.at !== undefined);
  }

  /** The present word in lower case; the empty text for anything else. */
  word(): string {
    return this.at?.kind === 'word' ? this.sql.slice(this.at.start, this.at.end).toLowerCase() : '';
  }

  symbol(): string {
    return this.at?.kind === 'symbol' ? this.sql.slice(this.at.start, this.at.end) : '';
  }
}
