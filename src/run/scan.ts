import { type Session, SqlError } from '../adapters/index.ts';
import type { CompiledNode } from '../compile/index.ts';
import { type Asked, type Plan, type Shape, type Step, scan, shapeOf, testStatement } from '../plan/index.ts';
import { type JsonMap, type Node, nodeRelation } from '../resolve/index.ts';
import type { Relation, Response } from '../sql/index.ts';
import { build, compile, type Part, partOf } from './build.ts';
import { drive } from './drive.ts';
import { overNothing, valuesOf } from './emptiness.ts';
import { jinjaMaterialization } from './jinja-materialization.ts';
import { finished, settled } from './node.ts';
import { type Progress, timed } from './progress.ts';
import type { NodeResult, NodeStart } from './report.ts';
import type { Runner } from './runner.ts';
import type { RunSettings } from './settings.ts';

/** The generic tests of dml's that {@link shapeOf} may know. */
const SCANNED: ReadonlySet<string> = new Set(
  [
    'not_null,unique,accepted_values,accepted_range,accepted_length,accepted_regex,rejected_regex,accepted_like,rejected_like,rejected_values',
    'not_empty_string,accepted_date_format,accepted_json,expression_is_true,compared_to_column,accepted_pairs,unique_within_row,row_sum,not_empty',
    'row_count_between,distinct_count_between,distinct_proportion_between,null_proportion_between,not_null_proportion_between,sum_between,mean_between',
    'median_between,quantile_between,stddev_between,minimum_between,maximum_between,not_constant,recency',
  ].flatMap((line) => line.split(',')),
);

/** Which tests of a plan may be asked about together: of each test that it may, all those of its relation. */
export function scansOf(plan: Plan, { settings, overrides }: Runner): (step: Step) => readonly Step[] {
  const { invocation } = settings;
  // A project may judge by other numbers than that of the rows.
  const judges = (packageName: string): boolean => overrides.has({ invocation, packageName, scope: invocation.registry.scope(packageName) }, 'get_test_sql');
  const groups = new Map<string, Step[]>();
  const groupOf = new Map<string, readonly Step[]>();
  if (settings.batchTests && (plan.kind === 'test' || plan.kind === 'build') && isStandard(settings))
    for (const step of plan.steps) {
      const tested = testedBy(step, settings);
      if (tested === undefined || judges((step.node as Node).package_name)) continue;
      const group = groups.get(tested) ?? [];
      group.push(step);
      groups.set(tested, group);
      groupOf.set(step.id, group);
    }
  return (step) => groupOf.get(step.id) ?? [];
}

/** Whether data tests are run in dml's own way. */
function isStandard({ invocation }: RunSettings): boolean {
  return jinjaMaterialization(invocation, 'test') === undefined;
}

/** The one node that a test looks at, where the test is one of dml's and nothing but its number of failing rows counts. */
function testedBy({ node }: Step, { storeFailures }: RunSettings): string | undefined {
  if (node.resource_type !== 'test' || node.test_metadata === null || !SCANNED.has(node.test_metadata.name)) return undefined;
  const { config, depends_on } = node;
  const kept = config['store_failures_as'] ?? ((config['store_failures'] ?? storeFailures) ? 'table' : 'ephemeral');
  if (kept !== 'ephemeral' || config['limit'] != null || config['sql_header'] != null || (config['fail_calc'] ?? 'count(*)') !== 'count(*)') return undefined;
  if (!isGoodAtZero(config, 'warn_if') || !isGoodAtZero(config, 'error_if')) return undefined;
  const [tested, ...more] = new Set(depends_on.nodes);
  return more.length === 0 && depends_on.macros.includes(`macro.dbt.test_${node.test_metadata.name}`) ? tested : undefined;
}

/** Whether a condition on the number of failing rows says plainly that none is good. */
function isGoodAtZero(config: JsonMap, key: 'warn_if' | 'error_if'): boolean {
  const [, operator, number] = /^\s*(!=|<>|>=?)\s*(\d+)\s*$/.exec(String(config[key] ?? '!= 0')) ?? [];
  return operator === '>' || (operator === '>=' ? Number(number) > 0 : operator !== undefined && Number(number) === 0);
}

/** A test on its way. */
interface Job {
  readonly step: Step;
  readonly node: Node;
  readonly start: NodeStart;
  readonly progress: Progress;
  /** Of which it is known what it asks. */
  readonly shape?: Shape | undefined;
  readonly compiled?: CompiledNode;
  /** What it took so far. */
  readonly seconds: number;
  /** What became of it. */
  readonly part?: Part;
}

/** How the run is told of the tests of a scan. */
export interface Telling {
  readonly begin: (step: Step, thread: string) => NodeStart;
  readonly end: (step: Step, start: NodeStart, result: NodeResult) => void;
}

/** Runs tests of one relation: one query says which of them find nothing, and each of the others runs by itself. */
export async function runScan(runner: Runner, steps: readonly Step[], session: Session, thread: string, tell: Telling): Promise<void> {
  const { now } = runner.settings;
  const jobs: Job[] = [];
  for (const step of steps) if (!runner.stopped) jobs.push(await prepared(runner, step, session, thread, tell.begin(step, thread)));
  const asked = jobs.filter((j) => j.shape !== undefined);
  const shares = asked.length > 0 && !runner.stopped ? await ask(runner, asked, session) : undefined;
  for (const job of jobs) {
    const { node, progress } = job;
    const known = shares?.get(job);
    const started = now();
    const part = job.part ?? known?.part ?? (await alone(runner, job, session, thread));
    const seconds = job.seconds + (known?.seconds ?? 0) + (now() - started) / 1000;
    tell.end(job.step, job.start, finished(node, part, progress, { thread, seconds }));
  }
}

async function prepared(runner: Runner, step: Step, session: Session, thread: string, start: NodeStart): Promise<Job> {
  const { now } = runner.settings;
  const node = step.node as Node;
  const progress: Progress = { timing: [] };
  const started = now();
  const part = await settled(node, progress, async () => {
    await timed(runner, progress, 'compile', () => compile(runner, node, session, thread, progress));
    // A test commits nothing.
    if (session.inTransaction) await session.answer({ kind: 'rollback' });
    return { status: 'success' };
  });
  const job = { step, node, start, progress, seconds: (now() - started) / 1000 };
  const { compiled } = progress;
  return compiled && part.status === 'success' ? { ...job, compiled, shape: shapeOf(compiled.sql) } : { ...job, part };
}

async function alone(runner: Runner, { node, progress, compiled }: Job, session: Session, thread: string): Promise<Part> {
  return settled(node, progress, async () => {
    const done = { node, compiled: compiled as CompiledNode, thread };
    const part = await timed(runner, progress, 'execute', () => build(runner, done, session));
    return overNothing(runner, done, part, session);
  });
}

/** A test's share of the query that all of them were asked with. */
interface Share {
  /** Known where the test has passed. */
  readonly part?: Part;
  readonly seconds: number;
}

/** Asks about all of them in one query, and in two halves where the database refuses it: what it refuses alone is for that test to say. */
async function ask(runner: Runner, jobs: readonly Job[], session: Session): Promise<ReadonlyMap<Job, Share>> {
  const { settings } = runner;
  const { now } = settings;
  const tested = (jobs[0] as Job).node.depends_on.nodes[0] as string;
  const asked = jobs.map((j): Asked => ({ shape: j.shape as Shape, column: valuesOf(j.node) }));
  const started = now();
  try {
    const program = scan(asked, relationOf(settings, tested), settings.invocation.dialect);
    const { passes, over, response } = await drive(program, runner.commentedAs(session, tested));
    const each = (now() - started) / jobs.length;
    return new Map(
      jobs.map((job, i): [Job, Share] => {
        const share = { seconds: each / 1000 };
        if (passes[i] !== true) return [job, share];
        job.progress.timing.push({ name: 'execute', started_at: started + each * i, completed_at: started + each * (i + 1) });
        const part = passed(settings, job, response);
        return [job, { ...share, part: { ...part, ...(over[i] && { overNothing: over[i] }) } }];
      }),
    );
  } catch (e) {
    if (!(e instanceof SqlError)) throw e;
    if (jobs.length === 1 || runner.stopped) return new Map();
    const middle = jobs.length >> 1;
    const first = await ask(runner, jobs.slice(0, middle), session);
    return new Map([...first, ...(await ask(runner, jobs.slice(middle), session))]);
  }
}

/** The result of a test that has found nothing. What counts as its statement is its own. */
function passed(settings: RunSettings, { node, compiled }: Job, response: Response): Part {
  const condition = (key: 'warn_if' | 'error_if'): string => String(node.config[key] ?? '!= 0');
  settings.files.run(node, testStatement(compiled?.sql ?? '', 'count(*)', condition('warn_if'), condition('error_if')));
  return partOf(settings, node, { relations: [], response, test: { failures: 0, shouldWarn: false, shouldError: false } });
}

/** The relation of a tested node, which only says how it is best read. */
function relationOf({ manifest, invocation }: RunSettings, id: string): Relation | undefined {
  const node = manifest.nodes.get(id) ?? manifest.sources.get(id);
  return node && nodeRelation(node, invocation.quoting);
}
