import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DiagnosticError, diagnostic } from '../../text/index.ts';
import type { DuckdbProfile } from './profile.ts';

/** What was being done when opening failed. */
export type OpenProblem = 'open' | 'locked' | 'setup';

/** The driver's error at opening as a diagnostic that names the file and the way out. */
export function openError(error: unknown, profile: DuckdbProfile, problem: OpenProblem): Error {
  if (error instanceof DiagnosticError) return error;
  const cause = (error instanceof Error ? error.message : String(error)).replace(/ See also \S+/, '');
  const { path } = profile;
  if (problem === 'setup') return new DiagnosticError(diagnostic('database-setup', { path }, { cause }));
  const held = /Conflicting lock is held in ([^\n]*?)\s*\(PID (\d+)\)/.exec(cause);
  if (held) return new DiagnosticError(diagnostic('database-locked', { path, pid: Number(held[2]), process: processName(Number(held[2])) ?? held[1] ?? '' }));
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
