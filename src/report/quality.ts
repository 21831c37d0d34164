import type { QualityReport } from '../read/index.ts';
import { isBlocking, type Manifest, type Resource, type TestNode, type UnitTestNode } from '../resolve/index.ts';
import type { NodeResult, RunReport, Status } from '../run/index.ts';
import { outermost, position } from '../text/index.ts';
import { find, isTest, nameOf, subjectOf } from './describe.ts';
import { ownerOf, responsibleFor } from './owner.ts';
import { readRecords } from './records.ts';
import { jsonRows } from './table.ts';

export type { QualityReport } from '../read/index.ts';
export type QualityModel = QualityReport['models'][number];
export type QualityTest = QualityModel['tests'][number];
type Counts = Pick<QualityReport, 'passed' | 'warned' | 'failed' | 'errored' | 'skipped'>;
type Total = Counts & Pick<QualityReport, 'score'>;
type TestStatus = QualityTest['status'];

/** What is kept of a report for the history of later ones. */
export interface QualityRecord extends Total {
  readonly version: 1;
  readonly at: string;
  /** Scores by unique id. */
  readonly models: Readonly<Record<string, number | null>>;
  /** Ids of the tests that did not pass. */
  readonly failing: readonly string[];
}

/** What a report is made from besides results. */
interface QualityContext {
  readonly manifest: Manifest;
  readonly invocationId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly version: string;
  readonly command: string;
  readonly target: string;
  /** Oldest first. */
  readonly history: readonly QualityRecord[];
  readonly freshness: QualityReport['freshness'];
}

/** What a test counts for in a score, by its severity. */
const WEIGHTS = { error: 3, warn: 1 } as const;
/** How much of it a test gets by its status; what was skipped says nothing. */
const CREDITS: Readonly<Record<TestStatus, number | undefined>> = { pass: 1, warn: 0.5, fail: 0, error: 0, skipped: undefined };

/** The quality report of a run: its tests by what they look at, with scores. */
export function qualityReport(run: RunReport, c: QualityContext): QualityReport {
  const at = new Date(c.now).toISOString();
  const groups = new Map<string, QualityTest[]>();
  for (const result of run.results) {
    const resource = find(c.manifest, result.unique_id);
    const status = STATUSES[result.status];
    if (!resource || !isTest(resource) || status === undefined) continue;
    const subject = subjectOf(resource) ?? '';
    const test = testOf(resource, result, status, c, subject, at);
    const list = groups.get(subject);
    if (list) list.push(test);
    else groups.set(subject, [test]);
  }
  const models = [...groups].map(([id, tests]) => modelOf(id, tests, c, at));
  const order = (m: QualityModel): number => m.score ?? 101;
  models.sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  const all = models.flatMap((m) => m.tests);
  const total = { score: scoreOf(all), ...countsOf(all) };
  return {
    version: 1,
    generated_at: at,
    invocation_id: c.invocationId,
    dml_version: c.version,
    command: c.command,
    project: c.manifest.project.root.name,
    target: c.target,
    seconds: run.elapsed,
    ...total,
    models,
    freshness: c.freshness,
    history: [...c.history.map((past) => ({ at: past.at, ...totalOf(past) })), { at, ...total }],
  };
}

function totalOf({ score, passed, warned, failed, errored, skipped }: Total): Total {
  return { score, passed, warned, failed, errored, skipped };
}

/** What is kept of a report. */
export function recordOf(report: QualityReport): QualityRecord {
  const { generated_at: at, models } = report;
  const failing = models.flatMap((m) => m.tests.filter(hasProblem).map((t) => t.unique_id));
  return {
    version: 1,
    at,
    ...totalOf(report),
    models: Object.fromEntries(models.map((m) => [m.unique_id, m.score])),
    failing,
  };
}

/** The records of earlier reports, oldest first: the last hundred of those that can be read. */
export function readQualityRecords(text: string): readonly QualityRecord[] {
  return readRecords(text, isRecord).slice(-100);
}

/** A line of version 1 was written from {@link recordOf}. */
function isRecord(value: unknown): value is QualityRecord {
  const record = value as Partial<QualityRecord> | null;
  return record?.version === 1 && typeof record.at === 'string' && typeof record.models === 'object' && record.models !== null && Array.isArray(record.failing);
}

/** Whether there is something to mend. */
export function hasProblem(test: QualityTest): boolean {
  return test.status === 'warn' || test.status === 'fail' || test.status === 'error';
}

const STATUSES: Readonly<Partial<Record<Status, TestStatus>>> = {
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  error: 'error',
  'runtime error': 'error',
  skipped: 'skipped',
};

/** `warn` where a test can only warn. */
function severityOf(r: Resource): 'error' | 'warn' {
  return String(r.config['severity'] ?? '').toLowerCase() === 'warn' ? 'warn' : 'error';
}

/** The line that a resource is written at, from 1. */
function lineOf(r: Resource): number {
  const { file, start } = outermost(r.at);
  return position(file.text, start).line;
}

function testOf(r: TestNode | UnitTestNode, result: NodeResult, status: TestStatus, c: QualityContext, subject: string, at: string): QualityTest {
  const { sample } = result;
  const bad = status === 'fail' || status === 'warn' || status === 'error';
  return {
    unique_id: r.unique_id,
    name: r.resource_type === 'unit_test' ? r.name : nameOf(r),
    kind: r.resource_type === 'unit_test' ? 'unit' : 'data',
    generic: r.resource_type === 'test' ? (r.test_metadata?.name ?? null) : null,
    column: r.resource_type === 'test' ? r.column_name : null,
    description: r.description,
    status,
    severity: severityOf(r),
    blocking: isBlocking(r),
    failures: result.failures,
    message: status === 'error' ? (result.diagnostic?.message ?? result.message) : result.message,
    seconds: result.execution_time,
    owner: responsibleFor(r, c.manifest),
    tags: tagsOf(r),
    path: r.original_file_path,
    line: lineOf(r),
    sql: bad ? result.compiled_code : null,
    rows: sample ? { columns: sample.columns.map((col) => col.name), rows: rowsOf(sample) } : null,
    difference: result.diff ?? null,
    failing_since: bad ? failingSince(r.unique_id, subject, c.history, at) : null,
  };
}

/** The rows of a sample as JSON, cell by cell: two columns of a query may have the same name. */
export function rowsOf(sample: NonNullable<NodeResult['sample']>): (string | number | boolean | null)[][] {
  // By number, since two columns of a query may have the same name.
  const numbered = { ...sample, columns: sample.columns.map((col, i) => ({ ...col, name: String(i) })) };
  return jsonRows(numbered).map((row) => sample.columns.map((_, i) => row[String(i)] ?? null));
}

/** The tags of a resource. */
export function tagsOf(r: Resource): string[] {
  const tags = 'tags' in r ? r.tags : r.config['tags'];
  return Array.isArray(tags) ? tags.map(String) : [];
}

/** The first of the last reports on its model in which a test has failed without a break. */
function failingSince(id: string, subject: string, history: readonly QualityRecord[], at: string): string {
  let since = at;
  for (let i = history.length - 1; i >= 0; i--) {
    const record = history[i] as QualityRecord;
    if (!(subject in record.models)) continue;
    if (!record.failing.includes(id)) break;
    since = record.at;
  }
  return since;
}

function modelOf(id: string, tests: QualityTest[], c: QualityContext, at: string): QualityModel {
  const r = find(c.manifest, id);
  const { root } = c.manifest.project;
  const score = scoreOf(tests);
  const past = c.history.flatMap((record) => (id in record.models ? [{ at: record.at, score: record.models[id] ?? null }] : []));
  const rank = (t: QualityTest): number => ['error', 'fail', 'warn', 'skipped', 'pass'].indexOf(t.status);
  return {
    unique_id: id,
    // A test that reads nothing belongs to the project.
    name: r ? nameOf(r) : root.name,
    resource_type: r?.resource_type ?? 'project',
    description: r && 'description' in r ? r.description : '',
    path: r?.original_file_path ?? 'dbt_project.yml',
    owner: r ? ownerOf(r, c.manifest) : null,
    tags: r ? tagsOf(r) : [],
    score,
    ...countsOf(tests),
    history: [...past, { at, score }],
    upstream: reach(id, c.manifest.parents, c.manifest),
    downstream: reach(id, c.manifest.children, c.manifest),
    tests: tests.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)),
  };
}

/** Ids of all that can be reached from a node, nearest first, without tests. */
function reach(id: string, edges: ReadonlyMap<string, readonly string[]>, manifest: Manifest): string[] {
  const seen = new Set([id]);
  // A set goes on over what is added to it meanwhile.
  for (const at of seen)
    for (const next of edges.get(at) ?? []) {
      const r = find(manifest, next);
      if (r && !isTest(r)) seen.add(next);
    }
  seen.delete(id);
  return [...seen];
}

/** The weight of what tests reached in the weight of all that ran, from 0 to 100 with one decimal; null where none ran. */
function scoreOf(tests: readonly QualityTest[]): number | null {
  let reached = 0;
  let all = 0;
  for (const { severity, status } of tests) {
    const credit = CREDITS[status];
    if (credit === undefined) continue;
    all += WEIGHTS[severity];
    reached += WEIGHTS[severity] * credit;
  }
  // Downwards: only what is whole is 100.
  return all === 0 ? null : Math.floor((reached / all) * 1000) / 10;
}

function countsOf(tests: readonly QualityTest[]): Counts {
  const count = (status: TestStatus): number => tests.filter((t) => t.status === status).length;
  return { passed: count('pass'), warned: count('warn'), failed: count('fail'), errored: count('error'), skipped: count('skipped') };
}
