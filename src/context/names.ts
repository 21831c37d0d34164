import { type Args, bindMacro, Callable, Dict, Obj, type Options, type Program, Run, type Site, str, type Value } from '../jinja/index.ts';
import { type SourceFile, sourceFile } from '../text/index.ts';
import { type BaseHost, baseMember, baseNames } from './base.ts';
import type { Invocation } from './invocation.ts';
import type { MacroDef, MacroScope, PackageMacros } from './macros.ts';

/** What one rendering knows beyond the members every template sees. */
export interface NamesOptions {
  readonly invocation: Invocation;
  readonly packageName: string;
  readonly threadId: string;
  readonly requireVars: boolean;
  /** Members of this kind of template; asked once a name. */
  readonly member: (name: string, names: Names) => Value | undefined;
  readonly memberNames: Iterable<string>;
  /** Undefined names answer a chainable nothing (parsing) instead of an error (running). */
  readonly capture: boolean;
  /** Told of each macro that the template itself calls, not of those a macro calls. */
  readonly onMacro?: (def: MacroDef) => void;
  readonly onEnvVar?: (name: string) => void;
  /** Macros replaced by a fixed answer (unit tests): `name` or `package.name`. */
  readonly overrides?: ReadonlyMap<string, Value>;
}

/**
 * The names that one template can see: macros first (so that a project's macro `ref` replaces dml's), then the members of its kind of
 * template, then those every template has. Built as they are asked for.
 */
export class Names implements BaseHost {
  readonly invocation: Invocation;
  readonly packageName: string;
  readonly threadId: string;
  readonly requireVars: boolean;
  readonly capture: boolean;
  readonly scope: MacroScope;
  /** How templates are evaluated with these names; the limits are shared by all of them. */
  readonly options: Options;
  private readonly given: NamesOptions;
  private readonly known = new Map<string, Value | undefined>();
  private readonly bound = new Map<string, BoundMacro>();
  /** The macros being run, the outermost first. */
  readonly stack: MacroDef[] = [];

  constructor(options: NamesOptions) {
    this.given = options;
    this.options = { undefined: options.capture ? 'capture' : 'lenient', run: new Run(), names: () => this.names(), random: options.invocation.random };
    this.invocation = options.invocation;
    this.packageName = options.packageName;
    this.threadId = options.threadId;
    this.requireVars = options.requireVars;
    this.capture = options.capture;
    this.scope = options.invocation.registry.scope(options.packageName);
  }

  /** The globals lookup the renderer takes. */
  readonly lookup = (name: string): Value | undefined => {
    const before = this.known.get(name);
    if (before !== undefined || this.known.has(name)) return before;
    const value = this.make(name);
    this.known.set(name, value);
    return value;
  };

  onEnvVar(name: string): void {
    this.given.onEnvVar?.(name);
  }

  /** Built-in macros that are no text, by name: `dbt.materialization_table_default` and the like, for templates that add to what they do. */
  readonly natives = new Map<string, Value>();

  /** Sets a name for this rendering only. */
  set(name: string, value: Value): void {
    this.known.set(name, value);
  }

  private make(name: string): Value | undefined {
    const { overrides } = this.given;
    // As in dbt, a macro of `dbt` that is replaced is replaced under both of its names.
    const override = overrides?.get(name) ?? overrides?.get(`dbt.${name}`);
    if (override !== undefined && name !== 'this') return this.scope.from(null, name) ? new FixedMacro(name, override) : override;
    const macro = this.scope.find(name);
    if (macro) return 'unique_id' in macro ? this.bind(macro) : new PackageValue(macro, this);
    return this.member(name);
  }

  /** The member itself, even where a macro has its name: `builtins` holds those. */
  member(name: string): Value | undefined {
    if (name === 'context') return new ContextValue(this);
    if (name === 'builtins')
      return new LazyDict(
        () => this.memberNames(),
        (n) => this.member(n),
      );
    const own = this.given.member(name, this);
    return own === undefined ? baseMember(name, this) : own;
  }

  /** A macro ready to be called from this rendering. */
  bind(def: MacroDef): Callable {
    let macro = this.bound.get(def.unique_id);
    if (!macro) this.bound.set(def.unique_id, (macro = new BoundMacro(def, this)));
    return macro;
  }

  /** A macro of a package, by the package's name: a unit test may have replaced it under that name only. */
  bindIn(packageName: string, def: MacroDef): Callable {
    const { overrides } = this.given;
    const fixed = overrides?.get(`${packageName}.${def.name}`) ?? (packageName === 'dbt' ? overrides?.get(def.name) : undefined);
    return fixed === undefined ? this.bind(def) : new FixedMacro(def.name, fixed);
  }

  entered(def: MacroDef): void {
    if (this.stack.length === 0) this.given.onMacro?.(def);
    this.stack.push(def);
  }

  /** Every name, for did-you-mean. */
  *names(): Generator<string> {
    yield* ['context', 'builtins'];
    yield* this.memberNames();
    yield* this.scope.packageNames();
    yield* this.scope.names();
  }

  private *memberNames(): Generator<string> {
    yield* this.given.memberNames;
    yield* baseNames();
  }

  /** Renders a text with these names, in plain form. `what`: its name in the places of mistakes. */
  renderText(text: string, what: string): Value {
    return this.renderPart(sourceFile(what, text));
  }

  /** Renders a text that may be a part of a file. */
  renderPart(source: SourceFile): Value {
    return this.invocation.environment.parse(source).render(this.lookup, this.options);
  }

  renderNative(text: string, what: string): Value {
    return this.invocation.environment.parseText(text, what).renderNative(this.lookup, this.options);
  }
}

/** A macro with the names it sees. Its body is read on the first call. */
class BoundMacro extends Callable {
  override readonly typeName = 'macro';
  readonly def: MacroDef;
  private readonly names: Names;
  private inner: Callable | undefined;
  constructor(def: MacroDef, names: Names) {
    super();
    this.def = def;
    this.names = names;
  }
  private get macro(): Callable {
    this.inner ??= bindMacro(this.def.unit(), this.names.lookup, this.names.options);
    return this.inner;
  }
  call(args: Args, site: Site): Value {
    const { stack } = this.names;
    const depth = stack.length;
    this.names.entered(this.def);
    try {
      return this.macro.call(args, site);
    } finally {
      stack.length = depth;
    }
  }
  override *program(args: Args, site: Site): Program {
    const { stack } = this.names;
    const depth = stack.length;
    this.names.entered(this.def);
    try {
      const { macro } = this;
      return macro.program ? yield* macro.program(args, site) : macro.call(args, site);
    } finally {
      stack.length = depth;
    }
  }
  override attr(name: string): Value | undefined {
    return name === 'name' ? this.def.name : this.macro.attr(name);
  }
  override repr(): string {
    return `<Macro '${this.def.name}'>`;
  }
}

/** A macro that a unit test replaced by a value. */
class FixedMacro extends Callable {
  override readonly typeName = 'macro';
  private readonly name: string;
  private readonly value: Value;
  constructor(name: string, value: Value) {
    super();
    this.name = name;
    this.value = value;
  }
  call(): Value {
    return this.value;
  }
  override repr(): string {
    return `<Macro '${this.name}'>`;
  }
}

/** A package as templates see it: `dbt_utils.star`. A dict of its macros, which are bound as they are asked for. */
class PackageValue extends Obj {
  readonly typeName = 'dict';
  private readonly macros: PackageMacros;
  private readonly names: Names;
  private all: Dict | undefined;
  constructor(macros: PackageMacros, names: Names) {
    super();
    this.macros = macros;
    this.names = names;
  }
  private dict(): Dict {
    return (this.all ??= new Dict([...this.macros.macros].map(([name, def]): [Value, Value] => [name, this.names.bindIn(this.macros.name, def)])));
  }
  override attr(name: string): Value | undefined {
    // The sandbox refuses attributes that begin with `_`, but finds them as items.
    if (name.startsWith('_')) return undefined;
    return DICT_METHODS.has(name) ? this.dict().attr(name) : this.item(name);
  }
  override item(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const def = this.macros.macros.get(key);
    if (def) return this.names.bindIn(this.macros.name, def);
    return this.macros.name === 'dbt' ? this.names.natives.get(key) : undefined;
  }
  override attributeNames(): Iterable<string> {
    return this.macros.macros.keys();
  }
  override isMapping(): boolean {
    return true;
  }
  override contains(item: Value): boolean {
    return typeof item === 'string' && this.macros.macros.has(item);
  }
  override length(): number {
    return this.macros.macros.size;
  }
  override iterate(): Iterable<Value> {
    return this.macros.macros.keys();
  }
}

/** Python finds these before the items of their names. */
const DICT_METHODS: ReadonlySet<string> = new Set(['get', 'keys', 'values', 'items', 'copy', 'update', 'pop', 'popitem', 'setdefault', 'clear', 'fromkeys']);

/** A dict of names whose values are made as they are asked for; counting and walking it makes them all. */
class LazyDict extends Obj {
  readonly typeName = 'dict';
  private readonly all: () => Iterable<string>;
  protected readonly find: (name: string) => Value | undefined;
  constructor(all: () => Iterable<string>, find: (name: string) => Value | undefined) {
    super();
    this.all = all;
    this.find = find;
  }
  private dict(): Dict {
    const out = new Dict();
    for (const name of this.all()) {
      const value = this.find(name);
      if (value !== undefined) out.set(name, value);
    }
    return out;
  }
  override attr(name: string): Value | undefined {
    if (name === 'get') return new LazyGet(this.find);
    return DICT_METHODS.has(name) ? this.dict().attr(name) : this.find(name);
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.find(key) : undefined;
  }
  override isMapping(): boolean {
    return true;
  }
  override contains(item: Value): boolean {
    return typeof item === 'string' && this.find(item) !== undefined;
  }
  override length(): number {
    return this.dict().size;
  }
  override iterate(): Iterable<Value> {
    return this.dict().keys();
  }
  override truthy(): boolean {
    return true;
  }
}

/** `context`: every name of the template. */
class ContextValue extends LazyDict {
  private readonly names: Names;
  constructor(names: Names) {
    super(
      () => names.names(),
      (name) => names.lookup(name),
    );
    this.names = names;
  }
  override attr(name: string): Value | undefined {
    return name === 'update' ? new ContextUpdate(this.names) : super.attr(name);
  }
}

class LazyGet extends Callable {
  private readonly find: (name: string) => Value | undefined;
  constructor(find: (name: string) => Value | undefined) {
    super();
    this.find = find;
  }
  call(args: Args): Value {
    const [key, fallback] = args.positional;
    return (typeof key === 'string' ? this.find(key) : undefined) ?? fallback ?? args.named.get('default') ?? null;
  }
}

/** `context.update({...})`: sets names for the rest of this rendering. */
class ContextUpdate extends Callable {
  private readonly names: Names;
  constructor(names: Names) {
    super();
    this.names = names;
  }
  call(args: Args): Value {
    const [given] = args.positional;
    const entries = [...(given instanceof Dict ? given.entries() : []), ...args.named];
    for (const [name, value] of entries) this.names.set(str(name), value);
    return null;
  }
}
