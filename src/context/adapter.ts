import {
  type Args,
  bind,
  Callable,
  callArgs,
  callValue,
  Dict,
  Effectful,
  iterate,
  Native,
  Obj,
  type Program,
  PyError,
  repr,
  type Signature,
  signature,
  str,
  Tuple,
  type Value,
} from '../jinja/index.ts';
import * as sql from '../sql/index.ts';
import { DiagnosticError, fail, type Span } from '../text/index.ts';
import { columnClass, columnValue } from './column.ts';
import { constraintTexts, modelConstraintTexts } from './constraints.ts';
import type { Names } from './names.ts';
import { needRelation, relationClass, relationValue } from './relation.ts';
import { indexValue } from './relation-index.ts';
import { Module } from './shared.ts';
import { emptyTable, tableValue } from './table.ts';

/** What the run-time facade needs beyond the names: incremental strategies of the engine, the base folder of external files. */
export interface AdapterHost {
  readonly names: Names;
  /** The relation's columns, types and rows come by effects; these are plain facts of the profile. */
  readonly strategies: readonly string[];
  readonly externalRoot: string;
  readonly disableTransactions: boolean;
  /** Answers of batch-aware packages that warn once a run. */
  readonly warned: Set<string>;
}

type Arguments = readonly (Value | undefined)[];
type Plain = (a: Arguments, host: Facade, at: Span) => Value;
type Steps = (a: Arguments, host: Facade, at: Span) => Program;

interface Method {
  readonly sig: Signature;
  /** What the method answers while parsing; absent: the same as at run time. */
  readonly stub?: (host: Facade) => Value;
  readonly plain?: Plain;
  readonly steps?: Steps;
}

interface Facade {
  readonly names: Names;
  readonly run: AdapterHost | undefined;
}

/** `adapter` while parsing: what would ask the database answers nothing. */
export function parseAdapter(names: Names): Value {
  return new AdapterValue({ names, run: undefined });
}

/** `adapter` at run time: methods that need the database are effectful. */
export function runAdapter(host: AdapterHost): Value {
  return new AdapterValue({ names: host.names, run: host });
}

class AdapterValue extends Obj {
  readonly typeName = 'RuntimeDatabaseWrapper';
  private readonly host: Facade;
  constructor(host: Facade) {
    super();
    this.host = host;
  }
  override truthy(): boolean {
    return true;
  }
  override attr(name: string): Value | undefined {
    const { host } = this;
    const { dialect } = host.names.invocation;
    if (name === 'Relation') return relationClass(dialect);
    if (name === 'Column') return columnClass(dialect);
    if (name === 'behavior') return new Behavior(host.names.invocation.behavior);
    if (name === 'config') return configValue(host.names);
    const method = methods.get(name);
    if (!method) return undefined;
    const { sig, stub, plain, steps } = method;
    if (!host.run && stub) return new Native(name, () => stub(host));
    if (plain) return new Native(name, (args, site) => plain(bind(sig, args), host, site.at));
    if (steps) return new Effectful(name, (args, site) => steps(bind(sig, args), host, site.at));
    throw new Error(`adapter method ${name} has no body`);
  }
}

/** `adapter.behavior.some_flag`: what the project's `flags:` say; a flag nobody has set is off. */
class Behavior extends Obj {
  readonly typeName = 'Behavior';
  private readonly set: ReadonlyMap<string, boolean> | undefined;
  constructor(set: ReadonlyMap<string, boolean> | undefined) {
    super();
    this.set = set;
  }
  override attr(name: string): Value {
    return new BehaviorFlag(this.set?.get(name) ?? false);
  }
}

class BehaviorFlag extends Obj {
  readonly typeName = 'BehaviorFlag';
  private readonly on: boolean;
  constructor(on: boolean) {
    super();
    this.on = on;
  }
  override attr(name: string): Value | undefined {
    return name === 'no_warn' || name === 'setting' ? this.on : undefined;
  }
  override truthy(): boolean {
    return this.on;
  }
}

function configValue(names: Names): Value {
  const { projectName, target } = names.invocation;
  return new Module('RuntimeConfig', [
    ['project_name', projectName],
    ['credentials', target],
  ]);
}

const none = (): Value => null;
const list = (): Value => [];
const no = (): Value => false;

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['dispatch', { sig: signature('dispatch', 0, 'macro_name', 'macro_namespace=', 'packages='), plain: dispatch }],
  ['type', { sig: signature('type', 0), plain: (_, { names }) => names.invocation.dialect.name }],
  ['quote', { sig: signature('quote', 0, 'identifier'), plain: ([id], { names }) => names.invocation.dialect.quote(str(id as Value)) }],
  ['quote_as_configured', { sig: signature('quote_as_configured', 0, 'identifier', 'quote_key'), plain: quoteAsConfigured }],
  ['quote_seed_column', { sig: signature('quote_seed_column', 0, 'column', 'quote_config='), plain: quoteSeedColumn }],
  ['execute', { sig: signature('execute', 0, 'sql', 'auto_begin=', 'fetch=', 'limit='), stub: () => new Tuple(['', emptyTable()]), steps: executeSteps }],
  [
    'add_query',
    { sig: signature('add_query', 0, 'sql', 'auto_begin=', 'bindings=', 'abridge_sql_log='), stub: () => new Tuple([null, null]), steps: addQuery },
  ],
  ['run_sql_for_tests', { sig: signature('run_sql_for_tests', 0, 'sql', 'fetch', 'conn='), stub: none, steps: addQuery }],
  ['get_relation', { sig: signature('get_relation', 0, 'database', 'schema', 'identifier'), stub: none, steps: getRelation }],
  [
    'load_relation',
    {
      sig: signature('load_relation', 0, 'relation'),
      stub: none,
      steps: function* ([r], host) {
        return yield* found(host, needRelation(r));
      },
    },
  ],
  [
    'list_relations',
    {
      sig: signature('list_relations', 0, 'database', 'schema='),
      stub: list,
      steps: ([db, schema], host) => listRelations(host, textOrNull(db), str(schema ?? null)),
    },
  ],
  ['list_relations_without_caching', { sig: signature('list_relations_without_caching', 0, 'schema_relation'), stub: list, steps: listRelationsOf }],
  [
    'list_schemas',
    {
      sig: signature('list_schemas', 0, 'database'),
      stub: list,
      steps: function* ([db]) {
        return [...(yield* sql.schemas(textOrNull(db)))];
      },
    },
  ],
  ['check_schema_exists', { sig: signature('check_schema_exists', 0, 'database', 'schema'), stub: no, steps: checkSchema }],
  ['already_exists', { sig: signature('already_exists', 0, 'schema', 'name'), stub: no, steps: alreadyExists }],
  ['create_schema', { sig: signature('create_schema', 0, 'relation'), stub: none, steps: createSchema }],
  ['drop_schema', { sig: signature('drop_schema', 0, 'relation'), stub: none, steps: dropSchema }],
  ['drop_relation', { sig: signature('drop_relation', 0, 'relation'), stub: none, steps: dropRelation }],
  ['truncate_relation', { sig: signature('truncate_relation', 0, 'relation'), stub: none, steps: throughMacro('truncate_relation') }],
  ['rename_relation', { sig: signature('rename_relation', 0, 'from_relation', 'to_relation'), stub: none, steps: renameRelation }],
  ['get_columns_in_relation', { sig: signature('get_columns_in_relation', 0, 'relation'), stub: list, steps: columnsIn }],
  ['get_columns_in_table', { sig: signature('get_columns_in_table', 0, 'schema', 'identifier'), stub: list, steps: columnsInTable }],
  ['get_missing_columns', { sig: signature('get_missing_columns', 0, 'from_relation', 'to_relation'), stub: list, steps: missingColumns }],
  ['expand_target_column_types', { sig: signature('expand_target_column_types', 0, 'from_relation', 'to_relation'), stub: none, plain: none }],
  ['get_column_schema_from_query', { sig: signature('get_column_schema_from_query', 0, 'sql'), stub: list, steps: columnsOfQuery }],
  [
    'cache_added',
    {
      sig: signature('cache_added', 0, 'relation'),
      stub: () => '',
      steps: function* ([r]) {
        if (r !== null) yield* sql.note({ change: 'added', relation: needRelation(r) });
        return '';
      },
    },
  ],
  [
    'cache_dropped',
    {
      sig: signature('cache_dropped', 0, 'relation'),
      stub: () => '',
      steps: function* ([r]) {
        if (r !== null) yield* sql.note({ change: 'dropped', relation: needRelation(r) });
        return '';
      },
    },
  ],
  ['cache_renamed', { sig: signature('cache_renamed', 0, 'from_relation', 'to_relation'), stub: () => '', steps: cacheRenamed }],
  [
    'commit',
    {
      sig: signature('commit', 0),
      stub: none,
      steps: function* () {
        yield* sql.commit();
        return null;
      },
    },
  ],
  [
    'ensure_transaction',
    {
      sig: signature('ensure_transaction', 0),
      stub: none,
      steps: function* () {
        yield* sql.begin();
        return null;
      },
    },
  ],
  ['valid_incremental_strategies', { sig: signature('valid_incremental_strategies', 0), plain: (_, { run }) => [...(run?.strategies ?? [])] }],
  ['get_incremental_strategy_macro', { sig: signature('get_incremental_strategy_macro', 0, 'model_context', 'strategy'), stub: none, plain: strategyMacro }],
  [
    'valid_snapshot_target',
    {
      sig: signature('valid_snapshot_target', 0, 'relation', 'column_names='),
      stub: none,
      steps: ([r, names], host, at) => snapshotTarget(r, names, null, host, at),
    },
  ],
  [
    'assert_valid_snapshot_target_given_strategy',
    {
      sig: signature('assert_valid_snapshot_target_given_strategy', 0, 'relation', 'column_names', 'strategy'),
      stub: none,
      steps: ([r, names, strategy], host, at) => snapshotTarget(r, names, strategy ?? null, host, at),
    },
  ],
  ['get_hard_deletes_behavior', { sig: signature('get_hard_deletes_behavior', 0, 'config'), stub: none, plain: hardDeletes }],
  [
    'render_raw_columns_constraints',
    {
      sig: signature('render_raw_columns_constraints', 0, 'raw_columns'),
      plain: ([columns], { names }) => constraintTexts(columns as Value, names.invocation.dialect),
    },
  ],
  [
    'render_raw_model_constraints',
    { sig: signature('render_raw_model_constraints', 0, 'raw_constraints'), plain: ([constraints]) => modelConstraintTexts(constraints as Value) },
  ],
  ['standardize_grants_dict', { sig: signature('standardize_grants_dict', 0, 'grants_table'), plain: standardizeGrants }],
  ['convert_type', { sig: signature('convert_type', 0, 'agate_table', 'col_idx'), plain: convertType }],
  ['verify_database', { sig: signature('verify_database', 0, 'database'), plain: () => '' }],
  ['parse_index', { sig: signature('parse_index', 0, 'raw_index'), plain: ([index], { names }) => indexValue(index ?? null, names.invocation) }],
  ['is_motherduck', { sig: signature('is_motherduck', 0), plain: (_, { names }) => setUp(names).motherduck }],
  ['is_ducklake', { sig: signature('is_ducklake', 0, 'relation'), plain: isDucklake }],
  ['use_ducklake_table_workarounds', { sig: signature('use_ducklake_table_workarounds', 0, 'relation'), plain: no }],
  ['catalog_supports_foreign_keys', { sig: signature('catalog_supports_foreign_keys', 0, 'database'), plain: () => true }],
  ['existing_key_constraint_types', { sig: signature('existing_key_constraint_types', 0, 'relation'), plain: list }],
  ['disable_transactions', { sig: signature('disable_transactions', 0), plain: (_, { run }) => run?.disableTransactions ?? false }],
  ['escape_sql_string', { sig: signature('escape_sql_string', 0, 'value'), plain: ([v]) => str(v as Value).replaceAll("'", "''") }],
  ['external_root', { sig: signature('external_root', 0), plain: (_, { run }) => run?.externalRoot ?? '.' }],
  ['external_write_options', { sig: signature('external_write_options', 0, 'write_location', 'rendered_options'), plain: externalWriteOptions }],
  ['external_read_location', { sig: signature('external_read_location', 0, 'write_location', 'rendered_options'), plain: externalReadLocation }],
  [
    'store_relation',
    { sig: signature('store_relation', 0, 'plugin_name', 'relation', 'column_list', 'path', 'format', 'config'), stub: none, plain: storeRelation },
  ],
  ['location_exists', { sig: signature('location_exists', 0, 'location'), stub: no, steps: locationExists }],
  ['get_binding_char', { sig: signature('get_binding_char', 0), plain: () => '?' }],
  ['get_seed_file_path', { sig: signature('get_seed_file_path', 0, 'model'), plain: seedFilePath }],
  ['convert_datetimes_to_strs', { sig: signature('convert_datetimes_to_strs', 0, 'table'), plain: ([t]) => t ?? null }],
  ['warn_once', { sig: signature('warn_once', 0, 'msg'), stub: none, plain: warnOnce }],
  ['get_temp_relation_path', { sig: signature('get_temp_relation_path', 0, 'model', 'batch_id='), plain: () => new Module('Path', [['schema', 'dbt_temp']]) }],
]);

/** The macro `adapter.dispatch` picks: search packages in order, in each the prefixes of the adapter, its parents and `default`. */
function dispatch([name, namespace, packages]: Arguments, { names }: Facade, at: Span): Value {
  const { invocation, scope } = names;
  if (typeof name !== 'string') throw new PyError('TypeError', 'adapter.dispatch() needs the name of a macro');
  if (name.includes('.')) {
    const [space, ...rest] = name.split('.');
    return fail(
      'dispatch-arguments',
      { problem: `"${name}" is not a macro name` },
      { at, hint: `write \`adapter.dispatch('${rest.join('.')}', macro_namespace='${space}')\`` },
    );
  }
  if (packages !== undefined && packages !== null)
    return fail(
      'dispatch-arguments',
      { problem: 'the `packages` argument is not supported any more' },
      { at, hint: 'pass `macro_namespace` and set `dispatch:` in dbt_project.yml' },
    );
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    return fail('dispatch-arguments', { problem: `macro_namespace must be a string, not ${str(namespace)}` }, { at });
  const prefixes = [invocation.dialect.name, ...invocation.dialect.parents, 'default'];
  const tried: string[] = [];
  for (const where of searchPackages(names, namespace ?? null)) {
    for (const prefix of prefixes) {
      const found = scope.from(where, `${prefix}__${name}`);
      if (found) return names.bind(found);
      tried.push(where === null ? `${prefix}__${name}` : `${where}.${prefix}__${name}`);
    }
  }
  return fail('dispatch-not-found', { name, namespace: namespace ?? null, tried }, { at });
}

function searchPackages(names: Names, namespace: string | null): readonly (string | null)[] {
  if (namespace === null) return [null];
  const { dispatch: orders, packages, projectName } = names.invocation;
  const order = orders.get(namespace);
  if (order) return order;
  // dbt's own macros are a package too: what an installed package calls `default__type_string` is no override of theirs.
  return namespace === 'dbt' || packages.includes(namespace) ? [projectName, namespace] : [null];
}

function quoteAsConfigured([id, key]: Arguments, { names }: Facade): Value {
  const part = str(key as Value);
  const { dialect, quoting } = names.invocation;
  const quoted = part === 'database' || part === 'schema' || part === 'identifier' ? quoting[part] : true;
  return quoted ? dialect.quote(str(id as Value)) : str(id as Value);
}

function quoteSeedColumn([column, quoted]: Arguments, { names }: Facade): Value {
  if (quoted !== undefined && quoted !== null && typeof quoted !== 'boolean')
    throw new PyError('CompilationError', `The seed configuration value of "quote_columns" has an invalid type ${str(quoted)}`);
  return quoted === false ? str(column as Value) : names.invocation.dialect.quote(str(column as Value));
}

function* executeSteps([text, autoBegin, fetch, limit]: Arguments, { names }: Facade): Program {
  const begin = autoBegin === true;
  const statement = str(text as Value);
  if (fetch === true) {
    const answer = yield* sql.query(statement, { begin, ...(typeof limit === 'number' && { limit }) });
    return new Tuple([responseValue(answer.response), tableValue(answer.table, (lines) => names.invocation.output.print(lines))]);
  }
  return new Tuple([responseValue(yield* sql.execute(statement, { begin })), emptyTable()]);
}

function* addQuery([text, autoBegin]: Arguments): Program {
  yield* sql.execute(str(text as Value), { begin: autoBegin !== false });
  return new Tuple([null, null]);
}

/** What the database said of a statement, as templates see it: prints its message. */
export function responseValue(r: sql.Response): Value {
  return new ResponseValue(r);
}

class ResponseValue extends Obj {
  readonly typeName = 'AdapterResponse';
  private readonly response: sql.Response;
  constructor(response: sql.Response) {
    super();
    this.response = response;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case '_message':
      case 'message':
        return this.response.message;
      case 'code':
        return this.response.code ?? null;
      case 'rows_affected':
        return (this.response.code === undefined ? null : this.response.rows) ?? null;
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
  override str(): string {
    return this.response.message;
  }
  override repr(): string {
    const { message, code, rows } = this.response;
    return `AdapterResponse(_message=${repr(message)}, code=${repr(code ?? null)}, rows_affected=${repr(code === undefined ? null : (rows ?? null))}, query_id=None)`;
  }
}

function textOrNull(v: Value | undefined): string | null {
  return v === undefined || v === null ? null : str(v);
}

function* found(host: Facade, wanted: sql.Relation): Program {
  const there = yield* sql.lookup(wanted);
  return there === null ? null : relationValue(host.names.invocation.dialect, there);
}

function* getRelation([database, schema, identifier]: Arguments, host: Facade, at: Span): Program {
  const { dialect, quoting } = host.names.invocation;
  const wanted = sql.relation(textOrNull(database), textOrNull(schema), textOrNull(identifier));
  const there = yield* sql.lookup(wanted);
  if (there === null) return null;
  // Names that are quoted are what they are: a relation whose name differs in case is another one, and guessing would be wrong for one of the two.
  const differs = (['schema', 'identifier'] as const).some((part) => quoting[part] && wanted[part] !== null && there[part] !== wanted[part]);
  if (differs) return fail('relation-approximate', { wanted: dialect.render(wanted), found: dialect.render(there) }, { at });
  return relationValue(dialect, there);
}

function* listRelations(host: Facade, database: string | null, schema: string): Program {
  const all = yield* sql.relations(database, schema);
  return all.map((r) => relationValue(host.names.invocation.dialect, r));
}

function* listRelationsOf([schemaRelation]: Arguments, host: Facade): Program {
  const { database, schema } = needRelation(schemaRelation);
  return yield* listRelations(host, database, schema ?? '');
}

function* checkSchema([database, schema]: Arguments): Program {
  const wanted = str(schema as Value).toLowerCase();
  return (yield* sql.schemas(textOrNull(database))).some((s) => s.toLowerCase() === wanted);
}

function* alreadyExists([schema, name]: Arguments, host: Facade): Program {
  return (yield* found(host, sql.relation(host.names.invocation.targetDatabase, textOrNull(schema), textOrNull(name)))) !== null;
}

/** A method that is the macro of its name. */
function throughMacro(name: string): Steps {
  return function* ([relation], host, at) {
    yield* callMacro(host, name, [relation as Value], at);
    return null;
  };
}

function* callMacro(host: Facade, name: string, args: readonly Value[], at: Span): Program {
  const macro = host.names.lookup(name);
  if (!(macro instanceof Callable)) throw new PyError('UndefinedError', `'${name}' is undefined`);
  const call: Args = { positional: args, named: new Map() };
  return macro.program ? yield* macro.program(call, { at }) : macro.call(call, { at });
}

function* createSchema([relation]: Arguments, host: Facade, at: Span): Program {
  yield* callMacro(host, 'create_schema', [relation as Value], at);
  yield* sql.commit();
  return null;
}

function* dropSchema([relation]: Arguments, host: Facade, at: Span): Program {
  const { database, schema } = needRelation(relation);
  yield* callMacro(host, 'drop_schema', [relation as Value], at);
  // As dbt: a schema is there, or gone, for everybody at once.
  yield* sql.commit();
  yield* sql.note({ change: 'schema-dropped', database, schema: schema ?? '' });
  return null;
}

function* dropRelation([relation]: Arguments, host: Facade, at: Span): Program {
  yield* sql.note({ change: 'dropped', relation: needRelation(relation) });
  return yield* callMacro(host, 'drop_relation', [relation as Value], at);
}

function* renameRelation([from, to]: Arguments, host: Facade, at: Span): Program {
  yield* sql.note({ change: 'renamed', relation: needRelation(from), to: needRelation(to) });
  return yield* callMacro(host, 'rename_relation', [from as Value, to as Value], at);
}

function* cacheRenamed([from, to]: Arguments): Program {
  yield* sql.note({ change: 'renamed', relation: needRelation(from), to: needRelation(to) });
  return '';
}

function* columnsIn([relation]: Arguments, host: Facade): Program {
  const all = yield* sql.columns(needRelation(relation));
  return all.map((c) => columnValue(host.names.invocation.dialect, c));
}

function* columnsInTable([schema, identifier]: Arguments, host: Facade): Program {
  return yield* columnsIn([relationValue(host.names.invocation.dialect, sql.relation(null, textOrNull(schema), textOrNull(identifier)))], host);
}

function* missingColumns([from, to]: Arguments, host: Facade): Program {
  const there = new Set((yield* sql.columns(needRelation(to))).map((c) => c.name));
  const all = yield* sql.columns(needRelation(from));
  return all.filter((c) => !there.has(c.name)).map((c) => columnValue(host.names.invocation.dialect, c));
}

function* columnsOfQuery([text]: Arguments, host: Facade): Program {
  const { table } = yield* sql.query(str(text as Value));
  return table.columns.map((c) => columnValue(host.names.invocation.dialect, { name: c.name, dataType: c.dataType }));
}

const builtinStrategies = ['append', 'delete+insert', 'merge', 'insert_overwrite', 'microbatch'];

function strategyMacro([, strategy]: Arguments, { names, run }: Facade, at: Span): Value {
  const wanted = strategy === undefined || strategy === null ? 'default' : str(strategy);
  const valid = [...(run?.strategies ?? []), 'default'];
  if (builtinStrategies.includes(wanted) && !valid.includes(wanted)) return fail('incremental-strategy', { strategy: wanted, valid }, { at });
  const macro = names.lookup(`get_incremental_${wanted.replaceAll('+', '_')}_sql`);
  return macro instanceof Callable ? macro : fail('incremental-strategy', { strategy: wanted, valid }, { at });
}

function* snapshotTarget(relation: Value | undefined, columnNames: Value | undefined, strategy: Value, _host: Facade, at: Span): Program {
  const there = new Set((yield* sql.columns(needRelation(relation))).map((c) => c.name.toLowerCase()));
  const nameOf = (column: string): string => {
    const given = columnNames instanceof Dict ? columnNames.get(column) : undefined;
    return given === undefined || given === null ? column : str(given);
  };
  const wanted = ['dbt_scd_id', 'dbt_valid_from', 'dbt_valid_to'].map(nameOf);
  if (strategy instanceof Dict && strategy.get('hard_deletes') === 'new_record') wanted.push(nameOf('dbt_is_deleted'));
  const missing = wanted.filter((c) => !there.has(c.toLowerCase()));
  return missing.length > 0 ? fail('snapshot-target', { node: needRelation(relation).identifier ?? '', missing }, { at }) : null;
}

function hardDeletes([config]: Arguments, _: Facade, at: Span): Value {
  const get = (key: string): Value => {
    if (config instanceof Dict) return config.get(key) ?? null;
    const reader = config instanceof Obj ? config.attr('get') : undefined;
    return reader === undefined ? null : callValue(reader, callArgs(key), { at });
  };
  const legacy = get('invalidate_hard_deletes');
  const chosen = get('hard_deletes');
  if (legacy !== null && chosen !== null)
    return fail('snapshot-hard-deletes', { problem: 'both `invalidate_hard_deletes` and `hard_deletes` are set' }, { at });
  if (legacy === true || chosen === 'invalidate') return 'invalidate';
  if (chosen === 'new_record') return 'new_record';
  if (chosen === null || chosen === 'ignore') return 'ignore';
  return fail('snapshot-hard-deletes', { problem: `\`hard_deletes: ${str(chosen)}\` is none of ignore, invalidate, new_record` }, { at });
}

function standardizeGrants([table]: Arguments): Value {
  const out = new Dict();
  const rows = table instanceof Obj ? (table.attr('rows') ?? []) : [];
  for (const row of iterate(rows)) {
    const cell = (name: string): Value => (row instanceof Obj ? (row.item(name) ?? null) : null);
    const privilege = cell('privilege_type');
    const before = out.get(privilege);
    if (Array.isArray(before)) before.push(cell('grantee'));
    else out.set(privilege, [cell('grantee')]);
  }
  return out;
}

function convertType([table, index]: Arguments): Value {
  const types = table instanceof Obj ? table.attr('column_types') : undefined;
  const of = types instanceof Obj && typeof index === 'number' ? types.item(index) : undefined;
  const kind = of instanceof Obj ? of.typeName : 'Text';
  switch (kind) {
    case 'Number':
      return 'float8';
    case 'Integer':
      return 'integer';
    case 'Boolean':
      return 'boolean';
    case 'DateTime':
    case 'ISODateTime':
      return 'timestamp without time zone';
    case 'Date':
      return 'date';
    case 'TimeDelta':
      return 'time';
    default:
      return 'text';
  }
}

function externalWriteOptions([location, options]: Arguments): Value {
  if (!(options instanceof Dict)) throw new PyError('TypeError', 'external_write_options() needs a dictionary');
  const given = str(location as Value);
  if (!options.has('format')) {
    const [, compression] = /\.(gz|zst)$/i.exec(given) ?? [];
    const stem = compression ? given.slice(0, -compression.length - 1) : given;
    const [, ending] = /\.([^./]+)$/.exec(stem) ?? [];
    if (ending) {
      options.set('format', ending.toLowerCase());
      if (compression && !options.has('compression')) options.set('compression', compression.toLowerCase() === 'gz' ? 'gzip' : 'zstd');
    } else options.set('format', options.has('delimiter') ? 'csv' : 'parquet');
  }
  if (options.get('format') === 'csv' && !options.has('header')) options.set('header', 1);
  const partition = options.get('partition_by');
  if (typeof partition === 'string' && partition.includes(',') && !partition.startsWith('(')) options.set('partition_by', `(${partition})`);
  const quoted = new Set(['delimiter', 'quote', 'escape', 'null']);
  return [...options.entries()]
    .map(([k, v]) => (quoted.has(str(k).toLowerCase()) && !str(v).startsWith("'") ? `${str(k)} '${str(v)}'` : `${str(k)} ${str(v)}`))
    .join(', ');
}

function externalReadLocation([location, options]: Arguments): Value {
  const given = str(location as Value);
  if (!(options instanceof Dict)) return given;
  const partition = options.get('partition_by');
  if (!partition && !options.get('per_thread_output')) return given;
  const levels = partition
    ? str(partition)
        .split(',')
        .map(() => '*')
    : [];
  return `${[given, '*', ...levels].join('/')}.${str(options.get('format') ?? 'parquet')}`;
}

function* locationExists([location]: Arguments): Program {
  try {
    yield* sql.execute(`select 1 from '${str(location as Value)}' where 1=0`);
    return true;
  } catch (e) {
    // The database's refusal comes as it is, or told as a diagnostic of the node.
    if (e instanceof Error && (e.name === 'SqlError' || e instanceof DiagnosticError)) return false;
    throw e;
  }
}

/** What the profile says of DuckDB's databases. */
function setUp({ invocation: { target } }: Names): sql.DuckdbSetup {
  const get = (key: string): Value => (target instanceof Dict ? (target.get(key) ?? null) : null);
  const attach = get('attach');
  return sql.duckdbSetup({
    path: textOrNull(get('path')),
    isDucklake: get('is_ducklake') === true,
    attach: (Array.isArray(attach) ? attach : []).flatMap((one) =>
      one instanceof Dict ? [{ path: textOrNull(one.get('path')), alias: textOrNull(one.get('alias')), isDucklake: one.get('is_ducklake') === true }] : [],
    ),
  });
}

function isDucklake([r]: Arguments, { names }: Facade): Value {
  const database = r === null || r === undefined ? null : needRelation(r).database;
  return database !== null && setUp(names).ducklakes.has(database);
}

/** Plugins are Python code of dbt-duckdb. */
function storeRelation([plugin, r]: Arguments, _: Facade, at: Span): Value {
  return fail('plugin-python', { plugin: str(plugin as Value), use: `\`${needRelation(r as Value).identifier ?? ''}\` asks it to store the model` }, { at });
}

function seedFilePath([model]: Arguments): Value {
  const get = (key: string): string => (model instanceof Dict ? str(model.get(key) ?? '') : '');
  return `${get('root_path')}/${get('original_file_path')}`;
}

function warnOnce([message]: Arguments, { names, run }: Facade): Value {
  const text = str(message as Value);
  if (run && !run.warned.has(text)) {
    run.warned.add(text);
    names.invocation.output.warn(text);
  }
  return null;
}
