import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { type Sink, sourceFile } from '../text/index.ts';
import { checksum, readBytes, readText } from './file.ts';
import { type Ignore, parseIgnore } from './ignore.ts';
import type { FileKind, InputFile, ProjectConfig } from './project.ts';

/** The size in bytes up to which dbt hashes a seed; above, its path stands for its contents. */
const LARGEST_HASHED_SEED = 1024 * 1024;

/** Files of one kind: where they are, and the endings they have (lower case). */
interface Search {
  readonly kind: FileKind;
  readonly paths: readonly string[];
  readonly endings: readonly string[];
  /** Folders right below the search path whose files are of other kinds. */
  readonly except?: readonly string[];
}

function searches(paths: ProjectConfig['paths']): Search[] {
  const all = [...new Set([paths.model, paths.seed, paths.snapshot, paths.analysis, paths.macro, paths.test, paths.function].flat().map(trimSlash))];
  return [
    { kind: 'macro', paths: paths.macro, endings: ['.sql'] },
    { kind: 'macro', paths: paths.test.map((p) => posix.join(p, 'generic')), endings: ['.sql'] },
    { kind: 'model', paths: paths.model, endings: ['.sql', '.py'] },
    { kind: 'snapshot', paths: paths.snapshot, endings: ['.sql'] },
    { kind: 'analysis', paths: paths.analysis, endings: ['.sql'] },
    { kind: 'singular-test', paths: paths.test, endings: ['.sql'], except: ['generic', 'fixtures'] },
    { kind: 'seed', paths: paths.seed, endings: ['.csv'] },
    { kind: 'docs', paths: paths.docs, endings: ['.md'] },
    { kind: 'yaml', paths: all, endings: ['.yml', '.yaml'] },
    { kind: 'fixture', paths: paths.test.map((p) => posix.join(p, 'fixtures')), endings: ['.csv', '.sql'] },
    { kind: 'function', paths: paths.function, endings: ['.sql', '.py'] },
  ];
}

/** The search path without a slash at its end. */
export function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

/**
 * The files of a package, by kind and then by path. `dir` is absolute; `folder` is how diagnostics name it, where it is not the project's. Files that
 * cannot be read are reported and left out.
 */
export function discover(dir: string, config: ProjectConfig, sink: Sink, folder?: string): InputFile[] {
  const ignore = readIgnore(dir, sink);
  const folders = new Map<string, readonly string[]>();
  const found = new Set<string>();
  const files: InputFile[] = [];
  for (const search of searches(config.paths)) {
    for (const path of search.paths.map(trimSlash)) {
      let below = folders.get(path);
      if (!below) {
        below = walk(resolve(dir, path));
        folders.set(path, below);
      }
      for (const relative of below) {
        if (!search.endings.some((e) => endsWith(relative, e))) continue;
        if (search.except?.some((folder) => relative.startsWith(`${folder}/`))) continue;
        const original = posix.join(path, relative);
        const id = `${search.kind}:${original}`;
        if (found.has(id) || ignore?.(original)) continue;
        found.add(id);
        const file = load(search.kind, dir, path, relative, original, sink);
        if (file) files.push(folder === undefined ? file : { ...file, source: { ...file.source, folder } });
      }
    }
  }
  return files;
}

function endsWith(path: string, ending: string): boolean {
  return path.length > ending.length && path.slice(-ending.length).toLowerCase() === ending;
}

function readIgnore(dir: string, sink: Sink): Ignore | undefined {
  const path = join(dir, '.dbtignore');
  if (!statSync(path, { throwIfNoEntry: false })) return undefined;
  const bytes = readBytes(path, '.dbtignore', sink);
  return bytes && parseIgnore(bytes.toString('utf8'));
}

/** The files below a folder, relative to it, in a fixed order. Folders behind symbolic links are not entered, as dbt does it; names of editors' files are left out. */
function walk(root: string): string[] {
  const out: string[] = [];
  const visit = (folder: string, prefix: string): void => {
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      // A search path that is not there holds nothing; a folder that may not be read is reported by the files missing from it.
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const inner: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) inner.push(entry.name);
      else if (!/^[.#~]/.test(entry.name) && isFile(entry, folder)) out.push(prefix + entry.name);
    }
    for (const name of inner) visit(`${folder}/${name}`, `${prefix}${name}/`);
  };
  visit(root, '');
  return out;
}

function isFile(entry: Dirent, folder: string): boolean {
  if (entry.isFile()) return true;
  return entry.isSymbolicLink() && (statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() ?? false);
}

function load(kind: FileKind, dir: string, searchPath: string, relative: string, original: string, sink: Sink): InputFile | undefined {
  const absolute = resolve(dir, original);
  const place = { kind, absolute, searchPath, relative };
  if (kind === 'seed' && (statSync(absolute, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_HASHED_SEED) {
    return { ...place, source: sourceFile(original, ''), checksum: original, checksumKind: 'path' };
  }
  const source = readText(absolute, original, sink);
  if (!source) return undefined;
  return { ...place, source: kind === 'seed' ? sourceFile(original, '') : source, checksum: checksum(source.text), checksumKind: 'sha256' };
}
