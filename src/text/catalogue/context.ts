import { entry } from './entry.ts';

/** What macros raise through `exceptions.*`. */
export const context = {
  'macro-raised': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation:
      'A macro stopped with `exceptions.raise_compiler_error`: the message is its own. The place named is the call that raised; the notes list the macro calls that led there.',
  }),
  'macro-not-implemented': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation:
      'A macro has no version for this adapter. Write one in the project under the name `ADAPTER__MACRO`, for example `duckdb__any_value`, and it will be found.',
  }),
  'macro-database-error': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation: 'A macro stopped with `exceptions.raise_database_error`: it found something in the database that it cannot work with. The message is its own.',
  }),
  'macro-fail-fast': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation: 'A macro stopped with `exceptions.raise_fail_fast_error`, which ends the run instead of only this node.',
  }),
  'macro-dependency': entry<{ problem: string; package?: string | undefined }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: (p) => (p.package === undefined ? undefined : `is \`${p.package}\` listed in packages.yml and installed?`),
    explanation: 'A macro needs a package that is not installed, or found another problem with one.',
  }),
  'macro-ambiguous': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation: 'A macro found two things under one name, where only one can be meant. Rename or remove one of them.',
  }),
  'config-required': entry<{ node: string; name: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` does not set \`${p.name}\`, which its materialization or macro requires`,
    explanation:
      'A macro or materialization asked for a config that the node does not have. Set it in the file with `config(...)`, in YAML or in dbt_project.yml.',
  }),
  'relation-missing': entry<{ relation: string }>({
    severity: 'error',
    message: (p) => `the relation ${p.relation} does not exist`,
    explanation: 'A macro needs a relation that is not in the database. It may be built by a node that has not run yet.',
  }),
  'relation-approximate': entry<{ wanted: string; found: string }>({
    severity: 'error',
    message: (p) => `the database has ${p.found}, whose name differs from ${p.wanted} in upper and lower case only`,
    hint: () => 'write the name as the database has it, or rename one of the two',
    explanation: 'Quoted names are compared letter by letter. dml does not guess whether a relation that differs in case only is the one that was meant.',
  }),
  'relation-type': entry<{ relation: string; wanted: string; found: string }>({
    severity: 'error',
    message: (p) => `${p.relation} should become a ${p.wanted}, but exists as a ${p.found}`,
    hint: () => 'drop it by hand, or run with --full-refresh, which drops it first',
    explanation: 'Something of another kind stands where the node is to be built, and dml does not drop it unasked.',
  }),
  'property-file-version': entry<{ path: string; problem: string }>({
    severity: 'error',
    message: (p) => `${p.path}: ${p.problem}`,
    explanation: 'A YAML property file has a `version` that cannot be read.',
  }),
};
