import { existsSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import type { Value } from '../jinja/index.ts';
import type { Target } from '../sql/index.ts';
import { isMap, parseYaml, type Sink, sourceFile, withoutEchoes, type Yaml, type YamlDocument, type YamlMap, yamlMap, yamlToJson } from '../text/index.ts';
import { type ConfigOverrides, readConfig } from './config.ts';
import { discover } from './discover.ts';
import { readText } from './file.ts';
import { installedPackages, listedPackages, missingPackages } from './packages.ts';
import { findTarget, type TargetFound, type TargetOptions } from './profile.ts';
import type { DmlSettings, Package, Project, ProjectConfig } from './project.ts';
import { isTemplate, Renderer } from './render.ts';
import { type NotificationShape, routeKeys, settingsSchema } from './schema/settings.ts';
import { checkKeys, checkShape } from './shape.ts';
import { templateTarget } from './target.ts';
import { readUpstreams, type UpstreamWorld } from './upstream.ts';
import { satisfies } from './version.ts';

/** Where to read, and what the command line and the environment say. Directories may be relative to `directory`. */
export interface ReadOptions {
  readonly projectDir: string;
  /** The current directory (absolute): profiles.yml is looked for there first, and relative database paths start there. */
  readonly directory: string;
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly profilesDir?: string | undefined;
  readonly profile?: string | undefined;
  readonly target?: string | undefined;
  /** The types an output of profiles.yml may be of; left out, any. */
  readonly adapterTypes?: readonly string[] | undefined;
  /** The text of `--vars`: a YAML mapping. */
  readonly vars?: string | undefined;
  readonly threads?: number | undefined;
  readonly targetPath?: string | undefined;
  readonly logPath?: string | undefined;
  /** The dbt version that `require-dbt-version` is held against; undefined: it is not checked. */
  readonly dbtVersion?: string | undefined;
  /** What templates of configuration files see as `target`; by default name, schema, type, threads, profile name and the settings that are no secrets. */
  readonly visible?: ((target: Target) => Value) | undefined;
  /** How manifests of other projects are come by; undefined: only those in files. */
  readonly upstream?: UpstreamWorld | undefined;
  /** Further names for templates of configuration files. */
  readonly more?: ((name: string) => Value | undefined) | undefined;
}

/**
 * Reads a project from disk: configuration, the chosen target, installed packages and the text of every file. What is wrong goes to the sink; the
 * answer is undefined when the project or its target cannot be told.
 */
export async function read(options: ReadOptions, told: Sink): Promise<Project | undefined> {
  const sink = withoutEchoes(told);
  const dir = resolve(options.directory, options.projectDir);
  const document = readProjectFile(dir, 'dbt_project.yml', sink);
  const cliVars = readVars(options.vars, sink);
  if (!document || !cliVars) return undefined;
  const found = chooseTarget(options, dir, document, cliVars, sink);
  // Without a target the project file is checked all the same, so that one run shows all mistakes.
  const target = found && (options.visible ?? templateTarget)(found.target);
  const scope = { env: options.env, secrets: false, ...(target !== undefined && { target }), ...(options.more && { more: options.more }) };
  const renderer = new Renderer({ ...scope, vars: cliVars }, sink);
  const config = readConfig(document, renderer, options, sink);
  if (!config || !found) return undefined;
  checkVersion(config, document, options.dbtVersion, sink);
  const root: Package = { name: config.name, isRoot: true, dir, config, file: document.file, files: discover(dir, config, sink) };
  noteEmpty(root, sink);
  // Packages do not see the variables of the command line, as in dbt.
  const secret = new Renderer({ ...scope, secrets: true, vars: cliVars }, sink);
  const packages = readPackages(root, new Renderer({ ...scope, vars: yamlMap() }, sink), options, sink);
  return {
    dir,
    root,
    packages: [root, ...packages],
    upstreams: await readUpstreams(dir, new Set([root, ...packages].map((p) => p.name)), secret, options.upstream, sink),
    target: found.target,
    defaultedTarget: found.defaulted,
    ...(found.file !== undefined && { profilesFile: found.file }),
    cliVars,
    settings: readSettings(dir, sink),
    selectors: readSelectors(dir, renderer, sink),
  };
}

/** dbt_project.yml of a folder; `shown` is what diagnostics call it. */
export function readProjectFile(dir: string, shown: string, sink: Sink): YamlDocument | undefined {
  const path = join(dir, 'dbt_project.yml');
  if (!existsSync(path)) {
    sink.add('project-not-found', { dir, near: nearestProject(dir) });
    return undefined;
  }
  const file = readText(path, shown, sink);
  return file && parseYaml(file, sink);
}

/** The nearest folder above that holds a project. */
function nearestProject(dir: string): string | undefined {
  for (let above = dirname(dir); ; above = dirname(above)) {
    if (existsSync(join(above, 'dbt_project.yml'))) return above;
    if (dirname(above) === above) return undefined;
  }
}

/** The variables of `--vars`; undefined, with a diagnostic, where the text is no mapping. */
export function readVars(text: string | undefined, sink: Sink): YamlMap | undefined {
  if (text === undefined || text.trim() === '') return yamlMap();
  const document = parseYaml(sourceFile('--vars', text), sink);
  if (!document) return undefined;
  if (isMap(document.value)) return document.value;
  sink.add('vars-invalid', { problem: 'is not a mapping' }, { at: { file: document.file, start: 0, end: text.length } });
  return undefined;
}

function chooseTarget(options: ReadOptions, dir: string, document: YamlDocument, vars: YamlMap, sink: Sink): TargetFound | undefined {
  const top = isMap(document.value) ? document.value : yamlMap();
  const renderer = new Renderer({ env: options.env, vars, secrets: true, ...(options.more && { more: options.more }) }, sink);
  const written = top['profile'];
  const profile = typeof written === 'string' && isTemplate(written) ? renderer.scalar(document, top, 'profile', true) : written;
  const name = typeof top['name'] === 'string' ? top['name'] : 'project';
  const folder = options.targetPath ?? (typeof top['target-path'] === 'string' && !isTemplate(top['target-path']) ? top['target-path'] : 'target');
  const search: TargetOptions = { ...options, projectDir: dir };
  const choice = {
    projectName: name,
    profile: typeof profile === 'string' ? profile : undefined,
    at: written === undefined ? undefined : document.valueSpan(top, 'profile'),
    targetDir: resolve(dir, folder),
  };
  return findTarget(search, choice, renderer, sink);
}

function checkVersion(config: ProjectConfig, document: YamlDocument, version: string | undefined, sink: Sink): void {
  if (version === undefined || config.requireDbtVersion.length === 0) return;
  const fits = satisfies(version, config.requireDbtVersion);
  if (fits) return;
  const at = isMap(document.value) ? document.valueSpan(document.value, 'require-dbt-version') : undefined;
  if (fits === undefined) sink.add('config-invalid', { key: 'require-dbt-version', problem: 'is not a list of versions such as ">=1.6.0"' }, { at });
  else sink.add('dbt-version', { name: config.name, required: config.requireDbtVersion.join(', '), version }, { at });
}

function noteEmpty(root: Package, sink: Sink): void {
  if (root.files.some((f) => f.kind === 'model' || f.kind === 'seed' || f.kind === 'snapshot' || f.kind === 'function')) return;
  const { model, seed, snapshot } = root.config.paths;
  sink.add('project-empty', { paths: [...model, ...seed, ...snapshot] });
}

function readPackages(root: Package, renderer: Renderer, overrides: ReadOptions, sink: Sink): Package[] {
  const folder = resolve(root.dir, root.config.packagesPath);
  const installed = installedPackages(folder);
  const missing = missingPackages(listedPackages(root.dir, sink), installed);
  if (missing.length > 0) sink.add('packages-not-installed', { packages: missing.map((p) => p.name) }, { at: missing[0]?.at });
  const seen = new Map([[root.name, 'the project itself']]);
  const packages: Package[] = [];
  for (const name of installed) {
    const dir = join(folder, name);
    const shown = posix.join(root.config.packagesPath, name);
    if (!existsSync(join(dir, 'dbt_project.yml'))) {
      sink.add('package-broken', { dir: shown });
      continue;
    }
    const document = readProjectFile(dir, `${shown}/dbt_project.yml`, sink);
    const config = document && readConfig(document, renderer, noOverrides, sink);
    if (!document || !config) continue;
    checkVersion(config, document, overrides.dbtVersion, sink);
    const first = seen.get(config.name);
    if (first !== undefined)
      sink.add('package-duplicate', { name: config.name, first }, { at: isMap(document.value) ? document.valueSpan(document.value, 'name') : undefined });
    else packages.push({ name: config.name, isRoot: false, dir, config, file: document.file, files: discover(dir, config, sink, shown) });
    seen.set(config.name, `in ${shown}`);
  }
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const noOverrides: ConfigOverrides = {};

function readSettings(dir: string, sink: Sink): DmlSettings {
  const document = readOptional(dir, 'dml.yml', sink);
  if (!document || document.value === null) return {};
  if (!isMap(document.value)) {
    sink.add('config-invalid', { key: '', problem: 'dml.yml must be a mapping' }, { at: { file: document.file, start: 0, end: 0 } });
    return {};
  }
  checkKeys(document.value, Object.keys(settingsSchema.def.shape), document, 'dml.yml', sink, 'error');
  const { failures, lockTimeout, notifications } = document.value;
  const routes = Array.isArray(notifications) ? notifications.filter(isMap) : undefined;
  for (const route of routes ?? []) checkKeys(route, routeKeys, document, 'dml.yml', sink, 'error');
  if (!checkShape(settingsSchema, document.value, document, sink)) return {};
  return {
    ...(failures !== undefined && { failures: toNumber(failures) }),
    ...(lockTimeout !== undefined && { lockTimeout: toNumber(lockTimeout) }),
    ...(routes && { notifications: routes.map((route) => ({ ...(yamlToJson(route) as NotificationShape), at: document.span(route) })) }),
  };
}

/** A number that the schema has checked. */
function toNumber(value: Yaml): number {
  return typeof value === 'object' && value !== null && 'value' in value ? Number(value.value) : Number(value);
}

function readSelectors(dir: string, renderer: Renderer, sink: Sink): Yaml {
  const document = readOptional(dir, 'selectors.yml', sink);
  if (!document || !isMap(document.value)) return null;
  const out = yamlMap();
  for (const key of Object.keys(document.value)) out[key] = renderer.tree(document, document.value, key, [key], () => true);
  return out;
}

function readOptional(dir: string, name: string, sink: Sink): YamlDocument | undefined {
  const path = join(dir, name);
  if (!existsSync(path)) return undefined;
  const file = readText(path, name, sink);
  return file && parseYaml(file, sink);
}
