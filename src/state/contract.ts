import type { JsonMap } from '../resolve/index.ts';
import type { Sink } from '../text/index.ts';
import { mapOf } from './artifacts.ts';
import { same } from './equal.ts';

/** How a model's contract differs from what it was. */
export interface ContractChange {
  readonly detail: string;
  /** What those who read the model may stumble over, in dbt's words. Empty where nothing was taken away. */
  readonly breaking: readonly string[];
}

/** Compares the contracts of a model as manifests hold it; undefined where they are the same. */
export function contractChange(now: JsonMap, before: JsonMap): ContractChange | undefined {
  const [contract, old] = [mapOf(now['contract']), mapOf(before['contract'])];
  const [is, was] = [contract['enforced'] === true, old['enforced'] === true];
  if (!is && !was) return undefined;
  if (!was) return { detail: 'it is enforced now', breaking: [] };
  if (is && same(contract['checksum'], old['checksum'])) return undefined;
  const breaking = [
    ...(is
      ? []
      : [
          'Contract enforcement was removed: Previously, this model had an enforced contract. It is no longer configured to enforce its contract, and this is a breaking change.',
        ]),
    ...columnChanges(now, before),
    ...constraintChanges(now, before),
  ];
  return { detail: is ? 'its columns or constraints' : 'it is no longer enforced', breaking };
}

/** Tells of a model with an enforced contract that has gone. Past its deprecation date that is no surprise. `now`: milliseconds since the epoch. */
export function removedContract(id: string, gone: JsonMap, now: number, sink: Sink): void {
  if (mapOf(gone['contract'])['enforced'] !== true) return;
  const deprecated = gone['deprecation_date'];
  if (typeof deprecated === 'string' && Date.parse(deprecated) < now) return;
  const what = mapOf(gone['config'])['enabled'] === false ? 'disabled' : 'deleted or renamed';
  const params = { name: String(gone['name']), path: String(gone['original_file_path']), changes: [`Contracted model '${id}' was ${what}.`] };
  const versioned = gone['version'] !== null && gone['version'] !== undefined;
  sink.add(versioned ? 'contract-broken-version' : 'contract-broken', params);
}

const ENFORCING: ReadonlySet<unknown> = new Set(['table', 'incremental']);

const enforces = (node: JsonMap): boolean => ENFORCING.has(mapOf(node['config'])['materialized']);

function columnChanges(now: JsonMap, before: JsonMap): readonly string[] {
  const columns = mapOf(now['columns']);
  const removed: string[] = [];
  const retyped: string[] = [];
  for (const [name, value] of Object.entries(mapOf(before['columns'])).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const old = mapOf(value);
    if (!(name in columns)) {
      removed.push(String(old['name']));
      continue;
    }
    const [was, is] = [old['data_type'] ?? null, mapOf(columns[name])['data_type'] ?? null];
    if (!same(baseType(was), baseType(is)))
      retyped.push(`${String(old['name'])} (${was === null ? 'None' : String(was)} -> ${is === null ? 'None' : String(is)})`);
  }
  return [...listed('Columns were removed: ', removed), ...listed('Columns with data_type changes: ', retyped)];
}

/** `varchar(10)` and `VARCHAR(5)` are the same: size and precision break nobody. */
function baseType(type: unknown): string | null {
  return typeof type === 'string' && type !== '' ? (type.split('(')[0] as string).trim().toLowerCase() : null;
}

/** Constraints count where the relation was a table: DuckDB and Postgres enforce all kinds on those. */
function constraintChanges(now: JsonMap, before: JsonMap): readonly string[] {
  if (!enforces(before)) return [];
  const columns = mapOf(now['columns']);
  const old = Object.entries(mapOf(before['columns'])).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const ofColumns = old.flatMap(([name, column]) => {
    const is = columns[name];
    const lost = is === undefined ? [] : missing(mapOf(column)['constraints'], mapOf(is)['constraints']);
    return lost.map((k) => `'${nameOf(k)}' constraint on column ${name}`);
  });
  const ofModel = missing(before['constraints'], now['constraints']).map((k) => `'${nameOf(k)}' constraint on columns ${pythonList(k['columns'])}`);
  const had = listOf(before['constraints']).length > 0 || old.some(([, column]) => listOf(mapOf(column)['constraints']).length > 0);
  const kinds = [before, now].map((n) => String(mapOf(n['config'])['materialized']));
  return [
    ...listed('Enforced column level constraints were removed: ', ofColumns),
    ...listed('Enforced model level constraints were removed: ', ofModel),
    ...(had && !enforces(now) ? listed('Materialization changed with enforced constraints: ', [kinds.join(' -> ')]) : []),
  ];
}

function missing(before: unknown, now: unknown): readonly JsonMap[] {
  const kept = listOf(now);
  return listOf(before).filter((k) => !kept.some((other) => same(k, other)));
}

function nameOf(constraint: JsonMap): string {
  return String(constraint['name'] ?? constraint['type']);
}

function pythonList(value: unknown): string {
  return `[${(Array.isArray(value) ? value : []).map((v) => `'${String(v)}'`).join(', ')}]`;
}

function listOf(value: unknown): readonly JsonMap[] {
  return Array.isArray(value) ? value.map(mapOf) : [];
}

function listed(head: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${head}\n    - ${items.join('\n    - ')}`];
}
