import type { Invocation } from '../context/index.ts';
import type { Node } from '../resolve/index.ts';
import { fail } from '../text/index.ts';

/** Fails with a diagnostic where no macro makes functions of this kind and language on this engine. */
export function checkFunctionKind(node: Node, { registry, dialect, projectName }: Invocation): void {
  const kind = String(node.config['type']);
  const name = `${kind}_function_${node.language}`;
  const scope = registry.scope(projectName);
  const missing = node.language === 'python' ? ['runtime_version', 'entry_point'].find((key) => (node.config[key] ?? null) === null) : undefined;
  const known = [dialect.name, ...dialect.parents, 'default'].some((prefix) => scope.from(null, `${prefix}__${name}`));
  if (known && missing === undefined) return;
  const dbt =
    missing === undefined
      ? `No macro named '${name}' found within namespace: 'dbt'`
      : `${missing === 'entry_point' ? 'An' : 'A'} \`${missing}\` is required for python functions`;
  fail('function-kind', { node: node.name, kind, language: node.language, adapter: dialect.name }, { at: node.at, dbt });
}
