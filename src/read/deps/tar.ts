import { chmodSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, posix, resolve, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Thrown for an archive that is broken or would write outside of its folder; the message says what is wrong with it. */
export class ArchiveProblem extends Error {}

const BLOCK = 512;
/** Bytes an archive may unpack to: far more than any package holds, and little enough to fit into memory. */
const MOST = 512 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly target: string;
  readonly executable: boolean;
  readonly body: Uint8Array;
}

/**
 * Unpacks a gzipped tar archive into an empty folder. Refuses, with an ArchiveProblem, absolute names, names with `..`, devices, and links that lead out of
 * the folder: links are made after all files, so that nothing is ever written through one.
 */
export function unpack(archive: Uint8Array, folder: string): void {
  const links: Entry[] = [];
  for (const entry of entries(inflate(archive))) {
    const to = inside(folder, entry.name);
    const there = lstatSync(to, { throwIfNoEntry: false });
    if (there && there.isDirectory() !== (entry.kind === 'directory')) throw new ArchiveProblem(`it has two entries \`${entry.name}\``);
    if (entry.kind === 'directory') mkdirSync(to, { recursive: true });
    else if (entry.kind === 'file') {
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, entry.body);
      if (entry.executable) chmodSync(to, 0o755);
    } else links.push(entry);
  }
  for (const link of links) {
    const to = inside(folder, link.name);
    if (lstatSync(to, { throwIfNoEntry: false })) throw new ArchiveProblem(`it has two entries \`${link.name}\``);
    if (link.kind === 'hardlink') throw new ArchiveProblem(`\`${link.name}\` is a hard link`);
    if (isAbsolute(link.target)) throw new ArchiveProblem(`the link \`${link.name}\` leads out of the package`);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(link.target, to);
  }
  checkLinks(folder);
}

/** Throws an ArchiveProblem where a symbolic link below a folder leads out of it. */
export function checkLinks(folder: string, at = folder): void {
  const root = realpathSync.native(folder);
  for (const item of readdirSync(at, { withFileTypes: true })) {
    const path = join(at, item.name);
    if (item.isDirectory()) checkLinks(folder, path);
    if (!item.isSymbolicLink()) continue;
    const target = readlinkSync(path);
    // Behind a name, `..` depends on where that name leads; in front, it is what it seems.
    const parts = target.split('/').filter((part) => part !== '.' && part !== '');
    const plain = !isAbsolute(target) && parts.lastIndexOf('..') <= parts.findIndex((part) => part !== '..');
    const end = plain ? ended(at, target) : '';
    if (end !== root && !end.startsWith(root + sep)) throw new ArchiveProblem(`the link \`${path.slice(folder.length + 1)}\` leads out of the package`);
  }
}

/** Where a link ends; for one that leads nowhere, where it would. */
function ended(folder: string, target: string): string {
  try {
    return realpathSync.native(join(folder, target));
  } catch {
    return resolve(realpathSync.native(folder), target);
  }
}

function inside(folder: string, name: string): string {
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.includes('\\') || name.includes('\0') || name.split('/').includes('..'))
    throw new ArchiveProblem(`its entry \`${name}\` would be written outside of the package`);
  const to = join(folder, name);
  // A file that stands where a folder is needed is a broken archive, not a crash.
  for (let above = dirname(to); above.length > folder.length; above = dirname(above)) {
    const there = lstatSync(above, { throwIfNoEntry: false });
    if (there && !there.isDirectory()) throw new ArchiveProblem(`its entry \`${name}\` lies below one that is no folder`);
  }
  return to;
}

function inflate(archive: Uint8Array): Uint8Array {
  try {
    return gunzipSync(archive, { maxOutputLength: MOST });
  } catch (e) {
    throw new ArchiveProblem(`it is no gzipped tar archive (${e instanceof Error ? e.message : String(e)})`);
  }
}

function* entries(bytes: Uint8Array): Generator<Entry> {
  let longName: string | undefined;
  let longTarget: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((b) => b === 0)) return;
    checkSum(header);
    const size = octal(header, 124, 12);
    const from = at + BLOCK;
    if (from + size > bytes.length) throw new ArchiveProblem('it ends in the middle of a file');
    const body = bytes.subarray(from, from + size);
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') {
      const records = extended(body);
      longName = records.get('path') ?? longName;
      longTarget = records.get('linkpath') ?? longTarget;
    } else if (type === 'L') longName = text(body, 0, body.length);
    else if (type === 'K') longTarget = text(body, 0, body.length);
    else if (type !== 'g') {
      const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
      const name = longName ?? (prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
      const target = longTarget ?? text(header, 157, 100);
      longName = undefined;
      longTarget = undefined;
      const kind = kindOf(type, name);
      yield {
        name: posix.normalize(name.replace(/\/+$/, '') || '.') === '.' ? '.' : name,
        kind,
        target,
        executable: (octal(header, 100, 8) & 0o100) !== 0,
        body,
      };
    }
  }
}

function kindOf(type: string, name: string): Entry['kind'] {
  if (type === '5' || ((type === '0' || type === '\0') && name.endsWith('/'))) return 'directory';
  if (type === '0' || type === '\0' || type === '7') return 'file';
  if (type === '1') return 'hardlink';
  if (type === '2') return 'symlink';
  throw new ArchiveProblem(`its entry \`${name}\` is neither file, folder nor link`);
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  // The field of the sum itself counts as blanks.
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] ?? 0);
  if (sum !== octal(header, 148, 8)) throw new ArchiveProblem('it is no tar archive, or a damaged one');
}

function octal(header: Uint8Array, from: number, length: number): number {
  const digits = text(header, from, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new ArchiveProblem('it is no tar archive, or a damaged one');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return Buffer.from(end === -1 ? part : part.subarray(0, end)).toString('utf8');
}

/** The records of an extended header: each is `LENGTH KEY=VALUE\n`, where the length counts bytes and includes itself. */
function extended(body: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(32, at);
    const length = blank === -1 ? Number.NaN : Number(bytes.toString('latin1', at, blank));
    if (!(length > blank - at) || at + length > bytes.length) throw new ArchiveProblem('one of its headers is damaged');
    const record = bytes.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}
