import type { Options, SearchOptions } from 'minisearch';

/** What is searched of a node, test or macro. */
export interface SearchDoc {
  readonly id: string;
  readonly name: string;
  /** Names of columns, or arguments, one after the other. */
  readonly columns: string;
  readonly tags: string;
  /** Descriptions of it and its columns. */
  readonly text: string;
  /** The names that its SQL uses, each once. */
  readonly code: string;
}

/** What a MiniSearch index of the site is made and read with: `MiniSearch.loadJS(json, searchIndex)`. Results name nodes by their id. */
export const searchIndex: Options<SearchDoc> = {
  fields: ['name', 'columns', 'tags', 'text', 'code'],
  // Underscores part words, as they do in MiniSearch's own way of doing it; `orderTotal` is found by `total`.
  tokenize: (text) => text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').split(/[\n\r\p{Z}\p{P}\p{S}]+/u),
};

/** How it is asked: a word is found by its beginning, and by nearly its letters; a name counts more than what is said about it. */
export const searchQuery: SearchOptions = {
  prefix: true,
  // Two letters that changed places are two edits: words of five letters and more may have as many.
  fuzzy: (term) => (term.length > 4 ? 0.3 : term.length > 3 ? 0.2 : false),
  combineWith: 'AND',
  boost: { name: 8, columns: 3, tags: 3, text: 1.5, code: 0.5 },
};
