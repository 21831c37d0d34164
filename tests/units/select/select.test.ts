import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/resolve/index.ts';
import { type Criteria, type IndirectSelection, select } from '../../../src/select/index.ts';
import { Diagnostics, parseYaml, sourceFile, type Yaml } from '../../../src/text/index.ts';

interface Case {
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly selector?: string;
  readonly mode: IndirectSelection;
  readonly ids: string;
}

interface Raw {
  readonly unique_id: string;
  readonly resource_type: string;
  readonly test_metadata?: { readonly name: string };
}

interface Golden {
  readonly nodes: readonly Raw[];
  readonly sources: readonly Raw[];
  readonly exposures: readonly Raw[];
  readonly unit_tests: readonly Raw[];
  readonly parents: Readonly<Record<string, readonly string[]>>;
  readonly children: Readonly<Record<string, readonly string[]>>;
  readonly files: readonly string[];
  readonly ids: readonly string[];
  readonly cases: readonly Case[];
}

// What dbt's own selector answered: the project's parsed nodes, random selections over them, and the ids found. DML_SELECT_GOLDEN names a longer list.
const golden: Golden = JSON.parse(fs.readFileSync(process.env['DML_SELECT_GOLDEN'] ?? new URL('../../cases/select/golden.json', import.meta.url), 'utf8'));

const SELECTORS = `
selectors:
  - name: plain
    definition: "+fct_orders,tag:mart"
  - name: kv
    definition: {tag: nightly}
  - name: full
    definition: {method: fqn, value: stg_orders, children: true, children_depth: 2, indirect_selection: cautious}
  - name: nested
    definition:
      union:
        - {method: tag, value: mart}
        - intersection: ["path:models/marts", {method: config.materialized, value: incremental, parents: true}]
        - exclude: [{method: resource_type, value: test}, "fct_events"]
  - name: inherits
    definition:
      union:
        - {method: selector, value: nested}
        - {method: selector, value: kv}
        - exclude: [{method: package, value: pkg_a}]
  - name: around
    definition: {method: fqn, value: kpi, childrens_parents: true, exclude: [{method: test_name, value: unique}]}
  - name: meta
    definition: {method: config.meta.pii, value: true}
`;

function byId(list: readonly Raw[]): ReadonlyMap<string, never> {
  return new Map(list.map((n) => [n.unique_id, { raw_code: 'x', version: null, test_metadata: null, ...n } as never]));
}

function manifestOf(g: Golden, selectors: Yaml): Manifest {
  const project = { dir: '/nowhere', selectors, root: { name: 'shop', files: g.files.map((path) => ({ source: sourceFile(path, '') })) } };
  const parts: Partial<Manifest> = {
    project: project as never,
    nodes: byId(g.nodes),
    sources: byId(g.sources),
    exposures: byId(g.exposures),
    unitTests: byId(g.unit_tests),
    groups: new Map(),
    others: { metrics: new Map(), semanticModels: new Map(), savedQueries: new Map(), disabled: new Map() },
    parents: new Map(Object.entries(g.parents)),
    children: new Map(Object.entries(g.children)),
  };
  return parts as Manifest;
}

const doc = parseYaml(sourceFile('selectors.yml', SELECTORS), new Diagnostics());
const manifest = manifestOf(golden, doc?.value ?? null);
const TYPES = new Set(['model', 'snapshot', 'seed', 'test', 'source', 'exposure', 'unit_test', 'analysis']);

function run(c: Partial<Criteria>): { readonly ids: readonly string[] | undefined; readonly diagnostics: Diagnostics } {
  const diagnostics = new Diagnostics();
  const found = select(manifest, { select: [], exclude: [], indirect: 'eager', types: TYPES, keepEmpty: true, ...c }, diagnostics);
  return { ids: found && [...found.ids].sort(), diagnostics };
}

describe('against dbt', () => {
  test(`${golden.cases.length} selections answer what dbt answers`, () => {
    const wrong: string[] = [];
    for (const c of golden.cases) {
      const expected =
        c.ids === ''
          ? []
          : c.ids
              .split(' ')
              .map((i) => golden.ids[Number(i)] ?? '')
              .sort();
      const { ids, diagnostics } = run({ select: c.select ?? [], exclude: c.exclude ?? [], selector: c.selector, indirect: c.mode });
      if (JSON.stringify(ids) !== JSON.stringify(expected)) {
        const missing = expected.filter((i) => !ids?.includes(i));
        const extra = ids?.filter((i) => !expected.includes(i));
        wrong.push(
          `${JSON.stringify({ ...c, ids: undefined })}: missing ${missing.join(' ')}; extra ${extra?.join(' ')} ${diagnostics.errors.map((d) => d.message).join()}`,
        );
      }
    }
    expect(golden.cases.length).toBeGreaterThan(300);
    expect(wrong).toEqual([]);
  });
});

describe('what cannot be selected', () => {
  test('an unknown method is an error that names the nearest one', () => {
    const { ids, diagnostics } = run({ select: ['tagg:nightly'] });
    expect(ids).toBeUndefined();
    expect(diagnostics.all).toMatchObject([{ code: 'selector-method-unknown', hint: 'did you mean `tag`?' }]);
  });

  test('a criterion that finds nothing is a warning with the nearest name, and the rest is still selected', () => {
    const { ids, diagnostics } = run({ select: ['fct_ordesr kpi'], indirect: 'empty' });
    expect(ids).toEqual(['model.shop.kpi', 'unit_test.shop.kpi.ut_kpi']);
    expect(diagnostics.all).toMatchObject([
      {
        code: 'nothing-selected',
        severity: 'warning',
        message: "The selection criterion 'fct_ordesr' does not match any enabled nodes",
        hint: 'did you mean `fct_orders`?',
      },
    ]);
  });

  test.each([
    ['@kpi+', 'selector-invalid'],
    ['resource_type:modle', 'selector-invalid'],
    ['test_type:x', 'selector-invalid'],
    ['version:newest', 'selector-invalid'],
    ['source:a.b.c.d', 'selector-invalid'],
    ['path:', 'selector-invalid'],
    ['path:/elsewhere', 'selector-invalid'],
    ['column:orders.amount+', 'selector-method-unknown'],
    ['state:modified', 'state-missing'],
  ])('%s is refused', (criterion, code) => {
    const { ids, diagnostics } = run({ select: [criterion] });
    expect(ids).toBeUndefined();
    expect(diagnostics.all.map((d) => d.code)).toEqual([code]);
  });

  test('a selection by column says what there is instead', () => {
    expect(run({ select: ['column:orders.amount'] }).diagnostics.all[0]?.hint).toContain('`orders+`');
  });

  test('a selector that is not defined is an error that names the nearest one', () => {
    const { ids, diagnostics } = run({ selector: 'nestd' });
    expect(ids).toBeUndefined();
    expect(diagnostics.all).toMatchObject([{ code: 'selector-not-found', hint: 'did you mean `nested`?' }]);
  });

  test('mistakes in selectors.yml are errors', () => {
    for (const definition of [
      '{union: [a], intersection: [b]}',
      '{method: fqn, children: true}',
      '{union: a}',
      '{union: [{exclude: [a]}, {exclude: [b]}]}',
      '{method: fqn, value: x, indirect_selection: all}',
      '{method: fqn, value: x, parents: true, parents_depth: deep}',
    ]) {
      const file = parseYaml(sourceFile('selectors.yml', `selectors: [{name: a, definition: ${definition}}]`), new Diagnostics());
      const diagnostics = new Diagnostics();
      const found = select(manifestOf(golden, file?.value ?? null), { select: [], exclude: [], selector: 'a', indirect: 'eager', types: TYPES }, diagnostics);
      expect(found, definition).toBeUndefined();
      expect(
        diagnostics.all.map((d) => d.code),
        definition,
      ).toEqual(['selector-invalid']);
    }
  });
});

test('the default selector counts when nothing is asked for', () => {
  const file = parseYaml(sourceFile('selectors.yml', 'selectors: [{name: a, default: true, definition: "stg_orders"}]'), new Diagnostics());
  const found = select(manifestOf(golden, file?.value ?? null), { select: [], exclude: [], indirect: 'empty', types: TYPES }, new Diagnostics());
  expect([...(found?.ids ?? [])]).toEqual(['model.shop.stg_orders']);
});

test('only the types asked for are kept, and nodes without SQL only where wanted', () => {
  expect(run({ select: ['stg_orders'], types: new Set(['test']) }).ids?.every((id) => id.startsWith('test.'))).toBe(true);
  const empty = { ...golden, nodes: golden.nodes.map((n) => (n.unique_id === 'model.shop.kpi' ? { ...n, raw_code: ' \n' } : n)) };
  const found = (keepEmpty: boolean) =>
    select(manifestOf(empty, null), { select: ['kpi'], exclude: [], indirect: 'empty', types: TYPES, keepEmpty }, new Diagnostics())?.ids.size;
  expect([found(false), found(true)]).toEqual([1, 2]);
});
