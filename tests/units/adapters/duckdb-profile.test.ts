import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProfile } from '../../../src/adapters/duckdb/profile.ts';
import type { Session } from '../../../src/adapters/index.ts';
import type { QueryResult } from '../../../src/sql/index.ts';
import { type Diagnostic, DiagnosticError } from '../../../src/text/index.ts';
import { folder, open, target } from './open.ts';

const steps = (settings: Record<string, unknown>): readonly string[] => readProfile(target(settings), '/project').setup.map((s) => s.sql);

async function diagnosed(work: Promise<unknown> | (() => unknown)): Promise<Diagnostic> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostic;
    throw error;
  }
  throw new Error('no diagnostic');
}

const problem = async (settings: Record<string, unknown>): Promise<string> => (await diagnosed(() => readProfile(target(settings), '/project'))).message;
const rows = async (s: Session, sql: string): Promise<unknown> => ((await s.answer({ kind: 'query', sql })) as QueryResult).table.rows;

describe('what is sent when a database opens', () => {
  test('extensions, of the usual repository and of others', () => {
    expect(steps({ extensions: ['httpfs', { name: 'h3', repo: 'community' }, { name: 'mine', repo: 'https://x.invalid/e' }] })).toEqual([
      'install httpfs',
      'load httpfs',
      'install h3 from community',
      'load h3',
      `install mine from 'https://x.invalid/e'`,
      'load mine',
    ]);
  });

  test('secrets of every form', () => {
    expect(
      steps({
        secrets: [
          { type: 's3', key_id: "it's", secret: 'b', region: 'eu', use_ssl: false },
          { type: 's3', provider: 'credential_chain', scope: ['s3://a', 's3://b'], persistent: true, name: 'mine' },
          { type: 'http', extra_http_headers: { Authorization: 'Bearer x' }, scope: 'https://x' },
          { type: 'ducklake', metadata_parameters: { TYPE: 'postgres' }, list: ['a', 'b'] },
        ],
        use_credential_provider: 'aws',
      }),
    ).toEqual([
      `create or replace secret _dbt_secret_1 (type s3, key_id 'it''s', secret 'b', region 'eu', use_ssl 'false')`,
      `create or replace persistent secret mine (type s3, provider credential_chain, scope 's3://a', scope 's3://b')`,
      `create or replace secret _dbt_secret_3 (type http, extra_http_headers map {'Authorization': 'Bearer x'}, scope 'https://x')`,
      `create or replace secret _dbt_secret_4 (type ducklake, metadata_parameters map {'TYPE': 'postgres'}, list array ['a', 'b'])`,
      'create or replace secret _dbt_secret_5 (type s3, provider credential_chain)',
    ]);
  });

  test('attachments, with options in either place', () => {
    const attach = [
      { path: 'a.duckdb' },
      { path: 'b.db', type: 'sqlite', alias: 'b', read_only: true },
      { path: 'dbname=x host=h', alias: 'pg', options: { type: 'postgres', schema: 'public', read_only: true, secret: 's' } },
      {
        path: 'ducklake:lake.ducklake',
        alias: 'lake',
        options: { data_path: 's3://b/c', encrypted: true, override: false, snapshot_version: 3, nothing: null },
      },
      { path: ':memory:', alias: 'm' },
      { path: '/abs/c.duckdb', options: { quoted: "'as it is'" } },
    ];
    expect(steps({ attach })).toEqual([
      `attach if not exists '/project/a.duckdb'`,
      `attach if not exists '/project/b.db' as "b" (type sqlite, read_only)`,
      `attach if not exists 'dbname=x host=h' as "pg" (type postgres, secret s, read_only, schema 'public')`,
      `attach if not exists 'ducklake:lake.ducklake' as "lake" (data_path 's3://b/c', encrypted, snapshot_version 3)`,
      `attach if not exists ':memory:' as "m"`,
      `attach if not exists '/abs/c.duckdb' (quoted 'as it is')`,
    ]);
  });

  test('the plugin postgres attaches a database', () => {
    const config = {
      dsn: "host=h password='a b'",
      duckdb_alias: 'pg',
      pg_schema: 'public',
      read_only: true,
      settings: { pg_pages_per_task: 2 },
      attach_options: { x: true },
    };
    const { setup, python } = readProfile(target({ plugins: [{ module: 'postgres', config }] }), '/project');
    expect(setup.map((s) => s.sql)).toEqual([
      'install postgres',
      'load postgres',
      'set pg_pages_per_task = 2',
      `attach if not exists 'host=h password=''a b''' as pg (type postgres, schema 'public', x true, read_only)`,
    ]);
    expect(setup.at(-1)?.shown).not.toContain('a b');
    expect(python).toEqual([]);
  });

  test("MotherDuck's settings go first, wherever they stand", () => {
    const main = readProfile(target({ path: 'md:shop', motherduck_token: 't', settings: { SAAS_MODE: true, threads: 2 }, database: 'shop' }), '/p');
    expect(main.config).toEqual({ motherduck_token: 't', motherduck_saas_mode: 'true' });
    expect(main.settings).toEqual({ threads: 2 });
    expect(main.motherduck).toEqual({ token: true });
    const attached = readProfile(target({ attach: [{ path: 'md:shop?motherduck_token=t&x=1', alias: 'shop' }] }), '/p');
    expect(attached.setup.map((s) => s.sql)).toEqual(['load motherduck', `set motherduck_token = 't'`, `attach if not exists 'md:shop' as "shop"`]);
    expect(attached.setup[1]?.shown).toBe('set motherduck_token = ***');
    expect(readProfile(target({ path: 'x.duckdb', database: 'x' }), '/p').motherduck).toBeUndefined();
  });

  test('what is tried again, and how often', () => {
    const { connectAttempts, queryAttempts, passing } = readProfile(
      target({ retries: { connect_attempts: 3, query_attempts: 2, retryable_exceptions: ['IOException', 'InvalidInputException'] } }),
      '/p',
    );
    expect([connectAttempts, queryAttempts, [...passing]]).toEqual([3, 2, ['IO Error', 'Invalid Input Error']]);
  });
});

describe('what is wrong with a profile', () => {
  test.each([
    [{ attach: [{ path: 'a', type: 'sqlite', options: { type: 'sqlite' } }] }, 'key `attach[0]`: `type` is given twice, here and in `options`'],
    [{ attach: [{ alias: 'a' }] }, 'key `attach.0.path`'],
    [{ secrets: [{ name: 'a' }] }, 'key `secrets.0.type`'],
    [{ remote: { host: 'h' } }, 'key `remote`: dml does not speak to Buena Vista servers'],
    [{ use_credential_provider: 'gcs' }, 'key `use_credential_provider`: it can only be `aws`'],
    [{ plugins: [{ module: 'postgres', config: {} }] }, 'key `plugins[0].config.dsn`: it is missing'],
    [
      { path: 'md:', database: 'my_db', motherduck_token: 'a', settings: { motherduck_token: 'b' } },
      'key `motherduck_token`: settings.motherduck_token says otherwise',
    ],
    [{ path: 'a.duckdb', database: 'b' }, 'names the database `b`, but DuckDB calls the file `a.duckdb` `a`'],
  ])('%j', async (settings, message) => {
    expect(await problem(settings)).toContain(message);
  });

  test('an option that DuckDB has not', async () => {
    expect((await diagnosed(open({ config_options: { no_such_option: 1 } }))).message).toContain(
      'key `config_options.no_such_option`: DuckDB knows no such option',
    );
    const setting = await diagnosed(open({ settings: { no_such_setting: 1 } }));
    expect(setting.message).toContain('`settings.no_such_setting` of the profile could not be applied');
  });

  test('an extension that is not there, wherever it is needed', async () => {
    const extension_directory = folder();
    const at = { config_options: { extension_directory } };
    const wanted = await diagnosed(open({ ...at, extensions: [{ name: 'no_such_extension', repo: folder() }] }));
    expect([wanted.code, wanted.message]).toEqual([
      'extension-missing',
      'the DuckDB extension `no_such_extension`, which `extensions[0]` of the profile needs, is not installed and could not be fetched',
    ]);
    expect(wanted.hint).toMatch(/put no_such_extension\.duckdb_extension into EXTENSION_DIRECTORY\/v\d+\.\d+\.\d+\/\w+\//);
    const needed = await diagnosed(
      open({ config_options: { extension_directory, autoinstall_known_extensions: false }, attach: [{ path: 'a.db', type: 'sqlite' }] }),
    );
    expect([needed.code, needed.message]).toEqual(['extension-missing', expect.stringContaining('`sqlite_scanner`, which `attach[0]` of the profile needs')]);
  });

  test('MotherDuck without a token', async () => {
    expect((await diagnosed(open({ path: 'md:shop', database: 'shop' }))).code).toBe('motherduck-token');
    const offline = { config_options: { extension_directory: folder(), custom_extension_repository: folder() } };
    const tokened = await diagnosed(open({ path: 'md:shop', database: 'shop', ...offline }, { env: { MOTHERDUCK_TOKEN: 'x' } }));
    expect(tokened.code).not.toBe('motherduck-token');
  });

  test('Python is needed: said once, and the rest goes on', async () => {
    const told: Diagnostic[] = [];
    const w = await open(
      {
        plugins: [{ module: 'gsheet' }, { module: 'my_plugins', alias: 'mine' }, { module: 'excel' }],
        filesystems: [{ fs: 'gcsfs' }],
        module_paths: ['x'],
        keep_open: false,
      },
      { tell: (d) => told.push(d) },
    );
    expect(told.map((d) => `${d.severity} ${d.code} ${/: (.*) is Python/.exec(d.message)?.[1]}`)).toEqual([
      'warning plugin-idle the plugin `gsheet`',
      'warning plugin-idle the plugin `mine`',
      'warning plugin-idle `filesystems`',
    ]);
    await w.close();
  });

  test('no secret reaches the log or an error', async () => {
    const log: string[] = [];
    const secrets = [{ type: 's3', key_id: 'k', secret: 'hush' }];
    const settings = { extension_directory: folder() };
    await open(
      { secrets, attach: [{ path: 'host=localhost password=hush', type: 'postgres' }], config_options: settings },
      { onStatement: (sql) => log.push(sql) },
    ).catch((e: unknown) => log.push(String((e as DiagnosticError).diagnostic.message), String((e as DiagnosticError).diagnostic.cause)));
    expect(log.length).toBeGreaterThan(1);
    expect(log.join('\n')).not.toContain('hush');
  });
});

describe('two databases', () => {
  test('models may go to an attached one, which is the default then', async () => {
    const directory = folder();
    const w = await open({ path: 'main.duckdb', database: 'lake', attach: [{ path: 'other.duckdb', alias: 'lake' }] }, { directory });
    const s = await w.session('a');
    await s.answer({ kind: 'execute', sql: 'create table lake.main.t as select 1 as a' });
    expect(await s.answer({ kind: 'relations', database: null, schema: 'main' })).toMatchObject([{ database: 'lake', identifier: 't' }]);
    await w.close();
    expect(existsSync(join(directory, 'other.duckdb'))).toBe(true);
  });

  test('opened for reading, nothing is written, and two processes may read at once', async () => {
    const directory = folder();
    const settings = { path: 'main.duckdb', attach: [{ path: 'other.duckdb', alias: 'lake' }] };
    const first = await open(settings, { directory });
    await (await first.session('a')).answer({ kind: 'execute', sql: 'create table t as select 1 as a; create table lake.main.u as select 2 as a' });
    await first.close();
    const w = await open(settings, { directory, readOnly: true });
    const s = await w.session('a');
    expect(await rows(s, 'select * from t union all select * from lake.main.u')).toEqual([[1], [2]]);
    await s.answer({ kind: 'execute', sql: 'create temporary table x as select 1' });
    await expect(s.answer({ kind: 'execute', sql: 'create table v (a int)' })).rejects.toThrow(/read-only/);
    await expect(s.answer({ kind: 'execute', sql: 'create table lake.main.v (a int)' })).rejects.toThrow(/read-only/);
    await w.close();
  });
});
