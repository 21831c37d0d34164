import type { Session } from '../adapters/index.ts';
import { SqlError } from '../adapters/index.ts';
import { NodeOutput } from '../compile/index.ts';
import { type MacroDef, yamlToValue } from '../context/index.ts';
import { PyError, type Value } from '../jinja/index.ts';
import type { Program } from '../sql/index.ts';
import { closest, type Diagnostic, DiagnosticError, diagnostic, fail, type YamlMap } from '../text/index.ts';
import { drive } from './drive.ts';
import type { NodeResult, RunReport } from './report.ts';
import { Runner } from './runner.ts';
import type { RunSettings } from './settings.ts';
import { asked, wordsOf } from './words.ts';

/** Runs a macro, `name` or `package.name`, with named arguments. What it opened a transaction for and did not commit is rolled back, as in dbt. */
export async function operate(wanted: string, args: YamlMap, settings: RunSettings): Promise<RunReport> {
  const { now, emit, warehouse } = settings;
  const began = now();
  const def = macroOf(wanted, settings);
  const runner = new Runner(settings, []);
  const session = await warehouse.session('MainThread');
  const interrupt = (): void => {
    runner.stopped = 'interrupted';
    session.cancel().catch(() => undefined);
  };
  settings.signal?.addEventListener('abort', interrupt);
  let failed: Diagnostic | undefined;
  try {
    await call(def, args, runner, session);
  } catch (e) {
    failed = diagnosticOf(e, def);
    if (!failed) throw e;
  } finally {
    settings.signal?.removeEventListener('abort', interrupt);
    await session.release();
  }
  const ended = now();
  const result: NodeResult = {
    unique_id: def.unique_id,
    status: failed ? 'error' : 'success',
    timing: [
      { name: 'compile', started_at: began, completed_at: began },
      { name: 'execute', started_at: began, completed_at: ended },
    ],
    thread_id: 'MainThread',
    execution_time: (ended - began) / 1000,
    adapter_response: {},
    message: failed?.message ?? null,
    failures: failed ? 1 : 0,
    rows: null,
    compiled: false,
    compiled_code: null,
    relation_name: null,
    ...(failed && { diagnostic: failed }),
  };
  if (runner.stopped) emit({ kind: 'log', time: ended, level: 'warn', message: 'The operation was interrupted' });
  return { results: [result], elapsed: (ended - began) / 1000, interrupted: runner.stopped !== undefined };
}

function macroOf(wanted: string, { invocation }: RunSettings): MacroDef {
  const dot = wanted.indexOf('.');
  const name = dot === -1 ? wanted : wanted.slice(dot + 1);
  const scope = invocation.registry.scope(invocation.projectName);
  const place = dot === -1 ? null : wanted.slice(0, dot);
  const found = scope.from(place, name) ?? (place === null || place === invocation.projectName ? anywhere(name, place, invocation.registry) : undefined);
  return found ?? fail('macro-not-found', { name: wanted, near: closest(name, scope.names()) });
}

/** dbt looks in the packages too where no package is named. */
function anywhere(name: string, place: string | null, registry: RunSettings['invocation']['registry']): MacroDef | undefined {
  const packages = place === null ? [...registry.packageNames()] : [place];
  for (const p of packages) {
    const found = registry.isInternal(p) ? undefined : registry.package(p).get(name);
    if (found) return found;
  }
  return undefined;
}

async function call(def: MacroDef, args: YamlMap, runner: Runner, session: Session): Promise<void> {
  const { settings } = runner;
  const output = new NodeOutput('', runner.log, runner.print);
  const id = `macro_${def.name}`;
  const packageName = settings.invocation.registry.isInternal(def.package_name) ? settings.invocation.projectName : def.package_name;
  const { names } = runner.compiler.operation(packageName, id, { thread: 'MainThread', output }, def);
  const macro = names.bind(def);
  const named = new Map<string, Value>(Object.entries(args).map(([key, value]) => [key, yamlToValue(value)]));
  const given = { positional: [], named };
  // What a macro yields are effects of the names it was given: ours.
  const program = function* (): Program<void> {
    if (macro.program) yield* macro.program(given, { at: def.at }) as Program<Value>;
    else macro.call(given, { at: def.at });
  };
  await drive(program(), runner.commentedAs(session, id), asked(def.name));
}

function diagnosticOf(e: unknown, def: MacroDef): Diagnostic | undefined {
  if (e instanceof DiagnosticError) return e.diagnostic;
  if (e instanceof PyError) return diagnostic('jinja-error', { problem: e.message }, { at: def.at });
  if (!(e instanceof SqlError)) return undefined;
  const { problem, cause, hint } = wordsOf(e);
  return diagnostic('sql-error', { node: def.name, problem }, { at: def.at, cause, hint, family: e.family });
}
