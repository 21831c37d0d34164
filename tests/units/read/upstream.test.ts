// Manifests of other projects at addresses: what is asked for, what is kept, and what stands in for an answer that does not come.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dml, folder } from '../cli/world.ts';

const SCHEMA = 'https://schemas.getdbt.com/dbt/manifest/v12.json';
const manifest = (...models: readonly string[]) =>
  JSON.stringify({
    metadata: { dbt_schema_version: SCHEMA, project_name: 'finance', generated_at: '2026-01-01T00:00:00Z' },
    nodes: Object.fromEntries(
      models.map((name) => [
        `model.finance.${name}`,
        { resource_type: 'model', name, package_name: 'finance', original_file_path: `models/${name}.sql`, access: 'public', schema: 'f', alias: name },
      ]),
    ),
  });

let server: http.Server;
let answer: { status: number; body: string; etag?: string };
/** The `if-none-match` of each request. */
let asked: (string | undefined)[];
let cache: string;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: manifest('payments'), etag: '"one"' };
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-upstream-'));
  server = http.createServer((request, response) => {
    const tag = request.headers['if-none-match'];
    asked.push(tag);
    const same = answer.status === 200 && answer.etag !== undefined && tag === answer.etag;
    response.writeHead(same ? 304 : answer.status, answer.etag === undefined ? {} : { etag: answer.etag });
    response.end(same ? undefined : answer.body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(() => stop());

/** Ends the server and what is still open to it. */
function stop(): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => void server.close(() => done()));
}

function project(): string {
  const { port } = server.address() as AddressInfo;
  return folder({
    'dbt_project.yml': 'name: shop\nprofile: shop\n',
    'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
    'dependencies.yml': `projects: [{name: finance, manifest: "http://127.0.0.1:${port}/{{ env_var('DBT_ENV_SECRET_TOKEN') }}/manifest.json"}]\n`,
    'models/a.sql': "select * from {{ ref('finance', 'payments') }}\n",
  }).dir;
}

const ls = (dir: string) => dml(dir, ['ls', '--quiet'], { env: { XDG_CACHE_HOME: cache, DBT_ENV_SECRET_TOKEN: 'hush' } });

test('a manifest is fetched once, and asked about every time', async () => {
  const dir = project();
  expect(await ls(dir)).toEqual({ code: 0, stdout: 'finance.payments\nshop.a\n', stderr: '' });
  expect((await ls(dir)).stdout).toBe('finance.payments\nshop.a\n');
  expect(asked).toEqual([undefined, '"one"']);
  answer = { status: 200, body: manifest('payments', 'refunds'), etag: '"two"' };
  expect((await ls(dir)).stdout).toBe('finance.payments\nfinance.refunds\nshop.a\n');
});

test('a server that names no version is asked for the whole each time', async () => {
  const dir = project();
  answer = { status: 200, body: manifest('payments') };
  await ls(dir);
  expect((await ls(dir)).code).toBe(0);
  expect(asked).toEqual([undefined, undefined]);
});

test('the last copy stands in for a server that fails or is gone, with a warning', async () => {
  const dir = project();
  await ls(dir);
  answer = { status: 503, body: '' };
  const failing = await dml(dir, ['parse'], { env: { XDG_CACHE_HOME: cache, DBT_ENV_SECRET_TOKEN: 'hush' } });
  expect(failing.code).toBe(0);
  expect(failing.stdout).toContain('warning[projects-manifest-kept]');
  expect(failing.stdout).toContain('the server answered with status 503');
  await stop();
  expect((await ls(dir)).stdout).toBe('finance.payments\nshop.a\n');
});

test.each([
  [404, 'the server answered with status 404'],
  [401, 'the server answered with status 401'],
])('status %i is an error, whatever was there before', async (status, words) => {
  const dir = project();
  await ls(dir);
  answer = { status, body: '' };
  const { code, stdout } = await ls(dir);
  expect(code).toBe(2);
  expect(stdout).toContain('error[projects-manifest]');
  expect(stdout).toContain(words);
});

test('without a copy a server that does not answer is an error, which keeps the secret', async () => {
  const dir = project();
  await stop();
  const { code, stdout } = await ls(dir);
  expect(code).toBe(2);
  expect(stdout).toContain('the server does not answer');
  expect(stdout).toContain('ECONNREFUSED');
  expect(stdout).not.toContain('hush');
});

test('what is no manifest is an error', async () => {
  const dir = project();
  answer = { status: 200, body: '<html>' };
  expect((await ls(dir)).stdout).toContain('it is no JSON');
  answer = { status: 200, body: '{}' };
  expect((await ls(dir)).stdout).toContain('it is no manifest.json');
});
