import {
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
  signature,
  str,
  Tuple,
  type Value,
} from '../jinja/index.ts';
import * as sql from '../sql/index.ts';
import { fail, type Span } from '../text/index.ts';
import { catalogMethods } from './adapter-catalog.ts';
import { duckdbMethods } from './adapter-duckdb.ts';
import { type AdapterHost, type Arguments, type Facade, type Method, type Methods, none } from './adapter-method.ts';
import { columnClass } from './column.ts';
import { constraintTexts, modelConstraintTexts } from './constraints.ts';
import type { Names } from './names.ts';
import { needRelation, relationClass } from './relation.ts';
import { indexValue } from './relation-index.ts';
import { responseValue } from './response.ts';
import { Module } from './shared.ts';
import { emptyTable, tableValue } from './table.ts';

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

/** Methods of names, statements, strategies, snapshots, constraints and grants. */
const ownMethods: Methods = [
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
];

const methods: ReadonlyMap<string, Method> = new Map([...ownMethods, ...catalogMethods, ...duckdbMethods]);

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
