import type { Session } from '../../adapters/index.ts';
import type { Node, UnitTestNode } from '../../resolve/index.ts';
import { DiagnosticError, fail } from '../../text/index.ts';
import type { Progress } from '../progress.ts';
import type { NodeResult } from '../report.ts';
import type { Runner } from '../runner.ts';
import { sqlErrorOf } from '../words.ts';
import { type Ground, NotInMemory } from './ground.ts';
import { TargetGround } from './target.ts';

type Part = Pick<NodeResult, 'status'> & Partial<NodeResult>;

/** What came of a test in memory. `why`: the reason for which only the target can say. */
type Tried = { readonly part: Part; readonly why?: string } | { readonly part?: undefined; readonly why: string };

/**
 * Runs a unit test in memory, or on the target where `--on-target` asks for it or memory cannot tell. `work` runs it on the ground it is given. A test that
 * needs a target that cannot be reached is a diagnostic, unless only a guess was in doubt.
 */
export async function whereItCan(
  runner: Runner,
  { test, tested, session, thread }: { readonly test: UnitTestNode; readonly tested: Node; readonly session: Session; readonly thread: string },
  progress: Progress,
  work: (ground: Ground) => Promise<Part>,
): Promise<Part> {
  const around = (s: Session): Session => runner.commented(s, tested);
  const onTarget = (): Promise<Part> => work(new TargetGround(runner, around(session), thread));
  if (!runner.memory) return onTarget();
  const { part, why } = await tried(runner, await runner.memory.ground(thread, around), work);
  if (part && why === undefined) return part;
  const unreachable = await failureToReach(session);
  if (unreachable) {
    if (part) return guessed(part, why as string);
    return fail('unit-test-needs-target', { test: test.name, why: why as string }, { at: test.at, cause: unreachable.diagnostic.message });
  }
  runner.log(test.unique_id, 'debug', `unit test ${test.name} runs on the target: ${why}`);
  progress.timing.splice(0);
  try {
    const done = await onTarget();
    // Where `dml explain` finds it.
    return { ...done, adapter_response: { ...done.adapter_response, on_target_because: why as string } };
  } catch (e) {
    if (!(e instanceof DiagnosticError) || e.diagnostic.code !== 'unit-test-columns') throw e;
    // There is nothing there that would know more.
    if (part) return guessed(part, why as string);
    const { related = [] } = e.diagnostic;
    throw new DiagnosticError({ ...e.diagnostic, related: [...related, { message: `in memory it cannot run either: ${why}` }] });
  }
}

async function tried(runner: Runner, ground: Ground, work: (ground: Ground) => Promise<Part>): Promise<Tried> {
  const doubt = (): string | undefined => ground.guesses[0];
  try {
    const part = await work(ground);
    const why = part.status === 'pass' ? undefined : doubt();
    return why === undefined ? { part } : { part, why };
  } catch (e) {
    if (e instanceof NotInMemory) return { why: e.message };
    const error = sqlErrorOf(e);
    const why = doubt() ?? (error && !isConclusive(runner, error) ? error.message.split('\n')[0] : undefined);
    if (why === undefined || runner.stopped) throw e;
    return { why };
  }
}

const CONCLUSIVE = /^(Conversion|Out of Range|Invalid Input|Mismatch Type|Parser|Syntax|Divide by Zero|Constraint|Binder) Error$/;

/** Whether the target would have refused the statement too: it is the same engine, and nothing that only it has would have helped. */
function isConclusive(runner: Runner, { kind, message }: { readonly kind: string; readonly message: string }): boolean {
  if (runner.settings.invocation.dialect.name !== 'duckdb' || !CONCLUSIVE.test(kind)) return false;
  return kind !== 'Binder Error' || !/does not exist|No function matches|extension/i.test(message);
}

/** Why the target cannot be reached, where it cannot. */
async function failureToReach(session: Session): Promise<DiagnosticError | undefined> {
  try {
    // Opens it, and does nothing more.
    await session.answer({ kind: 'rollback' });
    return undefined;
  } catch (e) {
    if (e instanceof DiagnosticError) return e;
    throw e;
  }
}

/** The part with a word on what it rests on. */
function guessed(part: Part, why: string): Part {
  return {
    ...part,
    diff: `${part.diff ?? ''}The types of some inputs were guessed from their rows: ${why}. A \`data_type\` for each of their columns says more.\n`,
  };
}
