import type { Row } from '../../../src/docs/data/types.ts';
import { linksOf, reached } from '../../../src/docs/layout.ts';
import { pathPattern, wildcard } from '../../../src/select/glob.ts';

/** The nodes that a selection picks, as row numbers; or why it cannot be read. */
export type Picked = { readonly nodes: ReadonlySet<number> } | { readonly problem: string };

/** What is selected from: rows, and pairs of their numbers along which data flows. */
export interface Selectable {
  readonly rows: readonly Row[];
  readonly edges: readonly number[];
}

type Test = (row: Row) => boolean;

/** Methods that need nothing but the rows of the list. `state:`, `result:` and the like ask for what only the command line has. */
const METHODS: Readonly<Record<string, (value: string, args: readonly string[]) => Test>> = {
  fqn: named,
  tag: (value) => {
    const matches = wildcard(value);
    return (r) => r.tags?.some(matches) ?? false;
  },
  path: (value) => {
    const matches = pathPattern(value);
    return (r) => matches(r.file) || folders(r.file).some(matches);
  },
  file: (value) => {
    const matches = wildcard(value);
    return (r) => matches(fileOf(r)) || matches(fileOf(r).replace(/\.\w+$/, ''));
  },
  package: (value) => {
    const matches = wildcard(value);
    return (r) => matches(r.package);
  },
  resource_type: (value) => (r) => r.type === value,
  group: (value) => {
    const matches = wildcard(value);
    return (r) => r.group !== undefined && matches(r.group);
  },
  access: (value) => (r) => r.type === 'model' && (r.access ?? 'protected') === value,
  config: (value, [key]) => configured(value, key ?? ''),
  source: (value) => sourced(value),
  exposure: (value) => typed('exposure', value),
  metric: (value) => typed('metric', value),
  semantic_model: (value) => typed('semantic_model', value),
  saved_query: (value) => typed('saved_query', value),
};

/** Picks nodes as `--select` and `--exclude` do; without criteria, all. In `select`, `--exclude` may stand too. */
export function pick(select: string, exclude: string, from: Selectable): Picked {
  const [wanted = '', ...more] = select.split(/(?:^|\s)--exclude(?=\s|=|$)=?/);
  try {
    const all = () => new Set(from.rows.keys());
    const nodes = wanted.trim() === '' ? all() : union(wanted, from);
    for (const text of [exclude, ...more]) for (const n of union(text, from)) nodes.delete(n);
    return { nodes };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}

class Unreadable extends Error {}

function union(text: string, from: Selectable): Set<number> {
  const out = new Set<number>();
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    const [first, ...rest] = word.split(',').map((part) => criterion(part, from));
    for (const n of first ?? []) if (rest.every((other) => other.has(n))) out.add(n);
  }
  return out;
}

const CRITERION = /^(@)?(?:(\d*)\+)?(?:([\w.]+):)?(.*?)(?:\+(\d*))?$/s;

function criterion(text: string, { rows, edges }: Selectable): ReadonlySet<number> {
  const [, at, up, method = methodOf(text), value = '', down] = CRITERION.exec(text) ?? [];
  if (value === '') throw new Unreadable(text === '' ? 'A comma needs a criterion on both sides.' : `“${text}” names nothing.`);
  if (at !== undefined && down !== undefined) throw new Unreadable(`“${text}”: “@” in front and “+” behind cannot be used together.`);
  const [name = '', ...args] = method.split('.');
  const make = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (make === undefined) throw new Unreadable(`“${name}:” cannot be used here. Known: ${Object.keys(METHODS).join(', ')}.`);
  const test = make(value, args);
  const found = rows.flatMap((row, n) => (test(row) ? [n] : []));
  const out = new Set(found);
  const walk = (start: readonly number[], backwards: boolean, steps: number) => {
    for (const n of reached(linksOf(rows.length, edges, backwards), start, steps)) out.add(n);
  };
  if (up !== undefined) walk(found, true, steps(up));
  if (down !== undefined) walk(found, false, steps(down));
  if (at !== undefined) {
    walk(found, false, Number.POSITIVE_INFINITY);
    walk([...out], true, Number.POSITIVE_INFINITY);
  }
  return out;
}

function steps(text: string): number {
  return text === '' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Without a method, a path or a file says what it is. */
function methodOf(text: string): string {
  if (text.includes('/')) return 'path';
  return /\.(?:sql|py|csv)\+?\d*$/i.test(text) ? 'file' : 'fqn';
}

/** A name, or the beginning of the dotted path package.folder.name, with or without the package; with wildcards, the rest of the path or the name. */
function named(value: string): Test {
  const parts = value.split('.');
  const wild = parts.findIndex((p) => /[*?[\]]/.test(p));
  const matches = wildcard(value);
  const tail = wild === -1 ? undefined : wildcard(parts.slice(wild).join('.'));
  const within = (fqn: readonly string[]): boolean => {
    const flat = fqn.flatMap((s) => s.split('.'));
    if (flat.length < parts.length || !parts.slice(0, wild === -1 ? parts.length : wild).every((part, i) => flat[i] === part)) return false;
    return tail === undefined || tail(flat.slice(wild).join('.')) || (parts.length === 1 && matches(fqn.at(-1) ?? ''));
  };
  return (row) => {
    if (row.type === 'source') return false;
    const own = row.version === undefined ? row.fqn.at(-1) : row.fqn.at(-2);
    const versioned = row.version !== undefined && row.fqn.slice(-2).join('_') === parts.slice(-2).join('_');
    return (
      own === value || versioned || (own !== undefined && wild !== -1 && parts.length === 1 && matches(own)) || within(row.fqn) || within(row.fqn.slice(1))
    );
  };
}

function configured(value: string, key: string): Test {
  if (key !== 'materialized' && key !== 'tags' && key !== 'schema' && key !== 'group')
    throw new Unreadable(`“config.${key}:” cannot be used here. Known: config.materialized, config.schema, config.group, config.tags.`);
  return (row) => (key === 'tags' ? (row.tags?.includes(value) ?? false) : row[key] === value);
}

function sourced(value: string): Test {
  const parts = value.split('.');
  if (parts.length > 3) throw new Unreadable('A source is written “source”, “source.table” or “package.source.table”.');
  const [pkg, source, table] = (parts.length === 3 ? parts : ['*', ...parts, ...(parts.length === 1 ? ['*'] : [])]).map(wildcard);
  return (row) => {
    const dot = row.name.indexOf('.');
    return row.type === 'source' && !!pkg?.(row.package) && !!source?.(row.name.slice(0, dot)) && !!table?.(row.name.slice(dot + 1));
  };
}

function typed(type: Row['type'], value: string): Test {
  const [name = '', pkg = '*'] = value.split('.').reverse();
  const [matches, owns] = [wildcard(name), wildcard(pkg)];
  return (row) => row.type === type && owns(row.package) && matches(row.fqn.at(-1) ?? row.name);
}

function fileOf(row: Row): string {
  return row.file.slice(row.file.lastIndexOf('/') + 1);
}

function folders(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, i) => parts.slice(0, i).join('/') || '.');
}
