import { closest } from '../text/index.ts';
import type { Build } from './build.ts';
import type { JsonMap } from './manifest.ts';

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
      b.sink.add('gate-value', { node: n.name, key: 'on_error', value: word, takes: POLICIES, near: closest(word, POLICIES) }, { at: n.at });
    }
  }
}
