import path from 'node:path';
import { hasSecrets, scrub } from '../context/index.ts';
import {
  debugLine,
  diagnosticLine,
  diagnosticPaint,
  jsonLine,
  type Level,
  type LineSettings,
  Live,
  type LogLine,
  logLines,
  type Paint,
  paint,
  passes,
  plural,
  textLine,
} from '../report/index.ts';
import type { JsonMap, Manifest } from '../resolve/index.ts';
import type { Event } from '../run/index.ts';
import { type Diagnostic, renderDiagnostic } from '../text/index.ts';
import { LogFile } from './files.ts';
import type { Flags } from './flags.ts';
import { isDbt, type World } from './world.ts';

/** The events that a brief display leaves out. */
const SPOKEN: ReadonlySet<Event['kind']> = new Set(['node-started', 'node-finished', 'run-finished']);

/** dbt's events for errors that end a command or a macro, and the words they begin with. */
const ENDING = {
  command: ['MainEncounteredError', 'Z002', 'Encountered an error:\n'],
  operation: ['RunningOperationCaughtError', 'Q001', 'Encountered an error while running operation: '],
} as const;

/** Whether a brief display leaves an event out; `nodes`: only those of nodes. */
function leavesOut(brief: boolean | 'nodes', event: Event): boolean {
  return brief !== false && SPOKEN.has(event.kind) && !(brief === 'nodes' && event.kind === 'run-finished');
}

/** Where everything a command says goes: the terminal's display or lines on stdout, and the log file. */
export class Console {
  readonly paint: Paint;
  /** Progress is a live display instead of lines. */
  readonly live: boolean;
  private readonly flags: Flags;
  private readonly world: World;
  private readonly log: LogFile | undefined;
  /** Text for stdout that is not written yet: a write for each line would cost a big run as much as rendering its SQL. */
  private held = '';
  /** A run is being shown: its timer writes what is held. */
  private running = false;

  constructor(flags: Flags, world: World, logDir: string | undefined) {
    this.flags = flags;
    this.world = world;
    const env = world.env;
    this.live = world.terminal !== undefined && flags.logFormat === 'default' && flags.logLevel === 'info' && !env['CI'] && env['TERM'] !== 'dumb';
    const colours = flags.useColors ?? (env['NO_COLOR'] ? false : world.terminal !== undefined && env['TERM'] !== 'dumb');
    this.paint = paint(colours && flags.logFormat !== 'json');
    this.log =
      logDir === undefined
        ? undefined
        : new LogFile(path.join(logDir, logName(flags, world)), flags.logFileMaxBytes, (text) => (hasSecrets(env) ? scrub(text, env) : text));
    if (flags.logFormatFile !== 'json')
      this.log?.write(
        `\n\n============================== ${new Date(world.now()).toISOString().slice(11, 23)} | ${world.invocationId} ==============================`,
      );
  }

  /** A log line: to stdout as the flags say, and to the log file. `shown: false` keeps it from a live display's screen. */
  line(line: LogLine, shown = true): void {
    this.keep(line);
    if (!shown && this.live) return;
    const least = this.flags.logLevel;
    if (!line.output && !passes(line.level, least)) return;
    // Outside of a run the lines of one moment are written together, right after it.
    if (this.held === '' && !this.running) queueMicrotask(() => this.flush());
    this.held += `${this.format(line, this.live ? 'plain' : this.flags.debug && this.flags.logFormat === 'default' ? 'debug' : this.flags.logFormat)}\n`;
  }

  private flush(): void {
    const text = this.held;
    this.held = '';
    if (text !== '') this.world.stdout.write(text);
  }

  private keep(line: LogLine): void {
    if (!passes(line.level, this.flags.logLevelFile)) return;
    this.log?.write(this.format(line, this.flags.logFormatFile === 'default' ? 'debug' : this.flags.logFormatFile));
  }

  private format(line: LogLine, format: 'plain' | 'default' | 'text' | 'debug' | 'json'): string {
    switch (format) {
      case 'json':
        return jsonLine(line, { invocationId: this.world.invocationId, pid: this.world.pid });
      case 'debug':
        return debugLine(line);
      case 'plain':
        return line.message;
      default:
        return textLine(line);
    }
  }

  /** Tells something under one of dbt's event names. */
  say(name: string, code: string, message: string, data: JsonMap = {}, level: Level = 'info', shown = true): void {
    this.line({ time: this.world.now(), level, name, code, message, data, thread: 'MainThread' }, shown);
  }

  /** What the user asked for: goes to stdout whatever the log level is. */
  output(message: string, name = 'PrintEvent', code = 'Z052', data: JsonMap = { msg: message }): void {
    this.line({ time: this.world.now(), level: 'info', name, code, message, data, thread: 'MainThread', output: true });
  }

  /** A warning or note. */
  tell(d: Diagnostic): void {
    this.line(diagnosticLine(d, this.world.now(), this.paint));
  }

  /** Errors that end the command, or the macro of `run-operation`: dbt's head line, then each diagnostic, then how many there were. */
  errors(all: readonly Diagnostic[], of: 'command' | 'operation' = 'command'): void {
    const errors = all.filter((d) => d.severity === 'error');
    const rendered = errors.map((d) => renderDiagnostic(d, diagnosticPaint(this.paint))).join('\n\n');
    const warnings = all.filter((d) => d.severity === 'warning').length;
    const count = `${plural(errors.length, 'error')}${warnings > 0 ? `, ${plural(warnings, 'warning')}` : ''}`;
    const family = familyOf(errors[0]);
    const [name, code, head] = ENDING[of];
    if (this.live) {
      this.say(name, code, `${rendered}\n\n${this.paint('red', count)}`, { exc: `${family}\n${rendered}` }, 'error');
      return;
    }
    const body = `${family}\n${rendered.replace(/^(?=.)/gm, '  ')}`;
    this.say(name, code, `${head}${body}`, { exc: body }, 'error');
    this.say('Note', 'Z050', count, { msg: count }, 'error');
  }

  /**
   * Starts showing a run; answers the function that takes its events. `done` must be called in the end. `brief`: for a command whose result is something
   * else than the run (compiled SQL, a catalog): nodes leave no lines, as with dbt.
   */
  run(manifest: Manifest, brief: boolean | 'nodes' = false): { readonly emit: (event: Event) => void; readonly done: () => void } {
    const settings: LineSettings = { manifest, paint: this.paint, width: this.flags.printerWidth, print: this.flags.print };
    // The debug log tells of these nodes too.
    const linesOf = (event: Event) => logLines(event, settings).filter((line) => line.level === 'debug' || !leavesOut(brief, event));
    const silent = (event: Event) =>
      event.kind === 'diagnostic' && event.diagnostic.severity === 'warning' && this.flags.warnings.diagnostic(event.diagnostic) === 'silent';
    const toFile = (event: Event) => {
      for (const line of linesOf(event)) this.keep(line);
    };
    if (!this.live) {
      const emit = (event: Event) => {
        if (!silent(event)) for (const line of linesOf(event)) this.line(line);
      };
      this.running = true;
      const stop = this.world.every(50, () => this.flush());
      const done = () => {
        stop();
        this.running = false;
        this.flush();
        this.log?.flush();
      };
      return { emit, done };
    }
    const size = this.world.terminal ?? (() => ({ columns: 80, rows: 24 }));
    const live = new Live({ manifest, paint: this.paint, size, print: this.flags.print, brief: brief === true });
    const write = (text: string) => {
      this.flush();
      if (text !== '') this.world.stdout.write(text);
    };
    const stop = this.world.every(100, () => {
      write(live.tick(this.world.now()));
      this.log?.flush();
    });
    const emit = (event: Event) => {
      if (silent(event)) return;
      toFile(event);
      write(live.event(event));
    };
    const done = () => {
      stop();
      write(live.close());
      this.log?.flush();
    };
    return { emit, done };
  }

  /** Writes what is still held back. */
  close(): void {
    this.flush();
    this.log?.flush();
  }
}

/** The log's name. Programs that ask for structured lines look for them where dbt writes its own. */
export function logName(flags: Flags, world: World): string {
  return flags.logFormatFile === 'json' || isDbt(world) ? 'dbt.log' : 'dml.log';
}

/** dbt's name for the kind of an error, which tools read in the first line. */
function familyOf(d: Diagnostic | undefined): string {
  if (d?.family !== undefined) return d.family;
  const code: string = d?.code ?? '';
  if (/^(yaml|project|property|properties|seed-hook|constraint)-/.test(code)) return 'Parsing Error';
  if (
    /^(profile|selector|vars|target|database|adapter|file|packages?|sql|connection|bad|node-not|nothing|init|clean|state|retry|git|shim|contract-broken)-?/.test(
      code,
    )
  )
    return 'Runtime Error';
  return 'Compilation Error';
}

/** A mistake of the command line: on stderr, as dbt's own parser prints it. */
export function usageText(d: Diagnostic, usage: string, colour: Paint): string {
  const hint = d.hint === undefined ? '' : `\n  ${colour('green', 'hint')}: ${d.hint}`;
  return `Usage: ${usage} [options]\nTry '${usage} --help' for help.\n\n${colour('red', 'Error')}: ${d.message}${hint}\n`;
}

/** dml's own mistake as a diagnostic-like text: asks for a report and names the log. */
export function crashText(error: unknown, log: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error);
  return `Internal error: ${message}\n  This is a mistake in dml, not in your project. Please report it${log === undefined ? '' : ` with the details in ${log}`}.`;
}
