import { bind, Dict, iterate, Native, Obj, type Signature, signature, str, type Value } from '../jinja/index.ts';
import { closest, fail } from '../text/index.ts';
import type { Output } from './invocation.ts';
import { plainTable } from './print.ts';
import { RelationObj } from './relation.ts';
import { Module } from './shared.ts';

type Arguments = readonly (Value | undefined)[];

/** `exceptions`: macros stop with these, or warn. Each raises a diagnostic without a place: the evaluator adds the call's. `node` is named in messages. */
export function exceptionsValue(output: Output, node = 'this model'): Value {
  const members = [...functions].map(([name, { sig, body }]): [string, Value] => [name, new Native(name, (args) => body(bind(sig, args), { output, node }))]);
  return new Module('exceptions', members);
}

interface Where {
  readonly output: Output;
  readonly node: string;
}

interface Member {
  readonly sig: Signature;
  readonly body: (a: Arguments, where: Where) => Value;
}

function member(name: string, names: readonly string[], body: Member['body']): [string, Member] {
  return [name, { sig: signature(name, 0, ...names), body }];
}

const text = (v: Value | undefined): string => str(v ?? null);

const functions: ReadonlyMap<string, Member> = new Map<string, Member>([
  member('warn', ['msg', 'node='], ([message], where) => warn(where, text(message))),
  member('raise_compiler_error', ['msg', 'node='], ([message]) => fail('macro-raised', { problem: text(message) })),
  member('raise_not_implemented', ['msg'], ([message]) => fail('macro-not-implemented', { problem: text(message) })),
  member('raise_database_error', ['msg', 'node='], ([message]) => fail('macro-database-error', { problem: text(message) })),
  member('raise_fail_fast_error', ['msg', 'node='], ([message]) => fail('macro-fail-fast', { problem: text(message) })),
  member('raise_cache_inconsistent', ['message'], ([message]) => fail('macro-raised', { problem: `Cache inconsistency detected: ${text(message)}` })),
  member('raise_dataclass_not_dict', ['obj'], ([obj]) => fail('macro-raised', { problem: `${text(obj)} is no dictionary and cannot be used as one` })),
  member('raise_dependency_error', ['msg'], ([message]) => fail('macro-dependency', { problem: text(message) })),
  member('raise_dep_not_found', ['node', 'node_description', 'required_pkg'], ([, description, name]) =>
    fail('macro-dependency', { problem: `${text(description)} needs the package "${text(name)}", which was not found`, package: text(name) }),
  ),
  member('missing_config', ['model', 'name'], ([model, name]) => fail('config-required', { node: text(of(model, 'unique_id')), name: text(name) })),
  member('missing_materialization', ['model', 'adapter_type'], ([model, adapter]) =>
    fail('materialization-missing', { node: text(of(model, 'unique_id')), kind: text(of(of(model, 'config'), 'materialized')), adapter: text(adapter) }),
  ),
  member('missing_relation', ['relation', 'model='], ([relation]) => fail('relation-missing', { relation: text(relation) })),
  member('relation_wrong_type', ['relation', 'expected_type', 'model='], ([relation, expected]) =>
    fail('relation-type', {
      relation: relation instanceof RelationObj ? relation.render() : text(relation),
      wanted: text(expected),
      found: text(of(relation, 'type')),
    }),
  ),
  member('raise_contract_error', ['yaml_columns', 'sql_columns'], ([promised, actual], where) => contractError(promised ?? null, actual ?? null, where)),
  member('column_type_missing', ['column_names'], ([names], { node }) =>
    fail('contract-untyped', { node, column: [...iterate(names ?? [])].map(str).join('`, `') }),
  ),
  member('raise_ambiguous_alias', ['node_1', 'node_2', 'duped_name='], ([a, b, name]) =>
    fail('macro-ambiguous', {
      problem: `two resources would be built as "${name === undefined || name === null ? aliasOf(a) : text(name)}": ${located(a)} and ${located(b)}`,
    }),
  ),
  member('raise_ambiguous_catalog_match', ['unique_id', 'match_1', 'match_2'], ([id, a, b]) =>
    fail('macro-ambiguous', { problem: `${matchOf(a)} and ${matchOf(b)} could both be the relation of ${text(id)}` }),
  ),
  member('raise_duplicate_patch_name', ['patch_1', 'existing_patch_path'], ([patch, path]) =>
    fail('macro-ambiguous', { problem: `${text(of(patch, 'name'))} is described twice: in ${text(of(patch, 'original_file_path'))} and in ${text(path)}` }),
  ),
  member('raise_duplicate_resource_name', ['node_1', 'node_2'], ([a, b]) =>
    fail('macro-ambiguous', { problem: `two resources have the name "${text(of(a, 'name'))}": ${located(a)} and ${located(b)}` }),
  ),
  member('raise_invalid_property_yml_version', ['path', 'issue'], ([path, issue]) => fail('property-file-version', { path: text(path), problem: text(issue) })),
  member('warn_snapshot_timestamp_data_types', ['snapshot_time_data_type', 'updated_at_data_type'], ([now, updated], where) =>
    warnTypes(
      where,
      `Data type of snapshot table timestamp columns (${text(now)}) doesn't match derived column 'updated_at' (${text(updated)}). Please update snapshot config 'updated_at'.`,
    ),
  ),
  // dml's own, for the messages of its macros: the nearest of the names there are, or None.
  member('dml_closest', ['name', 'known'], ([name, known]) => closest(text(name), [...iterate(known ?? [])].map(str)) ?? null),
]);

function warn({ output }: Where, message: string): Value {
  output.warn(message);
  return '';
}

/** Unlike `warn`, answers None. */
function warnTypes(where: Where, message: string): Value {
  warn(where, message);
  return null;
}

/** The attribute or item of a node, as macros hand it on; null where there is none. */
function of(v: Value | undefined, name: string): Value {
  return v instanceof Obj ? (v.item(name) ?? v.attr(name) ?? null) : null;
}

function located(node: Value | undefined): string {
  return `${text(of(node, 'unique_id'))} (${text(of(node, 'original_file_path'))})`;
}

function aliasOf(node: Value | undefined): string {
  return ['database', 'schema', 'alias'].map((part) => text(of(node, part))).join('.');
}

function matchOf(match: Value | undefined): string {
  const metadata = of(match, 'metadata');
  return `${text(of(metadata, 'schema'))}.${text(of(metadata, 'name'))}`;
}

/** Columns as `format_columns` makes them: dictionaries with name and data_type. */
function contractError(promised: Value, actual: Value, { node }: Where): never {
  const wanted = columnsOf(promised);
  if (wanted.size === 0) return fail('contract-empty', { node });
  return fail('contract-failed', { node }, { cause: contractTable(wanted, columnsOf(actual)) });
}

/** The columns that differ between a contract and a definition (types by name), as a table sorted by name. */
export function contractTable(promised: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string>): string {
  const rows: string[][] = [];
  for (const [name, type] of actual) {
    const wanted = promised.get(name);
    if (wanted === undefined) rows.push([name, type, '', 'missing in contract']);
    else if (wanted !== type) rows.push([name, type, wanted, 'data type mismatch']);
  }
  for (const [name, type] of promised) if (!actual.has(name)) rows.push([name, '', type, 'missing in definition']);
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0));
  return plainTable(['column_name', 'definition_type', 'contract_type', 'mismatch_reason'], rows);
}

function columnsOf(columns: Value): Map<string, string> {
  const out = new Map<string, string>();
  for (const column of iterate(columns)) if (column instanceof Dict) out.set(text(column.get('name')), text(column.get('data_type')));
  return out;
}
