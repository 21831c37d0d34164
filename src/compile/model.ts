import { type Json, jsonToValue } from '../context/index.ts';
import { Dict, type Value } from '../jinja/index.ts';
import { type Manifest, type Resource, resourceValue } from '../resolve/index.ts';

/** `graph`: the whole project as templates see it. */
export function graphValue(manifest: Manifest): Value {
  const all = (resources: Iterable<readonly [string, Resource]>): Dict => new Dict([...resources].map(([id, r]): [Value, Value] => [id, resourceValue(r)]));
  const plain = (items: ReadonlyMap<string, unknown>): Dict => new Dict([...items].map(([id, item]): [Value, Value] => [id, jsonToValue(item as Json)]));
  return new Dict([
    ['exposures', all(manifest.exposures)],
    ['functions', all([...manifest.nodes].filter(([, n]) => n.resource_type === 'function'))],
    ['groups', plain(manifest.groups)],
    ['metrics', plain(manifest.others.metrics)],
    ['nodes', all([...manifest.nodes].filter(([, n]) => n.resource_type !== 'function'))],
    ['sources', all(manifest.sources)],
    ['semantic_models', plain(manifest.others.semanticModels)],
    ['saved_queries', plain(manifest.others.savedQueries)],
  ]);
}
