import { type Context, exitCode, open, UNUSABLE, writeArtifacts } from '../context.ts';
import { runOperation } from '../session.ts';
import { yamlFlag } from '../yaml-flag.ts';

/** Runs a macro with arguments given as YAML. */
export async function run(c: Context): Promise<number> {
  const args = yamlFlag('args', c.flags.values.get('args') as string | undefined);
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const display = c.console.run(opened.manifest);
  try {
    const report = await runOperation(opened, c.argument ?? '', args, c.flags, c.world, display.emit);
    display.done();
    writeArtifacts(c, opened, report);
    const failed = report.results.flatMap((r) => (r.diagnostic && r.status === 'error' ? [r.diagnostic] : []));
    if (failed.length > 0) c.console.errors(failed, 'operation');
    return exitCode(report);
  } finally {
    display.done();
  }
}
