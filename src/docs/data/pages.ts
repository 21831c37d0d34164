import { columnsOf, constraintOf } from './columns.ts';
import type { Entry, Facts } from './facts.ts';
import { holds, type JsonMap, listOf, mapOf, some, textOf } from './json.ts';
import { inRow, ownerOf } from './rows.ts';
import { settings } from './settings.ts';
import { freshnessOf } from './sources.ts';
import { testRow } from './tests.ts';
import type { ExposureDetails, Json, NodePage, SourceDetails, TableFacts } from './types.ts';

/** The page of a node. */
export function pageOf(facts: Facts, entry: Entry): NodePage {
  const { id, type, json, config } = entry;
  const tests = (facts.testsOf.get(id) ?? []).map((test) => testRow(facts, test, mapOf(facts.tests.get(test))));
  const language = textOf(json['language']);
  const macros = listOf(mapOf(json['depends_on'])['macros']).map(String);
  const constraints = listOf(json['constraints']).map((c) => constraintOf(mapOf(c)));
  return {
    id,
    ...some('description', textOf(json['description'])),
    ...some('patchFile', textOf(json['patch_path'])?.replace(/^.*?:\/\//, '')),
    ...some('relation', textOf(json['relation_name'])),
    ...((language === 'sql' || language === 'python') && { language }),
    ...some('raw', textOf(json['raw_code'] ?? json['raw_sql'])),
    ...some('compiled', textOf(json['compiled_code'] ?? json['compiled_sql'])),
    columns: columnsOf(json, facts.catalog.get(id), tests),
    tests,
    ...some('constraints', constraints),
    ...(mapOf(config['contract'])['enforced'] === true && { contract: true }),
    ...some('primaryKey', listOf(json['primary_key']).map(String)),
    ...some('macros', macros.filter((m) => facts.macros.has(m)).sort()),
    parents: entry.parents,
    children: entry.children,
    ...some('versions', versionsOf(facts, json)),
    ...some('owner', ownerOf(facts, json, config)),
    ...some('meta', { ...mapOf(config['meta']), ...mapOf(json['meta']) }),
    ...some('config', settings(config)),
    ...some('table', tableOf(facts.catalog.get(id))),
    ...some('runs', facts.history.entries.get(id)),
    ...(type === 'source' && { source: sourceOf(facts, entry) }),
    ...(type === 'exposure' && { exposure: exposureOf(json) }),
    ...some('definition', definitionOf(entry)),
  };
}

function versionsOf(facts: Facts, json: JsonMap): NodePage['versions'] {
  if (textOf(json['version']) === undefined) return undefined;
  const id = String(json['unique_id']);
  const stem = id.slice(0, id.lastIndexOf('.v') + 2);
  return facts.nodes.flatMap(({ id: other, json: node }) => {
    const version = textOf(node['version']);
    return version !== undefined && other === stem + version ? [{ id: other, version, latest: version === textOf(node['latest_version']) }] : [];
  });
}

/** Statistics that say nothing more are left out: those that the row tells, and one called `has_stats` of dbt adapters without any. */
function tableOf(table: JsonMap | undefined): TableFacts | undefined {
  if (!table) return undefined;
  const meta = mapOf(table['metadata']);
  const stats = Object.values(mapOf(table['stats']))
    .map(mapOf)
    .filter((s) => s['id'] !== 'has_stats' && s['include'] !== false && !inRow(s))
    .flatMap((s) => {
      const value = s['value'];
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
      return [{ label: textOf(s['label']) ?? String(s['id']), value, ...some('description', textOf(s['description'])) }];
    });
  return { ...some('type', textOf(meta['type'])), ...some('owner', textOf(meta['owner'])), ...some('comment', textOf(meta['comment'])), stats };
}

function sourceOf(facts: Facts, { id, json }: Entry): SourceDetails {
  return {
    name: textOf(json['source_name']) ?? '',
    ...some('description', textOf(json['source_description'])),
    ...some('loader', textOf(json['loader'])),
    ...some('loadedAtField', textOf(json['loaded_at_field'] ?? json['loaded_at_query'])),
    ...some('freshness', freshnessOf(facts, id, json)),
  };
}

function exposureOf(json: JsonMap): ExposureDetails {
  return {
    type: textOf(json['type']) ?? '',
    ...some('label', textOf(json['label'])),
    ...some('maturity', textOf(json['maturity'])),
    ...some('url', textOf(json['url'])),
  };
}

/** What defines a resource that has no SQL, by type: the keys of its JSON. */
const DEFINITIONS: Readonly<Record<string, readonly string[]>> = {
  metric: ['label', 'type', 'type_params', 'filter', 'time_granularity'],
  semantic_model: ['model', 'primary_entity', 'defaults', 'entities', 'dimensions', 'measures'],
  saved_query: ['label', 'query_params', 'exports'],
  function: ['arguments', 'returns'],
};

function definitionOf({ type, json }: Entry): { readonly [key: string]: Json } {
  return Object.fromEntries((DEFINITIONS[type] ?? []).flatMap((key) => (holds(json[key]) ? [[key, withoutNulls(json[key] as Json)]] : [])));
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, v]) => (holds(v) ? [[key, withoutNulls(v)]] : [])));
}
