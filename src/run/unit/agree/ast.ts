import { duckdb, type Program, query } from '../../../sql/index.ts';
import { NotInMemory } from '../ground.ts';

/** A node of a query as DuckDB's `json_serialize_sql` tells it. */
export interface Ast {
  readonly [key: string]: unknown;
}

/** Says that the two engines may take a query in different ways. */
export function differs(what: string): never {
  throw new NotInMemory(`Postgres may take ${what} in another way than DuckDB`);
}

/** The tree of a query; throws {@link NotInMemory} where the text is no single `select`. */
export function* astOf(sql: string): Program<Ast> {
  const { table } = yield* query(`select json_serialize_sql(${duckdb.literal(sql)})`);
  const { error, statements = [] } = JSON.parse(String(table.rows[0]?.[0])) as { error: boolean; statements?: readonly { readonly node: Ast }[] };
  const [only, ...more] = statements;
  return error || !only || more.length > 0 ? differs('what is no single query') : only.node;
}

/** A child that may be missing. */
export const maybe = (of: Ast, key: string): Ast | undefined => (of[key] as Ast | null | undefined) ?? undefined;

export const listOf = (of: Ast, key: string): readonly Ast[] => (of[key] as readonly Ast[] | null | undefined) ?? [];

export const namesOf = (of: Ast, key: string): readonly string[] => ((of[key] as readonly string[] | null | undefined) ?? []).map((n) => n.toLowerCase());

/** A text, in lower case: names are compared so. */
export const textOf = (of: Ast, key: string): string => String(of[key] ?? '').toLowerCase();

const ALWAYS = new Set(['class', 'type', 'alias', 'query_location', 'catalog']);

/** Makes sure that nothing is said of a node besides what the caller looks at. */
export function only(of: Ast, keys: readonly string[]): void {
  for (const [key, value] of Object.entries(of)) if (!ALWAYS.has(key) && !keys.includes(key) && !isNothing(value)) differs(`\`${key.replaceAll('_', ' ')}\``);
}

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === false || value === '' || value === undefined;
}
