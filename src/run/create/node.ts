import { isEphemeral } from '../../compile/index.ts';
import type { Json, JsonMap, UnitTestNode } from '../../resolve/index.ts';
import type { Dialect, ResultColumn } from '../../sql/index.ts';
import { inputText } from '../unit/index.ts';
import type { WrittenRows } from './entry.ts';
import type { Bench } from './find.ts';
import type { LiveRows } from './tables.ts';

/** The test as the manifest would have it. */
export function unitNode(bench: Bench, given: readonly WrittenRows[], expect: WrittenRows): UnitTestNode {
  const { model, recipe } = bench;
  const incremental = incrementalOf(bench);
  const fixture = ({ input, rows }: WrittenRows): JsonMap => ({ input: input ?? null, rows, format: typeof rows === 'string' ? 'sql' : 'dict', fixture: null });
  return {
    unique_id: `unit_test.${model.package_name}.${model.name}.${recipe.name}`,
    resource_type: 'unit_test',
    name: recipe.name,
    package_name: model.package_name,
    path: model.path,
    original_file_path: model.original_file_path,
    fqn: [...model.fqn, recipe.name],
    model: model.name,
    description: '',
    overrides: incremental === undefined ? null : { macros: { is_incremental: incremental }, vars: {}, env_vars: {} },
    given: given.map(fixture),
    expect: fixture(expect),
    config: {},
    version: model.version,
    versions: null,
    schema: model.schema,
    checksum: null,
    depends_on: { macros: [], nodes: [model.unique_id] },
    tested_node_unique_id: model.unique_id,
    this_input_node_unique_id: null,
    created_at: 0,
    at: model.at,
    own: null,
    fixtures: new Map(),
  };
}

/** What `is_incremental()` answers; undefined for a model that does not ask. */
export function incrementalOf({ model, recipe }: Bench): boolean | undefined {
  return model.depends_on.macros.includes('macro.dbt.is_incremental') ? recipe.incremental : undefined;
}

/** Rows as the test has them: with the columns that `words` holds, or all of them; as SQL where one of these needs it, and where dbt takes nothing else. */
export function written({ runner, model }: Bench, { table, rows, spellings }: LiveRows, words: ReadonlySet<string> | undefined): WrittenRows {
  const { of } = table;
  const input = of === model ? 'this' : inputText(of);
  const named = table.columns.filter((c) => words === undefined || words.has(c.name.toLowerCase()));
  const columns = (named.length > 0 ? named : table.columns.slice(0, 1)).filter((c) => spellings.get(c.name) !== 'none');
  const onlySql = of !== model && of.resource_type !== 'source' && isEphemeral(of);
  if (onlySql || columns.some((c) => spellings.get(c.name) === 'sql'))
    return { input, rows: sqlText(runner.settings.invocation.dialect, columns, rows, spellings) };
  return { input, rows: rows.map((row) => Object.fromEntries(columns.map((c) => [c.name, row[c.name] ?? null]))) };
}

/** Rows that the query gave, with the columns that it gives again; SQL where one of these needs it, which then has to have all columns. */
export function expected({ ground }: Bench, { table, rows, spellings }: LiveRows, steady: readonly ResultColumn[]): WrittenRows {
  const needsSql = steady.some((c) => spellings.get(c.name) === 'sql');
  const isWhole = steady.length === table.columns.length && !steady.some((c) => spellings.get(c.name) === 'none');
  if (needsSql && isWhole) return { rows: sqlText(ground.dialect, steady, rows, spellings) };
  const told = steady.filter((c) => !spellings.has(c.name));
  return { rows: rows.map((row) => Object.fromEntries(told.map((c) => [c.name, row[c.name] ?? null]))) };
}

function sqlText(dialect: Dialect, columns: readonly ResultColumn[], rows: readonly JsonMap[], spellings: LiveRows['spellings']): string {
  const cell = (value: Json, { name, dataType }: ResultColumn): string => {
    const literal = literalOf(dialect, value);
    return `cast(${spellings.get(name) === 'sql' && value !== null ? `cast(${literal} as json)` : literal} as ${dataType}) as ${dialect.quote(name)}`;
  };
  const select = (row: JsonMap): string => `select\n  ${columns.map((c) => cell(row[c.name] ?? null, c)).join(',\n  ')}`;
  return rows.length === 0 ? `${select({})}\nwhere 1 = 0` : rows.map(select).join('\nunion all\n');
}

/** A literal without the beginnings of templates and without carriage returns, which rendering makes something else of. */
function literalOf(dialect: Dialect, value: Json): string {
  if (typeof value !== 'string') return String(value);
  return dialect
    .literal(value)
    .replace(/\{(?=[{%#])/g, "{' || '")
    .replaceAll('\r', "' || chr(13) || '");
}
