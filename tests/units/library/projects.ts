// Small projects in folders of their own, for the tests of the library.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Writes files into a new folder; answers it. The tests' temporary directory is deleted after the run. */
export function folder(files: Readonly<Record<string, string>>): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-library-')));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

/** A seed, two models and a test; two targets with a database file each, `dev` and `other`. `files` are added, or take the place of these. */
export function shop(files: Readonly<Record<string, string>> = {}): string {
  return folder({
    'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\nmodels:\n  shop:\n    +materialized: table\n',
    'profiles.yml': `shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: dev.duckdb, threads: 2}
    other: {type: duckdb, path: other.duckdb, schema: elsewhere, threads: 2}
`,
    'seeds/raw_orders.csv': 'id,amount\n1,10\n2,20\n3,30\n',
    'models/orders.sql': "select id, amount * {{ var('rate', 1) }} as amount, '{{ target.name }}' as built_by from {{ ref('raw_orders') }}\n",
    'models/totals.sql': "select sum(amount) as total from {{ ref('orders') }}\n",
    'models/models.yml': 'models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n',
    ...files,
  });
}
