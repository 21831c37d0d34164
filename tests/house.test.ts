// The house rules of src/README.md that a machine can check.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/text/index.ts';

const root = path.resolve(import.meta.dirname, '..');
const src = path.join(root, 'src');

/** Rooms from left to right: a file imports from rooms to its left or its own. Rooms of one row do not import each other. */
const layers = [
  ['text'],
  ['jinja', 'sql'],
  ['context', 'adapters'],
  ['read'],
  ['parse'],
  ['resolve'],
  ['state'],
  ['select'],
  ['compile'],
  ['metrics'],
  ['plan'],
  ['run'],
  ['report'],
  ['docs'],
  ['cli'],
] as const;
const driverRooms = ['adapters', 'run', 'cli'];

interface File {
  /** Relative to src, with forward slashes. */
  readonly name: string;
  readonly text: string;
  /** Files it imports, relative to src. */
  readonly imports: readonly string[];
}

const files: readonly File[] = fs
  .readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.split(path.sep).join('/'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const text = uncommented(fs.readFileSync(path.join(src, name), 'utf8'));
    const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map((m) => path.posix.join(path.posix.dirname(name), m[1] ?? ''));
    return { name, text, imports };
  });

/** The text without comments; lines stay where they are. */
function uncommented(text: string): string {
  return text.replace(/(?<=^|\s)\/\*[\s\S]*?\*\//g, (c) => c.replace(/[^\n]/g, ' ')).replace(/(^|\s)\/\/ .*$/gm, '$1');
}

/** `src/cli.ts` and `src/index.ts` stand at the door of the house and belong to the last room. */
function room(name: string): string {
  return name.includes('/') ? name.slice(0, name.indexOf('/')) : 'cli';
}

function layer(name: string): number {
  return layers.findIndex((rooms) => (rooms as readonly string[]).includes(room(name)));
}

/** `file:line: text` of every line below cli/ that matches. */
function linesBelowCli(pattern: RegExp): string[] {
  return files
    .filter((f) => room(f.name) !== 'cli')
    .flatMap((f) => f.text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`src/${f.name}:${i + 1}: ${line.trim()}`] : [])));
}

describe('imports', () => {
  test('every directory of src is a room with a layer', () => {
    const rooms = fs.readdirSync(src, { withFileTypes: true }).filter((d) => d.isDirectory());
    expect(rooms.map((d) => d.name).filter((name) => layer(`${name}/`) === -1)).toEqual([]);
  });

  test('a file imports only from rooms to its left or its own', () => {
    const wrong = files.flatMap((f) => f.imports.filter((to) => room(to) !== room(f.name) && layer(to) >= layer(f.name)).map((to) => `${f.name} -> ${to}`));
    expect(wrong).toEqual([]);
  });

  test('only run and cli import adapters', () => {
    const wrong = files.filter((f) => !driverRooms.includes(room(f.name)) && f.imports.some((to) => room(to) === 'adapters'));
    expect(wrong.map((f) => f.name)).toEqual([]);
  });

  test('other rooms are entered through an index.ts', () => {
    const wrong = files.flatMap((f) =>
      f.imports.filter((to) => to.includes('/') && room(to) !== room(f.name) && path.posix.basename(to) !== 'index.ts').map((to) => `${f.name} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every import names a file that exists', () => {
    const names = new Set(files.map((f) => f.name));
    const wrong = files.flatMap((f) => f.imports.filter((to) => to.endsWith('.ts') && !names.has(to)).map((to) => `${f.name} -> ${to}`));
    expect(wrong).toEqual([]);
  });

  test('no file imports itself through others', () => {
    expect(cycle(new Map(files.map((f) => [f.name, f.imports])))).toBeUndefined();
    expect(
      cycle(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
      'the check itself',
    ).toBe('b -> c -> b');
  });
});

/** The first import cycle found, as `a -> b -> a`. */
function cycle(graph: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name].join(' -> ');
    if (done.has(name)) return undefined;
    done.add(name);
    for (const to of graph.get(name) ?? []) {
      const found = visit(to, [...trail, name]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const name of graph.keys()) {
    const found = visit(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('code', () => {
  test('clock, environment and console are arguments below cli', () => {
    expect(linesBelowCli(/\bconsole\.|\bprocess\.(env|argv|exit|stdout|stderr)\b|\bDate\.now\b|\bnew Date\(\)/)).toEqual([]);
  });

  test('no module-level variables, no default exports', () => {
    expect(linesBelowCli(/^(export )?(let|var) |^export default /)).toEqual([]);
  });

  test('the map names every room', () => {
    const map = fs.readFileSync(path.join(src, 'README.md'), 'utf8');
    expect(layers.flat().filter((name) => !new RegExp(`^${name}/ `, 'm').test(map))).toEqual([]);
  });
});

describe('catalogue', () => {
  test('codes are kebab names and unique across its files', async () => {
    const dir = path.join(src, 'text/catalogue');
    const parts = fs.readdirSync(dir).filter((name) => name !== 'index.ts' && name !== 'entry.ts');
    const codes: string[] = [];
    for (const part of parts) {
      const exports: Record<string, object> = await import(path.join(dir, part));
      codes.push(...Object.values(exports).flatMap((entries) => Object.keys(entries)));
    }
    expect(codes.filter((code) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code))).toEqual([]);
    expect(codes.toSorted()).toEqual(Object.keys(catalogue).toSorted());
  });

  test('every entry explains itself', () => {
    const thin = Object.entries(catalogue).filter(([, entry]) => entry.explanation.length < 40);
    expect(thin.map(([code]) => code)).toEqual([]);
  });

  test('every code is reported somewhere', () => {
    const text = files
      .filter((f) => !f.name.startsWith('text/catalogue/'))
      .map((f) => f.text)
      .join('\n');
    expect(Object.keys(catalogue).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});

describe('repository', () => {
  /** Tracked files and new ones that are not ignored. */
  const repository = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((name) => name !== '' && fs.existsSync(path.join(root, name)) && fs.statSync(path.join(root, name)).size < 2_000_000);

  test('no file names a path of one machine or the host of a package registry', () => {
    const machine = /(^|[^A-Za-z0-9_.$])\/(work|root|farm|tmp|home)\/[a-z]/;
    const registry = /\b(registry\.(npmjs|yarnpkg)|pypi\.(org|io)|pythonhosted|npmmirror)\b/;
    // The patterns above would find themselves.
    const others = repository.filter((name) => name !== 'tests/house.test.ts');
    const wrong = others.filter((name) => {
      const text = fs.readFileSync(path.join(root, name), 'utf8');
      return machine.test(text) || registry.test(text);
    });
    expect(others.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  test('the lockfile names no host', () => {
    const lock = fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8');
    expect(lock).toContain('"lockfileVersion": 3');
    expect(lock).not.toContain('"resolved"');
  });
});
