import { gzipSync } from 'node:zlib';

/** Where the data go in the page that has its script and style in it. */
const MARK = '<!--dml:data-->';

/** A site in one file: the data files as blocks of the page, each gzipped and in base64, so that nothing in them can end a block or begin a script. */
export function singleFile(page: string, data: ReadonlyMap<string, string>): string {
  if (!page.includes(MARK)) throw new Error('the page has no place for data');
  // The index first: what the page needs first is found first.
  const paths = [...data.keys()].sort((a, b) => Number(b === INDEX) - Number(a === INDEX));
  const blocks = paths.map((path) => `<script type="text/plain" data-file="${path}">${gzipSync(data.get(path) ?? '').toString('base64')}</script>`);
  return page.replace(MARK, () => blocks.join('\n'));
}

const INDEX = 'data/index.json';
