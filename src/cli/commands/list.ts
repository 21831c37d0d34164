import { type ListFormat, listLines } from '../../report/index.ts';
import { type Context, choose, OK, open, UNUSABLE, writeArtifacts } from '../context.ts';

/** Prints the selected nodes, one a line. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened, { keepEmpty: true });
  if (!selection) return UNUSABLE;
  if (selection.ids.size === 0) c.console.say('NoNodesSelected', 'Q038', 'No nodes selected!', {}, 'warn');
  const format = (c.flags.values.get('output') ?? 'selector') as ListFormat;
  const keys = (c.flags.values.get('output-keys') as readonly string[] | undefined) ?? [];
  for (const line of listLines(opened.manifest, selection.ids, format, keys)) c.console.output(line);
  writeArtifacts(c, opened);
  return OK;
}
