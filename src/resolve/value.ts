import { type Json, jsonToValue, type MacroDef } from '../context/index.ts';
import { Dict, type Value } from '../jinja/index.ts';
import type { Resource } from './manifest.ts';

const HIDDEN: ReadonlySet<string> = new Set(['input', 'at']);
/** What only generic tests have: packages ask `test.test_metadata is defined`. */
const GENERIC: ReadonlySet<string> = new Set(['test_metadata', 'column_name', 'file_key_name', 'attached_node']);
/** What seeds have not: nothing in them is rendered. */
const RENDERED: ReadonlySet<string> = new Set(['language', 'refs', 'sources', 'metrics', 'functions']);

/** A resource as templates see it: the manifest's object without what is dml's own, and with the names that dbt fills in while it runs. */
export function resourceValue(resource: Resource, compiled?: string | null): Dict {
  const out = new Dict();
  const hidden = hiddenOf(resource);
  for (const [key, value] of Object.entries(resource)) if (!HIDDEN.has(key) && !hidden?.has(key)) out.set(key, jsonToValue(value as Json));
  for (const key of LATER[resource.resource_type] ?? []) if (!out.has(key)) out.set(key, null);
  if (resource.resource_type === 'source') out.set('_event_status', new Dict());
  if (compiled !== undefined) {
    out.set('compiled', compiled !== null);
    out.set('compiled_code', compiled);
    out.set('extra_ctes_injected', compiled !== null);
    out.set('extra_ctes', []);
  }
  return out;
}

/** Names that have no value before a node has run. */
const LATER: Readonly<Partial<Record<Resource['resource_type'], readonly string[]>>> = {
  model: ['build_path', 'compiled_path', 'defer_relation', 'batch'],
  snapshot: ['build_path', 'compiled_path', 'defer_relation'],
  seed: ['build_path', 'defer_relation'],
  test: ['build_path', 'compiled_path'],
  analysis: ['build_path', 'compiled_path'],
  operation: ['build_path', 'compiled_path'],
};

function hiddenOf(resource: Resource): ReadonlySet<string> | undefined {
  if (resource.resource_type === 'seed') return RENDERED;
  return resource.resource_type === 'test' && resource.test_metadata === null ? GENERIC : undefined;
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

/** What dbt learns of a node only after its template has been parsed. */
const NOT_YET: readonly string[] = ['patch_path', 'relation_name', 'attached_node'];

/** A node as its own template sees it while that is parsed. */
export function parsedValue(node: Resource): Dict {
  const out = modelDict(resourceValue(node));
  // A seed has no template: by the time its hooks are read all of it is known.
  if (node.resource_type !== 'seed') for (const key of NOT_YET) out.delete(key);
  return out;
}

/** A macro as the templates it runs see it, when it is run by itself: its entry of the manifest, as `model`. */
export function macroValue(def: MacroDef): Dict {
  const docs = { show: def.docs.show, ...(def.docs.node_color !== null && { node_color: def.docs.node_color }) };
  return modelDict(
    new Dict(
      Object.entries({
        name: def.name,
        resource_type: 'macro',
        package_name: def.package_name,
        path: def.path,
        original_file_path: def.original_file_path,
        unique_id: def.unique_id,
        macro_sql: def.macro_sql,
        depends_on: { macros: [...def.depends_on.macros] },
        description: def.description,
        meta: def.meta,
        docs,
        config: { meta: def.meta, docs },
        patch_path: def.patch_path,
        arguments: def.arguments.map(({ name, type, description }) => ({ name, ...(type !== null && { type }), description })),
        created_at: def.created_at,
      }).map(([key, value]): [Value, Value] => [key, jsonToValue(value)]),
    ),
  );
}
