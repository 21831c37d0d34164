import { closest, Diagnostics, isMap, parseYaml, type Yaml, type YamlDocument, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { defaults, isJsonMap } from './config.ts';
import type { JsonMap } from './manifest.ts';

type Fqn = readonly string[];

/** The trees of dbt_project.yml, and what each configures. */
const TREES = {
  models: 'model',
  seeds: 'seed',
  snapshots: 'snapshot',
  data_tests: 'test',
  unit_tests: 'unit_test',
  sources: 'source',
  exposures: 'exposure',
} as const;
type Tree = keyof typeof TREES;

/** Warns of what the project's file configures and nothing of the project answers to: a misspelt folder, or a setting whose `+` is missing. */
export function unusedConfig(b: Build): void {
  const fqns = fqnsOf(b);
  const disabled = [...b.disabled.values()].flat().map((r) => r.fqn);
  let document: YamlDocument | undefined;
  for (const tree of Object.keys(TREES) as Tree[]) {
    const known = [...(fqns.get(TREES[tree]) ?? []), ...disabled];
    for (const path of configured(b.trees(b.project.root, tree, false))) {
      if (known.some((fqn) => startsWith(fqn, path))) continue;
      // Only for its places: what is wrong with the file has been told.
      document ??= parseYaml(b.project.root.file, new Diagnostics());
      b.sink.add('config-unused', { path: [tree, ...path].join('.'), hint: hintFor(tree, path, known) }, { at: document && placeOf(document, tree, path) });
    }
  }
}

function fqnsOf(b: Build): ReadonlyMap<string, readonly Fqn[]> {
  const out = new Map<string, Fqn[]>();
  for (const r of [...b.nodes.values(), ...b.sources.values(), ...b.exposures.values(), ...b.unitTests.values()])
    out.set(r.resource_type, [...(out.get(r.resource_type) ?? []), r.fqn]);
  return out;
}

/** The paths of a tree below which something is set; each once. */
function* configured(tree: JsonMap, path: Fqn = []): Generator<Fqn> {
  let told = false;
  for (const [key, value] of Object.entries(tree)) {
    if (isJsonMap(value) && !key.startsWith('+')) yield* configured(value, [...path, key]);
    else if (!told) {
      told = true;
      yield path;
    }
  }
}

function startsWith(fqn: Fqn, path: Fqn): boolean {
  return path.length <= fqn.length && path.every((part, i) => part === fqn[i]);
}

/** The first part of the path that leads nowhere is where the mistake is. */
function hintFor(tree: Tree, path: Fqn, known: readonly Fqn[]): string | undefined {
  const wrong = path.findIndex((_, i) => !known.some((fqn) => startsWith(fqn, path.slice(0, i + 1))));
  const part = path[wrong];
  if (part === undefined) return undefined;
  const settings = defaults[TREES[tree]];
  if (part.replace(/^(pre|post)_hook$/, '$1-hook') in settings)
    return `\`${part}\` is a setting and no folder: a setting whose value is a mapping is written \`+${part}\``;
  const before = path.slice(0, wrong);
  const near = closest(
    part,
    known.filter((fqn) => startsWith(fqn, before)).flatMap((fqn) => fqn[wrong] ?? []),
  );
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

function placeOf(document: YamlDocument, tree: Tree, path: Fqn) {
  const { value } = document;
  if (!isMap(value)) return undefined;
  const top = tree in value ? tree : 'tests';
  let at: YamlMap = value;
  let key: string = top;
  for (const part of path) {
    const below: Yaml | undefined = at[key];
    if (!isMap(below)) break;
    at = below;
    key = part;
  }
  return document.keySpan(at, key);
}
