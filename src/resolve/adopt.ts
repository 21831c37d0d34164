import type { ParsedFile } from '../parse/index.ts';
import { closest } from '../text/index.ts';
import type { Build, ParsedFiles } from './build.ts';
import { addFiles } from './files.ts';
import type { Node } from './manifest.ts';
import { type Entry, type Patch, patchesOf, patchKey } from './patches.ts';

const PATCHED: ReadonlySet<string> = new Set(['models', 'seeds', 'snapshots', 'analyses', 'data_tests', 'functions']);

/** Puts what properties files say of nodes under the keys of those nodes. What is said twice is reported. */
export function collectPatches(b: Build, files: ParsedFiles, entries: readonly Entry[], patches: Map<string, Patch>): void {
  const models = new Map(
    b.project.packages.map((pkg) => [
      pkg.name,
      new Set((files.get(pkg.name) ?? []).flatMap((f) => (f.kind === 'template' && f.input.kind === 'model' ? [f.node.name] : []))),
    ]),
  );
  for (const entry of entries) {
    if (!PATCHED.has(entry.section)) continue;
    for (const [file, patch] of patchesOf(entry, (name) => models.get(entry.package.name)?.has(name) ?? false, b.sink)) {
      const key = patchKey(entry.section, entry.package.name, file);
      const before = patches.get(key);
      if (before) b.sink.add('duplicate-patch', { name: patch.name }, { at: patch.at, related: [{ message: 'the other one', at: before.at }] });
      else patches.set(key, patch);
      if (patch.version === null) continue;
      const listed = b.versions.get(`${entry.package.name}.${patch.name}`)?.versions ?? [];
      const at = 'latest_version' in entry.written ? entry.document.valueSpan(entry.written, 'latest_version') : entry.at;
      b.versions.set(`${entry.package.name}.${patch.name}`, { versions: [...listed, patch.version], at });
    }
  }
}

/** As in dbt, what a package says of a name that it has no enabled node of goes to the node of that name in another package. */
export function adoptPatches(b: Build, files: ParsedFiles, patches: Map<string, Patch>): void {
  if (b.project.packages.length < 2) return;
  const keyOf = (n: Node): string => patchKey(`${n.resource_type}s`, n.package_name, n.name);
  const live = new Set([...b.nodes.values()].map(keyOf));
  const fileOf = (n: Node): ParsedFile | undefined =>
    (files.get(n.package_name) ?? []).find((f) => (f.kind === 'template' || f.kind === 'data') && f.input === n.input);
  // An entry that disables its own node is no orphan.
  const orphans = [...patches].filter(
    ([key, p]) => (p.section === 'models' || p.section === 'seeds') && p.version === null && p.config.enabled !== false && !live.has(key),
  );
  for (const [key, patch] of orphans) {
    const node = [...b.nodes.values()].find(
      (n) => `${n.resource_type}s` === patch.section && n.name === patch.name && n.patch_path === null && !('version' in n && n.version !== null),
    );
    const file = node && fileOf(node);
    if (!node || !file) {
      // Another package's node can be described once: by its own package, or else by one other.
      const taken = [...b.nodes.values()].find((n) => `${n.resource_type}s` === patch.section && n.name === patch.name && n.patch_path !== null);
      const before = taken && patches.get(keyOf(taken));
      if (!before) continue;
      b.sink.add('duplicate-patch', { name: patch.name }, { at: patch.at, related: [{ message: 'the other one', at: before.at }] });
      patches.delete(key);
      continue;
    }
    patches.delete(key);
    patches.set(keyOf(node), patch);
    b.nodes.delete(node.unique_id);
    const id = [node.resource_type, patch.package.name, patch.name].join('.');
    const own = (b.disabled.get(id) ?? []).find((n): n is Node => n.resource_type === node.resource_type);
    const ownFile = own && fileOf(own);
    if (ownFile) b.disabled.delete(id);
    for (const [name, again] of [
      [node.package_name, file],
      [patch.package.name, ownFile],
    ] as const) {
      const pkg = b.project.packages.find((p) => p.name === name);
      if (pkg && again) addFiles(b, pkg, [again]);
    }
  }
}

/** A patch for something that is not there is a warning: often a renamed model. */
export function unusedPatches(b: Build, patches: ReadonlyMap<string, Patch>): void {
  const used = new Set<string>();
  const all = [...b.nodes.values(), ...[...b.disabled.values()].flat()];
  for (const n of all) if ('input' in n) used.add(`${n.resource_type} ${n.package_name} ${n.name} ${'version' in n ? (n.version ?? '') : ''}`);
  const kinds: Readonly<Record<string, string>> = {
    models: 'model',
    seeds: 'seed',
    snapshots: 'snapshot',
    analyses: 'analysis',
    data_tests: 'test',
    tests: 'test',
    functions: 'function',
  };
  for (const [key, patch] of patches) {
    const kind = kinds[patch.section] ?? patch.section;
    if (used.has(`${kind} ${ownerOf(key)} ${patch.name} ${patch.version ?? ''}`)) continue;
    const known = all.flatMap((n) => (n.resource_type === kind ? [n.name] : []));
    b.sink.add(
      'patch-without-node',
      { kind, name: patch.name, version: patch.version, near: patch.version === null ? closest(patch.name, known) : undefined },
      { at: patch.at },
    );
  }
}

/** The package of the node that a patch of this key is for. */
function ownerOf(key: string): string {
  return key.split(' ')[1] ?? '';
}
