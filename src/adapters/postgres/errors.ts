import { DiagnosticError, diagnostic } from '../../text/index.ts';
import { SqlError } from '../adapter.ts';
import type { PostgresProfile } from './profile.ts';

/** What the server says of an error, beside its sentence; the driver's own errors have none of it. */
interface Said {
  readonly message: string;
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** One-based, in code points of the text that was sent. */
  readonly position?: string;
  readonly where?: string;
}

// By the first two characters of the SQLSTATE.
const KINDS: Readonly<Record<string, string>> = {
  '08': 'Connection Error',
  '0A': 'Not Supported Error',
  '21': 'Data Error',
  '22': 'Data Error',
  '23': 'Constraint Error',
  '25': 'Transaction State Error',
  '28': 'Login Error',
  '40': 'Serialization Error',
  '42': 'Programming Error',
  '53': 'Resource Error',
  '54': 'Limit Error',
  '55': 'Object State Error',
  '58': 'System Error',
};
const CANCELLED = '57014';

/** Whether a statement that makes something `if not exists` failed because another session made it meanwhile: Postgres looks before the other one commits. */
export function lostRace(error: unknown, sql: string): boolean {
  const { code, schema } = error as { readonly code?: unknown; readonly schema?: unknown };
  // A key that is there twice in a catalog, or one of the names that are looked for right after.
  const told = (code === '23505' && schema === 'pg_catalog') || code === '42P06' || code === '42P07' || code === '42710';
  return told && /\bif\s+not\s+exists\b/i.test(sql);
}

function kindOf(said: Said): string {
  // The driver's errors: the connection is gone, or never was.
  if (said.code === undefined || !/^[0-9A-Z]{5}$/.test(said.code)) return 'Connection Error';
  if (said.code === CANCELLED) return /user request/.test(said.message) ? 'Interrupt Error' : 'Timeout Error';
  if (said.code === '42501') return 'Permission Error';
  return said.code.startsWith('57') ? 'Connection Error' : (KINDS[said.code.slice(0, 2)] ?? 'Database Error');
}

/** What of a server decides how its errors are told. */
export interface Server {
  /** As the server tells it, e.g. `13.23`; empty where it is not known. */
  readonly version: string;
}

/** The driver's error as a SqlError about `sql`; `shift` is where the text that was sent starts in `sql`. */
export function sqlError(error: unknown, server: Server, sql: string, sent: string = sql, shift = 0): SqlError {
  if (error instanceof SqlError) return error;
  const said = (error instanceof Error ? error : { message: String(error) }) as Said;
  const rest = [
    said.detail && `DETAIL: ${said.detail}`,
    said.hint && `HINT: ${said.hint}`,
    tooOld(said, server, sent),
    said.where?.startsWith('COPY') && said.where,
  ].filter(Boolean);
  const at = said.position === undefined ? undefined : utf16(sent, Number(said.position) - 1);
  return new SqlError([said.message, ...rest].join('\n'), sql, kindOf(said), at === undefined ? undefined : at + shift, 'Database Error');
}

/** Servers before 15 take `merge` for a mistake in writing. */
function tooOld({ code }: Said, { version }: Server, sent: string): string | false {
  if (code !== '42601' || !/^\s*(?:\/\*[\s\S]*?\*\/\s*)?merge\s+into\b/i.test(sent) || !(Number.parseInt(version, 10) < 15)) return false;
  return `HINT: \`merge\`, which microbatch needs too, is in PostgreSQL since 15, and this server is ${version}: set incremental_strategy: delete+insert`;
}

/** UTF-16 offset of an offset in code points. */
function utf16(sql: string, points: number): number | undefined {
  if (!Number.isInteger(points) || points < 0) return undefined;
  let at = 0;
  for (let i = 0; i < points && at < sql.length; i++) at += (sql.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return at;
}

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown } | null)?.code ?? '');

/** Whether trying to connect again may help: nobody was there, or there was no room. */
export function isPassing(error: unknown): boolean {
  return /^(ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|EPIPE|57P03|53300|08)/.test(codeOf(error)) || /timeout|terminated/i.test(String(error));
}

/** The server has no TLS at all. */
export const isWithoutTls = (error: unknown): boolean => /does not support SSL/i.test(String(error));

/** The driver's error at connecting as a diagnostic that says what to look at. */
export function connectError(error: unknown, profile: PostgresProfile): DiagnosticError {
  if (error instanceof DiagnosticError) return error;
  const { user, database } = profile;
  const server = serverOf(profile);
  const inner = error instanceof AggregateError && error.message === '' ? error.errors[0] : error;
  const cause = inner instanceof Error ? inner.message : String(inner);
  const code = codeOf(error);
  if (code.startsWith('28') || code === '42501' || code === '22023' || /password must be a string|no password/i.test(cause))
    return new DiagnosticError(
      diagnostic(
        'server-login',
        { server, user },
        { cause: /must be a string/.test(cause) ? 'the server asks for a password, and the profile has none' : cause },
      ),
    );
  if (code === '3D000') return new DiagnosticError(diagnostic('server-database', { server, database }));
  if (isWithoutTls(error) || /certificate|^(ERR_TLS|ERR_SSL|ERR_OSSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|CERT_)|EPROTO/i.test(`${code} ${cause}`))
    return new DiagnosticError(diagnostic('server-tls', { server, mode: profile.sslMode }, { cause }));
  if (/^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)) return new DiagnosticError(diagnostic('server-refused', { server }, { cause }));
  return new DiagnosticError(diagnostic('server-unreachable', { server }, { cause }));
}

/** Where the server is, as people write it. */
export function serverOf({ host, port }: Pick<PostgresProfile, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
