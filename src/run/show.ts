import { SqlError } from '../adapters/index.ts';
import { type CompiledNode, NodeOutput } from '../compile/index.ts';
import { str } from '../jinja/index.ts';
import type { Node } from '../resolve/index.ts';
import { nodeRelation } from '../resolve/index.ts';
import { type Program, query, type ResultTable, trimSemicolon } from '../sql/index.ts';
import { diagnostic, sourceFile, span } from '../text/index.ts';
import { compile } from './build.ts';
import { drive } from './drive.ts';
import { failureOf } from './failure.ts';
import { inlineNode } from './inline.ts';
import { taskMacros } from './macros.ts';
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

/** How many rows to show, and whether the user said so. */
export interface Limit {
  readonly rows: number;
  readonly given: boolean;
}

/** Runs one query and answers its rows, at most `limit` of them. */
export async function show(shown: ShownText, limit: Limit | undefined, settings: RunSettings): Promise<ShownRows> {
  if ('direct' in shown) return showDirect(shown.direct, limit, settings);
  if ('inline' in shown) {
    const { node, manifest } = inlineNode(settings.manifest, settings.invocation, shown.inline);
    return showNode(node, limit, { ...settings, manifest });
  }
  const node = settings.manifest.nodes.get(shown.node);
  if (!node) throw new Error(`${shown.node} is not a node that can be shown`);
  return showNode(node, limit, settings);
}

async function showNode(node: Node, limit: Limit | undefined, settings: RunSettings): Promise<ShownRows> {
  const runner = new Runner(settings, [node.unique_id]);
  const session = await settings.warehouse.session('show');
  const began = settings.now();
  const progress: Progress = { timing: [] };
  try {
    if (settings.defers === true) await runner.deferring?.learn(settings.manifest, session);
    const compiled = await compile(runner, node, session, 'MainThread', progress);
    const { sql, rows } = await drive(shownText(runner, node, compiled, limit), runner.commented(session, node));
    const { table, response } = await drive(query(sql, rows === undefined ? {} : { limit: rows }), runner.commented(session, node));
    return {
      result: resultOf(node.unique_id, 'success', (settings.now() - began) / 1000, {
        compiled_code: sql,
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

/** A query, and how many of its rows to take where the text itself does not say. */
interface ShownQuery {
  readonly sql: string;
  readonly rows?: number;
}

/**
 * The query of a node's rows: a seed's are those of its table, other nodes' those of their query. A limit that was asked for is appended as dbt does,
 * so that a query with a limit of its own is refused; the usual one goes around the query, which may have one.
 */
function* shownText(runner: Runner, node: Node, compiled: CompiledNode, limit: Limit | undefined): Program<ShownQuery> {
  const { invocation } = runner.settings;
  if (node.resource_type === 'seed')
    return { sql: `select * from ${invocation.dialect.render(nodeRelation(node, invocation.quoting))}`, ...(limit && { rows: limit.rows }) };
  const sql = trimSemicolon(compiled.sql);
  const output = new NodeOutput(node.unique_id, runner.log, runner.print);
  const names = () => runner.compiler.names(node, { thread: 'MainThread', output, compiled: sql, onEphemeral: () => undefined }).names;
  const scope = { invocation, packageName: node.package_name, scope: invocation.registry.scope(node.package_name) };
  const macros = taskMacros({ names, scope, overrides: runner.overrides, config: node.config, name: node.name, at: node.at });
  const header = typeof node.config['sql_header'] === 'string' ? node.config['sql_header'] : null;
  if (['get_show_sql', 'get_limit_subquery_sql', 'get_limit_sql'].some((name) => macros.overridden(name))) {
    return { sql: str(yield* macros.call('get_show_sql', [sql, header, limit?.rows ?? null])) };
  }
  const around = (inner: string): string => (limit?.given ? inner : `select * from (\n${inner}\n) as model_limit_subq`);
  const limited = limit === undefined ? sql : `${around(sql)}\nlimit ${limit.rows}`;
  return { sql: header === null ? limited : `${header}\n${limited}` };
}

async function showDirect(sql: string, limit: Limit | undefined, settings: RunSettings): Promise<ShownRows> {
  const session = await settings.warehouse.session('show');
  const began = settings.now();
  const id = 'sql_operation.direct-query';
  try {
    const { table, response } = await drive(query(sql, limit === undefined ? {} : { limit: limit.rows }), session);
    return { result: resultOf(id, 'success', (settings.now() - began) / 1000, { adapter_response: { _message: response.message } }), table };
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    const source = sourceFile('inline query', sql);
    const { problem, cause, hint } = wordsOf(e);
    const at = span(source, e.offset ?? 0, e.offset === undefined ? sql.length : e.offset + 1);
    const failed = diagnostic('sql-error', { node: 'direct-query', problem }, { at, cause, hint, family: e.family });
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
