import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Planned, plan } from '../../../src/plan/index.ts';
import type { Node, Resource } from '../../../src/resolve/index.ts';

/** A manifest of nodes by id with their parents. Ids begin with the type: `model.a`, `test.t`, `unit_test.u`. */
function manifest(parents: Readonly<Record<string, readonly string[]>>, ephemeral: readonly string[] = []): Planned {
  const nodes = new Map<string, Node>();
  const unitTests = new Map();
  const exposures = new Map();
  const children = new Map<string, string[]>();
  for (const [id, list] of Object.entries(parents)) {
    const type = id.split('.')[0];
    const node = {
      unique_id: id,
      name: id,
      resource_type: type,
      config: { materialized: ephemeral.includes(id) ? 'ephemeral' : 'view' },
      depends_on: { nodes: list },
    };
    if (type === 'unit_test') unitTests.set(id, { ...node, tested_node_unique_id: list[0] });
    else if (type === 'exposure') exposures.set(id, node);
    else nodes.set(id, node as unknown as Node);
    for (const parent of list) children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  return { nodes, unitTests, exposures, parents: new Map(Object.entries(parents)), children } as Planned;
}

function waits(
  m: Planned,
  kind: Parameters<typeof plan>[2],
  selected: readonly string[] = [...m.nodes.keys(), ...m.unitTests.keys(), ...m.exposures.keys()],
): Record<string, readonly string[]> {
  return Object.fromEntries(plan(m, new Set(selected), kind).steps.map((s) => [s.id, [...s.dependsOn].sort()]));
}

describe('what a step waits for', () => {
  const m = manifest({
    'model.a': [],
    'model.b': [],
    'model.c': ['model.a'],
    'model.d': ['model.c', 'model.b'],
    'test.a': ['model.a'],
    'test.ab': ['model.a', 'model.b'],
    'unit_test.d': ['model.d'],
    'exposure.e': ['model.d'],
  });
  test('in a build, for the tests above it; for a test of several parents only below all of them', () => {
    expect(waits(m, 'build')).toEqual({
      'model.a': [],
      'model.b': [],
      'test.a': ['model.a'],
      'test.ab': ['model.a', 'model.b'],
      'model.c': ['model.a', 'test.a'],
      'model.d': ['model.b', 'model.c', 'test.ab', 'unit_test.d'],
      'unit_test.d': ['model.b', 'model.c', 'test.ab'],
      'exposure.e': ['model.d'],
    });
  });
  test('in a run, for models alone; tests of their own wait for nothing', () => {
    expect(waits(m, 'run', ['model.a', 'model.b', 'model.c', 'model.d'])['model.d']).toEqual(['model.b', 'model.c']);
    expect(waits(m, 'test', ['test.a', 'test.ab', 'unit_test.d'])).toEqual({ 'test.a': [], 'test.ab': [], 'unit_test.d': [] });
  });
  test('through nodes that are not selected', () => {
    expect(waits(m, 'build', ['model.a', 'test.a', 'model.d', 'unit_test.d'])).toMatchObject({
      'model.d': ['model.a', 'test.a', 'unit_test.d'],
      'unit_test.d': ['model.a', 'test.a'],
    });
  });
  test('an ephemeral model is a hidden step', () => {
    const { steps } = plan(
      manifest({ 'model.a': [], 'model.e': ['model.a'], 'model.z': ['model.e'] }, ['model.e']),
      new Set(['model.a', 'model.e', 'model.z']),
      'build',
    );
    expect(steps.map((s) => [s.id, s.hidden])).toEqual([
      ['model.a', false],
      ['model.e', true],
      ['model.z', false],
    ]);
  });
  test('the order is depth, then name', () => {
    expect(plan(m, new Set([...m.nodes.keys()]), 'build').steps.map((s) => s.id)).toEqual(['model.a', 'model.b', 'test.a', 'test.ab', 'model.c', 'model.d']);
  });
  test('a chain of 20,000 models', () => {
    const chain: Record<string, readonly string[]> = {};
    for (let i = 0; i < 20_000; i++) chain[`model.${i}`] = i === 0 ? [] : [`model.${i - 1}`];
    expect(plan(manifest(chain), new Set(Object.keys(chain)), 'build').steps.at(-1)).toMatchObject({ id: 'model.19999', depth: 19_999 });
  });
});

test("the edges of tests come to the same as dbt's rule: a node waits for every test whose parents are all above it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(), { minLength: 30, maxLength: 60 }), (models, dice) => {
      let at = 0;
      const next = (below: number): number => (dice[at++ % dice.length] as number) % below;
      const parents: Record<string, string[]> = {};
      for (let i = 0; i < models; i++) parents[`model.${i}`] = [...new Set(Array.from({ length: i === 0 ? 0 : next(3) }, () => `model.${next(i)}`))];
      for (let t = 0; t < 5; t++) parents[`test.${t}`] = [...new Set(Array.from({ length: 1 + next(3) }, () => `model.${next(models)}`))];
      const m = manifest(parents);
      const mine = waits(m, 'build');
      expect(closure(mine)).toEqual(closure(byRule(parents)));
    }),
    { numRuns: 300 },
  );
});

/** Every node with all that is above it. */
function closure(edges: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const above = (id: string, seen = new Set<string>()): Set<string> => {
    for (const p of edges[id] ?? []) if (!seen.has(p)) above(p, seen.add(p));
    return seen;
  };
  return Object.fromEntries(Object.keys(edges).map((id) => [id, [...above(id)].sort()]));
}

function byRule(parents: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  const above = closure(parents);
  const tests = Object.keys(parents).filter((id) => id.startsWith('test.'));
  return Object.fromEntries(
    Object.entries(parents).map(([id, list]) => [
      id,
      id.startsWith('test.') ? list : [...list, ...tests.filter((t) => (parents[t] ?? []).every((p) => above[id]?.includes(p)))],
    ]),
  );
}

test('resources of other kinds are no steps', () => {
  const m = manifest({ 'operation.x': [], 'model.a': [] });
  expect(plan(m, new Set(['operation.x', 'model.a', 'source.s']), 'build').steps.map((s) => (s.node as Resource).unique_id)).toEqual(['model.a']);
});
