// TLS as libpq has it, on a server that offers it: its certificate is for `localhost`, and one user must show a certificate of his own.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { adapterFor, type Warehouse } from '../../../src/adapters/index.ts';
import type { QueryResult } from '../../../src/sql/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { giveToServer, type Server, startOwnServer } from '../../warehouses/server.mjs';
import { folder } from './open.ts';

const dir = folder();
chmodSync(dir, 0o755);
const file = (name: string): string => join(dir, name);
const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

function authority(name: string): void {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`);
}

function certificate(name: string, subject: string, by: string, extensions = ''): void {
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
  writeFileSync(file('extensions'), extensions);
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'extensions',
    '-out',
    `${name}.pem`,
  );
}

async function start(): Promise<Server | { readonly reason: string }> {
  if (spawnSync('openssl', ['version'], { stdio: 'ignore' }).status !== 0) {
    const reason = 'there is no openssl to make certificates with';
    console.warn(`SKIPPED (TLS to Postgres): ${reason}`);
    return { reason };
  }
  authority('ours');
  authority('theirs');
  certificate('server', 'localhost', 'ours', 'subjectAltName=DNS:localhost');
  certificate('client', 'guest', 'ours');
  certificate('stranger', 'guest', 'theirs');
  chmodSync(file('server.key'), 0o600);
  giveToServer(file('server.key'));
  const rules = [
    'hostssl all guest 127.0.0.1/32 cert',
    'hostnossl all plain 127.0.0.1/32 scram-sha-256',
    'hostssl all plain 127.0.0.1/32 reject',
    'host all all 127.0.0.1/32 scram-sha-256',
  ];
  writeFileSync(file('pg_hba.conf'), `${rules.join('\n')}\n`);
  for (const name of ['pg_hba.conf', 'server.pem', 'ours.pem']) chmodSync(file(name), 0o644);
  const flags = {
    ssl: 'on',
    ssl_cert_file: file('server.pem'),
    ssl_key_file: file('server.key'),
    ssl_ca_file: file('ours.pem'),
    hba_file: file('pg_hba.conf'),
  };
  return startOwnServer(Object.entries(flags).map(([k, v]) => `${k}=${v}`));
}

const started = await start();
const server = started as Server;
afterAll(async () => {
  if (!('reason' in started)) await server.stop();
});

/** The server by TLS, as its superuser unless the settings say otherwise. */
async function connect(settings: Record<string, unknown>): Promise<Warehouse> {
  const adapter = await adapterFor('postgres');
  if (!adapter) throw new Error('no adapter');
  const { port, user, password, database } = server;
  const all = { host: 'localhost', port, user, password, ...settings };
  const target = { profileName: 'shop', name: 'dev', type: 'postgres', threads: 1, database, schema: 's', settings: all };
  return adapter.connect(target, { directory: dir });
}

/** `encrypted` or `plain`, or the code and cause of the diagnostic. */
async function tried(settings: Record<string, unknown>): Promise<string> {
  try {
    const warehouse = await connect({ retries: 0, ...settings });
    const s = await warehouse.session('test');
    const answer = (await s.answer({ kind: 'query', sql: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()' })) as QueryResult;
    await warehouse.close();
    return answer.table.rows[0]?.[0] === true ? 'encrypted' : 'plain';
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return `${error.diagnostic.code}: ${error.diagnostic.cause ?? ''}`;
  }
}

describe.skipIf('reason' in started)('a Postgres server with TLS', () => {
  test.each([
    ['disable', {}, /^plain$/],
    ['allow', {}, /^plain$/],
    ['prefer', {}, /^encrypted$/],
    [undefined, {}, /^encrypted$/],
    ['require', {}, /^encrypted$/],
    // With an authority at hand, `require` checks the certificate, but not whose it is.
    ['require', { sslrootcert: 'ours.pem', host: '127.0.0.1' }, /^encrypted$/],
    ['require', { sslrootcert: 'theirs.pem' }, /^server-tls: .*(verify|certificate)/],
    ['verify-ca', { sslrootcert: 'ours.pem' }, /^encrypted$/],
    ['verify-ca', { sslrootcert: 'ours.pem', host: '127.0.0.1' }, /^encrypted$/],
    ['verify-ca', { sslrootcert: 'theirs.pem' }, /^server-tls: .*(verify|certificate)/],
    ['verify-ca', {}, /^server-tls: .*(verify|certificate)/],
    ['verify-full', { sslrootcert: 'ours.pem' }, /^encrypted$/],
    ['verify-full', { sslrootcert: 'ours.pem', host: '127.0.0.1' }, /^server-tls: .*(altnames|match)/],
    ['verify-full', { sslrootcert: 'missing.pem' }, /^server-tls: .*ENOENT/],
  ])('sslmode %s with %j', async (sslmode, more, outcome) => {
    expect(await tried({ ...(sslmode !== undefined && { sslmode }), ...more })).toMatch(outcome);
  });

  test('a user who must show a certificate', async () => {
    const warehouse = await connect({});
    await (await warehouse.session('test'))?.answer({ kind: 'execute', sql: `create role guest login; create role plain login password 'secret'` });
    await warehouse.close();
    const guest = { user: 'guest', password: undefined, sslmode: 'require' };
    expect(await tried({ ...guest, sslcert: 'client.pem', sslkey: 'client.key' })).toBe('encrypted');
    expect(await tried({ ...guest, sslcert: 'stranger.pem', sslkey: 'stranger.key' })).toMatch(/^server-(tls|login|unreachable)/);
    expect(await tried(guest)).toMatch(/^server-login: .*certificate/);
  });

  test('allow and prefer take the other way where the server wants it', async () => {
    expect(await tried({ user: 'plain', sslmode: 'prefer' })).toBe('plain');
    expect(await tried({ user: 'plain', sslmode: 'require' })).toMatch(/^server-login/);
    expect(await tried({ user: 'guest', password: undefined, sslmode: 'allow', sslcert: 'client.pem', sslkey: 'client.key' })).toBe('encrypted');
  });
});
