import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TestProject } from './project.ts';

interface Sources {
  readonly metadata: { readonly dbt_schema_version: string };
  readonly results: readonly Record<string, unknown>[];
}

const sourcesOf = (project: TestProject, file = 'target/sources.json'): Sources => JSON.parse(project.read(file)) as Sources;

test('sources.json holds what dbt writes, without those whose age could not be found', async () => {
  const project = new TestProject({
    'models/t.sql':
      "{{ config(materialized='table') }} select 1 as id, timestamp '2026-01-02 03:04:05.678901' as loaded, timestamptz '2026-01-02 03:04:05+02' as zoned",
    'models/t.yml': `
sources:
  - name: raw
    schema: main
    config: {freshness: {warn_after: {count: 1, period: day}}, loaded_at_field: loaded}
    tables:
      - {name: t}
      - {name: zoned, identifier: t, config: {loaded_at_field: zoned}}
      - {name: empty, identifier: t, config: {freshness: {filter: id > 1}}}
      - {name: gone}
`,
  });
  expect((await project.dml(['run'])).code).toBe(0);
  const { code, text } = await project.dml(['source', 'freshness']);
  expect(code, text).toBe(1);
  const { metadata, results } = sourcesOf(project);
  expect(metadata.dbt_schema_version).toBe('https://schemas.getdbt.com/dbt/sources/v3.json');
  const byId = new Map(results.map((r) => [r['unique_id'], r]));
  expect([...byId.keys()].sort()).toEqual(['source.shop.raw.empty', 'source.shop.raw.t', 'source.shop.raw.zoned']);
  expect(byId.get('source.shop.raw.t')).toMatchObject({
    max_loaded_at: '2026-01-02T03:04:05.678901+00:00',
    status: 'warn',
    criteria: { warn_after: { count: 1, period: 'day' }, error_after: { count: null, period: null }, filter: null },
    adapter_response: { _message: 'OK' },
    timing: [{ name: 'compile' }, { name: 'execute' }],
  });
  expect(byId.get('source.shop.raw.zoned')?.['max_loaded_at']).toBe('2026-01-02T01:04:05+00:00');
  expect(byId.get('source.shop.raw.empty')?.['max_loaded_at']).toBe('0001-01-01T00:00:00+00:00');
  const { snapshotted_at: now, max_loaded_at_time_ago_in_s: age } = byId.get('source.shop.raw.t') as {
    snapshotted_at: string;
    max_loaded_at_time_ago_in_s: number;
  };
  expect(age).toBeCloseTo((Date.parse(now) - Date.parse('2026-01-02T03:04:05.678Z')) / 1000, 1);
});

test("a project's own macro answers for dml's, also with a table in the old way", async () => {
  const project = new TestProject({
    'models/t.yml': `
sources:
  - name: raw
    schema: main
    tables: [{name: t, config: {loaded_at_field: loaded, freshness: {error_after: {count: 1, period: minute}}}}]
`,
    'macros/own.sql': `{% macro collect_freshness(source, loaded_at_field, filter) %}
      {% call statement('own', fetch_result=True) %}select timestamp '2026-01-01 00:00:00' as a, timestamp '2026-01-01 00:00:59' as b{% endcall %}
      {{ return(load_result('own').table) }}
    {% endmacro %}`,
  });
  const { code, text } = await project.dml(['source', 'freshness', '--output', 'elsewhere/ages.json']);
  expect(code, text).toBe(0);
  expect(sourcesOf(project, 'elsewhere/ages.json').results[0]).toMatchObject({ status: 'pass', max_loaded_at_time_ago_in_s: 59 });
});

test('of files that DuckDB reads in place the time counts when they were written', async () => {
  const project = new TestProject({ 'data/orders.csv': 'id\n1\n', 'data/more.csv': 'id\n2\n' });
  const hours = (n: number) => new Date(Date.now() - n * 3_600_000);
  fs.utimesSync(path.join(project.dir, 'data/orders.csv'), hours(30), hours(30));
  fs.utimesSync(path.join(project.dir, 'data/more.csv'), hours(2), hours(2));
  project.write({
    'models/files.yml': `
sources:
  - name: files
    config: {external_location: "${project.dir}/data/{name}.csv", freshness: {warn_after: {count: 3, period: hour}, error_after: {count: 1, period: day}}}
    tables:
      - name: orders
      - name: missing
      - name: all
        config: {external_location: "read_csv('${project.dir}/data/*.csv', header=true)"}
`,
  });
  const { code, text } = await project.dml(['source', 'freshness', '--threads', '1']);
  expect(code, text).toBe(1);
  const statuses = Object.fromEntries(sourcesOf(project).results.map((r) => [r['unique_id'], r['status']]));
  expect(statuses).toEqual({ 'source.shop.files.orders': 'error', 'source.shop.files.all': 'pass' });
  expect(text).toContain('error[freshness-answer]: the age of source `missing` cannot be computed: no file is found at');
});
