import { type Context, choose, exitCode, nothingSelected, OK, open, UNUSABLE, writeArtifacts } from '../context.ts';
import { printCompiled } from '../printing.ts';
import { compileNodes } from '../session.ts';

/** Writes compiled SQL; prints it for nodes that were asked for by name, and for an inline template. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  const inline = c.flags.values.get('inline') as string | undefined;
  if (selection.ids.size === 0 && inline === undefined) {
    writeArtifacts(c, opened, nothingSelected(c));
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
    printCompiled(c, opened, report.results, inline);
    return exitCode(report);
  } finally {
    display.done();
  }
}
