import { ephemeralName, type Json, type RefCall, relationValue } from '../context/index.ts';
import type { Value } from '../jinja/index.ts';
import { findRef, findSource, type Manifest, type Node, nodeRelation, type SourceNode } from '../resolve/index.ts';
import { type Dialect, type Parts, relation } from '../sql/index.ts';
import { closest, fail, type Span } from '../text/index.ts';
import { externalLocation } from './external.ts';

/** Who refers, and what becomes of what is referred to. */
export interface Referrer {
  readonly id: string;
  readonly name: string;
  readonly packageName: string;
  readonly resourceType: string;
  readonly group: string | null;
  /** Unique ids of the recorded dependencies; undefined where none have to be recorded (operations). */
  readonly dependsOn: ReadonlySet<string> | undefined;
  /** Told of every ephemeral model that is referred to; undefined where none may be. */
  readonly onEphemeral: ((node: Node) => void) | undefined;
}

export interface ReferenceSettings {
  readonly manifest: Manifest;
  readonly dialect: Dialect;
  readonly quoting: Parts<boolean>;
  /** `--empty`: relations print as subqueries without rows. */
  readonly empty: boolean;
}

/** The node a `ref()` means; a diagnostic where there is none or it may not be used. */
export function resolveRef(s: ReferenceSettings, from: Referrer, call: RefCall): Node {
  const found = findRef(s.manifest, call, from.packageName);
  if (found?.kind === 'disabled') return fail('ref-disabled', { name: call.name, node: from.name }, { at: call.at });
  if (found === undefined) {
    const names = [...s.manifest.nodes.values()].filter((n) => REFABLE.has(n.resource_type)).map((n) => n.name);
    return fail('ref-not-found', { name: call.name, node: from.name, near: closest(call.name, names) }, { at: call.at });
  }
  const { node } = found;
  checkAccess(s, from, node, call.at);
  return node;
}

const REFABLE: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot']);

function checkAccess(s: ReferenceSettings, from: Referrer, node: Node, at: Span): void {
  if (node.resource_type !== 'model' || from.resourceType === 'sql_operation') return;
  const restricted = s.manifest.project.packages.find((p) => p.name === node.package_name && !p.isRoot)?.config.restrictAccess === true;
  const outside = restricted && node.package_name !== from.packageName;
  if (node.access === 'private' && (from.group === null || from.group !== node.group || outside))
    fail('ref-private', { name: node.name, node: from.name, group: node.group ?? '' }, { at });
  if (node.access === 'protected' && outside) fail('ref-protected', { name: node.name, node: from.name, package: node.package_name }, { at });
}

/** What `ref()` answers at run time. */
export function refValue(s: ReferenceSettings, from: Referrer, call: RefCall): Value {
  const node = resolveRef(s, from, call);
  if (from.dependsOn && !from.dependsOn.has(node.unique_id))
    return fail('ref-not-recorded', { name: call.name, node: from.name, call: refText(call) }, { at: call.at });
  const extras = s.empty ? { limit: 0 } : {};
  if (isEphemeral(node)) {
    if (!from.onEphemeral) return fail('ref-ephemeral-operation', { name: node.name }, { at: call.at });
    from.onEphemeral(node);
    return cteValue(s.dialect, ephemeralName(node.alias), extras.limit);
  }
  return relationValue(s.dialect, nodeRelation(node, s.quoting), extras);
}

/** The relation that stands for a CTE. */
export function cteValue(dialect: Dialect, name: string, limit?: number): Value {
  const bare = relation(null, null, name, 'cte', { database: true, schema: true, identifier: false });
  return relationValue(dialect, bare, limit === undefined ? {} : { limit });
}

export function isEphemeral(node: Node): boolean {
  return node.resource_type === 'model' && node.config['materialized'] === 'ephemeral';
}

/** The source a `source()` means. */
export function resolveSource(s: ReferenceSettings, from: Referrer, call: { readonly source: string; readonly table: string; readonly at: Span }): SourceNode {
  const found = findSource(s.manifest, call.source, call.table, from.packageName);
  if (found?.kind === 'found') return found.node;
  const name = `${call.source}.${call.table}`;
  if (found) return fail('ref-disabled', { name, node: from.name }, { at: call.at });
  const names = [...s.manifest.sources.values()].map((n) => `${n.source_name}.${n.name}`);
  return fail('source-not-found', { name, node: from.name, near: closest(name, names) }, { at: call.at });
}

/** What `source()` answers at run time. */
export function sourceValue(s: ReferenceSettings, from: Referrer, call: { readonly source: string; readonly table: string; readonly at: Span }): Value {
  const node = resolveSource(s, from, call);
  const external = externalLocation(node, s.dialect);
  return relationValue(s.dialect, nodeRelation(node, s.quoting), { ...(s.empty && { limit: 0 }), ...(external !== undefined && { external }) });
}

/** A `ref()` as a user writes it. */
export function refText(call: { readonly name: string; readonly package: string | null; readonly version: Json }): string {
  const parts = [
    ...(call.package === null ? [] : [`'${call.package}'`]),
    `'${call.name}'`,
    ...(call.version === null ? [] : [`v=${typeof call.version === 'string' ? `'${call.version}'` : String(call.version)}`]),
  ];
  return `ref(${parts.join(', ')})`;
}
