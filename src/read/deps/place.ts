import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Found } from './fetch.ts';

/** A folder inside the packages folder where packages are made ready. Names with a dot in front are no packages to any reader. */
const STAGING = '.dml-';

/** The packages folder while it is being filled. */
export class Placing {
  private readonly folder: string;
  private readonly staging: string;
  private readonly ready: string[] = [];

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    // An interrupted run may have left its own behind.
    for (const name of readdirSync(folder)) if (name.startsWith(STAGING)) rmSync(join(folder, name), { recursive: true, force: true });
    this.staging = mkdtempSync(join(folder, STAGING));
  }

  /** Makes a package ready: a local one is linked where the system can, any other one copied. */
  async add(found: Found): Promise<void> {
    const { name, kind } = found.pinned;
    const source = await found.folder();
    const to = join(this.staging, name);
    if (kind !== 'local' || !linked(source, to)) cpSync(source, to, { recursive: true, verbatimSymlinks: true });
    this.ready.push(name);
  }

  /** Puts what is ready in place by renaming and removes every other package. */
  finish(): void {
    const old = join(this.staging, '.old');
    mkdirSync(old);
    for (const name of readdirSync(this.folder))
      if (!name.startsWith(STAGING) && !this.ready.includes(name)) renameSync(join(this.folder, name), join(old, name));
    for (const name of this.ready) {
      const to = join(this.folder, name);
      if (existsSync(to) || isLink(this.folder, name)) renameSync(to, join(old, name));
      renameSync(join(this.staging, name), to);
    }
  }

  /** Removes what was only needed on the way, also where nothing was finished. */
  close(): void {
    rmSync(this.staging, { recursive: true, force: true });
  }
}

/** A link that leads nowhere does not count as existing. */
function isLink(folder: string, name: string): boolean {
  return readdirSync(folder).includes(name);
}

function linked(source: string, to: string): boolean {
  try {
    symlinkSync(source, to, 'dir');
    return true;
  } catch {
    return false;
  }
}
