import { type Session, SqlError } from '../../adapters/index.ts';
import { externalLocation, isEphemeral } from '../../compile/index.ts';
import { seedColumns } from '../../plan/index.ts';
import { type Node, nodeRelation, type SourceNode } from '../../resolve/index.ts';
import { type Column, columns, type Dialect, duckdb, execute, note, type Program, type Relation, relation, trimSemicolon } from '../../sql/index.ts';
import { DiagnosticError } from '../../text/index.ts';
import { ANEW, build } from '../build.ts';
import { drive } from '../drive.ts';
import { jinjaMaterialization } from '../jinja-materialization.ts';
import { Runner } from '../runner.ts';
import type { RunSettings } from '../settings.ts';
import { AgreeingSession, agreed, tableColumns } from './agree/session.ts';
import { isShared, type Output } from './agree/types.ts';
import { AskingSession, Queued } from './asking.ts';
import { MemoryEngine } from './engine.ts';
import { NotInMemory, typedColumns } from './ground.ts';
import { queryColumns } from './query-columns.ts';

/**
 * A database in memory in which the relations of a project come to be as they are asked for, with the columns they would have on the target and no
 * rows: a model's from its query over its parents (made in the same way) or from its enforced contract, a seed's from its file, a snapshot's from its
 * first run, a source's from the types its YAML gives. Whatever only the target can tell throws {@link NotInMemory}.
 *
 *     const shadow = await Shadow.open(settings); // a fresh one, some 20 ms
 *     await shadow.columns(node);
 *     await drive(program, shadow.session);       // what a template asks: makes what it asks about
 *     await shadow.close();
 */
export class Shadow {
  /** Compiles and builds nodes as if nothing were deferred, sampled or kept, and tells nobody. */
  private readonly runner: Runner;
  /** The connection, which makes nothing by itself. */
  private readonly raw: Session;
  /** Answers the questions of templates, as the target would if all of the project were there without a row. */
  readonly session: Session;
  private readonly inside: Session;
  private readonly engine: MemoryEngine;
  private readonly made = new Map<string, Promise<void>>();
  /** What is being made: to itself it is not there yet. */
  private readonly making = new Set<string>();
  private readonly schemas = new Map<string, Promise<void>>();
  /** What {@link agreed} knows of the tables, where the target is a Postgres. */
  private readonly tables = new Map<string, readonly Output[]>();
  private readonly known = new Map<string, Promise<readonly Column[]>>();
  private byName: ReadonlyMap<string, Node | SourceNode> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(engine: MemoryEngine, raw: Session, settings: RunSettings) {
    this.engine = engine;
    this.raw = raw;
    this.runner = new Runner(quiet(settings), []);
    // Types have other names in Postgres, and values other texts.
    this.inside = this.native ? new AskingSession(raw, (r) => this.ensureNamed(r)) : new AgreeingSession(raw);
    this.session = new Queued(this.inside, (work) => this.inTurn(work));
  }

  static async open(settings: RunSettings): Promise<Shadow> {
    const engine = await MemoryEngine.open(settings);
    const raw = await engine.session();
    await drive(execute(`use ${duckdb.quote(settings.manifest.project.target.database)}`), raw);
    return new Shadow(engine, raw, settings);
  }

  /** The columns of a node or source, in order. */
  columns(of: Node | SourceNode): Promise<readonly Column[]> {
    let found = this.known.get(of.unique_id);
    if (!found) this.known.set(of.unique_id, (found = this.inTurn(() => this.columnsOf(of))));
    return found;
  }

  /** Makes the schema of a relation, and its database. */
  private ensureSchema({ database, schema }: Relation): Promise<void> {
    const place = relation(database, schema, null);
    const key = duckdb.render(place).toLowerCase();
    let made = this.schemas.get(key);
    if (!made) this.schemas.set(key, (made = drive(makeSchema(place), this.raw)));
    return made;
  }

  cancel(): Promise<void> {
    return this.engine.cancel();
  }

  close(): Promise<void> {
    return this.engine.close();
  }

  /** One after the other: there is one connection. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private async columnsOf(of: Node | SourceNode): Promise<readonly Column[]> {
    if (of.resource_type === 'source' || !isEphemeral(of)) {
      await this.ensure(of);
      const found = await drive(columns(nodeRelation(of, this.runner.settings.invocation.quoting)), this.raw);
      if (found.length === 0) throw new NotInMemory(`${of.name} leaves no table in memory`);
      return found;
    }
    return this.inMemory(of, async () => {
      const sql = await this.compiled(of);
      if (!this.native) await agreed(sql, this.raw, (name) => this.tables.get(name.join('\u0000')));
      return drive(queryColumns(sql), this.raw);
    });
  }

  /** Makes a relation's node; answers without having made any where the relation is of no node, or of one that is being made. */
  private async ensureNamed(r: Relation): Promise<void> {
    const of = this.at(r);
    if (of === undefined && r.schema !== null) throw new NotInMemory(`a template asks about ${duckdb.render(r)}, which is no part of the project`);
    if (of && !this.making.has(of.unique_id)) await this.ensure(of);
  }

  private ensure(of: Node | SourceNode): Promise<void> {
    let made = this.made.get(of.unique_id);
    if (!made) this.made.set(of.unique_id, (made = this.inMemory(of, () => this.make(of))));
    return made;
  }

  /** What the engine refuses, and what a node's own template gets wrong, is for the target to say: there the relation may be. */
  private async inMemory<T>(of: Node | SourceNode, work: () => Promise<T>): Promise<T> {
    this.making.add(of.unique_id);
    try {
      return await work();
    } catch (e) {
      if (e instanceof SqlError || e instanceof DiagnosticError) throw new NotInMemory(`the columns of ${of.name} are not known in memory: ${firstLine(e)}`);
      throw e;
    } finally {
      this.making.delete(of.unique_id);
    }
  }

  private async make(of: Node | SourceNode): Promise<void> {
    const target = nodeRelation(of, this.runner.settings.invocation.quoting);
    await this.ensureSchema(target);
    if (of.resource_type === 'source') return this.create(target, this.sourceText(of));
    if (of.resource_type === 'seed') return this.create(target, this.declared(await drive(seedColumns(of, this.dialect), this.raw)));
    if (of.resource_type !== 'model' && of.resource_type !== 'snapshot') throw new NotInMemory(`${of.name} is no table`);
    const typed = this.typedByContract(of);
    if (typed) return this.create(target, this.declared(typed));
    if (of.config['sql_header']) throw new NotInMemory(`${of.name} has a sql_header`);
    const sql = await this.compiled(of);
    if (!this.native) await agreed(sql, this.raw, (name) => this.tables.get(name.join('\u0000')));
    if (this.isPlain(of)) return this.create(target, `as select * from (\n${trimSemicolon(sql)}\n) limit 0`);
    if (!this.native) throw new NotInMemory(`the table of ${of.name} is made in a way of its own`);
    const compiled = { node: of, sql, body: sql, ctes: [], injected: { sql, at: 0, shift: 0 }, map: () => undefined };
    await build(this.runner, { node: of, compiled, thread: 'MainThread' }, this.raw);
  }

  private async create(target: Relation, definition: string): Promise<void> {
    await drive(create(target, definition), this.raw);
    if (!this.native) this.tables.set(nameOf(target), tableColumns(await drive(columns(target), this.raw)));
  }

  /** The columns as `create table` lists them. */
  private declared(list: readonly Column[]): string {
    const other = this.native ? undefined : list.find((c) => !isShared(c.dataType));
    if (other) throw new NotInMemory(`Postgres has a type ${other.dataType} of its own`);
    return columnList(list);
  }

  /** Whether the target's engine is the one in memory. */
  private get native(): boolean {
    return this.dialect.name === duckdb.name;
  }

  /** The node's query, with all it reads made. */
  private async compiled(of: Node): Promise<string> {
    if (of.language === 'python') throw new NotInMemory(`${of.name} is a Python model`);
    await this.ensureParents(of, new Set());
    const { sql } = await this.runner.compiler.compile(of, 'MainThread', (program) => drive(program, this.inside), { replace: { overrides: ANEW } });
    return sql;
  }

  private async ensureParents(of: Node, seen: Set<string>): Promise<void> {
    const { manifest, invocation } = this.runner.settings;
    for (const id of of.depends_on.nodes) {
      const parent = manifest.nodes.get(id) ?? manifest.sources.get(id);
      if (!parent || seen.has(id)) continue;
      seen.add(id);
      if (parent.resource_type === 'source') {
        if (externalLocation(parent, invocation.dialect) === undefined) await this.ensure(parent);
      } else if (parent.resource_type === 'function') throw new NotInMemory(`${of.name} calls the function ${parent.name}`);
      else if (isEphemeral(parent)) await this.ensureParents(parent, seen);
      else if (!this.making.has(id)) await this.ensure(parent);
    }
  }

  /** Whether the columns of its table are those of its query, whatever else its materialization does. */
  private isPlain(of: Node): boolean {
    const { invocation } = this.runner.settings;
    if (of.resource_type === 'snapshot') return false;
    const kind = String(of.config['materialized'] ?? 'view');
    const own = jinjaMaterialization(invocation, kind);
    return own === undefined || invocation.registry.isInternal(own.package_name);
  }

  private typedByContract(of: Node): readonly Column[] | undefined {
    if (!('contract' in of) || !of.contract.enforced) return undefined;
    return typedColumns(Object.values(of.columns), this.dialect, of.contract.alias_types);
  }

  private sourceText(of: SourceNode): string {
    const location = externalLocation(of, this.dialect);
    if (location !== undefined) return `as select * from ${location} limit 0`;
    const typed = typedColumns(Object.values(of.columns), this.dialect);
    if (!typed) throw new NotInMemory(`nothing says which types the columns of the source ${of.source_name}.${of.name} have`);
    return this.declared(typed);
  }

  /** The target's, which macros and types are written for. */
  private get dialect(): Dialect {
    return this.runner.settings.invocation.dialect;
  }

  private at(r: Relation): Node | SourceNode | undefined {
    this.byName ??= namesOf(this.runner.settings);
    return this.byName.get(nameOf(r));
  }
}

function firstLine(e: SqlError | DiagnosticError): string {
  return (e instanceof SqlError ? e.message : e.diagnostic.message).split('\n')[0] ?? '';
}

function* makeSchema(place: Relation): Program<void> {
  if (place.database !== null) yield* execute(`attach if not exists ':memory:' as ${duckdb.quote(place.database)}`);
  yield* execute(duckdb.createSchema(place));
}

function* create(target: Relation, definition: string): Program<void> {
  yield* execute(`create table ${duckdb.render(target)} ${definition}`);
  yield* note({ change: 'added', relation: { ...target, type: 'table' } });
}

function columnList(list: readonly Column[]): string {
  return `(${list.map((c) => `${duckdb.quote(c.name)} ${c.dataType}`).join(', ')})`;
}

const nameOf = (r: Relation): string => `${r.database ?? ''}\u0000${r.schema ?? ''}\u0000${r.identifier ?? ''}`.toLowerCase();

function namesOf({ manifest, invocation }: RunSettings): ReadonlyMap<string, Node | SourceNode> {
  const tables = [...manifest.nodes.values()].filter((n) => n.resource_type === 'model' || n.resource_type === 'seed' || n.resource_type === 'snapshot');
  return new Map([...manifest.sources.values(), ...tables].map((n) => [nameOf(nodeRelation(n, invocation.quoting)), n]));
}

/** The settings of what is done on the way and nobody is told of. */
export function quiet(settings: RunSettings): RunSettings {
  const { signal: _, ...rest } = settings;
  return {
    ...rest,
    deferral: undefined,
    defers: false,
    empty: false,
    sample: undefined,
    warned: 'silent',
    files: { compiled: () => undefined, run: () => undefined, flush: () => Promise.resolve() },
    emit: () => undefined,
  };
}
