import { fail } from '../../text/index.ts';
import type { Found, Sources } from './fetch.ts';
import type { Pinned } from './lock.ts';
import type { Spec } from './spec.ts';
import { Listing, type Wanted } from './wanted.ts';

/**
 * Decides for every package that the project and its packages ask for, wave after wave, as dbt does: what a wave asks for joins what was asked before, and the
 * greatest version that meets all of it is taken. Throws a diagnostic where that cannot be.
 */
export async function resolvePackages(specs: readonly Spec[], projectName: string | undefined, sources: Sources): Promise<readonly Found[]> {
  const all = new Listing();
  const expanded = new Set<Found>();
  let wave: readonly Spec[] = specs;
  while (wave.length > 0) {
    const pending = new Listing();
    for (const spec of wave) pending.add(spec);
    const next: Spec[] = [];
    for (const wanted of pending.values()) {
      for (const spec of wanted) all.add(spec);
      const found = await sources.find(all.get(wanted[0]) ?? wanted);
      // Packages may ask for each other in a circle.
      if (expanded.has(found)) continue;
      expanded.add(found);
      next.push(...found.packages);
    }
    wave = next;
  }
  return await settle(all.values(), projectName, sources);
}

/** The packages of a lock file: nothing but what it lists. */
export async function lockedPackages(specs: readonly Spec[], names: readonly (string | undefined)[], sources: Sources): Promise<readonly Found[]> {
  const all = new Listing();
  for (const spec of specs) all.add(spec);
  return await settle(all.values(), undefined, sources, (wanted) => names[specs.indexOf(wanted[0])]);
}

async function settle(
  all: readonly Wanted[],
  projectName: string | undefined,
  sources: Sources,
  name: (wanted: Wanted) => string | undefined = () => undefined,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const taken = new Map<string, Found>();
  for (const wanted of all) {
    const one = await sources.find(wanted, name(wanted));
    const { name: called } = one.pinned;
    const other = taken.get(called);
    const first = called === projectName ? 'the project' : other && `\`${addressOf(other.pinned)}\``;
    if (first !== undefined) {
      const related = other?.at ? [{ message: 'the other one', at: other.at }] : [];
      fail('package-name-taken', { name: called, first, second: `\`${addressOf(one.pinned)}\`` }, { at: one.at, related });
    }
    taken.set(called, one);
    found.push(one);
  }
  return found;
}

/** How messages call a package: as the list does. */
export function addressOf(p: Pinned): string {
  switch (p.kind) {
    case 'local':
      return p.local;
    case 'git':
      return p.subdirectory === undefined ? p.git : `${p.git}/${p.subdirectory}`;
    case 'tarball':
      return p.name;
    case 'hub':
      return p.package;
  }
}
