import { type Cell, type Dialect, lookup, type Program, query, type Relation, type Response, type ResultTable } from '../../sql/index.ts';
import { computedColumn, isName } from './pattern.ts';
import type { Shape } from './shapes.ts';

/** A test that may be asked about together with others of its relation. */
export interface Asked {
  readonly shape: Shape;
  /** The column, as SQL has it, of which the test passes over nulls. */
  readonly column?: string | undefined;
}

/** What a test that passed had to look at: undefined for something, or no row, or rows without a value. */
export type Nothing = 'rows' | 'values' | undefined;

/** What one query says of many tests, in their order. */
export interface Scanned {
  /** Whether the test finds nothing. One that finds something says how much when it runs by itself. */
  readonly passes: readonly boolean[];
  readonly over: readonly Nothing[];
  readonly response: Response;
}

/** One row of numbers as something to select from. */
interface Block {
  readonly sql: string;
  /** Its columns: `n…` what is there to look at, `t…` what a test finds. */
  readonly columns: readonly string[];
}

/**
 * Asks all of it in one query. An engine that reads row by row does it in one pass over each source. DuckDB reads columns, and its tables know the least and
 * greatest value of each part of a column: there a condition costs most where it is computed, and least where those rule it out before a row is read.
 */
export function* scan(asked: readonly Asked[], relation: Relation | undefined, dialect: Dialect): Program<Scanned> {
  const shapes = asked.map((a) => a.shape);
  const table = dialect.name === 'duckdb' && relation !== undefined && (yield* lookup(relation))?.type === 'table';
  const looks = looksOf(asked);
  const sources = [...new Set(shapes.map((s) => s.rows))];
  // For one test the questions would take longer than the answer.
  const known = table && shapes.length > 1 ? yield* learn(shapes, dialect.render(relation)) : NOTHING;
  const blocks = sources.flatMap((rows) => {
    const own = [...looks].filter(([, look]) => look.rows === rows);
    return table ? pruned(shapes, rows, own, known) : onePass(shapes, rows, own);
  });
  const { table: answer, response } = yield* query(statement(shapes, [...looks.keys()], blocks));
  const numbers = numbersOf(answer);
  const none = (rows: string, column?: string): boolean => [...looks].some(([name, l]) => l.rows === rows && l.column === column && numbers.get(name) === 0);
  return {
    passes: shapes.map((s, i) => (s.kind === 'some' ? !none(s.rows) : numbers.get(`t${i}`) === 0)),
    over: asked.map(({ shape: { rows }, column }) => (none(rows) ? 'rows' : column !== undefined && none(rows, column) ? 'values' : undefined)),
    response,
  };
}

/** The rows of a source, or those that have a value in a column. */
interface Look {
  readonly rows: string;
  readonly column: string | undefined;
}

/** What there is to look at, by the name of its number: `n0`, `n1`, … */
function looksOf(asked: readonly Asked[]): ReadonlyMap<string, Look> {
  const all = asked.flatMap(({ shape: { rows }, column }): Look[] => [{ rows, column: undefined }, ...(column === undefined ? [] : [{ rows, column }])]);
  return new Map([...new Map(all.map((l) => [keyOf(l.rows, l.column ?? ''), l])).values()].map((l, i): [string, Look] => [`n${i}`, l]));
}

function statement(shapes: readonly Shape[], looks: readonly string[], blocks: readonly Block[]): string {
  const place = new Map(blocks.flatMap((b, i) => b.columns.map((c): [string, string] => [c, `dml_block_${i}.dml_${c}`])));
  const columns = shapes.flatMap((s, i) => {
    const found = place.get(`t${i}`);
    if (s.kind === 'some' || found === undefined) return [];
    if (s.kind !== 'measure') return [`${found} as dml_t${i}`];
    return [`(select count(*) from (select ${found} as measured) dml_measured where measured is null or ${s.outside}) as dml_t${i}`];
  });
  const counts = looks.map((name) => `${place.get(name)} as dml_${name}`);
  return `select\n  ${[...counts, ...columns].join(',\n  ')}\nfrom ${blocks.map((b, i) => `(\n${b.sql}\n) dml_block_${i}`).join(', ')}`;
}

function numbersOf(table: ResultTable): ReadonlyMap<string, number> {
  const [row = []] = table.rows;
  // What is not known is no zero.
  return new Map(table.columns.map((c, i) => [c.name.toLowerCase().replace(/^dml_/, ''), Number(row[i] ?? Number.NaN)]));
}

/** The tests of one source, with their place among all. */
function of<K extends Shape['kind']>(shapes: readonly Shape[], rows: string, ...kinds: readonly K[]): [Shape & { readonly kind: K }, number][] {
  return shapes.flatMap((s, i): [Shape & { readonly kind: K }, number][] =>
    s.rows === rows && (kinds as readonly string[]).includes(s.kind) ? [[s as Shape & { readonly kind: K }, i]] : [],
  );
}

type Looks = readonly (readonly [name: string, look: Look])[];

/** Everything in one pass over the source; keys are counted by themselves. */
function onePass(shapes: readonly Shape[], rows: string, looks: Looks): readonly Block[] {
  const wanted = of(shapes, rows, 'rows', 'values', 'measure');
  const counts = looks.map(([name, { column }]) => `count(${column ?? '*'}) as dml_${name}`);
  const terms = wanted.map(([s, i]) => `${s.kind === 'measure' ? s.measure : `count(*) filter (where ${s.failing})`} as dml_t${i}`);
  const names = [...looks.map(([name]) => name), ...wanted.map(([, i]) => `t${i}`)];
  return [{ sql: `select ${[...counts, ...terms].join(', ')} from ${rows}`, columns: names }, ...of(shapes, rows, 'unique').map(([s, i]) => repeated(s, i))];
}

function repeated({ key, rows }: Shape & { readonly kind: 'unique' }, i: number): Block {
  const sql = `select count(*) as dml_t${i} from (select ${key} from ${rows} where ${key} is not null group by ${key} having count(*) > 1 limit 1) dml_keys`;
  return { sql, columns: [`t${i}`] };
}

/** For a table of DuckDB: what can be ruled out by the statistics of the table, what is computed once for each value, and what needs all rows. */
function pruned(shapes: readonly Shape[], rows: string, looks: Looks, known: Known): readonly Block[] {
  const single: [failing: string, i: number][] = [];
  const byColumn = new Map<string, [failing: string, i: number][]>();
  for (const [s, i] of of(shapes, rows, 'rows', 'values')) {
    const column = valueColumn(s);
    const list = column !== undefined && known.few.has(keyOf(rows, column)) ? (byColumn.get(column) ?? []) : single;
    if (list !== single) byColumn.set(column as string, list);
    list.push([s.failing, i]);
  }
  const counted = (list: readonly [string, number][], from: string): Block => ({
    sql: `select ${list.map(([c, i]) => `count(*) filter (where ${c}) as dml_t${i}`).join(', ')} from ${from}`,
    columns: list.map(([, i]) => `t${i}`),
  });
  const measures = of(shapes, rows, 'measure');
  return [
    ...looks.map(([name, { column }]) => ({
      sql: `select count(*) as dml_${name} from (select 1 from ${rows}${column === undefined ? '' : ` where ${column} is not null`} limit 1) dml_some`,
      columns: [name],
    })),
    ...(single.length > 0 ? [counted(single, `${rows} where ${single.map(([c]) => `(${c})`).join(' or ')}`)] : []),
    // A list of the values, because `distinct` takes for equal what a collation does.
    ...[...byColumn].map(([column, list]) => counted(list, `(select unnest(list(distinct ${column})) as ${column} from ${rows}) dml_values`)),
    ...(measures.length > 0
      ? [{ sql: `select ${measures.map(([s, i]) => `${s.measure} as dml_t${i}`).join(', ')} from ${rows}`, columns: measures.map(([, i]) => `t${i}`) }]
      : []),
    ...of(shapes, rows, 'unique').map(([s, i]) => {
      const range = known.ranges.get(keyOf(rows, s.key));
      return range ? marked(s, i, range) : repeated(s, i);
    }),
  ];
}

/** Marks each whole number in a string of bits: as many marks as values say that none is there twice. */
function marked({ key, rows }: Shape & { readonly kind: 'unique' }, i: number, [least, greatest]: readonly [bigint, bigint]): Block {
  return { sql: `select count(${key}) - bit_count(bitstring_agg(${key}, ${least}, ${greatest})) as dml_t${i} from ${rows}`, columns: [`t${i}`] };
}

/** What makes a query over a table cheap; what is right does not hang on it. */
interface Known {
  /** Columns of few different values, of types whose equal values are the same. */
  readonly few: ReadonlySet<string>;
  /** Least and greatest value of columns of whole numbers that lie close together. */
  readonly ranges: ReadonlyMap<string, readonly [bigint, bigint]>;
}

const NOTHING: Known = { few: new Set(), ranges: new Map() };
const keyOf = (rows: string, column: string): string => `${rows}\n${column}`;

/** Rows that are looked at for a guess of how many different values there are; how many of them count as few; and how many there may be at most, where the rest of the rows is like those. */
const SAMPLE = 20_000;
const FEW = 2_000;
const MOST_VALUES = 5_000_000;
const WHOLE = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/;
const SAME = /^(?:VARCHAR|BOOLEAN|DATE|UUID|ENUM\b.*|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?)$/;
/** Bits for each row, and at most: 128 MiB for each thread. */
const BITS_PER_ROW = 64n;
const MOST_BITS = 1n << 30n;

/** The column whose values alone a test looks at, where its condition is worth computing once for each of them. */
function valueColumn(s: Shape & { readonly kind: 'rows' | 'values' }): string | undefined {
  return s.kind === 'rows' ? computedColumn(s.failing) : isName(s.column) ? s.column : undefined;
}

function* learn(shapes: readonly Shape[], relation: string): Program<Known> {
  const few = new Set<string>();
  const ranges = new Map<string, readonly [bigint, bigint]>();
  for (const rows of new Set(shapes.map((s) => s.rows))) {
    const values = new Set(of(shapes, rows, 'rows', 'values').flatMap(([s]) => valueColumn(s) ?? []));
    const keys = new Set(of(shapes, rows, 'unique').flatMap(([s]) => (isName(s.key) ? s.key : [])));
    const names = [...new Set([...values, ...keys])];
    if (names.length === 0) continue;
    const asked = names.flatMap((n, i) => [`any_value(${n}) as v${i}`, `approx_count_distinct(${n}) as d${i}`]).join(', ');
    const size = `(select count(*) from ${relation}) as size`;
    const { table } = yield* query(`select ${asked}, ${size} from (select ${names.join(', ')} from ${rows} limit ${SAMPLE}) dml_sample`);
    const [row = []] = table.rows;
    const times = Math.max(1, Number(row[names.length * 2]) / SAMPLE);
    const typeOf = (name: string): string => table.columns[names.indexOf(name) * 2]?.dataType ?? '';
    for (const name of values) {
      const different = Number(row[names.indexOf(name) * 2 + 1]);
      if (SAME.test(typeOf(name)) && different <= FEW && different * times <= MOST_VALUES) few.add(keyOf(rows, name));
    }
    const whole = [...keys].filter((name) => WHOLE.test(typeOf(name)));
    if (whole.length === 0) continue;
    const ends = yield* query(`select ${whole.map((n) => `min(${n}), max(${n}), count(${n})`).join(', ')} from ${rows}`);
    for (const [i, name] of whole.entries()) {
      const [least, greatest, count] = (ends.table.rows[0] ?? []).slice(i * 3, i * 3 + 3).map(wholeOf);
      if (least === undefined || greatest === undefined || count === undefined) continue;
      const bits = greatest - least + 1n;
      if (bits <= MOST_BITS && bits <= count * BITS_PER_ROW) ranges.set(keyOf(rows, name), [least, greatest]);
    }
  }
  return { few, ranges };
}

const wholeOf = (cell: Cell): bigint | undefined => (typeof cell === 'bigint' || typeof cell === 'number' ? BigInt(cell) : undefined);
