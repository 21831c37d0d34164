import type { Json, Manifest, TestNode } from '../../resolve/index.ts';
import { type Dialect, type ResultColumn, tokens } from '../../sql/index.ts';
import type { LiveRows, LiveTable } from './tables.ts';

/** How the rows of a table are found that belong to rows which are known already. */
export interface Link {
  readonly to: LiveRows;
  /** Columns of the table, and the columns whose values they are to have. In lower case. */
  readonly pairs: readonly (readonly [own: string, theirs: string])[];
  /** That there are no such rows says something: the columns are keys. */
  readonly sure: boolean;
  readonly score: number;
}

/** What a `relationships` test says: a column of a node has values of a field of another. */
interface Relationship {
  readonly child: string;
  readonly column: string;
  readonly parent: string;
  readonly field: string;
}

/** Two columns that a query sets equal, with what stands before their names. */
export interface Equality {
  readonly own: Side;
  readonly theirs: Side;
}

interface Side {
  readonly of: string;
  readonly name: string;
}

/** What is known of how the rows of tables belong together. */
export interface Ties {
  readonly relationships: readonly Relationship[];
  readonly equalities: readonly Equality[];
}

/** What the tests of a project and the text of a model say. */
export function tiesOf(manifest: Manifest, sql: string): Ties {
  return { relationships: relationshipsIn(manifest), equalities: equalitiesIn(sql) };
}

const SIDES = /(?:(\w+)\s*\.\s*)?\b([a-z_]\w*)\b\s*=\s*(?:(\w+)\s*\.\s*)?\b([a-z_]\w*)\b(?!\s*\()/gi;

/** What joins compare, both ways round. The text may be a template: only names on both sides count. */
function equalitiesIn(sql: string): readonly Equality[] {
  const text = [...tokens(sql)]
    .filter((t) => t.kind !== 'comment' && t.kind !== 'string')
    .map((t) => sql.slice(t.start, t.end))
    .join('')
    .replaceAll('"', '')
    .toLowerCase();
  const compared = [...text.matchAll(SIDES)].map(
    ([, a = '', left = '', b = '', right = '']) =>
      [
        { of: a, name: left },
        { of: b, name: right },
      ] as const,
  );
  const using = [...text.matchAll(/\busing\s*\(([^()]*)\)/g)].flatMap(([, list = '']) => list.split(',').map((name) => ({ of: '', name: name.trim() })));
  return [...compared, ...using.map((side) => [side, side] as const)].flatMap(([a, b]) => [
    { own: a, theirs: b },
    { own: b, theirs: a },
  ]);
}

/** Whether what stands before a column may be an alias of a table: its name, a part of it, or the beginning of one. */
function fits({ of }: Side, { of: { name } }: LiveTable): boolean {
  return (
    of !== '' &&
    (of.includes(name.toLowerCase()) ||
      name
        .toLowerCase()
        .split('_')
        .some((word) => word.startsWith(of)))
  );
}

/** The relationships that tests state. */
function relationshipsIn(manifest: Manifest): readonly Relationship[] {
  return testsNamed(manifest, ['relationships']).flatMap((test): readonly Relationship[] => {
    const { column_name: column, field } = test.test_metadata?.kwargs ?? {};
    const child = test.attached_node;
    const parent = test.depends_on.nodes.find((id) => id !== child);
    if (child === null || parent === undefined || typeof column !== 'string' || typeof field !== 'string') return [];
    return [{ child, column: column.toLowerCase(), parent, field: field.toLowerCase() }];
  });
}

/** The columns that tell the rows of a node or source apart, in lower case: its unique key, its primary key, or those of a test of uniqueness. */
export function keyOf(of: LiveTable['of'], manifest: Manifest): readonly string[] {
  const id = of.unique_id;
  const said = texts(of.config['unique_key'] ?? ('primary_key' in of ? of.primary_key : null));
  if (said.length > 0) return said;
  for (const test of testsNamed(manifest, ['unique', 'unique_combination', 'unique_combination_of_columns'])) {
    if (test.attached_node !== id && !(test.attached_node === null && test.depends_on.nodes[0] === id)) continue;
    const { column_name: name, columns: several, combination_of_columns: others } = test.test_metadata?.kwargs ?? {};
    const key = texts(name ?? several ?? others ?? null);
    if (key.length > 0) return key;
  }
  return [];
}

function testsNamed({ nodes }: Manifest, names: readonly string[]): readonly TestNode[] {
  return [...nodes.values()].filter((n): n is TestNode => n.resource_type === 'test' && names.includes((n as TestNode).test_metadata?.name ?? ''));
}

function texts(value: Json): readonly string[] {
  const list = Array.isArray(value) ? value : value === null ? [] : [value];
  return list.filter((v) => typeof v === 'string').map((v) => v.toLowerCase());
}

/** The ways from a table to rows that are known, the best first. */
export function linksOf(table: LiveTable, known: readonly LiveRows[], ties: Ties): readonly Link[] {
  return known.flatMap((to) => linksTo(table, to, ties)).sort((a, b) => b.score - a.score);
}

function linksTo(table: LiveTable, to: LiveRows, { relationships, equalities }: Ties): readonly Link[] {
  if (to.rows.length === 0) return [];
  const own = namesOf(table.columns);
  const theirs = namesOf(to.table.columns);
  const shared = [...theirs].filter((name) => own.has(name));
  const same = (names: readonly string[]): Link['pairs'] => names.map((name) => [name, name]);
  const [a, b] = [table.of.unique_id, to.table.of.unique_id];
  const related = relationships.flatMap((r): Link['pairs'] => {
    // The column may be in what is built from the two, under the same name.
    if (r.child === a && (r.parent === b || theirs.has(r.column))) return [[r.column, r.parent === b ? r.field : r.column]];
    if (r.parent === a && theirs.has(r.column)) return [[r.field, r.column]];
    return [];
  });
  const isKey = (key: readonly string[]): boolean => key.length > 0 && key.every((name) => shared.includes(name));
  const named = shared.filter((name) => /(?:^|_)(?:id|key|code|uuid|sk|pk)$|^id_/.test(name) && name !== 'id');
  const candidates: readonly (readonly [pairs: Link['pairs'], score: number])[] = [
    ...equalities.map((e): [Link['pairs'], number] => [[[e.own.name, e.theirs.name]], 3.5 + Number(fits(e.own, table)) + Number(fits(e.theirs, to.table))]),
    ...related.map((pair): [Link['pairs'], number] => [[pair], 5]),
    [isKey(table.key) ? same(table.key) : [], 4],
    [isKey(to.table.key) ? same(to.table.key) : [], 3],
    [same(named.slice(0, 1)), 2],
    [same(shared.includes('id') ? ['id'] : []), 1],
    [same(shared), 0],
  ];
  return candidates
    .filter(([pairs]) => pairs.length > 0 && pairs.every(([o, t]) => own.has(o) && theirs.has(t)))
    .map(([pairs, score]) => ({ to, pairs, score, sure: score > 1 }));
}

/** The columns whose values can be looked for: of some types a value has several texts, or too many. */
function namesOf(columns: readonly ResultColumn[]): ReadonlySet<string> {
  return new Set(columns.filter(({ type }) => !['float', 'other', 'binary', 'interval'].includes(type)).map((c) => c.name.toLowerCase()));
}

/** The conditions on the rows of a table that a link states. Compares texts, since a column need not have the same type in both. */
export function conditionsOf(dialect: Dialect, table: LiveTable, { to, pairs }: Link): readonly string[] {
  return pairs.map(([own, theirs]) => {
    const column = dialect.quote(spelled(table, own));
    const name = spelled(to.table, theirs);
    const values = [...new Set(to.rows.flatMap((row) => (row[name] === null || row[name] === undefined ? [] : [String(row[name])])))];
    if (values.length === 0) return `${column} is null`;
    return `cast(${column} as varchar) in (${values.map((v) => dialect.literal(v)).join(', ')})`;
  });
}

function spelled({ columns }: LiveTable, name: string): string {
  return columns.find((c) => c.name.toLowerCase() === name)?.name ?? name;
}
