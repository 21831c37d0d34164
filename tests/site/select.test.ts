// Selections in the browser mean what they mean on the command line.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pick, type Selectable } from '../../site/src/lineage/select.ts';
import type { Row } from '../../src/docs/data/types.ts';
import { dml } from '../command.ts';
import { copyExample } from '../example.ts';

let dir = '';
let project: Selectable = { rows: [], edges: [] };

beforeAll(async () => {
  dir = copyExample();
  expect(await dml(['parse'], dir)).toMatchObject({ code: 0 });
  project = selectable(JSON.parse(fs.readFileSync(path.join(dir, 'target/manifest.json'), 'utf8')));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** The fields of manifest.json that rows are made of. */
interface Node extends Pick<Row, 'package' | 'fqn' | 'tags' | 'schema' | 'group' | 'access'> {
  readonly unique_id: string;
  readonly resource_type: Row['type'];
  readonly name: string;
  readonly source_name?: string;
  readonly package_name: string;
  readonly original_file_path: string;
  readonly version?: string | number | null;
  readonly config: { readonly materialized?: string };
}

function selectable(
  manifest: {
    readonly [kind in 'nodes' | 'sources' | 'exposures']: { readonly [id: string]: Node };
  } & { readonly parent_map: { readonly [id: string]: readonly string[] } },
): Selectable {
  const nodes = [manifest.nodes, manifest.sources, manifest.exposures]
    .flatMap((k) => Object.values(k))
    .filter((n) => !['test', 'operation'].includes(n.resource_type));
  const rows = nodes.map(
    (n): Row => ({
      id: n.unique_id,
      type: n.resource_type,
      name: n.source_name === undefined ? (n.version ? `${n.name}.v${n.version}` : n.name) : `${n.source_name}.${n.name}`,
      package: n.package_name,
      fqn: n.fqn,
      file: n.original_file_path,
      ...(n.tags && { tags: n.tags }),
      ...(n.config.materialized !== undefined && { materialized: n.config.materialized }),
      ...(typeof n.group === 'string' && { group: n.group }),
      ...((n.access === 'public' || n.access === 'private') && { access: n.access }),
      ...(n.version && { version: String(n.version) }),
    }),
  );
  const numbers = new Map(rows.map((r, n) => [r.id, n]));
  const edges = rows.flatMap((r, to) => (manifest.parent_map[r.id] ?? []).flatMap((p) => (numbers.has(p) ? [numbers.get(p) ?? 0, to] : [])));
  return { rows, edges };
}

function picked(select: string, exclude = ''): readonly string[] | string {
  const found = pick(select, exclude, project);
  return 'problem' in found ? found.problem : [...found.nodes].flatMap((n) => project.rows[n]?.id ?? []).sort();
}

const TYPES = ['model', 'seed', 'snapshot', 'source', 'exposure', 'analysis'];

describe('as `dml ls` picks', () => {
  test.each([
    ['fct_orders'],
    ['+fct_orders'],
    ['1+fct_orders+1'],
    ['fct_orders+'],
    ['@stg_stores'],
    ['tag:nightly'],
    ['tag:night*'],
    ['path:models/marts/core'],
    ['models/marts'],
    ['path:models/*/core'],
    ['file:fct_orders.sql'],
    ['fct_orders.sql+1'],
    ['marts.finance'],
    ['tidewater.marts.finance'],
    ['tidewater.marts.*'],
    ['fct_*'],
    ['customer_value'],
    ['customer_value.v2'],
    ['customer_value_v1'],
    ['config.materialized:incremental'],
    ['resource_type:snapshot'],
    ['package:tidewater'],
    ['source:web_log'],
    ['source:web_log.events+1'],
    ['source:tidewater.web_log.*'],
    ['exposure:weekly_trading'],
    ['+exposure:*'],
    ['group:finance'],
    ['access:public'],
    ['tag:nightly,path:models/marts/finance'],
    ['+fct_orders,+dim_stores'],
    ['stg_orders stg_stores+1'],
    ['nothing_of_that_name'],
  ])('%s', async (select) => {
    await same(select, '');
  });

  test.each([
    ['+fct_orders', 'path:models/staging'],
    ['', 'tag:nightly'],
    ['fct_*', 'fct_orders+ fct_sessions'],
  ])('%s without %s', same);

  async function same(select: string, exclude: string): Promise<void> {
    const argv = ['--quiet', 'ls', '--output', 'json', '--output-keys', 'unique_id', ...TYPES.flatMap((t) => ['--resource-type', t])];
    const ran = await dml([...argv, ...(select === '' ? [] : ['--select', select]), ...(exclude === '' ? [] : ['--exclude', exclude])], dir);
    expect(ran.code).toBe(0);
    const lines = ran.stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(picked(select, exclude)).toEqual(lines.map((line) => JSON.parse(line)['unique_id']).sort());
  }
});

describe('what cannot be picked here says why', () => {
  test.each([
    ['state:modified', /“state:” cannot be used here/],
    ['constructor:x', /“constructor:” cannot be used here/],
    ['@orders+', /cannot be used together/],
    ['tag:', /names nothing/],
    ['tag:a,,tag:b', /A comma needs a criterion on both sides/],
    ['config.enabled:true', /“config.enabled:” cannot be used here/],
    ['source:a.b.c.d', /A source is written/],
  ])('%s', (select, why) => {
    expect(picked(select)).toMatch(why);
  });

  test('--exclude may stand in the selection', () => {
    expect(picked('+fct_orders --exclude path:models/staging')).toEqual(picked('+fct_orders', 'path:models/staging'));
  });
});
