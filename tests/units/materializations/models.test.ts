import { afterEach, describe, expect, test } from 'vitest';
import { SqlError } from '../../../src/adapters/index.ts';
import { createSchema } from '../../../src/plan/index.ts';
import { drive } from '../../../src/run/drive.ts';
import { diagnosed, type Given, Shop, task } from './kit.ts';

let open: Shop[] = [];
afterEach(async () => {
  for (const shop of open) await shop.close();
  open = [];
});
const shop = (): Shop => {
  const made = new Shop();
  open.push(made);
  return made;
};
const since = (s: Shop): (() => readonly string[]) => {
  const from = s.statements.length;
  return () => s.statements.slice(from);
};

describe('view', () => {
  test('one statement makes it and one replaces it', async () => {
    const s = shop();
    await s.build({ kind: 'view', sql: 'select 1 as a' });
    const sent = since(s);
    await s.build({ kind: 'view', sql: 'select 2 as a, 3 as b;\n' });
    expect(sent()).toEqual(['create or replace view "shop"."main"."orders" as (\nselect 2 as a, 3 as b\n\n)']);
    expect(await s.rows('select * from orders')).toEqual([[2, 3]]);
  });

  test('takes the place of a table, in one transaction', async () => {
    const s = shop();
    await s.run('create table orders as select 1 as a');
    await s.build({ kind: 'view', sql: 'select 2 as a' });
    expect(await s.relations()).toEqual(['main.orders view']);
    await diagnosedSql(s.build({ kind: 'table', sql: 'select nope' }));
    expect(await s.rows('select * from orders')).toEqual([[2]]);
  });

  test('drops what a killed run left beside it', async () => {
    const s = shop();
    await s.run('create table orders__dbt_backup (a int); create view orders__dbt_tmp as select 1');
    await s.build({ kind: 'view', sql: 'select 2 as a' });
    expect(await s.relations()).toEqual(['main.orders view']);
  });

  test('comments are written with it, and again when it is replaced', async () => {
    const s = shop();
    const given: Given = {
      kind: 'view',
      sql: 'select 1 as a, 2 as b',
      description: "all of the shop's orders",
      config: { persist_docs: { relation: true, columns: true } },
      columns: [
        { name: 'a', description: 'x' },
        { name: 'gone', description: 'y' },
      ],
    };
    for (let i = 0; i < 2; i++) {
      await s.build(given);
      expect(await s.rows('select comment from duckdb_views() where not internal')).toEqual([["all of the shop's orders"]]);
      expect(await s.rows("select comment from duckdb_columns() where table_name = 'orders' order by column_index")).toEqual([['x'], [null]]);
    }
  });

  test("a project's own create_view_as is used, beside what is there", async () => {
    const s = shop();
    await s.run('create view orders as select 1 as a');
    await s.build({
      kind: 'view',
      sql: 'select 2 as a',
      overrides: {
        create_view_as: () => '',
        get_create_view_as_sql: (r: { identifier: string }, sql: string) => `create view "${r.identifier}" as select *, 'own' as how from (${sql})`,
      },
    });
    expect(await s.rows('select * from orders')).toEqual([[2, 'own']]);
    expect(await s.relations()).toEqual(['main.orders view']);
  });
});

async function diagnosedSql(promise: Promise<unknown>): Promise<SqlError> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof SqlError)) throw error ?? new Error('nothing was wrong');
  return error;
}

describe('table', () => {
  test('is one statement, tells its rows, and replaces tables and views', async () => {
    const s = shop();
    const sent = since(s);
    const outcome = await s.build({ kind: 'table', sql: 'select range as a from range(3)' });
    expect(outcome.response).toEqual({ message: 'OK', rows: 3 });
    expect(sent().filter((sql) => !/^(set|select database_name)/.test(sql))).toEqual([
      'create or replace table "shop"."main"."orders"\nas (\nselect range as a from range(3)\n)',
    ]);
    await s.build({ kind: 'table', sql: 'select 7 as b' });
    await s.build({ kind: 'view', sql: 'select 8 as b' });
    await s.build({ kind: 'table', sql: 'select 9 as b' });
    expect(await s.rows('select * from orders')).toEqual([[9]]);
    expect(await s.relations()).toEqual(['main.orders table']);
  });

  test('hooks: those outside stand alone, those inside share the transaction', async () => {
    const s = shop();
    await s.run('create table log (what text)');
    const hooks = {
      'pre-hook': [
        { sql: "insert into log values ('pre-out')", transaction: false },
        { sql: "insert into log values ('pre-in')", transaction: true },
      ],
      'post-hook': [{ sql: "insert into log select 'post-in ' || count(*) from orders" }, { sql: "insert into log values ('post-out')", transaction: false }],
    };
    await s.build({ kind: 'table', sql: 'select 1 as a', config: hooks });
    expect((await s.rows('select what from log')).flat()).toEqual(['pre-out', 'pre-in', 'post-in 1', 'post-out']);
    await s.run('delete from log');
    await diagnosedSql(s.build({ kind: 'table', sql: 'select nope', config: hooks }));
    expect((await s.rows('select what from log')).flat()).toEqual(['pre-out']);
    expect((await s.session()).inTransaction).toBe(false);
  });

  test('a failing post-hook takes the table back', async () => {
    const s = shop();
    await s.build({ kind: 'table', sql: 'select 1 as a' });
    await diagnosedSql(s.build({ kind: 'table', sql: 'select 2 as a', config: { 'post-hook': [{ sql: 'select nope' }] } }));
    expect(await s.rows('select * from orders')).toEqual([[1]]);
  });

  test('indexes are made with it and again with every rebuild', async () => {
    const s = shop();
    for (let i = 0; i < 2; i++) {
      await s.build({
        kind: 'table',
        sql: 'select range as id, 1 as a from range(3)',
        config: { indexes: [{ columns: ['id'], unique: true }, { columns: ['id', 'a'] }] },
      });
      expect(await s.rows('select is_unique, expressions from duckdb_indexes() order by 1')).toEqual([
        [false, '[id, a]'],
        [true, '[id]'],
      ]);
    }
    expect((await diagnosed(s.build({ kind: 'table', sql: 'select 1 as a', config: { indexes: [{ unique: true }] } }))).code).toBe('config-value');
  });

  test('sql_header runs in front of the statement', async () => {
    const s = shop();
    const written: string[] = [];
    await s.build({ kind: 'table', sql: 'select twice(4) as a', config: { sql_header: 'create or replace temporary macro twice(x) as x * 2;' }, written });
    expect(await s.rows('select * from orders')).toEqual([[8]]);
    expect(written[0]).toMatch(/^create or replace temporary macro .*;\ncreate or replace table/);
  });
});

describe('what else goes with a model', () => {
  test("grants are the macro's", async () => {
    const s = shop();
    const seen: unknown[] = [];
    await s.build({
      kind: 'view',
      sql: 'select 1 as a',
      config: { grants: { select: ['reader'], insert: 'writer' } },
      overrides: { apply_grants: (...args: unknown[]) => String(seen.push(args[1])) },
    });
    expect(seen).toEqual([{ dict: { select: ['reader'], insert: ['writer'] } }]);
  });

  test('a schema is made once', async () => {
    const s = shop();
    const session = await s.session();
    const make = (): Promise<void> => drive(createSchema(null, 'Stage', task({ kind: 'view' })), session);
    await make();
    const sent = since(s);
    await make();
    await drive(createSchema('shop', 'main', task({ kind: 'view' })), session);
    expect(sent()).toEqual([]);
    expect(await s.rows("select count(*) from duckdb_schemas() where schema_name = 'Stage'")).toEqual([[1]]);
    await drive(createSchema('shop', 'own', task({ kind: 'view', overrides: { create_schema: () => '' } })), session);
    expect(await s.rows("select count(*) from duckdb_schemas() where schema_name = 'own'")).toEqual([[0]]);
  });
});

describe('contracts', () => {
  const columns = [
    { name: 'id', data_type: 'integer', constraints: [{ type: 'not_null' }, { type: 'primary_key' }] },
    { name: 'name', data_type: 'string', constraints: [{ type: 'unique' }] },
    { name: 'price', data_type: 'decimal(10,2)', constraints: [{ type: 'check', expression: 'price >= 0' }] },
  ];
  const given: Given = { kind: 'table', contract: true, columns, sql: "select 1.50::decimal(10,2) as price, 'a' as name, 1 as id" };

  test('the table has the constraints, and its columns in the order of the contract', async () => {
    const s = shop();
    await s.build(given);
    expect(await s.rows('select * from orders')).toEqual([[1, 'a', '1.50']]);
    expect((await s.rows("select constraint_type from duckdb_constraints() where table_name = 'orders' order by 1")).flat()).toEqual([
      'CHECK',
      'NOT NULL',
      'PRIMARY KEY',
      'UNIQUE',
    ]);
    const error = await diagnosedSql(s.build({ ...given, sql: "select 1.50::decimal(10,2) as price, 'a' as name, null::integer as id" }));
    expect(error.kind).toBe('Constraint Error');
    expect(await s.rows('select * from orders')).toEqual([[1, 'a', '1.50']]);
  });

  test('a difference is told before anything is made', async () => {
    const s = shop();
    const found = await diagnosed(s.build({ ...given, sql: "select 'x' as id, 'a' as name, 1 as extra" }));
    expect(found.code).toBe('contract-failed');
    expect(found.cause).toBe(
      [
        '| column_name | definition_type | contract_type | mismatch_reason       |',
        '| ----------- | --------------- | ------------- | --------------------- |',
        '| extra       | INTEGER         |               | missing in contract   |',
        '| id          | VARCHAR         | INTEGER       | data type mismatch    |',
        '| price       |                 | DECIMAL(10,2) | missing in definition |',
      ].join('\n'),
    );
    expect(await s.relations()).toEqual([]);
    expect((await diagnosed(s.build({ ...given, columns: [] }))).code).toBe('contract-empty');
    expect((await diagnosed(s.build({ ...given, columns: [{ name: 'id' }] }))).code).toBe('contract-untyped');
  });

  test('views are compared too, and incremental models keep their table', async () => {
    const s = shop();
    expect((await diagnosed(s.build({ ...given, kind: 'view', sql: 'select 1 as id' }))).code).toBe('contract-failed');
    await s.build({ ...given, kind: 'incremental', config: { unique_key: 'id' } });
    expect((await diagnosed(s.build({ ...given, kind: 'incremental', sql: 'select 1 as id' }))).code).toBe('contract-failed');
    await s.build({ ...given, kind: 'incremental', config: { unique_key: 'id' }, sql: "select 2.50::decimal(10,2) as price, 'b' as name, 1 as id" });
    expect(await s.rows('select * from orders')).toEqual([[1, 'b', '2.50']]);
  });

  test('a table that foreign keys reference is rebuilt, and the referencing tables keep their rows and constraints', async () => {
    const s = shop();
    const child: Given = {
      name: 'items',
      kind: 'table',
      contract: true,
      sql: 'select 1 as item, 1 as order_id',
      columns: [
        { name: 'item', data_type: 'integer', constraints: [{ type: 'primary_key' }] },
        { name: 'order_id', data_type: 'integer' },
      ],
      constraints: [{ type: 'foreign_key', columns: ['order_id'], to: '"shop"."main"."orders"', to_columns: ['id'] }],
      config: { indexes: [{ columns: ['order_id'] }] },
    };
    const grandchild: Given = {
      name: 'parts',
      kind: 'table',
      contract: true,
      sql: 'select 1 as item',
      columns: [{ name: 'item', data_type: 'integer', constraints: [{ type: 'foreign_key', to: 'main.items', to_columns: ['item'] }] }],
    };
    const keys = (): Promise<readonly (readonly unknown[])[]> =>
      s.rows("select table_name, referenced_table from duckdb_constraints() where constraint_type = 'FOREIGN KEY' order by 1");
    for (const one of [given, child, grandchild]) await s.build(one);
    await s.build({ ...given, sql: "select 2.50::decimal(10,2) as price, 'b' as name, 1 as id" });
    expect(await s.rows('select id, name, item from orders join items on id = order_id join parts using (item)')).toEqual([[1, 'b', 1]]);
    expect(await keys()).toEqual([
      ['items', 'orders'],
      ['parts', 'items'],
    ]);
    expect(await s.rows('select count(*) from duckdb_indexes()')).toEqual([[1]]);
    // A parent without the row that its child points at: the child waits as a plain table until it is built again.
    await s.build({ ...given, sql: "select 2.50::decimal(10,2) as price, 'b' as name, 5 as id" });
    expect([await keys(), await s.rows('select * from items')]).toEqual([[], [[1, 1]]]);
    await s.build({ ...child, sql: 'select 1 as item, 5 as order_id' });
    expect(await keys()).toEqual([['items', 'orders']]);
    expect(await s.relations()).toEqual(['main.items table', 'main.orders table', 'main.parts table']);
  });
});

describe('incremental', () => {
  const first: Given = { kind: 'incremental', sql: "select 1 as id, 'a' as v union all select 2, 'b'" };
  const rows = (s: Shop): Promise<readonly (readonly unknown[])[]> => s.rows('select * from orders order by all');

  test('first run, view in its place, and full refresh all make the table anew', async () => {
    const s = shop();
    await s.build(first);
    await s.build({ ...first, sql: 'select 9 as other', fullRefresh: true });
    expect(await rows(s)).toEqual([[9]]);
    await s.build({ kind: 'view', sql: 'select 1 as x' });
    await s.build(first);
    expect(await s.relations()).toEqual(['main.orders table']);
    expect(await rows(s)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  test.each<[string, Given['config'], unknown[][]]>([
    [
      'append',
      { incremental_strategy: 'append' },
      [
        [1, 'a'],
        [2, 'b'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'the default without a key',
      {},
      [
        [1, 'a'],
        [2, 'b'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'the default with a key',
      { unique_key: 'id' },
      [
        [1, 'a'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'delete+insert by a list',
      { unique_key: ['id', 'v'], incremental_strategy: 'delete+insert' },
      [
        [1, 'a'],
        [2, 'b'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'delete+insert with a predicate',
      { unique_key: 'id', incremental_predicates: ["v <> 'b'"] },
      [
        [1, 'a'],
        [2, 'b'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'merge',
      { unique_key: 'id', incremental_strategy: 'merge' },
      [
        [1, 'a'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'merge by a list',
      { unique_key: ['id'], incremental_strategy: 'merge' },
      [
        [1, 'a'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'merge without updates',
      { unique_key: 'id', incremental_strategy: 'merge', merge_exclude_columns: ['V'] },
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'd'],
      ],
    ],
    [
      'merge of one column',
      { unique_key: 'id', incremental_strategy: 'merge', merge_update_columns: ['v'] },
      [
        [1, 'a'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'merge with a predicate',
      { unique_key: 'id', incremental_strategy: 'merge', incremental_predicates: ["DBT_INTERNAL_DEST.v <> 'b'"] },
      [
        [1, 'a'],
        [2, 'b'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'merge on a condition',
      { unique_key: 'id', incremental_strategy: 'merge', merge_update_condition: "DBT_INTERNAL_SOURCE.v > 'x'" },
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'd'],
      ],
    ],
    [
      'merge with an expression',
      { unique_key: 'id', incremental_strategy: 'merge', merge_update_set_expressions: { v: 'DBT_INTERNAL_DEST.v || DBT_INTERNAL_SOURCE.v' } },
      [
        [1, 'a'],
        [2, 'bc'],
        [3, 'd'],
      ],
    ],
  ])('%s', async (_, config, expected) => {
    const s = shop();
    await s.build(first);
    await s.build({ ...first, sql: "select 2 as id, 'c' as v union all select 3, 'd'", config: config ?? {} });
    expect(await rows(s)).toEqual(expected);
    expect(await s.relations()).toEqual(['main.orders table']);
  });

  test('columns are matched by name, and those of the table count', async () => {
    const s = shop();
    await s.build(first);
    await s.build({ ...first, sql: "select 'x' as extra, 'c' as v, 2 as id", config: { unique_key: 'id' } });
    expect(await rows(s)).toEqual([
      [1, 'a'],
      [2, 'c'],
    ]);
    const error = await diagnosedSql(s.build({ ...first, sql: 'select 2 as id', config: { unique_key: 'id' } }));
    expect(error.message).toContain('"v"');
    expect(await rows(s)).toEqual([
      [1, 'a'],
      [2, 'c'],
    ]);
  });

  test('a key that comes twice stops a merge and leaves the table alone', async () => {
    const s = shop();
    await s.build(first);
    const found = await diagnosed(
      s.build({
        ...first,
        sql: "select 2 as id, 'c' as v union all select 2, 'd' union all select null, 'e' union all select null, 'f'",
        config: { unique_key: 'id', incremental_strategy: 'merge' },
      }),
    );
    expect(found).toMatchObject({ code: 'merge-duplicate-key', message: expect.stringContaining('id = 2 (2 rows)') });
    expect(await rows(s)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(await s.relations()).toEqual(['main.orders table']);
  });

  test('on_schema_change', async () => {
    const s = shop();
    const more = { ...first, sql: 'select 3 as id, 1.5::double as amount' };
    const build = (on_schema_change: string, given: Given = more): Promise<unknown> => s.build({ ...given, config: { on_schema_change, unique_key: 'id' } });
    await s.build(first);
    const failed = await diagnosed(build('fail'));
    expect(failed).toMatchObject({ code: 'schema-changed', message: expect.stringMatching(/new: amount DOUBLE; gone: v VARCHAR/) });
    expect((await diagnosed(build('apend_new_columns'))).code).toBe('config-value');
    await build('append_new_columns');
    expect(await rows(s)).toEqual([
      [1, 'a', null],
      [2, 'b', null],
      [3, null, 1.5],
    ]);
    await build('sync_all_columns');
    expect(await rows(s)).toEqual([
      [1, null],
      [2, null],
      [3, 1.5],
    ]);
    await build('sync_all_columns', { ...first, sql: "select 3::bigint as id, 'x' as amount" });
    expect(await s.rows("select column_name, data_type from duckdb_columns() where table_name = 'orders'")).toEqual([
      ['id', 'BIGINT'],
      ['amount', 'VARCHAR'],
    ]);
    await build('fail', { ...first, sql: "select 4::bigint as id, 'y' as amount" });
    expect(await s.rows('select amount from orders where id = 4')).toEqual([['y']]);
  });

  test("strategies: unknown names are refused, a project's own is a macro with all it needs", async () => {
    const s = shop();
    await s.build(first);
    expect(await diagnosed(s.build({ ...first, config: { incremental_strategy: 'upsert' } }))).toMatchObject({
      code: 'config-value',
      hint: expect.stringContaining('delete+insert'),
    });
    let seen: unknown;
    await s.build({
      ...first,
      sql: "select 5 as id, 'own' as v",
      config: { incremental_strategy: 'mine', unique_key: ['id'] },
      overrides: {
        get_incremental_mine_sql: (arg: { dict: { target_relation: { identifier: string }; temp_relation: { identifier: string } } }) => {
          seen = arg.dict;
          return `insert into ${arg.dict.target_relation.identifier} select * from ${arg.dict.temp_relation.identifier};\ndelete from ${arg.dict.target_relation.identifier} where id = 1`;
        },
      },
    });
    expect(seen).toMatchObject({
      unique_key: ['id'],
      dest_columns: [
        { name: 'id', dataType: 'INTEGER' },
        { name: 'v', dataType: 'VARCHAR' },
      ],
      incremental_predicates: null,
    });
    expect(await rows(s)).toEqual([
      [2, 'b'],
      [5, 'own'],
    ]);
  });

  test('a statement that fails half way changes nothing', async () => {
    const s = shop();
    await s.build({ ...first, sql: 'select 1 as id, 1 as v', contract: false });
    await diagnosedSql(s.build({ ...first, sql: "select 1 as id, 'text' as v", config: { unique_key: 'id' } }));
    expect(await rows(s)).toEqual([[1, 1]]);
    await s.build({ ...first, sql: 'select 1 as id, 2 as v', config: { unique_key: 'id' } });
    expect(await rows(s)).toEqual([[1, 2]]);
  });
});

describe('data tests', () => {
  const given: Given = { name: 'not_null_orders_id', kind: 'test', sql: 'select * from range(5) where range > 2', sampleRows: 1 };
  test('the database counts and judges; a sample comes with failures', async () => {
    const s = shop();
    const failed = (await s.build(given)).test;
    expect(failed).toMatchObject({ failures: 2, shouldWarn: true, shouldError: true, sample: { rows: [[3]] } });
    expect((await s.build({ ...given, sql: 'select 1 where false;' })).test).toEqual({ failures: 0, shouldWarn: false, shouldError: false });
    expect((await s.build({ ...given, config: { warn_if: '> 1', error_if: '> 10' } })).test).toMatchObject({
      failures: 2,
      shouldWarn: true,
      shouldError: false,
    });
    expect((await s.build({ ...given, config: { limit: 1, fail_calc: 'sum(range)' } })).test).toMatchObject({ failures: 3 });
    expect((await diagnosed(s.build({ ...given, sql: 'select 1 as n where false', config: { fail_calc: 'sum(n)' } }))).code).toBe('test-result');
  });

  test('store_failures keeps the rows, as a table or a view, in the place of the last ones', async () => {
    const s = shop();
    await s.run('create schema audit');
    const stored = { ...given, schema: 'audit', storeFailures: true };
    expect((await s.build(stored)).relations).toHaveLength(1);
    await s.build({ ...stored, config: { store_failures_as: 'view' } });
    expect(await s.relations()).toEqual(['audit.not_null_orders_id view']);
    await s.build({ ...stored, storeFailures: false, config: { store_failures: true } });
    expect(await s.relations()).toEqual(['audit.not_null_orders_id table']);
    expect(await s.rows('select * from audit.not_null_orders_id')).toEqual([[3], [4]]);
    expect((await s.build({ ...stored, config: { store_failures_as: 'ephemeral' } })).relations).toEqual([]);
    expect((await s.build({ ...stored, config: { store_failures: false } })).relations).toEqual([]);
    expect((await diagnosed(s.build({ ...stored, config: { store_failures_as: 'file' } }))).code).toBe('config-value');
  });
});
