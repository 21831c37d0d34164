import { createHash } from 'node:crypto';
import { shardOf } from './shard.ts';
import type { Id, IndexFile } from './types.ts';

/** Characters that a file has at most, on the average: little enough to be fetched for one page, much enough that a folder has not too many files. */
const SIZE = 100_000;

/** The data files of a site while they are made: each as its text, by its path. */
export class DataFiles {
  readonly texts = new Map<string, string>();

  /** Adds `data/<name>.json`. */
  put(name: string, value: object): void {
    this.text(name, JSON.stringify(value));
  }

  /** The same of what is JSON already. */
  text(name: string, json: string): void {
    this.texts.set(`data/${name}.json`, json);
  }

  /** Adds files that are counted through; answers their number. `write` makes the text of a file of the texts of some values and the number of the first. */
  split(kind: string, values: readonly unknown[], write: (texts: readonly string[], first: number) => string): number {
    const all = values.map((value) => JSON.stringify(value));
    let [count, first, size] = [0, 0, 0];
    all.forEach((text, n) => {
      size += text.length;
      if (size < SIZE && n < all.length - 1) return;
      this.text(`${kind}/${count++}`, write(all.slice(first, n + 1), first));
      [first, size] = [n + 1, 0];
    });
    return count;
  }

  /** Adds what is found by id, in as many files as its size asks for; answers their number. `key`: what holds the pages in each file. */
  share(kind: string, key: string, pages: Iterable<readonly [Id, unknown]>): number {
    const texts = [...pages].map(([id, page]) => [id, `${JSON.stringify(id)}:${JSON.stringify(page)}`] as const);
    const size = texts.reduce((sum, [, text]) => sum + text.length, 0);
    // Powers of two: a project that grows is not sharded anew each time.
    const count = 2 ** Math.max(0, Math.ceil(Math.log2(size / SIZE)));
    const shards = Array.from({ length: count }, (): string[] => []);
    for (const [id, text] of texts) shards[shardOf(id, count)]?.push(text);
    shards.forEach((list, n) => {
      this.text(`${kind}/${n}`, `{${JSON.stringify(key)}:{${list.join(',')}}}`);
    });
    return count;
  }

  /** Sizes and digests of all files so far, and a digest of them all. */
  summary(): Pick<IndexFile, 'build' | 'files'> {
    const files = Object.fromEntries([...this.texts].map(([path, text]) => [path, { bytes: Buffer.byteLength(text), digest: digestOf(text) }]));
    return { build: digestOf(JSON.stringify(files)), files };
  }
}

/** Ten hexadecimal digits that differ for different texts. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
