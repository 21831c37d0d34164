import { SqlError } from '../adapters/index.ts';
import { type CompiledNode, NodeOutput } from '../compile/index.ts';
import { str } from '../jinja/index.ts';
import type { Node } from '../resolve/index.ts';
import { nodeRelation } from '../resolve/index.ts';
import { type Program, type QueryResult, query, type ResultTable, trimSemicolon } from '../sql/index.ts';
import { diagnostic, sourceFile, span } from '../text/index.ts';
import { drive } from './drive.ts';
import { failureOf } from './failure.ts';
import { inlineNode } from './inline.ts';
import { taskMacros } from './macros.ts';
import { compile } from './node.ts';
import type { Progress } from './progress.ts';
import type { NodeResult } from './report.ts';
import { Runner } from './runner.ts';
import type { RunSettings } from './settings.ts';
import { wordsOf } from './words.ts';

/** What to show: a node, a template, or SQL as it is. */
export type ShownText = { readonly node: string } | { readonly inline: string } | { readonly direct: string };

export interface ShownRows {
  readonly result: NodeResult;
  /** Undefined where the query failed: the result's diagnostic says why. */
  readonly table: ResultTable | undefined;
}

/** Runs one query and answers its rows, at most `limit` of them. */
export async function show(shown: ShownText, limit: number | undefined, settings: RunSettings): Promise<ShownRows> {
  if ('direct' in shown) return showDirect(shown.direct, limit, settings);
  if ('inline' in shown) {
    const { node, manifest } = inlineNode(settings.manifest, settings.invocation, shown.inline);
    return showNode(node, limit, { ...settings, manifest });
  }
  const node = settings.manifest.nodes.get(shown.node);
  if (!node) throw new Error(`${shown.node} is not a node that can be shown`);
  return showNode(node, limit, settings);
}

async function showNode(node: Node, limit: number | undefined, settings: RunSettings): Promise<ShownRows> {
  const runner = new Runner(settings, [node.unique_id]);
  const session = await settings.warehouse.session('show');
  const began = settings.now();
  const progress: Progress = { timing: [] };
  try {
    const compiled = await compile(runner, node, session, 'MainThread', progress);
    const { table, response } = await drive(shownRows(runner, node, compiled, limit), runner.commented(session, node));
    return {
      result: resultOf(node.unique_id, 'success', (settings.now() - began) / 1000, {
        compiled_code: compiled.sql,
        compiled: true,
        adapter_response: { _message: response.message },
      }),
      table,
    };
  } catch (e) {
    const failure = failureOf(e, node, progress.compiled, progress.path);
    if (!failure) throw e;
    return { result: resultOf(node.unique_id, 'error', (settings.now() - began) / 1000, failure), table: undefined };
  } finally {
    await session.release();
  }
}

/** The node's rows: a seed's are those of its table, other nodes' those of their query. A query that has a limit of its own keeps it, since ours goes around it. */
function* shownRows(runner: Runner, node: Node, compiled: CompiledNode, limit: number | undefined): Program<QueryResult> {
  const { invocation } = runner.settings;
  if (node.resource_type === 'seed')
    return yield* query(`select * from ${invocation.dialect.render(nodeRelation(node, invocation.quoting))}`, limit === undefined ? {} : { limit });
  const sql = trimSemicolon(compiled.sql);
  const output = new NodeOutput(node.unique_id, runner.log, runner.print);
  const names = () => runner.compiler.names(node, { thread: 'MainThread', output, compiled: sql, onEphemeral: () => undefined }).names;
  const scope = { invocation, packageName: node.package_name, scope: invocation.registry.scope(node.package_name) };
  const macros = taskMacros({ names, scope, overrides: runner.overrides, config: node.config, name: node.name, at: node.at });
  const header = typeof node.config['sql_header'] === 'string' ? node.config['sql_header'] : null;
  if (['get_show_sql', 'get_limit_subquery_sql', 'get_limit_sql'].some((name) => macros.overridden(name))) {
    return yield* query(str(yield* macros.call('get_show_sql', [sql, header, limit ?? null])));
  }
  const limited = limit === undefined ? sql : `select * from (\n${sql}\n) as model_limit_subq\nlimit ${limit}`;
  return yield* query(header === null ? limited : `${header}\n${limited}`);
}

async function showDirect(sql: string, limit: number | undefined, settings: RunSettings): Promise<ShownRows> {
  const session = await settings.warehouse.session('show');
  const began = settings.now();
  const id = 'sql_operation.direct-query';
  try {
    const { table, response } = await drive(query(sql, limit === undefined ? {} : { limit }), session);
    return { result: resultOf(id, 'success', (settings.now() - began) / 1000, { adapter_response: { _message: response.message } }), table };
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    const source = sourceFile('inline query', sql);
    const { problem, cause, hint } = wordsOf(e);
    const at = span(source, e.offset ?? 0, e.offset === undefined ? sql.length : e.offset + 1);
    const failed = diagnostic('sql-error', { node: 'direct-query', problem }, { at, cause, hint });
    return { result: resultOf(id, 'error', (settings.now() - began) / 1000, { message: e.message, diagnostic: failed }), table: undefined };
  } finally {
    await session.release();
  }
}

function resultOf(id: string, status: 'success' | 'error', seconds: number, more: Partial<NodeResult>): NodeResult {
  return {
    unique_id: id,
    status,
    timing: [],
    thread_id: 'MainThread',
    execution_time: seconds,
    adapter_response: {},
    message: null,
    failures: null,
    rows: null,
    compiled: false,
    compiled_code: null,
    relation_name: null,
    ...more,
  };
}
