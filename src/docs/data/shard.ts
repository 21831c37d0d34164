/** The file of a kind that holds an id, where `count` files share them: FNV-1a of its UTF-16 code units, so that a change of one node changes one file. */
export function shardOf(id: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % count;
}
