import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dml, install } from '../command.ts';
import { copyExample } from '../example.ts';

// The command in a process of its own, as only an interrupt ends it.
let home: string;
let dir: string;
let child: ChildProcess | undefined;
let printed = '';

beforeAll(async () => {
  home = install();
  dir = copyExample();
  expect(await dml(['docs', 'generate', '--empty-catalog', '--no-compile'], dir)).toMatchObject({ code: 0 });
});
afterEach(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  child = undefined;
});
afterAll(() => {
  for (const folder of [home, dir]) fs.rmSync(folder, { recursive: true });
});

/** Starts `dml docs serve`; answers the address it prints. */
async function serve(...argv: readonly string[]): Promise<string> {
  const started = spawn(path.join(home, 'bin/dml'), ['docs', 'serve', ...argv], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
  child = started;
  printed = '';
  started.stdout.on('data', (text) => (printed += String(text)));
  while (!/http:\S+/.test(printed)) await once(started.stdout, 'data');
  return `${/http:\S+/.exec(printed)?.[0]}/`;
}

/** Listens as a page does; `heard`: the next event. */
async function listening(base: string): Promise<{ readonly heard: Promise<unknown> }> {
  const address = /<meta name="dml-live" content="([^"]*)">/.exec(await (await fetch(base)).text())?.[1] ?? '';
  const response: http.IncomingMessage = (await once(http.get(new URL(address, base)), 'response'))[0];
  return { heard: once(response.setEncoding('utf8'), 'data').then(([text]) => text) };
}

const nodes = async (base: string) => {
  const index = (await (await fetch(`${base}data/index.json`)).json()) as { readonly counts: { readonly model: number } };
  return index.counts.model;
};

test('open pages are told of a model that is written while they are looked at, and of mistakes nothing but a message', async () => {
  const base = await serve('--port', '0');
  const before = await nodes(base);
  const wrong = path.join(dir, 'models/wrong.sql');
  fs.writeFileSync(wrong, "select * from {{ ref('nothing') }}");
  while (!printed.includes('ref-not-found')) await once(child?.stdout as NodeJS.EventEmitter, 'data');
  expect(await nodes(base)).toBe(before);

  // The mistake goes last: until then the site stays, whenever the watcher looks; so the first change that is told is the whole of it.
  const { heard } = await listening(base);
  fs.mkdirSync(path.join(dir, 'models/more'));
  fs.writeFileSync(path.join(dir, 'models/more/one_more.sql'), 'select 1 as id');
  fs.rmSync(wrong);
  expect(await heard).toBe('event: change\ndata:\n\n');
  while (!printed.includes('up to date')) await once(child?.stdout as NodeJS.EventEmitter, 'data');
  expect(await nodes(base)).toBe(before + 1);
});

test('where dbt’s port is taken another one is used, unless it was asked for', async () => {
  // Where it is taken already, so much the better.
  const other = net.createServer();
  await new Promise<unknown>((done) => void other.once('listening', done).once('error', done).listen(8080, '127.0.0.1'));
  const base = await serve('--no-watch');
  expect(new URL(base).port).not.toBe('8080');
  expect((await fetch(base)).status).toBe(200);
  expect(await dml(['docs', 'serve', '--port', '8080'], dir)).toMatchObject({ code: 2, stdout: expect.stringContaining('--port N') });
  other.close();
});
