import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Deferral, deferrable, type Previous, readInputs, readManifest, readResults, readSources } from '../state/index.ts';
import { fail, type Sink } from '../text/index.ts';
import type { Flags } from './flags.ts';

/** The file with the values that nodes were made with. */
export const INPUTS = 'dml_inputs.json';

/** Reads the artifacts in a folder (relative to the project, or absolute). `targetDir` (absolute) holds the project's own sources.json. */
export function readPrevious(dir: string, projectDir: string, targetDir: string, sink: Sink): Previous {
  const folder = path.resolve(projectDir, dir);
  const read = <T>(from: string, name: string, parse: (text: string, file: string, sink: Sink) => T | undefined): T | undefined => {
    const file = path.join(from, name);
    const text = textOf(file);
    return text === undefined ? undefined : parse(text, path.relative(projectDir, file) || file, sink);
  };
  if (folder === targetDir) sink.add('state-is-target', { dir });
  return {
    dir,
    manifest: read(folder, 'manifest.json', readManifest),
    inputs: read(folder, INPUTS, readInputs),
    results: read(folder, 'run_results.json', readResults),
    sources: read(folder, 'sources.json', readSources),
    currentSources: read(targetDir, 'sources.json', readSources),
  };
}

function textOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What references are resolved with when `--defer` is given; throws a diagnostic where there is no manifest to defer to. */
export function deferralOf(flags: Flags, previous: Previous | undefined, always: boolean, read: (dir: string) => Previous): Deferral | undefined {
  if (flags.values.get('defer') !== true && !always) return undefined;
  const dir = flags.values.get('defer-state');
  const from = typeof dir === 'string' ? read(dir) : previous;
  if (!from) {
    return fail('state-missing', {
      problem: '--state or --defer-state are required for deferral, but neither was provided',
      hint: 'name the folder with the manifest.json of the run to defer to: `--state DIR`',
    });
  }
  if (!from.manifest) {
    return fail('state-missing', {
      problem: `Could not find manifest in --state path: "${from.dir}"`,
      hint: 'the folder must hold the manifest.json of an earlier run',
    });
  }
  return { nodes: deferrable(from.manifest), favorState: flags.values.get('favor-state') === true };
}

/** The files of a folder that differ from a revision of its git repository, new and deleted ones included, relative to the folder. */
export function changedSince(dir: string, revision: string): ReadonlySet<string> {
  if (revision.startsWith('-')) fail('git-failed', { revision, problem: 'a revision does not begin with a dash' });
  const refuse = (problem: string): never => fail('git-failed', { revision, problem });
  const git = (problem: string, ...args: readonly string[]): readonly string[] => {
    try {
      return execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', stdio: 'pipe', maxBuffer: 256 * 1024 * 1024 })
        .split('\0')
        .filter((name) => name !== '');
    } catch (error) {
      return refuse((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the program git was not found' : problem);
    }
  };
  git('the project is in no git repository', 'rev-parse', '--is-inside-work-tree');
  git('there is no such revision', 'rev-parse', '--verify', '--quiet', `${revision}^{commit}`);
  return new Set([
    ...git('git does not answer', 'diff', '--name-only', '-z', '--relative', revision, '--'),
    ...git('git does not answer', 'ls-files', '-z', '--others', '--exclude-standard'),
  ]);
}
