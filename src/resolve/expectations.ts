import { isMap, type Span, type Yaml, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import type { JsonMap, OwnExpectations } from './manifest.ts';
import { type Entry, textOf } from './patches.ts';

const SUBJECTS = ['model', 'snapshot', 'macro'] as const;

/** What a unit test is of. */
export interface UnitSubject {
  readonly kind: (typeof SUBJECTS)[number];
  readonly name: string;
}

/** The one of `model:`, `snapshot:` and `macro:` that a unit test names; undefined where that is none or several, which is reported. */
export function unitSubject(b: Build, { map, document, written, at }: Entry): UnitSubject | undefined {
  const named = SUBJECTS.filter((key) => map[key] !== undefined && map[key] !== null);
  const [kind, second] = named;
  if (kind !== undefined && second === undefined) return { kind, name: String(map[kind]) };
  b.sink.add('unit-test-subject', { test: String(map.name), named }, { at: second === undefined ? at : document.keySpan(written, second) });
  return undefined;
}

/**
 * What a unit test states beyond dbt's, null for one of dbt's own section where that is nothing. `rows` reads a mapping with rows. What does not go together is reported, and the
 * answer then undefined.
 */
export function ownExpectations(b: Build, entry: Entry, subject: UnitSubject, rows: (map: YamlMap) => JsonMap): OwnExpectations | null | undefined {
  const { map } = entry;
  const [expect, table, overrides] = [mapping(map.expect), mapping(map.expect_table), mapping(map.overrides)];
  const ctes = Object.entries(mapping(map.expect_ctes) ?? {}).flatMap(([name, value]) => (isMap(value) ? [[name, rows(value)] as const] : []));
  const places = placesOf(entry, subject);
  const own: OwnExpectations = {
    subject: subject.kind,
    query: expect !== undefined && (expect.text === undefined || expect.rows !== undefined || expect.fixture !== undefined),
    call: typeof map.call === 'string' ? entry.document.source(entry.written, 'call') : null,
    text: typeof expect?.text === 'string' ? expect.text : null,
    table: table ? rows(table) : null,
    runs: typeof table?.runs === 'number' ? table.runs : 1,
    now: overrides?.now === undefined ? null : textOf(overrides.now),
    ctes: Object.fromEntries(ctes),
    places,
  };
  const problem = valueProblem(own) ?? (own.subject === 'macro' ? macroProblem(own) : queryProblem(own));
  if (problem) {
    b.sink.add('unit-test-shape', { test: String(map.name), problem: problem.text }, { at: places.get(problem.key) ?? entry.at, hint: problem.hint });
    return undefined;
  }
  const isDbts = entry.section === 'unit_tests' && own.subject === 'model' && own.query && own.table === null && own.now === null && ctes.length === 0;
  return isDbts ? null : own;
}

function placesOf({ document, written }: Entry, { kind }: UnitSubject): Map<string, Span> {
  const out = new Map<string, Span>();
  for (const key of ['expect', 'expect_table', 'call', kind]) if (written[key] !== undefined) out.set(key, document.keySpan(written, key));
  const ctes = mapping(written.expect_ctes);
  for (const name of Object.keys(ctes ?? {})) out.set(`cte:${name}`, document.keySpan(ctes as YamlMap, name));
  for (const [map, key] of [
    [mapping(written.overrides), 'now'],
    [mapping(written.expect_table), 'runs'],
  ] as const)
    if (map?.[key] !== undefined) out.set(key, document.valueSpan(map, key));
  return out;
}

function mapping(value: Yaml | undefined): YamlMap | undefined {
  return isMap(value ?? null) ? (value as YamlMap) : undefined;
}

interface Problem {
  readonly key: string;
  readonly text: string;
  readonly hint: string;
}

const TIME = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?$/;

function valueProblem({ now, runs }: OwnExpectations): Problem | undefined {
  if (now !== null && !TIME.test(now))
    return { key: 'now', text: 'has an `overrides.now` that is no time', hint: "write it as '2026-01-31' or '2026-01-31 12:00:00' (UTC)" };
  if (!Number.isInteger(runs) || runs < 1) return { key: 'runs', text: `has a table that is built ${runs} times`, hint: '`runs` is a whole number from 1' };
  return undefined;
}

function macroProblem(own: OwnExpectations): Problem | undefined {
  const call = 'call: "{{ cents_to_dollars(\'amount\') }}"';
  if (own.call === null) return { key: 'macro', text: 'is of a macro and does not say how it is called', hint: `add a template that calls it: ${call}` };
  if (!/\{[{%]/.test(own.call.text)) return { key: 'call', text: 'has a `call` that is no template', hint: `write it with braces: ${call}` };
  const [cte] = Object.keys(own.ctes);
  if (own.table !== null || cte !== undefined)
    return {
      key: own.table === null ? `cte:${cte}` : 'expect_table',
      text: `is of a macro, which has no ${own.table === null ? 'common table expressions' : 'table'}`,
      hint: 'a macro has an `expect` alone: rows, or text',
    };
  if (!own.query && own.text === null)
    return { key: 'macro', text: 'expects nothing', hint: 'add `expect: {rows: [...]}` with a column `result`, or `expect: {text: ...}`' };
  return undefined;
}

function queryProblem(own: OwnExpectations): Problem | undefined {
  const of = `is of a ${own.subject}`;
  if (own.call !== null) return { key: 'call', text: `${of}, which is not called`, hint: 'a `call` is for the test of a `macro`' };
  if (own.text !== null) return { key: 'expect', text: `${of} and expects a text`, hint: 'write the rows: `expect: {rows: [...]}`' };
  if (!own.query && own.table === null && Object.keys(own.ctes).length === 0)
    return { key: 'model', text: 'expects nothing', hint: 'add `expect`, `expect_table` or `expect_ctes`' };
  return undefined;
}
