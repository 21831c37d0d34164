import { type Context, choose, exitCode, nothingToDo, OK, open, UNUSABLE, writeArtifacts } from '../context.ts';
import { runPlanned } from '../session.ts';

/** Makes the selected nodes of what the run of `--state` has built. As with dbt nodes leave no lines; what there is to say of one is logged. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  if (selection.ids.size === 0) {
    nothingToDo(c);
    writeArtifacts(c, opened, { results: [], elapsed: 0, interrupted: false });
    return OK;
  }
  const display = c.console.run(opened.manifest, 'nodes');
  try {
    const report = await runPlanned('clone', opened, selection, c.flags, c.world, display.emit);
    display.done();
    writeArtifacts(c, opened, report);
    return exitCode(report);
  } finally {
    display.done();
  }
}
