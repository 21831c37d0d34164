import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseOf } from '../../../src/sql/index.ts';
import { type Files, fine, minimal, profiles, readFiles } from './project.ts';

function withProfiles(text: string): Files {
  return { ...minimal, 'profiles.yml': text };
}

describe('without profiles.yml', () => {
  const files = { 'dbt_project.yml': 'name: shop\nprofile: shop\n', 'models/one.sql': 'select 1' };

  it('an embedded DuckDB in the target folder is used', async () => {
    const reading = await readFiles(files);
    const project = fine(reading);
    expect(project.defaultedTarget).toBe(true);
    const path = join(reading.dir, 'target', 'shop.duckdb');
    expect(project.target).toEqual({
      profileName: 'shop',
      name: 'dev',
      type: 'duckdb',
      threads: 4,
      database: 'shop',
      schema: 'main',
      settings: { type: 'duckdb', path, schema: 'main', database: 'shop' },
    });
  });

  it('follows target path and threads', async () => {
    const reading = await readFiles({ ...files, 'dbt_project.yml': 'name: shop\ntarget-path: out\n' }, { threads: 2 });
    expect(fine(reading).target).toMatchObject({ threads: 2, settings: { path: join(reading.dir, 'out', 'shop.duckdb') } });
  });

  it('no other target can be chosen', async () => {
    const reading = await readFiles(files, { target: 'prod' });
    expect(reading.found).toEqual(['target-not-found']);
    expect(reading.project).toBeUndefined();
  });

  it('a project that names no profile has no use for one that exists', async () => {
    expect(fine(await readFiles({ ...minimal, 'dbt_project.yml': 'name: shop\n' })).defaultedTarget).toBe(true);
  });
});

describe('where profiles.yml is looked for', () => {
  const named = (schema: string): string => `shop: {target: dev, outputs: {dev: {type: duckdb, path: x.db, schema: ${schema}}}}\n`;
  const everywhere: Files = {
    ...minimal,
    'profiles.yml': named('project'),
    'elsewhere/profiles.yml': named('current'),
    'home/.dbt/profiles.yml': named('home'),
    'given/profiles.yml': named('given'),
  };
  const without = (...paths: string[]): Files => Object.fromEntries(Object.entries(everywhere).filter(([path]) => !paths.includes(path)));

  it.each([
    ['--profiles-dir, from the current folder', everywhere, { profilesDir: '../given' }, 'given'],
    ['DBT_PROFILES_DIR', everywhere, { env: { DBT_PROFILES_DIR: '../given' } }, 'given'],
    ['the current folder', everywhere, {}, 'current'],
    ['the project', without('elsewhere/profiles.yml'), {}, 'project'],
    ['the home folder', without('elsewhere/profiles.yml', 'profiles.yml'), {}, 'home'],
  ])('%s', async (_, files, options, schema) => {
    expect(fine(await readFiles({ ...files, 'elsewhere/x': '' }, options)).target.schema).toBe(schema);
  });

  it.each([
    [{ profilesDir: '../nowhere' }, /--profiles-dir/],
    [{ env: { DBT_PROFILES_DIR: '/nowhere' } }, /DBT_PROFILES_DIR/],
  ])('and must be where it was said to be: %j', async (options, words) => {
    const reading = await readFiles(everywhere, options);
    expect(reading.found).toEqual(['profiles-not-found']);
    expect(reading.sink.all[0]?.message).toMatch(words);
  });
});

describe('the chosen output', () => {
  it('has defaults', async () => {
    expect(fine(await readFiles(withProfiles('shop:\n  outputs:\n    default: {type: duckdb, path: dir/my.db.duckdb}\n'))).target).toEqual({
      profileName: 'shop',
      name: 'default',
      type: 'duckdb',
      threads: 1,
      database: 'my',
      schema: 'main',
      settings: { type: 'duckdb', path: 'dir/my.db.duckdb' },
    });
  });

  it('is the only one that is rendered', async () => {
    const text = `shop:
  target: "{{ env_var('WHICH', 'dev') }}"
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('DB') }}.duckdb"
      threads: "{{ env_var('THREADS') | as_number }}"
      schema: "{{ var('who', 'main') }}"
      settings: {token: "{{ env_var('DBT_ENV_SECRET_TOKEN') }}", limit: 1.5}
    prod:
      type: "{{ env_var('MISSING') }}"
`;
    const env = { DB: 'a', THREADS: '3', DBT_ENV_SECRET_TOKEN: 'hidden' };
    const project = fine(await readFiles(withProfiles(text), { env, vars: 'who: me' }));
    expect(project.target).toMatchObject({
      name: 'dev',
      threads: 3,
      database: 'a',
      schema: 'me',
      settings: { path: 'a.duckdb', settings: { token: 'hidden', limit: 1.5 } },
    });
    expect((await readFiles(withProfiles(text), { env: { ...env, WHICH: 'prod' } })).found[0]).toBe('env-var-missing profiles.yml:11:17');
  });

  it('is chosen by --target and --profile, and --threads wins', async () => {
    const text = `${profiles}    prod: {type: duckdb, path: p.duckdb, threads: 8}\nother: {outputs: {default: {type: duckdb, path: o.duckdb}}}\n`;
    expect(fine(await readFiles(withProfiles(text), { target: 'prod' })).target).toMatchObject({ name: 'prod', threads: 8, database: 'p' });
    expect(fine(await readFiles(withProfiles(text), { profile: 'other', threads: 7 })).target).toMatchObject({
      profileName: 'other',
      threads: 7,
      database: 'o',
    });
  });

  it('knows the other spellings of Postgres keys, and passwords with braces', async () => {
    const text = 'shop: {outputs: {default: {type: postgres, host: h, user: u, pass: "{{x", dbname: d, schema: s, port: 5432}}}\n';
    expect(fine(await readFiles(withProfiles(text.replace('pass:', 'password:')))).target).toMatchObject({
      database: 'd',
      settings: { password: '{{x', port: 5432 },
    });
    const both = 'shop: {outputs: {default: {type: postgres, dbname: d, database: e, schema: s}}}\n';
    expect((await readFiles(withProfiles(both))).found).toEqual(['profile-invalid profiles.yml:1:52']);
  });

  it('is what templates of the project see, without its secrets', async () => {
    const text = 'shop: {outputs: {default: {type: postgres, host: h, user: u, password: p, dbname: d, schema: s}}}\n';
    const project =
      "name: shop\nprofile: shop\ntarget-path: \"{{ target.name }}-{{ target.type }}-{{ target.database }}-{{ target.host }}-{{ target.get('password', 'none') }}\"\n";
    expect(fine(await readFiles({ ...withProfiles(text), 'dbt_project.yml': project })).root.config.targetPath).toBe('default-postgres-d-h-none');
  });
});

describe('mistakes in profiles', () => {
  it.each([
    ['a profile that is not there', 'shp: {outputs: {}}\n', 'profile-not-found dbt_project.yml:2:10', /did you mean `shp`/],
    ['an empty profile', 'shop:\n', 'profile-invalid profiles.yml:1:6', /empty/],
    ['no outputs', 'shop: {target: dev}\n', 'profile-invalid profiles.yml:1:7', /outputs.*missing/],
    ['a target that is not there', 'shop:\n  target: dve\n  outputs: {dev: {type: duckdb}}\n', 'target-not-found profiles.yml:2:11', /did you mean `dev`/],
    ['no default target', 'shop:\n  outputs: {dev: {type: duckdb}, prod: {type: duckdb}}\n', 'target-not-found profiles.yml:2:3', /its targets: dev, prod/],
    ['an output that is no mapping', 'shop: {target: dev, outputs: {dev: duckdb}}\n', 'profile-invalid profiles.yml:1:36', /mapping/],
    ['no type', 'shop: {target: dev, outputs: {dev: {path: x}}}\n', 'profile-invalid profiles.yml:1:36', /type.*missing/],
    ['wrong threads', 'shop: {target: dev, outputs: {dev: {type: duckdb, threads: many}}}\n', 'profile-invalid profiles.yml:1:60', /whole number/],
    [
      'no schema where there is no default',
      'shop: {target: dev, outputs: {dev: {type: postgres, dbname: d}}}\n',
      'profile-invalid profiles.yml:1:36',
      /schema.*missing/,
    ],
    ['a schema that is no text', 'shop: {target: dev, outputs: {dev: {type: duckdb, schema: 1}}}\n', 'profile-invalid profiles.yml:1:59', /schema.*text/],
    [
      'a missing environment variable',
      'shop:\n  outputs:\n    default: {type: duckdb, path: "{{ env_var(\'NOPE\') }}"}\n',
      'env-var-missing profiles.yml:3:39',
      /default/,
    ],
    ['broken YAML', 'shop:\n\toutputs: {}\n', 'yaml-syntax profiles.yml:2:1', /spaces/],
  ])('%s', async (_, text, found, words) => {
    const reading = await readFiles(withProfiles(text));
    expect(reading.found).toEqual([found]);
    const [d] = reading.sink.all;
    expect(`${d?.message}\n${d?.hint ?? ''}`).toMatch(words);
  });

  it('an empty file has no profiles', async () => {
    expect((await readFiles(withProfiles('# nothing\n'))).found).toEqual(['profile-not-found dbt_project.yml:2:10']);
  });
});

describe('the name of a database', () => {
  // As dbt-duckdb 1.11.1 derives them.
  it.each([
    [undefined, 'memory'],
    [':memory:', 'memory'],
    ['x.duckdb', 'x'],
    ['dir/my.db.duckdb', 'my'],
    ['.hidden.duckdb', 'hidden'],
    ['/abs/a.b', 'a'],
    ['noext', 'noext'],
    ['md:', 'my_db'],
    ['md:shop', 'shop'],
    ['md:shop?motherduck_token=x', 'shop'],
    ['motherduck:shop', 'shop'],
    ['ducklake:meta.ducklake', 'meta'],
    ['ducklake:dir/meta.ducklake', 'meta'],
    ['s3://b/x.duckdb', 'x'],
    ['a b.duckdb', 'a b'],
    ['UPPER.DuckDB', 'UPPER'],
    ['main.duckdb', 'main_db'],
    ['ducklake:sqlite:dir/meta.sqlite', 'meta'],
    ['target/shop.duckdb?x=1', 'shop'],
    ['C-1.db', 'C-1'],
  ])('%s is %s', (path, name) => {
    expect(databaseOf(path)).toBe(name);
  });
});
