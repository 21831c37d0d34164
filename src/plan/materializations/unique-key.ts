import { type Column, isReserved, type Program, query } from '../../sql/index.ts';
import { closest, type Diagnostic, diagnostic, fail } from '../../text/index.ts';
import type { Task } from '../materialization.ts';

const PLAIN = /^[a-z_][\w$]*$/i;
const QUOTED = /^"((?:[^"]|"")*)"$/;

/** A unique_key that is no column of the table, or that the statement would take for another thing, is a diagnostic. Expressions are the engine's to judge. */
export function assertKeyColumns(task: Task, strategy: string, keys: readonly string[], columns: readonly Column[]): void {
  const names = columns.map((c) => c.name);
  const { name: node, at } = task.node;
  for (const key of keys) {
    const quoted = QUOTED.exec(key)?.[1]?.replaceAll('""', '"');
    if (quoted === undefined && !PLAIN.test(key)) continue;
    if (!names.some((n) => same(task, n, key, quoted))) {
      const spelt = names.find((n) => n.toLowerCase() === (quoted ?? key).toLowerCase());
      // Postgres reads a bare name in lower case: the column is there, but needs its quotes.
      const near = spelt === undefined ? closest(quoted ?? key, names) : task.dialect.quote(spelt);
      fail('unique-key-missing', { node, key, columns: names, near }, { at });
    }
    // In a merge the key stands behind the name of its table, where every word is a column.
    if (strategy !== 'merge' && isReserved(key)) fail('unique-key-reserved', { node, key, quoted: task.dialect.quote(key) }, { at });
  }
}

function same(task: Task, column: string, key: string, quoted: string | undefined): boolean {
  if (task.dialect.name === 'duckdb') return column.toLowerCase() === (quoted ?? key).toLowerCase();
  return column === (quoted ?? key.toLowerCase());
}

/** What keeps rows from being told apart by their keys. */
interface Faults {
  /** Keys that are there more than once, at most three: `id = 2 (2 rows)`. */
  readonly twice: readonly string[];
  /** A column of a key that is null somewhere. */
  readonly empty: string | undefined;
}

/** Looks for keys that are there twice, or null. `keys` are their names for people, `columns` the same as SQL. */
function* faultsOf(from: string, keys: readonly string[], columns: readonly string[]): Program<Faults> {
  const empty = columns.map((c) => `${c} is null`).join(' or ');
  const { table } = yield* query(
    `select ${columns.join(', ')}, count(*)\nfrom ${from}\ngroup by ${keys.map((_, i) => i + 1).join(', ')}\n` +
      `having count(*) > 1 or ${empty}\norder by case when ${empty} then 1 else 0 end, count(*) desc\nlimit 3`,
  );
  const twice = table.rows.filter((row) => !row.slice(0, keys.length).includes(null));
  const without = table.rows.find((row) => row.slice(0, keys.length).includes(null));
  return {
    twice: twice.map((row) => `${keys.map((k, i) => `${k} = ${String(row[i])}`).join(', ')} (${String(row[keys.length])} rows)`),
    empty: without && (keys[without.indexOf(null)] ?? keys.join(', ')),
  };
}

/** A merge whose source has a key twice would change a row twice, or add two rows with one key; without a key a row is added again by every run. */
export function* assertUniqueKeys(task: Task, source: string, keys: readonly string[]): Program<void> {
  if (keys.length === 0) return;
  const { name: node, at } = task.node;
  const columns = keys.map((k) => `DBT_INTERNAL_SOURCE.${k}`);
  const { twice, empty } = yield* faultsOf(`${source} as DBT_INTERNAL_SOURCE`, keys, columns);
  if (twice.length > 0) fail('merge-duplicate-key', { node, keys: keys.join(', '), examples: twice }, { at });
  if (empty !== undefined) fail('merge-null-key', { node, keys: keys.join(', '), column: empty }, { at });
}

/** Warns of versions whose keys do not tell rows apart: such a history is none. dbt writes it without a word. */
export function* watchKeys(task: Task, from: string, keys: readonly string[], columns: readonly string[]): Program<readonly Diagnostic[]> {
  const { name: node, at } = task.node;
  const { twice, empty: missing } = yield* faultsOf(from, keys, columns);
  // A project's own `equals`, or the flag that makes nulls equal, finds rows without a key again.
  const empty = task.macros.overridden('equals') ? undefined : missing;
  return twice.length === 0 && empty === undefined ? [] : [diagnostic('snapshot-key', { node, keys: keys.join(', '), twice, empty }, { at })];
}
