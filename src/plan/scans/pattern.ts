import { tokens } from '../../sql/index.ts';

/** A word, text or symbol of SQL, and how many brackets are open around it. */
interface Piece {
  /** As it stands; words in lower case. */
  readonly text: string;
  readonly word: boolean;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/** The parts of a query that fill the holes of a pattern, as they stand in it. */
export type Parts<Hole extends string> = Readonly<Record<Hole, string>>;

/** A query with holes: `select * from :rows where :failing`. */
export interface Pattern<Hole extends string> {
  /** Undefined where a query is not of this form, or where it cannot be told for sure. */
  match(sql: string): Parts<Hole> | undefined;
}

const OPEN = new Set(['(', '[', '{']);
const CLOSE = new Set([')', ']', '}']);
// What would end a part of a query and begin another one.
const CLAUSES = new Set(
  'select,where,group,having,order,limit,offset,fetch,union,except,intersect,window,qualify,with,using,sample,tablesample,into,for,returning'.split(','),
);

/** The pieces of a text. Undefined where a comment or a bracket makes it unsafe to put its parts elsewhere. */
function piecesOf(sql: string): readonly Piece[] | undefined {
  const out: Piece[] = [];
  let depth = 0;
  for (const { kind, start, end } of tokens(sql)) {
    if (kind === 'space') continue;
    if (kind === 'comment') return undefined;
    const text = sql.slice(start, end);
    if (kind === 'symbol' && CLOSE.has(text)) depth--;
    if (depth < 0 || text === ';') return undefined;
    out.push({ text: kind === 'word' ? text.toLowerCase() : text, word: kind === 'word', start, end, depth });
    if (kind === 'symbol' && OPEN.has(text)) depth++;
  }
  return depth === 0 ? out : undefined;
}

/** Reads a pattern. Every `:name` is a hole; one that is called `rows` may hold queries in brackets, the others no query and no window at all. */
export function pattern<Hole extends string>(text: string): Pattern<Hole> {
  const wanted = (piecesOf(text) ?? []).filter((p) => p.text !== ':');
  const holes = new Set([...text.matchAll(/:(\w+)/g)].map((m) => m[1] as string));
  const isHole = (p: Piece): boolean => p.word && holes.has(p.text);
  return {
    match(sql) {
      const found = piecesOf(sql);
      if (!found) return undefined;
      const parts: Record<string, string> = {};
      let at = 0;
      const literal = (i: number, from: number): boolean => {
        for (; i < wanted.length && !isHole(wanted[i] as Piece); i++, from++) if (found[from]?.text !== wanted[i]?.text) return false;
        return i < wanted.length || from === found.length;
      };
      for (let i = 0; i < wanted.length; i++, at++) {
        const want = wanted[i] as Piece;
        if (!isHole(want)) {
          if (found[at]?.text !== want.text) return undefined;
          continue;
        }
        const depth = wanted[i + 1]?.depth ?? 0;
        const end = holeEnd(found, at, want, (from) => (found[from]?.depth ?? 0) === depth && literal(i + 1, from));
        if (end === undefined) return undefined;
        const part = sql.slice(found[at]?.start, found[end - 1]?.end);
        if (parts[want.text] !== undefined && parts[want.text] !== part) return undefined;
        parts[want.text] = part;
        at = end - 1;
      }
      return at === found.length ? (parts as Parts<Hole>) : undefined;
    },
  };
}

/** Behind the last piece of a hole's part; undefined where what follows does not come or the part is not a plain one. */
function holeEnd(found: readonly Piece[], from: number, { text: name, depth }: Piece, follows: (at: number) => boolean): number | undefined {
  for (let at = from; at <= found.length; at++) {
    const piece = found[at];
    if (at > from && follows(at)) return at;
    if (!piece || piece.depth < depth) return undefined;
    const outer = piece.depth === depth;
    if (outer && piece.word && CLAUSES.has(piece.text) && !(piece.text === 'group' && found[at - 1]?.text === 'within')) return undefined;
    if (name !== 'rows' && ((outer && piece.text === ',' && name !== 'list') || (piece.word && (piece.text === 'select' || piece.text === 'over'))))
      return undefined;
  }
  return undefined;
}

// Words of conditions that are no names of columns.
const WORDS = new Set('not,or,and,is,true,false,cast,as,varchar,text'.split(','));
// What sees the characters of a text and nothing else: no collation makes two texts the same to these.
const LITERAL = new Set(['regexp_matches', 'length', 'json_valid']);

/** The one column that a condition gives to functions of its characters, where it plainly looks at nothing else: the same for equal texts. */
export function computedColumn(condition: string): string | undefined {
  const found = piecesOf(condition) ?? [];
  const names = found.filter(({ text, word }) => (word && !WORDS.has(text) && !LITERAL.has(text)) || text.startsWith('"') || text === '.');
  const [first] = names;
  const column = first && condition.slice(first.start, first.end);
  const given = (piece: Piece): boolean => {
    let at = found.indexOf(piece) - 1;
    if (found[at - 1]?.text === 'cast') at -= 2;
    return found[at]?.text === '(' && LITERAL.has(found[at - 1]?.text ?? '');
  };
  return column !== undefined && isName(column) && names.every((n) => condition.slice(n.start, n.end) === column && given(n)) ? column : undefined;
}

/** Whether an expression is the name of a column and nothing else. */
export function isName(expression: string): boolean {
  return /^(?:[a-z_]\w*|"[^"]+")$/i.test(expression);
}
