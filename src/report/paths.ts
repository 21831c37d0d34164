import type { Node, UnitTestNode } from '../resolve/index.ts';

/**
 * Where a node's SQL lies below `target/compiled` or `target/run`, with forward slashes: the node's own file, or a file below the one that
 * defines it (`shop/models/schema.yml/unique_orders_id.sql`). `fixture`: the rows that a unit test gives in the place of that name. `batch`: one batch of
 * a microbatch model, below the model's name (`shop/models/orders/orders_2024-01-31.sql`).
 */
export function sqlPath(node: Node | UnitTestNode, { fixture, batch }: { readonly fixture?: string | undefined; readonly batch?: string } = {}): string {
  const file = node.original_file_path.replace(/^\.\//, '');
  if (fixture !== undefined) return `${node.package_name}/${file}/${fixture}.sql`;
  if (node.resource_type === 'unit_test') {
    // dbt gives a unit test a path beside its YAML file and puts that below the YAML file's own.
    const name = node.version === null ? node.name : `${node.name}_v${node.version}`;
    return `${node.package_name}/${file}/${file.slice(0, file.lastIndexOf('/') + 1)}${name}.sql`;
  }
  if (batch !== undefined) return `${node.package_name}/${file.replace(/([^/]*)(\.[^./]*)$/, `$1/$1_${batch}$2`)}`;
  return base(node.path) === base(file) ? `${node.package_name}/${file}` : `${node.package_name}/${file}/${node.path}`;
}

function base(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
