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
      '• FAIL none (tests/none.sql:1:1) owner Ann: Got 1 result, configured to fail if != 0',
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

describe('notifications of dml.yml', () => {
  const FILES = {
    'models/orders.sql': 'select 1 as id',
    'models/bills.sql': "{{ config(materialized='table', tags=['money'], group='finance') }} select 1 as id, cast('x' as integer) as amount",
    'models/models.yml': `
groups:
  - name: finance
    owner: {name: Bea, email: bea@example.com}
models:
  - name: orders
    meta: {owner: Ann}
    columns:
      - name: id
        data_tests:
          - not_null
          - accepted_values: {arguments: {values: [2], quote: false}}
          - accepted_range: {arguments: {min_value: 2}, config: {severity: warn, tags: [nightly]}}
`,
    'tests/below.sql': "{{ config(meta={'owner': ['Cem <cem@example.com>', 'Ann']}) }} select * from {{ ref('bills') }}",
  };
  /** What was listed at a webhook whose entry in dml.yml has these lines, and what was printed. */
  async function told(...lines: readonly string[]) {
    const { url, got } = await webhook(200);
    const p = new TestProject({ ...FILES, 'dml.yml': `notifications:\n  - url_env: TEAM_HOOK\n${lines.map((line) => `    ${line}\n`).join('')}` });
    const { text, code } = await p.dml(['build'], { env: { TEAM_HOOK: url } });
    expect(text + p.read('logs/dml.log')).not.toContain('s3cret');
    const listed = got.flatMap(({ body }) => (JSON.parse(body).blocks[1].text.text as string).split('\n').map((line) => line.replace(/ \(.*$/, '').slice(2)));
    return { listed, text, code, messages: got.length };
  }
  const VALUES = 'FAIL accepted_values_orders_id__False__2';
  const RANGE = 'WARN accepted_range_orders_id__2';

  test.each<[readonly string[], readonly string[]]>([
    [[], ['ERROR bills', VALUES]],
    [['statuses: [error]'], ['ERROR bills']],
    [['statuses: [warn]'], [RANGE]],
    [['statuses: [skipped]'], ['SKIPPED below']],
    [['owners: [ann]'], [VALUES]],
    [['owners: ["*@EXAMPLE.com"]'], ['ERROR bills']],
    [
      ['owners: [cem, ann]', 'statuses: [skipped, warn]'],
      [RANGE, 'SKIPPED below'],
    ],
    [
      ['tags: [money]', 'statuses: [error, skipped]'],
      ['ERROR bills', 'SKIPPED below'],
    ],
    [['tags: [nightly]', 'statuses: [warn, fail]'], [RANGE]],
    [['tags: [nightly]'], []],
    [['select: [orders]'], [VALUES]],
    [
      ['select: ["test_type:generic"]', 'statuses: [fail, warn]'],
      [VALUES, RANGE],
    ],
    [['owners: [Ann]', 'select: [bills+]'], []],
  ])('%s', async (lines, listed) => {
    const run = await told(...lines);
    expect(run.listed).toEqual(listed);
    expect(run.messages).toBe(listed.length > 0 ? 1 : 0);
    expect(run.code).toBe(1);
    expect(run.text).not.toContain('warning[');
  });

  test('are sent besides that of DML_NOTIFY_URL, each by itself; none where --notify says never', async () => {
    const [all, team, broken] = [await webhook(200), await webhook(200), await webhook(400)];
    const p = new TestProject({
      ...FILES,
      'dml.yml': 'notifications:\n  - url_env: TEAM_HOOK\n    owners: [Ann]\n  - {url_env: BROKEN_HOOK}\n  - {url_env: NO_HOOK, statuses: [warn]}\n',
    });
    const env = { DML_NOTIFY_URL: all.url, TEAM_HOOK: team.url, BROKEN_HOOK: broken.url };
    const { text, code } = await p.dml(['build'], { env });
    expect([all.got.length, team.got.length, broken.got.length]).toEqual([1, 1, 1]);
    expect(code).toBe(1);
    expect(text).toMatch(/warning\[notify-failed\]: the notification to 127\.0\.0\.1:\d+ \(BROKEN_HOOK\) was not taken after one try\n {2}dml\.yml:4:5/);
    expect(text).toMatch(/warning\[notify-url\]: the environment variable NO_HOOK holds no address to notify: it is not set\n {2}dml\.yml:5:5/);
    expect(text).not.toContain('s3cret');
    await p.dml(['build', '--notify', 'never'], { env });
    expect([all.got.length, team.got.length]).toEqual([1, 1]);
  });

  test('whose selection is wrong, or finds nothing, are told of', async () => {
    const wrong = await told('select: ["state:modified"]');
    expect(wrong).toMatchObject({ messages: 0, code: 1 });
    expect(wrong.text).toMatch(/warning\[notify-select\]: .*no comparison manifest\n {2}dml\.yml:2:5/);
    const nothing = await told('select: [order]');
    expect(nothing.messages).toBe(0);
    expect(nothing.text).toMatch(/warning\[notify-select\]: .*'order'.*\n {2}dml\.yml:2:5/);
  });

  test('that are written wrongly are errors, with their places', async () => {
    const p = new TestProject({ ...FILES, 'dml.yml': 'notifications:\n  - {owner: [Ann], url_env: X}\n  - {statuses: [failed]}\n' });
    const { code, text } = await p.dml(['parse']);
    expect(code).toBe(2);
    expect(text).toContain('did you mean `owners`?');
    expect(text).toMatch(/`notifications\[1\]\.url_env` .*is missing[\s\S]*dml\.yml:3:/);
    expect(text).toMatch(/`notifications\[1\]\.statuses\[0\]` must be one of fail, error, warn, skipped/);
  });
});
