// The one place where tests start dml: in their own process, or as the command that a user would type.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { World } from '../src/cli/world.ts';
import type { Outcome } from './cases.ts';

const root = path.resolve(import.meta.dirname, '..');

/**
 * Runs `dml ARGV` in this process: DIR is its working directory and home, its environment is empty, its clock stands still, nobody can be asked.
 * `hear` is told what it prints, while it runs. `run`: the time it counts as begun, in milliseconds, and its id, where those matter.
 */
export async function dml(
  argv: readonly string[],
  dir: string,
  hear?: (text: string) => void,
  run?: { readonly now: number; readonly id: string },
): Promise<Outcome> {
  const { main } = await import('../src/cli/index.ts');
  let stdout = '';
  let stderr = '';
  const world: World = {
    cwd: dir,
    env: {},
    home: dir,
    pid: process.pid,
    stdout: {
      write(text) {
        stdout += text;
        hear?.(text);
      },
    },
    stderr: { write: (text) => void (stderr += text) },
    terminal: undefined,
    ask: undefined,
    now: () => run?.now ?? Date.UTC(2026, 0, 2, 3, 4, 5),
    every(milliseconds, act) {
      const timer = hear && setInterval(act, milliseconds);
      return () => clearInterval(timer);
    },
    signal: new AbortController().signal,
    invocationId: run?.id ?? '00000000-0000-4000-8000-000000000000',
    templates: `${path.join(root, 'templates')}${path.sep}`,
    library: undefined,
  };
  const code = await main(argv, world);
  return { code, stdout, stderr };
}

/**
 * A directory whose `bin/` holds `dml`, bundled from the present sources (so that no test depends on an earlier build), and stand-ins for the two other
 * words that start a line of the guides: `npx dml` runs that same file; `npm ci`, `npm test` and `npm run` do nothing. The caller deletes it.
 */
export function install(): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-install-'));
  for (const name of ['package.json', 'templates', 'schemas', 'node_modules']) fs.symlinkSync(path.join(root, name), path.join(home, name));
  fs.mkdirSync(path.join(home, 'bin'));
  fs.copyFileSync(path.join(root, 'bin/dml.cjs'), path.join(home, 'bin/dml.cjs'));
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), path.join(home, 'dist')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const script = (name: string, body: string) => fs.writeFileSync(path.join(home, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  script('dml', `exec "${process.execPath}" "${home}/bin/dml.cjs" "$@"`);
  script('npx', '[ "$1" = dml ] || { echo "npx $1: not in a guide" >&2; exit 64; }\nshift\nexec dml "$@"');
  script('npm', 'case "$1" in ci|test|run) ;; *) echo "npm $1: not in a guide" >&2; exit 64 ;; esac');
  return home;
}
