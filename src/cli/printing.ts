import { find, pipeTable, smallTable } from '../report/index.ts';
import type { NodeResult, RunReport } from '../run/index.ts';
import type { ResultTable } from '../sql/index.ts';
import type { Context } from './context.ts';
import { type Opened, showNode } from './session.ts';

const SEED_ROWS = 10;

/** Prints the compiled SQL of the nodes that were asked for by name, or that of an inline template (`inline` is its text). */
export function printCompiled(c: Context, opened: Opened, results: readonly NodeResult[], inline?: string): void {
  for (const r of results) {
    const name = inline === undefined ? find(opened.manifest, r.unique_id)?.name : 'inline_query';
    const wanted = inline === undefined ? name !== undefined && c.flags.select.some((s) => names(s, name)) : r.unique_id.startsWith('sql_operation.');
    if (wanted && name !== undefined) printSql(c, r, name, inline !== undefined);
  }
}

/** Whether one value of `--select` names a node, rather than finds it. */
function names(select: string, node: string): boolean {
  const words = select.split(/[\s,]+/).map((word) => word.replace(/^\d*\+|^@|\+\d*$/g, ''));
  return words.some((word) => word.split('.').at(-1) === node);
}

function printSql(c: Context, r: NodeResult, name: string, isInline: boolean): void {
  const sql = r.compiled_code ?? '';
  const json = c.flags.values.get('output') === 'json';
  const message = json
    ? JSON.stringify(isInline ? { compiled: sql } : { node: name, compiled: sql }, null, 2)
    : c.flags.quiet
      ? sql
      : `${isInline ? 'Compiled inline node is:' : `Compiled node '${name}' is:`}\n${sql}`;
  c.console.output(message, 'CompiledNode', 'Q042', {
    node_name: name,
    compiled: sql,
    is_inline: isInline,
    output_format: json ? 'json' : 'text',
    unique_id: r.unique_id,
    quiet: c.flags.quiet,
  });
}

/** Prints the first rows of each seed that was loaded, where dbt takes some at random. */
export async function printSeeds(c: Context, opened: Opened, report: RunReport): Promise<void> {
  for (const { unique_id: id, status } of report.results) {
    const seed = opened.manifest.nodes.get(id);
    if (seed?.resource_type !== 'seed' || status !== 'success') continue;
    const { table, result } = await showNode(opened, { node: id }, { rows: SEED_ROWS, given: false }, c.flags, c.world, () => undefined);
    if (result.diagnostic) c.console.tell(result.diagnostic);
    if (!table) continue;
    const header = `First rows of table: ${seed.schema}.${seed.alias}`;
    const rule = '-'.repeat(header.length);
    c.console.say('Formatting', 'Z017', '', { msg: '' });
    c.console.say('SeedHeader', 'Q004', header, { header });
    c.console.say('Formatting', 'Z017', rule, { msg: rule });
    c.console.output(tableText(c, table));
  }
}

/** A table as a command prints it: at a terminal cut to its width; elsewhere every column is kept, in the form tools read. Ends in a newline. */
export function tableText(c: Context, table: ResultTable): string {
  const columns = c.console.live ? (c.world.terminal?.().columns ?? 80) : 0;
  return columns > 0 ? `${smallTable(table, columns - 1, c.console.paint)}\n` : pipeTable(table);
}
