import { createHash } from 'node:crypto';
import { jsonToValue, yamlToValue } from '../context/index.ts';
import { repr } from '../jinja/index.ts';
import { isMap, type YamlMap } from '../text/index.ts';
import type { ColumnInfo, JsonMap, OwnExpectations } from './manifest.ts';

// dbt hashes the printed form of its own Python objects; so that `state:` can compare manifests of both tools, the same text is made here.

/** The checksum of a contract: columns by name, types and constraints, and for tables the constraints of the model. Hexadecimal SHA-256. */
export function contractChecksum(columns: { readonly [name: string]: ColumnInfo }, constraints: readonly JsonMap[], materialized: string): string {
  const sorted = Object.values(columns).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  let text = sorted.map((c) => `|${c.name}${c.data_type ?? 'None'}[${c.constraints.map((x) => constraint('Column', x)).join(', ')}]`).join('');
  if (materialized === 'table' || materialized === 'incremental') text += `${materialized}[${constraints.map((x) => constraint('Model', x)).join(', ')}]`;
  return sha256(text);
}

function constraint(level: 'Column' | 'Model', c: JsonMap): string {
  const { type, ...rest } = c;
  return `${level}LevelConstraint(type=<ConstraintType.${String(type)}: '${String(type)}'>, ${fields(rest)})`;
}

function fields(of: JsonMap): string {
  return Object.entries(of)
    .map(([key, value]) => `${key}=${repr(jsonToValue(value))}`)
    .join(', ');
}

/** The checksum of a unit test as it is written: all but its description, and for dml's own tests what only they state. `given` and `expect` are its rows as the manifest holds them. */
export function unitTestChecksum(map: YamlMap, model: string, given: readonly JsonMap[], expect: JsonMap, own: OwnExpectations | null): string {
  const parts = [
    model,
    isMap(map.versions ?? null) ? `UnitTestNodeVersions(${members(map.versions as YamlMap, ['include', 'exclude'], 'None')})` : 'None',
    `[${given.map((g) => `UnitTestInputFixture(input=${repr(String(g.input ?? ''))}, ${fixture(g)})`).join(', ')}]`,
    `UnitTestOutputFixture(${fixture(expect)})`,
    isMap(map.overrides ?? null) ? `UnitTestOverrides(${members(map.overrides as YamlMap, ['macros', 'vars', 'env_vars'], '{}')})` : 'None',
  ];
  const files = given.filter((g) => g.fixture !== null).map((g) => `-${repr(jsonToValue(g.rows ?? null))}`.replace(/^-'(.*)'$/s, '-$1'));
  // No other tool has a checksum of these.
  const more = own ? JSON.stringify([own.subject, own.call?.text, own.text, own.table, own.runs, own.now, own.ctes]) : '';
  return sha256(parts.join('-') + files.join('') + more);
}

function members(map: YamlMap, keys: readonly string[], otherwise: string): string {
  return keys.map((k) => `${k}=${map[k] === undefined || map[k] === null ? otherwise : repr(yamlToValue(map[k]))}`).join(', ');
}

const FORMATS: Readonly<Record<string, string>> = { dict: 'Dict', csv: 'CSV', sql: 'SQL' };

function fixture(rows: JsonMap): string {
  const format = String(rows.format);
  const value = repr(jsonToValue(rows.rows ?? null));
  return `rows=${value}, format=<UnitTestFormat.${FORMATS[format] ?? format}: '${format}'>, fixture=${repr(jsonToValue(rows.fixture))}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
