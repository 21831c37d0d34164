import { nameOf, profileText } from '../../report/index.ts';
import type { Manifest, Node, SourceNode } from '../../resolve/index.ts';
import { closest, diagnostic } from '../../text/index.ts';
import { type Context, OK, open, UNUSABLE } from '../context.ts';
import { profileNode } from '../session.ts';

/** Prints what the columns of something that is in the database hold. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const name = c.argument ?? '';
  const all = profilable(opened.manifest);
  const node = all.find((n) => n.unique_id === name) ?? all.find((n) => n.name === name || nameOf(n) === name);
  if (!node) {
    c.console.errors([diagnostic('node-not-found', { name, near: closest(name, all.map(nameOf)) })]);
    return UNUSABLE;
  }
  const columns = ((c.flags.values.get('columns') as readonly string[] | undefined) ?? []).flatMap((names) => names.split(',').map((name) => name.trim()));
  const found = await profileNode(opened, node, columns, c.flags, c.world);
  if (c.flags.values.get('output') === 'json') {
    // Integers beyond 2^53 stay exact as text.
    const exact = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
    c.console.output(JSON.stringify({ unique_id: node.unique_id, ...found }, exact, 2));
  } else c.console.output(profileText(nameOf(node), found, c.console.paint));
  return OK;
}

/** What has a table or view of its own. */
function profilable({ nodes, sources }: Manifest): readonly (Node | SourceNode)[] {
  const built = [...nodes.values()].filter((n) => n.relation_name !== null && n.resource_type !== 'test');
  return [...built, ...sources.values()];
}
