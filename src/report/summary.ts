import type { NodeResult, RunReport } from '../run/index.ts';
import { renderDiagnostic } from '../text/index.ts';
import { ageText, find, nodeInfo, outcomeOf, placeOf, ranLine, tally } from './describe.ts';
import { EMPTY_LINE, type LineSettings, type Part } from './lines.ts';
import type { Level } from './log.ts';
import { diagnosticPaint, type Paint, plural } from './paint.ts';
import { sampleLines } from './table.ts';

/** The lines below the nodes: how long it took, each failure and warning once more, and the count of outcomes. */
export function summary(report: RunReport, s: LineSettings): readonly Part[] {
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
        ? { name: 'RunResultWarningMessage', code: 'Z046', level, message: cause, data }
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

/** All that there is to say of a result that is no success: why, where, a few failing rows, the difference of a unit test. */
export function whatHappened(result: NodeResult, s: Pick<LineSettings, 'manifest' | 'paint'>): string {
  return [causeOf(result, s), detailsOf(result, s)].filter((part) => part !== '').join('\n');
}

/** Where dml knows the place, its diagnostic says all that dbt's message says, and more; dbt's own words come before it where programs look for them. */
function causeOf({ message, diagnostic }: NodeResult, s: Pick<LineSettings, 'paint'>): string {
  if (!diagnostic?.at) return message ?? '';
  return [...(diagnostic.dbt === undefined ? [] : [message ?? '']), renderDiagnostic(diagnostic, diagnosticPaint(s.paint))].join('\n');
}

/** What dml knows beyond dbt's message: where a test is written, sample rows, the difference of a unit test. */
function detailsOf(result: NodeResult, s: Pick<LineSettings, 'manifest' | 'paint'>): string {
  const parts: string[] = [];
  const r = find(s.manifest, result.unique_id);
  if (r !== undefined && !result.diagnostic?.at) parts.push(`at ${placeOf(r)}`);
  parts.push(...sampleLines(result, 110, s.paint).map(indented));
  if (result.diff !== undefined) parts.push(indented(result.diff.trimEnd()));
  if (result.freshness) parts.push(ageText(result.freshness));
  return indented(parts.join('\n')).trimEnd();
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
