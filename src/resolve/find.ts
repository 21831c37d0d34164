import type { ExposureNode, Found, FunctionNode, Manifest, NameLookup, Node, RefArgs, SourceNode, UnitTestNode } from './manifest.ts';

type Anything = Node | SourceNode | ExposureNode | UnitTestNode;

const REFABLE: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot']);

/** Nodes and sources by the names that templates use. */
export class Lookup implements NameLookup {
  private readonly root: string;
  private readonly ownFirst: boolean;
  private readonly refs = new Map<string, Map<string, Node>>();
  private readonly disabledRefs = new Map<string, Map<string, Node>>();
  private readonly functions = new Map<string, Map<string, FunctionNode>>();
  private readonly disabledFunctions = new Map<string, Map<string, FunctionNode>>();
  private readonly sources = new Map<string, Map<string, SourceNode>>();
  private readonly disabledSources = new Map<string, Map<string, SourceNode>>();

  /** `ownFirst`: dbt's flag `require_ref_searches_node_package_before_root`. */
  constructor(root: string, ownFirst: boolean, nodes: Iterable<Node>, sources: Iterable<SourceNode>, disabled: Iterable<readonly Anything[]>) {
    this.root = root;
    this.ownFirst = ownFirst;
    for (const n of nodes) {
      if (n.resource_type === 'function') put(this.functions, n.name, n);
      else addNode(this.refs, n);
    }
    for (const s of sources) put(this.sources, `${s.source_name}.${s.name}`, s);
    for (const list of disabled)
      for (const n of list) {
        if (n.resource_type === 'source') put(this.disabledSources, `${n.source_name}.${n.name}`, n);
        else if (n.resource_type === 'function') put(this.disabledFunctions, n.name, n);
        else if (REFABLE.has(n.resource_type)) addNode(this.disabledRefs, n as Node);
      }
  }

  /** A ref as dbt resolves it: in its package when it names one; else in the root project, then the node's own package (or the other way round), then any. */
  ref(r: RefArgs, fromPackage: string): Found<Node> | undefined {
    const key = r.version === null ? r.name : `${r.name}.v${r.version}`;
    return this.search(this.refs, this.disabledRefs, key, r.package, fromPackage);
  }

  source(source: string, table: string, fromPackage: string): Found<SourceNode> | undefined {
    return this.search(this.sources, this.disabledSources, `${source}.${table}`, null, fromPackage);
  }

  function(name: string, wanted: string | null, fromPackage: string): Found<FunctionNode> | undefined {
    return this.search(this.functions, this.disabledFunctions, name, wanted, fromPackage);
  }

  private search<T>(
    live: Map<string, Map<string, T>>,
    disabled: Map<string, Map<string, T>>,
    key: string,
    explicit: string | null,
    fromPackage: string,
  ): Found<T> | undefined {
    const both = this.ownFirst ? [fromPackage, this.root] : [this.root, fromPackage];
    const packages = explicit !== null ? [explicit] : fromPackage === this.root ? [this.root, null] : [...both, null];
    for (const p of packages) {
      const node = at(live, key, p);
      if (node) return { kind: 'found', node };
    }
    for (const p of packages) {
      const node = at(disabled, key, p);
      if (node) return { kind: 'disabled', node };
    }
    return undefined;
  }

  /** The versions of a model, as text. */
  versions(name: string): string[] {
    return [...this.refs.keys()].flatMap((key) => (key.startsWith(`${name}.v`) ? [key.slice(name.length + 2)] : []));
  }

  refNames(): Iterable<string> {
    return this.refs.keys();
  }

  functionNames(): Iterable<string> {
    return this.functions.keys();
  }

  sourceNames(): Iterable<string> {
    return this.sources.keys();
  }
}

function addNode(into: Map<string, Map<string, Node>>, n: Node): void {
  if (!REFABLE.has(n.resource_type)) return;
  const version = 'version' in n ? n.version : null;
  if (version === null || version === undefined) put(into, n.name, n);
  else {
    put(into, `${n.name}.v${version}`, n);
    if ('latest_version' in n && n.latest_version === version) put(into, n.name, n);
  }
}

function put<T>(into: Map<string, Map<string, T>>, key: string, node: T & { readonly package_name: string }): void {
  let packages = into.get(key);
  if (!packages) into.set(key, (packages = new Map()));
  if (!packages.has(node.package_name)) packages.set(node.package_name, node);
}

function at<T>(from: Map<string, Map<string, T>>, key: string, packageName: string | null): T | undefined {
  const packages = from.get(key);
  return packageName === null ? packages?.values().next().value : packages?.get(packageName);
}

/** A reference as a key of what is noted about it. */
export function refKey(r: RefArgs): string {
  return `ref:${r.package ?? ''}.${r.name}.${r.version ?? ''}`;
}

/** What `ref()` in a node of a package means. */
export function findRef(manifest: Manifest, r: RefArgs, fromPackage: string): Found<Node> | undefined {
  return manifest.lookup.ref(r, fromPackage);
}

/** What `source()` in a node of a package means. */
export function findSource(manifest: Manifest, source: string, table: string, fromPackage: string): Found<SourceNode> | undefined {
  return manifest.lookup.source(source, table, fromPackage);
}

/** What `function()` in a node of a package means. */
export function findFunction(manifest: Manifest, name: string, wanted: string | null, fromPackage: string): Found<FunctionNode> | undefined {
  return manifest.lookup.function(name, wanted, fromPackage);
}
