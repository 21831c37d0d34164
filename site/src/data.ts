import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { shardOf } from '../../src/docs/data/shard.ts';
import type { GraphFile, Id, IndexFile, ListFile, Row } from '../../src/docs/data/types.ts';

/** Something on its way: there, not there yet, or not to be had. */
export type Loaded<T> = { readonly state: 'loading' } | { readonly state: 'failed'; readonly why: string } | { readonly state: 'ready'; readonly value: T };

/** The data files, each read once. */
export class Data {
  private readonly promises = new Map<string, Promise<unknown>>();
  /** What has arrived, so that a page returned to is drawn at once. */
  private readonly arrived = new Map<string, unknown>();
  readonly index: IndexFile;

  constructor(index: IndexFile) {
    this.index = index;
  }

  /** The file at `path`, such as `data/tests.json`. */
  file<T>(path: string): Promise<T> {
    return this.once(path, () => read(path, this.index.files[path]?.digest)) as Promise<T>;
  }

  /** The shard of a kind that holds what is asked for by id. */
  shard<T>(kind: 'nodes' | 'tests' | 'macros' | 'columns', id: Id): Promise<T> {
    return this.file(`data/${kind}/${shardOf(id, this.index.shards[kind])}.json`);
  }

  /** All files of a kind that is counted through. */
  all<T>(kind: 'list' | 'bends' | 'timeline' | 'search'): Promise<readonly T[]> {
    return Promise.all(Array.from({ length: this.index.shards[kind] }, (_, n) => this.file<T>(`data/${kind}/${n}.json`)));
  }

  /** A computation over files, made once; `key` names it. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.promises.get(key);
    if (known) return known as Promise<T>;
    const made = make().then((value) => {
      this.arrived.set(key, value);
      return value;
    });
    this.promises.set(key, made);
    // A file that could not be read is asked for again the next time.
    made.catch(() => this.promises.delete(key));
    return made;
  }

  /** What `once` has made under a key, if it has. */
  now(key: string): unknown {
    return this.arrived.get(key);
  }
}

/** What every page stands on: the data, and the list of nodes as soon as it is there. */
export interface Site {
  readonly data: Data;
  readonly nodes: Loaded<Nodes>;
}

/** The rows of the list, by number and by id. */
export interface Nodes {
  readonly rows: readonly Row[];
  readonly byId: ReadonlyMap<Id, Row>;
  readonly numberOf: ReadonlyMap<Id, number>;
}

export const SiteContext = createContext<Site | undefined>(undefined);

/** The site that a component is part of. */
export function useSite(): Site {
  const site = useContext(SiteContext);
  if (site === undefined) throw new Error('drawn outside of a site');
  return site;
}

/** A row by id, once the list is there. */
export function useRow(id: Id): Row | undefined {
  const { nodes } = useSite();
  return nodes.state === 'ready' ? nodes.value.byId.get(id) : undefined;
}

/** The rows, none while they are on their way. */
export function useRows(): readonly Row[] {
  const { nodes } = useSite();
  return nodes.state === 'ready' ? nodes.value.rows : NONE;
}

const NONE: readonly Row[] = [];

/** Reads a file for a component. */
export function useFile<T>(path: string): Loaded<T> {
  const { data } = useSite();
  return useLoaded<T>(data, path, () => data.file<T>(path));
}

/**
 * Makes something of the data for a component, once for all components with the same key. When the data are new, what was there before stays until the new is
 * made: a page that is watched does not flicker.
 */
export function useLoaded<T>(data: Data, key: string, make: () => Promise<T>): Loaded<T> {
  const [, redraw] = useState(0);
  const last = useRef<{ readonly key: string; readonly loaded: Loaded<T> } | undefined>(undefined);
  useEffect(() => {
    if (data.now(key) !== undefined) return;
    let wanted = true;
    const tell = (loaded: Loaded<T>) => {
      if (!wanted) return;
      last.current = { key, loaded };
      redraw((n) => n + 1);
    };
    data.once(key, make).then(
      (value) => tell({ state: 'ready', value }),
      (error: unknown) => tell({ state: 'failed', why: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [data, key]);
  const now = data.now(key) as T | undefined;
  if (now !== undefined) last.current = { key, loaded: { state: 'ready', value: now } };
  return last.current?.key === key ? last.current.loaded : LOADING;
}

const LOADING = { state: 'loading' } as const;

/** The list of all nodes. */
export async function loadNodes(data: Data): Promise<Nodes> {
  return data.once('nodes', async () => {
    const files = await data.all<ListFile>('list');
    const rows = files.flatMap((file) => file.rows);
    return { rows, byId: new Map(rows.map((r) => [r.id, r])), numberOf: new Map(rows.map((r, n) => [r.id, n])) };
  });
}

/** The drawing of the whole project. */
export function loadGraph(data: Data): Promise<GraphFile> {
  return data.file('data/graph.json');
}

/** Reads the index, past every cache: all other files are named by it. */
export async function loadIndex(): Promise<IndexFile> {
  return (await read('data/index.json', undefined)) as IndexFile;
}

/** A file of the site: from a block of this page where the site is one file, else from the host. */
async function read(path: string, digest: string | undefined): Promise<unknown> {
  const block = document.querySelector(`script[data-file="${CSS.escape(path)}"]`);
  if (block) return unpacked(block.textContent ?? '');
  const response = await fetch(digest === undefined ? path : `${path}?v=${digest}`, { cache: digest === undefined ? 'no-cache' : 'default' });
  if (!response.ok) throw new Error(`${path} could not be read: ${response.status} ${response.statusText}`);
  return response.json();
}

function unpacked(base64: string): Promise<unknown> {
  const packed = Uint8Array.from(atob(base64.trim()), (c) => c.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
}
