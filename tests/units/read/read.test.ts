import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fine, minimal, profiles, readFiles } from './project.ts';

describe('dbt_project.yml', () => {
  it('fills in the defaults of dbt', async () => {
    const { root, packages, settings, selectors, cliVars } = fine(await readFiles(minimal));
    expect(root.config).toMatchObject({
      name: 'shop',
      version: null,
      profile: 'shop',
      paths: {
        model: ['models'],
        seed: ['seeds'],
        snapshot: ['snapshots'],
        test: ['tests'],
        macro: ['macros'],
        analysis: ['analyses'],
        function: ['functions'],
        asset: [],
        docs: ['models', 'seeds', 'snapshots', 'analyses', 'macros', 'tests', 'functions'],
      },
      targetPath: 'target',
      logPath: 'logs',
      packagesPath: 'dbt_packages',
      cleanTargets: ['target'],
      requireDbtVersion: [],
      quoting: {},
      dispatch: [],
      onRunStart: [],
      onRunEnd: [],
      queryComment: undefined,
      restrictAccess: false,
    });
    expect(packages.map((p) => [p.name, p.isRoot])).toEqual([['shop', true]]);
    expect([settings, selectors, Object.keys(cliVars)]).toEqual([{}, null, []]);
  });

  it('reads every key', async () => {
    const text = `name: shop
version: 1.0
config-version: 2
profile: shop
model-paths: [m]
target-path: out
clean-targets: [out, dbt_packages]
require-dbt-version: '>=1.0.0,<2.0.0'
quoting: {database: true, identifier: false}
dispatch:
  - {macro_namespace: dbt_utils, search_order: [shop, dbt_utils]}
on-run-start: "select '{{ target.schema }}'"
on-run-end:
  - a
  -
query-comment: {comment: "{{ x }}", append: true}
restrict-access: true
flags: {partial_parse: false}
vars: {start: 2020-01-01, shop: {a: "{{ b }}"}}
`;
    const { config } = fine(await readFiles({ ...minimal, 'dbt_project.yml': text, 'm/one.sql': 'select 1' })).root;
    expect(config).toMatchObject({
      version: '1',
      targetPath: 'out',
      cleanTargets: ['out', 'dbt_packages'],
      requireDbtVersion: ['>=1.0.0', '<2.0.0'],
      quoting: { database: true, identifier: false },
      dispatch: [{ macro_namespace: 'dbt_utils', search_order: ['shop', 'dbt_utils'] }],
      onRunStart: ["select '{{ target.schema }}'"],
      onRunEnd: ['a'],
      queryComment: { comment: '{{ x }}', append: true },
      restrictAccess: true,
      flags: { partial_parse: false },
      vars: { start: { text: '2020-01-01' }, shop: { a: '{{ b }}' } },
    });
  });

  it('takes an empty query comment as none', async () => {
    const { config } = fine(await readFiles({ ...minimal, 'dbt_project.yml': 'name: shop\nprofile: shop\nquery-comment:\n' })).root;
    expect(config.queryComment).toBeNull();
  });

  it('renders what dbt renders early, and nothing else', async () => {
    const text = `name: shop
profile: shop
model-paths: ["{{ env_var('FOLDER') }}"]
models:
  shop:
    +enabled: "{{ var('flag', true) }}"
    +schema: "x_{{ target.schema }}"
    +tags: ["{{ target.name }}", plain]
    +pre-hook: "{{ late() }}"
    staging:
      post_hook: ["{{ late() }}"]
      +meta: {since: 2024-01-01, n: "{{ target.threads * 2 }}", f: "{{ target.threads / 2 }}", l: "{{ var('l', [1, 'a']) }}", none: "{{ var('n', none) }}", text: "{{ env_var('N') }}", number: "{{ env_var('N') | as_number }}", bool: "{{ env_var('B') | as_bool }}", constant: "{{ 1 + 1 }}"}
      marked: {compared: "{{ target.name == 'dev' | as_bool }}", other: "{{ target.name == 'prod' | as_bool() }}", text: "{{ 7 | as_text }}", joined: "{{ env_var('N') | as_number }}7", none: "{{ 'None' | as_native }}", list: "{{ '[1, 2]' | as_native }}", word: "{{ 'none' | as_native }}"}
vars: {v: "{{ late() }}"}
on-run-start: "{{ late() }}"
`;
    const { config } = fine(
      await readFiles({ ...minimal, 'dbt_project.yml': text, 'sql/one.sql': 'select 1' }, { env: { FOLDER: 'sql', N: '7', B: 'True' }, vars: 'flag: false' }),
    ).root;
    expect(config.paths.model).toEqual(['sql']);
    expect(config.trees.models['shop']).toEqual({
      '+enabled': false,
      '+schema': 'x_main',
      '+tags': ['dev', 'plain'],
      '+pre-hook': '{{ late() }}',
      staging: {
        post_hook: ['{{ late() }}'],
        '+meta': { since: '2024-01-01', n: 2, f: { value: 0.5 }, l: [1, 'a'], none: null, text: '7', number: 7, bool: true, constant: '2' },
        // A filter binds closer than a comparison: the marked text is compared, and only a whole value is converted.
        marked: { compared: true, other: false, text: '7', joined: '77', none: null, list: [1, 2], word: 'none' },
      },
    });
    expect(config.unrenderedTrees.models['shop']).toMatchObject({ '+enabled': "{{ var('flag', true) }}" });
    expect(config.vars).toEqual({ v: '{{ late() }}' });
    expect(config.onRunStart).toEqual(['{{ late() }}']);
  });

  it('knows the old names of keys', async () => {
    const reading = await readFiles({
      ...minimal,
      'dbt_project.yml': 'name: shop\nprofile: shop\nsource-paths: [sql]\ntests: {shop: {+severity: warn}}\n',
      'sql/a.sql': '',
    });
    expect(reading.found).toEqual(['config-deprecated dbt_project.yml:3:1']);
    expect(reading.project?.root.config.paths.model).toEqual(['sql']);
    expect(reading.project?.root.config.trees.data_tests).toEqual({ shop: { '+severity': 'warn' } });
  });

  it.each([
    ['no name', 'profile: shop\n', ['config-invalid dbt_project.yml:1:1'], /`name` is missing/],
    ['a name that is no identifier', 'name: my-shop\nprofile: shop\n', ['project-name dbt_project.yml:1:7'], /`my-shop`/],
    ['a name that templates use', 'name: ref\nprofile: shop\n', ['project-name dbt_project.yml:1:7'], /templates use/],
    [
      'a text for a list',
      'name: shop\nprofile: shop\nmodel-paths: models\n',
      ['config-invalid dbt_project.yml:3:14'],
      /`model-paths` must be a list.*not the text `models`/,
    ],
    [
      'a number in a list of texts',
      'name: shop\nprofile: shop\nmodel-paths: [a, 2]\n',
      ['config-invalid dbt_project.yml:3:18'],
      /`model-paths\[1\]` must be a text, not `2`/,
    ],
    ['a text for a tree', 'name: shop\nprofile: shop\nmodels: x\n', ['config-invalid dbt_project.yml:3:9'], /`models` must be a mapping/],
    ['a broken dispatch', 'name: shop\nprofile: shop\ndispatch: [{macro_namespace: a}]\n', ['config-invalid dbt_project.yml:3:12'], /search_order` is missing/],
    ['no mapping', '- name: shop\n', ['config-invalid dbt_project.yml:1:1'], /must be a mapping/],
    ['broken YAML', 'name: shop\n\tprofile: shop\n', ['yaml-syntax dbt_project.yml:2:1'], /tab/],
  ])('refuses %s', async (_, text, found, words) => {
    const reading = await readFiles({ ...minimal, 'dbt_project.yml': text }, { profile: 'shop' });
    expect(reading.found).toEqual(found);
    expect(reading.sink.all[0]?.message).toMatch(words);
    expect(reading.project).toBeUndefined();
  });

  it('warns of an unknown key and offers the nearest', async () => {
    const reading = await readFiles({ ...minimal, 'dbt_project.yml': 'name: shop\nprofile: shop\nmodel-path: [models]\nzzz: 1\n' });
    expect(reading.found).toEqual(['config-unknown-key dbt_project.yml:3:1', 'config-unknown-key dbt_project.yml:4:1']);
    expect(reading.sink.all.map((d) => d.hint)).toEqual(['did you mean `model-paths`?', undefined]);
    expect(reading.project).toBeDefined();
  });

  it('refuses old and new names together', async () => {
    const text = 'name: shop\nprofile: shop\ntests: {a: {}}\ndata_tests: {a: {}}\ndata-paths: [a]\nseed-paths: [b]\n';
    expect((await readFiles({ ...minimal, 'dbt_project.yml': text })).found).toEqual([
      'config-conflict dbt_project.yml:5:1',
      'config-conflict dbt_project.yml:3:1',
    ]);
  });

  it.each([
    ['a missing variable', '"{{ env_var(\'NOPE\') }}"', ['env-var-missing dbt_project.yml:3:18'], /`NOPE`/],
    ['a secret', '"{{ env_var(\'DBT_ENV_SECRET_A\') }}"', ['env-var-secret dbt_project.yml:3:18'], /DBT_ENV_SECRET_A/],
    ['a missing var', '"{{ var(\'x\') }}"', ['var-not-found dbt_project.yml:3:18'], /`?x`?/],
    ['a syntax error', '"{{ 1 + }}"', ['jinja-syntax dbt_project.yml:3:22'], /./],
    ['an undefined name', '"{{ nope }}"', ['jinja-undefined dbt_project.yml:3:14'], /nope/],
    ['an error while it runs', '"{{ 1 + \'a\' }}"', ['jinja-error dbt_project.yml:3:18'], /unsupported operand/],
  ])('names the place of %s in a template', async (_, value, found, words) => {
    const reading = await readFiles({ ...minimal, 'dbt_project.yml': `name: shop\nprofile: shop\ntarget-path: ${value}\n` });
    expect(reading.found).toEqual(found);
    expect(reading.sink.all[0]?.message).toMatch(words);
  });

  it('holds require-dbt-version against the version it answers for', async () => {
    const files = { ...minimal, 'dbt_project.yml': 'name: shop\nprofile: shop\nrequire-dbt-version: [">=1.9.0", "<1.11.0"]\n' };
    expect((await readFiles(files, { dbtVersion: '1.11.0' })).found).toEqual(['dbt-version dbt_project.yml:3:22']);
    expect((await readFiles(files, { dbtVersion: '1.10.4' })).found).toEqual([]);
    expect((await readFiles(files)).found).toEqual([]);
    const broken = { ...minimal, 'dbt_project.yml': 'name: shop\nprofile: shop\nrequire-dbt-version: soon\n' };
    expect((await readFiles(broken, { dbtVersion: '1.11.0' })).found).toEqual(['config-invalid dbt_project.yml:3:22']);
  });
});

describe('the folder', () => {
  it('must have a dbt_project.yml; the nearest above is offered', async () => {
    const reading = await readFiles({ ...minimal, 'sub/keep': '' }, {}, () => undefined, 'sub');
    expect(reading.found).toEqual(['project-not-found']);
    expect(reading.sink.all[0]?.message).toContain(join(reading.dir, 'sub'));
    expect(reading.sink.all[0]?.hint).toContain(`--project-dir ${reading.dir}`);
    expect(reading.project).toBeUndefined();
  });

  it('may be given relative to the current one', async () => {
    const reading = await readFiles({ 'shop/dbt_project.yml': 'name: shop\n', 'shop/models/x.sql': 'select 1' }, { projectDir: '../shop' });
    expect(fine(reading).dir).toBe(join(reading.dir, 'shop'));
  });

  it('is noted when it holds nothing to build', async () => {
    const reading = await readFiles({ 'dbt_project.yml': 'name: shop\nprofile: shop\n', 'profiles.yml': profiles });
    expect(reading.found).toEqual(['project-empty']);
    expect(reading.sink.errors).toEqual([]);
    expect(reading.project).toBeDefined();
  });
});

describe('--vars', () => {
  it('is a YAML mapping', async () => {
    const { cliVars } = fine(await readFiles(minimal, { vars: '{a: 1, b: yes, c: 2024-01-01}' }));
    expect(cliVars).toMatchObject({ a: 1, b: true, c: { text: '2024-01-01' } });
  });

  it.each([
    ['[1]', ['vars-invalid --vars:1:1']],
    ['a: {', ['yaml-syntax --vars:1:4']],
  ])('refuses %s', async (vars, found) => {
    expect((await readFiles(minimal, { vars })).found).toEqual(found);
  });
});

describe('packages', () => {
  const dbtUtils = 'name: dbt_utils\n';

  it('are read in the order of their names, without the variables of the command line', async () => {
    const files = {
      ...minimal,
      'dbt_packages/zeta/dbt_project.yml': "name: zeta\nmodel-paths: [\"{{ var('folder', 'sql') }}\"]\n",
      'dbt_packages/zeta/sql/z.sql': 'select 1',
      'dbt_packages/dbt_utils/dbt_project.yml': dbtUtils,
      'dbt_packages/dbt_utils/macros/m.sql': '{% macro m() %}{% endmacro %}',
      'dbt_packages/.git/x': '',
      'dbt_packages/file.txt': '',
    };
    const project = fine(await readFiles(files, { vars: 'folder: elsewhere' }));
    expect(project.packages.map((p) => p.name)).toEqual(['shop', 'dbt_utils', 'zeta']);
    expect(project.packages[2]?.files.map((f) => f.source.path)).toEqual(['sql/z.sql']);
    expect(project.packages[1]?.files.map((f) => [f.kind, f.source.path])).toEqual([['macro', 'macros/m.sql']]);
  });

  it('that are listed and not installed are named with the place', async () => {
    const files = {
      ...minimal,
      'packages.yml': 'packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.0.0\n  - git: "https://example.com/a/thing.git"\n',
      'dbt_packages/dbt_utils/dbt_project.yml': dbtUtils,
    };
    const reading = await readFiles(files);
    expect(reading.found).toEqual(['packages-not-installed packages.yml:4:10']);
    expect(reading.sink.all[0]?.message).toMatch(/thing/);
  });

  it('may be listed in dependencies.yml, but not in both', async () => {
    const list = 'packages:\n  - local: ../x\n';
    expect((await readFiles({ ...minimal, 'dependencies.yml': list })).found).toEqual(['packages-not-installed dependencies.yml:2:12']);
    expect((await readFiles({ ...minimal, 'dependencies.yml': list, 'packages.yml': list })).found).toEqual([
      'config-conflict packages.yml:1:1',
      'packages-not-installed dependencies.yml:2:12',
    ]);
  });

  it('must be whole and have names of their own', async () => {
    const files = {
      ...minimal,
      'dbt_packages/a/dbt_project.yml': dbtUtils,
      'dbt_packages/b/dbt_project.yml': dbtUtils,
      'dbt_packages/c/dbt_project.yml': 'name: shop\n',
      'dbt_packages/d/readme.txt': '',
    };
    const reading = await readFiles(files);
    expect(reading.found).toEqual([
      'package-duplicate dbt_packages/b/dbt_project.yml:1:7',
      'package-duplicate dbt_packages/c/dbt_project.yml:1:7',
      'package-broken',
    ]);
  });
});

describe('dml.yml and selectors.yml', () => {
  it('are optional, checked, and selectors are rendered', async () => {
    const files = {
      ...minimal,
      'dml.yml': 'failures: 3\nlockTimeout: 1.5\n',
      'selectors.yml': 'selectors:\n  - name: "{{ target.name }}_only"\n    definition: tag:x\n',
    };
    const project = fine(await readFiles(files));
    expect(project.settings).toEqual({ failures: 3, lockTimeout: 1.5 });
    expect(project.selectors).toEqual({ selectors: [{ name: 'dev_only', definition: 'tag:x' }] });
  });

  it('refuse unknown keys and wrong values', async () => {
    const reading = await readFiles({ ...minimal, 'dml.yml': 'failure: 3\nlockTimeout: soon\n' });
    expect(reading.found).toEqual(['config-unknown-key dml.yml:1:1', 'config-invalid dml.yml:2:14']);
    expect(reading.sink.all.map((d) => d.severity)).toEqual(['error', 'error']);
    expect(reading.sink.all[0]?.hint).toBe('did you mean `failures`?');
  });
});
