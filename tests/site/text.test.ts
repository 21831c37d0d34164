import { describe, expect, test } from 'vitest';
import { dbtAddress, routeOf, to } from '../../site/src/router.ts';
import { ago, bytes, count, duration, short, summary } from '../../site/src/text.ts';

describe('figures', () => {
  test.each([
    [0, '0 ms'],
    [0.0004, '1 ms'],
    [0.0123, '12 ms'],
    [0.9996, '1 s'],
    [1.26, '1.3 s'],
    [59.96, '1 min 0 s'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
  ])('%d seconds', (seconds, text) => expect(duration(seconds)).toBe(text));

  test.each([
    [999, '999', '999 B'],
    [9_999, '9,999', '10 kB'],
    [12_345, '12.3 k', '12.3 kB'],
    [4_500_000, '4.5 M', '4.5 MB'],
    [7e12, '7,000 G', '7 TB'],
  ])('%d', (n, rows, size) => expect([short(n), bytes(n)]).toEqual([rows, size]));

  test('numbers of things', () =>
    expect([count(1, 'model'), count(1234, 'model'), count(2, 'child', 'children')]).toEqual(['1 model', '1,234 models', '2 children']));

  test.each([
    ['2026-01-02T03:04:00Z', 'just now'],
    ['2026-01-02T03:00:00Z', '4 minutes ago'],
    ['2026-01-01T22:04:05Z', '5 hours ago'],
    ['2025-12-30T03:04:05Z', '3 days ago'],
    ['2025-09-02T03:04:05Z', '4 months ago'],
    ['2023-01-02T03:04:05Z', '3 years ago'],
    ['no time', 'no time'],
  ])('%s', (at, text) => expect(ago(at, Date.UTC(2026, 0, 2, 3, 4, 5))).toBe(text));

  test('the first sentence of a description', () => {
    expect(summary('# One row per **order**, as [said](x). And more.\n\nMore.')).toBe('One row per order, as said.');
    expect(summary('Keeps `snake_case` and v1.2 whole')).toBe('Keeps snake_case and v1.2 whole');
  });
});

describe('addresses', () => {
  test.each([
    [to(''), { page: '', id: '', query: {} }],
    [to('node', 'model.shop.a b/ü%.v2'), { page: 'node', id: 'model.shop.a b/ü%.v2', query: {} }],
    [to('lineage', 'x', { select: '+a,tag:b&c', exclude: '' }), { page: 'lineage', id: 'x', query: { select: '+a,tag:b&c' } }],
    ['#/node/%E0%A4%A', { page: 'node', id: '%E0%A4%A', query: {} }],
    ['#!/model/model.shop.orders', { page: 'node', id: 'model.shop.orders', query: {} }],
  ])('%s', (address, route) => expect(routeOf(address)).toEqual(route));

  test.each([
    ['#!/overview', '#/'],
    ['#!/source/source.shop.web.visits', '#/node/source.shop.web.visits'],
    ['#!/test/test.shop.t', '#/test/test.shop.t'],
    ['#!/macro/macro.shop.m', '#/macro/macro.shop.m'],
    ['#/node/x', undefined],
  ])('%s of dbt’s own documentation', (address, here) => expect(dbtAddress(address)).toBe(here));
});
