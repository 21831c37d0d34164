import { describe, expect, test } from 'vitest';
import type { ColumnProfile } from '../../../src/run/index.ts';
import { TestProject } from '../run/project.ts';

const project = () =>
  new TestProject({
    'models/orders.sql': `
select i as id, 9007199254740993 + i as big, case when i % 4 = 0 then null else i / 2.0 end as amount, 'new' || (i % 3) as status, i = 1 as first,
  date '2026-01-01' + cast(i as integer) as day, [i] as list, null as nothing, 'ann' || i || '@example.com' as "E-mail", 'nan'::double as odd
from range(20) t(i)`,
    'models/none.sql': `select 1 as id, 'x' as name where 1 = 0`,
    'models/later.sql': 'select 1 as id',
    'models/inside.sql': `{{ config(materialized='ephemeral') }} select 1 as id`,
    'models/all.yml': `
models: [{name: orders, columns: [{name: e-mail, meta: {pii: true}}]}]
sources: [{name: app, schema: main, tables: [{name: orders}, {name: gone}]}]
`,
  });

describe('dml profile', () => {
  test('tells what each column holds', async () => {
    const p = project();
    await p.dml(['run', '-s', 'orders', 'none']);
    const { text } = await p.dml(['--quiet', 'profile', 'app.orders', '--output', 'json']);
    const { rows, columns } = JSON.parse(text) as { rows: number; columns: ColumnProfile[] };
    expect(rows).toBe(20);
    const [id, big, amount, status, first, day, list, nothing, email, odd] = columns;
    expect(id).toEqual({ name: 'id', type: 'BIGINT', nulls: 0, distinct: 20, min: 0, max: 19, mean: 9.5, histogram: Array(10).fill(2) });
    expect(big).toMatchObject({ min: '9007199254740993', max: '9007199254741012' });
    expect(amount).toMatchObject({ nulls: 5, distinct: 15, mean: 5, histogram: [2, 1, 2, 1, 1, 2, 1, 2, 1, 2] });
    expect(status?.values).toEqual([
      { value: 'new0', rows: 7 },
      { value: 'new1', rows: 7 },
      { value: 'new2', rows: 6 },
    ]);
    expect(first).toMatchObject({
      min: null,
      distinct: 2,
      values: [
        { value: 'false', rows: 19 },
        { value: 'true', rows: 1 },
      ],
    });
    expect(day).toMatchObject({ type: 'DATE', min: '2026-01-01', max: '2026-01-20', histogram: Array(10).fill(2) });
    expect(list).toEqual({ name: 'list', type: 'BIGINT[]', nulls: 0, distinct: null, min: null, max: null, mean: null });
    expect(nothing).toMatchObject({ nulls: 20, distinct: 0, min: null });
    expect(email?.values?.length).toBe(5);
    expect(odd?.histogram).toBeUndefined();
  });

  test('tells of some columns alone', async () => {
    const p = project();
    await p.dml(['run', '-s', 'orders']);
    const { text } = await p.dml(['--quiet', 'profile', 'orders', '--columns', 'STATUS, id', 'e-mail', '--output', 'json']);
    expect((JSON.parse(text) as { columns: ColumnProfile[] }).columns.map((c) => c.name)).toEqual(['id', 'status', 'E-mail']);
    const shown = await p.dml(['--quiet', 'profile', '--columns=amount', 'orders']);
    expect(shown.text).toMatch(/^orders: 20 rows, 1 column\n\ncolumn .*\namount .*\n*$/);
    const wrong = await p.dml(['profile', 'orders', '--columns', 'id,statsu']);
    expect(wrong.code).toBe(2);
    expect(wrong.text).toContain('error[profile-column]: `orders` has no column `statsu`\n    hint: did you mean `status`?');
    expect((await p.dml(['profile', 'orders', '--columns', 'x'])).text).toContain('hint: it has id, big, amount, status');
  });

  test('prints a line for each column, and no value of a private one', async () => {
    const p = project();
    await p.dml(['run', '-s', 'orders', 'none']);
    const { text, code } = await p.dml(['--quiet', 'profile', 'orders']);
    expect(code).toBe(0);
    expect(text).toContain('orders: 20 rows, 10 columns');
    expect(text).toMatch(/^amount +DECIMAL\(\d+,1\)|^amount +DOUBLE/m);
    expect(text).toMatch(/^id +BIGINT +0 +20 +0 +19 +9\.5 +█{10}$/m);
    expect(text).toMatch(/^nothing +INTEGER +20 \(100\.0%\) +0$/m);
    expect(text).toMatch(/^E-mail +VARCHAR +0 +20 +\*\*\*$/m);
    expect(text).not.toContain('@example.com');
    expect((await p.dml(['--quiet', 'profile', 'none'])).text).toMatch(/^none: 0 rows, 2 columns\n\n.*\nid +INTEGER +0 +0\nname +VARCHAR +0 +0\n/m);
  });

  test.each([
    ['later', 'profile-not-read', 'if it is not built yet: `dml build --select later`'],
    ['app.gone', 'profile-not-read', 'load it, or mend `schema` and `identifier` of the source'],
    ['ordres', 'node-not-found', 'did you mean `orders`?'],
    ['inside', 'node-not-found', ''],
  ])('refuses what cannot be read: %s', async (name, problem, hint) => {
    const p = project();
    await p.dml(['run', '-s', 'none']);
    const { text, code } = await p.dml(['profile', name]);
    expect(code).toBe(2);
    expect(text).toContain(`error[${problem}]`);
    expect(text).toContain(hint);
  });
});
