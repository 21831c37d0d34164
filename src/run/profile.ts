import { SqlError } from '../adapters/index.ts';
import { type Node, nodeRelation, type SourceNode } from '../resolve/index.ts';
import { type Cell, type Dialect, type Program, query, type ResultColumn, type ResultTable } from '../sql/index.ts';
import { closest, fail } from '../text/index.ts';
import { drive } from './drive.ts';
import { type Privacy, privacyOf } from './private.ts';
import type { RunSettings } from './settings.ts';

/** What the rows of a table or view hold. */
export interface TableProfile {
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
}

/** What a column holds. Of a private one nothing is told that is a value. */
export interface ColumnProfile {
  readonly name: string;
  /** The engine's name of the type. */
  readonly type: string;
  readonly nulls: number;
  /** Null for types that cannot be compared. */
  readonly distinct: number | null;
  readonly min: Cell;
  readonly max: Cell;
  readonly mean: number | null;
  /** Of a number or a time, how many rows there are in ten parts of the same width from `min` to `max`. */
  readonly histogram?: readonly number[];
  /** Of other types, the most frequent values. */
  readonly values?: readonly { readonly value: string; readonly rows: number }[];
  readonly private?: true;
}

const PARTS = 10;
const VALUES = 5;

type Kind = 'number' | 'text' | 'moment' | 'boolean' | 'opaque';

/** Whether values are told by how they are spread; others by the most frequent of them. */
function isMeasured(kind: Kind): boolean {
  return kind === 'number' || kind === 'moment';
}

/** Where the values of a column begin and end, as numbers. */
type Ends = readonly [low: number, high: number];

function endsOf(measures: readonly Cell[]): Ends {
  const [low = null, high = null] = measures.slice(-2);
  return low === null || high === null ? [Number.NaN, Number.NaN] : [Number(low), Number(high)];
}

/** A column with what may be asked of it. */
interface Asked {
  readonly name: string;
  readonly type: string;
  /** As SQL. */
  readonly sql: string;
  readonly kind: Kind;
  readonly hidden: boolean;
}

/**
 * Profiles what a node has built, or a source: the columns of these names, in any case, or all where there are none. Throws `profile-not-read` where the database
 * does not answer, `profile-column` for a name that is none.
 */
export async function profile(node: Node | SourceNode, columns: readonly string[], settings: RunSettings): Promise<TableProfile> {
  const { dialect, quoting } = settings.invocation;
  const session = await settings.warehouse.session('profile');
  const relation = dialect.render(nodeRelation(node, quoting));
  try {
    return await drive(profiled(relation, dialect, privacyOf([node], settings.manifest), chosen(node.name, columns)), session);
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    return fail('profile-not-read', { name: node.name, relation, source: node.resource_type === 'source' }, { cause: e.message });
  } finally {
    await session.release();
  }
}

/** Chooses columns by their names. */
type Choice = (columns: readonly ResultColumn[]) => readonly ResultColumn[];

function chosen(relation: string, names: readonly string[]): Choice {
  return (columns) => {
    for (const name of names)
      if (!columns.some((c) => isCalled(c, name))) {
        const known = columns.map((c) => c.name);
        fail('profile-column', { relation, name, near: closest(name, known), known });
      }
    return names.length === 0 ? columns : columns.filter((c) => names.some((name) => isCalled(c, name)));
  };
}

const isCalled = (column: ResultColumn, name: string): boolean => column.name.toLowerCase() === name.toLowerCase();

function* profiled(relation: string, dialect: Dialect, privacy: Privacy | undefined, choice: Choice): Program<TableProfile> {
  const columns = choice((yield* query(`select * from ${relation} where 1 = 0`)).table.columns);
  const asked = columns.map((c): Asked => {
    const hidden = privacy !== undefined && (privacy.all || privacy.marked.has(c.name.toLowerCase()));
    return { name: c.name, type: c.dataType, sql: dialect.quote(c.name), kind: kindOf(c), hidden };
  });
  const measured = (yield* query(`select ${['count(*)', ...asked.flatMap(measuresOf)].join(',\n  ')}\nfrom ${relation}`)).table;
  const [rows = 0, ...cells] = measured.rows[0] ?? [];
  const measures = asked.map((_, i) => cells.slice(i * MEASURES, (i + 1) * MEASURES));
  const found = asked.map((a, i) => columnOf(a, Number(rows), measures[i] ?? []));
  const questions = found.flatMap((p, i) => countsOf(p, endsOf(measures[i] ?? []), asked[i] as Asked, i, relation));
  const counts = questions.length === 0 ? undefined : (yield* query(questions.join('\nunion all\n'))).table;
  return { rows: Number(rows), columns: found.map((p, i) => (counts ? withCounts(p, asked[i] as Asked, i, counts) : p)) };
}

function kindOf({ type }: ResultColumn): Kind {
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 'number';
    case 'text':
    case 'boolean':
      return type;
    case 'date':
    case 'timestamp':
    case 'timestamp_tz':
    case 'time':
      return 'moment';
    default:
      return 'opaque';
  }
}

/** How many measures each column has. */
const MEASURES = 7;

/** Values of the column, how many different ones, the least, the greatest, their mean, and where the first and the last two are as numbers. */
function measuresOf({ sql, kind, hidden }: Asked): readonly string[] {
  // What the engines call text may be of a type that has an order only as text.
  const value = kind === 'text' ? `cast(${sql} as varchar)` : sql;
  const ordered = !hidden && kind !== 'opaque' && kind !== 'boolean';
  return [
    `count(${sql})`,
    kind === 'opaque' ? 'null' : `count(distinct ${value})`,
    ordered ? `min(${value})` : 'null',
    ordered ? `max(${value})` : 'null',
    ordered && kind === 'number' ? `avg(cast(${sql} as double precision))` : 'null',
    ...['min', 'max'].map((end) => (ordered && kind !== 'text' ? `${end}(${numberOf(sql, kind)})` : 'null')),
  ];
}

/** A number, or the seconds of a time, as a number with a fraction. */
function numberOf(sql: string, kind: Kind): string {
  return `cast(${kind === 'moment' ? `extract(epoch from ${sql})` : sql} as double precision)`;
}

function columnOf(
  { name, type, hidden }: Asked,
  rows: number,
  [count = 0, distinct = null, min = null, max = null, mean = null]: readonly Cell[],
): ColumnProfile {
  return {
    name,
    type,
    nulls: rows - Number(count),
    distinct: distinct === null ? null : Number(distinct),
    min,
    max,
    mean: mean === null ? null : Number(mean),
    ...(hidden && { private: true }),
  };
}

/** The query of how often values, or parts of the range of numbers and times, are there; none where there is nothing to count. */
function countsOf({ distinct }: ColumnProfile, [low, high]: Ends, { sql, kind, hidden }: Asked, at: number, relation: string): readonly string[] {
  if (hidden || kind === 'opaque' || distinct === 0) return [];
  if (!isMeasured(kind)) {
    const top = `select ${at} as place, cast(${sql} as varchar) as part, count(*) as n from ${relation} where ${sql} is not null group by 2`;
    return [`select * from (${top} order by 3 desc, 2 limit ${VALUES}) c${at}`];
  }
  if (!Number.isFinite(high - low)) return [];
  const part = low === high ? '0' : `least(${PARTS - 1}, floor((${numberOf(sql, kind)} - (${low})) * ${PARTS} / (${high - low})))`;
  return [`select ${at} as place, cast(cast(${part} as integer) as varchar) as part, count(*) as n from ${relation} where ${sql} is not null group by 2`];
}

function withCounts(p: ColumnProfile, { kind }: Asked, at: number, { rows }: ResultTable): ColumnProfile {
  const own = rows.filter(([place]) => Number(place) === at).map(([, part, n]) => ({ value: String(part), rows: Number(n) }));
  if (own.length === 0) return p;
  if (!isMeasured(kind)) return { ...p, values: own.sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1)) };
  return { ...p, histogram: Array.from({ length: PARTS }, (_, i) => own.find((c) => Number(c.value) === i)?.rows ?? 0) };
}
