import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unitTestFile, withUnitTest } from '../../../src/cli/unit-file.ts';
import { scalar } from '../../../src/run/create/entry.ts';
import { Diagnostics, parseYaml, sourceFile, type Yaml } from '../../../src/text/index.ts';
import { hasDbt, python } from '../../dbt.ts';
import { TestProject } from './project.ts';

/** Values of one column as SQL, of the types that a test can be made of. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  n: ['1', '2', '-7', 'null', '9223372036854775807::bigint'],
  amount: ['1.50::decimal(18,3)', '-0.001::decimal(18,3)', '123456789012345.678::decimal(18,3)', 'null'],
  ratio: ['0.1::double', "'nan'::double", "'-infinity'::double", '1e300::double', '-0.0::double', 'null', '0.30000000000000004::double'],
  label: [
    "'plain'",
    "''",
    'null',
    "'it''s'",
    "e'two\\nlines'",
    "e'ends\\n'",
    "e'a\\r\\nb\\r'",
    "'{{{ %} {'",
    "'{{ x }} {% y %} {# z #}'",
    "'yes'",
    "'2020-01-01'",
    "'  padded '",
    "'a: b, [c] # d'",
    "'\\'",
    "'😀 é \u2028'",
    "'null'",
  ],
  day: ["date '2024-02-29'", "date '0001-01-01'", 'null'],
  moment: ["timestamp '2024-01-01 00:00:00'", "timestamp '2024-01-01 23:59:59.123456'", 'null'],
  zoned: ["timestamptz '2024-01-01 12:00:00+02'", 'null'],
  ok: ['true', 'false', 'null'],
  tags: ["['a', 'b, c', null]", "['NULL', '']", '[]::varchar[]', 'null'],
  shape: ["{'a': 1, 'b': 'x''y'}", "{'a': null, 'b': '}'}", 'null'],
  piece: ["'\\x00\\xFF'::blob", 'null'],
  span: ["interval '1 month 2 days'", 'null'],
  part: ['union_value(num := 1)', 'null'],
  doc: ['\'{"a": [1, "x"]}\'::json', 'null'],
};
const TYPES: Readonly<Record<string, string>> = {
  piece: 'blob',
  span: 'interval',
  part: 'union(num integer)',
  doc: 'json',
  tags: 'varchar[]',
  shape: 'struct(a integer, b varchar)',
};

/** The queries of models over the tables `items` and `notes`. */
const QUERIES: Readonly<Record<string, string>> = {
  everything: "select * from {{ ref('items') }}",
  some: "select id, label, amount * 2 as twice from {{ ref('items') }} where id <> 2",
  joined: "select i.id, n.note_id, i.tags, n.body from {{ ref('items') }} i left join {{ ref('notes') }} n on n.id = i.id",
  grouped: "select label, count(*) as items, sum(n) as total, max(moment) as last from {{ ref('items') }} group by label",
  ranked: "select id, row_number() over (order by id desc) as place, sum(id) over (order by id) as running from {{ ref('items') }}",
  both: "select id, 'item' as kind from {{ ref('items') }} union all select id, body from {{ ref('notes') }}",
  read: "select id, body from {{ source('outer', 'pages') }}",
  timed: "select id, now() as made_at, random() as dice from {{ ref('items') }}",
  merged: `{{ config(materialized='incremental', unique_key='id') }} select id, moment from {{ ref('items') }}
{% if is_incremental() %} where id >= (select max(id) - 1 from {{ this }}) {% endif %}`,
};

const cells = fc.record(Object.fromEntries(Object.entries(COLUMNS).map(([name, values]) => [name, fc.constantFrom(...values)])));
const tables = fc.array(cells, { minLength: 1, maxLength: 8 });

function project(rows: readonly Readonly<Record<string, unknown>>[]): TestProject {
  const select = (row: Readonly<Record<string, unknown>>, id: number): string =>
    `select ${[`${id} as id`, ...Object.entries(row).map(([name, sql]) => `${TYPES[name] ? `cast(${sql} as ${TYPES[name]})` : sql} as ${name}`)].join(', ')}`;
  return new TestProject({
    'models/items.sql': `{{ config(materialized='table') }}{% raw %}\n${rows.map(select).join('\nunion all\n')}{% endraw %}`,
    'models/notes.sql': "{{ config(materialized='ephemeral') }} select 10 + i as note_id, i % 4 as id, 'note ' || i as body from range(5) r(i)",
    'models/sources.yml':
      'sources: [{name: outer, schema: main, tables: [{name: pages, columns: [{name: id, data_type: integer}, {name: body, data_type: varchar}]}]}]\n',
    ...Object.fromEntries(Object.entries(QUERIES).map(([name, sql]) => [`models/${name}.sql`, sql])),
  });
}

async function withTests(rows: readonly Readonly<Record<string, unknown>>[]): Promise<TestProject> {
  const p = project(rows);
  await p.rows("create table pages as select i::integer as id, 'page ' || i as body from range(3) r(i)");
  const built = await p.dml(['build']);
  expect(built.code, built.text).toBe(0);
  for (const name of Object.keys(QUERIES)) {
    const made = await p.dml(['test', 'create', name, '--write', '--rows', '20']);
    expect(made.code, made.text).toBe(0);
  }
  const again = await p.dml(['test', 'create', 'merged', '--write', '--incremental', '--name', 'later']);
  expect(again.code, again.text).toBe(0);
  return p;
}

/** As many rows as it takes to have all values. */
const every = Array.from({ length: Math.max(...Object.values(COLUMNS).map((v) => v.length)) }, (_, i) =>
  Object.fromEntries(Object.entries(COLUMNS).map(([name, values]) => [name, values[i % values.length]])),
);

describe('a unit test from live rows', () => {
  test('passes, in memory and on the target', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const p = await withTests(rows);
        for (const argv of [['test'], ['test', '--on-target']]) {
          const { statuses, text } = await p.dml(argv);
          expect(Object.values(statuses), text).toEqual(Array(Object.keys(QUERIES).length + 1).fill('pass'));
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test.skipIf(!hasDbt)('passes in dbt', { timeout: 120_000 }, async () => {
    const p = await withTests(every);
    const ran = spawnSync(python, ['-m', 'dbt.cli.main', '--no-use-colors', 'test', '--profiles-dir', '.'], {
      cwd: p.dir,
      encoding: 'utf8',
      env: { ...process.env, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' },
    });
    expect(ran.stdout).toContain(`Done. PASS=${Object.keys(QUERIES).length + 1} WARN=0 ERROR=0`);
  });
});

const yaml = (text: string): Yaml | undefined => parseYaml(sourceFile('t.yml', text), new Diagnostics())?.value;

/** What `dml test create` prints, read again. */
async function created(p: TestProject, ...argv: readonly string[]): Promise<{ given: Record<string, Yaml[]>; expect: Yaml[]; text: string }> {
  const { code, text } = await p.dml(['--quiet', 'test', 'create', ...argv]);
  expect(code, text).toBe(0);
  const { unit_tests: tests } = yaml(text) as unknown as { unit_tests: { given: { input: string; rows: Yaml[] }[]; expect: { rows: Yaml[] } }[] };
  const [one] = tests;
  return { given: Object.fromEntries(one?.given.map((g) => [g.input, g.rows]) ?? []), expect: one?.expect.rows ?? [], text };
}

const SHOP = {
  'models/customers.sql': "{{ config(materialized='table') }} select i as id, 'c' || i || '@x.org' as email, i * 7 as age from range(100) r(i)",
  'models/orders.sql':
    "{{ config(materialized='table') }} select i as order_id, 99 - i as customer, date '2024-01-01' + i::integer as day from range(100) r(i)",
  'models/payments.sql': "{{ config(materialized='table') }} select i as payment_id, i // 2 as order_id, i * 1.5 as amount from range(200) r(i)",
  'models/report.sql': `select o.order_id, o.day, c.email, sum(p.amount) as paid from {{ ref('orders') }} o
join {{ ref('customers') }} c on c.id = o.customer left join {{ ref('payments') }} p using (order_id) group by all`,
  'models/shop.yml': `models:
  - name: customers
    columns: [{name: id, data_tests: [unique]}]
  - name: orders
    columns:
      - {name: order_id, data_tests: [unique]}
      - {name: customer, data_tests: [{relationships: {arguments: {to: ref('customers'), field: id}}}]}
  - name: report
    columns: [{name: order_id, data_tests: [unique]}]
`,
};

async function shop(more: Readonly<Record<string, string>> = {}): Promise<TestProject> {
  const p = new TestProject({ ...SHOP, ...more });
  const { code, text } = await p.dml(['run']);
  expect(code, text).toBe(0);
  return p;
}

describe('the rows of a created test', () => {
  test('are those that lead to the chosen rows of the model', async () => {
    const p = await shop();
    const { given, expect: expected } = await created(p, 'report', '--where', 'order_id >= 50', '--rows', '2');
    expect(given).toEqual({
      "ref('orders')": [
        { order_id: 50, customer: 49, day: '2024-02-20' },
        { order_id: 51, customer: 48, day: '2024-02-21' },
      ],
      "ref('customers')": [
        { id: 48, email: 'c48@x.org' },
        { id: 49, email: 'c49@x.org' },
      ],
      "ref('payments')": [
        { order_id: 50, amount: expect.anything() },
        { order_id: 50, amount: expect.anything() },
        { order_id: 51, amount: expect.anything() },
        { order_id: 51, amount: expect.anything() },
      ],
    });
    expect(expected).toEqual([
      { order_id: 50, day: '2024-02-20', email: 'c49@x.org', paid: expect.anything() },
      { order_id: 51, day: '2024-02-21', email: 'c48@x.org', paid: expect.anything() },
    ]);
  });

  test('hold no private value, and still join', async () => {
    const p = await shop({
      'models/customers.yml': 'models: [{name: customers, columns: [{name: id, meta: {pii: true}}, {name: email, meta: {pii: true}}]}]\n',
      'models/shop.yml': SHOP['models/shop.yml'].replace(/ {2}- name: customers\n.*\n/, ''),
      'models/mails.sql': "{{ config(materialized='table') }} select email as sent_to, 'hello' as subject from {{ ref('customers') }}",
      'models/read.sql': "select c.id, c.age, m.subject, m.sent_to from {{ ref('customers') }} c join {{ ref('mails') }} m on m.sent_to = c.email",
    });
    const { given, expect: expected, text } = await created(p, 'read');
    expect(text).not.toMatch(/c\d+@x\.org/);
    const [customers = [], mails = []] = [given["ref('customers')"], given["ref('mails')"]];
    expect(customers).toHaveLength(3);
    expect(customers).toEqual([3, 4, 5].map((id) => ({ id, age: expect.any(Number), email: expect.stringMatching(/^[a-z]\d@[a-z]\.[a-z]{3}$/) })));
    expect(mails.map((m) => (m as { sent_to: string }).sent_to)).toEqual(expect.arrayContaining(customers.map((c) => (c as { email: string }).email)));
    expect(expected).toHaveLength(3);
  });

  test('need what is built, and say so', async () => {
    const p = new TestProject(SHOP);
    const { code, text } = await p.dml(['test', 'create', 'report']);
    expect(code).toBe(2);
    expect(text).toContain('error[test-create-not-built]: "shop"."main"."report" is not there');
    expect(text).toContain('hint: build it first: `dml build --select +report`');
  });

  test('fulfil a condition that can be asked', async () => {
    const p = await shop();
    const asked = async (where: string): Promise<string> => (await p.dml(['test', 'create', 'report', '--where', where])).text;
    expect(await asked('order = 1')).toContain('error[bad-argument]: `--where`: Parser Error: syntax error at or near "order"');
    expect(await asked('orderid = 1')).toContain('hint: did you mean `order_id`?');
    expect(await asked('order_id = -1')).toContain('error[bad-argument]: `--where`: it holds for no row of `report`');
  });
});

describe('a created test is written', () => {
  const entry = ['- name: two', '  model: m', '  expect: {rows: []}'];
  test.each([
    [
      'behind the other tests',
      'unit_tests:\n- name: one # 1\n  model: m\n  expect:\n    rows: []  # none\n\nmodels:\n- name: m\n',
      'unit_tests:\n- name: one # 1\n  model: m\n  expect:\n    rows: []  # none\n- name: two\n  model: m\n  expect: {rows: []}\n\nmodels:\n- name: m\n',
    ],
    [
      'at the end, as the file is indented',
      'models:\n    - name: m',
      'models:\n    - name: m\n\nunit_tests:\n    - name: two\n      model: m\n      expect: {rows: []}\n',
    ],
    [
      'with the line ends of the file',
      'models:\r\n- name: m\r\n',
      'models:\r\n- name: m\r\n\r\nunit_tests:\r\n- name: two\r\n  model: m\r\n  expect: {rows: []}\r\n',
    ],
    ['into an empty file', '# nothing\n', '# nothing\n\nunit_tests:\n  - name: two\n    model: m\n    expect: {rows: []}\n'],
    ['not between braces', '{models: [{name: m}]}\n', undefined],
    ['not into a list between brackets', 'unit_tests: [{name: one, model: m, expect: {rows: []}}]\n', undefined],
    ['not behind the end of the document', 'models: []\n...\n', undefined],
  ])('%s', (_, before, after) => {
    expect(withUnitTest(before, entry)).toBe(after);
  });

  test('as a file of its own where there is none', () => {
    expect(yaml(unitTestFile(entry))).toEqual({ unit_tests: [{ name: 'two', model: 'm', expect: { rows: [] } }] });
  });

  test('once under one name', async () => {
    const p = await shop({ 'models/report.yml': '# ours\nmodels: [{name: other_name}]\n' });
    expect((await p.dml(['test', 'create', 'report', '--write'])).text).toContain('Wrote the unit test report_live_rows to models/shop.yml');
    expect((await p.dml(['test', 'create', 'report', '--write'])).text).toContain('Wrote the unit test report_live_rows_2 to models/shop.yml');
    const { code, text } = await p.dml(['test', 'create', 'report', '--write', '--name', 'report_live_rows']);
    expect(code).toBe(2);
    expect(text).toContain('`report` has a unit test `report_live_rows`');
    expect(p.read('models/shop.yml').startsWith(SHOP['models/shop.yml'])).toBe(true);
    expect((await p.dml(['test', '--select', 'report,test_type:unit'])).statuses).toEqual({
      'report.report_live_rows': 'pass',
      'report.report_live_rows_2': 'pass',
    });
  });
});

test('a scalar is read as what was written', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('yes', 'NULL', '1e3', '0x1', '1:30', '=', '<<', '~', '-', '', ' a', 'a ', 'a: b', 'a #b')),
      (text) => {
        expect(yaml(`- {a: ${scalar(text)}, b: 1}\n- ${scalar(text)}\n`)).toEqual([{ a: text, b: expect.anything() }, text]);
      },
    ),
  );
});

test('`create` behind a flag of `dml test` is no command', async () => {
  const p = new TestProject({ 'models/create.sql': 'select 1 as id' });
  expect((await p.dml(['test', '--select', 'create'])).text).toContain('Nothing to do');
  expect((await p.dml(['test', 'orders'])).text).toContain('to choose nodes, write `--select NAME`');
});
