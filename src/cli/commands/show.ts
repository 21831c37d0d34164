import { jsonRows, nameOf, pipeTable } from '../../report/index.ts';
import type { ResultTable } from '../../sql/index.ts';
import { type Context, choose, FAILED, nothingSelected, OK, open, refuse, UNUSABLE, writeArtifacts } from '../context.ts';
import { tableText } from '../printing.ts';
import { type Opened, type Shown, showNode } from '../session.ts';

const DEFAULT_ROWS = 5;

/** Runs one query and prints a few of its rows. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const shown = whatToShow(c, opened);
  if (typeof shown === 'number') return shown;
  const given = c.flags.values.get('limit') as number | undefined;
  const rows = given ?? DEFAULT_ROWS;
  const display = c.console.run(opened.manifest);
  try {
    const { result, table } = await showNode(opened, shown, rows < 0 ? undefined : { rows, given: given !== undefined }, c.flags, c.world, display.emit);
    display.done();
    writeArtifacts(c, opened, { results: [result], elapsed: result.execution_time, interrupted: false });
    if (!table) {
      if (result.diagnostic) c.console.errors([result.diagnostic]);
      return result.diagnostic ? UNUSABLE : FAILED;
    }
    const node = 'node' in shown ? opened.manifest.nodes.get(shown.node) : undefined;
    print(c, node ? nameOf(node) : undefined, table, result.unique_id);
    return OK;
  } finally {
    display.done();
  }
}

function whatToShow(c: Context, opened: Opened): Shown | number {
  const inline = c.flags.values.get('inline');
  const direct = c.flags.values.get('inline-direct');
  if (typeof direct === 'string') return { direct };
  if (typeof inline === 'string') return { inline };
  if (c.flags.select.length === 0 && c.flags.selector === undefined)
    return refuse(c, 'nothing to show', 'name a node with `--select NAME`, or give SQL with `--inline SQL`');
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  // Tests come along with what they test; they are shown only when there is nothing else.
  const ids = [...selection.ids];
  const nodes = ids.filter((id) => !id.startsWith('test.'));
  const [only, ...more] = nodes.length > 0 ? nodes : ids;
  if (only === undefined) {
    nothingSelected(c);
    return OK;
  }
  if (more.length > 0) return refuse(c, `one node can be shown, but ${more.length + 1} are selected`, 'narrow the selection to one name');
  return { node: only };
}

function print(c: Context, name: string | undefined, table: ResultTable, id: string): void {
  const json = c.flags.values.get('output') === 'json';
  const rows = json ? JSON.stringify(jsonRows(table)) : '';
  const data = {
    node_name: name ?? 'inline_query',
    preview: json ? rows : pipeTable(table),
    is_inline: name === undefined,
    output_format: json ? 'json' : 'text',
    unique_id: id,
    quiet: c.flags.quiet,
  };
  if (json) {
    c.console.output(JSON.stringify({ ...(name !== undefined && { node: name }), show: jsonRows(table) }, null, 2), 'ShowNode', 'Q041', data);
    return;
  }
  const head = name === undefined ? 'Previewing inline node:' : `Previewing node '${name}':`;
  const text = tableText(c, table);
  c.console.output(c.flags.quiet ? text : `${head}\n${text}`, 'ShowNode', 'Q041', data);
}
