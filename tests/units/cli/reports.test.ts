import { execFileSync } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { githubAnnotations, junitXml, paint } from '../../../src/report/index.ts';
import type { NodeResult } from '../../../src/run/index.ts';
import { result, sample } from '../report/sample.ts';
import { TestProject } from '../run/project.ts';

/** A project in which a test fails with eight rows, one warns, one passes, one is refused, and a model cannot be built. */
const files = {
  'models/orders.sql': `select id, 'a<b>&"' || chr(27) || chr(7) || '50%' as note from range(8) t(id)`,
  'models/wrong.sql': `select cast('x' as integer) as id`,
  'models/after.sql': `select * from {{ ref('wrong_table') }}`,
  'models/wrong_table.sql': `{{ config(materialized='table') }} select cast('x' as integer) as id`,
  'models/orders.yml': `
models:
  - name: orders
    columns:
      - name: id
        data_tests: [unique, accepted_values: {arguments: {values: [99], quote: false}, config: {severity: warn}}]
      - name: note
        data_tests: [accepted_values: {arguments: {values: ['&']}}]
`,
  'tests/all_of_them.sql': `select id, note from {{ ref('orders') }}`,
  'tests/refused.sql': `select cast(note as integer) from {{ ref('orders') }}`,
};

describe('--failures', () => {
  const shown = (text: string) => [...text.matchAll(/^ +\d {2}a<b>/gm)].length;
  test('says how many failing rows are shown: five, as many, or none', async () => {
    const p = new TestProject(files);
    await p.dml(['run', '-s', 'orders']);
    const counts = [];
    for (const flags of [[], ['--failures', '2'], ['--failures', '0'], ['--failures', '100']])
      counts.push(shown((await p.dml(['test', '-s', 'all_of_them', ...flags])).text));
    expect(counts).toEqual([5, 2, 0, 8]);
    expect(shown((await p.dml(['test', '-s', 'all_of_them'], { env: { DML_FAILURES: '3' } })).text)).toBe(3);
    p.write({ 'dml.yml': 'failures: 4\n' });
    expect(shown((await p.dml(['test', '-s', 'all_of_them'])).text)).toBe(4);
    expect(shown((await p.dml(['test', '-s', 'all_of_them', '--failures', '1'])).text)).toBe(1);
    expect((await p.dml(['test', '--failures', '-1'])).code).toBe(2);
  });
});

describe('--junit', () => {
  test('writes every result, in suites by what was tested, as XML that a parser reads', async () => {
    const p = new TestProject(files);
    const run = await p.dml(['build', '--junit', 'out/junit.xml']);
    expect(run.code).toBe(1);
    const xml = p.read('out/junit.xml');
    expect(parsed(p)).toEqual({
      shop: { tests: 9, failures: 2, errors: 2, skipped: 1 },
      suites: {
        orders: ['accepted_values failure', 'accepted_values system-out', 'all_of_them failure', 'orders', 'refused error', 'unique'],
        wrong: ['wrong'],
        wrong_table: ['wrong_table error'],
        after: ['after skipped'],
      },
    });
    expect(xml).toContain('file="tests/all_of_them.sql"');
    expect(xml).toContain('a&lt;b&gt;&amp;&quot;\ufffd\ufffd50%');
  });

  test('is written anew when a run is tried again', async () => {
    const p = new TestProject(files);
    await p.dml(['run', '-s', 'orders']);
    await p.dml(['test', '-s', 'orders', '--junit', 'out/junit.xml']);
    // Each command of a test begins without the results of the one before.
    p.write({ 'state/run_results.json': p.read('target/run_results.json'), 'out/junit.xml': '' });
    await p.dml(['retry', '--state', 'state']);
    expect(parsed(p).suites).toEqual({ orders: ['accepted_values failure', 'all_of_them failure', 'refused error'] });
  });

  test('is written of an empty selection, too', async () => {
    const p = new TestProject(files);
    await p.dml(['test', '-s', 'after', '--junit', 'out/junit.xml']);
    expect(parsed(p)).toEqual({ shop: { tests: 0, failures: 0, errors: 0, skipped: 0 }, suites: {} });
  });

  test('is well-formed whatever a message holds', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 });
    const p = new TestProject({});
    fc.assert(
      fc.property(texts, (messages) => {
        const results = messages.map((message, i): NodeResult => result('model.shop.a', i % 2 ? 'error' : 'skipped', { message }));
        const xml = junitXml({ results, elapsed: 0, interrupted: false }, 0, { manifest: sample(), paint: paint(false) });
        p.write({ 'out/junit.xml': xml });
        const suites = Object.values(parsed(p).suites);
        expect(suites.flat().length).toBe(messages.length);
      }),
      { numRuns: 5 },
    );
  });

  /** What Python's parser reads. */
  function parsed(p: TestProject): { readonly shop: unknown; readonly suites: Record<string, string[]> } {
    const script = `
import json, sys, xml.etree.ElementTree as e
r = e.parse(sys.argv[1]).getroot()
counts = {k: int(r.get(k)) for k in ("tests", "failures", "errors", "skipped")}
name = lambda c: " ".join([c.get("name").split("_orders")[0]] + [x.tag for x in c])
print(json.dumps({"shop": counts, "suites": {s.get("name"): sorted(name(c) for c in s) for s in r}}))`;
    return JSON.parse(execFileSync('python3', ['-c', script, path.join(p.dir, 'out/junit.xml')], { encoding: 'utf8' }));
  }
});

describe('--annotations', () => {
  const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('::'));

  test('are lines for GitHub with the place of each failure and warning', async () => {
    const p = new TestProject(files);
    const { text } = await p.dml(['build', '--annotations', 'github']);
    const all = lines(text);
    expect(all.length).toBe(5);
    expect(all.filter((line) => line.startsWith('::warning '))).toEqual([
      expect.stringMatching(/^::warning file=models\/orders\.yml,line=6,title=accepted_values_orders_id.*::Got 8 results/),
    ]);
    expect(all.find((line) => line.includes('title=all_of_them'))).toMatch(
      /^::error file=tests\/all_of_them\.sql,line=1,title=all_of_them::Got 8 results, .*%0A.*50%25/,
    );
    expect(all.find((line) => line.includes('title=wrong_table'))).toMatch(/^::error file=models\/wrong_table\.sql,line=1,/);
  });

  test('come by themselves in a workflow, relative to its repository, unless they are turned off', async () => {
    const p = new TestProject(files);
    await p.dml(['run', '-s', 'orders']);
    const test = async (flags: string[], env: Record<string, string>) => lines((await p.dml(['test', '-s', 'all_of_them', ...flags], { env })).text);
    const actions = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: path.dirname(p.dir) };
    expect(await test([], actions)).toEqual([expect.stringContaining(`file=${path.basename(p.dir)}/tests/all_of_them.sql,`)]);
    expect(await test(['--annotations', 'none'], actions)).toEqual([]);
    expect(await test([], { GITHUB_ACTIONS: 'false' })).toEqual([]);
    expect(lines((await p.dml(['run'], { env: actions })).text)).toEqual([]);
  });

  test('are one line each, whatever a message holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const results = [result('model.shop.a', 'error', { message: `${message}\r\n::error::no` })];
        const text = githubAnnotations({ results, elapsed: 0, interrupted: false }, 'a,b:c/', { manifest: sample(), paint: paint(false) });
        expect(text).toMatch(/^::error file=a%2Cb%3Ac\/models\/schema\.yml,line=2,title=a::[^\r\n]*\n$/);
      }),
    );
  });
});
