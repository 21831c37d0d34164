import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { type Both, type Engine, onBoth } from './both.ts';

let both: Both;
beforeAll(async () => {
  both = await onBoth('unit_create');
  both.write(FILES);
}, 60_000);
afterAll(() => both.end(), 60_000);

/** Rows of types that both engines have, and of some that only Postgres has. */
const FILES = {
  'dbt_project.yml': 'name: shop\nprofile: p\n',
  'models/items.sql': `{{ config(materialized='table') }}
select cast(1 as integer) as id, cast('it''s {{ "{{ x }}" }}' as text) as label, cast(12345678901234.567 as numeric(20, 3)) as amount,
  cast('2024-02-29' as date) as day, cast('2024-02-29 23:59:59.123456' as timestamp) as moment, cast('2024-01-01 12:00:00+02' as timestamptz) as zoned,
  cast(0.1 as double precision) as ratio, cast('NaN' as double precision) as wild, true as ok, cast('12:30:00' as time) as at_time,
  cast('00000000-0000-0000-0000-00000000000a' as uuid) as token
  {% if target.type == 'postgres' %}, array['a', 'b,c', null, ''] as tags, cast('{"a": [1, "x"]}' as jsonb) as doc, cast('\\xDEAD' as bytea) as piece,
  cast('1 month 2 days' as interval) as span, cast('abc' as char(5)) as padded, cast('abc' as varchar(10)) as short{% endif %}
union all
select 2, '', null, null, null, null, null, null, null, null, null {% if target.type == 'postgres' %}, null, null, null, null, null, null{% endif %}`,
  'models/notes.sql': "{{ config(materialized='table') }} select 1 as note_id, 1 as item_id, cast('first' as text) as body union all select 2, 1, 'second'",
  'models/everything.sql': "select * from {{ ref('items') }}",
  'models/counted.sql': `select i.id, i.label, count(n.note_id) as notes, coalesce(sum(i.amount), 0) as amount
from {{ ref('items') }} i left join {{ ref('notes') }} n on n.item_id = i.id group by i.id, i.label`,
  'models/later.sql': `{{ config(materialized='incremental', unique_key='id') }}
select id, day from {{ ref('items') }} {% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}`,
};

async function run(engine: Engine, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dml([...argv, '--target', engine], both.dir);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

describe.each<Engine>(['duckdb', 'postgres'])('a test from live rows on %s', (engine) => {
  test('passes where it was made', { timeout: 60_000 }, async ({ skip }) => {
    if (!both.engines.includes(engine)) skip();
    await run(engine, 'run');
    for (const model of ['everything', 'counted', 'later']) await run(engine, 'test', 'create', model, '--write', '--name', `${model}_on_${engine}`);
    await run(engine, 'test', 'create', 'later', '--write', '--incremental', '--name', `again_on_${engine}`);
    for (const more of [[], ['--on-target']]) expect(await run(engine, 'test', '--select', `*_on_${engine}`, ...more)).toContain('Done. PASS=4 WARN=0 ERROR=0');
  });
});
