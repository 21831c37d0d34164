import type { Id, Row } from '../../../src/docs/data/types.ts';
import type { Token } from './lex.ts';

/** What the names in a node's code mean. */
export interface Names {
  /** Nodes it reads. */
  readonly parents: readonly Row[];
  /** Macros it calls, by id. */
  readonly macros: readonly Id[];
}

/** A run of tokens that leads somewhere: from `first` to `last`, both in it. */
export interface Reference {
  readonly first: number;
  readonly last: number;
  readonly page: 'node' | 'macro';
  readonly id: Id;
}

/** Finds refs, sources, macros and, in compiled code, tables, that lead to pages. References do not overlap and are in order. */
export function references(tokens: readonly Token[], names: Names): readonly Reference[] {
  const out: Reference[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const found = tokens[i]?.template ? called(tokens, i, names) : table(tokens, i, names);
    if (found === undefined) continue;
    out.push(found);
    i = found.last;
  }
  return out;
}

/** `ref('a')`, `source('a', 'b')` with all of their arguments, or the name of a macro. */
function called(tokens: readonly Token[], first: number, names: Names): Reference | undefined {
  const name = tokens[first];
  if (name?.kind !== 'call') return undefined;
  if (name.text !== 'ref' && name.text !== 'source') {
    const before = tokens[first - 1]?.text === '.' ? tokens[first - 2]?.text : undefined;
    const id = names.macros.find((m) => m.endsWith(`.${before ?? ''}${before === undefined ? '' : '.'}${name.text}`));
    return id === undefined ? undefined : { first, last: first, page: 'macro', id };
  }
  let last = first + 1;
  while (last < tokens.length && tokens[last]?.template && !tokens[last]?.text.includes(')')) last++;
  const inner = tokens.slice(first + 1, last + 1);
  const solid = inner.filter((t) => t.kind !== 'text');
  const texts = solid.flatMap((t, i) => (t.kind === 'string' && solid[i - 1]?.text !== '=' ? [t.text.slice(1, -1)] : []));
  const version = /\bv(?:ersion)?\s*=\s*['"]?([\w.]+)/.exec(inner.map((t) => t.text).join(''))?.[1];
  const parent = name.text === 'source' ? sourceOf(texts, names.parents) : modelOf(texts.slice(0, 2), version, names.parents);
  return parent && { first, last, page: 'node', id: parent.id };
}

function sourceOf(texts: readonly string[], parents: readonly Row[]): Row | undefined {
  return parents.find((p) => p.type === 'source' && p.name === texts.join('.'));
}

/** A version that is given is the one; else the latest of the name. */
function modelOf(texts: readonly string[], version: string | undefined, parents: readonly Row[]): Row | undefined {
  const name = texts.at(-1);
  const own = parents.filter((p) => p.type !== 'source' && (p.version === undefined ? p.name : p.fqn.at(-2)) === name);
  if (version !== undefined) return own.find((p) => p.version === version);
  return own.find((p) => p.latest) ?? own[0];
}

/** `"shop"."main"."orders"`, `main.orders`: the last two parts tell. */
function table(tokens: readonly Token[], first: number, names: Names): Reference | undefined {
  const parts: string[] = [];
  let last = first;
  for (let i = first; isName(tokens[i]); i += 2) {
    parts.push((tokens[i]?.text ?? '').replace(/^["`]|["`]$/g, '').toLowerCase());
    last = i;
    if (tokens[i + 1]?.text !== '.') break;
  }
  const [schema, alias] = parts.slice(-2);
  if (alias === undefined || tokens[first - 1]?.text === '.') return undefined;
  const parent = names.parents.find((p) => p.schema?.toLowerCase() === schema && (p.alias ?? p.name).toLowerCase() === alias);
  return parent && { first, last, page: 'node', id: parent.id };
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'name' || token?.kind === 'quoted';
}
