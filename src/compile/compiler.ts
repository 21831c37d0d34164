import { ephemeralName, hookValues, type Invocation, type MacroDef, type RunHost, type RunNames, relationValue, runNames } from '../context/index.ts';
import { Dict, type Program as JinjaProgram, NeedsEffect, OutputMap, ReturnSignal, type Template, type Value } from '../jinja/index.ts';
import { type Manifest, macroValue, modelDict, type Node, nodeRelation, renderKwargs, resourceValue, type TestNode, withKeys } from '../resolve/index.ts';
import { injectCtes, type Parts, type Program, type Relation, relation } from '../sql/index.ts';
import { DiagnosticError, diagnostic, fail, type SourceFile, type Span, sourceFile, sourcePart } from '../text/index.ts';
import type { CompiledCte, CompiledNode } from './compiled.ts';
import { graphValue } from './model.ts';
import { type NodeLog, NodeOutput, silent } from './output.ts';
import { functionValue, metricOf, type ReferenceSettings, type Referrer, refValue, sourceValue } from './references.ts';
import { type Batch, batchEntries, type Window } from './window.ts';

/** Runs a program on the caller's session. */
export type Drive = <T>(program: Program<T>) => Promise<T>;

/** What compiling takes besides the node: the same for all nodes of a run. */
export interface CompileSettings {
  readonly manifest: Manifest;
  readonly invocation: Invocation;
  /** Unique ids of the nodes the run is about. */
  readonly selected: readonly string[];
  /** `--empty`. */
  readonly empty: boolean;
  /** `--sample`. */
  readonly sample?: Window | undefined;
  /** Where references lead that are not resolved in this environment (`--defer`). */
  readonly elsewhere?: ReferenceSettings['elsewhere'];
  /** `--no-inject-ephemeral-ctes` leaves them out. */
  readonly injectCtes: boolean;
  readonly externalRoot: string;
  readonly disableTransactions: boolean;
  readonly log: NodeLog;
  readonly print: (message: string) => void;
  /** Told of every ephemeral model that was compiled on the way. */
  readonly onEphemeral: (compiled: CompiledNode) => void;
}

/** How one node's names differ from those of its compilation. */
export interface NamesRequest {
  readonly thread: string;
  readonly output: NodeOutput | typeof silent;
  /** The compiled SQL, once there is one. */
  readonly compiled: string | null;
  readonly onEphemeral: ((node: Node) => void) | undefined;
  readonly write?: (sql: string) => void;
  readonly seed?: RunHost['seed'];
  readonly extra?: ReadonlyMap<string, Value>;
  /** The batch of a microbatch model that is being built. */
  readonly batch?: Batch | undefined;
  /** `defer_relation`: what another environment has built of the node. */
  readonly counterpart?: Relation | undefined;
  /** What a unit test puts in the place of references and macros. */
  readonly replace?: Partial<Pick<RunHost, 'ref' | 'source' | 'self' | 'graph' | 'overrides'>>;
  /** A unit test's own variables and environment. */
  readonly invocation?: Invocation;
}

/** What of a {@link NamesRequest} rendering leaves to its caller. */
export type RenderRequest = Pick<NamesRequest, 'onEphemeral' | 'extra' | 'batch' | 'replace' | 'invocation'>;

/** A rendered template. */
export interface Rendered {
  readonly body: string;
  readonly map: () => OutputMap | undefined;
}

const NO_HOOKS: ReadonlySet<string> = new Set(['test', 'unit_test', 'source', 'analysis', 'operation', 'sql_operation']);

/** Renders nodes. Ephemeral models are rendered once, for whoever needs them first. */
export class Compiler {
  readonly settings: CompileSettings;
  readonly references: ReferenceSettings;
  private readonly ephemerals = new Map<string, Promise<CompiledNode>>();
  private readonly generic = new Map<string, Template>();
  private readonly templates = new Map<string, Template>();
  private readonly warned = new Set<string>();
  private graph: Value | undefined;

  constructor(settings: CompileSettings) {
    this.settings = settings;
    const { manifest, invocation, empty, sample, elsewhere } = settings;
    this.references = { manifest, dialect: invocation.dialect, quoting: invocation.quoting, empty, sample, elsewhere };
  }

  /** Renders a node and puts the CTEs of its ephemeral parents in. Throws DiagnosticError for a mistake in the template, SqlError for a query that failed. */
  async compile(node: Node, thread: string, drive: Drive | undefined, more: Pick<NamesRequest, 'extra' | 'batch' | 'replace'> = {}): Promise<CompiledNode> {
    if (node.resource_type === 'seed') return { node, sql: '', body: '', ctes: [], injected: { sql: '', at: 0, shift: 0 }, map: () => undefined };
    if (node.language === 'python' && node.resource_type !== 'function') fail('python-model', { node: node.name }, { at: node.at });
    const used = new Set<Node>();
    const { body, map } = await this.render(node, thread, drive, { ...more, onEphemeral: (parent) => used.add(parent) });
    const ctes = await this.ctes(used, thread, drive);
    const injected = injectCtes(body, ctes);
    return { node, sql: injected.sql, body, ctes, injected, map };
  }

  /** The CTEs a node needs for the ephemeral models it refers to, the deepest first, each once. */
  async ctes(used: Iterable<Node>, thread: string, drive: Drive | undefined): Promise<readonly CompiledCte[]> {
    const out = new Map<string, CompiledCte>();
    if (!this.settings.injectCtes) return [];
    for (const parent of used) {
      const from = await this.ephemeral(parent, thread, drive);
      for (const cte of from.ctes) if (!out.has(cte.id)) out.set(cte.id, cte);
      if (!out.has(parent.unique_id)) out.set(parent.unique_id, { id: parent.unique_id, name: ephemeralName(parent.alias), sql: from.body, from });
    }
    return [...out.values()];
  }

  /** An ephemeral model, compiled once for all. */
  ephemeral(node: Node, thread: string, drive: Drive | undefined): Promise<CompiledNode> {
    let compiled = this.ephemerals.get(node.unique_id);
    if (!compiled) {
      compiled = this.compile(node, thread, drive);
      this.ephemerals.set(node.unique_id, compiled);
      compiled.then(this.settings.onEphemeral, () => undefined);
    }
    return compiled;
  }

  /** Plain form first; where a call turns out to need the database, again as a program. */
  async render(node: Node, thread: string, drive: Drive | undefined, r: RenderRequest): Promise<Rendered> {
    const { log, print } = this.settings;
    const output = new NodeOutput(node.unique_id, log, print);
    const template = this.template(node);
    const request: NamesRequest = { ...r, thread, output, compiled: null };
    output.hold();
    try {
      const { names } = this.names(node, request);
      const body = template.render(names.lookup, names.options);
      output.release(true);
      return { body, map: () => this.mapped(node, template, request) };
    } catch (e) {
      output.release(!(e instanceof NeedsEffect));
      if (!(e instanceof NeedsEffect)) throw placed(e, node);
    }
    if (!drive) fail('needs-database', { node: node.name }, { at: node.at });
    const map = new OutputMap();
    const { names } = this.names(node, request);
    try {
      // What a template yields are effects of the names it was given: ours.
      const program = template.program(names.lookup, { ...names.options, map }) as JinjaProgram<string> as Program<string>;
      return { body: await drive(program), map: () => map };
    } catch (e) {
      throw placed(e, node);
    }
  }

  /** Renders once more, for the map alone: maps cost time that only failing nodes should pay. */
  private mapped(node: Node, template: Template, request: NamesRequest): OutputMap | undefined {
    const map = new OutputMap();
    try {
      const { names } = this.names(node, { ...request, output: silent });
      template.render(names.lookup, { ...names.options, map });
      return map;
    } catch {
      return undefined;
    }
  }

  /** The node with the relations that the foreign keys of its contract point at. */
  keyed(node: Node): Node {
    const { manifest, quoting, dialect } = this.references;
    return withKeys(node, manifest, this.settings.invocation.environment, (target) => dialect.render(nodeRelation(target, quoting)));
  }

  /** The names of a node's template, hooks and materialization. */
  names(node: Node, r: NamesRequest): RunNames {
    const { settings } = this;
    const { dialect } = settings.invocation;
    const operation = node.resource_type === 'operation' || node.resource_type === 'sql_operation';
    const referrer: Referrer = {
      id: node.unique_id,
      name: node.name,
      packageName: node.package_name,
      resourceType: node.resource_type,
      group: node.group,
      dependsOn: new Set(node.depends_on.nodes),
      onEphemeral: r.onEphemeral,
      window: r.batch,
    };
    let model: Dict | undefined;
    const modelValue = (): Dict => (model ??= modelOf(this.keyed(node), r));
    const hooks = (when: 'pre' | 'post') => (): Value => (NO_HOOKS.has(node.resource_type) ? [] : hookValues(node.config[`${when}-hook`] ?? []));
    const made = runNames(
      { ...(r.invocation ?? settings.invocation), output: r.output },
      {
        id: node.unique_id,
        packageName: node.package_name,
        threadId: r.thread,
        database: node.database,
        schema: node.schema,
        self: () => (operation ? null : relationValue(dialect, selfRelation(node, settings.invocation.quoting))),
        model: modelValue,
        config: node.config,
        ref: (call) => refValue(this.references, referrer, call),
        source: (call) => sourceValue(this.references, referrer, call),
        function: (call) => functionValue(this.references, referrer, call),
        metric: (call) => metricOf(this.references, referrer, call),
        compiled: r.compiled,
        write: r.write ?? (() => undefined),
        ...(r.counterpart && { counterpart: relationValue(dialect, r.counterpart) }),
        ...(r.seed && { seed: r.seed }),
        hooks: { pre: hooks('pre'), post: hooks('post') },
        ...(r.extra && { extra: r.extra }),
        ...this.shared(),
        ...r.replace,
      },
    );
    if (node.resource_type === 'test' && node.test_metadata) this.addKwargs(node, made);
    return made;
  }

  /** The names of a macro that is run by itself, outside of any node. */
  operation(packageName: string, id: string, r: Pick<NamesRequest, 'thread' | 'output' | 'extra' | 'replace' | 'invocation'>, macro?: MacroDef): RunNames {
    const { invocation = this.settings.invocation } = r;
    const referrer: Referrer = { id, name: id, packageName, resourceType: 'operation', group: null, dependsOn: undefined, onEphemeral: undefined };
    return runNames(
      { ...invocation, output: r.output },
      {
        id,
        packageName,
        threadId: r.thread,
        database: invocation.targetDatabase,
        schema: invocation.targetSchema,
        nodeless: true,
        self: () => null,
        model: () => (macro ? macroValue(macro) : null),
        config: {},
        ref: (call) => refValue(this.references, referrer, call),
        source: (call) => sourceValue(this.references, referrer, call),
        function: (call) => functionValue(this.references, referrer, call),
        metric: (call) => metricOf(this.references, referrer, call),
        compiled: null,
        write: () => undefined,
        hooks: { pre: () => [], post: () => [] },
        ...(r.extra && { extra: r.extra }),
        ...this.shared(),
        ...r.replace,
      },
    );
  }

  /** What the names of all templates share. */
  private shared(): Pick<RunHost, 'adapter' | 'graph' | 'selected'> {
    const { settings } = this;
    return {
      selected: settings.selected,
      graph: () => (this.graph ??= graphValue(settings.manifest)),
      adapter: {
        strategies: settings.invocation.dialect.strategies,
        externalRoot: settings.externalRoot,
        disableTransactions: settings.disableTransactions,
        warned: this.warned,
      },
    };
  }

  private addKwargs(node: TestNode, { names }: RunNames): void {
    names.set('_dbt_generic_test_kwargs', renderKwargs(names, node.test_metadata?.kwargs ?? {}));
  }

  template(node: Node): Template {
    const { manifest, invocation } = this.settings;
    const { environment } = invocation;
    const parsed = manifest.templates.get(node.unique_id);
    if (parsed?.file.text === node.raw_code) return parsed;
    // Generic tests of one kind have the same text.
    const isGeneric = node.resource_type === 'test' && node.test_metadata !== null;
    const cache = isGeneric ? this.generic : this.templates;
    const key = isGeneric ? node.raw_code : node.unique_id;
    let template = cache.get(key);
    if (!template) cache.set(key, (template = environment.parse(sourceOf(node))));
    return template;
  }
}

/** A node's text as a part of the file it stands in, so that places print as places of the file. */
export function sourceOf(node: Node): SourceFile {
  const file = node.input.source;
  const isText = node.resource_type !== 'test' || node.test_metadata === null;
  const from = isText ? file.text.indexOf(node.raw_code) : -1;
  if (from === -1) return sourceFile(isText ? node.original_file_path : '', node.raw_code);
  return from === 0 && file.text.length === node.raw_code.length ? file : sourcePart(file, from, from + node.raw_code.length);
}

/** `model`: the node, with the batch that is being built. */
function modelOf(node: Node, { compiled, batch }: NamesRequest): Dict {
  const out = modelDict(resourceValue(node, compiled ?? undefined));
  // dbt's older name of it, which hooks and materializations still see.
  if (compiled !== null) out.set('compiled_sql', compiled);
  if (batch) out.set('batch', new Dict(batchEntries(batch)));
  return out;
}

/** `this`: the node's own name, also where others would read it as a CTE. */
function selfRelation(node: Node, quoting: Parts<boolean>): Relation {
  return node.config['materialized'] === 'ephemeral' ? relation(node.database, node.schema, node.alias, null, quoting) : nodeRelation(node, quoting);
}

/** A mistake in text that is in no file (the call of a generic test) is shown at the node itself. */
function placed(e: unknown, node: Node): unknown {
  if (e instanceof ReturnSignal)
    return new DiagnosticError(diagnostic('jinja-error', { problem: '`return` outside of a macro has nothing to return from' }, { at: node.at }));
  if (!(e instanceof DiagnosticError)) return e;
  const { at, related = [] } = e.diagnostic;
  const isMade = (place: Span | undefined): boolean => place?.file.path === '';
  if (!isMade(at) && !related.some((r) => isMade(r.at))) return e;
  const told = new DiagnosticError({
    ...e.diagnostic,
    ...(isMade(at) && { at: node.at }),
    ...(related.length > 0 && { related: related.map((r) => (isMade(r.at) ? { ...r, at: node.at } : r)) }),
  });
  told.cause = e.cause;
  return told;
}
