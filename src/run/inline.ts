import type { Invocation } from '../context/index.ts';
import { Captured, parseNames, relationValue } from '../context/index.ts';
import { Dict } from '../jinja/index.ts';
import { bareModel, findFunction, findRef, findSource, type Manifest, type ModelNode } from '../resolve/index.ts';
import { relation } from '../sql/index.ts';
import { type SourceFile, sourceFile, span } from '../text/index.ts';

const NAME = 'inline_query';

/** A template of the command line as a node of the project, and the manifest with it in. */
export function inlineNode(manifest: Manifest, invocation: Invocation, text: string): { readonly node: ModelNode; readonly manifest: Manifest } {
  const { project } = manifest;
  const packageName = project.root.name;
  const source = sourceFile('inline query', text);
  const captured = capture(invocation, packageName, text);
  const nodes = captured.refs.flatMap((r) => {
    const found = findRef(manifest, r, packageName);
    return found?.kind === 'found' ? [found.node.unique_id] : [];
  });
  const sources = captured.sources.flatMap((s) => {
    const found = findSource(manifest, s.source, s.table, packageName);
    return found?.kind === 'found' ? [found.node.unique_id] : [];
  });
  const functions = captured.functions.flatMap((f) => {
    const found = findFunction(manifest, f.name, f.package, packageName);
    return found?.kind === 'found' ? [found.node.unique_id] : [];
  });
  const id = `sql_operation.${packageName}.${NAME}`;
  const node = templateNode(invocation, source, {
    unique_id: id,
    name: NAME,
    package_name: packageName,
    path: NAME,
    original_file_path: NAME,
    fqn: [packageName, 'sql', NAME],
    refs: captured.refs.map(({ name, package: from, version }) => ({ name, package: from, version })),
    sources: captured.sources.map((s) => [s.source, s.table]),
    functions: captured.functions.map((f) => (f.package === null ? [f.name] : [f.package, f.name])),
    depends_on: { macros: [...captured.macros], nodes: [...new Set([...nodes, ...sources, ...functions])] },
    created_at: invocation.startedAt / 1000,
  });
  return { node, manifest: { ...manifest, nodes: new Map([...manifest.nodes, [id, node]]) } };
}

/** What only the user of a template can say of it as a node. */
type Told = 'unique_id' | 'name' | 'package_name' | 'path' | 'original_file_path' | 'fqn' | 'depends_on' | 'created_at';

/** A template that is no file of the project, as a node without a relation. */
export function templateNode(
  invocation: Invocation,
  source: SourceFile,
  told: Pick<ModelNode, Told> & Partial<Pick<ModelNode, 'refs' | 'sources' | 'functions'>>,
): ModelNode {
  return {
    ...bareModel(),
    resource_type: 'sql_operation',
    alias: told.name,
    checksum: { name: 'none', checksum: '' },
    database: invocation.targetDatabase,
    schema: invocation.targetSchema,
    relation_name: null,
    config: { enabled: true, materialized: 'view', tags: [], meta: {} },
    unrendered_config: {},
    raw_code: source.text,
    refs: [],
    sources: [],
    functions: [],
    input: { kind: 'analysis', source, absolute: '', searchPath: '', relative: told.path, checksum: '', checksumKind: 'sha256' },
    at: span(source, 0, source.text.length),
    access: 'protected',
    ...told,
  };
}

/** What the template refers to. Mistakes in it are found again, and told, when it is compiled. */
function capture(invocation: Invocation, packageName: string, text: string): Captured {
  const captured = new Captured();
  const self = relation(invocation.targetDatabase, invocation.targetSchema, NAME);
  const names = parseNames(
    invocation,
    {
      packageName,
      relation: () => relationValue(invocation.dialect, self),
      model: () => new Dict(),
      database: invocation.targetDatabase,
      schema: invocation.targetSchema,
    },
    captured,
  );
  try {
    names.renderText(text, 'inline query');
  } catch {
    return captured;
  }
  return captured;
}
