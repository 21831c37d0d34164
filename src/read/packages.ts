import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isMap, parseYaml, type Sink, type Span, type Yaml, type YamlDocument } from '../text/index.ts';
import { readText } from './file.ts';

/** A package the project lists: the folder it is probably installed in, and where the list names it. */
export interface Listed {
  readonly name: string;
  readonly at: Span;
}

/** The packages that packages.yml or dependencies.yml lists. */
export function listedPackages(dir: string, sink: Sink): readonly Listed[] {
  const packages = readList(dir, 'packages.yml', sink);
  const dependencies = readList(dir, 'dependencies.yml', sink);
  if (packages?.has && dependencies?.has)
    sink.add('config-conflict', { key: 'packages of packages.yml', other: 'packages of dependencies.yml' }, { at: packages.at });
  return (dependencies?.has ? dependencies : packages)?.listed ?? [];
}

interface List {
  readonly has: boolean;
  readonly at: Span;
  readonly listed: readonly Listed[];
}

function readList(dir: string, name: string, sink: Sink): List | undefined {
  const path = join(dir, name);
  if (!existsSync(path)) return undefined;
  const file = readText(path, name, sink);
  const document = file && parseYaml(file, sink);
  if (!document || !isMap(document.value)) return undefined;
  const top = document.value;
  const packages = top['packages'];
  const at = document.keySpan(top, 'packages');
  if (packages === undefined || packages === null) return { has: packages !== undefined, at, listed: [] };
  if (!Array.isArray(packages)) {
    sink.add('config-invalid', { key: 'packages', problem: 'must be a list' }, { at: document.valueSpan(top, 'packages') });
    return undefined;
  }
  return { has: true, at, listed: packages.map((entry, i) => ({ name: packageName(entry, dir), at: entryPlace(document, packages, i) })) };
}

function entryPlace(document: YamlDocument, packages: Yaml[], index: number): Span {
  const entry = packages[index];
  const key = isMap(entry) ? ['package', 'git', 'local', 'tarball', 'private'].find((k) => k in entry) : undefined;
  return isMap(entry) && key !== undefined ? document.valueSpan(entry, key) : document.valueSpan(packages, index);
}

/** The likely name of the folder of a listed package. */
function packageName(entry: Yaml, dir: string): string {
  if (!isMap(entry)) return String(entry);
  const { package: hub, git, local, tarball, private: hidden, name, subdirectory } = entry;
  if (typeof name === 'string') return name;
  if (typeof hub === 'string') return basename(hub);
  if (typeof subdirectory === 'string') return basename(subdirectory);
  if (typeof local === 'string') return basename(join(dir, local));
  const from = git ?? hidden ?? tarball;
  return typeof from === 'string' ? basename(from).replace(/\.git$/, '') : 'unnamed';
}

/** The folders of the installed packages, in the order of their names. */
export function installedPackages(dir: string): readonly string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(
      (e) =>
        !/^(?:\.|__)/.test(e.name) &&
        (e.isDirectory() || (e.isSymbolicLink() && (statSync(join(dir, e.name), { throwIfNoEntry: false })?.isDirectory() ?? false))),
    )
    .map((e) => e.name)
    .sort();
}

/** The listed packages that are not among the installed ones. As in dbt, only their number decides whether any is missing: folders may be called otherwise. */
export function missingPackages(listed: readonly Listed[], installed: readonly string[]): readonly Listed[] {
  if (listed.length <= installed.length) return [];
  const missing = listed.filter((p) => !installed.includes(p.name));
  return missing.length > 0 ? missing : listed;
}
