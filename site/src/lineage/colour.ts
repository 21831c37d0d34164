import type { Row } from '../../../src/docs/data/types.ts';
import { duration } from '../text.ts';

/** What the colours of a drawing tell. Colours are names of custom properties of the style sheet. */
export interface Colouring {
  readonly of: (row: Row) => string;
  readonly legend: readonly { readonly colour: string; readonly text: string }[];
}

/** The ways to colour, by name, with what they are called. */
export const COLOURINGS: Readonly<Record<string, string>> = {
  kind: 'Kind',
  folder: 'Folder',
  materialization: 'Materialization',
  tests: 'Tests',
  build: 'Last build',
  duration: 'Duration',
};

/** Categories that get a colour of their own; the others share one. */
const CATEGORIES = 8;

export function colouring(name: string, rows: readonly Row[]): Colouring {
  switch (name) {
    case 'folder':
      return categories(rows, (r) => folderOf(r));
    case 'materialization':
      return categories(rows, (r) => r.materialized ?? r.type);
    case 'tests':
      return states(rows, testState, { pass: 'all pass', warn: 'some warn', fail: 'some fail', skip: 'skipped', none: 'no result' });
    case 'build':
      return states(rows, (r) => r.status ?? 'none', { pass: 'built', warn: 'warned', fail: 'failed', skip: 'skipped', none: 'no result' });
    case 'duration':
      return durations(rows);
    default: {
      const types = [...new Set(rows.map((r) => r.type))];
      return { of: (r) => `kind-${r.type}`, legend: types.map((t) => ({ colour: `kind-${t}`, text: t.replace('_', ' ') })) };
    }
  }
}

/** The folder that tells layers apart: the first below `models/`. */
function folderOf(row: Row): string {
  const parts = row.file.split('/').slice(0, -1);
  return row.type === 'source' ? 'sources' : parts.slice(0, 2).join('/') || row.type;
}

function testState(row: Row): keyof typeof STATES {
  const [pass = 0, warn = 0, fail = 0, skip = 0] = row.tests ?? [];
  return fail > 0 ? 'fail' : warn > 0 ? 'warn' : pass > 0 ? 'pass' : skip > 0 ? 'skip' : 'none';
}

const STATES = { fail: 0, warn: 1, pass: 2, skip: 3, none: 4 } as const;

function states(rows: readonly Row[], of: (row: Row) => keyof typeof STATES, words: Readonly<Record<keyof typeof STATES, string>>): Colouring {
  const there = new Set(rows.map(of));
  const legend = (Object.keys(STATES) as (keyof typeof STATES)[]).filter((s) => there.has(s)).map((s) => ({ colour: s, text: words[s] }));
  return { of, legend };
}

/** The most frequent categories, in the order of their names. */
function categories(rows: readonly Row[], of: (row: Row) => string): Colouring {
  const sizes = new Map<string, number>();
  for (const row of rows) sizes.set(of(row), (sizes.get(of(row)) ?? 0) + 1);
  const kept = [...sizes]
    .sort((a, b) => b[1] - a[1])
    .slice(0, CATEGORIES)
    .map(([name]) => name);
  const colours = new Map(kept.sort().map((name, n) => [name, `category-${n}`]));
  const legend = [...colours].map(([text, colour]) => ({ colour, text }));
  if (sizes.size > CATEGORIES) legend.push({ colour: 'none', text: `${sizes.size - CATEGORIES} others` });
  return { of: (row) => colours.get(of(row)) ?? 'none', legend };
}

/** Five classes between powers of a ratio, so that the slow ones stand out whatever the scale. */
function durations(rows: readonly Row[]): Colouring {
  const known = rows.flatMap((r) => (r.seconds === undefined ? [] : [r.seconds]));
  const most = Math.max(...known, 0.001);
  const limits = [0.02, 0.1, 0.3, 0.6].map((share) => most * share);
  const classOf = (seconds: number) => limits.filter((l) => seconds > l).length;
  const legend = [...limits, most].map((limit, n) => ({ colour: `heat-${n}`, text: `up to ${duration(limit)}` }));
  if (known.length < rows.length) legend.push({ colour: 'none', text: 'no result' });
  return { of: (r) => (r.seconds === undefined ? 'none' : `heat-${classOf(r.seconds)}`), legend };
}
