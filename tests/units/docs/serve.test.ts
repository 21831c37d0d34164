import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serveFolder } from '../../../src/docs/index.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-serve-'));
const site = path.join(dir, 'site');
let served: Served;
const LONG = JSON.stringify('long '.repeat(1000));

beforeAll(async () => {
  const files = {
    'site/index.html': `<html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self'"></head><p>hello</p></html>`,
    'site/plain.html': '<p>no policy</p>',
    'site/data/index.json': '{"a": 1}',
    'site/data/long.json': LONG,
    'site/app/a b.js': 'a()',
    'site/picture.svg': '<svg/>',
    'site/shop.duckdb': 'secret',
    'site/.hidden/a.json': 'secret',
    'site/.env.json': 'secret',
    'secret.json': 'secret',
    'site2/a.json': 'secret',
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  fs.symlinkSync('../secret.json', path.join(site, 'link.json'));
  const answer = await serveFolder(site, '127.0.0.1', 0);
  if ('problem' in answer) throw new Error(answer.problem);
  served = answer;
});
afterAll(async () => {
  await served.close();
  fs.rmSync(dir, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends a request as it is written, which no client for HTTP would: they mend addresses before they ask. */
async function ask(line: string, headers: readonly string[] = ['Host: 127.0.0.1']): Promise<Answer> {
  const socket = net.connect(served.port, '127.0.0.1');
  socket.write(`${line} HTTP/1.1\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const [head = '', ...body] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]), head: head.toLowerCase(), body: body.join('\r\n\r\n') };
}

test('files are handed out with their types', async () => {
  expect(await ask('GET /')).toMatchObject({ status: 200, body: expect.stringContaining('<p>hello</p>') });
  expect((await ask('GET /data/index.json?v=1')).body).toBe('{"a": 1}');
  expect((await ask('GET /data/index.json')).head).toContain('content-type: application/json');
  expect((await ask('GET /app/a%20b.js')).head).toContain('content-type: text/javascript');
  expect(await ask('HEAD /data/index.json')).toMatchObject({ status: 200, body: '', head: expect.stringContaining('content-length: 8') });
});

test.each([
  '/secret.json',
  '/../secret.json',
  '/%2e%2e/secret.json',
  '/..%2fsecret.json',
  '/%2e%2e%2fsecret.json',
  '/..%5csecret.json',
  '/data/../../secret.json',
  '/data/..%2f..%2fsecret.json',
  '/../site2/a.json',
  '//../secret.json',
  'http://127.0.0.1/../secret.json',
  '/link.json',
  '/.env.json',
  '/.hidden/a.json',
  '/data/%2ehidden/a.json',
  '/shop.duckdb',
  '/data/index.json%00.html',
  '/%',
  '/data',
  '/data/',
  '/nothing.json',
])('%s is not found', async (address) => {
  const { status, body } = await ask(`GET ${address}`);
  expect({ status, body }).toEqual({ status: 404, body: expect.not.stringContaining('secret') });
});

describe('names', () => {
  test.each(['127.0.0.1', '127.0.0.1:8080', 'localhost', 'LOCALHOST:1', '[::1]:8080', '192.168.1.7:8080'])('%s means this server', async (name) => {
    expect((await ask('GET /', [`Host: ${name}`])).status).toBe(200);
  });
  test.each(['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', 'localhost.evil.example', '[evil]', ''])('`%s` does not', async (name) => {
    const { status, body } = await ask('GET /data/index.json', [`Host: ${name}`]);
    expect({ status, body }).toEqual({ status: 421, body: expect.stringContaining('--host') });
  });
  test('a request has to say whom it means', async () => {
    expect((await ask('GET /', [])).status).toBe(400);
    expect((await ask('GET /', ['Host: evil.example', 'X-Forwarded-Host: localhost'])).status).toBe(421);
  });
});

test('nothing can be written', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect(await ask(`${method} /data/index.json`)).toMatchObject({ status: 405, body: expect.stringContaining('nothing to write') });
});

test('a page keeps its own policy, one without gets a strict one, and what is no page may do nothing', async () => {
  const policy = async (address: string) => /content-security-policy: (.*)/.exec((await ask(`GET ${address}`)).head)?.[1];
  expect(await policy('/')).toBe("default-src 'none'; img-src 'self'; frame-ancestors 'none'");
  expect(await policy('/plain.html')).toMatch(/^default-src 'none'; script-src 'self';.*; frame-ancestors 'none'$/);
  expect(await policy('/picture.svg')).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
  for (const address of ['/', '/data/index.json', '/nothing']) expect((await ask(`GET ${address}`)).head).toContain('x-content-type-options: nosniff');
});

test('what has not changed is not sent again', async () => {
  const etag = async () => /etag: (.*)/.exec((await ask('GET /data/index.json')).head)?.[1] ?? '';
  const first = await etag();
  const again = () => ask('GET /data/index.json', ['Host: localhost', `If-None-Match: ${first}`]);
  expect(await again()).toMatchObject({ status: 304, body: '' });
  fs.writeFileSync(path.join(site, 'data/index.json'), '{"a": 22}');
  expect(await again()).toMatchObject({ status: 200, body: '{"a": 22}' });
  expect(await etag()).not.toBe(first);
});

test('a page is told where it hears of changes, and hears of them', async () => {
  const address = /<meta name="dml-live" content="([^"]*)">/.exec((await ask('GET /')).body)?.[1];
  const socket = net.connect(served.port, '127.0.0.1');
  socket.write(`GET /below/${address} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(String((await once(socket, 'data'))[0])).toContain('content-type: text/event-stream');
  const heard = once(socket, 'data');
  served.changed();
  expect(String((await heard)[0])).toContain('event: change\ndata:\n\n');
  socket.destroy();
});

test('a port that is taken is told of', async () => {
  expect(await serveFolder(site, '127.0.0.1', served.port)).toMatchObject({ problem: expect.stringContaining('EADDRINUSE'), taken: true });
});

test.each([
  ['br', 'gzip, deflate, br', zlib.brotliDecompressSync],
  ['gzip', 'gzip;q=0.5, br;q=0', zlib.gunzipSync],
])('%s where the browser takes it, and another tag for it', async (name, accepted, unpack) => {
  const get = (headers: http.OutgoingHttpHeaders) =>
    new Promise<http.IncomingMessage>((resolve) => http.get({ host: '127.0.0.1', port: served.port, path: '/data/long.json', headers }, resolve));
  const packed = await get({ 'accept-encoding': accepted });
  expect(packed.headers).toMatchObject({ 'content-encoding': name, vary: 'accept-encoding' });
  const chunks: Buffer[] = [];
  for await (const chunk of packed) chunks.push(chunk as Buffer);
  expect(unpack(Buffer.concat(chunks)).toString()).toBe(LONG);
  const plain = await get({});
  plain.resume();
  expect(plain.headers).toMatchObject({ 'content-length': String(LONG.length) });
  expect(plain.headers.etag).not.toBe(packed.headers.etag);
  const again = await get({ 'accept-encoding': accepted, 'if-none-match': packed.headers.etag });
  again.resume();
  expect(again.statusCode).toBe(304);
});
