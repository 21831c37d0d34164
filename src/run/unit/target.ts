import { type Session, SqlError } from '../../adapters/index.ts';
import { isEphemeral } from '../../compile/index.ts';
import { nodeRelation } from '../../resolve/index.ts';
import { type Column, columns, type Dialect } from '../../sql/index.ts';
import { fail } from '../../text/index.ts';
import { drive } from '../drive.ts';
import type { Runner } from '../runner.ts';
import { type Asked, type Ground, typedColumns } from './ground.ts';
import { queryColumns } from './query-columns.ts';

/** The target as the ground of a unit test, as dbt has it. */
export class TargetGround implements Ground {
  readonly dialect: Dialect;
  readonly asking: Session;
  readonly session: Session;
  readonly onTarget = true;
  readonly guesses = [];
  private readonly runner: Runner;
  private readonly thread: string;

  constructor(runner: Runner, session: Session, thread: string) {
    this.runner = runner;
    this.dialect = runner.settings.invocation.dialect;
    this.asking = session;
    this.session = session;
    this.thread = thread;
  }

  /** Those of the relation where it exists, else those its YAML gives types for, else those of its SQL. */
  async columns({ test, original, named }: Asked): Promise<readonly Column[]> {
    const { runner, session, thread } = this;
    const unknown = (cause?: string): never => fail('unit-test-columns', { test: test.name, input: named }, { at: test.at, cause });
    if (original.resource_type === 'source' || !isEphemeral(original)) {
      const existing = await drive(columns(nodeRelation(original, runner.settings.invocation.quoting)), session);
      if (existing.length > 0) return existing;
      const other = original.resource_type === 'source' ? undefined : runner.deferring?.counterpart(original);
      const there = other ? await drive(columns(other.relation), session) : [];
      if (there.length > 0) return there;
    }
    const typed = typedColumns(Object.values(original.columns), this.dialect);
    if (typed) return typed;
    if (original.resource_type !== 'model' && original.resource_type !== 'snapshot') return unknown();
    try {
      const compiled = await runner.compiler.compile(original, thread, (program) => drive(program, session));
      return await drive(queryColumns(compiled.sql), session);
    } catch (e) {
      if (e instanceof SqlError) return unknown(e.message);
      throw e;
    }
  }

  check(): void {
    // What the target says is the verdict.
  }
}
