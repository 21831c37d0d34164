import { type Adapter, adapterFor, adapterTypes } from '../adapters/index.ts';
import { type Invocation, type Output, Vars } from '../context/index.ts';
import { Dict, fromJs, type Value } from '../jinja/index.ts';
import { language, type ParsedFile, parse } from '../parse/index.ts';
import { type Project, read } from '../read/index.ts';
import { type Manifest, registryOf, resolve } from '../resolve/index.ts';
import type { BatchResults } from '../run/index.ts';
import { checkSelectors } from '../select/index.ts';
import type { Target } from '../sql/index.ts';
import type { Deferral, Previous } from '../state/index.ts';
import { Diagnostics, type Sink, type YamlMap } from '../text/index.ts';
import type { Flags } from './flags.ts';
import { builtinMacros, overview } from './library.ts';
import { cacheDir, get } from './net.ts';
import { DBT_VERSION } from './version.ts';
import type { World } from './world.ts';

/** A project that has been read, parsed and resolved without errors. */
export interface Opened {
  readonly project: Project;
  readonly manifest: Manifest;
  readonly invocation: Invocation;
  readonly adapter: Adapter;
  /** The artifacts that `--state` names. */
  readonly previous?: Previous;
  /** Where references to nodes that are not built here may lead. */
  readonly deferral?: Deferral | undefined;
  /** What is left of an earlier run that is tried again. */
  readonly retry?: { readonly batches: ReadonlyMap<string, BatchResults>; readonly startedAt: number | undefined };
}

/** Reads, parses and resolves the project. Everything wrong with it goes to the sink; the answer is undefined when one of them is an error. Touches no database. */
export async function openProject(flags: Flags, world: World, sink: Sink, output: Output): Promise<Opened | undefined> {
  const found = new Diagnostics();
  const opened = await openInto(flags, world, found, output);
  for (const d of found.all) sink.push(d);
  return found.errors.length > 0 ? undefined : opened;
}

async function openInto(flags: Flags, world: World, sink: Sink, output: Output): Promise<Opened | undefined> {
  const project = await readProject(flags, world, sink);
  if (!project) return undefined;
  const adapter = await adapterFor(project.target.type);
  if (!adapter) throw new Error(`no adapter for ${project.target.type}, which was read as a known type`);
  checkSelectors(project, sink);
  const environment = language();
  const files = new Map<string, ParsedFile[]>();
  for (const pkg of project.packages)
    files.set(
      pkg.name,
      pkg.files.flatMap((f) => parse(f, environment, sink) ?? []),
    );
  const builtins = builtinMacros(world.templates, world.library, environment);
  const createdAt = world.now() / 1000;
  const packages = [adapter.dialect.name, ...adapter.dialect.parents].map((type) => `dbt_${type}`);
  const registry = registryOf(project, files, builtins, packages, createdAt, sink);
  const invocation = invocationOf(project, adapter, { flags, world, environment, registry, output });
  return { project, adapter, invocation, manifest: resolve(project, files, invocation, sink, [overview(world.templates)]) };
}

/** The project for one more command: with its flags, threads, id and time. */
export function invokedAgain(opened: Opened, flags: Flags, world: World, output: Output): Opened {
  const { adapter } = opened;
  const { environment, registry } = opened.invocation;
  const { target } = opened.project;
  const project: Project = { ...opened.project, target: { ...target, threads: flags.threads ?? target.threads } };
  return { ...opened, project, invocation: invocationOf(project, adapter, { flags, world, environment, registry, output }) };
}

/** The first phase alone. */
export async function readProject(flags: Flags, world: World, sink: Sink): Promise<Project | undefined> {
  return read(
    {
      projectDir: flags.projectDir,
      directory: world.cwd,
      homeDir: world.home,
      env: world.env,
      profilesDir: flags.profilesDir,
      profile: flags.profile,
      target: flags.target,
      adapterTypes,
      vars: flags.vars,
      threads: flags.threads,
      targetPath: flags.targetPath,
      logPath: flags.logPath,
      upstream: { fetch: (url, etag) => get(url, world.signal, etag), cacheDir: cacheDir(world, 'projects') },
      ...(flags.versionCheck && { dbtVersion: DBT_VERSION }),
    },
    sink,
  );
}

interface Parts {
  readonly flags: Flags;
  readonly world: World;
  readonly environment: Invocation['environment'];
  readonly registry: Invocation['registry'];
  readonly output: Output;
}

function invocationOf(project: Project, adapter: Adapter, { flags, world, environment, registry, output }: Parts): Invocation {
  const { root, target } = project;
  const { quoting } = root.config;
  return {
    projectName: root.name,
    packages: project.packages.filter((p) => !p.isRoot).map((p) => p.name),
    versions: new Map(project.packages.map((p) => [p.name, p.config.version])),
    dialect: adapter.dialect,
    environment,
    registry,
    target: targetValue(target, adapter),
    targetSchema: target.schema,
    targetDatabase: target.database,
    env: world.env,
    vars: new Vars(project.cliVars, root.config.vars, new Map<string, YamlMap>(project.packages.filter((p) => !p.isRoot).map((p) => [p.name, p.config.vars]))),
    startedAt: world.now(),
    id: world.invocationId,
    dbtVersion: DBT_VERSION,
    flags: flagValues(flags),
    args: flags.args,
    behavior: new Map(Object.entries(root.config.flags).filter((each): each is [string, boolean] => typeof each[1] === 'boolean')),
    output,
    dispatch: new Map(root.config.dispatch.map((d) => [d.macro_namespace, d.search_order])),
    quoting: { database: quoting.database ?? true, schema: quoting.schema ?? true, identifier: quoting.identifier ?? true },
    random: Math.random,
  };
}

function targetValue(target: Target, adapter: Adapter): Value {
  const plain = {
    ...adapter.visible(target),
    name: target.name,
    target_name: target.name,
    profile_name: target.profileName,
    type: target.type,
    threads: target.threads,
    schema: target.schema,
    database: target.database,
  };
  return new Dict(Object.entries(plain).map(([k, v]): [Value, Value] => [k, fromJs(v)]));
}

/** `flags.FULL_REFRESH` and the others, by upper-case name. */
function flagValues(flags: Flags): ReadonlyMap<string, Value> {
  const out = new Map<string, Value>(Object.entries(flags.args).map(([k, v]) => [k.toUpperCase(), fromJs(v)]));
  out.set('WHICH', flags.command.split(' ').at(-1) ?? flags.command);
  out.set('FULL_REFRESH', flags.fullRefresh);
  out.set('EMPTY', flags.empty);
  out.set('LOG_PATH', flags.logPath ?? 'logs');
  out.set('STORE_FAILURES', flags.storeFailures);
  out.set('FAIL_FAST', flags.failFast);
  return out;
}
