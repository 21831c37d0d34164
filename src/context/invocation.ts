import type { Environment, Value } from '../jinja/index.ts';
import type { Dialect, Parts } from '../sql/index.ts';
import { type Yaml, type YamlMap, yamlMap } from '../text/index.ts';
import type { Json } from './convert.ts';
import type { MacroRegistry } from './macros.ts';

/** Where text that templates log or print goes. */
export interface Output {
  log(message: string, info: boolean): void;
  print(message: string): void;
  warn(message: string): void;
}

/** What is the same for every template of one run of dml: settings, clock, environment, macros. An argument everywhere, never ambient. */
export interface Invocation {
  readonly projectName: string;
  /** Names of the installed packages, the root project not included. */
  readonly packages: readonly string[];
  /** The `version:` of the root project and of each package, by name; absent: not known. */
  readonly versions?: ReadonlyMap<string, string | null>;
  readonly dialect: Dialect;
  readonly environment: Environment;
  readonly registry: MacroRegistry;
  /** `target` as templates see it. */
  readonly target: Value;
  readonly targetSchema: string;
  readonly targetDatabase: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vars: Vars;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The running clock, in the same unit, for `modules.datetime`; absent: it stands still at the start. */
  readonly now?: () => number;
  readonly id: string;
  /** The dbt version packages compare with. */
  readonly dbtVersion: string;
  /** Upper-case names, as `flags.FULL_REFRESH`. */
  readonly flags: ReadonlyMap<string, Value>;
  readonly args: { readonly [key: string]: Json };
  /** `adapter.behavior`: what the project sets of it, by name. */
  readonly behavior?: ReadonlyMap<string, boolean>;
  readonly output: Output;
  /** The project's `dispatch:` search orders by namespace. */
  readonly dispatch: ReadonlyMap<string, readonly string[]>;
  /** The project's `quoting:`, completed with the adapter's defaults. */
  readonly quoting: Parts<boolean>;
  /** Random numbers in [0, 1), for the `random` filter. */
  readonly random: () => number;
}

/** The variables of all levels. Strongest first: command line; root project, scoped to the node's package; root project; the node's own package. */
export class Vars {
  /** Those of the command line. */
  readonly cli: YamlMap;
  private readonly root: YamlMap;
  private readonly own: ReadonlyMap<string, YamlMap>;

  constructor(cli: YamlMap, root: YamlMap, own: ReadonlyMap<string, YamlMap>) {
    this.cli = cli;
    this.root = root;
    this.own = own;
  }

  /** The variable's value for a node of a package; undefined when nobody sets it. */
  find(name: string, packageName: string): Yaml | undefined {
    const levels = this.levels(packageName);
    const found = levels.find((l) => l !== undefined && Object.hasOwn(l, name) && l[name] !== null);
    if (found) return found[name];
    // A variable that is set to null exists all the same.
    return levels.some((l) => l !== undefined && Object.hasOwn(l, name)) ? null : undefined;
  }

  private levels(packageName: string): readonly (YamlMap | undefined)[] {
    const own = this.own.get(packageName);
    return [this.cli, scoped(this.root, packageName), this.root, own && scoped(own, packageName), own];
  }

  /** What the project file of a package says, or the root project's for null. */
  written(packageName: string | null): YamlMap {
    return (packageName === null ? this.root : this.own.get(packageName)) ?? yamlMap();
  }

  /** These variables with others in front of all, as a unit test sets them. */
  with(extra: YamlMap): Vars {
    return new Vars(Object.assign(yamlMap(), this.cli, extra), this.root, this.own);
  }

  /** The names a node of a package can use. */
  names(packageName: string): string[] {
    return this.levels(packageName).flatMap((l) => (l ? Object.keys(l) : []));
  }
}

function scoped(vars: YamlMap, packageName: string): YamlMap | undefined {
  const v = Object.hasOwn(vars, packageName) ? vars[packageName] : undefined;
  return typeof v === 'object' && v !== null && !Array.isArray(v) && Object.getPrototypeOf(v) === null ? (v as YamlMap) : undefined;
}
