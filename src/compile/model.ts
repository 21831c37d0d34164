import { type Json, jsonToValue } from '../context/index.ts';
import { Dict, type Value } from '../jinja/index.ts';
import type { Manifest, Resource } from '../resolve/index.ts';

const HIDDEN: ReadonlySet<string> = new Set(['input', 'at']);
/** What only generic tests have: packages ask `test.test_metadata is defined`. */
const GENERIC: ReadonlySet<string> = new Set(['test_metadata', 'column_name', 'file_key_name', 'attached_node']);

/** A resource as templates see it: the manifest's object without what is dml's own. */
export function resourceValue(resource: Resource, compiled?: string | null): Dict {
  const out = new Dict();
  const singular = resource.resource_type === 'test' && resource.test_metadata === null;
  for (const [key, value] of Object.entries(resource)) if (!HIDDEN.has(key) && !(singular && GENERIC.has(key))) out.set(key, jsonToValue(value as Json));
  if (compiled !== undefined) {
    out.set('compiled', compiled !== null);
    out.set('compiled_code', compiled);
    out.set('extra_ctes_injected', compiled !== null);
    out.set('extra_ctes', []);
  }
  return out;
}

/** A node as its own template sees it: unlike in `graph`, what has no value is left out. */
export function modelDict(node: Dict): Dict {
  const out = new Dict();
  for (const [key, value] of node.entries()) {
    if (value === null) continue;
    out.set(key, (key === 'config' || key === 'contract' || key === 'docs') && value instanceof Dict ? modelDict(value) : value);
  }
  return out;
}

/** `graph`: the whole project as templates see it. */
export function graphValue(manifest: Manifest): Value {
  const all = (resources: Iterable<readonly [string, Resource]>): Dict => new Dict([...resources].map(([id, r]): [Value, Value] => [id, resourceValue(r)]));
  const plain = (items: ReadonlyMap<string, unknown>): Dict => new Dict([...items].map(([id, item]): [Value, Value] => [id, jsonToValue(item as Json)]));
  return new Dict([
    ['exposures', all(manifest.exposures)],
    ['functions', new Dict()],
    ['groups', plain(manifest.groups)],
    ['metrics', plain(manifest.others.metrics)],
    ['nodes', all(manifest.nodes)],
    ['sources', all(manifest.sources)],
    ['semantic_models', plain(manifest.others.semanticModels)],
    ['saved_queries', plain(manifest.others.savedQueries)],
  ]);
}
