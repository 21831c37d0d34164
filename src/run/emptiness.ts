import { type Session, SqlError } from '../adapters/index.ts';
import type { CompiledNode } from '../compile/index.ts';
import { type Nothing, shapeOf } from '../plan/index.ts';
import { type Node, nodeRelation } from '../resolve/index.ts';
import { lookup, type Program, query } from '../sql/index.ts';
import type { Part } from './build.ts';
import { drive } from './drive.ts';
import type { Runner } from './runner.ts';

/** The generic tests of dml's that pass over nulls. */
const PASS_NULLS: ReadonlySet<string> = new Set(
  [
    'unique,accepted_values,relationships,relationships_where,accepted_range,accepted_length,accepted_regex,rejected_regex,accepted_like,rejected_like',
    'rejected_values,not_empty_string,accepted_date_format,accepted_json,compared_to_column,accepted_pairs,accepted_z_score,accepted_moving_z_score',
    'accepted_iqr,sequential_values,monotonic,consistent_casing',
  ].flatMap((line) => line.split(',')),
);

/** The column, as SQL has it, of whose values a test says something only where there are some. */
export function valuesOf(node: Node): string | undefined {
  if (node.resource_type !== 'test' || node.test_metadata === null || node.test_metadata.namespace !== null) return undefined;
  return PASS_NULLS.has(node.test_metadata.name) ? (node.column_name ?? undefined) : undefined;
}

/** Says of a generic test that has passed by itself whether there was nothing to look at. Only tables are asked: the first row of a view may cost as much as all. */
export async function overNothing(
  runner: Runner,
  { node, compiled }: { readonly node: Node; readonly compiled: CompiledNode },
  part: Part,
  session: Session,
): Promise<Part> {
  if (part.status !== 'pass' || node.resource_type !== 'test' || node.test_metadata === null) return part;
  const { manifest, invocation } = runner.settings;
  const id = node.attached_node ?? (node.depends_on.nodes.length === 1 ? String(node.depends_on.nodes[0]) : '');
  const tested = manifest.nodes.get(id) ?? manifest.sources.get(id);
  if (!tested) return part;
  const relation = nodeRelation(tested, invocation.quoting);
  const column = valuesOf(node);
  const looks = function* (): Program<Nothing> {
    if ((yield* lookup(relation))?.type !== 'table') return undefined;
    const rows = shapeOf(compiled.sql)?.rows ?? invocation.dialect.render(relation);
    const some = (where: string): string => `exists (select 1 from ${rows}${where})`;
    const asked = [some(''), ...(column === undefined ? [] : [some(` where ${column} is not null`)])].map((s, i) => `${s} as there_${i}`);
    const [row = []] = (yield* query(`select ${asked.join(', ')}`)).table.rows;
    return row[0] === false ? 'rows' : row[1] === false ? 'values' : undefined;
  };
  try {
    const over = await drive(looks(), runner.commented(session, node, compiled));
    return over === undefined ? part : { ...part, overNothing: over };
  } catch (e) {
    // The test has passed, whatever this says.
    if (e instanceof SqlError) return part;
    throw e;
  }
}
