import type { Facts } from './facts.ts';
import { countHealths } from './history.ts';
import { type JsonMap, mapOf, some, textOf } from './json.ts';
import { ownerFrom } from './rows.ts';
import { testHealth } from './tests.ts';
import type { GroupFacts, Health, IndexFile, Markdown, NodePage, PackageFacts, ProjectFacts, ProjectHealth, Row } from './types.ts';

/** What the index says of the project: everything but the files. */
export function projectFacts(
  facts: Facts,
  rows: readonly Row[],
  pages: ReadonlyMap<string, NodePage>,
): Pick<IndexFile, 'project' | 'counts' | 'health' | 'runs' | 'packages' | 'groups' | 'generator' | 'generatedAt'> {
  const meta = mapOf(facts.manifest['metadata']);
  const name = textOf(meta['project_name']) ?? rootOf(rows);
  const dbt = textOf(meta['dbt_version']);
  const project: ProjectFacts = {
    name,
    ...some('adapter', facts.adapter),
    ...some('dbtVersion', dbt),
    ...some('overview', overviewOf(facts, '__overview__', name) ?? facts.readme),
  };
  return {
    generatedAt: textOf(meta['generated_at']) ?? '',
    generator: `dbt ${dbt ?? ''}`.trim(),
    project,
    counts: countsOf(facts, rows),
    health: healthOfProject(facts, name, rows, pages),
    runs: facts.history.invocations,
    packages: packagesOf(facts, rows),
    groups: groupsOf(facts, rows),
  };
}

/** The package of most nodes: manifests before version 12 do not name the project. */
function rootOf(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.package, (counts.get(row.package) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** A docs block by name. dbt has an `__overview__` of its own, which says nothing about the project. */
function overviewOf(facts: Facts, name: string, of?: string): Markdown | undefined {
  const docs = Object.values(mapOf(facts.manifest['docs'])).map(mapOf);
  const found = docs.filter((d) => d['name'] === name && d['package_name'] !== 'dbt');
  return textOf((found.find((d) => d['package_name'] === of) ?? found[0])?.['block_contents']);
}

function countsOf(facts: Facts, rows: readonly Row[]): { readonly [type: string]: number } {
  const counts: { [type: string]: number } = {};
  for (const row of rows) if (!row.hidden) counts[row.type] = (counts[row.type] ?? 0) + 1;
  for (const test of facts.tests.values()) {
    const type = test['resource_type'] === 'unit_test' ? 'unit_test' : 'test';
    counts[type] = (counts[type] ?? 0) + 1;
  }
  if (facts.macros.size > 0) counts['macro'] = facts.macros.size;
  return counts;
}

const BUILT: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot', 'function']);
const DESCRIBED: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot', 'source']);

function healthOfProject(facts: Facts, root: string, rows: readonly Row[], pages: ReadonlyMap<string, NodePage>): ProjectHealth {
  const built = rows.filter((r) => BUILT.has(r.type) && r.materialized !== 'ephemeral');
  const own = rows.filter((r) => DESCRIBED.has(r.type) && r.package === root);
  let [columns, withText] = [0, 0];
  for (const row of own)
    for (const column of pages.get(row.id)?.columns ?? []) {
      columns++;
      if (column.description !== undefined) withText++;
    }
  return {
    tests: countHealths([...facts.tests.keys()].map((id) => testHealth(facts, id))),
    builds: countHealths(built.map((r): Health => r.status ?? 'none')),
    freshness: countHealths([...pages.values()].flatMap((p): readonly Health[] => (p.source?.freshness ? [p.source.freshness.health] : []))),
    described: [own.filter((r) => r.about !== undefined).length, own.length],
    tested: [own.filter((r) => r.tests !== undefined).length, own.length],
    columnsDescribed: [withText, columns],
  };
}

function packagesOf(facts: Facts, rows: readonly Row[]): readonly PackageFacts[] {
  const macros = [...facts.macros.values()].map((m) => textOf(m['package_name']) ?? '');
  const names = new Set([...rows.map((r) => r.package), ...macros]);
  return [...names].sort().map((name) => ({
    name,
    nodes: rows.filter((r) => r.package === name).length,
    macros: macros.filter((m) => m === name).length,
    ...some('overview', overviewOf(facts, `__${name}__`)),
  }));
}

function groupsOf(facts: Facts, rows: readonly Row[]): readonly GroupFacts[] {
  return Object.values(mapOf(facts.manifest['groups']))
    .map(mapOf)
    .map((group: JsonMap): GroupFacts => {
      const name = textOf(group['name']) ?? '';
      return {
        name,
        package: textOf(group['package_name']) ?? '',
        owner: ownerFrom(group['owner']),
        ...some('description', textOf(group['description'])),
        nodes: rows.filter((r) => r.group === name).length,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
