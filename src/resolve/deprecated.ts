import type { Build } from './build.ts';
import { refKey } from './find.ts';
import type { ModelNode } from './manifest.ts';

/** Warns of models whose deprecation date has passed, and of references to models that have such a date. */
export function checkDeprecated(b: Build, children: ReadonlyMap<string, readonly string[]>): void {
  const now = b.invocation.startedAt;
  for (const node of b.nodes.values()) {
    if (node.resource_type !== 'model') continue;
    const model = node as ModelNode;
    const { name, package_name: pkg, version, latest_version: latest, deprecation_date: date } = model;
    if (date === null) continue;
    const past = Date.parse(date) < now;
    const shown = version === null ? name : `${name}.v${version}`;
    // What another project should remove is told there.
    if (past && model.original_file_path !== '') b.sink.add('model-deprecated', { name: shown, date }, { at: model.at });
    const instead = version === null || String(version) === String(latest) ? undefined : `ref('${pkg}', '${name}', v='${latest}')`;
    for (const id of children.get(model.unique_id) ?? []) {
      const child = b.nodes.get(id);
      if (child?.resource_type !== 'model') continue;
      const ref = child.refs.find((r) => r.name === name && (r.version === null || String(r.version) === String(version)));
      const at = (ref && b.places.get(child)?.get(refKey(ref))) ?? child.at;
      b.sink.add(past ? 'ref-deprecated' : 'ref-deprecated-soon', { name: shown, node: child.name, date, instead }, { at });
    }
  }
}
