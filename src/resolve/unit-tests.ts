import { isMap, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { unitTestChecksum } from './checksums.ts';
import { ownExpectations, type UnitSubject, unitSubject } from './expectations.ts';
import { type FixtureFiles, fixtureOf } from './fixtures.ts';
import type { FixturePlace, JsonMap, UnitTestNode } from './manifest.ts';
import { configured, dependsOn, json, mapOf } from './others.ts';
import { type Entry, mapsOf, textOf } from './patches.ts';

/** Adds a unit test. `files`: the fixture files. */
export function addUnitTest(b: Build, entry: Entry, files: FixtureFiles): void {
  const { map, input, package: pkg } = entry;
  const name = String(map.name);
  const subject = unitSubject(b, entry);
  const fixtures = new Map<JsonMap, FixturePlace>();
  const rowsOf = (rows: YamlMap): JsonMap => fixtureOf(b, entry, rows, files, fixtures);
  const own = subject && ownExpectations(b, entry, subject, rowsOf);
  if (!subject || own === undefined) return;
  const model = subject.name;
  const fqn = [pkg.name, ...input.source.path.split('/').slice(1, -1), model, name];
  const config = configured(b, entry, 'unit_test', 'unit_tests', fqn, mapOf(json(map.config)));
  const given = mapsOf(map.given).map(rowsOf);
  const expect = isMap(map.expect ?? null) ? rowsOf(map.expect as YamlMap) : { rows: [], format: 'dict', fixture: null };
  // The manifest has no place for the time, which stands with what else is dml's own.
  const { now: _, ...overrides } = mapOf(json(map.overrides));
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
    overrides: isMap(map.overrides ?? null) ? { macros: {}, vars: {}, env_vars: {}, ...overrides } : null,
    given,
    expect,
    config,
    version: null,
    versions: isMap(map.versions ?? null) ? { include: null, exclude: null, ...mapOf(json(map.versions)) } : null,
    schema: null,
    checksum: unitTestChecksum(map, model, given, expect, own),
    depends_on: { macros: [], nodes: [] },
    tested_node_unique_id: null,
    this_input_node_unique_id: null,
    created_at: b.createdAt,
    at: entry.at,
    own,
    fixtures,
  };
  const inputs = mapsOf(entry.written.given).flatMap((g) =>
    typeof g.input === 'string' && !isOwnInput(g.input, subject.kind) ? [{ text: g.input, at: entry.document.valueSpan(g, 'input') }] : [],
  );
  const { written, places } = dependsOn(b, entry, inputs);
  b.inputs.set(node, written);
  b.places.set(node, places);
  if (config.enabled === false) b.disabled.set(node.unique_id, [...(b.disabled.get(node.unique_id) ?? []), node]);
  else if (b.unitTests.has(node.unique_id)) b.sink.add('duplicate-name', { name: `${model}.${name}`, kind: 'unit test' }, { at: entry.at });
  else b.unitTests.set(node.unique_id, node);
}

/** `this` of a model or a snapshot, and the rows that a macro's call is evaluated over. */
function isOwnInput(input: string, kind: UnitSubject['kind']): boolean {
  return input.trim() === (kind === 'macro' ? 'rows' : 'this');
}
