import type { Session } from '../adapters/index.ts';
import type { Names } from '../context/index.ts';
import { ReturnSignal, str, type Value } from '../jinja/index.ts';
import type { Effect, Target } from '../sql/index.ts';
import { fail, partOfAny, type SourceFile } from '../text/index.ts';

/** `query-comment` of dbt_project.yml. */
export type QueryComment = undefined | null | { readonly comment?: string; readonly append: boolean };

/** Makes the comment that goes with the statements of one node or connection; undefined where the project wants none. */
export class Comments {
  private readonly setting: QueryComment;
  private readonly target: Target;
  private readonly dbtVersion: string;
  private readonly file: SourceFile;

  /** `file`: the file of the project that has the setting. */
  constructor(setting: QueryComment, target: Target, dbtVersion: string, file: SourceFile) {
    this.file = file;
    this.setting = setting;
    this.target = target;
    this.dbtVersion = dbtVersion;
  }

  /** A session that sends every statement with the comment for `node` (a unique id; null: the connection's name stands in its place). */
  around(session: Session, connection: string, node: string | null, names: () => Names, model: () => Value): Session {
    if (this.setting === null) return session;
    let text: string | undefined;
    const append = this.setting?.append === true;
    // Computed when the first statement is sent: nodes that send none pay nothing.
    return new CommentedSession(session, append, () => (text ??= this.text(connection, node, names, model)));
  }

  private text(connection: string, node: string | null, names: () => Names, model: () => Value): string {
    const { setting } = this;
    if (!setting || setting.comment === undefined) return this.standard(connection, node);
    const scope = names();
    scope.set('connection_name', connection);
    scope.set('node', node === null ? null : model());
    const text = str(answer(scope, partOfAny([this.file], setting.comment, 'query-comment'))).trim();
    return text.includes('*/') ? fail('query-comment', { problem: `it contains "*/": ${text}` }) : text;
  }

  /** Renders the project's own comment once, so that one that cannot be used stops the run before it begins and not each node. */
  check(names: () => Names): void {
    if (this.setting?.comment !== undefined) this.text('master', null, names, () => null);
  }

  /** dbt's default comment. */
  private standard(connection: string, node: string | null): string {
    const { profileName, name } = this.target;
    const parts = {
      app: 'dbt',
      dbt_version: this.dbtVersion,
      profile_name: profileName,
      target_name: name,
      ...(node === null ? { connection_name: connection } : { node_id: node }),
    };
    return `{${Object.entries(parts)
      .map(([k, v]) => `"${k}": ${JSON.stringify(v)}`)
      .join(', ')}}`;
  }
}

/** What the comment's text gives: as in a macro, `return` may answer it. */
function answer(names: Names, text: SourceFile): Value {
  try {
    return names.renderPart(text);
  } catch (e) {
    if (e instanceof ReturnSignal) return e.value;
    throw e;
  }
}

/** A session whose statements carry a comment. */
class CommentedSession implements Session {
  private readonly session: Session;
  private readonly append: boolean;
  private readonly text: () => string;

  constructor(session: Session, append: boolean, text: () => string) {
    this.session = session;
    this.append = append;
    this.text = text;
  }
  get inTransaction(): boolean {
    return this.session.inTransaction;
  }
  answer(effect: Effect): Promise<unknown> {
    if (effect.kind !== 'execute' && effect.kind !== 'query') return this.session.answer(effect);
    // The session recognises statements that begin and end transactions by how they start.
    if (CONTROL.test(effect.sql)) return this.session.answer(effect);
    return this.session.answer({ ...effect, sql: this.commented(effect.sql) });
  }
  private commented(sql: string): string {
    const text = this.text();
    if (text === '') return sql;
    if (!this.append) return `/* ${text} */\n${sql}`;
    const bare = sql.trimEnd();
    return bare.endsWith(';') ? `${bare.slice(0, -1)}\n/* ${text} */;` : `${bare}\n/* ${text} */`;
  }
  cancel(): Promise<void> {
    return this.session.cancel();
  }
  release(): Promise<void> {
    return this.session.release();
  }
}

const CONTROL = /^\s*(begin|start\s+transaction|commit|rollback|end|abort)\b/i;
