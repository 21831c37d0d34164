import { type Session, SqlError } from '../adapters/index.ts';
import { type CompiledNode, Compiler, silent } from '../compile/index.ts';
import type { Names } from '../context/index.ts';
import type { Node } from '../resolve/index.ts';
import type { Effect } from '../sql/index.ts';
import { Comments } from './comment.ts';
import { Overrides } from './macros.ts';
import type { NodeResult } from './report.ts';
import type { RunSettings } from './settings.ts';

/** What the nodes of one run share. Lives as long as the run. */
export class Runner {
  readonly settings: RunSettings;
  readonly compiler: Compiler;
  readonly overrides = new Overrides();
  /** Set when the run is being given up: nothing is tried again. */
  stopped: 'interrupted' | 'fail-fast' | undefined;
  /** Results of the ephemeral models that were compiled on the way. */
  readonly ephemeral: NodeResult[] = [];
  private readonly comments: Comments;

  constructor(settings: RunSettings, selected: readonly string[]) {
    this.settings = settings;
    const { manifest, invocation } = settings;
    this.comments = new Comments(manifest.project.root.config.queryComment, manifest.project.target, invocation.dbtVersion);
    this.compiler = new Compiler({
      manifest,
      invocation,
      selected,
      empty: settings.empty,
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
    this.settings.emit({ kind: 'log', time: this.settings.now(), level, message, ...(node !== '' && { node }) });
  };

  readonly print = (message: string): void => {
    this.settings.emit({ kind: 'print', message });
  };

  private guarded(session: Session): Session {
    return new GuardedSession(session, () => this.stopped !== undefined);
  }

  /** The session with the query comment for a node. */
  commented(session: Session, node: Node, compiled?: CompiledNode): Session {
    const names = (): Names =>
      this.compiler.names(node, { thread: 'MainThread', output: silent, compiled: compiled?.sql ?? null, onEphemeral: () => undefined }).names;
    return this.comments.around(this.guarded(session), node.unique_id, node.unique_id, names, () => names().lookup('model') ?? null);
  }

  /** The session with the query comment for what belongs to no node. */
  commentedAs(session: Session, connection: string): Session {
    const { invocation } = this.settings;
    const names = (): Names => this.compiler.operation(invocation.projectName, connection, { thread: 'MainThread', output: silent }).names;
    return this.comments.around(this.guarded(session), connection, null, names, () => null);
  }
}

/** A session that takes nothing more once the run is given up: interrupting a statement does not keep the next one from being sent. */
class GuardedSession implements Session {
  private readonly session: Session;
  private readonly stopped: () => boolean;
  constructor(session: Session, stopped: () => boolean) {
    this.session = session;
    this.stopped = stopped;
  }
  get inTransaction(): boolean {
    return this.session.inTransaction;
  }
  answer(effect: Effect): Promise<unknown> {
    if (effect.kind !== 'rollback' && this.stopped()) return Promise.reject(new SqlError('Interrupt Error: the run was stopped', '', 'Interrupt Error'));
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
