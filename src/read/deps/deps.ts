import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DiagnosticError, isMap, type Sink, withoutEchoes } from '../../text/index.ts';
import { readProjectFile } from '../read.ts';
import { isTemplate, Renderer } from '../render.ts';
import { type Addition, addPackage } from './add.ts';
import { type Found, Sources } from './fetch.ts';
import { LOCK, lockText, type Pinned, readLock } from './lock.ts';
import { Placing } from './place.ts';
import { addressOf, lockedPackages, resolvePackages } from './resolve.ts';
import { listHash, type PackageList, readList } from './spec.ts';
import { type DepsWorld, scrubbed, scrubber } from './world.ts';

/** What is to be done besides installing. */
export interface DepsOptions {
  /** Decide anew, whatever the lock file says. */
  readonly upgrade: boolean;
  /** Write the lock file and install nothing. */
  readonly lockOnly: boolean;
  /** A package to put on the list first. */
  readonly add?: Addition | undefined;
}

/**
 * Installs the packages a project lists, as `dbt deps` does: what package-lock.yml says, which is written anew where it does not belong to the list. Either all
 * packages are put in place or the packages folder stays as it is. Mistakes go to the sink; answers whether it went well.
 */
export async function installPackages(given: DepsWorld, options: DepsOptions, sink: Sink): Promise<boolean> {
  const scrub = scrubber(given.env);
  const say: DepsWorld['say'] = (name, code, message, data, level) =>
    given.say(name, code, scrub(message), Object.fromEntries(Object.entries(data).map(([key, value]) => [key, scrub(value)])), level);
  const world: DepsWorld = { ...given, say };
  const quiet = withoutEchoes(scrubbed(sink, scrub));
  try {
    return await install(world, options, quiet);
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    quiet.push(e.diagnostic);
    return false;
  }
}

/** What the project file says of packages. */
interface Root {
  readonly name: string | undefined;
  /** Absolute. */
  readonly folder: string;
}

async function install(world: DepsWorld, options: DepsOptions, sink: Sink): Promise<boolean> {
  const root = readRoot(world, sink);
  if (!root) return false;
  const sources = new Sources(world, sink);
  const read = () => readList(world.projectDir, '', undefined, sources.renderer, sink);
  let list = read();
  if (list && options.add) {
    addPackage(world, list, options.add);
    list = read();
  }
  if (!list) return false;
  const current = options.upgrade ? undefined : await fromLock(world, list, sources, sink);
  if (current === false) return false;
  const found = current ?? (await lock(world, root, list, sources, sink));
  if (options.lockOnly) return true;
  if (found.length === 0 && list.specs.length === 0) {
    if (current) nothingListed(world);
    return true;
  }
  await place(world, root, found);
  return true;
}

function nothingListed(world: DepsWorld): void {
  world.say('DepsNoPackagesFound', 'M013', 'Warning: No packages were found in packages.yml', {});
}

function readRoot(world: DepsWorld, sink: Sink): Root | undefined {
  const document = readProjectFile(world.projectDir, 'dbt_project.yml', sink);
  if (!document || !isMap(document.value)) return undefined;
  const top = document.value;
  const renderer = new Renderer({ env: world.env, vars: world.vars, secrets: false }, sink);
  const value = (key: string) => {
    const written = top[key];
    return typeof written === 'string' && isTemplate(written) ? renderer.scalar(document, top, key) : written;
  };
  const name = value('name');
  const folder = value('packages-install-path');
  return { name: typeof name === 'string' ? name : undefined, folder: resolve(world.projectDir, typeof folder === 'string' ? folder : 'dbt_packages') };
}

/** What the lock file lists; undefined where there is none or it belongs to another list, false after an error. */
async function fromLock(world: DepsWorld, list: PackageList, sources: Sources, sink: Sink): Promise<readonly Found[] | undefined | false> {
  const path = join(world.projectDir, LOCK);
  if (!existsSync(path)) return undefined;
  const read = readLock(readFileSync(path, 'utf8'), sources.renderer, sink);
  if (!read) return false;
  if (read.hash !== listHash(list.specs)) return undefined;
  return await lockedPackages(read.specs, read.names, sources);
}

async function lock(world: DepsWorld, root: Root, list: PackageList, sources: Sources, sink: Sink): Promise<readonly Found[]> {
  if (list.specs.length === 0) {
    nothingListed(world);
    return [];
  }
  const found = await resolvePackages(list.specs, root.name, sources);
  const scrub = scrubber(world.env);
  const pinned = found.map(({ pinned: p, at }): Pinned => {
    if (p.kind !== 'git' && p.kind !== 'tarball') return p;
    const written = scrub(p.written);
    if (written !== p.written) sink.add('package-secret', { text: written }, { at });
    return { ...p, written };
  });
  const path = join(world.projectDir, LOCK);
  writeFileSync(`${path}.new`, lockText(pinned, listHash(list.specs)));
  renameSync(`${path}.new`, path);
  world.say('DepsLockUpdating', 'M031', `Updating lock file in file path: ${path}`, { lock_filepath: path });
  return found;
}

/** Fetches all packages side by side and tells of them in their order. */
async function place(world: DepsWorld, { folder }: Root, found: readonly Found[]): Promise<void> {
  const placing = new Placing(folder);
  try {
    const work = found.map((f) => placing.add(f));
    const settled = Promise.allSettled(work);
    const outdated: string[] = [];
    try {
      for (const [i, f] of found.entries()) {
        const name = addressOf(f.pinned);
        world.say('DepsStartPackageInstall', 'M014', `Installing ${name}`, { package_name: name });
        await work[i];
        if (tellInstalled(world, f)) outdated.push(name);
      }
    } finally {
      await settled;
    }
    placing.finish();
    if (outdated.length > 0) {
      world.say('Formatting', 'Z017', '', {});
      const listed = `[${outdated.map((n) => `'${n}'`).join(', ')}]`;
      const advice = `Updates available for packages: ${listed} \nUpdate your versions in packages.yml, then run dml deps`;
      world.say('DepsNotifyUpdatesAvailable', 'M019', advice, { packages: listed });
    }
  } finally {
    placing.close();
  }
}

/** dbt's lines for a package that is there; answers whether a newer version exists. */
function tellInstalled(world: DepsWorld, { pinned, latest }: Found): boolean {
  const version = versionName(pinned);
  world.say('DepsInstallInfo', 'M015', `Installed from ${version}`, { version_name: version });
  if (pinned.kind === 'git' && pinned.subdirectory !== undefined)
    world.say('DepsListSubdirectory', 'M018', `and subdirectory ${pinned.subdirectory}`, { subdirectory: pinned.subdirectory });
  if (pinned.kind !== 'hub' || latest === undefined) return false;
  if (pinned.version === latest) world.say('DepsUpToDate', 'M017', 'Up to date!', {});
  else world.say('DepsUpdateAvailable', 'M016', `Updated version available: ${latest}`, { version_latest: latest });
  return pinned.version !== latest;
}

function versionName(p: Pinned): string {
  switch (p.kind) {
    case 'local':
      return `<local @ ${p.local}>`;
    case 'git':
      return `revision ${p.revision}`;
    case 'tarball':
      return `tarball (url: ${p.tarball})`;
    case 'hub':
      return `version ${p.version}`;
  }
}
