import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let dir = '';
let command = '';

// The real bundle in a process of its own: what only a process can show.
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-process-'));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
  fs.symlinkSync(path.join(root, 'templates'), path.join(dir, 'templates'));
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), path.join(dir, 'dist')], { stdio: 'inherit' });
  command = path.join(dir, 'dist/cli.cjs');
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

function run(args: readonly string[], cwd = dir) {
  return spawnSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' });
}

test('the version is printed to stdout, and the exit code is 0', () => {
  expect(run(['--version'])).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^dml \d+\.\d+\.\d+\n/) });
});

test('usage mistakes end with 2 and leave stdout empty', () => {
  expect(run(['build', '--nope'])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Error: unknown option `--nope`') });
});

test('a reader that goes away is no error', () => {
  const shell = spawnSync('bash', ['-c', `set -o pipefail; "${process.execPath}" "${command}" completion fish | head -1 | grep -c complete`], {
    encoding: 'utf8',
  });
  expect(shell).toMatchObject({ stdout: '1\n', stderr: '', status: 0 });
});

test('init finds its templates from the bundle, and asks nobody without a terminal', () => {
  expect(run(['init', 'made', '--kind', 'empty'])).toMatchObject({ status: 0 });
  expect(fs.existsSync(path.join(dir, 'made/dbt_project.yml'))).toBe(true);
  expect(run(['init'])).toMatchObject({ status: 2 });
});

test('docs serve hands out web files only, and an interrupt ends it with 0', async () => {
  const project = path.join(dir, 'served');
  fs.mkdirSync(path.join(project, 'out'), { recursive: true });
  fs.writeFileSync(path.join(project, 'dbt_project.yml'), 'name: served\ntarget-path: out\n');
  fs.writeFileSync(path.join(project, 'out/index.html'), '<p>hello</p>');
  fs.writeFileSync(path.join(project, 'out/served.duckdb'), 'secret');
  const child = spawn(process.execPath, [command, 'docs', 'serve', '--port', '0'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const base = await address(child);
    expect(await get(`${base}/`)).toEqual({ status: 200, body: '<p>hello</p>' });
    for (const hidden of ['/served.duckdb', '/../dbt_project.yml', '/%2e%2e/dbt_project.yml', '/nothing.html'])
      expect((await get(base + hidden)).status).toBe(404);
  } finally {
    child.kill('SIGINT');
  }
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect(code).toBe(0);
});

async function address(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const found = /(http:\S+)/.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`no address in ${JSON.stringify(text)}`);
}

// Not fetch(): it would resolve the dots of a path before it asks.
function get(url: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    http
      .get({ hostname, port, path: url.slice(url.indexOf(port) + port.length) }, (response) => {
        let body = '';
        response
          .setEncoding('utf8')
          .on('data', (d: string) => (body += d))
          .on('end', () => resolve({ status: response.statusCode, body: response.statusCode === 200 ? body : '' }));
      })
      .on('error', reject);
  });
}
