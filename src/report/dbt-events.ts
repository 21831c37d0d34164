import type { Code } from '../text/index.ts';

/** Warnings that dbt has too: the name and code of its event, under which tools and `--warn-error-options` know them. */
const EVENTS: Readonly<Partial<Record<Code, readonly [name: string, code: string]>>> = {
  'config-unknown-key': ['CustomTopLevelKeyDeprecation', 'D025'],
  'config-unused': ['UnusedResourceConfigPath', 'I051'],
  'freshness-column': ['FreshnessConfigProblem', 'I073'],
  'freshness-unknown': ['FreshnessConfigProblem', 'I073'],
  'microbatch-concurrency': ['InvalidConcurrentBatchesConfig', 'I075'],
  'microbatch-input': ['MicrobatchModelNoEventTimeInputs', 'I074'],
  'microbatch-macro': ['MicrobatchMacroOutsideOfBatchesDeprecation', 'D020'],
  'model-deprecated': ['DeprecatedModel', 'I065'],
  'nothing-listed': ['NoNodesSelected', 'Q038'],
  'nothing-selected': ['NoNodesForSelectionCriteria', 'M030'],
  'nothing-to-do': ['NothingToDo', 'Q035'],
  'package-unpinned': ['DepsUnpinned', 'M029'],
  'patch-without-node': ['NoNodeForYamlKey', 'I058'],
  'property-unknown': ['CustomKeyInObjectDeprecation', 'D027'],
  'ref-deprecated': ['DeprecatedReference', 'I067'],
  'ref-deprecated-soon': ['UpcomingReferenceDeprecation', 'I066'],
  'state-is-target': ['WarnStateTargetEqual', 'I072'],
  'yaml-duplicate-key': ['DuplicateYAMLKeysDeprecation', 'D024'],
};

/** dbt's event of the same meaning as a diagnostic; undefined where it has none. */
export function dbtEvent(code: Code): { readonly name: string; readonly code: string } | undefined {
  const event = EVENTS[code];
  return event && { name: event[0], code: event[1] };
}
