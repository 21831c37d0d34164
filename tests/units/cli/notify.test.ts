import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { send } from '../../../src/cli/notify.ts';
import { slackMessage } from '../../../src/report/index.ts';
import { result, sample } from '../report/sample.ts';
import { TestProject } from '../run/project.ts';

type Answer = number | { readonly status: number; readonly headers: http.OutgoingHttpHeaders } | 'hang up';

const servers: http.Server[] = [];
afterAll(() => {
  for (const s of servers) s.close();
});

/** A webhook that gives these answers in turn, the last one for good, and keeps what it was sent. */
async function webhook(...answers: Answer[]): Promise<{ readonly url: string; readonly got: { readonly type: string | undefined; readonly body: string }[] }> {
  const got: { type: string | undefined; body: string }[] = [];
  const server = http.createServer((request, reply) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      got.push({ type: request.headers['content-type'], body });
      const answer = answers[Math.min(got.length, answers.length) - 1] ?? 200;
      if (answer === 'hang up') request.socket.destroy();
      else reply.writeHead(typeof answer === 'number' ? answer : answer.status, typeof answer === 'number' ? {} : answer.headers).end('ok');
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/s3cret`, got };
}

/** What sending comes to, how long it waited between, and how often the webhook was asked. */
async function sent(...answers: Answer[]) {
  const { url, got } = await webhook(...answers);
  const pauses: number[] = [];
  const outcome = await send(url, '{}', new AbortController().signal, async (milliseconds) => void pauses.push(milliseconds));
  return { ...outcome, pauses, asked: got.length };
}

const waitFor = (seconds: string, status = 429): Answer => ({ status, headers: { 'retry-after': seconds } });

describe('a message', () => {
  test('is sent once where it is taken', async () => {
    expect(await sent(204)).toEqual({ tries: 1, pauses: [], asked: 1 });
  });
  test('is sent again, with growing pauses, after what may pass', async () => {
    expect(await sent(500, 503, 'hang up', 200)).toEqual({ tries: 4, pauses: [500, 1000, 2000], asked: 4 });
    expect(await sent(502)).toEqual({ tries: 5, pauses: [500, 1000, 2000, 4000], asked: 5, cause: 'it answered with status 502' });
  });
  test('waits as long as it is asked to, up to a minute', async () => {
    expect(await sent(waitFor('7'), waitFor('0'), waitFor('soon'), 200)).toEqual({ tries: 4, pauses: [7000, 1000, 2000], asked: 4 });
    expect(await sent(waitFor('61'))).toEqual({ tries: 1, pauses: [], asked: 1, cause: 'it answered with status 429' });
  });
  test('is not sent again after what does not pass, nor elsewhere', async () => {
    expect(await sent(404)).toEqual({ tries: 1, pauses: [], asked: 1, cause: 'it answered with status 404' });
    const other = await webhook(200);
    const redirect = { status: 307, headers: { location: other.url } };
    expect(await sent(redirect)).toEqual({ tries: 1, pauses: [], asked: 1, cause: 'it answered with status 307' });
    expect(other.got).toEqual([]);
  });
  test('is given up where nobody listens, and when the run is broken off', async () => {
    const nobody = await webhook();
    await new Promise((done) => servers.at(-1)?.close(done));
    let waited = 0;
    const never = await send(nobody.url, '{}', new AbortController().signal, async () => void waited++);
    expect(never).toEqual({ tries: 5, cause: 'no connection (ECONNREFUSED)' });
    expect(waited).toBe(4);
    expect(await send(nobody.url, '{}', AbortSignal.abort(), async () => void waited++)).toEqual({ tries: 1, cause: 'no connection' });
  });
  test('fits into a block, whatever there is to tell, and has no markup of its own', () => {
    const results = Array.from({ length: 500 }, (_, i) => result(`model.shop.m${i}`, 'error', { message: `<!channel> & ${'x'.repeat(i)}\n` }));
    const message = slackMessage({ results, elapsed: 1, interrupted: false }, 'build', 'dev', { manifest: sample() });
    const blocks = JSON.parse(message).blocks as { type: string; text: { type: string; text: string } }[];
    expect(blocks.map((b) => b.type)).toEqual(['section', 'section']);
    expect(blocks[1]?.text.text.length).toBeLessThan(3000);
    expect(blocks[1]?.text.text).toMatch(/^• ERROR model\.shop\.m0: &lt;!channel&gt; &amp;\n[\s\S]*\nand \d+ more$/);
  });
});

describe('DML_NOTIFY_URL', () => {
  const project = () =>
    new TestProject({
      'models/orders.sql': `select 'ann@example.com' as email, 1 as id`,
      'models/orders.yml': `
models:
  - name: orders
    meta: {owner: Ann}
    columns:
      - {name: email, meta: {pii: true}}
      - {name: id, data_tests: [not_null]}
`,
      'tests/none.sql': `select * from {{ ref('orders') }}`,
      'tests/some.sql': `{{ config(severity='warn', meta={'owner': 'eve'}) }} select * from {{ ref('orders') }}`,
    });

  test('is told of a run that failed: what, where and whom to ask, and no values', async () => {
    const p = project();
    const { url, got } = await webhook(200);
    const run = await p.dml(['build'], { env: { DML_NOTIFY_URL: url } });
    expect(run.code).toBe(1);
    expect(got.map((g) => g.type)).toEqual(['application/json']);
    const { text, blocks } = JSON.parse(got[0]?.body ?? '');
    expect(text).toMatch(/^dml build of shop \(dev\) failed: 1 failure, 1 warning, 2 passed in 0\.\d\ds$/);
    expect(blocks[1].text.text.split('\n')).toEqual([
      '• FAIL none (tests/none.sql:1:1): Got 1 result, configured to fail if != 0',
      '• WARN some (tests/some.sql:1:1) owner eve: Got 1 result, configured to warn if != 0',
    ]);
    expect(got[0]?.body).not.toContain('ann@');
  });

  test('is told when --notify says', async () => {
    const p = project();
    const { url, got } = await webhook(200);
    const env = { DML_NOTIFY_URL: url };
    const counts = [];
    for (const flags of [
      ['run'],
      ['test', '-s', 'some'],
      ['test', '-s', 'some', '--notify', 'warning'],
      ['run', '--notify', 'always'],
      ['test', '--notify', 'never'],
    ]) {
      await p.dml(flags, { env });
      counts.push(got.length);
    }
    expect(counts).toEqual([0, 0, 1, 2, 2]);
    await p.dml(['run'], { env: { ...env, DML_NOTIFY: 'always' } });
    expect(got.length).toBe(3);
    expect(JSON.parse(got[2]?.body ?? '').text).toMatch(/^dml run of shop \(dev\) succeeded: 1 passed in/);
  });

  test('that does not answer well is a warning, which names no address and changes no exit code', async () => {
    const p = project();
    const { url } = await webhook(403);
    const run = await p.dml(['run', '--notify', 'always', '--warn-error'], { env: { DML_NOTIFY_URL: url } });
    expect(run.code).toBe(0);
    expect(run.text).toMatch(/warning\[notify-failed\]: the notification to 127\.0\.0\.1:\d+ \(DML_NOTIFY_URL\) was not taken after one try/);
    expect(run.text).toContain('it answered with status 403');
    expect(run.text).not.toContain('s3cret');
    expect(p.read('logs/dml.log')).not.toContain('s3cret');
  });

  test.each([
    ['hooks.example.com/s3cret', 'it is no whole address'],
    ['ftp://example.com/s3cret', 'it begins with ftp:'],
    ['https://user:s3cret@example.com/', 'it holds a name or password before the @'],
  ])('that is no address is a warning: %s', async (url, problem) => {
    const run = await project().dml(['run', '--notify', 'always'], { env: { DML_NOTIFY_URL: url } });
    expect(run.code).toBe(0);
    expect(run.text).toContain(`warning[notify-url]: the environment variable DML_NOTIFY_URL holds no address to notify: ${problem}`);
    expect(run.text).not.toContain('s3cret');
  });
});
