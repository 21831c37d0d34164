import type { Facts } from './facts.ts';
import { healthOf } from './history.ts';
import { type JsonMap, mapOf, numberOf, some, textOf } from './json.ts';
import type { Freshness, Id, SourcesFile } from './types.ts';

/** How old a source may be and how old it was; undefined where it has no criteria and was never looked at. */
export function freshnessOf(facts: Facts, id: Id, json: JsonMap): Freshness | undefined {
  if (!id.startsWith('source.')) return undefined;
  const criteria = mapOf(json['freshness']);
  const [warn, error] = [spanOf(criteria['warn_after']), spanOf(criteria['error_after'])];
  const result = facts.freshness.get(id);
  if (warn === undefined && error === undefined && !result) return undefined;
  return {
    ...some('warnAfter', warn),
    ...some('errorAfter', error),
    ...some('filter', textOf(criteria['filter'])),
    health: healthOf(textOf(result?.['status'])),
    ...some('maxLoadedAt', textOf(result?.['max_loaded_at'])),
    ...some('checkedAt', textOf(result?.['snapshotted_at'])),
    ...some('age', numberOf(result?.['max_loaded_at_time_ago_in_s'])),
  };
}

/** `{count: 12, period: hour}` as `12 hours`. */
function spanOf(value: unknown): string | undefined {
  const { count, period } = mapOf(value);
  const [number, unit] = [numberOf(count), textOf(period)];
  return number === undefined || unit === undefined ? undefined : `${number} ${unit}${number === 1 ? '' : 's'}`;
}

/** All sources with their tables. */
export function sourcesFile(facts: Facts): SourcesFile {
  type Source = SourcesFile['sources'][number];
  const out = new Map<string, Omit<Source, 'tables'> & { readonly tables: Source['tables'][number][] }>();
  for (const { id, type, json } of facts.nodes) {
    if (type !== 'source') continue;
    const [name, of] = [textOf(json['source_name']) ?? '', textOf(json['package_name']) ?? ''];
    const key = `${of}.${name}`;
    let source = out.get(key);
    if (!source) {
      source = { name, package: of, ...some('description', textOf(json['source_description'])), ...some('loader', textOf(json['loader'])), tables: [] };
      out.set(key, source);
    }
    source.tables.push({ id, name: textOf(json['name']) ?? '', ...some('freshness', freshnessOf(facts, id, json)) });
  }
  return { sources: [...out.values()] };
}
