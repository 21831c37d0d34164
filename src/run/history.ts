import { type Session, SqlError } from '../adapters/index.ts';
import { NodeOutput } from '../compile/index.ts';
import { jsonToValue } from '../context/index.ts';
import { Dict, str, type Value } from '../jinja/index.ts';
import { createSchema, type Macros } from '../plan/index.ts';
import { type Node, nodeRelation, type TestNode } from '../resolve/index.ts';
import { begin, commit, execute, type Program } from '../sql/index.ts';
import { DiagnosticError, diagnostic } from '../text/index.ts';
import type { Part } from './build.ts';
import { drive } from './drive.ts';
import { taskMacros } from './macros.ts';
import type { History, Runner } from './runner.ts';
import { wordsOf } from './words.ts';

/** The macros of dml's tests that compare with the past. */
const COMPARES = /^macro\.dbt\.test_(volume_anomaly|freshness_anomaly|column_anomaly|schema_changed)$/;

/** Which of them a test is of, by the name of the test; undefined: none, or a project's own of the same name. */
function comparesOf(node: Node): string | undefined {
  return node.depends_on.macros.map((id) => COMPARES.exec(id)?.[1]).find((name) => name !== undefined);
}

/** The metrics that a test of dml's reads from the history, of the column it is on (or of none); undefined: it does not read it. */
function readsOf(node: TestNode, args: Dict): readonly string[] | undefined {
  if ((args.get('timestamp_column') ?? null) !== null) return undefined;
  switch (comparesOf(node)) {
    case 'volume_anomaly':
    case 'schema_changed':
      return [];
    case 'freshness_anomaly':
      return ['max'];
    case 'column_anomaly': {
      const metrics = args.get('metrics') ?? null;
      return Array.isArray(metrics) ? metrics.map((m) => str(m)) : [str(metrics)];
    }
    default:
      return undefined;
  }
}

/** Whether a model, seed or snapshot is measured after each build: `history: true` in its configuration or in its `meta`. */
function keepsHistory({ resource_type, config }: Node): boolean {
  if (resource_type !== 'model' && resource_type !== 'seed' && resource_type !== 'snapshot') return false;
  const { history, meta } = config;
  return history === true || (typeof meta === 'object' && meta !== null && 'history' in meta && meta.history === true);
}

/** Measures what a test is about to compare with its past, once in a run for all tests that look at it. Not where the run reads only a part of the data. */
export async function recordForTest(runner: Runner, node: Node, session: Session): Promise<void> {
  const { empty, sample } = runner.settings;
  if (node.resource_type !== 'test' || comparesOf(node) === undefined || empty || sample) return;
  const args = argumentsOf(runner, node);
  if (args && readsOf(node, args)) await record(runner, node, str(args.get('model') ?? ''), session);
}

/** Measures a node that was built and keeps its history. The node is built whatever comes of that: what fails is told as a warning. */
export async function recordBuilt(runner: Runner, node: Node, { status }: Part, session: Session): Promise<void> {
  const { empty, sample, invocation, emit, now } = runner.settings;
  if (status !== 'success' || !keepsHistory(node) || empty || sample) return;
  try {
    await record(runner, node, invocation.dialect.render(nodeRelation(node, invocation.quoting)), session);
  } catch (e) {
    if (!(e instanceof SqlError) && !(e instanceof DiagnosticError)) throw e;
    const problem = e instanceof SqlError ? wordsOf(e).problem : e.diagnostic.message;
    emit({ kind: 'diagnostic', time: now(), diagnostic: diagnostic('history-failed', { node: node.name, problem }, { at: node.at }) });
  }
}

function argumentsOf(runner: Runner, node: TestNode): Dict | undefined {
  const output = new NodeOutput(node.unique_id, runner.log, runner.print);
  const { names } = runner.compiler.names(node, { thread: 'MainThread', output, compiled: null, onEphemeral: () => undefined });
  const args = names.lookup('_dbt_generic_test_kwargs');
  return args instanceof Dict ? args : undefined;
}

function record(runner: Runner, node: Node, rows: string, session: Session): Promise<void> {
  const { history } = runner;
  let done = history.recorded.get(rows);
  if (!done) {
    done = write(runner, node, rows, session);
    history.recorded.set(rows, done);
  }
  return done;
}

async function write(runner: Runner, node: Node, rows: string, session: Session): Promise<void> {
  const { history, settings } = runner;
  const { invocation } = settings;
  const macros = macrosOf(runner, node);
  const target = runner.commented(session, node);
  history.ready ??= drive(
    (function* (): Program<void> {
      yield* createSchema(invocation.targetDatabase, yield* macros.text('dml_history_schema'), { dialect: invocation.dialect, macros });
      yield* execute(yield* macros.text('dml_history_prepare'));
    })(),
    target,
  );
  await history.ready;
  const wanted = everything(runner, rows) ? null : wantedOf(runner, rows);
  await drive(recording(macros, rows, wanted), target);
}

/** Measures rows and writes that down. A run that is killed leaves all of a relation's metrics or none. */
export function* recording(macros: Pick<Macros, 'text'>, rows: string, wanted: Value): Program<void> {
  const sql = yield* macros.text('dml_history_record', [rows, wanted]);
  yield* begin();
  yield* execute(sql);
  yield* commit();
}

function macrosOf(runner: Runner, node: Node): Macros {
  const { invocation } = runner.settings;
  const output = new NodeOutput(node.unique_id, runner.log, runner.print);
  return taskMacros({
    names: () => runner.compiler.names(node, { thread: 'MainThread', output, compiled: null, onEphemeral: () => undefined }).names,
    scope: { invocation, packageName: node.package_name, scope: invocation.registry.scope(node.package_name) },
    overrides: runner.overrides,
    config: node.config,
    name: node.name,
    at: node.at,
  });
}

/** Whether some node that keeps its history is what these rows are. */
function everything({ settings }: Runner, rows: string): boolean {
  const { dialect, quoting } = settings.invocation;
  return [...settings.manifest.nodes.values()].some((n) => keepsHistory(n) && dialect.render(nodeRelation(n, quoting)) === rows);
}

/** What all tests of the project want of these rows, whether this run has them or not: a test that runs less often finds points of all runs. */
function wantedOf(runner: Runner, rows: string): Value {
  const { history } = runner;
  history.wanted ??= wantedByRows(runner);
  const columns = history.wanted.get(rows) ?? new Map<string, ReadonlySet<string>>();
  return jsonToValue(Object.fromEntries([...columns].map(([name, metrics]) => [name, [...metrics]])));
}

function wantedByRows(runner: Runner): NonNullable<History['wanted']> {
  const out = new Map<string, Map<string, Set<string>>>();
  for (const node of runner.settings.manifest.nodes.values()) {
    if (node.resource_type !== 'test' || comparesOf(node) === undefined) continue;
    const args = argumentsOf(runner, node);
    const metrics = args && readsOf(node, args);
    if (!metrics) continue;
    const rows = str(args.get('model') ?? '');
    const columns = out.get(rows) ?? new Map<string, Set<string>>();
    out.set(rows, columns);
    const column = (node.column_name ?? '').replaceAll('"', '').toLowerCase();
    columns.set(column, new Set([...(columns.get(column) ?? []), ...metrics]));
  }
  return out;
}
