import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Project, type ReadOptions, read } from '../../../src/read/index.ts';
import { Diagnostics, place } from '../../../src/text/index.ts';

/** What reading a project in a temporary folder gave. `dir` is the folder, which is gone by then. */
export interface Reading {
  readonly dir: string;
  readonly project: Project | undefined;
  readonly sink: Diagnostics;
  /** `code file:line:column` of every diagnostic. */
  readonly found: readonly string[];
}

export type Files = Readonly<Record<string, string | Buffer>>;

export const profiles = 'shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n';
export const minimal: Files = { 'dbt_project.yml': 'name: shop\nprofile: shop\n', 'profiles.yml': profiles, 'models/one.sql': 'select 1 as id' };

/** Writes the files to a new folder, reads the project there (or in `folder` of it) and removes the folder. */
export async function readFiles(
  files: Files,
  options: Partial<ReadOptions> = {},
  before: (dir: string) => void = () => undefined,
  folder = '',
): Promise<Reading> {
  const dir = mkdtempSync(join(tmpdir(), 'dml-read-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    }
    before(dir);
    const sink = new Diagnostics();
    const project = await read({ projectDir: join(dir, folder), directory: join(dir, 'elsewhere'), homeDir: join(dir, 'home'), env: {}, ...options }, sink);
    const found = sink.all.map((d) => (d.at ? `${d.code} ${place(d.at)}` : d.code));
    return { dir, project, sink, found };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The project, which must have been read without any diagnostic. */
export function fine({ project, sink }: Reading): Project {
  if (!project || sink.all.length > 0) throw new Error(sink.all.map((d) => d.message).join('\n') || 'no project');
  return project;
}
