import { Dict, type Program, PyError, signature, str, type Value } from '../jinja/index.ts';
import * as sql from '../sql/index.ts';
import { DiagnosticError, fail, type Span } from '../text/index.ts';
import { type Arguments, type Facade, list, type Methods, no, none, textOrNull } from './adapter-method.ts';
import type { Names } from './names.ts';
import { needRelation } from './relation.ts';
import { Module } from './shared.ts';

/** The methods that dbt-duckdb adds: external files, DuckLake, MotherDuck, plugins. */
export const duckdbMethods: Methods = [
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
];

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
