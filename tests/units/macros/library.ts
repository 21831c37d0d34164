import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Invocation, jsonToValue, type MacroDef, MacroRegistry, Module, type RunHost, relationValue, Vars } from '../../../src/context/index.ts';
import { runNames } from '../../../src/context/run.ts';
import { Dict, type Value } from '../../../src/jinja/index.ts';
import { language, type ParsedMacro, parseMacros } from '../../../src/parse/index.ts';
import { type Dialect, duckdb, type Effect, postgres, relation } from '../../../src/sql/index.ts';
import { Diagnostics, sourceFile } from '../../../src/text/index.ts';

const folder = fileURLToPath(new URL('../../../templates/macros/', import.meta.url));

/** The packages of the library by adapter: the nearest first. */
export const dialects: Readonly<Record<string, { readonly dialect: Dialect; readonly package: string }>> = {
  duckdb: { dialect: duckdb, package: 'dbt_duckdb' },
  postgres: { dialect: postgres, package: 'dbt_postgres' },
};

export interface LibraryFile {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}

/** Every file of the library. */
export function libraryFiles(): LibraryFile[] {
  return ['dml', 'duckdb', 'postgres'].flatMap((name) =>
    readdirSync(join(folder, name))
      .sort()
      .map((file) => ({ folder: name, path: `${name}/${file}`, text: readFileSync(join(folder, name, file), 'utf8') })),
  );
}

const packageOf: Readonly<Record<string, string>> = { dml: 'dbt', duckdb: 'dbt_duckdb', postgres: 'dbt_postgres' };

export interface Library {
  readonly environment: ReturnType<typeof language>;
  readonly macros: readonly { readonly package: string; readonly macro: ParsedMacro; readonly path: string }[];
  readonly problems: readonly string[];
}

/** The whole library, parsed once. */
export function loadLibrary(): Library {
  const environment = language();
  const sink = new Diagnostics();
  const macros = libraryFiles().flatMap((file) =>
    parseMacros(sourceFile(file.path, file.text), environment, sink).map((macro) => ({ package: packageOf[file.folder] ?? '', macro, path: file.path })),
  );
  return { environment, macros, problems: sink.all.map((d) => d.message) };
}

function defOf(macro: ParsedMacro, packageName: string, path: string): MacroDef {
  return {
    ...macro,
    unique_id: `macro.${packageName}.${macro.name}`,
    package_name: packageName,
    path,
    original_file_path: path,
    description: '',
    meta: {},
    docs: { show: true, node_color: null },
    patch_path: null,
    depends_on: { macros: [] },
    created_at: 0,
  };
}

export interface Rendering {
  readonly text: string;
  readonly effects: readonly Effect[];
  readonly warnings: readonly string[];
  readonly written: readonly string[];
}

export interface RenderOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly model?: Readonly<Record<string, unknown>>;
  readonly flags?: ReadonlyMap<string, Value>;
  /** Answers an effect that a template asks for; by default a relation lookup finds nothing and a statement answers no rows. */
  readonly answer?: (effect: Effect) => unknown;
  /** Macros of the project, which come before the library's. */
  readonly project?: string;
  readonly extra?: ReadonlyMap<string, Value>;
}

/** Renders a template as the body of a model `golden.model` on an adapter, with the library's macros. */
export function renderer(library: Library, adapter: string): (template: string, options?: RenderOptions) => Rendering {
  const { dialect, package: packageName } = dialects[adapter] as (typeof dialects)[string];
  const build = (project: string | undefined): MacroRegistry => {
    const registry = new MacroRegistry('golden', [packageName, 'dbt']);
    for (const m of library.macros) if (registry.isInternal(m.package)) registry.add(defOf(m.macro, m.package, m.path));
    if (project !== undefined)
      for (const macro of parseMacros(sourceFile('macros/project.sql', project), library.environment, new Diagnostics()))
        registry.add(defOf(macro, 'golden', 'macros/project.sql'));
    return registry;
  };
  const plain = build(undefined);
  return (template, options = {}) => {
    const warnings: string[] = [];
    const written: string[] = [];
    const invocation = invocationOf(library, dialect, options.project === undefined ? plain : build(options.project), warnings, options);
    const { names } = runNames(invocation, hostOf(dialect, options, written));
    const program = library.environment.parse(sourceFile('models/model.sql', template)).program(names.lookup, names.options);
    const effects: Effect[] = [];
    let step = program.next();
    while (!step.done) {
      const effect = step.value as Effect;
      effects.push(effect);
      step = program.next(options.answer?.(effect) ?? usual(effect));
    }
    return { text: step.value, effects, warnings, written };
  };
}

function usual(effect: Effect): unknown {
  switch (effect.kind) {
    case 'query':
      return { table: { columns: [], rows: [] }, response: { message: 'OK' } };
    case 'execute':
      return { message: 'OK' };
    case 'relations':
    case 'schemas':
    case 'columns':
      return [];
    default:
      return null;
  }
}

function invocationOf(library: Library, dialect: Dialect, registry: MacroRegistry, warnings: string[], options: RenderOptions): Invocation {
  const empty = Object.create(null) as Record<string, never>;
  const target = new Dict([
    ['name', 'dev'],
    ['schema', 'main'],
    ['database', 'golden'],
    ['type', dialect.name],
  ]);
  return {
    projectName: 'golden',
    packages: [],
    dialect,
    environment: library.environment,
    registry,
    target,
    targetSchema: 'main',
    targetDatabase: 'golden',
    env: {},
    vars: new Vars(empty, empty, new Map()),
    startedAt: Date.UTC(2024, 0, 2, 3, 4, 5),
    id: 'id',
    dbtVersion: '1.11.0',
    flags: new Map<string, Value>([['FULL_REFRESH', false], ['STORE_FAILURES', false], ...(options.flags ?? [])]),
    args: {},
    output: { log: () => undefined, print: () => undefined, warn: (message) => void warnings.push(message) },
    dispatch: new Map(),
    quoting: { database: true, schema: true, identifier: true },
    random: () => 0.5,
  };
}

function hostOf(dialect: Dialect, options: RenderOptions, written: string[]): RunHost {
  const config = (options.config ?? {}) as RunHost['config'];
  const model = jsonToValue({
    name: 'model',
    alias: 'model',
    unique_id: 'model.golden.model',
    resource_type: 'model',
    columns: {},
    constraints: [],
    config,
    ...options.model,
  } as RunHost['config']);
  return {
    id: 'model.golden.model',
    packageName: 'golden',
    threadId: 'main',
    database: 'golden',
    schema: 'main',
    self: () => relationValue(dialect, relation('golden', 'main', 'model')),
    model: () => model,
    config: { full_refresh: null, store_failures: null, contract: { enforced: false }, ...config },
    ref: () => null,
    source: () => null,
    function: () => null,
    metric: () => null,
    graph: () => new Module('graph', [['nodes', new Dict()]]),
    adapter: { strategies: dialect.strategies, externalRoot: '.', disableTransactions: false, warned: new Set() },
    selected: [],
    compiled: null,
    write: (sql) => void written.push(sql),
    hooks: { pre: () => [], post: () => [] },
    ...(options.extra && { extra: options.extra }),
  };
}
