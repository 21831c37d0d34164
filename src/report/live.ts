import type { Manifest } from '../resolve/index.ts';
import type { Event, NodeResult, NodeStart, RunReport } from '../run/index.ts';
import { type Diagnostic, renderDiagnostic } from '../text/index.ts';
import { ageText, duration, find, kindOf, nameOf, outcomeOf, overNothing, placeOf, relationOf, tally } from './describe.ts';
import { clip, diagnosticPaint, type Paint, pad, plural, width } from './paint.ts';
import { sampleLines } from './table.ts';

export interface LiveSettings {
  readonly manifest: Manifest;
  readonly paint: Paint;
  /** The terminal's size now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly print: boolean;
  /** Nodes that went well leave no line, and the run no summary: for commands whose result is something else. */
  readonly brief?: boolean;
}

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
// Between these two a terminal that knows them shows nothing, so a redraw never flickers.
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR = 16;

/**
 * The display of a run at a terminal: finished nodes scroll by as one line each; below them stand the running ones with their time, and a progress line.
 * Every method answers the text to write; {@link Live.close} must be written in the end, whatever happens, since it shows the cursor again.
 */
export class Live {
  private readonly s: LiveSettings;
  private readonly running = new Map<string, { readonly node: NodeStart; readonly since: number; readonly batch?: string }>();
  private readonly total: { nodes: number; done: number; failed: number; warned: number } = { nodes: 0, done: 0, failed: 0, warned: 0 };
  private startedAt: number | undefined;
  private hooks = false;
  private frame = 0;
  private drawn: readonly string[] = [];
  private hidden = false;
  /** Text already written that did not end its line. */
  private pending: string[] = [];

  constructor(settings: LiveSettings) {
    this.s = settings;
  }

  /** Takes an event; answers what to write for it (nothing, where the next redraw shows it). */
  event(event: Event): string {
    switch (event.kind) {
      case 'run-started':
        this.startedAt = event.time;
        return '';
      case 'hooks-started':
        this.hooks = true;
        return '';
      case 'node-started':
        this.running.set(event.node.unique_id, { node: event.node, since: event.time });
        if (event.node.resource_type !== 'operation') this.total.nodes = event.node.total;
        return '';
      case 'batch-started': {
        const running = this.running.get(event.node.unique_id);
        if (running) this.running.set(event.node.unique_id, { ...running, batch: `${event.batch.index}/${event.batch.total}` });
        return '';
      }
      case 'batch-finished':
        return '';
      case 'node-finished': {
        this.running.delete(event.node.unique_id);
        this.count(event.node, event.result);
        if (!this.s.brief) this.pending.push(this.finishedLine(event.node, event.result));
        return '';
      }
      case 'log':
        if (event.level !== 'debug') this.pending.push(event.level === 'warn' ? this.s.paint('yellow', event.message) : event.message);
        return '';
      case 'print':
        if (this.s.print) this.pending.push(event.message);
        return '';
      case 'diagnostic':
        this.pending.push(renderDiagnostic(event.diagnostic, diagnosticPaint(this.s.paint)));
        return '';
      case 'statement':
      case 'answer':
        return '';
      case 'run-finished':
        this.running.clear();
        this.startedAt = undefined;
        return this.close() + (this.s.brief ? '' : runSummary(event.report, { ...this.s, columns: this.s.size().columns }));
    }
  }

  /** Redraws: new lines above, then the running nodes and the progress line. `now` in milliseconds since the epoch. */
  tick(now: number): string {
    if (this.startedAt === undefined && this.pending.length === 0 && this.running.size === 0) return '';
    this.frame++;
    const { columns, rows } = this.s.size();
    const live = this.liveLines(now, columns, rows);
    const lines = [...this.pending.flatMap((l) => l.split('\n')), ...live];
    const out = `${this.hidden ? '' : HIDE}${BEGIN}${this.toTop(columns)}${lines.map((l) => `${l}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}${END}`;
    this.hidden = true;
    this.pending = [];
    this.drawn = live;
    return out;
  }

  /** Ends the display: what is still to be said, no live rows, the cursor shown. */
  close(): string {
    const { columns } = this.s.size();
    const lines = this.pending.flatMap((l) => l.split('\n'));
    const out = `${this.hidden ? BEGIN : ''}${this.toTop(columns)}${lines.map((l) => `${l}${CLEAR_LINE}\n`).join('')}${this.hidden ? CLEAR_BELOW + END + SHOW : ''}`;
    this.pending = [];
    this.drawn = [];
    this.hidden = false;
    return out;
  }

  private count(node: NodeStart, result: NodeResult): void {
    if (node.resource_type === 'operation') return;
    this.total.nodes = node.total;
    this.total.done++;
    const outcome = outcomeOf(result.status);
    if (outcome === 'error') this.total.failed++;
    if (outcome === 'warn') this.total.warned++;
  }

  /** Back to the first live row. A narrower window has wrapped the rows drawn for the wider one, so their height is counted anew. */
  private toTop(columns: number): string {
    let height = 0;
    for (const line of this.drawn) height += Math.max(1, Math.ceil(width(line) / Math.max(1, columns)));
    return height === 0 ? '' : `\u001b[${height}A\r`;
  }

  private liveLines(now: number, columns: number, rows: number): readonly string[] {
    const room = Math.max(1, Math.min(rows - 3, 16));
    const all = [...this.running.values()];
    const shown = all.slice(0, all.length > room ? room - 1 : room);
    const spinner = SPINNER[this.frame % SPINNER.length] ?? '';
    const lines = shown.map(({ node, since, batch }) => {
      const r = find(this.s.manifest, node.unique_id);
      return this.row(
        this.s.paint('cyan', spinner),
        kindOf(r, node.resource_type),
        relationText(this.s.manifest, node),
        `${batch === undefined ? '' : `batch ${batch}  `}${duration((now - since) / 1000)}`,
        columns,
      );
    });
    if (all.length > shown.length) lines.push(this.s.paint('dim', `  and ${all.length - shown.length} more`));
    lines.push(clip(this.progress(now, columns), columns - 1));
    return lines;
  }

  private progress(now: number, columns: number): string {
    const { nodes, done, failed, warned } = this.total;
    const seconds = this.startedAt === undefined ? 0 : (now - this.startedAt) / 1000;
    if (nodes === 0) return this.s.paint('dim', `${this.hooks ? 'running hooks' : 'starting'}  ${duration(seconds)}`);
    const filled = Math.round((done / Math.max(1, nodes)) * BAR);
    const bar = columns < 50 ? '' : `${this.s.paint(failed > 0 ? 'red' : 'green', '▰'.repeat(filled))}${this.s.paint('dim', '▱'.repeat(BAR - filled))} `;
    const parts = [`${bar}${done}/${nodes}`];
    if (failed > 0) parts.push(this.s.paint('red', `${failed} failed`));
    if (warned > 0) parts.push(this.s.paint('yellow', plural(warned, 'warning')));
    parts.push(this.s.paint('dim', duration(seconds)));
    return parts.join('  ');
  }

  private finishedLine(node: NodeStart, result: NodeResult): string {
    const { columns } = this.s.size();
    const r = find(this.s.manifest, node.unique_id);
    const outcome = outcomeOf(result.status);
    const took = outcome === 'skip' || outcome === 'noop' ? '' : duration(result.execution_time);
    const count = countText(result);
    return this.row(
      glyph(outcome, this.s.paint),
      kindOf(r, node.resource_type),
      relationText(this.s.manifest, node),
      `${count}${count !== '' && took !== '' ? '  ' : ''}${pad(took, 6, true)}`,
      columns,
    );
  }

  private row(mark: string, kind: string, name: string, right: string, columns: number): string {
    // One column stays free: a terminal wraps a line that fills its last one.
    const space = Math.max(10, Math.min(columns, 120) - 1 - 2 - 13 - width(right) - 1);
    return `${mark} ${this.s.paint('dim', pad(clip(kind, 12), 12))} ${pad(clip(name, space), space)} ${this.s.paint('dim', right)}`;
  }
}

function glyph(outcome: 'pass' | 'warn' | 'error' | 'skip' | 'noop', paint: Paint): string {
  return { pass: paint('green', '✓'), warn: paint('yellow', '!'), error: paint('red', '✗'), skip: paint('dim', '○'), noop: paint('dim', '·') }[outcome];
}

function countText(result: NodeResult): string {
  if (result.status === 'fail' || result.status === 'warn') return plural(result.failures ?? 0, 'failing row');
  if (result.status === 'skipped') return 'skipped';
  if (result.overNothing) return overNothing(result);
  return result.rows === null ? '' : `${result.rows.toLocaleString('en-US')} ${result.rows === 1 ? 'row' : 'rows'}`;
}

function relationText(manifest: Manifest, node: NodeStart): string {
  const r = find(manifest, node.unique_id);
  if (!r || node.resource_type === 'operation') return node.description.replace(/^hook: /, '');
  return 'alias' in r && r.resource_type !== 'test' ? `${r.schema}.${r.alias}` : r.resource_type === 'source' ? relationOf(node) : nameOf(r);
}

/** The end of a run at a terminal: each failure with its place, cause and sample rows, what was skipped for it, then the totals. */
function runSummary(report: RunReport, s: { readonly manifest: Manifest; readonly paint: Paint; readonly columns: number }): string {
  const out: string[] = [];
  const bad = report.results.filter((r) => outcomeOf(r.status) === 'error');
  const warned = report.results.filter((r) => r.status === 'warn');
  for (const result of [...warned, ...bad]) out.push('', ...failureLines(result, s));
  const skipped = report.results.filter((r) => r.status === 'skipped');
  if (skipped.length > 0) out.push('', ...skippedLines(skipped, report.interrupted, s));
  const t = tally(report.results);
  const counts = [
    t.error > 0 ? s.paint('red', `${t.error} failed`) : '',
    t.warn > 0 ? s.paint('yellow', plural(t.warn, 'warning')) : '',
    t.skip > 0 ? `${t.skip} skipped` : '',
    s.paint(t.error > 0 ? 'dim' : 'green', `${t.pass} passed`),
    t.noop > 0 ? s.paint('dim', `${t.noop} no-op`) : '',
  ].filter((c) => c !== '');
  const head = report.interrupted
    ? s.paint('yellow', 'interrupted:')
    : t.error > 0
      ? s.paint('red', '✗')
      : t.warn > 0
        ? s.paint('yellow', '!')
        : s.paint('green', '✓');
  out.push('', `${head} ${counts.join(', ')} of ${t.total} in ${duration(report.elapsed)}`);
  return `${out.join('\n')}\n`;
}

function failureLines(result: NodeResult, s: { readonly manifest: Manifest; readonly paint: Paint; readonly columns: number }): readonly string[] {
  const r = find(s.manifest, result.unique_id);
  const warning = result.status === 'warn';
  const mark = warning ? s.paint('yellow', '! warning') : s.paint('red', result.status === 'fail' ? '✗ failed' : '✗ error');
  const out = [
    `${mark}  ${r?.resource_type ?? ''} ${s.paint('bold', r ? nameOf(r) : result.unique_id)}${r && !result.diagnostic?.at ? s.paint('cyan', `  ${placeOf(r)}`) : ''}`,
  ];
  if (result.diagnostic) out.push(...indent(diagnosticText(result.diagnostic, s.paint)));
  else if (result.message) out.push(...indent(result.message));
  const sample = sampleLines(result, Math.max(20, s.columns - 4), s.paint);
  if (sample.length > 0) out.push('', ...indent(sample.join('\n'), 4));
  if (result.freshness) out.push(`  ${ageText(result.freshness)}`);
  if (result.diff !== undefined) out.push('', ...indent(result.diff.trimEnd(), 4));
  if (result.compiledPath !== undefined) out.push(`  ${s.paint('dim', `compiled: ${result.compiledPath}`)}`);
  if (r?.resource_type === 'test' && r.config['store_failures'] === true && result.relation_name)
    out.push(`  ${s.paint('dim', `all failing rows: select * from ${result.relation_name}`)}`);
  return out;
}

function diagnosticText(d: Diagnostic, paint: Paint): string {
  return renderDiagnostic(d, diagnosticPaint(paint));
}

function skippedLines(
  skipped: readonly NodeResult[],
  interrupted: boolean,
  s: { readonly manifest: Manifest; readonly paint: Paint; readonly columns: number },
): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const result of skipped) {
    const cause = result.skippedFor ?? '';
    const r = find(s.manifest, result.unique_id);
    groups.set(cause, [...(groups.get(cause) ?? []), r ? nameOf(r) : result.unique_id]);
  }
  return [...groups].map(([cause, names]) => {
    const r = cause === '' ? undefined : find(s.manifest, cause);
    const what = cause !== '' ? `skipped because of ${r ? nameOf(r) : cause}` : interrupted ? 'not finished' : 'skipped';
    return clip(`${s.paint('dim', '○')} ${what}: ${names.join(', ')}`, Math.max(40, s.columns - 1));
  });
}

function indent(text: string, by = 2): readonly string[] {
  return text.split('\n').map((l) => (l === '' ? l : ' '.repeat(by) + l));
}
