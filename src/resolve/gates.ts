import { closest, type Span, span } from '../text/index.ts';
import type { Build } from './build.ts';
import type { JsonMap, Node } from './manifest.ts';

const POLICIES = ['skip_children', 'continue'] as const;

/**
 * Whether what lies below a node is skipped when it fails: not below a test with `blocking: false`, in its config or in `meta` there, nor below a model,
 * seed or snapshot with `on_error: continue`, which is dbt's (1.12) word for it.
 */
export function isBlocking(node: { readonly resource_type: string; readonly config: JsonMap }): boolean {
  return isTest(node.resource_type) ? blockingOf(node.config) !== false : node.config['on_error'] !== 'continue';
}

/** As the config says it; dbt 1.11 warns of keys it does not know, except in `meta`. */
function blockingOf(config: JsonMap): unknown {
  return config['blocking'] ?? (config['meta'] as JsonMap | undefined)?.['blocking'] ?? true;
}

function isTest(type: string): boolean {
  return type === 'test' || type === 'unit_test';
}

/** Gates must be one of the words they are made for: one that is misspelt would let through, or hold back, silently. */
export function checkGates(b: Build): void {
  for (const n of [...b.nodes.values(), ...b.unitTests.values()]) {
    if (isTest(n.resource_type)) {
      const value = blockingOf(n.config);
      if (typeof value !== 'boolean') b.sink.add('gate-value', { node: n.name, key: 'blocking', value: String(value), takes: ['true', 'false'] }, { at: n.at });
      continue;
    }
    const value = n.config['on_error'] ?? 'skip_children';
    if (!POLICIES.some((p) => p === value)) {
      const word = String(value);
      const at = placeOf(b, n as Node, 'on_error', word);
      b.sink.add('gate-value', { node: n.name, key: 'on_error', value: word, takes: POLICIES, near: closest(word, POLICIES) }, { at });
    }
  }
}

/** Where a setting of a node is written: in its own file, in its entry of a properties file, or in the file of its project. The node itself where none says it so. */
function placeOf({ project, places }: Build, node: Node, key: string, value: string): Span {
  const { source } = node.input;
  const entry = places.get(node)?.get('entry');
  const own = project.packages.find((p) => p.name === node.package_name)?.file;
  const written = new RegExp(`\\+?\\b${key}\\b["']?\\s*[:=]\\s*["']?${value.replace(/[^\w\s-]/g, '\\$&')}`);
  for (const { file, start } of [span(source, 0), ...(entry ? [entry] : []), ...(own ? [span(own, 0)] : [])]) {
    const found = written.exec(file.text.slice(start));
    if (found) return span(file, start + found.index, start + found.index + found[0].length);
  }
  return node.at;
}
