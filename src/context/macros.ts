import type { MacroDef as MacroUnit } from '../jinja/index.ts';
import type { Span } from '../text/index.ts';
import type { Json } from './convert.ts';

export interface MacroArgument {
  readonly name: string;
  readonly type: string | null;
  readonly description: string;
}

/** A macro of the project, a package or dml itself, in manifest v12's shape; `unit` and `at` never leave dml. */
export interface MacroDef {
  readonly unique_id: string;
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly macro_sql: string;
  readonly arguments: readonly MacroArgument[];
  readonly description: string;
  readonly meta: { readonly [key: string]: Json };
  readonly docs: { readonly show: boolean; readonly node_color: string | null };
  readonly patch_path: string | null;
  readonly depends_on: { readonly macros: readonly string[] };
  readonly supported_languages: readonly string[] | null;
  readonly created_at: number;
  /** The macro, parsed on first use. */
  readonly unit: () => MacroUnit;
  readonly at: Span;
}

type Names = ReadonlyMap<string, MacroDef>;

/** The macros of one package, reached as `package.macro`. */
export interface PackageMacros {
  readonly name: string;
  readonly macros: Names;
}

const EMPTY: Names = new Map();

/**
 * All macros by package, and dbt's three orders of looking one up: by a name in a template ({@link MacroScope.find}), by `adapter.dispatch`
 * ({@link MacroScope.dispatch}), and for materializations and `generate_*_name` ({@link materialization}, {@link generator}).
 */
export class MacroRegistry {
  readonly root: string;
  /** dml's own packages, the first wins: `dbt_duckdb`, then `dbt`. */
  readonly internal: readonly string[];
  private readonly packages = new Map<string, Map<string, MacroDef>>();
  private readonly scopes = new Map<string, MacroScope>();
  private builtins: Map<string, MacroDef> | undefined;
  private readonly packagesOverride: boolean;

  /** `packagesOverride`: installed packages may put materializations in the place of built-in ones. */
  constructor(root: string, internal: readonly string[], packagesOverride = false) {
    this.root = root;
    this.internal = internal;
    this.packagesOverride = packagesOverride;
  }

  /** Adds a macro; answers the one that already has its name in its package, if any, and keeps that. */
  add(def: MacroDef): MacroDef | undefined {
    let names = this.packages.get(def.package_name);
    if (!names) this.packages.set(def.package_name, (names = new Map()));
    const before = names.get(def.name);
    if (before) return before;
    names.set(def.name, def);
    return undefined;
  }

  package(name: string): Names {
    return this.packages.get(name) ?? EMPTY;
  }

  packageNames(): Iterable<string> {
    return this.packages.keys();
  }

  isInternal(packageName: string): boolean {
    return this.internal.includes(packageName);
  }

  /** The built-in macros of all internal packages as one namespace. */
  builtin(): Names {
    if (!this.builtins) {
      this.builtins = new Map();
      for (const name of [...this.internal].reverse()) for (const [k, def] of this.package(name)) this.builtins.set(k, def);
    }
    return this.builtins;
  }

  /** What a template of one package may name. */
  scope(packageName: string): MacroScope {
    let scope = this.scopes.get(packageName);
    if (!scope) this.scopes.set(packageName, (scope = new MacroScope(this, packageName)));
    return scope;
  }

  /**
   * The Jinja materialization that runs a node, or undefined when a native one does. The nearest adapter type comes first; of one type the root
   * project's wins, then a package's, then the built-in one. A package overrides a kind that is built in only where the project lets packages do so.
   * `native`: the types, `default` among them, for which the kind is native.
   */
  materialization(kind: string, adapterTypes: readonly string[], native: readonly string[]): MacroDef | undefined {
    for (const type of [...adapterTypes, 'default']) {
      const name = `materialization_${kind}_${type}`;
      const own = this.package(this.root).get(name);
      if (own) return own;
      if (native.length === 0 || this.packagesOverride)
        for (const [packageName, macros] of this.packages) {
          const found = packageName === this.root || this.isInternal(packageName) ? undefined : macros.get(name);
          if (found) return found;
        }
      if (native.includes(type)) return undefined;
      const found = native.length === 0 ? this.builtin().get(name) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  /** `generate_schema_name` and its kin: the node's own package's (for an installed package), else the root project's, else the built-in. */
  generator(name: string, packageName: string): MacroDef | undefined {
    const own = packageName === this.root || this.isInternal(packageName) ? undefined : this.package(packageName).get(name);
    return own ?? this.package(this.root).get(name) ?? this.builtin().get(name);
  }

  *all(): Generator<MacroDef> {
    for (const macros of this.packages.values()) yield* macros.values();
  }
}

/** The macro names a node of one package sees. */
export class MacroScope {
  private readonly registry: MacroRegistry;
  private readonly local: Names;
  private readonly global: Names;

  constructor(registry: MacroRegistry, packageName: string) {
    this.registry = registry;
    this.local = registry.isInternal(packageName) ? EMPTY : registry.package(packageName);
    this.global = registry.package(registry.root);
  }

  /** By a bare name: the node's package, the root project, a package of that name, `dbt`, the built-ins. */
  find(name: string): MacroDef | PackageMacros | undefined {
    return this.local.get(name) ?? this.global.get(name) ?? this.findPackage(name) ?? this.registry.builtin().get(name);
  }

  private findPackage(name: string): PackageMacros | undefined {
    if (name === 'dbt') return { name, macros: this.registry.builtin() };
    if (this.registry.isInternal(name)) return undefined;
    const macros = this.registry.package(name);
    return macros === EMPTY ? undefined : { name, macros };
  }

  /** As dispatch looks: with no package like a bare name, else only in that package. */
  from(packageName: string | null, name: string): MacroDef | undefined {
    if (packageName !== null)
      return packageName === 'dbt'
        ? this.registry.builtin().get(name)
        : this.registry.isInternal(packageName)
          ? undefined
          : this.registry.package(packageName).get(name);
    const found = this.find(name);
    return found && 'unique_id' in found ? found : undefined;
  }

  /** The packages that can be named: the project, its packages, and `dbt`. */
  *packageNames(): Generator<string> {
    for (const name of this.registry.packageNames()) if (!this.registry.isInternal(name)) yield name;
    yield 'dbt';
  }

  /** Every name that could have been meant, for did-you-mean. */
  *names(): Generator<string> {
    yield* this.local.keys();
    yield* this.global.keys();
    yield* this.registry.builtin().keys();
    for (const name of this.registry.packageNames())
      if (!this.registry.isInternal(name)) for (const macro of this.registry.package(name).keys()) yield `${name}.${macro}`;
  }
}
