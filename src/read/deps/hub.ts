import { closest, DiagnosticError, fail, type Sink, type Span, type Yaml } from '../../text/index.ts';
import { satisfies } from '../version.ts';
import { download } from './net.ts';
import { fromJson, type HubSpec } from './spec.ts';
import type { Store } from './store.ts';
import type { DepsWorld } from './world.ts';

/** One version of a package, as the index describes it. */
export interface HubVersion {
  /** The name in its dbt_project.yml. */
  readonly name: string;
  /** Its own package list. */
  readonly packages: Yaml[];
  readonly tarball: string;
  readonly requireDbtVersion: readonly string[];
}

/** The package index: asks the server once for each package, and the store where the server is silent. */
export class Hub {
  readonly base: string;
  private readonly world: DepsWorld;
  private readonly store: Store;
  private readonly sink: Sink;
  private readonly known = new Map<string, Promise<ReadonlyMap<string, HubVersion>>>();
  private readonly texts = new Map<string, Promise<string | undefined>>();
  private told = false;

  constructor(world: DepsWorld, store: Store, sink: Sink) {
    this.base = world.env['DBT_PACKAGE_HUB_URL'] || 'https://hub.getdbt.com/';
    this.world = world;
    this.store = store;
    this.sink = sink;
  }

  /** All versions of a package in the order of the index. Throws `package-unknown`. */
  versions(name: string, at: Span | undefined): Promise<ReadonlyMap<string, HubVersion>> {
    let versions = this.known.get(name);
    if (!versions) {
      versions = this.load(name, at);
      this.known.set(name, versions);
    }
    return versions;
  }

  /** The texts of the versions that work with the dbt version of the world. */
  async compatible(spec: HubSpec): Promise<readonly string[]> {
    const versions = await this.versions(spec.package, spec.at);
    const { dbtVersion } = this.world;
    // A requirement that cannot be read excludes nothing.
    const fits = (v: HubVersion) => dbtVersion === undefined || satisfies(dbtVersion, v.requireDbtVersion) !== false;
    return [...versions].filter(([, v]) => fits(v)).map(([text]) => text);
  }

  private async load(name: string, at: Span | undefined): Promise<ReadonlyMap<string, HubVersion>> {
    const text = await this.text(name);
    if (text === undefined) return fail('package-unknown', { name, hub: this.base, near: closest(name, await this.names()) }, { at });
    const { value, versions } = described(text);
    if (!versions) return fail('package-unusable', { from: name, problem: `the index at ${this.base} answers with something that is no package` }, { at });
    const owner = value['redirectnamespace'] ?? value['namespace'];
    const moved = value['redirectname'] ?? value['name'];
    const now = `${String(owner)}/${String(moved)}`;
    if ((value['redirectnamespace'] || value['redirectname']) && now !== name) this.sink.add('package-moved', { name, now }, { at });
    return versions;
  }

  /** All names of the index, for a hint; none where it does not answer. */
  private async names(): Promise<readonly string[]> {
    try {
      const text = await this.text('index');
      const value: unknown = text === undefined ? [] : JSON.parse(text);
      return Array.isArray(value) ? value.filter((n) => typeof n === 'string') : [];
    } catch {
      return [];
    }
  }

  private text(name: string): Promise<string | undefined> {
    let text = this.texts.get(name);
    if (!text) {
      text = this.fetch(name);
      this.texts.set(name, text);
    }
    return text;
  }

  private async fetch(name: string): Promise<string | undefined> {
    const url = `${this.base}api/v1/${name.split('/').map(encodeURIComponent).join('/')}.json`;
    this.world.say('RegistryProgressGETRequest', 'M008', `Making package registry request: GET ${url}`, { url }, 'debug');
    try {
      const body = await download(this.world, url);
      if (body === undefined) return undefined;
      const text = Buffer.from(body).toString('utf8');
      this.store.write(text, 'hub', this.base, name);
      return text;
    } catch (e) {
      const last = this.store.read('hub', this.base, name);
      if (!(e instanceof DiagnosticError) || last === undefined) throw e;
      if (!this.told && !this.world.offline) this.sink.add('package-from-cache', { what: 'the package index' }, { cause: e.diagnostic.cause });
      this.told = true;
      return last;
    }
  }
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function described(text: string): { readonly value: Json; readonly versions: ReadonlyMap<string, HubVersion> | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { value: {}, versions: undefined };
  }
  if (!isObject(value) || !isObject(value['versions'])) return { value: {}, versions: undefined };
  const versions = new Map<string, HubVersion>();
  for (const [version, given] of Object.entries(value['versions'])) {
    if (!isObject(given)) continue;
    const { name, packages, downloads, require_dbt_version: required } = given;
    const tarball = isObject(downloads) ? downloads['tarball'] : undefined;
    if (typeof name !== 'string' || typeof tarball !== 'string') continue;
    const listed = fromJson(packages ?? []);
    const asked = Array.isArray(required) ? required.map(String) : typeof required === 'string' && required !== '' ? [required] : [];
    versions.set(version, { name, packages: Array.isArray(listed) ? listed : [], tarball, requireDbtVersion: asked });
  }
  return { value, versions };
}
