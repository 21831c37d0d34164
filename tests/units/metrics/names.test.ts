import { describe, expect, test } from 'vitest';
import { nameReader } from '../../../src/metrics/names.ts';
import { language } from '../../../src/parse/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';

const reader = nameReader(language(), new Set(['season']));
const code = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (e) {
    return e instanceof DiagnosticError ? `${e.diagnostic.code}: ${e.diagnostic.message}` : String(e);
  }
  return undefined;
};

describe('names', () => {
  test.each([
    ['customer', { path: [], element: 'customer' }],
    ['customer__region', { path: ['customer'], element: 'region' }],
    ['customer__region__name', { path: ['customer', 'region'], element: 'name' }],
    ['metric_time__MONTH', { path: [], element: 'metric_time', grain: 'month' }],
    ['metric_time__season', { path: [], element: 'metric_time', grain: 'season' }],
    ['metric_time__extract_dow', { path: [], element: 'metric_time', part: 'dow' }],
    ['month', { path: [], element: 'month' }],
    ["TimeDimension('order__day', 'week')", { path: ['order'], element: 'day', grain: 'week' }],
    ["Dimension('day', entity_path=['order']).grain('year')", { path: ['order'], element: 'day', grain: 'year' }],
    ["TimeDimension('metric_time', date_part_name='quarter')", { path: [], element: 'metric_time', part: 'quarter' }],
    ["Entity('customer')", { path: [], element: 'customer' }],
  ])('%s', (text, wanted) => {
    expect(reader.item(text)).toEqual({ text, grain: undefined, part: undefined, ...wanted });
  });

  test('a condition is SQL with names in it', () => {
    const { pieces } = reader.filter("{{ Dimension('customer__region') }} = 'north' and {{ TimeDimension('metric_time', 'day') }} > '2026-01-01'");
    expect(pieces.map((p) => (typeof p === 'string' ? p : 'element' in p ? p.element : p.metric))).toEqual([
      '',
      'region',
      " = 'north' and ",
      'metric_time',
      " > '2026-01-01'",
    ]);
    expect(reader.filter("{{ Metric('orders', group_by=['customer']) }} > 5").pieces).toEqual(['', { metric: 'orders', by: ['customer'] }, ' > 5']);
    expect(reader.filter('amount > 3').pieces).toEqual(['amount > 3']);
  });

  test.each([
    ["Dimension('a') + 1", 'cannot be understood'],
    ["Dimension('a'", 'cannot be understood'],
    ['Dimension()', 'cannot be understood'],
    ["TimeDimension('metric_time', date_part_name='century')", '`century` is no part of a date'],
  ])('%s is refused', (text, problem) => {
    expect(code(() => reader.item(text))).toMatch(/^metric-filter: /);
    expect(code(() => reader.item(text))).toContain(problem);
  });
});
