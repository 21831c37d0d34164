import type { Session } from '../adapters/index.ts';
import { Tuple, type Value } from '../jinja/index.ts';
import type { Manifest, Node } from '../resolve/index.ts';
import { execute } from '../sql/index.ts';
import { DiagnosticError } from '../text/index.ts';
import { compile } from './build.ts';
import { drive } from './drive.ts';
import { failureOf } from './failure.ts';
import { type Progress, timed } from './progress.ts';
import type { NodeResult, NodeStart, Timing } from './report.ts';
import { resultValue } from './result-value.ts';
import type { Runner } from './runner.ts';
import { isRelational } from './schemas.ts';

type HookKind = 'on-run-start' | 'on-run-end';

/** Runs the project's hooks of one kind, packages' first, one after the other; after a failure the rest is skipped. Answers whether all went well. */
export async function runHooks(runner: Runner, kind: HookKind, session: Session, results: NodeResult[], nodes: readonly NodeResult[] = []): Promise<boolean> {
  const { emit, now } = runner.settings;
  const hooks = hooksOf(runner.settings.manifest, kind);
  if (hooks.length === 0) return true;
  emit({ kind: 'hooks-started', time: now(), name: kind, total: hooks.length });
  const extra = kind === 'on-run-end' ? endNames(runner, nodes) : undefined;
  let failed = false;
  for (const [i, hook] of hooks.entries()) {
    const name = `${hook.package_name}.${kind}.${i}`;
    const start: NodeStart = {
      unique_id: hook.unique_id,
      resource_type: 'operation',
      description: `hook: ${name}`,
      index: i + 1,
      total: hooks.length,
      thread: 'MainThread',
    };
    emit({ kind: 'node-started', time: now(), node: start });
    const result: NodeResult = failed ? ended(hook, 'skipped', `${name} skipped`, []) : await runHook(runner, kind, hook, name, session, extra);
    failed ||= result.status === 'error';
    results.push(result);
    emit({ kind: 'node-finished', time: now(), node: start, result });
    if (runner.stopped === 'interrupted') break;
  }
  return !failed;
}

/** The project's hooks of one kind, packages' first. */
export function hooksOf(manifest: Manifest, kind: HookKind): readonly Node[] {
  const rank = (n: Node): string => (n.package_name === manifest.project.root.name ? '\uffff' : n.package_name);
  const index = (n: Node): number => ('index' in n ? (n.index ?? 0) : 0);
  return [...manifest.nodes.values()]
    .filter((n) => n.resource_type === 'operation' && n.tags.includes(kind))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : index(a) - index(b)));
}

async function runHook(
  runner: Runner,
  kind: HookKind,
  hook: Node,
  name: string,
  session: Session,
  extra: ReadonlyMap<string, Value> | undefined,
): Promise<NodeResult> {
  const timing: Timing[] = [];
  const progress: Progress = { timing };
  try {
    const compiled = await timed(runner, progress, 'compile', () => compile(runner, hook, session, 'MainThread', progress, extra ? { extra } : {}));
    const sql = compiled.sql.trim();
    await timed(runner, progress, 'execute', async () => {
      if (sql !== '') await drive(execute(sql), runner.commented(session, hook));
    });
    return { ...ended(hook, 'success', `${name} passed`, timing), compiled_code: compiled.sql };
  } catch (e) {
    const failure = failureOf(e, hook, progress.compiled, undefined);
    if (!failure) throw e;
    // As dbt: a hook that cannot be rendered ends the run before it began; one that the database refuses is a result.
    if (!progress.compiled && kind === 'on-run-start') throw new DiagnosticError(failure.diagnostic);
    return { ...ended(hook, 'error', `${name} failed, error:\n ${failure.message}`, timing), diagnostic: failure.diagnostic };
  }
}

function ended(hook: Node, status: 'success' | 'error' | 'skipped', message: string, timing: readonly Timing[]): NodeResult {
  const [first] = timing;
  const last = timing[timing.length - 1];
  return {
    unique_id: hook.unique_id,
    status,
    timing,
    thread_id: 'main',
    execution_time: first && last ? (last.completed_at - first.started_at) / 1000 : 0,
    adapter_response: {},
    message,
    failures: status === 'success' ? 0 : 1,
    rows: null,
    compiled: status !== 'skipped',
    compiled_code: null,
    relation_name: null,
  };
}

/** What templates of on-run-end see besides the usual names. */
function endNames(runner: Runner, nodes: readonly NodeResult[]): ReadonlyMap<string, Value> {
  const { manifest } = runner.settings;
  const built = new Map<string, readonly [string | null, string]>();
  for (const r of nodes) {
    const node = manifest.nodes.get(r.unique_id);
    const bad = r.status === 'error' || r.status === 'fail' || r.status === 'skipped';
    if (node && !bad && isRelational(node, runner.settings.storeFailures)) built.set(`${node.database}.${node.schema}`, [node.database, node.schema]);
  }
  return new Map<string, Value>([
    ['results', nodes.map((r) => resultValue(r, manifest))],
    ['schemas', [...new Set([...built.values()].map(([, schema]) => schema))]],
    ['database_schemas', [...built.values()].map(([database, schema]): Value => new Tuple([database, schema]))],
  ]);
}
