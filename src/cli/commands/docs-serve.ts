import fs from 'node:fs';
import path from 'node:path';
import { serveFolder } from '../../docs/index.ts';
import { type Context, OK, refuse } from '../context.ts';

/** Serves the target folder until it is interrupted. */
export async function run(c: Context): Promise<number> {
  const dir = path.resolve(c.flags.projectDir, c.flags.targetPath ?? c.targetPath ?? 'target');
  if (!fs.existsSync(path.join(dir, 'index.html'))) return refuse(c, `there is no documentation in ${dir}`, 'run `dml docs generate` first');
  const host = (c.flags.values.get('host') as string | undefined) ?? '127.0.0.1';
  const port = (c.flags.values.get('port') as number | undefined) ?? 8080;
  const served = await serveFolder(dir, host, port);
  if ('problem' in served) return refuse(c, `port ${port} on ${host} cannot be used: ${served.problem}`, 'choose another one with `--port N`');
  c.console.output(`Serving docs at http://${host}:${served.port}\nPress Ctrl-C to exit.`);
  await new Promise<void>((end) => {
    if (c.world.signal.aborted) end();
    else c.world.signal.addEventListener('abort', () => end(), { once: true });
  });
  await served.close();
  return OK;
}
