import type { Session } from '../adapters/index.ts';
import { inspectCsv } from '../plan/index.ts';
import type { Effect, InspectedLoad, Program, Response } from '../sql/index.ts';

function perform(effect: Effect, session: Session): Promise<unknown> {
  if (effect.kind === 'csv') return inspectCsv(effect.question);
  return effect.kind === 'inspected-load' ? inspectedLoad(effect, session) : session.answer(effect);
}

/** Lets the database read a file while dml does: a load takes the time of the longer of the two instead of their sum. */
async function inspectedLoad(effect: Effect & { readonly kind: 'inspected-load' }, session: Session): Promise<InspectedLoad> {
  const { relation, load, question } = effect;
  const inspecting = inspectCsv(question);
  try {
    const response = (await session.answer({ kind: 'load', relation, load })) as Response;
    return { shape: await inspecting, response };
  } catch (failure) {
    return { shape: await inspecting, failure };
  }
}

/**
 * Runs a program on a session. An error of the database is thrown into the program, which may clean up; where it escapes, an open
 * transaction is rolled back and the error thrown on. `told` is what is thrown in the place of an error.
 */
export async function drive<T>(program: Program<T>, session: Session, told: (error: unknown) => unknown = (error) => error): Promise<T> {
  try {
    let step = program.next();
    while (!step.done) {
      let answer: unknown;
      try {
        answer = await perform(step.value, session);
      } catch (error) {
        step = program.throw(told(error));
        continue;
      }
      step = program.next(answer);
    }
    return step.value;
  } catch (error) {
    // The first error is the one to tell; a connection that is gone cannot roll back.
    if (session.inTransaction) await session.answer({ kind: 'rollback' }).catch(() => undefined);
    throw error;
  }
}

/** What a program would send, without a database. */
export interface Trace<T> {
  /** Its effects in order: statements as text, `begin`, `commit` and `rollback` as words, loads as `-- load FILE into RELATION`. */
  readonly sql: readonly string[];
  readonly value: T;
}

/** Runs a program against made-up answers. `answers` gets every effect; undefined stands for what an empty database says. */
export function trace<T>(program: Program<T>, answers: (effect: Effect) => unknown = () => undefined): Trace<T> {
  const sql: string[] = [];
  let open = false;
  let step = program.next();
  while (!step.done) {
    const effect = step.value;
    if (!open && 'begin' in effect && effect.begin) sql.push('begin');
    open = effect.kind === 'begin' || (effect.kind !== 'commit' && effect.kind !== 'rollback' && (open || ('begin' in effect && effect.begin === true)));
    const line = statementOf(effect);
    if (line !== undefined) sql.push(line);
    const answer = answers(effect);
    step = program.next(answer === undefined ? emptyAnswer(effect) : answer);
  }
  return { sql, value: step.value };
}

function statementOf(effect: Effect): string | undefined {
  switch (effect.kind) {
    case 'query':
    case 'execute':
      return effect.sql;
    case 'load':
    case 'inspected-load':
      return `-- load ${effect.load.file.split(/[\\/]/).at(-1)} into ${effect.relation.identifier}: ${effect.load.columns.map((c) => `${c.name} ${c.type}`).join(', ')}`;
    case 'begin':
    case 'commit':
    case 'rollback':
      return effect.kind;
    default:
      return undefined;
  }
}

function emptyAnswer(effect: Effect): unknown {
  switch (effect.kind) {
    case 'query':
      return { table: { columns: [], rows: [] }, response: { message: 'OK' } };
    case 'execute':
    case 'load':
      return { message: 'OK' };
    case 'relation':
      return null;
    case 'csv':
      return { columns: [], rows: 0, longest: 0 };
    case 'inspected-load':
      return { response: { message: 'OK' }, shape: { columns: [], rows: 0, longest: 0 } };
    case 'relations':
    case 'schemas':
    case 'columns':
      return [];
    default:
      return undefined;
  }
}

/**
 * Runs a program up to its `k`-th effect (from 0) and stops before or after that one as a killed process does: the connection goes, an
 * open transaction with it, and no clean-up code of the program runs. Answers whether the program had ended by itself before.
 */
export async function crash<T>(program: Program<T>, session: Session, k: number, when: 'before' | 'after'): Promise<boolean> {
  let step = program.next();
  for (let i = 0; !step.done; i++) {
    if (i === k && when === 'before') break;
    const answer = await perform(step.value, session);
    if (i === k) break;
    step = program.next(answer);
  }
  await session.release();
  return step.done === true;
}
