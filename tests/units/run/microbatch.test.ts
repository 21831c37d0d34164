import { describe, expect, test } from 'vitest';
import { TestProject } from './project.ts';

const events = `{{ config(materialized='table', event_time='ts') }}
select i as id, timestamp '2024-01-01 12:00:00' + i * interval '1 day' as ts from (select unnest(range(20)) as i)`;

function daily(config: string, query = "select * from {{ ref('events') }}"): string {
  return `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ts', begin='2024-01-01', batch_size='day'${config}) }}\n${query}`;
}

const WINDOW = ['--event-time-start', '2024-01-01', '--event-time-end', '2024-01-21'];

/** The most batches of a model that were at work at the same time, and whether the first and the last were alone. */
function overlap(text: string, model: string): { readonly most: number; readonly alone: boolean } {
  let most = 0;
  let alone = true;
  const running = new Set<string>();
  for (const line of text.split('\n')) {
    const [, index, total, verb] = new RegExp(`Batch (\\d+) of (\\d+) (START|OK|ERROR).* of main\\.${model} `).exec(line) ?? [];
    if (index === undefined) continue;
    if (verb === 'START') running.add(index);
    most = Math.max(most, running.size);
    if ((running.has('1') || running.has(total ?? '')) && running.size > 1) alone = false;
    if (verb !== 'START') running.delete(index);
  }
  return { most, alone };
}

describe('batches', () => {
  test('run at the same time where they may, the first and the last alone', async () => {
    const p = new TestProject({
      'models/events.sql': events,
      'models/free.sql': daily(''),
      'models/reading.sql': daily(
        '',
        "select *, {% if is_incremental() %}(select count(*) from {{ this }}){% else %}0{% endif %} as before from {{ ref('events') }}",
      ),
      'models/forced.sql': daily(', concurrent_batches=true', "select * from {{ ref('events') }} where '{{ this }}' <> ''"),
      'models/kept.sql': daily(', concurrent_batches=false'),
    });
    expect((await p.dml(['run', '-s', 'events', '--quiet'])).code).toBe(0);
    for (const [model, parallel] of [
      ['free', true],
      ['forced', true],
      ['reading', false],
      ['kept', false],
    ] as const) {
      const { code, text } = await p.dml(['run', '-s', model, ...WINDOW]);
      expect(code, text).toBe(0);
      expect(overlap(text, model), model).toEqual({ most: parallel ? 3 : 1, alone: true });
    }
    expect(await p.rows('select count(*), count(distinct id) from free')).toEqual(await p.rows('select count(*), count(distinct id) from kept'));
    // What reads its own table has seen every batch before it.
    expect(await p.rows('select count(*) from reading where before <> id')).toEqual([['0']]);
  });

  test('their results are in run_results.json as dbt writes them', async () => {
    const p = new TestProject({
      'models/events.sql': events,
      'models/m.sql': daily('', "select *, case when id = 1 then cast('x' as integer) end as bad from {{ ref('events') }}"),
    });
    const { code, results } = await p.dml(['run', '--event-time-start', '2024-01-01', '--event-time-end', '2024-01-04']);
    expect(code).toBe(1);
    const day = (n: number): string[] => [`2024-01-0${n}T00:00:00+00:00`, `2024-01-0${n + 1}T00:00:00+00:00`];
    expect(results['m']).toMatchObject({
      status: 'partial success',
      message: 'PARTIAL SUCCESS (2/3)',
      failures: 0,
      compiled: false,
      adapter_response: {},
      batch_results: { successful: [day(1), day(3)], failed: [day(2)] },
    });
    expect(results['events']?.['batch_results']).toBeNull();
  });

  test('a run that is given up keeps what it has built, and counts the rest as failed', async () => {
    const p = new TestProject({ 'models/events.sql': events, 'models/m.sql': daily(', concurrent_batches=false') });
    const stop = new AbortController();
    const onText = (text: string): void => {
      if (text.includes('Batch 2 of 20 OK')) stop.abort();
    };
    const { code, results } = await p.dml(['run', ...WINDOW], { signal: stop.signal, onText });
    expect(code).not.toBe(0);
    const m = results['m'] as { readonly status: string; readonly batch_results: { readonly successful: unknown[]; readonly failed: unknown[] } };
    const { successful, failed } = m.batch_results;
    expect([m.status, successful.length + failed.length]).toEqual(['partial success', 20]);
    // The one that was interrupted may have been at its very end: it is built again all the same.
    expect([successful.length, successful.length + 1]).toContain(Number((await p.rows('select count(*) from m'))[0]?.[0]));
  });
});
