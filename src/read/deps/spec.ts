import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Dict, jsonDumps, type Value } from '../../jinja/index.ts';
import { closest, isMap, parseYaml, type Sink, type Span, span, type Yaml, type YamlDocument, YamlFloat, type YamlMap, yamlMap } from '../../text/index.ts';
import { readText } from '../file.ts';
import { type Renderer, toValue } from '../render.ts';
import { type Requirement, requirement } from './semver.ts';

/** What a package list asks for: one package, by one of four kinds of address. */
export type Spec = LocalSpec | GitSpec | TarballSpec | HubSpec;

interface Asked {
  /** Who asks, as messages say it: `packages.yml`, or a package. */
  readonly by: string;
  readonly at: Span | undefined;
  /** The entry as it goes into the hash of the lock file. */
  readonly hashed: string;
}

export interface LocalSpec extends Asked {
  readonly kind: 'local';
  /** A folder, absolute or relative to the root project. */
  readonly local: string;
}

export interface GitSpec extends Asked {
  readonly kind: 'git';
  readonly git: string;
  /** The address before rendering. */
  readonly written: string;
  readonly revision: string | undefined;
  readonly subdirectory: string | undefined;
  readonly warnUnpinned: boolean;
}

export interface TarballSpec extends Asked {
  readonly kind: 'tarball';
  readonly tarball: string;
  readonly written: string;
  readonly name: string;
}

export interface HubSpec extends Asked {
  readonly kind: 'hub';
  /** `owner/name`. */
  readonly package: string;
  readonly requirements: readonly Requirement[];
  readonly prereleases: boolean;
}

const kinds = ['package', 'git', 'local', 'tarball', 'private'] as const;
const keys: Readonly<Record<(typeof kinds)[number], readonly string[]>> = {
  package: ['package', 'version', 'install_prerelease', 'name'],
  git: ['git', 'revision', 'warn-unpinned', 'subdirectory', 'name'],
  local: ['local', 'name'],
  tarball: ['tarball', 'name'],
  private: ['private'],
};

/** The files that may list packages, the usual one first. */
export const LISTS = ['packages.yml', 'dependencies.yml'] as const;

/** A package list as it was read. */
export interface PackageList {
  /** The file that lists packages, or would: `packages.yml` or `dependencies.yml`. */
  readonly name: (typeof LISTS)[number];
  readonly document: YamlDocument | undefined;
  readonly specs: readonly Spec[];
}

/**
 * Reads the package list of a folder. Templates are rendered, except in the root's dependencies.yml (as in dbt). `by` names the owner in messages; undefined
 * for the root, whose list is called by the name of its file. Answers undefined after an error, which the sink has.
 */
export function readList(dir: string, shown: string, by: string | undefined, renderer: Renderer, sink: Sink): PackageList | undefined {
  const [packages, dependencies] = LISTS.map((name) => readTop(dir, shown, name, sink));
  if (packages === undefined || dependencies === undefined) return undefined;
  if (packages?.top && 'packages' in packages.top && dependencies?.top && 'packages' in dependencies.top) {
    sink.add(
      'config-conflict',
      { key: 'packages of packages.yml', other: 'packages of dependencies.yml' },
      { at: packages.document.keySpan(packages.top, 'packages') },
    );
    return undefined;
  }
  if (packages?.top && 'projects' in packages.top) {
    sink.add('package-entry', { problem: '`projects` belongs into dependencies.yml' }, { at: packages.document.keySpan(packages.top, 'projects') });
    return undefined;
  }
  const isDependencies = dependencies?.top !== undefined && 'packages' in dependencies.top;
  const name = isDependencies ? 'dependencies.yml' : 'packages.yml';
  const chosen = isDependencies ? dependencies : packages;
  if (!chosen?.top) return { name, document: chosen?.document, specs: [] };
  const { document, top } = chosen;
  const written = top['packages'] ?? null;
  if (written === null) return { name, document, specs: [] };
  const rendered = by === undefined && isDependencies ? written : renderer.tree(document, top, 'packages', ['packages'], () => true);
  if (!Array.isArray(written) || !Array.isArray(rendered)) {
    sink.add('config-invalid', { key: 'packages', problem: 'must be a list' }, { at: document.valueSpan(top, 'packages') });
    return undefined;
  }
  const specs = readSpecs(rendered, written, by ?? name, document, sink);
  return specs && { name, document, specs };
}

/** A file's top mapping; null for a file that is not there, undefined after an error. */
function readTop(dir: string, shown: string, name: string, sink: Sink): { document: YamlDocument; top: YamlMap | undefined } | null | undefined {
  const path = join(dir, name);
  if (!existsSync(path)) return null;
  const file = readText(path, `${shown}${name}`, sink);
  const document = file && parseYaml(file, sink);
  if (!document) return undefined;
  if (document.value === null) return { document, top: undefined };
  if (isMap(document.value)) return { document, top: document.value };
  sink.add('config-invalid', { key: '', problem: `${name} must be a mapping` }, { at: span(document.file, 0, 0) });
  return undefined;
}

/** Reads the entries of a list, rendered and as written; undefined when one of them is wrong, which the sink has. */
export function readSpecs(rendered: readonly Yaml[], written: Yaml[], by: string, document: YamlDocument | undefined, sink: Sink): readonly Spec[] | undefined {
  let whole = true;
  const specs: Spec[] = [];
  for (const [i, entry] of rendered.entries()) {
    const raw = written[i] ?? null;
    const spec = readSpec(entry, raw, by, entryPlace(document, written, i), sink);
    if (spec) specs.push(spec);
    else whole = false;
  }
  return whole ? specs : undefined;
}

function entryPlace(document: YamlDocument | undefined, written: Yaml[], index: number): (key?: string) => Span | undefined {
  return (key) => {
    const entry = written[index];
    if (!document) return undefined;
    return key !== undefined && isMap(entry) && key in entry ? document.valueSpan(entry, key) : document.valueSpan(written, index);
  };
}

function readSpec(entry: Yaml, raw: Yaml, by: string, place: (key?: string) => Span | undefined, sink: Sink): Spec | undefined {
  const wrong = (problem: string, key?: string, hint?: string): undefined => sink.add('package-entry', { problem }, { at: place(key), hint }) as undefined;
  if (!isMap(entry) || !isMap(raw)) return wrong('an entry of the package list must be a mapping');
  const kind = kinds.find((k) => k in entry);
  if (kind === undefined) return wrong('this entry names no package');
  const address = entry[kind];
  if (typeof address !== 'string' || address === '') return wrong(`\`${kind}\` must be a text that is not empty`, kind);
  if (kind === 'private') return wrong('packages of a private provider need dbt platform', kind, 'give its repository with `git:` instead');
  const unknown = Object.keys(entry).find((k) => !keys[kind].includes(k));
  if (unknown !== undefined) {
    const near = closest(
      unknown.replaceAll('-', '_'),
      keys[kind].map((k) => k.replaceAll('-', '_')),
    );
    const meant = near === undefined ? undefined : keys[kind].find((k) => k.replaceAll('-', '_') === near);
    return wrong(`a \`${kind}\` package has no key \`${unknown}\``, unknown, meant === undefined ? undefined : `did you mean \`${meant}\`?`);
  }
  const name = entry['name'] ?? null;
  if (name !== null && typeof name !== 'string') return wrong('`name` must be a text', 'name');
  const asked = { by, at: place(kind) };
  const source = typeof raw[kind] === 'string' ? raw[kind] : address;
  if (kind === 'local') return { kind, local: address, ...asked, hashed: hashed({ local: address, name }, raw) };
  if (kind === 'tarball') {
    if (name === null) return wrong('a tarball package needs a `name`', kind);
    return { kind, tarball: address, written: source, name, ...asked, hashed: hashed({ tarball: address, name }, raw) };
  }
  return kind === 'git' ? gitSpec(entry, raw, { address, source, name, asked }, wrong) : hubSpec(entry, raw, { address, name, asked }, wrong);
}

type Wrong = (problem: string, key?: string, hint?: string) => undefined;

interface Named {
  readonly address: string;
  readonly name: string | null;
  readonly asked: Omit<Asked, 'hashed'>;
}

function gitSpec(entry: YamlMap, raw: YamlMap, named: Named & { readonly source: string }, wrong: Wrong): GitSpec | undefined {
  const { revision = null, subdirectory = null } = entry;
  const warn = entry['warn-unpinned'] ?? null;
  const revisionText = scalarText(revision);
  if (revision !== null && revisionText === undefined) return wrong('`revision` must be one branch, tag or commit', 'revision');
  if (subdirectory !== null && typeof subdirectory !== 'string') return wrong('`subdirectory` must be a text', 'subdirectory');
  if (warn !== null && typeof warn !== 'boolean') return wrong('`warn-unpinned` must be true or false', 'warn-unpinned');
  if (named.address.startsWith('-') || revisionText?.startsWith('-')) return wrong('an address or revision cannot start with a dash', 'git');
  return {
    kind: 'git',
    git: named.address,
    written: named.source,
    revision: revisionText,
    subdirectory: subdirectory === null || subdirectory === '' ? undefined : subdirectory,
    warnUnpinned: warn !== false,
    ...named.asked,
    hashed: hashed({ git: named.address, revision, subdirectory, 'warn-unpinned': warn, name: named.name }, raw),
  };
}

/** Python's `str()` of a text or number; undefined for anything else. */
function scalarText(value: Yaml): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof YamlFloat) return jsonDumps(toValue(value));
  return undefined;
}

function hubSpec(entry: YamlMap, raw: YamlMap, named: Named, wrong: Wrong): HubSpec | undefined {
  const { address } = named;
  const given = entry['version'] ?? null;
  const prerelease = entry['install_prerelease'] ?? false;
  if (!address.includes('/')) return wrong(`\`${address}\` has no owner: hub packages are named like dbt-labs/dbt_utils`, 'package');
  if (given === null || given === '') return wrong(`\`${address}\` needs a \`version\``, 'package', 'for example `version: [">=1.0.0", "<2.0.0"]`');
  if (typeof prerelease !== 'boolean') return wrong('`install_prerelease` must be true or false', 'install_prerelease');
  const requirements: Requirement[] = [];
  for (const one of Array.isArray(given) ? given : [given]) {
    const text = scalarText(one);
    const read = text === undefined ? undefined : requirement(text);
    if (!read) {
      const hint = text?.includes(',')
        ? 'write several bounds as a list: `[">=1.0.0", "<2.0.0"]`'
        : 'write three numbers, with an operator if need be: `">=1.0.0"`';
      return wrong(`\`${text ?? 'this'}\` is no version`, 'version', hint);
    }
    requirements.push(read);
  }
  const fields = { package: address, version: given, install_prerelease: prerelease, name: named.name };
  return { kind: 'hub', package: address, requirements, prereleases: prerelease, ...named.asked, hashed: hashed(fields, raw) };
}

/** The JSON that dbt hashes for an entry: its fields after rendering, and the whole as written. `name` is left out where it is not given. */
function hashed(fields: Readonly<Record<string, Yaml>>, raw: YamlMap): string {
  const given = Object.entries(fields).filter(([key, value]) => value !== null || key !== 'name');
  const entries = given.map(([key, value]): [Value, Value] => [key, toValue(value)]);
  return jsonDumps(new Dict([...entries, ['unrendered', toValue(raw)]]), { sortKeys: true });
}

/** dbt's hash of a package list (`sha1_hash` of the lock file), in hex: whether the lock still belongs to the list. */
export function listHash(specs: readonly Spec[]): string {
  // Python sorts by code points, which the escapes of JSON keep within ASCII.
  const parts = specs.map((s) => s.hashed).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha1').update(parts.join('\n')).digest('hex');
}

/** JSON of the package index as YAML values. */
export function fromJson(value: unknown): Yaml {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? value : new YamlFloat(value);
  if (Array.isArray(value)) return value.map(fromJson);
  const out = yamlMap();
  if (typeof value === 'object') for (const [key, item] of Object.entries(value as object)) out[key] = fromJson(item);
  return out;
}
