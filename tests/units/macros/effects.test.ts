import { describe, expect, test } from 'vitest';
import { jsonToValue } from '../../../src/context/index.ts';
import type { Effect, Relation } from '../../../src/sql/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { loadLibrary, type Rendering, type RenderOptions, renderer } from './library.ts';

const library = loadLibrary();
const duckdb = renderer(library, 'duckdb');
const postgres = renderer(library, 'postgres');

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The statements that a rendering sent, with the white space of one line. */
function statements(r: Rendering): string[] {
  return r.effects.flatMap((e) => (e.kind === 'query' || e.kind === 'execute' ? [squeeze(e.sql)] : []));
}

function sent(template: string, options?: RenderOptions, render = duckdb): string[] {
  return statements(render(template, options));
}

function failure(template: string, options?: RenderOptions, render = duckdb): DiagnosticError {
  try {
    render(template, options);
  } catch (e) {
    if (e instanceof DiagnosticError) return e;
    throw e;
  }
  throw new Error('expected a diagnostic');
}

const rel = "{% set rel = api.Relation.create(database='db', schema='sch', identifier='tab', type='table') %}";

/** Answers for a table whose columns are known, and for the statements that look at the catalogue. */
function answers(
  columns: Readonly<Record<string, Readonly<Record<string, string>>>>,
  rows: Readonly<Record<string, readonly (readonly (string | number | null)[])[]>> = {},
) {
  return (effect: Effect): unknown => {
    if (effect.kind === 'columns') {
      const known = columns[effect.relation.identifier ?? ''] ?? {};
      return Object.entries(known).map(([name, dataType]) => ({ name, dataType }));
    }
    if (effect.kind === 'relation') return existing(effect.relation, columns);
    if (effect.kind === 'query') {
      const found = Object.entries(rows).find(([part]) => effect.sql.includes(part))?.[1];
      if (!found) return undefined;
      const width = found[0]?.length ?? 0;
      return {
        table: { columns: Array.from({ length: width }, (_, i) => ({ name: `c${i}`, type: 'text', dataType: 'VARCHAR' })), rows: found },
        response: { message: 'OK' },
      };
    }
    return undefined;
  };
}

function existing(wanted: Relation, columns: Readonly<Record<string, unknown>>): Relation | null {
  return wanted.identifier !== null && wanted.identifier in columns ? { ...wanted, type: 'table' } : null;
}

describe('statement and run_query', () => {
  test('statement sends its body and keeps the result once', () => {
    const r = duckdb("{% call statement('x', fetch_result=true) %}select 1{% endcall %}{{ load_result('x').response }}");
    expect(statements(r)).toEqual(['select 1']);
    expect(r.text.trim()).toBe('OK');
  });
  test('the main statement is kept as run SQL', () => {
    const r = duckdb("{% call statement('main') %}create table x{% endcall %}");
    expect(r.written.map(squeeze)).toEqual(['create table x']);
    expect(r.effects[0]).toMatchObject({ kind: 'execute', begin: true });
  });
  test('auto_begin=false opens no transaction', () => {
    expect(duckdb('{% call statement(auto_begin=false) %}select 1{% endcall %}').effects[0]).toMatchObject({ begin: false });
  });
  test('noop_statement writes without sending', () => {
    const r = duckdb(
      "{% call noop_statement('main', 'INSERT 3', 'INSERT', 3) %}insert{% endcall %}{{ load_result('main').response }} {{ load_result('main').response.rows_affected }}",
    );
    expect(statements(r)).toEqual([]);
    expect(r.written.map(squeeze)).toEqual(['insert']);
    expect(squeeze(r.text)).toBe('INSERT 3 3');
  });
  test('run_query answers a table', () => {
    const r = duckdb("{% set t = run_query('select 1') %}{{ t.columns[0].values() }}", { answer: answers({}, { 'select 1': [['a'], ['b']] }) });
    expect(squeeze(r.text)).toBe("('a', 'b')");
  });
  test('a language nobody knows is an error', () => {
    expect(failure("{% call statement('x', language='cobol') %}x{% endcall %}").message).toContain('cobol');
  });
});

describe('is_incremental', () => {
  const options = { model: { config: { materialized: 'incremental' } }, answer: answers({ model: { id: 'INTEGER' } }) };
  test('true for an existing table', () => expect(squeeze(duckdb('{{ is_incremental() }}', options).text)).toBe('True'));
  test('false on a full refresh', () =>
    expect(squeeze(duckdb('{{ is_incremental() }}', { ...options, flags: new Map([['FULL_REFRESH', true]]) }).text)).toBe('False'));
  test('the config wins over the flag', () =>
    expect(squeeze(duckdb('{{ is_incremental() }}', { ...options, config: { full_refresh: false }, flags: new Map([['FULL_REFRESH', true]]) }).text)).toBe(
      'True',
    ));
  test('false for another materialization', () =>
    expect(squeeze(duckdb('{{ is_incremental() }}', { ...options, model: { config: { materialized: 'table' } } }).text)).toBe('False'));
  test('false where there is none', () => expect(squeeze(duckdb('{{ is_incremental() }}', { ...options, answer: answers({}) }).text)).toBe('False'));
});

describe('hooks', () => {
  const hooks = new Map([
    [
      'hooks',
      jsonToValue([
        { sql: "select '{{ this.identifier }}'", transaction: true },
        { sql: 'vacuum', transaction: false },
        { sql: '{{ none or "" }}', transaction: true },
      ]),
    ],
  ]);
  test('run in order, rendered, by transaction; empty ones are left out', () => {
    expect(sent('{{ run_hooks(hooks) }}', { extra: hooks })).toEqual(["select 'model'"]);
    expect(sent('{{ run_hooks(hooks, inside_transaction=false) }}', { extra: hooks })).toEqual(['vacuum']);
  });
  test('on Postgres the transaction ends before those outside it', () => {
    expect(sent('{{ run_hooks(hooks, inside_transaction=false) }}', { extra: hooks }, postgres)).toEqual(['commit;', 'vacuum']);
  });
});

describe('schemas and relations', () => {
  test('create_schema', () => {
    expect(sent(`${rel}{% do create_schema(rel) %}`).at(-1)).toBe('create schema if not exists "db"."sch"');
    expect(sent(`${rel}{% do create_schema(rel) %}`, {}, postgres)).toEqual(['create schema if not exists "sch"']);
  });
  test('a database of another engine', () => {
    const sqlite = { answer: answers({}, { duckdb_databases: [['sqlite']] }) };
    expect(failure(`${rel}{% do create_schema(rel) %}`, sqlite).message).toContain("must be 'main'");
    expect(sent(`${rel}{% do create_schema(rel) %}`, { answer: answers({}, { duckdb_databases: [['mysql']] }) })).toHaveLength(1);
  });
  test('drop, rename, truncate', () => {
    const template = `${rel}{% do drop_relation(rel) %}{% do rename_relation(rel, rel.incorporate(path={'identifier': 'new'})) %}{% do truncate_relation(rel) %}{% do drop_schema(rel) %}`;
    expect(sent(template)).toEqual([
      'drop table if exists "db"."sch"."tab" cascade',
      'alter table "db"."sch"."tab" rename to "new"',
      'truncate table "db"."sch"."tab"',
      'drop schema if exists "db"."sch" cascade',
    ]);
  });
  test('drop_relation_if_exists passes over None', () => expect(sent('{{ drop_relation_if_exists(none) }}')).toEqual([]));
  test('get_or_create_relation', () => {
    const template = "{% set found, r = get_or_create_relation('db', 'sch', 'tab', 'table') %}{{ found }} {{ r }} {{ r.type }}";
    expect(squeeze(duckdb(template).text)).toBe('False "db"."sch"."tab" table');
    expect(squeeze(duckdb(template, { answer: answers({ tab: {} }) }).text)).toBe('True "db"."sch"."tab" table');
  });
  test('a batch has a temporary table of its own', () => {
    const options = { model: { batch: { id: '20240101' } } };
    expect(squeeze(duckdb(`${rel}{{ make_temp_relation(rel) }}`, options).text)).toMatch(/^"tab__dbt_tmp_20240101\d{20}"$/);
  });
  test('Postgres cuts long names before the suffix', () => {
    const long = 'x'.repeat(63);
    const template = `{{ make_intermediate_relation(api.Relation.create(schema='s', identifier='${long}', type='table')) }}`;
    expect(squeeze(postgres(template).text)).toBe(`"s"."${'x'.repeat(54)}__dbt_tmp"`);
  });
});

describe('columns', () => {
  test('get_columns_in_query', () => {
    const r = duckdb("{{ get_columns_in_query('select 1 as a') }}", { answer: answers({}, { __dbt_sbq: [['1', '2']] }) });
    expect(statements(r)).toEqual(['select * from ( select 1 as a ) as __dbt_sbq where false limit 0']);
    expect(squeeze(r.text)).toBe("['c0', 'c1']");
  });
  test('alter_column_type goes by way of a new column, which DuckDB would not commit', () => {
    const template = `${rel}{% do alter_column_type(rel, 'a', 'bigint') %}`;
    expect(sent(template)).toEqual(['alter table "db"."sch"."tab" alter column "a" set data type bigint']);
    expect(sent(template, {}, postgres)).toEqual([
      'alter table "db"."sch"."tab" add column "a__dbt_alter" bigint; update "db"."sch"."tab" set "a__dbt_alter" = "a"; ' +
        'alter table "db"."sch"."tab" drop column "a" cascade; alter table "db"."sch"."tab" rename column "a__dbt_alter" to "a"',
    ]);
  });
  test('alter_relation_add_remove_columns', () => {
    const template = `${rel}{% do alter_relation_add_remove_columns(rel, [api.Column('a', 'integer'), api.Column('b', 'date')], [api.Column('c', 'text')]) %}`;
    expect(sent(template)).toEqual([
      'alter table "db"."sch"."tab" add column "a" integer',
      'alter table "db"."sch"."tab" add column "b" date',
      'alter table "db"."sch"."tab" drop column "c"',
    ]);
    expect(sent(template, {}, postgres)).toEqual(['alter table "db"."sch"."tab" add column "a" integer, add column "b" date, drop column "c"']);
  });
});

describe('on_schema_change', () => {
  const template = (mode: string): string =>
    `{% set old = api.Relation.create(identifier='old', type='table') %}{% set new = api.Relation.create(identifier='new', type='table') %}{{ process_schema_changes('${mode}', new, old) | map(attribute='name') | list }}`;
  const options = { answer: answers({ old: { id: 'INTEGER', gone: 'DATE', size: 'INTEGER' }, new: { id: 'INTEGER', extra: 'TEXT', size: 'BIGINT' } }) };
  test('ignore looks at nothing', () => {
    const r = duckdb(template('ignore'), options);
    expect(r.effects).toEqual([]);
    expect(squeeze(r.text)).toBe('[]');
  });
  test('append_new_columns', () => {
    const r = duckdb(template('append_new_columns'), options);
    expect(statements(r)).toEqual(['alter table "old" add column "extra" character varying(256)']);
    expect(squeeze(r.text)).toBe("['id', 'extra', 'size']");
  });
  test('sync_all_columns', () => {
    const all = sent(template('sync_all_columns'), options);
    expect(all.slice(0, 2)).toEqual(['alter table "old" add column "extra" character varying(256)', 'alter table "old" drop column "gone"']);
    expect(all[2]).toContain('alter column "size" set data type BIGINT');
  });
  test('fail names the columns', () => {
    const { diagnostic } = failure(template('fail'), options);
    expect(diagnostic.code).toBe('macro-raised');
    expect(diagnostic.message).toContain('out of sync');
    expect(diagnostic.message).toContain('extra');
    expect(diagnostic.related?.[0]?.message).toContain('process_schema_changes');
  });
});

describe('contracts', () => {
  const model = {
    columns: {
      id: { name: 'id', data_type: 'integer', quote: false, constraints: [{ type: 'not_null' }] },
      B: { name: 'B', data_type: 'text', quote: true, constraints: [] },
    },
    constraints: [{ type: 'primary_key', columns: ['id'] }],
  };
  const options = { config: { contract: { enforced: true } }, model };
  const columns = (types: Readonly<Record<string, string>>) => ({
    columns: Object.entries(types).map(([name, dataType]) => ({ name, type: 'text' as const, dataType })),
    rows: [],
  });
  /** The first question is about the SQL, the second about the contract. */
  const asked = (actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>) => (effect: Effect) =>
    effect.kind === 'query' ? { table: columns(effect.sql.includes('null') ? wanted : actual), response: { message: 'OK' } } : undefined;
  test('the table is created with its columns, then filled in their order', () => {
    const text = duckdb(`${rel}{{ create_table_as(false, rel, 'select 1') }}`, {
      ...options,
      answer: asked({ id: 'INTEGER', B: 'VARCHAR' }, { id: 'INTEGER', B: 'VARCHAR' }),
    }).text;
    expect(squeeze(text)).toBe(
      'create table "db"."sch"."tab" ( id integer not null, "B" text, primary key (id) ) ; insert into "db"."sch"."tab" ( id, "B" ) ( select id, "B" from ( select 1 ) as model_subq );',
    );
  });
  test('a temporary table is checked but has no constraints', () => {
    const text = duckdb(`${rel}{{ create_table_as(true, rel, 'select 1') }}`, {
      ...options,
      answer: asked({ id: 'INTEGER', B: 'VARCHAR' }, { id: 'INTEGER', B: 'VARCHAR' }),
    }).text;
    expect(squeeze(text)).toBe('create temporary table "tab" as ( select 1 );');
  });
  test('a difference is reported as a table', () => {
    const { diagnostic } = failure(`${rel}{{ create_table_as(false, rel, 'select 1') }}`, {
      ...options,
      answer: asked({ id: 'BIGINT', c: 'DATE' }, { id: 'INTEGER', B: 'VARCHAR' }),
    });
    expect(diagnostic.code).toBe('contract-failed');
    expect(diagnostic.cause?.split('\n')).toEqual([
      '| column_name | definition_type | contract_type | mismatch_reason       |',
      '| ----------- | --------------- | ------------- | --------------------- |',
      '| B           |                 | VARCHAR       | missing in definition |',
      '| c           | DATE            |               | missing in contract   |',
      '| id          | BIGINT          | INTEGER       | data type mismatch    |',
    ]);
  });
  test('no columns', () =>
    expect(failure(`${rel}{{ create_table_as(false, rel, 'select 1') }}`, { config: options.config }).diagnostic.code).toBe('contract-empty'));
});

describe('indexes and comments', () => {
  test('create_indexes', () => {
    const [sql] = sent(`${rel}{% do create_indexes(rel) %}`, { config: { indexes: [{ columns: ['a', 'b'], unique: true }] } });
    expect(sql).toMatch(/^create unique index "[0-9a-f]{32}" on "db"."sch"."tab" \(a, b\);$/);
    const [pg] = sent(`${rel}{% do create_indexes(rel) %}`, { config: { indexes: [{ columns: ['a'], type: 'hash' }] } }, postgres);
    expect(pg).toMatch(/^create index if not exists "[0-9a-f]{32}" on "db"."sch"."tab" using hash \(a\)$/);
  });
  test('drop_indexes_on_relation', () => {
    expect(sent(`${rel}{% do drop_indexes_on_relation(rel) %}`, { answer: answers({}, { duckdb_indexes: [['i1'], ['i2']] }) }).slice(1)).toEqual([
      'drop index "db"."sch"."i1"',
      'drop index "db"."sch"."i2"',
    ]);
  });
  test('persist_docs writes what is described and exists, and warns of the rest', () => {
    const r = duckdb(`${rel}{% do persist_docs(rel, model) %}`, {
      config: { persist_docs: { relation: true, columns: true } },
      model: { description: "it's", columns: { id: { name: 'id', description: 'the id', quote: null }, nope: { name: 'nope', description: '', quote: null } } },
      answer: answers({ tab: { id: 'INTEGER' } }),
    });
    expect(statements(r)).toEqual([
      `comment on table "db"."sch"."tab" is $dbt_comment_literal_block$it's$dbt_comment_literal_block$;`,
      'comment on column "db"."sch"."tab".id is $dbt_comment_literal_block$the id$dbt_comment_literal_block$;',
    ]);
    expect(r.warnings).toEqual(['In relation "db"."sch"."tab": The following columns are specified in the schema but are not present in the database: nope']);
  });
});

describe('grants on Postgres', () => {
  const granted = (rows: readonly (readonly string[])[]) => (effect: Effect) =>
    effect.kind === 'query'
      ? { table: { columns: ['grantee', 'privilege_type'].map((name) => ({ name, type: 'text', dataType: 'text' })), rows }, response: { message: 'OK' } }
      : undefined;
  test('what is missing is granted, what is too much revoked', () => {
    const all = sent(
      `${rel}{% do apply_grants(rel, {'select': ['a', 'b']}, true) %}`,
      {
        answer: granted([
          ['a', 'select'],
          ['c', 'select'],
        ]),
      },
      postgres,
    );
    expect(all[0]).toContain('role_table_grants');
    expect(all[1]).toBe('revoke select on "db"."sch"."tab" from "c"; grant select on "db"."sch"."tab" to b;');
  });
  test('nothing to do, nothing sent', () => {
    expect(sent(`${rel}{% do apply_grants(rel, {'select': ['a']}, true) %}`, { answer: granted([['a', 'select']]) }, postgres)).toHaveLength(1);
  });
  test('DuckDB warns once', () => {
    expect(duckdb(`${rel}{% do apply_grants(rel, {'select': ['a']}) %}{% do apply_grants(rel, {'select': ['a']}) %}`).warnings).toEqual([
      'Grants for relations are not supported by DuckDB',
    ]);
  });
});

describe('snapshots', () => {
  test('new_record adds the rows that say a row is gone', () => {
    const r = duckdb(
      `${rel}{% set s = snapshot_timestamp_strategy(model, 'snapshotted_data', 'source_data', config, true) %}{{ snapshot_staging_table(s, 'select 1 as id, 2 as b', rel) }}`,
      {
        config: { unique_key: 'id', updated_at: 'ts', hard_deletes: 'new_record' },
        answer: answers({ tab: { id: 'INTEGER' } }, { __dbt_sbq: [['1', '2']], describe: [['c0', 'INTEGER']] }),
      },
    );
    const text = squeeze(r.text);
    expect(text).toContain('deletion_records as (');
    expect(text).toContain('snapshotted_data."c0", source_data."c1", snapshotted_data.dbt_unique_key as dbt_unique_key,');
    expect(text.match(/union all/g)).toHaveLength(3);
  });
  test('a check column that is new makes every row change', () => {
    const r = duckdb("{% set s = snapshot_check_strategy(model, 'o', 'n', config, true) %}{{ s.row_changed }}", {
      config: { unique_key: 'id', check_cols: ['c0', 'c1'] },
      model: { database: 'db', schema: 'sch', alias: 'tab', compiled_code: 'select 1' },
      answer: answers({ tab: { c0: 'INTEGER' } }, { __dbt_sbq: [['1', '2']] }),
    });
    expect(squeeze(r.text)).toBe('(TRUE)');
  });
  test('types that differ are warned of', () => {
    const typed = (effect: Effect) =>
      effect.kind === 'query'
        ? {
            table: {
              columns: [
                {
                  name: effect.sql.includes('dbt_snapshot_time') ? 'dbt_snapshot_time' : 'dbt_updated_at',
                  type: 'text',
                  dataType: effect.sql.includes('dbt_snapshot_time') ? 'TIMESTAMP' : 'DATE',
                },
              ],
              rows: [],
            },
            response: { message: 'OK' },
          }
        : undefined;
    expect(duckdb("{% do check_time_data_types('select 1') %}", { answer: typed }).warnings[0]).toContain(
      "(TIMESTAMP) doesn't match derived column 'updated_at' (DATE)",
    );
  });
});

describe('accepted_range', () => {
  test('bounds', () => {
    expect(squeeze(duckdb(`${rel}{{ test_accepted_range(rel, 'a', 0, 10) }}`).text)).toBe('select * from "db"."sch"."tab" where (a < (0) or a > (10))');
    expect(squeeze(duckdb(`${rel}{{ test_accepted_range(rel, 'a', max_value='b', inclusive=false) }}`).text)).toBe(
      'select * from "db"."sch"."tab" where (a >= (b))',
    );
  });
  test('without any bound it is an error', () => expect(failure(`${rel}{{ test_accepted_range(rel, 'a') }}`).message).toContain('min_value'));
});

describe('overrides', () => {
  const where = '{% macro duckdb__any_value(x) %}first({{ x }}){% endmacro %}{% macro get_where_subquery(relation) %}{{ relation }} sampled{% endmacro %}';
  test('a project’s dispatched version is found before the library’s', () => {
    expect(squeeze(duckdb("{{ any_value('a') }} {{ dbt.any_value('a') }}", { project: where }).text)).toContain('first(a)');
  });
  test('a project’s macro hides the library’s', () => {
    expect(squeeze(duckdb(`${rel}{{ get_where_subquery(rel) }}`, { project: where }).text)).toBe('"db"."sch"."tab" sampled');
  });
});

describe('external models', () => {
  test('write options and location', () => {
    expect(
      squeeze(
        duckdb('{{ external_location(this, config) }} {{ render_write_options(config) }}', {
          config: { format: 'csv', delimiter: '|', options: { codec: '{{ "zs" ~ "td" }}' } },
        }).text,
      ),
    ).toBe("./model.csv {'codec': 'zstd', 'format': 'csv', 'delimiter': '|'}");
    expect(squeeze(duckdb('{{ external_location(this, config) }}', { config: { options: { partition_by: 'a' } } }).text)).toBe('./model');
  });
  test('the whole materialization', () => {
    const r = duckdb('{% set done = context["materialization_external_duckdb"]() %}{{ done.relations }}', {
      config: { format: 'parquet' },
      model: { language: 'sql', config: {} },
      extra: new Map([['compiled_code', 'select 1 as a']]),
      answer: answers({}, { 'count(*)': [['3']] }),
    });
    expect(statements(r).filter((s) => !s.startsWith('select'))).toEqual([
      'create table "golden"."main"."model__dbt_tmp" as ( select 1 as a );',
      expect.stringMatching(/^copy "golden"."main"."model__dbt_tmp" to '\.\/model\.parquet' \(/),
      `create or replace view "golden"."main"."model__dbt_int" as ( select * from read_parquet('./model.parquet', union_by_name=False) );`,
      'alter view "golden"."main"."model__dbt_int" rename to "model"',
      'drop table if exists "golden"."main"."model__dbt_backup" cascade',
      'drop table if exists "golden"."main"."model__dbt_tmp" cascade',
    ]);
    expect(r.text).toContain('"golden"."main"."model"');
  });
});

test('a macro answers its own value, not only text', () => {
  const seen = duckdb("{% set t = merge_clause_defaults('a', none) %}{{ t is mapping }} {{ t.when_matched_update_by_name.mode }}");
  expect(squeeze(seen.text)).toBe('True by_name');
});
