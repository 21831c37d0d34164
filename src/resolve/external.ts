import { createHash } from 'node:crypto';
import type { InputFile, Upstream, UpstreamModel } from '../read/index.ts';
import { closest } from '../text/index.ts';
import { bareModel } from './bare.ts';
import type { Build } from './build.ts';
import type { ModelNode, RefArgs } from './manifest.ts';

/** Adds the public models of other projects, as dbt holds nodes from elsewhere: without a file and without text. What exists here already comes first. */
export function addExternals(b: Build): void {
  const models = b.project.upstreams.flatMap((project) => project.models.map((model) => ({ project, model })));
  const added = models.filter(({ model: { unique_id: id } }) => !b.nodes.has(id) && !b.disabled.has(id));
  const known = new Set([...b.nodes.keys(), ...added.map(({ model }) => model.unique_id)]);
  for (const { project, model } of added) {
    const above = model.above.filter((id) => known.has(id));
    b.nodes.set(model.unique_id, externalNode(b, project, model, above));
  }
}

function externalNode(b: Build, project: Upstream, m: UpstreamModel, above: readonly string[]): ModelNode {
  const input: InputFile = {
    kind: 'yaml',
    source: project.file,
    absolute: '',
    searchPath: '',
    relative: '',
    checksum: '',
    checksumKind: 'sha256',
  };
  const fqn = [project.name, m.name, ...(m.version === null ? [] : [`v${m.version}`])];
  return {
    ...bareModel(),
    unique_id: m.unique_id,
    name: m.name,
    resource_type: 'model',
    package_name: project.name,
    path: '',
    original_file_path: '',
    fqn,
    alias: m.alias,
    checksum: { name: 'sha256', checksum: createHash('sha256').update(`${m.unique_id},${project.generatedAt}`).digest('hex') },
    database: m.database,
    schema: m.schema,
    relation_name: m.relation_name,
    config: b.configs.rendered({ kind: 'model', own: {}, patch: undefined, calls: {}, root: undefined, fqn }),
    unrendered_config: { alias: m.alias, schema: m.schema, ...(m.database !== null && { database: m.database }) },
    raw_code: '',
    refs: [],
    sources: [],
    functions: [],
    depends_on: { macros: [], nodes: [...above] },
    created_at: b.createdAt,
    access: 'public',
    version: m.version,
    latest_version: m.latest_version,
    deprecation_date: m.deprecation_date,
    input,
    at: project.at,
  };
}

/** What is to be said of a reference that finds nothing and names another project. */
export type Missing =
  /** Why its model cannot be used, and the nearest one that can. */
  | { readonly is: string; readonly near: string | undefined }
  | { readonly is?: undefined; readonly near: string | undefined; readonly hint?: string }
  /** Nothing: its manifest was refused. */
  | 'told';

/** Undefined where the reference names no other project. */
export function missingExternal(b: Build, ref: RefArgs): Missing | undefined {
  const project = b.project.upstreams.find((p) => p.name === ref.package);
  if (!project) return undefined;
  if (project.manifest === 'refused') return 'told';
  if (project.manifest === 'not named') return { near: undefined, hint: `dependencies.yml must name the \`manifest\` of the project \`${project.name}\`` };
  const near = closest(
    ref.name,
    project.models.map((m) => m.name),
  );
  const is = project.hidden.get(ref.name);
  return is === undefined ? { near } : { is, near };
}
