import type { Session } from '../../adapters/index.ts';
import type { ColumnInfo, Node, SourceNode, UnitTestNode } from '../../resolve/index.ts';
import type { Column, Dialect } from '../../sql/index.ts';

/** An input whose columns are asked for. */
export interface Asked {
  readonly test: UnitTestNode;
  readonly original: Node | SourceNode;
  /** As the test names it. */
  readonly named: string;
  /** The `given` it stands in: `rows` and `format`. */
  readonly given: UnitTestNode['given'][number];
}

/** Where a unit test runs. One for each attempt at a test. */
export interface Ground {
  /** What fixtures are written in. */
  readonly dialect: Dialect;
  /** Answers what templates ask while they are rendered. */
  readonly asking: Session;
  /** Runs the test's queries. */
  readonly session: Session;
  /** This is the target, whose relations are there. */
  readonly onTarget: boolean;
  /** What the types of some inputs were guessed from; empty where all are known. */
  readonly guesses: readonly string[];
  /** The columns of an input's original, in order. Throws what cannot be told of it. */
  columns(asked: Asked): Promise<readonly Column[]>;
  /** Throws {@link NotInMemory} where this ground would not answer the query as the target does. */
  check(sql: string): void;
}

/** Something of a unit test can only be known on the target. The message says why, as the end of "it runs on the target: ...". */
export class NotInMemory extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'NotInMemory';
  }
}

/** The engine in memory that the unit tests of a run share. */
export interface Memory {
  /** A ground for one attempt at a test on a thread. `around`: what its sessions are wrapped in. */
  ground(thread: string, around: (session: Session) => Session): Promise<Ground>;
  /** Interrupts the statements that are running. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

/** Declared columns that all have a type; undefined where one has none, or there are none. */
export function typedColumns(declared: readonly ColumnInfo[], dialect: Dialect, aliases = true): readonly Column[] | undefined {
  if (declared.length === 0) return undefined;
  const out: Column[] = [];
  for (const { name, data_type } of declared) {
    if (data_type === null) return undefined;
    out.push({ name, dataType: aliases ? dialect.typeOf(data_type) : data_type });
  }
  return out;
}
