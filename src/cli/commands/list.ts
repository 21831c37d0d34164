import { type ListFormat, listLines } from '../../report/index.ts';
import type { Selection } from '../../select/index.ts';
import { fail } from '../../text/index.ts';
import { type Context, choose, nothingSelected, OK, open, UNUSABLE, writeArtifacts } from '../context.ts';
import type { Opened } from '../session.ts';

/** Prints the selected nodes, one a line. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened, { keepEmpty: true });
  if (!selection) return UNUSABLE;
  if (selection.ids.size === 0) nothingSelected(c, 'nothing-listed');
  const format = (c.flags.values.get('output') ?? 'selector') as ListFormat;
  const keys = (c.flags.values.get('output-keys') as readonly string[] | undefined) ?? [];
  if (c.flags.values.get('why') === true) {
    for (const line of whyLines(opened, selection, format)) c.console.output(line);
  } else for (const line of listLines(opened.manifest, selection.ids, format, keys)) c.console.output(line);
  writeArtifacts(c, opened);
  return OK;
}

/** Each node with what differs from the earlier run below it, as lines; as JSON with `changes` and `below`. */
function whyLines({ manifest }: Opened, { ids, comparison }: Selection, format: ListFormat): readonly string[] {
  if (!comparison)
    return fail('state-missing', { problem: '`--why` compares with an earlier run', hint: 'name the folder with its manifest.json: `--state DIR`' });
  const label = (id: string): string => listLines(manifest, [id], format === 'json' ? 'selector' : format, [])[0] ?? id;
  return [...ids].sort().flatMap((id) => {
    const changes = comparison.reasons(id);
    const below = changes.length > 0 ? [] : nearest(manifest.parents, id, (above) => comparison.reasons(above).length > 0).map(label);
    if (format === 'json') return [JSON.stringify({ unique_id: id, name: label(id), changes, below })];
    const reasons = changes.map((change) => `${change.kind}: ${change.detail}`);
    const others = below.length > 0 ? [`below ${below.join(', ')}`] : comparison.isNew(id) ? ['it was not there'] : ['unchanged'];
    return [label(id), ...(reasons.length > 0 ? reasons : others).map((line) => `  ${line}`)];
  });
}

/** The nearest nodes above one that fit, on every way up. */
function nearest(parents: ReadonlyMap<string, readonly string[]>, id: string, fits: (id: string) => boolean): readonly string[] {
  const found = new Set<string>();
  const seen = new Set([id]);
  for (const at of seen) {
    if (at !== id && fits(at)) found.add(at);
    else for (const parent of parents.get(at) ?? []) seen.add(parent);
  }
  return [...found].sort();
}
