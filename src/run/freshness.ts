import type { Session } from '../adapters/index.ts';
import { externalLocation, NodeOutput } from '../compile/index.ts';
import { type RunNames, relationValue, responseOf, Table, tableValue } from '../context/index.ts';
import { Dict, type Program as JinjaProgram, PyDateTime, repr, str, typeName, type Value } from '../jinja/index.ts';
import { type JsonMap, nodeRelation, resourceValue, type SourceNode } from '../resolve/index.ts';
import { type Program, query, type Response } from '../sql/index.ts';
import { DiagnosticError, fail, sourceFile } from '../text/index.ts';
import { drive } from './drive.ts';
import { failureOf } from './failure.ts';
import { taskMacros } from './macros.ts';
import { type Progress, timed } from './progress.ts';
import type { Freshness, NodeResult } from './report.ts';
import type { Runner } from './runner.ts';
import { asked } from './words.ts';

type Part = Pick<NodeResult, 'status'> & Partial<NodeResult>;

/** Whether a source says how old it may be: only then it is looked at. */
export function hasFreshness(source: SourceNode | undefined): boolean {
  const limits = source?.freshness;
  return limits !== null && limits !== undefined && (secondsOf(limits, 'error_after') ?? secondsOf(limits, 'warn_after')) !== undefined;
}

/** Asks how old a source's data is and compares that with what its YAML allows. */
export async function checkFreshness(runner: Runner, source: SourceNode, session: Session, thread: string, progress: Progress): Promise<Part> {
  await timed(runner, progress, 'compile', () => Promise.resolve());
  try {
    return await timed(runner, progress, 'execute', async () => {
      const { freshness, response } = await drive(ask(runner, source, thread), runner.commentedAs(session, source.unique_id), asked(source.name));
      return { status: statusOf(freshness), freshness, adapter_response: { _message: response.message } };
    });
  } catch (e) {
    const failure = failureOf(e instanceof DiagnosticError && e.diagnostic.at?.file.path === '' ? placed(e, source) : e, source, undefined, undefined);
    if (!failure) throw e;
    return { status: 'runtime error', ...failure };
  }
}

/** A mistake in a query that stands in YAML is shown at the source's entry. */
function placed(e: DiagnosticError, source: SourceNode): DiagnosticError {
  const made = new DiagnosticError({ ...e.diagnostic, at: source.at });
  made.cause = e.cause;
  return made;
}

interface Answer {
  readonly freshness: Freshness;
  readonly response: Response;
}

function* ask(runner: Runner, source: SourceNode, thread: string): Program<Answer> {
  const { invocation } = runner.settings;
  const { dialect } = invocation;
  const names = namesOf(runner, source, thread);
  const macros = taskMacros({
    names: () => names.names,
    scope: { invocation, packageName: source.package_name, scope: invocation.registry.scope(source.package_name) },
    overrides: runner.overrides,
    config: {},
    name: source.name,
    at: source.at,
  });
  const relation = names.names.lookup('this') ?? null;
  if (source.loaded_at_query !== null) {
    const template = invocation.environment.parse(sourceFile('', source.loaded_at_query));
    // What the template yields are effects of the names it was given: ours.
    const sql = yield* template.program(names.names.lookup, names.names.options) as JinjaProgram<string> as Program<string>;
    return answerOf(source, yield* macros.call('collect_freshness_custom_sql', [relation, sql]));
  }
  if (source.loaded_at_field !== null) {
    const filter = source.freshness?.['filter'];
    return answerOf(source, yield* macros.call('collect_freshness', [relation, source.loaded_at_field, typeof filter === 'string' ? filter : null]));
  }
  const files = filesOf(externalLocation(source, dialect));
  if (files === undefined) return fail('freshness-unknown', { source: source.name, adapter: dialect.name });
  // The engine that reads the files knows when they were written; their contents are not read.
  const { table, response } = yield* query(`select max(last_modified) as max_loaded_at, current_timestamp as snapshotted_at from read_blob(${files})`);
  if (table.rows[0]?.[0] === null) fail('freshness-answer', { source: source.name, problem: `no file is found at ${files}` });
  return answerOf(
    source,
    new Dict([
      ['response', response.message],
      ['table', tableValue(table)],
    ]),
  );
}

/** What a query in YAML sees: `this`, `source_node` and `model` besides what every macro sees. */
function namesOf(runner: Runner, source: SourceNode, thread: string): RunNames {
  const { invocation } = runner.settings;
  const external = externalLocation(source, invocation.dialect);
  const own = relationValue(invocation.dialect, nodeRelation(source, invocation.quoting), external === undefined ? {} : { external });
  const model = resourceValue(source);
  const extra = new Map<string, Value>([
    ['this', own],
    ['source_node', model],
    ['model', model],
  ]);
  const output = new NodeOutput(source.unique_id, runner.log, runner.print);
  return runner.compiler.operation(source.package_name, source.unique_id, { thread, output, extra });
}

/** The files of an external source as text of SQL: the first text of what stands in its place. */
function filesOf(external: string | undefined): string | undefined {
  return external === undefined ? undefined : /^(?:\w+\(\s*)?(\[[^\]]*\]|'(?:[^']|'')*')/.exec(external)?.[1];
}

/** The macro's answer: a result with a table, or as older macros have it the table itself; one row of two values. */
function answerOf(source: SourceNode, value: Value): Answer {
  const table = value instanceof Table ? value : value instanceof Dict ? value.get('table') : undefined;
  const [row, ...more] = table instanceof Table ? table.values : [];
  if (!row || more.length > 0 || row.length !== 2) fail('freshness-answer', { source: source.name, problem: 'one row with two values is needed' });
  const response = value instanceof Dict ? responseOf(value) : { message: '' };
  return { freshness: freshnessOf(source, microsOf(source, 'max_loaded_at', row[0] ?? null), microsOf(source, 'snapshotted_at', row[1] ?? null)), response };
}

function freshnessOf(source: SourceNode, loaded: bigint | null, now: bigint | null): Freshness {
  if (now === null) fail('freshness-answer', { source: source.name, problem: '`snapshotted_at` is null' });
  const max = loaded ?? NEVER;
  return { max_loaded_at: isoOf(max), snapshotted_at: isoOf(now), age: Number(now - max) / 1e6, criteria: source.freshness ?? {} };
}

/** What stands for a source without any row: the first day of Python's calendar. Microseconds since the epoch. */
const NEVER = -62_135_596_800_000_000n;

/** A point in time in microseconds since the epoch; one without a time zone counts as UTC. */
function microsOf(source: SourceNode, name: string, value: Value): bigint | null {
  if (value === null) return null;
  const [, day, time, fraction = '', sign, hours, minutes] =
    value instanceof PyDateTime ? (/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d):(\d\d))?/.exec(str(value)) ?? []) : [];
  if (day === undefined) {
    const problem = `a timestamp is needed for \`${name}\`, but the value is ${repr(value)} of type \`${typeName(value)}\``;
    return fail('freshness-answer', { source: source.name, problem });
  }
  const shift = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return BigInt(Date.parse(`${day}T${time}Z`) - shift) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function isoOf(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const whole = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${whole}${fraction === 0n ? '' : `.${String(fraction).padStart(6, '0')}`}+00:00`;
}

function statusOf({ age, criteria }: Freshness): 'pass' | 'warn' | 'error' {
  const exceeded = (key: 'warn_after' | 'error_after'): boolean => age > (secondsOf(criteria, key) ?? Number.POSITIVE_INFINITY);
  return exceeded('error_after') ? 'error' : exceeded('warn_after') ? 'warn' : 'pass';
}

const PERIODS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/** A threshold in seconds; undefined where it is not set. */
function secondsOf(criteria: JsonMap, key: 'warn_after' | 'error_after'): number | undefined {
  const limit = criteria[key];
  if (typeof limit !== 'object' || limit === null || Array.isArray(limit)) return undefined;
  const { count, period } = limit as JsonMap;
  return typeof count === 'number' && typeof period === 'string' ? count * (PERIODS[period] ?? 0) : undefined;
}
