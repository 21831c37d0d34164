import MiniSearch from 'minisearch';
import type { Id } from '../../../src/docs/data/types.ts';
import { searchIndex, searchQuery } from '../../../src/docs/search.ts';
import type { Data } from '../data.ts';

/** A find: what was found, and the words of it that were matched, by field. */
export interface Hit {
  readonly id: Id;
  readonly score: number;
  /** Words of the document, with the fields they stand in. */
  readonly matches: Readonly<Record<string, readonly string[]>>;
}

export type Find = (text: string, most: number) => readonly Hit[];

/** Loads the index, in as many parts as it has. */
export async function loadSearch(data: Data): Promise<Find> {
  const parts = (await data.all('search')).map((json) => MiniSearch.loadJS(json as Parameters<typeof MiniSearch.loadJS>[0], searchIndex));
  return (text, most) => {
    const words = text.trim();
    if (words === '') return [];
    const hits = parts.flatMap((part) => part.search(words, searchQuery));
    // A name that is asked for letter by letter comes first, whatever else speaks of it.
    const exact = (id: string) => (id.toLowerCase().endsWith(`.${words.toLowerCase()}`) ? 1e6 : 0);
    return hits
      .map((h) => ({ id: String(h.id), score: h.score + exact(String(h.id)), matches: h.match }))
      .sort((a, b) => b.score - a.score)
      .slice(0, most);
  };
}
