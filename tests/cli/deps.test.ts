import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dml as command } from '../units/cli/world.ts';

// Real git repositories, a real server on the loopback interface, and the real dbt where DML_TEST_DBT names one.
let dir = '';
const project = () => path.join(dir, 'shop');

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-deps-')));
  write('shop/dbt_project.yml', 'name: shop\nversion: 1.0.0\nprofile: shop\n');
  write('shop/profiles.yml', 'shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n');
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  fs.writeFileSync(path.join(dir, name), text);
}
const packages = (text: string) => write('shop/packages.yml', `packages:\n${text}\n`);
const read = (name: string) => fs.readFileSync(path.join(dir, name), 'utf8');
const installed = () => fs.readdirSync(path.join(project(), 'dbt_packages')).sort();

const identity = { GIT_AUTHOR_NAME: 'n', GIT_AUTHOR_EMAIL: 'n@h', GIT_COMMITTER_NAME: 'n', GIT_COMMITTER_EMAIL: 'n@h', GIT_CONFIG_GLOBAL: '/dev/null' };
function git(name: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: path.join(dir, name), env: { ...process.env, ...identity }, encoding: 'utf8' }).trim();
}
/** A repository with one commit, tagged v1; answers the commit. */
function repository(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) write(`${name}/${file}`, text);
  git(name, 'init', '--quiet', '--initial-branch=main');
  return commit(name, 'v1');
}
function commit(name: string, tag?: string): string {
  git(name, 'add', '--all');
  git(name, 'commit', '--quiet', '--message=change', '--allow-empty');
  if (tag !== undefined) git(name, 'tag', tag);
  return git(name, 'rev-parse', 'HEAD');
}

async function dml(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const given = { PATH: process.env['PATH'], HOME: dir, XDG_CACHE_HOME: path.join(dir, 'cache'), ...env };
  const ran = await command(project(), ['deps', ...args], { env: given });
  const lines = ran.stdout.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, '').replaceAll(dir, 'DIR'));
  return { code: ran.code, lines: lines.slice(1, -1), text: lines.join('\n') };
}

describe('local and git packages', () => {
  test('are installed as dbt does, locked, and installed again from the lock', async () => {
    write('lib/dbt_project.yml', 'name: lib\n');
    const first = repository('g', { 'dbt_project.yml': 'name: g\n', 'sub/dbt_project.yml': 'name: sub\n' });
    packages(
      `  - local: ../lib\n  - git: "${dir}/{{ 'g' }}"\n    revision: v1\n  - git: "file://${dir}/g"\n    subdirectory: sub\n    revision: main\n    warn-unpinned: false`,
    );
    expect(await dml()).toMatchObject({
      code: 0,
      lines: [
        'Updating lock file in file path: DIR/shop/package-lock.yml',
        'Installing ../lib',
        'Installed from <local @ ../lib>',
        'Installing DIR/g',
        `Installed from revision ${first}`,
        'Installing file://DIR/g/sub',
        `Installed from revision ${first}`,
        'and subdirectory sub',
      ],
    });
    expect(installed()).toEqual(['g', 'lib', 'sub']);
    expect(fs.readlinkSync(path.join(project(), 'dbt_packages/lib'))).toBe(path.join(dir, 'lib'));
    expect(fs.readdirSync(path.join(project(), 'dbt_packages/g')).sort()).toEqual(['dbt_project.yml', 'sub']);
    const lock = read('shop/package-lock.yml');
    expect(lock.replaceAll(dir, 'DIR')).toMatch(
      /^packages:\n {2}- local: \.\.\/lib\n {4}name: lib\n {2}- git: DIR\/{{ 'g' }}\n {4}name: g\n {4}revision: [0-9a-f]{40}\n/,
    );
    // What was removed from the list by hand goes; the branch that moved stays where the lock has it.
    write('g/new.sql', 'select 1');
    const second = commit('g');
    fs.mkdirSync(path.join(project(), 'dbt_packages/stale'));
    expect((await dml()).lines).toContain(`Installed from revision ${first}`);
    expect([installed(), read('shop/package-lock.yml')]).toEqual([['g', 'lib', 'sub'], lock]);
    const upgraded = await dml(['--upgrade']);
    expect(upgraded.lines).toContain(`Installed from revision ${second}`);
    expect(read('shop/package-lock.yml')).toContain(second);
    // With the repository gone, the cache still has both commits.
    fs.rmSync(path.join(dir, 'g'), { recursive: true });
    fs.rmSync(path.join(project(), 'dbt_packages'), { recursive: true });
    expect(await dml(['--offline'])).toMatchObject({ code: 0 });
    expect(installed()).toEqual(['g', 'lib', 'sub']);
  });

  test('may be named by a branch, a tag that is called like a branch, or a commit in the history', async () => {
    const first = repository('g', { 'dbt_project.yml': 'name: g\n' });
    git('g', 'branch', 'both');
    write('g/b.sql', '');
    const second = commit('g', 'both');
    const third = commit('g');
    for (const [revision, wanted] of [
      ['both', second],
      [first, first],
      ['main', third],
    ]) {
      packages(`  - {git: ../g, revision: "${revision}", warn-unpinned: false}`);
      expect((await dml()).lines).toContain(`Installed from revision ${wanted}`);
    }
  });

  test('that are not pinned are warned about once', async () => {
    repository('g', { 'dbt_project.yml': 'name: g\n' });
    packages('  - git: ../g');
    const { code, text } = await dml();
    expect([code, text.match(/warning\[package-unpinned\]/g)]).toEqual([0, ['warning[package-unpinned]']]);
    expect(text).toContain('packages.yml:2:10');
  });

  test('bring the packages that they list, in a circle even', async () => {
    repository('g', { 'dbt_project.yml': 'name: g\n', 'packages.yml': 'packages:\n  - local: ../lib\n' });
    write('lib/dbt_project.yml', 'name: lib\n');
    write('lib/packages.yml', 'packages:\n  - {git: ../g, revision: v1}\n  - local: ../last\n');
    write('last/dbt_project.yml', 'name: last\n');
    packages('  - {git: ../g, revision: v1}');
    expect((await dml(['--lock'])).code).toBe(0);
    expect(read('shop/package-lock.yml').match(/name: .*/g)).toEqual(['name: g', 'name: lib', 'name: last']);
    expect(fs.existsSync(path.join(project(), 'dbt_packages'))).toBe(false);
  });
});

describe('mistakes leave what is installed alone', () => {
  test.each([
    [
      'two revisions of one repository',
      '  - {git: ../g, revision: v1}\n  - {git: ../g.git, revision: main}',
      ['error[package-revisions]', '`../g` is asked for in several revisions: v1, main', 'note: `main` is asked for, by packages.yml'],
    ],
    ['a revision that is not there', '  - {git: ../g, revision: nope}', ['error[package-git-failed]', 'it has no branch or tag `nope`', 'packages.yml:2:11']],
    ['a short commit', '  - {git: ../g, revision: abcdef0}', ['hint: a commit must be given with all of its 40 digits']],
    ['a commit that is not there', `  - {git: ../g, revision: ${'0'.repeat(40)}}`, ['error[package-git-failed]']],
    ['a repository that is not there', '  - {git: ../none, revision: v1}', ['error[package-git-failed]', 'does not appear to be a git repository']],
    ['a folder that is not there', '  - local: ../none', ['error[package-unusable]', 'there is no such folder']],
    ['a folder that is no package', '  - local: ../g/docs', ['it has no dbt_project.yml']],
    ['a subdirectory that is not there', '  - {git: ../g, revision: v1, subdirectory: none}', ['it has no folder `none`']],
    ['a subdirectory outside', '  - {git: ../g, revision: v1, subdirectory: ../..}', ['it has no folder `../..`']],
    ['a link that leads out', '  - {git: ../g, revision: links}', ['the link `out` leads out of the package']],
    ['a name that leads out', '  - local: ../out', ['`../evil` in its dbt_project.yml cannot be the name of a package']],
    ['the name of the project', '  - local: ../same', ['error[package-name-taken]', 'the project and `../same` are both called `shop`']],
    ['one name twice', '  - local: ../g\n  - {git: ../g, revision: v1}', ['error[package-kinds]']],
    ['one name at two addresses', '  - local: ../g/.\n  - {git: ../g, revision: v1}', ['`../g/.` and `../g` are both called `g`']],
    ['a broken list', '  - git: x\n    revison: y', ['error[package-entry]', 'did you mean `revision`?']],
  ])('%s', async (_, list, messages) => {
    repository('g', { 'dbt_project.yml': 'name: g\n', 'docs/x.md': '' });
    git('g', 'checkout', '--quiet', '-b', 'links');
    fs.symlinkSync('../../shop/profiles.yml', path.join(dir, 'g/out'));
    commit('g');
    git('g', 'checkout', '--quiet', 'main');
    write('out/dbt_project.yml', 'name: ../evil\n');
    write('same/dbt_project.yml', 'name: shop\n');
    write('shop/dbt_packages/before/dbt_project.yml', 'name: before\n');
    packages(list);
    const { code, text } = await dml();
    for (const message of messages) expect(text).toContain(message);
    expect([code, installed()]).toEqual([2, ['before']]);
    expect(fs.existsSync(path.join(project(), 'package-lock.yml'))).toBe(false);
  });

  test('no git', async () => {
    packages('  - {git: ../g, revision: v1}');
    const { code, text } = await dml([], { PATH: dir });
    expect([code, text]).toEqual([2, expect.stringContaining('error[git-missing]')]);
  });

  test('no list, or an empty one', async () => {
    const nothing = { code: 0, lines: ['Warning: No packages were found in packages.yml'] };
    expect(await dml()).toMatchObject(nothing);
    write('shop/packages.yml', '');
    expect(await dml()).toMatchObject(nothing);
  });

  test('secrets are in no line and no lock', async () => {
    packages(`  - {git: "file://{{ env_var('DBT_ENV_SECRET_TOKEN') }}@nowhere/x", revision: v1}`);
    const { code, text } = await dml([], { DBT_ENV_SECRET_TOKEN: 'hush-hush' });
    expect(code).toBe(2);
    expect(text).toContain('*****');
    expect(text).not.toContain('hush-hush');
  });
});

test('other commands say that packages are missing, and what to do', async () => {
  write('lib/dbt_project.yml', 'name: lib\n');
  packages('  - local: ../lib');
  const parse = () => command(project(), ['parse'], { env: {} });
  expect((await parse()).stdout).toMatch(/error\[packages-not-installed\][\s\S]*hint: run `dml deps`/);
  expect((await dml()).code).toBe(0);
  expect((await parse()).code).toBe(0);
});

describe('--add-package', () => {
  test('lists a package, keeps the comments and installs it', async () => {
    write('lib/dbt_project.yml', 'name: lib\n');
    write('other/dbt_project.yml', 'name: other\n');
    packages('  # why\n  - local: ../lib');
    expect((await dml(['--add-package', '../other', '--source', 'local'])).lines[0]).toBe('Added new package ../other@ to DIR/shop/packages.yml');
    expect([read('shop/packages.yml'), installed()]).toEqual(['packages:\n  # why\n  - local: ../lib\n  - local: ../other\n', ['lib', 'other']]);
  });

  test('needs a version, except for a folder', async () => {
    const { code, text } = await dml(['--add-package', 'dbt-labs/dbt_utils']);
    expect([code, text]).toEqual([2, expect.stringContaining('has no version')]);
    expect((await dml(['--add-package', 'git@host:a/b', '--source', 'git'])).text).toContain('`--add-package git@host:a/b` has no version');
    expect(fs.existsSync(path.join(project(), 'packages.yml'))).toBe(false);
  });
});

describe('the hub and archives', () => {
  let server: http.Server;
  let base = '';
  /** Answers by path; what is not here is 404. */
  const answers = new Map<string, string | Buffer | number>();
  let asked: string[] = [];

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      const url = request.url ?? '';
      asked.push(url);
      const answer = answers.get(url);
      response.statusCode = typeof answer === 'number' ? answer : answer === undefined ? 404 : 200;
      response.end(typeof answer === 'number' ? '' : answer);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    answers.clear();
    asked = [];
  });

  const hub = (args: readonly string[] = []) => dml(args, { DBT_PACKAGE_HUB_URL: base });

  function archive(top: string, files: Readonly<Record<string, string>>): Buffer {
    for (const [name, text] of Object.entries(files)) write(`pack/${top}/${name}`, text);
    const bytes = execFileSync('tar', ['cz', '-C', path.join(dir, 'pack'), top], { maxBuffer: 1 << 24 });
    fs.rmSync(path.join(dir, 'pack'), { recursive: true });
    return bytes;
  }

  /** Puts a package into the index: versions with what they need. */
  function publish(name: string, versions: Readonly<Record<string, { needs?: unknown; dbt?: readonly string[] }>>): void {
    const short = name.slice(name.indexOf('/') + 1);
    const described = Object.entries(versions).map(([version, { needs, dbt }]) => {
      const file = `/files/${short}-${version}.tar.gz`;
      answers.set(file, archive(`${short}-${version}`, { 'dbt_project.yml': `name: ${short}\nversion: ${version}\n` }));
      return [
        version,
        { name: short, version, packages: needs ?? [], downloads: { tarball: new URL(file, base).href }, ...(dbt && { require_dbt_version: dbt }) },
      ];
    });
    answers.set(`/api/v1/${name}.json`, JSON.stringify({ name: short, namespace: name.slice(0, name.indexOf('/')), versions: Object.fromEntries(described) }));
    const all = JSON.parse(String(answers.get('/api/v1/index.json') ?? '[]')) as string[];
    answers.set('/api/v1/index.json', JSON.stringify([...all, name]));
  }

  const utils = { '0.9.0': {}, '1.0.0': {}, '1.1.0': {}, '1.10.0': {}, '2.0.0': { dbt: ['>=2.0.0'] }, '3.0.0-rc1': {} };

  test('solve versions together, lock them, and need no network again', async () => {
    publish('a/utils', utils);
    publish('b/dates', { '0.5.0': { needs: [{ package: 'a/utils', version: ['>=1.0.0', '<1.10.0'] }] } });
    packages('  - {package: b/dates, version: 0.5.0}\n  - {package: a/utils, version: [">=0.9.0"]}');
    expect(await hub()).toMatchObject({
      code: 0,
      lines: [
        'Updating lock file in file path: DIR/shop/package-lock.yml',
        'Installing b/dates',
        'Installed from version 0.5.0',
        'Up to date!',
        'Installing a/utils',
        'Installed from version 1.1.0',
        'Updated version available: 1.10.0',
        '',
        "Updates available for packages: ['a/utils'] ",
        'Update your versions in packages.yml, then run dml deps',
      ],
    });
    expect(read('shop/dbt_packages/utils/dbt_project.yml')).toContain('version: 1.1.0');
    expect(read('shop/package-lock.yml')).toMatch(
      /- name: dates\n {4}package: b\/dates\n {4}version: 0\.5\.0\n {2}- name: utils\n {4}package: a\/utils\n {4}version: 1\.1\.0\n/,
    );
    expect(asked.filter((url) => url.includes('utils'))).toEqual(['/api/v1/a/utils.json', '/files/utils-1.1.0.tar.gz']);
    asked = [];
    fs.rmSync(path.join(project(), 'dbt_packages'), { recursive: true });
    expect(await hub(['--offline'])).toMatchObject({ code: 0 });
    expect([asked, installed()]).toEqual([[], ['dates', 'utils']]);
  });

  test('say who wants what when nothing fits', async () => {
    publish('a/utils', utils);
    publish('b/dates', { '0.5.0': { needs: [{ package: 'a/utils', version: '1.0.0' }] } });
    packages('  - {package: a/utils, version: ">=1.1.0"}\n  - {package: b/dates, version: 0.5.0}');
    const { code, text } = await hub();
    expect([code, text]).toEqual([2, expect.stringContaining('error[package-version-conflict]: no version of `a/utils` meets everything that is asked of it')]);
    expect(text).toContain('note: `>=1.1.0` is asked for, by packages.yml');
    expect(text).toContain('note: `1.0.0` is asked for, by b/dates 0.5.0');
    expect(text).toContain('hint: versions that work here: 0.9.0, 1.0.0, 1.1.0, 1.10.0');
  });

  test.each([
    ['">=1.0.0"', [], '1.10.0'],
    ['">=1.0.0"', ['--no-version-check'], '2.0.0'],
    ['">=1.0.0", install_prerelease: true', [], '3.0.0-rc1'],
    ['3.0.0-rc1', [], '3.0.0-rc1'],
  ])('version %s with %j is %s', async (version, args, wanted) => {
    publish('a/utils', utils);
    packages(`  - {package: a/utils, version: ${version}}`);
    expect((await hub(args)).lines).toContain(`Installed from version ${wanted}`);
  });

  test('a name that is not there, or has moved', async () => {
    publish('a/utils', utils);
    packages('  - {package: a/utilz, version: 1.0.0}');
    expect((await hub()).text).toMatch(/error\[package-unknown\][\s\S]*hint: did you mean `a\/utils`/);
    answers.set('/api/v1/a/utils.json', JSON.stringify({ ...(JSON.parse(String(answers.get('/api/v1/a/utils.json'))) as object), redirectnamespace: 'c' }));
    packages('  - {package: a/utils, version: 1.0.0}');
    expect(await hub()).toMatchObject({ code: 0, text: expect.stringContaining('warning[package-moved]: the package `a/utils` is now called `c/utils`') });
  });

  test('no network, and nothing in the cache', async () => {
    packages('  - {package: a/utils, version: 1.0.0}');
    expect((await hub(['--offline'])).text).toContain('error[network-unreachable]: offline, and not in the cache');
    const { code, text } = await dml([], { DBT_PACKAGE_HUB_URL: 'http://127.0.0.1:1/' });
    expect([code, text]).toEqual([2, expect.stringContaining('error[network-unreachable]: there is no answer from http://127.0.0.1:1/api/v1/a/utils.json')]);
  });

  test('a server that fails is not asked for ever, and the last answer is used', async () => {
    publish('a/utils', utils);
    packages('  - {package: a/utils, version: 1.0.0}');
    expect((await hub()).code).toBe(0);
    for (const url of answers.keys()) answers.set(url, 500);
    asked = [];
    expect(await hub(['--upgrade'])).toMatchObject({ code: 0, text: expect.stringContaining('package-from-cache') });
    expect(asked).toEqual(Array(3).fill('/api/v1/a/utils.json'));
  });

  test('archives take the name of the list, from a server or a file', async () => {
    const bytes = archive('top', { 'dbt_project.yml': 'name: inner\n', 'macros/m.sql': '' });
    answers.set('/t.tgz', bytes);
    fs.writeFileSync(path.join(dir, 'file.tgz'), bytes);
    packages(`  - {tarball: "${base}t.tgz", name: first}\n  - {tarball: ../file.tgz, name: second}`);
    expect((await hub()).lines).toEqual([
      'Updating lock file in file path: DIR/shop/package-lock.yml',
      'Installing first',
      `Installed from tarball (url: ${base}t.tgz)`,
      'Installing second',
      'Installed from tarball (url: ../file.tgz)',
    ]);
    expect(fs.readdirSync(path.join(project(), 'dbt_packages/first')).sort()).toEqual(['dbt_project.yml', 'macros']);
    answers.clear();
    expect((await hub()).text).toContain('there is nothing at this address');
    answers.set('/t.tgz', 503);
    expect(await hub()).toMatchObject({ code: 0, text: expect.stringContaining('package-from-cache') });
  });

  test.each([
    ['no archive', () => Buffer.from('<html>'), 'it is no gzipped tar archive'],
    [
      'two folders',
      () => execFileSync('tar', ['cz', '-C', dir, 'shop/dbt_project.yml', 'shop/../x'], { stdio: ['ignore', 'pipe', 'ignore'] }),
      'exactly one folder',
    ],
    ['no package', () => archive('top', { 'readme.md': '' }), 'it has no dbt_project.yml'],
  ])('an archive with %s is refused', async (_, bytes, message) => {
    write('x/y', '');
    answers.set('/t.tgz', bytes());
    packages(`  - {tarball: "${base}t.tgz", name: t}`);
    const { code, text } = await hub();
    expect([code, text]).toEqual([2, expect.stringContaining(message)]);
    expect(fs.existsSync(path.join(dir, 'evil'))).toBe(false);
  });

  test('an archive that writes outside is refused', async () => {
    write('x/evil', 'x');
    const bytes = execFileSync('tar', ['cz', '-P', '-C', path.join(dir, 'shop'), '../x/evil']);
    answers.set('/t.tgz', bytes);
    packages(`  - {tarball: "${base}t.tgz", name: t}`);
    expect((await hub()).text).toContain('its entry `../x/evil` would be written outside of the package');
  });
});

const dbt = process.env['DML_TEST_DBT'] ?? '';
// dbt needs a Python of its own, which a bare machine does not have: DML_TEST_DBT names its command.
describe.skipIf(dbt === '')('dbt itself', () => {
  test('writes the same lock file, and each accepts the other’s', { timeout: 60_000 }, async () => {
    write('lib/dbt_project.yml', 'name: lib\nversion: 1.0.0\n');
    repository('g', {
      'dbt_project.yml': 'name: g\nversion: 1.0.0\n',
      'sub/dbt_project.yml': 'name: sub\nversion: 1.0.0\n',
      'packages.yml': 'packages:\n  - local: ../deep\n',
    });
    write('deep/dbt_project.yml', 'name: deep\nversion: 1.0.0\n');
    packages(
      `  - git: "${dir}/{{ 'g' }}"\n    revision: v1\n  - local: ../lib\n  - git: "file://${dir}/g"\n    subdirectory: sub\n    revision: main\n    warn-unpinned: false`,
    );
    const real = () => {
      const env = { ...process.env, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };
      const ran = spawnSync(dbt, ['--no-use-colors', 'deps', '--profiles-dir', '.'], { cwd: project(), env, encoding: 'utf8' });
      expect(ran.stdout).toContain('Installed from');
      return ran.stdout.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, '').replaceAll(dir, 'DIR'));
    };
    const ours = await dml();
    const lock = read('shop/package-lock.yml');
    const again = real();
    expect(again.filter((l) => l !== '').slice(1)).toEqual(ours.lines.slice(1));
    expect(again.join('\n')).not.toContain('Updating lock');
    fs.rmSync(path.join(project(), 'package-lock.yml'));
    real();
    expect(read('shop/package-lock.yml')).toBe(lock);
    expect((await dml()).text).not.toContain('Updating lock');
    expect(installed()).toEqual(['deep', 'g', 'lib', 'sub']);
  });
});
