import type { InputFile } from '../read/index.ts';
import { isMap, type Yaml, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { unitTestChecksum } from './checksums.ts';
import { isJsonMap } from './config.ts';
import type { Json, JsonMap, UnitTestNode } from './manifest.ts';
import { configured, dependsOn, json, mapOf } from './others.ts';
import { type Entry, mapsOf, textOf } from './patches.ts';

/** Adds a unit test. `fixtures` holds the fixture files by name. */
export function addUnitTest(b: Build, entry: Entry, fixtures: ReadonlyMap<string, InputFile>): void {
  const { map, input, package: pkg } = entry;
  const name = String(map.name);
  const model = textOf(map.model);
  const fqn = [pkg.name, ...input.source.path.split('/').slice(1, -1), model, name];
  const own = mapOf(json(map.config));
  const config = configured(b, entry, 'unit_test', 'unit_tests', fqn, own);
  const given = mapsOf(map.given).map((g) => rowsOf(b, entry, g, fixtures));
  const expect = isMap(map.expect ?? null) ? rowsOf(b, entry, map.expect as YamlMap, fixtures) : { rows: [], format: 'dict', fixture: null };
  const overrides = isMap(map.overrides ?? null) ? mapOf(json(map.overrides)) : null;
  const node: UnitTestNode = {
    unique_id: `unit_test.${pkg.name}.${model}.${name}`,
    resource_type: 'unit_test',
    name,
    package_name: pkg.name,
    path: input.relative,
    original_file_path: input.source.path,
    fqn,
    model,
    description: textOf(map.description),
    overrides: overrides && { macros: {}, vars: {}, env_vars: {}, ...overrides },
    given,
    expect,
    config,
    version: null,
    versions: isMap(map.versions ?? null) ? { include: null, exclude: null, ...mapOf(json(map.versions)) } : null,
    schema: null,
    checksum: unitTestChecksum(map, model, given, expect),
    depends_on: { macros: [], nodes: [] },
    tested_node_unique_id: null,
    this_input_node_unique_id: null,
    created_at: b.createdAt,
    at: entry.at,
  };
  const inputs = mapsOf(entry.written.given).flatMap((g) =>
    typeof g.input === 'string' && g.input.trim() !== 'this' ? [{ text: g.input, at: entry.document.valueSpan(g, 'input') }] : [],
  );
  const { written, places } = dependsOn(b, entry, inputs);
  b.inputs.set(node, written);
  b.places.set(node, places);
  if (config.enabled === false) b.disabled.set(node.unique_id, [...(b.disabled.get(node.unique_id) ?? []), node]);
  else if (b.unitTests.has(node.unique_id)) b.sink.add('duplicate-name', { name: `${model}.${name}`, kind: 'unit test' }, { at: entry.at });
  else b.unitTests.set(node.unique_id, node);
}

/** The rows of a `given` or `expect`: as dictionaries, whether written so, as CSV or in a fixture file; SQL stays text. */
function rowsOf(b: Build, entry: Entry, map: YamlMap, fixtures: ReadonlyMap<string, InputFile>): JsonMap {
  const format = textOf(map.format) || 'dict';
  const fixture = map.fixture === undefined || map.fixture === null ? null : textOf(map.fixture);
  const base: JsonMap = { ...(map.input !== undefined && { input: textOf(map.input) }), format, fixture };
  let { rows } = map as { rows?: Yaml };
  if (fixture !== null) {
    const file = fixtures.get(fixture);
    if (!file) {
      b.sink.add('fixture-not-found', { name: fixture }, { at: entry.document.valueSpan(map, 'fixture') });
      return { ...base, rows: [] };
    }
    rows = file.source.text;
  }
  if (format === 'csv' && typeof rows === 'string') return { ...base, rows: promoted(csvRows(rows)) };
  if (rows === undefined || rows === null) return { ...base, rows: format === 'dict' ? [] : null };
  return { ...base, rows: typeof rows === 'string' ? rows.trim() : promoted(json(rows)) };
}

/** The first row without a null comes first, as in dbt: databases take the types of columns from it. */
function promoted(rows: Json): Json {
  if (!Array.isArray(rows)) return rows;
  const i = rows.findIndex((row: Json) => isJsonMap(row) && Object.values(row).every((v) => v !== null));
  if (i <= 0) return rows;
  const out = [...rows] as Json[];
  [out[0], out[i]] = [out[i] as Json, out[0] as Json];
  return out;
}

/** CSV as rows of texts by column; an empty cell is null. */
function csvRows(text: string): JsonMap[] {
  const lines = csvLines(text.trim());
  const [header = [], ...rest] = lines;
  return rest.map((cells) =>
    Object.fromEntries(header.map((name, i) => [name.trim(), cells[i] === undefined || cells[i] === '' ? null : (cells[i] as string)])),
  );
}

function csvLines(text: string): string[][] {
  const lines: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const ch = text[i] as string;
    if (quoted) {
      if (ch !== '"') cell += ch;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (ch === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (ch === ',') {
      row.push(cell);
      cell = '';
    } else if (ch === '\n') {
      row.push(cell.replace(/\r$/, ''));
      lines.push(row);
      row = [];
      cell = '';
    } else cell += ch;
  }
  row.push(cell);
  lines.push(row);
  return lines.filter((l) => l.length > 1 || l[0]?.trim() !== '');
}
