import { createHash } from 'node:crypto';
import { type Session, SqlError } from '../../adapters/index.ts';
import type { CompiledNode } from '../../compile/index.ts';
import { type Found, type JsonMap, type Manifest, microbatchOf, type Node, nodeRelation, type SourceNode, type UnitTestNode } from '../../resolve/index.ts';
import { columns, type Dialect, execute, lookup, note, type Program, type Relation, relation } from '../../sql/index.ts';
import { DiagnosticError, fail } from '../../text/index.ts';
import { ANEW, build, compile } from '../build.ts';
import { drive } from '../drive.ts';
import { runBatches } from '../microbatch.ts';
import { Runner } from '../runner.ts';
import type { Expectation } from './compare.ts';
import { fixtureSql } from './fixture.ts';
import { type Ground, NotInMemory } from './ground.ts';
import { inputsOf, inputText, isThis } from './inputs.ts';
import { invocationOf, overridesOf } from './overrides.ts';
import { quiet } from './shadow.ts';
import { snapshotRows } from './snapshot-rows.ts';
import { TargetGround } from './target.ts';

/** A test of a table, and where it runs. */
export interface TableTest {
  readonly ground: Ground;
  readonly runner: Runner;
  readonly test: UnitTestNode;
  readonly tested: Node;
  readonly thread: string;
  /** Told what was compiled to build the table. */
  readonly keep: (compiled: CompiledNode) => void;
}

/**
 * Builds the table of a model or snapshot over the rows of a test, in a schema of its own that is gone afterwards, and hands on what is expected of it
 * while it is there. Inputs are tables with the rows that the test gives, `this` is the table as it was before; where it is not given there is none.
 */
export async function withTable<T>(of: TableTest, expect: JsonMap, compare: (expectation: Expectation) => Promise<T>): Promise<T> {
  const { ground, test } = of;
  const { invocation } = of.runner.settings;
  if (ground.dialect.name !== invocation.dialect.name) throw new NotInMemory(`tables are made by statements for ${invocation.dialect.name}`);
  if (ground instanceof TargetGround) refuseHooks(of);
  const place = placeOf(of);
  await drive(emptied(ground.dialect, place), ground.session);
  try {
    const table = await built(of, place);
    const subject = { test, what: `the table of \`${of.tested.name}\``, fixture: 'expected output' };
    return await compare({ sql: `select * from ${ground.dialect.render(table)}`, expect, subject, heading: 'rows of the table', named: true });
  } finally {
    await drive(dropped(ground.dialect, place), ground.session).catch((e: unknown) => {
      // The error that led here is the one to tell; what is left goes when the test runs again.
      if (!(e instanceof SqlError)) throw e;
    });
  }
}

/** Hooks may change what is not the test's, which does no harm in memory. */
function refuseHooks({ test, tested }: TableTest): void {
  const has = (key: string): boolean => Array.isArray(tested.config[key]) && (tested.config[key] as readonly unknown[]).length > 0;
  if (has('pre-hook') || has('post-hook'))
    fail('unit-test-hooks', { test: test.name, node: tested.name }, { at: test.own?.places.get('expect_table') ?? test.at });
}

/** The schema of a test: the same each time, so that what a run that was killed has left is found. */
function placeOf({ runner, test }: TableTest): Relation {
  const { targetDatabase, targetSchema } = runner.settings.invocation;
  const hash = createHash('md5').update(`${targetSchema} ${test.unique_id}`).digest('hex').slice(0, 12);
  return relation(targetDatabase, `dml_unit_${hash}`, null);
}

function* emptied(dialect: Dialect, place: Relation): Program<void> {
  yield* dropped(dialect, place);
  yield* execute(dialect.createSchema(place));
  yield* note({ change: 'schema-added', database: place.database, schema: place.schema ?? '' });
}

function* dropped(dialect: Dialect, place: Relation): Program<void> {
  yield* execute(dialect.dropSchema(place));
  yield* note({ change: 'schema-dropped', database: place.database, schema: place.schema ?? '' });
}

/** Sets the tables up, runs the materialization as often as the test says, and answers the relation it has made. */
async function built(of: TableTest, place: Relation): Promise<Relation> {
  const { ground, runner, test, tested } = of;
  const { quoting } = runner.settings.invocation;
  const moved = new Map<string, Node | SourceNode>();
  const given = test.given.find(isThis);
  for (const { id, sql, cte } of (await inputsOf(runner, { ...test, given: test.given.filter((g) => g !== given) }, tested, ground)).values()) {
    const original = runner.settings.manifest.nodes.get(id) ?? runner.settings.manifest.sources.get(id);
    if (!original) continue;
    const input = movedInput(original, place, cte);
    moved.set(id, input);
    await drive(created(ground.dialect, nodeRelation(input, quoting), sql), ground.session);
  }
  const stage: Stage = { ...of, runner: new StageRunner(settingsOf(of, moved), []), node: movedNode(tested, place) };
  const table = nodeRelation(stage.node, quoting);
  if (given) await fill(stage, table, given);
  for (let i = 0; i < (test.own?.runs ?? 1); i++) await materialize(stage, false);
  return table;
}

/** A node where it is built in the place of the tested one. */
interface Stage extends TableTest {
  readonly node: Node;
}

/** A runner for sessions that have their query comment already. */
class StageRunner extends Runner {
  override commented(session: Session): Session {
    return session;
  }
}

/** The settings under which references lead to the inputs of a test. */
function settingsOf({ runner, test }: TableTest, moved: ReadonlyMap<string, Node | SourceNode>): Runner['settings'] {
  const { manifest } = runner.settings;
  const { lookup } = manifest;
  // A copy is of the same kind as its original.
  const at = <T extends Node | SourceNode>(found: Found<T> | undefined): Found<T> | undefined =>
    found?.kind === 'found' ? { kind: 'found', node: (moved.get(found.node.unique_id) as T | undefined) ?? missing(test, found.node) } : found;
  const inputs: Manifest['lookup'] = {
    ref: (r, from) => at(lookup.ref(r, from)),
    source: (source, table, from) => at(lookup.source(source, table, from)),
    function: (name, wanted, from) => lookup.function(name, wanted, from),
    refNames: () => lookup.refNames(),
    functionNames: () => lookup.functionNames(),
    sourceNames: () => lookup.sourceNames(),
  };
  const invocation = invocationOf(runner, test);
  return {
    ...quiet(runner.settings),
    manifest: { ...manifest, lookup: inputs },
    invocation,
    startedAt: invocation.startedAt,
    fullRefresh: false,
    eventTime: undefined,
    batches: undefined,
  };
}

/** Without a place: the template's call is where it is told. */
function missing(test: UnitTestNode, original: Node | SourceNode): never {
  return fail('unit-test-missing-input', { test: test.name, name: original.name, call: inputText(original) });
}

/** The tested node where it is built; without what would reach out of the schema. */
function movedNode(node: Node, { database, schema }: Relation): Node {
  const config = { ...node.config, grants: {} };
  const own = (constraints: readonly JsonMap[]): readonly JsonMap[] => constraints.filter((c) => c['type'] !== 'foreign_key');
  const columns = Object.fromEntries(Object.entries(node.columns).map(([name, c]) => [name, { ...c, constraints: own(c.constraints) }]));
  return { ...node, database, schema: schema ?? '', columns, config, ...('constraints' in node && { constraints: own(node.constraints) }) };
}

/** What an input stands for as a plain table. */
function movedInput(original: Node | SourceNode, { database, schema }: Relation, name: string): Node | SourceNode {
  const place = { database, schema: schema ?? '' };
  if (original.resource_type !== 'source') return { ...original, ...place, alias: name, config: { ...original.config, materialized: 'table' } };
  const { quoting, config } = original;
  return {
    ...original,
    ...place,
    identifier: name,
    quoting: { column: quoting['column'] ?? null },
    // Where it lies on disk is what the rows stand for.
    config: { event_time: config['event_time'] ?? null },
    meta: {},
  };
}

function* created(dialect: Dialect, target: Relation, sql: string): Program<void> {
  yield* execute(dialect.createTable(target, sql, { temporary: false, replace: false }));
  yield* note({ change: 'added', relation: { ...target, type: 'table' } });
}

/** Makes the table as it was before: of rows of SQL as they are, of others with the columns that its first build gives it. */
async function fill(stage: Stage, target: Relation, given: JsonMap): Promise<void> {
  const { test, ground, node } = stage;
  const { dialect, session } = ground;
  const rows = given['rows'] ?? null;
  if (typeof rows === 'string') return drive(created(dialect, target, rows), session);
  await materialize(stage, true);
  const there = await drive(lookup(target), session);
  if (there?.type !== 'table')
    fail(
      'unit-test-shape',
      { test: test.name, problem: `gives rows for the table of \`${node.name}\`, which is a ${there?.type ?? 'relation'}` },
      { at: test.at, hint: 'a table that was there before is one of an incremental model or a snapshot: leave `this` out' },
    );
  const present = await drive(columns(target), session);
  const list = (Array.isArray(rows) ? rows : []) as readonly JsonMap[];
  const whole = node.resource_type === 'snapshot' ? snapshotRows(node, list, present) : list;
  const name = dialect.render(target);
  const names = present.map((c) => dialect.quote(c.name)).join(', ');
  const sql = fixtureSql(dialect, whole, present, { test, what: '`this`', fixture: `'${node.name}'` });
  await drive(execute(`delete from ${name}`), session);
  await drive(execute(`insert into ${name} (${names})\n${sql}`), session);
}

// A batch is built after the other, and nobody is told.
const ALONE = {
  start: { unique_id: '', resource_type: 'model', description: '', index: 1, total: 1, thread: '' },
  spare: { take: () => undefined, give: () => undefined },
};

/** Runs the node's materialization once. `first`: as where no table is there. */
async function materialize({ runner, node, ground, test, thread, keep }: Stage, first: boolean): Promise<void> {
  const { session } = ground;
  const { manifest, invocation } = runner.settings;
  const microbatch = microbatchOf(node, manifest, invocation);
  if (microbatch) {
    const { diagnostic } = await runBatches(runner, node, microbatch, { session, thread }, ALONE);
    if (diagnostic) throw new DiagnosticError(diagnostic);
    return;
  }
  const overrides = first ? ANEW : overridesOf(test);
  const compiled = await compile(runner, node, session, thread, { timing: [] }, { replace: { overrides } });
  ground.check(compiled.sql);
  keep({ ...compiled, node: test });
  await build(runner, { node, compiled, thread }, session);
}
