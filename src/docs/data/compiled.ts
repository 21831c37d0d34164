import { type JsonMap, mapOf } from './json.ts';

/** A manifest with the SQL that an earlier command has compiled, for nodes that it did not compile itself and whose own text is still the same. */
export function withCompiled(manifest: JsonMap, earlier: JsonMap): JsonMap {
  const before = mapOf(earlier['nodes']);
  const nodes = Object.entries(mapOf(manifest['nodes'])).map(([id, value]) => {
    const [node, old] = [mapOf(value), mapOf(before[id])];
    const known = old['compiled_code'] !== undefined && node['compiled_code'] === undefined;
    const same = mapOf(node['checksum'])['checksum'] === mapOf(old['checksum'])['checksum'] && node['raw_code'] === old['raw_code'];
    return [id, known && same ? { ...node, compiled_code: old['compiled_code'] as string } : node] as const;
  });
  return { ...manifest, nodes: Object.fromEntries(nodes) };
}
