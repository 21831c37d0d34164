import type { Json, JsonMap, Manifest, Resource } from '../resolve/index.ts';
import { find, isTest, subjectOf } from './describe.ts';

/** Whom to ask about a resource: `owner` in its `meta`, else the owner of its group; null where nobody is named. */
export function ownerOf(r: Resource, { groups }: Pick<Manifest, 'groups'>): string | null {
  const meta = r.config['meta'] as JsonMap | undefined;
  const own = ownerText(meta?.['owner'] ?? ('meta' in r ? r.meta['owner'] : undefined) ?? null);
  if (own !== '') return own;
  const group = 'group' in r && r.group !== null ? groups.get(`group.${r.package_name}.${r.group}`) : undefined;
  const shared = group ? ownerText(group.owner) : '';
  return shared === '' ? null : shared;
}

/** Whom to ask about a result of a resource: of a test that nobody owns, who owns what it looks at. */
export function responsibleFor(r: Resource, manifest: Manifest): string | null {
  const subject = isTest(r) ? find(manifest, subjectOf(r) ?? '') : undefined;
  return ownerOf(r, manifest) ?? (subject ? ownerOf(subject, manifest) : null);
}

/** An owner as people write one: a text, a list of them, or a mapping with name and email. */
function ownerText(owner: Json): string {
  if (owner === null) return '';
  if (Array.isArray(owner))
    return owner
      .map(ownerText)
      .filter((t) => t !== '')
      .join(', ');
  if (typeof owner !== 'object') return String(owner);
  const { name, email } = owner as JsonMap;
  return [name, email]
    .flatMap((part) => (typeof part === 'string' && part !== '' ? [part] : []))
    .map((part, i) => (i === 0 ? part : `<${part}>`))
    .join(' ');
}
