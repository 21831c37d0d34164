import { entry } from './entry.ts';

/** Packages: the lists that name them, and fetching and installing them. */
export const packages = {
  'package-entry': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: () => 'an entry is `package:` with `version:`, `git:` with `revision:`, `local:` with a folder, or `tarball:` with an address and a `name:`',
    explanation:
      'Each entry of the package list names one package by one of four keys. `package` takes `version` and `install_prerelease`; `git` takes `revision`, `subdirectory` and `warn-unpinned`; `local` is a folder relative to the project; `tarball` needs a `name`. Versions are texts such as `">=1.0.0"`, several of them as a list.',
  }),
  'package-version-conflict': entry<{ name: string; available: readonly string[]; checked: boolean }>({
    severity: 'error',
    message: (p) => `no version of \`${p.name}\` meets everything that is asked of it`,
    hint: (p) =>
      p.available.length === 0
        ? `the index has no ${p.checked ? 'version of it that works with this version of dbt' : 'version of it'}`
        : `${p.checked ? 'versions that work here' : 'versions'}: ${p.available.slice(-8).join(', ')}${p.available.length > 8 ? ' (and older ones)' : ''}`,
    explanation:
      'The notes list who asks for which versions. All of them must hold at the same time: widen the requirement in packages.yml, or use another version of the package that is too strict. Versions whose `require-dbt-version` excludes the dbt version dml works as are left out, unless `--no-version-check` is given; pre-releases count only with `install_prerelease: true` or where a requirement names one.',
  }),
  'package-unknown': entry<{ name: string; hub: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the package index has no package \`${p.name}\``,
    hint: (p) => (p.near === undefined ? `the index is ${p.hub}; DBT_PACKAGE_HUB_URL names another one` : `did you mean \`${p.near}\`?`),
    explanation:
      'Hub packages are named by owner and name, for example `dbt-labs/dbt_utils`. A package that is not in the index can be installed with `git:` or `tarball:`.',
  }),
  'package-revisions': entry<{ url: string; revisions: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.url}\` is asked for in several revisions: ${p.revisions.join(', ')}`,
    hint: () => 'name the same revision everywhere',
    explanation: 'A git package can be installed in one revision only. Packages that depend on it must all ask for the same branch, tag or commit.',
  }),
  'package-kinds': entry<{ name: string; first: string; second: string }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` is listed both as a ${p.first} and as a ${p.second} package`,
    hint: () => 'keep one of the two',
    explanation: 'The same name or address cannot stand for packages of two kinds.',
  }),
  'package-name-taken': entry<{ name: string; first: string; second: string }>({
    severity: 'error',
    message: (p) => `${p.first} and ${p.second} are both called \`${p.name}\``,
    hint: () => 'remove one of them from the list; the name is in the dbt_project.yml of each',
    explanation:
      'The name in dbt_project.yml is how templates and configuration address a package, so it must be unique among the project and its packages. Often one package is listed twice under two addresses, such as its hub name and its git repository.',
  }),
  'package-unusable': entry<{ from: string; problem: string }>({
    severity: 'error',
    message: (p) => `\`${p.from}\` is no package that can be installed: ${p.problem}`,
    explanation:
      'A package is a folder (or a repository, or an archive of exactly one folder) with a dbt_project.yml that has a `name`. Archives whose entries or links point outside of their own folder are refused.',
  }),
  'package-git-failed': entry<{ url: string; revision: string }>({
    severity: 'error',
    message: (p) => `git cannot fetch ${p.revision} from \`${p.url}\``,
    hint: () =>
      'check the address, the revision (a branch, a tag, or all 40 digits of a commit) and that you may read the repository: `git ls-remote` must work without asking',
    explanation: "Git packages are fetched with the system's git, which never asks for a password here. Its own words are printed with the message.",
  }),
  'git-missing': entry<{ url: string }>({
    severity: 'error',
    message: (p) => `git is needed to install \`${p.url}\`, and there is no command \`git\``,
    hint: () => 'install git, or use the package from the hub or as a `tarball:`',
    explanation: "Packages listed with `git:` are fetched with the system's git, which must be on the PATH.",
  }),
  'network-unreachable': entry<{ url: string; offline: boolean }>({
    severity: 'error',
    message: (p) => (p.offline ? `offline, and not in the cache: ${p.url}` : `there is no answer from ${p.url}, and the cache does not hold it`),
    hint: (p) => (p.offline ? 'run `dml deps` once without `--offline`' : 'check the connection; what was installed before is installed again without one'),
    explanation:
      'Installing a package for the first time needs the network. What was fetched once is kept in a cache of the user ($XDG_CACHE_HOME/dml or ~/.cache/dml) and installed from there when the network is not there, or with `--offline`.',
  }),
  'package-from-cache': entry<{ what: string }>({
    severity: 'note',
    message: (p) => `no network: using what the cache knows of ${p.what}`,
    explanation: 'The server did not answer, so dml used the copy of its last answer. There may be newer versions.',
  }),
  'package-unpinned': entry<{ url: string; revision: string }>({
    severity: 'warning',
    message: (p) =>
      p.revision === 'HEAD'
        ? `the git package \`${p.url}\` is not pinned: its default branch is used`
        : `the git package \`${p.url}\` is pinned to the branch \`${p.revision}\``,
    hint: () => 'name a tag or a commit as `revision:`, or set `warn-unpinned: false`',
    explanation: 'A branch moves: the next `dml deps --upgrade` may install something else. A tag or commit makes installs repeatable.',
  }),
  'package-moved': entry<{ name: string; now: string }>({
    severity: 'warning',
    message: (p) => `the package \`${p.name}\` is now called \`${p.now}\``,
    hint: (p) => `write \`package: ${p.now}\``,
    explanation: 'The index says that the package has moved to another owner or name. The old name still works, but gets no new versions.',
  }),
  'package-secret': entry<{ text: string }>({
    severity: 'warning',
    message: (p) => `the lock file gets \`${p.text}\` in place of an address with a secret in it`,
    hint: () => 'read the secret with `{{ env_var() }}` in packages.yml: the lock file then keeps the template',
    explanation:
      'The value of a DBT_ENV_SECRET variable stands in packages.yml itself. Secrets are never written to the lock file, so it cannot be used to install this package.',
  }),
  'lock-invalid': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => `package-lock.yml ${p.problem}`,
    hint: () => '`dml deps --upgrade` writes it anew',
    explanation: 'package-lock.yml is written by `dml deps` (or `dbt deps`) and lists the exact packages to install.',
  }),
};
