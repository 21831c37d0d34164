import { ephemeralName, type FunctionCall, type Json, metricValue, type RefCall, type RelationExtras, relationValue } from '../context/index.ts';
import type { Value } from '../jinja/index.ts';
import { findFunction, findRef, findSource, type Manifest, type Node, nodeRelation, type SourceNode } from '../resolve/index.ts';
import { type Dialect, type Parts, type Relation, relation } from '../sql/index.ts';
import { closest, fail, type Span } from '../text/index.ts';
import { externalLocation } from './external.ts';
import { timeFilter, type Window } from './window.ts';

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
  /** The batch that is being built: what is read is filtered to it. */
  readonly window?: Window | undefined;
}

export interface ReferenceSettings {
  readonly manifest: Manifest;
  readonly dialect: Dialect;
  readonly quoting: Parts<boolean>;
  /** `--empty`: relations print as subqueries without rows. */
  readonly empty: boolean;
  /** `--sample`: models and snapshots read only rows of this window. */
  readonly sample?: Window | undefined;
  /** `--defer`: where a reference to the node leads instead of to its own relation; undefined where it does not. */
  readonly elsewhere?: ((node: Node) => Relation | undefined) | undefined;
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
  const extras = restriction(s, from, node);
  if (isEphemeral(node)) {
    if (!from.onEphemeral) return fail('ref-ephemeral-operation', { name: node.name }, { at: call.at });
    from.onEphemeral(node);
    return cteValue(s.dialect, ephemeralName(node.alias), extras);
  }
  return relationValue(s.dialect, s.elsewhere?.(node) ?? nodeRelation(node, s.quoting), extras);
}

/** The relation that stands for a CTE. */
export function cteValue(dialect: Dialect, name: string, extras: RelationExtras = {}): Value {
  const bare = relation(null, null, name, 'cte', { database: true, schema: true, identifier: false });
  return relationValue(dialect, bare, extras);
}

/** Which rows of a target are read: none with `--empty`, else those of the batch and of the sample. */
function restriction(s: ReferenceSettings, from: Referrer, target: Node | SourceNode): RelationExtras {
  const { window } = from;
  const sampled = from.resourceType === 'model' || from.resourceType === 'snapshot' ? s.sample : undefined;
  const read = window && sampled ? common(window, sampled) : (window ?? sampled);
  const filter = read && timeFilter(target, read, s.dialect);
  return { ...(s.empty && { limit: 0 }), ...(filter && { filter }) };
}

function common(a: Window, b: Window): Window {
  return { start: b.start > a.start ? b.start : a.start, end: b.end < a.end ? b.end : a.end };
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
  return relationValue(s.dialect, nodeRelation(node, s.quoting), { ...restriction(s, from, node), ...(external !== undefined && { external }) });
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

/** What `function()` answers at run time: the name by which SQL calls it. */
export function functionValue(s: ReferenceSettings, from: Referrer, call: FunctionCall): Value {
  const found = findFunction(s.manifest, call.name, call.package, from.packageName);
  if (found?.kind === 'disabled') return fail('ref-disabled', { name: call.name, node: from.name }, { at: call.at });
  if (!found)
    return fail('function-not-found', { name: call.name, node: from.name, near: closest(call.name, s.manifest.lookup.functionNames()) }, { at: call.at });
  const { node } = found;
  if (from.dependsOn && !from.dependsOn.has(node.unique_id))
    return fail('ref-not-recorded', { name: call.name, node: from.name, call: `function('${call.name}')` }, { at: call.at });
  return relationValue(s.dialect, s.elsewhere?.(node) ?? nodeRelation(node, s.quoting));
}

/** What `metric()` answers at run time. */
export function metricOf(s: ReferenceSettings, from: Referrer, call: RefCall): Value {
  const { metrics } = s.manifest.others;
  const packages = call.package === null ? [s.manifest.project.root.name, from.packageName] : [call.package];
  const own = packages.map((name) => metrics.get(`metric.${name}.${call.name}`)).find((metric) => metric !== undefined);
  const found = own ?? (call.package === null ? [...metrics.values()].find((metric) => metric['name'] === call.name) : undefined);
  if (found) return metricValue(found, (id) => metrics.get(id));
  const names = [...metrics.values()].map((metric) => String(metric['name']));
  return fail('metric-not-found', { name: call.name, node: from.name, near: closest(call.name, names) }, { at: call.at });
}
