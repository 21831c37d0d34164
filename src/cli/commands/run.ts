import type { PlanKind } from '../../plan/index.ts';
import type { RunReport } from '../../run/index.ts';
import { type Context, choose, exitCode, nothingSelected, OK, open, UNUSABLE, writeArtifacts, writeManifest } from '../context.ts';
import { notify } from '../notify.ts';
import { printSeeds } from '../printing.ts';
import { keepHistory, writeReports } from '../reports.ts';
import { type Opened, runPlanned } from '../session.ts';

/** build, run, test, seed, snapshot and clone. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  if (selection.ids.size === 0) {
    write(c, opened, nothingSelected(c));
    return OK;
  }
  // The flags allow exactly these commands to reach this file.
  const kind = c.flags.command as PlanKind;
  // Who follows a structured log looks nodes up in the manifest as they start.
  if (c.flags.logFormatFile === 'json') writeManifest(c, opened);
  // As with dbt the nodes of a clone leave no lines; what there is to say of one is logged.
  const display = c.console.run(opened.manifest, kind === 'clone' && 'nodes');
  try {
    const report = await runPlanned(kind, opened, selection, c.flags, c.world, display.emit);
    display.done();
    write(c, opened, report);
    if (kind === 'seed' && c.flags.values.get('show') === true) await printSeeds(c, opened, report);
    await notify(c, opened, report);
    return exitCode(report);
  } finally {
    display.done();
  }
}

function write(c: Context, opened: Opened, report: RunReport): void {
  writeArtifacts(c, opened, report);
  keepHistory(c, opened, report);
  writeReports(c, opened, report);
}
