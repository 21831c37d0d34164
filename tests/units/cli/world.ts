import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, type World } from '../../../src/cli/index.ts';

/** The outcome of one command line. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new folder with these files, deleted by `remove`. */
export function folder(files: Readonly<Record<string, string>> = {}): { readonly dir: string; readonly remove: () => void } {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-cli-')));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  return { dir, remove: () => fs.rmSync(dir, { recursive: true, force: true }) };
}

/** Runs a command line in this process. */
export async function dml(cwd: string, argv: readonly string[], over: Partial<World> = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const world: World = {
    cwd,
    env: {},
    home: cwd,
    pid: 1,
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    terminal: undefined,
    ask: undefined,
    now: () => 0,
    every: () => () => undefined,
    signal: new AbortController().signal,
    invocationId: '00000000-0000-4000-8000-000000000000',
    templates: fileURLToPath(new URL('../../../templates/', import.meta.url)),
    library: undefined,
    ...over,
  };
  const code = await main(argv, world);
  return { code, stdout, stderr };
}
