import { entry } from './entry.ts';

const near = (p: { readonly near?: string | undefined }): string | undefined => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`);

/** The command line and the selection of nodes. */
export const cli = {
  'unknown-option': entry<{ option: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `unknown option \`${p.option}\``,
    hint: near,
    explanation: 'No flag of this name exists for the command. `dml COMMAND --help` lists its flags.',
  }),
  'unknown-command': entry<{ command: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `unknown command \`${p.command}\``,
    hint: near,
    explanation: 'No command of this name exists. `dml --help` lists the commands.',
  }),
  'bad-argument': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation:
      'A flag or argument of the command line, or the environment variable that stands for it, has a value that the command cannot use. `dml COMMAND --help` says what it takes.',
  }),
  'pages-missing': entry<{ dir: string }>({
    severity: 'error',
    message: (p) => `the pages of the documentation are not in ${p.dir}`,
    hint: () => 'install dml again; in its own repository, build it with `npm run build`',
    explanation:
      'A documentation site is pages, which come with dml and are the same for every project, and data, which `dml docs generate` writes beside them. Without its pages dml writes nothing, since data alone would open as an empty page.',
  }),
  'shim-foreign': entry<{ file: string }>({
    severity: 'error',
    message: (p) => `${p.file} is there already and was not written by dml`,
    hint: () => 'use a folder of its own, which comes first in PATH; `--force` replaces the file',
    explanation:
      '`dml install-shim DIR` writes a program called `dbt` that runs dml. It writes over one that it has written before, and over no other: a dbt that was installed there would be lost.',
  }),
  'selector-method-unknown': entry<{ method: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `'${p.method}' is not a valid method name`,
    hint: near,
    explanation:
      'In `method:value` the method must be one of fqn, tag, group, access, source, path, file, package, config.KEY, test_name, test_type, resource_type, exposure, metric, version, unit_test, semantic_model, saved_query, state, result, source_status or git. Without a method the value is a path (it holds a slash), a file (it ends in .sql, .py or .csv) or a name.',
  }),
  'selector-invalid': entry<{ selector: string; problem: string }>({
    severity: 'error',
    message: (p) => `the selector \`${p.selector}\` cannot be used: ${p.problem}`,
    explanation:
      'A selection is a list of criteria: spaces join them (union), commas intersect them, `+` in front or behind adds what is above or below, `@` adds everything needed to build what is below.',
  }),
  'selector-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `no selector named \`${p.name}\` is defined in selectors.yml`,
    hint: near,
    explanation:
      '`--selector NAME` and `method: selector` refer to a definition of selectors.yml in the root of the project; a definition may use only those that stand above it.',
  }),
  'nothing-selected': entry<{ criterion: string; near?: string | undefined }>({
    severity: 'warning',
    message: (p) => `The selection criterion '${p.criterion}' does not match any enabled nodes`,
    hint: near,
    explanation:
      'The criterion is well formed but finds nothing: the name may be misspelt, the node disabled, or of a kind that the command does not handle. `dml ls` prints what there is.',
  }),
  'nothing-to-do': entry<Record<string, never>>({
    severity: 'warning',
    message: () => 'Nothing to do. Try checking your model configs and model specification args',
    explanation:
      'What was selected holds nothing that the command works on: `dml run` builds models only, `dml test` runs tests only. `dml build` works on all kinds, `dml ls` prints them.',
  }),
  'nothing-listed': entry<Record<string, never>>({
    severity: 'warning',
    message: () => 'No nodes selected!',
    explanation: 'The selection of `dml ls` is empty: each criterion may find something, but nothing fits them all, or it is of another `--resource-type`.',
  }),
  'dependency-cycle': entry<{ path: readonly string[] }>({
    severity: 'error',
    message: (p) => `Found a cycle: ${p.path.join(' --> ')}`,
    hint: () => 'take one `ref` out of the circle, or move what both sides need into a model of its own',
    explanation: 'Nodes that need each other, directly or through others, can never be built. The message shows the circle in the direction of the data.',
  }),
  'packages-not-installed': entry<{ packages: readonly string[] }>({
    severity: 'error',
    message: (p) => `packages are listed that are not installed: ${p.packages.join(', ')}`,
    hint: () => 'run `dml deps`',
    explanation: 'The project lists packages in packages.yml or dependencies.yml that are not in its packages folder.',
  }),
  'init-refused': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation:
      '`dml init` writes a new project into a folder that does not exist yet or is empty. A project name consists of letters, digits and underscores and does not begin with a digit.',
  }),
  'node-not-found': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `no diagnostic code or node is called \`${p.name}\``,
    hint: near,
    explanation: '`dml explain` takes the code of a diagnostic (printed in brackets) or the name of a node of the project.',
  }),
  'clean-outside': entry<{ path: string }>({
    severity: 'error',
    message: (p) => `\`${p.path}\` is not inside the project, so it is not deleted`,
    hint: () => '`--no-clean-project-files-only` deletes it all the same',
    explanation: '`dml clean` deletes the `clean-targets` of dbt_project.yml, and by default only those inside the project that hold no sources.',
  }),
  'file-not-written': entry<{ path: string; problem: string }>({
    severity: 'error',
    message: (p) => `\`${p.path}\` cannot be written: ${p.problem}`,
    explanation:
      'dml writes artifacts and compiled SQL into the target folder and its log into the log folder. `--target-path` and `--log-path` choose other places.',
  }),
};
