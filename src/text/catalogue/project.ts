import { entry } from './entry.ts';

/** Reading files, YAML, configuration. */
export const project = {
  'yaml-syntax': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `this YAML cannot be read: ${p.problem}`,
    explanation:
      'The file is not valid YAML 1.1. The place named is where the reader gave up; the mistake is often one line above: a missing colon, a tab, or a value with `: ` or `{{` in it that needs quotes.',
  }),
  'yaml-duplicate-key': entry<{ key: string }>({
    severity: 'warning',
    message: (p) => `the key \`${p.key}\` is here twice`,
    hint: () => 'remove one of the two',
    explanation: 'A mapping has the same key twice. The last one counts, as in dbt, and the first is silently lost: merge the two, or rename one.',
  }),
  'not-utf8': entry<{ path: string; byte: number }>({
    severity: 'error',
    message: (p) => `the file is not UTF-8: byte 0x${p.byte.toString(16).padStart(2, '0')} does not belong to any character`,
    hint: (p) => `save it as UTF-8, for example: \`iconv -f latin1 -t utf8 ${p.path}\``,
    explanation:
      'dml reads every file as UTF-8, as dbt does. The column counts bytes. Files from older spreadsheets and editors are often in Windows-1252 or Latin-1: convert them once.',
  }),
  'file-unreadable': entry<{ path: string }>({
    severity: 'error',
    message: (p) => `\`${p.path}\` cannot be read`,
    explanation:
      'The operating system refused to read a file or folder of the project; its own words are printed with the message. Check that it exists and who may read it.',
  }),
  'project-not-found': entry<{ dir: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `there is no dbt_project.yml in ${p.dir}`,
    hint: (p) =>
      p.near === undefined ? 'run `dml init` to start a project here' : `the nearest one is in ${p.near}: go there, or pass \`--project-dir ${p.near}\``,
    explanation: 'A project is a folder with a dbt_project.yml. Run dml inside it, pass `--project-dir`, or make a new project with `dml init`.',
  }),
  'project-empty': entry<{ paths: readonly string[] }>({
    severity: 'note',
    message: (p) => `the project has no models, seeds or snapshots (looked in ${p.paths.join(', ')})`,
    hint: () => 'write a first model, for example models/first.sql with `select 1 as id`',
    explanation:
      'The search paths of dbt_project.yml hold no file that dml could build. Perhaps `model-paths` names another folder than the one the files are in.',
  }),
  'project-name': entry<{ name: string; problem: string }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` cannot be the name of a project: ${p.problem}`,
    hint: () => 'use letters, digits and underscores, and start with a letter',
    explanation:
      'Project names become parts of identifiers and names inside templates: letters, digits and underscores, not starting with a digit, and none of the words that templates use (`ref`, `source`, `config`, ...).',
  }),
  'config-invalid': entry<{ key: string; problem: string }>({
    severity: 'error',
    message: (p) => (p.key === '' ? p.problem : `\`${p.key}\` ${p.problem}`),
    explanation: 'A key of a configuration file has a value of the wrong shape. The JSON Schemas in `schemas/` let an editor show this while you type.',
  }),
  'config-unknown-key': entry<{ key: string; file: string; near?: string | undefined }>({
    severity: 'warning',
    message: (p) => `${p.file} has no key \`${p.key}\``,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation:
      'The key is not one that dml or dbt knows at this place, so nothing reads it. It is often a spelling mistake, or a key that belongs one level deeper.',
  }),
  'config-deprecated': entry<{ key: string; instead: string }>({
    severity: 'note',
    message: (p) => `\`${p.key}\` is the old name of \`${p.instead}\``,
    hint: (p) => `rename it to \`${p.instead}\``,
    explanation: 'The key still works, but dbt has renamed it.',
  }),
  'config-conflict': entry<{ key: string; other: string }>({
    severity: 'error',
    message: (p) => `\`${p.key}\` and \`${p.other}\` cannot both be given`,
    hint: (p) => `keep \`${p.other}\` and move what \`${p.key}\` has into it`,
    explanation: 'The two keys are an old and a new name of one setting; with both there, it is not clear which counts.',
  }),
  'dbt-version': entry<{ name: string; required: string; version: string }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` requires dbt ${p.required}, and dml works as dbt ${p.version}`,
    hint: () => 'widen `require-dbt-version`, or pass `--no-version-check`',
    explanation:
      'The project or a package says in `require-dbt-version` which versions of dbt it was made for. dml behaves as the dbt version named in the message.',
  }),
  'vars-invalid': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `the value of --vars ${p.problem}`,
    hint: () => `write a YAML mapping: --vars '{start_date: 2024-01-01}'`,
    explanation: 'Variables on the command line are a YAML mapping from names to values. Mind the shell: put the whole in quotes.',
  }),
  'profiles-not-found': entry<{ dir: string; why: string }>({
    severity: 'error',
    message: (p) => `there is no profiles.yml in ${p.dir}, the folder that ${p.why} names`,
    hint: () => 'without that, dml looks in the current folder, in the project and in ~/.dbt',
    explanation: 'The folder for profiles.yml was given explicitly, so dml looks nowhere else.',
  }),
  'profile-not-found': entry<{ name: string; file: string; known: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `${p.file} has no profile \`${p.name}\``,
    hint: (p) => (p.near === undefined ? (p.known.length === 0 ? undefined : `its profiles: ${p.known.join(', ')}`) : `did you mean \`${p.near}\`?`),
    explanation: '`profile:` in dbt_project.yml (or `--profile`) names an entry at the top level of profiles.yml, which holds the connections.',
  }),
  'target-not-found': entry<{ name: string; profile: string; known: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the profile \`${p.profile}\` has no target \`${p.name}\``,
    hint: (p) => (p.near === undefined ? (p.known.length === 0 ? undefined : `its targets: ${p.known.join(', ')}`) : `did you mean \`${p.near}\`?`),
    explanation: 'A target is an entry under `outputs:` of a profile. `--target` chooses one, else `target:` of the profile, else the one called `default`.',
  }),
  'package-duplicate': entry<{ name: string; first: string }>({
    severity: 'error',
    message: (p) => `two packages are called \`${p.name}\`; the other is ${p.first}`,
    hint: () => 'remove one of the two folders, or rename one package in its dbt_project.yml',
    explanation: 'The name in dbt_project.yml is how templates and configuration address a package, so it must be unique among the project and its packages.',
  }),
  'package-broken': entry<{ dir: string }>({
    severity: 'error',
    message: (p) => `the package in ${p.dir} has no dbt_project.yml`,
    hint: () => 'install the packages again, or remove the folder',
    explanation: 'Every folder in the packages folder must be a package with a dbt_project.yml of its own. An interrupted download can leave one without.',
  }),
  'property-invalid': entry<{ where: string; problem: string }>({
    severity: 'error',
    message: (p) => `${p.where} ${p.problem}`,
    explanation:
      'An entry of a properties file (models, sources, tests, ...) has a shape that dbt does not take either. The JSON Schema `schemas/properties.json` lets an editor show this while you type.',
  }),
  'property-unknown': entry<{ key: string; where: string; near: string }>({
    severity: 'warning',
    message: (p) => `${p.where} has the key \`${p.key}\`, which nothing reads`,
    hint: (p) => `did you mean \`${p.near}\`?`,
    explanation: 'dbt accepts unknown keys in properties files without a word. This one is so near to a known key that it is probably a spelling mistake.',
  }),
};
