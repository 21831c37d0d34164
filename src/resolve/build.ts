import type { Captured, Invocation, MacroDef } from '../context/index.ts';
import type { Template, Value } from '../jinja/index.ts';
import type { ParsedFile } from '../parse/index.ts';
import type { ConfigTree, InputFile, Package, Project } from '../read/index.ts';
import type { Sink, Span } from '../text/index.ts';
import type { ConfigDraft, Configs } from './config.ts';
import type { DocNode, ExposureNode, GroupNode, JsonMap, Node, RefArgs, SourceNode, UnitTestNode } from './manifest.ts';
import type { Patch } from './patches.ts';

/** A node while it is built: the manifest's node, still open to change. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

export type NodeDraft = Draft<Node> & {
  config: ConfigDraft;
  refs: RefArgs[];
  sources: (readonly string[])[];
  metrics: (readonly string[])[];
  functions: (readonly string[])[];
  depends_on: { macros: string[]; nodes: string[] };
};

/** Where in the files each dependency of a node was named, for diagnostics. Keys: `ref:name`, `source:a.b`; `entry`, `description` and `column:name` for what its properties file says. */
export type Places = Map<string, Span>;

/** Everything that resolving collects before the manifest is frozen. Lives for one call of `resolve`. */
export interface Build {
  readonly project: Project;
  readonly invocation: Invocation;
  readonly sink: Sink;
  readonly nodes: Map<string, Node>;
  /** The templates of nodes, by unique id, as they were parsed to resolve them. */
  readonly templates: Map<string, Template>;
  readonly sources: Map<string, SourceNode>;
  readonly exposures: Map<string, ExposureNode>;
  readonly unitTests: Map<string, UnitTestNode>;
  readonly groups: Map<string, GroupNode>;
  readonly docs: Map<string, DocNode>;
  /** Metrics, semantic models and saved queries that are switched off. */
  readonly disabledOthers: Map<string, JsonMap[]>;
  readonly disabled: Map<string, (Node | SourceNode | ExposureNode | UnitTestNode)[]>;
  readonly metrics: Map<string, JsonMap>;
  readonly semanticModels: Map<string, JsonMap>;
  readonly savedQueries: Map<string, JsonMap>;
  /** A package's config tree of one kind as JSON, rendered or as written. */
  readonly trees: (pkg: Package, tree: ConfigTree, rendered: boolean) => JsonMap;
  readonly configs: Configs;
  /** The project's own macro for a part of relation names (`generate_schema_name`), for the nodes of a package; undefined where the built-in way holds. */
  readonly generator: (name: string, packageName: string) => MacroDef | undefined;
  /** The names that templates in the properties files of a package see. */
  readonly schemaNames: (packageName: string) => (name: string) => Value | undefined;
  /** What rendering a template would tell, where its text alone tells it. */
  readonly static: (template: Template, packageName: string) => Captured | undefined;
  /** Properties of nodes by section, package and name. */
  readonly patches: ReadonlyMap<string, Patch>;
  readonly places: WeakMap<object, Places>;
  /** What the inputs of unit tests name. */
  readonly inputs: WeakMap<object, Pick<Node, 'refs' | 'sources'>>;
  /** The versions that the entry of a model lists, by `package.name`, and where. */
  readonly versions: Map<string, { readonly versions: readonly (string | number)[]; readonly at: Span }>;
  /** Seconds since the epoch, as `created_at` holds them. */
  readonly createdAt: number;
}

export interface Home {
  readonly package: Package;
  readonly input: InputFile;
}

/** The files of each package, read. */
export type ParsedFiles = ReadonlyMap<string, readonly ParsedFile[]>;
