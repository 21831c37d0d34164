import type { JsonMap } from '../resolve/index.ts';
import type { BatchStart, Event, NodeResult, NodeStart } from '../run/index.ts';
import { type Code, type Diagnostic, renderDiagnostic } from '../text/index.ts';
import { dbtEvent } from './dbt-events.ts';
import { find, nameOf, nodeInfo, outcomeOf, overNothing, relationOf } from './describe.ts';
import { EMPTY_LINE, type LineSettings, type Part } from './lines.ts';
import type { Level, LogLine } from './log.ts';
import { diagnosticPaint, type Paint, width } from './paint.ts';
import { summary } from './summary.ts';

/** A run's events as log lines, with dbt's names, codes and wording. */
export function logLines(event: Event, s: LineSettings): readonly LogLine[] {
  const time = 'time' in event ? event.time : 0;
  return partsOf(event, s).map((p) => ({ time, level: 'info', thread: 'MainThread', data: {}, ...p }));
}

function partsOf(event: Event, s: LineSettings): readonly Part[] {
  switch (event.kind) {
    case 'run-started':
      return [
        EMPTY_LINE,
        {
          name: 'ConcurrencyLine',
          code: 'Q027',
          message: `Concurrency: ${event.threads} threads (target='${event.target}')`,
          data: { num_threads: event.threads, target_name: event.target, node_count: Object.values(event.counts).reduce((a, b) => a + b, 0) },
        },
        EMPTY_LINE,
      ];
    case 'hooks-started':
      return event.name === 'on-run-end' ? [EMPTY_LINE] : [];
    case 'node-started':
      return started(event.node, event.time, s);
    case 'batch-started':
      return [batchLine(event.node, event.batch, 'START', 'RUN', s)];
    case 'batch-finished':
      return [batchLine(event.node, event.batch, ...batchEnd(event, s), s, event)];
    case 'node-finished':
      return finished(event.node, event.result, event.time, s);
    case 'log': {
      const name = event.level === 'debug' ? 'JinjaLogDebug' : event.level === 'warn' ? 'JinjaLogWarning' : 'JinjaLogInfo';
      const code = { JinjaLogDebug: 'I063', JinjaLogWarning: 'I061', JinjaLogInfo: 'I062' }[name];
      return [
        {
          name,
          code,
          level: event.level,
          message: event.message,
          data: { msg: event.message, ...(event.node !== undefined && { node_info: nodeInfo(s.manifest, event.node, 'executing') }) },
        },
      ];
    }
    case 'print':
      return s.print ? [{ name: 'PrintEvent', code: 'Z052', message: event.message, data: { msg: event.message }, output: true }] : [];
    case 'statement': {
      const connection = event.node ?? 'master';
      const data = { conn_name: connection, sql: event.sql, ...ofNode(event.node, s) };
      return [{ name: 'SQLQuery', code: 'E016', level: 'debug', message: `On ${connection}: ${event.sql}`, data }];
    }
    case 'answer': {
      const message = `SQL status: ${event.status} in ${event.seconds.toFixed(3)} seconds`;
      const data = { status: event.status, elapsed: event.seconds, query_id: '', ...ofNode(event.node, s) };
      return [{ name: 'SQLQueryStatus', code: 'E017', level: 'debug', message, data }];
    }
    case 'diagnostic':
      return [diagnosticPart(event.diagnostic, s.paint)];
    case 'run-finished':
      return summary(event.report, s);
  }
}

/** Whose statement it is. */
function ofNode(id: string | undefined, { manifest }: LineSettings): JsonMap {
  return id === undefined || !find(manifest, id) ? {} : { node_info: nodeInfo(manifest, id, 'started') };
}

/** A diagnostic as a log line: dbt's event where it has one of the same meaning, a note otherwise. */
export function diagnosticLine(d: Diagnostic, time: number, paint: Paint): LogLine {
  return { time, level: 'info', thread: 'MainThread', data: {}, ...diagnosticPart(d, paint) };
}

/** Warnings that stand alone on their line, in dbt's words: people look for them. */
const BARE: ReadonlySet<Code> = new Set<Code>(['nothing-selected', 'nothing-listed', 'nothing-to-do']);

function diagnosticPart(d: Diagnostic, paint: Paint): Part {
  const level: Level = d.severity === 'error' ? 'error' : d.severity === 'warning' ? 'warn' : 'info';
  const message = renderDiagnostic(d, diagnosticPaint(paint));
  const event = d.severity === 'error' ? undefined : dbtEvent(d.code);
  if (event && BARE.has(d.code)) {
    const text = d.hint === undefined ? d.message : `${d.message}; ${d.hint}`;
    return { ...event, level, message: paint('yellow', text), data: d.code === 'nothing-selected' ? { spec_raw: /'(.*)'/.exec(d.message)?.[1] ?? '' } : {} };
  }
  return { ...(event ?? { name: 'Note', code: 'Z050' }), level, message, data: { msg: d.message, code: d.code } };
}

/** dbt's line with dots: `1 of 4 START sql view model main.a ..... [RUN]`. */
export function dotted(message: string, status: string, index: number, total: number, to: number, seconds?: number): string {
  const prefix = `${index} of ${total} ${message} `;
  return `${prefix}${'.'.repeat(Math.max(0, to - width(prefix)))} [${status}${seconds === undefined ? '' : ` in ${seconds.toFixed(2)}s`}]`;
}

function started(node: NodeStart, time: number, s: LineSettings): readonly Part[] {
  const info = nodeInfo(s.manifest, node.unique_id, 'started', time);
  const base = { index: node.index, total: node.total, node_info: info };
  if (node.resource_type === 'operation') {
    const statement = node.description.replace(/^hook: /, '');
    return [
      {
        name: 'LogHookStartLine',
        code: 'Q032',
        message: dotted(`START hook: ${statement}`, 'RUN', node.index, node.total, s.width),
        thread: node.thread,
        data: { ...base, statement },
      },
    ];
  }
  return [
    { name: 'NodeStart', code: 'Q024', level: 'debug', message: `Began running node ${node.unique_id}`, thread: node.thread, data: { node_info: info } },
    {
      name: 'LogStartLine',
      code: 'Q011',
      message: dotted(`START ${node.description}`, 'RUN', node.index, node.total, s.width),
      thread: node.thread,
      data: { ...base, description: node.description },
    },
  ];
}

type BatchEnd = Extract<Event, { readonly kind: 'batch-finished' }>;

/** How the line of a batch that has ended begins and ends. */
function batchEnd({ status, message }: BatchEnd, s: LineSettings): readonly [verb: string, mark: string] {
  if (status === 'error') return ['ERROR creating', s.paint('red', 'ERROR')];
  return status === 'skipped' ? ['SKIP', s.paint('yellow', 'SKIPPED')] : ['OK created', s.paint('green', message)];
}

function batchLine(node: NodeStart, batch: BatchStart, verb: string, mark: string, s: LineSettings, end?: BatchEnd): Part {
  const description = `batch ${batch.name} of ${relationOf(node)}`;
  const info = nodeInfo(s.manifest, node.unique_id, end?.status ?? 'started');
  return {
    name: end ? 'LogBatchResult' : 'LogStartBatch',
    code: end ? 'Q046' : 'Q045',
    level: end?.status === 'error' ? 'error' : 'info',
    message: `Batch ${dotted(`${verb} ${description}`, mark, batch.index, batch.total, s.width, end?.seconds)}`,
    thread: node.thread,
    data: {
      description,
      batch_index: batch.index,
      total_batches: batch.total,
      node_info: info,
      ...(end && { status: end.status === 'success' ? end.message : end.status, execution_time: end.seconds }),
    },
  };
}

function finished(node: NodeStart, result: NodeResult, time: number, s: LineSettings): readonly Part[] {
  const begin = result.timing[0]?.started_at;
  const info = nodeInfo(s.manifest, node.unique_id, result.status, begin, time);
  const line = resultLine(node, result, s);
  const bad = outcomeOf(result.status) === 'error';
  const { thread } = node;
  const parts: Part[] = [];
  if (result.diagnostic && result.status === 'error' && node.resource_type !== 'operation') {
    const exc = result.message ?? result.diagnostic.message;
    parts.push({ name: 'CatchableExceptionOnRun', code: 'W002', level: 'debug', message: exc, thread, data: { exc, exc_info: '', node_info: info } });
  }
  parts.push({
    ...line,
    level: bad ? 'error' : result.status === 'warn' ? 'warn' : 'info',
    thread,
    data: { ...line.data, index: node.index, node_info: info, ...groupOf(node.unique_id, s) },
  });
  if (node.index === node.total && ON_RUN_START.test(node.description)) parts.push(EMPTY_LINE);
  if (node.resource_type !== 'operation') {
    parts.push({
      name: 'NodeFinished',
      code: 'Q025',
      level: 'debug',
      message: `Finished running node ${node.unique_id}`,
      thread,
      data: { node_info: info, run_result: runResult(result) },
    });
  }
  return parts;
}

/** The hooks before a run have an empty line below them, those after it one above. */
const ON_RUN_START = /^hook: .*\.on-run-start\.\d+$/;

/** The group a model or test belongs to, as dbt tells it. */
function groupOf(id: string, { manifest }: LineSettings): JsonMap {
  const r = find(manifest, id);
  const name = r && 'group' in r && (r.resource_type === 'model' || r.resource_type === 'test') ? r.group : undefined;
  const group = [...manifest.groups.values()].find((g) => g.name === name && g.package_name === r?.package_name);
  return group ? { group: { name: group.name, package_name: group.package_name, owner: group.owner } } : {};
}

function runResult(r: NodeResult): JsonMap {
  return {
    adapter_response: r.adapter_response,
    execution_time: r.execution_time,
    message: r.message ?? '',
    num_failures: r.failures ?? 0,
    status: r.status,
    thread: r.thread_id,
    timing_info: r.timing.map((t) => ({
      name: t.name,
      started_at: new Date(t.started_at).toISOString(),
      completed_at: new Date(t.completed_at).toISOString(),
    })),
  };
}

/** The line that tells how a node ended, without its level and node_info. */
function resultLine(node: NodeStart, result: NodeResult, s: LineSettings): Part & { readonly data: JsonMap } {
  const { status } = result;
  const seconds = result.execution_time;
  const dots = (message: string, mark: string, time?: number) => dotted(message, mark, node.index, node.total, s.width, time);
  const r = find(s.manifest, node.unique_id);
  const schema = r && 'schema' in r ? r.schema : '';
  const common = { status, execution_time: seconds };
  const failed = s.paint('red', 'ERROR');
  if (status === 'skipped') {
    const relation = r && 'alias' in r ? r.alias : (r?.name ?? relationOf(node));
    const what = ['model', 'seed', 'snapshot'].includes(node.resource_type)
      ? `relation ${schema}.${relation}`
      : `${node.resource_type} ${r?.name ?? relationOf(node)}`;
    return {
      name: 'SkippingDetails',
      code: 'Q034',
      message: dots(`SKIP ${what}`, s.paint('yellow', 'SKIP')),
      data: { resource_type: node.resource_type, schema, node_name: relation, total: node.total },
    };
  }
  if (status === 'no-op') {
    return {
      name: 'LogNodeNoOpResult',
      code: 'Q019',
      message: dots(`NO-OP ${node.description}`, s.paint('yellow', 'NO-OP'), seconds),
      data: { ...common, description: node.description, total: node.total },
    };
  }
  const bad = outcomeOf(status) === 'error';
  const mark = bad ? failed : s.paint('green', result.message ?? 'OK');
  switch (node.resource_type) {
    case 'test':
    case 'unit_test': {
      const name = r ? nameOf(r) : relationOf(node);
      const label = { pass: 'PASS', warn: `WARN ${result.failures ?? 0}`, fail: `FAIL ${result.failures ?? 0}` }[status as 'pass' | 'warn' | 'fail'] ?? 'ERROR';
      const colour = status === 'pass' ? 'green' : status === 'warn' ? 'yellow' : 'red';
      return {
        name: 'LogTestResult',
        code: 'Q007',
        message: dots(`${label} ${name}`, s.paint(result.overNothing ? 'yellow' : colour, [label, overNothing(result)].filter(Boolean).join(' ')), seconds),
        data: {
          ...common,
          ...(result.overNothing && { over_nothing: result.overNothing }),
          name,
          num_models: node.total,
          num_failures: result.failures ?? 0,
          attached_node: r && 'attached_node' in r ? (r.attached_node ?? '') : '',
        },
      };
    }
    case 'source':
      return freshnessLine(node, result, s);
    case 'function':
      return {
        name: 'LogFunctionResult',
        code: 'Q047',
        message: dots(`${bad ? 'ERROR creating' : 'OK created'} ${node.description}`, bad ? failed : s.paint('green', status.toUpperCase()), seconds),
        data: { ...common, description: node.description, total: node.total },
      };
    case 'seed':
      return {
        name: 'LogSeedResult',
        code: 'Q016',
        message: dots(`${bad ? 'ERROR loading' : 'OK loaded'} ${node.description}`, mark, seconds),
        data: { ...common, result_message: result.message ?? '', schema, relation: r && 'alias' in r ? r.alias : '', total: node.total },
      };
    case 'snapshot':
      return {
        name: 'LogSnapshotResult',
        code: 'Q015',
        message: dots(`${bad ? 'ERROR snapshotting' : 'OK snapshotted'} ${relationOf(node)}`, mark, seconds),
        data: { ...common, result_message: result.message ?? '', description: relationOf(node), cfg: {}, total: node.total },
      };
    case 'operation': {
      const statement = node.description.replace(/^hook: /, '');
      return {
        name: 'LogHookEndLine',
        code: 'Q033',
        message: dots(`${bad ? 'ERROR' : 'OK'} hook: ${statement}`, bad ? failed : s.paint('green', 'OK'), seconds),
        data: { ...common, statement, total: node.total },
      };
    }
    default: {
      const verb = status === 'partial success' ? 'PARTIALLY created' : bad ? 'ERROR creating' : 'OK created';
      return {
        name: 'LogModelResult',
        code: 'Q012',
        message: dots(`${verb} ${node.description}`, status === 'partial success' ? s.paint('yellow', result.message ?? 'PARTIAL SUCCESS') : mark, seconds),
        data: { ...common, status: bad ? status : (result.message ?? 'OK'), description: node.description, total: node.total },
      };
    }
  }
}

function freshnessLine(node: NodeStart, result: NodeResult, s: LineSettings): Part & { readonly data: JsonMap } {
  const r = find(s.manifest, node.unique_id);
  const [source, table] = r?.resource_type === 'source' ? [r.source_name, r.name] : ['', relationOf(node)];
  const [label, colour] = FRESHNESS[result.status] ?? ['ERROR', 'red'];
  return {
    name: 'LogFreshnessResult',
    code: 'Q018',
    message: dotted(`${label} ${node.description}`, s.paint(colour, label), node.index, node.total, s.width, result.execution_time),
    data: { status: result.status, source_name: source, table_name: table, total: node.total, execution_time: result.execution_time },
  };
}

const FRESHNESS: Readonly<Record<string, readonly [string, 'red' | 'yellow' | 'green']>> = {
  pass: ['PASS', 'green'],
  warn: ['WARN', 'yellow'],
  error: ['ERROR STALE', 'red'],
};
