import type { Captured } from './captured.ts';
import type { Invocation } from './invocation.ts';
import { memberNames, type ParsedSelf, parseMember } from './members.ts';
import { Names } from './names.ts';

/** The names a template sees while it is parsed: nothing runs, everything is recorded. `execute` is false, `run_query` answers None, `graph` is empty. */
export function parseNames(invocation: Invocation, self: ParsedSelf, captured: Captured): Names {
  const parsing = { self, captured };
  return new Names({
    invocation,
    packageName: self.packageName,
    threadId: 'MainThread',
    requireVars: false,
    capture: true,
    memberNames: memberNames(),
    member: (name, names) => parseMember(name, names, parsing),
    onMacro: (def) => captured.macros.add(def.unique_id),
    onEnvVar: (name) => captured.envVars.add(name),
  });
}
