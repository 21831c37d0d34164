import { type Session, SqlError } from '../../adapters/index.ts';
import { type CompiledCte, type CompiledNode, cteValue, type NamesRequest, resolveRef, resolveSource } from '../../compile/index.ts';
import type { RefCall } from '../../context/index.ts';
import { Dict, type Value } from '../../jinja/index.ts';
import type { Node, OwnExpectations, SourceNode, UnitTestNode } from '../../resolve/index.ts';
import { injectCtes } from '../../sql/index.ts';
import { fail, type Span } from '../../text/index.ts';
import { drive } from '../drive.ts';
import { hides, privacyFor } from '../private.ts';
import { type Progress, timed } from '../progress.ts';
import type { NodeResult } from '../report.ts';
import type { Runner } from '../runner.ts';
import { blame } from './blame.ts';
import { type Differences, differencesOf, type Expectation, verdictOf } from './compare.ts';
import { queryExpectations, textExpectation } from './expectations.ts';
import type { Ground } from './ground.ts';
import { type Input, inputsOf, inputText, isThis, suspectsOf } from './inputs.ts';
import { asQuery, callNode, splitRows } from './macro.ts';
import { invocationOf, overridesOf } from './overrides.ts';
import { withTable } from './table.ts';
import { whereItCan } from './where.ts';

type Part = Pick<NodeResult, 'status'> & Partial<NodeResult>;

/** Runs a model's query over the rows a unit test gives and compares what comes out with the rows it expects. */
export async function unitTest(runner: Runner, test: UnitTestNode, session: Session, thread: string, progress: Progress): Promise<Part> {
  const tested = testedNode(runner, test);
  if (!tested) return fail('unit-test-input', { test: test.name, input: test.model, problem: 'is not a model' }, { at: test.at });
  return whereItCan(runner, { test, tested, session, thread }, progress, async (ground) => {
    try {
      return await runOn(ground, runner, test, tested, thread, progress);
    } catch (e) {
      if (e instanceof SqlError) await accuse(ground, runner, test, tested);
      throw e;
    }
  });
}

/** Throws what is to be said of a fixture, where one is to blame for what the database refused. */
async function accuse(ground: Ground, runner: Runner, test: UnitTestNode, tested: Node): Promise<void> {
  const { others } = test.own?.call ? splitRows(ground.dialect, test) : { others: test };
  for (const suspect of await suspectsOf(runner, others, tested, ground)) await drive(blame(ground.dialect, suspect), ground.session);
}

async function runOn(ground: Ground, runner: Runner, test: UnitTestNode, tested: Node, thread: string, progress: Progress): Promise<Part> {
  const { own } = test;
  const keep = (compiled: CompiledNode): void => {
    progress.compiled = compiled;
    const path = runner.settings.files.compiled(test, compiled.sql);
    if (path !== undefined) progress.path = path;
  };
  const compiled = await timed(runner, progress, 'compile', async () => {
    if (own && !looksAtQuery(own)) return undefined;
    const { others, rows } = test.own?.call ? splitRows(ground.dialect, test) : { others: test, rows: undefined };
    const { rendered, inputs } = await overFixtures(ground, runner, others, tested, thread);
    const made = test.own?.call ? asQuery(test, rendered, rows) : rendered;
    // As dbt, the fixtures that the model reads are files of their own too.
    for (const { id, sql } of made.ctes) runner.settings.files.compiled(test, sql, { fixture: inputs.get(id)?.name ?? id });
    return made;
  });
  if (compiled) keep(compiled);
  const privacy = privacyFor(tested, runner.settings.manifest);
  // Fixtures name columns that the model may not read.
  const hidden = privacy && ((column: string) => hides(privacy, column, compiled?.body ?? null));
  const expected = compiled ? [...queryExpectations(test, compiled)] : [];
  for (const { sql, expect } of expected) for (const one of [sql, expect['rows']]) if (typeof one === 'string') ground.check(one);
  return timed(runner, progress, 'execute', async () => {
    const compare = (list: readonly Expectation[]): Promise<Differences> => differencesOf(ground.dialect, ground.session, list, hidden);
    const text = compiled && textExpectation(test, compiled);
    const query = await compare(expected);
    const table = own?.table ? await withTable({ ground, runner, test, tested, thread, keep }, own.table, (one) => compare([one])) : undefined;
    return verdictOf({
      differences: [...(text === undefined ? [] : [text]), ...query.differences, ...(table?.differences ?? [])],
      message: query.message || (table?.message ?? ''),
    });
  });
}

/** Whether something is expected of the query or of the call itself. */
function looksAtQuery(own: OwnExpectations): boolean {
  return own.query || own.text !== null || Object.keys(own.ctes).length > 0;
}

/** The query of what is tested over the rows that the test gives, and these. */
export async function overFixtures(
  ground: Ground,
  runner: Runner,
  test: UnitTestNode,
  tested: Node,
  thread: string,
): Promise<{ readonly rendered: CompiledNode; readonly inputs: ReadonlyMap<string, Input> }> {
  const inputs = await inputsOf(runner, test, tested, ground);
  return { rendered: await compileTest(runner, test, tested, inputs, ground.asking, thread), inputs };
}

/** Whether a test that dbt knows too passes. */
export async function passes(ground: Ground, runner: Runner, test: UnitTestNode, tested: Node, thread: string): Promise<boolean> {
  const { rendered } = await overFixtures(ground, runner, test, tested, thread);
  return (await differencesOf(ground.dialect, ground.session, [...queryExpectations(test, rendered)])).differences.length === 0;
}

/** The model or snapshot that is tested, or the call of the macro. */
function testedNode(runner: Runner, test: UnitTestNode): Node | undefined {
  if (test.own?.call) return callNode(runner, test, test.own.call);
  return runner.settings.manifest.nodes.get(test.tested_node_unique_id ?? test.depends_on.nodes[0] ?? '');
}

/** What the test has macros answer. dbt's tests must say whether there is a table; dml's own give its rows, or do not. */
function impliedOverrides(test: UnitTestNode): ReadonlyMap<string, Value> {
  return test.own ? new Map<string, Value>([['is_incremental', test.given.some(isThis)], ...overridesOf(test)]) : overridesOf(test);
}

/** Renders the model with the fixtures in the place of what it refers to. */
async function compileTest(
  runner: Runner,
  test: UnitTestNode,
  tested: Node,
  inputs: ReadonlyMap<string, Input>,
  session: Session,
  thread: string,
): Promise<CompiledNode> {
  const { compiler } = runner;
  const { dialect } = compiler.references;
  const used = new Map<string, CompiledCte>();
  const standIn = (original: Node | SourceNode, at: Span): Value => {
    const input = inputs.get(original.unique_id);
    if (!input) return fail('unit-test-missing-input', { test: test.name, name: original.name, call: inputText(original) }, { at });
    used.set(input.id, { id: input.id, name: input.cte, sql: input.sql, from: undefined });
    return cteValue(dialect, input.cte);
  };
  const referrer = {
    id: tested.unique_id,
    name: tested.name,
    packageName: tested.package_name,
    resourceType: 'model',
    group: tested.group,
    dependsOn: undefined,
    onEphemeral: undefined,
  };
  // As dbt: rows for `this` come first, whether or not the template names it.
  const own = inputs.has(tested.unique_id) ? standIn(tested, tested.at) : null;
  const replace: NamesRequest['replace'] = {
    ref: (call: RefCall) => standIn(resolveRef(compiler.references, referrer, call), call.at),
    source: (call) => standIn(resolveSource(compiler.references, referrer, call), call.at),
    self: () => own,
    // As in dbt, whose unit tests know no other nodes.
    graph: () => new Dict(),
    overrides: impliedOverrides(test),
  };
  const { body, map } = await compiler.render(tested, thread, (program) => drive(program, session), {
    onEphemeral: undefined,
    replace,
    invocation: invocationOf(runner, test),
  });
  const ctes = [...used.values()];
  const injected = injectCtes(body, ctes);
  return { node: test, sql: injected.sql, body, ctes, injected, map };
}
