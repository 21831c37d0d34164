import { postgresOutput, sslModes, type Target } from '../../sql/index.ts';
import { closest, fail } from '../../text/index.ts';

/** A Postgres output, checked. Timeouts are in milliseconds; 0: none. */
export interface PostgresProfile {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly role: string | undefined;
  readonly searchPath: string | undefined;
  readonly connectTimeout: number;
  /** Milliseconds of silence before the system asks whether the other side is still there; 0: the system's own. */
  readonly keepAlive: number;
  readonly sslMode: (typeof sslModes)[number];
  /** Paths as written: relative to the current folder, as libpq has it. */
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  readonly sslRootCert: string | undefined;
  readonly applicationName: string;
  readonly retries: number;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
}

/** Checks an output of type postgres; throws a DiagnosticError that names the key at fault. */
export function readProfile(target: Target): PostgresProfile {
  const parsed = postgresOutput().safeParse(target.settings);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue?.path.map(String).join('.') ?? '';
    fail('profile-invalid', { profile: `${target.profileName}.${target.name}`, key, problem: problemOf(target, key, issue?.message) });
  }
  const p = parsed.data;
  return {
    host: p.host,
    port: p.port ?? 5432,
    user: p.user,
    password: p.password === null || p.password === undefined ? undefined : String(p.password),
    database: target.database,
    role: p.role || undefined,
    searchPath: p.search_path || undefined,
    connectTimeout: (p.connect_timeout ?? 10) * 1000,
    keepAlive: (p.keepalives_idle ?? 0) * 1000,
    sslMode: p.sslmode ?? 'prefer',
    sslCert: p.sslcert || undefined,
    sslKey: p.sslkey || undefined,
    sslRootCert: p.sslrootcert || undefined,
    applicationName: p.application_name || 'dbt',
    retries: p.retries ?? 1,
    statementTimeout: p.statement_timeout ?? 0,
    lockTimeout: p.lock_timeout ?? 0,
  };
}

function problemOf(target: Target, key: string, message: string | undefined): string {
  if (key in target.settings) return key === 'sslmode' ? `possible: ${sslModes.join(', ')}` : (message ?? 'not valid');
  const known = Object.keys(postgresOutput().shape);
  const near = Object.keys(target.settings).find((k) => !known.includes(k) && closest(k, [key]) === key);
  return near === undefined ? 'it is missing' : `it is missing; there is \`${near}\``;
}
