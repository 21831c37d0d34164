import { basename, isAbsolute, resolve } from 'node:path';
import * as z from 'zod/mini';
import { duckdb, type Target } from '../../sql/index.ts';
import { closest, fail } from '../../text/index.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const attachment = z.object({
  path: z.string(),
  type: z.optional(z.nullable(z.string())),
  alias: z.optional(z.nullable(z.string())),
  secret: z.optional(z.nullable(z.string())),
  read_only: z.optional(z.boolean()),
  options: z.optional(z.nullable(z.record(z.string(), z.nullable(scalar)))),
  is_ducklake: z.optional(z.nullable(z.boolean())),
});
const secret = z.looseObject({
  type: z.string(),
  name: z.optional(z.string()),
  provider: z.optional(z.string()),
  persistent: z.optional(z.boolean()),
  scope: z.optional(z.union([z.string(), z.array(z.string())])),
});

/** The keys of a DuckDB output in profiles.yml, beyond those of every adapter. Unknown keys pass, as in dbt. */
export const duckdbProfile = z.looseObject({
  path: z.optional(z.nullable(z.string())),
  database: z.optional(z.string()),
  extensions: z.optional(z.nullable(z.array(z.union([z.string(), z.object({ name: z.string(), repo: z.string() })])))),
  settings: z.optional(z.nullable(z.record(z.string(), scalar))),
  config_options: z.optional(z.nullable(z.record(z.string(), scalar))),
  secrets: z.optional(z.nullable(z.array(secret))),
  attach: z.optional(z.nullable(z.array(attachment))),
  external_root: z.optional(z.string()),
  retries: z.optional(z.nullable(z.looseObject({ connect_attempts: z.optional(z.number()), query_attempts: z.optional(z.nullable(z.number())) }))),
  disable_transactions: z.optional(z.boolean()),
  keep_open: z.optional(z.boolean()),
  is_ducklake: z.optional(z.nullable(z.boolean())),
});
type Attachment = z.infer<typeof attachment>;
type Secret = z.infer<typeof secret>;

/** A DuckDB output, checked: where the file is and what to send when it opens. */
export interface DuckdbProfile {
  /** Absolute path of the file, or `:memory:`, or a scheme of an extension (`md:`, `ducklake:`). */
  readonly path: string;
  readonly database: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly config: Readonly<Record<string, string>>;
  /** Statements of the first connection, in order: extensions, secrets, attachments. */
  readonly setup: readonly string[];
  readonly connectAttempts: number;
  readonly queryAttempts: number;
  readonly transactions: boolean;
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;
const KNOWN = [
  'path',
  'database',
  'schema',
  'threads',
  'type',
  'extensions',
  'settings',
  'config_options',
  'secrets',
  'attach',
  'external_root',
  'retries',
  'disable_transactions',
  'keep_open',
];

/** The name DuckDB gives the catalogue of a path: the first dot-separated part of the file name. */
export function databaseOf(path: string | null | undefined): string {
  if (path === null || path === undefined || path === ':memory:' || path === '') return 'memory';
  const name = basename(path.replace(SCHEME, '').replace(/[?#].*$/, ''));
  return name.replace(/^\.+/, '').split('.')[0] || 'memory';
}

/** Checks an output of type duckdb; throws a DiagnosticError that names the key at fault. */
export function readProfile(target: Target, directory: string): DuckdbProfile {
  const parsed = duckdbProfile.safeParse(target.settings);
  const profile = `${target.profileName}.${target.name}`;
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue?.path.map(String).join('.') ?? '';
    fail('profile-invalid', { profile, key, problem: issue?.message ?? 'not valid' });
  }
  const given = parsed.data;
  const written = given.path ?? ':memory:';
  const stem = databaseOf(written);
  const aliases = (given.attach ?? []).flatMap((a) => (a.alias ? [a.alias] : []));
  const database = given.database ?? stem;
  if (database.toLowerCase() !== stem.toLowerCase() && !aliases.includes(database)) {
    fail('profile-database', { profile, database, path: written, stem, near: closest(database, [stem, ...aliases]) });
  }
  // `pth: x.duckdb` would otherwise open an in-memory database and lose the data without a word.
  if (given.path === undefined) {
    const near = Object.keys(target.settings).find((k) => !KNOWN.includes(k) && closest(k, ['path']) === 'path');
    if (near !== undefined) fail('profile-invalid', { profile, key: near, problem: 'no such setting; did you mean `path`?' });
  }
  return {
    path: written === ':memory:' || written === '' || SCHEME.test(written) || isAbsolute(written) ? written || ':memory:' : resolve(directory, written),
    database,
    settings: given.settings ?? {},
    config: Object.fromEntries(Object.entries(given.config_options ?? {}).map(([k, v]) => [k, String(v)])),
    setup: [
      ...(given.extensions ?? []).flatMap((e) =>
        typeof e === 'string' ? [`install ${e}`, `load ${e}`] : [`install ${e.name} from ${e.repo}`, `load ${e.name}`],
      ),
      ...(given.secrets ?? []).map(secretSql),
      ...(given.attach ?? []).map((a) => attachSql(a, directory)),
    ],
    connectAttempts: Math.max(1, given.retries?.connect_attempts ?? 1),
    queryAttempts: Math.max(1, given.retries?.query_attempts ?? 1),
    transactions: !given.disable_transactions,
  };
}

const text = (value: unknown): string => duckdb.literal(String(value));

function attachSql(a: Attachment, directory: string): string {
  const extra = a.options ?? {};
  const options: string[] = [];
  const type = a.type ?? extra['type'];
  const secretName = a.secret ?? extra['secret'];
  if (type) options.push(`type ${type}`);
  if (secretName) options.push(`secret ${secretName}`);
  if (a.read_only || extra['read_only']) options.push('read_only');
  for (const [key, value] of Object.entries(extra)) {
    if (['type', 'secret', 'read_only'].includes(key) || value === null || value === false) continue;
    if (value === true) options.push(key);
    else options.push(`${key} ${typeof value === 'string' && !/^\s*(['"]).*\1\s*$/.test(value) ? text(value) : value}`);
  }
  // Other engines' paths are connection strings; only files are relative to the project's folder.
  const file = !type || /^(duckdb|sqlite)$/i.test(String(type));
  const path = file && a.path !== ':memory:' && a.path !== '' && !SCHEME.test(a.path) && !isAbsolute(a.path) ? resolve(directory, a.path) : a.path;
  const alias = a.alias ? ` as ${duckdb.quote(a.alias)}` : '';
  return `attach if not exists ${text(path)}${alias}${options.length ? ` (${options.join(', ')})` : ''}`;
}

function secretSql(s: Secret, index: number): string {
  const { type, name = `_dbt_secret_${index + 1}`, provider, persistent, scope, ...rest } = s;
  const parameters = [`type ${type}`, ...(provider ? [`provider ${provider}`] : [])];
  for (const [key, value] of Object.entries(rest)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) parameters.push(`${key} array [${value.map(text).join(', ')}]`);
    else if (typeof value === 'object')
      parameters.push(
        `${key} map {${Object.entries(value)
          .map(([k, v]) => `${text(k)}: ${text(v)}`)
          .join(', ')}}`,
      );
    else parameters.push(`${key} ${text(value)}`);
  }
  for (const one of typeof scope === 'string' ? [scope] : (scope ?? [])) parameters.push(`scope ${text(one)}`);
  return `create or replace ${persistent ? 'persistent ' : ''}secret ${name} (${parameters.join(', ')})`;
}
