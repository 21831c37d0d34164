import { find } from '../../report/index.ts';
import type { NodeResult } from '../../run/index.ts';
import { type Context, choose, exitCode, nothingToDo, OK, open, UNUSABLE, writeArtifacts } from '../context.ts';
import { compileNodes, type Opened } from '../session.ts';

/** Writes compiled SQL; prints it for nodes that were asked for by name, and for an inline template. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  const inline = c.flags.values.get('inline') as string | undefined;
  if (selection.ids.size === 0 && inline === undefined) {
    nothingToDo(c);
    writeArtifacts(c, opened, { results: [], elapsed: 0, interrupted: false });
    return OK;
  }
  const display = c.console.run(opened.manifest, true);
  try {
    const report = await compileNodes(opened, selection, inline, c.flags, c.world, display.emit);
    display.done();
    const failed = report.results.flatMap((r) => (r.diagnostic && r.diagnostic.severity === 'error' ? [r.diagnostic] : []));
    if (failed.length > 0) {
      c.console.errors(failed);
      return UNUSABLE;
    }
    writeArtifacts(c, opened, report);
    for (const r of report.results) if (wanted(c, opened, r, inline)) print(c, opened, r, inline !== undefined);
    return exitCode(report);
  } finally {
    display.done();
  }
}

function wanted(c: Context, opened: Opened, r: NodeResult, inline: string | undefined): boolean {
  if (inline !== undefined) return r.unique_id.startsWith('sql_operation.');
  const name = find(opened.manifest, r.unique_id)?.name;
  return (
    name !== undefined &&
    c.flags.select.some((s) =>
      s.split(/[\s,]+/).some(
        (word) =>
          word
            .replace(/^\d*\+|^@|\+\d*$/g, '')
            .split('.')
            .at(-1) === name,
      ),
    )
  );
}

function print(c: Context, opened: Opened, r: NodeResult, isInline: boolean): void {
  const sql = r.compiled_code ?? '';
  const name = isInline ? 'inline_query' : (find(opened.manifest, r.unique_id)?.name ?? r.unique_id);
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
