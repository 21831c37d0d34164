import { SqlError } from '../../adapters/index.ts';
import type { JsonMap, ModelNode } from '../../resolve/index.ts';
import { type ResultColumn, tokens, trimSemicolon } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import { drive } from '../drive.ts';
import { privacyFor } from '../private.ts';
import { Runner } from '../runner.ts';
import type { RunSettings } from '../settings.ts';
import { inputText, overFixtures, passes, TargetGround } from '../unit/index.ts';
import { wordsOf } from '../words.ts';
import type { WrittenRows, WrittenTest } from './entry.ts';
import { type Bench, inputRows, pickedRows, type Recipe } from './find.ts';
import { keyOf } from './links.ts';
import { Masks } from './masks.ts';
import { expected, incrementalOf, unitNode, written } from './node.ts';
import { columnsOf, type LiveRows, type LiveTable, readRows } from './tables.ts';

/** A unit test that passes, and what is to be said of it. */
export interface CreatedTest {
  readonly test: WrittenTest;
  readonly notes: readonly string[];
}

/** A unit test of a model from rows that are in the database. Reads only. Throws diagnostics for what is not built, and for a model whose rows no test can expect. */
export async function createUnitTest(model: ModelNode, recipe: Recipe, settings: RunSettings): Promise<CreatedTest> {
  const runner = new Runner({ ...settings, files: { compiled: () => undefined, run: () => undefined, flush: () => Promise.resolve() } }, [model.unique_id]);
  const session = runner.commented(await settings.warehouse.session('create'), model);
  try {
    return await created({ runner, ground: new TargetGround(runner, session, 'MainThread'), model, recipe });
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    const { problem, cause, hint } = wordsOf(e);
    return fail('sql-error', { node: model.name, problem }, { at: model.at, cause, hint, family: e.family });
  } finally {
    await session.release();
  }
}

async function created(bench: Bench): Promise<CreatedTest> {
  const { model, recipe } = bench;
  const { picked, before } = await pickedRows(bench);
  const found = await inputRows(bench, picked);
  const live = before ? [...found, before] : found;
  const privacy = privacyFor(model, bench.runner.settings.manifest);
  const masks = privacy && new Masks(privacy, [...live, picked]);
  const inputs = masks ? live.map((rows) => masks.hide(rows)) : live;
  const all = inputs.map((rows) => written(bench, rows, undefined));
  const { made, words } = await evaluated(bench, all);
  const { columns } = made.table;
  const again = (await evaluated(bench, all)).made.rows;
  const steady = columns.filter((c) => same([c], made.rows, again));
  // A `select *` reads columns that it does not name.
  const lean = inputs.map((i) => written(bench, i, words));
  const given = same(steady, (await evaluated(bench, lean)).made.rows, made.rows) ? lean : all;
  if (steady.length === 0) fail('test-create-unsteady', { model: model.name });
  const expect = expected(bench, made, steady);
  const test: WrittenTest = { name: recipe.name, model: model.name, version: model.version, incremental: incrementalOf(bench), given, expect };
  if (!(await passes(bench.ground, bench.runner, unitNode(bench, test.given, expect), model, 'MainThread')))
    fail('test-create-unsteady', { model: model.name });
  return { test, notes: notesOn({ columns, steady, words, inputs, masked: masks !== undefined }) };
}

/** What the model's query gives over some rows, in a fixed order, and the words that are in it. */
async function evaluated(bench: Bench, given: readonly WrittenRows[]): Promise<{ readonly made: LiveRows; readonly words: ReadonlySet<string> }> {
  const { runner, ground, model } = bench;
  const { rendered } = await overFixtures(ground, runner, unitNode(bench, given, { rows: [] }), model, 'MainThread');
  const from = `(\n${trimSemicolon(rendered.sql)}\n) as made`;
  const columns = await drive(columnsOf(from), ground.session);
  const table: LiveTable = { of: model, from, columns, key: keyOf(model, runner.settings.manifest) };
  const made = await drive(readRows(runner.settings.invocation.dialect, table, { where: [], order: table.key, limit: MOST }), ground.session);
  return { made, words: wordsIn(rendered.body) };
}

/** More rows than anybody would want to read in a test. */
const MOST = 1000;

function wordsIn(sql: string): ReadonlySet<string> {
  const out = new Set<string>();
  for (const { kind, start, end } of tokens(sql)) {
    if (kind === 'word') out.add(sql.slice(start, end).toLowerCase());
    else if (kind === 'quoted') out.add(sql.slice(start + 1, end - 1).toLowerCase());
  }
  return out;
}

/** Whether two lists of rows hold the same in some columns, in whatever order. */
function same(columns: readonly ResultColumn[], a: readonly JsonMap[], b: readonly JsonMap[]): boolean {
  const bag = (rows: readonly JsonMap[]): string =>
    rows
      .map((row) => JSON.stringify(columns.map((c) => row[c.name])))
      .sort()
      .join();
  return bag(a) === bag(b);
}

interface Findings {
  readonly columns: readonly ResultColumn[];
  readonly steady: readonly ResultColumn[];
  readonly words: ReadonlySet<string>;
  readonly inputs: readonly LiveRows[];
  readonly masked: boolean;
}

const TODAY = ['current_date', 'today', 'now', 'current_timestamp', 'localtimestamp', 'get_current_timestamp'];

/** What the reader of the test should know. */
function notesOn({ columns, steady, words, inputs, masked }: Findings): readonly string[] {
  const unsteady = columns.filter((c) => !steady.includes(c)).map((c) => c.name);
  const clock = TODAY.find((word) => words.has(word));
  const lost = inputs.flatMap(({ spellings, table }) => [...spellings].flatMap(([name, how]) => (how === 'none' ? [`${name} of ${inputText(table.of)}`] : [])));
  return [
    ...(unsteady.length > 0 ? [`not expected, since each run gives other values: ${unsteady.join(', ')}`] : []),
    ...(lost.length > 0 ? [`left out, since no text of theirs can be read back: ${lost.join(', ')}`] : []),
    ...(clock === undefined ? [] : [`the query asks for the time (${clock}): the test may fail on another day`]),
    ...(masked ? ['private values are masked'] : []),
  ];
}
