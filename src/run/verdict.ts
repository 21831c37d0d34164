import type { Outcome } from '../plan/index.ts';
import type { JsonMap } from '../resolve/index.ts';
import type { NodeResult } from './report.ts';

/** What a data test's count comes to: with severity `error` error_if is asked first, then warn_if; with `warn` only warn_if. Without a verdict yet it may warn. */
export function verdict(
  config: JsonMap,
  test: NonNullable<Outcome['test']>,
  warnError: boolean,
): Pick<NodeResult, 'status' | 'message' | 'failures' | 'sample'> {
  const severity = String(config['severity'] ?? 'ERROR').toUpperCase();
  const found = `Got ${test.failures} result${test.failures === 1 ? '' : 's'}`;
  const warnIf = String(config['warn_if'] ?? '!= 0');
  const sample = test.sample && { sample: test.sample };
  if (severity === 'ERROR' && test.shouldError) {
    return { status: 'fail', message: `${found}, configured to fail if ${String(config['error_if'] ?? '!= 0')}`, failures: test.failures, ...sample };
  }
  if (test.undecided !== undefined) return { status: warnError ? 'fail' : 'warn', message: `No verdict yet: ${test.undecided}`, failures: 0 };
  if (!test.shouldWarn) return { status: 'pass', message: null, failures: 0 };
  if (warnError) return { status: 'fail', message: `${found}, configured to fail if ${warnIf}`, failures: test.failures, ...sample };
  return { status: 'warn', message: `${found}, configured to warn if ${warnIf}`, failures: test.failures, ...sample };
}
