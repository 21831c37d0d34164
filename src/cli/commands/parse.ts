import { type Context, OK, open, UNUSABLE, writeArtifacts } from '../context.ts';

/** Reads and checks the whole project. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  writeArtifacts(c, opened);
  return OK;
}
