import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closest, Diagnostics, isMap, parseYaml, type Sink, type SourceFile, type Span, sourceFile, type YamlDocument, type YamlMap } from '../text/index.ts';
import { Store } from './deps/store.ts';
import type { Renderer } from './render.ts';
import { isTemplate } from './render.ts';

/** A public model of another project, as manifest.json holds it. */
export interface UpstreamModel {
  readonly unique_id: string;
  readonly name: string;
  readonly version: string | number | null;
  readonly latest_version: string | number | null;
  readonly database: string | null;
  readonly schema: string;
  readonly alias: string;
  readonly relation_name: string | null;
  readonly deprecation_date: string | null;
  /** The nearest nodes above it that are public too, or belong to a third project. */
  readonly above: readonly string[];
}

/** Another project whose models can be referred to. */
export interface Upstream {
  readonly name: string;
  /** Its entry in dependencies.yml. */
  readonly at: Span;
  readonly file: SourceFile;
  /** Whether its models are known: not where no manifest is named, or where it was refused. */
  readonly manifest: 'read' | 'not named' | 'refused';
  /** When its manifest was made, in ISO format. */
  readonly generatedAt: string;
  readonly models: readonly UpstreamModel[];
  /** Its other models by name, with what keeps them from being referred to: `protected`, `private`, `ephemeral`. */
  readonly hidden: ReadonlyMap<string, string>;
}

/** Asks for an address; `etag`: of the copy that is there. Throws where no answer comes. */
export type Fetch = (
  url: string,
  etag: string | undefined,
) => Promise<{ readonly status: number; readonly body: Uint8Array; readonly etag?: string | undefined }>;

/** How manifests at addresses are come by. */
export interface UpstreamWorld {
  readonly fetch: Fetch;
  /** Where they are kept, absolute. */
  readonly cacheDir: string;
}

interface Entry {
  readonly name: string;
  /** As written, which may hold the name of a secret but not its value. */
  readonly shown: string;
  readonly manifest: string | undefined;
  readonly at: Span;
  readonly manifestAt: Span;
  readonly file: SourceFile;
}

/** Reads the manifests of the projects that dependencies.yml lists. `taken`: names of the project and its packages. */
export async function readUpstreams(
  dir: string,
  taken: ReadonlySet<string>,
  renderer: Renderer,
  world: UpstreamWorld | undefined,
  sink: Sink,
): Promise<readonly Upstream[]> {
  const entries = listed(dir, taken, renderer, sink);
  const found: Upstream[] = [];
  for (const e of entries) {
    const nothing: Upstream = {
      name: e.name,
      at: e.at,
      file: e.file,
      manifest: e.manifest === undefined ? 'not named' : 'refused',
      generatedAt: '',
      models: [],
      hidden: new Map(),
    };
    const refuse = (problem: string, cause?: string): void =>
      sink.add('projects-manifest', { name: e.name, manifest: e.shown, problem }, { at: e.manifestAt, ...(cause !== undefined && { cause }) });
    // dbt's own form has a name and nothing else: where its models come from is then left to the paid platform.
    const text = e.manifest === undefined ? undefined : await textOf(e, e.manifest, dir, world, refuse, sink);
    found.push({ ...nothing, ...(text !== undefined && modelsOf(text, e.name, refuse)) });
  }
  return found;
}

function listed(dir: string, taken: ReadonlySet<string>, renderer: Renderer, sink: Sink): readonly Entry[] {
  const wrong = documentOf(dir, 'packages.yml');
  if (wrong && 'projects' in wrong.top)
    sink.add('projects-list', { problem: 'it belongs into dependencies.yml' }, { at: wrong.document.keySpan(wrong.top, 'projects') });
  const { document, top } = documentOf(dir, 'dependencies.yml') ?? {};
  const list = top?.['projects'];
  if (!document || !top || list === undefined || list === null) return [];
  const refuse = (problem: string, at: Span, hint?: string): void => sink.add('projects-list', { problem }, { at, hint });
  if (!Array.isArray(list)) {
    refuse('it must be a list', document.valueSpan(top, 'projects'));
    return [];
  }
  const names = new Set<string>();
  return list.flatMap((entry, i): readonly Entry[] => {
    const at = document.valueSpan(list, i);
    const name = isMap(entry) ? entry['name'] : undefined;
    if (!isMap(entry) || typeof name !== 'string') {
      refuse('every project needs a `name`', at);
      return [];
    }
    const unknown = Object.keys(entry).find((key) => key !== 'name' && key !== 'manifest');
    const near = unknown === undefined ? undefined : closest(unknown, ['name', 'manifest']);
    if (unknown !== undefined)
      refuse(`a project has no \`${unknown}\``, document.keySpan(entry, unknown), near === undefined ? undefined : `did you mean \`${near}\`?`);
    if (taken.has(name)) refuse(`\`${name}\` is this project itself or one of its packages`, document.valueSpan(entry, 'name'));
    else if (names.has(name)) refuse(`\`${name}\` is listed twice`, document.valueSpan(entry, 'name'));
    else {
      names.add(name);
      return place(document, entry, name, renderer, refuse);
    }
    return [];
  });
}

function place(document: YamlDocument, entry: YamlMap, name: string, renderer: Renderer, refuse: (problem: string, at: Span) => void): readonly Entry[] {
  const at = document.valueSpan(entry, 'name');
  const written = entry['manifest'];
  if (written === undefined) return [{ name, shown: '', manifest: undefined, at, manifestAt: at, file: document.file }];
  const manifestAt = document.valueSpan(entry, 'manifest');
  const manifest = typeof written === 'string' && isTemplate(written) ? renderer.scalar(document, entry, 'manifest') : written;
  // What could not be rendered has been told.
  if (manifest === undefined) return [];
  if (typeof manifest === 'string' && manifest !== '') return [{ name, shown: String(written), manifest, at, manifestAt, file: document.file }];
  refuse('`manifest` is the path or the address of a manifest.json', manifestAt);
  return [];
}

/** A list of packages; what is wrong with its text is told where the packages are read. */
function documentOf(dir: string, name: string): { readonly document: YamlDocument; readonly top: YamlMap } | undefined {
  const path = join(dir, name);
  if (!existsSync(path)) return undefined;
  const document = parseYaml(sourceFile(name, readFileSync(path, 'utf8')), new Diagnostics());
  return document && isMap(document.value) ? { document, top: document.value } : undefined;
}

type Refuse = (problem: string, cause?: string) => void;

async function textOf(e: Entry, manifest: string, dir: string, world: UpstreamWorld | undefined, refuse: Refuse, sink: Sink): Promise<string | undefined> {
  if (/^https?:\/\//i.test(manifest)) {
    if (!world) throw new Error('the project is read without a network, and lists a manifest at an address');
    return fetched(e, manifest, world, refuse, sink);
  }
  try {
    return readFileSync(resolve(dir, manifest), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') refuse('there is no such file');
    else refuse('the file cannot be read', message);
    return undefined;
  }
}

/** Asks whether the copy is the latest, and fetches what is newer. Without an answer the copy is used. */
async function fetched(e: Entry, url: string, world: UpstreamWorld, refuse: Refuse, sink: Sink): Promise<string | undefined> {
  const store = new Store(world.cacheDir);
  const [etag, copy] = [store.read('etag', url), store.read('manifest', url)];
  let problem: string;
  let cause: string | undefined;
  try {
    const reply = await world.fetch(url, copy === undefined || etag === '' ? undefined : etag);
    if (reply.status === 304 && copy !== undefined) return copy;
    if (reply.status === 200) {
      const text = Buffer.from(reply.body).toString('utf8');
      store.write(text, 'manifest', url);
      store.write(reply.etag ?? '', 'etag', url);
      return text;
    }
    problem = `the server answered with status ${reply.status}`;
    // Who is not let in, or asks for what is not there, must not go on with what was there once.
    if (reply.status < 500) {
      refuse(problem);
      return undefined;
    }
  } catch (error) {
    problem = 'the server does not answer';
    cause = error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : String(error);
  }
  if (copy === undefined) refuse(problem, cause);
  else sink.add('projects-manifest-kept', { name: e.name, manifest: e.shown }, { at: e.manifestAt, cause: cause ?? problem });
  return copy;
}

type Json = { readonly [key: string]: unknown };

const OLDEST = 9;
const NEWEST = 12;

function modelsOf(text: string, name: string, refuse: Refuse): Pick<Upstream, 'manifest' | 'generatedAt' | 'models' | 'hidden'> | undefined {
  let json: Json;
  try {
    json = mapOf(JSON.parse(text));
  } catch {
    refuse('it is no JSON');
    return undefined;
  }
  const { dbt_schema_version: schema, project_name: project, generated_at: generatedAt } = mapOf(json['metadata']);
  const version = /\/manifest\/v(\d+)\.json$/.exec(String(schema))?.[1];
  if (version === undefined) refuse('it is no manifest.json');
  else if (Number(version) < OLDEST || Number(version) > NEWEST) refuse(`it is of version ${version}, and those of ${OLDEST} to ${NEWEST} can be read`);
  else if (project !== undefined && project !== name) refuse(`it is that of the project \`${String(project)}\``);
  else {
    const nodes = new Map(Object.entries(mapOf(json['nodes'])).map(([id, node]) => [id, mapOf(node)]));
    return { manifest: 'read', generatedAt: String(generatedAt ?? ''), ...shared(nodes, name) };
  }
  return undefined;
}

/** The models of a project that others may refer to, and those that they may not. */
function shared(nodes: ReadonlyMap<string, Json>, project: string): Pick<Upstream, 'models' | 'hidden'> {
  const own = [...nodes].filter(([, n]) => n['resource_type'] === 'model' && n['package_name'] === project && n['original_file_path'] !== '');
  const isPublic = (n: Json): boolean => n['access'] === 'public' && mapOf(n['config'])['materialized'] !== 'ephemeral';
  const open = new Map(own.filter(([, n]) => isPublic(n)));
  const elsewhere = (id: string): boolean => nodes.get(id)?.['original_file_path'] === '';
  const above = (id: string): string[] => {
    const out = new Set<string>();
    const seen = new Set([id]);
    for (const at of seen) {
      for (const parent of listOf(mapOf(nodes.get(at)?.['depends_on'])['nodes'])) {
        if (open.has(parent) || elsewhere(parent)) out.add(parent);
        else if (nodes.has(parent)) seen.add(parent);
      }
    }
    return [...out];
  };
  return {
    models: [...open].map(([id, n]) => ({
      unique_id: id,
      name: String(n['name']),
      version: versionOf(n['version']),
      latest_version: versionOf(n['latest_version']),
      database: textOrNull(n['database']),
      schema: String(n['schema']),
      alias: String(n['alias'] ?? n['name']),
      relation_name: textOrNull(n['relation_name']),
      deprecation_date: textOrNull(n['deprecation_date']),
      above: above(id),
    })),
    hidden: new Map(
      own.filter(([id]) => !open.has(id)).map(([, n]) => [String(n['name']), n['access'] === 'public' ? 'ephemeral' : String(n['access'] ?? 'protected')]),
    ),
  };
}

function versionOf(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function mapOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}
