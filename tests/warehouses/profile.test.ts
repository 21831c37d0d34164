import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { onBoth } from './both.ts';

const { dir, engines, write, end } = await onBoth('profile');

const SQL = `
select i as id, cast(i as double precision) / 4 as ratio, cast(i as decimal(9, 2)) as price, 'name ' || i % 3 as name, i > 5 as late,
  cast('2026-01-01' as date) + cast(i as integer) as day, cast('2026-01-01 10:00:00' as timestamp) + i * interval '1 hour' as moment, cast('00000000-0000-4000-8000-000000000000' as uuid) as token,
  cast('{"a": 1}' as json) as document
from generate_series(0, 9) as s (i)`;

beforeAll(() => {
  write({ 'models/orders.sql': SQL, 'dbt_project.yml': JSON.stringify({ name: 'shop', profile: 'p' }) });
});

afterAll(() => end());

describe.each(engines)('%s', (engine) => {
  test('tells of each column what its type can', async () => {
    expect((await dml(['run', '--target', engine], dir)).code).toBe(0);
    const { stdout } = await dml(['--quiet', 'profile', 'orders', '--output', 'json', '--target', engine], dir);
    const { rows, columns } = JSON.parse(stdout);
    expect(rows).toBe(10);
    const each = Array(10).fill(1);
    const plain = { nulls: 0, mean: null };
    expect(columns.map(({ type: _, ...column }: { type: string }) => column)).toMatchObject([
      { name: 'id', nulls: 0, distinct: 10, min: 0, max: 9, mean: 4.5, histogram: each },
      { name: 'ratio', nulls: 0, distinct: 10, min: 0, max: 2.25, mean: 1.125, histogram: each },
      { name: 'price', nulls: 0, distinct: 10, min: '0.00', max: '9.00', mean: 4.5, histogram: each },
      { ...plain, name: 'name', distinct: 3, min: 'name 0', max: 'name 2', values: [{ rows: 4 }, { rows: 3 }, { rows: 3 }] },
      {
        ...plain,
        name: 'late',
        distinct: 2,
        min: null,
        values: [
          { value: 'false', rows: 6 },
          { value: 'true', rows: 4 },
        ],
      },
      { ...plain, name: 'day', distinct: 10, min: '2026-01-01', max: '2026-01-10', histogram: each },
      { ...plain, name: 'moment', distinct: 10, min: '2026-01-01 10:00:00', max: '2026-01-01 19:00:00', histogram: each },
      { ...plain, name: 'token' },
      { ...plain, name: 'document' },
    ]);
  });
});
