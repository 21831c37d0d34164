import { fail, type Related } from '../../text/index.ts';
import { best, installable, type Requirement } from './semver.ts';
import type { GitSpec, HubSpec, Spec } from './spec.ts';

/** Everything that is asked of one package, by the project and by other packages; all entries are of one kind. */
export type Wanted = readonly [Spec, ...Spec[]];

/** The packages asked for, in the order in which they were first asked for. */
export class Listing {
  private readonly packages = new Map<string, Wanted>();

  get size(): number {
    return this.packages.size;
  }

  values(): readonly Wanted[] {
    return [...this.packages.values()];
  }

  get(spec: Spec): Wanted | undefined {
    return this.packages.get(this.key(spec));
  }

  /** Adds what is asked; throws `package-kinds` where the same name stands for a package of another kind. */
  add(spec: Spec): void {
    const key = this.key(spec);
    const [first, ...rest] = this.packages.get(key) ?? [];
    if (first && first.kind !== spec.kind)
      fail('package-kinds', { name: key, first: first.kind, second: spec.kind }, { at: spec.at, related: [note(`as a ${first.kind} package`, first)] });
    this.packages.set(key, first ? [first, ...rest, spec] : [spec]);
  }

  private key(spec: Spec): string {
    const [name, ...others] = names(spec);
    return [name, ...others].find((n) => this.packages.has(n)) ?? name;
  }
}

/** What identifies a package; a repository is the same with and without `.git`. */
function names(spec: Spec): readonly [string, ...string[]] {
  switch (spec.kind) {
    case 'local':
      return [spec.local];
    case 'tarball':
      return [spec.tarball];
    case 'hub':
      return [spec.package];
    case 'git': {
      const below = spec.subdirectory === undefined ? '' : `/${spec.subdirectory}`;
      const other = spec.git.endsWith('.git') ? spec.git.slice(0, -4) : `${spec.git}.git`;
      return [spec.git + below, other + below];
    }
  }
}

function note(message: string, spec: Spec): Related {
  return { message: `${message}, by ${spec.by}`, ...(spec.at && { at: spec.at }) };
}

/** The one revision that is asked for; `HEAD` where nobody names one. */
export function revisionOf(specs: readonly [GitSpec, ...GitSpec[]]): string {
  const asked = specs.filter((s) => s.revision !== undefined);
  const revisions = [...new Set(asked.map((s) => s.revision ?? ''))];
  if (revisions.length > 1) {
    const related = asked.map((s) => note(`\`${s.revision}\` is asked for`, s));
    return fail('package-revisions', { url: specs[0].git, revisions }, { at: specs[0].at, related });
  }
  return revisions[0] ?? 'HEAD';
}

/** The version to install: the greatest that meets everything, and the greatest there is. */
export interface Chosen {
  readonly version: string;
  readonly latest: string;
}

/** Chooses among the versions that work with the dbt version (`checked`: that was looked at). Throws `package-version-conflict`, saying who asks for what. */
export function versionOf(specs: readonly [HubSpec, ...HubSpec[]], compatible: readonly string[], checked: boolean): Chosen {
  const requirements = specs.flatMap((s) => s.requirements);
  const named = requirements.some((r) => r.version.pre !== undefined);
  const available = installable(compatible, specs[0].prereleases || named);
  const chosen = best(available, requirements);
  const latest = available.at(-1);
  if (chosen && latest) return { version: chosen.text, latest: latest.text };
  const related = specs.map((s) => note(`${s.requirements.map(shown).join(', ')} is asked for`, s));
  return fail('package-version-conflict', { name: specs[0].package, available: available.map((v) => v.text), checked }, { at: specs[0].at, related });
}

function shown({ operator, version }: Requirement): string {
  return `\`${operator === '=' ? '' : operator}${version.text}\``;
}
