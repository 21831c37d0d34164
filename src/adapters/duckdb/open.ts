import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Diagnostic, DiagnosticError, diagnostic } from '../../text/index.ts';
import type { DuckdbProfile } from './profile.ts';
import { type Step, withoutPasswords } from './setup.ts';

/** What was being done when opening failed. */
export type OpenProblem = 'open' | 'locked' | 'setup';

/** A statement of opening that failed. */
export class StepError extends Error {
  readonly step: Step;
  constructor(step: Step, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.step = step;
  }
}

/** The driver's error at opening as a diagnostic that names the file and the way out. */
export function openError(error: unknown, profile: DuckdbProfile, problem: OpenProblem): Error {
  if (error instanceof DiagnosticError) return error;
  const cause = withoutPasswords((error instanceof Error ? error.message : String(error)).replace(/ See also \S+/, ''));
  const path = withoutPasswords(profile.path);
  const step = error instanceof StepError ? error.step : undefined;
  const extension = step?.extension ?? EXTENSION.exec(cause)?.slice(1).find(Boolean);
  if (extension !== undefined)
    return new DiagnosticError(
      diagnostic('extension-missing', { extension, key: step?.key ?? 'path', version: VERSION.exec(cause)?.[1] }, { cause: firstLine(cause) }),
    );
  if (problem === 'setup') return new DiagnosticError(diagnostic('database-setup', { path, key: step?.key }, { cause }));
  const option = /options were not recognized: (\S+)/.exec(cause)?.[1];
  if (option !== undefined)
    return new DiagnosticError(
      diagnostic('profile-invalid', { profile: profile.name, key: `config_options.${option}`, problem: 'DuckDB knows no such option' }),
    );
  const held = holder(cause);
  if (held) return new DiagnosticError(diagnostic('database-locked', { path, ...held }));
  if (problem === 'locked') return new DiagnosticError(diagnostic('database-locked', { path, pid: undefined, process: '' }, { cause }));
  const folder = dirname(path);
  if (/No such file or directory|cannot find the path/i.test(cause) && !existsSync(folder))
    return new DiagnosticError(diagnostic('database-folder', { path, folder }));
  const version = /version number (\d+)|storage version (\d+)/i.exec(cause);
  if (/newer version|version number|storage version/i.test(cause)) {
    return new DiagnosticError(diagnostic('database-version', { path, version: version?.[1] ?? version?.[2] }, { cause }));
  }
  if (/not a valid DuckDB database/i.test(cause)) return new DiagnosticError(diagnostic('database-not-duckdb', { path }, { cause }));
  if (/Is a directory/i.test(cause) || isDirectory(path)) return new DiagnosticError(diagnostic('database-not-duckdb', { path }, { cause: 'it is a folder' }));
  return new DiagnosticError(diagnostic('database-open', { path, denied: /permission denied/i.test(cause) }, { cause }));
}

const EXTENSION = /(?:download|install local|the required) extension ["'](\w+)["']|\/(\w+)\.duckdb_extension" not found/;
// In the address of the file that could not be fetched.
const VERSION = /\/(v\d[^/]*\/[^/]+)\//;
const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** Whether a setting of this name is a secret. */
export const isSecret = (key: string): boolean => /secret|token|password|passphrase|credential|_key(_id)?$/i.test(key);

/** Who holds the file, where the driver says it. */
function holder(cause: string): { readonly pid: number; readonly process: string } | undefined {
  const held = /Conflicting lock is held in ([^\n]*?)\s*\(PID (\d+)\)/.exec(cause);
  return held ? { pid: Number(held[2]), process: processName(Number(held[2])) ?? held[1] ?? '' } : undefined;
}

/** Says that the file is being waited for; `most` in milliseconds. */
export function waiting(error: unknown, { path }: DuckdbProfile, most: number): Diagnostic {
  return diagnostic('database-waiting', { path, seconds: most / 1000, ...(holder(String(error)) ?? { pid: undefined, process: '' }) });
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** The command line of a process, where the system tells it. */
function processName(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    return words.length ? words.join(' ').slice(0, 120) : undefined;
  } catch {
    return undefined;
  }
}
