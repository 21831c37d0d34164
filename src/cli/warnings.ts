import { dbtEvent } from '../report/index.ts';
import { type Code, catalogue, closest, type Diagnostic, DiagnosticError, diagnostic, type YamlMap } from '../text/index.ts';

/** What becomes of a warning. */
export type Verdict = 'error' | 'warn' | 'silent';

/** `--warn-error` and `--warn-error-options`: which warnings are errors, and which are not told, by the names of dbt's events or the codes of dml's diagnostics. */
export interface Warnings {
  /** Of a warning that dbt has too, by the name and code of its event. */
  event(name: string, code: string): Verdict;
  diagnostic(d: Diagnostic): Verdict;
}

/** dbt's word for all of its events whose codes begin with D. */
const DEPRECATIONS = 'Deprecations';

interface Lists {
  readonly all: boolean;
  readonly error: ReadonlySet<string>;
  readonly warn: ReadonlySet<string>;
  readonly silence: ReadonlySet<string>;
}

/** Throws a diagnostic where the options cannot be used. */
export function warnings(warnError: boolean, options: YamlMap): Warnings {
  const lists = listsOf(warnError, options);
  const decide = (names: readonly string[], deprecation: boolean): Verdict => {
    // What names a warning itself counts before the group, and that before `all`; among equals the mildest counts.
    for (const group of [names, deprecation ? [DEPRECATIONS] : []]) {
      const named = (list: ReadonlySet<string>) => group.some((name) => list.has(name));
      if (named(lists.silence)) return 'silent';
      if (named(lists.warn)) return 'warn';
      if (named(lists.error)) return 'error';
    }
    return lists.all ? 'error' : 'warn';
  };
  return {
    event: (name, code) => decide([name], code.startsWith('D')),
    diagnostic(d) {
      const event = dbtEvent(d.code);
      return decide([d.code, ...(event ? [event.name] : [])], event?.code.startsWith('D') === true);
    },
  };
}

function listsOf(warnError: boolean, options: YamlMap): Lists {
  for (const [key, old] of [
    ['error', 'include'],
    ['warn', 'exclude'],
  ] as const)
    if (filled(options[key]) && filled(options[old])) refuse(`names both \`${key}\` and \`${old}\`, its older name`);
  const errors = options['error'] ?? options['include'];
  const all = warnError || isAll(errors);
  if (typeof errors === 'string' && !isAll(errors)) refuse(`has \`${errors}\` for \`error\`, which is \`all\`, \`*\` or a list`);
  const error = new Set(all ? [] : namesIn(errors));
  const warn = new Set(namesIn(options['warn'] ?? options['exclude']));
  const silence = new Set(namesIn(options['silence']));
  if (warn.size > 0 && !all && !error.has(DEPRECATIONS) && !silence.has(DEPRECATIONS))
    refuse(`names warnings under \`warn\`, which makes exceptions: \`error\` must be \`all\`, or \`error\` or \`silence\` name ${DEPRECATIONS}`);
  return { all, error, warn, silence };
}

function filled(value: YamlMap[string] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

function isAll(value: YamlMap[string] | undefined): boolean {
  return value === 'all' || value === '*';
}

/** The names in a list. One that is written as dml's codes are must be one of them; of dbt's events any is taken. */
function namesIn(value: YamlMap[string] | undefined): readonly string[] {
  const list = Array.isArray(value) ? value.map(String) : [];
  const unknown = list.find((name) => !/^[A-Z]/.test(name) && !Object.hasOwn(catalogue, name));
  if (unknown !== undefined) {
    const near = closest(unknown, Object.keys(catalogue) as Code[]);
    refuse(`names \`${unknown}\`, which is no warning`, near === undefined ? undefined : `did you mean \`${near}\`?`);
  }
  return list;
}

function refuse(problem: string, hint?: string): never {
  throw new DiagnosticError(diagnostic('bad-argument', { problem: `\`--warn-error-options\` ${problem}` }, { hint }));
}
