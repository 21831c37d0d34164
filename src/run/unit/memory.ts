import type { Session } from '../../adapters/index.ts';
import type { JsonMap, SourceNode } from '../../resolve/index.ts';
import { type Column, duckdb } from '../../sql/index.ts';
import { closest } from '../../text/index.ts';
import { LazySession, once } from '../lazy.ts';
import type { RunSettings } from '../settings.ts';
import { AgreeingSession } from './agree/session.ts';
import { sharedName } from './agree/types.ts';
import { MemoryEngine } from './engine.ts';
import { type Asked, type Ground, type Memory, NotInMemory, typedColumns } from './ground.ts';
import { guessColumns } from './guess.ts';
import { Shadow } from './shadow.ts';

/** The engine in memory of a run. Opens what it needs when it is first needed. */
export function memoryFor(settings: RunSettings): Memory {
  // Tests run where there are no tables: one that a query names itself must not be taken for an empty one.
  const engine = once(() => MemoryEngine.open(settings));
  const shadow = once(() => Shadow.open(settings));
  const native = settings.invocation.dialect.name === duckdb.name;
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (thread: string): Promise<Session> => {
    let session = sessions.get(thread);
    if (!session) sessions.set(thread, (session = engine.get().then((e) => e.session())));
    return session;
  };
  const opened = async (): Promise<readonly (MemoryEngine | Shadow)[]> =>
    (await Promise.all([engine.opened(), shadow.opened()])).filter((e) => e !== undefined);
  return {
    ground: async (thread, around) => new MemoryGround(await sessionOf(thread), shadow.get, around, native),
    async cancel() {
      for (const one of await opened()) await one.cancel();
    },
    async close() {
      for (const one of await opened()) await one.close();
    },
  };
}

class MemoryGround implements Ground {
  readonly dialect = duckdb;
  readonly session: Session;
  readonly asking: Session;
  readonly onTarget = false;
  readonly guesses: string[] = [];
  private readonly shadow: () => Promise<Shadow>;

  /** Whether the target's engine is the one in memory. */
  private readonly native: boolean;

  constructor(session: Session, shadow: () => Promise<Shadow>, around: (session: Session) => Session, native: boolean) {
    this.session = around(native ? session : new AgreeingSession(session));
    this.native = native;
    this.shadow = shadow;
    this.asking = around(new LazySession(async () => (await shadow()).session));
  }

  async columns({ original, given }: Asked): Promise<readonly Column[]> {
    const rows = Array.isArray(given['rows']) ? (given['rows'] as readonly JsonMap[]) : [];
    const known = await this.known(original);
    if (known instanceof NotInMemory) return this.guessed(known, rows, original, given['format'] === 'csv');
    // A source may have columns that its YAML does not list.
    if (original.resource_type === 'source') assertListed(original, known, rows);
    return this.native ? known : known.map((c) => ({ ...c, dataType: sharedName(c.dataType) }));
  }

  private async known(original: Asked['original']): Promise<readonly Column[] | NotInMemory> {
    try {
      return await (await this.shadow()).columns(original);
    } catch (e) {
      if (e instanceof NotInMemory) return e;
      throw e;
    }
  }

  /** What the YAML of a model declares it to be, else what the rows look like: a guess. Types of a Postgres are not guessed. */
  private guessed(unknown: NotInMemory, rows: readonly JsonMap[], original: Asked['original'], texts: boolean): readonly Column[] {
    if (!this.native) throw unknown;
    const declared = Object.values(original.columns);
    const typed = typedColumns(declared, duckdb);
    if (typed) return typed;
    const guess = guessColumns(rows, texts, declared);
    if (!guess) throw unknown;
    this.guesses.push(unknown.message);
    return guess;
  }

  check(sql: string): void {
    const [state] = STATE.exec(sql) ?? [];
    if (state !== undefined) throw new NotInMemory(`the query asks for ${state}`);
  }
}

/** What tells about the database instead of computing. */
const STATE =
  /\b(current_(?:database|schemas?|catalog|setting|user|role)|session_user|information_schema|pg_catalog|sqlite_master|duckdb_\w+|getvariable|(?:next|curr)val)\b/i;

function assertListed(source: SourceNode, known: readonly Column[], rows: readonly JsonMap[]): void {
  const names = known.map((c) => c.name);
  const folded = new Set(names.map((name) => name.toLowerCase()));
  const other = rows.flatMap((row) => Object.keys(row)).find((name) => !folded.has(name.toLowerCase()));
  if (other === undefined) return;
  const near = closest(other, names);
  throw new NotInMemory(
    `the YAML of the source ${source.source_name}.${source.name} lists no column \`${other}\`${near === undefined ? '' : ` (did you mean \`${near}\`?)`}`,
  );
}
