import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { databaseOf, type Target } from '../sql/index.ts';
import { closest, isMap, parseYaml, type Sink, type Span, type Yaml, type YamlDocument, type YamlMap, yamlMap, yamlToJson } from '../text/index.ts';
import { readText } from './file.ts';
import { isTemplate, type Renderer } from './render.ts';

/** What decides the target besides the files. */
export interface TargetOptions {
  readonly projectDir: string;
  /** The current directory, where dbt looks for profiles.yml first. */
  readonly directory: string;
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly profilesDir?: string | undefined;
  readonly profile?: string | undefined;
  readonly target?: string | undefined;
  readonly threads?: number | undefined;
  /** The types an output may be of; left out, any. */
  readonly adapterTypes?: readonly string[] | undefined;
}

/** The project's own say: its name, and the profile it names (rendered), with its place. */
export interface ProfileChoice {
  readonly projectName: string;
  readonly profile: string | undefined;
  readonly at: Span | undefined;
  /** Absolute: where the default database goes. */
  readonly targetDir: string;
}

/** The chosen target. `defaulted`: nothing was configured, so an embedded DuckDB is used. */
export interface TargetFound {
  readonly target: Target;
  readonly defaulted: boolean;
  /** Absolute path of the profiles.yml it comes from. */
  readonly file?: string;
}

/** A profile being read. */
interface Reading {
  readonly document: YamlDocument;
  readonly name: string;
  readonly profile: YamlMap;
  readonly renderer: Renderer;
  readonly sink: Sink;
}

/** Finds profiles.yml and reads the chosen output of the chosen profile; undefined, with a diagnostic, when that fails. */
export function findTarget(options: TargetOptions, choice: ProfileChoice, renderer: Renderer, sink: Sink): TargetFound | undefined {
  const name = options.profile ?? choice.profile;
  const dir = profilesDir(options, sink);
  if (dir === undefined) return undefined;
  if (dir === null || name === undefined) return defaultTarget(options, choice, name, sink);
  const absolute = join(dir, 'profiles.yml');
  const shown = dir === options.projectDir ? 'profiles.yml' : absolute;
  const file = readText(absolute, shown, sink);
  const document = file && parseYaml(file, sink);
  if (!document) return undefined;
  const profiles = isMap(document.value) ? document.value : yamlMap();
  const known = Object.keys(profiles).filter((key) => key !== 'config');
  const profile = profiles[name];
  if (profile === undefined) {
    const at = options.profile === undefined ? choice.at : undefined;
    sink.add('profile-not-found', { name, file: shown, known, near: closest(name, known) }, { at, dbt: `Could not find profile named '${name}'` });
    return undefined;
  }
  if (!isMap(profile)) {
    sink.add(
      'profile-invalid',
      { profile: name, key: '', problem: profile === null ? 'it is empty' : 'it must be a mapping' },
      { at: document.valueSpan(profiles, name) },
    );
    return undefined;
  }
  const target = readOutput({ document, name, profile, renderer, sink }, options);
  return target && { target, defaulted: false, file: absolute };
}

/** The folder of profiles.yml; null when there is none anywhere; undefined, with a diagnostic, when a folder was named that has none. */
function profilesDir(options: TargetOptions, sink: Sink): string | null | undefined {
  const named = options.profilesDir ?? options.env['DBT_PROFILES_DIR'];
  if (named) {
    const dir = resolve(options.directory, named);
    if (existsSync(join(dir, 'profiles.yml'))) return dir;
    sink.add(
      'profiles-not-found',
      { dir, why: options.profilesDir === undefined ? 'DBT_PROFILES_DIR' : '--profiles-dir' },
      { dbt: `dbt looked for a profiles.yml file in ${named}` },
    );
    return undefined;
  }
  const places = [options.directory, options.projectDir, join(options.homeDir, '.dbt')];
  return places.find((dir) => existsSync(join(dir, 'profiles.yml'))) ?? null;
}

function defaultTarget(options: TargetOptions, choice: ProfileChoice, profile: string | undefined, sink: Sink): TargetFound | undefined {
  if (options.target !== undefined && options.target !== 'dev') {
    sink.add(
      'target-not-found',
      { name: options.target, profile: profile ?? choice.projectName, known: [] },
      { hint: 'there is no profiles.yml to hold it; without one the only target is `dev`, an embedded DuckDB' },
    );
    return undefined;
  }
  const path = join(choice.targetDir, `${choice.projectName}.duckdb`);
  const settings = { type: 'duckdb', path, schema: 'main', database: choice.projectName };
  return {
    target: {
      profileName: profile ?? choice.projectName,
      name: 'dev',
      type: 'duckdb',
      threads: options.threads ?? 4,
      database: choice.projectName,
      schema: 'main',
      settings,
    },
    defaulted: true,
  };
}

function readOutput(reading: Reading, options: TargetOptions): Target | undefined {
  const { document, name, profile, renderer, sink } = reading;
  const targetName = options.target ?? chosenTarget(reading);
  if (targetName === undefined) return undefined;
  const outputs = profile['outputs'];
  if (!isMap(outputs)) {
    sink.add(
      'profile-invalid',
      { profile: name, key: 'outputs', problem: outputs === undefined ? 'it is missing' : 'it must be a mapping' },
      { at: document.valueSpan(profile, 'outputs') },
    );
    return undefined;
  }
  const raw = outputs[targetName];
  if (raw === undefined) {
    const known = Object.keys(outputs);
    const at = options.target === undefined && 'target' in profile ? document.valueSpan(profile, 'target') : document.keySpan(profile, 'outputs');
    sink.add(
      'target-not-found',
      { name: targetName, profile: name, known, near: closest(targetName, known) },
      { at, dbt: `The profile '${name}' does not have a target named '${targetName}'.` },
    );
    return undefined;
  }
  if (!isMap(raw)) {
    sink.add('profile-invalid', { profile: name, key: targetName, problem: 'it must be a mapping' }, { at: document.valueSpan(outputs, targetName) });
    return undefined;
  }
  return assemble(reading, targetName, raw, renderOutput(document, raw, renderer), options);
}

/** `target:` of the profile, rendered; `default` when there is none. */
function chosenTarget({ document, name, profile, renderer, sink }: Reading): string | undefined {
  const written = profile['target'];
  if (written === undefined) return 'default';
  const value = typeof written === 'string' && isTemplate(written) ? renderer.scalar(document, profile, 'target') : written;
  if (typeof value === 'string') return value;
  if (value !== undefined)
    sink.add('profile-invalid', { profile: name, key: 'target', problem: 'it must be the name of an output' }, { at: document.valueSpan(profile, 'target') });
  return undefined;
}

/** Renders one output. A password that is no valid template is taken as it stands, as in dbt: passwords may hold braces. */
function renderOutput(document: YamlDocument, raw: YamlMap, renderer: Renderer): YamlMap {
  const out = yamlMap();
  for (const key of Object.keys(raw)) {
    const value = raw[key];
    if ((key === 'password' || key === 'pass') && typeof value === 'string')
      out[key] = isTemplate(value) ? (renderer.scalar(document, raw, key, true) ?? value) : value;
    else out[key] = renderer.tree(document, raw, key, [key], () => true);
  }
  return out;
}

/** Other spellings of connection keys, by adapter. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = { postgres: { dbname: 'database', pass: 'password' } };

function assemble({ document, name, sink }: Reading, targetName: string, raw: YamlMap, output: YamlMap, options: TargetOptions): Target | undefined {
  let fine = true;
  const refuse = (key: string, problem: string): void => {
    fine = false;
    sink.add('profile-invalid', { profile: `${name}.${targetName}`, key, problem }, { at: key in raw ? document.valueSpan(raw, key) : document.span(raw) });
  };
  const type = output['type'];
  if (typeof type !== 'string') {
    refuse('type', type === undefined ? 'it is missing; dml needs to know the database, e.g. `type: duckdb`' : 'it must be a text');
    return undefined;
  }
  const known = options.adapterTypes;
  if (known !== undefined && !known.includes(type)) {
    sink.add('adapter-unknown', { type, profile: `${name}.${targetName}`, known, near: closest(type, known) }, { at: document.valueSpan(raw, 'type') });
    return undefined;
  }
  const spelled = aliases[type] ?? {};
  const settings: Record<string, unknown> = {};
  for (const key of Object.keys(output)) {
    const proper = spelled[key] ?? key;
    if (proper !== key && proper in output) refuse(key, `it means the same as \`${proper}\`, which is given too`);
    settings[proper] = yamlToJson(output[key] as Yaml);
  }
  const threads = options.threads ?? readThreads(settings['threads']);
  if (threads === undefined) refuse('threads', 'it must be a whole number of at least 1');
  const field = (key: string, otherwise: string | undefined): string => {
    const value = settings[key] ?? otherwise;
    if (typeof value === 'string') return value;
    refuse(key, value === undefined ? 'it is missing' : 'it must be a text');
    return '';
  };
  const duckdb = type === 'duckdb';
  const database = field('database', duckdb ? databaseOf(typeof settings['path'] === 'string' ? settings['path'] : undefined) : undefined);
  const schema = field('schema', duckdb ? 'main' : undefined);
  if (!fine) return undefined;
  return { profileName: name, name: targetName, type, threads: threads ?? 1, database, schema, settings };
}

function readThreads(value: unknown): number | undefined {
  const n = value === undefined || value === null ? 1 : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof n === 'number' && Number.isInteger(n) && n > 0 ? n : undefined;
}
