import type { Target } from '../sql/index.ts';
import type { SourceFile, Span, Yaml, YamlMap } from '../text/index.ts';
import type { NotificationShape } from './schema/settings.ts';
import type { Upstream } from './upstream.ts';

/** What a file of a package is, by the folder it was found in and its ending. */
export type FileKind = 'model' | 'seed' | 'snapshot' | 'singular-test' | 'macro' | 'analysis' | 'yaml' | 'docs' | 'fixture' | 'function';

/** A file of a package that dml reads. */
export interface InputFile {
  readonly kind: FileKind;
  /** `source.path` is relative to the package root ("models/staging/stg_orders.sql"), which is dbt's `original_file_path`. For seeds the text is empty: they are read when they are loaded. */
  readonly source: SourceFile;
  readonly absolute: string;
  /** The search path it was found under ("models") and the path below that ("staging/stg_orders.sql"). */
  readonly searchPath: string;
  readonly relative: string;
  /** sha256 in hex of the file's text without white space around it, as dbt computes it; for a seed of more than 1 MiB its path. */
  readonly checksum: string;
  /** The name of the checksum in the manifest. */
  readonly checksumKind: 'sha256' | 'path';
}

/** dbt_project.yml after rendering and defaults. Hooks in the trees, `vars` and the run hooks stay as written: they are rendered when they are used. */
export interface ProjectConfig {
  readonly name: string;
  readonly version: string | null;
  readonly profile: string | null;
  readonly paths: {
    readonly model: readonly string[];
    readonly seed: readonly string[];
    readonly snapshot: readonly string[];
    readonly test: readonly string[];
    readonly macro: readonly string[];
    readonly analysis: readonly string[];
    readonly docs: readonly string[];
    readonly asset: readonly string[];
    readonly function: readonly string[];
  };
  /** Relative to the project. */
  readonly targetPath: string;
  readonly logPath: string;
  readonly packagesPath: string;
  readonly cleanTargets: readonly string[];
  readonly requireDbtVersion: readonly string[];
  readonly quoting: { readonly database?: boolean; readonly schema?: boolean; readonly identifier?: boolean };
  readonly dispatch: readonly { readonly macro_namespace: string; readonly search_order: readonly string[] }[];
  readonly onRunStart: readonly string[];
  readonly onRunEnd: readonly string[];
  /** undefined: dbt's default comment; null: none. Without `comment`: the default comment, placed as told. Not rendered. */
  readonly queryComment: undefined | null | { readonly comment?: string; readonly append: boolean; readonly jobLabel: boolean };
  readonly restrictAccess: boolean;
  /** The trees under `models:`, `seeds:`, `snapshots:`, `sources:`, `data_tests:` (or `tests:`), `unit_tests:`, `exposures:`, ... rendered; and as written. */
  readonly trees: Readonly<Record<ConfigTree, YamlMap>>;
  readonly unrenderedTrees: Readonly<Record<ConfigTree, YamlMap>>;
  readonly vars: YamlMap;
  readonly flags: YamlMap;
}

export type ConfigTree =
  | 'models'
  | 'seeds'
  | 'snapshots'
  | 'sources'
  | 'data_tests'
  | 'unit_tests'
  | 'analyses'
  | 'exposures'
  | 'metrics'
  | 'semantic-models'
  | 'saved-queries'
  | 'functions';

export interface Package {
  readonly name: string;
  readonly isRoot: boolean;
  /** Absolute. */
  readonly dir: string;
  readonly config: ProjectConfig;
  /** The dbt_project.yml itself, for spans. */
  readonly file: SourceFile;
  readonly files: readonly InputFile[];
}

/** Everything read from disk: the root project and its installed packages, the chosen target, the variables of the command line. */
export interface Project {
  readonly dir: string;
  readonly root: Package;
  /** Root first, then the installed packages by name. Built-in macros are not here. */
  readonly packages: readonly Package[];
  /** The other projects that dependencies.yml lists. */
  readonly upstreams: readonly Upstream[];
  readonly target: Target;
  /** The default DuckDB target was used because no profiles.yml was found. */
  readonly defaultedTarget: boolean;
  /** Absolute path of the profiles.yml that was used. */
  readonly profilesFile?: string;
  readonly cliVars: YamlMap;
  /** dml.yml, validated; empty when there is none. */
  readonly settings: DmlSettings;
  /** selectors.yml as read, or null. */
  readonly selectors: Yaml;
}

/** dml's own settings (`dml.yml`), all optional. */
export interface DmlSettings {
  /** Failing rows shown for each failed test. Default 5. */
  readonly failures?: number;
  /** Seconds to wait for a locked database file. Default 0. */
  readonly lockTimeout?: number;
  readonly notifications?: readonly NotificationRoute[];
}

/** A webhook that is told of some results of a run, as dml.yml has it. */
export interface NotificationRoute extends Readonly<NotificationShape> {
  readonly at: Span;
}
