import type { MacroDef } from '../context/index.ts';
import type { Template } from '../jinja/index.ts';
import type { InputFile, Project } from '../read/index.ts';
import type { SourceFile, Span, YamlFloat, YamlMap } from '../text/index.ts';

/** JSON as the artifacts hold it. */
export type Json = null | boolean | number | string | YamlFloat | readonly Json[] | { readonly [key: string]: Json };
export type JsonMap = { readonly [key: string]: Json };

export type ResourceType =
  | 'model'
  | 'seed'
  | 'snapshot'
  | 'test'
  | 'analysis'
  | 'operation'
  | 'sql_operation'
  | 'source'
  | 'exposure'
  | 'unit_test'
  | 'macro'
  | 'doc'
  | 'group'
  | 'metric'
  | 'semantic_model'
  | 'saved_query'
  | 'function';

export interface RefArgs {
  readonly name: string;
  readonly package: string | null;
  readonly version: string | number | null;
}

export interface ColumnInfo {
  readonly name: string;
  readonly description: string;
  readonly meta: JsonMap;
  readonly data_type: string | null;
  readonly constraints: readonly JsonMap[];
  readonly quote: boolean | null;
  readonly config: JsonMap;
  readonly tags: readonly string[];
  readonly granularity: string | null;
  readonly doc_blocks: readonly string[];
}

/** What every executable node has. Names and shapes are manifest v12's, so that artifacts and the template's `model` and `graph` are this object; `at` and `input` never leave dml. */
export interface NodeBase {
  readonly unique_id: string;
  readonly name: string;
  readonly resource_type: ResourceType;
  readonly package_name: string;
  /** Below the search path: `staging/stg_orders.sql`. */
  readonly path: string;
  /** Below the package root: `models/staging/stg_orders.sql`. */
  readonly original_file_path: string;
  readonly fqn: readonly string[];
  readonly alias: string;
  readonly checksum: { readonly name: string; readonly checksum: string };
  readonly database: string | null;
  readonly schema: string;
  readonly relation_name: string | null;
  readonly config: JsonMap;
  readonly unrendered_config: JsonMap;
  /** What the `config()` calls of its text say. Only templates see it. */
  readonly config_call_dict: JsonMap;
  /** As in dbt, always empty without the flag that fills it. */
  readonly unrendered_config_call_dict: JsonMap;
  readonly tags: readonly string[];
  readonly meta: JsonMap;
  readonly group: string | null;
  readonly description: string;
  readonly columns: { readonly [name: string]: ColumnInfo };
  readonly docs: { readonly show: boolean; readonly node_color: string | null };
  readonly doc_blocks: readonly string[];
  /** `package://models/schema.yml`, or null. */
  readonly patch_path: string | null;
  readonly language: string;
  readonly raw_code: string;
  readonly refs: readonly RefArgs[];
  readonly sources: readonly (readonly string[])[];
  readonly metrics: readonly (readonly string[])[];
  readonly functions: readonly (readonly string[])[];
  readonly depends_on: { readonly macros: readonly string[]; readonly nodes: readonly string[] };
  readonly created_at: number;
  /** The file it was found in; for generic tests and YAML snapshots the YAML file. */
  readonly input: InputFile;
  /** The place to name when something is wrong with the node as a whole. */
  readonly at: Span;
}

export interface ModelNode extends NodeBase {
  readonly resource_type: 'model' | 'analysis' | 'snapshot' | 'operation' | 'sql_operation';
  readonly access: 'private' | 'protected' | 'public';
  readonly constraints: readonly JsonMap[];
  readonly contract: { readonly enforced: boolean; readonly alias_types: boolean; readonly checksum: string | null };
  readonly version: string | number | null;
  readonly latest_version: string | number | null;
  readonly deprecation_date: string | null;
  readonly primary_key: readonly string[];
  readonly time_spine: JsonMap | null;
  /** For operations: `on-run-start` or `on-run-end`, and its place in the list. */
  readonly index?: number;
}

export interface SeedNode extends NodeBase {
  readonly resource_type: 'seed';
  /** Absolute folder of the package, so that the file can be found again. */
  readonly root_path: string;
}

export interface TestNode extends NodeBase {
  readonly resource_type: 'test';
  /** null for singular tests. */
  readonly test_metadata: { readonly name: string; readonly kwargs: JsonMap; readonly namespace: string | null } | null;
  readonly column_name: string | null;
  readonly file_key_name: string | null;
  readonly attached_node: string | null;
}

/** A function of the user's own in the database. In manifest.json functions stand beside the nodes. */
export interface FunctionNode extends NodeBase {
  readonly resource_type: 'function';
  readonly arguments: readonly {
    readonly name: string;
    readonly data_type: string;
    readonly description: string | null;
    readonly default_value: Json;
  }[];
  readonly returns: { readonly data_type: string; readonly description: string | null };
}

export type Node = ModelNode | SeedNode | TestNode | FunctionNode;

export interface SourceNode {
  readonly unique_id: string;
  readonly resource_type: 'source';
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly name: string;
  readonly source_name: string;
  readonly source_description: string;
  readonly loader: string;
  readonly identifier: string;
  readonly database: string | null;
  readonly schema: string;
  readonly fqn: readonly string[];
  readonly quoting: JsonMap;
  readonly loaded_at_field: string | null;
  readonly loaded_at_query: string | null;
  readonly freshness: JsonMap | null;
  readonly external: JsonMap | null;
  readonly description: string;
  readonly columns: { readonly [name: string]: ColumnInfo };
  readonly meta: JsonMap;
  readonly source_meta: JsonMap;
  readonly tags: readonly string[];
  readonly config: JsonMap;
  readonly unrendered_config: JsonMap;
  readonly unrendered_database: string | null;
  readonly unrendered_schema: string | null;
  readonly relation_name: string;
  readonly created_at: number;
  readonly doc_blocks: readonly string[];
  readonly patch_path: string | null;
  readonly at: Span;
}

export interface ExposureNode {
  readonly unique_id: string;
  readonly resource_type: 'exposure';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly fqn: readonly string[];
  readonly type: string;
  readonly owner: JsonMap;
  readonly description: string;
  readonly label: string | null;
  readonly maturity: string | null;
  readonly meta: JsonMap;
  readonly tags: readonly string[];
  readonly config: JsonMap;
  readonly unrendered_config: JsonMap;
  readonly url: string | null;
  readonly depends_on: { readonly macros: readonly string[]; readonly nodes: readonly string[] };
  readonly refs: readonly RefArgs[];
  readonly sources: readonly (readonly string[])[];
  readonly metrics: readonly (readonly string[])[];
  readonly created_at: number;
  readonly at: Span;
}

export interface UnitTestNode {
  readonly unique_id: string;
  readonly resource_type: 'unit_test';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly fqn: readonly string[];
  readonly model: string;
  readonly description: string;
  readonly overrides: JsonMap | null;
  readonly given: readonly JsonMap[];
  readonly expect: JsonMap;
  readonly config: JsonMap;
  readonly version: string | number | null;
  readonly versions: JsonMap | null;
  readonly schema: string | null;
  readonly checksum: string | null;
  readonly depends_on: { readonly macros: readonly string[]; readonly nodes: readonly string[] };
  readonly tested_node_unique_id: string | null;
  readonly this_input_node_unique_id: string | null;
  readonly created_at: number;
  readonly at: Span;
  /** What it states that dbt's unit tests cannot; null for a test that dbt knows too. */
  readonly own: OwnExpectations | null;
  /** Where the rows of each `given` and expectation stand. */
  readonly fixtures: ReadonlyMap<JsonMap, FixturePlace>;
}

/** Where the rows of a `given` or an expectation are written, for messages about them. What has no place of its own has that of what holds it. */
export interface FixturePlace {
  /** The mapping that says what the rows are for. */
  readonly at: Span;
  /** Its `input:`. */
  readonly input: Span;
  /** A part of rows that are SQL, from offsets in it. */
  readonly sql: (start: number, end: number) => Span;
  /** Where a column is first named. */
  readonly column: (name: string) => Span;
  /** The value of a column in one of the rows. */
  readonly value: (row: JsonMap, column: string) => Span;
}

/** What dml's unit tests state beyond dbt's. Rows are held as in `expect`: `rows`, `format` and `fixture`. */
export interface OwnExpectations {
  readonly subject: 'model' | 'snapshot' | 'macro';
  /** `expect` says rows: those of the query, or of a macro's call. */
  readonly query: boolean;
  /** The template that calls the macro. */
  readonly call: SourceFile | null;
  /** What the call is to print. */
  readonly text: string | null;
  /** The rows of the table after its materialization has run, how often it runs, and the time it takes for the present one. */
  readonly table: JsonMap | null;
  readonly runs: number;
  readonly now: string | null;
  /** The rows of the query's common table expressions, by name. */
  readonly ctes: { readonly [name: string]: JsonMap };
  /** Where its keys stand: `model`, `snapshot` or `macro`, `call`, `expect`, `expect_table`, `cte:NAME`. */
  readonly places: ReadonlyMap<string, Span>;
}

export interface GroupNode {
  readonly unique_id: string;
  readonly resource_type: 'group';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly owner: JsonMap;
  readonly description: string | null;
  readonly config: JsonMap;
}

export interface DocNode {
  readonly unique_id: string;
  readonly resource_type: 'doc';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly block_contents: string;
}

/** The whole project, resolved: what is selected from, planned, run, documented. Frozen once made. */
export interface Manifest {
  readonly project: Project;
  readonly nodes: ReadonlyMap<string, Node>;
  /** The templates of nodes, by unique id; those of generic tests, which many share, and of hooks are made again from `raw_code`. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly sources: ReadonlyMap<string, SourceNode>;
  readonly exposures: ReadonlyMap<string, ExposureNode>;
  readonly unitTests: ReadonlyMap<string, UnitTestNode>;
  readonly groups: ReadonlyMap<string, GroupNode>;
  readonly docs: ReadonlyMap<string, DocNode>;
  /** By unique id (`macro.package.name`), built-in ones included. */
  readonly macros: ReadonlyMap<string, MacroDef>;
  readonly disabled: ReadonlyMap<string, readonly (Node | SourceNode | ExposureNode | UnitTestNode)[]>;
  /** Resources that no build runs (metrics, semantic models, saved queries), in the manifest's shape, by unique id. */
  readonly others: {
    readonly metrics: ReadonlyMap<string, JsonMap>;
    readonly semanticModels: ReadonlyMap<string, JsonMap>;
    readonly savedQueries: ReadonlyMap<string, JsonMap>;
    /** Those of all three kinds that are switched off. */
    readonly disabled: ReadonlyMap<string, readonly JsonMap[]>;
  };
  /** The properties files that say something of nodes, by the nodes' `patch_path`. */
  readonly propertyFiles: ReadonlyMap<string, SourceFile>;
  /** Direct parents and children of every node, source, exposure and unit test, by unique id. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  readonly children: ReadonlyMap<string, readonly string[]>;
  readonly selectors: YamlMap;
  /** Nodes and sources by the names templates use. */
  readonly lookup: NameLookup;
}

/** What a name in a template turned out to be. */
export type Found<T> = { readonly kind: 'found'; readonly node: T } | { readonly kind: 'disabled'; readonly node: T };

export interface NameLookup {
  /** A `ref()` in a node of a package. */
  ref(r: RefArgs, fromPackage: string): Found<Node> | undefined;
  /** A `source()` in a node of a package. */
  source(source: string, table: string, fromPackage: string): Found<SourceNode> | undefined;
  /** A `function()` in a node of a package. */
  function(name: string, wanted: string | null, fromPackage: string): Found<FunctionNode> | undefined;
  refNames(): Iterable<string>;
  functionNames(): Iterable<string>;
  sourceNames(): Iterable<string>;
}

/** Anything in the graph. */
export type Resource = Node | SourceNode | ExposureNode | UnitTestNode;
