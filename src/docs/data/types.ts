/**
 * The data of a documentation site: what `dml docs generate` writes, and all that the pages know. Types only, shared with the browser.
 *
 * ```
 * index.html                 the page; the host adds <meta name="dml-live" content="URL"> where it can tell of changes (server-sent events, event `change`)
 * app/…                      its script and style
 * <asset-paths>/…            the project's own pictures, which descriptions name
 * data/index.json            IndexFile: read first, small; names all other files
 * data/list/<n>.json         ListFile: one row per node; n counts from 0, rows go on from file to file
 * data/graph.json            GraphFile: the layout; node i is row i
 * data/bends/<n>.json        BendsFile: where long edges run
 * data/nodes/<shard>.json    NodesFile: pages by id
 * data/tests.json            TestsFile: what fails, and totals
 * data/tests/<shard>.json    TestPagesFile: every test by id
 * data/macros.json           MacroListFile
 * data/macros/<shard>.json   MacrosFile: macros with their code, by id
 * data/columns/<shard>.json  ColumnsFile: column-level lineage by id of the node
 * data/sources.json          SourcesFile
 * data/timeline.json         TimelineFile, data/timeline/<n>.json: BarsFile
 * data/search/<n>.json       a MiniSearch index as JSON, made with the options of `src/docs/search.ts`
 * data/diagnostics.json      DiagnosticsFile
 * ```
 *
 * `<shard>` is `shardOf(id, index.shards.<kind>)` of `src/docs/data/shard.ts`: a deep link needs the index and one file. In a single-file site each of these is a
 * `<script type="text/plain" data-file="data/index.json">` that holds the base64 of the gzipped JSON.
 *
 * Everything that a project says is text of unknown origin: `Markdown` is to be rendered without HTML, any other string is to be shown as it is. A key
 * that has nothing to say is left out. Times are ISO 8601 in UTC, durations seconds.
 */
import type { Layout } from '../layout.ts';

/** Changes when a reader of the one before could no longer read the files. */
export const FORMAT = 1;

/** CommonMark with tables, from anyone. */
export type Markdown = string;

/** A dbt unique id, such as `model.shop.orders`: what deep links are made of; it survives regeneration. */
export type Id = string;

/** Any JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What has a page of its own; tests and macros have theirs in files of their own. */
export type NodeType = 'model' | 'seed' | 'snapshot' | 'source' | 'exposure' | 'metric' | 'semantic_model' | 'saved_query' | 'function' | 'analysis';

/** dbt's statuses put into five: `warn` holds freshness warnings and partial success too, `none`: never run. */
export type Health = 'pass' | 'warn' | 'fail' | 'skip' | 'none';

/** How many of something are in each state. */
export type Healths = { readonly [health in Health]: number };

// ---- data/index.json

export interface IndexFile {
  readonly format: typeof FORMAT;
  /** A digest of all files: differs whenever anything does. */
  readonly build: string;
  readonly generatedAt: string;
  /** Who wrote the artifacts that the site was made of, such as `dml 0.1.0` or `dbt 1.11.2`. */
  readonly generator: string;
  readonly project: ProjectFacts;
  /** Number of nodes by type, and of `test`, `unit_test` and `macro`. */
  readonly counts: { readonly [type: string]: number };
  readonly health: ProjectHealth;
  /** The last invocations that had results, newest first; at most 50. */
  readonly runs: readonly Invocation[];
  readonly packages: readonly PackageFacts[];
  readonly groups: readonly GroupFacts[];
  /** Number of files of each kind. Kinds that are shards by id: nodes, tests, macros, columns; the others are counted through. */
  readonly shards: {
    readonly list: number;
    readonly bends: number;
    readonly nodes: number;
    readonly tests: number;
    readonly macros: number;
    readonly columns: number;
    readonly timeline: number;
    readonly search: number;
  };
  /** Every other data file: its size in bytes and a digest of its text, to be put behind its address (`data/list/0.json?v=1f3a9c20`) so that caches may keep it for ever. */
  readonly files: { readonly [path: string]: { readonly bytes: number; readonly digest: string } };
}

export interface ProjectFacts {
  readonly name: string;
  readonly version?: string;
  /** `duckdb`, `postgres`, ... */
  readonly adapter?: string;
  readonly dbtVersion?: string;
  /** The docs block `__overview__` of the project, else its README. */
  readonly overview?: Markdown;
}

export interface PackageFacts {
  readonly name: string;
  /** Nodes of it that have pages. */
  readonly nodes: number;
  readonly macros: number;
  /** The docs block `__<package>__`. */
  readonly overview?: Markdown;
}

export interface GroupFacts {
  readonly name: string;
  readonly package: string;
  readonly owner: Owner;
  readonly description?: Markdown;
  /** Members that have pages. */
  readonly nodes: number;
}

export interface Owner {
  readonly name?: string;
  /** Addresses: dbt allows several. */
  readonly email?: readonly string[];
  /** What else was written of the owner: `slack`, `github`, ... */
  readonly other?: { readonly [key: string]: Json };
}

export interface ProjectHealth {
  /** Data tests and unit tests, by their last result. */
  readonly tests: Healths;
  /** Models, seeds, snapshots and functions, by their last result. */
  readonly builds: Healths;
  /** Sources that have criteria, by their last check. */
  readonly freshness: Healths;
  /** Models, seeds, snapshots and sources of the root project: `[those that have it, all]`. */
  readonly described: readonly [number, number];
  readonly tested: readonly [number, number];
  /** The same of their columns. */
  readonly columnsDescribed: readonly [number, number];
}

/** One command that had results. */
export interface Invocation {
  readonly id: string;
  /** `build`, `run`, `test`, `source freshness`, ... */
  readonly command: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly results: Healths;
}

// ---- data/list/<n>.json and data/graph.json

export interface ListFile {
  /** Row number of the first. */
  readonly first: number;
  readonly rows: readonly Row[];
}

/** What lists, the tree, the command palette, selectors and colours of the graph need of a node. */
export interface Row {
  readonly id: Id;
  readonly type: NodeType;
  /** As people call it: `orders`, `orders.v2`, `web.visits` of a source. */
  readonly name: string;
  readonly package: string;
  /** Package, folders, name: dbt's `fqn`, for the tree and for selectors. */
  readonly fqn: readonly string[];
  /** Path of the defining file in its package. */
  readonly file: string;
  readonly database?: string;
  readonly schema?: string;
  /** The table or view as the database calls it, without its schema. */
  readonly alias?: string;
  readonly materialized?: string;
  readonly tags?: readonly string[];
  /** A short text: the group's owner, `meta.owner` or the owner of an exposure. */
  readonly owner?: string;
  readonly group?: string;
  /** Left out where it is `protected`, dbt's usual one. */
  readonly access?: 'public' | 'private';
  readonly version?: string;
  /** Of a versioned model: whether it is the latest version. */
  readonly latest?: boolean;
  readonly deprecated?: string;
  /** The description's first sentence, without marks. */
  readonly about?: string;
  readonly columns?: number;
  /** Tests by last result, left out where there are none: pass, warn, fail, skip, none. */
  readonly tests?: readonly [number, number, number, number, number];
  /** Last build, or last check of freshness of a source. */
  readonly status?: Health;
  /** Of the last build. */
  readonly seconds?: number;
  /** Rows and bytes of the table, where known. */
  readonly rows?: number;
  readonly bytes?: number;
  /** `docs: {show: false}`: neither listed nor drawn unless asked for. */
  readonly hidden?: true;
  /** `docs.node_color`: a CSS colour of unknown origin. */
  readonly color?: string;
}

/** The layout of all nodes, with one number for every row of the list. */
export interface GraphFile extends Omit<Layout, 'bends'> {
  /** Pairs of row numbers, one after the other: from, to, from, to, ... */
  readonly edges: readonly number[];
}

/** Points that edges pass on their way, for edges that cross ranks: `[edge, x, y, x, y, ...]`. Without them an edge is drawn straight on. */
export interface BendsFile {
  readonly bends: readonly (readonly number[])[];
}

// ---- data/nodes/<shard>.json

export interface NodesFile {
  readonly nodes: { readonly [id: Id]: NodePage };
}

/** Everything about one node that its row does not hold. */
export interface NodePage {
  readonly id: Id;
  readonly description?: Markdown;
  /** The properties file, relative to its package. */
  readonly patchFile?: string;
  /** As one writes it in SQL: `"shop"."main"."orders"`. */
  readonly relation?: string;
  readonly language?: 'sql' | 'python';
  readonly raw?: string;
  readonly compiled?: string;
  readonly columns: readonly Column[];
  readonly tests: readonly TestRow[];
  readonly constraints?: readonly Constraint[];
  /** `true`: the contract is enforced. */
  readonly contract?: boolean;
  readonly primaryKey?: readonly string[];
  /** Macros that its code calls, but for dml's and dbt's own. */
  readonly macros?: readonly Id[];
  /** What it reads, and what reads it, but for tests; each once. */
  readonly parents: readonly Id[];
  readonly children: readonly Id[];
  readonly versions?: readonly { readonly id: Id; readonly version: string; readonly latest: boolean }[];
  readonly owner?: Owner;
  readonly meta?: { readonly [key: string]: Json };
  /** The node's configuration, but for what was left at its usual value. */
  readonly config?: { readonly [key: string]: Json };
  /** What the database says of the table: its type, its owner, its statistics. */
  readonly table?: TableFacts;
  /** Newest first; at most 30. */
  readonly runs?: readonly RunEntry[];
  readonly source?: SourceDetails;
  readonly exposure?: ExposureDetails;
  /** Metrics, semantic models, saved queries, functions: their definition by heading, as JSON. */
  readonly definition?: { readonly [key: string]: Json };
}

export interface Column {
  readonly name: string;
  /** As the database has it, else as declared. */
  readonly type?: string;
  /** Where it differs from `type`. */
  readonly declaredType?: string;
  readonly description?: Markdown;
  /** Described, but not in the database's table. */
  readonly missing?: true;
  /** In the database's table, but not described. */
  readonly undocumented?: true;
  readonly constraints?: readonly Constraint[];
  /** Ids of those of the page's tests that are of this column. */
  readonly tests?: readonly Id[];
  readonly tags?: readonly string[];
  readonly meta?: { readonly [key: string]: Json };
}

export interface Constraint {
  /** `not_null`, `unique`, `primary_key`, `foreign_key`, `check`, `custom`. */
  readonly type: string;
  readonly name?: string;
  readonly columns?: readonly string[];
  readonly expression?: string;
  /** Of a foreign key: the other table as SQL, and its columns. */
  readonly to?: string;
  readonly toColumns?: readonly string[];
}

export interface TableFacts {
  readonly type?: string;
  readonly owner?: string;
  readonly comment?: string;
  readonly stats: readonly { readonly label: string; readonly value: string | number | boolean; readonly description?: string }[];
}

/** One result of a node or test in some invocation. */
export interface RunEntry {
  readonly invocation: string;
  readonly at: string;
  readonly health: Health;
  /** dbt's word: `success`, `error`, `fail`, ... */
  readonly status: string;
  readonly seconds: number;
  readonly message?: string;
  /** Rows that failed a test. */
  readonly failures?: number;
  /** Rows that were written, as the database tells. */
  readonly rows?: number;
}

export interface SourceDetails {
  /** `source.name` of SQL: `web` of `web.visits`. */
  readonly name: string;
  readonly description?: Markdown;
  readonly loader?: string;
  readonly loadedAtField?: string;
  readonly freshness?: Freshness;
}

export interface Freshness {
  /** Such as `12 hours`. */
  readonly warnAfter?: string;
  readonly errorAfter?: string;
  readonly filter?: string;
  /** The last check, where there was one. */
  readonly health: Health;
  readonly maxLoadedAt?: string;
  readonly checkedAt?: string;
  /** Seconds between the two. */
  readonly age?: number;
}

export interface ExposureDetails {
  /** `dashboard`, `notebook`, `analysis`, `ml`, `application`. */
  readonly type: string;
  readonly label?: string;
  readonly maturity?: string;
  /** Of unknown origin: to be a link only where it is http or https. */
  readonly url?: string;
}

// ---- data/tests.json and data/tests/<shard>.json

export interface TestsFile {
  readonly totals: Healths;
  /** By kind of test (`not_null`, `dbt_utils.equality`, `singular`, `unit`): number of tests by last result, those with most first. */
  readonly kinds: readonly { readonly kind: string; readonly totals: Healths }[];
  /** Every test that fails, warns or was skipped: failures first, longest first; at most 1,000. */
  readonly troubled: readonly TestRow[];
}

/** A data test or unit test with its last result. */
export interface TestRow {
  readonly id: Id;
  readonly name: string;
  /** `not_null`, `dbt_utils.equality`, `singular`, `unit`. */
  readonly kind: string;
  /** The node it is of; a singular test may be of several, and has none then. */
  readonly node?: Id;
  readonly column?: string;
  readonly severity?: 'error' | 'warn';
  readonly health: Health;
  /** The last result; the history is on the test's page. */
  readonly last?: RunEntry;
  /** When the present row of bad results (fail, warn) began, as far back as the history goes. */
  readonly since?: string;
}

export interface TestPagesFile {
  readonly tests: { readonly [id: Id]: TestPage };
}

export interface TestPage extends TestRow {
  readonly package: string;
  readonly file: string;
  readonly description?: Markdown;
  readonly tags?: readonly string[];
  /** Of a generic test: its arguments. Of a unit test: `given`, `expect`, `overrides`. */
  readonly arguments?: { readonly [name: string]: Json };
  readonly config?: { readonly [key: string]: Json };
  readonly raw?: string;
  readonly compiled?: string;
  /** Other nodes that it reads. */
  readonly parents: readonly Id[];
  /** Newest first; at most 30. */
  readonly runs: readonly RunEntry[];
  /** Some of the rows that failed in the last run, where they were kept. */
  readonly failing?: { readonly columns: readonly string[]; readonly rows: readonly (readonly Json[])[] };
}

// ---- data/macros.json and data/macros/<shard>.json

export interface MacroListFile {
  readonly macros: readonly {
    readonly id: Id;
    readonly name: string;
    readonly package: string;
    readonly about?: string;
    readonly arguments: readonly string[];
  }[];
}

export interface MacrosFile {
  readonly macros: { readonly [id: Id]: MacroPage };
}

/** A macro of the project or of a package; dml's and dbt's own are left out. */
export interface MacroPage {
  readonly id: Id;
  readonly name: string;
  readonly package: string;
  readonly file: string;
  readonly description?: Markdown;
  /** Described ones first come as described; `value`: the default as written. */
  readonly arguments: readonly { readonly name: string; readonly type?: string; readonly description?: Markdown; readonly value?: string }[];
  readonly code: string;
  readonly macros: readonly Id[];
  /** Nodes, tests and macros that call it; at most 200. */
  readonly usedBy: readonly Id[];
}

// ---- the rest

/** Column-level lineage; empty where it is not known. */
export interface ColumnsFile {
  readonly nodes: { readonly [id: Id]: { readonly [column: string]: ColumnEdges } };
}

export interface ColumnEdges {
  readonly from: readonly ColumnEnd[];
  readonly to: readonly ColumnEnd[];
}

/** `[node, column, how]`: `same`: passed on as it is; `computed`: part of an expression; `indirect`: filters, joins, groups or sorts. */
export type ColumnEnd = readonly [node: Id, column: string, how: 'same' | 'computed' | 'indirect'];

export interface SourcesFile {
  readonly sources: readonly {
    readonly name: string;
    readonly package: string;
    readonly description?: Markdown;
    readonly loader?: string;
    readonly tables: readonly { readonly id: Id; readonly name: string; readonly freshness?: Freshness }[];
  }[];
}

/** The last invocation that built something. Absent parts: nothing was built yet. */
export interface TimelineFile {
  readonly invocation?: Invocation;
  /** Number of bars in all files, and of lanes (threads) they lie in. */
  readonly bars: number;
  readonly lanes: number;
  /** The chain of nodes, each waiting for the one before, that took longest; and what it took. */
  readonly critical: readonly Id[];
  readonly criticalSeconds: number;
}

/** Bars in the order of their start. Each list has one entry a bar. */
export interface BarsFile {
  readonly first: number;
  readonly id: readonly Id[];
  readonly lane: readonly number[];
  /** Seconds after the first bar's. */
  readonly start: readonly number[];
  readonly seconds: readonly number[];
  readonly health: readonly Health[];
}

/** Every diagnostic dml can print. */
export interface DiagnosticsFile {
  readonly diagnostics: readonly { readonly code: string; readonly severity: 'error' | 'warning' | 'note'; readonly explanation: Markdown }[];
}
