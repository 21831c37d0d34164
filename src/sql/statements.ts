import { type Token, tokenAt, tokens } from './lexer.ts';

/** One statement of a text and where it starts there (UTF-16 offset). */
export interface Statement {
  readonly sql: string;
  readonly offset: number;
}

const SILENT = new Set<Token['kind']>(['space', 'comment']);

/** The statements of a text, without their semicolons; pieces of nothing but space and comments are left out. */
export function splitStatements(sql: string): readonly Statement[] {
  const out: Statement[] = [];
  let start = 0;
  let says = false;
  const close = (end: number): void => {
    if (says) out.push({ sql: sql.slice(start, end), offset: start });
    says = false;
  };
  for (const token of tokens(sql)) {
    if (token.kind === 'symbol' && sql[token.start] === ';') {
      close(token.start);
      start = token.end;
    } else if (!SILENT.has(token.kind)) says = true;
  }
  close(sql.length);
  return out;
}

/** The text without semicolons that end it, so that it can stand in parentheses. Comments behind them stay. */
export function trimSemicolon(sql: string): string {
  if (!sql.includes(';')) return sql;
  const ends: Token[] = [];
  for (const token of tokens(sql)) {
    if (SILENT.has(token.kind)) continue;
    if (sql[token.start] === ';' && token.kind === 'symbol') ends.push(token);
    else ends.length = 0;
  }
  let out = sql;
  for (const token of ends.reverse()) out = out.slice(0, token.start) + out.slice(token.end);
  return out;
}

/** A common table expression: its name as it stands in SQL, and its query. */
export interface Cte {
  readonly name: string;
  readonly sql: string;
}

/** A text with CTEs put in front of its own, and where its parts went: offsets from `at` on are `shift` further right. */
export interface Injected {
  readonly sql: string;
  readonly at: number;
  readonly shift: number;
}

/** Puts CTEs in front of the query's own `with [recursive]` list, or in front of the query, in the layout dbt prints. */
export function injectCtes(sql: string, ctes: readonly Cte[]): Injected {
  if (ctes.length === 0) return { sql, at: 0, shift: 0 };
  const list = ctes.map((c) => ` ${c.name} as (\n${c.sql}\n)`).join(', ');
  const at = withList(sql);
  const text = at === undefined ? `with${list} ` : `${list}, `;
  const place = skipSpace(sql, at ?? 0);
  return { sql: sql.slice(0, place) + text + sql.slice(place), at: place, shift: text.length };
}

function skipSpace(sql: string, at: number): number {
  if (at >= sql.length) return at;
  const token = tokenAt(sql, at);
  return token.kind === 'space' ? token.end : at;
}

/** Offset right behind a leading `with` or `with recursive`, or undefined where the query has none. */
function withList(sql: string): number | undefined {
  let at = 0;
  const next = (): Token | undefined => {
    while (at < sql.length) {
      const token = tokenAt(sql, at);
      at = token.end;
      if (!SILENT.has(token.kind)) return token;
    }
    return undefined;
  };
  const word = (token: Token | undefined): string => (token?.kind === 'word' ? sql.slice(token.start, token.end).toLowerCase() : '');
  const first = next();
  if (word(first) !== 'with') return undefined;
  const second = next();
  return word(second) === 'recursive' ? second?.end : first?.end;
}
