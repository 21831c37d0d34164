import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { createProject, type Event, ProjectError, type Run } from '../../../src/index.ts';
import { folder, shop } from './projects.ts';

const statuses = (results: readonly { readonly unique_id: string; readonly status: string }[]) =>
  Object.fromEntries(results.map((r) => [r.unique_id.split('.')[2] ?? r.unique_id, r.status]));

async function eventsOf(run: Run): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of run) events.push(event);
  return events;
}

/** The error that work ends with. */
async function errorOf(work: () => unknown): Promise<ProjectError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ProjectError) return error;
    throw error;
  }
  throw new Error('there was no error');
}

test('a build tells its events, answers its report and leaves its artifacts', async () => {
  const project = await createProject({ dir: shop() });
  const run = project.build({ threads: 1 });
  const events = await eventsOf(run);
  const report = await run.result;
  expect(statuses(report.results)).toMatchObject({ raw_orders: 'success', orders: 'success', totals: 'success', not_null_orders_id: 'pass' });
  const kinds = events.map((e) => e.kind);
  expect(kinds.indexOf('run-started')).toBeLessThan(kinds.indexOf('node-started'));
  expect(kinds.lastIndexOf('node-finished')).toBeLessThan(kinds.indexOf('run-finished'));
  const finished = events.flatMap((e) => (e.kind === 'node-finished' ? [e.node.unique_id] : []));
  expect(finished).toEqual(report.results.map((r) => r.unique_id));
  const artifact = JSON.parse(fs.readFileSync(path.join(project.dir, 'target/run_results.json'), 'utf8'));
  expect(artifact.results).toHaveLength(5);
  expect(artifact.args).toMatchObject({ which: 'build', threads: 1 });
  await project.close();
});

test('a late reader gets every event, and nobody needs to read', async () => {
  const project = await createProject({ dir: shop() });
  const run = project.seed();
  await run.result;
  const [first, second] = await Promise.all([eventsOf(run), eventsOf(run)]);
  expect(first.at(-1)?.kind).toBe('log');
  expect(first.filter((e) => e.kind === 'run-finished')).toHaveLength(1);
  expect(second).toEqual(first);
  await project.close();
});

test('selects, compiles and asks', async () => {
  const project = await createProject({ dir: shop(), vars: { rate: 2 } });
  expect(project.select('orders+')).toEqual([
    'model.shop.orders',
    'model.shop.totals',
    expect.stringMatching(/^test\.shop\.unique_orders_id\./),
    expect.stringMatching(/^test\.shop\.not_null_orders_id\./),
  ]);
  expect(project.select({ select: ['orders', 'totals'], exclude: 'totals', resourceTypes: ['model'] })).toEqual(['model.shop.orders']);
  expect(await project.compile('orders')).toBe(`select id, amount * 2 as amount, 'dev' as built_by from "dev"."main"."raw_orders"`);
  await project.build().result;
  expect(await project.query("select * from {{ ref('orders') }} order by id", { limit: 2 })).toEqual([
    { id: 1, amount: 20, built_by: 'dev' },
    { id: 2, amount: 40, built_by: 'dev' },
  ]);
  expect(project.manifest.nodes.get('model.shop.totals')).toMatchObject({ name: 'totals', config: { materialized: 'table' } });
  expect(project.manifest.parents.get('model.shop.totals')).toEqual(['model.shop.orders']);
  await project.close();
});

test('a run has the flags it is given, and the next one its own', async () => {
  const dir = shop({ 'models/told.sql': 'select {{ flags.FULL_REFRESH }} as refreshed, {{ invocation_args_dict.threads }} as threads\n' });
  const project = await createProject({ dir });
  const rows = () => project.query("select * from {{ ref('told') }}");
  await project.run({ select: 'told', fullRefresh: true, threads: 3 }).result;
  expect(await rows()).toEqual([{ refreshed: true, threads: 3 }]);
  await project.run({ select: 'told', threads: 1 }).result;
  expect(await rows()).toEqual([{ refreshed: false, threads: 1 }]);
  await project.close();
});

test('two projects build side by side, each with its own variables and database', async () => {
  const slow = { 'models/slow.sql': 'select count(*) as n from range(20000000) t(i) where i % 3 = 0\n' };
  const [a, b] = await Promise.all([createProject({ dir: shop(slow), vars: { rate: 1 } }), createProject({ dir: shop(slow), vars: { rate: 100 } })]);
  const order: string[] = [];
  const follow = async (name: string, run: Run) => {
    for await (const event of run) if (event.kind === 'run-started' || event.kind === 'run-finished') order.push(`${name} ${event.kind}`);
  };
  await Promise.all([follow('a', a.build()), follow('b', b.build())]);
  expect(order.slice(0, 2).sort(), 'both began before one had ended').toEqual(['a run-started', 'b run-started']);
  expect(await a.query("select total from {{ ref('totals') }}")).toEqual([{ total: 60 }]);
  expect(await b.query("select total from {{ ref('totals') }}")).toEqual([{ total: 6000 }]);
  await Promise.all([a.close(), b.close()]);
});

test('one folder is open twice, with two targets', async () => {
  const dir = shop();
  const [dev, other] = await Promise.all([createProject({ dir }), createProject({ dir, target: 'other', targetPath: 'target/other' })]);
  const reports = await Promise.all([dev.build().result, other.build().result]);
  expect(reports.map((r) => r.results.every((x) => x.status === 'success' || x.status === 'pass'))).toEqual([true, true]);
  const [mine] = await dev.query("select built_by, '{{ ref('orders') }}' as place from {{ ref('orders') }}", { limit: 1 });
  const [theirs] = await other.query("select built_by, '{{ ref('orders') }}' as place from {{ ref('orders') }}", { limit: 1 });
  expect(mine).toEqual({ built_by: 'dev', place: '"dev"."main"."orders"' });
  expect(theirs).toEqual({ built_by: 'other', place: '"other"."elsewhere"."orders"' });
  expect(fs.existsSync(path.join(dir, 'target/other/manifest.json'))).toBe(true);
  await Promise.all([dev.close(), other.close()]);
});

// Nobody waits for the end of this count: only an interrupt ends it.
const ENDLESS = `-- depends_on: {{ ref('raw_orders') }}
select count(*) as n from range(100000000000) a, range(1000) b where (a.range * b.range) % 7 = 3
`;

test('a signal interrupts what runs; the report says what was done, and the project goes on', async () => {
  const project = await createProject({ dir: shop({ 'models/endless.sql': ENDLESS }) });
  const stop = new AbortController();
  const run = project.build({ select: 'raw_orders endless', threads: 1, signal: stop.signal });
  for await (const event of run) if (event.kind === 'statement' && event.node === 'model.shop.endless') stop.abort();
  const report = await run.result;
  expect(report.interrupted).toBe(true);
  expect(statuses(report.results)).toEqual({ raw_orders: 'success', endless: 'skipped' });
  expect(statuses((await project.build({ select: 'orders' }).result).results)).toMatchObject({ orders: 'success' });
  await project.close();
});

test('a signal that is aborted already begins nothing', async () => {
  const project = await createProject({ dir: shop() });
  const report = await project.build({ signal: AbortSignal.abort() }).result;
  expect(report).toMatchObject({ results: [], interrupted: true });
  await project.close();
  await expect(createProject({ dir: project.dir, signal: AbortSignal.abort(new Error('given up')) })).rejects.toThrow('given up');
});

test('closing interrupts what runs, and takes no more work', async () => {
  const project = await createProject({ dir: shop({ 'models/endless.sql': ENDLESS }) });
  const run = project.build({ select: 'endless' });
  const waiting = project.run({ select: 'orders' });
  let closing: Promise<void> | undefined;
  for await (const event of run) if (event.kind === 'node-started') closing = project.close();
  await closing;
  expect((await run.result).interrupted).toBe(true);
  await expect(waiting.result).rejects.toThrow('closed');
  expect(() => project.select('orders')).toThrow('closed');
});

test('mistakes in a project are diagnostics with a place', async () => {
  const error = await errorOf(() => createProject({ dir: shop({ 'models/totals.sql': "select 1 from {{ ref('order') }}\n" }) }));
  expect(error.diagnostics.map((d) => [d.code, d.at?.file.path, d.hint])).toEqual([['ref-not-found', 'models/totals.sql', expect.stringContaining('orders')]]);
  expect(error.message).toContain('models/totals.sql:1');
});

test.each([
  ['no project', () => createProject({ dir: folder({}) }), 'project-not-found'],
  ['no such target', () => createProject({ dir: shop(), target: 'moon' }), 'target-not-found'],
  ['a flag that cannot be', async () => (await createProject({ dir: shop() })).build({ threads: -1 }).result, 'bad-argument'],
  ['a selector that cannot be', async () => (await createProject({ dir: shop() })).select('colour:red'), 'selector-method-unknown'],
  ['the same in a run', async () => (await createProject({ dir: shop() })).build({ select: 'colour:red' }).result, 'selector-method-unknown'],
  ['a state that is not there', async () => (await createProject({ dir: shop() })).select({ select: 'state:new', state: 'nowhere' }), 'state-missing'],
  ['several nodes to compile', async () => (await createProject({ dir: shop() })).compile('fqn:*'), 'bad-argument'],
  ['a query that fails', async () => (await createProject({ dir: shop() })).query('select nothing'), 'sql-error'],
])('%s is a diagnostic', async (_, work, code) => {
  expect((await errorOf(work)).diagnostics.map((d) => d.code)).toEqual([code]);
});

test('an error of a run reaches who only iterates', async () => {
  const project = await createProject({ dir: shop() });
  await expect(eventsOf(project.build({ selector: 'none' }))).rejects.toThrow(ProjectError);
});

test('a node that fails is in the report', async () => {
  const project = await createProject({ dir: shop({ 'models/totals.sql': "select nothing from {{ ref('orders') }}\n" }) });
  const report = await project.build().result;
  expect(statuses(report.results)).toMatchObject({ orders: 'success', totals: 'error' });
  expect(report.results.find((r) => r.status === 'error')?.diagnostic?.at?.file.path).toBe('models/totals.sql');
});

test('warnings are kept, and what templates print is an event', async () => {
  const project = await createProject({
    dir: shop({
      'models/told.sql': "{{ print('printed') }}{{ log('logged', info=true) }}{% do exceptions.warn('warned') %}select 1 as x\n",
      'models/more.yml': 'models:\n  - name: missing\n',
    }),
  });
  expect(project.warnings.map((d) => d.code)).toContain('patch-without-node');
  const events = await eventsOf(project.run({ select: 'told' }));
  expect(events.flatMap((e) => (e.kind === 'print' ? [e.message] : []))).toContain('printed');
  expect(events.flatMap((e) => (e.kind === 'log' ? [e.message] : []))).toContain('logged');
});

test('nothing of the process is touched', async () => {
  const env = JSON.stringify(process.env);
  const cwd = process.cwd();
  const writes = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write'), vi.spyOn(console, 'log'), vi.spyOn(console, 'warn')];
  const before = writes.map((w) => w.mock.calls.length);
  const listeners = process.listenerCount('SIGINT');
  const dir = shop({ 'models/told.sql': "select '{{ env_var('SHOP_NAME', 'unset') }}' as name\n" });
  const project = await createProject({ dir, env: { SHOP_NAME: 'harbour', DBT_FULL_REFRESH: 'true' } });
  await project.build().result;
  expect(await project.query("select name, {{ flags.FULL_REFRESH }} as refreshed from {{ ref('told') }}")).toEqual([{ name: 'harbour', refreshed: true }]);
  await project.close();
  await createProject({ dir: folder({}) }).catch(() => undefined);
  expect(writes.map((w) => w.mock.calls.length)).toEqual(before);
  expect(JSON.stringify(process.env)).toBe(env);
  expect(process.cwd()).toBe(cwd);
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  expect(fs.existsSync(path.join(dir, 'logs'))).toBe(false);
  for (const write of writes) write.mockRestore();
});
