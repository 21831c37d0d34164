// Comparisons of what two tools wrote to target/. Each check is { name, same, missing, extra, different }: `missing` is what only the first side has.
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** Two lists as multisets. */
export function compareLists(a, b) {
  const rest = [...b];
  const missing = [];
  for (const each of a) {
    const at = rest.indexOf(each);
    if (at === -1) missing.push(each);
    else rest.splice(at, 1);
  }
  return { same: a.length - missing.length, missing, extra: rest, different: [] };
}

/** Two maps by key; `explain` words what differs between two unequal values. */
function compareMaps(a, b, explain) {
  const different = [];
  let same = 0;
  for (const [key, value] of Object.entries(a)) {
    if (!(key in b)) continue;
    if (isDeepStrictEqual(value, b[key])) same++;
    else different.push(`${key}: ${explain(value, b[key])}`);
  }
  const without = (one, other) => Object.keys(one).filter((key) => !(key in other));
  return { same, missing: without(a, b), extra: without(b, a), different };
}

const shorten = (value) => {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
};
const arrow = (one, other) => `${shorten(one)} -> ${shorten(other)}`;

/** Parts of the manifest whose keys are ids. Macros of dbt's own packages are an implementation's affair. */
const parts = [
  'nodes',
  'sources',
  'exposures',
  'metrics',
  'groups',
  'semantic_models',
  'saved_queries',
  'unit_tests',
  'docs',
  'disabled',
  'parent_map',
  'child_map',
];
/** What is different in every run, or holds a path of the machine. */
const volatile = new Set(['created_at', 'build_path', 'compiled_path', 'root_path', 'compiled_code', 'raw_code', 'extra_ctes', 'macros']);

/** Ids, node fields and statuses. */
export function compareArtifacts(a, b) {
  const ids = (side) => parts.flatMap((part) => Object.keys(side.manifest[part] ?? {}).map((id) => `${part}: ${id}`));
  const macros = (side) =>
    Object.keys(side.manifest.macros ?? {})
      .filter((id) => !/^macro\.dbt(_\w+)?\./.test(id))
      .map((id) => `macros: ${id}`);
  const statuses = (side) =>
    Object.fromEntries((side.results.results ?? []).map((result) => [result.unique_id, { status: result.status, failures: result.failures ?? null }]));
  return [
    { name: 'manifest ids', ...compareLists([...ids(a), ...macros(a)], [...ids(b), ...macros(b)]) },
    { name: 'manifest fields', ...compareMaps(fields(a.manifest, b.manifest), fields(b.manifest, a.manifest), arrow) },
    { name: 'statuses', ...compareMaps(statuses(a), statuses(b), arrow) },
  ];
}

/** `id.field` -> value for every node, source, exposure and unit test that both sides have. Orders that have no meaning are sorted. */
function fields(manifest, other) {
  const all = {};
  for (const part of ['nodes', 'sources', 'exposures', 'unit_tests']) {
    for (const [id, node] of Object.entries(manifest[part] ?? {})) {
      if (other[part]?.[id] === undefined) continue;
      for (const [key, value] of Object.entries(node)) if (!volatile.has(key)) all[`${id}.${key}`] = plain(key, value);
      for (const map of ['parent_map', 'child_map']) all[`${id} in ${map}`] = manifest[map]?.[id]?.toSorted();
    }
  }
  return all;
}

function plain(key, value) {
  if (key === 'depends_on') return value.nodes?.toSorted() ?? [];
  return key === 'tags' ? value.toSorted() : value;
}

/** Compiled files: once to the byte, once without regard to white space. The sides' own directories are cut out of the texts. */
export function compareFiles(a, b) {
  // dbt writes all unit tests of a model to one file, and which one is last is chance.
  const unitTests = Object.values(a.manifest.unit_tests ?? {}).map((node) => path.join(node.package_name, node.original_file_path, `${node.model}.sql`));
  const chance = new Set(unitTests.filter((name, i) => unitTests.indexOf(name) !== i));
  const read = (side) => {
    if (!fs.existsSync(side.compiled)) return {};
    const names = fs.readdirSync(side.compiled, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => !chance.has(name) && fs.statSync(path.join(side.compiled, name)).isFile());
    return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(side.compiled, name), 'utf8').replaceAll(side.home, '<home>')]));
  };
  const left = read(a);
  const right = read(b);
  const loose = (texts) => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.replace(/\s+/g, ' ').trim()]));
  return [
    { name: 'compiled SQL, exact', cosmetic: true, ...compareMaps(left, right, firstDifference) },
    { name: 'compiled SQL, words', ...compareMaps(loose(left), loose(right), firstDifference) },
  ];
}

function firstDifference(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const from = Math.max(0, at - 20);
  return `at ${at}: ${JSON.stringify(one.slice(from, at + 60))} -> ${JSON.stringify(other.slice(from, at + 60))}`;
}
