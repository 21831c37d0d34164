// What a connection does that only shows between it and the server: a proxy in the middle, and what the system says of the socket.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { adapterFor, type Warehouse } from '../../../src/adapters/index.ts';
import type { QueryResult } from '../../../src/sql/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { type Server, startServer } from '../../warehouses/server.mjs';
import { folder } from './open.ts';

const started = await startServer();
const server = started as Server;
const closing: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  if (!('reason' in started)) await server.stop();
});

async function connect(settings: Record<string, unknown> = {}): Promise<Warehouse> {
  const adapter = await adapterFor('postgres');
  if (!adapter) throw new Error('no adapter');
  const { host, port, user, password, database } = server;
  const all = { host, port, user, password, sslmode: 'disable', ...settings };
  const warehouse = await adapter.connect(
    { profileName: 'shop', name: 'dev', type: 'postgres', threads: 1, database, schema: 'public', settings: all },
    { directory: folder() },
  );
  closing.push(() => warehouse.close());
  return warehouse;
}

const ask = async (w: Warehouse, sql: string): Promise<QueryResult['table']['rows']> =>
  ((await (await w.session('test')).answer({ kind: 'query', sql })) as QueryResult).table.rows;

async function diagnosed(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DiagnosticError) return `${error.diagnostic.code}: ${error.diagnostic.cause ?? ''}`;
    throw error;
  }
  throw new Error('no diagnostic');
}

/** A listener on a free port of this machine. */
async function listen(take: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return (listener.address() as net.AddressInfo).port;
}

/** Passes everything on to the server; `answers` decides of each piece of the server's. */
function passOn(socket: net.Socket, asked: (piece: Buffer) => void, answers: (piece: Buffer, send: (piece: Buffer) => void) => void): void {
  const upstream = net.connect(server.port, server.host);
  upstream.on('error', () => undefined);
  socket.on('close', () => upstream.destroy());
  upstream.on('close', () => socket.destroy());
  socket.on('data', (piece: Buffer) => {
    asked(piece);
    upstream.write(piece);
  });
  upstream.on('data', (piece: Buffer) => answers(piece, (p) => socket.write(p)));
}

describe('without a server', () => {
  test('connect_timeout: who does not answer is given up after so many seconds', async () => {
    const port = await listen(() => undefined);
    const start = Date.now();
    expect(await diagnosed(connect({ host: '127.0.0.1', port, user: 'u', connect_timeout: 1, retries: 0 }))).toMatch(/^server-unreachable: .*timeout/);
    expect(Date.now() - start).toBeLessThan(9000);
  });
});

describe.skipIf('reason' in started)('a connection', () => {
  test('retries: a connection that is refused at first', async () => {
    let calls = 0;
    const port = await listen((socket) => {
      if (calls++ % 2 === 0) socket.destroy();
      else
        passOn(
          socket,
          () => undefined,
          (piece, send) => send(piece),
        );
    });
    expect(await diagnosed(connect({ host: '127.0.0.1', port, retries: 0 }))).toMatch(/^server-unreachable/);
    expect(calls).toBe(1);
    calls = 0;
    expect((await (await connect({ host: '127.0.0.1', port, retries: 1 })).describe()).version).toMatch(/^PostgreSQL/);
    expect(calls).toBe(2);
  });

  test('what the catalogue is asked goes out in one piece, and the answers come after', async () => {
    let said = '';
    let held: Buffer[] = [];
    const port = await listen((socket) => {
      passOn(
        socket,
        (piece) => {
          said += piece.toString('latin1');
        },
        (piece, send) => {
          // Without pipelining the second question would wait for the answer to the first for ever.
          const waits =
            (said.includes('obj_description') && !said.includes('col_description')) ||
            (said.includes('relkind') && !/obj_description|nspname from pg_catalog.pg_namespace/.test(said));
          held.push(piece);
          if (waits) return;
          for (const one of held) send(one);
          held = [];
        },
      );
    });
    const w = await connect({ host: '127.0.0.1', port });
    const place = [{ database: null, schema: 'public' }];
    await w.populate(place);
    expect(said).toContain('nspname from pg_catalog.pg_namespace');
    said = '';
    expect(Array.isArray(await w.catalog(place))).toBe(true);
    expect(said).toContain('col_description');
  });

  test.skipIf(process.platform !== 'linux')('keepalives_idle: seconds of silence before the system asks', async () => {
    const idle = async (settings: Record<string, unknown>): Promise<number> => {
      const [[port] = []] = await ask(await connect({ host: '127.0.0.1', ...settings }), 'select inet_client_port()');
      const hex = Number(port).toString(16).toUpperCase().padStart(4, '0');
      const line = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .find((l) => new RegExp(`^\\s*\\d+: [0-9A-F]{8}:${hex} `).test(l));
      // Field 5: which timer runs (02: keepalive), and for how many hundredths of a second more.
      const [, timer, left = '0'] = /^(\d\d):([0-9A-F]+)$/.exec(line?.trim().split(/\s+/)[5] ?? '') ?? [];
      return timer === '02' ? Number.parseInt(left, 16) / 100 : -1;
    };
    if (server.host !== '127.0.0.1') return;
    const set = await idle({ keepalives_idle: 90 });
    expect(set).toBeGreaterThan(0);
    expect(set).toBeLessThanOrEqual(91);
    expect(await idle({})).toBeGreaterThan(91);
  });

  test('application_name, search_path with odd names, statement_timeout and lock_timeout', async () => {
    const w = await connect({ search_path: '"my schema", public', statement_timeout: 60000, lock_timeout: '1500' });
    const settings = ['application_name', 'search_path', 'statement_timeout', 'lock_timeout'].map((name) => `current_setting('${name}')`).join(', ');
    expect(await ask(w, `select ${settings}`)).toEqual([['dbt', '"my schema", public', '1min', '1500ms']]);
    expect(
      await ask(
        await connect({ application_name: 'nightly' }),
        `select count(*) from pg_stat_activity where application_name = 'nightly' and pid = pg_backend_pid()`,
      ),
    ).toEqual([[1]]);
  });

  test('merge on a server that has none says which has', async () => {
    const w = await connect();
    const s = await w.session('test');
    await s.answer({ kind: 'execute', sql: 'create temporary table t (a int)' });
    const merge = '/* {"app": "dbt"} */\nmerge into t using (select 1 as a) s on s.a = t.a when not matched then insert values (s.a)';
    const outcome = await s.answer({ kind: 'execute', sql: merge }).then(
      () => 'merged',
      (e: unknown) => (e as Error).message,
    );
    const old = Number.parseInt((await w.describe()).version.replace(/^PostgreSQL /, ''), 10) < 15;
    expect(outcome).toMatch(old ? /syntax error[\s\S]*HINT: `merge`, .* is in PostgreSQL since 15, and this server is \d+/ : /^merged$/);
  });
});
