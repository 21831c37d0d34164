import type { JsonMap, Manifest } from '../resolve/index.ts';
import type { BatchStart, Event, NodeResult, NodeStart, RunReport } from '../run/index.ts';
import { type Diagnostic, renderDiagnostic } from '../text/index.ts';
import { ageText, find, nameOf, nodeInfo, outcomeOf, placeOf, ranLine, relationOf, tally } from './describe.ts';
import type { Level, LogLine } from './log.ts';
import { diagnosticPaint, type Paint, plural, width } from './paint.ts';
import { smallTable, worthShowing } from './table.ts';

export interface LineSettings {
  readonly manifest: Manifest;
  readonly paint: Paint;
  /** `--printer-width`: where the dots of a line end. */
  readonly width: number;
  /** `--print`: whether `print()` of templates is shown. */
  readonly print: boolean;
}

type Part = Pick<LogLine, 'name' | 'code' | 'message'> & Partial<Pick<LogLine, 'level' | 'data' | 'thread' | 'output'>>;

const EMPTY_LINE: Part = { name: 'Formatting', code: 'Z017', message: '', data: { msg: '' } };

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
      return [];
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
      const node = event.node === undefined || !find(s.manifest, event.node) ? {} : { node_info: nodeInfo(s.manifest, event.node, 'started') };
      const data = { conn_name: connection, sql: event.sql, ...node };
      return [{ name: 'SQLQuery', code: 'E016', level: 'debug', message: `On ${connection}: ${event.sql}`, data }];
    }
    case 'diagnostic':
      return [diagnosticPart(event.diagnostic, s.paint)];
    case 'run-finished':
      return summary(event.report, s);
  }
}

/** A diagnostic as a log line: dbt's event where it has one of the same meaning, a note otherwise. */
export function diagnosticLine(d: Diagnostic, time: number, paint: Paint): LogLine {
  return { time, level: 'info', thread: 'MainThread', data: {}, ...diagnosticPart(d, paint) };
}

function diagnosticPart(d: Diagnostic, paint: Paint): Part {
  const level: Level = d.severity === 'error' ? 'error' : d.severity === 'warning' ? 'warn' : 'info';
  const message = renderDiagnostic(d, diagnosticPaint(paint));
  if (d.code === 'nothing-selected') {
    const text = d.hint === undefined ? d.message : `${d.message}; ${d.hint}`;
    return {
      name: 'NoNodesForSelectionCriteria',
      code: 'M030',
      level,
      message: paint('yellow', text),
      data: { spec_raw: /'(.*)'/.exec(d.message)?.[1] ?? '' },
    };
  }
  return { name: 'Note', code: 'Z050', level, message, data: { msg: d.message, code: d.code } };
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
  const parts: Part[] = [
    {
      ...line,
      level: bad ? 'error' : result.status === 'warn' ? 'warn' : 'info',
      thread: node.thread,
      data: { ...line.data, index: node.index, node_info: info },
    },
  ];
  if (node.resource_type !== 'operation') {
    parts.push({
      name: 'NodeFinished',
      code: 'Q025',
      level: 'debug',
      message: `Finished running node ${node.unique_id}`,
      thread: node.thread,
      data: { node_info: info, run_result: runResult(result) },
    });
  }
  return parts;
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
        message: dots(`${label} ${name}`, s.paint(colour, label), seconds),
        data: {
          ...common,
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

function summary(report: RunReport, s: LineSettings): readonly Part[] {
  const out: Part[] = [EMPTY_LINE];
  const whole = Math.floor(report.elapsed);
  const execution = ` in ${Math.floor(whole / 3600)} hours ${Math.floor(whole / 60) % 60} minutes and ${(report.elapsed % 60).toFixed(2)} seconds`;
  const ran = ranLine(s.manifest, report.results);
  // As dbt: a clone is not said to have run anything.
  if (report.kind !== 'clone')
    out.push({
      name: 'FinishedRunningStats',
      code: 'E047',
      message: `Finished running ${ran}${execution} (${report.elapsed.toFixed(2)}s).`,
      data: { stat_line: ran, execution, execution_time: report.elapsed },
    });
  if (report.kind === 'freshness') {
    for (const r of report.results) if (outcomeOf(r.status) === 'error') out.push(...failure(r, false, s));
    out.push({ name: 'FreshnessCheckComplete', code: 'Q003', message: 'Done.' });
    return out;
  }
  const errors = report.results.filter((r) => outcomeOf(r.status) === 'error' && r.status !== 'partial success');
  const warnings = report.results.filter((r) => r.status === 'warn');
  const partial = report.results.filter((r) => r.status === 'partial success');
  if (report.kind !== 'clone') out.push(EMPTY_LINE);
  out.push(endOfRun(errors.length, warnings.length, partial.length, report.interrupted, s.paint));
  for (const r of [...errors, ...partial]) out.push(...failure(r, false, s));
  for (const r of warnings) out.push(...failure(r, true, s));
  const t = tally(report.results);
  out.push(EMPTY_LINE, {
    name: 'StatsLine',
    code: 'Z023',
    message: `Done. PASS=${t.pass} WARN=${t.warn} ERROR=${t.error} SKIP=${t.skip} NO-OP=${t.noop} TOTAL=${t.total}`,
    data: { stats: t },
  });
  return out;
}

function endOfRun(errors: number, warnings: number, partial: number, interrupted: boolean, paint: Paint): Part {
  const data = { num_errors: errors, num_warnings: warnings, num_partial_success: partial, keyboard_interrupt: interrupted };
  const warned = plural(warnings, 'warning');
  const succeeded = plural(partial, 'partial success', 'partial successes');
  const message = interrupted
    ? paint('yellow', 'Exited because of keyboard interrupt')
    : errors > 0
      ? paint('red', `Completed with ${plural(errors, 'error')}, ${succeeded}, and ${warned}:`)
      : partial > 0
        ? paint('yellow', `Completed with ${succeeded} and ${warned}`)
        : warnings > 0
          ? paint('yellow', `Completed with ${warned}:`)
          : paint('green', 'Completed successfully');
  return { name: 'EndOfRunSummary', code: 'Z030', message, data };
}

function failure(result: NodeResult, warning: boolean, s: LineSettings): readonly Part[] {
  const r = find(s.manifest, result.unique_id);
  const info = nodeInfo(s.manifest, result.unique_id, result.status);
  const level: Level = warning ? 'warn' : 'error';
  const type = r?.resource_type ?? result.unique_id.split('.')[0] ?? '';
  const name = r?.name ?? result.unique_id;
  const path = r?.original_file_path ?? '';
  const head = { node_name: name, path, resource_type: type, node_info: info };
  const out: Part[] = [
    EMPTY_LINE,
    warning
      ? { name: 'RunResultWarning', code: 'Z021', level, message: s.paint('yellow', `Warning in ${type} ${name} (${path})`), data: head }
      : { name: 'RunResultFailure', code: 'Z022', level, message: s.paint('red', `Failure in ${type} ${name} (${path})`), data: head },
  ];
  const cause = causeOf(result, s);
  if (cause !== '') {
    const data = { msg: result.message ?? cause, node_info: info };
    out.push(
      warning
        ? { name: 'RunResultWarningMessage', code: 'Z046', level, message: indented(cause), data }
        : { name: 'RunResultError', code: 'Z024', level, message: indented(cause), data },
    );
  } else
    out.push({ name: 'RunResultErrorNoMessage', code: 'Z025', level, message: `  Status: ${result.status}`, data: { status: result.status, node_info: info } });
  const details = detailsOf(result, s);
  if (details !== '') out.push({ name: 'Note', code: 'Z050', level, message: details, data: { msg: details, node_info: info } });
  if (result.compiledPath !== undefined) {
    out.push(EMPTY_LINE, {
      name: 'SQLCompiledPath',
      code: 'Z026',
      message: `  compiled code at ${result.compiledPath}`,
      data: { path: result.compiledPath, node_info: info },
    });
  }
  const stored = r?.resource_type === 'test' && r.config['store_failures'] === true ? result.relation_name : null;
  if (stored) {
    const border = '-'.repeat(`select * from ${stored}`.length);
    out.push(EMPTY_LINE, {
      name: 'CheckNodeTestFailure',
      code: 'Z027',
      message: `  See test failures:\n  ${border}\n  select * from ${stored}\n  ${border}`,
      data: { relation_name: stored, node_info: info },
    });
  }
  return out;
}

/** Where dml knows the place, its diagnostic says all that dbt's message says, and more; dbt's own words come before it where programs look for them. */
function causeOf({ message, diagnostic }: NodeResult, s: LineSettings): string {
  if (!diagnostic?.at) return message ?? '';
  return [...(diagnostic.dbt === undefined ? [] : [message ?? '']), renderDiagnostic(diagnostic, diagnosticPaint(s.paint))].join('\n');
}

/** What dml knows beyond dbt's message: where a test is written, sample rows, the difference of a unit test. */
function detailsOf(result: NodeResult, s: LineSettings): string {
  const parts: string[] = [];
  const r = find(s.manifest, result.unique_id);
  if (r !== undefined && !result.diagnostic?.at) parts.push(`at ${placeOf(r)}`);
  if (result.sample && worthShowing(result.sample)) parts.push(indented(smallTable(result.sample, 110, s.paint)));
  if (result.diff !== undefined) parts.push(indented(result.diff.trimEnd()));
  if (result.freshness) parts.push(ageText(result.freshness));
  return indented(parts.join('\n')).trimEnd();
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
