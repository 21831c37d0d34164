import { isAbsolute, resolve } from 'node:path';
import { type Attachment, duckdb, isMotherduck, type Plugin, type Secret } from '../../sql/index.ts';

/** A statement of opening a database, and what of the profile it is for. */
export interface Step {
  readonly sql: string;
  /** What to write of it to the log, where the statement holds a secret. */
  readonly shown?: string;
  /** The key of the profile: `attach[0]`. */
  readonly key: string;
  /** The extension it installs or loads. */
  readonly extension?: string;
}

type Refuse = (key: string, problem: string) => never;
type Scalar = string | number | boolean;

const text = (value: unknown): string => duckdb.literal(String(value));

/** Installs and loads an extension: of the usual repository, or of the one that the profile names (`community`, a URL or a folder). */
export function extensionSteps(extension: string | { readonly name: string; readonly repo: string }, index: number): readonly Step[] {
  const { name, repo } = typeof extension === 'string' ? { name: extension, repo: undefined } : extension;
  const plain = repo === undefined || /^[a-z_][a-z0-9_]*$/i.test(repo) || /^(['"]).*\1$/.test(repo);
  const from = repo === undefined ? '' : ` from ${plain ? repo : text(repo)}`;
  const step = { key: `extensions[${index}]`, extension: name };
  return [
    { ...step, sql: `install ${name}${from}` },
    { ...step, sql: `load ${name}` },
  ];
}

/** Makes a secret. Its parameters may be texts, lists and maps. */
export function secretStep(s: Secret, index: number): Step {
  const { type, name: given, provider, persistent, scope, ...rest } = s;
  const name = given ?? `_dbt_secret_${index + 1}`;
  const parameters = [`type ${type}`, ...(provider ? [`provider ${provider}`] : [])];
  for (const [key, value] of Object.entries(rest)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) parameters.push(`${key} array [${value.map(text).join(', ')}]`);
    else if (typeof value === 'object') {
      const entries = Object.entries(value).map(([k, v]) => `${text(k)}: ${text(v)}`);
      parameters.push(`${key} map {${entries.join(', ')}}`);
    } else parameters.push(`${key} ${text(value)}`);
  }
  for (const one of typeof scope === 'string' ? [scope] : (scope ?? [])) parameters.push(`scope ${text(one)}`);
  const head = `create or replace ${persistent ? 'persistent ' : ''}secret ${name}`;
  return { key: `secrets[${index}]`, sql: `${head} (${parameters.join(', ')})`, shown: `${head} (type ${type}, ...)` };
}

/** Attaches another database. */
export function attachStep(a: Attachment, index: number, directory: string, refuse: Refuse): Step {
  const key = `attach[${index}]`;
  const extra = a.options ?? {};
  for (const one of ['type', 'secret', 'read_only'] as const) if (a[one] && one in extra) refuse(key, `\`${one}\` is given twice, here and in \`options\``);
  const type = a.type ?? extra['type'];
  const secret = a.secret ?? extra['secret'];
  const options: string[] = [
    ...(type ? [`type ${type}`] : []),
    ...(secret ? [`secret ${secret}`] : []),
    ...(a.read_only || extra['read_only'] ? ['read_only'] : []),
  ];
  for (const [name, value] of Object.entries(extra)) {
    if (['type', 'secret', 'read_only'].includes(name) || value === null || value === false) continue;
    options.push(value === true ? name : `${name} ${typeof value === 'string' && !/^\s*(['"]).*\1\s*$/.test(value) ? text(value) : value}`);
  }
  const head = (path: string): string =>
    `attach if not exists ${text(path)}${a.alias ? ` as ${duckdb.quote(a.alias)}` : ''}${options.length ? ` (${options.join(', ')})` : ''}`;
  const path = placeOf(a.path, type === null || type === undefined ? undefined : String(type), directory);
  const shown = withoutPasswords(path);
  return { key, sql: head(path), ...(shown !== path && { shown: head(shown) }) };
}

/** Where an attachment is: of other engines' paths, which are connection strings, nothing is known; files count from the project's folder. */
function placeOf(path: string, type: string | undefined, directory: string): string {
  // MotherDuck's settings are set before; ATTACH does not take them.
  if (isMotherduck(path)) return path.replace(/\?.*$/, '');
  const file = type === undefined || /^(duckdb|sqlite)$/i.test(type);
  const relative = path !== ':memory:' && path !== '' && !/^[a-z][a-z0-9+.-]+:/i.test(path) && !isAbsolute(path);
  return file && relative ? resolve(directory, path) : path;
}

/** A connection string without the secrets in it. */
export function withoutPasswords(path: string): string {
  return path.replace(/(password|motherduck_token)=('[^']*'|[^\s&;'"]+)/gi, '$1=***').replace(/(:\/\/[^/\s:@]+):[^@/\s]+@/g, '$1:***@');
}

/** What the plugins that dml knows ask of the connection: `postgres` attaches a database. */
export function pluginSteps(p: Plugin, index: number, refuse: Refuse): readonly Step[] {
  if (p.module !== 'postgres') return [];
  const key = `plugins[${index}]`;
  const { dsn, pg_schema, duckdb_alias = 'postgres_db', read_only, secret, attach_options, settings } = p.config ?? {};
  if (typeof dsn !== 'string' || dsn === '') return refuse(`${key}.config.dsn`, 'it is missing: the postgres plugin needs to know what to connect to');
  const value = (v: unknown): string => (typeof v === 'string' ? text(v) : String(v));
  const map = (v: unknown): [string, unknown][] => (typeof v === 'object' && v !== null ? Object.entries(v) : []);
  const options = [
    'type postgres',
    ...(pg_schema ? [`schema ${text(pg_schema)}`] : []),
    ...(secret ? [`secret ${text(secret)}`] : []),
    ...map(attach_options).map(([k, v]) => `${k} ${value(v)}`),
    ...(read_only === true ? ['read_only'] : []),
  ].join(', ');
  const attach = (where: string): string => `attach if not exists ${text(where)} as ${String(duckdb_alias)} (${options})`;
  return [
    { key, extension: 'postgres', sql: 'install postgres' },
    { key, extension: 'postgres', sql: 'load postgres' },
    ...map(settings).map(([k, v]) => ({ key, sql: `set ${k} = ${value(v)}` })),
    { key, sql: attach(dsn), shown: attach(withoutPasswords(dsn)) },
  ];
}

// In the order they have to be set: SaaS mode locks the others.
const MOTHERDUCK = ['motherduck_token', 'motherduck_attach_mode', 'motherduck_saas_mode'] as const;

/** What of a profile MotherDuck is about. */
interface MotherduckGiven {
  readonly settings?: Readonly<Record<string, Scalar>> | null | undefined;
  readonly config_options?: Readonly<Record<string, Scalar>> | null | undefined;
  readonly plugins?: readonly Plugin[] | null | undefined;
  readonly attach?: readonly Attachment[] | null | undefined;
  readonly motherduck_token?: string | null | undefined;
}

/** MotherDuck's own settings go to the engine when it opens, or before the first of its databases is attached; the others stay. */
export function motherduckOf(
  given: MotherduckGiven,
  path: string,
  refuse: Refuse,
): {
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly config: Readonly<Record<string, Scalar>>;
  readonly steps: readonly Step[];
  readonly used: { readonly token: boolean } | undefined;
} {
  const settings: Record<string, Scalar> = { ...given.settings };
  if (given.motherduck_token) {
    const other = settings['motherduck_token'];
    if (other !== undefined && other !== given.motherduck_token) refuse('motherduck_token', 'settings.motherduck_token says otherwise; one of them is enough');
    settings['motherduck_token'] = given.motherduck_token;
  }
  const attached = (given.attach ?? []).filter((a) => isMotherduck(a.path)).map((a) => a.path);
  if (!isMotherduck(path) && attached.length === 0) return { settings, config: {}, steps: [], used: undefined };
  const plugin = (given.plugins ?? []).find((p) => p.module === 'motherduck')?.config ?? {};
  const all: Record<string, unknown> = { ...Object.assign({}, ...attached.map(parametersOf)), ...plugin, ...settings };
  const found: Record<string, Scalar> = {};
  for (const name of MOTHERDUCK) {
    const short = name.replace('motherduck_', '');
    for (const key of [name, short, name.toUpperCase(), short.toUpperCase()]) {
      const value = all[key];
      if (value !== undefined && value !== null) found[name] = value as Scalar;
      delete settings[key];
    }
  }
  const token = 'motherduck_token' in found || 'motherduck_token' in (given.config_options ?? {}) || 'motherduck_token' in parametersOf(path);
  if (isMotherduck(path)) return { settings, config: found, steps: [], used: { token } };
  const load: Step = { key: 'attach', extension: 'motherduck', sql: 'load motherduck' };
  const set = Object.entries(found).map(([k, v]): Step => ({ key: 'attach', sql: `set ${k} = ${text(v)}`, shown: `set ${k} = ***` }));
  return { settings, config: {}, steps: [load, ...set], used: { token } };
}

const parametersOf = (path: string): Record<string, string> => Object.fromEntries(new URLSearchParams(/\?(.*)$/.exec(path)?.[1] ?? ''));
