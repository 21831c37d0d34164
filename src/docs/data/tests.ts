import { type Facts, subjectsOf } from './facts.ts';
import { badSince, countHealths } from './history.ts';
import { holds, type JsonMap, listOf, mapOf, some, textOf, textsOf } from './json.ts';
import { settings } from './settings.ts';
import type { Health, Healths, Id, Json, TestPage, TestRow, TestsFile } from './types.ts';

/** How a test did the last time. */
export function testHealth(facts: Facts, id: Id): Health {
  return facts.history.entries.get(id)?.[0]?.health ?? 'none';
}

/** `not_null`, `dbt_utils.equality`, `singular`, `unit`. */
function kindOf(json: JsonMap): string {
  if (json['resource_type'] === 'unit_test') return 'unit';
  const { name, namespace } = mapOf(json['test_metadata']);
  const [kind, of] = [textOf(name), textOf(namespace)];
  if (kind === undefined) return 'singular';
  return of === undefined || of === 'dbt' ? kind : `${of}.${kind}`;
}

/** A test with its last result. */
export function testRow(facts: Facts, id: Id, json: JsonMap): TestRow {
  const entries = facts.history.entries.get(id) ?? [];
  const config = mapOf(json['config']);
  const severity = textOf(config['severity'])?.toLowerCase();
  const subjects = subjectsOf(json);
  const column = textOf(json['column_name']) ?? textOf(mapOf(mapOf(json['test_metadata'])['kwargs'])['column_name']);
  return {
    id,
    name: textOf(json['name']) ?? id,
    kind: kindOf(json),
    ...some('node', subjects.length === 1 ? subjects[0] : undefined),
    ...some('column', column?.replace(/^"(.*)"$/, '$1')),
    ...((severity === 'error' || severity === 'warn') && { severity }),
    health: entries[0]?.health ?? 'none',
    ...some('last', entries[0]),
    ...some('since', badSince(entries)),
  };
}

/** Everything about a test. */
export function testPage(facts: Facts, id: Id, json: JsonMap): TestPage {
  const row = testRow(facts, id, json);
  const sample = facts.history.samples.get(id);
  const [raw, compiled] = [textOf(json['raw_code'] ?? json['raw_sql']), textOf(json['compiled_code'] ?? json['compiled_sql'])];
  return {
    ...row,
    package: textOf(json['package_name']) ?? '',
    file: textOf(json['original_file_path']) ?? '',
    ...some('description', textOf(json['description'])),
    ...some('tags', textsOf(json['tags'])),
    ...some('arguments', argumentsOf(json)),
    ...some('config', settings(mapOf(json['config']))),
    // What a generic test says is the call of its macro, which its arguments say better.
    ...(row.kind === 'singular' && some('raw', raw)),
    ...some('compiled', compiled),
    parents: listOf(mapOf(json['depends_on'])['nodes']).map(String),
    runs: facts.history.entries.get(id) ?? [],
    ...some('failing', sample),
  };
}

function argumentsOf(json: JsonMap): { readonly [name: string]: Json } {
  const { model: _, ...kwargs } = mapOf(mapOf(json['test_metadata'])['kwargs']);
  // What dml's unit tests state and dbt's cannot.
  const { dml } = mapOf(mapOf(json['config'])['meta']);
  const given = json['resource_type'] === 'unit_test' ? { given: json['given'], expect: json['expect'], overrides: json['overrides'], ...mapOf(dml) } : kwargs;
  return Object.fromEntries(Object.entries(given).filter(([, v]) => holds(v))) as { readonly [name: string]: Json };
}

const TROUBLED = 1000;
const WORST: Readonly<Record<Health, number>> = { fail: 0, warn: 1, skip: 2, pass: 3, none: 4 };

/** Totals, and every test that did not pass. */
export function testsFile(rows: readonly TestRow[]): TestsFile {
  const kinds = new Map<string, Health[]>();
  for (const { kind, health } of rows) {
    const list = kinds.get(kind);
    if (list) list.push(health);
    else kinds.set(kind, [health]);
  }
  const size = (totals: Healths): number => Object.values(totals).reduce((a, b) => a + b, 0);
  const counted = [...kinds].map(([kind, list]) => ({ kind, totals: countHealths(list) }));
  const troubled = rows
    .filter((r) => WORST[r.health] < WORST.pass)
    .sort((a, b) => WORST[a.health] - WORST[b.health] || compare(a.since ?? '', b.since ?? '') || compare(a.id, b.id));
  return {
    totals: countHealths(rows.map((r) => r.health)),
    kinds: counted.sort((a, b) => size(b.totals) - size(a.totals) || compare(a.kind, b.kind)),
    troubled: troubled.slice(0, TROUBLED),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
