import type { Id, Row } from '../../src/docs/data/types.ts';
import { compare } from './text.ts';

/** A folder of the project's tree. */
export interface Folder {
  readonly name: string;
  readonly folders: readonly Folder[];
  readonly rows: readonly Row[];
  /** Everything in it and below. */
  readonly ids: ReadonlySet<Id>;
}

interface Growing {
  readonly name: string;
  readonly folders: Map<string, Growing>;
  readonly rows: Row[];
  readonly ids: Set<Id>;
}

/** Files in their folders; sources by their name. Packages are folders where there are several. */
export function treeOf(rows: readonly Row[]): Folder {
  const kept = rows.filter((r) => !r.hidden && r.type !== 'exposure' && r.type !== 'metric' && r.type !== 'semantic_model' && r.type !== 'saved_query');
  const several = new Set(kept.map((r) => r.package)).size > 1;
  const root = grown('');
  for (const row of kept) {
    const path = row.type === 'source' ? ['sources', row.name.split('.')[0] ?? ''] : row.file.split('/').slice(0, -1);
    let folder = root;
    for (const name of several ? [row.package, ...path] : path) {
      let next = folder.folders.get(name);
      if (next === undefined) folder.folders.set(name, (next = grown(name)));
      next.ids.add(row.id);
      folder = next;
    }
    folder.rows.push(row);
  }
  return settled(root);
}

function grown(name: string): Growing {
  return { name, folders: new Map(), rows: [], ids: new Set() };
}

function settled(folder: Growing): Folder {
  const folders = [...folder.folders.values()].map(settled).sort((a, b) => compare(a.name, b.name));
  return { ...folder, folders, rows: folder.rows.sort((a, b) => compare(a.name, b.name)) };
}
