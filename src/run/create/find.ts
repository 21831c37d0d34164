import { SqlError } from '../../adapters/index.ts';
import { externalLocation, isEphemeral } from '../../compile/index.ts';
import { type ModelNode, type Node, nodeRelation, type SourceNode } from '../../resolve/index.ts';
import { query, trimSemicolon } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import { drive } from '../drive.ts';
import type { Runner } from '../runner.ts';
import type { Ground } from '../unit/index.ts';
import { wordsOf } from '../words.ts';
import { conditionsOf, keyOf, type Link, linksOf, tiesOf } from './links.ts';
import { columnsOf, type LiveRows, type LiveTable, readRows } from './tables.ts';

/** What a unit test is made from. */
export interface Recipe {
  readonly name: string;
  /** Rows of the model to begin with. */
  readonly rows: number;
  /** A condition on them, as SQL. */
  readonly where?: string | undefined;
  /** The model runs over the table that is there, whose rows come along as `this`. */
  readonly incremental: boolean;
}

/** Where a test is made. */
export interface Bench {
  readonly runner: Runner;
  readonly ground: Ground;
  readonly model: ModelNode;
  readonly recipe: Recipe;
}

/** The rows of the model that the test begins with, and for an incremental one the rows before them. */
export async function pickedRows(bench: Bench): Promise<{ readonly picked: LiveRows; readonly before: LiveRows | undefined }> {
  const { model, recipe, ground } = bench;
  const { dialect } = ground;
  const table = await tableOf(bench, model);
  const where = recipe.where === undefined ? [] : [recipe.where];
  if (recipe.where !== undefined) await checkCondition(bench, table, recipe.where);
  if (!recipe.incremental) {
    const picked = await drive(readRows(dialect, table, { where, order: table.key, limit: recipe.rows }), ground.session);
    return { picked, before: undefined };
  }
  const time = model.config['event_time'] ?? table.columns.find((c) => c.type === 'timestamp' || c.type === 'timestamp_tz' || c.type === 'date')?.name;
  const order = typeof time === 'string' ? [time.toLowerCase(), ...table.key] : table.key;
  const newest = await drive(readRows(dialect, table, { where, order, descending: true, limit: recipe.rows * 2 }), ground.session);
  const half = Math.min(recipe.rows, Math.ceil(newest.rows.length / 2));
  return { picked: { ...newest, rows: newest.rows.slice(0, half) }, before: { ...newest, rows: newest.rows.slice(half) } };
}

/** The user's condition, by itself: what is wrong with it is nothing that is wrong with the model. */
async function checkCondition({ ground, model }: Bench, { from }: LiveTable, where: string): Promise<void> {
  try {
    const { table } = await drive(query(`select 1 from ${from} where (${where}) limit 1`), ground.session);
    if (table.rows.length === 0) fail('bad-argument', { problem: `\`--where\`: it holds for no row of \`${model.name}\`` });
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    const { problem, cause, hint } = wordsOf(e);
    fail('bad-argument', { problem: `\`--where\`: ${problem}` }, { cause, hint });
  }
}

/** Rows of an input for each row of the model, at most. */
const SHARE = 10;

/** The rows of all that the model reads which lead to those of the model; where nothing leads to them, the first ones. */
export async function inputRows(bench: Bench, picked: LiveRows): Promise<readonly LiveRows[]> {
  const { runner, model } = bench;
  const { manifest } = runner.settings;
  const ties = tiesOf(manifest, model.raw_code);
  const parents = model.depends_on.nodes.flatMap((id) => manifest.nodes.get(id) ?? manifest.sources.get(id) ?? []).filter(isRead);
  const tables: LiveTable[] = [];
  for (const parent of parents) tables.push(await tableOf(bench, parent));
  const found = new Map<LiveTable, LiveRows>();
  for (let open = tables; open.length > 0; open = open.filter((table) => !found.has(table))) {
    // The surest way first: what it finds leads to others.
    const ways = open.map((table) => ({ table, links: linksOf(table, [picked, ...found.values()], ties) }));
    ways.sort((a, b) => (b.links[0]?.score ?? -1) - (a.links[0]?.score ?? -1));
    const { table, links } = ways[0] as (typeof ways)[number];
    found.set(table, await linkedRows(bench, table, links));
  }
  // Keys that only look alike lead nowhere.
  const nowhere = [...found.values()].every(({ rows }) => rows.length === 0);
  if (nowhere) for (const table of tables) found.set(table, await rowsWhere(bench, table, []));
  return tables.map((table) => found.get(table) as LiveRows);
}

/** The rows of a table that the first link leads to which leads to some, or surely to none; without one the first rows. */
async function linkedRows(bench: Bench, table: LiveTable, links: readonly Link[]): Promise<LiveRows> {
  for (const link of links) {
    const found = await rowsWhere(bench, table, conditionsOf(bench.ground.dialect, table, link));
    if (found.rows.length > 0 || link.sure) return found;
  }
  return rowsWhere(bench, table, []);
}

function rowsWhere({ ground, recipe }: Bench, table: LiveTable, where: readonly string[]): Promise<LiveRows> {
  return drive(readRows(ground.dialect, table, { where, order: table.key, limit: recipe.rows * SHARE }), ground.session);
}

function isRead(of: Node | SourceNode): boolean {
  return ['source', 'model', 'seed', 'snapshot'].includes(of.resource_type);
}

/** What is in the database of a node or source; of an ephemeral model what its query gives. */
async function tableOf(bench: Bench, of: Node | SourceNode): Promise<LiveTable> {
  const { runner, ground } = bench;
  const { invocation, manifest } = runner.settings;
  const key = keyOf(of, manifest);
  const found = async (from: string): Promise<LiveTable> => ({ of, from, key, columns: await drive(columnsOf(from), ground.session) });
  if (of.resource_type !== 'source' && isEphemeral(of)) {
    const { sql } = await runner.compiler.compile(of, 'MainThread', (program) => drive(program, ground.session));
    return found(`(\n${trimSemicolon(sql)}\n) as live`);
  }
  const external = of.resource_type === 'source' ? externalLocation(of, invocation.dialect) : undefined;
  if (external !== undefined) return found(external);
  const relation = nodeRelation(of, invocation.quoting);
  if ((await ground.session.answer({ kind: 'relation', relation })) === null) {
    const name = of.resource_type === 'source' ? `${of.source_name}.${of.name}` : of.name;
    return fail('test-create-not-built', {
      name,
      relation: invocation.dialect.render(relation),
      source: of.resource_type === 'source',
      model: bench.model.name,
    });
  }
  return found(invocation.dialect.render(relation));
}
