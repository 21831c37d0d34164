// A small manifest as dbt writes one, with the parts that pages are made of. `text` words every text that a project may choose freely.
import type { Artifacts } from '../../../src/docs/index.ts';

const STARTED = '2026-01-02T03:04:00Z';

/** source web.visits -> stg_visits -> visits (v1, v2) -> exposure report; stg_visits has a hidden sibling. */
export function artifacts(text: (of: string) => string = (of) => of): Artifacts {
  const common = (id: string, file: string) => {
    const [type = '', of = '', ...name] = id.split('.');
    return { unique_id: id, resource_type: type, package_name: of, name: name[0] ?? '', fqn: [of, ...name], path: file, original_file_path: `models/${file}` };
  };
  const model = (id: string, raw: string, parents: readonly string[], more: object = {}) => ({
    ...common(id, `${id.split('.')[2]}.sql`),
    database: 'shop',
    schema: 'main',
    alias: id.split('.')[2],
    relation_name: `"shop"."main"."${id.split('.')[2]}"`,
    language: 'sql',
    raw_code: raw,
    compiled_code: raw,
    config: { enabled: true, materialized: 'table', tags: [], meta: {}, on_schema_change: 'ignore', docs: { show: true, node_color: null } },
    description: text('description'),
    columns: {},
    meta: {},
    tags: [],
    depends_on: { nodes: parents, macros: ['macro.shop.cents', 'macro.dbt.run_query'] },
    ...more,
  });
  const column = (name: string, more: object = {}) => ({ name, description: text('column'), meta: {}, data_type: null, constraints: [], tags: [], ...more });
  const test = (id: string, node: string, name: string, more: object = {}) => ({
    ...common(id, 'schema.yml'),
    name: id.split('.')[2],
    resource_type: 'test',
    attached_node: node,
    column_name: 'id',
    test_metadata: { name, namespace: null, kwargs: { column_name: 'id', model: '{{ get_where_subquery(ref()) }}' } },
    config: { severity: 'ERROR' },
    raw_code: '{{ test }}',
    depends_on: { nodes: [node], macros: [] },
    ...more,
  });
  const nodes = [
    model('model.shop.stg_visits', `select ${text('literal')}`, ['source.shop.web.visits'], {
      columns: { ID: column('ID', { data_type: 'bigint', constraints: [{ type: 'not_null', columns: [] }] }), gone: column('gone') },
      meta: { owner: text('owner') },
      tags: [text('tag')],
    }),
    model('model.shop.visits.v1', 'select 1', ['model.shop.stg_visits'], { version: 1, latest_version: 2, deprecation_date: '2027-01-01' }),
    model('model.shop.visits.v2', 'select 2', ['model.shop.stg_visits'], {
      version: 2,
      latest_version: 2,
      access: 'public',
      group: 'web',
      config: { materialized: 'view' },
    }),
    model('model.shop.secret', 'select 3', ['model.shop.stg_visits'], { docs: { show: false, node_color: text('color') } }),
    test('test.shop.not_null_id.1', 'model.shop.stg_visits', 'not_null'),
    test('test.shop.unique_id.2', 'model.shop.stg_visits', 'unique', {
      test_metadata: { name: 'equality', namespace: 'dbt_utils', kwargs: { column_name: 'id', compare: text('argument') } },
    }),
    test('test.shop.no_bots.3', '', '', {
      attached_node: null,
      test_metadata: null,
      column_name: null,
      raw_code: 'select 1',
      depends_on: { nodes: ['model.shop.stg_visits', 'model.shop.visits.v2'], macros: [] },
    }),
  ];
  const source = {
    ...common('source.shop.web.visits', 'sources.yml'),
    name: 'visits',
    source_name: 'web',
    identifier: 'visits',
    schema: 'web',
    source_description: text('source'),
    loader: text('loader'),
    freshness: { warn_after: { count: 12, period: 'hour' }, error_after: { count: 1, period: 'day' }, filter: null },
    loaded_at_field: 'at',
    columns: {},
    config: { enabled: true },
    tags: [],
  };
  const exposure = {
    ...common('exposure.shop.report', 'exposures.yml'),
    type: 'dashboard',
    owner: { name: text('person'), email: 'a@example.org' },
    url: text('url'),
    depends_on: { nodes: ['model.shop.visits.v2'], macros: [] },
  };
  const macro = (id: string, of: string, code: string) => ({
    unique_id: id,
    name: id.split('.')[2],
    package_name: of,
    original_file_path: 'macros/m.sql',
    macro_sql: code,
    description: text('macro'),
    arguments: [{ name: 'column', type: 'string', description: text('argument') }],
    depends_on: { macros: [] },
  });
  const byId = (list: readonly { readonly unique_id: string }[]) => Object.fromEntries(list.map((item) => [item.unique_id, item]));
  const result = (id: string, status: string, at: number, seconds: number, more: object = {}) => ({ id, status, at, seconds, ...more });
  const run = (id: string, startedAt: string, bad: string) => ({
    version: 1 as const,
    id,
    command: 'build',
    startedAt,
    seconds: 4,
    results: [
      result('model.shop.stg_visits', 'success', 0, 1, { rows: 7 }),
      result(
        'test.shop.not_null_id.1',
        bad,
        1,
        0.5,
        bad === 'pass' ? {} : { failures: 3, message: text('message'), sample: { columns: [text('cell')], rows: [[text('value')]] } },
      ),
      result('model.shop.visits.v1', 'success', 1.5, 2),
      result('model.shop.visits.v2', 'success', 1.5, 0.1),
      result('model.shop.secret', 'skipped', 0, 0),
    ],
  });
  return JSON.parse(
    JSON.stringify({
      manifest: {
        metadata: {
          dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
          dbt_version: '1.11.2',
          project_name: 'shop',
          adapter_type: 'duckdb',
          generated_at: STARTED,
        },
        nodes: byId(nodes),
        sources: byId([source]),
        exposures: byId([exposure]),
        macros: byId([
          macro('macro.shop.cents', 'shop', "{% macro cents(column, scale=2, sep=', )', more={'a': [1, 2]}) %}x{% endmacro %}"),
          macro('macro.dbt.run_query', 'dbt', ''),
        ]),
        docs: {
          'doc.dbt.__overview__': { name: '__overview__', package_name: 'dbt', block_contents: 'of dbt' },
          'doc.shop.__overview__': { name: '__overview__', package_name: 'shop', block_contents: text('overview') },
        },
        groups: { 'group.shop.web': { name: 'web', package_name: 'shop', owner: { email: ['web@example.org', 'two@example.org'], slack: '#web' } } },
      },
      catalog: {
        nodes: {
          'model.shop.stg_visits': {
            metadata: { type: 'BASE TABLE', owner: 'me', comment: null },
            columns: { at: { name: 'at', index: 2, type: 'TIMESTAMP' }, id: { name: 'id', index: 1, type: 'BIGINT' } },
            stats: {
              has_stats: { id: 'has_stats', value: true, include: false },
              num_bytes: { id: 'num_bytes', label: 'Bytes', value: 2048, include: true },
              clustering: { id: 'clustering', label: 'Clustered by', value: 'at', include: true },
            },
          },
        },
        sources: {},
      },
      sources: {
        results: [
          {
            unique_id: 'source.shop.web.visits',
            status: 'warn',
            max_loaded_at: '2026-01-01T00:00:00Z',
            snapshotted_at: STARTED,
            max_loaded_at_time_ago_in_s: 97440,
          },
        ],
      },
      history: [
        run('first', '2026-01-01T00:00:00.000Z', 'pass'),
        run('second', '2026-01-01T12:00:00.000Z', 'fail'),
        run('third', '2026-01-02T03:04:00.000Z', 'fail'),
      ],
    }),
  );
}
