import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { withPackage } from '../../../src/read/deps/add.ts';
import { lockText, type Pinned, readLock, scalar } from '../../../src/read/deps/lock.ts';
import { best, compareVersions, installable, meets, requirement, version } from '../../../src/read/deps/semver.ts';
import { listHash, readList } from '../../../src/read/deps/spec.ts';
import { ArchiveProblem, checkLinks, unpack } from '../../../src/read/deps/tar.ts';
import { scrubbed, scrubber } from '../../../src/read/deps/world.ts';
import { Renderer } from '../../../src/read/index.ts';
import { Diagnostics, isMap, parseYaml, place, sourceFile, yamlMap, yamlToJson } from '../../../src/text/index.ts';

const made: string[] = [];
function folder(files: Readonly<Record<string, string>> = {}): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-packages-')));
  made.push(dir);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), text);
  return dir;
}
afterEach(() => {
  for (const dir of made.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

describe('versions', () => {
  test.each(['1.0', 'v1.0.0', '>= 1.0.0', '==1.0.0', '1.0.0.1', '>1.0.0,<2.0.0', '01.0.0', '~1.0.0', ''])('%j is no requirement', (text) => {
    expect(requirement(text)).toBeUndefined();
  });

  test.each([
    ['1.0.0', '=', undefined],
    ['>=1.0.0', '>=', undefined],
    ['1.0.0-beta', '=', 'beta'],
    ['1.0.0b1', '=', 'b1'],
    ['<1.0.0-rc.1+build.5', '<', 'rc.1'],
  ])('%j is one', (text, operator, pre) => {
    expect(requirement(text)).toMatchObject({ operator, version: { pre, numbers: [1, 0, 0] } });
  });

  // What dbt 1.11 answers for the same questions.
  const all = ['0.9.0', '1.0.0', '1.1.0', '1.2.0-rc1', '1.2.0', '2.0.0-beta.1', '2.0.0', '1.10.0', 'junk'];
  test.each([
    [['1.0.0'], false, '1.0.0'],
    [['>=1.0.0'], false, '2.0.0'],
    [['>=1.0.0', '<2.0.0'], false, '1.10.0'],
    [['>=1.0.0', '<2.0.0'], true, '1.10.0'],
    [['<=2.0.0-beta.1'], true, '2.0.0-beta.1'],
    [['>1.0.0', '<=1.2.0'], false, '1.2.0'],
    [['1.0.0', '1.1.0'], false, undefined],
    [['1.0.0', '>=1.1.0'], false, undefined],
    [['<1.1.0', '>1.0.0'], false, undefined],
    [['>=1.2.0-rc1', '<1.2.0'], true, undefined],
    [['2.0.0-beta.1'], true, '2.0.0-beta.1'],
    [['>=3.0.0'], false, undefined],
    [['<=1.0.0', '>=1.0.0'], false, '1.0.0'],
    [['<1.0.0', '>1.0.0'], true, undefined],
  ] as [string[], boolean, string | undefined][])('%j (pre-releases: %j) chooses %j', (texts, pre, wanted) => {
    expect(
      best(
        installable(all, pre),
        texts.flatMap((t) => requirement(t) ?? []),
      )?.text,
    ).toBe(wanted);
  });

  test('their order', () => {
    const order = ['1.0.0-1', '1.0.0-2', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-beta', '1.0.0', '1.0.1', '1.2.0', '1.10.0'];
    expect(installable(order.toReversed(), true).map((v) => v.text)).toEqual(order);
  });

  test('exactly one of <, =, > holds between releases', () => {
    const one = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((n) => n.join('.'));
    fc.assert(
      fc.property(one, one, (a, b) => {
        const v = version(a);
        if (!v) throw new Error(a);
        const holds = ['<', '=', '>'].filter((o) =>
          meets(v, requirement(o + b) ?? { operator: '=', version: { text: '', numbers: [-1, 0, 0], pre: undefined } }),
        );
        const [d] = [compareVersions(v, version(b) ?? v)];
        expect(holds).toEqual([d < 0 ? '<' : d > 0 ? '>' : '=']);
      }),
    );
  });
});

function list(files: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  const sink = new Diagnostics();
  const found = readList(folder(files), '', undefined, new Renderer({ env, vars: yamlMap(), secrets: true }, sink), sink);
  return { found, told: sink.all.map((d) => `${d.code}${d.at ? ` ${place(d.at)}` : ''}: ${d.message}`), hints: sink.all.map((d) => d.hint) };
}

describe('the package list', () => {
  // The hashes are those of dbt 1.11 for the same lists.
  test.each([
    ['- local: ../lib', '2e154ab76e17588c2d883b007fb0d13f3e8565d2'],
    ['- {git: a/b, revision: v1}', 'f77f6db8422c033a3a2a7f8e4d089aa5e92b9859'],
    ['- {git: a/b, revision: 1.0}', 'f2d54b07c7c23c6073097a4ae38cfb2fe289f3ce'],
    ['- {git: a/b, revision: 1}', 'd0e454e9faf19a3a1c3cc2ff6bc5d0597ab377b0'],
    ['- {git: a/b, warn-unpinned: false, subdirectory: x}', '39954d178eeccbdcea9c6550686599ac962db2dc'],
    ['- {package: a/b, version: 1.0.0}', 'fbe59819b389dd3c16eebc554e4ec5b3ce2924bc'],
    ['- {package: a/b, version: [">=1.0.0", "<2.0.0"], install_prerelease: true}', '2f1e65f127f70e78eee5cc777c72e694c037f479'],
    ['- {tarball: "http://x", name: n}', 'faf2aa320b30ffde4b2d060f61e2e1cabcc8881f'],
    ['- {local: x, name: n}', '3ada3954d370bc0e2434d00aa99f1960c8db937e'],
    ['- {git: a/b, revision: v1, name: q}', '0686d082209f74309ff36e793a0f11d49e557b1d'],
    ['- {git: a/b, revision: null}', '42fde6d97934734018eb0384fa1a46c6a4a78625'],
    ['- {git: a/b, revision: "1"}\n- local: z', '97cd990b08c50d45e1dcabed82fe25599a0b55a3'],
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ])('%j has dbt’s hash', (entries, hash) => {
    const { found, told } = list({ 'packages.yml': `packages:\n${entries}\n` });
    expect(told).toEqual([]);
    expect(listHash(found?.specs ?? [])).toBe(hash);
  });

  test.each([
    ['- git: a/b\n  warn_unpinned: false', 'package-entry packages.yml:3:18: a `git` package has no key `warn_unpinned`', 'did you mean `warn-unpinned`?'],
    ['- package: dbt_utils\n  version: 1.0.0', 'package-entry packages.yml:2:12: `dbt_utils` has no owner: hub packages are named like dbt-labs/dbt_utils'],
    ['- package: a/b', 'package-entry packages.yml:2:12: `a/b` needs a `version`'],
    ['- {package: a/b, version: 1.5}', 'package-entry packages.yml:2:27: `1.5` is no version'],
    [
      '- {package: a/b, version: ">=1.0.0,<2.0.0"}',
      'package-entry packages.yml:2:27: `>=1.0.0,<2.0.0` is no version',
      'write several bounds as a list: `[">=1.0.0", "<2.0.0"]`',
    ],
    ['- {git: a/b, revision: [v1, v2]}', 'package-entry packages.yml:2:24: `revision` must be one branch, tag or commit'],
    ['- {git: "--upload-pack=x"}', 'package-entry packages.yml:2:9: an address or revision cannot start with a dash'],
    ['- tarball: http://x', 'package-entry packages.yml:2:12: a tarball package needs a `name`'],
    ['- private: o/r', 'package-entry packages.yml:2:12: packages of a private provider need dbt platform'],
    ['- text', 'package-entry packages.yml:2:3: an entry of the package list must be a mapping'],
    ['- other: x', 'package-entry packages.yml:2:3: this entry names no package'],
    ['- local: ""', 'package-entry packages.yml:2:10: `local` must be a text that is not empty'],
  ])('%j is refused at its place', (entries, message, hint?: string) => {
    const { found, told, hints } = list({ 'packages.yml': `packages:\n${entries}\n` });
    expect([found, told]).toEqual([undefined, [message]]);
    if (hint !== undefined) expect(hints).toEqual([hint]);
  });

  test('templates are rendered in packages.yml, with secrets, and not in dependencies.yml', () => {
    const text = 'packages:\n  - git: "https://{{ env_var(\'DBT_ENV_SECRET_T\') }}@h/x"\n';
    const env = { DBT_ENV_SECRET_T: 'hush' };
    expect(list({ 'packages.yml': text }, env).found?.specs).toMatchObject([
      { git: 'https://hush@h/x', written: "https://{{ env_var('DBT_ENV_SECRET_T') }}@h/x" },
    ]);
    expect(list({ 'dependencies.yml': text }, env).found).toMatchObject({
      name: 'dependencies.yml',
      specs: [{ git: "https://{{ env_var('DBT_ENV_SECRET_T') }}@h/x" }],
    });
  });

  test('stands in one file only, and projects only in dependencies.yml', () => {
    const text = 'packages:\n  - local: x\n';
    expect(list({ 'packages.yml': text, 'dependencies.yml': text }).told).toEqual([expect.stringContaining('config-conflict')]);
    expect(list({ 'packages.yml': text, 'dependencies.yml': 'projects:\n  - name: other\n' }).found?.specs).toHaveLength(1);
    expect(list({ 'packages.yml': 'projects: []\n' }).told).toEqual(['package-entry packages.yml:1:1: `projects` belongs into dependencies.yml']);
    expect(list({}).found).toEqual({ name: 'packages.yml', document: undefined, specs: [] });
    expect(list({ 'packages.yml': '' }).found?.specs).toEqual([]);
  });
});

describe('the lock file', () => {
  const pinned: readonly Pinned[] = [
    { kind: 'local', local: '../lib', name: 'lib' },
    { kind: 'git', git: 'x', written: "{{ env_var('X') }}/g", revision: '1'.repeat(40), subdirectory: 'sub', name: 'g' },
    { kind: 'tarball', tarball: 'http://h/x', written: 'http://h/x', name: 't' },
    { kind: 'hub', package: 'a/b', version: '1.2.3', name: 'b' },
  ];

  test('is written as dbt writes it', () => {
    expect(lockText(pinned, 'abc')).toBe(
      `packages:\n  - local: ../lib\n    name: lib\n  - git: '{{ env_var(''X'') }}/g'\n    name: g\n    revision: '${'1'.repeat(40)}'\n    subdirectory: sub\n  - name: t\n    tarball: http://h/x\n  - name: b\n    package: a/b\n    version: 1.2.3\nsha1_hash: abc\n`,
    );
  });

  test('is read back', () => {
    const sink = new Diagnostics();
    const lock = readLock(lockText(pinned, 'abc'), new Renderer({ env: { X: 'https://h' }, vars: yamlMap(), secrets: true }, sink), sink);
    expect(sink.all).toEqual([]);
    expect(lock).toMatchObject({
      hash: 'abc',
      names: ['lib', 'g', 't', 'b'],
      specs: [{ local: '../lib' }, { git: 'https://h/g', subdirectory: 'sub' }, { tarball: 'http://h/x' }, { package: 'a/b' }],
    });
  });

  test.each(['- a\n', 'packages: x\n'])('%j is none', (text) => {
    const sink = new Diagnostics();
    expect(readLock(text, new Renderer({ env: {}, vars: yamlMap(), secrets: true }, sink), sink)).toBeUndefined();
    expect(sink.all.map((d) => d.code)).toEqual(['lock-invalid']);
  });

  test('any text is a scalar that reads back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...': #-?{}[]"\'!&*%@`|>,~.1e+ntx/') })), (text) => {
        const value = parseYaml(sourceFile('x', `a: ${scalar(text)}\nb: 1\n`), new Diagnostics())?.value;
        expect(isMap(value) && value['a']).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

interface Item {
  readonly name: string;
  readonly type?: string;
  readonly body?: string;
  readonly target?: string;
}

/** A tar archive with exactly these entries, however wrong. */
function tar(...items: readonly Item[]): Buffer {
  const parts = items.flatMap(({ name, type = '0', body = '', target = '' }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${Buffer.byteLength(body).toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157, 100);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .reduce((sum, b) => sum + b, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    const padded = Buffer.alloc(Math.ceil(Buffer.byteLength(body) / 512) * 512);
    padded.write(body);
    return [header, padded];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

describe('archives', () => {
  test('are unpacked with folders, long names and inner links', () => {
    const dir = folder();
    const long = `p/${'long/'.repeat(40)}file.sql`;
    const record = (key: string, value: string) => {
      const rest = ` ${key}=${value}\n`;
      let length = rest.length;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return `${length}${rest}`;
    };
    unpack(
      tar(
        { name: 'pax', type: 'g', body: record('comment', 'x') },
        { name: 'p/', type: '5' },
        { name: 'p/a.sql', body: 'select 1' },
        { name: 'x', type: 'x', body: record('path', long) },
        { name: 'cut', body: 'deep' },
        { name: '././@LongLink', type: 'L', body: `p/${'n'.repeat(120)}` },
        { name: 'cut', body: 'gnu' },
        { name: 'p/link', type: '2', target: 'a.sql' },
      ),
      dir,
    );
    expect(fs.readFileSync(path.join(dir, 'p/link'), 'utf8')).toBe('select 1');
    expect(fs.readFileSync(path.join(dir, long), 'utf8')).toBe('deep');
    expect(fs.readFileSync(path.join(dir, 'p', 'n'.repeat(120)), 'utf8')).toBe('gnu');
  });

  test.each([
    ['a name with ..', [{ name: 'p/../../evil', body: 'x' }]],
    ['an absolute name', [{ name: '/evil', body: 'x' }]],
    ['a Windows name', [{ name: 'p\\..\\evil', body: 'x' }]],
    ['a drive', [{ name: 'C:evil', body: 'x' }]],
    ['a link out', [{ name: 'p/out', type: '2', target: '../../evil' }]],
    ['an absolute link', [{ name: 'p/out', type: '2', target: '/etc' }]],
    ['a link out that leads nowhere', [{ name: 'p/out', type: '2', target: '../../nowhere/at/all' }]],
    [
      'a link out over another link',
      [
        { name: 'd/e/f', body: '' },
        { name: 'd/e/l', type: '2', target: '../..' },
        { name: 'l2', type: '2', target: 'd/e/l/../..' },
      ],
    ],
    [
      'a file behind a link',
      [
        { name: 'p/out', type: '2', target: '..' },
        { name: 'p/out/evil', body: 'x' },
      ],
    ],
    [
      'a file in place of a link',
      [
        { name: 'p/out', type: '2', target: 'x' },
        { name: 'p/out', body: 'x' },
      ],
    ],
    [
      'a folder that is a file',
      [
        { name: 'p', body: 'x' },
        { name: 'p/q', body: 'x' },
      ],
    ],
    ['a hard link', [{ name: 'p/h', type: '1', target: 'p/a' }]],
    ['a device', [{ name: 'p/null', type: '3' }]],
    ['a pipe', [{ name: 'p/pipe', type: '6' }]],
  ] as [string, Item[]][])('%s is refused and nothing gets outside', (_, items) => {
    const outer = folder();
    const inner = path.join(outer, 'a/b');
    fs.mkdirSync(inner, { recursive: true });
    expect(() => unpack(tar(...items), inner)).toThrow(ArchiveProblem);
    expect([fs.readdirSync(outer), fs.readdirSync(path.join(outer, 'a'))]).toEqual([['a'], ['b']]);
  });

  test.each([
    ['no gzip', Buffer.from('hello')],
    ['no tar', gzipSync(Buffer.from('x'.repeat(600)))],
    ['cut short', gzipSync(Buffer.from(tar({ name: 'a', body: 'x'.repeat(2000) }).subarray(0, 10)))],
  ])('%s is said to be no archive', (name, bytes) => {
    if (name === 'cut short') return expect(() => unpack(bytes.subarray(0, bytes.length - 4), folder())).toThrow(ArchiveProblem);
    expect(() => unpack(bytes, folder())).toThrow(ArchiveProblem);
  });

  test('links of a checkout are held to the same rule', () => {
    const dir = folder({ inside: 'x' });
    fs.symlinkSync('inside', path.join(dir, 'fine'));
    expect(() => checkLinks(dir)).not.toThrow();
    fs.symlinkSync('../elsewhere', path.join(dir, 'bad'));
    expect(() => checkLinks(dir)).toThrow('`bad` leads out');
  });
});

describe('--add-package', () => {
  const hub = { name: 'dbt-labs/dbt_utils', version: '1.3.0', source: 'hub' } as const;
  const added = '  - package: dbt-labs/dbt_utils\n    version: 1.3.0\n';

  test.each([
    ['nothing', '', `packages:\n${added}`],
    ['an empty list', 'packages: []\n', `packages:\n${added}`],
    ['no value', '# top\npackages:\n', `# top\npackages:\n${added}`],
    [
      'one with comments',
      '# top\npackages:\n  # why\n  - local: ../a # here\n\n# end\n',
      `# top\npackages:\n  # why\n  - local: ../a # here\n${added}\n# end\n`,
    ],
    ['one without indent', 'packages:\n- local: a\n', `packages:\n- local: a\n${added.replace(/^ {2}/gm, '')}`],
    ['no line end', 'packages:\n  - local: a', `packages:\n  - local: a\n${added}`],
    ['another key after it', 'packages:\n  - local: a\nprojects:\n  - name: b\n', `packages:\n  - local: a\n${added}projects:\n  - name: b\n`],
    ['the same in git', 'packages:\n  - git: https://h/dbt-labs/dbt-utils.git\n    revision: x\n  - local: a\n', `packages:\n  - local: a\n${added}`],
    ['the same at the end', 'packages:\n  - local: a\n  - package: dbt-labs/dbt_utils\n    version: 1.0.0 # old\n', `packages:\n  - local: a\n${added}`],
    ['a longer name', 'packages:\n  - local: ../dbt_utils_more\n', `packages:\n  - local: ../dbt_utils_more\n${added}`],
    ['braces', 'packages: [{local: a}]\n', `packages:\n  - {"local":"a"}\n${added}`],
  ])('to %s', (_, before, after) => {
    expect(withPackage(before, hub).text).toBe(after);
  });

  test('of other kinds', () => {
    const text = withPackage('', { name: 'https://h/x.git', version: 'v1', source: 'git' }).text;
    expect(withPackage(text, { name: '../lib', version: undefined, source: 'local' }).text).toBe(
      'packages:\n  - git: https://h/x.git\n    revision: v1\n  - local: ../lib\n',
    );
    const ranged = withPackage('', { ...hub, version: '>=1.0.0,<2.0.0' }).text;
    const value = parseYaml(sourceFile('x', ranged), new Diagnostics())?.value ?? null;
    expect(yamlToJson(value)).toEqual({ packages: [{ package: 'dbt-labs/dbt_utils', version: ['>=1.0.0', '<2.0.0'] }] });
  });

  test('names what it replaced', () => {
    expect(withPackage('packages:\n  - {package: x/dbt_utils, version: 1.0.0}\n', hub).removed).toEqual([{ package: 'x/dbt_utils', version: '1.0.0' }]);
  });
});

test('secrets are kept out of messages', () => {
  const scrub = scrubber({ DBT_ENV_SECRET_A: 'hush', DBT_ENV_SECRET_B: 'hush-hush', DBT_ENV_SECRET_C: '', OTHER: 'seen' });
  expect(scrub('a hush-hush b hush c seen')).toBe('a ***** b ***** c seen');
  const sink = new Diagnostics();
  scrubbed(sink, scrub).add('network-unreachable', { url: 'https://hush@h', offline: false }, { cause: 'hush!', related: [{ message: 'hush' }], hint: 'hush' });
  expect(JSON.stringify(sink.all)).not.toContain('hush');
});
