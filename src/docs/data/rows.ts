import type { Entry, Facts } from './facts.ts';
import { healthOf } from './history.ts';
import { holds, type JsonMap, listOf, mapOf, numberOf, some, textOf, textsOf } from './json.ts';
import { freshnessOf } from './sources.ts';
import { testHealth } from './tests.ts';
import type { Health, Id, Owner, Row } from './types.ts';

/** The row of a node. */
export function rowOf(facts: Facts, { id, type, json, config }: Entry): Row {
  const last = facts.history.entries.get(id)?.[0];
  const table = facts.catalog.get(id);
  const docs = { ...mapOf(config['docs']), ...mapOf(json['docs']) };
  const access = textOf(json['access'] ?? config['access']);
  const version = textOf(json['version']);
  const freshness = freshnessOf(facts, id, json);
  const status: Health | undefined = freshness && freshness.health !== 'none' ? freshness.health : last && healthOf(last.status);
  const columns = Object.keys(mapOf(table?.['columns'])).length || Object.keys(mapOf(json['columns'])).length;
  const owner = ownerText(ownerOf(facts, json, config));
  return {
    id,
    type,
    name: nameOf(json),
    package: textOf(json['package_name']) ?? '',
    fqn: listOf(json['fqn']).map(String),
    file: textOf(json['original_file_path']) ?? '',
    ...some('database', textOf(json['database'])),
    ...some('schema', textOf(json['schema'])),
    ...some('alias', textOf(json['alias'] ?? json['identifier'])),
    ...some('materialized', type === 'model' || type === 'snapshot' || type === 'seed' ? textOf(config['materialized']) : undefined),
    ...some('tags', textsOf(json['tags'])),
    ...some('owner', owner),
    ...some('group', textOf(json['group'] ?? config['group'])),
    ...((access === 'public' || access === 'private') && { access }),
    ...(version !== undefined && { version, latest: version === textOf(json['latest_version']) }),
    ...some('deprecated', textOf(json['deprecation_date'])),
    ...some('about', aboutOf(textOf(json['description']))),
    ...(columns > 0 && { columns }),
    ...testCounts(facts, id),
    ...(status !== undefined && { status }),
    ...(last && last.seconds > 0 && { seconds: last.seconds }),
    ...sizes(facts, id, config, table),
    ...(docs['show'] === false && { hidden: true as const }),
    ...some('color', textOf(docs['node_color'])),
  };
}

/** As people call a node: `orders`, `orders.v2`, `web.visits` of a source. */
export function nameOf(json: JsonMap): string {
  const name = textOf(json['name']) ?? '';
  const [source, version] = [textOf(json['source_name']), textOf(json['version'])];
  if (source !== undefined && json['resource_type'] === 'source') return `${source}.${name}`;
  return version === undefined ? name : `${name}.v${version}`;
}

function testCounts(facts: Facts, id: Id): { readonly tests?: readonly [number, number, number, number, number] } {
  const tests = facts.testsOf.get(id);
  if (!tests) return {};
  const counts: Record<Health, number> = { pass: 0, warn: 0, fail: 0, skip: 0, none: 0 };
  for (const test of tests) counts[testHealth(facts, test)]++;
  return { tests: [counts.pass, counts.warn, counts.fail, counts.skip, counts.none] };
}

/** Statistics that rows have a place for, by the ids that dbt's adapters give them. */
const ROWS = new Set(['row_count', 'num_rows', 'rows']);
const BYTES = new Set(['bytes', 'num_bytes', 'size', 'total_bytes']);

/** Whether a statistic is told by the row already. */
export function inRow(stat: JsonMap): boolean {
  return ROWS.has(String(stat['id'])) || BYTES.has(String(stat['id']));
}

/** Rows and bytes as the database told them, else the rows that the last build of a whole table wrote. */
function sizes(facts: Facts, id: Id, config: JsonMap, table: JsonMap | undefined): { readonly rows?: number; readonly bytes?: number } {
  const stats = Object.values(mapOf(table?.['stats'])).map(mapOf);
  const stat = (names: ReadonlySet<string>) => {
    const found = stats.find((s) => names.has(String(s['id'])) && s['include'] !== false);
    const value = Number(found?.['value'] ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const whole = config['materialized'] === 'table' || config['materialized'] === 'seed';
  const told = mapOf(facts.sizes[id]);
  const written = whole ? facts.history.entries.get(id)?.find((e) => e.health === 'pass')?.rows : undefined;
  const [rows, bytes] = [numberOf(told['rows']) ?? stat(ROWS) ?? written, numberOf(told['bytes']) ?? stat(BYTES)];
  return { ...(rows !== undefined && { rows }), ...(bytes !== undefined && { bytes }) };
}

/** Who answers for a node: its own owner, `meta.owner`, else that of its group. */
export function ownerOf(facts: Facts, json: JsonMap, config: JsonMap): Owner | undefined {
  const meta = { ...mapOf(config['meta']), ...mapOf(json['meta']) };
  const group = textOf(json['group'] ?? config['group']);
  const owners = [json['owner'], config['owner'], meta['owner'], group === undefined ? undefined : groupOwner(facts, group)];
  const found = owners.find(holds);
  return found === undefined ? undefined : ownerFrom(found);
}

function groupOwner(facts: Facts, name: string): unknown {
  return Object.values(mapOf(facts.manifest['groups']))
    .map(mapOf)
    .find((g) => g['name'] === name)?.['owner'];
}

/** An owner as it is written: a name, several, or a mapping. */
export function ownerFrom(value: unknown): Owner {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { name: textsOf(value).join(', ') };
  const { name, email, ...rest } = mapOf(value);
  return {
    ...some('name', textOf(name)),
    ...some('email', textsOf(email)),
    ...some('other', Object.fromEntries(Object.entries(rest).filter(([, v]) => holds(v)))),
  };
}

function ownerText(owner: Owner | undefined): string | undefined {
  return owner?.name ?? owner?.email?.[0];
}

/** The first sentence of a description, without marks; at most 160 characters. */
export function aboutOf(description: string | undefined): string | undefined {
  const paragraph = (description ?? '')
    .slice(0, 1000)
    .replace(/^#+ .*$/gm, '')
    .trim()
    .split(/\n\s*\n/, 1)[0];
  const plain = (paragraph ?? '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]|<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const sentence = /^.{10,}?[.!?](?= )/.exec(plain)?.[0] ?? plain;
  return sentence.length > 160 ? `${sentence.slice(0, 157).trimEnd()}...` : sentence;
}
