import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DiagnosticError, Diagnostics, fail, isMap, parseYaml, type Sink, type Span, sourceFile } from '../../text/index.ts';
import { Renderer } from '../render.ts';
import { checkout, commitOf } from './git.ts';
import { Hub } from './hub.ts';
import type { Pinned } from './lock.ts';
import { download } from './net.ts';
import { type GitSpec, type HubSpec, readList, readSpecs, type Spec } from './spec.ts';
import { Store } from './store.ts';
import { ArchiveProblem, unpack } from './tar.ts';
import { revisionOf, versionOf, type Wanted } from './wanted.ts';
import type { DepsWorld } from './world.ts';

/** A package that was chosen: what the lock says of it, what it asks for itself, and where its files are. */
export interface Found {
  readonly pinned: Pinned;
  readonly packages: readonly Spec[];
  /** Fetches the files if need be; the folder stays as it is. */
  readonly folder: () => Promise<string>;
  /** The newest version of a hub package. */
  readonly latest?: string;
  readonly at: Span | undefined;
}

/** Names that are folders inside the packages folder and no way out of it. */
const SAFE = /^[^\W\d][\w-]*$/u;

/** Gets packages from where they are. Each is looked up once. */
export class Sources {
  readonly renderer: Renderer;
  private readonly world: DepsWorld;
  private readonly sink: Sink;
  private readonly store: Store;
  private readonly hub: Hub;
  private readonly found = new Map<string, Promise<Found>>();
  private readonly told = new Set<string>();

  constructor(world: DepsWorld, sink: Sink) {
    this.world = world;
    this.sink = sink;
    this.store = new Store(world.cacheDir);
    this.hub = new Hub(world, this.store, sink);
    this.renderer = new Renderer({ env: world.env, vars: world.vars, secrets: true }, sink);
  }

  /** Decides for one package and reads what it asks for. Throws a diagnostic where it cannot be had; `name` is what the lock calls it. */
  async find(wanted: Wanted, name?: string): Promise<Found> {
    const [first] = wanted;
    switch (first.kind) {
      case 'local':
        return await this.once(`local ${first.local}`, () => this.local(first.local, first.at));
      case 'tarball':
        return await this.once(`tarball ${first.tarball}`, () => this.tarball(first));
      case 'git':
        return await this.git(wanted as readonly [GitSpec, ...GitSpec[]]);
      case 'hub':
        return await this.fromHub(wanted as readonly [HubSpec, ...HubSpec[]], name);
    }
  }

  private once(key: string, work: () => Promise<Found>): Promise<Found> {
    let found = this.found.get(key);
    if (!found) {
      found = work();
      this.found.set(key, found);
    }
    return found;
  }

  private async local(local: string, at: Span | undefined): Promise<Found> {
    const folder = resolve(this.world.projectDir, local);
    const { name, packages } = this.described(folder, local, at);
    return { pinned: { kind: 'local', local, name }, packages, folder: async () => folder, at };
  }

  private async git(specs: readonly [GitSpec, ...GitSpec[]]): Promise<Found> {
    const { git, written, subdirectory, at } = specs[0];
    const source = { git, subdirectory, revision: revisionOf(specs), at };
    const moving = source.revision === 'HEAD' || source.revision === 'main' || source.revision === 'master';
    if (moving && specs.every((s) => s.warnUnpinned) && !this.told.has(git)) {
      this.told.add(git);
      this.sink.add('package-unpinned', { url: git, revision: source.revision }, { at });
    }
    return await this.once(`git ${git} ${source.revision} ${subdirectory ?? ''}`, async () => {
      const { commit, fromCache } = await commitOf(this.world, this.store, source);
      if (fromCache) this.sink.add('package-from-cache', { what: git }, { at });
      const folder = await checkout(this.world, this.store, source, commit);
      const { name, packages } = this.described(folder, git, at);
      return { pinned: { kind: 'git', git, written, revision: commit, subdirectory, name }, packages, folder: async () => folder, at };
    });
  }

  private async tarball({ tarball, written, name, at }: Spec & { kind: 'tarball' }): Promise<Found> {
    const folder = await this.archive('tarball', [tarball], tarball, at);
    const { packages } = this.described(folder, tarball, at);
    if (!SAFE.test(name)) fail('package-unusable', { from: tarball, problem: `\`${name}\` cannot be the name of its folder` }, { at });
    return { pinned: { kind: 'tarball', tarball, written, name }, packages, folder: async () => folder, at };
  }

  private async fromHub(specs: readonly [HubSpec, ...HubSpec[]], locked: string | undefined): Promise<Found> {
    const { package: from, at } = specs[0];
    const { version, latest } = versionOf(specs, await this.hub.compatible(specs[0]), this.world.dbtVersion !== undefined);
    return await this.once(`hub ${from} ${version}`, async () => {
      const described = (await this.hub.versions(from, at)).get(version);
      if (!described) throw new Error(`the index lost ${from} ${version}`);
      const by = `${from} ${version}`;
      const packages = described.packages.length === 0 ? [] : readSpecs(described.packages, described.packages, by, undefined, this.sink);
      if (!packages) return fail('package-unusable', { from: by, problem: 'the index lists packages for it that cannot be read' }, { at });
      const name = locked ?? described.name;
      if (!SAFE.test(name)) fail('package-unusable', { from, problem: `\`${name}\` cannot be the name of its folder` }, { at });
      const folder = async () => {
        const key = [this.hub.base, from, version];
        // What the index calls one version never changes.
        return this.store.folder('package', ...key) ?? (await this.archive('package', key, described.tarball, at));
      };
      return { pinned: { kind: 'hub', package: from, version, name }, packages, folder, latest, at };
    });
  }

  /** Fetches and unpacks an archive; without network what the store has of it. */
  private async archive(kind: string, key: readonly string[], url: string, at: Span | undefined): Promise<string> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.bytes(url, at);
    } catch (e) {
      const last = this.store.folder(kind, ...key);
      if (!(e instanceof DiagnosticError) || e.diagnostic.code !== 'network-unreachable' || last === undefined) throw placed(e, at);
      if (!this.world.offline) this.sink.add('package-from-cache', { what: url }, { at });
      return last;
    }
    if (bytes === undefined) return fail('package-unusable', { from: url, problem: 'there is nothing at this address' }, { at });
    const archive = bytes;
    return await this.store.keep(kind, key, async (empty) => {
      const tree = join(empty, 'tree');
      mkdirSync(tree);
      try {
        unpack(archive, tree);
      } catch (e) {
        if (!(e instanceof ArchiveProblem)) throw e;
        return fail('package-unusable', { from: url, problem: e.message }, { at });
      }
      const [top, second] = readdirSync(tree);
      if (top === undefined || second !== undefined)
        return fail('package-unusable', { from: url, problem: 'the archive must hold exactly one folder, with the package in it' }, { at });
      return join(tree, top);
    });
  }

  private async bytes(url: string, at: Span | undefined): Promise<Uint8Array | undefined> {
    if (/^https?:\/\//.test(url)) return await download(this.world, url);
    const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(this.world.projectDir, url);
    try {
      return readFileSync(path);
    } catch (e) {
      return fail('package-unusable', { from: url, problem: 'the file cannot be read' }, { at, cause: e instanceof Error ? e.message : String(e) });
    }
  }

  /** The name and package list of a folder. */
  private described(folder: string, from: string, at: Span | undefined): { readonly name: string; readonly packages: readonly Spec[] } {
    const path = join(folder, 'dbt_project.yml');
    if (!existsSync(path)) fail('package-unusable', { from, problem: existsSync(folder) ? 'it has no dbt_project.yml' : 'there is no such folder' }, { at });
    const quiet = new Diagnostics();
    const top = parseYaml(sourceFile('dbt_project.yml', readFileSync(path, 'utf8')), quiet)?.value;
    const name = isMap(top) ? top['name'] : undefined;
    if (typeof name !== 'string')
      return fail('package-unusable', { from, problem: 'its dbt_project.yml has no `name`' }, { at, cause: quiet.errors[0]?.message });
    if (!SAFE.test(name)) return fail('package-unusable', { from, problem: `\`${name}\` in its dbt_project.yml cannot be the name of a package` }, { at });
    const list = readList(folder, `${from}/`, name, this.renderer, this.sink);
    if (!list) return fail('package-unusable', { from, problem: 'its own package list cannot be read' }, { at });
    return { name, packages: list.specs };
  }
}

function placed(e: unknown, at: Span | undefined): unknown {
  return e instanceof DiagnosticError && !e.diagnostic.at && at ? new DiagnosticError({ ...e.diagnostic, at }) : e;
}
