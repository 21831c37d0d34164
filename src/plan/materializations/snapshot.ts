import type { Value } from '../../jinja/index.ts';
import { columns, execute, note, type Program, query, type Relation, type Response, trimSemicolon } from '../../sql/index.ts';
import { type Diagnostic, fail } from '../../text/index.ts';
import { MODEL, type Outcome, type Task } from '../materialization.ts';
import { framed, main, standing } from './build.ts';
import { stage } from './incremental.ts';
import { firstSql, type MetaColumns, type Strategy, stagingSql } from './snapshot-text.ts';
import { customised, headed, listSetting, mapSetting, refuse, setting, temporary, textSetting } from './task.ts';
import { watchKeys } from './unique-key.ts';

/** A snapshot: a table that keeps every version of the rows that its query gives. */
export function* snapshot(task: Task): Program<Outcome> {
  const meta = metaColumns(task);
  const old = yield* standing(task);
  if (old && old.type !== 'table') fail('snapshot-not-table', { node: task.node.name, type: old.type ?? 'relation' }, { at: task.node.at });
  const target = { ...task.relation, type: 'table' as const };
  let notices: readonly Diagnostic[] = [];
  const outcome = yield* framed(task, target, { transaction: old !== null, docs: 'before-hooks', anew: old === null }, function* (): Program<Response> {
    const texts = yield* textsOf(task, target, meta, old !== null);
    const written = old === null ? yield* first(task, target, texts) : yield* next(task, target, meta, texts);
    notices = written.notices;
    return written.response;
  });
  return { ...outcome, notices };
}

interface Written {
  readonly response: Response;
  readonly notices: readonly Diagnostic[];
}

/** Where the texts come from: ours, or the project's own macros. */
interface Texts {
  readonly first: () => Program<string>;
  readonly staging: () => Program<string>;
  readonly hardDeletes: Strategy['hardDeletes'];
  readonly keys: readonly string[];
  readonly keyList: boolean;
}

function* first(task: Task, target: Relation, texts: Texts): Program<Written> {
  const sql = yield* texts.first();
  const own = customised(task.macros, ['create_table_as']);
  // Never `or replace`: the history of a table that turns up in its place must not be lost.
  const text = own
    ? yield* task.macros.text('create_table_as', [false, target, sql])
    : headed(task, task.dialect.createTable(target, sql, { temporary: false, replace: false }));
  const response = yield* main(task, text);
  yield* note({ change: 'added', relation: target });
  return { response, notices: yield* watchKeys(task, task.dialect.render(target), texts.keys, texts.keys) };
}

function* next(task: Task, target: Relation, meta: MetaColumns, texts: Texts): Program<Written> {
  const { dialect } = task;
  const present = yield* columns(target);
  const names = new Set(present.map((c) => c.name.toLowerCase()));
  const needed = [meta.scdId, meta.validFrom, meta.validTo, ...(texts.hardDeletes === 'new_record' ? [meta.isDeleted] : [])];
  const missing = needed.filter((n) => !names.has(n.toLowerCase()));
  if (missing.length > 0) {
    const dbt = `Snapshot target is missing configured columns (missing "${missing.join('", "')}").`;
    fail('snapshot-target', { node: task.node.name, missing }, { at: task.node.at, dbt });
  }

  const staged = temporary(task);
  yield* stage(task, staged, yield* texts.staging());
  const helpers = new Set(['dbt_change_type', 'dbt_unique_key', ...texts.keys.map((_, i) => `dbt_unique_key_${i + 1}`)]);
  const source = (yield* columns(staged)).filter((c) => !helpers.has(c.name.toLowerCase()));
  const spelt = new Set(present.map((c) => c.name));
  for (const c of source) if (!spelt.has(c.name) && !names.has(c.name.toLowerCase())) yield* execute(dialect.addColumn(target, c.name, c.dataType));

  const columnsOfKey = texts.keyList ? texts.keys.map((_, i) => `dbt_unique_key_${i + 1}`) : ['dbt_unique_key'];
  const notices = yield* watchKeys(task, `${dialect.render(staged)} as versions\nwhere dbt_change_type = 'insert'`, texts.keys, columnsOfKey);
  const quoted = source.map((c) => dialect.quote(c.name));
  const own = customised(task.macros, ['snapshot_merge_sql']);
  const merge = own
    ? yield* task.macros.text('snapshot_merge_sql', [target, staged, quoted])
    : dialect
        .snapshotMerge({
          target: dialect.render(target),
          source: dialect.render(staged),
          columns: quoted,
          validTo: meta.validTo,
          scdId: meta.scdId,
          current: textSetting(task, 'dbt_valid_to_current') ?? null,
        })
        .join(';\n');
  const response = yield* main(task, merge);
  yield* execute(dialect.drop(staged));
  return { response, notices };
}

const META = { dbt_valid_from: 'validFrom', dbt_valid_to: 'validTo', dbt_scd_id: 'scdId', dbt_updated_at: 'updatedAt', dbt_is_deleted: 'isDeleted' } as const;

/** The names of the columns that a snapshot adds, as `snapshot_meta_column_names` changes them. */
function metaColumns(task: Task): MetaColumns {
  const given = mapSetting(task, 'snapshot_meta_column_names');
  const entries = Object.entries(META).map(([name, key]) => [key, typeof given[name] === 'string' ? given[name] : name]);
  return Object.fromEntries(entries) as unknown as MetaColumns;
}

const MACROS = [
  'snapshot_staging_table',
  'build_snapshot_table',
  'snapshot_hash_arguments',
  'snapshot_get_time',
  'current_timestamp',
  'snapshot_timestamp_strategy',
  'snapshot_check_strategy',
  'snapshot_check_all_get_existing_columns',
  'get_dbt_valid_to_current',
  'unique_key_fields',
  'unique_key_join_on',
  'unique_key_is_null',
  'unique_key_is_not_null',
  'equals',
  'strategy_dispatch',
];

function* textsOf(task: Task, target: Relation, meta: MetaColumns, exists: boolean): Program<Texts> {
  const problem = (text: string): never => fail('snapshot-config', { node: task.node.name, problem: text }, { at: task.node.at });
  const name = textSetting(task, 'strategy') ?? problem('it names no `strategy`');
  const keys = listSetting(task, 'unique_key');
  if (keys.length === 0) problem('it names no `unique_key`');
  const sql = trimSemicolon(task.sql);
  const common = { keys, keyList: Array.isArray(setting(task, 'unique_key')), hardDeletes: hardDeletes(task) };
  if ((name !== 'timestamp' && name !== 'check') || customised(task.macros, MACROS)) {
    const macro = name.includes('.') ? name.replace(/\.([^.]*)$/, '.snapshot_$1_strategy') : `snapshot_${name}_strategy`;
    if (name !== 'timestamp' && name !== 'check' && !task.macros.overridden(macro))
      refuse(task, 'strategy', name, ['timestamp', 'check', `a strategy of your own: macro ${macro}`]);
    const strategy: Value = yield* task.macros.call(macro, [MODEL, 'snapshotted_data', 'source_data', { dict: {} }, exists]);
    return {
      ...common,
      first: () => task.macros.text('build_snapshot_table', [strategy, sql]),
      staging: () => task.macros.text('snapshot_staging_table', [strategy, sql, target]),
    };
  }
  const updatedAt = textSetting(task, 'updated_at') ?? (name === 'check' ? task.dialect.now : problem('the strategy `timestamp` needs `updated_at`'));
  const rowChanged = !exists
    ? 'true'
    : name === 'check'
      ? yield* checkChanged(task, target, sql, problem)
      : `(snapshotted_data.${meta.validFrom} < source_data.${updatedAt})`;
  const strategy: Strategy = { ...common, updatedAt, rowChanged, now: task.dialect.now, current: textSetting(task, 'dbt_valid_to_current') ?? null };
  return {
    ...common,
    first: () => said(firstSql(strategy, meta, sql)),
    staging: () => staging(task, target, strategy, meta, sql),
  };
}

/** A text as a program that asks for nothing. */
// biome-ignore lint/correctness/useYield: the project's own macros take this place and may ask.
function* said(text: string): Program<string> {
  return text;
}

function* staging(task: Task, target: Relation, strategy: Strategy, meta: MetaColumns, sql: string): Program<string> {
  if (strategy.hardDeletes !== 'new_record') return stagingSql(strategy, meta, task.dialect.render(target), sql, undefined);
  const given = (yield* query(`select * from (\n${sql}\n) as __dbt_sbq\nwhere false\nlimit 0`)).table.columns.map((c) => c.name);
  const kept = new Set((yield* columns(target)).map((c) => c.name));
  const deleted = given.map((name) => `${kept.has(name) ? 'snapshotted_data' : 'source_data'}.${task.dialect.quote(name)}`);
  return stagingSql(strategy, meta, task.dialect.render(target), sql, deleted);
}

/** The condition under which a row is a new version: one of the checked columns differs, NULL counting as a value. */
function* checkChanged(task: Task, target: Relation, sql: string, problem: (text: string) => never): Program<string> {
  const given = setting(task, 'check_cols');
  const list =
    given === 'all'
      ? '*'
      : Array.isArray(given) && given.length > 0
        ? given.map(String).join(', ')
        : typeof given === 'string'
          ? given
          : problem('the strategy `check` needs `check_cols`: a list of columns, or `all`');
  const checked = (yield* query(`select ${list} from (\n${sql}\n) subq\nwhere false\nlimit 0`)).table.columns.map((c) => c.name);
  const existing = new Set((yield* columns(target)).map((c) => c.name));
  // A column that the table does not have yet: no row can be told to be unchanged.
  if (checked.some((c) => !existing.has(c))) return '(TRUE)';
  const differs = checked.map((name) => {
    const [old, fresh] = [`snapshotted_data.${task.dialect.quote(name)}`, `source_data.${task.dialect.quote(name)}`];
    return `${old} != ${fresh} or ((${old} is null and not (${fresh} is null)) or ((not ${old} is null) and (${fresh} is null)))`;
  });
  return `(${differs.join('\n    or ')})`;
}

function hardDeletes(task: Task): Strategy['hardDeletes'] {
  const value = setting(task, 'hard_deletes');
  const legacy = setting(task, 'invalidate_hard_deletes');
  if (value !== undefined && legacy !== undefined) refuse(task, 'invalidate_hard_deletes', legacy, ['nothing, where hard_deletes is set']);
  if (value === undefined) return legacy === true ? 'invalidate' : 'ignore';
  if (value === 'ignore' || value === 'invalidate' || value === 'new_record') return value;
  return refuse(task, 'hard_deletes', value, ['ignore', 'invalidate', 'new_record']);
}
