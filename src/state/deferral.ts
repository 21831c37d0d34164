import { mapOf, type PreviousManifest } from './artifacts.ts';

/** Where an earlier run has built a node. */
export interface Deferred {
  readonly database: string | null;
  readonly schema: string;
  readonly identifier: string;
  /** The name as that run wrote it. */
  readonly relationName: string | null;
}

/** What references to nodes that this run does not build are resolved with. */
export interface Deferral {
  readonly nodes: ReadonlyMap<string, Deferred>;
  /** `--favor-state`: also where the node's own relation exists. */
  readonly favorState: boolean;
}

/** The relations that an earlier run has built: of models, seeds, snapshots and functions, but not of ephemeral models. */
export function deferrable(previous: PreviousManifest): ReadonlyMap<string, Deferred> {
  const out = new Map<string, Deferred>();
  for (const [id, node] of previous.nodes) {
    const kind = node['resource_type'];
    if ((kind !== 'model' && kind !== 'seed' && kind !== 'snapshot' && kind !== 'function') || mapOf(node['config'])['materialized'] === 'ephemeral') continue;
    const text = (key: string): string | null => (typeof node[key] === 'string' ? node[key] : null);
    out.set(id, {
      database: text('database'),
      schema: text('schema') ?? '',
      identifier: text('alias') ?? String(node['name']),
      relationName: text('relation_name'),
    });
  }
  return out;
}
