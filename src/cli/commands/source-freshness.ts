import path from 'node:path';
import { hasFreshness } from '../../run/index.ts';
import { type Context, choose, exitCode, nothingSelected, OK, open, UNUSABLE, writeArtifacts, writeSources } from '../context.ts';
import { notify } from '../notify.ts';
import { keepHistory } from '../reports.ts';
import { runPlanned } from '../session.ts';

/** Asks how old the data of the sources is, and writes sources.json. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  const ids = new Set([...selection.ids].filter((id) => hasFreshness(opened.manifest.sources.get(id))));
  const output = c.flags.values.get('output');
  const file = typeof output === 'string' ? path.resolve(c.world.cwd, output) : undefined;
  if (ids.size === 0) {
    const nothing = nothingSelected(c);
    writeArtifacts(c, opened);
    writeSources(c, opened, nothing, file);
    c.console.say('FreshnessCheckComplete', 'Q003', 'Done.');
    return OK;
  }
  const display = c.console.run(opened.manifest);
  try {
    const report = await runPlanned('freshness', opened, { ids }, c.flags, c.world, display.emit);
    display.done();
    writeArtifacts(c, opened);
    writeSources(c, opened, report, file);
    keepHistory(c, opened, report);
    await notify(c, opened, report);
    return exitCode(report);
  } finally {
    display.done();
  }
}
