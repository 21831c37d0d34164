import { describe, expect, test } from 'vitest';
import { Configs, type Layers } from '../../../src/resolve/config.ts';

const tree = { '+materialized': 'table', shop: { '+tags': ['all'], staging: { '+schema': 'raw' } } };
const layers = (over: Partial<Layers> = {}): Layers => ({
  kind: 'model',
  own: tree,
  patch: undefined,
  calls: {},
  root: undefined,
  fqn: ['shop', 'staging', 'a'],
  ...over,
});

describe('configurations that nodes share', () => {
  test('nodes of one folder that say nothing of their own have one object', () => {
    const configs = new Configs();
    const a = configs.rendered(layers());
    expect(configs.rendered(layers({ fqn: ['shop', 'staging', 'deep', 'b'], patch: {} }))).toBe(a);
    expect(a).toMatchObject({ materialized: 'table', tags: ['all'], schema: 'raw' });
    expect(configs.unrendered(layers())).toBe(configs.unrendered(layers({ fqn: ['shop', 'staging', 'b'] })));
    expect(configs.unrendered(layers())).toEqual({ materialized: 'table', tags: ['all'], schema: 'raw' });
  });

  test('another folder, another kind, and a word of its own make another', () => {
    const configs = new Configs();
    const a = configs.rendered(layers());
    expect(configs.rendered(layers({ fqn: ['shop', 'b'] }))).toMatchObject({ schema: null, tags: ['all'] });
    expect(configs.rendered(layers({ kind: 'snapshot' }))).toMatchObject({ schema: 'raw', strategy: null });
    expect(configs.rendered(layers({ calls: { tags: ['own'] } }))).toMatchObject({ tags: ['all', 'own'] });
    expect(configs.rendered(layers({ patch: { schema: 'patched' } }))).toMatchObject({ schema: 'patched' });
    expect(configs.rendered(layers({ root: { shop: { '+schema': 'of_root' } } }))).toMatchObject({ schema: 'of_root' });
    expect(configs.rendered(layers())).toBe(a);
    expect(a).toMatchObject({ tags: ['all'], schema: 'raw' });
  });
});
