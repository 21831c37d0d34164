import MiniSearch from 'minisearch';
import { type SearchDoc, searchIndex } from '../search.ts';
import type { MacroPage, NodePage, Row } from './types.ts';

/** Letters of all documents that one index is made of: a few hundred kilobytes as JSON. */
const LETTERS = 120_000;
/** SQL is searched for the names in it: words of a few letters are mostly its own. */
const NAME = /[A-Za-z_][A-Za-z0-9_]{3,}/g;
const MOST_NAMES = 300;
const MOST_TEXT = 4000;

/** The search indices of a site as JSON, each of some of the documents. */
export function searchFiles(rows: readonly Row[], pages: ReadonlyMap<string, NodePage>, macros: readonly MacroPage[]): readonly string[] {
  const files: string[] = [];
  let docs: SearchDoc[] = [];
  let letters = 0;
  const flush = (): void => {
    if (docs.length === 0) return;
    const index = new MiniSearch<SearchDoc>(searchIndex);
    index.addAll(docs);
    files.push(JSON.stringify(index));
    docs = [];
    letters = 0;
  };
  for (const doc of documents(rows, pages, macros)) {
    docs.push(doc);
    letters += doc.name.length + doc.columns.length + doc.tags.length + doc.text.length + doc.code.length;
    if (letters >= LETTERS) flush();
  }
  flush();
  return files;
}

function* documents(rows: readonly Row[], pages: ReadonlyMap<string, NodePage>, macros: readonly MacroPage[]): Generator<SearchDoc> {
  for (const row of rows) {
    if (row.hidden) continue;
    const page = pages.get(row.id);
    const columns = page?.columns ?? [];
    yield {
      id: row.id,
      name: row.name,
      columns: columns.map((c) => c.name).join(' '),
      tags: [...(row.tags ?? []), row.owner ?? '', row.group ?? ''].join(' ').trim(),
      text: [page?.description ?? '', ...columns.map((c) => c.description ?? '')].join(' ').slice(0, MOST_TEXT).trim(),
      code: namesIn(page?.raw),
    };
  }
  for (const { id, name, arguments: args, description, code } of macros)
    yield { id, name, columns: args.map((a) => a.name).join(' '), tags: '', text: (description ?? '').slice(0, MOST_TEXT), code: namesIn(code) };
}

function namesIn(code: string | undefined): string {
  const names = new Set<string>();
  for (const [name] of (code ?? '').matchAll(NAME)) {
    if (names.size >= MOST_NAMES) break;
    names.add(name);
  }
  return [...names].join(' ');
}
