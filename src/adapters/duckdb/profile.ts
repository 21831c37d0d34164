import { isAbsolute, resolve } from 'node:path';
import { databaseOf, duckdbOutput, duckdbSetup, type DuckdbOutput as Given, type Secret, type Target } from '../../sql/index.ts';
import { closest, fail } from '../../text/index.ts';
import { attachStep, extensionSteps, motherduckOf, pluginSteps, type Step, secretStep } from './setup.ts';

/** A DuckDB output, checked: where the file is and what to send when it opens. */
export interface DuckdbProfile {
  /** `profile.target`, for messages. */
  readonly name: string;
  /** Absolute path of the file, or `:memory:`, or a scheme of an extension (`md:`, `ducklake:`). */
  readonly path: string;
  readonly database: string;
  /** Set on every connection. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Given to the engine when it opens. */
  readonly config: Readonly<Record<string, string>>;
  /** What the first connection does, in order: extensions, secrets, plugins, attachments. */
  readonly setup: readonly Step[];
  readonly connectAttempts: number;
  readonly queryAttempts: number;
  /** Kinds of errors after which a statement is sent again: `IO Error`. */
  readonly passing: ReadonlySet<string>;
  readonly transactions: boolean;
  /** Settings that are there for Python code only: what they ask for does not happen. */
  readonly python: readonly string[];
  /** Names of the databases that are DuckLakes, in lower case. */
  readonly ducklakes: ReadonlySet<string>;
  /** Some database is MotherDuck's. `token`: the profile has one for it. */
  readonly motherduck: { readonly token: boolean } | undefined;
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** Checks an output of type duckdb; throws a DiagnosticError that names the key at fault. */
export function readProfile(target: Target, directory: string): DuckdbProfile {
  const name = `${target.profileName}.${target.name}`;
  const refuse = (key: string, problem: string): never => fail('profile-invalid', { profile: name, key, problem });
  const parsed = duckdbOutput().safeParse(target.settings);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(issue?.path.map(String).join('.') ?? '', issue?.message ?? 'not valid');
  }
  const given = parsed.data;
  const written = given.path || ':memory:';
  const database = checkedDatabase(given, written, name);
  checkKeys(given, target, refuse);
  const md = motherduckOf(given, written, refuse);
  return {
    name,
    path: written === ':memory:' || SCHEME.test(written) || isAbsolute(written) ? written : resolve(directory, written),
    database,
    settings: md.settings,
    config: Object.fromEntries([...Object.entries(given.config_options ?? {}), ...Object.entries(md.config)].map(([k, v]) => [k, String(v)])),
    setup: [
      ...(given.extensions ?? []).flatMap(extensionSteps),
      ...secretsOf(given).map(secretStep),
      ...md.steps,
      ...(given.plugins ?? []).flatMap((p, i) => pluginSteps(p, i, refuse)),
      ...(given.attach ?? []).map((a, i) => attachStep(a, i, directory, refuse)),
    ],
    connectAttempts: Math.max(1, given.retries?.connect_attempts ?? 1),
    queryAttempts: Math.max(1, given.retries?.query_attempts ?? 1),
    passing: passingOf(given),
    transactions: !given.disable_transactions,
    python: pythonOf(given),
    ducklakes: lakesOf(given, written),
    motherduck: md.used,
  };
}

/** DuckDB names the database after its file; `database` may also be the alias of an attached one. */
function checkedDatabase(given: Given, written: string, profile: string): string {
  const stem = databaseOf(written);
  const aliases = (given.attach ?? []).flatMap((a) => (a.alias ? [a.alias] : []));
  const database = given.database ?? stem;
  if (database.toLowerCase() !== stem.toLowerCase() && !aliases.includes(database)) {
    fail('profile-database', { profile, database, path: written, stem, near: closest(database, [stem, ...aliases]) });
  }
  return database;
}

function checkKeys(given: Given, target: Target, refuse: (key: string, problem: string) => never): void {
  // `pth: x.duckdb` would otherwise open an in-memory database and lose the data without a word.
  if (given.path === undefined) {
    const known = [...Object.keys(duckdbOutput().shape), 'type', 'schema', 'threads'];
    const near = Object.keys(target.settings).find((k) => !known.includes(k) && closest(k, ['path']) === 'path');
    if (near !== undefined) refuse(near, 'no such setting; did you mean `path`?');
  }
  if (given.remote) refuse('remote', 'dml does not speak to Buena Vista servers: it opens DuckDB itself');
  const provider = given.use_credential_provider;
  if (provider && provider !== 'aws') refuse('use_credential_provider', `it can only be \`aws\`, not \`${provider}\``);
}

function lakesOf(given: Given, written: string): ReadonlySet<string> {
  const attach = (given.attach ?? []).map((a) => ({ ...a, isDucklake: a.is_ducklake === true }));
  const { ducklakes } = duckdbSetup({ path: written, isDucklake: given.is_ducklake === true, attach });
  return new Set([...ducklakes].map((name) => name.toLowerCase()));
}

const secretsOf = (given: Given): readonly Secret[] => [
  ...(given.secrets ?? []),
  ...(given.use_credential_provider ? [{ type: 's3', provider: 'credential_chain' }] : []),
];

/** `IOException` -> `IO Error`: Python's names of the kinds of errors, as the engine prints them. */
function passingOf(given: Given): ReadonlySet<string> {
  const names = given.retries?.retryable_exceptions ?? ['IOException', 'HTTPException', 'ConnectionException'];
  return new Set(names.map((n) => `${n.replace(/Exception$/, '').replace(/([a-z])([A-Z])/g, '$1 $2')} Error`));
}

/** Plugins that dml does the work of. */
const NATIVE = new Set(['motherduck', 'postgres', 'delta', 'excel']);

function pythonOf(given: Given): string[] {
  const plugins = (given.plugins ?? []).filter((p) => !NATIVE.has(p.module)).map((p) => `the plugin \`${p.alias ?? p.module}\``);
  return [...plugins, ...(given.filesystems?.length ? ['`filesystems`'] : [])];
}
