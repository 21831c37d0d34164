// The laws of configuration layers: which level wins, what adds up, which settings reach a node.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addConfigCall, applyConfig, type ConfigDraft, Configs, defaults, treeLevels } from '../../../src/resolve/config.ts';
import type { Json, JsonMap } from '../../../src/resolve/index.ts';

const word = fc.constantFrom('a', 'b', 'c', 'd', 'orders', 'staging');
const plain: fc.Arbitrary<Json> = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null));
const tags: fc.Arbitrary<Json> = fc.oneof(word, fc.array(word, { maxLength: 3 }));
const mapping: fc.Arbitrary<JsonMap> = fc.dictionary(word, plain, { maxKeys: 3, noNullPrototype: true });
const level: fc.Arbitrary<JsonMap> = fc.record(
  { materialized: fc.constantFrom('view', 'table'), alias: word, anything: plain, tags, meta: mapping, 'pre-hook': tags },
  { requiredKeys: [], noNullPrototype: true },
);
const fqn = fc.array(word, { minLength: 1, maxLength: 4 });

function applied(levels: readonly JsonMap[]): ConfigDraft {
  const out: ConfigDraft = {};
  for (const l of levels) applyConfig(out, l);
  return out;
}

function listed(v: Json | undefined): readonly Json[] {
  return v === undefined ? [] : Array.isArray(v) ? v : [v];
}

describe('levels', () => {
  test('of a plain setting the last one that has it wins', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 5 }), (levels) => {
        const out = applied(levels);
        for (const key of ['materialized', 'alias', 'anything']) expect(out[key]).toEqual(levels.findLast((l) => key in l)?.[key]);
      }),
    );
  });

  test('tags and hooks add up in the order of the levels', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 5 }), (levels) => {
        const out = applied(levels);
        for (const key of ['tags', 'pre-hook']) expect(out[key] ?? []).toEqual(levels.flatMap((l) => listed(l[key])));
      }),
    );
  });

  test('mappings merge key by key, one level deep', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 5 }), (levels) => {
        expect(applied(levels).meta ?? {}).toEqual(Object.assign({}, ...levels.map((l) => l.meta)));
      }),
    );
  });

  test('a level is never changed by being applied', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 4 }), (levels) => {
        const before = structuredClone(levels);
        applied([...levels, ...levels]);
        expect(levels).toEqual(before);
      }),
    );
  });

  test('applying in two parts is applying at once', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 3 }), fc.array(level, { maxLength: 3 }), (first, second) => {
        const out = applied(first);
        for (const l of second) applyConfig(out, l);
        expect(out).toEqual(applied([...first, ...second]));
      }),
    );
  });

  test('a privilege replaces its grantees, a privilege with a plus adds to them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.array(word, { minLength: 1, maxLength: 2 })), { minLength: 1, maxLength: 4 }), (grants) => {
        const out = applied(grants.map(([extend, to]) => ({ grants: { [extend ? '+select' : 'select']: to } })));
        const from = grants.findLastIndex(([extend]) => !extend);
        expect(out.grants).toEqual({ select: grants.slice(Math.max(from, 0)).flatMap(([, to]) => to) });
      }),
    );
  });

  test('underscored names of hooks mean the dashed ones', () => {
    expect(applied([{ pre_hook: 'a' }, { 'pre-hook': ['b'] }])).toEqual({ 'pre-hook': ['a', 'b'] });
  });

  test('the first config() call stays as written, later ones are lists', () => {
    const calls: ConfigDraft = {};
    addConfigCall(calls, { tags: 'a', pre_hook: 'x', grants: { '+select': 'one' } });
    expect(calls).toEqual({ tags: 'a', 'pre-hook': 'x', grants: { '+select': 'one' } });
    addConfigCall(calls, { tags: 'b', grants: { '+select': 'two', insert: 'three' } });
    expect(calls).toEqual({ tags: ['a', 'b'], 'pre-hook': 'x', grants: { '+select': ['one', 'two'], insert: ['three'] } });
  });
});

describe('a config tree', () => {
  /** A tree with a `+depth` on each step of a path, and the path. */
  const nested = (path: readonly string[]): JsonMap =>
    path.reduceRight<JsonMap>((below, name, i) => ({ '+depth': i, [name]: below }), { '+depth': path.length });

  test('gives a level for each name of the path that it has', () => {
    fc.assert(
      fc.property(fqn, fqn, (path, other) => {
        const same = other.findIndex((name, i) => name !== path[i]);
        const shared = Math.min(same === -1 ? other.length : same, path.length);
        expect(treeLevels(nested(path), other)).toEqual(Array.from({ length: shared + 1 }, (_, depth) => ({ depth })));
      }),
    );
  });

  test('takes +key as a setting even if it is a mapping, key only if it is none', () => {
    expect(treeLevels({ '+meta': { a: 1 }, meta: { b: 2 }, schema: 's', '+ tags ': ['x'], shop: { '+a': 1 } }, ['shop', 'x'])).toEqual([
      { meta: { a: 1 }, schema: 's', tags: ['x'] },
      { a: 1 },
    ]);
  });

  test('is asked for the node itself too', () => {
    expect(treeLevels({ shop: { orders: { '+enabled': false } } }, ['shop', 'orders'])).toEqual([{}, {}, { enabled: false }]);
  });
});

describe('all layers', () => {
  const layers = fc.record({ tree: level, patch: fc.option(level, { nil: undefined }), calls: level, root: fc.option(level, { nil: undefined }) });
  const tree = (l: JsonMap): JsonMap => Object.fromEntries(Object.entries(l).map(([k, v]) => [`+${k}`, v]));

  test('come as tree, properties file, config() calls, root project, over the defaults', () => {
    fc.assert(
      fc.property(layers, ({ tree: own, patch, calls, root }) => {
        const given = { kind: 'model' as const, own: { shop: tree(own) }, patch, calls, root: root && { shop: tree(root) }, fqn: ['shop', 'orders'] };
        const order = [own, patch ?? {}, calls, root ?? {}];
        const out = new Configs().rendered(given);
        for (const key of ['materialized', 'alias', 'anything'])
          expect(out[key] ?? null).toEqual(order.findLast((l) => key in l)?.[key] ?? (defaults.model as JsonMap)[key] ?? null);
        expect(out.tags).toEqual(order.flatMap((l) => listed(l.tags)));
        expect(new Configs().unrendered(given)).toEqual(Object.assign({}, ...order));
      }),
    );
  });

  test('what one node says of itself does not reach another of the same folder', () => {
    fc.assert(
      fc.property(level, fc.array(layers, { minLength: 1, maxLength: 4 }), (own, nodes) => {
        const shared = new Configs();
        const folder = { shop: tree(own) };
        for (const { patch, calls } of nodes) {
          const given = { kind: 'model' as const, own: folder, patch, calls, root: undefined, fqn: ['shop', 'orders'] };
          expect(shared.rendered(given)).toEqual(new Configs().rendered({ ...given, own: structuredClone(folder) }));
          expect(shared.unrendered(given)).toEqual(new Configs().unrendered({ ...given, own: structuredClone(folder) }));
        }
      }),
    );
  });

  test('store_failures_as decides store_failures', () => {
    const built = (calls: JsonMap): ConfigDraft =>
      new Configs().rendered({ kind: 'test', own: {}, patch: undefined, calls, root: undefined, fqn: ['shop', 't'] });
    expect(built({ store_failures_as: 'view' })).toMatchObject({ store_failures: true, store_failures_as: 'view' });
    expect(built({ store_failures_as: 'ephemeral', store_failures: true })).toMatchObject({ store_failures: false });
    expect(built({ store_failures: true })).toMatchObject({ store_failures_as: 'table' });
    expect(built({ store_failures: false })).toMatchObject({ store_failures_as: 'ephemeral' });
    expect(built({})).toMatchObject({ store_failures: null, store_failures_as: null });
  });
});
