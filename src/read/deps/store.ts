import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What was fetched before: whole packages as folders, and small texts. Everything is written beside and renamed into place, so that several runs may share
 * it and none sees half of a package.
 */
export class Store {
  private readonly dir: string;
  constructor(dir: string) {
    this.dir = dir;
  }

  /** The folder of a package; undefined where it was not fetched yet. */
  folder(kind: string, ...key: readonly string[]): string | undefined {
    const path = this.path(kind, key);
    return existsSync(path) ? path : undefined;
  }

  /** Fills an empty folder with `work` and keeps what `work` answers (that folder or one below it) as the package's. */
  async keep(kind: string, key: readonly string[], work: (empty: string) => Promise<string>): Promise<string> {
    mkdirSync(this.dir, { recursive: true });
    const temporary = mkdtempSync(join(this.dir, 'new-'));
    try {
      const made = await work(temporary);
      const path = this.path(kind, key);
      if (existsSync(path)) renameSync(path, `${temporary}.old`);
      try {
        renameSync(made, path);
      } catch (e) {
        // Another run was faster; its copy is as good.
        if (!existsSync(path)) throw e;
      }
      return path;
    } finally {
      rmSync(temporary, { recursive: true, force: true });
      rmSync(`${temporary}.old`, { recursive: true, force: true });
    }
  }

  /** A text kept by {@link write}; undefined where there is none. */
  read(kind: string, ...key: readonly string[]): string | undefined {
    const path = this.path(kind, key);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  write(text: string, kind: string, ...key: readonly string[]): void {
    mkdirSync(this.dir, { recursive: true });
    const temporary = mkdtempSync(join(this.dir, 'new-'));
    try {
      writeFileSync(join(temporary, 'text'), text);
      renameSync(join(temporary, 'text'), this.path(kind, key));
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  /** Addresses may hold secrets and characters that no file name can have: names are hashes. */
  private path(kind: string, key: readonly string[]): string {
    return join(this.dir, `${kind}-${createHash('sha256').update(key.join('\0')).digest('hex').slice(0, 40)}`);
  }
}
