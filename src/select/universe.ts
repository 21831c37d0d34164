import type { JsonMap, Manifest, Resource } from '../resolve/index.ts';
import type { Comparison, Previous } from '../state/index.ts';
import { Graph } from './graph.ts';

/** One member of the graph, with what selection looks at. */
export interface Member {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly package: string;
  readonly fqn: readonly string[];
  /** Relative to its package. */
  readonly path: string;
  readonly tags: readonly string[];
  readonly config: JsonMap;
  readonly parents: readonly string[];
  /** The node itself, or undefined for kinds that are only kept and written back (metrics, semantic models, saved queries). */
  readonly resource: Resource | undefined;
}

/** Everything that can be selected, and the graph over it. */
export interface Universe {
  readonly manifest: Manifest;
  readonly members: ReadonlyMap<string, Member>;
  readonly graph: Graph;
  readonly earlier: Earlier;
}

/** What selection may compare the project with. */
export interface Earlier {
  readonly previous: Previous | undefined;
  /** The project against the manifest of `previous`. */
  readonly comparison: Comparison | undefined;
  /** The files that differ from a revision, relative to the project with forward slashes; throws a diagnostic where it cannot tell. */
  readonly changedSince: ((revision: string) => ReadonlySet<string>) | undefined;
}

/** The manifest as selection sees it. */
export function universe(manifest: Manifest, earlier: Earlier): Universe {
  const members = new Map<string, Member>();
  for (const collection of [manifest.nodes, manifest.sources, manifest.exposures, manifest.unitTests] as readonly ReadonlyMap<string, Resource>[]) {
    // A test on something missing or disabled is in the manifest, switched off.
    for (const [id, r] of collection) if (r.config['enabled'] !== false) members.set(id, member(id, r, manifest.parents.get(id) ?? []));
  }
  const { metrics, semanticModels, savedQueries } = manifest.others;
  for (const [type, collection] of [
    ['metric', metrics],
    ['semantic_model', semanticModels],
    ['saved_query', savedQueries],
  ] as const) {
    for (const [id, json] of collection) members.set(id, otherMember(id, type, json));
  }
  return { manifest, members, earlier, graph: new Graph(new Map([...members].map(([id, m]) => [id, m.parents]))) };
}

function member(id: string, r: Resource, parents: readonly string[]): Member {
  return {
    id,
    type: r.resource_type,
    name: r.name,
    package: r.package_name,
    fqn: r.fqn,
    path: r.original_file_path,
    tags: 'tags' in r ? r.tags : texts(r.config['tags']),
    config: r.config,
    parents,
    resource: r,
  };
}

function otherMember(id: string, type: string, json: JsonMap): Member {
  const dependsOn = json['depends_on'];
  const nodes = typeof dependsOn === 'object' && dependsOn !== null && 'nodes' in dependsOn ? dependsOn.nodes : [];
  const config = json['config'];
  return {
    id,
    type,
    name: text(json['name']),
    package: text(json['package_name']),
    fqn: texts(json['fqn']),
    path: text(json['original_file_path']),
    tags: texts(json['tags']),
    config: typeof config === 'object' && config !== null && !Array.isArray(config) ? (config as JsonMap) : {},
    parents: texts(nodes),
    resource: undefined,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}
