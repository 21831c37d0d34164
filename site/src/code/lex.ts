/** What a piece of code is, as far as its colour goes. `mark`: the brackets of a template. */
export type Kind = 'text' | 'keyword' | 'call' | 'string' | 'number' | 'comment' | 'mark' | 'name' | 'quoted' | 'operator';

/** A piece of code. The texts of all pieces, joined, are the code. */
export interface Token {
  readonly kind: Kind;
  readonly text: string;
  /** Inside `{{ … }}` or `{% … %}`. */
  readonly template?: true;
}

export type Language = 'sql' | 'python' | 'json';

/** Cuts code into pieces. Knows no grammar: whatever it does not know is text. */
export function lex(code: string, language: Language): readonly Token[] {
  if (language === 'sql') return templated(code);
  return plain(code, language === 'json' ? JSON_WORDS : PYTHON_WORDS, language === 'json' ? JSON_TOKEN : PYTHON_TOKEN);
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const SQL_WORDS = words(
  'add all alter and any array as asc asof at between boolean by case cast check column constraint create cross current_date current_timestamp date default delete desc distinct drop else end except exclude exists explain extract false fetch filter first following for foreign from full function group grouping having if ignore ilike in index inner insert int integer intersect interval into is join key last lateral left like limit macro materialized merge natural not null nulls numeric offset on only or order outer over partition pivot positional preceding primary qualify range recursive references rename replace returning right row rows sample select semi set sets similar some struct table then timestamp to true unbounded union unique unnest unpivot update using values varchar view when where window with within',
);
const JINJA_WORDS = words(
  'and block call do elif else endblock endcall endfilter endfor endif endmacro endmaterialization endraw endsnapshot endset endtest extends filter for if import in include is loop macro materialization none None not or raw recursive return set snapshot test true True false False with without',
);
const PYTHON_WORDS = words(
  'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield',
);
const JSON_WORDS = words('true false null');

/** Groups: comment, string, quoted name, number, word, operator. A string may lack its end. */
const SQL_TOKEN =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*(?:'|$))|("(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$))|(\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)|([\p{L}_][\p{L}\p{N}_$]*)|([<>=!+\-*/%|&^~:;,.()[\]]+)/giu;
const JINJA_TOKEN =
  /(#[^\n]*(?!))|('(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$))|((?!))|(\b\d[\d_]*(?:\.\d+)?\b)|([\p{L}_][\p{L}\p{N}_]*)|([<>=!+\-*/%|&~:,.()[\]{}]+)/gsu;
const PYTHON_TOKEN =
  /(#[^\n]*)|("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?)|((?!))|(\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)|([\p{L}_][\p{L}\p{N}_]*)|([<>=!+\-*/%|&^~:,.()[\]{}@]+)/gu;
const JSON_TOKEN = /((?!))|("(?:[^"\\]|\\.)*"(?!\s*:))|("(?:[^"\\]|\\.)*")|(-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(\w+)|([{}[\],:]+)/g;
const KINDS = ['comment', 'string', 'quoted', 'number', 'name', 'operator'] as const;

/** A comment of the template, or its brackets with what is between them: strings there may hold brackets. */
const TEMPLATE = /\{#[\s\S]*?(?:#\}|$)|(\{[{%][-+]?)((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"])*?)([-+]?[}%]\}|$)/gs;

/** SQL with the template language in it. */
function templated(code: string): readonly Token[] {
  const out: Token[] = [];
  let from = 0;
  for (const m of code.matchAll(TEMPLATE)) {
    out.push(...plain(code.slice(from, m.index), SQL_WORDS, SQL_TOKEN));
    from = m.index + m[0].length;
    const [whole, open, inner = '', close = ''] = m;
    if (open === undefined) {
      out.push({ kind: 'comment', text: whole });
      continue;
    }
    out.push({ kind: 'mark', text: open, template: true });
    for (const token of plain(inner, JINJA_WORDS, JINJA_TOKEN)) out.push({ ...token, template: true });
    if (close !== '') out.push({ kind: 'mark', text: close, template: true });
  }
  out.push(...plain(code.slice(from), SQL_WORDS, SQL_TOKEN));
  return out;
}

function plain(code: string, known: ReadonlySet<string>, pattern: RegExp): Token[] {
  const out: Token[] = [];
  let from = 0;
  for (const m of code.matchAll(pattern)) {
    if (m.index > from) out.push({ kind: 'text', text: code.slice(from, m.index) });
    from = m.index + m[0].length;
    const kind = KINDS[m.slice(1).findIndex((group) => group !== undefined)] ?? 'text';
    out.push({ kind: kind === 'name' ? wordKind(m[0], code, from, known) : kind, text: m[0] });
  }
  if (from < code.length) out.push({ kind: 'text', text: code.slice(from) });
  return out;
}

function wordKind(word: string, code: string, end: number, known: ReadonlySet<string>): Kind {
  if (known.has(word) || (known === SQL_WORDS && known.has(word.toLowerCase()))) return 'keyword';
  return /^\s*\(/.test(code.slice(end, end + 20)) ? 'call' : 'name';
}
