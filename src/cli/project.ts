import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ListedMetric, listMetrics, type MetricsRequest, metricsSql, semanticsOf } from '../metrics/index.ts';
import type { PlanKind } from '../plan/index.ts';
import { jsonRows } from '../report/index.ts';
import type { Manifest } from '../resolve/index.ts';
import type { Event, Limit, RunReport } from '../run/index.ts';
import { type Diagnostic, DiagnosticError, diagnostic, renderDiagnostic } from '../text/index.ts';
import { commands } from './commands.ts';
import { choose, nothingSelected, open, reopen, type Scene, type Teller, writeArtifacts } from './context.ts';
import { Feed } from './feed.ts';
import { resolveFlags } from './flags.ts';
import type { Given } from './options.ts';
import { peek } from './peek.ts';
import { compileNodes, type Opened, runPlanned, type Shown, showNode } from './session.ts';
import type { World } from './world.ts';

/** Where a project is and how it is read. */
export interface ProjectOptions {
  /** The folder of dbt_project.yml. Relative paths in profiles are resolved against it. */
  readonly dir: string;
  /** The folder of profiles.yml; without it that of the project, then `~/.dbt`. */
  readonly profilesDir?: string | undefined;
  readonly profile?: string | undefined;
  readonly target?: string | undefined;
  /** Where SQL and artifacts are written; without it what dbt_project.yml says. Two projects that share a folder need one each. */
  readonly targetPath?: string | undefined;
  /** As `--vars`. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  /** What `env_var` sees, and the `DBT_…` variables that set flags. Nothing of the process is read unless it is given here: `env: process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Gives up opening the project. */
  readonly signal?: AbortSignal | undefined;
}

/** What to select: the flags of the command line of the same names. */
export interface SelectOptions {
  readonly select?: string | readonly string[] | undefined;
  readonly exclude?: string | readonly string[] | undefined;
  /** A name of selectors.yml. */
  readonly selector?: string | undefined;
  readonly indirectSelection?: 'eager' | 'cautious' | 'buildable' | 'empty' | undefined;
  readonly resourceTypes?: readonly string[] | undefined;
  readonly excludeResourceTypes?: readonly string[] | undefined;
  /** The folder with the artifacts of an earlier run, absolute or relative to the project. */
  readonly state?: string | undefined;
}

/** How to run: the flags of the command line of the same names. One that the command does not know is ignored. */
export interface RunOptions extends SelectOptions {
  readonly threads?: number | undefined;
  readonly fullRefresh?: boolean | undefined;
  readonly failFast?: boolean | undefined;
  readonly storeFailures?: boolean | undefined;
  readonly empty?: boolean | undefined;
  /** `3 days`, or `{start: 2026-01-01, end: 2026-02-01}`. */
  readonly sample?: string | undefined;
  readonly eventTimeStart?: string | undefined;
  readonly eventTimeEnd?: string | undefined;
  readonly defer?: boolean | undefined;
  readonly deferState?: string | undefined;
  readonly favorState?: boolean | undefined;
  readonly warnError?: boolean | undefined;
  /** false: no manifest.json and run_results.json are written. */
  readonly writeJson?: boolean | undefined;
  /** Gives the run up: what runs is interrupted, nothing more is begun, and the report says so. */
  readonly signal?: AbortSignal | undefined;
}

/** A run that goes on. Iterating answers all of its events from the first one, and ends with the run. */
export interface Run extends AsyncIterable<Event> {
  /** What became of each node: that a node failed is in the report. Rejects with a {@link ProjectError} where the run could not be made. */
  readonly result: Promise<RunReport>;
}

/** A project that cannot be opened or run, with everything that was found wrong. Its message is what the command would print. */
export class ProjectError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => renderDiagnostic(d)).join('\n\n'));
    this.name = 'ProjectError';
    this.diagnostics = diagnostics;
  }
}

/** Reads, parses and resolves a project; touches no database. Rejects with a {@link ProjectError}. Any number may be open side by side. */
export async function createProject(options: ProjectOptions): Promise<Project> {
  const { signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  const warnings: Diagnostic[] = [];
  const setting = settingOf(options);
  const opened = await told(() => open(setting.scene('parse', {}, signal, (event) => event.kind === 'diagnostic' && warnings.push(event.diagnostic))));
  signal.throwIfAborted();
  return new OpenProject(setting, opened, warnings);
}

/** The rows of a query, by the names of its columns. */
type QueryRows = readonly Readonly<Record<string, null | boolean | number | string>>[];

/** The metrics of a project. What is wrong with a request throws a {@link ProjectError}. */
export interface Metrics {
  /** What there is, and what each metric can be grouped by. */
  list(): readonly ListedMetric[];
  /** The SQL that computes metrics. */
  sql(request: MetricsRequest): string;
  /** Computes metrics: a column for each thing that is grouped by, and one for each metric. */
  query(request: MetricsRequest): Promise<QueryRows>;
}

/** An open project. What is asked of it is done one after the other: two runs of one database would get in each other's way. */
export interface Project {
  /** Absolute. */
  readonly dir: string;
  readonly manifest: Manifest;
  /** What reading the project warned of. */
  readonly warnings: readonly Diagnostic[];
  /** Seeds, models, snapshots and tests in the order of their dependencies. */
  build(options?: RunOptions): Run;
  run(options?: RunOptions): Run;
  test(options?: RunOptions): Run;
  seed(options?: RunOptions): Run;
  snapshot(options?: RunOptions): Run;
  /** The unique ids that `dml ls` lists. Throws a {@link ProjectError} where a selector cannot be understood. */
  select(wanted: string | SelectOptions): readonly string[];
  /** The SQL of one node, named as in `--select`. */
  compile(name: string, options?: RunOptions): Promise<string>;
  /** The rows of a query, which may hold templates: `select * from {{ ref('orders') }}`. */
  query(sql: string, options?: { readonly limit?: number }): Promise<QueryRows>;
  readonly metrics: Metrics;
  /** Interrupts what runs and waits for its end. The project then takes no more work. */
  close(): Promise<void>;
}

type Hear = (event: Event) => void;

/** How the commands of a project are set up. */
interface Setting {
  readonly dir: string;
  /** `options`: flags in camel case. */
  readonly scene: (command: string, options: object, signal: AbortSignal, hear: Hear) => Scene;
}

function settingOf({ dir: given, signal: _, ...project }: ProjectOptions): Setting {
  const dir = path.resolve(given);
  const env = project.env ?? {};
  return {
    dir,
    scene(words, options, signal, hear) {
      const command = commands.find((c) => c.words.join(' ') === words);
      if (!command) throw new Error(`there is no command ${words}`);
      const world = worldOf(dir, env, signal);
      const flags = resolveFlags({
        command,
        given: givenOf({ ...project, ...options }),
        env,
        project: peek(dir)?.flags ?? {},
        projectDir: dir,
        argv: command.words,
      });
      return { flags, world, console: teller(world, hear) };
    },
  };
}

function worldOf(dir: string, env: World['env'], signal: AbortSignal): World {
  const library = fileURLToPath(new URL('../macros.json', import.meta.url));
  const silence = { write: () => undefined };
  return {
    cwd: dir,
    env,
    home: os.homedir(),
    pid: process.pid,
    stdout: silence,
    stderr: silence,
    terminal: undefined,
    ask: undefined,
    now: Date.now,
    every: (milliseconds, call) => {
      const timer = setInterval(call, milliseconds);
      return () => clearInterval(timer);
    },
    signal,
    invocationId: randomUUID(),
    templates: fileURLToPath(new URL('../../templates/', import.meta.url)),
    // There where dml was built, and not among its sources.
    library: fs.existsSync(library) ? library : undefined,
  };
}

/** Options that are flags, by the names that flags have. */
function givenOf(options: object): Given {
  const given = new Map<string, string | boolean | readonly string[]>();
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || key === 'env' || key === 'signal') continue;
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    given.set(name, key === 'vars' ? JSON.stringify(value) : typeof value === 'number' ? String(value) : value);
  }
  return given;
}

/** What a command would print becomes events, and an error. */
function teller(world: World, hear: Hear): Teller {
  const log = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => hear({ kind: 'log', time: world.now(), level, message });
  return {
    say: (_name, _code, message, _data, level = 'info') => log(level, message),
    output: (message) => hear({ kind: 'print', message }),
    tell: (d) => hear({ kind: 'diagnostic', time: world.now(), diagnostic: d }),
    errors(all) {
      throw new ProjectError(all);
    },
  };
}

/** The value of work that tells of what is wrong by throwing. */
async function told<T>(work: () => Promise<T | undefined> | T | undefined): Promise<T> {
  try {
    return known(await work());
  } catch (error) {
    throw asProjectError(error);
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing was answered, and nothing was said of why');
  return value;
}

function asProjectError(error: unknown): unknown {
  return error instanceof DiagnosticError ? new ProjectError([error.diagnostic]) : error;
}

class OpenProject implements Project {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly warnings: readonly Diagnostic[];
  readonly metrics: Metrics;
  private readonly setting: Setting;
  private readonly opened: Opened;
  private readonly closing = new AbortController();
  /** What was asked for last: the next one waits for it. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(setting: Setting, opened: Opened, warnings: readonly Diagnostic[]) {
    this.setting = setting;
    this.dir = setting.dir;
    this.opened = opened;
    this.manifest = opened.manifest;
    this.warnings = warnings;
    this.metrics = this.metricsOf(opened);
  }

  build(options: RunOptions = {}): Run {
    return this.start('build', options);
  }

  run(options: RunOptions = {}): Run {
    return this.start('run', options);
  }

  test(options: RunOptions = {}): Run {
    return this.start('test', options);
  }

  seed(options: RunOptions = {}): Run {
    return this.start('seed', options);
  }

  snapshot(options: RunOptions = {}): Run {
    return this.start('snapshot', options);
  }

  select(wanted: string | SelectOptions): readonly string[] {
    try {
      const scene = this.scene('list', typeof wanted === 'string' ? { select: wanted } : wanted, () => undefined);
      return [...known(choose(scene, known(reopen(scene, this.opened)), { keepEmpty: true })).ids];
    } catch (error) {
      throw asProjectError(error);
    }
  }

  compile(name: string, options: RunOptions = {}): Promise<string> {
    return this.next(() =>
      told(async () => {
        const scene = this.scene('compile', { indirectSelection: 'empty', ...options, select: name }, () => undefined);
        const opened = known(reopen(scene, this.opened));
        const selection = known(choose(scene, opened));
        if (selection.ids.size !== 1)
          throw new ProjectError([diagnostic('bad-argument', { problem: `one node can be compiled, but \`${name}\` selects ${selection.ids.size}` })]);
        const { results } = await compileNodes(opened, selection, undefined, scene.flags, scene.world, () => undefined);
        const [result] = results;
        if (result?.diagnostic) throw new ProjectError([result.diagnostic]);
        return result?.compiled_code ?? '';
      }),
    );
  }

  query(sql: string, { limit }: { readonly limit?: number } = {}) {
    return this.rows({ inline: sql }, limit === undefined ? undefined : { rows: limit, given: true });
  }

  private metricsOf({ manifest, invocation }: Opened): Metrics {
    const { environment, dialect } = invocation;
    const settled = <T>(work: () => T): T => {
      try {
        return work();
      } catch (error) {
        throw asProjectError(error);
      }
    };
    const sql = (request: MetricsRequest): string => settled(() => metricsSql(semanticsOf(manifest), request, environment, dialect));
    return {
      list: () => settled(() => listMetrics(semanticsOf(manifest), environment, [])),
      sql,
      query: async (request) => this.rows({ direct: sql(request) }, undefined),
    };
  }

  private rows(shown: Shown, limit: Limit | undefined): Promise<QueryRows> {
    return this.next(() =>
      told(async () => {
        const scene = this.scene('show', {}, () => undefined);
        const { result, table } = await showNode(known(reopen(scene, this.opened)), shown, limit, scene.flags, scene.world, () => undefined);
        if (!table) throw result.diagnostic ? new ProjectError([result.diagnostic]) : new Error(result.message ?? 'the query has no rows');
        return jsonRows(table);
      }),
    );
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.last;
  }

  private scene(command: string, options: object, hear: Hear, signal = this.closing.signal): Scene {
    if (this.closing.signal.aborted) throw new Error('the project is closed');
    return this.setting.scene(command, options, signal, hear);
  }

  /** Begins work when that before it has ended, however it did. */
  private next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private start(kind: PlanKind, options: RunOptions): Run {
    const feed = new Feed();
    const result = this.next(() => told(() => this.execute(kind, options, (event) => feed.push(event))));
    // Who only iterates gets the error there: it must not count as one that nobody looks at.
    result.then(
      () => feed.end(),
      (error) => feed.end({ error }),
    );
    return { result, [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator]() };
  }

  private async execute(kind: PlanKind, options: RunOptions, hear: Hear): Promise<RunReport> {
    const signal = options.signal ? AbortSignal.any([options.signal, this.closing.signal]) : this.closing.signal;
    const scene = this.scene(kind, options, hear, signal);
    const opened = known(reopen(scene, this.opened));
    const selection = known(choose(scene, opened));
    const report = selection.ids.size === 0 ? nothingSelected(scene) : await runPlanned(kind, opened, selection, scene.flags, scene.world, hear);
    writeArtifacts(scene, opened, report);
    return report;
  }
}
