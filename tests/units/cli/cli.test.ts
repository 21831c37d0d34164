import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { VERSION } from '../../../src/cli/version.ts';
import { dml, folder } from './world.ts';

const here = folder();
const made = [here];
afterAll(() => {
  for (const f of made) f.remove();
});

function project(files: Readonly<Record<string, string>> = {}): string {
  const f = folder({ 'dbt_project.yml': 'name: shop\nversion: "1.0"\n', ...files });
  made.push(f);
  return f.dir;
}

describe('help and version', () => {
  test('the version is the one of package.json', async () => {
    expect(VERSION).toBe(JSON.parse(fs.readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version);
    for (const flag of ['--version', '-v', '-V']) expect((await dml(here.dir, [flag])).stdout).toMatch(new RegExp(`^dml ${VERSION}\n`));
  });

  test('without a command the help is printed', async () => {
    const bare = await dml(here.dir, []);
    expect(bare.code).toBe(0);
    expect(bare.stdout).toContain('  build ');
    expect((await dml(here.dir, ['--help'])).stdout).toBe(bare.stdout);
  });

  test('every command has a sentence, examples, and grouped flags', async () => {
    const names = [...(await dml(here.dir, ['--help'])).stdout.matchAll(/^ {2}([a-z-]+)(?:, \w+)? {2,}[A-Z]/gm)].map((m) => m[1] ?? '');
    expect(names).toEqual([
      'build',
      'run',
      'test',
      'seed',
      'snapshot',
      'clone',
      'retry',
      'run-operation',
      'compile',
      'parse',
      'list',
      'show',
      'profile',
      'metrics',
      'explain',
      'source',
      'debug',
      'docs',
      'init',
      'clean',
      'deps',
      'install-shim',
      'completion',
    ]);
    for (const words of [
      ...names.filter((n) => !['docs', 'source', 'metrics'].includes(n)).map((n) => [n]),
      ['source', 'freshness'],
      ['metrics', 'query'],
      ['metrics', 'list'],
      ['docs', 'generate'],
      ['docs', 'serve'],
    ]) {
      const { stdout, code } = await dml(here.dir, [...words, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: dml .*\n\n[A-Z].*\.$/ms);
      expect(stdout).toContain('\nExamples:\n  ');
      expect(stdout).toContain('\nOutput:\n');
    }
  });

  test('switches that are on show how to turn them off', async () => {
    const { stdout } = await dml(here.dir, ['build', '--help']);
    expect(stdout).toContain('--no-print');
    expect(stdout).not.toContain(' --print ');
    expect(stdout).not.toContain('partial-parse');
  });
});

describe('mistakes on the command line end with exit code 2 and a hint', () => {
  test.each<[string[], string, string]>([
    [['biuld'], 'unknown command `biuld`', 'did you mean `build`?'],
    [['build', '--ful-refresh'], 'unknown option `--ful-refresh`', 'did you mean `--full-refresh`?'],
    [['--quite', 'build'], 'unknown option `--quite`', 'did you mean `--quiet`?'],
    [['build', '--selct=x'], 'unknown option `--selct`', 'did you mean `--select`?'],
    [['run', 'orders'], '`dml run` takes no argument besides flags', 'write `--select NAME`'],
    [['run', '--threads', 'many'], '`--threads` must be a whole number of at least 1, not `many`', ''],
    [['run', '--log-format', 'jsn'], 'must be one of default, text, debug, json', 'did you mean `json`?'],
    [['build', '--resource-type', 'modle'], '`--resource-types` does not know `modle`', 'did you mean `model`?'],
    [['run', '--vars', '[1]'], '`--vars` must be a YAML mapping', "--vars '{key: value}'"],
    [['run-operation'], 'missing required argument `macro`', ''],
    [['docs', 'genrate'], 'unknown command `genrate`', 'did you mean `generate`?'],
  ])('%j', async (argv, message, hint) => {
    const { code, stderr, stdout } = await dml(here.dir, argv);
    expect(code).toBe(2);
    expect(stderr).toContain(`Error: ${message}`.replace('Error: must', 'must'));
    expect(stderr).toContain(hint);
    expect(stdout).toBe('');
  });

  test('a variable of the environment with a wrong value is named', async () => {
    const { code, stderr } = await dml(here.dir, ['build'], { env: { DBT_FAIL_FAST: 'perhaps' } });
    expect(code).toBe(2);
    expect(stderr).toContain('`DBT_FAIL_FAST` must be true or false, not `perhaps`');
  });
});

describe('explain', () => {
  test('a code is explained, and all codes are listed', async () => {
    expect((await dml(here.dir, ['explain', 'dependency-cycle'])).stdout).toContain('Nodes that need each other');
    const { stdout, code } = await dml(here.dir, ['explain']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toContain('ref-not-found');
  });
});

describe('completion', () => {
  test.each([
    ['bash', ['-n']],
    ['zsh', undefined],
    ['fish', undefined],
  ] as const)('%s', async (shell, check) => {
    const { stdout, code } = await dml(here.dir, ['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['build', 'ls', 'generate', 'full-refresh']) expect(stdout).toContain(word);
    if (!check) return;
    const script = path.join(here.dir, shell);
    fs.writeFileSync(script, stdout);
    expect(spawnSync(shell, [...check, script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('bash completes commands and flags', async () => {
    const script = path.join(here.dir, 'complete.bash');
    const ask = (words: string) => `COMP_WORDS=(${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _dml; echo "\${COMPREPLY[*]}"\n`;
    fs.writeFileSync(
      script,
      `${(await dml(here.dir, ['completion', 'bash'])).stdout}\n${ask('dml bu')}${ask('dml --quiet build --full')}${ask('dml docs gen')}`,
    );
    const { stdout } = spawnSync('bash', [script], { encoding: 'utf8' });
    expect(stdout.split('\n').slice(0, 3)).toEqual(['build', '--full-refresh', 'generate']);
  });

  test('another shell is refused', async () => {
    expect((await dml(here.dir, ['completion', 'tcsh'])).code).toBe(2);
  });
});

describe('init', () => {
  test.each(['empty', 'shop', 'postgres'])('%s is written with the name in place of the placeholder', async (kind) => {
    const { code, stdout } = await dml(here.dir, ['init', `my_${kind}`, '--kind', kind]);
    expect(stdout).toContain(`my_${kind}`);
    expect(code).toBe(0);
    const dir = path.join(here.dir, `my_${kind}`);
    const files = fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    expect(files.map((f) => f.name)).toContain('.gitignore');
    for (const f of files) expect(`${f.name} ${fs.readFileSync(path.join(f.parentPath, f.name), 'utf8')}`).not.toContain('__project_name__');
    expect(fs.readFileSync(path.join(dir, 'dbt_project.yml'), 'utf8')).toContain(`my_${kind}`);
    expect(fs.existsSync(path.join(here.dir, 'logs'))).toBe(false);
  });

  test('a folder that holds something, a bad name and a missing name are refused', async () => {
    fs.mkdirSync(path.join(here.dir, 'full'));
    fs.writeFileSync(path.join(here.dir, 'full', 'x'), '');
    for (const [argv, message] of [
      [['init', 'full'], '`full` exists already'],
      [['init', '1st'], '`1st` cannot be the name of a project'],
      [['init', '../up'], 'cannot be the name of a project'],
      [['init'], 'a name for the project is missing'],
    ] as const) {
      const ran = await dml(here.dir, argv);
      expect(ran.code).toBe(2);
      expect(ran.stdout).toContain(message);
    }
    expect(fs.readdirSync(path.join(here.dir, 'full'))).toEqual(['x']);
  });

  test('at a terminal it asks for what is missing', async () => {
    const asked: string[] = [];
    const answers = ['asked', 'empty'];
    const ask = async (question: string) => {
      asked.push(question);
      return answers.shift() ?? '';
    };
    const ran = await dml(here.dir, ['init'], { ask });
    expect(ran.code).toBe(0);
    expect(asked).toHaveLength(2);
    expect(fs.existsSync(path.join(here.dir, 'asked', 'dbt_project.yml'))).toBe(true);
  });
});

describe('clean', () => {
  test('deletes the usual folder, or those listed', async () => {
    const dir = project({ 'target/x': '', 'other/y': '', 'models/a.sql': '' });
    expect((await dml(dir, ['clean'])).code).toBe(0);
    expect(fs.existsSync(path.join(dir, 'target'))).toBe(false);
    fs.appendFileSync(path.join(dir, 'dbt_project.yml'), 'clean-targets: [other]\n');
    expect((await dml(path.join(dir, 'models'), ['clean'])).stdout).toContain('Cleaned other');
    expect(fs.existsSync(path.join(dir, 'other'))).toBe(false);
  });

  test.each(['..', '.', 'models', '../elsewhere', '/'])('%s is not deleted', async (target) => {
    const dir = project({ 'models/a.sql': '' });
    fs.appendFileSync(path.join(dir, 'dbt_project.yml'), `clean-targets: ["${target}", target]\n`);
    const ran = await dml(dir, ['clean']);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('error[clean-outside]');
    expect(fs.existsSync(path.join(dir, 'models/a.sql'))).toBe(true);
  });

  test('without a project it says so', async () => {
    const ran = await dml(here.dir, ['clean']);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('there is no dbt_project.yml');
  });
});

describe('colours', () => {
  const clean = async (argv: readonly string[], over: object) =>
    (await dml(project({ 'packages.yml': 'packages: [{local: gone}]\n' }), [...argv, 'deps'], over)).stdout.includes('\u001b[');
  const terminal = () => ({ columns: 80, rows: 24 });

  test('are for terminals, unless flags or NO_COLOR say otherwise', async () => {
    expect(await clean([], {})).toBe(false);
    expect(await clean(['--use-colors'], {})).toBe(true);
    expect(await clean([], { terminal })).toBe(true);
    expect(await clean(['--no-use-colors'], { terminal })).toBe(false);
    expect(await clean([], { terminal, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await clean(['--use-colors', '--log-format', 'json'], {})).toBe(false);
  });
});

describe('the log file', () => {
  test('is written into the project, as dbt’s when structured lines are asked for, and nowhere else', async () => {
    const dir = project();
    await dml(dir, ['deps']);
    expect(fs.readFileSync(path.join(dir, 'logs/dml.log'), 'utf8')).toContain('[info ] [MainThread]: Running with dml=');
    await dml(dir, ['deps'], { env: { DBT_LOG_FORMAT: 'json', DBT_LOG_PATH: path.join(dir, 'l') } });
    const lines = fs
      .readFileSync(path.join(dir, 'l/dbt.log'), 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l).info.name);
    expect(lines).toEqual(['MainReportVersion', 'MainReportArgs', 'DepsNoPackagesFound', 'CommandCompleted']);
    await dml(path.dirname(dir), ['deps', '--project-dir', path.basename(dir), '--log-path', `${path.basename(dir)}/here`]);
    expect(fs.readdirSync(path.join(dir, 'here'))).toEqual(['dml.log']);
    const empty = folder();
    made.push(empty);
    await dml(empty.dir, ['deps']);
    expect(fs.readdirSync(empty.dir)).toEqual([]);
  });
});

describe('deps', () => {
  test('installs what is listed, and says that nothing is', async () => {
    const dir = project({ 'packages.yml': 'packages:\n  - local: own\n', 'own/dbt_project.yml': 'name: own' });
    expect(await dml(dir, ['deps'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Installed from <local @ own>') });
    expect(fs.existsSync(path.join(dir, 'dbt_packages/own/dbt_project.yml'))).toBe(true);
    expect((await dml(project(), ['deps'])).stdout).toContain('No packages were found');
  });
});
