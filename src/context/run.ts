import type { Invocation } from './invocation.ts';
import { memberNames, type RunHost, runMember } from './members.ts';
import { Names } from './names.ts';
import { StatementResults } from './run-results.ts';

/** A template's names with the statement results that come with them. */
export interface RunNames {
  readonly names: Names;
  readonly results: StatementResults;
}

/** The names a template sees at run time: `execute` is true, references are relations, the database answers. */
export function runNames(invocation: Invocation, host: RunHost): RunNames {
  const results = new StatementResults();
  const names = new Names({
    invocation,
    packageName: host.packageName,
    threadId: host.threadId,
    requireVars: true,
    capture: false,
    memberNames: memberNames(),
    member: (name, self) => host.extra?.get(name) ?? results.member(name) ?? runMember(name, self, host),
    ...(host.overrides && { overrides: host.overrides }),
  });
  return { names, results };
}
