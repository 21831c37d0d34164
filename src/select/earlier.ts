import { callers, type Part } from '../state/index.ts';
import { closest, fail } from '../text/index.ts';
import type { Criterion } from './spec.ts';
import type { Member, Universe } from './universe.ts';

type Test = (m: Member) => boolean;

const STATES = [
  'new',
  'old',
  'modified',
  'unmodified',
  'modified.body',
  'modified.configs',
  'modified.persisted_descriptions',
  'modified.relation',
  'modified.macros',
  'modified.contract',
  // dml's own: not what differs in blanks, comments and descriptions only.
  'modified.semantic',
] as const;

/** `state:`: how a node differs from what an earlier manifest holds under its id. */
export function stateTest(value: string, c: Criterion, u: Universe): Test {
  const { comparison } = u.earlier;
  if (!comparison) return fail('state-missing', { problem: 'Got a state selector method, but no comparison manifest', hint: hintOf(u, 'manifest.json') });
  const wanted = STATES.find((s) => s === value);
  if (wanted === undefined) {
    const near = closest(value, STATES);
    return fail(
      'selector-invalid',
      { selector: c.raw, problem: `Got an invalid selector "${value}", expected one of ${STATES.join(', ')}` },
      { hint: near === undefined ? undefined : `did you mean \`${near}\`?` },
    );
  }
  switch (wanted) {
    case 'new':
      return (m) => comparison.isNew(m.id);
    case 'old':
      return (m) => !comparison.isNew(m.id);
    case 'modified':
    case 'unmodified':
      comparison.checkRemoved();
      return (m) => comparison.changes(m.id).length > 0 === (wanted === 'modified');
    default: {
      if (wanted === 'modified.contract') comparison.checkRemoved();
      const part = wanted.slice('modified.'.length) as Part;
      return (m) => comparison.differs(m.id, part);
    }
  }
}

/** `result:`: the status that a node had in the earlier run. */
export function resultTest(value: string, u: Universe): Test {
  const results = u.earlier.previous?.results;
  if (!results) return fail('state-missing', { problem: 'No comparison run_results', hint: hintOf(u, 'run_results.json') });
  const ids = new Set(results.results.filter((r) => r.status === value).map((r) => r.id));
  return (m) => ids.has(m.id);
}

/** `source_status:fresher`: sources that have newer rows than in the earlier check of freshness. */
export function sourceStatusTest(value: string, u: Universe): Test {
  const { sources: before, currentSources: now } = u.earlier.previous ?? {};
  if (!before) return fail('state-missing', { problem: 'No previous state comparison freshness results in sources.json', hint: hintOf(u, 'sources.json') });
  if (!now)
    return fail('state-missing', { problem: 'No current state comparison freshness results in sources.json', hint: 'run `dml source freshness` before' });
  if (value !== 'fresher') return () => false;
  return (m) => {
    const loaded = now.get(m.id);
    return loaded !== undefined && loaded > (before.get(m.id) ?? Number.NEGATIVE_INFINITY);
  };
}

function hintOf(u: Universe, file: string): string {
  const dir = u.earlier.previous?.dir;
  return dir === undefined ? 'name the folder with the artifacts of an earlier run: `--state DIR`' : `there is no ${file} in \`${dir}\``;
}

/** `git:REVISION`: nodes whose text, YAML or macros lie in files that differ from a revision of the repository. */
export function gitTest(revision: string, c: Criterion, u: Universe): Test {
  const { changedSince } = u.earlier;
  if (!changedSince || revision === '') return fail('selector-invalid', { selector: c.raw, problem: 'write `git:REVISION`, e.g. `git:main`' });
  const changed = changedSince(revision);
  const { project, macros } = u.manifest;
  const folders = new Map(project.packages.map((p) => [p.name, p.isRoot ? '' : `${p.dir.slice(project.dir.length + 1).replaceAll('\\', '/')}/`]));
  const touched = (packageName: string, path: string): boolean => changed.has(`${folders.get(packageName) ?? ''}${path}`);
  const called = callers(
    u.manifest,
    [...macros.values()].filter((macro) => touched(macro.package_name, macro.original_file_path)).map((macro) => macro.unique_id),
  );
  return (m) => {
    const r = m.resource;
    const patch = r && 'patch_path' in r ? /^(\w+):\/\/(.*)$/s.exec(r.patch_path ?? '') : null;
    if (touched(m.package, m.path.replace(/^\.\//, '')) || (patch && touched(patch[1] ?? '', patch[2] ?? ''))) return true;
    return r !== undefined && 'depends_on' in r && r.depends_on.macros.some((id) => called.has(id));
  };
}
