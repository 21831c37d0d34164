import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOf, type Grain, grainOf, interval, periodEnd, periodStart, shifted, truncated } from '../../../src/metrics/grain.ts';

const grain = (name: string): Grain => grainOf(name) as Grain;

describe('grains', () => {
  test.each([
    ['day', '2026-02-28', '2026-02-28', '2026-03-01'],
    ['week', '2026-03-01', '2026-02-23', '2026-03-02'],
    ['week', '2026-02-23', '2026-02-23', '2026-03-02'],
    ['month', '2024-02-29', '2024-02-01', '2024-03-01'],
    ['quarter', '2026-12-31', '2026-10-01', '2027-01-01'],
    ['year', '2026-07-04', '2026-01-01', '2027-01-01'],
    ['hour', '2026-07-04', '2026-07-04', '2026-07-05'],
  ])('the %s that %s is in', (name, day, start, end) => {
    expect(periodStart(day, grain(name))).toBe(start);
    expect(periodEnd(day, grain(name))).toBe(end);
  });

  test('a day is in its period, and the next period begins where it ends', () => {
    const days = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((d) => d.toISOString().slice(0, 10));
    fc.assert(
      fc.property(days, fc.constantFrom('day', 'week', 'month', 'quarter', 'year'), (day, name) => {
        const [start, end] = [periodStart(day, grain(name)), periodEnd(day, grain(name))];
        expect(start <= day && day < end).toBe(true);
        expect(periodStart(end, grain(name))).toBe(end);
      }),
    );
  });

  test('a month later is the last day where there is no such day', () => {
    expect(shifted('2026-01-31', grain('month'), 1)).toBe('2026-02-28');
    expect(shifted('2026-03-31', grain('quarter'), -1)).toBe('2025-12-31');
    expect(shifted('2026-03-31', grain('week'), 2)).toBe('2026-04-14');
  });

  test('days are what the calendar has', () => {
    expect(dayOf('2024-02-29')).toBe('2024-02-29');
    for (const wrong of ['2026-02-29', '2026-2-1', 'today', '2026-02-01T00:00']) expect(dayOf(wrong)).toBeUndefined();
  });

  test('as SQL', () => {
    expect(truncated('at', grain('DAY'))).toBe('cast(at as date)');
    expect(truncated('at', grain('week'))).toBe("cast(date_trunc('week', at) as date)");
    expect(truncated('at', grain('hour'))).toBe("date_trunc('hour', at)");
    expect(interval(2, grain('quarter'))).toBe("interval '6 months'");
    expect(interval(1, grain('day'))).toBe("interval '1 day'");
  });
});
