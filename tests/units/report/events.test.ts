import { describe, expect, test } from 'vitest';
import { debugLine, foundLine, jsonLine, type LogLine, logLines, paint, passes, textLine } from '../../../src/report/index.ts';
import type { Event } from '../../../src/run/index.ts';
import { diagnostic } from '../../../src/text/index.ts';
import { result, sample, start } from './sample.ts';

const manifest = sample();
const settings = { manifest, paint: paint(false), width: 80, print: true };
const TEST = 'test.shop.unique_a_id.f6a5f640da';

function lines(...events: readonly Event[]): readonly LogLine[] {
  return events.flatMap((e) => logLines(e, settings));
}

function text(...events: readonly Event[]): readonly string[] {
  return lines(...events)
    .filter((l) => passes(l.level, 'info'))
    .map(textLine);
}

function finished(id: string, description: string, status: Parameters<typeof result>[1], over: Parameters<typeof result>[2] = {}): Event {
  return { kind: 'node-finished', time: 1000, node: start(id, description), result: result(id, status, over) };
}

describe('text lines are dbt’s', () => {
  test('the start of a run', () => {
    expect(text({ kind: 'run-started', time: 3_600_000, counts: { model: 2 }, threads: 4, target: 'dev' })).toEqual([
      '01:00:00  ',
      "01:00:00  Concurrency: 4 threads (target='dev')",
      '01:00:00  ',
    ]);
  });

  test('a node that starts', () => {
    expect(text({ kind: 'node-started', time: 0, node: start('model.shop.a', 'sql view model main.a', 3, 15) })).toEqual([
      '00:00:00  3 of 15 START sql view model main.a ............................................ [RUN]',
    ]);
    expect(text({ kind: 'node-started', time: 0, node: start('operation.shop.shop-on-run-start-0', 'hook: shop.on-run-start.0', 1, 1) })).toEqual([
      '00:00:00  1 of 1 START hook: shop.on-run-start.0 ......................................... [RUN]',
    ]);
  });

  test.each<[string, Event, string]>([
    [
      'a model',
      finished('model.shop.a', 'sql view model main.a', 'success'),
      '1 of 4 OK created sql view model main.a ........................................ [OK in 0.10s]',
    ],
    [
      'a broken model',
      finished('model.shop.a', 'sql view model main.a', 'error', { message: 'no' }),
      '1 of 4 ERROR creating sql view model main.a .................................... [ERROR in 0.10s]',
    ],
    [
      'a seed',
      finished('seed.shop.raw', 'seed file main.raw', 'success', { message: 'INSERT 3' }),
      '1 of 4 OK loaded seed file main.raw ............................................ [INSERT 3 in 0.10s]',
    ],
    [
      'a snapshot',
      finished('snapshot.shop.hist', 'snapshot main.hist', 'success'),
      '1 of 4 OK snapshotted main.hist ................................................ [OK in 0.10s]',
    ],
    [
      'a test',
      finished(TEST, 'test unique_a_id', 'pass', { message: null }),
      '1 of 4 PASS unique_a_id ........................................................ [PASS in 0.10s]',
    ],
    [
      'a failed test',
      finished(TEST, 'test unique_a_id', 'fail', { failures: 2 }),
      '1 of 4 FAIL 2 unique_a_id ...................................................... [FAIL 2 in 0.10s]',
    ],
    [
      'a warning',
      finished(TEST, 'test unique_a_id', 'warn', { failures: 1 }),
      '1 of 4 WARN 1 unique_a_id ...................................................... [WARN 1 in 0.10s]',
    ],
    [
      'a unit test',
      finished('unit_test.shop.b.ut', 'unit_test b::ut', 'pass'),
      '1 of 4 PASS b::ut .............................................................. [PASS in 0.10s]',
    ],
    [
      'a skipped model',
      finished('model.shop.b', 'sql incremental model main.b', 'skipped'),
      '1 of 4 SKIP relation main.b .................................................... [SKIP]',
    ],
    [
      'a skipped test',
      finished(TEST, 'test unique_a_id', 'skipped'),
      '1 of 4 SKIP test unique_a_id ................................................... [SKIP]',
    ],
    [
      'an exposure',
      finished('exposure.shop.dash', 'exposure dash', 'no-op', { execution_time: 0 }),
      '1 of 4 NO-OP exposure dash ..................................................... [NO-OP in 0.00s]',
    ],
    [
      'a hook',
      finished('operation.shop.shop-on-run-start-0', 'hook: shop.on-run-start.0', 'success'),
      '1 of 4 OK hook: shop.on-run-start.0 ............................................ [OK in 0.10s]',
    ],
  ])('%s that ends', (_, event, expected) => {
    expect(text(event)).toEqual([`00:00:01  ${expected}`]);
  });

  test('the end of a run', () => {
    const results = [
      result('seed.shop.raw', 'success'),
      result('model.shop.a', 'success'),
      result(TEST, 'fail', {
        failures: 2,
        message: 'Got 2 results, configured to fail if != 0',
        compiledPath: 'target/compiled/shop/models/schema.yml/unique_a_id.sql',
        sample: { columns: [{ name: 'id', type: 'integer', dataType: 'INTEGER' }], rows: [[1], [22]] },
      }),
      result('test.shop.singular', 'warn', { failures: 1, message: 'Got 1 result, configured to warn if != 0' }),
      result('model.shop.b', 'skipped', { message: null }),
      result('exposure.shop.dash', 'no-op'),
    ];
    expect(text({ kind: 'run-finished', time: 0, report: { results, elapsed: 61.5, interrupted: false } })).toEqual([
      '00:00:00  ',
      '00:00:00  Finished running 1 exposure, 1 incremental model, 1 seed, 2 data tests, 1 view model in 0 hours 1 minutes and 1.50 seconds (61.50s).',
      '00:00:00  ',
      '00:00:00  Completed with 1 error, 0 partial successes, and 1 warning:',
      '00:00:00  ',
      '00:00:00  Failure in test unique_a_id (models/schema.yml)',
      '00:00:00    Got 2 results, configured to fail if != 0',
      '00:00:00    at models/schema.yml:2:5\n    id\n     1\n    22',
      '00:00:00  ',
      '00:00:00    compiled code at target/compiled/shop/models/schema.yml/unique_a_id.sql',
      '00:00:00  ',
      '00:00:00  Warning in test singular (tests/singular.sql)',
      '00:00:00  Got 1 result, configured to warn if != 0',
      '00:00:00    at models/schema.yml:2:5',
      '00:00:00  ',
      '00:00:00  Done. PASS=2 WARN=1 ERROR=1 SKIP=1 NO-OP=1 TOTAL=6',
    ]);
  });

  test('what a project holds', () => {
    expect(foundLine(manifest)).toBe(
      '1 seed, 2 models, 1 snapshot, 1 analysis, 1 operation, 2 data tests, 1 source, 1 exposure, 1 macro, 1 group, 1 unit test',
    );
  });

  test('print() has no time in front and can be switched off', () => {
    expect(text({ kind: 'print', message: 'hello' })).toEqual(['hello']);
    expect(logLines({ kind: 'print', message: 'hello' }, { ...settings, print: false })).toEqual([]);
  });

  test('a selection that finds nothing', () => {
    const d = diagnostic('nothing-selected', { criterion: 'x' });
    expect(lines({ kind: 'diagnostic', time: 0, diagnostic: d })).toMatchObject([
      { name: 'NoNodesForSelectionCriteria', code: 'M030', level: 'warn', message: "The selection criterion 'x' does not match any enabled nodes" },
    ]);
  });
});

describe('JSON lines', () => {
  test('hold what orchestrators read', () => {
    const [line] = lines(finished('model.shop.a', 'sql view model main.a', 'success'));
    const json = JSON.parse(jsonLine(line as LogLine, { invocationId: 'i', pid: 7 }));
    expect(Object.keys(json.info)).toEqual(['category', 'code', 'extra', 'invocation_id', 'level', 'msg', 'name', 'pid', 'thread', 'ts']);
    expect(json.info).toMatchObject({
      name: 'LogModelResult',
      code: 'Q012',
      level: 'info',
      pid: 7,
      ts: '1970-01-01T00:00:01.000000Z',
      thread: 'Thread-1 (worker)',
    });
    expect(json.data).toMatchObject({ status: 'OK', execution_time: 0.1, index: 1, total: 4 });
    expect(json.data.node_info).toMatchObject({
      unique_id: 'model.shop.a',
      node_name: 'a',
      resource_type: 'model',
      materialized: 'view',
      node_status: 'success',
      node_started_at: '1970-01-01T00:00:00.000000',
      node_finished_at: '1970-01-01T00:00:01.000000',
      node_relation: { alias: 'a', database: 'shop', schema: 'main', relation_name: '"shop"."main"."a"' },
    });
  });

  test('a failed test is an error with its rows counted', () => {
    const [line] = lines(finished(TEST, 'test unique_a_id', 'fail', { failures: 2 }));
    expect(line).toMatchObject({ name: 'LogTestResult', level: 'error', data: { status: 'fail', num_failures: 2 } });
  });

  test('colours stay out of JSON and of the log file', () => {
    const [line] = logLines(finished('model.shop.a', 'sql view model main.a', 'success'), { ...settings, paint: paint(true) });
    expect(line?.message).toContain('\u001b[32mOK');
    expect(JSON.parse(jsonLine(line as LogLine, { invocationId: 'i', pid: 1 })).info.msg).not.toContain('\u001b');
    expect(debugLine(line as LogLine)).toBe(
      '00:00:01.000000 [info ] [Thread-1 (worker)]: 1 of 4 OK created sql view model main.a ........................................ [OK in 0.10s]',
    );
  });
});
