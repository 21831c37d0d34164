import { type Environment, str } from '../jinja/index.ts';
import { literalCalls } from '../parse/index.ts';
import { DiagnosticError, type Span, sourceFile } from '../text/index.ts';
import type { Build, NodeDraft, Places } from './build.ts';
import { findRef, findSource, refKey } from './find.ts';
import type { JsonMap, Manifest, Node, RefArgs, SourceNode } from './manifest.ts';

/** What the `to` of a foreign key names. */
type KeyTarget = { readonly ref: RefArgs } | { readonly source: readonly [source: string, table: string] };

/** Reads the `to` of a foreign key, a call of ref() or source() without braces; undefined for anything else. */
function keyTarget(environment: Environment, to: string): KeyTarget | undefined {
  try {
    const [call, ...more] = literalCalls(environment.parse(sourceFile('constraint', `{{ ${to} }}`))) ?? [];
    if (!call || more.length > 0 || !call.positional.every((p) => typeof p === 'string')) return undefined;
    const names = call.positional.map(str);
    if (call.path === 'source' && names.length === 2) return { source: names as [string, string] };
    if (call.path !== 'ref' || names.length === 0 || names.length > 2) return undefined;
    const version = call.named.get('version') ?? call.named.get('v') ?? null;
    const known = typeof version === 'number' || version === null ? version : str(version);
    return { ref: { name: names.at(-1) as string, package: names.length === 2 ? (names[0] as string) : null, version: known } };
  } catch (e) {
    if (e instanceof DiagnosticError) return undefined;
    throw e;
  }
}

const pointing = (constraints: readonly JsonMap[]): (JsonMap & { readonly to: string })[] =>
  constraints.filter((c): c is JsonMap & { readonly to: string } => c.type === 'foreign_key' && typeof c.to === 'string' && c.to !== '');

const constraintsOf = (node: NodeDraft | Node): readonly JsonMap[] => [
  ...('constraints' in node ? node.constraints : []),
  ...Object.values(node.columns).flatMap((c) => c.constraints),
];

/** A model depends on what the foreign keys of its contract point at. `at`: the place to tell of. */
export function dependOnKeys(b: Build, draft: NodeDraft, places: Places, at: Span): void {
  for (const { to } of pointing(constraintsOf(draft))) {
    const target = keyTarget(b.invocation.environment, to);
    if (!target) {
      b.sink.add('constraint-target', { node: draft.name, to }, { at });
      continue;
    }
    const key = 'ref' in target ? refKey(target.ref) : `source:${target.source.join('.')}`;
    if ('source' in target) {
      if (!draft.sources.some((s) => s.join('.') === target.source.join('.'))) draft.sources.push([...target.source]);
    } else if (!draft.refs.some((r) => refKey(r) === key)) draft.refs.push(target.ref);
    if (!places.has(key)) places.set(key, at);
  }
}

/** The node with the relations that its foreign keys point at in the place of the calls that name them; the same object where it has none. */
export function withKeys(node: Node, manifest: Manifest, environment: Environment, render: (target: Node | SourceNode) => string): Node {
  if (pointing(constraintsOf(node)).length === 0) return node;
  const named = (to: string): string => {
    const target = keyTarget(environment, to);
    if (!target) return to;
    const found = 'ref' in target ? findRef(manifest, target.ref, node.package_name) : findSource(manifest, ...target.source, node.package_name);
    return found?.kind === 'found' ? render(found.node) : to;
  };
  const resolved = (constraints: readonly JsonMap[]): JsonMap[] => {
    const keys = new Set<JsonMap>(pointing(constraints));
    return constraints.map((c) => (keys.has(c) ? { ...c, to: named(String(c.to)) } : c));
  };
  const columns = Object.fromEntries(Object.entries(node.columns).map(([name, c]) => [name, { ...c, constraints: resolved(c.constraints) }]));
  return { ...node, columns, ...('constraints' in node && { constraints: resolved(node.constraints) }) } as Node;
}
