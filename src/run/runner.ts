import { type Session, SqlError } from '../adapters/index.ts';
import { type CompiledNode, Compiler, silent } from '../compile/index.ts';
import type { Names } from '../context/index.ts';
import type { Node } from '../resolve/index.ts';
import type { Effect } from '../sql/index.ts';
import { fail } from '../text/index.ts';
import { Comments } from './comment.ts';
import { Deferring } from './deferral.ts';
import { Overrides } from './macros.ts';
import type { NodeResult } from './report.ts';
import type { RunSettings } from './settings.ts';
import type { Memory } from './unit/ground.ts';

/** What a run has written, and is writing, to the history of metrics. */
export interface History {
  /** The table, once it is there. */
  ready: Promise<void> | undefined;
  /** By the text of the relation (with its `where`): one measurement for all tests that look at it. */
  readonly recorded: Map<string, Promise<void>>;
  /** What the tests of the project want of each relation, by column in lower case; made for the first that is measured. */
  wanted: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> | undefined;
}

/** What the nodes of one run share. Lives as long as the run. */
export class Runner {
  readonly settings: RunSettings;
  readonly compiler: Compiler;
  readonly overrides = new Overrides();
  /** Set when the run is being given up: nothing is tried again. */
  stopped: 'interrupted' | 'fail-fast' | undefined;
  /** All that was stopped has ended: statements are taken again. */
  calm = false;
  /** Nodes are made of what another environment has built. */
  cloning = false;
  /** Results of the ephemeral models that were compiled on the way. */
  readonly ephemeral: NodeResult[] = [];
  /** Where references lead with `--defer`. */
  readonly deferring: Deferring | undefined;
  /** Where unit tests run that need no target; undefined where all of them are to run there. */
  memory: Memory | undefined;
  /** The metrics this run has written down. */
  readonly history: History = { ready: undefined, recorded: new Map(), wanted: undefined };
  private readonly comments: Comments;

  constructor(settings: RunSettings, selected: readonly string[]) {
    this.settings = settings;
    const { manifest, invocation } = settings;
    this.comments = new Comments(manifest.project.root.config.queryComment, manifest.project.target, invocation.dbtVersion, manifest.project.root.file);
    this.deferring = settings.deferral && new Deferring(settings.deferral, invocation.quoting, selected);
    this.compiler = new Compiler({
      manifest,
      invocation,
      selected,
      empty: settings.empty,
      sample: settings.sample,
      elsewhere: settings.defers === true ? this.deferring?.elsewhere : undefined,
      injectCtes: settings.injectCtes,
      externalRoot: settings.externalRoot,
      disableTransactions: settings.disableTransactions,
      log: this.log,
      print: this.print,
      onEphemeral: (compiled) => {
        const path = settings.files.compiled(compiled.node, compiled.sql);
        this.ephemeral.push(ephemeralResult(compiled, path));
      },
    });
  }

  readonly log = (node: string, level: 'debug' | 'info' | 'warn', message: string): void => {
    if (level === 'warn' && this.settings.warned === 'error') fail('macro-raised', { problem: message });
    if (level === 'warn' && this.settings.warned === 'silent') return;
    this.settings.emit({ kind: 'log', time: this.settings.now(), level, message, ...(node !== '' && { node }) });
  };

  readonly print = (message: string): void => {
    this.settings.emit({ kind: 'print', message });
  };

  private guarded(session: Session, label: string): Session {
    return new GuardedSession(session, label, () => this.stopped === 'interrupted' || (this.stopped !== undefined && !this.calm));
  }

  /** The session with the query comment for a node. */
  commented(session: Session, node: Node, compiled?: CompiledNode): Session {
    const names = (): Names =>
      this.compiler.names(node, { thread: 'MainThread', output: silent, compiled: compiled?.sql ?? null, onEphemeral: () => undefined }).names;
    return this.comments.around(this.guarded(session, node.unique_id), node.unique_id, node.unique_id, names, () => names().lookup('model') ?? null);
  }

  /** Throws a DiagnosticError where the project's query comment cannot be used. */
  checkComment(): void {
    this.comments.check(() => this.compiler.operation(this.settings.invocation.projectName, 'master', { thread: 'MainThread', output: silent }).names);
  }

  /** The session with the query comment for what belongs to no node. */
  commentedAs(session: Session, connection: string): Session {
    const { invocation } = this.settings;
    const names = (): Names => this.compiler.operation(invocation.projectName, connection, { thread: 'MainThread', output: silent }).names;
    return this.comments.around(this.guarded(session, connection), connection, null, names, () => null);
  }
}

/** A session whose statements the log tells apart, and that takes nothing more once the run is given up: interrupting a statement does not keep the next one from being sent. */
class GuardedSession implements Session {
  private readonly session: Session;
  private readonly of: string;
  private readonly stopped: () => boolean;
  constructor(session: Session, of: string, stopped: () => boolean) {
    this.session = session;
    this.of = of;
    this.stopped = stopped;
  }
  get inTransaction(): boolean {
    return this.session.inTransaction;
  }
  answer(effect: Effect): Promise<unknown> {
    if (effect.kind !== 'rollback' && this.stopped()) return Promise.reject(new SqlError('Interrupt Error: the run was stopped', '', 'Interrupt Error'));
    this.session.label = this.of;
    return this.session.answer(effect);
  }
  cancel(): Promise<void> {
    return this.session.cancel();
  }
  release(): Promise<void> {
    return this.session.release();
  }
}

function ephemeralResult(compiled: CompiledNode, path: string | undefined): NodeResult {
  return {
    unique_id: compiled.node.unique_id,
    status: 'success',
    timing: [],
    thread_id: '',
    execution_time: 0,
    adapter_response: {},
    message: null,
    failures: null,
    rows: null,
    compiled: true,
    compiled_code: compiled.sql,
    relation_name: null,
    ...(path !== undefined && { compiledPath: path }),
  };
}
