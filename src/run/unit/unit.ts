import type { Session } from '../../adapters/index.ts';
import { type CompiledCte, type CompiledNode, cteValue, type NamesRequest, resolveRef, resolveSource } from '../../compile/index.ts';
import { type Json, jsonToValue, type RefCall } from '../../context/index.ts';
import { Dict, type Value } from '../../jinja/index.ts';
import type { JsonMap, Node, SourceNode, UnitTestNode } from '../../resolve/index.ts';
import { type Cell, type Column, injectCtes, type Program, type QueryResult, query, trimSemicolon } from '../../sql/index.ts';
import { fail, type Span, yamlMap } from '../../text/index.ts';
import { drive } from '../drive.ts';
import { hides, privacyFor } from '../private.ts';
import { type Progress, timed } from '../progress.ts';
import type { NodeResult } from '../report.ts';
import type { Runner } from '../runner.ts';
import { rowDiff } from './diff.ts';
import { expectedSql, namedColumns, type Subject } from './fixture.ts';
import { type Input, inputsOf, inputText, queryColumns } from './inputs.ts';

type Part = Pick<NodeResult, 'status'> & Partial<NodeResult>;

/** Runs a model's query over the rows a unit test gives and compares what comes out with the rows it expects. */
export async function unitTest(runner: Runner, test: UnitTestNode, session: Session, thread: string, progress: Progress): Promise<Part> {
  const tested = runner.settings.manifest.nodes.get(test.tested_node_unique_id ?? test.depends_on.nodes[0] ?? '');
  if (!tested) return fail('unit-test-input', { test: test.name, input: test.model, problem: 'is not a model' }, { at: test.at });
  const around = runner.commented(session, tested);
  const compiled = await timed(runner, progress, 'compile', async () => {
    const inputs = await inputsOf(runner, test, tested, around, thread);
    const made = await compileTest(runner, test, tested, inputs, around, thread);
    // As dbt, the fixtures that the model reads are files of their own too.
    for (const { id, sql } of made.ctes) runner.settings.files.compiled(test, sql, { fixture: inputs.get(id)?.name });
    return made;
  });
  progress.compiled = compiled;
  const path = runner.settings.files.compiled(test, compiled.sql);
  if (path !== undefined) progress.path = path;
  const privacy = privacyFor(tested, runner.settings.manifest);
  // Fixtures name columns that the model may not read.
  const hidden = privacy && ((column: string) => hides(privacy, column, compiled.body));
  return timed(runner, progress, 'execute', () => compare(runner, test, compiled, around, hidden));
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
    ...overridesOf(test),
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

function mapOf(json: Json | undefined): JsonMap {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonMap) : {};
}

function overridesOf(test: UnitTestNode): { readonly overrides: ReadonlyMap<string, Value> } {
  return {
    overrides: new Map(Object.entries(mapOf(test.overrides?.['macros'])).map(([name, value]): [string, Value] => [name, jsonToValue(value)])),
  };
}

/** The invocation with the variables and the environment of the test. */
function invocationOf(runner: Runner, test: UnitTestNode): Runner['settings']['invocation'] {
  const { invocation } = runner.settings;
  const vars = mapOf(test.overrides?.['vars']);
  const env = mapOf(test.overrides?.['env_vars']);
  return {
    ...invocation,
    vars: Object.keys(vars).length === 0 ? invocation.vars : invocation.vars.with(Object.assign(yamlMap(), vars)),
    env: { ...invocation.env, ...Object.fromEntries(Object.entries(env).map(([k, v]) => [k, String(v)])) },
  };
}

async function compare(
  runner: Runner,
  test: UnitTestNode,
  compiled: CompiledNode,
  session: Session,
  hidden: ((column: string) => boolean) | undefined,
): Promise<Part> {
  const { table, response } = await drive(comparison(runner, test, compiled.sql), session);
  const side = table.columns.findIndex((c) => c.name === 'actual_or_expected');
  // Engines that keep the scale of a decimal print `3.5` and `3.50` for equal values.
  const plain = (cell: Cell, i: number): Cell =>
    table.columns[i]?.type === 'decimal' && typeof cell === 'string' && cell.includes('.') ? cell.replace(/\.?0+$/, '') : cell;
  const rows = (which: string): (readonly Cell[])[] => table.rows.filter((r) => r[side] === which).map((r) => r.map(plain).filter((_, i) => i !== side));
  const names = table.columns.filter((_, i) => i !== side).map((c) => c.name);
  const diff = rowDiff(names, rows('expected'), rows('actual'), hidden);
  const adapter_response = { _message: response.message };
  if (diff === undefined) return { status: 'pass', failures: 0, adapter_response };
  return { status: 'fail', failures: 1, message: 'actual differs from expected', diff, adapter_response };
}

/** One query that gives the rows of both sides, so that the engine brings them to the same types. */
function* comparison(runner: Runner, test: UnitTestNode, sql: string): Program<QueryResult> {
  const { dialect } = runner.settings.invocation;
  const subject: Subject = { test, what: 'the model', fixture: 'expected output' };
  const columns = yield* queryColumns(sql);
  const rows = test.expect['rows'] ?? null;
  const list = (Array.isArray(rows) ? rows : []) as readonly JsonMap[];
  const compared: readonly Column[] = list.length === 0 ? columns : namedColumns(list, columns, subject);
  const expected = typeof rows === 'string' ? trimSemicolon(rows) : expectedSql(dialect, list, columns, subject);
  const names = compared.map((c) => dialect.quote(c.name)).join(', ');
  const side = dialect.quote('actual_or_expected');
  const part = (name: string, text: string): string =>
    `dbt_internal_unit_test_${name} as (\n  select ${names}, ${dialect.literal(name)} as ${side}\n  from (\n${text}\n  ) _dbt_internal_unit_test_${name}\n)`;
  return yield* query(
    `with ${part('actual', trimSemicolon(sql))},\n${part('expected', expected)}\nselect * from dbt_internal_unit_test_actual\nunion all\nselect * from dbt_internal_unit_test_expected`,
  );
}
