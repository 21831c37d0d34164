import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Code, DiagnosticError, fail, type Span } from '../../text/index.ts';
import type { Store } from './store.ts';
import { ArchiveProblem, checkLinks } from './tar.ts';
import type { DepsWorld } from './world.ts';

/** A git package that is to be fetched. */
export interface GitSource {
  readonly git: string;
  readonly revision: string;
  readonly subdirectory: string | undefined;
  readonly at: Span | undefined;
}

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The commit that a branch, tag, commit or `HEAD` stands for. A tag comes before a branch of the same name, as in dbt. Without network, the commit of the
 * last time; `fromCache` says so.
 */
export async function commitOf(world: DepsWorld, store: Store, source: GitSource): Promise<{ readonly commit: string; readonly fromCache: boolean }> {
  const { revision } = source;
  if (COMMIT.test(revision)) return { commit: revision, fromCache: false };
  const known = store.read('ref', source.git, revision);
  if (world.offline && known !== undefined) return { commit: known, fromCache: true };
  if (world.offline && !isLocal(source.git)) return fail('network-unreachable', { url: source.git, offline: true }, { at: source.at });
  const wanted = revision === 'HEAD' ? ['HEAD'] : [`refs/tags/${revision}^{}`, `refs/tags/${revision}`, `refs/heads/${revision}`];
  let listed: string;
  try {
    listed = await git(world, source, world.projectDir, ['ls-remote', '--', address(world, source.git), ...wanted]);
  } catch (e) {
    if (known === undefined || codeOf(e) !== 'package-git-failed') throw e;
    return { commit: known, fromCache: true };
  }
  const refs = new Map(listed.split('\n').map((line): [string, string] => [line.slice(41), line.slice(0, 40)]));
  const commit = wanted.map((ref) => refs.get(ref)).find((c) => c !== undefined);
  if (commit === undefined) {
    const short = /^[0-9a-f]{7,39}$/.test(revision);
    const extra = short ? { hint: 'a commit must be given with all of its 40 digits' } : {};
    return fail(
      'package-git-failed',
      { url: source.git, revision: named(revision) },
      { at: source.at, cause: `it has no branch or tag \`${revision}\``, ...extra },
    );
  }
  store.write(commit, 'ref', source.git, revision);
  return { commit, fromCache: false };
}

/** The folder in the store that holds a commit's files (those of the subdirectory, where there is one), fetched if need be. Without git's own data. */
export async function checkout(world: DepsWorld, store: Store, source: GitSource, commit: string): Promise<string> {
  const key = [source.git, commit, source.subdirectory ?? ''];
  const there = store.folder('git', ...key);
  if (there !== undefined) return there;
  if (world.offline && !isLocal(source.git)) return fail('network-unreachable', { url: source.git, offline: true }, { at: source.at });
  return await store.keep('git', key, async (empty) => {
    const tree = join(empty, 'tree');
    const run = (...args: readonly string[]) => git(world, source, tree, args);
    await git(world, source, empty, ['init', '--quiet', '--template=', tree]);
    await fetchCommit(run, address(world, source.git), commit);
    await run('checkout', '--quiet', '--detach', commit);
    rmSync(join(tree, '.git'), { recursive: true });
    const folder = source.subdirectory === undefined ? tree : resolve(tree, source.subdirectory);
    if (!`${folder}/`.startsWith(`${tree}/`) || !existsSync(folder))
      return fail('package-unusable', { from: source.git, problem: `it has no folder \`${source.subdirectory ?? ''}\`` }, { at: source.at });
    try {
      checkLinks(folder);
    } catch (e) {
      if (!(e instanceof ArchiveProblem)) throw e;
      return fail('package-unusable', { from: source.git, problem: e.message }, { at: source.at });
    }
    return folder;
  });
}

async function fetchCommit(run: (...args: readonly string[]) => Promise<string>, url: string, commit: string): Promise<void> {
  try {
    await run('fetch', '--quiet', '--depth', '1', '--no-tags', '--', url, commit);
  } catch (e) {
    if (codeOf(e) !== 'package-git-failed') throw e;
    // Some servers hand out only what a branch or tag points to: then the commit comes with the history of all of them.
    await run('fetch', '--quiet', '--', url, '+refs/heads/*:refs/remotes/all/*', '+refs/tags/*:refs/tags/*');
  }
}

function codeOf(e: unknown): Code | undefined {
  return e instanceof DiagnosticError ? e.diagnostic.code : undefined;
}

function isLocal(url: string): boolean {
  return url.startsWith('file:') || /^[./~]/.test(url);
}

/** Relative paths start at the project. */
function address(world: DepsWorld, url: string): string {
  return /^\.\.?\//.test(url) ? resolve(world.projectDir, url) : url;
}

function named(revision: string): string {
  return revision === 'HEAD' ? 'the default branch' : `\`${revision}\``;
}

/** Variables that tie git to the repository dml was called in (from a hook, say). */
const OWN = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR', 'GIT_PREFIX', 'GIT_NAMESPACE']);

/** Runs git without letting it ask questions or run hooks; answers what it prints. */
function git(world: DepsWorld, source: GitSource, cwd: string, args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(world.env).filter(([name]) => !OWN.has(name)));
  const options = { cwd, env: { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1' }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((done, failed) => {
    execFile('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.ext.allow=never', ...args], options, (error, stdout, stderr) => {
      if (error === null) return done(stdout);
      try {
        if (error.code === 'ENOENT') fail('git-missing', { url: source.git }, { at: source.at });
        fail('package-git-failed', { url: source.git, revision: named(source.revision) }, { at: source.at, cause: stderr.trim() || error.message });
      } catch (e) {
        failed(e);
      }
    });
  });
}
